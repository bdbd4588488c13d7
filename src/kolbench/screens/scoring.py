"""Working out what a sync that was stopped, or killed, left waiting, while the workbench is open."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from kolbench.domain.errors import KolbenchError, named
from kolbench.domain.lang import _
from kolbench.screens.jobs import Job, Stopped
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kolbench.screens.session import Session
    from kolbench.store.connect import Store
    from kolbench.widgets.worker import Asked

Grounds = tuple[int, int]
"""On what scores are worked out: the store's version, and when its settings were written (ns; 0: there are none)."""


def waits(store: Store, version: int) -> Grounds | None:
    """Where somebody waits for a score, and no sync is about to work it out, on what; call it in a thread."""
    from kolbench.analysis import standing
    from kolbench.store import runs, settings

    if not standing.waiting(store) or runs.going_on(store):
        return None
    try:
        return version, settings.place(store).stat().st_mtime_ns
    except OSError:
        return version, 0


class Scoring:
    """Scores and what follows from them; what goes wrong is told once, and tried again when something is new."""

    def __init__(self, session: Session, tell: Callable[[str], object]) -> None:
        self._session = session
        self._tell = tell
        self._in_vain: Grounds | None = None
        self._told: Sequence[str] = ()

    def begin(self, grounds: Grounds) -> None:
        """Begin, unless something else runs or it was in vain on the same grounds."""
        session, left = self._session, threading.Event()
        if session.jobs or grounds == self._in_vain:
            return

        def go_on(_done: int = 0, _total: int = 0) -> None:
            if left.is_set():
                raise Stopped

        def scored(done: int, total: int) -> None:
            text = _("scoring {done} of {total}")
            session.running = text.format(done=separated(done), total=separated(total))
            go_on()

        def work() -> Sequence[str]:
            from kolbench.programme import after

            return after.refresh(session.store, scored, go_on, go_on, go_on).problems

        def ended(asked: Asked[Sequence[str]]) -> None:
            session.running = ""
            if not isinstance(asked.error, Stopped):
                self._in_vain = None if asked.error is None else grounds
                self._say(asked.value() if asked.error is None else [_unable(asked.error)])

        Job(session, work, ended, left.set, redone=True)

    def _say(self, problems: Sequence[str]) -> None:
        for problem in problems:
            if problem not in self._told:
                self._tell(problem)
        self._told = problems


def _unable(error: BaseException) -> str:
    reason = str(error) if isinstance(error, KolbenchError) else named(error)
    return _("Scores can't be worked out: {reason}").format(reason=reason)
