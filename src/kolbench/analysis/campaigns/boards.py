"""The leaderboards of a campaign: of all times from the standings, of any window counted when it is asked for."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.campaigns import totals
from kolbench.analysis.campaigns.forest import grown
from kolbench.store import campaign_boards, campaigns, freezes
from kolbench.store.campaign_boards import EVERYBODY, ORDERS, OWN, StandingBoard
from kolbench.store.freezes import Ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kolbench.analysis.campaigns.forest import Forest
    from kolbench.analysis.campaigns.totals import Totals
    from kolbench.domain.campaigns import TieRule
    from kolbench.store.campaign_boards import Figures, Only, Order, Place
    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Window


DIGIT = 0xFFFF
"""The bits of a number by which a million of them are sorted at a time."""


class Page(NamedTuple):
    """A page of a leaderboard: ``total`` are on it, and the end of which day (ISO) movement is counted from."""

    rows: Sequence[Place]
    total: int
    since: str | None


def board(
    store: Store, campaign_id: int, order: Order = "direct", *, only: Only = EVERYBODY, window: Window | None = None
) -> StandingBoard | WindowBoard:
    """A campaign's leaderboard by a figure: of those who have more than nothing of it, live, or of a window.

    Read it in a thread: only making it costs nothing. That of a window is counted once, by the first call that reads
    it, and says nothing of movement.
    """
    tie_rule = campaigns.terms(store, campaign_id).tie_rule
    if window is not None:
        return WindowBoard(Measured(store, campaign_id, window), order, only=only, tie_rule=tie_rule)
    before = movement(store, campaign_id)
    return StandingBoard(
        store, campaign_id, order, only=only, tie_rule=tie_rule, freeze_id=None if before is None else before[0]
    )


def measured(store: Store, campaign_id: int, window: Window | None) -> Measured | None:
    """A campaign in a window, which is counted when it is first read; None: of all times, by its standings."""
    return None if window is None else Measured(store, campaign_id, window)


def page(
    store: Store,
    campaign_id: int,
    order: Order = "direct",
    *,
    only: Only = EVERYBODY,
    window: Window | None = None,
    offset: int = 0,
    limit: int = 50,
) -> Page:
    """One page of ``board``."""
    found = board(store, campaign_id, order, only=only, window=window)
    before = movement(store, campaign_id) if window is None else None
    return Page(found.rows(offset, offset + limit), found.count(), None if before is None else before[1])


def movement(store: Store, campaign_id: int) -> tuple[int, str] | None:
    """The freeze with which a leaderboard is compared, and its day: the newest before the day of the standings."""
    db = store.reader()
    found = totals.of(db, campaign_id)
    if found is None:
        return None
    return freezes.last_day(db, campaign_id, totals.local_day(found.at, campaigns.terms(store, campaign_id)))


def ordered(places: array[int], keys: Sequence[int], *, down: bool = False) -> array[int]:
    """Places by their keys (0 or more), the least first or the greatest; of equal keys they stay as they are.

    Sorted digit by digit, in 8 bytes for each: a list of a million numbers would take ten times that.
    """
    turned = DIGIT if down else 0
    least = min(map(keys.__getitem__, places), default=0)
    most = max(map(keys.__getitem__, places), default=0) - least
    for shift in range(0, most.bit_length(), DIGIT.bit_length()):
        digits = array("H", ((keys[place] - least >> shift & DIGIT) ^ turned for place in places))
        starts = [0] * (DIGIT + 2)
        for digit in digits:
            starts[digit + 1] += 1
        starts = list(accumulate(starts))
        found = array("i", [0]) * len(places)
        for digit, place in zip(digits, places):
            found[starts[digit]] = place
            starts[digit] += 1
        places = found
    return places


class Measured:
    """A campaign in a window: counted once, for every order in which it is looked at."""

    def __init__(self, store: Store, campaign_id: int, window: Window) -> None:
        self.store = store
        self.campaign_id = campaign_id
        self.window = window
        self._forest: Forest | None = None

    @property
    def forest(self) -> Forest:
        """Everybody with their figures."""
        if self._forest is None:
            with self.store.reading() as db:
                self._forest = grown(db, self.campaign_id, self.window)
        return self._forest

    def of(self, ids: Iterable[int]) -> list[Figures]:
        """What is counted of these participants; whoever came in since is left out."""
        forest = self.forest
        places = ((one, bisect_left(forest.ids, one)) for one in ids)
        return [forest.figures(n) for one, n in places if n < len(forest) and forest.ids[n] == one]

    def in_order(self, order: Order, tie_rule: TieRule) -> tuple[array[int], array[int]]:
        """The places in the forest of all who have more than nothing of a figure, the best first, and their ranks."""
        forest = self.forest
        values, last_at, ids = getattr(forest, order), forest.last_at, forest.ids
        found = array("i", (place for place, value in enumerate(values) if value > 0))
        if order in OWN:
            found = ordered(found, last_at)
        found = ordered(found, values, down=True)
        rows = ((ids[place], values[place], last_at[place]) for place in found)
        return found, array("i", (rank for _one, rank in campaign_boards.ranked(rows, order, tie_rule)))

    def ranked(self, tie_rule: TieRule, most: int) -> Ranked:
        """The first of each order, to be kept."""
        figures: dict[int, Figures] = {}
        ranks: dict[Order, Mapping[int, int]] = {}
        for order in ORDERS:
            ranks[order], rows = self.first(order, tie_rule, most)
            figures |= {row.participant_id: row for row in rows}
        return Ranked(figures, ranks)

    def first(self, order: Order, tie_rule: TieRule, most: int) -> tuple[Mapping[int, int], list[Figures]]:
        """The ranks of the first by a figure, and what is counted of them."""
        found, of = self.in_order(order, tie_rule)
        ranks = {self.forest.ids[place]: rank for place, rank in zip(found[:most], of)}
        return ranks, [self.forest.figures(place) for place in found[:most]]

    def summed(self, found: Totals) -> Totals:
        """The sums of a campaign as those of the window, without its generations."""
        forest = self.forest
        return found._replace(
            sellers=sum(n > 0 for n in forest.direct),
            conversions=sum(forest.direct),
            revenue=sum(forest.revenue),
            commission=sum(forest.commission),
            reached=forest.people,
            generations=(),
        )


class WindowBoard:
    """The leaderboard of a window by one figure, in memory: 8 bytes for each who is on it, besides the forest."""

    def __init__(
        self, measured: Measured, order: Order, *, only: Only = EVERYBODY, tie_rule: TieRule = "earlier"
    ) -> None:
        self.measured = measured
        self.order = order
        self.only = only
        self.tie_rule = tie_rule
        self._found: tuple[array[int], array[int]] | None = None

    def count(self) -> int:
        """How many are shown."""
        return len(self._places()[0])

    def rows(self, start: int, stop: int) -> Sequence[Place]:
        """The places from position ``start`` (0 is the first) up to, not including, ``stop``."""
        found, ranks = self._places()
        start = max(0, start)
        figures = [self.measured.forest.figures(place) for place in found[start:stop]]
        db = self.measured.store.reader()
        return campaign_boards.places(db, start, figures, ranks[start:stop].tolist(), self.order)

    def find(self, key: object) -> int | None:
        """The position of a participant; None where they are not shown."""
        ids = self.measured.forest.ids
        return next((position for position, place in enumerate(self._places()[0]) if ids[place] == key), None)

    def close(self) -> None:
        """Let the forest go."""
        self._found = None

    def _places(self) -> tuple[array[int], array[int]]:
        if self._found is None:
            found, ranks = self.measured.in_order(self.order, self.tie_rule)
            if self.only != EVERYBODY:
                wanted = self._wanted()
                shown = [n for n, place in enumerate(found) if wanted(place)]
                found, ranks = array("i", (found[n] for n in shown)), array("i", (ranks[n] for n in shown))
            self._found = found, ranks
        return self._found

    def _wanted(self) -> Callable[[int], bool]:
        """Whether a place in the forest is shown."""
        forest, only = self.measured.forest, self.only
        db = self.measured.store.reader()
        waves = None if only.wave is None else campaign_boards.in_wave(db, forest.campaign_id, only.wave)
        members = only.community and campaign_boards.in_community(db, forest.campaign_id, only.community)

        def wanted(place: int) -> bool:
            one = forest.ids[place]
            return (
                (only.depth is None or forest.depth[place] == only.depth)
                and not (only.brought and forest.depth[place] == 0)
                and (waves is None or (one in waves) is bool(only.wave))
                and (not members or one in members)
            )

        return wanted
