"""How much the audiences of creators overlap, and whom to add to reach the most others: exact, on sets of bits."""

from __future__ import annotations

import json
from array import array
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kolbench.store.connect import Store

Audiences = dict[int, int]
"""Creator to audience: one integer, whose bit n is set when person number n belongs to it."""


class Pair(NamedTuple):
    """Two creators: how many people are in both audiences, and in each."""

    one: int
    other: int
    both: int
    of_one: int
    of_other: int

    @property
    def jaccard(self) -> float:
        """The share of people in both among people in either; 0 when there are none."""
        either = self.of_one + self.of_other - self.both
        return self.both / either if either else 0.0

    @property
    def coefficient(self) -> float:
        """The share of the smaller audience that is in the other as well; 0 when it is empty."""
        smaller = min(self.of_one, self.of_other)
        return self.both / smaller if smaller else 0.0


class Addition(NamedTuple):
    """A creator to add to others: how many people that adds, and how many are reached then."""

    creator_id: int
    added: int
    reached: int


def followers(store: Store, creator_ids: Iterable[int], as_of: int) -> Audiences:
    """The people known by ``as_of`` (ms) to follow each creator; who has two accounts is one person."""
    return _of(store, "audience_followers", creator_ids, {"as_of": as_of})


def engaged(store: Store, creator_ids: Iterable[int], start: int, stop: int) -> Audiences:
    """The people who did anything towards each creator from ``start`` up to, not including, ``stop`` (ms)."""
    return _of(store, "audience_engaged", creator_ids, {"window_from": start, "window_to": stop})


def audiences(ties: Iterable[tuple[int, int]], creator_ids: Iterable[int] = ()) -> Audiences:
    """Each creator's audience from ``(creator, person)``, in any order, any number of times.

    Those of ``creator_ids`` whom no tie names have an empty one.
    """
    number: dict[int, int] = {}
    members: dict[int, array[int]] = {creator_id: array("I") for creator_id in creator_ids}
    for creator_id, person in ties:
        if creator_id not in members:
            members[creator_id] = array("I")
        members[creator_id].append(number.setdefault(person, len(number)))
    return {creator_id: _bits(numbers) for creator_id, numbers in members.items()}


def pairs(found: Audiences) -> Iterator[Pair]:
    """Every two creators, in the order of ``found``."""
    sizes = {creator_id: audience.bit_count() for creator_id, audience in found.items()}
    for (one, a), (other, b) in combinations(found.items(), 2):
        yield Pair(one, other, (a & b).bit_count(), sizes[one], sizes[other])


def reach(found: Audiences) -> int:
    """How many different people all of them reach together."""
    return _union(found.values()).bit_count()


def unique(found: Audiences) -> dict[int, int]:
    """How many people each creator reaches whom none of the others does."""
    once = twice = 0
    for audience in found.values():
        twice |= once & audience
        once |= audience
    alone = once & ~twice
    return {creator_id: (audience & alone).bit_count() for creator_id, audience in found.items()}


def cover(found: Audiences, chosen: Sequence[int] = (), most: int | None = None) -> list[Addition]:
    """Whom to add to ``chosen``, one after the other, each adding the most people; ``most`` additions at most.

    Greedy: at least 63 % of the best that as many creators could reach (Nemhauser, Wolsey and Fisher 1978). It
    ends when nobody adds anybody; equals go by the smaller id.
    """
    reached = _union(found[creator_id] for creator_id in chosen)
    left: Mapping[int, int] = {creator_id: found[creator_id] for creator_id in sorted(found.keys() - set(chosen))}
    additions: list[Addition] = []
    while left and (most is None or len(additions) < most):
        gains = {creator_id: (audience & ~reached).bit_count() for creator_id, audience in left.items()}
        best = max(gains, key=gains.__getitem__)
        if not gains[best]:
            break
        reached |= left[best]
        additions.append(Addition(best, gains[best], reached.bit_count()))
        left = {creator_id: left[creator_id] for creator_id, gain in gains.items() if gain and creator_id != best}
    return additions


def _of(store: Store, definition: str, creator_ids: Iterable[int], values: Mapping[str, int]) -> Audiences:
    ids = list(creator_ids)
    rows = store.reader().execute(sql(definition), {"ids": json.dumps(ids), **values})
    return audiences(rows, ids)


def _bits(numbers: array[int]) -> int:
    """The integer with these bits set."""
    octets = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")


def _union(found: Iterable[int]) -> int:
    union = 0
    for audience in found:
        union |= audience
    return union
