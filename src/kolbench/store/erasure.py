"""Erasing a person: every row about them, every trace in the file, and the way back in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import identity
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import creators, erasure_marks, merges, participants, search

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from kolbench.store.connect import Store

_MINE = "(SELECT id FROM account WHERE creator_id = :id)"
_DELETIONS = (
    # Answers word for word are packed and hold many people: all of the platforms on which this one was go.
    "DELETE FROM raw_answer WHERE run_id IN (SELECT run.id FROM run JOIN source ON source.id = run.source_id"
    " WHERE source.platform IN (SELECT platform FROM account WHERE creator_id = :id))",
    f"DELETE FROM account_snapshot WHERE account_id IN {_MINE}",
    f"DELETE FROM post_snapshot WHERE post_id IN (SELECT id FROM post WHERE account_id IN {_MINE})",
    f"DELETE FROM post WHERE account_id IN {_MINE}",
    f"DELETE FROM follow_edge WHERE account_id IN {_MINE}",
    f"DELETE FROM follow_edge WHERE follower_id IN {_MINE}",
    f"DELETE FROM membership WHERE account_id IN {_MINE}",
    f"DELETE FROM message WHERE account_id IN {_MINE}",
    f"DELETE FROM activity WHERE actor_id IN {_MINE}",
    f"DELETE FROM activity WHERE object_id IN {_MINE}",
    f"DELETE FROM former_handle WHERE account_id IN {_MINE}",
    "DELETE FROM contact_point WHERE creator_id = :id",
    "DELETE FROM note WHERE creator_id = :id",
    "DELETE FROM touchpoint WHERE creator_id = :id",
    # Contacts with somebody for whom this one stood once may rest on what is theirs.
    "UPDATE touchpoint SET enrolment_id = NULL, step = NULL"
    " WHERE enrolment_id IN (SELECT id FROM enrolment WHERE creator_id = :id)",
    "UPDATE touchpoint SET follow_up_id = NULL WHERE follow_up_id IN (SELECT id FROM follow_up WHERE creator_id = :id)",
    "DELETE FROM enrolment WHERE creator_id = :id",
    "DELETE FROM follow_up WHERE creator_id = :id",
    "DELETE FROM tag WHERE creator_id = :id",
    "DELETE FROM fact WHERE creator_id = :id",
    "DELETE FROM need WHERE creator_id = :id",
    "DELETE FROM important_date WHERE creator_id = :id",
    "DELETE FROM life_event WHERE creator_id = :id",
    "DELETE FROM attachment WHERE creator_id = :id",
    "DELETE FROM do_not_contact WHERE creator_id = :id",
    "DELETE FROM decision WHERE creator_id = :id",
    "DELETE FROM stage_event WHERE creator_id = :id",
    "DELETE FROM grade_event WHERE creator_id = :id",
    "DELETE FROM acknowledgement WHERE creator_id = :id",
    "DELETE FROM sanction WHERE creator_id = :id",
    "DELETE FROM violation WHERE creator_id = :id",
    "DELETE FROM agreement_event WHERE creator_id = :id",
    "DELETE FROM deliverable WHERE creator_id = :id",
    "DELETE FROM agreement_version WHERE creator_id = :id",
    "DELETE FROM agreement WHERE creator_id = :id",
    "DELETE FROM proposal_line WHERE creator_id = :id",
    # The sums of the ledger are those of the books: what was given stays, to whom and why does not.
    "UPDATE incentive_entry SET creator_id = NULL, home_id = NULL, reason = NULL, key = NULL WHERE creator_id = :id",
    "DELETE FROM candidate WHERE creator_id = :id",
    "DELETE FROM standing WHERE creator_id = :id",
    "DELETE FROM stale_creator WHERE creator_id = :id",
    "DELETE FROM unasked_creator WHERE creator_id = :id",
    "DELETE FROM leaderboard_run",  # derived, and counted with what they did: made again when looked at
    "DELETE FROM merge_suggestion WHERE :id IN (creator_id, other_id)",
    "DELETE FROM unmatched_creator WHERE creator_id = :id",
    "DELETE FROM likeness_key WHERE creator_id = :id",
    "DELETE FROM merge_record WHERE :id IN (creator_id, into_id)",
    "DELETE FROM account WHERE creator_id = :id",
    "DELETE FROM creator WHERE id = :id",
)
"""In an order in which no row refers to one that is gone; the triggers let snapshots go for who is in ``erasure``."""

_LOGGED = (
    "note", "touchpoint", "follow_up", "tag", "decision", "contact_point", "merge_record", "merge_suggestion",
    "fact", "need", "important_date", "life_event", "attachment", "do_not_contact", "enrolment",
    "agreement", "agreement_version", "agreement_event", "deliverable", "proposal_line", "incentive_entry",
    "stage_event", "grade_event", "acknowledgement", "violation", "sanction", "participant",
)  # fmt: skip
"""Tables whose rows name their person in the change log, too, which outlives a row that was undone."""


class Person(NamedTuple):
    """Who would be erased, and how much there is about them."""

    id: int
    name: str
    accounts: tuple[tuple[str, str], ...]
    """Platform, and the handle or else the id there."""
    posts: int
    messages: int
    notes: int


@dataclass(frozen=True)
class Erased:
    """What became of it.

    ``scrubbed`` says that nothing is left in the file; the settings of ``sources`` still name them, and ``files``
    that were attached are where they were.
    """

    person: Person
    rows: int
    scrubbed: bool
    sources: tuple[str, ...]
    files: tuple[str, ...] = ()


def find(store: Store, text: str) -> Person:
    """The one person with that id, ``platform:handle``, or exactly that handle, name or id on a platform.

    Raises UsageError when there is nobody, or several: erasing is no matter for a guess.
    """
    db = store.reader()
    rows = db.execute(
        "SELECT id FROM creator WHERE id = CAST(?1 AS INTEGER) AND ?1 = CAST(id AS TEXT)", (text,)
    ).fetchall()
    rows = [(merges.root(db, row[0]),) for row in rows]
    if not rows:
        rows = [(creator_id,) for creator_id in creators.on_platform(db, text)]
    if not rows:
        key = identity.handle_key(text)
        rows = db.execute(
            "SELECT creator_id FROM account WHERE handle_key = ?2 OR uid = ?1 OR name = ?1"
            " UNION SELECT id FROM creator WHERE name = ?1 ORDER BY 1 LIMIT 20",
            (text, key),
        ).fetchall()
        rows = sorted({(merges.root(db, row[0]),) for row in rows})
    if not rows:
        raise UsageError(_("Nobody has the id, handle or name '{text}'.").format(text=text))
    if len(rows) > 1:
        ids = ", ".join(str(row[0]) for row in rows)
        raise UsageError(
            _("Several people are called '{text}': name one by the id ({ids}).").format(text=text, ids=ids)
        )
    return _person(db, rows[0][0])


def of_participant(store: Store, participant_id: int) -> Person:
    """Who takes part in a campaign, as a person who can be erased: one of whom nothing else is known becomes one."""
    with store.writing() as db:
        taking_part = participants.get(db, participant_id)
        if taking_part.creator_id is None:
            (creator_id,) = db.execute(
                "INSERT INTO creator (name, created_at, run_id)"
                " SELECT coalesce(name, ref), at, coalesce(run_id, (SELECT max(id) FROM run)) FROM participant"
                " WHERE id = ? RETURNING id",
                (participant_id,),
            ).fetchone()
            db.execute("UPDATE participant SET creator_id = ? WHERE id = ?", (creator_id, participant_id))
        else:
            creator_id = merges.root(db, taking_part.creator_id)
        return _person(db, creator_id)


def erase(store: Store, person: Person) -> Erased:
    """Delete every row about a person, keep a mark that leaves them out of what comes, and scrub the file.

    The mark is a keyed hash of each platform and id. What others wrote about them stays.
    """
    with store.writing() as db:
        names = list(_names(db, person.id))
        before = db.total_changes
        erasure_marks.mark(db, person.id)
        db.execute("INSERT INTO erasure (creator_id) VALUES (?)", (person.id,))
        _mark_stale(db, person.id)
        _forget_search(db, person.id)
        members = merges.person(db, person.id).members
        attached = db.execute(
            "SELECT DISTINCT target FROM attachment WHERE kind = 'file'"
            " AND creator_id IN (SELECT value FROM json_each(?)) ORDER BY 1",
            (json.dumps(list(members)),),
        ).fetchall()
        for creator_id in members:
            _forget_changes(db, creator_id)
            participants.forget(db, creator_id)
        for statement in _DELETIONS:
            for creator_id in members:
                db.execute(statement, {"id": creator_id})
        _forget_examples(db, members)
        sources = _forget_places(db, names)
        rows = db.total_changes - before
    return Erased(person, rows, store.scrub(), sources, tuple(row[0] for row in attached))


def _person(db: sqlite3.Connection, creator_id: int) -> Person:
    (name,) = db.execute("SELECT name FROM creator WHERE id = ?", (creator_id,)).fetchone()
    accounts = db.execute(
        "SELECT platform, coalesce(handle, uid) FROM account WHERE creator_id = ? ORDER BY 1, 2", (creator_id,)
    )
    counts = db.execute(
        f"SELECT (SELECT count(*) FROM post WHERE account_id IN {_MINE}),"
        f" (SELECT count(*) FROM message WHERE account_id IN {_MINE}),"
        " (SELECT count(*) FROM note WHERE creator_id = :id)",
        {"id": creator_id},
    )
    return Person(creator_id, name, tuple(accounts.fetchall()), *counts.fetchone())


def _names(db: sqlite3.Connection, creator_id: int) -> Iterator[str]:
    """What the person is called in targets and settings: ids and handles, folded."""
    rows = db.execute(
        "SELECT uid FROM account WHERE creator_id = :id UNION SELECT handle FROM account WHERE creator_id = :id"
        f" UNION SELECT handle FROM former_handle WHERE account_id IN {_MINE}",
        {"id": creator_id},
    )
    for (name,) in rows:
        if name:
            yield identity.handle_key(name)


def _mark_stale(db: sqlite3.Connection, creator_id: int) -> None:
    """Note that the numbers of those whom the person dealt with or followed have to be derived again."""
    db.execute(
        "INSERT INTO stale_creator (creator_id) SELECT account.creator_id FROM activity"
        f" JOIN account ON account.id = activity.object_id WHERE activity.actor_id IN {_MINE}"
        " UNION SELECT account.creator_id FROM activity"
        f" JOIN account ON account.id = activity.actor_id WHERE activity.object_id IN {_MINE}"
        " UNION SELECT account.creator_id FROM follow_edge"
        f" JOIN account ON account.id = follow_edge.account_id WHERE follow_edge.follower_id IN {_MINE}"
        " ON CONFLICT DO NOTHING",
        {"id": creator_id},
    )


def _forget_search(db: sqlite3.Connection, creator_id: int) -> None:
    row = db.execute("SELECT creator_id, name_key FROM standing WHERE creator_id = ?", (creator_id,)).fetchone()
    if row:
        search.remove(db, [row])
        search.compact(db)


def _forget_changes(db: sqlite3.Connection, creator_id: int) -> None:
    """Delete what the change log says of rows about the person, also of those that were undone."""
    db.execute(
        "DELETE FROM change_log WHERE (entity = 'creator' AND entity_id = :id)"
        f" OR (entity = 'account' AND entity_id IN {_MINE})"
        " OR (entity, entity_id) IN (SELECT entity, entity_id FROM change_log"
        "  WHERE entity IN (SELECT value FROM json_each(:logged))"
        "  AND :id IN (after ->> 'creator_id', before ->> 'creator_id', after ->> 'into_id'))",
        {"id": creator_id, "logged": json.dumps(_LOGGED)},
    )
    for table in _LOGGED:
        db.execute(
            f"DELETE FROM change_log WHERE entity = ? AND entity_id IN (SELECT id FROM {table} WHERE creator_id = ?)",
            (table, creator_id),
        )
    db.execute(
        "DELETE FROM change_log WHERE entity = 'merge_suggestion'"
        " AND entity_id IN (SELECT id FROM merge_suggestion WHERE other_id = ?)",
        (creator_id,),
    )


def _forget_examples(db: sqlite3.Connection, members: Sequence[int]) -> None:
    """Take the person out of briefs that name them as an example: ``meant.like`` tells which of its words they are.

    Of the topic only what the keywords say is left: which terms came from their texts can't be told.
    """
    for version_id, body, meant in db.execute("SELECT id, body, meant FROM brief_version").fetchall():
        written, resolved = json.loads(body), json.loads(meant)
        if set(members).isdisjoint(resolved["like"]):
            continue
        kept = [place for place, creator_id in enumerate(resolved["like"]) if creator_id not in members]
        words = written["topics"]["like"]
        written["topics"]["like"] = [words[place] for place in kept]
        resolved["like"] = [resolved["like"][place] for place in kept]
        said = identity.fold(" ".join(written["topics"].get("keywords", ())))
        resolved["topic"] = [term for term in resolved["topic"] if term[0] in said]
        db.execute(
            "UPDATE brief_version SET body = ?, meant = ? WHERE id = ?",
            (json.dumps(written, ensure_ascii=False), json.dumps(resolved, ensure_ascii=False), version_id),
        )


def _forget_places(db: sqlite3.Connection, names: Sequence[str]) -> tuple[str, ...]:
    """Delete cursors and errors that name the person; returns the sources whose settings do."""
    for source_id, feed, target in db.execute(
        "SELECT source_id, feed, target FROM checkpoint WHERE target <> ''"
    ).fetchall():
        if _names_one(target, names):
            db.execute(
                "DELETE FROM checkpoint WHERE source_id = ? AND feed = ? AND target = ?", (source_id, feed, target)
            )
    for run_id, error in db.execute("SELECT id, error FROM run WHERE error IS NOT NULL").fetchall():
        if _names_one(error, names):
            db.execute("UPDATE run SET error = '***' WHERE id = ?", (run_id,))
    naming: list[str] = []
    for source_id, name, settings, removed in db.execute(
        "SELECT id, name, settings, removed_at FROM source"
    ).fetchall():
        if _names_one(" ".join(map(str, json.loads(settings).values())), names):
            if removed is None:
                naming.append(name)
            else:
                db.execute("UPDATE source SET settings = '{}' WHERE id = ?", (source_id,))
    return tuple(naming)


def _names_one(text: str, names: Sequence[str]) -> bool:
    """Whether one of the names stands in ``text`` as a word of its own."""
    folded = identity.fold(text)
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded) for name in names)
