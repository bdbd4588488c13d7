"""The ledger of incentives, newest first, of everybody or of some; and the points that people have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kolbench.domain.incentives import POINTS, Amount
from kolbench.domain.lang import N_, _
from kolbench.programme.local import local_day
from kolbench.screens.file.giving import entry_told, grant_form, redemption_form, reversal_form
from kolbench.screens.file.part import texts
from kolbench.screens.file_words import INCENTIVES
from kolbench.screens.programme.asking import fill_for, fill_in
from kolbench.screens.view import Item, Listing, View, columns
from kolbench.screens.words import said
from kolbench.store import creators, incentives
from kolbench.store.incentives import EVERYTHING, Only

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.forms import Form
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.incentives import Balance, Entry
    from kolbench.widgets.columns import Column


class LedgerView(View):
    """All entries, or those of ``only`` some; ``whose`` says of which."""

    title = N_("Ledger")
    empty = N_("Nobody was given anything yet. + gives something; what a rule proposes, you confirm before.")

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
        """Give something, take an entry back by another one, write the ledger for finance."""
        return {"add": self._give, "remove": _reverse, "export": _export}

    def _give(self, desk: DeskScreen, _item: Item | None) -> None:
        give(desk, self.only.creator_id, self.whose)


class BalancesView(View):
    """Everybody who has points, or owes some."""

    title = N_("Balances")
    empty = N_("Nobody has points. + gives somebody some.")

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
        if item is None:
            return super().about(store, item)
        hint = _("+ gives something, or what their points buy.")
        return texts(item.cells[0], _("Enter shows what they were given."), hint)

    def acts(self) -> Mapping[str, Act]:
        """Give something, or what their points buy; write the ledger for finance."""
        return {"add": _give, "export": _export}


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


def give(desk: DeskScreen, creator_id: int | None = None, name: str = "") -> None:
    """Give a person something, or what their points buy; None: ask who it is."""
    told = _("It is in the ledger.")

    def read(store: Store, creator_id: int) -> Sequence[Form]:
        return grant_form(creator_id), redemption_form(store, creator_id)

    if creator_id is None:
        fill_for(desk, _("Something for whom?"), read, told)
    else:
        fill_in(desk, name, lambda store: read(store, creator_id), told)


def _give(desk: DeskScreen, item: Item | None) -> None:
    give(desk) if item is None else give(desk, item.creator_id, item.cells[0])


def _reverse(desk: DeskScreen, item: Item | None) -> None:
    if item is None:
        return
    from kolbench.screens.file.forms import fill

    one: Entry = item.found
    fill(desk, reversal_form(one), lambda: desk.done(_("Entry {id} is reversed.").format(id=one.id)))


def _export(desk: DeskScreen, item: Item | None) -> None:
    from kolbench.screens.programme.incentives import export

    export(desk, item)
