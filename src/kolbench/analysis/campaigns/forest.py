"""Everybody of a campaign in flat arrays, and their figures summed up from the leaves to those whom nobody brought."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kolbench.analysis.campaigns import reach
from kolbench.analysis.campaigns.reach import NOBODY
from kolbench.store import campaign_facts as facts
from kolbench.store.campaign_boards import ORDERS, Figures
from kolbench.store.campaign_standings import Level

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kolbench.store.leaderboards import Window


_COUNTED = Figures._fields[1:-1]
"""The figures that are numbers of everybody: all but who it is, and when they last sold something."""

_WIDE = frozenset(("revenue", "indirect_revenue", "commission"))


@dataclass
class Forest:
    """Participants by their place, which is the order of their ids; ``parent`` is a place, or NOBODY.

    ``order`` has everybody before whoever brought them. Figures of a window count what happened in it, and whom
    participants brought in it; the forest itself is that of now.
    """

    campaign_id: int
    ids: array[int]
    parent: array[int]
    new: bytearray
    """Whether they were brought in the window; like ``order``, no more than a step to the figures."""
    order: array[int] = field(default_factory=lambda: array("i"))
    depth: array[int] = field(default_factory=lambda: array("i"))
    invited: array[int] = field(default_factory=lambda: array("i"))
    below: array[int] = field(default_factory=lambda: array("i"))
    direct: array[int] = field(default_factory=lambda: array("i"))
    indirect: array[int] = field(default_factory=lambda: array("i"))
    revenue: array[int] = field(default_factory=lambda: array("q"))
    indirect_revenue: array[int] = field(default_factory=lambda: array("q"))
    reached: array[int] = field(default_factory=lambda: array("i"))
    commission: array[int] = field(default_factory=lambda: array("q"))
    last_at: array[int] = field(default_factory=lambda: array("q"))
    people: int = 0
    """Whom anybody has reached."""

    def __len__(self) -> int:
        return len(self.ids)

    def figures(self, place: int) -> Figures:
        """What is counted of one of them."""
        counted = (getattr(self, name)[place] for name in _COUNTED)
        return Figures._make((self.ids[place], *counted, self.last_at[place] if self.direct[place] else None))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Everybody's standing by id, as the values of ``campaign_standings.COLUMNS``."""
        ids = self.ids
        yield from zip(
            ids,
            *(getattr(self, name) for name in _COUNTED),
            (at if count else None for at, count in zip(self.last_at, self.direct)),
            (None if parent == NOBODY else ids[parent] for parent in self.parent),
        )

    def levels(self) -> list[Level]:
        """The sums of each generation, that of those whom nobody brought first."""
        sums = [[0] * (len(Level._fields) - 1) for _depth in range(max(self.depth, default=-1) + 1)]
        for depth, *own in zip(self.depth, self.direct, self.revenue, self.commission):
            of = sums[depth]
            of[0] += 1
            for n, value in enumerate(own, 1):
                of[n] += value
        for n, order in enumerate(ORDERS, 4):
            for depth, value in zip(self.depth, getattr(self, order)):
                if value > 0:
                    sums[depth][n] += 1
        return [Level(depth, *of) for depth, of in enumerate(sums)]


@dataclass
class Places:
    """The place of each participant by id: those of one campaign lie close together, in ids as in time."""

    first: int
    places: array[int]

    def __getitem__(self, participant_id: int) -> int:
        return self.places[participant_id - self.first]


def grown(db: sqlite3.Connection, campaign_id: int, window: Window | None = None) -> Forest:
    """Read a campaign, of all times or of a window, and sum it up."""
    forest, places = _read(db, campaign_id, window)
    for participant_id, count, revenue, last_at in facts.sold(db, campaign_id, window):
        place = places[participant_id]
        forest.direct[place] = count
        forest.revenue[place] = revenue
        forest.last_at[place] = last_at
    for participant_id, amount in facts.owed(db, campaign_id, window):
        forest.commission[places[participant_id]] = amount
    reach.seed(db, forest, places, window)
    del places
    _sort(forest)
    _add_up(forest)
    forest.order, forest.new = array("i"), bytearray()
    return forest


def _read(db: sqlite3.Connection, campaign_id: int, window: Window | None) -> tuple[Forest, Places]:
    """Who there is and who brought whom, with no figures yet."""
    ids, brought_by, new = array("q"), array("q"), bytearray()
    for participant_id, parent_id, since in facts.members(db, campaign_id):
        ids.append(participant_id)
        brought_by.append(parent_id or 0)
        new.append(since is not None and (window is None or window.start <= since < window.stop))
    count = len(ids)
    first = ids[0] if count else 0
    places = Places(first, array("i", [NOBODY]) * (ids[-1] - first + 1 if count else 0))
    for place, participant_id in enumerate(ids):
        places.places[participant_id - first] = place
    parent = array("i", (places[parent_id] if parent_id else NOBODY for parent_id in brought_by))
    del brought_by
    forest = Forest(campaign_id, ids, parent, new)
    for name in _COUNTED:
        setattr(forest, name, array("q" if name in _WIDE else "i", [0]) * count)
    forest.last_at = array("q", [0]) * count
    return forest, places


def _sort(forest: Forest) -> None:
    """Find an order with everybody before whoever brought them, and how far each is from whom nobody brought."""
    parent, order, depth = forest.parent, forest.order, forest.depth
    left = forest.below  # children that are still to come: in the end nobody's, as it was before
    for of in parent:
        if of >= 0:
            left[of] += 1
    for leaf, children in enumerate(bytearray(of > 0 for of in left)):
        if children:
            continue
        place = leaf
        while True:  # up, as long as this was the last of somebody's children
            order.append(place)
            place = parent[place]
            if place < 0:
                break
            left[place] -= 1
            if left[place]:
                break
    for place in reversed(order):
        if parent[place] >= 0:
            depth[place] = depth[parent[place]] + 1


def _add_up(forest: Forest) -> None:
    """Sum everybody's figures up along the branches."""
    parent, new, invited, below = forest.parent, forest.new, forest.invited, forest.below
    direct, indirect, revenue, indirect_revenue = (
        forest.direct, forest.indirect, forest.revenue, forest.indirect_revenue,
    )  # fmt: skip
    reached = forest.reached
    for place in forest.order:
        of = parent[place]
        if of < 0:
            continue
        if new[place]:
            invited[of] += 1
            below[of] += 1
        below[of] += below[place]
        reached[of] += reached[place]
        if sales := direct[place] + indirect[place]:
            indirect[of] += sales
            indirect_revenue[of] += revenue[place] + indirect_revenue[place]
