"""Conversions that count only when somebody says so: why, and what operators decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.money import Money
from kolbench.programme.campaigns import acts, people
from kolbench.screens.campaign import person
from kolbench.screens.campaign.words import WHY, perhaps
from kolbench.screens.file.part import texts
from kolbench.screens.lines import paragraph
from kolbench.screens.view import Item, Listing, View
from kolbench.screens.words import said
from kolbench.store import conversions, refunds
from kolbench.store.refunds import Waiting
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.conversions import Decision
    from kolbench.store.participants import Participant
    from kolbench.widgets.columns import Column

EVERY = "*"


class _Can(NamedTuple):
    """The conversions about which that can be decided, and why not about others, which stay as they are."""

    ids: Sequence[int]
    stays: Mapping[int, str]

    @property
    def hint(self) -> str:
        """What is said below the question."""
        if not self.stays:
            return _("Kept with the decision.")
        text = ngettext("{n} stays marked: {why}", "{n} stay marked: {why}", len(self.stays))
        return text.format(n=separated(len(self.stays)), why=next(iter(self.stays.values())))


class QuarantineView(View):
    """All that is quarantined, or what is for one ``reason``."""

    empty = N_(
        "Nothing is quarantined: every conversion counts, or was decided about. What comes late, by an unknown code, or"
        " from somebody who sold to themselves shows up here."
    )
    selectable: ClassVar[bool] = True

    def __init__(self, campaign_id: int) -> None:
        super().__init__()
        self.campaign_id = campaign_id
        self.reason: str | None = None

    def told(self) -> str:
        """For which reason."""
        return "" if self.reason is None else said(WHY, self.reason)

    def columns(self) -> list[Column]:
        """When, which, for how much, by which code, whose, and why."""
        return person.sale_columns()

    def window(self, store: Store) -> Listing:
        """Like reasons together, the first to happen first; then refunds that wait for their sales."""
        return Listing(lambda: self._keys(store), lambda keys: _items(store, keys))

    def _keys(self, store: Store) -> list[int | Waiting]:
        """The conversions, then, where all reasons are shown, the orders of which refunds wait."""
        db = store.reader()
        beyond = refunds.waiting(db, self.campaign_id) if self.reason is None else []
        return [*conversions.waiting(db, self.campaign_id, self.reason), *beyond]

    def about(self, store: Store, item: Item | None) -> Write:
        """The whole row, why it doesn't count, what a mistyped code perhaps is, and what can be done."""
        if item is None:
            return super().about(store, item)
        if isinstance(item.key, Waiting):
            return texts(item.cells[1], _refund(item.key))
        code, hint = item.found.code, _("y lets it count, x rejects it, a says whose it is; Space marks several.")
        near = [perhaps(code, one) for one in people.meant(store.reader(), self.campaign_id, code)]
        return lambda width: (*person.sale_lines(item.found, width, near), [], *paragraph(hint, width, "muted"))

    def acts(self) -> Mapping[str, Act]:
        """Let it count, reject it, say whose it is; show one reason alone."""
        return {
            "confirm": lambda desk, item: self._decide(desk, item, "accept"),
            "refuse": lambda desk, item: self._decide(desk, item, "reject"),
            "assign": self._assign,
            "filter": self._filter,
        }

    def widen(self) -> bool:
        """Show all reasons again."""
        narrowed, self.reason = self.reason is not None, None
        return narrowed

    def _decide(self, desk: DeskScreen, item: Item | None, decision: Decision) -> None:
        title = _("Why does it count?") if decision == "accept" else _("Why does it not count?")

        def told(can: _Can) -> None:
            desk.ask_text(title, lambda reason: self._write(desk, can, decision, reason), can.hint)

        self._consider(desk, item, decision, told)

    def _assign(self, desk: DeskScreen, item: Item | None) -> None:
        def told(can: _Can) -> None:
            def theirs(one: Participant) -> None:
                desk.ask_text(
                    _("Why is it of {name}?").format(name=one.name or one.ref),
                    lambda reason: self._write(desk, can, "assign", reason, one.id),
                    can.hint,
                )

            person.ask_who(desk, self.campaign_id, _("Whose is it?"), theirs)

        self._consider(desk, item, "assign", told)

    def _consider(
        self, desk: DeskScreen, item: Item | None, decision: Decision, told: Callable[[_Can], object]
    ) -> None:
        """Look at what can be decided so before anybody writes why; the rest stays marked."""
        ids = _meant(desk, item)

        def look() -> _Can:
            db, can, stays = desk.session.store.reader(), [], {}
            for one in conversions.of_ids(db, ids):
                if text := conversions.objection(db, one, decision):
                    stays[one.id] = text
                else:
                    can.append(one.id)
            return _Can(can, stays)

        def known(found: _Can) -> None:
            if found.ids:
                told(found)
            else:
                desk.notify(next(iter(found.stays.values())), severity="warning", timeout=8)

        if not ids and item is not None:
            desk.notify(_("There is nothing to decide: it waits until its order is told."), timeout=5)
        if ids:
            desk.ask("decide", look, known, keys_wait=True)

    def _write(self, desk: DeskScreen, can: _Can, decision: Decision, reason: str, whose: int | None = None) -> None:
        def decide(store: Store, author: str) -> None:
            acts.decide(store, can.ids, decision, author, reason, whose)

        def decided(_result: object) -> None:
            text = ngettext("{n} conversion: decided.", "{n} conversions: decided.", len(can.ids))
            desk.done(text.format(n=separated(len(can.ids))))
            desk.table.select(frozenset(can.stays))

        desk.write((), decide, decided, failed=desk.show_same)

    def _filter(self, desk: DeskScreen, _item: Item | None) -> None:
        store = desk.session.store
        found, offer = lambda: conversions.reasons(store.reader(), self.campaign_id), self._chooser(desk)
        desk.ask("reasons", found, offer, keys_wait=True)

    def _chooser(self, desk: DeskScreen) -> Callable[[dict[str, int]], None]:
        from kolbench.screens.choose import Choice, Choose

        def chosen(key: str | None) -> None:
            if key is not None:
                self.reason = None if key == EVERY else key
                desk.show_same(keep=False)

        def offer(found: dict[str, int]) -> None:
            choices = [Choice(EVERY, _("all of them"), separated(sum(found.values())))]
            choices += [Choice(reason, said(WHY, reason), separated(n)) for reason, n in found.items()]
            window = Choose(_("For which reason?"), choices, self.reason or EVERY, numbered=True)
            window.add_class("-broad")
            desk.app.push_screen(window, chosen)

        return offer


def _items(store: Store, keys: Sequence[int | Waiting]) -> list[Item]:
    """Rows of conversions, and after them of the orders of which refunds wait."""
    found = conversions.of_ids(store.reader(), [key for key in keys if isinstance(key, int)])
    return [*map(person.sale_item, found), *(_waiting(key) for key in keys if isinstance(key, Waiting))]


def _waiting(one: Waiting) -> Item:
    cells = ("", one.order_id, str(Money(-one.amount, one.currency)), "", "", _("more given back than sold"))
    return Item(one, cells, "muted")


def _refund(one: Waiting) -> str:
    text = _(
        "{amount} more was given back of this order than is known to have been sold. It waits until the order, or more"
        " of it, is told, and is taken off then."
    )
    return text.format(amount=Money(one.amount, one.currency))


def _meant(desk: DeskScreen, item: Item | None) -> list[int]:
    """The conversions that are marked, else the one under the cursor."""
    marked = [key for key in desk.table.selected if isinstance(key, int)]
    return sorted(marked) or ([item.key] if item is not None and isinstance(item.key, int) else [])
