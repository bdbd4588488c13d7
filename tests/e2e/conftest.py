"""Tests against real servers: collected only where this folder is named, as ``python3 dev.py e2e`` does."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

import atproto
import synapse
from servers import running
from workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workbench(tmp_path: Path) -> Workbench:
    """An empty store, and the commands on it, with nothing of the user's own configuration."""
    return Workbench.within(tmp_path)


@pytest.fixture(scope="session")
def network() -> Iterator[atproto.Network]:
    """A whole AT Protocol network with people in it: PLC, PDS and AppView."""
    with running(atproto.SERVER) as server:
        found = atproto.Network(server)
        with closing(found):
            found.seed()
            yield found


@pytest.fixture(scope="session")
def homeserver() -> Iterator[synapse.Homeserver]:
    """A Synapse with a hundred people in three rooms, one of them encrypted."""
    with running(synapse.SERVER) as server:
        found = synapse.Homeserver(server)
        with closing(found):
            found.seed()
            yield found
