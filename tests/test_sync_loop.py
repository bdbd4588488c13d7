"""What a sync does with good sources: reads on, writes once, reports, and stops when it is told to."""

from __future__ import annotations

import csv
import json
import os
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from kolbench.adapters.protocol import MAX_PAGE, Page, Pull, RateLimit, Setting
from kolbench.domain.errors import RateLimited, StoreError, Transient, UsageError
from kolbench.domain.records import AccountRecord
from kolbench.store import runs
from kolbench.store.connect import Store
from kolbench.sync import loop, pulling, rejects, writing
from kolbench.sync.budgets import Budgets
from kolbench.sync.events import (
    Counts,
    Event,
    FeedStarted,
    Finished,
    PageWritten,
    RowRejected,
    SourceFinished,
    SourceStarted,
    Waiting,
    Warned,
    altogether,
    as_json,
)
from kolbench.sync.loop import Options, Outcome
from kolbench.sync.stop import Patience, Stop
from scripted import Clock, Doing, Scripted, Waits, account, accounts, contents, reject, source_of, talk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.sync.secrets import Settings


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "k.db")
    yield store
    store.close()


@pytest.fixture
def lockstep(monkeypatch: pytest.MonkeyPatch) -> None:
    """No adapter reads ahead, so that a test knows what was read when a page is written."""
    monkeypatch.setattr(pulling, "READ_AHEAD", 1)


def sync(store: Store, *adapters: Scripted, listener: loop.Listener = lambda event: None, **options: object) -> Outcome:
    chosen = [source_of(store, adapter) for adapter in adapters]
    known = {adapter.name: adapter for adapter in adapters}
    stop = options.pop("stop", None)
    connect = options.pop("connect", None)
    return loop.run(store, known, chosen, Options(**options), listener, stop, connect)  # type: ignore[arg-type]


def count(store: Store, table: str) -> int:
    return int(store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def cursor(store: Store, adapter: Scripted, feed: str = "profiles") -> str | None:
    return runs.cursor(store, source_of(store, adapter), feed)


# Reading --------------------------------------------------------------------------------------------------


def test_every_record_of_every_feed_is_written_and_counted(store: Store) -> None:
    adapter = Scripted({"profiles": accounts(3, 10), "messages": talk(2, 5)})
    outcome = sync(store, adapter)
    assert outcome.state == "done"
    assert outcome.exit_code == 0
    assert outcome.counts.read == 30 + 2 * 21
    assert outcome.counts.new + outcome.counts.unchanged + outcome.counts.changed == outcome.counts.read
    assert (count(store, "account"), count(store, "message")) == (30, 10)
    run = runs.recent(store)[0]
    assert (run.state, run.new, run.rejected) == ("done", outcome.counts.new, 0)


def test_a_second_sync_reads_on_from_the_checkpoint_and_changes_nothing(store: Store) -> None:
    adapter = Scripted({"profiles": accounts(3, 10)})
    sync(store, adapter)
    before = contents(store)
    outcome = sync(store, adapter)
    assert adapter.asked == [("profiles", None), ("profiles", "3")]
    assert outcome.counts.read == 0
    assert contents(store) == before


def test_full_reads_everything_again_and_doubles_nothing(store: Store) -> None:
    adapter = Scripted({"profiles": accounts(3, 10), "messages": talk(2, 5)})
    sync(store, adapter)
    before = contents(store)
    outcome = sync(store, adapter, full=True)
    assert adapter.asked[2:] == [("profiles", None), ("messages", None)]
    assert (outcome.counts.new, outcome.counts.changed) == (0, 0)
    assert contents(store) == before


def test_since_and_the_settings_reach_the_adapter(store: Store) -> None:
    seen: list[Pull] = []
    adapter = Scripted(
        {"profiles": accounts(1, 1)},
        at={0: seen.append},
        settings=(Setting("depth", "how deep", default="2"),),
    )
    since = datetime(2026, 1, 1, tzinfo=UTC)
    sync(store, adapter, since=since)
    assert seen[0].since == since
    assert seen[0].settings["depth"] == "2"
    assert seen[0].http is None


def test_a_page_larger_than_a_batch_is_written_in_parts_with_its_cursor_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[int, str | None]] = []
    write_page = writing.write_page

    def noted(store, run, feed, records, cursor, observed_at, target):  # type: ignore[no-untyped-def]
        written.append((len(records), cursor))
        return write_page(store, run, feed, records, cursor, observed_at, target)

    monkeypatch.setattr(writing, "write_page", noted)
    sync(store, Scripted({"profiles": accounts(1, 2_500)}))
    assert written == [(1_000, None), (1_000, None), (500, "1")]
    assert count(store, "account") == 2_500


