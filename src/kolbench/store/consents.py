"""How somebody who takes part more than once in a campaign, as was found out later, agreed to be named in public."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

_PRIVACY = "CASE {} WHEN 'full' THEN 0 WHEN 'masked' THEN 1 ELSE 2 END"

AGREED = (
    f"CASE (SELECT max({_PRIVACY.format('part.shown')}) FROM participant AS part"
    " WHERE part.creator_id = participant.creator_id AND part.campaign_id = participant.campaign_id)"
    " WHEN 0 THEN 'full' WHEN 1 THEN 'masked' WHEN 2 THEN 'hidden' ELSE participant.shown END"
)
"""SQL: how a ``participant`` may be shown. Who is hidden in one of their parts is named by none of them."""


class Part(NamedTuple):
    """Another participation of the same person in the same campaign."""

    id: int
    name: str


def parts(db: sqlite3.Connection, participant_ids: Iterable[int]) -> list[int]:
    """These participants, and all others that are the same people in the same campaign."""
    rows = db.execute(
        "SELECT value FROM json_each(?1) UNION SELECT other.id FROM json_each(?1) AS wanted"
        " CROSS JOIN participant AS one ON one.id = wanted.value"
        " JOIN participant AS other ON other.creator_id = one.creator_id AND other.campaign_id = one.campaign_id",
        (json.dumps(list(participant_ids)),),
    )
    return [row[0] for row in rows]


def others(db: sqlite3.Connection, participant_ids: Iterable[int]) -> dict[int, list[Part]]:
    """Who else in their campaign is the same person as each of these; who takes part once is left out."""
    rows = db.execute(
        "SELECT one.id, other.id, coalesce(other.name, other.ref) FROM json_each(?) AS wanted"
        " CROSS JOIN participant AS one ON one.id = wanted.value"
        " JOIN participant AS other ON other.creator_id = one.creator_id AND other.campaign_id = one.campaign_id"
        " WHERE other.id <> one.id ORDER BY other.id",
        (json.dumps(list(participant_ids)),),
    )
    found: dict[int, list[Part]] = {}
    for one, *other in rows:
        found.setdefault(one, []).append(Part._make(other))
    return found


def part(db: sqlite3.Connection, creator_ids: Sequence[int], since_act: int) -> None:
    """Take back what creators, who are about to be several people again, agreed to as one since an act.

    Nobody knows which of them said it: so none is shown by more of the name than they had agreed to by themselves.
    """
    rows = db.execute(
        "WITH together AS MATERIALIZED (SELECT id, campaign_id, shown FROM participant"
        "  WHERE creator_id IN (SELECT value FROM json_each(?1)))"
        " SELECT before.shown, together.id FROM together JOIN ("
        "  SELECT entity_id, before ->> 'shown' AS shown, min(id) FROM change_log WHERE entity = 'participant'"
        "  AND entity_id IN (SELECT id FROM together) AND action = 'consent' AND act > ?2 AND undone_at IS NULL"
        "  GROUP BY entity_id) AS before ON entity_id = together.id"
        f" WHERE {_PRIVACY.format('before.shown')} > {_PRIVACY.format('together.shown')}"
        " AND campaign_id IN (SELECT campaign_id FROM together GROUP BY 1 HAVING count(*) > 1)",
        (json.dumps(list(creator_ids)), since_act),
    ).fetchall()
    db.executemany("UPDATE participant SET shown = ? WHERE id = ?", rows)
