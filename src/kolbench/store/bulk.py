"""Many rows at once: a hundred to a statement, which costs a third less than one each."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

TOGETHER = 100
"""Rows of one statement; SQLite allows 32,766 values in it."""


def insert(db: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows that are known to be new."""
    whole = len(rows) - len(rows) % TOGETHER
    statement = _statement(table, tuple(columns), TOGETHER)
    for start in range(0, whole, TOGETHER):
        db.execute(statement, tuple(chain.from_iterable(rows[start : start + TOGETHER])))
    db.executemany(_statement(table, tuple(columns), 1), rows[whole:])


@cache
def _statement(table: str, columns: tuple[str, ...], rows: int) -> str:
    marks = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([marks] * rows)}"
