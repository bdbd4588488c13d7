"""How often somebody publishes or speaks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import PERIODS, WINDOW_MS, PerPeriod, accounts, ids, per_period, voices, works
from kolbench.domain.clock import DAY
from kolbench.domain.lang import N_
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People


LEAST_MS = 7 * DAY
"""A shorter period says nothing of how often somebody publishes."""


class Activity:
    """Works and messages a week in the 90 days up to the newest of them, else as a source counted them.

    Nothing of theirs in the last 90 days that are known of the platform is none.
    """

    name = "activity"
    title = N_("Activity")
    formula = N_("ln(works a week + 1) / ln(51)")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those who published or said something, and members of communities who didn't; ``how`` is ``silent``, or
        ``counted`` by a source."""
        found = {creator_id: _measure(0, None) for creator_id in people.once(voices)}
        for creator_id, counts in people.once(_counted).items():
            weekly = sum(one.value * 7 * DAY / PERIODS[one.period] for one in counts)
            number = sum(one.value for one in counts)
            start, stop = min(one.start for one in counts), max(one.at for one in counts)
            found[creator_id] = Measure(scale(weekly), weekly, number, None, number, start, stop, "counted")
        for creator_id, done in people.once(works).items():
            silent = _measure(0, done.horizon_at, "silent")
            found[creator_id] = silent if done.silent else _measure(done.number, done.last_active_at)
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The works and messages, the newest first; or what a source counted."""
        done, counted = people.once(works), people.once(_counted)
        for creator_id in people.creator_ids:
            if creator_id not in done:
                for one in counted.get(creator_id, ())[:limit]:
                    yield Evidence(one.at, one.text, one.value, "account", one.account_id)
            elif not done[creator_id].silent:
                values = {"ids": ids(people), "window_ms": WINDOW_MS, "limit": limit}
                yield from map(Evidence._make, people.db.execute(sql("evidence_activity"), values))


def _counted(people: People) -> dict[int, list[PerPeriod]]:
    """Works of each creator as sources counted them: of each account those of the longest period, a week at least."""
    found: dict[int, list[PerPeriod]] = {}
    periods = people.once(per_period)
    for creator_id, owned in people.once(accounts).items() if periods else ():
        for one in owned:
            counts = periods.get(one.account_id, ())
            works = [each for each in counts if each.metric == "posts" and PERIODS[each.period] >= LEAST_MS]
            found.setdefault(creator_id, []).extend(works[:1])
    return {creator_id: counts for creator_id, counts in found.items() if counts}


def _measure(count: int, stop: int | None, how: str = "") -> Measure:
    weekly = count / (WINDOW_MS / (7 * DAY))
    start = None if stop is None else stop - WINDOW_MS
    return Measure(scale(weekly), weekly, count, None, count, start, stop, how)


def scale(weekly: float) -> float:
    """From silence (0) to fifty works and messages a week (1)."""
    return min(1.0, math.log1p(weekly) / math.log(51))
