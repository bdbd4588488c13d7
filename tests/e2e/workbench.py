"""The installed ``kolbench``, as a person or cron would run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kolbench.store.connect import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass
class Workbench:
    """The real ``kolbench`` in processes of its own, on one store."""

    path: Path
    env: dict[str, str]

    @classmethod
    def within(cls, folder: Path) -> Workbench:
        """One whose store, not there yet, is in a folder, with nothing of the user's own configuration."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KOLBENCH_")}
        path = folder / "kolbench.db"
        mine = {
            "KOLBENCH_STORE": str(path),
            "KOLBENCH_LANG": "en",
            "XDG_CONFIG_HOME": str(folder / "config"),
            "NO_PROXY": "localhost,127.0.0.1",
        }
        return cls(path, {**kept, **mine})

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

    def kill_when(self, ready: Callable[[], bool], *args: object, patience_s: float = 300) -> bool:
        """Start a command and kill it (as kill -9 does) when ``ready`` says so; whether it was still running."""
        process = self.start(*args)
        deadline = time.monotonic() + patience_s
        while process.poll() is None and time.monotonic() < deadline and not (self.path.exists() and ready()):
            time.sleep(0.02)
        alive = process.poll() is None
        process.kill()
        process.wait()
        return alive
