"""Which operator looks after whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, conflicts, merges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.store.connect import Store


class Acted(NamedTuple):
    """The people who have another owner now, and those who had this one already."""

    changed: Sequence[int]
    unchanged: Sequence[int]


class Owner(NamedTuple):
    """An operator, and how many people they look after."""

    name: str
    people: int


def assign(
    store: Store,
    creator_ids: Iterable[int],
    owner: str | None,
    author: str,
    was: Mapping[int, str | None] | None = None,
) -> Acted:
    """Let an operator look after people, or nobody (None), in one act.

    ``was`` names who looked after whom as the operator saw it. Raises Conflict where that has been changed since,
    and UsageError when the name is empty or one of the people isn't there.
    """
    if owner is not None and not (owner := clean_line(owner, 80)):
        raise UsageError(_("Say who looks after them: the name is empty."))
    with changes.act(store, author, "own") as act:
        people = merges.require_all(act.db, creator_ids)
        before = act.db.execute(
            "SELECT id, owner FROM creator WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(people),)
        ).fetchall()
        had = {creator_id for creator_id, known in before if known == owner}
        for one, theirs in before:
            if was is not None and one not in had and was.get(one, theirs) != theirs:
                raise conflicts.conflict(act, "creator", one, "owner", was[one], theirs, owner)
        changed = [one for one in people if one not in had]
        act.update_all("creator", changed, owner=owner)
    return Acted(changed, [one for one in people if one in had])


def of(store: Store, creator_ids: Iterable[int]) -> dict[int, str]:
    """The operator who looks after each of these people, where somebody does."""
    rows = store.reader().execute(
        "SELECT creator.id, owner FROM json_each(?) AS wanted CROSS JOIN creator ON creator.id = wanted.value"
        " WHERE owner IS NOT NULL",
        (json.dumps(list(creator_ids)),),
    )
    return dict(rows.fetchall())


def working(store: Store) -> list[str]:
    """Who looks after somebody, was handed a follow-up or has ever done anything here, in the order of their names."""
    found = store.reader().execute(
        "SELECT owner FROM creator WHERE owner IS NOT NULL UNION SELECT owner FROM follow_up WHERE owner IS NOT NULL"
        " UNION SELECT author FROM change_log WHERE undone_at IS NULL ORDER BY 1"
    )
    return [row[0] for row in found.fetchall()]


def known(store: Store) -> list[Owner]:
    """The operators who look after somebody, those with most people first."""
    rows = store.reader().execute(
        "SELECT owner, count(*) AS people FROM creator WHERE owner IS NOT NULL"
        f" AND id NOT IN {merges.MERGED_AWAY} GROUP BY owner ORDER BY people DESC, owner"
    )
    return list(map(Owner._make, rows.fetchall()))
