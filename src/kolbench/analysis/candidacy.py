"""Where everybody stands in a brief: one derived row each, made again when they or the brief have changed."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis import scorers, scores
from kolbench.domain import briefs as terms
from kolbench.domain.garbage import rare_collections
from kolbench.domain.scoring import PRIOR, UNKNOWN, People
from kolbench.store import briefs, bulk, persons

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from kolbench.domain.briefs import Goal, Who
    from kolbench.domain.scoring import Evidence, Measure
    from kolbench.store.connect import Store

BATCH = 2_000

END = 2**63 - 1
"""No id is above it."""

PAUSE_S = 0.002
"""Between batches, so that a screen's write gets in within milliseconds."""

_TOLD = """
CREATE TEMP TABLE IF NOT EXISTS told (creator_id INTEGER PRIMARY KEY, fit REAL, audience REAL, inside REAL, extra TEXT)
"""
"""What was measured for a goal, until it is weighed together with what the standings tell."""

_KEPT = ("fit", "audience", "inside")
"""Measures for a goal that have a column of their own."""

_SHOWN = ("fit", "inside")
"""Measures for a goal that the list shows whatever they weigh; the others cost too much for that."""


CONDITIONS = {
    "platforms": "EXISTS (SELECT 1 FROM account WHERE account.creator_id = standing.creator_id"
    " AND account.platform IN (SELECT value FROM json_each(:platforms)))",
    "tiers": "tier IN (SELECT value FROM json_each(:tiers))",
    "languages": "language IN (SELECT value FROM json_each(:languages))",
    "regions": "EXISTS (SELECT 1 FROM json_each(:regions) AS region"
    " WHERE instr(lower(standing.region), lower(region.value)) > 0)",
}
"""SQL for each condition of ``who``, on ``standing``."""


class Reasons(NamedTuple):
    """How many people there are, how many of them a brief means, and how many each condition of it would leave alone.

    Of those whom it means, its list leaves out whom it excludes.
    """

    people: int
    meant: int
    alone: Mapping[str, int]


Told = tuple[int, "float | None", "float | None", "float | None", "str | None"]
"""A creator, and what was measured of them for a goal, as in the table ``told``."""


class Batch(NamedTuple):
    """Creators in the order of their ids, and what was measured of those of them whom a brief means."""

    creator_ids: Sequence[int]
    told: Sequence[Told]


class Live(NamedTuple):
    """A brief whose candidates are kept up to date: those up to ``scored_to``, or all (None)."""

    brief_id: int
    version: int
    scored_to: int | None


def score(store: Store, brief_id: int, progress: Callable[[int, int], None] | None = None) -> int:
    """Make the candidates of a brief by its newest version; returns how many there are.

    Safe to stop at any moment: the next call goes on from there. ``progress`` is told (done, total) people.
    """
    # While one batch is written, which SQLite does, a thread measures the next.
    with store.beside() as own, ThreadPoolExecutor(1, "kolbench-score") as ahead, rare_collections():
        return _score(own, brief_id, progress, ahead)


def _score(store: Store, brief_id: int, progress: Callable[[int, int], None] | None, ahead: ThreadPoolExecutor) -> int:
    goal = briefs.goal(store, brief_id)
    total = int(store.reader().execute("SELECT count(*) FROM standing").fetchone()[0])
    done = 0
    next_one: Future[Batch] | None = None
    state = None
    while True:
        with store.writing() as db:
            (reached,) = db.execute("SELECT scored_to FROM brief WHERE id = ?", (brief_id,)).fetchone()
            if reached == 0 and done:
                return _score(store, brief_id, progress, ahead)  # a newer version was saved meanwhile
            if reached and not done:
                (done,) = db.execute("SELECT count(*) FROM standing WHERE creator_id <= ?", (reached,)).fetchone()
            # What was measured ahead holds as long as nobody else has written.
            before, (state,) = state, db.execute("PRAGMA data_version").fetchone()
            batch = next_one.result() if next_one and state == before else _batch(db, goal, reached)
            ids = batch.creator_ids
            # Whoever has no standing any more is not walked over.
            db.execute(
                "DELETE FROM candidate WHERE brief_id = ? AND creator_id > ? AND creator_id <= ?",
                (brief_id, reached, ids[-1] if ids else END),
            )
            if not ids:
                db.execute("UPDATE brief SET scored = ?, scored_to = 0 WHERE id = ?", (goal.version, brief_id))
                query = "SELECT count(*) FROM candidate WHERE brief_id = ?"
                return int(db.execute(query, (brief_id,)).fetchone()[0])
            next_one = ahead.submit(_batch_ahead, store, goal, ids[-1])
            _keep(db, goal, batch.told)
            db.execute("UPDATE brief SET scored_to = ? WHERE id = ?", (ids[-1], brief_id))
        done += len(ids)
        if progress:
            progress(done, max(total, done))
        time.sleep(PAUSE_S)


