"""Changing only what is still as the operator saw it: nobody overwrites what a colleague wrote meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import iso
from kolbench.domain.errors import Conflict
from kolbench.domain.lang import _

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from kolbench.store.changes import Act


def update(
    act: Act,
    entity: str,
    entity_id: int,
    values: Mapping[str, Any],
    was: Mapping[str, Any] | None,
    **along: Any,
) -> bool:
    """Change those columns of a row that differ, and then those of ``along`` too; whether any differed.

    Raises Conflict, and changes nothing, where one of them isn't what ``was`` says any more; what ``was`` leaves
    out, and everything without it, is changed whatever is there.
    """
    if not values:
        return False
    columns = ", ".join(values)
    row = act.db.execute(f"SELECT {columns} FROM {entity} WHERE id = ?", (entity_id,)).fetchone()
    current = dict(zip(values, row, strict=True))
    changed = {column: value for column, value in values.items() if value != current[column]}
    for column, mine in changed.items():
        if was is not None and column in was and was[column] != current[column]:
            raise conflict(act, entity, entity_id, column, was[column], current[column], mine)
    if changed:
        act.update(entity, entity_id, **changed, **along)
    return bool(changed)


def last_author(db: sqlite3.Connection, entity: str, entity_id: int) -> str | None:
    """Who wrote a row or changed it last; None for what no operator wrote."""
    query = "SELECT author FROM change_log WHERE entity = ? AND entity_id = ? AND undone_at IS NULL ORDER BY id DESC"
    found = db.execute(f"{query} LIMIT 1", (entity, entity_id)).fetchone()
    return found and str(found[0])


def conflict(act: Act, entity: str, entity_id: int | None, field: str, base: Any, theirs: Any, mine: Any) -> Conflict:
    """What to raise where ``field`` says ``theirs`` and not ``base``, as it did when ``mine`` was written."""
    found = act.db.execute(
        "SELECT author, at FROM change_log WHERE entity = ? AND entity_id = ? ORDER BY coalesce(undone_at, at) DESC,"
        " id DESC LIMIT 1",
        (entity, entity_id),
    ).fetchone()
    author, when = (found[0], iso(found[1])) if found else (_("A sync"), iso(act.at))
    text = _(
        "{who} changed {field} at {when}: it says '{theirs}' now, no longer '{base}', and you wrote '{mine}'."
        " Nothing was changed: look at both, and write again what is to stay."
    )
    return Conflict(
        text.format(who=author, field=field, when=when, theirs=_shown(theirs), base=_shown(base), mine=_shown(mine)),
        field,
        theirs,
        mine,
    )


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
