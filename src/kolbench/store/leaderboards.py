"""Leaderboards as kept: one run a question, visible once it is complete, read a window at a time."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import DAY, HOUR, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kolbench.store.connect import Store

TIE_RULE = "1224"
"""Equal values share a rank and the next rank is skipped; among equals the order is by name, then id."""

BATCH = 1_000
PAUSE_S = 0.002
KEPT = 12
"""Complete runs kept of one scope and metric; older windows are computed again when asked for."""

ABANDONED_MS = HOUR
"""An incomplete run that is older belonged to a computation that was killed."""


@dataclass(frozen=True)
class Window:
    """From ``start`` up to, not including, ``stop``, in ms."""

    start: int
    stop: int

    @property
    def previous(self) -> Window:
        """The window of the same length just before."""
        return Window(2 * self.start - self.stop, self.start)

    @property
    def days(self) -> float:
        """Its length in days."""
        return (self.stop - self.start) / DAY


@dataclass(frozen=True)
class Scope:
    """Where people are compared: a ``community`` or a ``source`` by its id, or ``all``."""

    kind: str = "all"
    id: int = 0


@dataclass(frozen=True)
class Key:
    """The question that a leaderboard answers."""

    scope: Scope
    metric: str
    window: Window


@dataclass(frozen=True)
class LeaderboardRun:
    """A computed leaderboard. ``people`` were ranked, of whom ``entries`` are kept.

    ``previous_people`` is 0 when nothing is known of the window before, so that nobody counts as new.
    ``outdated``: its sources have brought records since.
    """

    id: int
    key: Key
    version: int
    tie_rule: str
    exclusions: Sequence[str]
    people: int
    entries: int
    previous_people: int
    computed_at: int
    outdated: bool


class Place(NamedTuple):
    """One person's place in a ranking."""

    creator_id: int
    rank: int
    value: int
    previous_rank: int | None
    previous_value: int | None


@dataclass(frozen=True)
class Ranking:
    """The answer to a ``Key``: the first places, and how many people were ranked in each window."""

    places: Sequence[Place]
    people: int
    previous_people: int
    version: int
    exclusions: Sequence[str]
    basis: int


class Entry(NamedTuple):
    """One row of a leaderboard. ``movement`` is ranks gained (None: new, or nothing to compare with)."""

    creator_id: int
    rank: int
    movement: int | None
    name: str
    platform: str
    handle: str | None
    value: int
    previous_rank: int | None
    previous_value: int | None
    tier: str | None
    followers: int | None
    followers_pm: int | None
    score: float | None
    position: int


class Community(NamedTuple):
    """A community to choose. ``last_at`` is the newest message or interaction."""

    id: int
    platform: str
    name: str
    members: int
    messages: int
    last_at: int | None


class Origin(NamedTuple):
    """A source to choose; ``records`` is what it has brought so far."""

    id: int
    platform: str
    name: str
    records: int
    last_at: int | None


class LeaderboardWindow:
    """The entries of one run, in order. Everything but the constructor reads the store: call it in a thread."""

    def __init__(self, store: Store, run_id: int) -> None:
        self.store = store
        self.run_id = run_id

    def count(self) -> int:
        """How many entries there are."""
        query = "SELECT coalesce(max(position), 0) FROM leaderboard_entry WHERE run_id = ?"
        return int(self.store.reader().execute(query, (self.run_id,)).fetchone()[0])

    def rows(self, start: int, stop: int) -> Sequence[Entry]:
        """The entries from position ``start`` (0 is the first) up to, not including, ``stop``."""
        return _entries(self.store, "entry.run_id = ? AND position > ? AND position <= ?", (self.run_id, start, stop))

    def find(self, key: object) -> int | None:
        """The position of a creator."""
        query = "SELECT position - 1 FROM leaderboard_entry WHERE creator_id = ? AND run_id = ?"
        row = self.store.reader().execute(query, (key, self.run_id)).fetchone()
        return int(row[0]) if row else None

    def close(self) -> None:
        """Nothing to let go."""


