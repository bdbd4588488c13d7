"""Who came by somebody, and by those, and so on: a part that can be read, however many there are."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import campaigns as terms_of
from kolbench.domain.clock import now, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import campaign_boards, campaign_groups, campaigns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kolbench.store.campaign_boards import Figures, Who
    from kolbench.store.connect import Store

DAYS = 14
"""So many days of sales a sparkline shows."""


class Node(NamedTuple):
    """A participant in the tree."""

    who: Who
    figures: Figures


class Children(NamedTuple):
    """Some of those who came by somebody; besides these ``more`` did, who brought ``conversions`` with all below."""

    nodes: Sequence[Node]
    more: int
    conversions: int


class Line(NamedTuple):
    """A line of a drawn tree, ``level`` steps below its top: a participant, or how many more there are."""

    level: int
    node: Node | None
    more: int = 0
    conversions: int = 0


class Below(NamedTuple):
    """A generation below somebody (1: who came by them); ``k`` is how many of the next one there are for each of it."""

    generation: int
    participants: int
    direct: int
    k: float


def node(store: Store, participant_id: int) -> Node:
    """One participant with their figures. Raises UsageError when there are none of them (yet)."""
    found = _nodes(store, [participant_id])
    if not found:
        raise UsageError(_("Where this participant stands has not been worked out yet: run 'kolbench sync'."))
    return found[0]


def children(store: Store, participant_id: int, offset: int = 0, limit: int = 20) -> Children:
    """A page of those who came by somebody: who brought most with everybody below first, and then by id.

    ``more`` and ``conversions`` are of all that come after the page.
    """
    parent = node(store, participant_id).figures
    ids = campaign_groups.children(store.reader(), participant_id, 0, offset + limit)
    sold = sum(one.direct + one.indirect for one in campaign_boards.figures(store.reader(), ids))
    return Children(_nodes(store, ids[offset:]), parent.invited - len(ids), parent.indirect - sold)


def tops(store: Store, campaign_id: int, offset: int = 0, limit: int = 20) -> Children:
    """A page of those whom nobody brought, as ``children`` has it of those who came by somebody."""
    db = store.reader()
    people, conversions = campaign_groups.of_tops(db, campaign_id)
    ids = campaign_groups.tops(db, campaign_id, 0, offset + limit)
    sold = sum(one.direct + one.indirect for one in campaign_boards.figures(db, ids))
    return Children(_nodes(store, ids[offset:]), people - len(ids), conversions - sold)


def path(store: Store, participant_id: int) -> list[Node]:
    """By whom somebody came: from whom nobody brought down to them."""
    return _nodes(store, campaign_groups.way_up(store.reader(), participant_id)[::-1])


def lines(store: Store, participant_id: int, depth: int = 3, most: int = 5) -> Iterator[Line]:
    """The tree below somebody as it is drawn: ``depth`` generations, of each one's children ``most``."""
    yield Line(0, node(store, participant_id))
    yield from _below(store, participant_id, 1, depth, most)


def generations(store: Store, participant_id: int) -> list[Below]:
    """Those below somebody by generation, with how many came by each of them, as for a campaign as a whole."""
    found = campaign_groups.generations(store.reader(), participant_id)
    following = [participants for _generation, participants, _direct in found] + [0]
    return [Below(*one, after / one[1]) for one, after in zip(found, following[1:], strict=True)]


def sparks(store: Store, campaign_id: int, ids: Collection[int], days: int = DAYS) -> dict[int, list[int]]:
    """What each of these participants sold by their own code on each of the last days, the newest last.

    Days are those of where the campaign is; the last one is today, or the campaign's last. For the rows of a page.
    """
    terms = campaigns.terms(store, campaign_id)
    there = terms_of.zone(terms.time_zone)
    _start, stop = terms_of.window(terms)
    last = datetime.fromtimestamp((min(now(), stop - 1) if stop else now()) / 1000, there).date()
    bounds = [to_ms(datetime.combine(last - timedelta(days=back), time(), there)) for back in range(days - 1, -2, -1)]
    found = {one: [0] * days for one in ids}
    for one, day, count in campaign_groups.sold_by_day(store.reader(), campaign_id, ids, bounds):
        found[one][day] = count
    return found


def _below(store: Store, participant_id: int, level: int, depth: int, most: int) -> Iterator[Line]:
    if level > depth:
        return
    found = children(store, participant_id, 0, most)
    for one in found.nodes:
        yield Line(level, one)
        if one.figures.invited:
            yield from _below(store, one.figures.participant_id, level + 1, depth, most)
    if found.more:
        yield Line(level, None, found.more, found.conversions)


def _nodes(store: Store, ids: Sequence[int]) -> list[Node]:
    db = store.reader()
    who = campaign_boards.names(db, ids)
    return [Node(who[row.participant_id], row) for row in campaign_boards.figures(db, ids)]
