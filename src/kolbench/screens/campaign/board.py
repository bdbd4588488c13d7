"""The leaderboard of a campaign, live: who brought most, of everybody, a group, or any days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kolbench.analysis.campaigns import boards, tree
from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme.campaigns import days
from kolbench.programme.local import local_time
from kolbench.screens.campaign import person
from kolbench.screens.campaign.person import ALWAYS, Span
from kolbench.screens.campaign.words import TITLES, money_of, name_of, same_person, spark
from kolbench.screens.file.part import cell
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.view import Item, Listing, View
from kolbench.screens.words import said
from kolbench.store import campaigns, consents
from kolbench.store.campaign_boards import EVERYBODY, ORDERS, StandingBoard
from kolbench.widgets.cells import movement, separated

if TYPE_CHECKING:
    from collections.abc import Hashable

    from kolbench.analysis.campaigns.boards import WindowBoard
    from kolbench.domain.campaigns import Terms
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.campaign_boards import Only, Order, Place
    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Window
    from kolbench.store.participants import Participant
    from kolbench.widgets.columns import Column

HEADS: Mapping[Order, tuple[str, int]] = {
    "direct": (N_("Own"), 7),
    "indirect": (N_("Below"), 8),
    "revenue": (N_("Revenue"), 13),
    "commission": (N_("Commission"), 12),
    "reached": (N_("Reached"), 8),
}
"""The columns of figures by which people are ranked, and how wide they are."""

DAYS = (1, 7, 30)


class BoardView(View):
    """A leaderboard by one figure; ``only`` and ``window`` narrow it, ``name`` says to whom."""

    title = N_("Leaderboard")
    beside = False
    searchable = False
    empty = N_(
        "Nobody has brought anything yet. Begin a wave: mark people under 1 and press W there, or kolbench campaign"
        " start. Then read sales: i imports a file, 4 leads to the sources. They show up here."
    )

    def __init__(self, campaign_id: int, only: Only = EVERYBODY, name: str = "", span: Span = ALWAYS) -> None:
        super().__init__()
        self.campaign_id, self.only, self.name = campaign_id, only, name
        self.figure: Order = "direct"
        self.order = self.figure
        self.span = span
        self.live = span.window is None
        self.counted_at = now()
        self.shown: BoardWindow | None = None

    def named(self) -> str:
        """Of whom it is."""
        return self.name or super().named()

    def nothing(self) -> str:
        """Of a part of a campaign that is something else than of all."""
        if self.span.window is not None:
            return _("Nobody brought anything in these days. w chooses others.")
        if self.figure != "direct" or self.name:
            return _("Nobody has any of that figure here. o chooses another one.")
        return super().nothing()

    def columns(self) -> list[Column]:
        """Rank, how it moved, who, and the figures; that by which they are ranked is always in sight."""
        made = [
            cell(0, "#", 5, align="right"),
            cell(1, _("Moved"), 5, align="right"),
            cell(2, _("Who"), 14, flex=1),
            cell(3, _("Wave"), 4, align="right", drop=5),
        ]
        droppable = {"revenue": 3, "commission": 2, "reached": 4}
        for place, (order, (label, width)) in enumerate(HEADS.items(), len(made)):
            drop = 0 if order == self.figure else droppable.get(order, 0)
            column = cell(place, _(label), width, align="right", drop=drop)
            made.append(replace(column, key=order, sortable=True))
        # Beside the figures of some days, the last two weeks would be taken for them.
        return made if self.span.window else [*made, cell(len(made), _("14 days"), tree.DAYS, drop=6)]

    def narrowed(self) -> str:
        """Of which days."""
        return self.span.told

    def told(self) -> str:
        """By which figure, when its days were counted, or since when movement is."""
        told = [_("by {figure}").format(figure=said(TITLES, self.figure))]
        if self.span.window is not None:
            told.append(_("counted {date}").format(date=local_time(self.counted_at)))
        elif self.shown is not None and self.shown.since:
            told.append(_("moved since {day}").format(day=self.shown.since))
        return ", ".join(told)

    def sort_by(self, column: str) -> bool:
        """Rank by another figure."""
        if column not in ORDERS or column == self.figure:
            return False
        self.order = self.figure = column
        return True

    def window(self, store: Store) -> Listing:
        """The places, some at a time."""
        self.shown = BoardWindow(store, self.campaign_id, self.figure, self.only, self.span)
        return self.shown

    def about(self, store: Store, item: Item | None) -> Write:
        """By whom they came, and what is counted of them."""
        if item is None:
            return super().about(store, item)
        way = tree.Tree(store).path(item.key)[:-1]
        terms = campaigns.terms(store, self.campaign_id)
        same = same_person(consents.others(store.reader(), [item.key]).get(item.key, ()))
        return lambda width: _about(item.found, [name_of(node.who) for node in way], same, terms, width)

    def acts(self) -> Mapping[str, Act]:
        """Another order, other groups or days, what was kept, a person's place, and what a figure was counted from."""
        from kolbench.screens.campaign.kept import kept

        return {
            "order": self._order,
            "by": self._by,
            "days": self._days,
            "kept": kept,
            "find": self._find,
            "evidence": lambda desk, item: person.evidence(desk, item, self.span),
        }

    def _order(self, desk: DeskScreen, _item: Item | None) -> None:
        from kolbench.screens.choose import Choice, Choose

        def chosen(order: str | None) -> None:
            if order is not None and self.sort_by(order):
                desk.show_same(keep=False)

        choices = [Choice(order, said(TITLES, order)) for order in HEADS]
        desk.app.push_screen(Choose(_("By which figure?"), choices, self.figure, numbered=True), chosen)

    def _by(self, desk: DeskScreen, _item: Item | None) -> None:
        from kolbench.screens.campaign.groups import choose

        choose(desk, self.campaign_id, self.span)

    def _days(self, desk: DeskScreen, _item: Item | None) -> None:
        from kolbench.screens.choose import Choice, Choose

        def show(span: Span) -> None:
            # Days are counted from nothing each time: not by themselves with every page of a sync.
            self.span, self.live, self.counted_at = span, span.window is None, now()
            desk.show_same(keep=False)

        def look(asked: Callable[[Terms], Window | None]) -> None:
            def read() -> Span:
                terms = campaigns.terms(desk.session.store, self.campaign_id)
                window = asked(terms)
                return Span(window, days.told(window, terms, short=True)) if window else ALWAYS

            desk.ask("days", read, show)

        def chosen(key: str | None) -> None:
            if key == "between":
                self._ask_days(desk, look)
            elif key == "all":
                show(ALWAYS)
            elif key is not None:
                look(lambda terms: days.newest(int(key), terms))

        choices = [
            Choice("all", _("all times"), _("live")),
            *(Choice(str(n), _("today") if n == 1 else _("the last {n} days").format(n=n)) for n in DAYS),
            Choice("between", _("from … to …")),
        ]
        desk.app.push_screen(Choose(_("Of which days?"), choices, numbered=True), chosen)

    def _ask_days(self, desk: DeskScreen, look: Callable[[Callable[[Terms], Window | None]], None]) -> None:
        from kolbench.screens.prompt import Prompt

        def given(text: str | None) -> None:
            if text is not None:
                first, _dots, last = (one.strip() or None for one in text.partition(".."))
                look(lambda terms: days.between(first, last, terms))

        hint = _("2026-05-01..2026-05-07; either may be missing. Days are those of where the campaign is.")
        desk.app.push_screen(Prompt(_("From when to when?"), hint=hint), given)

    def _find(self, desk: DeskScreen, _item: Item | None) -> None:
        shown = self.shown

        def told(one: Participant) -> None:
            def go(position: int | None) -> None:
                if position is None:
                    desk.notify(_("They have none of that figure here."), severity="warning", timeout=4)
                else:
                    desk.go_to(one.id)
                    desk.show_same()

            desk.ask("where", lambda: None if shown is None else shown.find(one.id), go)

        person.ask_who(desk, self.campaign_id, _("Find a person"), told)


