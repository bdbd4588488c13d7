"""Who somebody's audience is as far as the store knows: those who follow them, and those who do something."""

from __future__ import annotations

import json
from heapq import nlargest
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, any_rows, ids

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kolbench.domain.scoring import People

LEAST = 20
"""People without whom nothing is said of an audience: a share among fewer is off by more than a tenth."""

SAMPLE = 100
"""The followers, the newest known, of whom each is looked at: a share among them is right within 10 points."""


PART = 10_000
"""Followers that are read at once: somebody may have millions."""


class Follower(NamedTuple):
    """Somebody who follows, by which account, since when (ms) that is known, and what is told of the account:
    whether it has a picture and a bio, and when (ms) it was made."""

    person_id: int
    account_id: int
    since: int
    picture: int
    bio: int
    created_at: int | None


class Following(NamedTuple):
    """All people known to follow somebody, and, if they are enough, the newest of them, the newest first, each once."""

    people: set[int]
    newest: list[Follower]


class Active(NamedTuple):
    """Somebody who did something towards the person: on how many days, and the newest time (ms), shown by a row."""

    person_id: int
    days: int
    at: int
    activity_id: int


def followers(people: People) -> dict[int, Following]:
    """Who is known to follow each creator, bots and staff left out; of whom nobody is known is left out."""
    if not any_rows(people, "follow_edge"):
        return {}
    rows = people.db.execute(sql("audience_known_followers"), {"ids": ids(people)})
    return {creator_id: _following(found) for creator_id, found in groupby(rows, itemgetter(0))}


def active(people: People) -> dict[int, list[Active]]:
    """Who did something towards each creator in the 90 days up to the last time that anybody did."""
    if not any_rows(people, "activity"):
        return {}
    found: dict[int, list[Active]] = {}
    for row in people.db.execute(sql("audience_active"), {"ids": ids(people), "window_ms": WINDOW_MS}):
        found.setdefault(row[0], []).append(Active._make(row[1:]))
    return found


def names(people: People, creator_ids: Collection[int]) -> dict[int, str]:
    """The name of each of these creators."""
    rows = people.db.execute(
        "SELECT creator.id, creator.name FROM json_each(?) AS wanted CROSS JOIN creator ON creator.id = wanted.value",
        (json.dumps(list(creator_ids)),),
    )
    return dict(rows.fetchall())


def _following(rows: Iterator[tuple[Any, ...]]) -> Following:
    everybody: set[int] = set()
    newest: list[tuple[Any, ...]] = []
    while part := list(islice(rows, PART)):
        everybody.update([row[1] for row in part])
        if len(everybody) >= LEAST:
            newest = nlargest(SAMPLE, newest + part, key=itemgetter(3, 2))
    once = {row[1]: Follower(*row[1:]) for row in reversed(newest)}
    return Following(everybody, sorted(once.values(), key=itemgetter(2, 1), reverse=True))
