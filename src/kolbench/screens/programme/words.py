"""The words of the programme: what the audit finds, and what followed from a violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _
from kolbench.programme.rule_sets import title
from kolbench.store import rule_sets

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


def titles(store: Store, ladder: Ladder) -> Callable[[str | None], str]:
    """What stages or grades are called by the rules in force; for none of them nothing."""
    newest = rule_sets.in_force(store)
    return lambda name: title(newest and newest.rules, ladder, name) if name else ""


def treatments(store: Store, finding: Finding) -> Callable[[str], str]:
    """How people were treated in a finding, in words."""
    return str if finding.ladder is None else titles(store, finding.ladder)


def outcome(one: Violation) -> str:
    """What followed from a violation."""
    if one.withdrawn_at is not None:
        return _("withdrawn: {reason}").format(reason=one.withdrawn_why)
    if one.sanctioned_at is None:
        return _("open")
    if one.applied is None:
        return _("exempted: {reason}").format(reason=one.reason)
    return one.applied if one.applied == one.proposed else f"{one.applied} ({one.reason})"


def counts_in(case: Case) -> str:
    """What counts in a case: figures by their names."""
    return ", ".join(f"{name} {_figure(value)}" for name, value in case.facts.items() if value is not None)


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
