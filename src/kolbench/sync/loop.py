"""The sync loop: every source read in a thread of its own, every page written here, by one hand."""

from __future__ import annotations

import time
from collections import deque
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from signal import SIGINT
from typing import TYPE_CHECKING

from kolbench.adapters.aside import aside
from kolbench.domain.errors import KolbenchError, StoreError, UsageError, told
from kolbench.domain.garbage import rare_collections
from kolbench.domain.lang import _
from kolbench.store import campaigns, raw, runs, sources
from kolbench.sync import lock
from kolbench.sync.budgets import SHARED
from kolbench.sync.events import (
    Counts,
    FeedStarted,
    Finished,
    Listener,
    SourceFinished,
    SourceStarted,
    Warned,
    altogether,
)
from kolbench.sync.pulling import Ended, Fetched, Message, Opened, Puller, Ready, Told
from kolbench.sync.rejects import RejectFile, rows_of
from kolbench.sync.stop import Patience, Stop
from kolbench.sync.writing import Work, Writing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import httpx

    from kolbench.adapters.protocol import Adapter, RateLimit
    from kolbench.store.connect import Store
    from kolbench.store.sources import Source
    from kolbench.sync.pulling import Connect
    from kolbench.sync.secrets import Settings

TICK_S = 0.1
AT_ONCE = 50
"""Messages heard before what came in is written."""
GRACE_S = 30.0
"""How long a source may take to come to a page boundary when it is told to stop."""


@dataclass(frozen=True)
class Options:
    """How to sync.

    ``full`` ignores the checkpoints; ``since`` is passed on to the adapters; ``dry_run`` reads and checks, and
    writes nothing. ``kind`` is ``sync`` or ``import``. ``lock_wait`` and ``page_timeout`` are in seconds.
    """

    full: bool = False
    since: datetime | None = None
    dry_run: bool = False
    max_minutes: float | None = None
    kind: str = "sync"
    workers: int = 4
    page_timeout: float = 300.0
    lock_wait: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """How a sync ended: ``done``, ``paused`` (time was up), ``failed``, ``partly_failed`` or ``cancelled``."""

    state: str
    sources: tuple[SourceFinished, ...]
    counts: Counts
    seconds: float
    exit_code: int


def choose(store: Store, names: Sequence[str]) -> list[Source]:
    """The sources of these names, or all enabled ones. Raises UsageError when there are none."""
    if names:
        return [sources.get(store, name) for name in dict.fromkeys(names)]
    enabled = [source for source in sources.every(store) if source.enabled]
    if not enabled:
        raise UsageError(_("There is no source to sync yet. Add one with 'kolbench source add'."))
    return enabled


def run(
    store: Store,
    adapters: Mapping[str, Adapter],
    chosen: Sequence[Source],
    options: Options = Options(),
    listener: Listener = lambda event: None,
    stop: Stop | None = None,
    connect: Connect | None = None,
) -> Outcome:
    """Sync ``chosen`` and return when all have ended; ``adapters`` are looked up by name.

    ``listener`` is called in this thread. ``stop`` ends the sync at the next page boundary. ``connect``
    replaces the HTTP client. Raises AlreadyRunning, and StoreError when the store itself fails.
    """
    stop = stop or Stop()
    alone = nullcontext() if options.dry_run else lock.held(store.path, options.lock_wait, stop)
    with alone, rare_collections(), aside():
        if not options.dry_run:
            runs.mark_interrupted(store, alone=True)
        return _Sync(store, adapters, options, listener, stop, connect or _connect).run(chosen)


