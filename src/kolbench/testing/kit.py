"""The class that an author derives tests from."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from kolbench.adapters.protocol import RateLimit
from kolbench.sync.secrets import Settings
from kolbench.sync.stop import Patience
from kolbench.testing.bench import Bench, holds
from kolbench.testing.failing import Careful, Garbled, Refused
from kolbench.testing.reading import Declared, Reading
from kolbench.testing.storing import Syncs
from kolbench.testing.trial import Outcome


class Stored(Bench):
    """What becomes of it in a true sync."""

    def test_a_store_keeps_it_once(self, tmp_path: Path) -> None:
        holds(self._syncs(tmp_path).twice())

    @pytest.mark.parametrize("pages", [1, 2, 5])
    def test_a_sync_that_is_interrupted_goes_on(self, tmp_path: Path, pages: int) -> None:
        holds(self._syncs(tmp_path).interrupted(pages))

    def _syncs(self, folder: Path) -> Syncs:
        trial = self._trial()
        for feed in trial.adapter.feeds:
            self._read(feed)

        def connect(limit: RateLimit, settings: Settings, patience: Patience) -> httpx.Client:
            return trial.client(Outcome(""), settings.redact)

        return Syncs(folder, trial.adapter, trial.settings, connect)


class AdapterConformance(Declared, Reading, Refused, Garbled, Careful, Stored):
    """Derive a class ``Test…`` from it, say what is read and what a server answers, and its tests are run.

    ``adapter`` is the adapter, an instance or its class. ``settings`` are those of a source, secrets included; what
    is not given gets its default or example, and secrets are made up. ``expected`` says for each feed how many
    different records of its kind the server has: ``{"profiles": 3, "posts": 7}``.

    The server is one of three: a method ``server(request)``, a dict ``answers`` (``"GET https://…"`` to an answer),
    or the file of a ``cassette``. It has to answer the same request in the same way each time, and to have more
    than one page of what comes in pages: with few items a page, a few dozen requests are enough.

    ``exempt`` leaves a test out and says why: ``{"paging_ends": "the platform numbers its pages"}``.
    """
