"""Stages and grades of people: events of which the newest is in force, by the rules or by an operator's hand."""

from __future__ import annotations

import json
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, merges, rule_sets

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

    from kolbench.store.connect import Store

Ladder = Literal["stage", "grade"]
LADDERS: tuple[Ladder, ...] = ("stage", "grade")

BATCH = 1_000


class Move(NamedTuple):
    """A person who is to go to another stage or grade.

    ``seen`` is the event that was in force when that was found out (None: there was none); ``how`` is ``placed``,
    ``promoted``, ``demoted``, ``aside`` or ``returned``; ``evidence`` are the figures on which it rests, as JSON.
    """

    ladder: Ladder
    creator_id: int
    seen: int | None
    before: str | None
    after: str
    how: str
    evidence: str

    @property
    def figures(self) -> Mapping[str, Any]:
        """The figures by their names."""
        found: Mapping[str, Any] = json.loads(self.evidence)
        return found


class Event(NamedTuple):
    """How somebody came to a stage or grade: by the rules (``author`` is None) or an operator. Moments are ms.

    ``how`` is ``held`` where an operator put them there, and ``lifted`` where the rules were let in again.
    """

    id: int
    creator_id: int
    name: str
    since_at: int
    how: str
    version: int | None
    figures: Mapping[str, Any]
    reason: str | None
    author: str | None
    at: int


def current(store: Store, ladder: Ladder, creator_ids: Iterable[int]) -> dict[int, Event]:
    """The stage or grade in force of each of these people; those without one are left out."""
    return _current(store.reader(), ladder, creator_ids)


def history(store: Store, ladder: Ladder, creator_id: int) -> list[Event]:
    """All that a person went through, newest first; what was taken back is left out."""
    rows = store.reader().execute(
        f"SELECT {_columns(ladder)} FROM {ladder}_event WHERE creator_id = ? AND undone_at IS NULL ORDER BY id DESC",
        (creator_id,),
    )
    return list(map(_event, rows.fetchall()))


def held(store: Store, ladder: Ladder) -> list[Event]:
    """Everybody whom an operator holds in a stage or grade, those held last first."""
    rows = store.reader().execute(
        f"SELECT {_columns(ladder)} FROM {ladder}_event WHERE how = 'held' AND id = (SELECT max(id)"
        f" FROM {ladder}_event AS other WHERE creator_id = {ladder}_event.creator_id AND undone_at IS NULL)"
        " ORDER BY id DESC"
    )
    return list(map(_event, rows.fetchall()))


def hold(store: Store, ladder: Ladder, creator_ids: Iterable[int], name: str, author: str, reason: str) -> list[int]:
    """Put people into a stage or grade by hand: the rules leave them there until that is lifted.

    Returns those for whom that is new. Raises UsageError without a reason, for a name that the rules in force don't
    know, and when there is no such person.
    """
    reason = _reason(reason)
    with changes.act(store, author, ladder) as act:
        found = rule_sets.require_in(act.db)
        names = [one.name for one in (found.rules.stages if ladder == "stage" else found.rules.grades)]
        if name not in names:
            text = _("The rules have no {ladder} '{name}'. Those there are: {names}.")
            raise UsageError(text.format(ladder=ladder, name=name, names=", ".join(names) or _("none yet")))
        people = merges.require_all(act.db, creator_ids)
        before = _current(act.db, ladder, people)
        new = [one for one in people if one not in before or (before[one].name, before[one].how) != (name, "held")]
        rows = []
        for one in new:
            known = before.get(one)
            since_at = known.since_at if known and known.name == name else act.at
            rows.append(_row(ladder, one, name, since_at, "held", found.version, reason, author, act.at))
        act.insert_all(f"{ladder}_event", rows)
    return new


def lift(store: Store, ladder: Ladder, creator_ids: Iterable[int], author: str, reason: str) -> list[int]:
    """Let the rules decide again about people who are held; returns those who were. Raises UsageError as ``hold``."""
    reason = _reason(reason)
    with changes.act(store, author, ladder) as act:
        people = merges.require_all(act.db, creator_ids)
        known = {one: event for one, event in _current(act.db, ladder, people).items() if event.how == "held"}
        rows = [
            _row(ladder, one, event.name, event.since_at, "lifted", event.version, reason, author, act.at)
            for one, event in known.items()
        ]
        act.insert_all(f"{ladder}_event", rows)
    return list(known)


def write(store: Store, moves: Iterable[Move], version: int, at: int) -> int:
    """Write what the rules decided, in batches; returns how many were moved.

    Whoever has got another stage or grade since that was found out is left alone.
    """
    moved = 0
    waiting = iter(moves)
    while batch := list(islice(waiting, BATCH)):
        with store.writing() as db:
            for move in batch:
                moved += db.execute(
                    f"INSERT INTO {move.ladder}_event (creator_id, {move.ladder}, since_at, how, rule_set_id, evidence,"
                    " at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?3 WHERE (SELECT max(id) FROM"
                    f" {move.ladder}_event WHERE creator_id = ?1 AND undone_at IS NULL) IS ?7",
                    (move.creator_id, move.after, at, move.how, version, move.evidence, move.seen),
                ).rowcount
    return moved


