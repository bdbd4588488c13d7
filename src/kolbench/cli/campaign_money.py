"""``kolbench campaign statement …``: what participants are owed and why, and how it is paid once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kolbench.cli import derived, writing
from kolbench.cli.campaign_figures import MOST_NAMED, of_campaign, say_same_person, warn_of_overfull
from kolbench.cli.output import Column, answer, fields, printable, say, show_found, show_json, show_table
from kolbench.cli.parser import whole
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.domain.money import Money, decimal
from kolbench.programme.campaigns import acts, paying, people, reasons
from kolbench.screens.campaign.words import ENTRIES, payout_state
from kolbench.screens.words import said
from kolbench.store import campaigns, changes, commissions, consents, participants, payouts
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Sequence

    from kolbench.cli.parser import Actions
    from kolbench.store.commissions import Balance, Entry
    from kolbench.store.connect import Store
    from kolbench.store.payouts import Flagged


def add(actions: Actions) -> None:
    """Add the actions and their arguments."""
    settle = actions.add("settle", _("Work out whose each conversion is and what it earns, as each sync does"))
    settle.add_argument("--all", action="store_true", help=_("of every one anew, and not of what is new alone"))
    statement = of_campaign(actions, "statement", _("Show all that somebody has earned, entry by entry"))
    statement.add_argument("who", metavar="WHO", help=_("a code, a name, or an id where sales are told"))
    text = _("write it to this file, .csv, .jsonl or .xlsx; - is the standard output")
    statement.add_argument("--out", metavar="FILE", dest="file", help=text)
    writing.add_overwrite(statement)
    statement.set_defaults(format=None)
    owed = of_campaign(actions, "owed", _("List what everybody has earned: held, due, and paid"))
    owed.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    adjust = of_campaign(actions, "adjust", _("Give or take something by hand; it is never changed, but balanced"))
    adjust.add_argument("who", metavar="WHO", help=_("a code, a name, or an id where sales are told"))
    adjust.add_argument("amount", metavar="AMOUNT", help=_("money, such as 5 CNY; to take: --minus"))
    adjust.add_argument("--minus", action="store_true", help=_("take it"))
    adjust.add_argument("--reason", metavar="TEXT", required=True, help=_("why"))
    payout = of_campaign(actions, "payout", _("Put together what is due now, for finance to pay"))
    payout.add_argument("--minimum", metavar="AMOUNT", help=_("only who gets at least so much, such as 10 CNY"))
    of_campaign(actions, "payouts", _("List the payouts"))
    sheet = actions.add("payout-file", _("Write a payout to a file for finance"))
    sheet.add_argument("payout", metavar="PAYOUT", type=whole(1), help=_("its number"))
    writing.add_file(sheet)
    sheet.add_argument("--yes", action="store_true", help=_("don't ask"))
    paid = actions.add("paid", _("Note that a payout was paid, once and for all"))
    paid.add_argument("payout", metavar="PAYOUT", type=whole(1), help=_("its number"))
    text = _("the bank's, or whoever paid it; it may be added later")
    paid.add_argument("--reference", metavar="TEXT", default="", help=text)
    paid.add_argument("--yes", action="store_true", help=_("don't ask"))
    drop = actions.add("payout-drop", _("Take a payout apart that wasn't paid: what is in it is due again"))
    drop.add_argument("payout", metavar="PAYOUT", type=whole(1), help=_("its number"))
    drop.add_argument("--yes", action="store_true", help=_("don't ask"))


def _settle(store: Store, args: Namespace) -> int:
    done = acts.settle(store, derived.counting(_("settled")), anew=args.all)
    text = ngettext(
        "{n} conversion was settled, which took {entries} entries in the ledger.",
        "{n} conversions were settled, which took {entries} entries in the ledger.",
        done.conversions,
    )
    return answer(args, fields(done), text.format(n=f"{done.conversions:,}", entries=f"{done.entries:,}"))


def _statement(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    db = store.reader()
    who = participants.get(db, people.find(store, campaign_id, args.who))
    if args.file is not None:
        return writing.write(args, lambda: (paying.STATEMENT, paying.statement(store, who.id)))
    entries, balance = commissions.statement(db, who.id), commissions.balance(db, who.id)
    if args.json:
        same = [one.id for one in consents.others(db, [who.id]).get(who.id, ())]
        facts = {**fields(who), "same_person_as": same, "balance": fields(balance)}
        show_json({**facts, "entries": [fields(one) for one in entries]})
        return 0
    say(printable(who.name or who.ref))
    say_same_person(store, [who.id])
    show_table(
        (
            Column(_("number"), "right"),
            Column(_("date")),
            Column(_("what"), yields=True),
            Column(_("order"), yields=True),
            Column(_("sold for"), "right"),
            Column(_("sum"), "right"),
            Column(_("state")),
            Column(_("why"), yields=True),
        ),
        map(_line, entries),
    )
    for title, amount in _parts(balance):
        say(printable(f"{title}: {Money(amount, balance.currency)}"))
    return 0


def _line(one: Entry) -> Sequence[object]:
    level = _("level {n}").format(n=one.level) if one.level else ""
    if one.paid_at is not None:
        state = _("paid {day}").format(day=day(one.paid_at))
    elif one.payout_id is not None:
        state = _("in payout {id}").format(id=one.payout_id)
    elif one.flagged:
        state = _("flagged")
    else:
        state = _("due {day}").format(day=day(one.hold_until))
    sold = "" if one.sold_for is None else decimal(Money(one.sold_for, one.currency), grouped=True)
    amount = decimal(Money(one.amount, one.currency), grouped=True)
    order = " ".join(filter(None, (one.order_id, one.line)))
    why = reasons.of_entry(one, day)
    return one.id, day(one.of_at), f"{said(ENTRIES, one.kind)} {level}", order, sold, amount, state, why


def _parts(balance: Balance) -> Iterable[tuple[str, int]]:
    yield _("earned"), balance.earned
    yield from (
        (title, amount)
        for title, amount in (
            (_("held"), balance.held),
            (_("flagged"), balance.flagged),
            (_("due"), balance.due),
            (_("being paid"), balance.paying),
            (_("paid"), balance.paid),
        )
        if amount
    )


def _owed(store: Store, args: Namespace) -> int:
    db, campaign_id = store.reader(), campaigns.find(store, args.campaign)
    warn_of_overfull(store, campaign_id)
    people, total = commissions.total(db, campaign_id)
    found = commissions.balances(db, campaign_id, limit=args.limit)
    if args.json:
        whom = [participants.get(db, one.participant_id) for one in found]
        show_json([{**fields(one), "ref": who.ref, "name": who.name} for one, who in zip(found, whom)])
        return 0
    if total is None:
        say(_("Nobody has earned anything yet."))
        return 0

    def cells(name: str, one: Balance) -> Sequence[object]:
        amounts = (one.earned, one.held, one.flagged, one.due, one.paying, one.paid)
        return name, *(decimal(Money(amount, one.currency), grouped=True) for amount in amounts), one.currency

    rows = [cells(_name(participants.get(db, one.participant_id)), one) for one in found]
    titles = (_("earned"), _("held"), _("flagged"), _("due"), _("being paid"), _("paid"))
    show_table(
        (Column(_("who"), yields=True), *(Column(title, "right") for title in titles), Column("")),
        [*rows, cells(_("all {n}").format(n=f"{people:,}"), total)],
    )
    return 0


def _name(who: participants.Participant) -> str:
    return who.name or who.ref


def _adjust(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    who = participants.get(store.reader(), people.find(store, campaign_id, args.who))
    amount = acts.in_currency(store, campaign_id, args.amount) * (-1 if args.minus else 1)
    entry_id = acts.adjust(store, who.id, amount, changes.me(), args.reason)
    balance = commissions.balance(store.reader(), who.id)
    text = _("{who}: {amount}. They have earned {earned} in all.").format(
        who=_name(who), amount=Money(amount, balance.currency), earned=Money(balance.earned, balance.currency)
    )
    return answer(args, {"entry": entry_id, "amount": amount, "balance": fields(balance)}, text)


def _payout(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    payout_id = acts.put_together(store, campaign_id, changes.me(), args.minimum or "")
    flagged = payouts.flagged(store.reader(), campaign_id)
    facts: dict[str, object] | None = None
    told = _("Nothing is due now: 'kolbench campaign owed' says what is on hold.")
    if payout_id is not None:
        found = payouts.get(store.reader(), payout_id)
        facts = {**fields(found), "flagged": [fields(one) for one in flagged]}
        text = ngettext(
            "Payout {id}: {amount} for {n} person. Write it for finance: kolbench campaign payout-file {id} FILE.csv",
            "Payout {id}: {amount} for {n} people. Write it for finance: kolbench campaign payout-file {id} FILE.csv",
            found.people,
        )
        told = text.format(id=payout_id, amount=Money(found.amount, found.currency), n=f"{found.people:,}")
    answer(args, facts, told)
    if not args.json:
        for line in _left_out(store, campaign_id, flagged):
            say(printable(line))
    return 0


def _left_out(store: Store, campaign_id: int, flagged: Sequence[Flagged]) -> Iterable[str]:
    """Say what isn't in a payout that was just put together, and why."""
    _people, total = commissions.total(store.reader(), campaign_id)
    if total is None:
        return
    if flagged:
        names = [f"{one.name or one.ref} {Money(one.amount, total.currency)}" for one in flagged[:MOST_NAMED]]
        text = _("Left out until flags are decided (kolbench campaign flags): {names}")
        yield text.format(names=", ".join(names) + (", …" if len(flagged) > MOST_NAMED else ""))
    owed = payouts.owed_back(store.reader(), campaign_id).amount
    for text, amount in (
        (_("Left out since it is still on hold: {amount}"), total.held),
        (_("Left out as less than the minimum: {amount}"), total.due + owed),
        (_("Owed back by people to whom less is due: {amount}"), owed),
    ):
        if amount:
            yield text.format(amount=Money(amount, total.currency))


