"""People enrolled in sequences: how far each has come, and what a contact does to that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import DAY, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.outcomes import AWAY, UNREACHED, answer
from kolbench.domain.text import clean_line
from kolbench.store import changes, merges, refusals, sequences

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

RULE = "sequence-step"
"""The follow-up rule of due steps; a cause of it is an enrolment's number and a step's."""

FIRST = ("first-contact", "new-koc")
"""The follow-up rules that ask for the first contact with somebody."""

STATES = ("active", "paused", "finished", "replied", "accepted", "declined", "stopped")
"""Finished: every step was taken, and there is no answer yet."""

_COLUMNS = (
    "e.id, e.creator_id, coalesce(standing.name, creator.name), sequence.id, sequence.name, version_id,"
    " version.version, state, step, since_at, paused_until, reason, e.author, e.at, ended_at"
)
_FROM = (
    "FROM enrolment AS e JOIN sequence_version AS version ON version.id = version_id"
    " JOIN sequence ON sequence.id = version.sequence_id JOIN creator ON creator.id = e.creator_id"
    " LEFT JOIN standing ON standing.creator_id = e.creator_id"
)


class Enrolment(NamedTuple):
    """A person in a sequence: ``step`` is the next one, from 0 over all plans. Moments are ms."""

    id: int
    creator_id: int
    name: str
    sequence_id: int
    sequence: str
    version_id: int
    version: int
    state: str
    step: int
    since_at: int
    paused_until: int | None
    reason: str | None
    author: str
    at: int
    ended_at: int | None


class Left(NamedTuple):
    """Who was not enrolled: they are in this sequence (``same``) or in others, or refuse contact for the ``reason``."""

    creator_id: int
    name: str
    same: bool
    others: Sequence[str]
    reason: str | None


class Enrolled(NamedTuple):
    """Who was enrolled, by the numbers of their enrolments, and who was not."""

    ids: Sequence[int]
    left: Sequence[Left]


class Place(NamedTuple):
    """Where a contact belongs: an enrolment, its step and channel, and the script's variant."""

    enrolment_id: int
    step: int | None
    channel: str
    variant_id: int | None


def enrol(store: Store, sequence_id: int, creator_ids: Iterable[int], author: str, *, also: bool = False) -> Enrolled:
    """Begin a sequence with each of these people.

    Left out are those who want no contact at all, who are in this sequence already, and, unless ``also``, who are in
    another. Raises UsageError when there is no such sequence or person.
    """
    with changes.act(store, author, "enrol") as act:
        version_id = sequences.newest(act.db, sequence_id).id
        people = list(dict.fromkeys(merges.require(act.db, creator_id) for creator_id in creator_ids))
        unwanted = refusals.everybody(store, act.at)
        running: dict[int, list[Enrolment]] = {}
        for one in _of_people(act.db, people):
            running.setdefault(one.creator_id, []).append(one)
        ids, left = [], []
        for creator_id in people:
            there = running.get(creator_id, [])
            same = any(one.sequence_id == sequence_id for one in there)
            refusal = refusals.against(store, creator_id, None, act.at) if creator_id in unwanted else None
            if same or refusal or (there and not also):
                others = [one.sequence for one in there if one.sequence_id != sequence_id]
                left.append(Left(creator_id, _name(act.db, creator_id), same, others, refusal and refusal.reason))
                continue
            facts = {"creator_id": creator_id, "version_id": version_id, "state": "active", "since_at": act.at}
            ids.append(act.insert("enrolment", **facts, author=author, at=act.at))
            _seen_to(act, creator_id)
    return Enrolled(ids, left)


def pause(store: Store, ids: Iterable[int], author: str, until: int | None = None, reason: str = "") -> list[int]:
    """Let enrolments wait until a moment (ms), or until they are resumed; returns those that do now.

    Raises UsageError for a moment that is past.
    """
    if until is not None and until <= now():
        raise UsageError(_("That day is past."))
    values = {"state": "paused", "paused_until": until, "reason": clean_line(reason, 500) or None}
    return _set(store, ids, author, "pause", values)


