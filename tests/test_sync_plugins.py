"""Plugins that lie, raise, block or never end: each is named, its source fails, and nobody else is hurt."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from kolbench.adapters.protocol import MAX_PAGE, Page, Pull, RateLimit
from kolbench.domain.errors import SourceError
from kolbench.domain.records import AccountRecord, Contact
from kolbench.store import runs
from kolbench.store.connect import Store
from kolbench.sync import loop, writing
from kolbench.sync.events import PageWritten, SourceFinished, Warned
from kolbench.sync.loop import Options
from kolbench.sync.stop import Stop
from scripted import Doing, Scripted, account, accounts, contents, source_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "k.db")
    yield store
    store.close()


def beside_a_good_one(store: Store, bad: Scripted, **options: Any) -> SourceFinished:
    """Sync ``bad`` together with a good source, check that this one came through, and return how the bad ended."""
    good = Scripted({"profiles": accounts(5, 4, first=1_000)}, name="good")
    chosen = [source_of(store, bad), source_of(store, good)]
    outcome = loop.run(store, {bad.name: bad, "good": good}, chosen, Options(**options))
    ended = {finished.source: finished for finished in outcome.sources}
    assert ended["good"].state == "done"
    assert ended["good"].counts.new == 20
    assert outcome.exit_code == 1
    assert {run.source: run.state for run in runs.recent(store)} == {"bad": "failed", "good": "done"}
    assert store.reader().execute("SELECT count(*) FROM account WHERE length(uid) = 4").fetchone() == (20,)
    return ended["bad"]


def doing(pull: Callable[[Pull], Any], **more: Any) -> Doing:
    return Doing(name="bad", doing=pull, **more)


class Rude(Exception):
    def __str__(self) -> str:
        raise SystemExit("even this")


def endless_recursion() -> None:
    endless_recursion()


def raising(error: BaseException | type[BaseException]) -> Callable[[Pull], Iterator[Page]]:
    def pull(pull: Pull) -> Iterator[Page]:
        yield Page([account(1)], "1")
        raise error

    return pull


@pytest.mark.parametrize(
    "error",
    [ValueError("no"), KeyError("id"), SystemExit(3), KeyboardInterrupt(), MemoryError(), GeneratorExit(), Rude()],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_plugin_raises_ends_its_own_source_only(store: Store, error: BaseException) -> None:
    ended = beside_a_good_one(store, doing(raising(error)))
    assert ended.error is not None
    assert f"The adapter 'bad' failed with {type(error).__name__} (test_sync_plugins.py:" in ended.error
    assert ended.counts.new == 1


def test_a_plugin_that_recurses_without_end_fails_alone(store: Store) -> None:
    ended = beside_a_good_one(store, doing(lambda pull: endless_recursion()))
    assert "RecursionError" in (ended.error or "")


def test_an_error_of_the_source_is_told_in_its_own_words(store: Store) -> None:
    ended = beside_a_good_one(store, doing(raising(SourceError("the token has expired\x1b[2J"))))
    assert ended.error == "the token has expired"


def record(**changes: Any) -> AccountRecord:
    return AccountRecord(**({"uid": "1"} | changes))


class Lazy(list[Any]):
    """Says it is small, and never ends."""

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Any]:
        return (account(number) for number in count())


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (None, "yielded NoneType instead of a page"),
        ("page", "yielded str instead of a page"),
        (([account(1)], "1"), "yielded tuple instead of a page"),
        (Page([account(1)], None), "cursor must be text"),  # type: ignore[arg-type]
        (Page([account(1)], 7), "cursor must be text"),  # type: ignore[arg-type]
        (Page([account(1)], "\ud800"), "cursor must be text"),
        (Page([account(1)], "x" * 100_000), "cursor must be text"),
        (Page([account(1)], "1", "many"), "total must be a number"),  # type: ignore[arg-type]
        (Page([account(1)], "1", -1), "total must be a number"),
        (Page([account(1)] * (MAX_PAGE + 1), "1"), "more than 5000 records"),
        (Page(Lazy(), "1"), "more than 5000 records"),
        (Page([account(1), {"uid": "2"}], "1"), "holds dict among its records"),  # type: ignore[list-item]
        (Page([account(1), Contact("email", "a@b.c")], "1"), "holds Contact among its records"),  # type: ignore[list-item]
        (Page(None, "1"), "TypeError"),  # type: ignore[arg-type]
    ],
)
def test_a_page_that_is_none_is_refused_and_nothing_of_it_is_kept(store: Store, page: Any, complaint: str) -> None:
    ended = beside_a_good_one(store, doing(lambda pull: iter([page])))
    assert complaint in (ended.error or "")
    assert "'bad'" in (ended.error or "")
    assert store.reader().execute("SELECT count(*) FROM account WHERE length(uid) < 4").fetchone() == (0,)


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": 7},
        {"uid": ""},
        {"name": b"bytes"},
        {"metrics": {"followers": "many"}},
        {"metrics": {"followers": 10**30}},
    ],
)
def test_a_record_that_lies_about_itself_is_rejected_by_name_of_field(store: Store, changes: dict[str, Any]) -> None:
    adapter = doing(lambda pull: iter([Page([record(**changes), account(2)], "1")]))
    outcome = loop.run(store, {"bad": adapter}, [source_of(store, adapter)])
    assert (outcome.state, outcome.counts.rejected, outcome.counts.new) == ("done", 1, 1)
    report = outcome.sources[0].report
    assert report is not None
    assert next(iter(changes)) in report.read_text("utf-8")


@pytest.mark.parametrize("nonsense", [None, 7, "pages", [None]])
def test_a_pull_that_returns_nonsense_fails_its_source(store: Store, nonsense: Any) -> None:
    assert beside_a_good_one(store, doing(lambda pull: nonsense)).state == "failed"


def test_declarations_that_are_nonsense_fail_their_source(store: Store) -> None:
    assert "a feed 'gossip'" in (beside_a_good_one(store, Scripted({"gossip": []}, name="bad")).error or "")


@pytest.mark.parametrize("limits", [RateLimit(0, 1), RateLimit(-1, 1), "fast"])
def test_a_rate_limit_that_is_nonsense_fails_its_source(store: Store, limits: Any) -> None:
    assert beside_a_good_one(store, doing(lambda pull: iter(()), limits=limits)).state == "failed"


def test_reports_of_rejected_rows_may_be_nonsense_too(store: Store) -> None:
    def pull(pull: Pull) -> Iterator[Page]:
        from kolbench.adapters.protocol import Rejected

        pull.reject(Rejected(line="x", column=None, reason=b"?", value="v" * 10_000_000))  # type: ignore[arg-type]
        pull.warn(None)  # type: ignore[arg-type]
        yield Page([], "1")

    adapter = doing(pull)
    events: list[Any] = []
    outcome = loop.run(store, {"bad": adapter}, [source_of(store, adapter)], listener=events.append)
    assert (outcome.state, outcome.counts.rejected) == ("done", 1)
    assert [event.message for event in events if isinstance(event, Warned)] == ["<NoneType>"]
    report = outcome.sources[0].report
    assert report is not None
    assert report.stat().st_size < 2_000


# Never ending ---------------------------------------------------------------------------------------------


def circle(length: int, cursor: Callable[[int], str]) -> Callable[[Pull], Iterator[Page]]:
    pages = accounts(length, 2)
    return lambda pull: (Page(pages[number % length], cursor(number)) for number in count())


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize(
    "cursor", [lambda number: "same", str, lambda number: str(number % 5)], ids=["same", "new", "few"]
)
def test_a_feed_that_goes_round_in_circles_is_stopped(store: Store, length: int, cursor: Callable[[int], str]) -> None:
    ended = beside_a_good_one(store, doing(circle(length, cursor)))
    assert "its feed 'profiles' goes round in circles" in (ended.error or "")


@pytest.mark.parametrize("cursor", [lambda number: "same", str], ids=["same", "new"])
def test_a_feed_of_endless_empty_pages_is_stopped(
    store: Store, monkeypatch: pytest.MonkeyPatch, cursor: Callable[[int], str]
) -> None:
    monkeypatch.setattr("kolbench.sync.progress.EMPTY_PAGES", 50)
    ended = beside_a_good_one(store, doing(lambda pull: (Page([], cursor(number)) for number in count())))
    assert "goes round in circles" in (ended.error or "")


@pytest.mark.parametrize("cursor", ["same", None])
def test_a_long_feed_with_one_cursor_to_its_end_is_read_to_its_end(store: Store, cursor: str | None) -> None:
    pages = [[account(number)] for number in range(100)]
    adapter = doing(lambda pull: (Page(page, cursor or str(n)) for n, page in enumerate(pages)))
    for _ in range(2):
        outcome = loop.run(store, {"bad": adapter}, [source_of(store, adapter)], Options(full=True))
        assert outcome.state == "done", outcome.sources[0].error


# Blocking -------------------------------------------------------------------------------------------------


def test_a_plugin_that_blocks_is_left_behind_and_never_writes_again(store: Store) -> None:
    blocked, finished = threading.Event(), threading.Event()

    def pull(pull: Pull) -> Iterator[Page]:
        try:
            yield Page([account(1)], "1")
            blocked.wait(60)
            yield Page([account(2)], "2")
        finally:
            finished.set()

    ended = beside_a_good_one(store, doing(pull), page_timeout=0.2)
    assert ended.error == "The adapter 'bad' blocks: no page for 0 seconds."
    before = contents(store)
    blocked.set()
    assert finished.wait(60)
    assert contents(store) == before
    assert store.reader().execute("SELECT uid FROM account WHERE length(uid) < 4").fetchall() == [("1",)]


def test_a_plugin_that_blocks_before_its_first_page_is_left_behind(store: Store) -> None:
    release = threading.Event()
    ended = beside_a_good_one(store, doing(lambda pull: release.wait(60)), page_timeout=0.2)
    release.set()
    assert ended.state == "failed"


def test_waits_for_a_rate_limit_are_not_taken_for_blocking(store: Store) -> None:
    def pull(pull: Pull) -> Iterator[Page]:
        assert pull.http
        pull.http.get("https://api.example/")
        yield Page([account(1)], "1")

    def connect(limit: RateLimit, settings: Any, patience: Any) -> Any:
        import httpx

        def handle(request: httpx.Request) -> httpx.Response:
            patience.wait(0.5, "the rate limit")
            return httpx.Response(200)

        return httpx.Client(transport=httpx.MockTransport(handle))

    adapter = doing(pull, limits=RateLimit(1, 1))
    chosen = [source_of(store, adapter)]
    outcome = loop.run(store, {"bad": adapter}, chosen, Options(page_timeout=0.2), connect=connect)
    assert outcome.state == "done", outcome.sources[0].error


def test_a_plugin_that_ignores_the_wish_to_stop_is_left_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "GRACE_S", 0.2)
    stop, release = Stop(), threading.Event()

    def pull(pull: Pull) -> Iterator[Page]:
        yield Page([account(1)], "1")
        stop.request()
        release.wait(60)

    adapter = doing(pull)
    events: list[Any] = []
    outcome = loop.run(store, {"bad": adapter}, [source_of(store, adapter)], listener=events.append, stop=stop)
    release.set()
    assert outcome.state == "cancelled"
    assert any(isinstance(event, Warned) and "left behind" in event.message for event in events)
    assert runs.recent(store)[0].state == "cancelled"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_generator_that_refuses_to_close_fails_its_source_only(store: Store) -> None:
    def pull(pull: Pull) -> Iterator[Page]:
        while True:
            try:
                yield Page(["junk"], "1")  # type: ignore[list-item]
            except GeneratorExit:
                continue

    assert beside_a_good_one(store, doing(pull)).state == "failed"


def test_a_file_that_is_open_in_a_plugin_is_closed_when_the_sync_ends(store: Store) -> None:
    closed: list[str] = []

    def pull(pull: Pull) -> Iterator[Page]:
        try:
            for number in count():
                yield Page([account(number)], str(number))
        finally:
            closed.append("yes")

    stop = Stop()

    def after_a_page(event: Any) -> None:
        if isinstance(event, PageWritten):
            stop.request()

    adapter = doing(pull)
    loop.run(store, {"bad": adapter}, [source_of(store, adapter)], listener=after_a_page, stop=stop)
    assert closed == ["yes"]


def test_a_page_the_store_cannot_keep_fails_its_source_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write_page = writing.write_page

    def picky(store: Any, run: Any, *page: Any) -> Any:
        if run.source.name == "bad":
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return write_page(store, run, *page)

    monkeypatch.setattr(writing, "write_page", picky)
    ended = beside_a_good_one(store, Scripted({"profiles": accounts(2, 2)}, name="bad"))
    assert "can't keep a page of 'profiles' (OverflowError" in (ended.error or "")


def test_a_sync_does_not_import_the_http_client_for_sources_that_read_files() -> None:
    code = "import sys, kolbench.sync.loop; print([m for m in ('httpx', 'tenacity', 'textual') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
