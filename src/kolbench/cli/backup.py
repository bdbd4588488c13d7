"""``kolbench backup``: a checked copy of the store in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.cli.opening import open_store
from kolbench.cli.output import say, show_json
from kolbench.cli.parser import add_json
from kolbench.domain.lang import _
from kolbench.store.backup import back_up

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", metavar="FILE", help=_("where to write the copy; nothing may be there yet"))
    add_json(parser)


def run(args: Namespace) -> int:
    """Make the backup and say where it is."""
    copy = back_up(open_store(args), Path(args.file).expanduser())
    if args.json:
        show_json({"file": str(copy.path), "bytes": copy.bytes, "creators": copy.creators})
    else:
        text = _("{path}: {bytes:,} bytes, {creators:,} creators, checked.")
        say(text.format(path=copy.path, bytes=copy.bytes, creators=copy.creators))
    return 0
