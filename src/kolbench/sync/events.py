"""What a sync tells while it runs: one small fact an event, for bars, lines, JSON and screens alike."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Counts:
    """What became of the records of a source; ``read`` are those that passed the gate.

    ``erased`` are left out, for they are about people who were erased.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    erased: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.rejected + other.rejected,
            self.erased + other.erased,
        )


@dataclass(frozen=True)
class SourceStarted:
    """A source's turn has come. ``run`` is its number in the history, None in a dry run."""

    source: str
    adapter: str
    run: int | None


@dataclass(frozen=True)
class FeedStarted:
    """A feed is being read, from a checkpoint when ``resumed``; of its targets the ``number``-th ``of`` so many."""

    source: str
    feed: str
    resumed: bool
    target: str = ""
    number: int = 1
    of: int = 1


@dataclass(frozen=True)
class PageWritten:
    """Records and their checkpoint are safe (in a dry run: were read).

    ``records`` are this page's, ``done`` the feed's so far in this run, ``total`` those expected (None where the
    platform doesn't say, or the feed was resumed), ``rate`` records a second since the feed began, ``counts`` the
    source's so far.
    """

    source: str
    feed: str
    records: int
    done: int
    total: int | None
    rate: float
    counts: Counts


@dataclass(frozen=True)
class Warned:
    """Something the operator should know; the source goes on."""

    source: str
    message: str


@dataclass(frozen=True)
class Waiting:
    """The source waits ``seconds`` for a rate limit or before another attempt."""

    source: str
    seconds: float
    reason: str


@dataclass(frozen=True)
class RowRejected:
    """A row or record was not kept; only a source's first few are told, all are in its report file.

    ``line`` is None for records that come from no file.
    """

    source: str
    feed: str
    line: int | None
    column: str
    reason: str


@dataclass(frozen=True)
class SourceFinished:
    """A source has ended, as ``done``, ``paused``, ``cancelled`` or ``failed`` (then ``error`` says why).

    ``report`` is the file with the rejected rows, if there are any.
    """

    source: str
    run: int | None
    state: str
    counts: Counts
    seconds: float
    error: str | None
    report: Path | None


@dataclass(frozen=True)
class Finished:
    """The whole sync has ended, in the state that its sources have ``altogether``.

    Or as a whole: ``busy`` where another one runs, ``failed`` by an ``error`` that is no source's.
    """

    state: str
    counts: Counts
    seconds: float
    error: str | None = None


def altogether(states: Collection[str]) -> str:
    """How a sync ended whose sources ended in ``states``: as one of those, or ``partly_failed`` where some failed."""
    if "cancelled" in states:
        return "cancelled"
    if "failed" in states:
        return "failed" if set(states) == {"failed"} else "partly_failed"
    return "paused" if "paused" in states else "done"


Event = SourceStarted | FeedStarted | PageWritten | Warned | Waiting | RowRejected | SourceFinished | Finished
Listener = Callable[[Event], None]
"""Called with each event, in the thread that runs the sync."""

_NAMES = {
    SourceStarted: "source_started",
    FeedStarted: "feed_started",
    PageWritten: "page",
    Warned: "warning",
    Waiting: "waiting",
    RowRejected: "rejected",
    SourceFinished: "source_finished",
    Finished: "finished",
}


def as_json(event: Event) -> dict[str, object]:
    """``event`` as plain data: its name under ``event``, its fields, counts spread out."""
    data: dict[str, object] = {"event": _NAMES[type(event)]}
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, Counts):
            data |= {count.name: getattr(value, count.name) for count in fields(value)}
        elif isinstance(value, float):
            data[field.name] = round(value, 3)
        else:
            data[field.name] = str(value) if isinstance(value, Path) else value
    return data
