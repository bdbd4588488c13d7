"""Who is a key opinion leader: the reach of somebody whom others of the field follow, too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql

if TYPE_CHECKING:
    from kolbench.store.connect import Store

VERSION = 1
"""Changes with the formula or the definition."""

PEERS = 0.5
"""How much the peers count beside the reach: ten times the peers are worth as much as three times the reach."""


class Authority(NamedTuple):
    """A creator's authority: how many they reach, and how many people in the store follow them."""

    creator_id: int
    reach: int
    peers: int

    @property
    def value(self) -> float:
        """``log10(reach + 1) + log10(peers + 1) / 2``: 0 for nobody, about 10 for the greatest."""
        return math.log10(self.reach + 1) + PEERS * math.log10(self.peers + 1)


def rank(store: Store, platform: str, as_of: int, reach: str = "followers") -> list[Authority]:
    """Everybody on a platform whose ``reach`` (``followers``, ``views``) was counted by ``as_of`` (ms), best first.

    Whose reach isn't known is not ranked; equals stand by id.
    """
    values = {"platform": platform, "as_of": as_of, "reach": reach}
    found = map(Authority._make, store.reader().execute(sql("authority"), values))
    return sorted(found, key=lambda one: (-one.value, one.creator_id))
