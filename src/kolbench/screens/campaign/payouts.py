"""What is owed and due, put together for finance, and marked as paid once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.money import Money, decimal
from kolbench.domain.words import labelled
from kolbench.programme.campaigns import acts, paying
from kolbench.screens.campaign.person import StatementView
from kolbench.screens.campaign.words import payout_state
from kolbench.screens.file.part import texts
from kolbench.screens.programme.asking import ask_whether
from kolbench.screens.view import Few, Item, Listing, View, columns
from kolbench.store import campaign_boards, campaigns, commissions, payouts
from kolbench.widgets.cells import day, separated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.commissions import Balance
    from kolbench.store.connect import Store
    from kolbench.store.payouts import Excess, Line, Payout
    from kolbench.widgets.columns import Column

OWED = "owed"
BACK = "back"


class PayoutsView(View):
    """What everybody has earned, and the payouts made of it."""

    searchable = False
    empty = N_("Nobody has earned anything yet.")

    def __init__(self, campaign_id: int) -> None:
        super().__init__()
        self.campaign_id = campaign_id

    def columns(self) -> list[Column]:
        """What, how much, for how many, and whether it is paid."""
        return columns(
            (_("Payout"), 18, {"flex": 1}),
            (_("Amount"), 18, {"align": "right"}),
            (_("People"), 8, {"align": "right"}),
            (_("Made"), 10, {"drop": 1}),
            (_("State"), 18, {"flex": 1}),
        )

    def window(self, store: Store) -> Few:
        """What is due, what isn't yet, then the payouts, newest first."""
        return Few(lambda: list(_items(store, self.campaign_id)))

    def about(self, store: Store, item: Item | None) -> Write:
        """What can be done with it."""
        if item is None:
            return super().about(store, item)
        if item.key[0] == OWED:
            told = _("+ puts together what is due now. What is held or flagged waits; what somebody owes is taken off.")
            if item.key[1] == BACK:
                told = _("Who owes more than is due to them is in no payout until that is balanced.")
            return texts(item.cells[0], told, _("Enter shows what everybody has earned."))
        one: Payout = item.found
        made = _("Put together by {author} on {day}.").format(author=one.author, day=day(one.at))
        state = _("Enter shows who gets what; e writes it for finance, y notes that it was paid, - takes it apart.")
        if one.paid_at is not None:
            state = _("Paid on {day}, noted by {author}.").format(day=day(one.paid_at), author=one.paid_by)
        elif one.dropped_at is not None:
            state = _("Taken apart by {author} on {day}: it is not to be paid. Enter shows who was to get what.")
            state = state.format(author=one.dropped_by, day=day(one.dropped_at))
        written = None
        if one.written_at is not None:
            written = _("Written for finance by {author} on {day}.").format(
                author=one.written_by, day=day(one.written_at)
            )
        lacking = None
        if one.paid_at is not None and one.reference is None:
            lacking = _("y adds the reference, which nobody has noted.")
        beyond = payouts.excess(store.reader(), one)
        doubt = None if beyond is None else _("{doubt} - takes it apart.").format(doubt=beyond.text)
        return texts(labelled(item.cells[0], item.cells[1]), doubt, made, written, state, one.reference or lacking)

    def acts(self) -> Mapping[str, Act]:
        """Put one together, write it, note that it was paid, take it apart."""
        return {"add": self._make, "confirm": _paid, "remove": _drop, "export": _export}

    def _make(self, desk: DeskScreen, _item: Item | None) -> None:
        from kolbench.screens.prompt import Prompt

        campaign_id = self.campaign_id

        def given(text: str | None) -> None:
            if text is not None:
                desk.write((), lambda store, author: _put_together(store, campaign_id, text, author), made)

        def made(found: Payout | None) -> None:
            if found is None:
                desk.notify(_("Nothing is due now: what is held is shown above."), timeout=5)
                desk.show_again()
                return
            desk.go_to(("payout", found.id))
            text = ngettext("{amount} for {n} person.", "{amount} for {n} people.", found.people)
            desk.done(text.format(amount=Money(found.amount, found.currency), n=separated(found.people)))

        hint = _("Only who gets at least so much, such as 10 CNY; empty: everybody.")
        desk.app.push_screen(Prompt(_("Put together what is due"), hint=hint), given)


