"""Leaderboards of groups: which wave, generation or community brings what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from kolbench.analysis.campaigns import totals
from kolbench.domain.lang import _
from kolbench.store import campaign_groups as facts
from kolbench.store import campaign_standings as table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kolbench.store.connect import Store

By = Literal["wave", "level", "community"]
BYS: tuple[By, ...] = get_args(By)

BROUGHT, ALONE = 0, -1
"""The numbers of those in no wave: who came by others, and who came by nobody."""


class Group(NamedTuple):
    """What a group's members sold and, where groups have branches, what everybody below any of them did.

    ``below`` are the participants there. Nobody is counted twice in a group: what is below two of its members counts
    once. ``number`` is a wave's (or ``BROUGHT``, ``ALONE``), a generation's depth, or a community's id; ``k`` a
    generation's.
    """

    number: int
    name: str
    participants: int
    below: int | None
    direct: int
    indirect: int | None
    revenue: int
    indirect_revenue: int | None
    commission: int
    k: float | None = None

    @property
    def conversions(self) -> int:
        """Those of members and of everybody below."""
        return self.direct + (self.indirect or 0)


def groups(store: Store, campaign_id: int, by: By) -> list[Group]:
    """The groups of a campaign, those with most conversions first; generations from those whom nobody brought on."""
    made: dict[By, Callable[[Store, int], list[Group]]] = {"wave": _waves, "level": _levels, "community": _communities}
    return made[by](store, campaign_id)


def name(by: By, one: Group) -> str:
    """What a group is called."""
    if by == "level":
        return _("generation {n}").format(n=one.number)
    if by == "wave" and one.number == ALONE:
        return _("in no wave: came by nobody")
    if by == "wave" and one.number == BROUGHT:
        return _("in no wave: came by others")
    return one.name


def _levels(store: Store, campaign_id: int) -> list[Group]:
    found = totals.totals(store, campaign_id)
    return [
        Group(of.depth, "", of.participants, None, of.direct, None, of.revenue, None, of.commission, of.k)
        for of in (found.generations if found else ())
    ]


def _waves(store: Store, campaign_id: int) -> list[Group]:
    """Each wave with its branches; and, with no branches, who is in none: the second wave, whom nobody agreed with."""
    found = totals.totals(store, campaign_id)
    if found is None:
        return []
    db = store.reader()
    made = [_group(store, number, name, members) for number, name, members in facts.waves(db, campaign_id)]
    people, direct, revenue, commission = facts.alone(db, campaign_id)
    alone = Group(ALONE, "", people, None, direct, None, revenue, None, commission)
    known = [*made, alone]
    brought = Group(
        BROUGHT,
        "",
        found.participants - sum(one.participants for one in known),
        None,
        found.conversions - sum(one.direct for one in known),
        None,
        found.revenue - sum(one.revenue for one in known),
        None,
        found.commission - sum(one.commission for one in known),
    )
    return _sorted([*made, *(one for one in (brought, alone) if one.participants)])


def _communities(store: Store, campaign_id: int) -> list[Group]:
    found = facts.communities(store.reader(), campaign_id)
    return _sorted([_group(store, number, name, members) for number, name, members in found])


def _group(store: Store, number: int, name: str, members: Sequence[int]) -> Group:
    """Members with everybody below: the branches of those who are below no other member don't meet."""
    rows = {row.participant_id: row for row in table.with_those_above(store.reader(), members)}
    inside = frozenset(members)
    theirs = [rows[one] for one in members if one in rows]

    def topmost(above: int | None) -> bool:
        while above is not None:
            if above in inside:
                return False
            above = rows[above].parent_id
        return True

    tops = [row for row in theirs if topmost(row.parent_id)]
    direct, revenue = sum(row.direct for row in theirs), sum(row.revenue for row in theirs)
    return Group(
        number,
        name,
        len(theirs),
        sum(row.below + 1 for row in tops) - len(theirs),
        direct,
        sum(row.direct + row.indirect for row in tops) - direct,
        revenue,
        sum(row.revenue + row.indirect_revenue for row in tops) - revenue,
        sum(row.commission for row in theirs),
    )


def _sorted(found: list[Group]) -> list[Group]:
    return sorted(found, key=lambda one: (-one.conversions, one.number))
