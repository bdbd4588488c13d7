"""What the figures of a participant were counted from: their conversions, and the ledger entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.money import Money, decimal
from kolbench.programme.campaigns import people, reasons
from kolbench.screens.campaign.words import ENTRIES, SOLD, STATES, VIA, why
from kolbench.screens.file.part import texts
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.prompt import Prompt
from kolbench.screens.view import Few, Item, Listing, View, columns, required
from kolbench.screens.window import TextLine
from kolbench.screens.words import said
from kolbench.store import commissions, conversions, participants
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.store.commissions import Entry
    from kolbench.store.connect import Store
    from kolbench.store.conversions import Conversion
    from kolbench.store.leaderboards import Window
    from kolbench.store.participants import Participant
    from kolbench.widgets.columns import Column


class Span(NamedTuple):
    """The days of which figures are, and what they are called; None: of all times."""

    window: Window | None = None
    told: str = ""


ALWAYS = Span()


class SalesView(View):
    """Conversions: all that were found to be a participant's, or those with these ``ids``."""

    empty = N_("No conversion was found to be theirs yet.")

    def __init__(
        self, name: str, participant_id: int | None = None, ids: Sequence[int] = (), span: Span = ALWAYS
    ) -> None:
        super().__init__()
        self.name, self.participant_id, self.ids, self.span = name, participant_id, ids, span

    def named(self) -> str:
        """Whose, or why these."""
        return self.name

    def narrowed(self) -> str:
        """Of which days."""
        return self.span.told

    def nothing(self) -> str:
        """Of some days something else than of all times."""
        return _("Nothing was sold by them in these days.") if self.span.window else super().nothing()

    def columns(self) -> list[Column]:
        """When, which, for how much, and whether it counts."""
        return sale_columns()

    def window(self, store: Store) -> Listing:
        """The newest first."""
        one, db = self.participant_id, store.reader
        return Listing(
            lambda: list(self.ids) if one is None else conversions.of_participant(db(), one, self.span.window),
            lambda ids: list(map(sale_item, conversions.of_ids(db(), ids))),
        )

    def about(self, store: Store, item: Item | None) -> Write:
        """All that was told of a conversion, and what became of it."""
        return super().about(store, item) if item is None else lambda width: sale_lines(item.found, width)


class StatementView(View):
    """The ledger of a participant, entry by entry; the entries add up to what they have earned.

    Of some days those for what was sold in them.
    """

    empty = N_("Nothing is in the ledger for them yet.")

    def __init__(self, name: str, participant_id: int, span: Span = ALWAYS) -> None:
        super().__init__()
        self.name, self.participant_id, self.span = name, participant_id, span
        self.earned: Money | None = None

    def named(self) -> str:
        """Whose it is."""
        return self.name

    def narrowed(self) -> str:
        """Of which days."""
        return self.span.told

    def nothing(self) -> str:
        """Of some days something else than of all times."""
        return _("They earned nothing for what was sold in these days.") if self.span.window else super().nothing()

    def told(self) -> str:
        """What they have earned so far."""
        return "" if self.earned is None else _("earned: {amount}").format(amount=self.earned)

    def columns(self) -> list[Column]:
        """When, what for, how much, and whether it is paid."""
        right = {"align": "right"}
        return columns(
            (_("Day"), 10),
            (_("What"), 21),
            (_("Order"), 12, {"flex": 1, "drop": 3}),
            (_("Sold for"), 12, {**right, "drop": 2}),
            (_("Amount"), 12, right),
            (_("State"), 18),
        )

    def window(self, store: Store) -> Few:
        """The first entry first."""

        def load() -> list[Item]:
            db = store.reader()
            found, window = commissions.statement(db, self.participant_id), self.span.window
            if window is not None:
                found = [one for one in found if one.sold_at and window.start <= one.sold_at < window.stop]
            currency = commissions.balance(db, self.participant_id).currency
            self.earned = Money(sum(one.amount for one in found), currency)
            return list(map(_entry, found))

        return Few(load)

    def about(self, store: Store, item: Item | None) -> Write:
        """Why it was written, by which version of the terms, and by whom."""
        if item is None:
            return super().about(store, item)
        one: Entry = item.found
        told = [_("Entry {id}, by version {n} of the terms, {day}").format(id=one.id, n=one.version, day=day(one.at))]
        if one.reversal_of is not None:
            told.append(_("It changes entry {id}: nothing in the ledger is changed itself.").format(id=one.reversal_of))
        return texts(item.cells[1], *told, reasons.of_entry(one, day))


def evidence(desk: DeskScreen, item: Item | None, span: Span = ALWAYS) -> None:
    """What the figures of the participant in a row were counted from, in the days that they are of."""
    found = None if item is None else item.found
    if found is None or not hasattr(found, "figures"):
        return
    from kolbench.screens.campaign.words import name_of
    from kolbench.screens.choose import Choice, Choose

    name, one = name_of(found.who), found.figures.participant_id

    def chosen(key: str | None) -> None:
        if key == "sold":
            desk.enter(SalesView(name, one, span=span))
        elif key == "earned":
            desk.enter(StatementView(name, one, span))

    choices = [Choice("sold", _("What was sold by them")), Choice("earned", _("What they have earned, entry by entry"))]
    desk.app.push_screen(Choose(name, choices, numbered=True), chosen)