class OwedView(View):
    """What everybody has earned, in parts."""

    beside = False
    title = N_("Earned")
    empty = N_("Nobody has earned anything yet.")

    def __init__(self, campaign_id: int) -> None:
        super().__init__()
        self.campaign_id = campaign_id

    def columns(self) -> list[Column]:
        """Who, all of it, and its parts."""
        right = {"align": "right"}
        return columns(
            (_("Who"), 14, {"flex": 1}),
            (_("Earned"), 13, right),
            (_("Held"), 12, right),
            (_("Flagged"), 12, {**right, "drop": 2}),
            (_("Due"), 12, right),
            (_("Being paid"), 12, {**right, "drop": 1}),
            (_("Paid"), 13, right),
        )

    def window(self, store: Store) -> Listing:
        """Those with most first."""

        def read(found: Sequence[Balance]) -> list[Item]:
            who = campaign_boards.names(store.reader(), [one.participant_id for one in found])
            return [_balance(one, who[one.participant_id]) for one in found]

        return Listing(lambda: commissions.balances(store.reader(), self.campaign_id), read)


class PaymentView(View):
    """Who gets what in a payout."""

    empty = N_("Nobody is in this payout any more.")

    def __init__(self, payout: Payout) -> None:
        super().__init__()
        self.payout = payout

    def named(self) -> str:
        """Which one."""
        return _("Payout {id}").format(id=self.payout.id)

    def columns(self) -> list[Column]:
        """Who, by which id, how much, for how many entries of the ledger."""
        right = {"align": "right"}
        return columns((_("Who"), 14, {"flex": 1}), (_("Id"), 14), (_("Amount"), 16, right), (_("Entries"), 8, right))

    def window(self, store: Store) -> Few:
        """By their ids where sales are told."""
        return Few(lambda: list(map(_line, payouts.lines(store.reader(), self.payout.id))))

    def acts(self) -> Mapping[str, Act]:
        """Write it for finance."""
        return {"export": lambda desk, _item: _write(desk, self.payout)}


def _items(store: Store, campaign_id: int) -> Iterator[Item]:
    db = store.reader()
    found = commissions.balances(db, campaign_id)
    currency = campaigns.terms(store, campaign_id).currency
    parts = (
        ("due", _("Due now"), "strong", [one.due for one in found if one.due > 0]),
        (BACK, _("Owed back"), "alert", [-one.due for one in found if one.due < 0]),
        ("held", _("Held"), None, [one.held for one in found if one.held]),
        ("flagged", _("Flagged"), None, [one.flagged for one in found if one.flagged]),
    )
    for name, label, style, amounts in parts:
        if amounts or (name == "due" and found):
            cells = (label, str(Money(sum(amounts), currency)), separated(len(amounts)), "", "")
            yield Item((OWED, name), cells, style, opens=lambda: OwedView(campaign_id))
    beyond = {one.payout_id: one for one in payouts.overfull(db, campaign_id)}
    for payout in payouts.listed(db, campaign_id):
        yield _payout(payout, beyond.get(payout.id))


def _payout(one: Payout, beyond: Excess | None) -> Item:
    too_much = beyond and _("{amount} too much;").format(amount=Money(beyond.amount, beyond.currency))
    cells = (
        _("Payout {id}").format(id=one.id),
        str(Money(one.amount, one.currency)),
        separated(one.people),
        day(one.at),
        " ".join(filter(None, (too_much, payout_state(one), one.reference))),
    )
    style = "alert" if one.is_open else "muted"
    return Item(("payout", one.id), cells, style, found=one, opens=lambda: PaymentView(one))


def _balance(one: Balance, who: campaign_boards.Who) -> Item:
    amounts = (one.earned, one.held, one.flagged, one.due, one.paying, one.paid)
    name = who.name or who.ref
    cells = (name, *(decimal(Money(amount, one.currency), grouped=True) for amount in amounts))
    return Item(one, cells, found=one, opens=lambda: StatementView(name, one.participant_id))


def _line(one: Line) -> Item:
    name = one.name or one.ref
    cells = (name, one.ref, str(Money(one.amount, one.currency)), separated(one.entries))
    return Item(one.participant_id, cells, found=one, opens=lambda: StatementView(name, one.participant_id))


def _put_together(store: Store, campaign_id: int, least: str, author: str) -> Payout | None:
    """Put together what is due; None: nothing is."""
    payout_id = acts.put_together(store, campaign_id, author, least)
    return None if payout_id is None else payouts.get(store.reader(), payout_id)


def _open(desk: DeskScreen, item: Item | None) -> Payout | None:
    """The payout under the cursor, if it is still to be paid."""
    if item is not None and item.key[0] == "payout" and item.found.is_open:
        found: Payout = item.found
        return found
    desk.notify(_("That is for payouts that aren't paid yet."), timeout=4)
    return None


