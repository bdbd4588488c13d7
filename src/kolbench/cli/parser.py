"""The argparse parsers of the commands, in the interface's language and as wide as the terminal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import NoReturn

from kolbench.cli.commands import commands, global_options
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

MAX_COLUMNS = 100
"""Help is no wider than this: longer lines are hard to read."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are UsageErrors and whose headings are in the interface's language."""

    def __init__(self, prog: str, description: str | None = None) -> None:
        super().__init__(prog, description=description, add_help=False, allow_abbrev=False, formatter_class=_Formatter)
        self._positionals.title = _("Arguments")
        self._optionals.title = _("Options")

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with argparse's message and where to read on."""
        raise UsageError(f"{message}\n" + _("Try '{command} --help'.").format(command=self.prog))


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=min(columns(), MAX_COLUMNS) - 2)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, _("Usage: ") if prefix is None else prefix)


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
    module, text = commands()[name]
    parser = Parser(f"kolbench {name}", f"{text}.")
    import_module(module).configure(parser)
    add_global_options(parser)
    return parser


def add_global_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command has."""
    group = parser.add_argument_group(_("Options of every command"))
    for name, (value, text) in global_options().items():
        if name == "--help":
            group.add_argument("-h", name, action="help", help=text)
        elif name == "--lang":
            group.add_argument(name, choices=value.split("|"), metavar=value, help=text)
        elif value:
            group.add_argument(name, metavar=value, action="append" if name == "--plugin-dir" else "store", help=text)
        else:
            group.add_argument(name, action="store_true", help=text)