class BoardWindow(Listing):
    """The window of a leaderboard, which is made when it is first read, in the thread that reads it."""

    def __init__(self, store: Store, campaign_id: int, order: Order, only: Only, span: Span) -> None:
        super().__init__(list, lambda keys: [])
        self.store, self.campaign_id, self.span = store, campaign_id, span
        self.since: str | None = None
        self._how = (order, only)
        self._made: tuple[StandingBoard | WindowBoard, Terms] | None = None

    def _board(self) -> tuple[StandingBoard | WindowBoard, Terms]:
        if self._made is None:
            order, only = self._how
            board = boards.board(self.store, self.campaign_id, order, only=only, window=self.span.window)
            if self.span.window is None and (before := boards.movement(self.store, self.campaign_id)) is not None:
                self.since = before[1]
            self._made = board, campaigns.terms(self.store, self.campaign_id)
        return self._made

    def count(self) -> int:
        """How many are on it."""
        return self._board()[0].count()

    def rows(self, start: int, stop: int) -> Sequence[tuple[Hashable, Item, View | None]]:
        """The places from ``start`` to ``stop``, with the last days of those and of nobody else."""
        board, terms = self._board()
        found = board.rows(start, stop)
        ids = [place.figures.participant_id for place in found]
        wanted = ids and self.span.window is None
        sparks = tree.sparks(self.store, self.campaign_id, ids) if wanted else {}
        money = money_of(terms)
        return [(one, self._item(place, sparks.get(one), money), self.view) for one, place in zip(ids, found)]

    def find(self, key: Hashable) -> int | None:
        """The position of a participant."""
        return self._board()[0].find(key) if isinstance(key, int) else None

    def close(self) -> None:
        """Let what was counted go."""
        if self._made is not None:
            self._made[0].close()

    def _item(self, place: Place, sold: Sequence[int] | None, money: Callable[[int], str]) -> Item:
        one = place.figures
        cells = (
            separated(place.rank),
            movement(place.rank, place.before) if self.since else "",
            name_of(place.who),
            "" if place.who.wave is None else str(place.who.wave),
            separated(one.direct),
            separated(one.indirect),
            money(one.revenue),
            money(one.commission),
            separated(one.reached),
            "" if sold is None else spark(sold),
        )
        return Item(one.participant_id, cells, found=place, opens=lambda: self._tree_of(place))

    def _tree_of(self, place: Place) -> View:
        from kolbench.screens.campaign.tree import TreeView

        board = self._board()[0]
        counted = None if isinstance(board, StandingBoard) else board.measured
        return TreeView(place.figures.participant_id, name_of(place.who), self.span, counted)