def _batch_ahead(store: Store, goal: Goal, after: int) -> Batch:
    with store.reading() as db:
        return _batch(db, goal, after)


def _batch(db: sqlite3.Connection, goal: Goal, after: int) -> Batch:
    """The creators next to the one with the id ``after``, measured."""
    meant, values = _meant(goal)
    rows = db.execute(
        f"SELECT creator_id, {meant} FROM standing WHERE creator_id > :after ORDER BY creator_id LIMIT {BATCH}",
        {"after": after, **values},
    ).fetchall()
    if "audience" in terms.weights(goal.brief):
        persons.gather(db)
    told = _measured(db, goal, [creator_id for creator_id, is_meant in rows if is_meant])
    return Batch([creator_id for creator_id, _ in rows], told)


def live(store: Store) -> list[Live]:
    """The briefs that follow what changes: those in use that were scored, as far as they are."""
    rows = store.reader().execute(
        "SELECT id, scored, scored_to, (SELECT max(version) FROM brief_version WHERE brief_id = brief.id)"
        " FROM brief WHERE archived_at IS NULL AND (scored > 0 OR scored_to > 0)"
    )
    return [
        Live(brief_id, version, None if scored == version else reached)
        for brief_id, scored, reached, version in rows.fetchall()
    ]


def refresh(store: Store, db: sqlite3.Connection, creator_ids: Sequence[int]) -> None:
    """Make the rows of these creators again in every live brief, as a part of the transaction that changes them."""
    for one in live(store):
        ids = [each for each in creator_ids if one.scored_to is None or each <= one.scored_to]
        if ids:
            db.execute(
                "DELETE FROM candidate WHERE brief_id = ? AND creator_id IN (SELECT value FROM json_each(?))",
                (one.brief_id, json.dumps(ids)),
            )
            write(db, briefs.goal(store, one.brief_id, one.version), ids)


def explain(store: Store, brief_id: int, creator_id: int) -> scores.Score | None:
    """The score of one creator in a brief, worked out now with all its parts; None for whoever has no standing."""
    goal = briefs.goal(store, brief_id)
    people = People(store.reader(), [creator_id], goal)
    if people.db.execute("SELECT 1 FROM standing WHERE creator_id = ?", (creator_id,)).fetchone() is None:
        return None
    weights = terms.weights(goal.brief)
    known = scorers.of(weights)
    measures = {name: measure for name, scorer in known.items() if (measure := scorer.measure(people).get(creator_id))}
    return scores.score(measures, known, weights)


def evidence(store: Store, brief_id: int | None, creator_id: int, name: str, limit: int) -> Iterable[Evidence]:
    """At most ``limit`` rows behind one part of a creator's score, for a brief or in general."""
    goal = None if brief_id is None else briefs.goal(store, brief_id)
    for scorer in scorers.of([name]).values():
        yield from scorer.evidence(People(store.reader(), [creator_id], goal), limit)


def write(db: sqlite3.Connection, goal: Goal, creator_ids: Sequence[int]) -> None:
    """Add those of these creators who have a standing, and whom the brief means; none of them is a candidate yet."""
    meant, values = _meant(goal)
    rows = db.execute(
        f"SELECT creator_id FROM standing WHERE creator_id IN (SELECT value FROM json_each(:ids)) AND {meant}",
        {"ids": json.dumps(creator_ids), **values},
    ).fetchall()
    _keep(db, goal, _measured(db, goal, [creator_id for (creator_id,) in rows]))