def test_an_empty_page_moves_the_checkpoint(store: Store) -> None:
    adapter = Scripted({"profiles": [[], [], []]})
    sync(store, adapter)
    assert cursor(store, adapter) == "3"


def test_only_enabled_sources_are_chosen_unless_they_are_named(store: Store) -> None:
    with pytest.raises(UsageError, match="no source to sync"):
        loop.choose(store, [])
    one = source_of(store, Scripted({}), "one")
    two = source_of(store, Scripted({}), "two")
    with store.writing() as db:
        db.execute("UPDATE source SET enabled = 0 WHERE id = ?", (two.id,))
    assert [source.name for source in loop.choose(store, [])] == ["one"]
    assert [source.id for source in loop.choose(store, ["two", "one", "two"])] == [two.id, one.id]
    with pytest.raises(UsageError, match="no source 'three'"):
        loop.choose(store, ["three"])


def test_one_source_given_twice_is_read_once(store: Store) -> None:
    adapter = Scripted({"profiles": accounts(1, 1)})
    source = source_of(store, adapter)
    outcome = loop.run(store, {adapter.name: adapter}, [source, source])
    assert len(outcome.sources) == 1


def test_more_sources_than_workers_take_turns_and_all_are_read(store: Store) -> None:
    adapters = [Scripted({"profiles": accounts(2, 5, first=100 * n)}, name=f"s{n}") for n in range(7)]
    outcome = sync(store, *adapters, workers=2)
    assert {finished.source for finished in outcome.sources} == {f"s{n}" for n in range(7)}
    assert count(store, "account") == 70


def test_a_source_whose_adapter_is_not_there_fails_alone(store: Store) -> None:
    here = Scripted({"profiles": accounts(1, 5)}, name="here")
    gone = source_of(store, Scripted({}, name="gone"))
    outcome = loop.run(store, {"here": here}, [gone, source_of(store, here)])
    states = {finished.source: finished.state for finished in outcome.sources}
    assert states == {"gone": "failed", "here": "done"}
    assert outcome.exit_code == 1
    assert "no adapter 'gone'" in next(f.error or "" for f in outcome.sources if f.source == "gone")


# Telling --------------------------------------------------------------------------------------------------


def test_events_tell_the_whole_story_in_order(store: Store) -> None:
    events: list[Event] = []
    adapter = Scripted({"profiles": accounts(2, 3), "posts": [[]]}, at={1: lambda pull: pull.warn("slow today")})
    sync(store, adapter, listener=events.append)
    assert [type(event) for event in events] == [
        *(SourceStarted, FeedStarted, PageWritten, Warned, PageWritten),
        *(FeedStarted, PageWritten, SourceFinished, Finished),
    ]
    page = events[4]
    assert isinstance(page, PageWritten)
    assert (page.records, page.done, page.total, page.counts.new) == (3, 6, 6, 6)
    assert page.rate > 0
    assert [json.loads(json.dumps(as_json(event)))["event"] for event in events[:3]] == [
        *("source_started", "feed_started", "page")
    ]


