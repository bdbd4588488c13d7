"""Where every creator stands: one derived row each, made again for those whose facts have changed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import structs

from kolbench.analysis import candidacy, horizons, scorers, scores
from kolbench.analysis.languages import languages
from kolbench.analysis.people import accounts, works
from kolbench.analysis.scorers.kind import label
from kolbench.domain.identity import fold
from kolbench.domain.scoring import UNKNOWN, People
from kolbench.domain.settings import Tiers
from kolbench.store import bulk, persons, search, settings
from kolbench.store import standings as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kolbench.analysis.people import Account, Works
    from kolbench.domain.briefs import Language
    from kolbench.domain.scoring import Measure
    from kolbench.store.connect import Store

BATCH = 1_000
BARE_BATCH = 2_000
"""Without indexes to keep, so many take as long; and the fewer batches, the less often search terms are merged."""

MANY = 50_000
"""From so many on, when they are most of all creators, they are written without the indexes of the list."""

SOME, SHARE = 1_000, 0.01
"""From so many on, when they are this share of all creators, whose account is whose is gathered first."""

PAUSE_S = 0.002
"""Between batches, so that a screen's write gets in within milliseconds."""

_SCORES = tuple(f"{name}_score" for name in scorers.GENERAL)
_COLUMNS = (
    "creator_id", "name", "name_key", "platform", "handle", "accounts", "category", "region", "tier", "followers",
    "followers_pm", "followers_at", "growth", "engagement", "engagement_how", "voice", "works", "last_active_at",
    *_SCORES, "kind", "language", "score", "confidence", "version",
)  # fmt: skip


class Standing(NamedTuple):
    """One creator: their accounts, the one with most followers first, and what was measured of them, by scorer."""

    creator_id: int
    tier: str
    accounts: Sequence[Account]
    works: Works | None
    language: Language | None
    measures: Mapping[str, Measure]

    @property
    def followers(self) -> int | None:
        """Over all accounts; None where nobody has counted any."""
        return _followers(self.accounts)

    @property
    def kind(self) -> str:
        """Leader, consumer, both, or unknown, by authority and authenticity."""
        return label(*(self.measures.get(name, UNKNOWN).value for name in ("authority", "authenticity")))

    @property
    def score(self) -> scores.Score:
        """The general score."""
        return scores.score(self.measures, scorers.GENERAL)


