"""Why people are not on the list of a brief: what it asks of them, and whom it leaves out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kolbench.analysis.candidacy import CONDITIONS, asked
from kolbench.store import briefs, filters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kolbench.store.connect import Store


def absences(store: Store, brief_id: int, creator_ids: Iterable[int]) -> dict[int, list[str]]:
    """The settings of a brief, by name, that keep people off its list; whom none keeps off is left out.

    About whom something was decided for it, they may be otherwise than it asks (``who``), but not whom it excludes.
    """
    db, ids = store.reader(), json.dumps(list(creator_ids))
    found: dict[int, list[str]] = {}
    decided = "EXISTS (SELECT 1 FROM decision WHERE brief_id = :brief AND decision.creator_id = standing.creator_id)"
    for name, value in asked(briefs.brief(store, brief_id).who).items():
        query = (
            "SELECT standing.creator_id FROM json_each(:ids) AS wanted"
            " CROSS JOIN standing ON standing.creator_id = wanted.value"
            f" WHERE ({CONDITIONS[name]}) IS NOT TRUE AND NOT {decided}"
        )
        for (creator_id,) in db.execute(query, {"ids": ids, "brief": brief_id, name: value}):
            found.setdefault(creator_id, []).append(name)
    queries, values = filters.exclusions(db, brief_id)
    for name, query in queries.items():
        gone = f"SELECT value FROM json_each(:ids) WHERE value IN {query}"
        for (creator_id,) in db.execute(gone, {**values, "ids": ids}):
            found.setdefault(creator_id, []).append(name)
    return found
