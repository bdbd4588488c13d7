"""What all screens of one session share: the store, what runs, and what is new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from threading import Event

    from kolbench.screens.jobs import Job
    from kolbench.store.ahead import Ahead
    from kolbench.store.connect import Store
    from kolbench.store.queue_start import Start


@dataclass
class Session:
    """One run of the workbench. ``version`` grows whenever somebody has changed the store.

    ``unwritten`` are acts that aren't in the store yet, each set once it is. ``due`` counts the follow-ups that wait
    (None: not counted yet); ``running`` says in a few words what runs. ``ahead`` is the beginning of the queue, until
    it is shown first.
    """

    store: Store
    plugin_dirs: Sequence[Path] = ()
    version: int = 0
    due: int | None = None
    running: str = ""
    ahead: Ahead[Start] | None = None
    jobs: list[Job] = field(default_factory=list)
    unwritten: list[Event] = field(default_factory=list)