def entry(store: Store, run_id: int, creator_id: int) -> Entry | None:
    """One person's entry."""
    found = _entries(store, "entry.creator_id = ? AND entry.run_id = ?", (creator_id, run_id))
    return found[0] if found else None


def latest(store: Store, key: Key) -> LeaderboardRun | None:
    """The complete run that answers ``key``, or None."""
    return _run(store, "scope = ? AND scope_id = ? AND metric = ? AND window_from = ? AND window_to = ?", _values(key))


def get(store: Store, run_id: int) -> LeaderboardRun | None:
    """The complete run with that id, or None when it was replaced."""
    return _run(store, "id = ?", (run_id,))


def save(store: Store, key: Key, ranking: Ranking, progress: Callable[[float], object] | None = None) -> int:
    """Keep a ranking in place of an older one of the same key; returns its run's id.

    Written in small batches, so that nobody waits for it; seen by nobody before it is complete.
    """
    with store.writing() as db:
        run_id = db.execute(
            "INSERT INTO leaderboard_run (scope, scope_id, metric, window_from, window_to, version, tie_rule,"
            " exclusions, people, previous_people, basis, computed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                *_values(key),
                ranking.version,
                TIE_RULE,
                ",".join(ranking.exclusions),
                ranking.people,
                ranking.previous_people,
                ranking.basis,
                now(),
            ),
        ).fetchone()[0]
    for start in range(0, len(ranking.places), BATCH):
        with store.writing() as db:
            db.executemany(
                "INSERT INTO leaderboard_entry"
                " (run_id, position, creator_id, rank, value, previous_rank, previous_value)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (run_id, position, *place)
                    for position, place in enumerate(ranking.places[start : start + BATCH], start + 1)
                ),
            )
        if progress:
            progress((start + BATCH) / len(ranking.places))
        time.sleep(PAUSE_S)
    with store.writing() as db:
        db.execute("UPDATE leaderboard_run SET complete = 1 WHERE id = ?", (run_id,))
    _sweep(store, run_id, key)
    return int(run_id)


def basis(store: Store, scope: Scope) -> int:
    """How many records the sources behind ``scope`` have brought so far: another number means other data."""
    row = store.reader().execute(
        "SELECT coalesce(sum(run.new + run.changed), 0) FROM run"
        " WHERE ?1 = 'all' OR source_id IN (SELECT id FROM source WHERE ?1 = 'source' AND id = ?2"
        "  OR ?1 = 'community' AND platform = (SELECT platform FROM community WHERE id = ?2))",
        (scope.kind, scope.id),
    )
    return int(row.fetchone()[0])


def communities(store: Store) -> list[Community]:
    """The communities, those where most was said first."""
    rows = store.reader().execute(
        "SELECT c.id, c.platform, coalesce(c.name, c.uid),"
        " (SELECT count(*) FROM membership WHERE community_id = c.id),"
        " (SELECT count(*) FROM message WHERE community_id = c.id) AS messages,"
        " nullif(max(coalesce((SELECT max(sent_at) FROM message WHERE community_id = c.id), -1),"
        "  coalesce((SELECT max(at) FROM activity WHERE community_id = c.id), -1)), -1)"
        " FROM community AS c ORDER BY messages DESC, c.name, c.id"
    )
    return list(map(Community._make, rows.fetchall()))


def origins(store: Store) -> list[Origin]:
    """The sources that brought something, the one that brought most first."""
    rows = store.reader().execute(
        "SELECT source.id, source.platform, source.name, sum(run.new) AS records, max(run.started_at)"
        " FROM source JOIN run ON run.source_id = source.id"
        " GROUP BY source.id HAVING records > 0 ORDER BY records DESC, source.name"
    )
    return list(map(Origin._make, rows.fetchall()))


def place(store: Store, scope: Scope) -> str | None:
    """What the community or the source of a scope is called; None for all."""
    query = {
        "community": "SELECT coalesce(name, uid) FROM community WHERE id = ?",
        "source": "SELECT name FROM source WHERE id = ?",
    }.get(scope.kind)
    row = store.reader().execute(query, (scope.id,)).fetchone() if query else None
    return str(row[0]) if row else None


