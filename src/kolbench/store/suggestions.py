"""Who may be one person: the pairs that were found, with their evidence, and what an operator decided.

Pairs are of people as they were before any merge, so that merges and their undoing change nothing here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import DAY, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import changes, merges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store

PROPOSED = 50
"""From this score on a pair is shown to the operator."""

LATER_MS = 30 * DAY
"""How long an ignored pair is left alone."""


class Found(NamedTuple):
    """A pair with what speaks for it, as the rules found it. ``strong`` names the rules that say much."""

    creator_id: int
    other_id: int
    score: int
    evidence: Sequence[Mapping[str, Any]]


class Suggestion(NamedTuple):
    """Two people who may be one, as they are now, with the best evidence there is for any of their parts.

    The first is the better known one, who would stand for both.
    """

    key: tuple[int, int]
    creator_id: int
    name: str
    other_id: int
    other_name: str
    score: int
    evidence: Sequence[Mapping[str, Any]]
    state: str
    ignored_until: int | None
    created_at: int
    seen_at: int


class SuggestionWindow:
    """The pairs that wait, in the order in which they stood at first; call all of it in one thread.

    With ``creator_id`` only that person's.
    """

    def __init__(self, store: Store, creator_id: int | None = None) -> None:
        self.store = store
        self.creator_id = creator_id
        self._order: list[tuple[int, int]] = []

    def count(self) -> int:
        """How many there are."""
        self._order = order(self.store, self.creator_id)
        return len(self._order)

    def rows(self, start: int, stop: int) -> list[Suggestion]:
        """Those at positions ``start`` to ``stop``."""
        return read(self.store, self._order[start:stop])

    def find(self, key: object) -> int | None:
        """The position of a pair."""
        return next((place for place, pair in enumerate(self._order) if pair == key), None)

    def close(self) -> None:
        """Nothing to let go."""


_STANDS = (
    "WITH RECURSIVE up (id, stands, depth) AS (SELECT creator_id, into_id, 1 FROM merge_record WHERE undone_at IS NULL"
    " UNION ALL SELECT up.id, into_id, depth + 1 FROM up JOIN merge_record ON creator_id = up.stands"
    "  AND undone_at IS NULL),"
    " stands AS (SELECT id, stands, max(depth) FROM up GROUP BY id)"
)
"""SQL: who stands for each creator that was merged away."""

_PAIRS = (
    f"{_STANDS}, pair AS (SELECT s.id, s.score,"
    " coalesce(a.stands, s.creator_id) AS one, coalesce(b.stands, s.other_id) AS two"
    " FROM merge_suggestion AS s LEFT JOIN stands AS a ON a.id = s.creator_id"
    " LEFT JOIN stands AS b ON b.id = s.other_id"
    f" WHERE s.state IN ('open', 'ignored') AND s.score >= {PROPOSED}"
    " AND (s.state = 'open' OR s.ignored_until <= :at)"
)
"""SQL: the pairs that wait, as the people they are now; more conditions may follow, then a bracket."""


def save(db: sqlite3.Connection, found: Iterable[Found], looked_at: Iterable[tuple[int, int]]) -> None:
    """Keep what was found, and drop what of ``looked_at`` nobody has decided and nothing speaks for any more.

    A rejected pair stays rejected, with the evidence it was rejected on, unless strong evidence is new.
    """
    at = now()
    proposed = {(one.creator_id, one.other_id): one for one in found if one.score >= PROPOSED}
    pairs_of = json.dumps(list(looked_at))
    known = {
        (creator_id, other_id): (row_id, state, json.loads(evidence))
        for row_id, creator_id, other_id, state, evidence in db.execute(
            "SELECT s.id, s.creator_id, s.other_id, s.state, s.evidence FROM json_each(?) AS wanted"
            " CROSS JOIN merge_suggestion AS s"
            " ON s.creator_id = wanted.value ->> 0 AND s.other_id = wanted.value ->> 1",
            (pairs_of,),
        )
    }
    for pair, (row_id, state, evidence) in known.items():
        one = proposed.pop(pair, None)
        if one is None:
            if state == "open":
                db.execute("DELETE FROM merge_suggestion WHERE id = ?", (row_id,))
            continue
        if state == "rejected" and not strong(one.evidence) - strong(evidence):
            continue
        db.execute(
            "UPDATE merge_suggestion SET score = ?, evidence = ?, seen_at = ?, state = ? WHERE id = ?",
            (one.score, _json(one.evidence), at, "open" if state == "rejected" else state, row_id),
        )
    db.executemany(
        "INSERT INTO merge_suggestion (creator_id, other_id, score, evidence, created_at, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        ((*pair, one.score, _json(one.evidence), at, at) for pair, one in sorted(proposed.items())),
    )


def strong(evidence: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """The evidence that says much, each by its rule and what it rests on."""
    return {(item["rule"], str(item["value"])) for item in evidence if item["strong"]}


# Showing and deciding ---------------------------------------------------------------------------------------


def count(store: Store) -> int:
    """How many pairs wait for the operator."""
    query = f"{_PAIRS}) SELECT count(DISTINCT min(one, two) || ' ' || max(one, two)) FROM pair WHERE one <> two"
    return int(store.reader().execute(query, {"at": now()}).fetchone()[0])


def order(store: Store, creator_id: int | None = None) -> list[tuple[int, int]]:
    """The pairs that wait, the likeliest first; with ``creator_id`` only that person's."""
    db, mine, members = store.reader(), "", "[]"
    if creator_id is not None:
        members = json.dumps(list(merges.person(db, creator_id).members))
        its = "IN (SELECT value FROM json_each(:members))"
        mine = f" AND (s.creator_id {its} OR s.other_id {its})"
    rows = db.execute(
        f"{_PAIRS}{mine}) SELECT min(one, two), max(one, two) FROM pair WHERE one <> two"
        " GROUP BY min(one, two), max(one, two) ORDER BY max(score) DESC, min(id)",
        {"at": now(), "members": members},
    )
    return [(one, two) for one, two in rows.fetchall()]


