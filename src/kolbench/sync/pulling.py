"""One source's adapter in a thread of its own, behind a window through which only checked pages pass."""

from __future__ import annotations

import random
import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from json import JSONDecodeError
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from msgspec import DecodeError

from kolbench.adapters.protocol import FEEDS, Pull, RateLimit, Rejected, Targeted
from kolbench.domain.clock import now
from kolbench.domain.errors import Denied, Gone, RateLimited, Transient, told
from kolbench.domain.gate import Gate
from kolbench.domain.lang import _
from kolbench.sync import conduct
from kolbench.sync.budgets import LONGEST_WAIT_S
from kolbench.sync.conduct import Misbehaved
from kolbench.sync.events import Event, Waiting, Warned
from kolbench.sync.progress import Progress
from kolbench.sync.secrets import Redactor, Settings, resolve
from kolbench.sync.stop import Patience, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from datetime import datetime
    from pathlib import Path

    import httpx

    from kolbench.adapters.protocol import Adapter
    from kolbench.domain.records import Record
    from kolbench.store.sources import Source

    Connect = Callable[[RateLimit, Settings, Patience], httpx.Client]

MAX_WARNINGS = 100
MAX_TARGETS = 100_000
READ_AHEAD = 1_000
"""Records that may wait while others are written: an adapter asks for the next page meanwhile."""
_REJECTS_AT_ONCE = 1_000
_TRIES = 3
_LONGEST_SHOWN = 1_000


@dataclass(frozen=True)
class Reject:
    """A row or record that is not kept: what the report file says of it."""

    line: int | None
    column: str
    reason: str
    value: str


@dataclass(frozen=True)
class Opened:
    """Asks for the checkpoint of ``feed`` and ``target``, the ``number``-th ``of`` so many; the answer may be None."""

    feed: str
    target: str
    number: int
    of: int


@dataclass(frozen=True)
class Ready:
    """A page to be written: checked records and what was rejected on the way to them.

    ``cursor`` is None when there are rejected rows to report but no page yet. Nothing is read behind a page on
    ``hold`` before it is written. ``lines`` are those of the records, where they are known.
    """

    feed: str
    target: str
    records: list[Record]
    cursor: str | None
    total: int | None
    rejects: list[Reject]
    hold: bool = False
    lines: Sequence[int] = ()

    @property
    def weight(self) -> int:
        """How much of the read-ahead it takes up: its records, or something for having none."""
        return len(self.records) or 1


@dataclass(frozen=True)
class Told:
    """Something to pass on to the operator; needs no answer."""

    event: Event


@dataclass(frozen=True)
class Ended:
    """The last word of a source: ``error`` is None when all was read or it was told to stop."""

    stopped: bool = False
    error: str | None = None


@dataclass(frozen=True)
class Fetched:
    """An answer to keep word for word."""

    feed: str
    target: str
    url: str
    body: bytes


Message = Opened | Ready | Told | Fetched | Ended


