"""Follow-up rule ``reward-due``: somebody has earned a reward by a rule, and waits for it to be confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.programme.rules.rule import Rule
from kolbench.store import proposals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    for proposal in proposals.listed(store, waiting=True):
        for line in proposals.lines(store, proposal.id):
            evidence = {
                "proposal": proposal.id, "rule": proposal.rule, "period": proposal.period, "value": line.value,
                "kind": line.kind, "amount": line.amount, "unit": line.unit,
            }  # fmt: skip
            due_at = proposal.at + int(looking.parameters["days"]) * DAY
            yield Cause(line.creator_id, f"{proposal.rule}:{proposal.period}", evidence, due_at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    from kolbench.domain.incentives import Amount

    what = Amount(evidence["amount"], evidence["unit"])
    text = _("{what} by '{rule}' for {period}: confirm proposal {proposal}")
    return text.format(**{**evidence, "what": what})


RULE = Rule("reward-due", lambda: _("Reward due"), {"days": 2}, _find, _why, at_most=200, contacts=False)
