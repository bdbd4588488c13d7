"""How good a ranking is: discounted gain, precision, and how sure either is."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice


def ranked(values: Mapping[int, float], people: Sequence[int]) -> list[int]:
    """``people`` from the greatest value to the least; equals by id, which says nothing of them."""
    return sorted(people, key=lambda one: (-values.get(one, 0), one))


def ndcg(gains: Iterable[float], best: Iterable[float], depth: int = 20) -> float:
    """Normalised discounted cumulative gain: the sum of gain / log2(place + 1) over the first ``depth`` places.

    ``gains`` are those of people in ranked order, ``best`` everybody's; the latter from the greatest down would make
    1. The gain is linear: twice the thanks are twice as good. 0 where nobody has any.
    """
    found = sum(gain / math.log2(place + 2) for place, gain in enumerate(islice(gains, depth)))
    ideal = sum(gain / math.log2(place + 2) for place, gain in enumerate(sorted(best, reverse=True)[:depth]))
    return found / ideal if ideal else 0.0


def average_precision(hits: Sequence[bool]) -> float:
    """The mean, over all hits of a whole ranking, of the share of hits up to each."""
    found, total = 0, 0.0
    for place, hit in enumerate(hits, 1):
        if hit:
            found += 1
            total += found / place
    return total / found if found else 0.0


def bootstrap(
    measure: Callable[[Mapping[int, int]], float], people: Sequence[int], samples: int
) -> tuple[float, float]:
    """The middle 95 % of ``measure``, which is told how often each was drawn, when ``people`` are drawn again."""
    chance = random.Random(20260101)
    found = sorted(measure(Counter(chance.choices(people, k=len(people)))) for _ in range(samples))
    return found[int(0.025 * samples)], found[min(samples - 1, int(0.975 * samples))]


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
