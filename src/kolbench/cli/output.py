"""What commands print: tables that fit the terminal, and JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from rich.cells import cell_len

from kolbench.adapters.aside import stdout
from kolbench.cli.parser import columns
from kolbench.domain.clock import iso, now
from kolbench.domain.text import clean_text
from kolbench.widgets.cells import Align, fit, steady

if TYPE_CHECKING:
    from argparse import Namespace

Found = TypeVar("Found")

GAP = "  "
NARROWEST = 12
"""A yielding column is cut to this many cells before others are left out."""


@dataclass(frozen=True)
class Column:
    """One column of a table; ``yields`` lets it be cut when the terminal is too narrow for all."""

    title: str
    align: Align = "left"
    yields: bool = False


def say(text: str = "") -> None:
    """Print one line of ours, or several."""
    stdout().write(text + "\n")


def warn(text: str) -> None:
    """Tell the operator something beside the output, on stderr, without control characters."""
    sys.stderr.write(clean_text(text) + "\n")


def printable(text: object) -> str:
    """Text from anywhere on one line, without control characters, as wide as the terminal will think."""
    return "" if text is None else steady(str(text))


def show_table(table: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their headings, as wide as the terminal at most; whole where the output is no terminal.

    The last columns are left out when not all have room.
    """
    cells = [[printable(value) for value in row] for row in rows]
    widths = [max(map(cell_len, [column.title, *(row[i] for row in cells)])) for i, column in enumerate(table)]
    if sys.stdout.isatty():
        widths = _narrowed(widths, table, columns())
    for row in [[column.title for column in table], *cells]:
        line = GAP.join(fit(value, width, column.align) for value, width, column in zip(row, widths, table))
        say(line.rstrip())


def answer(args: Namespace, facts: object, text: str) -> int:
    """Say what a command did: its facts with ``--json``, else one line in words. Returns the exit code 0."""
    if args.json:
        show_json(facts)
    else:
        say(printable(text))
    return 0


def show_found(
    args: Namespace,
    found: Sequence[Found],
    table: Sequence[Column],
    row: Callable[[Found], Sequence[object]],
    *,
    empty: str = "",
    facts: Callable[[Found], object] | None = None,
) -> int:
    """List what a command found: its ``facts`` (all of them) with ``--json``, else a table with a ``row`` of each.

    Where nothing was, ``empty`` says so instead of a table without rows. Returns the exit code 0.
    """
    if args.json:
        show_json([fields(one) if facts is None else facts(one) for one in found])
    elif found or not empty:
        show_table(table, map(row, found))
    else:
        say(empty)
    return 0


def show_json(value: object) -> None:
    """Print one JSON document, indented."""
    say(_json(value, indent=2))


def show_json_line(value: Mapping[str, object]) -> None:
    """Print one JSON object on a line of its own, an event with its time; whoever reads along has it at once."""
    if "event" in value:
        value = {"event": value["event"], "at": iso(now()), **value}
    say(_json(value))
    stdout().flush()


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts for programs: moments (``at``, ``…_at``, ``…_until``) as ISO 8601 instead of milliseconds."""
    return {
        name: iso(value) if f"_{name}".endswith(("_at", "_until")) and value is not None else value
        for name, value in facts.items()
    }


def fields(one: Any) -> dict[str, Any]:
    """Every field of a named tuple for programs."""
    return plain(one._asdict())


def _json(value: object, indent: int | None = None) -> str:
    ascii_only = (stdout().encoding or "").lower().replace("-", "") != "utf8"
    return json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=vars)


def _narrowed(widths: list[int], table: Sequence[Column], room: int) -> list[int]:
    """The widths that fit: of the first columns that can, the widest yielding one cut again and again."""
    least = [min(width, NARROWEST) if column.yields else width for width, column in zip(widths, table, strict=True)]
    kept = len(widths)
    while kept > 1 and sum(least[:kept]) + len(GAP) * (kept - 1) > room:
        kept -= 1
    widths = widths[:kept]
    yielding = [i for i in range(kept) if table[i].yields]
    while yielding and sum(widths) + len(GAP) * (kept - 1) > room:
        widest = max(yielding, key=widths.__getitem__)
        if widths[widest] <= 1:
            break
        widths[widest] -= 1
    return widths
