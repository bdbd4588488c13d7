"""Sources read target by target: a cursor for each, and none that can spoil the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from kolbench.adapters.protocol import Page, Pull, RateLimit
from kolbench.domain.errors import Denied, Gone, SourceError, Transient
from kolbench.domain.records import AccountRecord, Record
from kolbench.store import raw, runs, sources
from kolbench.store.connect import Store
from kolbench.store.writer import write_page
from kolbench.sync import loop, pulling, writing
from kolbench.sync.budgets import Budgets
from kolbench.sync.events import Event, FeedStarted, PageWritten, Warned
from kolbench.sync.http import client
from kolbench.sync.secrets import Settings
from kolbench.sync.stop import Patience
from scripted import Clock, Waits, account


@dataclass
class Rooms:
    """Reads the rooms of ``rooms``; the cursor is the number of pages read of one. ``fails`` are raised instead."""

    rooms: Mapping[str, Sequence[Sequence[Record]]]
    fails: Mapping[str, Exception] = field(default_factory=dict)
    names: Sequence[object] | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    name = title = "rooms"
    platform = "rooms"
    feeds = ("profiles",)
    settings = ()
    limits: RateLimit | None = None

    def targets(self, pull: Pull) -> Iterator[str]:
        yield from self.names if self.names is not None else self.rooms  # type: ignore[misc]

    def pull(self, pull: Pull) -> Iterator[Page]:
        self.asked.append((pull.target, pull.cursor))
        pages = self.rooms[pull.target]
        for number in range(int(pull.cursor or 0), len(pages)):
            if number == len(pages) - 1 and pull.target in self.fails:
                raise self.fails[pull.target]
            yield Page(pages[number], str(number + 1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "k.db")
    yield store
    store.close()


def pages(first: int, count: int = 2) -> list[list[Record]]:
    return [[account(first + number)] for number in range(count)]


def sync(store: Store, adapter: Rooms, **options: object) -> tuple[loop.Outcome, list[Event]]:
    source = sources.find(store, "rooms") or sources.add(store, "rooms", "rooms", "rooms", {})
    events: list[Event] = []
    return loop.run(store, {"rooms": adapter}, [source], loop.Options(**options), events.append), events  # type: ignore[arg-type]


def cursors(store: Store) -> dict[str, str]:
    return dict(store.reader().execute("SELECT target, cursor FROM checkpoint"))


def test_each_target_keeps_a_cursor_of_its_own(store: Store) -> None:
    adapter = Rooms({"a": pages(0), "b": pages(10, 3)})
    sync(store, adapter)
    assert cursors(store) == {"a": "2", "b": "3"}
    sync(store, Rooms({"a": pages(0), "c": pages(20), "b": pages(10, 4)}, asked=adapter.asked))
    assert adapter.asked[2:] == [("a", "2"), ("c", None), ("b", "3")]
    assert cursors(store) == {"a": "2", "b": "4", "c": "2"}


def test_events_tell_which_target_is_read_and_of_how_many(store: Store) -> None:
    _outcome, events = sync(store, Rooms({"a": pages(0), "b": pages(10)}))
    started = [event for event in events if isinstance(event, FeedStarted)]
    assert [(event.target, event.number, event.of) for event in started] == [("a", 1, 2), ("b", 2, 2)]
    assert [event.done for event in events if isinstance(event, PageWritten)] == [1, 2, 3, 4]


@pytest.mark.parametrize("error", [Gone("no such room"), Denied("not for us")])
def test_a_target_that_is_gone_or_closed_is_named_and_the_next_one_read(store: Store, error: SourceError) -> None:
    outcome, events = sync(store, Rooms({"a": pages(0), "b": pages(10), "c": pages(20)}, fails={"b": error}))
    assert outcome.state == "done"
    assert cursors(store) == {"a": "2", "b": "1", "c": "2"}
    (warned,) = [event.message for event in events if isinstance(event, Warned)]
    assert "b: " in warned
    assert str(error) in warned


def test_any_other_error_ends_the_source_and_keeps_what_was_read(store: Store) -> None:
    outcome, _events = sync(store, Rooms({"a": pages(0), "b": pages(10)}, fails={"a": SourceError("401")}))
    assert (outcome.state, cursors(store)) == ("failed", {"a": "1"})


def test_a_transient_error_is_tried_again_from_the_last_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling.Puller, "_wait", lambda *_: None)
    adapter = Rooms({"a": pages(0)}, fails={"a": Transient("in a minute")})
    outcome, _events = sync(store, adapter)
    assert adapter.asked == [("a", None), ("a", "1"), ("a", "1")]
    assert outcome.state == "failed"


@pytest.mark.parametrize("name", ["a\x1b[31m", "x" * 257, 7])
def test_a_target_that_cannot_be_kept_breaks_the_contract(store: Store, name: object) -> None:
    outcome, _events = sync(store, Rooms({}, names=[name]))
    assert "broke its contract" in (outcome.sources[0].error or "")


def test_a_target_named_twice_is_read_once(store: Store) -> None:
    adapter = Rooms({"a": pages(0)}, names=["a", "a"])
    sync(store, adapter)
    assert adapter.asked == [("a", None)]


def test_a_page_that_cannot_be_kept_ends_its_source_behind_the_pages_before_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:

    def picky(store: Store, run: runs.Run, feed: str, records: list[AccountRecord], *rest: object) -> object:
        if any(record.uid == "2" for record in records):
            raise OverflowError("too large")
        return write_page(store, run, feed, records, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "write_page", picky)
    outcome, _events = sync(store, Rooms({"a": pages(0, 4)}))
    assert (outcome.state, cursors(store)) == ("failed", {"a": "2"})


def test_a_token_that_the_platform_gave_is_hidden_and_kept_to_its_host(store: Store) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json={})

    class Session:
        name = title = platform = "rooms"
        feeds = ("profiles",)
        settings = ()
        limits = RateLimit(100, 1)

        def pull(self, pull: Pull) -> Iterator[Page]:
            assert pull.http
            pull.protect("token-of-this-run")
            headers = {"Authorization": "Bearer token-of-this-run"}
            pull.http.get("https://one.example/", headers=headers)
            pull.http.get("https://two.example/")
            pull.warn("it said token-of-this-run")
            pull.http.get("https://two.example/", headers=headers)
            yield Page([], "1")

    def connect(limit: RateLimit, settings: Settings, patience: Patience) -> httpx.Client:
        clock = Clock()
        inner = httpx.MockTransport(answer)
        return client(limit, settings.redact, shared=Budgets(clock), patience=Waits(clock), inner=inner)

    events: list[Event] = []
    source = sources.add(store, "rooms", "rooms", "rooms", {})
    outcome = loop.run(store, {"rooms": Session()}, [source], listener=events.append, connect=connect)
    assert asked == ["one.example", "two.example"]
    assert "belong to one.example" in (outcome.sources[0].error or "")
    assert "token-of-this-run" not in str(events)
    assert [event.message for event in events if isinstance(event, Warned)] == ["it said ***"]


def test_raw_answers_are_kept_for_a_source_that_asks_and_can_be_purged(store: Store) -> None:
    class Plain:
        name = title = platform = "rooms"
        feeds = ("profiles",)
        settings = ()
        limits = RateLimit(100, 1)

        def targets(self, pull: Pull) -> Iterator[str]:
            yield "a"

        def pull(self, pull: Pull) -> Iterator[Page]:
            assert pull.http
            token = pull.http.get("https://one.example/people?page=1").text.split()[-1]
            pull.protect(token)
            pull.http.get(f"https://one.example/people?key={token}&page=1")
            yield Page([account(1)], "1")

    def connect(limit: RateLimit, settings: Settings, patience: Patience) -> httpx.Client:
        clock = Clock()
        inner = httpx.MockTransport(lambda request: httpx.Response(200, content="达人 sesame".encode()))
        return client(limit, settings.redact, shared=Budgets(clock), patience=Waits(clock), inner=inner)

    source = sources.add(store, "rooms", "rooms", "rooms", {})
    for keep in (False, True):
        source = sources.keep_raw(store, source, keep=keep)
        loop.run(store, {"rooms": Plain()}, [source], connect=connect)
    _first, kept = raw.answers(store, source)
    assert (kept.feed, kept.target) == ("profiles", "a")
    assert {answer.body.decode() for answer in raw.answers(store, source)} == {"达人 ***"}
    assert kept.url == "https://one.example/people?key=***&page=1"
    assert raw.purge(store, source, 0) == 0
    assert raw.purge(store, None, kept.fetched_at + 1) == 2
    assert list(raw.answers(store, source)) == []
