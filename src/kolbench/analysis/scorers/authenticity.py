"""Who is a key opinion consumer: somebody who serves many different people, lately."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.audience import names
from kolbench.analysis.people import WINDOW_MS, acts, voices
from kolbench.domain.clock import DAY
from kolbench.domain.lang import N_, _
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.analysis.people import Act
    from kolbench.domain.scoring import People


ADDRESSED, THANKED = frozenset(("mention", "reply")), frozenset(("thank", "brownie"))
"""What they do, and what is done towards them, that makes a tie."""

POINTS = (100, 200)
"""For somebody whom they addressed, and for somebody who thanked them ..."""

FORTNIGHT = 14 * DAY
"""... and half of it after so long."""


class Tie(NamedTuple):
    """Somebody whom the person addressed, or who thanked them: the newest time (ms), the row, and the points for it.

    ``last_at`` is when the person was last seen to interact with anybody.
    """

    last_at: int
    other_id: int
    thanks: int
    at: int
    activity_id: int
    points: int


class Authenticity:
    """The points of the leaderboard ``koc`` in the 90 days up to the last time they interacted with anybody."""

    name = "authenticity"
    title = N_("Authenticity")
    formula = N_("ln(points / 100 + 1) / ln(101)")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those who addressed somebody or were thanked, and members of communities who weren't and didn't."""
        found = {creator_id: Measure(0.0, 0, 0, None, 0) for creator_id in people.once(voices)}
        for creator_id, tied in people.once(ties).items():
            points, stop = sum(tie.points for tie in tied), tied[0].last_at
            others = len({tie.other_id for tie in tied})
            found[creator_id] = Measure(scale(points), points, points, None, others, stop - WINDOW_MS, stop)
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """Each tie with its points; whose ties go both ways is marked so."""
        for tied in people.once(ties).values():
            shown = sorted(tied, key=lambda tie: (-tie.points, -tie.at))[:limit]
            called = names(people, {tie.other_id for tie in shown})
            mutual = {tie.other_id for tie in tied if tie.thanks} & {tie.other_id for tie in tied if not tie.thanks}
            for tie in shown:
                text = _("{name} · thanked them") if tie.thanks else _("{name} · addressed by them")
                both = " ⇄" if tie.other_id in mutual else ""
                yield Evidence(
                    tie.at, text.format(name=called[tie.other_id]) + both, tie.points, "activity", tie.activity_id
                )


def ties(people: People) -> dict[int, list[Tie]]:
    """The ties of each creator, as ``leaderboard_koc.sql`` defines them; who has none is left out.

    100 points for every other person whom they addressed, 200 for every other person who thanked them (in words or by
    a point), each once by the newest time. Here in the 90 days up to the last time that they did anything towards
    anybody, or anybody towards them, and half in each fortnight that it lies before that. Bots and staff don't count.
    """
    found: dict[int, list[Tie]] = {}
    for creator_id, done in people.once(acts).items():
        last_at = max([act.at for act in done])
        newest: dict[tuple[int, int], Act] = {}
        for act in done:
            tie = act.other_id, act.towards
            if act.type not in (THANKED if act.towards else ADDRESSED) or not act.counted or act.other_id == creator_id:
                continue
            if act.at > last_at - WINDOW_MS and (tie not in newest or act.at > newest[tie].at):
                newest[tie] = act
        if newest:
            found[creator_id] = [
                Tie(last_at, other, thanks, act.at, act.activity_id, POINTS[thanks] >> (last_at - act.at) // FORTNIGHT)
                for (other, thanks), act in sorted(newest.items())
            ]
    return found


def scale(points: int) -> float:
    """From helping nobody (0) to a hundred people within a fortnight (1)."""
    return min(1.0, math.log1p(points / 100) / math.log(101))
