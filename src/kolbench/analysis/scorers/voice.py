"""How many different people somebody moves to speak to them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, ids, voices
from kolbench.domain.lang import N_, _
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People

DID = {"mention": N_("mentioned them"), "reply": N_("answered them"), "thank": N_("thanked them")}
"""What somebody did who is counted."""


class Voice:
    """How many different people mentioned, answered or thanked them in 90 days."""

    name = "voice"
    title = N_("Voice")
    formula = N_("ln(people + 1) / ln(201)")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those who were addressed, and members of communities whom nobody addressed."""
        return {creator_id: _measure(*found) for creator_id, found in people.once(voices).items()}

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """Each of those people, with the newest time they addressed them."""
        values = {"ids": ids(people), "window_ms": WINDOW_MS, "limit": limit}
        for at, name, kind, activity_id in people.db.execute(sql("evidence_voice"), values):
            yield Evidence(at, f"{name} · {_(DID[kind])}", 1, "activity", activity_id)


def _measure(count: int, last_at: int | None) -> Measure:
    start = None if last_at is None else last_at - WINDOW_MS
    return Measure(scale(count), count, count, None, count, start, last_at)


def scale(people: int) -> float:
    """From nobody (0) to two hundred people (1)."""
    return min(1.0, math.log1p(people) / math.log(201))