def resume(store: Store, ids: Iterable[int], author: str) -> list[int]:
    """Let paused enrolments go on; returns those that do."""
    with changes.act(store, author, "resume") as act:
        found = [one.id for one in _live(act.db, ids) if one.state == "paused"]
        act.update_all("enrolment", found, state="active", paused_until=None, reason=None)
    return found


def stop(store: Store, ids: Iterable[int], author: str, reason: str = "") -> list[int]:
    """End enrolments before their last step; returns those that it ended."""
    values = {"state": "stopped", "paused_until": None, "reason": clean_line(reason, 500) or None, "ended_at": now()}
    return _set(store, ids, author, "stop", values)


def to_plan(act: Act, enrolment_id: int, plan: str) -> bool:
    """Go on with the first step of another plan, due at once, as a part of a larger act; whether there is such a plan.

    What was asked for leaves the queue. Steps of the plan and behind it that were done are asked for anew.
    """
    for one in _live(act.db, [enrolment_id]):
        steps = sequences.steps(act.db, one.version_id)
        there = next((n for n, placed in enumerate(steps) if placed.plan == plan), None)
        if there is None or steps[one.step].plan == plan:
            return False
        act.update("enrolment", one.id, step=there, since_at=act.at - steps[there].step.days * DAY)
        _withdraw(act, [one.id])
        causes = json.dumps([f"{one.id}:{n}" for n in range(there, len(steps))])
        done = act.db.execute(
            "SELECT id FROM follow_up WHERE creator_id = ? AND rule = ? AND state = 'done'"
            " AND cause IN (SELECT value FROM json_each(?))",
            (one.creator_id, RULE, causes),
        ).fetchall()
        act.update_all("follow_up", [row[0] for row in done], state="resolved")
        return True
    return False


def asking(store: Store, follow_up_ids: Iterable[int]) -> dict[int, int]:
    """Of steps that were asked for: the open follow-up that the same enrolment asks for now, where there is one."""
    found = store.reader().execute(
        "SELECT was.id, one.id FROM json_each(?1) AS wanted CROSS JOIN follow_up AS was ON was.id = wanted.value"
        " CROSS JOIN follow_up AS one ON one.creator_id = was.creator_id AND one.rule = ?2 AND one.state = 'open'"
        " WHERE was.rule = ?2 AND CAST(one.cause AS INTEGER) = CAST(was.cause AS INTEGER)",  # "7:2" is 7
        (json.dumps(list(follow_up_ids)), RULE),
    )
    return dict(found.fetchall())


def people(store: Store, ids: Iterable[int]) -> set[int]:
    """Whom these enrolments are of, also those that were taken back and have asked for something."""
    found = store.reader().execute(
        "SELECT creator_id FROM json_each(?1) AS one CROSS JOIN enrolment ON enrolment.id = one.value"
        " UNION SELECT creator_id FROM json_each(?1) AS one CROSS JOIN follow_up"
        " ON rule = ?2 AND state = 'open' AND cause >= one.value || ':' AND cause < one.value || ';'",
        (json.dumps(list(ids)), RULE),
    )
    return {row[0] for row in found}


def live(store: Store, creator_ids: Iterable[int] | None = None) -> list[Enrolment]:
    """The enrolments that go on, of these people or of all, by person."""
    if creator_ids is not None:
        return _of_people(store.reader(), list(creator_ids))
    return _rows(
        store.reader(),
        f"WHERE state IN ('active', 'paused') AND e.creator_id NOT IN {merges.MERGED_AWAY} ORDER BY e.creator_id, e.id",
    )


def of(store: Store, creator_id: int) -> list[Enrolment]:
    """All enrolments of a person, the newest first."""
    return _rows(store.reader(), "WHERE e.creator_id = ? ORDER BY e.id DESC", creator_id)


def of_sequence(store: Store, sequence_id: int, limit: int) -> list[Enrolment]:
    """Who is or was in a sequence, the newest first."""
    return _rows(store.reader(), "WHERE sequence.id = ?1 ORDER BY e.id DESC LIMIT ?2", sequence_id, limit)


