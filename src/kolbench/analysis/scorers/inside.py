"""Whether somebody is one of us already."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import any_rows, ids
from kolbench.domain.lang import N_
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People


class Inside:
    """Whether they belong to a community of ours: who does ranks ahead of an equal outsider."""

    name = "inside"
    title = N_("One of us")
    formula = N_("1 for members of our communities")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Everybody: who isn't a member has 0."""
        found = dict.fromkeys(people.creator_ids, Measure(0.0, 0, 0))
        if any_rows(people, "membership"):
            for creator_id, communities, since in people.db.execute(sql("scorer_inside"), _values(people)):
                found[creator_id] = Measure(1.0, communities, communities, None, communities, since)
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The memberships, the oldest first."""
        values = {**_values(people), "limit": limit}
        yield from map(Evidence._make, people.db.execute(sql("evidence_inside"), values))


def _values(people: People) -> dict[str, str]:
    return {"ids": ids(people), "ours": json.dumps(people.goal.ours if people.goal else ())}