def test_the_total_is_told_only_while_it_says_what_is_left(store: Store) -> None:
    totals: list[int | None] = []

    def listener(event: Event) -> None:
        if isinstance(event, PageWritten):
            totals.append(event.total)

    adapter = Scripted({"profiles": accounts(4, 2)})
    failing = replace(adapter, at={2: lambda pull: 1 / 0})
    sync(store, failing, listener=listener)
    sync(store, adapter, listener=listener)
    assert totals == [8, 8, None, None]


def test_events_survive_as_plain_data() -> None:
    event = SourceFinished("a", 7, "done", Counts(1, 2, 3, 4, 5), 0.12345, None, Path("x.csv"))
    assert json.loads(json.dumps(as_json(event))) == {
        "event": "source_finished",
        "source": "a",
        "run": 7,
        "state": "done",
        "seconds": 0.123,
        "read": 1,
        "new": 2,
        "changed": 3,
        "unchanged": 4,
        "rejected": 5,
        "erased": 0,
        "error": None,
        "report": "x.csv",
    }


def test_events_are_heard_in_the_thread_that_asked_for_the_sync(store: Store) -> None:
    threads = set()
    sync(store, *(Scripted({"profiles": accounts(2, 3)}, name=f"s{n}") for n in range(3)),
         listener=lambda event: threads.add(threading.get_ident()))  # fmt: skip
    assert threads == {threading.get_ident()}


def test_a_warning_is_told_once_and_a_flood_of_them_has_an_end(store: Store) -> None:
    def flood(pull: Pull) -> None:
        for number in range(1_000):
            pull.warn("the same")
            pull.warn(f"warning {number}\x1b[31m")

    events: list[Event] = []
    sync(store, Scripted({"profiles": accounts(1, 1)}, at={0: flood}), listener=events.append)
    told = [event.message for event in events if isinstance(event, Warned)]
    assert len(told) == len(set(told)) == 100
    assert all(text.isprintable() for text in told)


def test_a_listener_that_fails_ends_the_sync_and_leaves_no_run_open(store: Store) -> None:
    def broken_pipe(event: Event) -> None:
        if isinstance(event, PageWritten):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        sync(store, Scripted({"profiles": accounts(5, 1)}), listener=broken_pipe)
    assert [run.state for run in runs.recent(store)] == ["failed"]
    assert sync(store, Scripted({"profiles": accounts(5, 1)})).state == "done"


# Rejecting ------------------------------------------------------------------------------------------------


def bad(number: int) -> AccountRecord:
    return AccountRecord(uid=f"bad{number}", metrics={"followers": -number})


