"""``kolbench incentive``: what creators are given, the points they have, and what these buy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli import incentive_plans, places, writing
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, answer, fields, printable, say, show_found, show_json, show_table
from kolbench.cli.parser import Actions, whole
from kolbench.domain import incentives as counting
from kolbench.domain import periods
from kolbench.domain.errors import UsageError
from kolbench.domain.incentives import KINDS, Amount
from kolbench.domain.lang import _
from kolbench.programme.incentives import COLUMNS, finance, stage
from kolbench.screens.file_words import INCENTIVES
from kolbench.screens.words import said
from kolbench.store import changes, creators, incentives, rewards
from kolbench.store.leaderboards import Window
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.store.connect import Store
    from kolbench.store.incentives import Entry


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    grant = actions.add("grant", _("Give somebody something"))
    places.add_creator(grant)
    grant.add_argument("kind", metavar="KIND", choices=KINDS, help=", ".join(KINDS))
    grant.add_argument(
        "amount",
        metavar="AMOUNT",
        nargs="?",
        default="1",
        help=_("50.00 CNY, 200 points, how many (1), or the name of a title, a medal, a gift"),
    )
    grant.add_argument("--reason", metavar="TEXT", default="", help=_("for what"))
    grant.add_argument("--period", metavar="PERIOD", help=_("for 2026-05, 2026-W19, 2026-Q2 or 2026 (this month)"))
    grant.add_argument("--stage", metavar="NAME", help=_("their stage (the present one)"))
    grant.add_argument("--key", metavar="TEXT", help=_("the same key twice gives once: an order's number, say"))
    reverse = actions.add("reverse", _("Take an entry of the ledger back by another one"))
    reverse.add_argument("entry", metavar="ENTRY", type=whole(1), help=_("the entry's number"))
    reverse.add_argument("--reason", metavar="TEXT", default="", help=_("why"))
    balance = actions.add("balance", _("Show the points that somebody has, or everybody"))
    balance.add_argument("creator", metavar="CREATOR", nargs="?", help=_("an id, platform:handle, or exactly a name"))
    listed = actions.add("list", _("List the ledger, the newest entries first"))
    listed.add_argument("--creator", metavar="CREATOR", help=_("only what this person was given"))
    listed.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    catalogue = actions.add("catalogue", _("List what points buy; add to it, or remove"))
    catalogue.add_argument("--add", metavar="NAME", help=_("put this into the catalogue"))
    catalogue.add_argument("--price", metavar="N", type=whole(1), help=_("what it costs, in points"))
    catalogue.add_argument("--kind", choices=[kind for kind in KINDS if kind != "points"], help=_("what it is"))
    catalogue.add_argument("--amount", metavar="AMOUNT", default="1", help=_("how much of that (1)"))
    catalogue.add_argument("--stock", metavar="N", type=whole(1), help=_("how many can be had (any number)"))
    catalogue.add_argument("--remove", metavar="NAME", help=_("take this out of the catalogue"))
    redeem = actions.add("redeem", _("Give somebody something from the catalogue for their points"))
    places.add_creator(redeem)
    redeem.add_argument("reward", metavar="REWARD", help=_("its number or name in the catalogue"))
    incentive_plans.configure(actions)
    exporting = actions.add("export", _("Write the ledger to a file, for finance"))
    writing.add_file(exporting)
    exporting.add_argument("--during", metavar="PERIOD", help=_("what was written in 2026-05, 2026-Q2 … (everything)"))


def run(args: Namespace) -> int:
    """Do the action."""
    store = open_store(args)
    acts = {
        "grant": _grant,
        "reverse": _reverse,
        "balance": _balance,
        "list": _list,
        "catalogue": _catalogue,
        "redeem": _redeem,
        "export": _export,
    }
    return acts[args.action](store, args) if args.action in acts else incentive_plans.run(store, args)


def _grant(store: Store, args: Namespace) -> int:
    creator_id = creators.exact(store, args.creator)
    amount, reason = counting.given(args.kind, args.amount, args.reason)
    made = incentives.grant(
        store,
        creator_id,
        args.kind,
        amount,
        changes.me(),
        reason=reason,
        period=args.period,
        stage=args.stage or stage(store, creator_id),
        key=args.key,
    )
    entry = incentives.entry(store.reader(), made.id)
    if args.json:
        show_json({**fields(entry), "new": made.new})
    elif made.new:
        text = _("{name} gets {what} (entry {id}).")
        say(printable(text.format(name=creators.name(store, creator_id), what=_what(entry), id=entry.id)))
    else:
        say(printable(_("That key was granted before: entry {id} of {day}.").format(id=entry.id, day=day(entry.at))))
    incentive_plans.warn_overspent(store, entry.unit)
    return 0


def _reverse(store: Store, args: Namespace) -> int:
    made = incentives.reverse(store, args.entry, changes.me(), args.reason)
    found = [incentives.entry(store.reader(), one) for one in made]
    if args.json:
        show_json([fields(one) for one in found])
    for one in () if args.json else found:
        text = _("Entry {id} reverses entry {of}: {what}.")
        say(printable(text.format(id=one.id, of=one.reversal_of, what=_what(one))))
    return 0


def _balance(store: Store, args: Namespace) -> int:
    if args.creator is not None:
        creator_id = creators.exact(store, args.creator)
        points = incentives.balance(store.reader(), creator_id)
        name = creators.name(store, creator_id)
        if args.json:
            show_json({"creator_id": creator_id, "name": name, "points": points})
        else:
            say(printable(_("{name}: {what}").format(name=name, what=Amount(points, counting.POINTS))))
        return 0
    found = incentives.balances(store)
    if args.json:
        show_json([one._asdict() for one in found])
    else:
        table = (Column(_("id"), "right"), Column(_("name"), yields=True), Column(_("points"), "right"))
        show_table(table, ((one.creator_id, one.name, f"{one.points:,}") for one in found))
    return 0


def _list(store: Store, args: Namespace) -> int:
    creator_id = None if args.creator is None else creators.exact(store, args.creator)
    found = incentives.entries(store, creator_id, limit=args.limit)
    return show_found(
        args,
        found,
        (
            Column(_("entry"), "right"),
            Column(_("date")),
            Column(_("name"), yields=True),
            Column(_("what")),
            Column(_("for")),
            Column(_("why"), yields=True),
        ),
        lambda one: (
            one.id,
            day(one.at),
            _("(erased)") if one.creator_id is None else creators.name(store, one.creator_id),
            _what(one),
            one.period,
            one.reason or one.rule or (_("reverses {id}").format(id=one.reversal_of) if one.reversal_of else ""),
        ),
        empty=_("Nothing was given yet."),
    )


def _catalogue(store: Store, args: Namespace) -> int:
    if args.add is not None:
        if args.price is None or args.kind is None:
            raise UsageError(_("Say what it costs and what it is: --price N --kind KIND"))
        amount = counting.amount(args.kind, args.amount)
        rewards.add(store, args.add, args.price, args.kind, amount, changes.me(), args.stock)
    if args.remove is not None:
        rewards.remove(store, rewards.find(store, args.remove).id, changes.me())
    found = rewards.catalogue(store)
    return show_found(
        args,
        found,
        (
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("points"), "right"),
            Column(_("what")),
            Column(_("left"), "right"),
            Column(_("redeemed"), "right"),
        ),
        lambda one: (
            one.id,
            one.name,
            f"{one.price:,}",
            f"{said(INCENTIVES, one.kind)} {Amount(one.amount, one.unit)}",
            "" if one.left is None else f"{one.left:,}",
            f"{one.redeemed:,}",
        ),
        empty=_("The catalogue is empty. Add to it: kolbench incentive catalogue --add NAME --price N --kind KIND"),
    )


def _redeem(store: Store, args: Namespace) -> int:
    creator_id = creators.exact(store, args.creator)
    one = rewards.find(store, args.reward)
    made = rewards.redeem(store, creator_id, one.id, changes.me(), stage(store, creator_id))
    text = _("{name} gets '{reward}'; {what} are left.")
    left = Amount(made.balance, counting.POINTS)
    return answer(
        args,
        {"creator_id": creator_id, "reward": one.name, **made._asdict()},
        text.format(name=creators.name(store, creator_id), reward=one.name, what=left),
    )


def _export(store: Store, args: Namespace) -> int:
    window = None if args.during is None else Window(*periods.parse(args.during).bounds())
    return writing.write(args, lambda: (COLUMNS, finance(store, window)))


def _what(entry: Entry) -> str:
    return str(entry.told) if entry.unit == counting.POINTS else f"{said(INCENTIVES, entry.kind)} {entry.told}"
