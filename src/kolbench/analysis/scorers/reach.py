"""How many people somebody reaches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kolbench.analysis.people import accounts
from kolbench.domain.lang import N_
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People


class Reach:
    """The followers of all accounts, by the newest count of each; who follows two of them counts twice."""

    name = "reach"
    title = N_("Reach")
    formula = "log10(followers + 1) / 8"

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those whose followers somebody has counted."""
        found: dict[int, Measure] = {}
        for creator_id, owned in people.once(accounts).items():
            known = [one for one in owned if one.followers is not None]
            if known:
                total = sum(one.followers or 0 for one in known)
                newest = max(one.followers_at or 0 for one in known)
                found[creator_id] = Measure(scale(total), total, total, None, len(known), None, newest)
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The count of each account."""
        for owned in people.once(accounts).values():
            for one in owned[:limit]:
                if one.followers is not None:
                    who = f"{one.platform} @{one.handle}" if one.handle else one.platform
                    yield Evidence(one.followers_at, who, one.followers, "account", one.account_id)


def scale(followers: int) -> float:
    """From nobody (0) to a hundred million (1), by orders of magnitude."""
    return min(1.0, math.log10(followers + 1) / 8)
