"""Tests against real servers: run by ``python3 dev.py e2e``, skipped in every other run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import atproto
from kolbench.store.connect import Store
from servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder; skip it unless it was asked for."""
    skip = pytest.mark.skip(reason="needs real servers: python3 dev.py e2e")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if not os.environ.get("KOLBENCH_E2E"):
                item.add_marker(skip)


@dataclass
class Workbench:
    """The real ``kolbench`` in processes of its own, on one store."""

    path: Path
    env: dict[str, str]

    def __call__(self, *args: object, code: int = 0) -> str:
        """What a command prints; it has to end with ``code``."""
        done = subprocess.run(
            self.command(*args), env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"{args} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *args: object) -> Any:
        """What a command prints with ``--json``."""
        return json.loads(self(*args, "--json"))

    def events(self, *args: object, code: int = 0) -> list[dict[str, Any]]:
        """The events of a sync."""
        return [json.loads(line) for line in self("sync", *args, "--json", code=code).splitlines()]

    def start(self, *args: object) -> subprocess.Popen[bytes]:
        """A command that goes on in the background, so that it can be killed."""
        null = subprocess.DEVNULL
        return subprocess.Popen(self.command(*args), env=self.env, stdin=null, stdout=null, stderr=null)

    def command(self, *args: object) -> list[str]:
        """The words of a command line."""
        return [sys.executable, "-m", "kolbench", *map(str, args)]

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the store holds."""
        store = Store.open(self.path)
        try:
            return [tuple(row) for row in store.reader().execute(sql, values).fetchall()]
        finally:
            store.close()

    def count(self, sql: str, *values: object) -> int:
        """The one number that ``sql`` finds."""
        return int(self.rows(sql, *values)[0][0])


@pytest.fixture
def workbench(tmp_path: Path) -> Workbench:
    """An empty store, and the commands on it, with nothing of the user's own configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOLBENCH_")}
    path = tmp_path / "kolbench.db"
    mine = {
        "KOLBENCH_STORE": str(path),
        "KOLBENCH_LANG": "en",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "NO_PROXY": "localhost,127.0.0.1",
    }
    return Workbench(path, {**kept, **mine})


@pytest.fixture(scope="session")
def network() -> Iterator[atproto.Network]:
    """A whole AT Protocol network with people in it: PLC, PDS and AppView."""
    with running(atproto.SERVER) as server:
        found = atproto.Network(server)
        with closing(found):
            found.seed()
            yield found
