"""The argparse parsers of the commands, in the interface's language and as wide as the terminal."""

from __future__ import annotations

import argparse
import gettext
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import takewhile
from typing import Any, NoReturn

from rich.cells import cell_len

from kolbench.cli.commands import commands, global_options
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import LOCALE, N_, _, wanted
from kolbench.widgets import cells

MAX_COLUMNS = 100
"""Help is no wider than this: longer lines are hard to read."""

COMPLAINTS = (
    N_("argument %(argument_name)s: %(message)s"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("ignored explicit argument %r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("not allowed with argument %s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
)
"""What argparse may say of a command line. It looks its texts up by itself; here they are marked for translators."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are UsageErrors and whose headings are in the interface's language."""

    def __init__(self, prog: str, text: str | None = None) -> None:
        about = text and _("{text}.").format(text=text)
        super().__init__(prog, description=about, add_help=False, allow_abbrev=False, formatter_class=_Formatter)
        self._positionals.title = _("Arguments")
        self._optionals.title = _("Options")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Argparse takes ``--option=--`` for an option without a value, and hands over an empty list as such."""
        values = super()._get_values(action, arg_strings)
        if action.nargs is None and isinstance(values, list):
            raise argparse.ArgumentError(action, argparse._("expected one argument"))  # type: ignore[attr-defined]
        return values

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The arguments. Raises UsageError, which of words too many says how they belong to what is before them."""
        args, left = self.parse_known_args(words)
        if left:
            message: str = argparse._("unrecognized arguments: %s") % " ".join(left)  # type: ignore[attr-defined]
            if quoting := _quoting(words, left):
                raise UsageError(f"{message}\n{quoting}")
            self.error(message)
        return args

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with argparse's message and where to read on."""
        raise UsageError(f"{message}\n" + _("Try '{command} --help'.").format(command=self.prog))


def _quoting(words: Sequence[str], left: Sequence[str]) -> str:
    """How words too many are quoted together with what they follow; empty where that is an option without a value."""
    start = words.index(left[0]) if left[0] in words else 0
    run = list(takewhile(lambda word: word in left and not word.startswith("-"), words[start:]))
    before = words[start - 1] if start else "-"
    option, equals, value = before.partition("=") if before.startswith("--") else ("", "", before)
    if not run or (before.startswith("-") and not equals):
        return ""
    if not option and start > 1 and words[start - 2].startswith("--"):
        option = words[start - 2]
    quoted = f"{option} {shlex.quote(' '.join([value, *run]))}".lstrip()
    text = _("If {words} belongs to what stands before it, quote both: {quoted}")
    return text.format(words=" ".join(run), quoted=quoted)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=min(columns(), MAX_COLUMNS) - 2)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return cells.wrap(text, width)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, _("Usage: ") if prefix is None else prefix)

    def _format_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any) -> str:
        """Argparse counts characters, of which the Chinese ones are two cells wide."""
        wide = cell_len(prefix or "") - len(prefix or "")
        self._width -= wide
        return super()._format_usage(usage, actions, groups, prefix).replace("\n ", "\n " + " " * wide)


def columns(otherwise: int = 80) -> int:
    """The width of the terminal that stdout is; ``COLUMNS`` overrides it."""
    if (told := os.environ.get("COLUMNS", "")).isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or otherwise
    except (OSError, ValueError):
        return otherwise


def command_parser(name: str) -> Parser:
    """The parser of one command's arguments; imports the command's module."""
    _translate_complaints()
    parser = Parser(f"kolbench {name}", commands()[name][1])
    _configure(parser, name)
    return parser


def _translate_complaints() -> None:
    """Let argparse find its texts in our catalogue."""
    os.environ["LANGUAGE"] = wanted()
    gettext.bindtextdomain("kolbench", LOCALE)
    gettext.textdomain("kolbench")


def whole_parser() -> Parser:
    """One parser that knows every command, for completion and for the reference; imports all their modules."""
    parser = Parser("kolbench")
    add_global_options(parser)
    parser.add_argument("--version", action="store_true", help=_("show the version and exit"))
    found = parser.add_subparsers(dest="command", parser_class=_SubParser)
    for name, (_module, text) in commands().items():
        _configure(found.add_parser(name, prog=f"kolbench {name}", text=text, help=text), name)
    return parser


def _configure(parser: argparse.ArgumentParser, name: str) -> None:
    import_module(commands()[name][0]).configure(parser)
    add_global_options(parser)


def add_global_options(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Add the options that every command has; ``again`` where the command's own parser has them already."""
    group = parser.add_argument_group(_("Options of every command"))
    default: dict[str, Any] = {"default": argparse.SUPPRESS} if again else {}
    for name, (value, text) in global_options().items():
        if name == "--help":
            group.add_argument("-h", name, action="help", help=text)
        elif name == "--lang":
            group.add_argument(name, choices=value.split("|"), metavar=value, help=text, **default)
        elif value:
            action = "append" if name == "--plugin-dir" else "store"
            group.add_argument(name, metavar=value, action=action, help=text, **default)
        else:
            group.add_argument(name, action="store_true", help=text, **default)


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """An argument's type: a whole number from ``least`` to ``most``, or on without an end."""

    def number(text: str) -> int:
        if not (re.fullmatch(r"[0-9]{1,15}", text) and least <= int(text) <= (int(text) if most is None else most)):
            if most is None:
                told = _("write a whole number from {least} on, not '{text}'")
            else:
                told = _("write a whole number from {least} to {most}, not '{text}'")
            raise argparse.ArgumentTypeError(told.format(least=least, most=most, text=text))
        return int(text)

    return number


def amount(text: str) -> float:
    """An argument's type: a number from 0 on, such as 1.5."""
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", text):
        raise argparse.ArgumentTypeError(_("write a number from 0 on, not '{text}'").format(text=text))
    return float(text)


class Actions:
    """The actions of a command that has several, such as ``source add``; the chosen one is ``args.action``."""

    def __init__(self, parser: argparse.ArgumentParser, *, required: bool = True) -> None:
        add_json(parser)
        self._prog = parser.prog
        self._made = parser.add_subparsers(
            dest="action", metavar="ACTION", required=required, title=_("Actions"), parser_class=_SubParser
        )

    def add(self, name: str, text: str) -> argparse.ArgumentParser:
        """Add an action; returns its parser, which has ``--json`` already."""
        parser = self._made.add_parser(name, prog=f"{self._prog} {name}", text=text, help=text)
        add_json(parser, again=True)
        add_global_options(parser, again=True)
        return parser


class _SubParser(Parser):
    """A parser made by argparse, which hands over the keywords of ``add_parser``."""

    def __init__(self, *, prog: str, text: str | None = None) -> None:
        super().__init__(prog, text)


def add_json(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Add ``--json``; ``again`` where the command's own parser has it already."""
    default = argparse.SUPPRESS if again else False
    parser.add_argument("--json", action="store_true", default=default, help=_("print JSON, for programs"))
