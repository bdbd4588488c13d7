"""``kolbench violation``: rules that were broken, with the evidence and what followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli import places
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, answer, fields, show_found
from kolbench.cli.parser import Actions, whole
from kolbench.domain.clock import now
from kolbench.domain.lang import _
from kolbench.programme.local import past_day
from kolbench.screens.programme.words import outcome, sanctions
from kolbench.store import changes, creators, violations
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.store.connect import Store
    from kolbench.store.violations import Violation


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    add = actions.add("add", _("Write down that somebody broke a rule"))
    places.add_creator(add)
    add.add_argument("rule", metavar="RULE", help=_("the rule's id, as 'kolbench rules show' lists it"))
    add.add_argument("--text", metavar="TEXT", required=True, help=_("what happened"))
    add.add_argument("--evidence", metavar="TEXT", required=True, help=_("what shows it: a link, a message, a file"))
    add.add_argument("--on", metavar="DAY", type=past_day, help=_("on which day (today)"))
    listed = actions.add("list", _("List violations with what followed, newest first"))
    listed.add_argument("--creator", metavar="CREATOR", help=_("those of one person"))
    listed.add_argument("--withdrawn", action="store_true", help=_("also those that were withdrawn"))
    withdraw = actions.add("withdraw", _("Take a violation back that was none; it doesn't count any more"))
    add_violation(withdraw)
    withdraw.add_argument("--reason", metavar="TEXT", required=True, help=_("why"))


def add_violation(parser: ArgumentParser) -> None:
    """Which violation it is."""
    parser.add_argument("id", metavar="ID", type=whole(1), help=_("the violation's number"))


def run(args: Namespace) -> int:
    """Do the action."""
    return {"add": _add, "list": _list, "withdraw": _withdraw}[args.action](open_store(args), args)


def _add(store: Store, args: Namespace) -> int:
    creator_id = creators.exact(store, args.creator)
    happened_at = now() if args.on is None else args.on
    number = violations.add(store, creator_id, args.rule, args.text, args.evidence, happened_at, changes.me())
    asked = violations.proposal(store, number)
    text = _("Violation {id} is written down. The rules say: {sanction}. Apply it: kolbench sanction apply {id}")
    return answer(
        args,
        {**fields(violations.get(store, number)), "proposed": asked.sanction, "earlier": asked.earlier},
        text.format(id=number, sanction=sanctions(store)(asked.sanction)),
    )


def _list(store: Store, args: Namespace) -> int:
    creator_id = None if args.creator is None else creators.exact(store, args.creator)
    return show(store, args, violations.listed(store, creator_id, withdrawn=args.withdrawn))


def _withdraw(store: Store, args: Namespace) -> int:
    violations.withdraw(store, args.id, args.reason, changes.me())
    return answer(
        args,
        fields(violations.get(store, args.id)),
        _("Violation {id} is withdrawn: it doesn't count any more.").format(id=args.id),
    )


def show(store: Store, args: Namespace, found: list[Violation]) -> int:
    """List violations with what followed."""
    called = sanctions(store)
    return show_found(
        args,
        found,
        (
            Column(_("id"), "right"),
            Column(_("on")),
            Column(_("name"), yields=True),
            Column(_("rule")),
            Column(_("severity")),
            Column(_("what followed"), yields=True),
            Column(_("what happened"), yields=True),
            Column(_("evidence"), yields=True),
        ),
        lambda one: (
            one.id,
            day(one.happened_at),
            one.name,
            one.rule,
            one.severity,
            outcome(one, called),
            one.text.replace("\n", " "),
            one.evidence.replace("\n", " "),
        ),
        empty=_("No violations."),
    )
