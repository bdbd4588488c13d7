"""The class that an author derives tests from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kolbench.sync.http import Rules
from kolbench.testing import faults
from kolbench.testing.bench import Bench, holds
from kolbench.testing.failing import Careful, Garbled, Refused
from kolbench.testing.reading import Declared, Reading
from kolbench.testing.server import Change
from kolbench.testing.storing import Syncs
from kolbench.testing.trial import Outcome

if TYPE_CHECKING:
    from kolbench.sync.pulling import Connect

MOST_INTERRUPTIONS = 10


class Stored(Bench):
    """What becomes of it in a true sync."""

    def test_a_store_keeps_it_once(self, tmp_path: Path) -> None:
        holds(self._syncs(tmp_path).twice())

    def test_a_sync_that_is_interrupted_goes_on(self, tmp_path: Path) -> None:
        requests = sum(len(self._read(feed).served) for feed in self._adapter().feeds)
        if not requests:
            pytest.skip("it asks no server")
        for number in range(0, requests, requests // MOST_INTERRUPTIONS + 1):
            (folder := tmp_path / str(number)).mkdir()
            failing = self._connect(faults.since(number, faults.status(503)), attempts=1)
            holds(self._syncs(folder).interrupted(failing))

    def _syncs(self, folder: Path) -> Syncs:
        trial = self._trial()
        for feed in trial.adapter.feeds:
            self._read(feed)
        return Syncs(folder, trial.adapter, trial.settings, self._connect())

    def _connect(self, change: Change | None = None, attempts: int = Rules.attempts) -> Connect:
        trial = self._trial()
        return lambda limit, settings, patience: trial.client(Outcome(""), settings.redact, change, attempts)


class AdapterConformance(Declared, Reading, Refused, Garbled, Careful, Stored):
    """Derive a class ``Test…`` from it, say what is read and what a server answers, and its tests are run.

    ``adapter`` is the adapter, an instance or its class. ``settings`` are those of a source, secrets included; what
    is not given gets its default or example, and secrets are made up. ``expected`` says for each feed how many
    different records of its kind the server has: ``{"profiles": 3, "posts": 7}``.

    The server is one of three: a method ``server(request)``, a dict ``answers`` (``"GET https://…"`` to an answer),
    or the file of a ``cassette``. It has to answer the same request in the same way each time, and to have more
    than one page of what comes in pages: with few items a page, a few dozen requests are enough. A server that
    remembers who has logged in is a class, ``server = MyServer``, of which each reading gets an instance to call.

    ``later(request)`` may answer like ``server`` some days later, when there is more, and ``expected_later`` say how
    much: then it is seen whether the next sync brings what is new.

    ``exempt`` leaves a test out and says why: ``{"paging_ends": "the platform numbers its pages"}``.
    """
