"""Running commands inside the test's own process, as ``main`` would be run by the installed script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kolbench.cli.main import main

if TYPE_CHECKING:
    import pytest

NOW = "2026-06-01T12:00:00+00:00"


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Commands:
    """``kolbench("candidates", "--json")`` runs a command and returns what came of it."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: object) -> Ran:
        self._capsys.readouterr()
        try:
            code = main([str(arg) for arg in args])
        except SystemExit as ended:  # argparse's own way to end after --help
            code = int(ended.code or 0)
        said = self._capsys.readouterr()
        return Ran(code, said.out, said.err)
