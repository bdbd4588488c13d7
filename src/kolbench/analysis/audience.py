"""Who somebody's audience is as far as the store knows: those who follow them, and those who do something."""

from __future__ import annotations

import json
from heapq import nlargest
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import acts, any_rows, ids
from kolbench.domain.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kolbench.analysis.people import Act
    from kolbench.domain.scoring import People

LEAST = 20
"""People without whom nothing is said of an audience: a share among fewer is off by more than a tenth."""

SAMPLE = 100
"""The followers, the newest known, of whom each is looked at: a share among them is right within 10 points."""


PART = 10_000
"""Followers that are read at once: somebody may have millions."""


class Follower(NamedTuple):
    """Somebody who follows, by which account, and since when (ms) that is known."""

    person_id: int
    account_id: int
    since: int


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
    """Who did something towards each creator in the 90 days up to the last time that anybody did.

    Not counted: the person themself, bots and staff.
    """
    found: dict[int, list[Active]] = {}
    for creator_id, done in people.once(acts).items():
        days: dict[int, set[int]] = {}
        newest: dict[int, Act] = {}
        for act in done:
            other_id = act.other_id
            if act.towards and act.counted and other_id != creator_id:
                days.setdefault(other_id, set()).add(act.at // DAY)
                if other_id not in newest or act.at > newest[other_id].at:
                    newest[other_id] = act
        if days:
            found[creator_id] = [
                Active(other_id, len(on), newest[other_id].at, newest[other_id].activity_id)
                for other_id, on in days.items()
            ]
    return found


def names(people: People, creator_ids: Collection[int]) -> dict[int, str]:
    """The name of each of these creators."""
    rows = people.db.execute(
        "SELECT creator.id, creator.name FROM json_each(?) AS wanted CROSS JOIN creator ON creator.id = wanted.value",
        (json.dumps(list(creator_ids)),),
    )
    return dict(rows.fetchall())


def _following(rows: Iterator[tuple[int, int, int, int]]) -> Following:
    everybody: set[int] = set()
    newest: list[tuple[int, int, int, int]] = []
    while part := list(islice(rows, PART)):
        everybody.update([row[3] for row in part])
        if len(everybody) >= LEAST:
            newest = nlargest(SAMPLE, newest + part)
    once: dict[int, Follower] = {}
    for _creator_id, since, account_id, person_id in newest:
        if person_id not in once:
            once[person_id] = Follower(person_id, account_id, since)
    return Following(everybody, list(once.values()))
