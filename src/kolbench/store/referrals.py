"""Who came by whom: dated referrals that are never rewritten, and the one of each participant that is in force.

In force for somebody is the newest correction, else the first referral; an edge that would close a circle is not, nor
one between two participants who are one person. Of several that close one, it is the order of their moments that
decides, corrections first, so that it doesn't matter in which order they were told.
"""

from __future__ import annotations

import json
from array import array
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from kolbench.store.connect import Store

T = TypeVar("T")

FEW = 2_000
"""So many participants are placed one by one; more at once, with all referrals of their campaign in their order."""

_TOGETHER = 10_000

Aside = Literal["self-referral", "circular"]
"""Why a referral can't be in force: both are one person, or it would close a circle."""

_TOLD = (
    "referral_edge AS edge JOIN participant AS child ON child.id = edge.child_id"
    " LEFT JOIN participant AS named ON named.id = edge.parent_id LEFT JOIN referral_code AS code"
    " ON code.campaign_id = edge.campaign_id AND code.code = coalesce(edge.code, named.maybe_code)"
    " LEFT JOIN participant AS parent ON parent.id = coalesce(code.participant_id, edge.parent_id)"
)
_OWN = "coalesce(edge.own OR child.id = parent.id OR child.creator_id = parent.creator_id, FALSE)"
_AMONG_EQUALS = "edge.place IS NULL, edge.place, child.ref, parent.ref, edge.id"
_EDGES = (
    "SELECT edge.id, edge.child_id, parent.id AS parent_id, edge.at,"
    f" edge.author IS NOT NULL, {_OWN}, edge.aside FROM {_TOLD}"
    " WHERE {which} AND edge.undone_at IS NULL AND CASE WHEN edge.author IS NULL THEN parent.id IS NOT NULL"
    " ELSE edge.id = (SELECT max(id) FROM referral_edge WHERE child_id = edge.child_id AND author IS NOT NULL"
    " AND undone_at IS NULL) END"
    f" ORDER BY edge.author IS NULL, iif(edge.author IS NULL, edge.at, edge.id), {_AMONG_EQUALS}"
)
"""Referrals that may be in force, in the order in which they are looked at."""


class Edge(NamedTuple):
    """One referral: ``parent_id`` is None where a correction says that nobody referred them. Moments are ms.

    ``author`` and ``reason`` are those of a correction.
    """

    id: int
    child_id: int
    parent_id: int | None
    code: str | None
    at: int
    author: str | None
    reason: str | None
    noted_at: int
    undone_at: int | None
    aside: Aside | None


def correct(
    store: Store, child_id: int, parent_id: int | None, author: str, reason: str, *, since_at: int | None = None
) -> int:
    """Write down by whom somebody came in truth (None: by nobody), since when; returns the correction's id.

    By default since the first referral of theirs, else since they joined. Raises UsageError without a reason, where it
    would close a circle, and where both are one person.
    """
    reason = clean_line(reason, 500)
    if not reason:
        raise UsageError(_("Say why it is corrected."))
    with changes.act(store, author, "referral") as act:
        place(act.db)
        query = "SELECT campaign_id, joined_at, creator_id FROM participant WHERE id = ?"
        known = act.db.execute(query, (child_id,)).fetchone()
        other = parent_id and act.db.execute(query, (parent_id,)).fetchone()
        if known is None or (parent_id is not None and (not other or other[0] != known[0])):
            raise UsageError(_("They don't take part in the same campaign."))
        if parent_id == child_id or (other and other[2] is not None and other[2] == known[2]):
            raise UsageError(_("They are one person: nobody comes by themselves."))
        if parent_id is not None and _leads_to(act.db, parent_id, child_id):
            raise UsageError(_("That would close a circle: they came by one another."))
        query = "SELECT min(at) FROM referral_edge WHERE child_id = ? AND author IS NULL"
        (first,) = act.db.execute(query, (child_id,)).fetchone()
        moments = (since_at, first, known[1], act.at)
        return act.insert(
            "referral_edge",
            campaign_id=known[0],
            child_id=child_id,
            parent_id=parent_id,
            at=next(at for at in moments if at is not None),
            author=author,
            reason=reason,
            noted_at=act.at,
        )


def reverse(db: sqlite3.Connection, edge_id: int, author: str) -> None:
    """Take a correction back, which stays in the store; a part of taking an act back."""
    query = "UPDATE referral_edge SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL"
    db.execute(query, (now(), author, edge_id))


def of(db: sqlite3.Connection, child_id: int) -> list[Edge]:
    """Every referral of a participant that was ever told, the first one first."""
    return _edges(db, "edge.child_id = ?", child_id)


