"""``kolbench creator stage|grade``: where somebody is and was, and putting them there by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli import places
from kolbench.cli.output import Column, show_found
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme.rule_sets import title
from kolbench.screens import ladder_words
from kolbench.screens.telling import MOVES
from kolbench.screens.words import said
from kolbench.store import changes, creators, ladders, rule_sets
from kolbench.widgets.cells import day

if TYPE_CHECKING:
    from argparse import Namespace

    from kolbench.cli.parser import Actions
    from kolbench.store.connect import Store
    from kolbench.store.ladders import Ladder


def add_actions(actions: Actions) -> None:
    """Add the actions."""
    for name, text in (
        ("stage", _("Show how a person came to their stage, or hold them in one by hand")),
        ("grade", _("Show how a person came to their grade, or hold them in one by hand")),
    ):
        ladder = actions.add(name, text)
        places.add_creator(ladder)
        which = ladder.add_mutually_exclusive_group()
        which.add_argument("name", metavar="NAME", nargs="?", help=_("hold them there, whatever the rules say"))
        which.add_argument("--lift", action="store_true", help=_("let the rules decide again"))
        ladder.add_argument("--reason", metavar="TEXT", help=_("why; needed with both"))


def show(store: Store, args: Namespace) -> int:
    """Hold, lift, or only list."""
    ladder: Ladder = "stage" if args.action == "stage" else "grade"
    creator_id = creators.exact(store, args.creator)
    if args.name is not None:
        ladders.hold(store, ladder, [creator_id], args.name, changes.me(), args.reason or "")
    elif args.lift and not ladders.lift(store, ladder, [creator_id], changes.me(), args.reason or ""):
        raise UsageError(_("Nobody holds them: the rules decide already."))
    found = ladders.history(store, ladder, creator_id)
    newest = rule_sets.in_force(store)
    return show_found(
        args,
        found,
        (
            Column(_("on")),
            Column(_("to")),
            Column(_("how")),
            Column(_("by")),
            Column(_("why"), yields=True),
        ),
        lambda event: (
            day(event.at),
            title(newest and newest.rules, ladder, event.name),
            said(MOVES, event.how),
            event.author or _("rules, version {n}").format(n=event.version),
            event.reason or _(", ").join(ladder_words.told(event.figures)),
        ),
        empty=_("The rules have not put them anywhere yet."),
    )


ACTS = {"stage": show, "grade": show}
