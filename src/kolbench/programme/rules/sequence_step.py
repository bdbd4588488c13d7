"""Follow-up rule ``sequence-step``: the turn of a step has come in a sequence in which somebody is enrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.programme.rules.rule import Rule
from kolbench.store.enrolments import RULE as NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    from kolbench.programme import outreach

    ahead = int(looking.parameters["ahead_days"] * DAY)
    for one in outreach.upcoming(store, looking.at, ahead, looking.creator_ids):
        yield Cause(
            one.enrolment.creator_id,
            f"{one.enrolment.id}:{one.step}",
            outreach.evidence(one),
            one.due_at,
            channel=one.placed.step.channel,
            plan=one.placed.plan,
            waits=one.enrolment.step > 0,
            moves=True,
        )


def _why(evidence: Mapping[str, Any], at: int) -> str:
    parts = [_("{sequence}: {plan}, step {step}").format(**evidence)]
    if missing := evidence.get("missing"):
        parts.append(_("the script lacks {missing}").format(missing=", ".join(missing)))
    elif "draft" in evidence or "wrong" in evidence:
        parts.append(_("the script can't be sent"))
    if also := evidence.get("also"):
        parts.append(_("also in {names}").format(names=", ".join(also)))
    return "; ".join(parts)


RULE = Rule(NAME, lambda: _("Next step of a sequence"), {"ahead_days": 7}, _find, _why)