@dataclass(eq=False)
class Puller:
    """Runs one adapter. Everything it has to say goes to ``outbox``; a question waits for ``answer``.

    Pages are handed over without waiting until READ_AHEAD records wait to be written; ``taken`` makes room again.

    ``turn`` is set while the plugin has control: when it began, and how long we had slept by then.
    """

    source: Source
    adapter: Adapter
    store: Path
    since: datetime | None
    outbox: SimpleQueue[tuple[Puller, Message]]
    connect: Connect
    dry_run: bool = False
    patience: Patience = field(init=False)
    turn: tuple[float, float] | None = field(default=None, init=False)
    _answers: SimpleQueue[str | None] = field(default_factory=SimpleQueue, init=False)
    _taken: SimpleQueue[int] = field(default_factory=SimpleQueue, init=False)
    _ahead: int = field(default=0, init=False)
    _rejects: list[Reject] = field(default_factory=list, init=False)
    _raw: list[tuple[str, bytes]] = field(default_factory=list, init=False)
    _warned: set[str] = field(default_factory=set, init=False)
    _tries: int = field(default=1, init=False)
    _redact: Redactor = field(default_factory=Redactor, init=False)
    _feed: str = field(default="", init=False)
    _target: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.patience = Patience(lambda seconds, reason: self._tell(Waiting(self.source.name, seconds, reason)))

    def start(self) -> None:
        """Begin, in a daemon thread: one that blocks for ever must not keep the process alive."""
        threading.Thread(target=self._run, name=f"sync-{self.source.name}", daemon=True).start()

    def answer(self, value: str | None = None) -> None:
        """Let the adapter go on after a question."""
        self._answers.put(value)

    def taken(self, weight: int) -> None:
        """Make room for further pages: some of this weight are being written, those on ``hold`` were."""
        self._taken.put(weight)

    def release(self) -> None:
        """Let the adapter's thread come to its end, whatever it waits for."""
        self.patience.end()
        self.answer()
        self.taken(0)

    def busy(self) -> float:
        """Seconds for which the plugin has had control without a page, our own waits excluded."""
        turn = self.turn
        return 0.0 if turn is None else self.patience.monotonic() - turn[0] - (self.patience.slept() - turn[1])

    def _run(self) -> None:
        try:
            self._plugin_has_control()
            self._pull_everything()
            ended = Ended()
        except Stopped:
            ended = Ended(stopped=True)
        except BaseException as error:  # whatever a plugin raises, SystemExit included, ends this source only
            ended = Ended(error=self._redact(conduct.explain(self.source.adapter, error)))
        self.turn = None
        self.outbox.put((self, ended))

    def _pull_everything(self) -> None:
        adapter = self.adapter
        reading = [one for one in adapter.settings if not one.to_listen]
        settings = resolve(self.source, reading, self.store)
        self._redact = settings.redact
        with ExitStack() as stack:
            limits = adapter.limits
            http = None
            if limits is not None:
                http = stack.enter_context(closing(self.connect(limits, settings, self.patience)))
                if self.source.keep_raw:
                    http.event_hooks = {"response": [self._keep_raw]}
            for feed in adapter.feeds:
                if feed not in FEEDS:
                    raise Misbehaved(_("it declares a feed '{feed}', which there is not").format(feed=feed))
                self._feed, self._target = feed, ""
                targets = self._targets(settings, http)
                for number, target in enumerate(targets, 1):
                    self._target = target
                    self._pull_target(settings, http, Opened(feed, target, number, len(targets)))

    def _targets(self, settings: Settings, http: httpx.Client | None) -> list[str]:
        """What the adapter reads one by one in this feed; the whole feed for one that names nothing."""
        adapter = self.adapter
        if not isinstance(adapter, Targeted):
            return [""]
        found: dict[str, None] = {}

        def look() -> None:
            found.clear()
            for target in islice(adapter.targets(self._request(settings, http, None)), MAX_TARGETS + 1):
                found[conduct.target(target)] = None

        self._persist(look)
        if len(found) > MAX_TARGETS:
            raise Misbehaved(_("it names more than {most} targets").format(most=MAX_TARGETS))
        return list(found)

    def _pull_target(self, settings: Settings, http: httpx.Client | None, opened: Opened) -> None:
        """Read one target of a feed to its end, or say that it is gone or closed to us."""
        cursor = self._ask(opened)

        def read() -> None:
            nonlocal cursor
            with closing(self._pages(self._request(settings, http, cursor))) as pages:
                for page in pages:
                    self._hand_over(page)
                    cursor = page.cursor
                    self._tries = 1
                    if page.hold and self.dry_run:
                        break

        try:
            self._persist(read)
        except (Gone, Denied) as error:
            if not opened.target:
                raise
            self._warn(
                _("{feed} of {target}: {reason}").format(feed=_(opened.feed), target=opened.target, reason=told(error))
            )
        if self._rejects:
            self._report_rejects()

    def _request(self, settings: Settings, http: httpx.Client | None, cursor: str | None) -> Pull:
        return Pull(
            self._feed,
            settings,
            cursor,
            self.since,
            http,
            self._reject,
            self._warn,
            self._target,
            settings.redact.hide,
        )

    def _persist(self, attempt: Callable[[], None]) -> None:
        """Try what may fail for a while only, anew from the last page when the adapter calls it transient."""
        self._tries = 1
        while True:
            try:
                return attempt()
            except (Transient, JSONDecodeError, DecodeError) as raised:
                error = raised if isinstance(raised, Transient) else self._unreadable(raised)
                if error.retried or self._tries >= _TRIES:
                    raise error from raised.__cause__
                self._rejects.clear()  # of rows that are about to be read again
                self._wait(error, self._tries)
                self._tries += 1

    def _unreadable(self, error: Exception) -> Transient:
        """A server under maintenance says so in HTML: that passes. A file is as unreadable the next time."""
        text = _("{source}: the answer could not be read: {error}")
        transient = Transient(text.format(source=self.source.name, error=told(error)))
        transient.retried = self.adapter.limits is None
        return transient

    def _pages(self, pull: Pull) -> Generator[Ready, None, None]:
        """The adapter's pages, checked; its own generator is closed whatever happens."""
        progress = Progress()
        gate = Gate(now())
        pages: Any = self.adapter.pull(pull)
        try:
            for page in pages:
                ready = self._checked(page, gate)
                if progress.stuck(ready.records, ready.cursor or ""):
                    raise Misbehaved(_("its feed '{feed}' goes round in circles").format(feed=pull.feed))
                yield ready
        finally:
            if hasattr(pages, "close"):
                pages.close()

    def _checked(self, page: object, gate: Gate) -> Ready:
        page, found = conduct.checked(page)
        lines = conduct.lines(page, len(found))
        records, refused = gate.check_all(found)
        for place, error in sorted(refused.items()):
            line = lines[place] if lines else None
            value = self._shown(conduct.value_of(found[place], error.field))
            self._rejects.append(Reject(line, error.field, error.reason, value))
        if lines and refused:
            lines = [line for place, line in enumerate(lines) if place not in refused]
        rejects, self._rejects = self._rejects, []
        return Ready(self._feed, self._target, records, page.cursor, page.total, rejects, page.hold is True, lines)

    def _reject(self, row: Rejected) -> None:
        line = row.line if type(row.line) is int else None
        self._rejects.append(Reject(line, self._shown(row.column), self._shown(row.reason), self._shown(row.value)))
        if len(self._rejects) >= _REJECTS_AT_ONCE:
            self._report_rejects()

    def _report_rejects(self) -> None:
        rejects, self._rejects = self._rejects, []
        self._hand_over(Ready(self._feed, self._target, [], None, None, rejects))

    def _warn(self, text: str) -> None:
        text = self._shown(text)
        if text not in self._warned and len(self._warned) < MAX_WARNINGS:
            self._warned.add(text)
            self._tell(Warned(self.source.name, text))

    def _keep_raw(self, answer: httpx.Response) -> None:
        self._raw.append((str(answer.url), answer.content))

    def _hand_over_raw(self) -> None:
        """Pass answers on once the adapter has made a page of them: what was secret in them is known by now."""
        for url, body in self._raw:
            text = self._redact.blank(body.decode(errors="surrogateescape"))
            fetched = text.encode(errors="surrogateescape")
            self.outbox.put((self, Fetched(self._feed, self._target, self._redact(url), fetched)))
        self._raw.clear()

    def _tell(self, event: Event) -> None:
        self.outbox.put((self, Told(event)))

    def _hand_over(self, page: Ready) -> None:
        """Pass a page on, and wait while too many are waiting; raises Stopped when there is nothing more to do."""
        self.turn = None
        self.patience.check()
        self._hand_over_raw()
        self.outbox.put((self, page))
        self._ahead += page.weight
        room = 1 if page.hold else READ_AHEAD
        while self._ahead >= room or not self._taken.empty():
            self._ahead -= self._taken.get()
            self.patience.check()
        self._plugin_has_control()

    def _ask(self, question: Opened) -> str | None:
        """Hand a question over and wait for its answer; raises Stopped when there is nothing more to do."""
        self.turn = None
        self.patience.check()
        self.outbox.put((self, question))
        answer = self._answers.get()
        self.patience.check()
        self._plugin_has_control()
        return answer

    def _plugin_has_control(self) -> None:
        self.turn = (self.patience.monotonic(), self.patience.slept())

    def _wait(self, error: Transient, tries: int) -> None:
        asked = error.retry_after if isinstance(error, RateLimited) else None
        if asked is not None and asked > LONGEST_WAIT_S:
            raise error
        seconds = random.uniform(1, 4**tries) if asked is None else asked  # noqa: S311
        self.patience.wait(seconds, self._shown(told(error)))

    def _shown(self, value: object) -> str:
        """``value``, whatever a plugin took it for, as text fit to be shown."""
        text = value if isinstance(value, str) else f"<{type(value).__name__}>"
        return self._redact(text[:_LONGEST_SHOWN])