def decide(store: Store, moves: Iterable[Move], version: int, at: int, author: str) -> int:
    """``write`` as one act of an operator's, who can take it back whole; returns how many were moved."""
    moved = 0
    with changes.act(store, author, "stage") as act:
        for ladder, theirs in groupby(moves, lambda move: move.ladder):
            found = list(theirs)
            known = _current(act.db, ladder, [move.creator_id for move in found])
            rows = [
                {
                    "creator_id": move.creator_id, ladder: move.after, "since_at": at, "how": move.how,
                    "rule_set_id": version, "evidence": move.evidence, "at": at,
                }
                for move in found
                if (known[move.creator_id].id if move.creator_id in known else None) == move.seen
            ]  # fmt: skip
            act.insert_all(f"{ladder}_event", rows)
            moved += len(rows)
    return moved


def counts(store: Store, ladder: Ladder) -> dict[str, int]:
    """How many people are in each stage, or have each grade."""
    rows = store.reader().execute(
        f"SELECT {ladder}, count(*) FROM {ladder}_event WHERE id IN (SELECT max(id) FROM {ladder}_event"
        f" WHERE undone_at IS NULL GROUP BY creator_id) GROUP BY {ladder}"
    )
    return dict(rows.fetchall())


def among(store: Store, ladder: Ladder, name: str) -> list[int]:
    """The people in a stage or grade, those who came last first."""
    rows = store.reader().execute(
        f"SELECT creator_id FROM {ladder}_event WHERE {ladder} = ? AND id IN (SELECT max(id) FROM {ladder}_event"
        " WHERE undone_at IS NULL GROUP BY creator_id) ORDER BY since_at DESC, id DESC",
        (name,),
    )
    return [row[0] for row in rows.fetchall()]


def staged(db: sqlite3.Connection, ids: str | None) -> list[tuple[int, str, int]]:
    """The stage of each person of ``ids`` (a JSON array; None: of everybody), and since when (ms)."""
    every = "(SELECT max(id) FROM stage_event WHERE undone_at IS NULL GROUP BY creator_id)"
    if ids is not None:
        every = (
            "(SELECT (SELECT max(id) FROM stage_event WHERE creator_id = wanted.value AND undone_at IS NULL)"
            " FROM json_each(:ids) AS wanted)"
        )
    rows = db.execute(f"SELECT creator_id, stage, since_at FROM stage_event WHERE id IN {every}", {"ids": ids})
    return rows.fetchall()


def staged_done(db: sqlite3.Connection, rule: str, ids: str | None) -> list[tuple[int, str, int]]:
    """Of the same people the causes of a follow-up rule that are done: whose, which, and when (ms)."""
    people = "SELECT DISTINCT creator_id AS value FROM stage_event WHERE undone_at IS NULL"
    if ids is not None:
        people = "SELECT value FROM json_each(:ids)"
    rows = db.execute(
        f"SELECT f.creator_id, f.cause, f.closed_at FROM ({people})"
        " AS wanted CROSS JOIN follow_up AS f ON f.creator_id = wanted.value AND f.rule = :rule WHERE f.state = 'done'",
        {"ids": ids, "rule": rule},
    )
    return rows.fetchall()


def reversal(entity: str) -> Callable[[sqlite3.Connection, int, str], None]:
    """How an event of that table is taken back: it stays, marked by whom, and what was before is in force again."""

    def reverse(db: sqlite3.Connection, event_id: int, author: str) -> None:
        db.execute(f"UPDATE {entity} SET undone_at = ?, undone_by = ? WHERE id = ?", (now(), author, event_id))

    return reverse


def _current(db: sqlite3.Connection, ladder: Ladder, creator_ids: Iterable[int]) -> dict[int, Event]:
    rows = db.execute(
        f"SELECT {_columns(ladder)} FROM json_each(?) AS wanted"
        f" CROSS JOIN {ladder}_event ON {ladder}_event.id = (SELECT max(id)"
        f" FROM {ladder}_event AS other WHERE creator_id = wanted.value AND undone_at IS NULL)",
        (json.dumps(list(creator_ids)),),
    )
    return {event.creator_id: event for event in map(_event, rows.fetchall())}


def _columns(ladder: Ladder) -> str:
    columns = ("id", "creator_id", ladder, "since_at", "how", "rule_set_id", "evidence", "reason", "author", "at")
    return ", ".join(f"{ladder}_event.{column}" for column in columns)


def _event(row: tuple[Any, ...]) -> Event:
    return Event._make((*row[:6], json.loads(row[6]), *row[7:]))


def _row(
    ladder: Ladder, creator_id: int, name: str, since_at: int, how: str, version: int | None, reason: str, *made: Any
) -> dict[str, Any]:
    author, at = made
    return {
        "creator_id": creator_id,
        ladder: name,
        "since_at": since_at,
        "how": how,
        "rule_set_id": version,
        "evidence": "{}",
        "reason": reason,
        "author": author,
        "at": at,
    }


def _reason(text: str) -> str:
    if not (reason := clean_line(text, 500)):
        raise UsageError(_("Say why: whoever is treated otherwise than the rules say, needs a reason."))
    return reason
