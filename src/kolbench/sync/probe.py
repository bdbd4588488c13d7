"""Trying a source out: what its settings and credentials allow, in words, before it is read in earnest."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from kolbench.adapters.aside import aside
from kolbench.adapters.protocol import Finding, Pull, Tester
from kolbench.domain.lang import _
from kolbench.sync import conduct, loop
from kolbench.sync.events import PageWritten, SourceFinished, Warned
from kolbench.sync.secrets import Redactor, resolve
from kolbench.sync.stop import Patience, Stop, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from kolbench.adapters.protocol import Adapter, RateLimit
    from kolbench.store.connect import Store
    from kolbench.store.sources import Source
    from kolbench.sync.events import Event, Listener
    from kolbench.sync.pulling import Connect
    from kolbench.sync.secrets import Settings

PATIENCE_S = 60.0
"""How long a source may take to say what it allows."""

MAX_FINDINGS = 50
_TICK_S = 0.1


def probe(
    store: Store,
    source: Source,
    adapter: Adapter,
    listener: Listener = lambda event: None,
    stop: Stop | None = None,
    *,
    connect: Connect | None = None,
    patience_s: float = PATIENCE_S,
) -> Iterator[Finding]:
    """What the source allows, as it is found out: its adapter is asked, or the first page is read.

    Writes nothing. Whatever goes wrong is a finding, without the secrets. ``listener`` hears remarks, in this
    thread; ``stop`` ends it early; ``connect`` replaces the HTTP client.
    """
    stop = stop or Stop()
    if isinstance(adapter, Tester):
        trial = _Trial(source, adapter, adapter, store.path, connect or _connect)
        with aside():
            yield from trial.findings(listener, stop, patience_s)
    else:
        yield from _first_page(store, source, adapter, listener, stop, connect, patience_s)


@dataclass(eq=False)
class _Trial:
    """An adapter's own test in a thread of its own; what it has to say goes through ``_said``."""

    source: Source
    adapter: Adapter
    tester: Tester
    store: Path
    connect: Connect
    _patience: Patience = field(default_factory=Patience, init=False)
    _said: SimpleQueue[Finding | Warned | None] = field(default_factory=SimpleQueue, init=False)

    def findings(self, listener: Listener, stop: Stop, patience_s: float) -> Iterator[Finding]:
        """Yield findings until the adapter has no more, the time is up or ``stop`` is asked for."""
        threading.Thread(target=self._run, name=f"probe-{self.source.name}", daemon=True).start()
        until = time.monotonic() + patience_s
        try:
            while not stop.requested:
                try:
                    said = self._said.get(timeout=_TICK_S)
                except Empty:
                    if time.monotonic() < until:
                        continue
                    yield Finding(False, _("There was no answer within {n} seconds.").format(n=round(patience_s)))
                    return
                if said is None:
                    return
                if isinstance(said, Warned):
                    listener(said)
                else:
                    yield said
        finally:
            self._patience.end()

    def _run(self) -> None:
        redact = Redactor()
        try:
            settings = resolve(self.source, self.adapter.settings, self.store)
            redact = settings.redact
            with ExitStack() as stack:
                http = None
                if self.adapter.limits is not None:
                    http = stack.enter_context(closing(self.connect(self.adapter.limits, settings, self._patience)))
                pull = Pull("", settings, http=http, warn=lambda text: self._warn(redact(text)), protect=redact.hide)
                yielded: Iterator[object] = islice(self.tester.test(pull), MAX_FINDINGS)
                for finding in yielded:
                    if not isinstance(finding, Finding):
                        told = _("it yielded {type} instead of a finding").format(type=type(finding).__name__)
                        raise conduct.Misbehaved(told)
                    self._said.put(Finding(bool(finding.ok), redact(str(finding.text))))
        except Stopped:
            pass
        except BaseException as error:  # whatever a plugin raises, SystemExit included, is a finding
            self._said.put(Finding(False, redact(conduct.explain(self.adapter.name, error))))
        finally:
            self._said.put(None)

    def _warn(self, text: str) -> None:
        self._said.put(Warned(self.source.name, text))


def _first_page(
    store: Store,
    source: Source,
    adapter: Adapter,
    listener: Listener,
    stop: Stop,
    connect: Connect | None,
    patience_s: float,
) -> Iterator[Finding]:
    """Read until a feed has given a page, as a sync would; that the loop calls it cancelled is as it should be."""
    found: list[Finding] = []

    def listen(event: Event) -> None:
        listener(event)
        if isinstance(event, PageWritten) and not found:  # further ones were under way when it was told to stop
            text = _("{feed}: the first page has {records} records.")
            found.append(Finding(True, text.format(feed=_(event.feed), records=event.records)))
            stop.request()
        elif isinstance(event, SourceFinished) and event.error:
            found.append(Finding(False, event.error))

    options = loop.Options(dry_run=True, full=True, page_timeout=patience_s)
    loop.run(store, {adapter.name: adapter}, [source], options, listen, stop, connect)
    yield from found or [Finding(True, _("There is nothing to read."))]


def _connect(limit: RateLimit, settings: Settings, patience: Patience) -> httpx.Client:
    """A client that gives up sooner than one for a sync: somebody waits."""
    from kolbench.sync.http import Rules, client

    return client(limit, settings.redact, patience=patience, rules=Rules(attempts=2, longest_wait=PATIENCE_S))