def read(store: Store, wanted: Sequence[tuple[int, int]]) -> list[Suggestion]:
    """These pairs of people in full; those that nothing is kept of any more are left out."""
    return [found for one, two in wanted if (found := get(store, one, two)) is not None]


def get(store: Store, creator_id: int, other_id: int) -> Suggestion | None:
    """What is known of two people being one, whatever was decided; None: nothing, or they are one by now."""
    db = store.reader()
    first, second = merges.person(db, creator_id), merges.person(db, other_id)
    rows = _between(db, first.members, second.members)
    if not rows or first.id == second.id:
        return None
    _id, _one, theirs, score, evidence, state, until, created_at, seen_at = rows[0]
    (one, name), (two, other_name) = db.execute(
        "SELECT id, creator.name FROM creator LEFT JOIN standing ON creator_id = id WHERE id IN (?, ?)"
        " ORDER BY followers DESC NULLS LAST, id",
        (first.id, second.id),
    ).fetchall()
    told = json.loads(evidence)
    if theirs in (first.members if one == first.id else second.members):
        told = [{**item, "sides": item["sides"][::-1]} for item in told]
    key = (min(one, two), max(one, two))
    return Suggestion(key, one, name, two, other_name, score, told, state, until, created_at, seen_at)


def accept(store: Store, creator_id: int, other_id: int, author: str) -> int:
    """Merge ``other_id`` into ``creator_id`` for the reasons on file; returns the merge's number.

    Raises UsageError where they are one person already.
    """
    found = get(store, creator_id, other_id)
    with changes.act(store, author, "merge") as act:
        _decide(act, creator_id, other_id, state="accepted")
        return merges.record(act, other_id, creator_id, found.evidence if found else ())


def reject(store: Store, creator_id: int, other_id: int, author: str) -> None:
    """They are not the same: don't propose it again. Raises UsageError when it was never proposed."""
    with changes.act(store, author, "not_same") as act:
        _require(_decide(act, creator_id, other_id, state="rejected"), creator_id, other_id)


def ignore(store: Store, creator_id: int, other_id: int, author: str, until: int | None = None) -> None:
    """Leave it for later: until a moment (ms), else for thirty days. Raises UsageError as ``reject`` does."""
    until = now() + LATER_MS if until is None else until
    with changes.act(store, author, "not_now") as act:
        _require(_decide(act, creator_id, other_id, state="ignored", ignored_until=until), creator_id, other_id)


def _decide(act: Act, creator_id: int, other_id: int, **values: Any) -> int:
    first, second = merges.person(act.db, creator_id), merges.person(act.db, other_id)
    rows = _between(act.db, first.members, second.members)
    for row in rows:
        act.update("merge_suggestion", row[0], **values)
    return len(rows)


def _require(decided: int, creator_id: int, other_id: int) -> None:
    if not decided:
        text = _("Nothing suggests that {a} and {b} are one person. 'kolbench creator suggestions' lists what does.")
        raise UsageError(text.format(a=creator_id, b=other_id))


def _between(db: sqlite3.Connection, first: Sequence[int], second: Sequence[int]) -> list[tuple[Any, ...]]:
    """The rows between any parts of two people, the best first."""
    return db.execute(
        "SELECT id, creator_id, other_id, score, evidence, state, ignored_until, created_at, seen_at"
        " FROM merge_suggestion WHERE (creator_id IN (SELECT value FROM json_each(?1))"
        "  AND other_id IN (SELECT value FROM json_each(?2)))"
        " OR (creator_id IN (SELECT value FROM json_each(?2)) AND other_id IN (SELECT value FROM json_each(?1)))"
        " ORDER BY score DESC, id",
        (json.dumps(list(first)), json.dumps(list(second))),
    ).fetchall()


def _json(evidence: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(list(evidence), ensure_ascii=False)
