"""Adapters that do what a test tells them, a clock that only moves when somebody waits, and a store laid bare."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    FollowRecord,
    InteractionRecord,
    MessageRecord,
    PostRecord,
    Record,
)
from kolbench.store import sources
from kolbench.testing.waiting import Clock as Clock
from kolbench.testing.waiting import Waits as Unhurried

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.store.connect import Store
    from kolbench.store.sources import Source

START = datetime(2026, 5, 4, tzinfo=UTC)

SOURCE_TABLES = (
    *("creator", "account", "former_handle", "contact_point", "account_snapshot", "post", "post_snapshot"),
    *("follow_edge", "community", "membership", "message", "activity", "checkpoint"),
)


@dataclass
class Scripted:
    """Yields ``pages`` of each feed; the cursor is the number of pages read. ``at`` acts before a page's yield."""

    pages: Mapping[str, Sequence[Sequence[Record]]]
    at: Mapping[int, Callable[[Pull], object]] = field(default_factory=dict)
    name: str = "scripted"
    title: str = "what a test wrote"
    platform: str = "scripted"
    settings: tuple[Setting, ...] = ()
    limits: RateLimit | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def feeds(self) -> tuple[str, ...]:
        return tuple(self.pages)

    def pull(self, pull: Pull) -> Iterator[Page]:
        self.asked.append((pull.feed, pull.cursor))
        pages = self.pages[pull.feed]
        total = sum(map(len, pages))
        for number in range(int(pull.cursor or 0), len(pages)):
            if number in self.at:
                self.at[number](pull)
            yield Page(pages[number], str(number + 1), total)


@dataclass
class Doing(Scripted):
    """An adapter whose whole ``pull`` is a test's own."""

    pages: Mapping[str, Sequence[Sequence[Record]]] = field(default_factory=lambda: {"profiles": ()})
    doing: Callable[[Pull], Any] = lambda pull: iter(())

    def pull(self, pull: Pull) -> Iterator[Page]:
        self.asked.append((pull.feed, pull.cursor))
        return self.doing(pull)  # type: ignore[no-any-return]


class Waits(Unhurried):
    """Waits without waiting, and does something ``during`` it."""

    during: Callable[[], None] = staticmethod(lambda: None)

    def _sleep(self, seconds: float) -> bool:
        super()._sleep(seconds)
        self.during()
        return self._ended.is_set()


def account(number: int, followers: int | None = None, **more: Any) -> AccountRecord:
    metrics = {} if followers is None else {"followers": followers}
    return AccountRecord(
        uid=str(number), handle=f"user{number}", name=f"达人 {number}", metrics=metrics, observed_at=START, **more
    )


def accounts(pages: int, size: int, first: int = 0) -> list[list[Record]]:
    """Pages of accounts with a counter each."""
    return [
        [account(first + page * size + place, followers=page * size + place) for place in range(size)]
        for page in range(pages)
    ]


def talk(pages: int, size: int) -> list[list[Record]]:
    """Pages of a room, its messages, replies between people, and their posts and follows."""
    found: list[list[Record]] = []
    for page in range(pages):
        records: list[Record] = [CommunityRecord(uid="room", name="Room")]
        for place in range(size):
            number = page * size + place
            at, who, whom = START + timedelta(minutes=number), str(number % 7), str((number + 3) % 7)
            records += [
                MessageRecord(uid=f"m{number}", community_uid="room", account_uid=who, sent_at=at, text="你好"),
                InteractionRecord(actor_uid=who, object_uid=whom, kind="reply", at=at, evidence_uid=f"m{number}"),
                PostRecord(
                    uid=f"p{number}", account_uid=who, published_at=at, metrics={"likes": number}, observed_at=at
                ),
                FollowRecord(follower_uid=who, account_uid=whom, observed_at=at),
            ]
        found.append(records)
    return found


def source_of(store: Store, adapter: Scripted, name: str | None = None) -> Source:
    name = name or adapter.name
    return sources.find(store, name) or sources.add(store, name, adapter.name, adapter.platform, {})


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row that came from a source, without what differs from run to run: its number and its moment."""
    db = store.reader()
    found = {}
    for table in SOURCE_TABLES:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        kept = [name for name in columns if name not in ("run_id", "changed_run_id", "updated_at")]
        if table == "creator":
            kept.remove("created_at")
        found[table] = sorted(db.execute(f"SELECT {', '.join(kept)} FROM {table}").fetchall(), key=repr)
    return found


def reject(number: int) -> Rejected:
    return Rejected(line=number, column="followers", reason="not a number", value=f"＝cmd|{number}")


class Gate:
    """Where a thread waits until the test lets it on; the test sees that it has come there."""

    def __init__(self) -> None:
        self._reached, self._open = threading.Event(), threading.Event()

    def pass_through(self) -> None:
        """Wait here, in the thread."""
        self._reached.set()
        assert self._open.wait(20)

    async def reached(self, pilot: Pilot[int]) -> None:
        """Let the app go on until the thread has come here."""
        while not self._reached.is_set():
            await pilot.pause()

    def open(self) -> None:
        """Let the thread on."""
        self._open.set()
