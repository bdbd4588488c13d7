"""Where the pages of a source go into the store, and what is told of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kolbench.domain.clock import now
from kolbench.store import runs
from kolbench.store.writer import write_page
from kolbench.sync.events import Counts, PageWritten, RowRejected
from kolbench.sync.rejects import of_refused

if TYPE_CHECKING:
    from kolbench.store.connect import Store
    from kolbench.store.runs import Run
    from kolbench.store.sources import Source
    from kolbench.store.writer import Refused
    from kolbench.sync.events import Listener
    from kolbench.sync.pulling import Opened, Ready
    from kolbench.sync.rejects import RejectFile

BATCH = 1_000
"""Records a transaction holds at most, so that a screen's own write never waits long."""
BREATH_S = 0.002
"""Time between two transactions in which others get their turn to write: a seventh of what a full one takes."""
REJECTS_TOLD = 20


@dataclass
class Work:
    """A source in progress."""

    source: Source
    run: Run | None
    report: RejectFile | None
    began: float
    counts: Counts = field(default_factory=Counts)
    opened: Opened | None = None
    pages: list[Ready] = field(default_factory=list)
    feed_began: float = 0.0
    feed_done: int = 0
    resumed: bool = False
    rejects_told: int = 0

    @property
    def run_id(self) -> int | None:
        """The run's number in the history; None in a dry run."""
        return None if self.run is None else self.run.id

    def takes(self, page: Ready) -> bool:
        """Whether ``page`` fits into one transaction with those that wait to be written."""
        waiting = self.pages
        return not waiting or (
            (waiting[-1].feed, waiting[-1].target) == (page.feed, page.target)
            and sum(one.weight for one in waiting) + page.weight <= BATCH
        )


class Writing:
    """Writes pages, one transaction after another, with room between them for other writers."""

    def __init__(self, store: Store, tell: Listener) -> None:
        self._store = store
        self._tell = tell
        self._written_at = 0.0

    def put(self, work: Work, pages: list[Ready]) -> None:
        """Write pages of one target with their checkpoint, and report rejects. Raises what the store raises."""
        refused = self._write(work, pages)
        self._report(work, pages, refused)

    def tell_of(self, work: Work, pages: list[Ready]) -> None:
        """Tell of pages that are safe."""
        for page in pages:
            if page.cursor is None:
                continue
            work.feed_done += len(page.records)
            rate = work.feed_done / max(time.monotonic() - work.feed_began, 0.001)
            alone = not work.resumed and work.opened is not None and work.opened.of == 1
            total = page.total if alone else None  # how much lies before a checkpoint, nobody knows
            done, records = work.feed_done, len(page.records)
            self._tell(PageWritten(work.source.name, page.feed, records, done, total, rate, work.counts))

    def _write(self, work: Work, pages: list[Ready]) -> list[Refused]:
        """Write the records of pages of one target, the checkpoint with the last; returns those the store refused."""
        first = pages[0]
        cursor = next((page.cursor for page in reversed(pages) if page.cursor is not None), None)
        records = [record for page in pages for record in page.records] if len(pages) > 1 else first.records
        refused: list[Refused] = []
        if work.run is None or (cursor is None and not records):
            work.counts += Counts(read=len(records))
            return refused
        observed_at = now()
        for start in range(0, len(records) or 1, BATCH):
            batch = records[start : start + BATCH]
            last = cursor if start + BATCH >= len(records) else None
            self.breathe()
            written = write_page(self._store, work.run, first.feed, batch, last, observed_at, first.target)
            self._written_at = time.monotonic()
            work.counts += Counts(len(batch), written.new, written.changed, written.unchanged, erased=written.erased)
            refused += written.refused
        return refused

    def breathe(self) -> None:
        """Leave others their turn to write."""
        rest = self._written_at + BREATH_S - time.monotonic()
        if rest > 0:
            time.sleep(rest)

    def _report(self, work: Work, pages: list[Ready], refused: list[Refused]) -> None:
        feed, rejects = pages[0].feed, [reject for page in pages for reject in page.rejects]
        if work.run is not None and rejects:
            runs.reject(self._store, work.run, len(rejects))  # those refused are counted with their page
        rejects += of_refused(refused, pages)
        if not rejects:
            return
        work.counts += Counts(rejected=len(rejects))
        if work.report is not None:
            work.report.write(feed, rejects)
        for reject in rejects[: max(0, REJECTS_TOLD - work.rejects_told)]:
            self._tell(RowRejected(work.source.name, feed, reject.line, reject.column, reject.reason))
        work.rejects_told += len(rejects)
