"""How much of somebody's audience is the audience we look for: our own people, or those of chosen examples."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from kolbench.analysis.audience import LEAST, active, followers, names
from kolbench.analysis.metrics import sql
from kolbench.analysis.people import any_rows
from kolbench.domain.lang import N_
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People


class Audience:
    """The share of their known followers and engaged people who are members of our communities, or in the audience
    of the people whom the brief names as examples."""

    name = "audience"
    title = N_("Audience")
    formula = N_("sqrt(ours / known audience)")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those of whose audience at least 20 people are known; nobody without a goal, or where nobody is ours."""
        ours = people.once(_ours)
        found: dict[int, Measure] = {}
        if ours is None:
            return found
        for creator_id, audience in people.once(_known).items():
            count, size = len(ours & audience), len(audience)
            newest = max(people.once(_seen)[creator_id].values())
            found[creator_id] = Measure(math.sqrt(count / size), count / size, count, size, size, None, newest)
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """Those of their audience who are ours, the newest first."""
        ours = people.once(_ours) or set()
        for creator_id, audience in people.once(_known).items():
            seen = people.once(_seen)[creator_id]
            found = sorted(ours & audience, key=lambda person: (-seen.get(person, 0), person))[:limit]
            for person, name in names(people, found).items():
                yield Evidence(seen.get(person), name, 1, "creator", person)


def _seen(people: People) -> dict[int, dict[int, int]]:
    """When (ms) those who engaged, and the newest followers, were last seen to."""
    found: dict[int, dict[int, int]] = {}
    for creator_id, following in people.once(followers).items():
        found[creator_id] = {one.person_id: one.since for one in following.newest}
    for creator_id, engaged in people.once(active).items():
        found.setdefault(creator_id, {}).update({one.person_id: one.at for one in engaged})
    return found


def _known(people: People) -> dict[int, set[int]]:
    """Everybody known to follow each creator, or to have engaged with them, where that are enough."""
    found = {creator_id: following.people for creator_id, following in people.once(followers).items()}
    for creator_id, engaged in people.once(active).items():
        found[creator_id] = found.get(creator_id, set()) | {one.person_id for one in engaged}
    return {creator_id: audience for creator_id, audience in found.items() if len(audience) >= LEAST}


def _ours(people: People) -> set[int] | None:
    """Those of all the audiences who are ours; None where the goal names nobody who could be."""
    goal = people.goal
    if goal is None or not (goal.like or any_rows(people, "membership")):
        return None
    everybody = {person for audience in people.once(_known).values() for person in audience}
    values = {
        "people": json.dumps(sorted(everybody)),
        "ours": json.dumps(goal.ours),
        "anywhere": not goal.ours,
        "like": json.dumps(goal.like),
        "any_liked": bool(goal.like),
    }
    return {person for (person,) in people.db.execute(sql("scorer_audience"), values)}
