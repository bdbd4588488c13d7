"""Where the participants of a campaign stand, as derived: read and written by row, or all of them anew."""

from __future__ import annotations

import json
import secrets
import time
from itertools import islice, repeat
from operator import add, itemgetter, ne, neg, sub
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import now
from kolbench.store import bulk, standings

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kolbench.store.connect import Store

TABLE = "participant_standing"
BATCH, PAUSE_S = 2_000, 0.002
"""Rows of a transaction, and the time between them in which others can write."""

MANY = 20_000
"""From so many on, when they are most of all participants, they are written without the indexes."""

_DERIVED_BY = "standings of campaign {}"
_IDS = "IN (SELECT value FROM json_each(?))"


class Standing(NamedTuple):
    """A participant's standing as it is kept: their ``Figures``, and by whom they came.

    Flat, as rows are read and compared by the hundred thousand.
    """

    participant_id: int
    depth: int
    invited: int
    below: int
    direct: int
    indirect: int
    revenue: int
    indirect_revenue: int
    reached: int
    commission: int
    last_at: int | None
    parent_id: int | None


class Level(NamedTuple):
    """A generation: so far from those whom nobody brought. Its members' own figures, added up.

    ``with_…`` is how many have more than nothing of a figure.
    """

    depth: int
    participants: int
    direct: int
    revenue: int
    commission: int
    with_direct: int
    with_indirect: int
    with_revenue: int
    with_reached: int
    with_commission: int


class Stale(NamedTuple):
    """What has to be derived again: these participants, and who was reached by whom (person, participant: before)."""

    participants: Sequence[int]
    reach: dict[tuple[str, int], bool]


COLUMNS = Standing._fields
_SUMS = Level._fields[1:]
_MARKS = ", ".join("?" * (2 + len(_SUMS)))


def with_those_above(db: sqlite3.Connection, ids: Collection[int]) -> Iterator[Standing]:
    """The standings of these participants, and of everybody between them and those whom nobody brought."""
    found = db.execute(
        "WITH RECURSIVE up(id) AS (SELECT value FROM json_each(?) UNION"
        f" SELECT parent_id FROM up CROSS JOIN {TABLE} ON participant_id = up.id WHERE parent_id IS NOT NULL)"
        f" SELECT {', '.join(COLUMNS)} FROM up CROSS JOIN {TABLE} ON participant_id = up.id",
        (json.dumps(list(ids)),),
    )
    return map(Standing._make, found)


def those_below(db: sqlite3.Connection, ids: Collection[int], most: int) -> list[int]:
    """Everybody below these participants, as their standings have it; ``most`` of them at most."""
    found = db.execute(
        "WITH RECURSIVE down(id) AS (SELECT value FROM json_each(?1) UNION"
        f" SELECT participant_id FROM down CROSS JOIN {TABLE} ON parent_id = down.id)"
        " SELECT id FROM down WHERE id NOT IN (SELECT value FROM json_each(?1)) LIMIT ?2",
        (json.dumps(list(ids)), most),
    )
    return [row[0] for row in found]


def levels(db: sqlite3.Connection, campaign_id: int) -> list[Level]:
    """The generations of a campaign, that of those whom nobody brought first."""
    query = f"SELECT {', '.join(Level._fields)} FROM campaign_level WHERE campaign_id = ? ORDER BY depth"
    return list(map(Level._make, db.execute(query, (campaign_id,)).fetchall()))


def people(db: sqlite3.Connection, campaign_id: int) -> tuple[int, int] | None:
    """How many people anybody has reached, and when (ms) that was derived; None: all is to be derived first."""
    query = "SELECT reached, at FROM campaign_standing WHERE campaign_id = ?"
    found = db.execute(query, (campaign_id,)).fetchone()
    return found and (int(found[0]), int(found[1]))


def stale(db: sqlite3.Connection, campaign_id: int, most: int) -> Stale:
    """What has to be derived again in a campaign; of participants ``most`` at most."""
    query = "SELECT participant_id FROM stale_participant WHERE campaign_id = ? ORDER BY 1 LIMIT ?"
    ids = db.execute(query, (campaign_id, most)).fetchall()
    query = "SELECT person, participant_id, before FROM stale_reach WHERE campaign_id = ? LIMIT ?"
    reach = db.execute(query, (campaign_id, most))
    return Stale([row[0] for row in ids], {(person, one): bool(before) for person, one, before in reach})


def campaigns(db: sqlite3.Connection) -> list[int]:
    """Every campaign."""
    return [row[0] for row in db.execute("SELECT id FROM campaign ORDER BY id").fetchall()]


def campaigns_with_news(db: sqlite3.Connection) -> list[int]:
    """The campaigns in which something has to be derived again, or everything."""
    rows = db.execute(
        "SELECT id FROM campaign WHERE id NOT IN (SELECT campaign_id FROM campaign_standing)"
        " UNION SELECT campaign_id FROM stale_participant UNION SELECT campaign_id FROM stale_reach"
    )
    return [row[0] for row in rows.fetchall()]


def settled(db: sqlite3.Connection, campaign_id: int, people: int) -> None:
    """All rows of a campaign are as its facts are: nothing is stale, and so many people were reached."""
    _forget_stale(db, campaign_id)
    db.execute("UPDATE campaign_standing SET reached = ?, at = ? WHERE campaign_id = ?", (people, now(), campaign_id))


