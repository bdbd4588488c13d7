"""A plugin's follow-up rule behind a wall: what it makes up is left out, and what it raises is told, and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.domain.errors import KolbenchError
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.programme.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.following import FollowUpRule, Looking
    from kolbench.store.connect import Store

MOST_EVIDENCE = 4_000
"""Characters that the evidence of one cause may have."""


def guarded(rule: FollowUpRule) -> Rule:
    """``rule`` as one of ours, as far as it keeps to the contract; it is handed what can't write."""

    def find(_store: Store, looking: Looking) -> Iterator[Cause]:
        for cause in rule.find(looking):
            yield _sound(cause)

    def why(evidence: Mapping[str, Any], at: int) -> str:
        return clean_line(str(rule.why(evidence, at)), 300)

    title = clean_line(rule.title, 60)
    return Rule(rule.name, lambda: title, dict(rule.parameters), find, why)


def _sound(cause: object) -> Cause:
    """The cause, cleaned as all text from outside is. Raises KolbenchError for anything else."""
    if not (
        isinstance(cause, Cause)
        and isinstance(cause.creator_id, int)
        and isinstance(cause.due_at, int)
        and 0 <= cause.due_at < 2**53
        and isinstance(cause.cause, str)
    ):
        raise KolbenchError(_("it found something that is no cause: {thing}").format(thing=clean_line(repr(cause), 80)))
    try:
        evidence = json.dumps(cause.evidence)
    except (TypeError, ValueError):
        evidence = ""
    if not evidence.startswith("{") or len(evidence) > MOST_EVIDENCE:
        raise KolbenchError(_("the evidence that it found is not a few numbers and names"))
    told = {name: clean_line(one, 200) if isinstance(one, str) else one for name, one in cause.evidence.items()}
    return cause._replace(
        cause=clean_line(cause.cause, 200),
        evidence=told,
        channel=clean_line(cause.channel, 40) if isinstance(cause.channel, str) else None,
        plan=clean_line(cause.plan, 200) if isinstance(cause.plan, str) else None,
    )
