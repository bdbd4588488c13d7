"""Follow-up rule ``rule-not-acknowledged``: somebody takes part and has not acknowledged the rules in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.programme.rules.rule import Rule
from kolbench.store import rule_sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    newest = rule_sets.in_force(store)
    if newest is None or not newest.rules.rules:
        return
    for one in rule_sets.unaware(store):
        due_at = one.since_at + newest.rules.acknowledge_days * DAY
        if due_at <= looking.at:
            evidence = {"version": newest.text_version, "before": one.version}
            yield Cause(one.creator_id, str(newest.text_version), evidence, due_at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    if evidence["before"] is None:
        return _("Has not acknowledged the rules (version {version})").format(**evidence)
    return _("Knows version {before} of the rules, not {version}").format(**evidence)


RULE = Rule("rule-not-acknowledged", lambda: _("Rules not acknowledged"), {}, _find, _why, at_most=200)
