"""What several scorers need to know of the same people, read once for all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY

if TYPE_CHECKING:
    from kolbench.domain.scoring import People

WINDOW_MS = 90 * DAY
GROWTH_MS = 30 * DAY

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


class Works(NamedTuple):
    """When somebody last published or said something (ms), and how often in the 90 days up to then."""

    last_active_at: int
    number: int


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
    """Works of 90 days with counted reactions, and the likes, comments and shares of all of them."""

    posts: int
    reactions: int


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
    rows = people.db.execute(sql("standing_works"), {"ids": ids(people), "window_ms": WINDOW_MS})
    return {row[0]: Works(*row[1:]) for row in rows}


def voices(people: People) -> dict[int, int]:
    """How many different people addressed each creator in the 90 days up to the last time anybody did.

    Themselves and bots don't count. Members of communities whom nobody addressed have 0; others are left out.
    """
    found: dict[int, int] = {}
    if any_rows(people, "membership"):
        found = {creator_id: 0 for (creator_id,) in people.db.execute(sql("standing_members"), {"ids": ids(people)})}
    for creator_id, done in people.once(acts).items():
        if done[0].towards:
            voiced = {act.other_id for act in done if act.towards and act.type in ADDRESSED and not act.is_bot}
            found[creator_id] = len(voiced - {creator_id})
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
    owners = {found[0].account_id: creator_id for creator_id, found in people.once(accounts).items()}
    values = {name: metric[name] for name in ("likes", "comments", "shares")}
    rows = people.db.execute(sql("standing_posts"), {"ids": json.dumps(list(owners)), "window_ms": WINDOW_MS, **values})
    return {owners[row[0]]: Reactions(*row[1:]) for row in rows}


def metrics(people: People) -> dict[str, int]:
    """The id of every metric by its name."""
    return dict(people.db.execute("SELECT name, id FROM metric").fetchall())


def ids(people: People) -> str:
    """The creators as the definitions in SQL take them."""
    return json.dumps(list(people.creator_ids))


def any_rows(people: People, *tables: str) -> bool:
    """Whether one of the tables has rows at all: in a store of imported lists nobody need be looked up in them."""
    return any(people.db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in tables)
