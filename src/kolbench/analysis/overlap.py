"""How much the audiences of creators overlap, whom they reach together, and whom to add to reach the most others.

Exact where all people find room, else estimated from a sample of them, each figure with its standard error:

- A number of people is counted in the sample and divided by the sampled share p. Its error is √(n·(1 − p)) ÷ p for n
  counted people (Horvitz and Thompson 1952, each person drawn with the same probability p).
- A part, such as Jaccard's, is that of the sample. Its error is √(r·(1 − r) ÷ n · (1 − p)) for a part r of n counted
  people (Cochran 1977, sections 3.2 and 2.6). Since a sample may by chance show none or all, the error is that of a
  part with one person more on either side (Agresti and Coull 1998).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache, reduce
from heapq import heapify, heappop, heappush, nsmallest
from itertools import combinations, zip_longest
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis import crowd
from kolbench.analysis.crowd import ROOM, Audience, Crowd, Ties
from kolbench.domain.clock import now
from kolbench.store import candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kolbench.store.connect import Store

DAYS = 90
"""So many days of what people did are compared unless told otherwise."""

KEPT = 64
"""So many audiences of possible additions are kept at once; others are read again when they matter again."""


class Figure(NamedTuple):
    """A number with its standard error, which is 0 where the number is exact."""

    value: float
    error: float


class Pair(NamedTuple):
    """Two creators: how many people are in both audiences, and in each."""

    one: int
    other: int
    both: int
    of_one: int
    of_other: int

    @property
    def either(self) -> int:
        """How many people are in either."""
        return self.of_one + self.of_other - self.both

    @property
    def smaller(self) -> int:
        """How many people are in the smaller one."""
        return min(self.of_one, self.of_other)

    @property
    def jaccard(self) -> float:
        """The share of people in both among people in either; 0 when there are none."""
        return self.both / self.either if self.either else 0.0

    @property
    def coefficient(self) -> float:
        """The share of the smaller audience that is in the other as well; 0 when it is empty."""
        return self.both / self.smaller if self.smaller else 0.0


class Reached(NamedTuple):
    """A creator's audience, and how many in it none of the other creators reaches."""

    creator_id: int
    people: int
    alone: int


class Addition(NamedTuple):
    """A creator to add to others: how many people that adds, and how many are reached then."""

    creator_id: int
    added: int
    reached: int


@dataclass(frozen=True)
class Overlap:
    """What a comparison found. Numbers of people are as counted, in all people or in the sample of the ``share``.

    ``whole`` and ``part`` make figures of them.
    """

    ties: Ties
    share: float
    creators: Sequence[Reached]
    pairs: Sequence[Pair]
    reached: int
    additions: Sequence[Addition]

    @property
    def known(self) -> bool:
        """Whether anybody is known to be in any of the audiences."""
        return self.reached > 0

    @property
    def exact(self) -> bool:
        """Whether all people were looked at."""
        return self.share == 1

    def closest(self, most: int) -> list[Pair]:
        """The pairs with the largest part of the smaller audience in common; ``most`` of them at most."""
        return nsmallest(most, self.pairs, key=lambda pair: (-pair.coefficient, -pair.both))

    def whole(self, counted: int) -> Figure:
        """How many people there are, when so many were counted."""
        if self.exact:
            return Figure(counted, 0.0)
        return Figure(round(counted / self.share), math.sqrt(max(counted, 1) * (1 - self.share)) / self.share)

    def part(self, counted: int, among: int) -> Figure | None:
        """Which part of a number of people others are, as both were counted; None of nobody."""
        if not among:
            return None
        likely = (counted + 1) / (among + 2)
        return Figure(counted / among, math.sqrt(likely * (1 - likely) / among * (1 - self.share)))


def basis(store: Store, creator_ids: Sequence[int]) -> str:
    """What is known of their audiences: who follows them, else who engaged with them, if anybody ever did."""
    if any(crowd.sizes(store, crowd.followers(now() + 1), creator_ids).values()):
        return "followers"
    return "followers" if crowd.newest(store, creator_ids) is None else "engaged"


def ties(store: Store, creator_ids: Sequence[int], by: str, days: int = DAYS) -> Ties:
    """What to compare: the ``followers`` known today, or who ``engaged`` in the last days that anybody did.

    These are ``days`` (0: all there are) up to the newest activity towards each of the creators, and not up to today:
    an archive that ended long ago would otherwise be empty. Scores count the same days.
    """
    if by == "followers":
        return crowd.followers(now() + 1)
    newest = crowd.newest(store, creator_ids)
    stop = now() + 1 if newest is None else newest + 1
    return crowd.engaged(0, stop, days)


