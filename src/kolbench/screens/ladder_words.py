"""The figures by which the rules put somebody on a stage or grade, in words and rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.conditions import METRICS
from kolbench.domain.lang import N_, _
from kolbench.screens.words import LABELS, TIERS, said
from kolbench.widgets.cells import percent, separated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kolbench.domain.conditions import Figure

FIGURES = {
    "followers": N_("followers"),
    "growth": N_("growth"),
    "engagement": N_("engagement rate"),
    "voice": N_("people who addressed them"),
    "works": N_("works and messages"),
    "days_silent": N_("days silent"),
    "score": N_("score"),
    "reach": N_("Reach"),
    "authority": N_("Authority"),
    "authenticity": N_("Authenticity"),
    "fans": N_("Fans"),
    "portability": N_("Portability"),
    "potential": N_("Potential"),
    "kind": N_("Label"),
    "tier": N_("tier"),
    "agreed": N_("briefs agreed"),
    "active": N_("briefs active"),
    "touchpoints": N_("contacts either way"),
    "replies": N_("contacts from them"),
    "days_since_contact": N_("days since the last contact"),
    "violations": N_("violations"),
    "violations_90_days": N_("violations in 90 days"),
    "acknowledged": N_("knows the rules"),
    "days_in_programme": N_("days in the programme"),
    "days_in_stage": N_("days in the stage"),
    "days_in_grade": N_("days in the grade"),
}
"""A metric of conditions to what it is called."""


def told(figures: Mapping[str, Figure]) -> list[str]:
    """The figures that are known, each with its name: ``score 61.9``."""
    return [figure(name, value) for name, value in figures.items() if value is not None]


def figure(name: str, value: Figure | None) -> str:
    """A figure with its name, also one that isn't known."""
    return f"{said(FIGURES, name)} {rounded(name, value)}"


def rounded(name: str, value: Figure | None) -> str:
    """A figure as its metric is shown."""
    if value is None:
        return _("unknown")
    if isinstance(value, str):
        return said(LABELS if name == "kind" else TIERS, value)
    if name == "acknowledged":
        return _("yes") if value else _("no")
    if name in METRICS and METRICS[name].kind == "share":
        return percent(value)
    return separated(value) if isinstance(value, int) else f"{value:,.1f}"
