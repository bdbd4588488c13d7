"""A campaign as a whole: its sums, its generations with their K, its target, and how much rests on few."""

from __future__ import annotations

from datetime import datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis import concentration
from kolbench.domain import campaigns as terms_of
from kolbench.domain import targets
from kolbench.domain.clock import now
from kolbench.store import campaign_groups
from kolbench.store import campaign_standings as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kolbench.analysis.concentration import Concentration
    from kolbench.domain.campaigns import Figure, Terms
    from kolbench.store.connect import Store


class Generation(NamedTuple):
    """Those equally far from whom nobody brought, with their own conversions; ``sellers`` have any.

    ``begun`` are all but those who are still to post with their wave; ``k`` is how many participants of the next
    generation there are for each of these.
    """

    depth: int
    participants: int
    begun: int
    sellers: int
    direct: int
    revenue: int
    commission: int
    k: float


class Totals(NamedTuple):
    """A campaign's sums, as of ``at`` (ms); ``reached`` are different people whom anybody reached."""

    participants: int
    sellers: int
    conversions: int
    revenue: int
    commission: int
    reached: int
    generations: Sequence[Generation]
    at: int

    @property
    def coverage(self) -> float | None:
        """People reached for each of those whom nobody brought and who began: the first wave reaches the second."""
        return self.reached / begun if self.generations and (begun := self.generations[0].begun) else None


class Progress(NamedTuple):
    """How a target stands: of ``figure``, ``actual`` of ``goal``; ``due`` is planned until the end of today.

    None where the terms don't say on which days. Revenue is in the smallest unit.
    """

    figure: Figure
    goal: int
    actual: int
    due: int | None

    @property
    def share(self) -> float:
        """What is reached of the goal, from 0; above 1 is beyond it."""
        return self.actual / self.goal


def totals(store: Store, campaign_id: int) -> Totals | None:
    """A campaign's sums; None until its standings have been derived."""
    return of(store.reader(), campaign_id)


def of(db: sqlite3.Connection, campaign_id: int) -> Totals | None:
    """Likewise, from a connection."""
    known = table.people(db, campaign_id)
    if known is None:
        return None
    levels = table.levels(db, campaign_id)
    following = [level.participants for level in levels[1:]]
    begun = {level.depth: level.participants for level in levels}
    for depth, people in campaign_groups.still_to_post(db, campaign_id).items():
        begun[depth] = max(begun.get(depth, 0) - people, 0)
    generations = [
        Generation(
            level.depth,
            level.participants,
            begun[level.depth],
            level.with_direct,
            level.direct,
            level.revenue,
            level.commission,
            after / begun[level.depth] if begun[level.depth] else 0.0,
        )
        for level, after in zip(levels, chain(following, [0]))
    ]
    return Totals(
        sum(one.participants for one in levels),
        sum(one.with_direct for one in levels),
        sum(one.direct for one in levels),
        sum(one.revenue for one in levels),
        sum(one.commission for one in levels),
        known[0],
        generations,
        known[1],
    )


def progress(terms: Terms, found: Totals) -> Progress | None:
    """How the target stands; None where there is none."""
    goal = targets.goal(terms)
    if not goal:
        return None
    figure = terms.target.figure
    actual = {"conversions": found.conversions, "revenue": found.revenue, "participants": found.participants}[figure]
    days = targets.by_day(terms)
    today = local_day(now(), terms)
    due = sum(amount for day, amount in days if day.isoformat() <= today) if days else None
    return Progress(figure, goal, actual, due)


def resting(store: Store, campaign_id: int) -> Concentration | None:
    """How much of what is sold rests on few of those who sold anything; None where nobody has."""
    rows = store.reader().execute(
        "SELECT direct, count(*) FROM participant_standing WHERE campaign_id = ? AND direct > 0 GROUP BY 1",
        (campaign_id,),
    )
    return concentration.measure(chain.from_iterable(repeat(value, people) for value, people in rows))


def local_day(at: int, terms: Terms) -> str:
    """The day (ISO) of a moment (ms) where the campaign is."""
    return datetime.fromtimestamp(at / 1000, terms_of.zone(terms.time_zone)).date().isoformat()
