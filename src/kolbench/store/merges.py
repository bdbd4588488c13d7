"""Several creators that are one person: merged into one of them, and taken apart again without a loss.

A merge moves rows and changes nothing else. Each keeps in ``home_id`` whose it was, and ``merge_record`` says who
stands for whom; where a row belongs follows from these two alone. So merges can be undone in any order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import changes, consents

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store


class Moved(NamedTuple):
    """A table whose rows go along; of those that may be there once only, the one that weighs most is in force."""

    once: Sequence[str] = ()
    weight: str = "0"


MOVED: Mapping[str, Moved] = {
    "account": Moved(),
    "note": Moved(),
    "touchpoint": Moved(),
    "enrolment": Moved(),
    "contact_point": Moved(
        ("channel", "value"),
        "(do_not_contact IS NOT NULL) * 20 + (removed_at IS NULL)"
        " + CASE consent WHEN 'unknown' THEN 0 WHEN 'given' THEN 2 ELSE 4 END",  # a no weighs more than a yes
    ),
    "do_not_contact": Moved(),
    "fact": Moved(("field",), "coalesce(removed_at, at)"),
    "need": Moved(("kind",), "coalesce(removed_at, at)"),
    "important_date": Moved(),
    "life_event": Moved(),
    "attachment": Moved(),
    "tag": Moved(("name",), "coalesce(removed_at, at)"),  # what was said last
    "decision": Moved(),
    "stage_event": Moved(),
    "grade_event": Moved(),
    "acknowledgement": Moved(),
    "violation": Moved(),
    "sanction": Moved(),
    "agreement": Moved(),
    "agreement_version": Moved(),
    "agreement_event": Moved(),
    "deliverable": Moved(),
    "proposal_line": Moved(),
    "incentive_entry": Moved(),
    "participant": Moved(),
    "follow_up": Moved(("rule", "cause"), "CASE state WHEN 'done' THEN 2 WHEN 'open' THEN 1 ELSE 0 END"),
}
"""Every table with rows about a person that a merge moves. The rest is derived, or tells of merges."""

MERGED_AWAY = "(SELECT creator_id FROM merge_record WHERE undone_at IS NULL)"
"""SQL: creators for whom another stands. Rows that are still theirs are out of force."""

_ROOT = (
    "WITH RECURSIVE up (id, depth) AS (SELECT ?1, 0 UNION ALL"
    " SELECT into_id, depth + 1 FROM up JOIN merge_record ON creator_id = up.id AND undone_at IS NULL)"
    " SELECT id FROM up ORDER BY depth DESC LIMIT 1"
)
_MEMBERS = (
    "WITH RECURSIVE down (id) AS (SELECT ?1 UNION"
    " SELECT creator_id FROM down JOIN merge_record ON into_id = down.id AND undone_at IS NULL)"
    " SELECT id FROM down ORDER BY id"
)


class Merge(NamedTuple):
    """One merge as it was done; ``name`` is of whom it moved. Moments are ms."""

    id: int
    creator_id: int
    name: str
    into_id: int
    into_name: str
    author: str
    at: int
    evidence: Sequence[Mapping[str, Any]]
    undone_at: int | None
    undone_by: str | None


@dataclass(frozen=True)
class Person:
    """Everybody who is one person now: ``id`` stands for all of ``members``."""

    id: int
    members: Sequence[int]


def root(db: sqlite3.Connection, creator_id: int) -> int:
    """Who stands for a creator now: themselves, where nobody else does."""
    return int(db.execute(_ROOT, (creator_id,)).fetchone()[0])


def roots(db: sqlite3.Connection, creator_ids: Iterable[int]) -> dict[int, int]:
    """Who stands for each of these creators now; those who aren't there are left out."""
    found = db.execute(
        f"SELECT creator.id, creator.id IN {MERGED_AWAY} FROM json_each(?) AS wanted"
        " CROSS JOIN creator ON creator.id = wanted.value",
        (json.dumps(list(creator_ids)),),
    ).fetchall()
    return {creator_id: root(db, creator_id) if merged else creator_id for creator_id, merged in found}


