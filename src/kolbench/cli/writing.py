"""Files that commands write lists to: where, in which format, and in the place of what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.cli.output import answer
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _, ngettext
from kolbench.store import export, publications

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Sequence

    List = tuple[Sequence[str], Iterable[Iterable[Any]]]


def add_file(parser: ArgumentParser) -> None:
    """Add the file, its format, and whether it may replace one."""
    parser.add_argument("file", metavar="FILE", help=_("where to write; - is the standard output"))
    parser.add_argument("--format", choices=export.FORMATS, help=_("what to write (as the file's name ends; csv to -)"))
    add_overwrite(parser)


def add_overwrite(parser: ArgumentParser) -> None:
    """Add whether a file may be replaced; see ``require_new``."""
    parser.add_argument("--overwrite", action="store_true", help=_("replace a file that is there"))


def add_formats(parser: ArgumentParser) -> None:
    """Add what is published: pages, or files for programs."""
    parser.add_argument(
        "--format", choices=publications.FORMATS, action="append", help=_("what to write (html); may be given again")
    )


def require_new(args: Namespace, target: Path, mark: str = "") -> None:
    """Raise UsageError where a file is there already and ``--overwrite`` isn't said.

    One that has ``mark`` at its beginning is of our making, and may be replaced.
    """
    if target.exists() and not args.overwrite and not (mark and _begins_with(target, mark)):
        text = _("{path} is there already: choose another name, or replace it with --overwrite.")
        raise UsageError(text.format(path=target))


def _begins_with(target: Path, mark: str) -> bool:
    """Whether a file has a mark in its first lines."""
    if not target.is_file():
        return False
    try:
        with target.open("rb") as file:
            return mark.encode() in file.read(200)
    except OSError:
        return False


def write(args: Namespace, listed: Callable[[], List]) -> int:
    """Write what ``listed`` returns, columns and rows, and say how many rows there were.

    Raises UsageError, before anything is listed, where a file is there already or its name doesn't say a format.
    """
    if args.file == "-":
        export.write(None, args.format or "csv", *listed())
        return 0
    target = Path(args.file).expanduser()
    form = args.format or export.form(target)
    require_new(args, target)
    rows = export.write(target, form, *listed())
    text = ngettext("{path}: {n} row.", "{path}: {n} rows.", rows).format(path=target, n=f"{rows:,}")
    return answer(args, {"file": str(target), "format": form, "rows": rows}, text)
