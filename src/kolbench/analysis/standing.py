"""Where every creator stands: one derived row each, made again for those whose facts have changed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.analysis import scores
from kolbench.analysis.metrics import sql
from kolbench.domain.identity import fold
from kolbench.store import bulk, search
from kolbench.store import standings as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from kolbench.store.connect import Store

BATCH = 1_000
BARE_BATCH = 2_000
"""Without indexes to keep, so many take as long; and the fewer batches, the less often search terms are merged."""

MANY = 50_000
"""From so many on, when they are most of all creators, they are written without the indexes of the list."""

PAUSE_S = 0.002
"""Between batches, so that a screen's write gets in within milliseconds."""

_COLUMNS = (
    "creator_id", "name", "name_key", "platform", "handle", "accounts", "category", "region", "tier", "followers",
    "followers_pm", "followers_at", "growth", "engagement", "engagement_how", "voice", "works", "last_active_at",
    "reach_score", "engagement_score", "voice_score", "growth_score", "activity_score", "score", "confidence",
    "version",
)  # fmt: skip


class Standing(NamedTuple):
    """The facts and the score of one creator, with what identifies them."""

    creator_id: int
    name: str
    name_key: str
    platform: str
    handle: str | None
    accounts: int
    category: str | None
    region: str | None
    plus_minus: int | None
    last_active_at: int | None
    facts: scores.Facts
    score: scores.Score