def _payouts(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    warn_of_overfull(store, campaign_id)
    return show_found(
        args,
        payouts.listed(store.reader(), campaign_id),
        (
            Column(_("number"), "right"),
            Column(_("sum"), "right"),
            Column(_("people"), "right"),
            Column(_("made")),
            Column(_("by"), yields=True),
            Column(_("state")),
            Column(_("reference"), yields=True),
        ),
        lambda one: (
            one.id,
            Money(one.amount, one.currency),
            f"{one.people:,}",
            day(one.at),
            one.author,
            payout_state(one),
            one.reference,
        ),
        empty=_("There is no payout yet."),
    )


def _write(store: Store, args: Namespace) -> int:
    found = payouts.excess(store.reader(), payouts.get(store.reader(), args.payout))
    if not _means_it(args, found.text if found else "", _("Write it all the same? [y/N] ")):
        return 0
    sure = args.yes or found is not None
    return writing.write(args, lambda: (paying.COLUMNS, paying.finance(store, args.payout, changes.me(), sure=sure)))


def _means_it(args: Namespace, doubt: str, question: str) -> bool:
    """Ask on a terminal whether something is to be done of which there is a ``doubt``; ``--yes`` answers it.

    Raises UsageError where nobody can be asked.
    """
    if args.yes or not doubt:
        return True
    if args.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(_("{doubt} Add --yes if you mean it.").format(doubt=doubt))
    say(printable(doubt))
    if input(question).strip().lower() in ("y", "yes", "是"):
        return True
    say(_("Nothing was changed."))
    return False


def _paid(store: Store, args: Namespace) -> int:
    before = payouts.get(store.reader(), args.payout)
    if before.paid_at is not None and args.reference:
        payouts.complete(store, args.payout, changes.me(), args.reference)
        text = _("Payout {id}: its reference is {reference}.")
    else:
        beyond = payouts.excess(store.reader(), before)
        if not _means_it(args, beyond.text if beyond else "", _("Was it paid as it is? [y/N] ")):
            return 0
        payouts.mark_paid(store, args.payout, changes.me(), args.reference, sure=args.yes or beyond is not None)
        text = ngettext(
            "Payout {id} is paid: {amount} for {n} person.",
            "Payout {id} is paid: {amount} for {n} people.",
            before.people,
        )
    found = payouts.get(store.reader(), args.payout)
    amount = Money(found.amount, found.currency)
    told = text.format(id=found.id, amount=amount, n=f"{found.people:,}", reference=found.reference)
    return answer(args, fields(found), told)


def _drop(store: Store, args: Namespace) -> int:
    found = payouts.get(store.reader(), args.payout)
    if found.is_open and not _means_it(args, payouts.doubt(found), _("Take it apart? [y/N] ")):
        return 0
    payouts.drop(store, args.payout, changes.me(), sure=args.yes or found.written_at is not None)
    return answer(args, {"dropped": args.payout}, _("Payout {id} was taken apart.").format(id=args.payout))


ACTS: dict[str, Callable[[Store, Namespace], int]] = {
    "settle": _settle,
    "statement": _statement,
    "owed": _owed,
    "adjust": _adjust,
    "payout": _payout,
    "payouts": _payouts,
    "payout-file": _write,
    "paid": _paid,
    "payout-drop": _drop,
}
