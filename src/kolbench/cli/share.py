"""``kolbench share``: let the members of a Unix group work on one store, each by their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli.opening import open_store
from kolbench.cli.output import answer
from kolbench.cli.parser import add_json
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import sharing

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("group", metavar="GROUP", nargs="?", help=_("a Unix group; without one, who may use it now"))
    parser.add_argument("--off", action="store_true", help=_("make it yours alone again"))
    add_json(parser)


def run(args: Namespace) -> int:
    """Share the store, or make it one's own, and say who may use it."""
    path = open_store(args).path
    if args.group and args.off:
        raise UsageError(_("Name a group, or say --off, but not both."))
    if args.off:
        sharing.keep_alone(path)
    if args.group:
        sharing.share(path, args.group)
    group = sharing.shared_with(path)
    text = _("{path}: for the members of the group {group}.") if group else _("{path}: for its owner alone.")
    return answer(args, {"store": str(path), "group": group}, text.format(path=path, group=group))
