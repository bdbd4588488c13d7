"""``kolbench demo``: the workbench on a store of generated people."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.cli import derived
from kolbench.cli.bars import Bars
from kolbench.cli.opening import store_path
from kolbench.cli.output import say
from kolbench.cli.parser import whole
from kolbench.cli.workbench import open_workbench
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.sample import PEOPLE, PLATFORMS, fill, is_of, work
from kolbench.store import runs
from kolbench.store.connect import Store, default_path

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

FEWEST, MOST = 100, 1_000_000
SEED = 1


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--people", metavar="N", type=whole(FEWEST, MOST), help=_("how many to make, 100 to 1000000 (3000)")
    )
    parser.add_argument("--seed", metavar="N", type=whole(0), help=_("another number makes other people (1)"))
    parser.add_argument(
        "--bare", action="store_true", help=_("people and their groups alone: no rules, no agreements, no campaign")
    )
    parser.add_argument("--fresh", action="store_true", help=_("make them again, forgetting what was done in the demo"))


def run(args: Namespace) -> int:
    """Make the sample store if it isn't there, and open it."""
    path = _path(args)
    if path.exists():
        _require_sample(path, args)
        if args.fresh:
            _remove(path)
    if not path.exists():
        people, seed = PEOPLE if args.people is None else args.people, SEED if args.seed is None else args.seed
        _make(path, people, seed, bare=args.bare)
    return open_workbench(path, args.plugin_dir or ())


def _make(path: Path, people: int, seed: int, *, bare: bool) -> None:
    say(
        _("Making {people:,} people on {n} platforms and their groups in {path} …").format(
            people=people, n=len(PLATFORMS), path=path
        )
    )
    part = path.with_name(f".{path.name}.part")  # so that what was killed on its way is never taken for whole
    _remove(part)
    store = Store.open(part)
    try:
        bars = Bars() if sys.stdout.isatty() else lambda event: None
        fill(store, people, seed, bars, derived.counting(_("worked out")))
        if not bare:
            work(store, seed)
        derived.refresh(store)
        store.close()
        part.rename(path)
    finally:
        store.close()
        _remove(part)


def _path(args: Namespace) -> Path:
    """The file that was named for it; without one, a file of its own beside the usual store."""
    if args.store or os.environ.get("KOLBENCH_STORE"):
        return store_path(args)
    return default_path().with_name("demo.db")


def _require_sample(path: Path, args: Namespace) -> None:
    """Make sure that nobody's real data are taken for a demo, nor one demo for another."""
    store = Store.open(path)
    try:
        if any(run.kind != "demo" and run.new for run in runs.recent(store)):
            raise UsageError(
                _("{path} holds data that this demo did not make. Choose another file with --store.").format(path=path)
            )
        if not args.fresh and not is_of(store, args.people, args.seed, bare=args.bare):
            text = _("The demo in {path} was made with other numbers. Add --fresh to make it again.")
            raise UsageError(text.format(path=path))
    finally:
        store.close()


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + end).unlink(missing_ok=True)
