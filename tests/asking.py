"""An adapter asked as a sync asks it: by the real HTTP client, before a server in memory, without ever waiting."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from kolbench.adapters.protocol import Adapter, Finding, Page, Pull, RateLimit, Rejected, Targeted, Tester
from kolbench.store import sources
from kolbench.sync import loop
from kolbench.sync.budgets import Budgets
from kolbench.sync.events import Warned
from kolbench.sync.http import Rules, client
from kolbench.sync.secrets import Redactor
from kolbench.sync.stop import Patience
from scripted import Clock, Waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from kolbench.domain.records import Record
    from kolbench.store.connect import Store
    from kolbench.store.sources import Source
    from kolbench.sync.loop import Outcome

R = TypeVar("R")

FREE = RateLimit(1_000_000, 1)


@dataclass
class Asking:
    """Asks ``adapter`` with ``settings``; ``server`` answers. What it warns of and rejects is kept."""

    adapter: Adapter
    server: Callable[[httpx.Request], httpx.Response]
    settings: dict[str, str]
    attempts: int = 2
    warned: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)

    def pull(self, feed: str, target: str = "", cursor: str | None = None, since: datetime | None = None) -> Pull:
        """A request as the host makes it, with a client of its own."""
        declared = self.adapter.settings
        settings = {one.name: one.default for one in declared if one.default is not None} | self.settings
        redact = Redactor([settings[one.name] for one in declared if one.secret and one.name in settings])
        http = self._client(redact, Waits(self.clock))
        told = self.rejected.append, self.warned.append
        return Pull(feed, settings, cursor, since, http, *told, target, redact.hide)

    def pages(
        self, feed: str, target: str = "", cursor: str | None = None, since: datetime | None = None
    ) -> list[Page]:
        """Every page of one target."""
        with self._asked(feed, target, cursor, since) as pull:
            return list(self.adapter.pull(pull))

    def records(self, feed: str, target: str = "", cursor: str | None = None) -> list[Record]:
        """Every record of one target."""
        return [record for page in self.pages(feed, target, cursor) for record in page.records]

    def targets(self, feed: str) -> list[str]:
        """What is read one by one in a feed."""
        assert isinstance(self.adapter, Targeted)
        with self._asked(feed) as pull:
            return list(self.adapter.targets(pull))

    def test(self) -> list[Finding]:
        """What ``kolbench source test`` would say."""
        assert isinstance(self.adapter, Tester)
        with self._asked("") as pull:
            return list(self.adapter.test(pull))

    def source(self, store: Store) -> Source:
        """The source in a store; its secrets come from the environment, as ever."""
        secrets = {one.name for one in self.adapter.settings if one.secret}
        kept = {name: value for name, value in self.settings.items() if name not in secrets}
        name = self.adapter.name
        return sources.find(store, name) or sources.add(store, name, name, self.adapter.platform, kept)

    def sync(self, store: Store, **options: Any) -> Outcome:
        """A whole sync into ``store``."""

        def hear(event: object) -> None:
            if isinstance(event, Warned):
                self.warned.append(event.message)

        with pytest.MonkeyPatch.context() as patch:
            # Before a source is tried again, the sync itself waits.
            patch.setattr(Patience, "_sleep", lambda patience, seconds: patience._ended.is_set())
            return loop.run(
                store,
                {self.adapter.name: self.adapter},
                [self.source(store)],
                loop.Options(**options),
                hear,
                connect=lambda limit, settings, patience: self._client(settings.redact, Waits(self.clock)),
            )

    @contextmanager
    def _asked(self, *asked: Any) -> Iterator[Pull]:
        pull = self.pull(*asked)
        assert pull.http
        with pull.http:
            yield pull

    def _client(self, redact: Redactor, patience: Patience) -> httpx.Client:
        return client(
            FREE,
            redact,
            shared=Budgets(self.clock),
            patience=patience,
            rules=Rules(attempts=self.attempts),
            inner=httpx.MockTransport(self.server),
        )


def of(records: Sequence[Record], kind: type[R]) -> list[R]:
    """The records of one kind."""
    return [record for record in records if isinstance(record, kind)]
