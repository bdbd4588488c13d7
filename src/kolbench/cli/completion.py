"""``kolbench completion``: the script that lets a shell complete commands and options."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kolbench.cli.commands import commands
from kolbench.cli.output import say
from kolbench.cli.parser import Parser, add_global_options
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

FILES = ("FILE", "PATH")
FOLDERS = ("DIR",)


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help=_("the shell to write it for"))
    parser.epilog = _("For bash: kolbench completion bash > ~/.local/share/bash-completion/completions/kolbench")


def run(args: Namespace) -> int:
    """Print the script."""
    import shtab

    parser = whole_parser()
    _complete_paths(parser, shtab.FILE, shtab.DIRECTORY)
    say(shtab.complete(parser, shell=args.shell))
    return 0


def whole_parser() -> Parser:
    """One parser that knows every command; imports all their modules."""
    from importlib import import_module

    parser = Parser("kolbench")
    add_global_options(parser)
    parser.add_argument("--version", action="store_true", help=_("show the version and exit"))
    found = parser.add_subparsers(dest="command", parser_class=_Sub)
    for name, (module, text) in commands().items():
        sub = found.add_parser(name, help=text)
        import_module(module).configure(sub)
        add_global_options(sub)
    return parser


class _Sub(Parser):
    """A parser made by argparse itself, with more keywords than ours takes."""

    def __init__(self, prog: str, **_kwargs: object) -> None:
        super().__init__(prog)


def _complete_paths(parser: argparse.ArgumentParser, files: object, folders: object) -> None:
    """Tell shtab which arguments are files and folders, by what their help calls them."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                _complete_paths(sub, files, folders)
        elif action.metavar in FILES:
            action.complete = files  # type: ignore[attr-defined]
        elif action.metavar in FOLDERS:
            action.complete = folders  # type: ignore[attr-defined]
