"""The indexes of a table of standings: away while most of its rows are written, then built one at a time."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.store.connect import Store

_INDEX = r"^CREATE INDEX (\w+)\s+ON {table}\s+\([^;]*;$"
STANDING = "standing"


def indexed(store: Store, table: str = STANDING) -> bool:
    """Whether all indexes are there. They aren't while they are dropped, and after that was killed or stopped."""
    return not _missing(store, table)


def drop_indexes(store: Store, table: str = STANDING) -> None:
    """Take the indexes away: rows go in five times as fast, and every list has to be sorted when it is read."""
    with store.writing() as db:
        for name in _indexes(table):
            db.execute(f"DROP INDEX IF EXISTS {name}")


def build_indexes(store: Store, table: str = STANDING) -> Iterator[str]:
    """Build what is missing, naming each when it is there. Others can write in between, and it may stop there.

    One takes about a second a million rows.
    """
    for name in _missing(store, table):
        with store.writing() as db:
            db.execute(_indexes(table)[name].replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1))
        yield name


def _missing(store: Store, table: str) -> list[str]:
    rows = store.reader().execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", (table,))
    found = {row[0] for row in rows}
    return [name for name in _indexes(table) if name not in found]


@cache
def _indexes(table: str) -> dict[str, str]:
    """Each by its name, as the schema makes it."""
    script = files("kolbench.store").joinpath("schema.sql").read_text("utf-8")
    return {found[1]: found[0] for found in re.finditer(_INDEX.format(table=table), script, re.MULTILINE)}
