"""JSON Lines as rows: one object a line, nested objects flattened to dotted names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kolbench.adapters.protocol import Rejected
from kolbench.adapters.tables.lines import LONGEST, Lines
from kolbench.domain.lang import _

DEEPEST = 4
"""Levels of nesting that become dotted names; what lies deeper is not read."""

COLUMNS = 1_000
"""Names read from the sample; more are not."""

Cells = list[str]


def is_object(line: str) -> bool:
    """Whether a line holds one JSON object."""
    try:
        return bool(_object(line))
    except ValueError:
        return False


def names_in(lines: Iterable[str]) -> tuple[str, ...]:
    """The dotted names in these lines, in order of first sight."""
    names: dict[str, None] = {}
    for line in lines:
        try:
            names.update(dict.fromkeys(_flat(_object(line))))
        except ValueError:
            continue
    return tuple(names)[:COLUMNS]


class JsonRows:
    """The rows of a JSON Lines file as texts, in the order of ``names``; ``line`` is the line of the current one."""

    def __init__(self, lines: Lines, names: tuple[str, ...], reject: Callable[[Rejected], None]) -> None:
        self._lines = lines
        self._names = names
        self._reject = reject
        self.line = 0
        self.short = 0

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._lines.share

    def __iter__(self) -> Iterator[Cells]:
        names = self._names
        for block in self._lines.blocks():
            for line in block:
                self.line += 1
                if not line or line.isspace():
                    continue
                try:
                    cells = _flat(_object(line))
                except ValueError as why:
                    self._reject(Rejected(self.line, "", str(why), line[:80]))
                else:
                    yield [cells.get(name, "") for name in names]


def _object(line: str) -> Mapping[str, Any]:
    """The object that a line holds. Raises ValueError with a few words on why there is none."""
    if len(line) > LONGEST:
        raise ValueError(_("a line longer than {n} characters").format(n=LONGEST))
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(_("not a JSON object")) from None
    if not isinstance(found, dict):
        raise ValueError(_("not a JSON object"))
    return found


def _flat(found: Mapping[str, Any], prefix: str = "", depth: int = 1) -> dict[str, str]:
    """``{"user": {"id": 7}}`` as ``{"user.id": "7"}``; lists of plain values are joined by commas."""
    cells: dict[str, str] = {}
    for name, value in found.items():
        if isinstance(value, str):
            cells[prefix + name] = value
        elif isinstance(value, dict):
            if depth < DEEPEST:
                cells.update(_flat(value, f"{prefix}{name}.", depth + 1))
        elif isinstance(value, list):
            cells[prefix + name] = ", ".join(str(item) for item in value if isinstance(item, str | int | float))
        elif value is not None:
            cells[prefix + name] = str(value)
    return cells
