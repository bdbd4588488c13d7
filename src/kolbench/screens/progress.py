"""How far a sync is: what its events add up to, written by its thread and read by the screens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kolbench.domain.lang import _, ngettext
from kolbench.screens.source_words import FEEDS
from kolbench.screens.words import STATES, said
from kolbench.sync.events import (
    Counts,
    Event,
    FeedStarted,
    PageWritten,
    RowRejected,
    SourceFinished,
    SourceStarted,
    Waiting,
    Warned,
)
from kolbench.widgets.cells import bar, separated

if TYPE_CHECKING:
    from pathlib import Path

WARNINGS = 20
LINES = 5
"""So many lines are named of rows that were not kept for one reason."""

BAR = 8


@dataclass
class Stream:
    """One source of a sync: what is being read of it, or how it ended."""

    feed: str = ""
    done: int = 0
    total: int | None = None
    rate: float = 0.0
    counts: Counts = field(default_factory=Counts)
    waiting: str = ""
    state: str = ""
    error: str | None = None
    report: Path | None = None
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    left_out: dict[tuple[str, str], list[int | None]] = field(default_factory=dict)
    """The lines of the first rows that were not kept, by the column and the reason."""

    @property
    def share(self) -> float | None:
        """How much of the feed is read, 0 to 1, where its size is known."""
        return min(1.0, self.done / self.total) if self.total else None

    def state_text(self) -> str:
        """How it ended or what it waits for; while it reads, how much of the feed is read."""
        if self.state:
            state = said(STATES, self.state)
            return _("{what}: {more}").format(what=state, more=self.error) if self.error else state
        if self.waiting:
            return self.waiting
        if not self.feed:
            return _("starting")
        return separated(self.done) if self.share is None else f"{bar(self.share, BAR)} {self.share:.0%}"

    def remarks(self) -> Iterator[str]:
        """What the operator should read: warnings, and each reason for which rows were not kept, once."""
        yield from list(self.warnings)
        told = 0
        for (column, reason), lines in list(self.left_out.items()):
            told += len(lines)
            yield _left_out(column, reason, list(lines))
        if told and (more := self.counts.rejected - told) > 0:
            yield ngettext("{n} row more was not kept", "{n} rows more were not kept", more).format(n=separated(more))

    def pace(self) -> str:
        """What is being read and how fast, in words; nothing once it has ended or while it waits."""
        if self.state or self.waiting or not self.feed:
            return ""
        parts = [said(FEEDS, self.feed), separated(self.done), _("{n}/s").format(n=separated(round(self.rate)))]
        if self.total and self.rate and self.total > self.done:
            minutes, seconds = divmod(round((self.total - self.done) / self.rate), 60)
            parts.append(_("{minutes}:{seconds:02} left").format(minutes=minutes, seconds=seconds))
        return " ".join(parts)


class Progress:
    """A listener for the sync loop. Its streams are read while they change: each field by itself is right."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.streams: dict[str, Stream] = {name: Stream() for name in names}
        self.deriving: tuple[int, int] | None = None

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case SourceStarted(source):
                self.streams[source] = Stream()
            case FeedStarted(source, feed):
                stream = self._stream(source)
                stream.feed, stream.done, stream.total, stream.rate, stream.waiting = feed, 0, None, 0.0, ""
            case PageWritten(source, _feed, _records, done, total, rate, counts):
                stream = self._stream(source)
                stream.done, stream.total, stream.rate, stream.counts, stream.waiting = done, total, rate, counts, ""
            case Waiting(source, seconds, reason):
                self._stream(source).waiting = _("waiting {seconds:.0f} s: {reason}").format(
                    seconds=seconds, reason=reason
                )
            case Warned(source, message):
                warnings = self._stream(source).warnings
                if len(warnings) < WARNINGS:
                    warnings.append(message)
            case RowRejected(source, _feed, line, column, reason):
                self._stream(source).left_out.setdefault((column, reason), []).append(line)
            case SourceFinished(source, _run, state, counts, seconds, error, report):
                stream = self._stream(source)
                stream.counts, stream.seconds, stream.error, stream.report = counts, seconds, error, report
                stream.state = state

    def derived(self, done: int, total: int) -> None:
        """Take note of scores worked out again."""
        self.deriving = (done, total)

    def scoring(self) -> str:
        """How far the scores are that are worked out at the end; nothing before."""
        if self.deriving is None:
            return ""
        done, total = self.deriving
        return _("scoring {done} of {total}").format(done=separated(done), total=separated(total))

    def text(self) -> str:
        """All of it in a few words, for a header."""
        if self.deriving is not None:
            return self.scoring()
        running = [(name, stream) for name, stream in list(self.streams.items()) if not stream.state]
        if not running:
            return ""
        name, stream = running[0]
        share = f" {stream.share:.0%}" if stream.share is not None else f" {separated(stream.done)}"
        more = f" +{len(running) - 1}" if len(running) > 1 else ""
        return name + share + more

    def _stream(self, source: str) -> Stream:
        return self.streams.setdefault(source, Stream())


def _left_out(column: str, reason: str, lines: list[int | None]) -> str:
    """Why some rows were not kept, how many of them, and where the first ones stand."""
    known = [separated(line) for line in lines if line is not None]
    if len(lines) == 1:
        place = _("line {line}, {column}").format(line=known[0], column=column) if known else column
        return _("{what}: {more}").format(what=place, more=reason) if place else reason
    what = _("{what}: {more}").format(what=column, more=reason) if column else reason
    text = _("{n} rows: {reason}").format(n=separated(len(lines)), reason=what)
    if not known:
        return text
    first = _(", ").join(known[:LINES]) + (" …" if len(known) > LINES else "")
    return _("{what}; lines {lines}").format(what=text, lines=first)
