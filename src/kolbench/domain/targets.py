"""The target of a campaign: what it comes to, and how much of it falls to each day and to each person."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from kolbench.domain import money
from kolbench.domain.campaigns import window, zone

if TYPE_CHECKING:
    from datetime import date

    from kolbench.domain.campaigns import Terms

FINE = 100
"""From so many main units a part on, a target of revenue is divided into whole ones: the plan is no more exact."""


def by_day(terms: Terms) -> list[tuple[date, int]]:
    """The target of each day of the campaign; they add up to the whole. Empty without a start, an end or a target.

    Revenue is in the currency's smallest unit.
    """
    start, stop = window(terms)
    if start is None or stop is None or not terms.target.amount:
        return []
    there = zone(terms.time_zone)
    first, last = (datetime.fromtimestamp(at / 1000, there).date() for at in (start, stop - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weights = [terms.target.days.get(day.isoformat(), 1.0) for day in days]
    return list(zip(days, _parts(terms, weights)))


def by_person(terms: Terms, n: int) -> list[int]:
    """The target of each of ``n`` people, the most first; they add up to the whole. As ``by_day``."""
    return sorted(_parts(terms, [1.0] * n), reverse=True) if n and terms.target.amount else []


def planned(terms: Terms, n: int) -> str:
    """A target or a part of it for people: revenue in the currency's main unit, with decimals only where it has any."""
    if terms.target.figure != "revenue":
        return f"{n:,}"
    whole, part = divmod(n, 10 ** money.EXPONENTS[terms.currency])
    return money.decimal(money.Money(n, terms.currency), grouped=True) if part else f"{whole:,}"


def _parts(terms: Terms, weights: list[float]) -> list[int]:
    """The target by weight; of revenue in whole main units where that is fine enough."""
    amount = terms.target.amount
    if amount < FINE * len(weights):
        return shares(goal(terms), weights)
    return [part * (goal(terms) // amount) for part in shares(amount, weights)]


def goal(terms: Terms) -> int:
    """The target's amount; of revenue in the currency's smallest unit."""
    scale: int = 10 ** money.EXPONENTS[terms.currency] if terms.target.figure == "revenue" else 1
    return terms.target.amount * scale


def shares(amount: int, weights: list[float]) -> list[int]:
    """``amount`` in whole parts by weight that add up to it; the first ones, however many, are right to half a unit."""
    if not any(weights):
        weights = [1.0] * len(weights)
    sums = list(accumulate(weights))
    bounds = [0, *(min(amount, round(amount * one / sums[-1])) for one in sums[:-1]), amount]
    return [stop - start for start, stop in pairwise(bounds)]
