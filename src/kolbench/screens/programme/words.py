"""The words of the programme: what the audit finds, and what followed from a violation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.lang import N_, _
from kolbench.programme.rule_sets import sanction, title
from kolbench.screens import ladder_words
from kolbench.screens.telling import SEVERITIES
from kolbench.screens.words import said
from kolbench.store import rule_sets
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from collections.abc import Callable

    from kolbench.programme.audit import Case, Finding
    from kolbench.store.connect import Store
    from kolbench.store.ladders import Ladder
    from kolbench.store.violations import Violation

FINDINGS = {
    "sanctions": N_("Like violations, unlike sanctions"),
    "rewards": N_("Like figures, unlike rewards"),
    "exemptions": N_("Exemptions"),
    "overrides": N_("Like figures, unlike stage or grade"),
}

FACTS = {
    "violation": N_("violation"),
    "rule": N_("rule"),
    "severity": N_("severity"),
    "earlier": N_("earlier ones"),
    "period": N_("period"),
    "figure": N_("figure"),
}
"""What may count besides the figures of conditions."""


def titles(store: Store, ladder: Ladder) -> Callable[[str | None], str]:
    """What stages or grades are called by the rules in force; for none of them nothing."""
    newest = rule_sets.in_force(store)
    return lambda name: title(newest and newest.rules, ladder, name) if name else ""


def sanctions(store: Store) -> Callable[[str], str]:
    """What sanctions are in words, by the rules in force."""
    newest = rule_sets.in_force(store)
    return lambda name: sanction(newest and newest.rules, name)


def treatments(store: Store, finding: Finding) -> Callable[[str], str]:
    """How people were treated in a finding, in words."""
    return sanctions(store) if finding.ladder is None else titles(store, finding.ladder)


def outcome(one: Violation, called: Callable[[str], str]) -> str:
    """What followed from a violation; ``called``: what sanctions are in words."""
    if one.withdrawn_at is not None:
        return _("withdrawn: {reason}").format(reason=one.withdrawn_why)
    if one.sanctioned_at is None:
        return _("open")
    if one.applied is None:
        return _("exempted: {reason}").format(reason=one.reason)
    applied = called(one.applied)
    return applied if one.applied == one.proposed else f"{applied} ({one.reason})"


def counts_in(case: Case) -> str:
    """What counts in a case: figures by their names."""
    return _(", ").join(_fact(name, value) for name, value in case.facts.items() if value is not None)


def _fact(name: str, value: Any) -> str:
    if name in ladder_words.FIGURES:
        return ladder_words.figure(name, value)
    shown = said(SEVERITIES, value) if name == "severity" else separated(value) if isinstance(value, int) else value
    return f"{said(FACTS, name)} {shown}"