def _measured(db: sqlite3.Connection, goal: Goal, creator_ids: Sequence[int]) -> list[Told]:
    """What the standings of these creators, whom the brief means, don't tell of them."""
    people = People(db, creator_ids, goal)
    names = dict.fromkeys([*terms.weights(goal.brief), *_SHOWN])
    wanted = scorers.of(name for name in names if name not in scorers.GENERAL)
    measured = {name: scorer.measure(people) for name, scorer in wanted.items()}
    fit, audience, inside = (measured.pop(name, {}) for name in _KEPT)
    return [
        (
            creator_id,
            fit.get(creator_id, UNKNOWN).value,
            audience.get(creator_id, UNKNOWN).value,
            inside.get(creator_id, UNKNOWN).value,
            _extra(creator_id, measured) if measured else None,
        )
        for creator_id in people.creator_ids
    ]


def _keep(db: sqlite3.Connection, goal: Goal, told: Sequence[Told]) -> None:
    """Weigh what was measured together with the standings, and keep it."""
    db.execute(_TOLD)
    bulk.insert(db, "temp.told", ("creator_id", "fit", "audience", "inside", "extra"), told)
    total, confidence, known, weighed = _added_up(terms.weights(goal.brief))
    db.execute(
        "INSERT INTO candidate"
        " (brief_id, creator_id, version, score, confidence, fit_score, audience_score, inside, extra)"
        f" SELECT :brief, creator_id, :version, iif({known}, {total}, 0), {confidence},"
        " fit, audience, coalesce(inside, 0) > 0, extra FROM temp.told CROSS JOIN standing USING (creator_id)",
        {"brief": goal.brief_id, "version": goal.version, **weighed},
    )
    db.execute("DELETE FROM temp.told")


def _extra(creator_id: int, measured: Mapping[str, Mapping[int, Measure]]) -> str | None:
    found = {name: one[creator_id].value for name, one in measured.items() if creator_id in one}
    return json.dumps(found, ensure_ascii=False) if found else None


def _added_up(weights: Mapping[str, float]) -> tuple[str, str, str, dict[str, float | str]]:
    """SQL for the total and the confidence of a score (``scores.add_up``) and for any of it being known; the values."""
    total, confidence, known = ["0.0"], ["0.0"], ["NULL"]
    values: dict[str, float | str] = {"prior": PRIOR}
    for number, (name, weight) in enumerate(weights.items()):
        value = name if name in _KEPT else f"{name}_score" if name in scorers.GENERAL else f"extra ->> :name{number}"
        total.append(f"100 * :weight{number} * coalesce({value}, :prior)")
        confidence.append(f":weight{number} * (({value}) IS NOT NULL)")
        known.append(value)
        values[f"weight{number}"] = weight
        if value.startswith("extra"):
            values[f"name{number}"] = f'$."{name}"'
    return " + ".join(total), " + ".join(confidence), f"coalesce({', '.join(known)}) IS NOT NULL", values


def unmatched(store: Store, brief_id: int) -> Sequence[str]:
    """The words of a scored brief where nobody whom it means has a single one of them, and all rank by the rest."""
    best = "SELECT fit_score FROM candidate WHERE brief_id = ? ORDER BY fit_score DESC LIMIT 1"
    found = store.reader().execute(best, (brief_id,)).fetchone()
    return [term.text for term in briefs.goal(store, brief_id).topic] if found and not found[0] else ()


def reasons(store: Store, brief_id: int) -> Reasons:
    """Why there may be nobody in a brief: how many there are, and how many each of its conditions lets through."""
    db = store.reader()

    def counted(query: str, **values: object) -> int:
        return int(db.execute(f"SELECT count(*) FROM {query}", values).fetchone()[0])

    wanted = asked(briefs.brief(store, brief_id).who)
    alone = {name: counted(f"standing WHERE {CONDITIONS[name]}", **{name: value}) for name, value in wanted.items()}
    return Reasons(counted("standing"), counted("candidate WHERE brief_id = :brief", brief=brief_id), alone)


def _meant(goal: Goal) -> tuple[str, dict[str, str | int]]:
    """SQL for "the brief means them": what doesn't depend on decisions, which are asked when the list is read."""
    wanted = asked(goal.brief.who)
    if not wanted:
        return "true", {}
    # Whoever was chosen stays on the list, whatever has become of them since.
    decided = "creator_id IN (SELECT creator_id FROM decision WHERE brief_id = :brief)"
    return f"({' AND '.join(CONDITIONS[name] for name in wanted)} OR {decided})", {**wanted, "brief": goal.brief_id}


def asked(who: Who) -> dict[str, str]:
    """The values of the ``CONDITIONS`` that a brief has."""
    return {name: json.dumps(getattr(who, name)) for name in CONDITIONS if getattr(who, name)}
