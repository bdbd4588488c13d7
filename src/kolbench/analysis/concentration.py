"""How much rests on few: the Gini coefficient, the Herfindahl-Hirschman index, and the number it is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

DISPERSED, CONCENTRATED = 1_000, 1_800
"""The index below which a market is dispersed, and above which it is concentrated (US merger guidelines, 2023)."""


class Concentration(NamedTuple):
    """How much rests on few: the index, of how many equals it would be the same, and the Gini coefficient."""

    hhi: float
    effective: float
    gini: float

    @property
    def verdict(self) -> str:
        """``dispersed``, ``moderate`` or ``concentrated``, by the index."""
        if self.hhi < DISPERSED:
            return "dispersed"
        return "concentrated" if self.hhi > CONCENTRATED else "moderate"


def measure(values: Iterable[float]) -> Concentration | None:
    """All three at once; None when there is no whole. Raises ValueError for a share below zero."""
    shares = _shares(values)
    index, coefficient = hhi(shares), gini(shares)
    return None if index is None or coefficient is None else Concentration(index, 10_000 / index, coefficient)


def gini(values: Iterable[float]) -> float | None:
    """How unequally a whole is shared: 0 (all alike) to 1 - 1/n (one has it all); None when there is no whole.

    Sum of (2i - n - 1) x_i over n times the whole, x in ascending order and i from 1: the coefficient of a whole
    population, without the correction for samples. Raises ValueError for a share below zero.
    """
    shares = _shares(values)
    n, whole = len(shares), sum(shares)
    if not whole:
        return None
    return sum((2 * place - n - 1) * share for place, share in enumerate(shares, 1)) / (n * whole)


def hhi(values: Iterable[float]) -> float | None:
    """The sum of squared shares in per cent: near 0 (many small) to 10,000 (one); None when there is no whole.

    Raises ValueError for a share below zero.
    """
    shares = _shares(values)
    whole = sum(shares)
    return 10_000 * sum(share * share for share in shares) / (whole * whole) if whole else None


def _shares(values: Iterable[float]) -> list[float]:
    shares = sorted(values)
    if shares and shares[0] < 0:
        raise ValueError("a share below zero")
    return shares
