"""What was decided about whom for a brief: each decision an event of its own, the newest of them in force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, merges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

State = Literal["undecided", "shortlisted", "rejected", "contacted", "agreed", "active"]
STATES: tuple[State, ...] = get_args(State)
"""The way of a candidate; ``undecided`` is everybody about whom nothing is decided, or not any more."""

CHOSEN: tuple[State, ...] = ("shortlisted", "contacted", "agreed", "active")
"""The states of those who were shortlisted and not rejected since."""

NEWEST = 10_000
"""Decisions, from the newest on, among which reasons that were given before are looked for."""

_IN_FORCE = "id = (SELECT max(id) FROM decision AS other WHERE brief_id = d.brief_id AND creator_id = d.creator_id)"


class Decision(NamedTuple):
    """The decision in force about a person: what, why (where that was told), by whom and when (ms)."""

    state: State
    reason: str | None
    author: str
    at: int


class Event(NamedTuple):
    """A decision as the history of a person shows it."""

    brief_id: int
    brief: str
    state: State
    reason: str | None
    author: str
    at: int


class Skipped(NamedTuple):
    """A person who was left as they were: in that state already, by whom and since when; None: there is nobody."""

    creator_id: int
    state: State | None
    author: str | None
    at: int | None


class Acted(NamedTuple):
    """The people about whom something new is decided, and those who were left alone."""

    changed: Sequence[int]
    skipped: Sequence[Skipped]


def decide(
    store: Store, brief_id: int, creator_ids: Iterable[int], state: str, author: str, reason: str | None = None
) -> Acted:
    """Put people into a state of a brief, in one act; those who are in it for that reason already are left alone.

    Raises UsageError for an unknown state, a rejection without a reason, and a brief that is missing or archived.
    """
    with changes.act(store, author, "decide") as act:
        return record(act, brief_id, creator_ids, state, reason)


def record(act: Act, brief_id: int, creator_ids: Iterable[int], state: str, reason: str | None = None) -> Acted:
    """Decide as a part of a larger act. See ``decide``."""
    reason = clean_line(reason or "", 500).strip() or None
    wanted = _state(state)
    if wanted == "rejected" and reason is None:
        raise UsageError(_("Rejecting needs a reason: it is what the next one who looks will want to know."))
    asked = list(dict.fromkeys(creator_ids))
    _require(act.db, brief_id)
    stands = merges.roots(act.db, asked)
    people = list(dict.fromkeys(stands.values()))
    before = in_force(act.db, brief_id, people)
    skipped = [Skipped(one, None, None, None) for one in asked if one not in stands]
    changed = []
    for one in people:
        known = before.get(one)
        if known and known.state == wanted and reason in (None, known.reason):
            skipped.append(Skipped(one, known.state, known.author, known.at))
        elif known or wanted != "undecided":
            changed.append(one)
        else:
            skipped.append(Skipped(one, "undecided", None, None))
    facts = {"brief_id": brief_id, "state": wanted, "reason": reason, "author": act.author, "at": act.at}
    act.insert_all("decision", [{"creator_id": one, **facts} for one in changed])
    _derive_again(act.db, _beyond(act.db, brief_id, changed))
    return Acted(changed, skipped)


def current(store: Store, brief_id: int, creator_ids: Iterable[int]) -> dict[int, Decision]:
    """The decision in force about each of these people; those about whom nothing was ever decided are left out."""
    return in_force(store.reader(), brief_id, creator_ids)


def counts(store: Store, brief_id: int) -> dict[State, int]:
    """How many people are in each state of a brief; ``undecided`` are its other candidates.

    Whom it leaves out counts as little as they are on its list.
    """
    from kolbench.store.filters import listed_but_left_out

    db = store.reader()
    found: dict[State, int] = dict.fromkeys(STATES, 0)
    listed = 0
    clause, values = _listed(db, brief_id)
    for state, people, candidates in db.execute(
        "SELECT state, count(*), count(candidate.creator_id) FROM decision AS d"
        " LEFT JOIN candidate ON candidate.brief_id = d.brief_id AND candidate.creator_id = d.creator_id"
        f" WHERE d.brief_id = :brief AND d.{_IN_FORCE} AND state <> 'undecided'{clause} GROUP BY state",
        values,
    ):
        found[state] = people
        listed += candidates
    query, values = listed_but_left_out(db, brief_id)
    (gone,) = db.execute(f"SELECT count(*) FROM ({query})", values).fetchone()
    every = store.remembered("SELECT count(*) FROM candidate WHERE brief_id = ?", (brief_id,))
    found["undecided"] = every - gone - listed
    return found


def people(store: Store, brief_id: int, *states: str) -> list[int]:
    """Who was put into one of these states of a brief and is in it now, those decided about first first.

    Raises UsageError.
    """
    rows = store.reader().execute(
        "SELECT creator_id FROM decision AS d WHERE brief_id = ? AND state IN (SELECT value FROM json_each(?))"
        f" AND d.{_IN_FORCE} ORDER BY d.id",
        (brief_id, json.dumps(list(map(_state, states)))),
    )
    return [row[0] for row in rows]


def chosen(store: Store, brief_id: int) -> int:
    """How many people on a brief's list were shortlisted, those with whom it went on from there included."""
    found = counts(store, brief_id)
    return sum(found[state] for state in CHOSEN)