def aside(db: sqlite3.Connection, campaign_id: int) -> list[Edge]:
    """The referrals of a campaign that can't be in force."""
    return _edges(db, "edge.campaign_id = ? AND edge.aside IS NOT NULL", campaign_id)


def aside_since(db: sqlite3.Connection, run_id: int) -> int:
    """How many referrals that were told by runs after this one can't be in force."""
    query = "SELECT count(*) FROM referral_edge WHERE aside IS NOT NULL AND run_id > ?"
    return int(db.execute(query, (run_id,)).fetchone()[0])


def keep_what_decides(db: sqlite3.Connection, participant_id: int) -> None:
    """Keep what a participant's ref and person decide, before both are forgotten.

    That is which of their referrals are to themself, and the order of all that have the same moment as one of theirs.
    """
    db.execute(
        f"UPDATE referral_edge SET own = TRUE WHERE id IN (SELECT edge.id FROM {_TOLD} WHERE {_OWN}"
        " AND child.campaign_id = (SELECT campaign_id FROM participant WHERE id = ?1) AND ?1 IN (child.id, parent.id))",
        (participant_id,),
    )
    db.execute(
        f"WITH own AS (SELECT DISTINCT edge.campaign_id, edge.at FROM {_TOLD}"
        "  WHERE edge.campaign_id = (SELECT campaign_id FROM participant WHERE id = ?1)"
        "  AND ?1 IN (child.id, parent.id))"
        " UPDATE referral_edge SET place = kept.place FROM (SELECT edge.id,"
        f"  row_number() OVER (PARTITION BY edge.at ORDER BY {_AMONG_EQUALS}) AS place FROM {_TOLD}"
        "  WHERE (edge.campaign_id, edge.at) IN own AND edge.author IS NULL AND parent.id IS NOT NULL) AS kept"
        " WHERE kept.id = referral_edge.id",
        (participant_id,),
    )


def place(db: sqlite3.Connection) -> int:
    """Find out by whom each participant came, of whom something is new; returns how many moved.

    What their conversions earn is to be settled again then. A part of a transaction.
    """
    waiting = db.execute(
        "SELECT campaign_id, count(*) FROM unplaced_participant CROSS JOIN participant ON id = participant_id"
        " GROUP BY campaign_id"
    ).fetchall()
    moved = 0
    for campaign_id, n in waiting:
        circles = db.execute(
            "SELECT 1 FROM referral_edge WHERE campaign_id = ? AND aside = 'circular' LIMIT 1", (campaign_id,)
        )
        few = n <= FEW and circles.fetchone() is None
        db.execute("SAVEPOINT placing")
        if (found := _place_few(db, campaign_id) if few else None) is None:
            db.execute("ROLLBACK TO placing")
            found = _place_all(db, campaign_id)
        db.execute("RELEASE placing")
        moved += found
    db.execute("DELETE FROM unplaced_participant")
    return moved


def _place_few(db: sqlite3.Connection, campaign_id: int) -> int | None:
    """Place those who wait by the first edge of each; None where that closes a circle, and nothing is sure.

    As long as the first edges of all close none, they are in force: the others needn't be looked at.
    """
    waiting = [
        row[0]
        for row in db.execute(
            "SELECT participant_id FROM unplaced_participant CROSS JOIN participant ON id = participant_id"
            " WHERE campaign_id = ? ORDER BY 1",
            (campaign_id,),
        )
    ]
    which = "edge.child_id IN (SELECT value FROM json_each(?))"
    first: dict[int, tuple[int | None, int | None]] = {}
    news: list[tuple[Aside | None, int]] = []
    edges = db.execute(_EDGES.format(which=which), (json.dumps(waiting),))
    for edge_id, child_id, parent_id, at, is_correction, own, was in edges:
        if own and is_correction:
            first.setdefault(child_id, (None, None))
        elif not own:
            first.setdefault(child_id, (parent_id, None if parent_id is None else at))
        now_is: Aside | None = "self-referral" if own else None
        if now_is != was:
            news.append((now_is, edge_id))
    _set_aside(db, news)
    moved = _move(db, campaign_id, ((*first.get(child_id, (None, None)), child_id) for child_id in waiting))
    for child_id, (parent_id, _at) in first.items():
        if parent_id is not None and _leads_to(db, parent_id, child_id):
            return None
    return moved