def zoned(store: Store, adapter: Adapter, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings of a source; where they name a campaign and no zone, times that name none are in the campaign's."""
    told = dict(settings)
    asks = any(setting.name == "timezone" for setting in adapter.settings)
    if asks and told.get("timezone", "auto") == "auto" and (campaign := told.get("campaign")):
        campaign_id = campaigns.named(store.reader(), campaign)
        if campaign_id is not None:
            told["timezone"] = campaigns.terms(store, campaign_id).time_zone
    return told


def _connect(limit: RateLimit, settings: Settings, patience: Patience) -> httpx.Client:
    from kolbench.sync.http import client

    return client(limit, settings.redact, shared=SHARED, patience=patience)


class _Sync:
    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        options: Options,
        listener: Listener,
        stop: Stop,
        connect: Connect,
    ) -> None:
        self.store = store
        self.adapters = adapters
        self.options = options
        self.tell = listener
        self.stop = stop
        self.connect = connect
        self.began = time.monotonic()
        self.outbox: SimpleQueue[tuple[Puller, Message]] = SimpleQueue()
        self.active: dict[Puller, Work] = {}
        self.finished: list[SourceFinished] = []
        self.ending: str | None = None
        self.ending_since = 0.0
        self.writing = Writing(store, listener)

    def run(self, chosen: Sequence[Source]) -> Outcome:
        waiting = deque({source.id: source for source in chosen}.values())
        try:
            while waiting or self.active:
                self._look_for_an_end()
                while waiting and (self.ending or len(self.active) < self.options.workers):
                    self._begin(waiting.popleft())
                self._hear()
                self._watch()
        except KeyboardInterrupt:  # the second Ctrl-C: leave at once; the next sync closes the runs
            raise
        except BaseException as error:  # the store failed, or the listener did
            if not isinstance(error, StoreError):
                self.tell = lambda event: None
            for puller in list(self.active):
                with suppress(StoreError, OSError):
                    self._give_up(puller, "failed", told(error) or type(error).__name__)
            raise
        finally:
            for puller in self.active:
                puller.release()
        return self._outcome()

    def _look_for_an_end(self) -> None:
        """Tell every source to stop when the operator asks for it or the time is up."""
        if self.ending:
            return
        limit = self.options.max_minutes
        if self.stop.requested:
            self.ending = "cancelled"
        elif limit is not None and time.monotonic() - self.began >= limit * 60:
            self.ending = "paused"
        if self.ending:
            self.ending_since = time.monotonic()
            for puller in self.active:
                puller.patience.end()

    def _begin(self, source: Source) -> None:
        began = time.monotonic()
        if self.ending:
            self._close(Work(source, None, None, began), self.ending, None)
            return
        if self.options.dry_run:
            work = Work(source, None, None, began)
        else:
            run = runs.start(self.store, source, self.options.kind)
            work = Work(source, run, RejectFile(self.store.path, run.id, rows_of(source.settings)), began)
        self.tell(SourceStarted(source.name, source.adapter, work.run_id))
        adapter = self.adapters.get(source.adapter)
        if adapter is None:
            text = _("There is no adapter '{adapter}'. Is its plugin installed and enabled?")
            self._close(work, "failed", text.format(adapter=source.adapter))
            return
        options = self.options
        source = replace(source, settings=zoned(self.store, adapter, source.settings))
        puller = Puller(
            source, adapter, self.store.path, options.since, self.outbox, self.connect, dry_run=options.dry_run
        )
        self.active[puller] = work
        puller.start()

    def _hear(self) -> None:
        """Deal with what the sources have to say, then write what has come in meanwhile."""
        try:
            self._deal(*self.outbox.get(timeout=TICK_S))
            for _turn in range(AT_ONCE):
                self._deal(*self.outbox.get_nowait())
        except Empty:
            pass
        for puller, work in list(self.active.items()):
            self._flush(puller, work)

    def _deal(self, puller: Puller, message: Message) -> None:
        """Note a page, or write those before it and see what else it is; a source given up is not heard any more."""
        work = self.active.get(puller)
        if work is None:
            return
        if isinstance(message, Ready):
            if not work.takes(message):
                self._flush(puller, work)
            work.pages.append(message)
            return
        self._flush(puller, work)
        match message:
            case Told(event):
                self.tell(event)
            case Fetched(feed, target, url, body) if work.run is not None:
                raw.keep(self.store, work.run, feed, target, url, body)
            case Opened() if puller in self.active:
                puller.answer(self._open(work, message))
            case Ended(stopped, error) if puller in self.active:
                state = (self.ending or "cancelled") if stopped else "failed" if error else "done"
                self._finish(puller, state, error)

    def _open(self, work: Work, asked: Opened) -> str | None:
        feed, target = asked.feed, asked.target
        cursor = None if self.options.full else runs.cursor(self.store, work.source, feed, target)
        if work.opened is None or work.opened.feed != feed:
            work.feed_began, work.feed_done = time.monotonic(), 0
        work.opened, work.resumed = asked, cursor is not None
        self.tell(FeedStarted(work.source.name, feed, work.resumed, target, asked.number, asked.of))
        return cursor

    def _flush(self, puller: Puller, work: Work) -> None:
        """Write the pages that wait; one that the store can't keep ends its source, those before it are kept."""
        pages, work.pages = work.pages, []
        if not pages:
            return
        puller.taken(sum(page.weight for page in pages if not page.hold))  # it goes on while these are written
        try:
            self.writing.put(work, pages)
        except StoreError:
            raise
        except Exception as error:
            if len(pages) > 1:
                for page in pages:
                    if puller in self.active:
                        work.pages = [page]
                        self._flush(puller, work)
                return
            text = _("The store can't keep a page of '{feed}' ({type}: {reason}).")
            reason = text.format(feed=pages[0].feed, type=type(error).__name__, reason=told(error))
            self._give_up(puller, "failed", told(error) if isinstance(error, KolbenchError) else reason)
            return
        self.writing.tell_of(work, pages)
        puller.taken(sum(page.weight for page in pages if page.hold))

    def _watch(self) -> None:
        """Give up sources that block: their threads are left behind, and nobody listens to them any more."""
        for puller, work in list(self.active.items()):
            if self.ending and time.monotonic() - self.ending_since > GRACE_S:
                self.tell(Warned(work.source.name, _("It did not stop when asked to, and was left behind.")))
                self._give_up(puller, self.ending, None)
            elif puller.busy() > self.options.page_timeout:
                text = _("The adapter '{adapter}' blocks: no page for {n} seconds.")
                seconds = round(self.options.page_timeout)
                self._give_up(puller, "failed", text.format(adapter=work.source.adapter, n=seconds))

    def _give_up(self, puller: Puller, state: str, error: str | None) -> None:
        puller.release()
        self._finish(puller, state, error)

    def _finish(self, puller: Puller, state: str, error: str | None) -> None:
        self._close(self.active.pop(puller), state, error)

    def _close(self, work: Work, state: str, error: str | None) -> None:
        report = None
        try:
            if work.report is not None and work.run is not None:
                work.report.close()
                report = work.report.path
                runs.finish(self.store, work.run, state, error, str(report) if report else None)
        finally:  # it has ended even where the store can't keep that it has
            seconds = time.monotonic() - work.began
            finished = SourceFinished(work.source.name, work.run_id, state, work.counts, seconds, error, report)
            self.finished.append(finished)
            self.tell(finished)

    def _outcome(self) -> Outcome:
        states = {finished.state for finished in self.finished}
        state = altogether(states)
        counts = sum((finished.counts for finished in self.finished), Counts())
        seconds = time.monotonic() - self.began
        self.tell(Finished(state, counts, seconds))
        exit_code = 128 + (self.stop.signal or SIGINT) if state == "cancelled" else int("failed" in states)
        return Outcome(state, tuple(self.finished), counts, seconds, exit_code)
