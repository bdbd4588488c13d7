"""Readings with an adapter against a scripted server, each with what came of it and what the adapter did meanwhile."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from kolbench.adapters.conformance import Check, Read, Reader, explained, records, resumed
from kolbench.adapters.protocol import Adapter, Finding, Page, Pull, Rejected, Tester
from kolbench.domain.errors import Denied, Gone, SourceError
from kolbench.sync.budgets import Budgets
from kolbench.sync.http import Rules, client
from kolbench.sync.secrets import Redactor, Settings
from kolbench.testing.server import Change, Enough, Scripted, Server
from kolbench.testing.waiting import Clock, Waits
from kolbench.testing.watching import watched

_MOST_POSITIONS = 8


@dataclass
class Outcome:
    """What came of one reading.

    ``error`` is what left the adapter and ended the reading, at ``target``; ``remarks`` are the targets that were
    gone or denied. ``served`` is what the server was asked, ``sent`` what the adapter asked for, also in vain.
    ``offences`` are pairs of a kind and a sentence, see ``watched``.
    """

    feed: str
    found: Read = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    error: BaseException | None = None
    target: str = ""
    remarks: list[SourceError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)
    served: list[httpx.Request] = field(default_factory=list)
    sent: list[httpx.Request] = field(default_factory=list)
    protected: list[str] = field(default_factory=list)
    offences: list[tuple[str, str]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        """Whether nobody was told of anything."""
        return self.error is None and not (self.remarks or self.warnings or self.rejects)

    def note(self, kind: str, sentence: str) -> None:
        """Note something that it must not do."""
        self.offences.append((kind, sentence))

    def last_cursor(self) -> str | None:
        """Where the target that was being read goes on."""
        pages = self.found.get(self.target)
        return pages[-1].cursor if pages else None

    def told(self) -> Iterator[tuple[str, str]]:
        """Every text that leaves the adapter, with the place it is found in."""
        for error in [self.error, *self.remarks]:
            if error is not None:
                yield f"the message of {type(error).__name__}", str(error)
        for text in self.warnings:
            yield "a warning", text
        for finding in self.findings:
            yield "a finding", finding.text
        for row in self.rejects:
            yield "a rejected row", f"{row.column} {row.reason} {row.value}"
        for pages in self.found.values():
            for page in pages:
                yield "a cursor", str(page.cursor)
        for record in records(self.found):
            yield f"a {type(record).__name__}", repr(record)


@dataclass(frozen=True)
class Trial:
    """An adapter, the settings of a source, and the server it reads; ``server`` makes a new one for each reading."""

    adapter: Adapter
    settings: Mapping[str, str]
    server: Callable[[], Server]

    @property
    def secrets(self) -> dict[str, str]:
        """The settings that are secret, with their values."""
        return {
            each.name: self.settings[each.name]
            for each in self.adapter.settings
            if each.secret and self.settings.get(each.name)
        }

    def read(
        self,
        feed: str,
        change: Change | None = None,
        *,
        only: str | None = None,
        cursor: str | None = None,
        since: datetime | None = None,
        attempts: int = 1,
        enough: int | None = None,
    ) -> Outcome:
        """Read a feed as a sync would, or the target ``only`` from ``cursor`` on, while ``change`` befalls the answers.

        The client tries each request ``attempts`` times. After ``enough`` requests the reading ends.
        """

        outcome = Outcome(feed)

        def read(reader: Reader) -> None:
            for target in reader.targets(feed) if only is None else [only]:
                outcome.target = target
                outcome.found[target] = []
                try:
                    for page in reader.pages(feed, target, cursor):
                        outcome.found[target].append(page)
                except (Gone, Denied) as error:
                    if not target:
                        raise
                    outcome.remarks.append(error)

        return self._run(outcome, read, change, since=since, attempts=attempts, enough=enough)

    def test(self, change: Change | None = None) -> Outcome:
        """Ask the adapter what its credentials allow; one that is no Tester finds nothing."""

        outcome = Outcome("")

        def ask(reader: Reader) -> None:
            if isinstance(self.adapter, Tester):
                outcome.findings.extend(self.adapter.test(reader.pull))

        return self._run(outcome, ask, change)

    def resumed(self, feed: str, found: Read) -> Check:
        """Whether going on from a cursor brings everything behind it."""
        with self._reader(Outcome(feed)) as reader:
            try:
                return resumed(reader, feed, found)
            except Exception as error:
                return Check(f"{feed}: goes on from every cursor", False, explained(error))

    def closed(self, feed: str, target: str) -> Outcome:
        """Take a page of a target, and want no more."""
        outcome = Outcome(feed)

        def look(reader: Reader) -> None:
            pages = reader.pages(feed, target)
            next(pages, None)
            pages.close()

        return self._run(outcome, look)

    def first_pages(self, feed: str, times: int) -> list[list[Page]]:
        """The pages of the feed's first target, read ``times`` over by as many readings that take turns."""
        outcome = Outcome(feed)
        with ExitStack() as stack:
            readers = [stack.enter_context(self._reader(outcome)) for _time in range(times)]
            target = readers[0].targets(feed)[0]
            turns = [(reader.pages(feed, target), list[Page]()) for reader in readers]
            done = 0
            while done < times:
                done = 0
                for pages, taken in turns:
                    page = next(pages, None)
                    if page is None:
                        done += 1
                    else:
                        taken.append(page)
            return [taken for _pages, taken in turns]

    def client(
        self,
        outcome: Outcome,
        redact: Redactor,
        change: Change | None = None,
        attempts: int = Rules.attempts,
        enough: int | None = None,
    ) -> httpx.Client:
        """A client like a sync's, whose network is the server and whose waits take no time."""
        assert self.adapter.limits
        clock = Clock()
        waits = Waits(clock)
        outcome.waits = waits.waits
        http = client(
            self.adapter.limits,
            redact,
            shared=Budgets(clock),
            patience=waits,
            rules=Rules(attempts=attempts),
            inner=Scripted(self.server(), change, enough, outcome.served),
        )
        http.event_hooks = {"request": [outcome.sent.append]}
        return http

    def _run(
        self, outcome: Outcome, work: Callable[[Reader], None], change: Change | None = None, **how: Any
    ) -> Outcome:
        """Do ``work``, and note what it raises and what it must not do."""
        module = type(self.adapter).__module__
        with watched(module, outcome.note), self._reader(outcome, change, **how) as reader:
            try:
                work(reader)
            except Enough:
                pass
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # SystemExit too is something that an adapter must not raise
                outcome.error = error
        return outcome

    @contextmanager
    def _reader(
        self,
        outcome: Outcome,
        change: Change | None = None,
        since: datetime | None = None,
        attempts: int = 1,
        enough: int | None = None,
    ) -> Iterator[Reader]:
        settings = Settings(self.settings, self.secrets)

        def protect(token: str) -> None:
            outcome.protected.append(token)
            settings.redact.hide(token)

        with ExitStack() as stack:
            http = None
            if self.adapter.limits is not None:
                http = stack.enter_context(self.client(outcome, settings.redact, change, attempts, enough))
            pull = Pull(
                outcome.feed,
                settings,
                since=since,
                http=http,
                reject=outcome.rejects.append,
                warn=outcome.warnings.append,
                protect=protect,
            )
            yield Reader(self.adapter, pull)


