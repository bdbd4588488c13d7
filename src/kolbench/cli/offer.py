"""``kolbench offer``: what we can give to those who need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, show_found
from kolbench.cli.parser import Actions
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.screens import file_words
from kolbench.screens.words import said
from kolbench.store import changes, needs

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from kolbench.store.connect import Store


def configure(parser: ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = Actions(parser)
    listed = actions.add("list", _("List what we can offer"))
    listed.add_argument("--kind", choices=needs.KINDS, help=_("only for this need"))
    add = actions.add("add", _("Say what we can offer to whoever has a need"))
    add.add_argument("name", metavar="NAME", help=_("what it is called"))
    add.add_argument("--kind", choices=needs.KINDS, required=True, help=_("the need it is for"))
    add.add_argument("--detail", metavar="TEXT", help=_("in words"))
    edit = actions.add("edit", _("Change an offer"))
    _add_offer(edit)
    edit.add_argument("--name", metavar="NAME", help=_("what it is called from now on"))
    edit.add_argument("--kind", choices=needs.KINDS, help=_("the need it is for"))
    edit.add_argument("--detail", metavar="TEXT", help=_("in words"))
    _add_offer(actions.add("remove", _("Offer something no longer")))


def _add_offer(parser: ArgumentParser) -> None:
    parser.add_argument("offer", metavar="OFFER", help=_("its id, or exactly its name"))


def run(args: Namespace) -> int:
    """Do the action, and list what is offered then."""
    store = open_store(args)
    kind = args.kind if args.action == "list" else None
    _act(store, args)
    found = needs.offers(store, kind)
    return show_found(
        args,
        found,
        (
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("for")),
            Column(_("in words"), yields=True),
        ),
        lambda one: (one.id, one.name, said(file_words.NEEDS, one.kind), one.detail),
        empty=_("There is nothing to offer yet: 'kolbench offer add'."),
    )


def _act(store: Store, args: Namespace) -> None:
    if args.action == "add":
        needs.add_offer(store, args.name, args.kind, changes.me(), args.detail)
    elif args.action == "edit":
        given = {name: value for name in ("name", "kind", "detail") if (value := getattr(args, name)) is not None}
        if not given:
            raise UsageError(_("Say what to change: --name, --kind or --detail."))
        needs.edit_offer(store, needs.offer(store, args.offer).id, changes.me(), **given)
    elif args.action == "remove":
        needs.remove_offer(store, needs.offer(store, args.offer).id, changes.me())