def require(db: sqlite3.Connection, creator_id: int) -> int:
    """Who stands for a person, who may have been merged meanwhile; raises UsageError when there is no such person."""
    if db.execute("SELECT 1 FROM creator WHERE id = ?", (creator_id,)).fetchone() is None:
        raise UsageError(_("There is no person with the id {id}.").format(id=creator_id))
    return root(db, creator_id)


def require_all(db: sqlite3.Connection, creator_ids: Iterable[int]) -> list[int]:
    """Who stands for these people, each once; raises UsageError where one isn't there."""
    asked = list(creator_ids)
    stands = roots(db, asked)
    return list(dict.fromkeys(stands[one] if one in stands else require(db, one) for one in asked))


def person(db: sqlite3.Connection, creator_id: int) -> Person:
    """The person that a creator belongs to."""
    stands = root(db, creator_id)
    return Person(stands, [row[0] for row in db.execute(_MEMBERS, (stands,))])


def merge(store: Store, creator_id: int, into_id: int, author: str, evidence: Iterable[Mapping[str, Any]] = ()) -> int:
    """Make the person of ``creator_id`` a part of that of ``into_id``; returns the merge's number.

    Raises UsageError where they are one person already, or one of them isn't there.
    """
    with changes.act(store, author, "merge") as act:
        return record(act, creator_id, into_id, list(evidence))


def record(act: Act, creator_id: int, into_id: int, evidence: Sequence[Mapping[str, Any]]) -> int:
    """Merge as a part of a larger act; returns the merge's number. See ``merge``."""
    for one in (creator_id, into_id):
        require(act.db, one)
    moved, kept = person(act.db, creator_id), person(act.db, into_id)
    if moved.id == kept.id:
        raise UsageError(_("{a} and {b} are one person already.").format(a=creator_id, b=into_id))
    number = act.insert(
        "merge_record",
        creator_id=moved.id,
        into_id=kept.id,
        author=act.author,
        at=act.at,
        evidence=json.dumps(list(evidence), ensure_ascii=False),
    )
    _settle(act.db, [*moved.members, *kept.members])
    _pass_owner(act, moved.id, kept.id)
    return number


def undo(store: Store, merge_id: int, author: str) -> Merge:
    """Take a merge apart again, with what was decided along with it; whoever did it, whatever came since.

    What was written about the person since stays with who stood for them; new data follows its account. Raises
    UsageError when there is no such merge, or it was undone.
    """
    found = get(store, merge_id)
    if found.undone_at is not None:
        raise UsageError(_("The merge {id} was undone already.").format(id=merge_id))
    with store.writing() as db:
        (act,) = db.execute(
            "SELECT act FROM change_log WHERE entity = 'merge_record' AND entity_id = ?", (merge_id,)
        ).fetchone()
        changes.take_back(db, act, author)
    return get(store, merge_id)


def reverse(db: sqlite3.Connection, merge_id: int, author: str) -> None:
    """Let every row of the merged person go home; a part of taking an act back."""
    (creator_id,) = db.execute("SELECT creator_id FROM merge_record WHERE id = ?", (merge_id,)).fetchone()
    together = person(db, creator_id)
    (act,) = db.execute(
        "SELECT act FROM change_log WHERE entity = 'merge_record' AND entity_id = ?", (merge_id,)
    ).fetchone()
    consents.part(db, together.members, act)
    db.execute(
        "UPDATE merge_record SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL",
        (now(), author, merge_id),
    )
    _settle(db, together.members)


def get(store: Store, merge_id: int) -> Merge:
    """One merge. Raises UsageError when there is none of that number."""
    found = _merges(store, "merge_record.id = ?", (merge_id,))
    if not found:
        raise UsageError(_("There is no merge {id}. 'kolbench creator show' lists a person's.").format(id=merge_id))
    return found[0]


def of(store: Store, creator_id: int) -> list[Merge]:
    """The merges that made a person, those in force first, the newest of them first."""
    members = json.dumps(list(person(store.reader(), creator_id).members))
    return _merges(
        store,
        "creator_id IN (SELECT value FROM json_each(?1)) OR into_id IN (SELECT value FROM json_each(?1))",
        (members,),
    )


