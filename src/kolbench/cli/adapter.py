"""``kolbench adapter``: begin an adapter of your own, and record what a server answers for its tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.cli.output import printable, say, show_json
from kolbench.cli.parser import Actions
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = Actions(parser)
    new = actions.add("new", _("Write a package with an adapter that works, tests and all, to change into yours"))
    new.add_argument("name", metavar="NAME", help=_("what to call it: lower-case letters, digits and '-'"))
    new.add_argument("--dir", metavar="DIR", help=_("where to write it (kolbench-NAME)"))


def run(args: Namespace) -> int:
    """Do the action."""
    return _new(args)


def _new(args: Namespace) -> int:
    from kolbench.testing import template

    name = args.name.removeprefix("kolbench-")
    if not template.NAME.fullmatch(name) or len(name) > template.LONGEST:
        text = _("'{name}' can't be a name: use up to {most} lower-case letters, digits and '-'.")
        raise UsageError(text.format(name=printable(args.name), most=template.LONGEST))
    folder = Path(args.dir or f"kolbench-{name}").expanduser()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(_("{path} is there already, and not empty.").format(path=printable(folder)))
    files = template.files(name)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    if args.json:
        show_json({"folder": str(folder), "files": list(files)})
        return 0
    say(_("Written to {path}. It works as it is; make it yours:").format(path=printable(folder)))
    say(f"  cd {printable(folder)} && pip install -e '.[test]' && pytest")
    return 0