def order(store: Store, sequence_id: int) -> list[int]:
    """Who is or was in a sequence, by the numbers of their enrolments: those who still are first, then the newest."""
    rows = store.reader().execute(
        "SELECT e.id FROM enrolment AS e JOIN sequence_version AS version ON version.id = version_id"
        " WHERE sequence_id = ? ORDER BY state NOT IN ('active', 'paused'), e.id DESC",
        (sequence_id,),
    )
    return [row[0] for row in rows]


def of_ids(store: Store, ids: Iterable[int]) -> list[Enrolment]:
    """These enrolments, in that order; without those that are there no more."""
    wanted = list(ids)
    rows = _rows(store.reader(), "WHERE e.id IN (SELECT value FROM json_each(?))", json.dumps(wanted))
    known = {one.id: one for one in rows}
    return [known[one] for one in wanted if one in known]


def get(store: Store, enrolment_id: int) -> Enrolment:
    """One enrolment. Raises UsageError when there is none of that number."""
    found = _rows(store.reader(), "WHERE e.id = ?", enrolment_id)
    if not found:
        raise UsageError(_("There is no enrolment {id}.").format(id=enrolment_id))
    return found[0]


def asked(db: sqlite3.Connection, follow_up_id: int | None) -> Place | None:
    """The step that a follow-up asks for; None where it asks for none."""
    row = db.execute(
        "SELECT cause, evidence ->> 'channel',"
        " (SELECT id FROM template_variant WHERE id = evidence ->> 'variant_id')"  # it may have been taken back
        " FROM follow_up WHERE id = ? AND rule = ?",
        (follow_up_id, RULE),
    ).fetchone()
    if row is None:
        return None
    enrolment_id, step = map(int, row[0].split(":"))
    return Place(enrolment_id, step, *row[1:])


def touched(
    act: Act, creator_id: int, channel: str, outcome: str | None, direction: str, at: int, follow_up_id: int | None
) -> Place | None:
    """Let a contact move the person's enrolments, as a part of a larger act; returns where it belongs, if anywhere.

    A step that was taken makes room for the next one; at once, where the channel led nowhere. An answer ends every
    sequence that the person is in. What asked for the first contact leaves the queue.
    """
    known = _rows(act.db, "WHERE e.creator_id = ?1 AND e.at <= ?2 ORDER BY e.id DESC", creator_id, at)
    running = [one for one in known if one.state in ("active", "paused")]
    said = answer(direction, outcome)
    heard = bool(said) or (outcome or "").casefold() in AWAY
    sent = direction == "out" and not (heard and _waits(act.db, follow_up_id, at))
    place = _taken(act.db, known, running, channel, follow_up_id) if sent else None
    if place is None and heard and (place := _answered(act.db, known)) and direction == "out":
        place = place._replace(step=None, variant_id=None)  # an answer that was heard, not another step
    for one in known:
        mine = place is not None and one.id == place.enrolment_id
        if said and (mine or one in running):
            act.update("enrolment", one.id, state=said if mine else "replied", paused_until=None, ended_at=at)
        elif mine and one in running and place and place.step == one.step:
            _advance(act, one, at, gone_on=outcome in UNREACHED)
    taken = place.enrolment_id if place is not None and place.step is not None else None
    if said or taken is not None:
        _withdraw(act, [one.id for one in running if said or one.id == taken])
    _seen_to(act, creator_id, follow_up_id)
    return place


def _taken(
    db: sqlite3.Connection,
    known: Sequence[Enrolment],
    running: Sequence[Enrolment],
    channel: str,
    follow_up_id: int | None,
) -> Place | None:
    """The step that a contact of ours was: the one that was asked for, else one whose turn it is by that channel."""
    if (place := asked(db, follow_up_id)) is not None:
        return place if any(one.id == place.enrolment_id for one in known) else None
    for one in running:
        left = sequences.steps(db, one.version_id)[one.step :]
        if left and left[0].step.channel == channel:
            return Place(one.id, one.step, channel, None)
    return None