def compare(
    store: Store,
    creator_ids: Sequence[int],
    ties: Ties,
    additions: int = 0,
    pool: Iterable[int] | None = None,
    room: int = ROOM,
    brief_id: int | None = None,
) -> Overlap:
    """Compare the audiences of these creators, and find the best ``additions`` (so many at most) out of a pool.

    The pool is everybody of whose audience anybody is known unless given, who may still be chosen: for the brief, if
    there is one. ``room`` is in bits, of which a comparison takes at most the number of creators times that of people.
    """
    chosen = list(dict.fromkeys(creator_ids))
    with store.reading():  # people who arrive meanwhile have no number
        sizes = crowd.sizes(store, ties, chosen)
        people = Crowd(store, ties, sizes, room)
        read = {creator_id: people.audience(creator_id) for creator_id in sorted(chosen, key=sizes.__getitem__)}
        found = {creator_id: read[creator_id] for creator_id in chosen}
        alone = unique(found)
        reached = union(found.values())
        best: list[Addition] = []
        if additions:
            offered = candidates.open_to(store, crowd.pool(store, ties) if pool is None else pool, brief_id)
            offered.difference_update(chosen)
            best = cover(reached, crowd.sizes(store, ties, offered), people.audience, additions)
    return Overlap(
        ties,
        people.share,
        [Reached(creator_id, count(found[creator_id]), alone[creator_id]) for creator_id in chosen],
        list(pairs(found)),
        count(reached),
        best,
    )


def pairs(found: Mapping[int, Audience]) -> Iterator[Pair]:
    """Every two creators, in the order of ``found``."""
    sizes = {creator_id: count(audience) for creator_id, audience in found.items()}
    for (one, a), (other, b) in combinations(found.items(), 2):
        yield Pair(one, other, count(map(and_, a, b)), sizes[one], sizes[other])


def union(audiences: Iterable[Audience]) -> Audience:
    """The people who are in any of them."""
    return reduce(lambda a, b: tuple(x | y for x, y in zip_longest(a, b, fillvalue=0)), audiences, ())


def unique(found: Mapping[int, Audience]) -> dict[int, int]:
    """How many people each creator reaches whom none of the others does."""
    once: Audience = ()
    twice: Audience = ()
    for audience in found.values():
        twice = union((twice, tuple(map(and_, once, audience))))
        once = union((once, audience))
    alone = _without(once, twice)
    return {creator_id: count(map(and_, audience, alone)) for creator_id, audience in found.items()}


def cover(
    reached: Audience, sizes: Mapping[int, int], audience: Callable[[int], Audience], most: int
) -> list[Addition]:
    """Whom to add to the people ``reached``, one after the other, each adding the most; ``most`` additions at most.

    ``sizes`` tells whom there is to add, and how many people are in their ``audience`` at most. Greedy: at least
    63 % of the best that as many creators could add (Nemhauser, Wolsey and Fisher 1978). It ends when nobody adds
    anybody; equals go by the smaller id. Whoever added few before adds no more now, so that only those are looked at
    who may be the best (Minoux 1978).
    """
    audience = lru_cache(KEPT)(audience)
    additions: list[Addition] = []
    waiting = [(-size, creator_id) for creator_id, size in sizes.items()]
    heapify(waiting)
    while waiting and len(additions) < most:
        _bound, creator_id = heappop(waiting)
        added = count(_without(audience(creator_id), reached))
        if waiting and waiting[0] < (-added, creator_id):
            heappush(waiting, (-added, creator_id))
        elif not added:
            break
        else:
            reached = union((reached, audience(creator_id)))
            additions.append(Addition(creator_id, added, count(reached)))
    return additions


def count(audience: Iterable[int]) -> int:
    """How many people are in an audience.

    Three integers of bits become two, a sum and a carry, until few are left: logic on long integers costs a
    fifteenth of counting their bits (Harley and Seal; Warren 2012, section 5-1).
    """
    words = list(audience)
    people, weight = 0, 1
    while words:
        carries = []
        while len(words) > 2:
            x, y, z = words.pop(), words.pop(), words.pop()
            odd = x ^ y
            words.append(odd ^ z)
            carries.append(x & y | odd & z)
        for word in words:
            people += weight * word.bit_count()
        words = carries
        weight *= 2
    return people


def _without(audience: Audience, others: Audience) -> Audience:
    return tuple(a & ~b for a, b in zip_longest(audience, others[: len(audience)], fillvalue=0))
