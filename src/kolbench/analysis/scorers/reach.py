"""How many people somebody reaches."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import accounts, metrics, per_period
from kolbench.domain.lang import N_
from kolbench.domain.scoring import Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.analysis.people import Account
    from kolbench.domain.scoring import People

VIEWS = 100
"""So many views stand for a follower, where a platform tells no followers."""


class Reached(NamedTuple):
    """A count that tells how many an account reaches, taken when (ms), of its ``followers`` or its views (``how``)."""

    account: Account
    how: str
    counted: int
    at: int | None

    @property
    def people(self) -> float:
        """How many that is, as followers."""
        return self.counted if self.how == "followers" else self.counted / VIEWS

    @property
    def text(self) -> str:
        """The account, and what was counted."""
        who = f"{self.account.platform} @{self.account.handle}" if self.account.handle else self.account.platform
        return f"{who} · {self.counted:,} {self.how}"


class Reach:
    """The followers of all accounts, by the newest count of each; who follows two of them counts twice.

    Where a platform tells no followers, views stand for them: those in all, or those of a period, which are fewer.
    """

    name = "reach"
    title = N_("Reach")
    formula = N_("log10(followers + 1) / 8")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those whose followers, or views, somebody has counted; ``how`` names the views."""
        found: dict[int, Measure] = {}
        for creator_id, known in people.once(_reached).items():
            total = sum(one.people for one in known)
            newest = max(one.at or 0 for one in known)
            how = " + ".join(sorted({one.how for one in known}))
            found[creator_id] = Measure(
                scale(total), total, total, None, len(known), None, newest, "" if how == "followers" else how
            )
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The count of each account."""
        for known in people.once(_reached).values():
            for one in known[:limit]:
                yield Evidence(one.at, one.text, one.people, "account", one.account.account_id)


def scale(followers: float) -> float:
    """From nobody (0) to a hundred million (1), by orders of magnitude."""
    return min(1.0, math.log10(followers + 1) / 8)


def counted(people: People) -> dict[int, list[Reached]]:
    """Those accounts of each creator whose followers, or views in all, somebody has counted."""
    owned = people.once(accounts)
    uncounted = [one.account_id for found in owned.values() for one in found if one.followers is None]
    values = {"accounts": json.dumps(uncounted), "views": people.once(metrics)["views"]}
    views = {row[0]: row[1:] for row in people.db.execute(sql("scorer_authority"), values)} if uncounted else {}
    found: dict[int, list[Reached]] = {}
    for creator_id, theirs in owned.items():
        for one in theirs:
            if one.followers is not None:
                found.setdefault(creator_id, []).append(Reached(one, "followers", one.followers, one.followers_at))
            elif one.account_id in views:
                found.setdefault(creator_id, []).append(Reached(one, "views", *views[one.account_id]))
    return found


def _reached(people: People) -> dict[int, list[Reached]]:
    """The same with accounts of which only the views of a period are counted: there have been as many at least."""
    periods = people.once(per_period)
    if not periods:
        return people.once(counted)
    found = {creator_id: list(known) for creator_id, known in people.once(counted).items()}
    for creator_id, owned in people.once(accounts).items():
        known = {one.account.account_id for one in found.get(creator_id, ())}
        for one in owned:
            views = [each for each in periods.get(one.account_id, ()) if each.metric == "views"]
            if views and one.account_id not in known:
                most = max(views, key=lambda each: each.value)
                found.setdefault(creator_id, []).append(Reached(one, f"views_{most.period}", most.value, most.at))
    return found
