"""A plugin's follow-up rule behind a wall: what it makes up is left out, and what it raises is told, and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.adapters.aside import aside
from kolbench.domain.errors import KolbenchError
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.programme.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kolbench.domain.following import FollowUpRule, Looking
    from kolbench.store.connect import Store

MOST_EVIDENCE = 4_000
"""Characters that the evidence of one cause may have."""
DEEPEST = 8
"""Lists and objects in one another that the evidence may have."""


def guarded(rule: FollowUpRule) -> Rule:
    """``rule`` as one of ours, as far as it keeps to the contract; it is handed what can't write."""

    def find(_store: Store, looking: Looking) -> list[Cause]:
        with aside():
            return [_sound(cause) for cause in rule.find(looking)]

    def why(evidence: Mapping[str, Any], at: int) -> str:
        try:
            with aside():
                return clean_line(str(rule.why(evidence, at)), 300)
        except KeyboardInterrupt:
            raise
        except BaseException:  # nothing that a plugin does about one row takes the others away
            return clean_line(json.dumps(dict(evidence), ensure_ascii=False), 300)

    title = clean_line(rule.title, 60)
    return Rule(rule.name, lambda: title, dict(rule.parameters), find, why)


def _sound(cause: object) -> Cause:
    """The cause, cleaned as all text from outside is. Raises KolbenchError for anything else."""
    if not (
        isinstance(cause, Cause)
        and type(cause.creator_id) is int
        and 0 < cause.creator_id < 2**63
        and type(cause.due_at) is int
        and 0 <= cause.due_at < 2**53
        and isinstance(cause.cause, str)
    ):
        raise KolbenchError(_("it found something that is no cause: {thing}").format(thing=clean_line(repr(cause), 80)))
    try:
        evidence = json.dumps(dict(cause.evidence), allow_nan=False)
        if len(evidence) > MOST_EVIDENCE:
            raise ValueError
        told = _cleaned(json.loads(evidence))
    except (TypeError, ValueError, RecursionError) as error:
        raise KolbenchError(_("the evidence that it found is not a few numbers and names")) from error
    return cause._replace(
        cause=clean_line(cause.cause, 200),
        evidence=told,
        opens=bool(cause.opens),
        channel=clean_line(cause.channel, 40) if isinstance(cause.channel, str) else None,
        plan=clean_line(cause.plan, 200) if isinstance(cause.plan, str) else None,
        waits=bool(cause.waits),
        moves=bool(cause.moves),
    )


def _cleaned(value: Any, depth: int = 0) -> Any:
    """What JSON has brought, its texts cleaned. Raises ValueError where it is too deep."""
    if depth > DEEPEST:
        raise ValueError
    if isinstance(value, str):
        return clean_line(value)
    if isinstance(value, list):
        return [_cleaned(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {clean_line(name): _cleaned(one, depth + 1) for name, one in value.items()}
    return value