def positions(outcome: Outcome) -> list[int]:
    """The numbers of the requests that are worth a fault: all, or the first of each kind, and the last."""
    if len(outcome.served) <= _MOST_POSITIONS:
        return list(range(len(outcome.served)))
    first: dict[object, int] = {}
    for number, request in enumerate(outcome.served):
        path = re.sub(r"[^/]*\d[^/]*", "#", request.url.path)
        first.setdefault((request.method, request.url.host, path), number)
    found = list(first.values())[: _MOST_POSITIONS - 1]
    return sorted({*found, len(outcome.served) - 1})


def of_one_target(outcome: Outcome) -> list[int]:
    """The numbers of the requests that were made for one target alone, of several; logging in is for all."""
    if len(outcome.found) < 2:
        return []
    made = Counter(map(same, outcome.served))
    return [number for number, request in enumerate(outcome.served) if made[same(request)] == 1]


def same(request: httpx.Request) -> tuple[object, ...]:
    """By what two requests are the same."""
    return request.method, str(request.url), request.content


def leaks(outcome: Outcome, secrets: Mapping[str, str]) -> list[str]:
    """Where a secret stands in what left the adapter; ``secrets`` by name, those it protected besides."""
    names = {value: name for name, value in secrets.items()} | dict.fromkeys(outcome.protected, "a protected token")
    find = Redactor(names).secrets_in
    return [f"{names[secret]} stands in {place}" for place, text in outcome.told() for secret in find(text)]
