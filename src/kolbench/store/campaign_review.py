"""What the review of a campaign reads besides its standings: when it sold, at what cost, and who was expected to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import MINUTE, now

if TYPE_CHECKING:
    import sqlite3

QUARTER = 15 * MINUTE
"""Every zone's days begin at a whole number of these (ms)."""


class Quarter(NamedTuple):
    """What was sold in the quarter of an hour that begins at ``at`` (ms); revenue less refunds, in smallest units."""

    at: int
    conversions: int
    revenue: int


class Expected(NamedTuple):
    """Somebody of a wave: their score in a brief, from 0 to 100, and what they brought, with everybody below."""

    participant_id: int
    creator_id: int
    name: str
    wave: int
    score: float
    conversions: int
    revenue: int


def quarters(db: sqlite3.Connection, campaign_id: int) -> list[Quarter]:
    """When things were sold, in order; quarters in which nothing was are left out."""
    rows = db.execute(
        "SELECT at / ?2 * ?2, count(*), sum(max(amount - refunded, 0)) FROM conversion"
        " WHERE campaign_id = ?1 AND state = 'counted' AND (refunded < amount OR amount = 0) GROUP BY 1 ORDER BY 1",
        (campaign_id, QUARTER),
    )
    return list(map(Quarter._make, rows.fetchall()))


def joined(db: sqlite3.Connection, campaign_id: int) -> list[tuple[int, int]]:
    """When people began to take part, by quarters of an hour: (its beginning in ms, people)."""
    rows = db.execute(
        "SELECT coalesce(joined_at, referred_at, at) / ?2 * ?2, count(*) FROM participant WHERE campaign_id = ?1"
        " GROUP BY 1 ORDER BY 1",
        (campaign_id, QUARTER),
    )
    return rows.fetchall()


def costs(db: sqlite3.Connection, campaign_id: int) -> dict[str, int]:
    """What the ledger says is owed or was paid, by kind of entry, in the smallest unit; sums of zero are left out."""
    rows = db.execute(
        "SELECT kind, sum(amount) FROM commission_entry WHERE campaign_id = ? GROUP BY kind HAVING sum(amount) <> 0",
        (campaign_id,),
    )
    return dict(rows.fetchall())


def uncounted(db: sqlite3.Connection, campaign_id: int) -> dict[tuple[str, str], int]:
    """How many conversions don't count, by state and reason."""
    rows = db.execute(
        "SELECT state, coalesce(reason, ''), count(*) FROM conversion"
        " WHERE campaign_id = ? AND state IN ('quarantined', 'rejected') GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        (campaign_id,),
    )
    return {(state, reason): n for state, reason, n in rows}


def open_flags(db: sqlite3.Connection, campaign_id: int) -> dict[str, int]:
    """How many flags nobody has decided about, by severity."""
    rows = db.execute(
        "SELECT severity, count(*) FROM campaign_flag WHERE campaign_id = ? AND decision IS NULL GROUP BY 1",
        (campaign_id,),
    )
    return dict(rows.fetchall())


def fitting_brief(db: sqlite3.Connection, campaign_id: int) -> int | None:
    """The brief in which most people of the waves have a score, the newest of several; None where nobody has one."""
    found = db.execute(
        "SELECT brief_id FROM participant JOIN candidate ON candidate.creator_id = participant.creator_id"
        " WHERE campaign_id = ? AND wave_id IS NOT NULL GROUP BY brief_id"
        " ORDER BY count(*) DESC, brief_id DESC LIMIT 1",
        (campaign_id,),
    ).fetchone()
    return None if found is None else int(found[0])


def expected(db: sqlite3.Connection, campaign_id: int, brief_id: int) -> list[Expected]:
    """Everybody of the waves who has a score in a brief, the highest first.

    Who is still to post with their wave, and has brought nothing so far, is left out: nothing was expected of them yet.
    """
    rows = db.execute(
        "SELECT p.id, p.creator_id, coalesce(p.name, creator.name), wave.no, candidate.score,"
        " coalesce(direct + indirect, 0), coalesce(revenue + indirect_revenue, 0)"
        " FROM participant AS p JOIN wave ON wave.id = p.wave_id JOIN creator ON creator.id = p.creator_id"
        " JOIN candidate ON candidate.brief_id = ?2 AND candidate.creator_id = p.creator_id"
        " LEFT JOIN participant_standing AS standing ON standing.participant_id = p.id"
        " WHERE p.campaign_id = ?1 AND (coalesce(moment_at, 0) <= ?3 OR direct + indirect + invited > 0)"
        " ORDER BY candidate.score DESC, p.id",
        (campaign_id, brief_id, now()),
    )
    return list(map(Expected._make, rows.fetchall()))
