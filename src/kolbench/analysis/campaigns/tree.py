"""Who came by somebody, and by those, and so on: a part that can be read, however many there are."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import campaigns as terms_of
from kolbench.domain.clock import now, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import campaign_boards, campaign_groups, campaigns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from kolbench.analysis.campaigns.boards import Measured
    from kolbench.store.campaign_boards import Figures, Who
    from kolbench.store.connect import Store

DAYS = 14
"""So many days of sales a sparkline shows."""


class Node(NamedTuple):
    """A participant in the tree; ``came`` is how many came by them, at any time."""

    who: Who
    figures: Figures
    came: int


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
    """A generation below somebody (1: who came by them); ``k`` is how many of the next one there are for each of it.

    Of a window, ``direct`` is what was sold in it, and ``k`` counts who was brought in it.
    """

    generation: int
    participants: int
    direct: int
    k: float


class Tree:
    """The tree of a campaign with the figures of all times, or with those of a window, which were ``counted``.

    Who came by whom is in both as it is now; who brought most is first, with everybody below, and then by id.
    """

    def __init__(self, store: Store, counted: Measured | None = None) -> None:
        self.store, self.counted = store, counted

    def node(self, participant_id: int) -> Node:
        """One participant with their figures. Raises UsageError when there are none of them (yet)."""
        found = self._nodes([participant_id])
        if not found:
            raise UsageError(_("Where this participant stands has not been worked out yet: run 'kolbench sync'."))
        return found[0]

    def children(self, participant_id: int, offset: int = 0, limit: int = 20) -> Children:
        """A page of those who came by somebody.

        ``more`` and ``conversions`` are of all that come after the page.
        """
        parent = self.node(participant_id)
        db = self.store.reader()
        rows = self._most(lambda most: campaign_groups.children(db, participant_id, 0, most), offset, limit)
        sold = sum(one.direct + one.indirect for one in rows)
        return Children(self._named(rows[offset:]), parent.came - len(rows), parent.figures.indirect - sold)

    def tops(self, campaign_id: int, offset: int = 0, limit: int = 20) -> Children:
        """A page of those whom nobody brought, as ``children`` has it of those who came by somebody."""
        db = self.store.reader()
        people, conversions = campaign_groups.of_tops(db, campaign_id)
        rows = self._most(lambda most: campaign_groups.tops(db, campaign_id, 0, most), offset, limit)
        if self.counted is not None:
            conversions = sum(self.counted.forest.direct)
        sold = sum(one.direct + one.indirect for one in rows)
        return Children(self._named(rows[offset:]), people - len(rows), conversions - sold)

    def path(self, participant_id: int) -> list[Node]:
        """By whom somebody came: from whom nobody brought down to them."""
        return self._nodes(campaign_groups.way_up(self.store.reader(), participant_id)[::-1])

    def lines(self, participant_id: int, depth: int = 3, most: int = 5) -> Iterator[Line]:
        """The tree below somebody as it is drawn: ``depth`` generations, of each one's children ``most``."""
        yield Line(0, self.node(participant_id))
        yield from self._below(participant_id, 1, depth, most)

    def generations(self, participant_id: int) -> list[Below]:
        """Those below somebody by generation, with how many came by each of them, as for a campaign as a whole."""
        db = self.store.reader()
        if self.counted is None:
            found = campaign_groups.generations(db, participant_id)
            following = [participants for _generation, participants, _direct in found] + [0]
            return [Below(*one, after / one[1]) for one, after in zip(found, following[1:], strict=True)]
        made = []
        for generation, rows in groupby(campaign_groups.below(db, participant_id), itemgetter(0)):
            people = self.counted.of(one for _generation, one in rows)
            if people:
                k = sum(one.invited for one in people) / len(people)
                made.append(Below(generation, len(people), sum(one.direct for one in people), k))
        return made

    def _most(self, read: Callable[[int], list[int]], offset: int, limit: int) -> list[Figures]:
        """Those of a page and before it; of a window everybody is looked at, since the store has no order of that."""
        if self.counted is None:
            return list(campaign_boards.figures(self.store.reader(), read(offset + limit)))
        found = self.counted.of(read(-1))
        found.sort(key=lambda one: (-one.direct - one.indirect, one.participant_id))
        return found[: offset + limit]

    def _below(self, participant_id: int, level: int, depth: int, most: int) -> Iterator[Line]:
        if level > depth:
            return
        found = self.children(participant_id, 0, most)
        for one in found.nodes:
            yield Line(level, one)
            if one.came:
                yield from self._below(one.figures.participant_id, level + 1, depth, most)
        if found.more > 0:
            yield Line(level, None, found.more, found.conversions)

    def _nodes(self, ids: Sequence[int]) -> list[Node]:
        rows = campaign_boards.figures(self.store.reader(), ids) if self.counted is None else self.counted.of(ids)
        return self._named(rows)

    def _named(self, rows: Sequence[Figures]) -> list[Node]:
        db, ids = self.store.reader(), [row.participant_id for row in rows]
        who, came = campaign_boards.names(db, ids), campaign_groups.came(db, ids)
        return [Node(who[row.participant_id], row, came.get(row.participant_id, 0)) for row in rows]


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