def _place_all(db: sqlite3.Connection, campaign_id: int) -> int:
    """Place everybody of a campaign: 25 bytes of memory each."""
    query = "SELECT min(id), max(id) FROM participant WHERE campaign_id = ?"
    least, most = db.execute(query, (campaign_id,)).fetchone()
    size = most - least + 1
    parents, moments, tops = (array("q", bytes(8 * size)) for _each in range(3))  # of nobody: 0; else an id
    decided = bytearray(size)
    news: list[tuple[Aside | None, int]] = []
    edges = db.execute(_EDGES.format(which="edge.campaign_id = ?"), (campaign_id,))
    for edge_id, child_id, parent_id, at, is_correction, own, was in edges:
        child = child_id - least
        now_is: Aside | None = "self-referral" if own else None
        if not decided[child] and parent_id is not None and not own:
            if _top(tops, parent_id - least, least) == child:
                now_is = "circular"
            else:
                parents[child], moments[child], tops[child] = parent_id, at, parent_id
        decided[child] |= is_correction or now_is is None
        if now_is != was:
            news.append((now_is, edge_id))
    _set_aside(db, news)
    places = ((parents[n] or None, moments[n] if parents[n] else None, least + n) for n in range(size))
    return _move(db, campaign_id, places)


def _set_aside(db: sqlite3.Connection, news: Iterable[tuple[Aside | None, int]]) -> None:
    db.executemany("UPDATE referral_edge SET aside = ? WHERE id = ?", news)


def _top(tops: array[int], place: int, least: int) -> int:
    """Where the referrals lead from a place, which are shortened on the way."""
    while tops[place]:
        above = tops[place] - least
        if tops[above]:
            tops[place] = tops[above]
        place = above
    return place


def _move(db: sqlite3.Connection, campaign_id: int, places: Iterable[tuple[int | None, int | None, int]]) -> int:
    """Give participants, told by the last of each three, these parents since these moments; returns how many moved."""
    moved = 0
    for some in _batches(places):
        wanted = json.dumps([place[2] for place in some])
        stored = set(
            db.execute(
                "SELECT parent_id, referred_at, id FROM participant WHERE campaign_id = ?"
                " AND id IN (SELECT value FROM json_each(?))",
                (campaign_id, wanted),
            ).fetchall()
        )
        ids = {row[2] for row in stored}
        changed = [place for place in some if place[2] in ids and place not in stored]
        db.executemany("UPDATE participant SET parent_id = ?, referred_at = ? WHERE id = ?", changed)
        _unsettle(db, campaign_id, [place[2] for place in changed])
        moved += len(changed)
    return moved


def _unsettle(db: sqlite3.Connection, campaign_id: int, moved: list[int]) -> None:
    """Have settled again what somebody above these participants may earn by, and what these bought."""
    query = "SELECT max(json_array_length(body, '$.levels')) FROM campaign_version WHERE campaign_id = ?"
    (levels,) = db.execute(query, (campaign_id,)).fetchone()
    ids = json.dumps(moved)
    for state in ("state = 'counted'", "state <> 'counted'") if levels > 1 else ():  # each has an index
        db.execute(
            "WITH RECURSIVE below (id, depth) AS (SELECT value, 2 FROM json_each(?1) UNION"
            " SELECT participant.id, depth + 1 FROM below JOIN participant ON parent_id = below.id WHERE depth < ?2)"
            " INSERT INTO unsettled_conversion SELECT conversion.id FROM below CROSS JOIN conversion"
            f" ON conversion.campaign_id = ?3 AND conversion.participant_id = below.id AND {state}"
            " WHERE TRUE ON CONFLICT DO NOTHING",
            (ids, levels, campaign_id),
        )
    db.execute(
        "INSERT INTO unsettled_buyer SELECT campaign_id, ref FROM participant"
        " WHERE id IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 FROM conversion"
        " WHERE conversion.campaign_id = participant.campaign_id AND buyer = ref) ON CONFLICT DO NOTHING",
        (ids,),
    )


def _leads_to(db: sqlite3.Connection, participant_id: int, above_id: int) -> bool:
    """Whether ``above_id`` is the participant or somebody above them."""
    found = db.execute(
        "WITH RECURSIVE up (id) AS (SELECT ?1 UNION SELECT parent_id FROM up JOIN participant USING (id)"
        " WHERE parent_id IS NOT NULL) SELECT 1 FROM up WHERE id = ?2",
        (participant_id, above_id),
    )
    return found.fetchone() is not None


def _edges(db: sqlite3.Connection, where: str, value: int) -> list[Edge]:
    rows = db.execute(
        "SELECT edge.id, child_id, parent.id, edge.code, edge.at, edge.author, reason, noted_at, undone_at, aside"
        f" FROM {_TOLD} WHERE {where} ORDER BY edge.at, edge.id",
        (value,),
    )
    return list(map(Edge._make, rows))


def _batches(places: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(places)
    while some := list(islice(waiting, _TOGETHER)):
        yield some
