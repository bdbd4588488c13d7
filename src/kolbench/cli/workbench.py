"""``kolbench`` without a command: the workbench, or its three views as tables where there is no terminal."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.domain.clock import now
from kolbench.domain.lang import _
from kolbench.store.connect import Store, default_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.store.ahead import Ahead
    from kolbench.store.queue_start import Start

SHOWN = 10


def run(store: str | None, plugin_dirs: Sequence[str]) -> int:
    """Open the store, making it where there is none, and work in it."""
    return open_workbench(Path(store).expanduser() if store else default_path(), plugin_dirs)


def open_workbench(path: Path, plugin_dirs: Sequence[str] = ()) -> int:
    """The workbench on a store; returns the exit code."""
    store = Store.open(path)
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        return _print_views(store)
    screen = _first_place(store)
    ahead = _ahead(store) if screen == "follow_ups" else None
    gc.disable()  # until the first screen stands: nothing made on the way to it is garbage
    from kolbench.app import run as run_app

    try:
        return run_app(store, [Path(folder) for folder in plugin_dirs], screen, ahead)
    finally:
        store.close()


def _first_place(store: Store) -> str:
    """The place to open on. Raises UsageError where the settings are wrong."""
    start = "due"
    if store.path.with_name("settings.toml").exists():  # reading settings takes time before the first frame
        from kolbench.store import settings

        start = settings.read(store).start
    if start != "due":
        return start
    from kolbench.store import queue_start

    return "follow_ups" if queue_start.any_due(store, now()) else "candidates"


def _ahead(store: Store) -> Ahead[Start]:
    """Have the queue read while all that draws it is imported."""
    from kolbench.store import queue_start
    from kolbench.store.ahead import Ahead

    at = now()
    return Ahead(store, lambda own: queue_start.start(own, at))


def _print_views(store: Store) -> int:
    """The three views, each by the command that prints it."""
    from kolbench.cli import leaderboard, places
    from kolbench.cli.candidates import show_candidates
    from kolbench.cli.output import say
    from kolbench.cli.queue import DUE, list_queue, show_queue
    from kolbench.store.candidates import CandidateWindow
    from kolbench.store.leaderboards import LeaderboardWindow

    say(_("There is no terminal here to work in, so these are the first lines of each view."))
    say("\n" + _("Candidates"))
    window = CandidateWindow(store)
    show_candidates(window.rows(0, SHOWN), window.count())
    say("\n" + _("Leaderboard"))
    found = leaderboard.board(store, places.scope(store, None, None))
    leaderboard.show_leaderboard(store, found, LeaderboardWindow(store, found.id).rows(0, SHOWN) if found else [])
    say("\n" + _("Follow-ups"))
    show_queue(list_queue(store, DUE["week"], SHOWN))
    return 0
