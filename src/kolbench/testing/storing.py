"""A true sync into a store of its own: whether what an adapter yields can be kept, and is kept once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.adapters.conformance import Check
from kolbench.adapters.protocol import Page, Pull, Setting
from kolbench.domain.campaigns import Terms, check
from kolbench.domain.clock import iso, now
from kolbench.domain.lang import _
from kolbench.store import campaigns, sources
from kolbench.store.connect import Store
from kolbench.sync import loop
from kolbench.sync.events import Event, RowRejected
from kolbench.sync.secrets import variable

if TYPE_CHECKING:
    from kolbench.adapters.conformance import Read
    from kolbench.adapters.protocol import Adapter
    from kolbench.sync.pulling import Connect

NAME = "conformance"
"""What the source is called."""


@dataclass(frozen=True)
class Replay:
    """An adapter that yields once more what another has yielded."""

    name: str
    title: str
    platform: str
    pages: Mapping[str, Read]
    settings: tuple[Setting, ...] = ()
    limits = None

    @property
    def feeds(self) -> tuple[str, ...]:
        """Those that were read."""
        return tuple(self.pages)

    def targets(self, pull: Pull) -> list[str]:
        """Those that were read."""
        return list(self.pages[pull.feed])

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield the pages again, all of them."""
        yield from self.pages[pull.feed][pull.target]


@dataclass
class Syncs:
    """Syncs of one source into the store in ``folder``, all at the same moment by KOLbench's clock."""

    folder: Path
    adapter: Adapter
    settings: Mapping[str, str]
    connect: Connect | None = None

    def twice(self) -> Check:
        """Whether a second full sync changes nothing."""
        what = _("the same records again change nothing in a store")
        with self._store() as store:
            for full in (False, True):
                outcome, rejected = self._sync(store, full=full)
                if outcome.state != "done" or rejected:
                    return Check(what, False, rejected or outcome.sources[0].error or outcome.state)
        return Check(what, *_unchanged(outcome))

    def interrupted(self, failing: Connect) -> Check:
        """Whether a sync that fails by what ``failing`` connects to, and goes on later, leaves nothing out."""
        what = _("a sync that was interrupted goes on and loses nothing")
        with self._store() as store:
            self._sync(store, connect=failing)
            outcome, _rejected = self._sync(store)
            if outcome.state != "done":
                return Check(what, False, outcome.sources[0].error or outcome.state)
            outcome, _rejected = self._sync(store, full=True)
        return Check(what, *_unchanged(outcome))

    def _sync(self, store: Store, *, full: bool = False, connect: Connect | None = None) -> tuple[loop.Outcome, str]:
        """One sync; and why the first record was rejected, if one was."""
        adapter, rejected = self.adapter, ""

        def listen(event: Event) -> None:
            nonlocal rejected
            if isinstance(event, RowRejected):
                rejected = rejected or f"{event.feed}: {event.column}: {event.reason}"

        platform = adapter.platform or self.settings.get("platform", NAME)
        source = sources.find(store, NAME) or sources.add(store, NAME, adapter.name, platform, self._shown())
        options = loop.Options(full=full)
        connect = connect or self.connect
        return loop.run(store, {adapter.name: adapter}, [source], options, listen, connect=connect), rejected

    @contextmanager
    def _store(self) -> Iterator[Store]:
        declared = self.adapter.settings
        secrets = {variable(NAME, each.name): self.settings.get(each.name) for each in declared if each.secret}
        with _environment({"KOLBENCH_NOW": iso(now()), **secrets}):
            store = Store.open(self.folder / "kolbench.db")
            if name := self.settings.get("campaign"):  # which an operator has made before
                campaigns.save(store, check(Terms(name=name)), NAME)
            try:
                yield store
            finally:
                store.close()

    def _shown(self) -> dict[str, str]:
        secret = {each.name for each in self.adapter.settings if each.secret}
        return {name: value for name, value in self.settings.items() if name not in secret}


def _unchanged(outcome: loop.Outcome) -> tuple[bool, str]:
    counts = outcome.counts
    text = _("{new} new and {changed} changed the second time")
    return not (counts.new or counts.changed), text.format(new=counts.new, changed=counts.changed)


@contextmanager
def _environment(values: Mapping[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