def elsewhere(store: Store, brief_id: int, creator_ids: Iterable[int]) -> list[tuple[int, str, State]]:
    """With whom of these people another brief in use is in contact: who, its name, and how far it is with them."""
    rows = store.reader().execute(
        "SELECT d.creator_id, brief.name, state FROM json_each(?2) AS wanted"
        " CROSS JOIN decision AS d ON d.creator_id = wanted.value JOIN brief ON brief.id = d.brief_id"
        f" WHERE d.brief_id <> ?1 AND archived_at IS NULL AND state IN ('contacted', 'agreed', 'active')"
        f" AND d.{_IN_FORCE} ORDER BY d.id",
        (brief_id, json.dumps(list(creator_ids))),
    )
    return rows.fetchall()


def reverse(db: sqlite3.Connection, decision_id: int, author: str) -> None:
    """Take a decision away again; a part of taking an act back."""
    row = db.execute("DELETE FROM decision WHERE id = ? RETURNING brief_id, creator_id", (decision_id,)).fetchone()
    if row is not None and _restricts(db, row[0]):
        _derive_again(db, [row[1]])  # for it may have been what put them on the list


def history(store: Store, creator_id: int) -> list[Event]:
    """Every decision about a person, for whichever brief, newest first."""
    rows = store.reader().execute(
        "SELECT brief_id, brief.name, state, reason, decision.author, at FROM decision"
        " JOIN brief ON brief.id = brief_id WHERE creator_id = ? ORDER BY decision.id DESC",
        (creator_id,),
    )
    return list(map(Event._make, rows.fetchall()))


def reasons(store: Store, limit: int = 20) -> list[str]:
    """Why people were rejected of late, each reason once, those given most often first."""
    rows = store.reader().execute(
        "WITH recent AS (SELECT id, state, reason FROM decision ORDER BY id DESC LIMIT ?)"
        " SELECT reason FROM recent WHERE state = 'rejected' GROUP BY reason ORDER BY count(*) DESC, max(id) DESC"
        " LIMIT ?",
        (NEWEST, limit),
    )
    return [row[0] for row in rows]


def having(brief_id: int, states: Collection[str]) -> tuple[str, Mapping[str, Any]]:
    """SQL for "``creator_id`` is in one of these states of a brief", and its named values. Raises UsageError."""
    known = set(map(_state, states))
    if negated := "undecided" in known:
        known = set(STATES) - known
    clause = (
        f"creator_id {'NOT ' if negated else ''}IN (SELECT d.creator_id FROM decision AS d WHERE d.brief_id = :decided"
        f" AND d.{_IN_FORCE} AND d.state IN (SELECT value FROM json_each(:states)))"
    )
    return clause, {"decided": brief_id, "states": json.dumps(sorted(known))}


def in_force(db: sqlite3.Connection, brief_id: int, creator_ids: Iterable[int]) -> dict[int, Decision]:
    """The decision in force about each of these people, as ``current``, within a transaction."""
    rows = db.execute(
        "SELECT d.creator_id, state, reason, author, at FROM json_each(?2) AS wanted"
        f" CROSS JOIN decision AS d ON d.brief_id = ?1 AND d.creator_id = wanted.value WHERE d.{_IN_FORCE}",
        (brief_id, json.dumps(list(creator_ids))),
    )
    return {creator_id: Decision._make(facts) for creator_id, *facts in rows}


def _listed(db: sqlite3.Connection, brief_id: int) -> tuple[str, dict[str, Any]]:
    """SQL for "the brief leaves ``d.creator_id`` not out", to be added to a condition, and its named values."""
    from kolbench.store.filters import left_out

    queries, values = left_out(db, brief_id)
    return "".join(f" AND d.creator_id NOT IN {query}" for query in queries), {**values, "brief": brief_id}


def _beyond(db: sqlite3.Connection, brief_id: int, creator_ids: Sequence[int]) -> list[int]:
    """Who of these is not on the list of a brief that everybody was scored by."""
    rows = db.execute(
        "SELECT value FROM json_each(?2)"
        " WHERE NOT EXISTS (SELECT 1 FROM candidate WHERE brief_id = ?1 AND creator_id = value)"
        " AND EXISTS (SELECT 1 FROM brief WHERE id = ?1 AND scored > 0)",
        (brief_id, json.dumps(creator_ids)),
    )
    return [creator_id for (creator_id,) in rows]


def _restricts(db: sqlite3.Connection, brief_id: int) -> bool:
    """Whether a brief that everybody was scored by is about some people alone."""
    query = (
        "SELECT 1 FROM brief JOIN brief_version ON brief_id = brief.id AND version = scored"
        " WHERE brief.id = ? AND EXISTS (SELECT 1 FROM json_each(body, '$.who') WHERE value <> '[]')"
    )
    return db.execute(query, (brief_id,)).fetchone() is not None


def _derive_again(db: sqlite3.Connection, creator_ids: Sequence[int]) -> None:
    """Have their rows in the lists of briefs made anew."""
    db.executemany(
        "INSERT INTO stale_creator (creator_id) VALUES (?) ON CONFLICT DO NOTHING", ((one,) for one in creator_ids)
    )


def _state(text: str) -> State:
    for state in STATES:
        if text == state:
            return state
    raise UsageError(_("There is no state '{text}'. States: {names}.").format(text=text, names=", ".join(STATES)))


def _require(db: sqlite3.Connection, brief_id: int) -> None:
    found = db.execute("SELECT name, archived_at FROM brief WHERE id = ?", (brief_id,)).fetchone()
    if found is None:
        raise UsageError(_("There is no brief {id}.").format(id=brief_id))
    if found[1] is not None:
        raise UsageError(_("The brief '{name}' is archived: restore it before you decide.").format(name=found[0]))
