"""``kolbench backup``: a checked copy of the store in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.cli.opening import open_store
from kolbench.cli.output import answer
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
    text = _("{path}: {bytes:,} bytes, {creators:,} creators, checked.")
    return answer(
        args,
        {"file": str(copy.path), "bytes": copy.bytes, "creators": copy.creators},
        text.format(path=copy.path, bytes=copy.bytes, creators=copy.creators),
    )
