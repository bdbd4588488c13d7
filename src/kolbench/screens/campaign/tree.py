"""Who came by somebody: a tree of which as much is read as was opened, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kolbench.analysis.campaigns import tree
from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.campaign import person
from kolbench.screens.campaign.person import ALWAYS
from kolbench.screens.campaign.words import money_of, name_of
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.view import Few, Item, View, columns
from kolbench.store import campaigns, participants
from kolbench.widgets.cells import separated, unicode_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from kolbench.analysis.campaigns.boards import Measured
    from kolbench.analysis.campaigns.tree import Node
    from kolbench.screens.campaign.person import Span
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.widgets.columns import Column

PAGE = 20
"""So many of those who came by somebody are shown at first, and so many more each time."""

DEEP = 10
"""So many generations are drawn below each other; deeper ones in a tree of their own."""


class TreeView(View):
    """The tree below a participant: those who brought most first, ``shown`` of each one that is open."""

    beside = False
    searchable = False
    empty = N_("Nobody came by them.")

    def __init__(self, participant_id: int, name: str, span: Span = ALWAYS, counted: Measured | None = None) -> None:
        """``counted`` are the figures of the days that ``span`` names; None: of all times."""
        super().__init__()
        self.participant_id, self.name, self.span, self.counted = participant_id, name, span, counted
        self.live = counted is None
        self.shown = {participant_id: PAGE}
        self.place = participant_id

    def named(self) -> str:
        """Whose tree it is."""
        return self.name

    def narrowed(self) -> str:
        """Of which days the figures are."""
        return self.span.told

    def columns(self) -> list[Column]:
        """Who, and what they brought."""
        right = {"align": "right"}
        return columns(
            (_("Who"), 22, {"flex": 1}),
            (_("Own"), 7, right),
            (_("Below"), 8, right),
            (_("Revenue"), 13, {**right, "drop": 2}),
            (_("Below"), 13, {**right, "drop": 4}),
            (_("Commission"), 12, {**right, "drop": 3}),
            (_("Reached"), 8, {**right, "drop": 1}),
            (_("Invited"), 8, right),
        )

    def window(self, store: Store) -> Few:
        """Those above, the person, and whoever is shown of those below."""
        return Few(lambda: list(self._items(store)))

    def _items(self, store: Store) -> Iterator[Item]:
        found = tree.Tree(store, self.counted)
        way = found.path(self.participant_id)
        if not way:
            return
        whose = participants.get(store.reader(), self.participant_id)
        money = money_of(campaigns.terms(store, whose.campaign_id))
        for level, node in enumerate(way[:-1]):
            yield self._above(node, level, money)
        yield from self._below(found, way[-1], 0, money)

    def _below(self, of: tree.Tree, node: Node, level: int, money: Callable[[int], str]) -> Iterator[Item]:
        one = node.figures.participant_id
        most = self.shown.get(one, 0) if level < DEEP else 0
        yield self._item(node, level, money, is_open=bool(most))
        if not (most and node.came):
            return
        found = of.children(one, 0, most)
        for child in found.nodes:
            yield from self._below(of, child, level + 1, money)
        if found.more > 0:
            yield _more(one, found, level + 1)

    def about(self, store: Store, item: Item | None) -> Write:
        """Of the person whose tree it is, the generations below; of others their figures."""
        if item is None:
            return super().about(store, item)
        whose = item.key == self.participant_id
        found = tree.Tree(store, self.counted).generations(self.participant_id) if whose else []
        return lambda width: _about(item, found, width)

    def toggle(self, item: Item) -> bool:
        """Open or close a row, or show more; whether anything is shown otherwise now."""
        kind, one = item.key if isinstance(item.key, tuple) else ("node", item.key)
        if kind == "more":
            self.shown[one] += PAGE * 5
        elif kind != "node" or not item.found.came or item.opens is not None:
            return False
        elif one in self.shown:
            del self.shown[one]
        else:
            self.shown[one] = PAGE
        return True

    def open(self, desk: DeskScreen, item: Item) -> bool:
        """Open or close a row, or go to the tree of its own that it has."""
        if item.opens is not None:
            return False
        if self.toggle(item):
            desk.show_same()
        else:
            desk.notify(_("Nobody came by them."), timeout=3)
        return True

    def acts(self) -> Mapping[str, Act]:
        """What a figure was counted from."""
        return {"evidence": lambda desk, item: person.evidence(desk, item, self.span)}

    def _above(self, node: Node, level: int, money: Callable[[int], str]) -> Item:
        """Somebody by whom they came: Enter goes to their tree."""
        mark = "↑ " if unicode_terminal() else "^ "
        cells = ("  " * min(level, DEEP) + mark + name_of(node.who), *_figures(node, money))
        return Item(
            ("above", node.figures.participant_id), cells, "muted", found=node, opens=lambda: self._tree_of(node)
        )

    def _item(self, node: Node, level: int, money: Callable[[int], str], *, is_open: bool) -> Item:
        closed, opened = ("▸ ", "▾ ") if unicode_terminal() else ("+ ", "- ")
        mark = "  " if not node.came else opened if is_open else closed
        cells = ("  " * level + mark + name_of(node.who), *_figures(node, money))
        opens = (lambda: self._tree_of(node)) if level >= DEEP and node.came else None
        return Item(node.figures.participant_id, cells, None if level else "strong", found=node, opens=opens)

    def _tree_of(self, node: Node) -> TreeView:
        return TreeView(node.figures.participant_id, name_of(node.who), self.span, self.counted)


def _more(one: int, found: tree.Children, level: int) -> Item:
    text = ngettext("… and {n} more", "… and {n} more", found.more).format(n=separated(found.more))
    return Item(
        ("more", one), ("  " * level + "  " + text, "", separated(found.conversions), "", "", "", "", ""), "muted"
    )


def _figures(node: Node, money: Callable[[int], str]) -> Sequence[str]:
    one = node.figures
    return (
        separated(one.direct),
        separated(one.indirect),
        money(one.revenue),
        money(one.indirect_revenue),
        money(one.commission),
        separated(one.reached),
        separated(one.invited),
    )


def _about(item: Item, below: Sequence[tree.Below], width: int) -> Iterator[Line]:
    if item.found is None:
        yield from paragraph(_("Enter shows more of them. The number is what those brought with all below."), width)
        return
    who = item.found.who
    yield [(name_of(who), "title"), (f"  {who.ref}" if who.name else "", "muted")]
    for of in below:
        text = _("Generation {n}: {people} people, own conversions: {conversions}, K {k:.2f}")
        told = text.format(n=of.generation, people=separated(of.participants), conversions=separated(of.direct), k=of.k)
        yield from paragraph(told, width)
    hint = _("Enter opens and closes; v shows what was sold, and what it earned.")
    if item.opens is not None:
        hint = _("Enter goes to their tree.")
    yield from paragraph(hint, width, "muted")
