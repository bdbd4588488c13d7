"""A sync that dies, at any instant and of anything, goes on where it was: nothing lost, nothing doubled."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.domain.clock import MINUTE, from_ms, to_ms
from kolbench.domain.errors import StoreError
from kolbench.domain.identity import handle_ref
from kolbench.domain.records import AccountRecord, FollowRecord, MembershipRecord, MessageRecord, SnapshotRecord
from kolbench.store import runs
from kolbench.store.connect import Store
from kolbench.store.writer import write_page
from kolbench.sync import loop, pulling, writing
from kolbench.sync.stop import Stop, on_signals
from scripted import START, Scripted, accounts, contents, source_of, talk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.domain.records import Record

# Crashes at every point of the loop -----------------------------------------------------------------------


@dataclass(frozen=True)
class Crash:
    """Where a run ends: before page ``number`` is read, or before, inside or after the transaction ``number``."""

    place: str
    number: int


crashes = st.builds(Crash, st.sampled_from(["reading", "before", "inside", "after"]), st.integers(0, 12))


@st.composite
def feeds(draw: st.DrawFn) -> dict[str, list[list[Record]]]:
    """Pages of all sorts of records about a few people, who also change from page to page."""
    people = st.sampled_from(["1", "2", "3", handle_ref("ann"), handle_ref("user2")])

    def page(number: int) -> list[Record]:
        at = from_ms(to_ms(START) + number * MINUTE)
        kinds: list[st.SearchStrategy[Record]] = [
            st.builds(
                lambda who, name, likes: AccountRecord(
                    uid=who, handle=f"user{who}", name=name, metrics={"followers": likes}, observed_at=at
                ),
                st.sampled_from(["1", "2", "3"]),
                st.sampled_from(["Ann", "安", None]),
                st.just(number),
            ),
            st.builds(lambda who: SnapshotRecord(account_uid=who, metrics={"likes": number}, observed_at=at), people),
            st.builds(lambda a, b: FollowRecord(follower_uid=a, account_uid=b, observed_at=at), people, people),
            st.builds(lambda who: MembershipRecord(community_uid="room", account_uid=who, joined_at=at), people),
            st.builds(
                lambda who, n: MessageRecord(uid=f"{number}-{n}", community_uid="room", account_uid=who, sent_at=at),
                st.just("1"),
                st.integers(0, 5),
            ),
        ]
        return draw(st.lists(st.one_of(kinds), max_size=8, unique_by=lambda record: (type(record), str(record)[:40])))

    return {
        "profiles": [page(number) for number in range(draw(st.integers(1, 5)))],
        "messages": [page(10 + number) for number in range(draw(st.integers(0, 3)))],
    }


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store to copy."""
    path = tmp_path_factory.mktemp("blank") / "k.db"
    Store.open(path).close()
    return path


@contextmanager
def fresh(blank: Path) -> Iterator[Store]:
    with TemporaryDirectory() as folder:
        store = Store.open(Path(shutil.copy(blank, folder)))
        yield store
        store.close()


def sync(store: Store, pages: dict[str, list[list[Record]]], crash: Crash | None = None) -> str:
    """Sync once, dying where ``crash`` says; how it ended."""
    written = -1

    def dying(store: Store, *page: Any) -> Any:
        nonlocal written
        written += 1
        if crash is None or crash.number != written:
            return write_page(store, *page)
        with suppress(InterruptedError), store.writing():
            if crash.place in ("inside", "after"):
                write_page(store, *page)
            if crash.place != "after":
                raise InterruptedError
        if crash.place == "reading":
            return write_page(store, *page)
        raise StoreError("the power failed")

    def fail(pull: object) -> None:
        raise RuntimeError("the plugin died")

    at = {crash.number: fail} if crash and crash.place == "reading" else {}
    adapter = Scripted(pages, at=at)
    patch = pytest.MonkeyPatch()
    patch.setattr(writing, "write_page", dying)
    patch.setattr(writing, "BATCH", 3)
    patch.setattr(writing, "BREATH_S", 0)
    patch.setattr(pulling, "READ_AHEAD", 1)  # pages that share a transaction number their accounts in another order
    try:
        return loop.run(store, {adapter.name: adapter}, [source_of(store, adapter)]).state
    except StoreError:
        return "crashed"
    finally:
        patch.undo()


