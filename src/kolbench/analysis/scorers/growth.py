"""How fast somebody's followers grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis.people import GROWTH_MS, accounts, metrics
from kolbench.domain.clock import DAY
from kolbench.domain.lang import N_
from kolbench.domain.scoring import UNKNOWN, Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.analysis.people import Account
    from kolbench.domain.scoring import People

LEAST_MS = 7 * DAY
"""Counts closer together than this say nothing of growth."""


class Growth:
    """The growth of the main account's followers in 30 days, by its newest count and one at least a week older."""

    name = "growth"
    title = N_("Growth")
    formula = "0.5 + 5 x growth in 30 days"

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those with counts far enough apart."""
        found = {creator_id: growth(owned[0]) for creator_id, owned in people.once(accounts).items()}
        return {creator_id: measure for creator_id, measure in found.items() if measure.value is not None}

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The counts from the first to the last, the newest first."""
        for owned in people.once(accounts).values():
            rows = people.db.execute(
                "SELECT observed_at, 'followers', value, 'account', account_id FROM account_snapshot"
                " WHERE account_id = ? AND metric_id = ? AND observed_at >= ? ORDER BY observed_at DESC LIMIT ?",
                (owned[0].account_id, people.once(metrics)["followers"], owned[0].base_at, limit),
            )
            yield from map(Evidence._make, rows)


def growth(main: Account) -> Measure:
    """The growth between two counts as if it took 30 days."""
    now, base, at, base_at = main.followers, main.base_followers, main.followers_at, main.base_at
    if not now or not base or at is None or base_at is None or at - base_at < LEAST_MS:
        return UNKNOWN
    figure = (now / base) ** (GROWTH_MS / (at - base_at)) - 1
    return Measure(scale(figure), figure, now, base, None, base_at, at)


def scale(growth: float) -> float:
    """From losing a tenth (0) over standing still (0.5) to gaining a tenth (1)."""
    return min(1.0, max(0.0, 0.5 + 5 * growth))
