"""Leaderboards that were kept: how they stood, and who moved since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from kolbench.analysis.campaigns import freezes
from kolbench.domain.lang import N_, _
from kolbench.programme.campaigns import days
from kolbench.programme.local import local_time
from kolbench.screens.campaign.words import TITLES, money_of, name_of
from kolbench.screens.file.part import texts
from kolbench.screens.view import Few, Item, Listing, View, columns
from kolbench.screens.words import said
from kolbench.store import campaign_boards, campaigns
from kolbench.store import freezes as table
from kolbench.widgets.cells import movement, separated

if TYPE_CHECKING:
    from kolbench.analysis.campaigns.freezes import Compared
    from kolbench.domain.campaigns import Terms
    from kolbench.screens.campaign.person import Span
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.campaign_boards import Order
    from kolbench.store.connect import Store
    from kolbench.store.freezes import Entry, Freeze
    from kolbench.widgets.columns import Column


class FreezesView(View):
    """The leaderboards of a campaign that were kept, by name or at the end of a day."""

    title = N_("Kept")
    empty = N_("Nothing was kept yet: + keeps the leaderboard as it is by a name; each day's end is kept by itself.")

    def __init__(self, campaign_id: int, order: Order, span: Span) -> None:
        """``span`` are the days of the leaderboard that + keeps."""
        super().__init__()
        self.campaign_id, self.figure, self.span = campaign_id, order, span

    def columns(self) -> list[Column]:
        """What it is called, of when, and how much had come in."""
        right = {"align": "right"}
        return columns(
            (_("Name"), 16, {"flex": 1}),
            (_("Day"), 10),
            (_("Of the days"), 23, {"drop": 1}),
            (_("Conversions"), 11, right),
            (_("Kept"), 8, {**right, "drop": 2}),
        )

    def window(self, store: Store) -> Few:
        """The newest first."""

        def load() -> list[Item]:
            terms = campaigns.terms(store, self.campaign_id)
            return [self._item(one, terms) for one in table.listed(store, self.campaign_id)]

        return Few(load)

    def _item(self, one: Freeze, terms: Terms) -> Item:
        cells = (
            one.name or _("end of the day"),
            one.day or days.day_of(one.at, terms),
            days.of_freeze(one, terms),
            separated(one.totals.get("conversions")),
            separated(one.entries),
        )
        style = None if one.name else "muted"
        return Item(one.id, cells, style, found=one, opens=lambda: KeptView(one, self.figure, cells[2]))

    def about(self, store: Store, item: Item | None) -> Write:
        """Who kept it and when."""
        if item is None:
            return super().about(store, item)
        one: Freeze = item.found
        text = _("Kept by {author}, {when}") if one.author else _("Kept each day, {when}")
        kept = text.format(author=one.author, when=local_time(one.at))
        return texts(item.cells[0], kept, _("Enter shows it; d compares it with the leaderboard of now."))

    def acts(self) -> Mapping[str, Act]:
        """Keep the leaderboard of now, and compare one with it."""
        return {"add": self._keep, "compare": self._compare}

    def _keep(self, desk: DeskScreen, _item: Item | None) -> None:
        def told(name: str) -> None:
            def keep(store: Store, author: str) -> None:
                desk.go_to(freezes.keep(store, self.campaign_id, name, author, self.span.window))

            desk.act(keep, _("The leaderboard is kept as '{name}'.").format(name=name))

        title = _("Keep the leaderboard as")
        if self.span.window is not None:
            title = _("Keep the leaderboard of {days} as").format(days=self.span.told)
        desk.ask_text(title, told, _("A name, such as 'before the second wave'."))

    def _compare(self, desk: DeskScreen, item: Item | None) -> None:
        if item is not None:
            desk.enter(ComparedView(item.found, self.figure, item.cells[2]))


class KeptView(View):
    """A leaderboard as it was kept."""

    beside = False
    empty = N_("Nobody had brought anything then.")

    def __init__(self, freeze: Freeze, order: Order, days: str) -> None:
        super().__init__()
        self.freeze, self.figure, self.days = freeze, order, days

    def named(self) -> str:
        """Its name."""
        return self.freeze.name or self.freeze.day or ""

    def narrowed(self) -> str:
        """Of which days."""
        return self.days if self.freeze.window else ""

    def told(self) -> str:
        """By which figure."""
        return _("by {figure}").format(figure=said(TITLES, self.figure))

    def columns(self) -> list[Column]:
        """The figures that were kept."""
        right = {"align": "right"}
        return columns(
            ("#", 5, right),
            (_("Who"), 14, {"flex": 1}),
            (_("Own"), 8, right),
            (_("Below"), 8, right),
            (_("Revenue"), 14, {**right, "drop": 1}),
            (_("Commission"), 13, {**right, "drop": 2}),
            (_("Reached"), 8, {**right, "drop": 3}),
        )

    def window(self, store: Store) -> Listing:
        """The first ones first."""

        def read(found: Sequence[Entry]) -> list[Item]:
            who = campaign_boards.names(store.reader(), [one.figures.participant_id for one in found])
            money = money_of(campaigns.terms(store, self.freeze.campaign_id))
            return [_place(one, name_of(who[one.figures.participant_id]), money) for one in found]

        return Listing(lambda: table.entries(store, self.freeze.id, self.figure), read)

    def acts(self) -> Mapping[str, Act]:
        """Compare it with now."""
        return {"compare": lambda desk, _item: desk.enter(ComparedView(self.freeze, self.figure, self.days))}


class ComparedView(View):
    """Who was where then, and is now."""

    beside = False
    empty = N_("Nobody was on either of them.")

    def __init__(self, freeze: Freeze, order: Order, days: str) -> None:
        super().__init__()
        self.freeze, self.figure, self.days = freeze, order, days

    def named(self) -> str:
        """What is compared."""
        return _("since {name}").format(name=self.freeze.name or self.freeze.day)

    def narrowed(self) -> str:
        """Of which days, which were counted again."""
        return self.days if self.freeze.window else ""

    def columns(self) -> list[Column]:
        """Rank and figure, then and now."""
        right = {"align": "right"}
        return columns(
            ("#", 5, right),
            (_("Moved"), 6, right),
            (_("Who"), 16, {"flex": 1}),
            (said(TITLES, self.figure), 18, right),
            (_("Before"), 14, right),
            (_("More"), 14, {**right, "drop": 1}),
        )

    def window(self, store: Store) -> Listing:
        """By the rank of now."""
        money = money_of(campaigns.terms(store, self.freeze.campaign_id))
        amount = money if self.figure in ("revenue", "commission") else separated
        return Listing(
            lambda: freezes.compare(store, self.freeze, None, self.figure),
            lambda found: [_compared(one, amount) for one in found],
        )


def kept(desk: DeskScreen, _item: Item | None) -> None:
    """Go to the leaderboards that were kept, by the figure that is shown now."""
    from kolbench.screens.campaign.board import BoardView

    view = desk.view
    if isinstance(view, BoardView):
        desk.enter(FreezesView(view.campaign_id, view.figure, view.span))


def _place(one: Entry, name: str, money: Callable[[int], str]) -> Item:
    cells = (
        separated(one.rank),
        name,
        separated(one.figures.direct),
        separated(one.figures.indirect),
        money(one.figures.revenue),
        money(one.figures.commission),
        separated(one.figures.reached),
    )
    return Item(one, cells, found=one)


def _compared(one: Compared, amount: Callable[[int], str]) -> Item:
    gone = one.rank is None
    more = None if one.value is None or one.before is None else one.value - one.before
    cells = (
        "" if one.rank is None else separated(one.rank),
        _("gone") if one.rank is None else movement(one.rank, one.before_rank),
        name_of(one.who),
        "" if one.value is None else amount(one.value),
        "" if one.before is None else amount(one.before),
        "" if more is None else amount(more),
    )
    return Item(one, cells, "muted" if gone else None, found=one)
