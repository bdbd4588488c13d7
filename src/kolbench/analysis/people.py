"""What several scorers need to know of the same people, read once for all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY

if TYPE_CHECKING:
    import sqlite3

    from kolbench.domain.scoring import People

WINDOW_MS = 90 * DAY
GROWTH_MS = 30 * DAY

PERIODS = {"month": 30 * DAY, "week": 7 * DAY, "day": DAY}
"""How long (ms) the periods are for which sources count."""

FLOWS = frozenset(("views", "posts", "likes", "comments", "shares", "followers_gained"))
"""Counts of a period that say something of a person."""

ADDRESSED = frozenset(("mention", "reply", "thank"))
"""What is done by those who speak to somebody."""

_METRICS = ("followers", "engagement_bp", "avg_likes", "likes", "posts")


class Account(NamedTuple):
    """An account with its newest counters; ``stated_rate`` in basis points, moments in ms, None: not known.

    ``base_followers`` are the newest at least 30 days before ``followers_at``, else the oldest.
    """

    creator_id: int
    account_id: int
    name: str
    platform: str
    handle: str | None
    handle_key: str | None
    category: str | None
    region: str | None
    followers: int | None
    plus_minus: int | None
    followers_at: int | None
    base_followers: int | None
    base_at: int | None
    stated_rate: int | None
    avg_likes: int | None
    likes: int | None
    posts: int | None


class PerPeriod(NamedTuple):
    """What a source counted of an account in a ``day``, ``week`` or ``month`` up to ``at`` (ms): ``value`` times the
    ``metric``, such as ``views`` or ``followers_gained``.
    """

    account_id: int
    metric: str
    period: str
    value: int
    at: int

    @property
    def start(self) -> int:
        """When the period began (ms)."""
        return self.at - PERIODS[self.period]

    @property
    def text(self) -> str:
        """What was counted, as sources name it."""
        return f"{self.value:,} {self.metric}_{self.period}"


class Horizon(NamedTuple):
    """The moment (ms) of the newest work or message on a platform, and the account that has it."""

    at: int
    account_id: int


class Works(NamedTuple):
    """When somebody last published or said something (ms), how often in the 90 days up to then, and when anybody did
    last on the same platform (None: not derived yet).
    """

    last_active_at: int
    number: int
    horizon_at: int | None

    @property
    def silent(self) -> bool:
        """Whether the last 90 days that are known of the platform have nothing of theirs."""
        return self.horizon_at is not None and self.last_active_at <= self.horizon_at - WINDOW_MS


class Voices(NamedTuple):
    """How many different people addressed somebody in the 90 days up to ``last_at`` (ms; None: nobody ever did)."""

    people: int
    last_at: int | None


class Act(NamedTuple):
    """Something that somebody did ``towards`` the person, or the person towards them: when (ms), what, and the row.

    ``other_id`` is the other one, who may be the person themself; ``counted`` says whether they are neither a bot nor
    staff, ``is_bot`` that this account of theirs is a bot's.
    """

    towards: int
    at: int
    type: str
    activity_id: int
    other_id: int
    is_bot: int
    counted: int


class Reactions(NamedTuple):
    """Works of 90 days with counted reactions, and the likes, comments and shares of all of them.

    ``views`` are theirs where followers are unknown and they are counted, and ``last_at`` is the newest one's moment
    (ms).
    """

    posts: int
    reactions: int
    views: int | None = None
    last_at: int | None = None


def accounts(people: People) -> dict[int, list[Account]]:
    """Each creator's accounts, the one with most followers first. Those of bots and staff are left out."""
    metric = people.once(metrics)
    found: dict[int, list[Account]] = {}
    values = {"growth_ms": GROWTH_MS, **{name: metric[name] for name in _METRICS}}
    for row in people.db.execute(sql("standing_accounts"), {"ids": ids(people), **values}):
        found.setdefault(row[0], []).append(Account._make(row))
    return found


def works(people: People) -> dict[int, Works]:
    """What each creator published and said; who never did is left out."""
    if not any_rows(people, "post", "message"):
        return {}
    moments = json.dumps({platform: horizon.at for platform, horizon in horizons(people.db).items()})
    values = {"ids": ids(people), "window_ms": WINDOW_MS, "horizons": moments}
    return {row[0]: Works(*row[1:]) for row in people.db.execute(sql("standing_works"), values)}


