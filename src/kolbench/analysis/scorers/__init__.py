"""The scorers there are: what can be measured of a person. Each has a file here, or comes from a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis.scorers.activity import Activity
from kolbench.analysis.scorers.engagement import Engagement
from kolbench.analysis.scorers.growth import Growth
from kolbench.analysis.scorers.reach import Reach
from kolbench.analysis.scorers.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kolbench.domain.scoring import Scorer

GENERAL: Mapping[str, Scorer] = {
    scorer.name: scorer for scorer in (Reach(), Engagement(), Voice(), Growth(), Activity())
}
"""Those that measure people whatever they are looked for; their values are kept in ``standing``."""
