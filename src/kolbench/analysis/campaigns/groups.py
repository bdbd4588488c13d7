"""Leaderboards of groups: which wave, generation or community brings what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from kolbench.analysis.campaigns import totals
from kolbench.domain.clock import now
from kolbench.domain.lang import _
from kolbench.store import campaign_boards
from kolbench.store import campaign_groups as facts
from kolbench.store import campaign_standings as table
from kolbench.store.campaign_groups import Alone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kolbench.analysis.campaigns.boards import Measured
    from kolbench.store.campaign_boards import Figures
    from kolbench.store.campaign_groups import Members
    from kolbench.store.campaign_standings import Standing
    from kolbench.store.connect import Store

By = Literal["wave", "level", "community"]
BYS: tuple[By, ...] = get_args(By)

BROUGHT, ALONE = 0, -1
"""The numbers of those in no wave: who came by others, and who came by nobody."""


class Group(NamedTuple):
    """What a group's members sold and, where groups have branches, what everybody below any of them did.

    ``below`` are the participants there. Nobody is counted twice in a group: what is below two of its members counts
    once. ``number`` is a wave's (or ``BROUGHT``, ``ALONE``), a generation's depth, or a community's id. ``k`` is how
    many came by each member; None where they are still to post. Of a window, what was sold and who was brought in it is
    counted; who is in a group and below it is as it is now.
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


def groups(store: Store, campaign_id: int, by: By, counted: Measured | None = None) -> list[Group]:
    """The groups of a campaign, those with most conversions first; generations from those whom nobody brought on.

    Of all times, or of the window that was ``counted``.
    """
    made: dict[By, Callable[[Store, int, Measured | None], list[Group]]] = {
        "wave": _waves,
        "level": _levels,
        "community": _communities,
    }
    return made[by](store, campaign_id, counted)


def name(by: By, one: Group) -> str:
    """What a group is called."""
    if by == "level":
        return _("generation {n}").format(n=one.number)
    if by == "wave" and one.number == ALONE:
        return _("in no wave: came by nobody")
    if by == "wave" and one.number == BROUGHT:
        return _("in no wave: came by others")
    return one.name


def _levels(store: Store, campaign_id: int, counted: Measured | None) -> list[Group]:
    found = totals.totals(store, campaign_id)
    if found is None:
        return []
    if counted is None:
        return [
            Group(of.depth, "", of.participants, None, of.direct, None, of.revenue, None, of.commission, of.k)
            for of in found.generations
        ]
    forest, begun = counted.forest, {of.depth: of.begun for of in found.generations}
    brought = [0] * (max(forest.depth, default=-1) + 1)
    for depth, invited in zip(forest.depth, forest.invited):
        brought[depth] += invited
    return [
        Group(
            of.depth,
            "",
            of.participants,
            None,
            of.direct,
            None,
            of.revenue,
            None,
            of.commission,
            _k(brought[of.depth], begun.get(of.depth, 0)),
        )
        for of in forest.levels()
    ]


def _waves(store: Store, campaign_id: int, counted: Measured | None) -> list[Group]:
    """Each wave with its branches; and, with no branches, who is in none: the second wave, whom nobody agreed with."""
    whole = _whole(store, campaign_id, counted)
    if whole is None:
        return []
    db = store.reader()
    waves = list(facts.waves(db, campaign_id))
    made = [_group(store, wave, counted) for wave in waves]
    alone = (
        facts.alone(db, campaign_id) if counted is None else _summed(counted.of(facts.who_is_alone(db, campaign_id)))
    )
    inside = _invited(store, [one for wave in waves for one in wave.participants], counted)
    brought = Alone(
        whole.participants - alone.participants - sum(one.participants for one in made),
        whole.direct - alone.direct - sum(one.direct for one in made),
        whole.revenue - alone.revenue - sum(one.revenue for one in made),
        whole.commission - alone.commission - sum(one.commission for one in made),
        whole.invited - alone.invited - inside,
    )
    rest = [_rest(BROUGHT, brought), _rest(ALONE, alone)]
    return _sorted([*made, *(one for one in rest if one.participants)])


def _communities(store: Store, campaign_id: int, counted: Measured | None) -> list[Group]:
    return _sorted([_group(store, one, counted) for one in facts.communities(store.reader(), campaign_id)])


def _group(store: Store, group: Members, counted: Measured | None) -> Group:
    """Members with everybody below: the branches of those who are below no other member don't meet."""
    members = group.participants
    rows = {row.participant_id: row for row in table.with_those_above(store.reader(), members)}
    if counted is not None:
        told = {one.participant_id: one for one in counted.of(rows)}
        rows = {one: _in_window(row, told[one]) for one, row in rows.items() if one in told}
    inside = frozenset(members)
    theirs = [rows[one] for one in members if one in rows]

    def topmost(above: int | None) -> bool:
        while above is not None and above in rows:
            if above in inside:
                return False
            above = rows[above].parent_id
        return True

    tops = [row for row in theirs if topmost(row.parent_id)]
    direct, revenue = sum(row.direct for row in theirs), sum(row.revenue for row in theirs)
    invited = sum(row.invited for row in theirs)
    begun = invited or direct or group.moment_at is None or group.moment_at <= now()
    return Group(
        group.number,
        group.name,
        len(theirs),
        sum(row.below + 1 for row in tops) - len(theirs),
        direct,
        sum(row.direct + row.indirect for row in tops) - direct,
        revenue,
        sum(row.revenue + row.indirect_revenue for row in tops) - revenue,
        sum(row.commission for row in theirs),
        _k(invited, len(theirs)) if begun else None,
    )


def _in_window(row: Standing, told: Figures) -> Standing:
    """A standing with what is counted of a window; who is below is as it is now."""
    return row._replace(
        invited=told.invited,
        direct=told.direct,
        indirect=told.indirect,
        revenue=told.revenue,
        indirect_revenue=told.indirect_revenue,
        commission=told.commission,
    )


def _whole(store: Store, campaign_id: int, counted: Measured | None) -> Alone | None:
    """The sums of all; None until they have been derived."""
    found = totals.totals(store, campaign_id)
    if found is None:
        return None
    if counted is None:
        brought = sum(of.participants for of in found.generations[1:])
        return Alone(found.participants, found.conversions, found.revenue, found.commission, brought)
    forest = counted.forest
    return Alone(len(forest), *(sum(getattr(forest, name)) for name in Alone._fields[1:]))


def _invited(store: Store, ids: Sequence[int], counted: Measured | None) -> int:
    rows = campaign_boards.figures(store.reader(), ids) if counted is None else counted.of(ids)
    return sum(row.invited for row in rows)


def _summed(rows: Sequence[Figures]) -> Alone:
    return Alone(len(rows), *(sum(getattr(row, name) for row in rows) for name in Alone._fields[1:]))


def _rest(number: int, of: Alone) -> Group:
    k = _k(of.invited, of.participants)
    return Group(number, "", of.participants, None, of.direct, None, of.revenue, None, of.commission, k)


def _k(invited: int, participants: int) -> float:
    return invited / participants if participants else 0.0


def _sorted(found: list[Group]) -> list[Group]:
    return sorted(found, key=lambda one: (-one.conversions, one.number))
