"""Who of a campaign belongs together: to a wave, to a community, below somebody."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import now

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence


class Members(NamedTuple):
    """A wave or a community, by number, with the participants in it; ``moment_at`` (ms) is when a wave is to post."""

    number: int
    name: str
    moment_at: int | None
    participants: Sequence[int]


class Alone(NamedTuple):
    """Those in no wave whom nobody brought, summed up: revenue less refunds, and how many came by them."""

    participants: int
    direct: int
    revenue: int
    commission: int
    invited: int


def waves(db: sqlite3.Connection, campaign_id: int) -> Iterator[Members]:
    """The waves of a campaign with who is in each."""
    rows = db.execute(
        "SELECT wave.no, wave.name, moment_at, participant.id FROM wave JOIN participant ON wave_id = wave.id"
        " WHERE wave.campaign_id = ? ORDER BY wave.no, participant.id",
        (campaign_id,),
    )
    return _grouped(rows.fetchall())


def communities(db: sqlite3.Connection, campaign_id: int) -> Iterator[Members]:
    """The communities in which we know participants of a campaign as members."""
    rows = db.execute(
        "SELECT DISTINCT community.id, coalesce(community.name, community.uid), NULL, participant.id FROM participant"
        " JOIN account ON account.creator_id = participant.creator_id"
        " JOIN membership ON membership.account_id = account.id JOIN community ON community.id = community_id"
        " WHERE participant.campaign_id = ? AND participant.creator_id IS NOT NULL ORDER BY 1, 4",
        (campaign_id,),
    )
    return _grouped(rows.fetchall())


def alone(db: sqlite3.Connection, campaign_id: int) -> Alone:
    """Those in no wave whom nobody brought, summed up."""
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in Alone._fields[1:])
    return Alone._make(db.execute(f"SELECT count(*), {sums} {_ALONE}", (campaign_id,)).fetchone())


def who_is_alone(db: sqlite3.Connection, campaign_id: int) -> list[int]:
    """Those in no wave whom nobody brought."""
    return [row[0] for row in db.execute(f"SELECT participant_id {_ALONE}", (campaign_id,))]


def still_to_post(db: sqlite3.Connection, campaign_id: int) -> dict[int, int]:
    """How many of each generation are of a wave whose moment is still to come, and have brought nothing so far."""
    rows = db.execute(
        "SELECT depth, count(*) FROM wave CROSS JOIN participant ON wave_id = wave.id"
        " CROSS JOIN participant_standing ON participant_id = participant.id"
        " WHERE wave.campaign_id = ? AND moment_at > ? AND direct = 0 AND invited = 0 GROUP BY 1",
        (campaign_id, now()),
    )
    return dict(rows.fetchall())


def children(db: sqlite3.Connection, participant_id: int, offset: int, limit: int) -> list[int]:
    """Who came by somebody, those who with everybody below brought most first."""
    rows = db.execute(
        "SELECT participant_id FROM participant_standing WHERE parent_id = ?"
        " ORDER BY (direct + indirect) DESC, participant_id LIMIT ? OFFSET ?",
        (participant_id, limit, offset),
    )
    return [row[0] for row in rows]


def came(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, int]:
    """How many came by each of these participants, at any time; who brought nobody is left out."""
    rows = db.execute(
        "SELECT parent_id, count(*) FROM participant_standing"
        " WHERE parent_id IN (SELECT value FROM json_each(?)) GROUP BY 1",
        (json.dumps(list(ids)),),
    )
    return dict(rows.fetchall())


def below(db: sqlite3.Connection, participant_id: int) -> list[tuple[int, int]]:
    """Everybody below somebody: (generation from 1 on, participant)."""
    rows = db.execute(
        "WITH RECURSIVE down(id, depth) AS (VALUES (?, 0) UNION ALL"
        " SELECT participant_id, down.depth + 1 FROM down CROSS JOIN participant_standing ON parent_id = down.id)"
        " SELECT depth, id FROM down WHERE depth > 0 ORDER BY 1",
        (participant_id,),
    )
    return rows.fetchall()


def tops(db: sqlite3.Connection, campaign_id: int, offset: int, limit: int) -> list[int]:
    """Those of a campaign whom nobody brought, those who with everybody below brought most first."""
    rows = db.execute(
        "SELECT participant_id FROM participant_standing WHERE campaign_id = ? AND parent_id IS NULL"
        " ORDER BY (direct + indirect) DESC, participant_id LIMIT ? OFFSET ?",
        (campaign_id, limit, offset),
    )
    return [row[0] for row in rows]


def of_tops(db: sqlite3.Connection, campaign_id: int) -> tuple[int, int]:
    """How many of a campaign nobody brought, and how many conversions they brought with everybody below."""
    row: tuple[int, int] = db.execute(
        "SELECT count(*), coalesce(sum(direct + indirect), 0) FROM participant_standing"
        " WHERE campaign_id = ? AND parent_id IS NULL",
        (campaign_id,),
    ).fetchone()
    return row


def way_up(db: sqlite3.Connection, participant_id: int) -> list[int]:
    """Somebody, by whom they came, by whom those did, and so on."""
    rows = db.execute(
        "WITH RECURSIVE up(id, step) AS (VALUES (?, 0) UNION ALL SELECT parent_id, step + 1 FROM up"
        " CROSS JOIN participant_standing ON participant_id = up.id WHERE parent_id IS NOT NULL)"
        " SELECT id FROM up ORDER BY step",
        (participant_id,),
    )
    return [row[0] for row in rows]


def generations(db: sqlite3.Connection, participant_id: int) -> list[tuple[int, int, int]]:
    """Those below somebody: (generation from 1 on, participants, their own conversions)."""
    rows = db.execute(
        "WITH RECURSIVE down(id, depth) AS (VALUES (?, 0) UNION ALL"
        " SELECT participant_id, down.depth + 1 FROM down CROSS JOIN participant_standing ON parent_id = down.id)"
        " SELECT down.depth, count(*), sum(direct) FROM down"
        " CROSS JOIN participant_standing ON participant_id = down.id WHERE down.depth > 0 GROUP BY 1",
        (participant_id,),
    )
    return rows.fetchall()


def sold_by_day(
    db: sqlite3.Connection, campaign_id: int, ids: Iterable[int], bounds: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """What participants sold between each two moments (ms): (participant, which interval from 0, conversions)."""
    return db.execute(
        "WITH day AS (SELECT key AS n, value AS start, (SELECT value FROM json_each(:bounds) WHERE key = one.key + 1)"
        " AS stop FROM json_each(:bounds) AS one)"
        " SELECT participant_id, n, count(*) FROM json_each(:ids) AS who CROSS JOIN day CROSS JOIN conversion"
        " ON campaign_id = :campaign AND participant_id = who.value AND state = 'counted' AND at >= start AND at < stop"
        " AND (refunded < amount OR amount = 0) WHERE stop IS NOT NULL GROUP BY 1, 2",
        {"campaign": campaign_id, "ids": json.dumps(list(ids)), "bounds": json.dumps(list(bounds))},
    )


def _grouped(rows: Iterable[tuple[int, str, int | None, int]]) -> Iterator[Members]:
    for (number, name, moment_at), members in groupby(rows, key=itemgetter(0, 1, 2)):
        yield Members(number, name, moment_at, [row[3] for row in members])


_ALONE = (
    "FROM participant_standing AS standing JOIN participant ON participant.id = participant_id"
    " WHERE standing.campaign_id = ? AND standing.parent_id IS NULL AND wave_id IS NULL"
)
