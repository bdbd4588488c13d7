"""The ledger of incentives, newest first, of everybody or of some; and the points that people have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kolbench.domain.incentives import POINTS, Amount
from kolbench.domain.lang import N_, _
from kolbench.programme.local import local_day
from kolbench.screens.file.giving import entry_told, reversal_form
from kolbench.screens.file.part import texts
from kolbench.screens.file_words import INCENTIVES
from kolbench.screens.view import Item, Listing, View, columns
from kolbench.screens.words import said
from kolbench.store import creators, incentives
from kolbench.store.incentives import EVERYTHING, Only

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.incentives import Balance, Entry
    from kolbench.widgets.columns import Column


class LedgerView(View):
    """All entries, or those of ``only`` some; ``whose`` says of which."""

    title = N_("Ledger")
    empty = N_("Nobody was given anything yet. kolbench incentive grant does; what a rule proposes, you confirm here.")

    def __init__(self, only: Only = EVERYTHING, whose: str = "") -> None:
        super().__init__()
        self.only, self.whose = only, whose

    def named(self) -> str:
        """Of whom or for what the entries are."""
        name = super().named()
        return _("{what}: {more}").format(what=name, more=self.whose) if self.whose else name

    def columns(self) -> list[Column]:
        """When, who, what, for when and why."""
        return columns(
            (_("Day"), 10),
            (_("Who"), 12, {"flex": 1}),
            (_("Kind"), 10),
            (_("How much"), 14, {"align": "right"}),
            (_("For"), 8, {"drop": 1}),
            (_("Why"), 14, {"flex": 2}),
        )

    def window(self, store: Store) -> Listing:
        """The newest first."""
        return Listing(
            lambda: incentives.order(store, self.only), lambda ids: _entries(store, incentives.of_ids(store, ids))
        )

    def about(self, store: Store, item: Item | None) -> Write:
        """All of an entry, and the points that the person has."""
        if item is None:
            return super().about(store, item)
        one: Entry = item.found
        told = [_("{what}: {more}").format(what=item.cells[2], more=item.cells[3]), *entry_told(store, one)]
        if one.creator_id is not None:
            points = Amount(incentives.balance(store.reader(), one.creator_id), POINTS)
            told.append(_("They have {points} now.").format(points=points))
        return texts(item.cells[1], *told)

    def acts(self) -> Mapping[str, Act]:
        """Take an entry back by another one; write the ledger for finance."""
        return {"remove": _reverse, "export": _export}


class BalancesView(View):
    """Everybody who has points, or owes some."""

    title = N_("Balances")
    empty = N_("Nobody has points. kolbench incentive grant CREATOR points 100 gives some.")

    def columns(self) -> list[Column]:
        """Who, and how many."""
        return columns((_("Who"), 16, {"flex": 1}), (_("Balance"), 16, {"align": "right"}))

    def window(self, store: Store) -> Listing:
        """Those with most come first."""

        def order() -> Sequence[Balance]:
            return incentives.balances(store)

        return Listing(order, lambda found: list(map(_balance, found)))

    def about(self, store: Store, item: Item | None) -> Write:
        """What Enter does."""
        return (
            super().about(store, item) if item is None else texts(item.cells[0], _("Enter shows what they were given."))
        )

    def acts(self) -> Mapping[str, Act]:
        """Write the ledger for finance."""
        return {"export": _export}


def _entries(store: Store, found: Sequence[Entry]) -> list[Item]:
    names = creators.names(store, [one.creator_id for one in found if one.creator_id is not None])
    return [
        Item(
            one.id,
            (
                local_day(one.at),
                _("(erased)") if one.creator_id is None else names.get(one.creator_id, ""),
                said(INCENTIVES, one.kind),
                str(one.told),
                one.period,
                one.reason
                or one.rule
                or (_("reverses {id}").format(id=one.reversal_of) if one.reversal_of is not None else ""),
            ),
            "muted" if one.reversal_of is not None else None,
            one.creator_id,
            one,
        )
        for one in found
    ]


def _balance(one: Balance) -> Item:
    cells = (one.name, str(Amount(one.points, POINTS)))
    style = "alert" if one.points < 0 else None
    return Item(one, cells, style, one.creator_id, one, lambda: LedgerView(Only(one.creator_id), one.name))


def _reverse(desk: DeskScreen, item: Item | None) -> None:
    if item is None:
        return
    from kolbench.screens.file.forms import fill

    one: Entry = item.found
    fill(desk, reversal_form(one), lambda: desk.done(_("Entry {id} is reversed.").format(id=one.id)))


def _export(desk: DeskScreen, item: Item | None) -> None:
    from kolbench.screens.programme.incentives import export

    export(desk, item)