@settings(max_examples=60, deadline=None)
@given(pages=feeds(), dying=st.lists(crashes, min_size=1, max_size=4))
def test_a_crash_at_any_point_leads_to_the_same_store_as_no_crash(
    blank: Path, pages: dict[str, list[list[Record]]], dying: list[Crash]
) -> None:
    with fresh(blank) as undisturbed:
        assert sync(undisturbed, pages) == "done"
        expected = contents(undisturbed)
    with fresh(blank) as store:
        for crash in dying:
            sync(store, pages, crash)
        assert sync(store, pages) == "done"
        assert contents(store) == expected
        assert not [run for run in runs.recent(store) if run.state == "running"]


# Killed for real ------------------------------------------------------------------------------------------

PAGES = {"profiles": accounts(40, 25), "messages": talk(20, 6)}
KILLS = 25

KILLER = """
import os, random, signal, sqlite3, sys, time
from pathlib import Path
from scripted import Scripted, source_of
from test_sync_crash import KILLS, PAGES
from kolbench.store.connect import Store
from kolbench.sync import loop
from kolbench.sync.stop import Stop, on_signals

def sync(path, full=False):
    pid = os.fork()
    if pid == 0:
        store = Store.open(path)
        adapter = Scripted(PAGES)
        outcome = loop.run(store, {adapter.name: adapter}, [source_of(store, adapter)], loop.Options(full=full))
        os._exit(outcome.exit_code)
    return pid

def cut_off(path):
    # how many kills hit a sync that had begun, as nobody closed its run; and how many of them one that had written
    if not path.exists():
        return 0, 0
    asked = "SELECT count(*), count(nullif(new + unchanged, 0)) FROM run WHERE state IN ('running', 'interrupted')"
    try:
        return sqlite3.connect(path).execute(asked).fetchone()
    except sqlite3.OperationalError:  # killed before it had made its tables
        return 0, 0

folder, chance = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
began = time.monotonic()
os.waitpid(sync(folder / "undisturbed.db"), 0)
span = time.monotonic() - began
killed = at_work = in_part = finished = 0
while killed < KILLS or at_work < KILLS // 2 or not in_part:  # the moments are chance's, and so is what they hit
    pid = sync(folder / "killed.db", full=finished > 0)
    time.sleep(chance.uniform(0, span))
    os.kill(pid, signal.SIGKILL)
    died = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    killed += died
    finished += not died
    at_work, in_part = cut_off(folder / "killed.db")
os.waitpid(sync(folder / "killed.db"), 0)
print("killed", killed)
"""


def run_python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=Path(__file__).parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def opened(path: Path) -> Store:
    return Store.open(path, create=False)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_sync_killed_at_any_instant_ends_as_if_nothing_had_happened(tmp_path: Path, seed: int) -> None:
    with run_python(KILLER, tmp_path, seed) as process:
        out, err = process.communicate(timeout=300)
    assert out.startswith("killed "), err
    undisturbed, killed = opened(tmp_path / "undisturbed.db"), opened(tmp_path / "killed.db")
    assert contents(killed) == contents(undisturbed)
    assert len(contents(killed)["account"]) == 1_000
    db = killed.reader()
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    states = [run.state for run in runs.recent(killed, 1_000)]
    assert states[0] == "done"
    assert states.count("interrupted") >= KILLS // 2
    assert set(states) <= {"done", "interrupted"}
    partial = [run for run in runs.recent(killed, 1_000) if run.state == "interrupted" and run.new + run.unchanged]
    assert partial, "no kill ever hit a sync at work"
    undisturbed.close()
    killed.close()


# Two at once, and signals ---------------------------------------------------------------------------------

