"""The follow-up rules there are, one file each, and those that plugins bring."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kolbench.programme.rules import (
    agreement_ending,
    deliverable_overdue,
    first_contact,
    important_date,
    new_koc,
    no_answer,
    not_acknowledged,
    output_falling,
    playbook,
    reply_waiting,
    reward_due,
    sequence_step,
    silent,
    stage_stuck,
    stale_data,
    win_back,
)
from kolbench.programme.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BUILT_IN", "Rule", "known", "named", "of_plugins"]

BUILT_IN: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        reply_waiting.RULE,
        no_answer.RULE,
        important_date.RULE,
        silent.RULE,
        sequence_step.RULE,
        playbook.RULE,
        not_acknowledged.RULE,
        stage_stuck.RULE,
        new_koc.RULE,
        deliverable_overdue.RULE,
        agreement_ending.RULE,
        reward_due.RULE,
        output_falling.RULE,
        win_back.RULE,
        first_contact.RULE,
        stale_data.RULE,
    )
}
"""Those that KOLbench brings, in the order in which they are asked."""


def known() -> Mapping[str, Rule]:
    """All rules by id, those of plugins last."""
    return {**BUILT_IN, **of_plugins()}


def named(rule_id: str) -> Rule | None:
    """The rule of that id; None when it is not here, or not any more. Looks at plugins only for what isn't built in."""
    return BUILT_IN.get(rule_id) or of_plugins().get(rule_id)


@cache
def of_plugins() -> Mapping[str, Rule]:
    """The rules that plugins bring, by id, each kept from doing harm."""
    from kolbench.adapters import registry
    from kolbench.programme.rules.guarded import guarded

    brought = registry.load(built_in=False).follow_up_rules
    return {name: guarded(rule) for name, rule in brought.items() if name not in BUILT_IN}
