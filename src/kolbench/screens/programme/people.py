"""People of the programme: who knows the rules, who doesn't, and who stands where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme.local import local_day
from kolbench.screens import ladder_words
from kolbench.screens.file.part import texts
from kolbench.screens.telling import LADDERS, MOVES
from kolbench.screens.view import Item, Listing, View, columns
from kolbench.screens.words import CHANNELS, said
from kolbench.store import creators, ladders, rule_sets
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.ladders import Event, Ladder
    from kolbench.store.rule_sets import Acknowledged, Unaware
    from kolbench.widgets.columns import Column


class KnowingView(View):
    """Who has acknowledged a version, and no newer one."""

    empty = N_("Nobody knows that version, or everybody knows a newer one.")

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version

    def named(self) -> str:
        """Which version."""
        return _("knows version {n}").format(n=self.version)

    def columns(self) -> list[Column]:
        """Who said so, how, when and to whom."""
        return columns((_("Who"), 16, {"flex": 1}), (_("Channel"), 14), (_("On"), 10), (_("To"), 12))

    def window(self, store: Store) -> Listing:
        """Who said so last comes first."""
        return Listing(
            lambda: rule_sets.knowing(store, self.version),
            lambda ids: [_acknowledged(*one) for one in rule_sets.acknowledged(store, ids)],
        )


class UnawareView(View):
    """Who takes part and hasn't acknowledged what the rules in force say."""

    title = N_("Don't know the rules")
    empty = N_("Everybody who takes part has acknowledged the rules in force.")
    selectable: ClassVar[bool] = True

    def columns(self) -> list[Column]:
        """Who, which older version they know, and since when they could know this one."""
        return columns((_("Who"), 16, {"flex": 1}), (_("Knows version"), 13, {"align": "right"}), (_("Since when"), 10))

    def window(self, store: Store) -> Listing:
        """Those who could for longest come first."""

        def order() -> Sequence[Unaware]:
            return rule_sets.unaware(store)

        return Listing(order, lambda found: list(map(_unaware, found)))

    def about(self, store: Store, item: Item | None) -> Write:
        """What to do."""
        if item is None:
            return super().about(store, item)
        return texts(
            item.found.name,
            _("Send them what kolbench rules text prints. y writes down that they have said that they know it."),
            _("Space marks several."),
        )

    def acts(self) -> Mapping[str, Act]:
        """They know them."""
        return {"confirm": _know}


class RungView(View):
    """The people in a stage, or with a grade."""

    empty = N_("Nobody is there.")

    def __init__(self, ladder: Ladder, name: str, entitled: str) -> None:
        super().__init__()
        self.ladder, self.name, self.entitled = ladder, name, entitled

    def named(self) -> str:
        """Which one."""
        return f"{_(LADDERS[self.ladder])} {self.entitled}"

    def columns(self) -> list[Column]:
        """Who, since when, how they came there and by whom."""
        return columns((_("Who"), 16, {"flex": 1}), (_("Since when"), 10), (_("How"), 12), (_("By"), 12))

    def window(self, store: Store) -> Listing:
        """Who came last comes first."""

        def read(ids: Sequence[int]) -> list[Item]:
            found, names = ladders.current(store, self.ladder, ids), creators.names(store, ids)
            return [_placed(found[one], names.get(one, "")) for one in ids if one in found]

        return Listing(lambda: ladders.among(store, self.ladder, self.name), read)

    def about(self, store: Store, item: Item | None) -> Write:
        """The figures that decided."""
        if item is None:
            return super().about(store, item)
        event: Event = item.found
        how = " · ".join((said(MOVES, event.how), item.cells[3]))
        return texts(item.cells[0], how, event.reason, *ladder_words.told(event.figures))


def _acknowledged(number: int, one: Acknowledged) -> Item:
    cells = (one.name, said(CHANNELS, one.channel), local_day(one.said_at), one.author)
    return Item(number, cells, creator_id=one.creator_id, found=one)


def _unaware(one: Unaware) -> Item:
    known = "" if one.version is None else str(one.version)
    return Item(one, (one.name, known, local_day(one.since_at)), creator_id=one.creator_id, found=one)


def _placed(event: Event, name: str) -> Item:
    cells = (name, local_day(event.since_at), said(MOVES, event.how), event.author or _("the rules"))
    return Item(event.creator_id, cells, "strong" if event.how == "held" else None, event.creator_id, event)


def _know(desk: DeskScreen, item: Item | None) -> None:
    from kolbench.screens.choose import Choice, Choose

    chosen_rows: set[Any] = set(desk.table.selected)
    marked = [one.creator_id for one in chosen_rows]
    ids = marked or ([item.creator_id] if item is not None and item.creator_id is not None else [])
    if not ids:
        return

    def chosen(channel: str | None) -> None:
        if channel is not None:
            text = ngettext("{n} person knows the rules.", "{n} people know the rules.", len(ids))
            told = text.format(n=separated(len(ids)))
            desk.act(lambda store, author: rule_sets.acknowledge(store, ids, channel, author), told, *ids)

    choices = [Choice(key, said(CHANNELS, key)) for key in CHANNELS]
    desk.app.push_screen(Choose(_("How did they say that they know the rules?"), choices, numbered=True), chosen)