def test_rejected_rows_are_reported_to_a_file_and_the_rest_is_kept(store: Store) -> None:
    adapter = Scripted(
        {"profiles": [[account(1), bad(7), account(2)], [account(3)]]}, at={1: lambda pull: pull.reject(reject(12))}
    )
    outcome = sync(store, adapter)
    assert count(store, "account") == 3
    assert outcome.state == "done"
    assert outcome.counts.rejected == 2
    finished = outcome.sources[0]
    assert finished.report == Path(f"{store.path}.rejects") / f"{finished.run}.csv"
    assert stat.S_IMODE(finished.report.stat().st_mode) == 0o600
    assert stat.S_IMODE(finished.report.parent.stat().st_mode) == 0o700
    with finished.report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["feed"], row["line"], row["column"]) for row in rows] == [
        ("profiles", "", "metrics.followers"),
        ("profiles", "12", "followers"),
    ]
    assert [row["value"] for row in rows] == ["'-7", "'＝cmd|12"]
    run = runs.recent(store)[0]
    assert (run.rejected, run.report) == (2, str(finished.report))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_report_that_finds_no_room_fails_the_run_by_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejects.beside, "made", lambda *told: os.open("/dev/full", os.O_WRONLY))
    adapter = Scripted({"profiles": [[account(1)]]}, at={0: lambda pull: pull.reject(reject(1))})
    with pytest.raises(StoreError, match=r"1\.csv can't be written: No space left on device"):
        sync(store, adapter)
    assert [run.state for run in runs.recent(store)] == ["failed"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\ufeff=", " ="])
def test_no_cell_of_the_report_is_a_formula(store: Store, start: str) -> None:
    row = replace(reject(1), column=start + "A1", reason=start + "A1", value=start + 'cmd|" /C calc"!A0')
    adapter = Scripted({"profiles": [[]]}, at={0: lambda pull: pull.reject(row)})
    report = sync(store, adapter).sources[0].report
    assert report is not None
    with report.open(encoding="utf-8-sig", newline="") as file:
        for cells in list(csv.reader(file))[1:]:
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_any_number_of_rejected_rows_passes_without_piling_up(store: Store) -> None:
    held: list[int] = []

    def many(pull: Pull) -> None:
        for number in range(20_000):
            pull.reject(reject(number))
            held.append(len(pull.reject.__self__._rejects))  # type: ignore[attr-defined]

    events: list[Event] = []
    outcome = sync(store, Scripted({"profiles": [[]]}, at={0: many}), listener=events.append)
    assert outcome.counts.rejected == 20_000
    assert max(held) < 1_000
    assert sum(isinstance(event, RowRejected) for event in events) == writing.REJECTS_TOLD


def test_records_that_contradict_the_store_are_reported_too(store: Store) -> None:
    sync(store, Scripted({"profiles": [[account(1, followers=5)]]}))
    outcome = sync(store, Scripted({"profiles": [[account(1, followers=6)]]}), full=True)
    assert outcome.counts.rejected == 1
    report = outcome.sources[0].report
    assert report is not None
    assert "contradicts" in report.read_text("utf-8")
    assert runs.recent(store)[0].rejected == 1


def test_without_rejected_rows_there_is_no_report(store: Store) -> None:
    assert sync(store, Scripted({"profiles": accounts(1, 3)})).sources[0].report is None
    assert not Path(f"{store.path}.rejects").exists()


# Dry runs -------------------------------------------------------------------------------------------------


def test_a_dry_run_reads_and_checks_and_writes_nothing(store: Store) -> None:
    adapter = Scripted({"profiles": [[account(1), bad(1)], [account(2)]]})
    source_of(store, adapter)
    before = sorted(path.name for path in store.path.parent.iterdir())
    outcome = sync(store, adapter, dry_run=True)
    assert (outcome.counts.read, outcome.counts.rejected, outcome.counts.new) == (2, 1, 0)
    assert count(store, "account") == count(store, "run") == count(store, "checkpoint") == 0
    assert sorted(path.name for path in store.path.parent.iterdir()) == before
    assert outcome.sources[0].run is None


def forgetting(store: Store, counted: list[int]) -> Doing:
    """Holds each of three pages, and looks at what is in the store when it goes on."""

    def pages(pull: Pull) -> Iterator[Page]:
        for number in range(3):
            yield Page([account(number)], str(number), hold=True)
            counted.append(count(store, "account"))

    return Doing(doing=pages)


def test_an_adapter_that_holds_a_page_goes_on_when_it_is_written(store: Store) -> None:
    counted: list[int] = []
    assert sync(store, forgetting(store, counted)).state == "done"
    assert counted == [1, 2, 3]


def test_a_dry_run_ends_at_a_page_on_hold_since_it_will_not_be_written(store: Store) -> None:
    counted: list[int] = []
    outcome = sync(store, forgetting(store, counted), dry_run=True)
    assert (outcome.state, outcome.counts.read, counted) == ("done", 1, [])


def test_a_dry_run_goes_beside_a_running_sync(store: Store) -> None:
    adapter = Scripted({"profiles": accounts(1, 3)}, at={0: lambda pull: None})
    inner: list[Outcome] = []

    def beside(event: Event) -> None:
        if isinstance(event, PageWritten):
            inner.append(sync(store, Scripted({"profiles": accounts(1, 1)}, name="other"), dry_run=True))

    assert sync(store, adapter, listener=beside).state == inner[0].state == "done"


# Stopping -------------------------------------------------------------------------------------------------


def stopping_after(pages: int, stop: Stop) -> loop.Listener:
    seen: list[Event] = []

    def listener(event: Event) -> None:
        if isinstance(event, PageWritten):
            seen.append(event)
            if len(seen) == pages:
                stop.request()

    return listener


def test_a_sync_told_to_stop_ends_at_a_page_boundary_and_reads_on_from_there(store: Store, lockstep: None) -> None:
    adapter = Scripted({"profiles": accounts(9, 2)})
    stop = Stop()
    outcome = sync(store, adapter, stop=stop, listener=stopping_after(3, stop))
    assert outcome.state == "cancelled"
    assert outcome.exit_code == 130
    at = int(cursor(store, adapter) or 0)
    assert 3 <= at < 9
    assert count(store, "account") == at * 2
    assert runs.recent(store)[0].state == "cancelled"
    assert sync(store, adapter).state == "done"
    assert adapter.asked[-1] == ("profiles", str(at))
    assert count(store, "account") == 18


def test_sources_that_never_began_are_reported_as_cancelled(store: Store, lockstep: None) -> None:
    stop = Stop()
    adapters = [Scripted({"profiles": accounts(3, 1)}, name=f"s{n}") for n in range(3)]
    outcome = sync(store, *adapters, stop=stop, workers=1, listener=stopping_after(1, stop))
    assert [finished.state for finished in outcome.sources] == ["cancelled"] * 3
    assert len(runs.recent(store)) == 1


def test_when_the_time_is_up_the_sync_is_paused_and_that_is_no_failure(store: Store) -> None:
    adapter = Scripted({"profiles": accounts(9, 2)})
    outcome = sync(store, adapter, max_minutes=0)
    assert (outcome.state, outcome.exit_code) == ("paused", 0)


def test_the_time_limit_ends_a_sync_in_the_middle(
    store: Store, monkeypatch: pytest.MonkeyPatch, lockstep: None
) -> None:
    clock = Clock()
    monkeypatch.setattr(loop.time, "monotonic", clock)

    def hour(pull: Pull) -> None:
        clock.seconds += 3_600

    adapter = Scripted({"profiles": accounts(9, 2)}, at={4: hour})
    outcome = sync(store, adapter, max_minutes=30, page_timeout=1e9)
    assert outcome.state == "paused"
    assert 4 <= int(cursor(store, adapter) or 0) < 9


def test_a_stop_wakes_a_source_out_of_a_long_wait(store: Store) -> None:
    stop = Stop()

    def wait_for_ever(limit: RateLimit, settings: Settings, patience: Patience) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(lambda request: patience.wait(1e6, "for ever")))  # type: ignore[arg-type, return-value]

    def pull(pull: Pull) -> Iterator[Page]:
        yield Page([account(1)], "1")
        assert pull.http
        pull.http.get("https://api.example/")
        yield Page([account(2)], "2")

    def listener(event: Event) -> None:
        if isinstance(event, Waiting):
            stop.request()

    adapter = Doing(doing=pull, limits=RateLimit(1, 1))
    outcome = sync(store, adapter, stop=stop, connect=wait_for_ever, listener=listener)
    assert outcome.state == "cancelled"
    assert cursor(store, adapter) == "1"


