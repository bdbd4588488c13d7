"""What points buy: what it costs, what is left of it, and how often it was had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kolbench.domain.incentives import POINTS, Amount
from kolbench.domain.lang import N_, _
from kolbench.screens.file.giving import reward_form
from kolbench.screens.file.part import texts
from kolbench.screens.file_words import INCENTIVES
from kolbench.screens.view import Few, Item, View, columns
from kolbench.screens.words import said
from kolbench.store import rewards
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.rewards import Offered
    from kolbench.widgets.columns import Column


class CatalogueView(View):
    """All that points buy, the cheapest first."""

    title = N_("Catalogue")
    empty = N_("Points buy nothing yet. + says what they buy, and for how many.")

    def columns(self) -> list[Column]:
        """Its name, its price, what it is, and how many are left."""
        right = {"align": "right"}
        return columns(
            (_("Name"), 16, {"flex": 1}),
            (_("Costs"), 14, right),
            (_("Gets"), 18, right),
            (_("Left"), 8, right),
            (_("Redeemed"), 9, {**right, "drop": 1}),
        )

    def window(self, store: Store) -> Few:
        """A few rows."""
        return Few(lambda: list(map(_item, rewards.catalogue(store))))

    def about(self, store: Store, item: Item | None) -> Write:
        """How somebody gets it."""
        if item is None:
            return super().about(store, item)
        told = _("+ in the file of a person (B), or among the balances, gives it to them for their points.")
        return texts(item.cells[0], told, _("- takes it out of the catalogue."))

    def acts(self) -> Mapping[str, Act]:
        """Put something in, or take it out."""
        return {"add": stock, "remove": _remove}


def _item(one: Offered) -> Item:
    cells = (
        one.name,
        str(Amount(one.price, POINTS)),
        f"{said(INCENTIVES, one.kind)} {Amount(one.amount, one.unit)}",
        "" if one.left is None else separated(one.left),
        separated(one.redeemed),
    )
    return Item(one.id, cells, "muted" if one.left == 0 else None, found=one)


def stock(desk: DeskScreen, _item: Item | None) -> None:
    """Put something into the catalogue."""
    from kolbench.screens.file.forms import fill

    fill(desk, reward_form(), lambda: desk.done(_("It is in the catalogue.")))


def _remove(desk: DeskScreen, item: Item | None) -> None:
    if item is not None:
        one: Offered = item.found
        text = _("'{name}' is taken out of the catalogue.").format(name=one.name)
        desk.act(lambda store, author: rewards.remove(store, one.id, author), text)
