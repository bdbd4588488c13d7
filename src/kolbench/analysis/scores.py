"""Scores made of measures: what each weighs, and what an unknown one does to the sum.

A measure compares a person with a fixed scale, never with whoever else is in the store, so that months can be
compared. What is not known counts as ``PRIOR`` and lowers the confidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.scoring import PRIOR, UNKNOWN, Component

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.domain.scoring import Measure, Scorer
    from kolbench.domain.settings import Tiers

VERSION = 1
"""Changes with any formula, weight or window of the general score."""

WEIGHTS = {"reach": 0.30, "engagement": 0.25, "voice": 0.20, "growth": 0.15, "activity": 0.10}
"""What the general score weighs, where no brief says whom we look for."""

NO_TIER = "unknown"
"""The size class of somebody whose followers nobody has counted."""

LEAST_TIER = "pico"
"""The size class below the smallest that has a bound."""


class Score(NamedTuple):
    """``total`` from 0 to 100; ``confidence`` is the share of the weights behind known components."""

    total: float
    confidence: float
    components: Sequence[Component]


def score(
    measures: Mapping[str, Measure], scorers: Mapping[str, Scorer], weights: Mapping[str, float] = WEIGHTS
) -> Score:
    """Add up what is known of a person; who is known by name alone comes behind everybody else."""
    components = [
        Component(name, weight, measures.get(name, UNKNOWN), scorers[name].formula if name in scorers else "")
        for name, weight in weights.items()
    ]
    return Score(*add_up((one.weight, one.measure.value) for one in components), components)


def add_up(parts: Iterable[tuple[float, float | None]]) -> tuple[float, float]:
    """Total and confidence of a ``Score`` from the weight and the value of each of its parts."""
    total = confidence = 0.0
    for weight, value in parts:
        if value is None:
            total += 100 * weight * PRIOR
        else:
            total += 100 * weight * value
            confidence += weight
    return total if confidence else 0.0, confidence


def tier(followers: int | None, tiers: Tiers) -> str:
    """The size class of a follower count, ``NO_TIER`` without one."""
    if followers is None:
        return NO_TIER
    found = LEAST_TIER
    for name in tiers.__struct_fields__:
        if followers >= getattr(tiers, name):
            found = name
    return found
