"""``kolbench completion``: the script that lets a shell complete commands and options."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kolbench.cli.output import say
from kolbench.cli.parser import whole_parser
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

PLACES = {
    "bash": "~/.local/share/bash-completion/completions/kolbench",
    "zsh": "~/.local/share/zsh/site-functions/_kolbench",
    "fish": "~/.config/fish/completions/kolbench.fish",
}
"""Where each shell finds scripts; zsh where ``fpath`` says so."""

FILES = ("FILE", "PATH")
FOLDERS = ("DIR",)


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help=_("the shell to write it for"))
    told = (f"kolbench completion {shell} > {place}" for shell, place in PLACES.items())
    parser.epilog = "\n".join((_("Write it where the shell looks:"), *told))


def run(args: Namespace) -> int:
    """Print the script."""
    import shtab

    parser = whole_parser()
    _complete_paths(parser, shtab.FILE, shtab.DIRECTORY)
    say(shtab.complete(parser, shell=args.shell))
    return 0


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