def horizons(db: sqlite3.Connection) -> dict[str, Horizon]:
    """Up to when each platform is known, as it was when standings were derived last."""
    row = db.execute("SELECT value FROM derived_by WHERE name = 'horizons'").fetchone()
    return {platform: Horizon(*found) for platform, found in json.loads(row[0]).items()} if row else {}


def per_period(people: People) -> dict[int, list[PerPeriod]]:
    """What sources counted of each account in a period: the newest of each count, those of the longest period first."""
    of = {metric_id: name.rpartition("_") for name, metric_id in people.once(metrics).items()}
    kinds = {metric_id: (kind, period) for metric_id, (kind, _, period) in of.items() if kind in FLOWS}
    kinds = {metric_id: kind for metric_id, kind in kinds.items() if kind[1] in PERIODS}
    if not kinds:
        return {}
    owned = [one.account_id for found in people.once(accounts).values() for one in found]
    values = {"accounts": json.dumps(owned), "metrics": json.dumps(list(kinds))}
    found: dict[int, list[PerPeriod]] = {}
    for account_id, metric_id, value, at in people.db.execute(sql("standing_periods"), values):
        found.setdefault(account_id, []).append(PerPeriod(account_id, *kinds[metric_id], value, at))
    for counts in found.values():
        counts.sort(key=lambda one: -PERIODS[one.period])
    return found


def voices(people: People) -> dict[int, Voices]:
    """How many different people addressed each creator in the 90 days up to the last time anybody did anything to them.

    Themselves and bots don't count. Members of communities whom nobody addressed have 0; others are left out.
    """
    found: dict[int, Voices] = {}
    if any_rows(people, "membership"):
        rows = people.db.execute(sql("standing_members"), {"ids": ids(people)})
        found = {creator_id: Voices(0, None) for (creator_id,) in rows}
    for creator_id, done in people.once(acts).items():
        if done[0].towards:
            voiced = {act.other_id for act in done if act.towards and act.type in ADDRESSED and not act.is_bot}
            found[creator_id] = Voices(len(voiced - {creator_id}), max(act.at for act in done if act.towards))
    return found


def acts(people: People) -> dict[int, list[Act]]:
    """What was done towards each creator in the 90 days up to the last time that anything was; then what they did in
    the 90 days up to the last time that either side did anything."""
    if not any_rows(people, "activity"):
        return {}
    found: dict[int, list[Act]] = {}
    for row in people.db.execute(sql("audience_acts"), {"ids": ids(people), "window_ms": WINDOW_MS}):
        found.setdefault(row[0], []).append(Act._make(row[1:]))
    return found


def reactions(people: People) -> dict[int, Reactions]:
    """How people reacted to the newest works of each creator's main account; those without any are left out."""
    if not any_rows(people, "post"):
        return {}
    metric = people.once(metrics)
    mains = [found[0] for found in people.once(accounts).values()]
    counted = {one.account_id: one.creator_id for one in mains if one.followers}
    others = {one.account_id: one.creator_id for one in mains if not one.followers}
    values: dict[str, object] = {name: metric[name] for name in ("likes", "comments", "shares", "views")}
    found: dict[int, Reactions] = {}
    for by_views, owners in ((False, counted), (True, others)):
        asked = {"ids": json.dumps(list(owners)), "by_views": by_views, "window_ms": WINDOW_MS, **values}
        found |= {owners[row[0]]: Reactions(*row[1:]) for row in people.db.execute(sql("standing_posts"), asked)}
    return found


def metrics(people: People) -> dict[str, int]:
    """The id of every metric by its name."""
    return dict(people.db.execute("SELECT name, id FROM metric").fetchall())


def ids(people: People) -> str:
    """The creators as the definitions in SQL take them."""
    return json.dumps(list(people.creator_ids))


def any_rows(people: People, *tables: str) -> bool:
    """Whether one of the tables has rows at all: in a store of imported lists nobody need be looked up in them."""
    return any(people.db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in tables)
