"""Who is a key opinion leader: the reach of somebody whom others of the field follow, too."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from kolbench.analysis.audience import followers
from kolbench.analysis.metrics import sql
from kolbench.analysis.scorers.reach import counted
from kolbench.domain.lang import N_, _
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People

PEERS = 0.5
"""How much the peers count beside the reach: ten times the peers are worth as much as three times the reach."""


class Authority:
    """Reach, and how many different people of the store follow them: absolute, but for the peers that are known."""

    name = "authority"
    title = N_("Authority")
    formula = N_("(log10(reach + 1) + log10(peers + 1) / 2) / 10")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those whose followers, or views, somebody has counted."""
        followed = people.once(followers)
        found: dict[int, Measure] = {}
        for creator_id, known in people.once(counted).items():
            peers = len(followed[creator_id].people) if creator_id in followed else 0
            figure = authority(sum(one.people for one in known), peers)
            at = max(one.at or 0 for one in known)
            how = "followers" if any(one.how == "followers" for one in known) else "views"
            found[creator_id] = Measure(scale(figure), figure, figure, None, peers, None, at, how)
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The count of each account, and the people who follow, whoever has most followers first."""
        for creator_id, known in people.once(counted).items():
            total = sum(one.people for one in known)
            for one in sorted(known, key=lambda one: -one.people)[:limit]:
                amount = math.log10(total + 1) * one.people / total if total else 0.0
                yield Evidence(one.at, one.text, amount, "account", one.account.account_id)
            following = people.once(followers).get(creator_id)
            if following and len(known) < limit:
                yield from _peers(people, following.people, limit - len(known))


def authority(reach: float, peers: int) -> float:
    """``log10(reach + 1) + log10(peers + 1) / 2``: 0 for nobody, about 10 for the greatest."""
    return math.log10(reach + 1) + PEERS * math.log10(peers + 1)


def scale(figure: float) -> float:
    """From nobody (0) to a hundred million whom ten thousand people of the store follow (1)."""
    return min(1.0, figure / 10)


def _peers(people: People, followed_by: set[int], limit: int) -> Iterator[Evidence]:
    amount = PEERS * math.log10(len(followed_by) + 1) / len(followed_by)
    rows = people.db.execute(sql("scorer_authority_peers"), {"people": json.dumps(sorted(followed_by)), "limit": limit})
    for person_id, name, reach, at in rows:
        text = name if reach is None else _("{name} · {count} followers").format(name=name, count=f"{reach:,}")
        yield Evidence(at, text, amount, "creator", person_id)