def ask_who(desk: DeskScreen, campaign_id: int, title: str, told: Callable[[Participant], object]) -> None:
    """Ask for a participant, until one is named or the question is left."""
    prompt = WhoPrompt(desk, campaign_id, title)

    def given(_text: str | None) -> None:
        if prompt.found is not None:
            told(prompt.found)

    desk.app.push_screen(prompt, given)


class WhoPrompt(Prompt):
    """Asks for a participant; what names nobody stays to be mended, and who is perhaps meant can be chosen."""

    def __init__(self, desk: DeskScreen, campaign_id: int, title: str) -> None:
        hint = _("A name, a code, an id where sales are told, or a part of one.")
        super().__init__(title, hint=hint, check=required)
        self._desk, self._campaign_id = desk, campaign_id
        self.found: Participant | None = None

    def take(self, text: str) -> None:
        """Find who is meant, in a thread."""
        store, campaign_id = self._desk.session.store, self._campaign_id

        def find() -> tuple[Participant | None, str, Sequence[Participant]]:
            try:
                return participants.get(store.reader(), people.find(store, campaign_id, text)), "", ()
            except UsageError as error:
                return None, str(error), people.near(store, campaign_id, text)

        self._desk.ask("who", find, lambda answer: self._answer(*answer), keys_wait=True)

    def _answer(self, one: Participant | None, error: str, near: Sequence[Participant]) -> None:
        from kolbench.screens.choose import Choice, Choose

        if not self.is_current:
            return
        if one is not None:
            self._hand_on(one)
            return
        self.wrong(error)

        def chosen(key: str | None) -> None:
            if key is not None:
                self._hand_on(next(who for who in near if str(who.id) == key))

        if near:
            choices = [Choice(str(who.id), who.name or who.ref, who.code or who.ref) for who in near]
            self.app.push_screen(Choose(_("Whom do you mean by '{text}'?").format(text=self.text), choices), chosen)

    def _hand_on(self, one: Participant) -> None:
        self.found = one
        self.dismiss(self.text)

    @property
    def text(self) -> str:
        """What is written."""
        return self.query_one(TextLine).value.strip()


def sale_columns() -> list[Column]:
    """The columns of conversions."""
    return columns(
        (_("Day"), 10),
        (_("Order"), 12, {"flex": 1}),
        (_("Amount"), 15, {"align": "right"}),
        (_("Code"), 10, {"drop": 2}),
        (_("Of"), 12, {"flex": 1, "drop": 1}),
        (_("State"), 20, {"flex": 1}),
    )


def sale_item(one: Conversion) -> Item:
    """A conversion as a row."""
    state = said(STATES, one.state or "waiting")
    if one.reason:
        state = why(one)
    cells = (
        day(one.at),
        _order(one),
        str(Money(one.amount, one.currency)),
        one.code or "",
        one.name or one.ref or "",
        state,
    )
    return Item(one.id, cells, None if one.state == "counted" else "muted", found=one)


def sale_lines(one: Conversion, width: int, remarks: Iterable[str] = ()) -> Iterator[Line]:
    """All that was told of a conversion, what became of it, and what there is to remark."""
    yield [(_("Order {order}").format(order=_order(one)), "title")]
    state = said(STATES, one.state or "waiting")
    if one.reason:
        state = _("{what}: {more}").format(what=state, more=why(one))
    yield from paragraph(state, width, "strong")
    for remark in remarks:
        yield from paragraph(remark, width, "strong")
    for label, value in _facts(one):
        if value:
            yield from paragraph(_("{what}: {more}").format(what=label, more=value), width)


def _facts(one: Conversion) -> Iterable[tuple[str, str | None]]:
    yield _("Number"), str(one.id)
    yield _("Amount"), str(Money(one.amount, one.currency))
    if one.refunded:
        yield _("Given back"), str(Money(one.refunded, one.currency))
    yield _("On"), day(one.at)
    yield _("Told on"), day(one.received_at)
    yield _("Kind"), said(SOLD, one.kind)
    yield _("Code"), one.code
    yield _("Buyer"), one.buyer
    yield _("Of"), one.name or one.ref
    yield _("Known by"), said(VIA, one.via or "")
    yield _("Source"), one.source


def _order(one: Conversion) -> str:
    return " ".join(filter(None, (one.order_id, one.line)))


def _entry(one: Entry) -> Item:
    level = _("level {n}").format(n=one.level) if one.level else ""
    sold = "" if one.sold_for is None else decimal(Money(one.sold_for, one.currency), grouped=True)
    amount = decimal(Money(one.amount, one.currency), grouped=True)
    order = " ".join(filter(None, (one.order_id, one.line)))
    cells = (day(one.of_at), f"{said(ENTRIES, one.kind)} {level}", order, sold, amount, entry_state(one))
    return Item(one.id, cells, "alert" if one.flagged else None, found=one)


def entry_state(one: Entry) -> str:
    """Whether an entry is paid, or when it will be."""
    if one.paid_at is not None:
        return _("paid {day}").format(day=day(one.paid_at))
    if one.payout_id is not None:
        return _("in payout {id}").format(id=one.payout_id)
    return _("flagged") if one.flagged else _("due {day}").format(day=day(one.hold_until))