def refresh(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Derive again those creators whose facts have changed; returns how many. Safe to stop at any moment.

    ``progress`` is told (done, total).
    """
    total = waiting(store)
    done = 0

    def told() -> None:
        if progress:
            progress(done, max(total, done))
        time.sleep(PAUSE_S)

    if _most(store, total):
        table.drop_indexes(store)
    bare = not table.indexed(store)
    while (ids := _next(store, size := BARE_BATCH if bare else BATCH)) or bare:
        if bare and (len(ids) < size or done + len(ids) >= total):
            # The last ones wait until the indexes are back: by them a later start sees that this was stopped.
            bare = False
            for _name in table.build_indexes(store):
                told()
            continue
        _refresh_batch(store, ids)
        done += len(ids)
        told()
    return done


def waiting(store: Store) -> int:
    """How many creators have facts that their standing doesn't tell of yet: a sync was stopped before it did."""
    return int(store.reader().execute("SELECT count(*) FROM stale_creator").fetchone()[0])


def rebuild(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Derive every creator again from nothing; returns how many."""
    with store.writing() as db:
        db.execute("INSERT INTO stale_creator (creator_id) SELECT id FROM creator WHERE TRUE ON CONFLICT DO NOTHING")
        db.execute("DELETE FROM standing")
        search.clear(db)
    return refresh(store, progress)


def explain(store: Store, creator_id: int) -> Standing | None:
    """Where one creator stands, computed now, with the figures behind every component."""
    return next(_each(store.reader(), [creator_id]), None)


def standings(db: sqlite3.Connection, creator_ids: list[int]) -> list[Standing]:
    """Compute where these creators stand now. Bots, staff and people without accounts have no standing."""
    return list(_each(db, creator_ids))


def _each(db: sqlite3.Connection, creator_ids: list[int]) -> Iterator[Standing]:
    ids = json.dumps(creator_ids)
    metric = dict(db.execute("SELECT name, id FROM metric"))
    by_creator: dict[int, list[tuple[Any, ...]]] = {}
    named = {name: metric[name] for name in ("followers", "engagement_bp", "avg_likes", "likes", "posts")}
    for row in db.execute(sql("standing_accounts"), {"ids": ids, "growth_ms": scores.GROWTH_MS, **named}):
        by_creator.setdefault(row[0], []).append(row)
    window = {"ids": ids, "window_ms": scores.WINDOW_MS}
    works: dict[int, tuple[int, int]] = {}
    voices: dict[int, int] = {}
    reactions: dict[int, tuple[int, int]] = {}
    # A store of imported tables has none of these; then nobody need be looked up in them.
    if _any(db, "post", "message"):
        works = {row[0]: row[1:] for row in db.execute(sql("standing_works"), window)}
    if _any(db, "activity", "membership"):
        voices = dict(db.execute(sql("standing_voice"), window))
    if _any(db, "post"):
        posts = {
            "ids": json.dumps([rows[0][1] for rows in by_creator.values()]),
            "window_ms": scores.WINDOW_MS,
            "likes": metric["likes"],
            "comments": metric["comments"],
            "shares": metric["shares"],
        }
        reactions = {row[0]: row[1:] for row in db.execute(sql("standing_posts"), posts)}
    for creator_id, rows in by_creator.items():
        yield _standing(rows, works.get(creator_id), voices.get(creator_id), reactions.get(rows[0][1]))


def _standing(
    rows: list[tuple[Any, ...]], works: tuple[int, int] | None, voice: int | None, reactions: tuple[int, int] | None
) -> Standing:
    (creator_id, _account, name, platform, handle, _key, category, region, followers, plus_minus, at, base, base_at,
     stated, avg_likes, likes, posts) = rows[0]  # fmt: skip
    known = [row[8] for row in rows if row[8] is not None]
    facts = scores.Facts(
        followers=sum(known) if known else None,
        main_followers=followers,
        base_followers=base,
        followers_at=at,
        base_at=base_at,
        stated_rate=stated,
        recent_posts=reactions and reactions[0],
        recent_reactions=reactions and reactions[1],
        avg_likes=avg_likes,
        likes=likes,
        posts=posts,
        voice=voice,
        works=works[1] if works else (0 if voice is not None else None),
    )
    keys = dict.fromkeys([fold(name), *[row[5] for row in rows if row[5]]])
    return Standing(
        creator_id=creator_id,
        name=name,
        name_key=" ".join(keys),
        platform=platform,
        handle=handle,
        accounts=len(rows),
        category=category,
        region=region,
        plus_minus=plus_minus,
        last_active_at=works and works[0],
        facts=facts,
        score=scores.score(facts),
    )


def _row(standing: Standing) -> tuple[Any, ...]:
    facts, score = standing.facts, standing.score
    reach, engagement, voice, growth, activity = score.components
    return (
        standing.creator_id,
        standing.name,
        standing.name_key,
        standing.platform,
        standing.handle,
        standing.accounts,
        standing.category,
        standing.region,
        scores.tier(facts.followers),
        facts.followers,
        standing.plus_minus,
        facts.followers_at,
        growth.figure,
        engagement.figure,
        engagement.how or None,
        facts.voice,
        facts.works,
        standing.last_active_at,
        reach.value,
        engagement.value,
        voice.value,
        growth.value,
        activity.value,
        score.total,
        score.confidence,
        scores.VERSION,
    )


def _most(store: Store, stale: int) -> bool:
    """Whether so many of all creators wait that building the indexes anew is cheaper than keeping them."""
    if stale < MANY:
        return False
    return 2 * stale > int(store.reader().execute("SELECT count(*) FROM creator").fetchone()[0])


def _any(db: sqlite3.Connection, *tables: str) -> bool:
    return any(db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in tables)


def _next(store: Store, count: int) -> list[int]:
    rows = store.reader().execute("SELECT creator_id FROM stale_creator ORDER BY creator_id LIMIT ?", (count,))
    return [row[0] for row in rows.fetchall()]


def _refresh_batch(store: Store, ids: list[int]) -> None:
    with store.writing() as db:
        wanted = json.dumps(ids)
        found = [_row(one) for one in _each(db, ids)]
        former = dict(
            db.execute(
                "SELECT creator_id, name_key FROM standing WHERE creator_id IN (SELECT value FROM json_each(?))",
                (wanted,),
            )
        )
        # Deleting and inserting is three times as fast as INSERT OR REPLACE, which looks through every index.
        db.executemany("DELETE FROM standing WHERE creator_id = ?", ((creator_id,) for creator_id in former))
        bulk.insert(db, "standing", _COLUMNS, found)
        search.index(db, [(row[0], former.pop(row[0], None), row[2]) for row in found])
        search.remove(db, former.items())
        db.execute("DELETE FROM stale_creator WHERE creator_id IN (SELECT value FROM json_each(?))", (wanted,))
