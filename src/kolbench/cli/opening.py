"""From what the command line says to the store and the plugins it means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store.connect import Store, default_path, is_there

if TYPE_CHECKING:
    from argparse import Namespace

    from kolbench.adapters.registry import Registry


def store_path(args: Namespace) -> Path:
    """The file that ``--store`` or the environment names, or the usual one."""
    return Path(args.store).expanduser() if args.store else default_path()


def open_store(args: Namespace, *, create: bool = False) -> Store:
    """The store to work on, whose settings are sound.

    Raises UsageError with the ways to begin when there is none and ``create`` is False, and for a mistake in its
    settings: no command does half of its work before it is told.
    """
    path = store_path(args)
    if not create and not is_there(path):
        raise UsageError(
            _(
                "There is no store at {path} yet. Begin with 'kolbench import FILE' or 'kolbench source add', "
                "or look around in 'kolbench demo'."
            ).format(path=path)
        )
    store = Store.open(path)
    from kolbench.store import settings

    settings.read(store)
    return store


def load_adapters(args: Namespace) -> Registry:
    """The adapters of this run; tells on stderr which plugins are disabled."""
    from kolbench.adapters.registry import load
    from kolbench.cli.output import printable, warn

    registry = load([Path(folder) for folder in args.plugin_dir or ()])
    for problem in registry.problems:
        warn(printable(problem))
    return registry