CHILD = """
import sys, threading
from itertools import count
from pathlib import Path
from scripted import Doing, account, source_of
from kolbench.adapters.protocol import Page
from kolbench.domain.errors import KolbenchError
from kolbench.store.connect import Store
from kolbench.sync import loop
from kolbench.sync.stop import Stop, on_signals
from kolbench.sync.events import PageWritten
from kolbench.sync.stop import Stop, on_signals

path, way, wait = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
stop = Stop()

def pull(pull):
    for number in count(int(pull.cursor or 0)):
        yield Page([account(number)], str(number + 1))
        if way == "one":
            return
        if way == "held":
            sys.stdin.readline()
            return
        if way == "deaf":
            print("page", file=sys.__stdout__, flush=True)  # asked for another one: no page boundary lies ahead
            while not stop.requested:
                threading.Event().wait(0.01)
            print("deaf", file=sys.__stdout__, flush=True)
            threading.Event().wait()

def listener(event):
    if isinstance(event, PageWritten) and event.done == 1 and way != "deaf":
        print("page", file=sys.__stdout__, flush=True)

store = Store.open(path)
adapter = Doing(doing=pull, name=way)
try:
    with on_signals(stop):
        options = loop.Options(lock_wait=wait)
        outcome = loop.run(store, {way: adapter}, [source_of(store, adapter)], options, listener, stop)
    sys.exit(outcome.exit_code)
except KeyboardInterrupt:
    sys.exit(99)
except KolbenchError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


@contextmanager
def child(path: Path, way: str, wait: float = 0) -> Iterator[subprocess.Popen[str]]:
    with run_python(CHILD, path, way, wait) as process:
        try:
            yield process
        finally:
            process.kill()


def hear(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout
    assert process.stdout.readline().strip() == line, process.stderr and process.stderr.read()


def test_a_second_sync_is_told_that_one_is_running_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    with child(path, "held") as first:
        hear(first, "page")
        with child(path, "one") as second:
            err = second.communicate(timeout=60)[1]
        assert second.returncode == 1
        assert f"already running (pid {first.pid}, since " in err
        first.communicate("go on\n", timeout=60)
        assert first.returncode == 0
    store = opened(path)
    assert [(run.source, run.state) for run in runs.recent(store)] == [("held", "done")]
    store.close()


def test_a_second_sync_that_may_wait_gets_its_turn(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    with child(path, "held") as first:
        hear(first, "page")
        with child(path, "one", wait=60) as second:
            first.communicate("go on\n", timeout=60)
            second.communicate(timeout=60)
        assert (first.returncode, second.returncode) == (0, 0)
    store = opened(path)
    assert {(run.source, run.state) for run in runs.recent(store)} == {("held", "done"), ("one", "done")}
    store.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_sync_cleanly_at_a_page_boundary(tmp_path: Path, number: int, code: int) -> None:
    path = tmp_path / "k.db"
    with child(path, "endless") as process:
        hear(process, "page")
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, "")
    store = opened(path)
    run = runs.recent(store)[0]
    (cursor,) = store.reader().execute("SELECT cursor FROM checkpoint").fetchone()
    (kept,) = store.reader().execute("SELECT count(*) FROM account").fetchone()
    assert run.state == "cancelled"
    assert run.new == kept == int(cursor) > 0
    store.close()


def test_a_signal_that_was_ignored_before_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stop = Stop()
        with on_signals(stop):
            signal.raise_signal(signal.SIGHUP)
            assert not stop.requested
            signal.raise_signal(signal.SIGTERM)
            assert (stop.requested, stop.signal) == (True, signal.SIGTERM)
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_second_ctrl_c_leaves_at_once_and_the_next_sync_tidies_up(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    with child(path, "deaf") as process:
        hear(process, "page")
        process.send_signal(signal.SIGINT)
        hear(process, "deaf")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (99, "")
    with child(path, "one") as process:
        process.communicate(timeout=60)
    store = opened(path)
    assert [run.state for run in runs.recent(store)] == ["done", "interrupted"]
    store.close()
