"""Follow-up rule ``first-contact``: somebody who scores high and whom nobody has ever contacted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.programme.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    top = int(looking.parameters["top"])
    # Those a little further down keep what is open, so that a place lost today doesn't open and close it.
    found = looking.db.execute(
        sql("follow_up_first_contact"), {"top": 2 * top, "confidence": looking.parameters["confidence"]}
    )
    for creator_id, place, score, confidence in found.fetchall():
        due_at = looking.at + (place - 1) // max(1, int(looking.parameters["a_day"])) * DAY
        evidence = {"place": place, "score": round(score, 1), "confidence": round(confidence, 2)}
        yield Cause(creator_id, "never", evidence, due_at, opens=place <= top)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    return _("Never contacted, no. {place} by score ({score})").format(**evidence)


RULE = Rule(
    "first-contact",
    lambda: _("Never contacted"),
    {"top": 50, "confidence": 0.3, "a_day": 10},
    _find,
    _why,
    yields_to=("new-koc",),
)
