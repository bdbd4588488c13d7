"""The follow-up rules there are, one file each, and those that plugins bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from kolbench.programme.rules.rule import Rule

__all__ = ["BUILT_IN", "Rule", "known", "named", "of_plugins"]

_FILES = {
    "reply-waiting": "reply_waiting",
    "no-answer": "no_answer",
    "important-date": "important_date",
    "sequence-step": "sequence_step",
    "playbook": "playbook",
    "rule-not-acknowledged": "not_acknowledged",
    "stage-stuck": "stage_stuck",
    "new-koc": "new_koc",
    "wave-post": "wave_post",
    "deliverable-overdue": "deliverable_overdue",
    "first-post": "first_post",
    "agreement-ending": "agreement_ending",
    "offer-unanswered": "offer_unanswered",
    "reward-due": "reward_due",
    "output-falling": "output_falling",
    "win-back": "win_back",
    "first-contact": "first_contact",
    "silent": "silent",
    "stale-data": "stale_data",
}


class _BuiltIn(Mapping[str, Rule]):
    """Rules by id. Each file is imported when its rule is asked for: the queue's first rows need few of them."""

    def __getitem__(self, rule_id: str) -> Rule:
        rule: Rule = import_module(f"{__name__}.{_FILES[rule_id]}").RULE
        return rule

    def __iter__(self) -> Iterator[str]:
        return iter(_FILES)

    def __len__(self) -> int:
        return len(_FILES)


BUILT_IN: Mapping[str, Rule] = _BuiltIn()
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
