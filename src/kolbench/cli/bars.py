"""How a sync or an import looks while it runs: bars on a terminal, lines elsewhere, events for programs."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kolbench.adapters.aside import stdout
from kolbench.cli.output import printable, say, show_json_line, warn
from kolbench.cli.parser import columns
from kolbench.domain.clock import iso, now
from kolbench.domain.lang import _
from kolbench.sync.events import (
    Event,
    FeedStarted,
    Listener,
    PageWritten,
    RowRejected,
    SourceFinished,
    SourceStarted,
    Waiting,
    Warned,
    as_json,
)
from kolbench.widgets.cells import bar, fit

if TYPE_CHECKING:
    from kolbench.sync.events import Counts

REDRAW_S = 0.1
BAR = 20
ROWS_TOLD = 3


def listener(*, json: bool, dated: bool = False) -> Listener:
    """What to hand to the sync loop: it prints each event as fits where stdout goes.

    Lines begin with the time where they are ``dated``, as those of a log have to be.
    """
    if json:
        return lambda event: show_json_line(as_json(event))
    return Bars() if sys.stdout.isatty() else Lines(dated=dated)


def logged(text: str) -> str:
    """A line as a log needs it, with the time (UTC) before it; on a terminal as it is."""
    return text if sys.stdout.isatty() else f"{iso(now())} {text}"


class Lines:
    """One line for each source that has ended; on stderr, for cron to mail: failures, warnings, rows left out."""

    def __init__(self, *, dated: bool = False) -> None:
        self._remarks = Remarks()
        self._dated = dated

    def __call__(self, event: Event) -> None:
        """Say what there is to say about an event."""
        if text := self._remarks.on(event):
            warn(self._line(text))
        if isinstance(event, SourceFinished):
            (warn if event.state == "failed" else say)(self._line(summary(event)))

    def _line(self, text: str) -> str:
        return logged(printable(text)) if self._dated else printable(text)


class Remarks:
    """What the operator should read even if they don't watch."""

    def __init__(self) -> None:
        self._told: Counter[str] = Counter()
        self._reasons: set[tuple[str, str, str]] = set()

    def on(self, event: Event) -> str | None:
        """A line about an event, if it is worth one.

        Of rows that were left out a source's first few are, each for another reason; in the end, how many more were.
        """
        if isinstance(event, Warned):
            return f"{event.source}: {event.message}"
        if isinstance(event, RowRejected):
            why = (event.source, event.column, event.reason)
            if why in self._reasons or self._told[event.source] == ROWS_TOLD:
                return None
            self._reasons.add(why)
            self._told[event.source] += 1
            what = left_out(event.column, event.reason)
            text = _("{source}: left out in line {line}: {what}") if event.line else _("{source}: left out: {what}")
            return text.format(source=event.source, line=event.line, what=what)
        if isinstance(event, SourceFinished) and (told := self._told[event.source]) < event.counts.rejected and told:
            return _("{source}: … and {n:,} more").format(source=event.source, n=event.counts.rejected - told)
        return None


def left_out(column: str, reason: str) -> str:
    """Why something was left out, after the column it stands in, if it is one's fault."""
    return _("{what}: {more}").format(what=column, more=reason) if column else reason


def summary(event: SourceFinished) -> str:
    """How a source ended, in one line."""
    counts = counted(event.counts, dry=event.run is None)
    text = _("{source}: {state}, {counts}, {seconds:.1f} s").format(
        source=event.source, state=state(event.state), counts=counts, seconds=event.seconds
    )
    if event.error:
        text = _("{what}: {more}").format(what=text, more=event.error)
    if event.report:
        text = _("{what}. Rejected rows: {path}").format(what=text, path=event.report)
    return text


def state(name: str) -> str:
    """How a run ended, in the interface's language."""
    return {
        "done": _("done"),
        "paused": _("paused, time is up"),
        "cancelled": _("cancelled"),
        "failed": _("failed"),
        "partly_failed": _("partly failed"),
        "interrupted": _("interrupted"),
        "running": _("running"),
    }.get(name, name)


def counted(counts: Counts, *, dry: bool = False) -> str:
    """What became of the records, in words; of a dry run how many would have been written."""
    if dry:
        text = _("{read:,} read, {rejected:,} rejected")
    else:
        text = _("{new:,} new, {changed:,} changed, {unchanged:,} unchanged, {rejected:,} rejected")
    told = text.format(**asdict(counts))
    if counts.erased:
        told = _("{what}, {n:,} left out (erased)").format(what=told, n=counts.erased)
    return told


@dataclass
class _Stream:
    """What is read of one source at the moment."""

    feed: str = ""
    done: int = 0
    total: int | None = None
    rate: float = 0.0
    waiting: str = ""

    def text(self) -> str:
        """The stream's state in a line."""
        if self.waiting:
            return f"{self.feed:10} {self.waiting}"
        share = f"{bar(min(1.0, self.done / self.total), BAR)} " if self.total else ""
        total = f"/{self.total:,}" if self.total else ""
        text = f"{self.feed:10} {share}{self.done:,}{total}  {self.rate:,.0f}/s"
        if self.total and self.rate and self.total > self.done:
            seconds = round((self.total - self.done) / self.rate)
            text += "  " + _("{minutes}:{seconds:02} left").format(minutes=seconds // 60, seconds=seconds % 60)
        return text


class Bars:
    """One line for each source that is being read, redrawn in place; what has ended stays above them."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._remarks = Remarks()
        self._drawn = 0
        self._drawn_at = 0.0

    def __call__(self, event: Event) -> None:
        """Show an event."""
        said: str | None = None
        match event:
            case SourceStarted(source):
                self._streams[source] = _Stream()
            case FeedStarted(source, feed):
                self._streams[source] = _Stream(feed)
            case PageWritten(source, feed, _records, done, total, rate):
                self._streams[source] = _Stream(feed, done, total, rate)
            case Waiting(source, seconds, reason):
                text = _("waiting {seconds:.0f} s: {reason}").format(seconds=seconds, reason=reason)
                self._streams.setdefault(source, _Stream()).waiting = text
            case SourceFinished(source):
                self._streams.pop(source, None)
                if more := self._remarks.on(event):
                    self._draw(more)
                said = summary(event)
            case _:
                said = self._remarks.on(event)
        if said is not None or time.monotonic() - self._drawn_at > REDRAW_S:
            self._draw(said)

    def _draw(self, said: str | None) -> None:
        width = columns() - 1
        lines = [fit(f"{source}  {stream.text()}", width) for source, stream in self._streams.items()]
        above = [] if said is None else [printable(said)]
        start = f"\x1b[{self._drawn}A" if self._drawn else ""
        stdout().write(start + "\x1b[J" + "".join(f"{line}\n" for line in (*above, *lines)))
        stdout().flush()
        self._drawn = len(lines)
        self._drawn_at = time.monotonic()
