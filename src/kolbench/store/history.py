"""What was written about one row of the store, by whom and when, and what it replaced."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kolbench.store.connect import Store


class Written(NamedTuple):
    """One change of one row (moments: ms): ``before`` is None where the row was made by it."""

    at: int
    author: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    undone_at: int | None


def of(store: Store, entity: str, limit: int = 50, **columns: int | str | None) -> list[Written]:
    """All that was written about the rows of a table that have these values, newest first; undone changes, too."""
    same = " AND ".join(f"mine.{column} IS ?" for column in columns)
    rows = store.reader().execute(
        "SELECT log.at, log.author, log.before, log.after, log.undone_at"
        f" FROM {entity} AS mine CROSS JOIN change_log AS log ON log.entity = ? AND log.entity_id = mine.id"
        f" WHERE {same} ORDER BY log.id DESC LIMIT ?",
        (entity, *columns.values(), limit),
    )
    return [
        Written(at, author, before and json.loads(before), json.loads(after), undone_at)
        for at, author, before, after, undone_at in rows.fetchall()
    ]