def _paid(desk: DeskScreen, item: Item | None) -> None:
    if item is not None and item.key[0] == "payout" and item.found.paid_at is not None and not item.found.reference:
        _complete(desk, item.found)
        return
    found = _open(desk, item)
    if found is not None:
        _weigh(desk, found, lambda beyond: _ask_paid(desk, found, beyond))


def _weigh(desk: DeskScreen, found: Payout, then: Callable[[Excess | None], object]) -> None:
    """Look at what of a payout is more than is due by now, which a list may not say yet."""
    store = desk.session.store
    desk.ask("excess", lambda: payouts.excess(store.reader(), found), then, keys_wait=True)


def _ask_paid(desk: DeskScreen, found: Payout, beyond: Excess | None) -> None:
    from kolbench.screens.prompt import Prompt

    def given(reference: str | None) -> None:
        if reference is None:
            return
        told = _("Payout {id} is paid.").format(id=found.id)

        def act() -> None:
            desk.write(
                (),
                lambda store, author: payouts.mark_paid(store, found.id, author, reference, sure=beyond is not None),
                lambda _done: desk.done(told, back=False),
                failed=desk.show_same,
            )

        amount = Money(found.amount, found.currency)
        text = ngettext(
            "{amount} to {n} person was paid; that can't be taken back",
            "{amount} to {n} people was paid; that can't be taken back",
            found.people,
        )
        title = _("Is payout {id} paid?").format(id=found.id) if beyond is None else _too_much(beyond)
        ask_whether(desk, title, text.format(amount=amount, n=separated(found.people)), act)

    hint = _("The bank's reference, or whoever paid it; may be empty.") if beyond is None else beyond.text
    desk.app.push_screen(Prompt(_("Payout {id} was paid").format(id=found.id), hint=hint), given)


def _too_much(beyond: Excess) -> str:
    amount = Money(beyond.amount, beyond.currency)
    return _("Payout {id} holds {amount} too much").format(id=beyond.payout_id, amount=amount)


def _complete(desk: DeskScreen, found: Payout) -> None:
    """Add the reference of one that was paid without."""

    def given(reference: str) -> None:
        told = _("Payout {id}: its reference is {reference}.").format(id=found.id, reference=reference)
        desk.write(
            (),
            lambda store, author: payouts.complete(store, found.id, author, reference),
            lambda _done: desk.done(told, back=False),
            failed=desk.show_same,
        )

    title = _("By what was payout {id} paid?").format(id=found.id)
    desk.ask_text(title, given, _("The bank's reference, or whoever paid it; it stays."))


def _drop(desk: DeskScreen, item: Item | None) -> None:
    found = _open(desk, item)
    if found is None:
        return
    told = _("Payout {id} was taken apart.").format(id=found.id)

    def act() -> None:
        desk.write(
            (),
            lambda store, author: payouts.drop(store, found.id, author, sure=found.written_at is not None),
            lambda _done: desk.done(told),
            failed=desk.show_same,
        )

    if found.written_at is not None:
        title = _("Payout {id}, written for finance by {author} on {day}")
        title = title.format(id=found.id, author=found.written_by, day=day(found.written_at))
        ask_whether(desk, title, _("Take it apart: they don't pay it"), act)
    else:
        act()


def _export(desk: DeskScreen, item: Item | None) -> None:
    if item is None or item.key[0] != "payout":
        desk.notify(_("Put a payout together first: +. Then e on it writes it for finance."), timeout=5)
        return
    _write(desk, item.found)


def _write(desk: DeskScreen, found: Payout) -> None:
    def weighed(beyond: Excess | None) -> None:
        if beyond is None:
            _ask_where(desk, found, sure=False)
        else:
            told = _("Write it for finance all the same")
            ask_whether(desk, _too_much(beyond), told, lambda: _ask_where(desk, found, sure=True))

    _weigh(desk, found, weighed)


def _ask_where(desk: DeskScreen, found: Payout, *, sure: bool) -> None:
    from kolbench.screens.exporting import ask_file

    def write(path: Path) -> None:
        from kolbench.store import export

        form = export.form(path)

        def written(rows: int) -> None:
            text = ngettext("{path}: {n} row.", "{path}: {n} rows.", rows)
            desk.notify(text.format(path=path, n=separated(rows)), timeout=5)
            desk.show_same()

        desk.write(
            (),
            lambda store, author: export.write(
                path, form, paying.COLUMNS, paying.finance(store, found.id, author, sure=sure)
            ),
            written,
        )

    ask_file(desk, f"payout-{found.id}", write, _("Write payout {id} for finance").format(id=found.id))
