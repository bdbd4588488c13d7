"""How fast somebody's followers grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis import anomaly
from kolbench.analysis.people import GROWTH_MS, accounts, metrics, per_period
from kolbench.domain.clock import DAY
from kolbench.domain.lang import N_, _
from kolbench.domain.scoring import UNKNOWN, Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.analysis.people import Account, PerPeriod
    from kolbench.domain.scoring import People

_TOLD = {"spike": N_("a jump that nothing explains"), "line": N_("straighter than people come and go")}

LEAST_MS, MOST_MS = 7 * DAY, 180 * DAY
"""Counts closer together, or further apart, say nothing of how fast somebody grows."""


class Growth:
    """The growth of the main account's followers in 30 days, by its newest count and one at least a week older.

    It doesn't count where the last 90 days show an anomaly that nothing explains.
    """

    name = "growth"
    title = N_("Growth")
    formula = N_("0.5 + 5 x growth in 30 days")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those with counts far enough apart. Of whom only what they gained is told, how fast that is isn't known:
        ``how`` is ``gained``, and there is no value.
        """
        judged = people.once(_judged)
        found: dict[int, Measure] = {}
        for creator_id, owned in people.once(accounts).items():
            measure = growth(owned[0])
            judgement = judged.get(owned[0].account_id)
            if judgement and judgement.flagged:
                measure = _discounted(measure, judgement)
            if measure.value is None and (gained := _gained(people, owned[0])):
                measure = Measure(None, None, gained.value, None, None, gained.start, gained.at, "gained")
            if measure.value is not None or measure.how:
                found[creator_id] = measure
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The counts from the first to the last, the newest first; or what is odd about them."""
        for owned in people.once(accounts).values():
            judgement = people.once(_judged).get(owned[0].account_id)
            if judgement and judgement.flagged:
                for odd in sorted(judgement.unexplained, key=lambda odd: -odd.gained)[:limit]:
                    yield Evidence(odd.stop, _(_TOLD[odd.kind]), odd.gained, "account", owned[0].account_id)
                return
            if gained := _gained(people, owned[0]):
                yield Evidence(gained.at, gained.text, gained.value, "account", owned[0].account_id)
                return
            rows = people.db.execute(
                "SELECT observed_at, 'followers', value, 'account', account_id FROM account_snapshot"
                " WHERE account_id = ? AND metric_id = ? AND observed_at >= ? ORDER BY observed_at DESC LIMIT ?",
                (owned[0].account_id, people.once(metrics)["followers"], owned[0].base_at, limit),
            )
            yield from map(Evidence._make, rows)


def _gained(people: People, main: Account) -> PerPeriod | None:
    """What an account without a follower count gained in the longest period that a source tells."""
    counts = people.once(per_period).get(main.account_id, ())
    told = [one for one in counts if one.metric == "followers_gained"]
    return told[0] if told and main.followers is None else None


def _judged(people: People) -> dict[int, anomaly.Judgement]:
    """The series of main accounts that are long enough to be judged."""
    counted = [owned[0] for owned in people.once(accounts).values()]
    several = [one.account_id for one in counted if one.followers_at != one.base_at]
    return anomaly.of_accounts(people.db, several) if several else {}


def _discounted(measure: Measure, judgement: anomaly.Judgement) -> Measure:
    odd = judgement.unexplained
    start, stop = min(one.start for one in odd), max(one.stop for one in odd)
    gained = sum(one.gained for one in odd)
    return Measure(0.0, measure.figure, gained, measure.denominator, judgement.steps, start, stop, "anomaly")


def growth(main: Account) -> Measure:
    """The growth between two counts as if it took 30 days; ``how`` is ``apart`` where that can't be said."""
    now, base, at, base_at = main.followers, main.base_followers, main.followers_at, main.base_at
    if not now or not base or at is None or base_at is None or at - base_at < LEAST_MS:
        return UNKNOWN
    if at - base_at > MOST_MS:
        return Measure(None, None, now, base, None, base_at, at, "apart")
    figure = (now / base) ** (GROWTH_MS / (at - base_at)) - 1
    return Measure(scale(figure), figure, now, base, None, base_at, at)


def scale(growth: float) -> float:
    """From losing a tenth (0) over standing still (0.5) to gaining a tenth (1)."""
    return min(1.0, max(0.0, 0.5 + 5 * growth))
