"""How often somebody publishes or speaks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, ids, voices, works
from kolbench.domain.clock import DAY
from kolbench.domain.lang import N_
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People


class Activity:
    """Works and messages a week in the 90 days up to the newest of them."""

    name = "activity"
    title = N_("Activity")
    formula = "ln(works a week + 1) / ln(51)"

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those who published or said something, and members of communities who didn't."""
        found = {creator_id: _measure(0, None) for creator_id in people.once(voices)}
        for creator_id, done in people.once(works).items():
            found[creator_id] = _measure(done.number, done.last_active_at)
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The works and messages, the newest first."""
        values = {"ids": ids(people), "window_ms": WINDOW_MS, "limit": limit}
        yield from map(Evidence._make, people.db.execute(sql("evidence_activity"), values))


def _measure(count: int, last_at: int | None) -> Measure:
    weekly = count / (WINDOW_MS / (7 * DAY))
    start = None if last_at is None else last_at - WINDOW_MS
    return Measure(scale(weekly), weekly, count, None, count, start, last_at)


def scale(weekly: float) -> float:
    """From silence (0) to fifty works and messages a week (1)."""
    return min(1.0, math.log1p(weekly) / math.log(51))
