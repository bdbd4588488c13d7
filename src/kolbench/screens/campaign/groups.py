"""Leaderboards of waves, generations and communities; each row opens to the people in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kolbench.analysis.campaigns import boards, groups
from kolbench.domain.lang import N_, _
from kolbench.screens.campaign.words import GROUPS, group_cells, money_of
from kolbench.screens.file.part import texts
from kolbench.screens.view import Few, Item, View, columns
from kolbench.screens.words import said
from kolbench.store import campaigns
from kolbench.store.campaign_boards import Only

if TYPE_CHECKING:
    from kolbench.analysis.campaigns.groups import By, Group
    from kolbench.screens.campaign.person import Span
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.store.connect import Store
    from kolbench.widgets.columns import Column


class GroupsView(View):
    """The groups of a campaign by what they brought."""

    beside = False
    empty = N_("There is none yet. Waves: kolbench campaign start; communities: those of whom takes part.")

    def __init__(self, campaign_id: int, by: By, span: Span) -> None:
        super().__init__()
        self.campaign_id, self.by, self.span = campaign_id, by, span
        self.live = span.window is None

    def named(self) -> str:
        """By what."""
        return _("by {what}").format(what=said(GROUPS, self.by))

    def narrowed(self) -> str:
        """Of which days."""
        return self.span.told

    def columns(self) -> list[Column]:
        """Which, how many take part, and what they brought."""
        right = {"align": "right"}
        return columns(
            (said(GROUPS, self.by), 16, {"flex": 1}),
            (_("People"), 8, right),
            (_("Below"), 8, {**right, "drop": 3}),
            (_("Own"), 8, right),
            (_("Below"), 8, right),
            (_("Revenue"), 14, {**right, "drop": 1}),
            (_("Below"), 14, {**right, "drop": 4}),
            (_("Commission"), 13, {**right, "drop": 2}),
            ("K", 6, right),
        )

    def window(self, store: Store) -> Few:
        """Those with most first; generations in their order."""

        def load() -> list[Item]:
            money = money_of(campaigns.terms(store, self.campaign_id))
            counted = boards.measured(store, self.campaign_id, self.span.window)
            return [self._item(one, money) for one in groups.groups(store, self.campaign_id, self.by, counted)]

        return Few(load)

    def _item(self, one: Group, money: Callable[[int], str]) -> Item:
        name = groups.name(self.by, one)
        cells = (name, *group_cells(one, money))
        return Item((self.by, one.number), cells, found=one, opens=lambda: self._people(one, name))

    def _people(self, one: Group, name: str) -> View:
        from kolbench.screens.campaign.board import BoardView

        only = {
            groups.ALONE: Only(wave=0, depth=0),
            groups.BROUGHT: Only(wave=0, brought=True),
        }.get(one.number, Only(wave=one.number))
        if self.by != "wave":
            only = Only(depth=one.number) if self.by == "level" else Only(community=one.number)
        return BoardView(self.campaign_id, only, name, self.span)

    def about(self, store: Store, item: Item | None) -> Write:
        """What Enter does."""
        if item is None:
            return super().about(store, item)
        told = _("Nobody counts twice: what is below two of them counts once.")
        return texts(item.cells[0], _("Enter shows the people in it, with their ranks among all."), told)


def choose(desk: DeskScreen, campaign_id: int, span: Span) -> None:
    """Ask by what the leaderboard of these days is to be, and go there."""
    from kolbench.screens.choose import Choice, Choose

    def chosen(key: str | None) -> None:
        by = next((one for one in groups.BYS if one == key), None)
        if by is not None:
            desk.enter(GroupsView(campaign_id, by, span))

    choices = [Choice(one, said(GROUPS, one)) for one in groups.BYS]
    desk.app.push_screen(Choose(_("By what?"), choices, numbered=True), chosen)
