"""Who may become somebody: how good their work is before how much there is of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis.scorers.activity import Activity
from kolbench.analysis.scorers.engagement import Engagement
from kolbench.analysis.scorers.voice import Voice
from kolbench.domain.lang import N_, _
from kolbench.domain.scoring import UNKNOWN, Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People

QUALITY = 0.75
"""What quality weighs beside activity."""

GOOD, BUSY = 0.5, 0.35
"""From where on quality and activity are high: a rate of 2.5 % or 14 people's voices; 3 works and messages a week."""


class Potential:
    """Quality (what others say of their work: engagement and voice, the mean of those known) before activity."""

    name = "potential"
    title = N_("Potential")
    formula = N_("0.75 x quality + 0.25 x activity")

    def __init__(self) -> None:
        self._parts = (Engagement(), Voice())
        self._activity = Activity()

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those of whom quality and activity are known; ``how`` names the quadrant.

        Somebody who neither did anything nor was spoken to has shown nothing that could be judged.
        """
        parts = [scorer.measure(people) for scorer in self._parts]
        found: dict[int, Measure] = {}
        for creator_id, activity in self._activity.measure(people).items():
            known = [part.get(creator_id, UNKNOWN).value for part in parts]
            values = [value for value in known if value is not None]
            if values and activity.value is not None:
                quality = sum(values) / len(values)
                if not quality and not activity.value:
                    continue
                value = QUALITY * quality + (1 - QUALITY) * activity.value
                how = quadrant(quality, activity.value)
                found[creator_id] = Measure(
                    value, quality, value, None, len(values), activity.start, activity.stop, how
                )
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """What engagement, voice and activity each add."""
        for creator_id in self.measure(people):
            parts = [(scorer.title, scorer.measure(people).get(creator_id, UNKNOWN)) for scorer in self._parts]
            known = [(title, measure) for title, measure in parts if measure.value is not None]
            shares = [(title, measure, QUALITY / len(known)) for title, measure in known]
            shares.append((self._activity.title, self._activity.measure(people)[creator_id], 1 - QUALITY))
            for title, measure, weight in shares[:limit]:
                yield Evidence(measure.stop, _(title), weight * (measure.value or 0), "creator", creator_id)


def quadrant(quality: float, activity: float) -> str:
    """``star`` (good and busy), ``sleeper`` (good, seldom seen), ``busy`` (but not good), ``quiet``."""
    if quality >= GOOD:
        return "star" if activity >= BUSY else "sleeper"
    return "busy" if activity >= BUSY else "quiet"
