"""The columns of a table: what they show, how wide they are, and which of them fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kolbench.widgets.cells import Align, fit, unicode_terminal

GAP = 1
"""Cells between two columns."""


GUTTER = 2
"""Cells before the first column, for the cursor and the mark of a selected row."""


@dataclass(frozen=True)
class Column:
    """One column: ``key`` names it in messages, ``label`` heads it, ``width`` is in cells.

    ``at`` is the value's place in the row (by default its own place among the columns, after the key);
    ``render`` makes plain text of it. ``flex`` shares out spare cells by weight above ``width``.
    Where all do not fit, the column with the highest ``drop`` goes first; one with 0 never goes.
    """

    key: str
    label: str
    width: int
    align: Align = "left"
    render: Callable[[Any, Sequence[Any]], str] | None = None
    at: int | None = None
    flex: int = 0
    drop: int = 0
    sortable: bool = True


@dataclass(frozen=True)
class Placed:
    """A column that fits: the place of its value in a row, its first cell and its width."""

    column: Column
    at: int
    x: int
    width: int


def arrange(columns: Sequence[Column], width: int, start: int) -> tuple[Placed, ...]:
    """Place ``columns`` in ``width`` cells from cell ``start``: drop what does not fit, share what is spare."""
    numbered = [(column, index + 1 if column.at is None else column.at) for index, column in enumerate(columns)]
    room = width - start
    while _needed(numbered) > room:
        worst = max(numbered, key=lambda pair: (pair[0].drop, pair[1]), default=None)
        if worst is None or not worst[0].drop:
            break
        numbered.remove(worst)
    spare = max(0, room - _needed(numbered))
    weight = sum(column.flex for column, _at in numbered)
    placed: list[Placed] = []
    x = start
    for column, at in numbered:
        extra = spare * column.flex // weight if weight else 0
        spare, weight = spare - extra, weight - column.flex
        cells = min(column.width + extra, max(0, width - x))
        if not cells:
            break
        placed.append(Placed(column, at, x, cells))
        x += cells + GAP
    return tuple(placed)


def _needed(numbered: Sequence[tuple[Column, int]]) -> int:
    return sum(column.width for column, _at in numbered) + GAP * max(0, len(numbered) - 1)


def column_at(placed: Sequence[Placed], x: int) -> Column | None:
    """The column that covers cell ``x``, its gap included."""
    return next((p.column for p in placed if p.x <= x < p.x + p.width + GAP), None)


def gutter(under_cursor: bool, selected: bool) -> str:
    """What stands before a row: both marks are seen without colour."""
    pointer, mark = ("❯", "✓") if unicode_terminal() else (">", "*")
    return (pointer if under_cursor else " ") + (mark if selected else " ")


def heading(placed: Sequence[Placed], width: int, start: int, sort: tuple[str, bool] | None) -> str:
    """The header line: labels, and an arrow behind the one that orders the rows."""
    down, up = ("▾", "▴") if unicode_terminal() else ("v", "^")
    texts = []
    for place in placed:
        label = place.column.label
        if sort is not None and sort[0] == place.column.key:
            label = fit(label, min(len(label) * 2, place.width - 1)).rstrip() + (down if sort[1] else up)
        texts.append(fit(label, place.width, place.column.align))
    return _line(texts, width, start)


def line(placed: Sequence[Placed], row: Sequence[Any], width: int, start: int) -> str:
    """A row's cells behind the gutter, exactly ``width - start`` wide."""
    texts = []
    for place in placed:
        value = row[place.at]
        render = place.column.render
        texts.append(fit(value if render is None else render(value, row), place.width, place.column.align))
    return _line(texts, width, start)


def _line(texts: Sequence[str], width: int, start: int) -> str:
    return fit((" " * GAP).join(texts), max(0, width - start))
