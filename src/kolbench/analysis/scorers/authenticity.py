"""Who is a key opinion consumer: somebody who serves many different people, lately."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.audience import names
from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, any_rows, ids, voices
from kolbench.domain.lang import N_, _
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People


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
    formula = "ln(points / 100 + 1) / ln(101)"

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
    """The ties of each creator; who has none is left out."""
    if not any_rows(people, "activity"):
        return {}
    found: dict[int, list[Tie]] = {}
    for row in people.db.execute(sql("scorer_authenticity"), {"ids": ids(people), "window_ms": WINDOW_MS}):
        found.setdefault(row[0], []).append(Tie._make(row[1:]))
    return found


def scale(points: int) -> float:
    """From helping nobody (0) to a hundred people within a fortnight (1)."""
    return min(1.0, math.log1p(points / 100) / math.log(101))