def _merges(store: Store, where: str, values: tuple[object, ...]) -> list[Merge]:
    rows = store.reader().execute(
        "SELECT merge_record.id, creator_id, moved.name, into_id, kept.name, author, at, evidence, undone_at, undone_by"
        " FROM merge_record JOIN creator AS moved ON moved.id = creator_id JOIN creator AS kept ON kept.id = into_id"
        f" WHERE {where} ORDER BY undone_at IS NOT NULL, merge_record.id DESC",
        values,
    )
    return [Merge._make((*row[:7], json.loads(row[7]), *row[8:])) for row in rows.fetchall()]


def _pass_owner(act: Act, moved_id: int, kept_id: int) -> None:
    """Whoever looked after the moved one looks after the whole, where nobody did after the other."""
    owners = dict(act.db.execute("SELECT id, owner FROM creator WHERE id IN (?, ?)", (moved_id, kept_id)))
    if owners[moved_id] is not None and owners[kept_id] is None:
        act.update("creator", kept_id, owner=owners[moved_id])


def _settle(db: sqlite3.Connection, members: Sequence[int]) -> None:
    """Put every row of ``members``, who are or were together, where it belongs; note what has to be derived again."""
    roots = {creator_id: root(db, creator_id) for creator_id in members}
    ids = json.dumps(list(members))
    db.execute("PRAGMA defer_foreign_keys = ON")  # for the moment in which a row is nobody's
    for table, moved in MOVED.items():
        _settle_table(db, table, moved, roots, ids)
    _mark_stale(db, ids)


def _settle_table(db: sqlite3.Connection, table: str, moved: Moved, roots: Mapping[int, int], ids: str) -> None:
    once = "".join(f", {column}" for column in moved.once)
    rows = db.execute(
        f"SELECT id, creator_id, coalesce(home_id, creator_id) AS home, {moved.weight} AS weight{once} FROM {table}"
        " WHERE creator_id IN (SELECT value FROM json_each(?)) ORDER BY weight DESC, id",
        (ids,),
    ).fetchall()
    in_force: dict[tuple[object, ...], tuple[int, int]] = {}
    if moved.once:
        rows.sort(key=lambda row: (-row[3], roots[row[2]] != row[2], row[0]))  # of equal ones, the root's own
        for row_id, _at, home, _weight, *key in rows:
            in_force.setdefault((roots[home], *key), (row_id, home))
    places: list[tuple[int, int | None, int]] = []
    for row_id, at, home, _weight, *key in rows:
        place = roots[home]
        if moved.once:
            first, its_home = in_force[place, *key]
            if first != row_id:
                place = its_home if home == place else home
        if place != at:
            places.append((place, None if place == home else home, row_id))
    if moved.once:
        db.executemany(f"UPDATE {table} SET creator_id = -id WHERE id = ?", ((row_id,) for *_, row_id in places))
    db.executemany(f"UPDATE {table} SET creator_id = ?, home_id = ? WHERE id = ?", places)


def _mark_stale(db: sqlite3.Connection, ids: str) -> None:
    """Have the numbers of these people derived again, of whom they dealt with or follow, and leaderboards."""
    mine = "(SELECT id FROM account WHERE creator_id IN (SELECT value FROM json_each(?1)))"
    db.execute(
        "INSERT INTO stale_creator (creator_id) SELECT value FROM json_each(?1)"
        " UNION SELECT account.creator_id FROM activity JOIN account ON account.id = activity.object_id"
        f" WHERE activity.actor_id IN {mine}"
        " UNION SELECT account.creator_id FROM activity JOIN account ON account.id = activity.actor_id"
        f" WHERE activity.object_id IN {mine}"
        " UNION SELECT account.creator_id FROM follow_edge JOIN account ON account.id = follow_edge.account_id"
        f" WHERE follow_edge.follower_id IN {mine} ON CONFLICT DO NOTHING",
        (ids,),
    )
    db.execute("UPDATE leaderboard_run SET basis = -1")  # which makes them outdated
