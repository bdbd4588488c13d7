"""``kolbench sanction``: what follows from a violation, as the ladder says or for a reason otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli.opening import open_store
from kolbench.cli.output import answer, fields
from kolbench.cli.parser import Actions
from kolbench.cli.violation import add_violation, show
from kolbench.domain.lang import _
from kolbench.screens.programme.words import outcome, sanctions
from kolbench.store import changes, creators, violations

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.store.connect import Store


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    add_violation(actions.add("propose", _("Say what follows from a violation by the rules")))
    apply = actions.add("apply", _("Let it follow; anything else than the rules say needs a reason"))
    add_violation(apply)
    which = apply.add_mutually_exclusive_group()
    which.add_argument("--as", metavar="SANCTION", dest="applied", help=_("this one instead"))
    which.add_argument("--exempt", action="store_true", help=_("nothing is to follow"))
    apply.add_argument("--reason", metavar="TEXT", help=_("why it is treated otherwise"))
    listed = actions.add("list", _("List what followed, newest first"))
    listed.add_argument("--creator", metavar="CREATOR", help=_("of one person"))


def run(args: Namespace) -> int:
    """Do the action."""
    return {"propose": _propose, "apply": _apply, "list": _list}[args.action](open_store(args), args)


def _propose(store: Store, args: Namespace) -> int:
    asked = violations.proposal(store, args.id)
    text = _("{sanction}, after {n} earlier ones that count.")
    return answer(args, asked._asdict(), text.format(sanction=sanctions(store)(asked.sanction), n=asked.earlier))


def _apply(store: Store, args: Namespace) -> int:
    if args.exempt:
        violations.exempt(store, args.id, args.reason or "", changes.me())
    else:
        violations.sanction(store, args.id, changes.me(), applied=args.applied, reason=args.reason)
    found = violations.get(store, args.id)
    what = outcome(found, sanctions(store))
    return answer(args, fields(found), _("{name}: {what}.").format(name=found.name, what=what))


def _list(store: Store, args: Namespace) -> int:
    creator_id = None if args.creator is None else creators.exact(store, args.creator)
    return show(store, args, [one for one in violations.listed(store, creator_id) if one.sanctioned_at is not None])