def _waits(db: sqlite3.Connection, follow_up_id: int | None, at: int) -> bool:
    """Whether a follow-up is an open step whose time hasn't come: what is heard is then no answer to that one."""
    waiting = "SELECT 1 FROM follow_up WHERE id = ? AND rule = ? AND state = 'open' AND waits = 1 AND due_at > ?"
    return db.execute(waiting, (follow_up_id, RULE, at)).fetchone() is not None


def _answered(db: sqlite3.Connection, known: Sequence[Enrolment]) -> Place | None:
    """What an answer answers: the last contact of ours in a sequence that waits for one."""
    waiting = json.dumps([one.id for one in known if one.state not in ("stopped", "accepted", "declined")])
    row = db.execute(
        "SELECT enrolment_id, step, channel, variant_id FROM touchpoint WHERE direction = 'out'"
        " AND enrolment_id IN (SELECT value FROM json_each(?)) ORDER BY at DESC, id DESC LIMIT 1",
        (waiting,),
    ).fetchone()
    return Place._make(row) if row else None


def _advance(act: Act, one: Enrolment, at: int, *, gone_on: bool) -> None:
    """Go on to the next step, whose days count from ``at``; with ``gone_on`` they are over already."""
    step = one.step + 1
    if one.paused_until is not None and one.paused_until <= at:
        act.update("enrolment", one.id, state="active", paused_until=None, reason=None)
    if left := sequences.steps(act.db, one.version_id)[step:]:
        act.update("enrolment", one.id, step=step, since_at=at - left[0].step.days * DAY if gone_on else at)
    else:
        act.update("enrolment", one.id, step=step, since_at=at, state="finished", paused_until=None, ended_at=at)


def _set(store: Store, ids: Iterable[int], author: str, action: str, values: Mapping[str, object]) -> list[int]:
    with changes.act(store, author, action) as act:
        found = [one.id for one in _live(act.db, ids)]
        act.update_all("enrolment", found, **values)
        _withdraw(act, found)
    return found


def _withdraw(act: Act, ids: Sequence[int]) -> None:
    """Take what these enrolments have asked for off the queue."""
    asked_for = [
        row[0]
        for one in ids
        for row in act.db.execute(
            "SELECT id FROM follow_up WHERE rule = ? AND state = 'open' AND cause >= ? AND cause < ?",
            (RULE, f"{one}:", f"{one};"),
        )
    ]
    act.update_all("follow_up", asked_for, state="resolved", closed_at=act.at)


def _seen_to(act: Act, creator_id: int, but: int | None = None) -> None:
    """Take off the queue what asks for the first contact with somebody: it is made, or a sequence sees to it.

    The follow-up ``but`` stays: an operator decides about it right now.
    """
    first = act.db.execute(
        "SELECT id FROM follow_up WHERE creator_id = ? AND rule IN (SELECT value FROM json_each(?)) AND state = 'open'"
        " AND id IS NOT ?",
        (creator_id, json.dumps(FIRST), but),
    ).fetchall()
    act.update_all("follow_up", [row[0] for row in first], state="resolved", closed_at=act.at)


def _live(db: sqlite3.Connection, ids: Iterable[int]) -> list[Enrolment]:
    wanted = json.dumps(list(ids))
    return _rows(db, "WHERE state IN ('active', 'paused') AND e.id IN (SELECT value FROM json_each(?))", wanted)


def _of_people(db: sqlite3.Connection, creator_ids: Sequence[int]) -> list[Enrolment]:
    where = (
        "WHERE state IN ('active', 'paused') AND e.creator_id IN (SELECT value FROM json_each(?))"
        " ORDER BY e.creator_id, e.id"
    )
    return _rows(db, where, json.dumps(list(creator_ids)))


def _rows(db: sqlite3.Connection, where: str, *values: object) -> list[Enrolment]:
    return list(map(Enrolment._make, db.execute(f"SELECT {_COLUMNS} {_FROM} {where}", values).fetchall()))


def _name(db: sqlite3.Connection, creator_id: int) -> str:
    return str(db.execute("SELECT name FROM creator WHERE id = ?", (creator_id,)).fetchone()[0])
