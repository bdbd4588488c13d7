"""How well what somebody writes fits what a brief is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis import topics_fit
from kolbench.domain.lang import N_
from kolbench.domain.scoring import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import Measure, People


class Fit:
    """The share of their newest works, messages and of what they say about themselves that is on the brief's topic."""

    name = "fit"
    title = N_("Fit")
    formula = topics_fit.FORMULA

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those who wrote anything; nobody where the brief has no topic."""
        topic = people.goal.topic if people.goal else ()
        return topics_fit.fits(people.db, people.creator_ids, topic) if topic else {}

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The texts on the topic with the words that make them so and how surely they do; what counts most first."""
        topic = people.goal.topic if people.goal else ()
        for creator_id in people.creator_ids:
            for work in topics_fit.evidence(people.db, creator_id, topic, limit):
                worth = topics_fit.READ.get(work.kind, 1)
                surely = f"{work.counts / worth:.0%}" + (f" ×{worth}" if worth > 1 else "")
                text = f"{', '.join(work.terms)} {surely} · {work.text}"
                yield Evidence(work.at, text, 1, work.kind if worth == 1 else "account", work.id)
