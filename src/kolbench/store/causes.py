"""What the follow-up rules have found, brought into the queue: opened, kept and resolved as causes come and go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.store import merges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kolbench.domain.following import Cause
    from kolbench.store.connect import Store

BATCH = 1_000

_RESOLVE = "UPDATE follow_up SET state = 'resolved', closed_at = ? WHERE id = ? AND state = 'open'"
_KEEP = "UPDATE follow_up SET evidence = ?, due_at = ? WHERE id = ? AND state = 'open'"
_OPEN = (
    "INSERT INTO follow_up (creator_id, rule, cause, evidence, due_at, channel, plan, waits, created_at, score)"
    " SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce((SELECT score FROM standing WHERE creator_id = ?1), 0)"
    " FROM creator WHERE id = ?1"
    " ON CONFLICT (creator_id, rule, cause) DO UPDATE SET state = 'open', closed_at = NULL, taken_by = NULL,"
    " taken_until = NULL, evidence = excluded.evidence, due_at = excluded.due_at, channel = excluded.channel,"
    " plan = excluded.plan, waits = excluded.waits, score = excluded.score WHERE state = 'resolved'"
)
_MOVED_SCORES = (
    "SELECT standing.score, follow_up.id FROM follow_up CROSS JOIN standing ON standing.creator_id ="
    " follow_up.creator_id WHERE state = 'open' AND standing.score <> follow_up.score"
)


class Applied(NamedTuple):
    """What became of a rule's causes; ``more`` were left for another time."""

    opened: int
    resolved: int
    kept: int
    more: int


def apply(
    store: Store,
    rule: str,
    causes: Iterable[Cause],
    at: int,
    at_most: int | None = None,
    among: Sequence[int] | None = None,
) -> Applied:
    """Open what ``rule`` now has cause for, resolve what it has none for any more, of everybody or of ``among``.

    A cause that was done once never opens again; one that went away and came back does. With ``at_most``, new
    ones open, in the order of ``causes``, only up to so many open at once. Whoever isn't there, or not any more, is
    passed over. Safe beside other operators.
    """
    wanted = {(cause.creator_id, cause.cause): cause for cause in causes}
    still_open = _still_open(store, rule, among)
    gone = [(at, kept[0]) for key, kept in still_open.items() if key not in wanted]
    kept = wanted.keys() & still_open.keys()
    changed = [values for key in kept if (values := _change(wanted[key], *still_open[key])) is not None]
    asked = _asked(store, rule, wanted)
    new = [cause for key, cause in wanted.items() if cause.opens and key not in still_open and key not in asked]
    room = len(new) if at_most is None else max(0, at_most - _count(store, rule) + len(gone))
    resolved = _in_batches(store, _RESOLVE, gone)
    _in_batches(store, _KEEP, changed)
    opened = _in_batches(
        store,
        _OPEN,
        [
            (one.creator_id, rule, one.cause, _json(one), one.due_at, one.channel, one.plan, int(one.waits), at)
            for one in new[:room]
        ],
    )
    return Applied(opened, resolved, len(kept), len(new[room:]))


def opened(store: Store) -> dict[str, int]:
    """How many follow-ups each rule has open."""
    found = store.reader().execute("SELECT rule, count(*) FROM follow_up WHERE state = 'open' GROUP BY rule")
    return dict(found.fetchall())


def people(store: Store, rules: Sequence[str]) -> set[int]:
    """Those for whom one of some rules has something open."""
    found = store.reader().execute(
        "SELECT creator_id FROM follow_up WHERE state = 'open' AND rule IN (SELECT value FROM json_each(?))",
        (json.dumps(rules),),
    )
    return {row[0] for row in found}


def rescore(store: Store) -> None:
    """Let the queue's order follow the scores of its people."""
    _in_batches(store, "UPDATE follow_up SET score = ? WHERE id = ?", store.reader().execute(_MOVED_SCORES).fetchall())


def _still_open(store: Store, rule: str, among: Sequence[int] | None) -> dict[tuple[int, str], tuple[int, str, int]]:
    """The rule's open follow-ups: the id, the evidence and the due moment of each cause."""
    whose = "" if among is None else " AND creator_id IN (SELECT value FROM json_each(?2))"
    found = store.reader().execute(
        "SELECT creator_id, cause, id, evidence, due_at FROM follow_up WHERE state = 'open' AND rule = ?1"
        f" AND creator_id NOT IN {merges.MERGED_AWAY}{whose}",
        (rule,) if among is None else (rule, json.dumps(list(among))),
    )
    return {(creator_id, cause): (one, evidence, due_at) for creator_id, cause, one, evidence, due_at in found}


def _change(cause: Cause, follow_up_id: int, evidence: str, due_at: int) -> tuple[str, int, int] | None:
    now, due = _json(cause), cause.due_at if cause.moves else due_at
    return None if (now, due) == (evidence, due_at) else (now, due, follow_up_id)


def _count(store: Store, rule: str) -> int:
    found = store.reader().execute(
        f"SELECT count(*) FROM follow_up WHERE state = 'open' AND rule = ? AND creator_id NOT IN {merges.MERGED_AWAY}",
        (rule,),
    )
    return int(found.fetchone()[0])


def _asked(store: Store, rule: str, wanted: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those keys of ``wanted`` that an operator has dealt with."""
    found = store.reader().execute(
        "SELECT f.creator_id, f.cause FROM json_each(?1) AS wanted CROSS JOIN follow_up AS f"
        " ON f.creator_id = wanted.value ->> 0 AND f.rule = ?2 AND f.cause = wanted.value ->> 1"
        " WHERE f.state = 'done'",
        (json.dumps(list(wanted), ensure_ascii=False), rule),
    )
    return {(creator_id, cause) for creator_id, cause in found}


def _in_batches(store: Store, statement: str, values: Sequence[tuple[Any, ...]]) -> int:
    """Run ``statement`` for each of ``values``, never holding the writer's place for long; returns rows changed."""
    changed = 0
    for batch in _batches(values):
        with store.writing() as db:
            changed += db.executemany(statement, batch).rowcount
    return changed


def _batches(values: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def _json(cause: Cause) -> str:
    return json.dumps(dict(cause.evidence), ensure_ascii=False, sort_keys=True)