# What may pass --------------------------------------------------------------------------------------------


def no_sleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr(Patience, "_sleep", lambda self, seconds: waits.append(seconds) or self._ended.is_set())
    return waits


@pytest.mark.parametrize("error", [Transient("a bad moment"), RateLimited("slow down", 25)])
def test_what_an_adapter_calls_transient_is_read_again_from_the_last_page(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Transient
) -> None:
    waits = no_sleep(monkeypatch)
    failures = [error, error]

    def fail(pull: Pull) -> None:
        pull.reject(reject(1))
        if failures:
            raise failures.pop()

    adapter = Scripted({"profiles": accounts(4, 2)}, at={2: fail})
    outcome = sync(store, adapter)
    assert outcome.state == "done"
    assert adapter.asked == [("profiles", None), ("profiles", "2"), ("profiles", "2")]
    assert outcome.counts.rejected == 1
    assert len(waits) == 2
    assert (waits == [25, 25]) == isinstance(error, RateLimited)


def test_what_never_passes_fails_the_source_after_three_tries(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    no_sleep(monkeypatch)

    def fail(pull: Pull) -> None:
        raise Transient("the server is on holiday")

    adapter = Scripted({"profiles": accounts(4, 2)}, at={2: fail})
    outcome = sync(store, adapter)
    assert outcome.sources[0].error == "the server is on holiday"
    assert len(adapter.asked) == 3
    assert cursor(store, adapter) == "2"


@pytest.mark.parametrize("limits", [RateLimit(1, 1), None])
def test_an_answer_that_is_no_json_is_asked_for_again_but_a_file_is_not(
    store: Store, monkeypatch: pytest.MonkeyPatch, limits: RateLimit | None
) -> None:
    no_sleep(monkeypatch)

    def maintenance(pull: Pull) -> None:
        json.loads("<html>back soon</html>")

    adapter = Scripted({"profiles": accounts(1, 1)}, at={0: maintenance}, limits=limits)
    outcome = sync(store, adapter)
    assert (
        outcome.sources[0].error == "scripted: the answer could not be read: Expecting value: line 1 column 1 (char 0)"
    )
    assert len(adapter.asked) == (3 if limits else 1)


def test_a_wait_of_hours_is_left_to_the_next_sync(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = no_sleep(monkeypatch)

    def fail(pull: Pull) -> None:
        raise RateLimited("come back tomorrow", 86_400)

    outcome = sync(store, Scripted({"profiles": accounts(1, 1)}, at={0: fail}))
    assert outcome.state == "failed"
    assert waits == []


@pytest.mark.parametrize(
    ("states", "told"),
    [
        *(({"done"}, "done"), (set(), "done"), ({"done", "paused"}, "paused")),
        *(({"failed"}, "failed"), ({"failed", "done"}, "partly_failed"), ({"failed", "paused"}, "partly_failed")),
        ({"failed", "done", "cancelled"}, "cancelled"),
    ],
)
def test_how_a_sync_ended_follows_from_how_its_sources_did(states: set[str], told: str) -> None:
    assert altogether(states) == told


def test_a_source_over_http_is_paced_retried_and_kept(store: Store) -> None:
    """The whole way, with only the network replaced."""
    from kolbench.sync.http import client

    script = [
        httpx.Response(503),
        httpx.Response(200, json=[1, 2]),
        httpx.Response(429, headers={"retry-after": "3"}),
        httpx.Response(200, json=[3]),
    ]
    clock = Clock()

    def connect(limit: RateLimit, settings: Settings, patience: Patience) -> httpx.Client:
        inner = httpx.MockTransport(lambda request: script.pop(0))
        return client(limit, settings.redact, shared=Budgets(clock), patience=Waits(clock), inner=inner)

    def pull(pull: Pull) -> Iterator[Page]:
        assert pull.http
        for number in (1, 2):
            found = pull.http.get(f"https://api.example/{number}").json()
            yield Page([account(each) for each in found], str(number))

    outcome = sync(store, Doing(doing=pull, limits=RateLimit(10, 1)), connect=connect)
    assert outcome.state == "done"
    assert count(store, "account") == 3


def test_the_largest_page_allowed_is_allowed(store: Store) -> None:
    adapter = Scripted({"profiles": [[account(n) for n in range(MAX_PAGE)]]})
    assert sync(store, adapter).state == "done"
    assert count(store, "account") == MAX_PAGE


def test_runs_left_open_by_a_killed_process_are_closed_even_if_its_number_lives_on(store: Store) -> None:
    adapter = Scripted({"profiles": accounts(1, 1)})
    runs.start(store, source_of(store, adapter), "sync")  # with this process's own number
    sync(store, adapter)
    assert [run.state for run in runs.recent(store)] == ["done", "interrupted"]
