"""What operators know of a person, field by field: archetype, personality, time zone, what they can bring."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.facts import FIELDS, checked
from kolbench.store import changes, conflicts, merges

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kolbench.store.connect import Store


class Fact(NamedTuple):
    """What a field says, and who wrote it when (ms)."""

    field: str
    value: str
    author: str
    at: int


def of(store: Store, creator_id: int) -> list[Fact]:
    """What is known of a person, in the order of ``domain.facts.FIELDS``."""
    rows = store.reader().execute(
        "SELECT field, value, author, at FROM fact WHERE creator_id = ? AND removed_at IS NULL", (creator_id,)
    )
    places = {field: place for place, field in enumerate(FIELDS)}
    return sorted(map(Fact._make, rows.fetchall()), key=lambda fact: places[fact.field])


def values(store: Store, creator_ids: Iterable[int], fields: Collection[str]) -> dict[int, dict[str, str]]:
    """What these fields say of each of these people, where they say anything."""
    rows = store.reader().execute(
        "SELECT creator_id, field, fact.value FROM json_each(?1) AS wanted CROSS JOIN fact"
        " ON creator_id = wanted.value AND field IN (SELECT value FROM json_each(?2)) WHERE removed_at IS NULL",
        (json.dumps(list(creator_ids)), json.dumps(list(fields))),
    )
    found: dict[int, dict[str, str]] = {}
    for creator_id, field, value in rows:
        found.setdefault(creator_id, {})[field] = value
    return found


def edit(
    store: Store, creator_id: int, written: Mapping[str, str], author: str, was: Mapping[str, str] | None = None
) -> list[str]:
    """Write fields, in one act, and return those that say something else now; an empty text removes what one says.

    ``was`` are the values that the operator saw (empty: none). Raises Conflict where one of them has been changed
    since, and UsageError for an unknown field, a value that doesn't fit, and when there is no such person.
    """
    wanted = {field: checked(field, text) for field, text in written.items()}
    changed = []
    with changes.act(store, author, "edit") as act:
        creator_id = merges.require(act.db, creator_id)
        rows = act.db.execute("SELECT field, id, value, removed_at FROM fact WHERE creator_id = ?", (creator_id,))
        known = {field: row for field, *row in rows.fetchall()}
        for field, mine in wanted.items():
            fact_id, value, removed_at = known.get(field, (None, "", None))
            theirs = value if removed_at is None else ""
            if mine == theirs:
                continue
            if was is not None and field in was and was[field] != theirs:
                raise conflicts.conflict(act, "fact", fact_id, field, was[field], theirs, mine)
            changed.append(field)
            if fact_id is None:
                act.insert("fact", creator_id=creator_id, field=field, value=mine, author=author, at=act.at)
            elif mine:
                act.update("fact", fact_id, value=mine, author=author, at=act.at, removed_at=None)
            else:
                act.update("fact", fact_id, removed_at=act.at)
    return changed