@contextmanager
def watched(db: sqlite3.Connection, tick: Callable[[], object]) -> Iterator[None]:
    """Call ``tick`` every few ms while statements run on ``db``; what it raises ends them and comes out here."""
    raised: list[BaseException] = []

    def handler() -> int:
        try:
            tick()
        except BaseException as error:
            raised.append(error)
            return 1
        return 0

    db.set_progress_handler(handler, 500_000)
    try:
        yield
    except sqlite3.OperationalError:
        if raised:
            raise raised[0] from None
        raise
    finally:
        db.set_progress_handler(None, 0)


def _sweep(store: Store, run_id: int, key: Key) -> None:
    """Remove what the run replaces, the oldest of its kind, and what killed computations left."""
    obsolete = [
        row[0]
        for row in store.reader().execute(
            "WITH kind AS (SELECT * FROM leaderboard_run WHERE scope = ?1 AND scope_id = ?2 AND metric = ?3)"
            " SELECT id FROM kind WHERE complete AND id < ?6 AND window_from = ?4 AND window_to = ?5"
            " UNION SELECT id FROM (SELECT id FROM kind WHERE complete ORDER BY id DESC LIMIT -1 OFFSET ?7)"
            " UNION SELECT id FROM leaderboard_run WHERE NOT complete AND computed_at < ?8",
            (*_values(key), run_id, KEPT, now() - ABANDONED_MS),
        )
    ]
    for old in obsolete:
        removed = BATCH
        while removed == BATCH:
            with store.writing() as db:
                db.execute("UPDATE leaderboard_run SET complete = 0 WHERE id = ?", (old,))
                removed = db.execute(
                    "DELETE FROM leaderboard_entry WHERE run_id = ?1 AND position <="
                    " (SELECT min(position) FROM leaderboard_entry WHERE run_id = ?1) + ?2 - 1",
                    (old, BATCH),
                ).rowcount
            time.sleep(PAUSE_S)
        with store.writing() as db:
            db.execute("DELETE FROM leaderboard_run WHERE id = ?", (old,))


def _run(store: Store, where: str, values: tuple[object, ...]) -> LeaderboardRun | None:
    row = (
        store.reader()
        .execute(
            "SELECT id, scope, scope_id, metric, window_from, window_to, version, tie_rule, exclusions, people,"
            " (SELECT coalesce(max(position), 0) FROM leaderboard_entry WHERE run_id = id), previous_people,"
            f" computed_at, basis FROM leaderboard_run WHERE {where} AND complete ORDER BY id DESC LIMIT 1",
            values,
        )
        .fetchone()
    )
    if row is None:
        return None
    scope = Scope(row[1], row[2])
    return LeaderboardRun(
        id=row[0],
        key=Key(scope, row[3], Window(row[4], row[5])),
        version=row[6],
        tie_rule=row[7],
        exclusions=tuple(row[8].split(",")),
        people=row[9],
        entries=row[10],
        previous_people=row[11],
        computed_at=row[12],
        outdated=row[13] != basis(store, scope),
    )


def _entries(store: Store, where: str, values: tuple[object, ...]) -> list[Entry]:
    rows = store.reader().execute(
        "SELECT entry.creator_id, rank, previous_rank - rank, coalesce(standing.name, creator.name),"
        " coalesce(standing.platform, (SELECT min(platform) FROM account WHERE creator_id = creator.id), ''),"
        " standing.handle, value, previous_rank, previous_value, standing.tier, standing.followers,"
        " standing.followers_pm, standing.score, position"
        " FROM leaderboard_entry AS entry JOIN creator ON creator.id = entry.creator_id"
        " LEFT JOIN standing ON standing.creator_id = entry.creator_id"
        f" WHERE {where} ORDER BY position",
        values,
    )
    return list(map(Entry._make, rows.fetchall()))


def _values(key: Key) -> tuple[str, int, str, int, int]:
    return key.scope.kind, key.scope.id, key.metric, key.window.start, key.window.stop