def _about(place: Place, way: Sequence[str], same: str, terms: Terms, width: int) -> Iterator[Line]:
    one, who = place.figures, place.who
    yield [(name_of(who), "title"), (f"  #{separated(place.rank)}  ", "muted"), (who.ref if who.name else "", "muted")]
    if same:
        yield from paragraph(same, width, "strong")
    if way:
        yield from paragraph(_("Came by: {names}").format(names=" < ".join(reversed(way))), width, most=2)
    money = money_of(terms)
    text = ngettext(
        "{n} conversion of their own for {revenue} {currency}.",
        "{n} conversions of their own for {revenue} {currency}.",
        one.direct,
    )
    told = text.format(n=separated(one.direct), revenue=money(one.revenue), currency=terms.currency)
    yield from paragraph(told, width)
    text = ngettext(
        "{n} person below brought {indirect}, for {revenue} {currency}.",
        "{n} people below brought {indirect}, for {revenue} {currency}.",
        one.below,
    )
    below = {"n": separated(one.below), "indirect": separated(one.indirect), "revenue": money(one.indirect_revenue)}
    yield from paragraph(text.format(**below, currency=terms.currency), width)
    text = ngettext(
        "{n} person reached; {invited} came by them.", "{n} people reached; {invited} came by them.", one.reached
    )
    yield from paragraph(text.format(n=separated(one.reached), invited=separated(one.invited)), width)
    yield from paragraph(_("Enter shows who came by them; v what was sold, and what it earned."), width, "muted")