def refresh(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Derive again those creators whose facts have changed; returns how many. Safe to stop at any moment.

    ``progress`` is told (done, total).
    """
    tiers = settings.read(store).tiers
    _follow(store, tiers)
    if found := horizons.news(store.reader()):
        with store.writing() as db:
            horizons.move(db, found)
    total = waiting(store)
    done = 0

    def told() -> None:
        if progress:
            progress(done, max(total, done))
        time.sleep(PAUSE_S)

    if _most(store, total):
        table.drop_indexes(store)
    bare = not table.indexed(store)
    many = total >= SOME and total >= SHARE * _everyone(store)
    try:
        while (ids := _next(store, size := BARE_BATCH if bare else BATCH)) or bare:
            if bare and (len(ids) < size or done + len(ids) >= total):
                # The last ones wait until the indexes are back: by them a later start sees that this was stopped.
                bare = False
                for _name in table.build_indexes(store):
                    told()
                continue
            _refresh_batch(store, ids, tiers, many=many)
            done += len(ids)
            told()
    finally:
        if many:
            persons.let_go(store)
    return done


def waiting(store: Store) -> int:
    """How many creators have facts that their standing doesn't tell of yet: a sync was stopped before it did."""
    return int(store.reader().execute("SELECT count(*) FROM stale_creator").fetchone()[0])


def rebuild(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Derive every creator again from nothing; returns how many."""
    settings.read(store)  # a mistake in them is told before anything is taken away
    with store.writing() as db:
        _everybody(db)
        horizons.forget(db)
        db.execute("DELETE FROM standing")
        search.clear(db)
    return refresh(store, progress)


def explain(store: Store, creator_id: int) -> Standing | None:
    """Where one creator stands, computed now; None for bots, staff and people without accounts."""
    return next(standings(store.reader(), [creator_id], settings.read(store).tiers), None)


def standings(db: sqlite3.Connection, creator_ids: Sequence[int], tiers: Tiers) -> Iterator[Standing]:
    """Compute where these creators stand now. Bots, staff and people without accounts have no standing."""
    people = People(db, creator_ids)
    done, spoken = people.once(works), people.once(languages)
    measured = {name: scorer.measure(people) for name, scorer in scorers.GENERAL.items()}
    for creator_id, owned in people.once(accounts).items():
        measures = {name: found[creator_id] for name, found in measured.items() if creator_id in found}
        tier = scores.tier(_followers(owned), tiers)
        yield Standing(creator_id, tier, owned, done.get(creator_id), spoken.get(creator_id), measures)


def _followers(owned: Sequence[Account]) -> int | None:
    counted = [one.followers for one in owned if one.followers is not None]
    return sum(counted) if counted else None


def _row(standing: Standing) -> tuple[Any, ...]:
    main, measures = standing.accounts[0], standing.measures
    keys = dict.fromkeys([fold(main.name), *[one.handle_key for one in standing.accounts if one.handle_key]])
    engagement = measures.get("engagement", UNKNOWN)
    engagement = UNKNOWN if engagement.value is None else engagement
    voice = measures.get("voice", UNKNOWN).figure
    count = measures.get("activity", UNKNOWN).numerator
    return (
        standing.creator_id,
        main.name,
        " ".join(keys),
        main.platform,
        main.handle,
        len(standing.accounts),
        main.category,
        main.region,
        standing.tier,
        standing.followers,
        main.plus_minus,
        main.followers_at,
        measures.get("growth", UNKNOWN).figure,
        engagement.figure,
        engagement.how or None,
        None if voice is None else round(voice),
        None if count is None else round(count),
        standing.works and standing.works.last_active_at,
        *(measures.get(name, UNKNOWN).value for name in scorers.GENERAL),
        standing.kind,
        standing.language,
        *scores.add_up((weight, measures.get(name, UNKNOWN).value) for name, weight in scores.WEIGHTS.items()),
        scores.VERSION,
    )


def _most(store: Store, stale: int) -> bool:
    """Whether so many of all creators wait that building the indexes anew is cheaper than keeping them."""
    return stale >= MANY and 2 * stale > _everyone(store)


def _everyone(store: Store) -> int:
    return int(store.reader().execute("SELECT count(*) FROM creator").fetchone()[0])


def _next(store: Store, count: int) -> list[int]:
    rows = store.reader().execute("SELECT creator_id FROM stale_creator ORDER BY creator_id LIMIT ?", (count,))
    return [row[0] for row in rows.fetchall()]


def _follow(store: Store, tiers: Tiers) -> None:
    """Have everybody derived again where the size classes were set otherwise since they were."""
    set_ = json.dumps(structs.asdict(tiers))
    row = store.reader().execute("SELECT value FROM derived_by WHERE name = 'tiers'").fetchone()
    if set_ != (row[0] if row else json.dumps(structs.asdict(Tiers()))):
        with store.writing() as db:
            db.execute(
                "INSERT INTO derived_by VALUES ('tiers', ?) ON CONFLICT DO UPDATE SET value = excluded.value", (set_,)
            )
            _everybody(db)


def _everybody(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO stale_creator (creator_id) SELECT id FROM creator WHERE TRUE ON CONFLICT DO NOTHING")


def _refresh_batch(store: Store, ids: list[int], tiers: Tiers, *, many: bool) -> None:
    with store.writing() as db:
        if many:
            persons.gather(db)
        wanted = json.dumps(ids)
        if news := horizons.news(db, ids):  # of whom something came in since the others were asked
            horizons.move(db, news)
        found = [_row(one) for one in standings(db, ids, tiers)]
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
        candidacy.refresh(store, db, ids)
        db.execute("DELETE FROM stale_creator WHERE creator_id IN (SELECT value FROM json_each(?))", (wanted,))
