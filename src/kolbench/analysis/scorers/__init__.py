"""The scorers there are: what can be measured of a person. Each has a file here, or comes from a plugin."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kolbench.analysis.scorers.activity import Activity
from kolbench.analysis.scorers.audience import Audience
from kolbench.analysis.scorers.authenticity import Authenticity
from kolbench.analysis.scorers.authority import Authority
from kolbench.analysis.scorers.engagement import Engagement
from kolbench.analysis.scorers.fans import Fans
from kolbench.analysis.scorers.fit import Fit
from kolbench.analysis.scorers.growth import Growth
from kolbench.analysis.scorers.inside import Inside
from kolbench.analysis.scorers.portability import Portability
from kolbench.analysis.scorers.potential import Potential
from kolbench.analysis.scorers.reach import Reach
from kolbench.analysis.scorers.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.scoring import Scorer

GENERAL: Mapping[str, Scorer] = {
    scorer.name: scorer
    for scorer in (
        Reach(),
        Engagement(),
        Voice(),
        Growth(),
        Activity(),
        Authority(),
        Authenticity(),
        Fans(),
        Portability(),
        Potential(),
    )
}
"""Those that measure people whatever they are looked for; their values are kept in ``standing``."""

PER_GOAL: Mapping[str, Scorer] = {scorer.name: scorer for scorer in (Fit(), Audience(), Inside())}
"""Those that measure people for a goal; their values are kept in ``candidate``."""


def of(names: Iterable[str]) -> dict[str, Scorer]:
    """The scorers of these names, those of plugins included; names that nobody knows are left out."""
    wanted = list(names)
    known = {**GENERAL, **PER_GOAL}
    if any(name not in known for name in wanted):
        known |= of_plugins()
    return {name: known[name] for name in wanted if name in known}


@cache
def of_plugins() -> Mapping[str, Scorer]:
    """The scorers that plugins bring, by name, each kept from doing harm."""
    from kolbench.adapters import registry
    from kolbench.analysis.scorers.guarded import Guarded

    brought = registry.load(built_in=False).scorers
    return {name: Guarded(scorer) for name, scorer in brought.items() if name not in {**GENERAL, **PER_GOAL}}