def put(db: sqlite3.Connection, campaign_id: int, before: Mapping[int, Standing], after: Sequence[Standing]) -> None:
    """Put standings in the place of those that there were of the same people, and keep the sums of generations."""
    updates: dict[tuple[bool, ...], list[Standing]] = {}
    moves: dict[int, list[int]] = {}
    new = []

    def count(depth: int, summed: Iterable[int]) -> None:
        moves[depth] = list(map(add, moves.get(depth, repeat(0)), summed))

    for row in after:
        was = before.get(row.participant_id)
        if was is None:
            new.append(row)
            count(row.depth, _summed(row))
            continue
        updates.setdefault(tuple(map(ne, was, row)), []).append(row)
        then, since = _summed(was), _summed(row)
        if was.depth != row.depth:
            count(was.depth, map(neg, then))
            count(row.depth, since)
        elif then != since:
            count(row.depth, map(sub, since, then))
    for differs, rows in updates.items():
        # An update touches the indexes of its columns alone: so of those that differ.
        changed = [n for n, one in enumerate(differs) if one]
        places = ", ".join(f"{COLUMNS[n]} = ?" for n in changed)
        values = map(itemgetter(*changed, 0), sorted(rows, key=itemgetter(0)))
        db.executemany(f"UPDATE {TABLE} SET {places} WHERE participant_id = ?", values)
    bulk.insert(db, TABLE, COLUMNS, new, {"campaign_id": campaign_id})
    db.executemany(
        f"INSERT INTO campaign_level VALUES ({_MARKS}) ON CONFLICT DO UPDATE SET "
        + ", ".join(f"{name} = {name} + excluded.{name}" for name in _SUMS),
        [(campaign_id, depth, *sums) for depth, sums in moves.items() if any(sums)],
    )
    db.execute("DELETE FROM campaign_level WHERE campaign_id = ? AND participants = 0", (campaign_id,))


def _summed(found: Standing) -> tuple[int, ...]:
    """What somebody adds to the sums of their generation."""
    direct, revenue, commission = found.direct, found.revenue, found.commission
    some = (direct > 0, found.indirect > 0, revenue > 0, found.reached > 0, commission > 0)
    return (1, direct, revenue, commission, *some)


def begin_anew(db: sqlite3.Connection, campaign_id: int) -> str:
    """Everything of a campaign is to be derived again: until that is done, its rows say nothing.

    Returns a token; whoever begins later takes the work over, and the one before leaves it.
    """
    _forget_stale(db, campaign_id)
    db.execute("DELETE FROM campaign_standing WHERE campaign_id = ?", (campaign_id,))
    token = secrets.token_hex(8)
    db.execute(
        "INSERT INTO derived_by VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (_DERIVED_BY.format(campaign_id), token),
    )
    return token


def write_anew(
    store: Store, campaign_id: int, token: str, found: Iterator[tuple[Any, ...]], levels: Iterable[Level], people: int
) -> bool:
    """Put all rows of a campaign, which come by id, in the place of those it has; others can write in between.

    False when somebody else has begun anew meanwhile.
    """
    if bare := _most(store, campaign_id):
        standings.drop_indexes(store, TABLE)
    while batch := list(islice(found, BATCH)):
        with store.writing() as db:
            if not _mine(db, campaign_id, token):
                return False
            db.execute(
                f"DELETE FROM {TABLE} WHERE participant_id BETWEEN ? AND ? AND campaign_id = ?",
                (batch[0][0], batch[-1][0], campaign_id),
            )
            bulk.insert(db, TABLE, COLUMNS, batch, {"campaign_id": campaign_id})
        time.sleep(PAUSE_S)
    if bare:
        build_indexes(store)
    with store.writing() as db:
        if not _mine(db, campaign_id, token):
            return False
        db.execute("DELETE FROM campaign_level WHERE campaign_id = ?", (campaign_id,))
        db.executemany(f"INSERT INTO campaign_level VALUES ({_MARKS})", [(campaign_id, *of) for of in levels])
        db.execute("INSERT INTO campaign_standing VALUES (?, ?, ?)", (campaign_id, people, now()))
    return True


def build_indexes(store: Store) -> None:
    """Build the indexes that are missing, since a derivation dropped them; others can write in between."""
    for _name in standings.build_indexes(store, TABLE):
        time.sleep(PAUSE_S)


def _most(store: Store, campaign_id: int) -> bool:
    """Whether so many of all participants are a campaign's that building the indexes anew is cheaper."""
    query = "SELECT count(*) FILTER (WHERE campaign_id = ?), count(*) FROM participant"
    theirs, every = store.reader().execute(query, (campaign_id,)).fetchone()
    return bool(theirs >= MANY and 2 * theirs > every)


def _mine(db: sqlite3.Connection, campaign_id: int, token: str) -> bool:
    found = db.execute("SELECT value FROM derived_by WHERE name = ?", (_DERIVED_BY.format(campaign_id),)).fetchone()
    return found is not None and found[0] == token


def _forget_stale(db: sqlite3.Connection, campaign_id: int) -> None:
    for table in ("stale_participant", "stale_reach"):
        db.execute(f"DELETE FROM {table} WHERE campaign_id = ?", (campaign_id,))
