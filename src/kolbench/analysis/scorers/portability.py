"""Whether somebody's fans would follow if the person left the platform: how many are seen elsewhere, too."""

from __future__ import annotations

import json
import math
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.audience import LEAST, active, followers, names
from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, accounts, ids
from kolbench.domain.lang import N_, _
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People


class Audience(NamedTuple):
    """The people by whom portability is judged, each with the newest time (ms) they were seen: ``how`` says which."""

    people: Mapping[int, int]
    how: str


class Portability:
    """The share of the engaged audience (else of the newest followers) that is seen elsewhere, too.

    That is on another platform, or in a community of ours.
    """

    name = "portability"
    title = N_("Portability")
    formula = N_("sqrt(seen elsewhere, too / engaged or newest followers)")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those with an audience of at least 20. It is a lower bound, and one of 0 says nothing: no value."""
        audiences, elsewhere = people.once(_audiences), people.once(_elsewhere)
        found: dict[int, Measure] = {}
        for creator_id, (seen, how) in audiences.items():
            count = len(elsewhere & seen.keys())
            share = count / len(seen)
            found[creator_id] = Measure(
                math.sqrt(share) if count else None, share, count, len(seen), len(seen), None, max(seen.values()), how
            )
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """Those who are seen elsewhere, the newest first; and the overlap between their own accounts."""
        elsewhere = people.once(_elsewhere)
        for seen, _how in people.once(_audiences).values():
            found = sorted(elsewhere & seen.keys(), key=lambda person: (-seen[person], person))[:limit]
            where = _places(people, found)
            for person, name in names(people, found).items():
                yield Evidence(seen[person], f"{name} · {where[person]}", 1, "creator", person)
            if len(found) < limit:
                yield from _own(people)


def _audiences(people: People) -> dict[int, Audience]:
    """By whom each creator is judged."""
    found = {
        creator_id: Audience({one.person_id: one.since for one in following.newest}, "followers")
        for creator_id, following in people.once(followers).items()
        if len(following.newest) >= LEAST
    }
    for creator_id, engaged in people.once(active).items():
        if len(engaged) >= LEAST:
            found[creator_id] = Audience({one.person_id: one.at for one in engaged}, "engaged")
    return found


def _elsewhere(people: People) -> set[int]:
    """Those of all the audiences who have accounts on several platforms, or are members of a community."""
    everybody = {person for seen, _how in people.once(_audiences).values() for person in seen}
    rows = people.db.execute(sql("scorer_portability"), {"people": json.dumps(sorted(everybody))})
    return {person for (person,) in rows}


def _places(people: People, person_ids: list[int]) -> dict[int, str]:
    """The platforms of each, and one of their communities."""
    rows = people.db.execute(
        "SELECT creator_id, group_concat(DISTINCT account.platform), min(coalesce(community.name, community.uid))"
        " FROM json_each(?) AS wanted CROSS JOIN account ON account.creator_id = wanted.value"
        " LEFT JOIN membership ON membership.account_id = account.id AND left_at IS NULL"
        " LEFT JOIN community ON community.id = community_id GROUP BY creator_id",
        (json.dumps(person_ids),),
    )
    return {
        person: ", ".join([*platforms.split(","), *([community] if community else [])])
        for person, platforms, community in rows
    }


def _own(people: People) -> Iterator[Evidence]:
    """How many people two accounts of the person share; it adds nothing to the measure."""
    called = {
        one.account_id: f"{one.platform} @{one.handle}" if one.handle else one.platform
        for owned in people.once(accounts).values()
        for one in owned
    }
    if len(called) < 2:
        return
    audiences: dict[int, set[int]] = {account_id: set() for account_id in called}
    for account_id, person in people.db.execute(
        sql("scorer_portability_accounts"), {"ids": ids(people), "window_ms": WINDOW_MS}
    ):
        if account_id in audiences:
            audiences[account_id].add(person)
    for (one, a), (other, b) in combinations(audiences.items(), 2):
        text = _("{both} people in the audiences of {one} ({of_one}) and of {other} ({of_other})").format(
            both=len(a & b), one=called[one], of_one=len(a), other=called[other], of_other=len(b)
        )
        yield Evidence(None, text, None, "account", one)
