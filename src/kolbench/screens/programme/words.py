"""The words of the programme: what the audit finds, and what followed from a violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _

if TYPE_CHECKING:
    from kolbench.programme.audit import Case
    from kolbench.store.violations import Violation

FINDINGS = {
    "sanctions": N_("Like violations, unlike sanctions"),
    "rewards": N_("Like figures, unlike rewards"),
    "exemptions": N_("Exemptions"),
    "overrides": N_("Like figures, unlike stage or grade"),
}


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
    return ", ".join(
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}"
        for name, value in case.facts.items()
        if value is not None
    )
