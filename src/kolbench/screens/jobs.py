"""Long work in a thread of its own, which can be asked to end and is waited for when the program leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from kolbench.widgets.worker import Asked, QueryThread

if TYPE_CHECKING:
    from kolbench.screens.session import Session

Answer = TypeVar("Answer")


class Stopped(Exception):
    """The operator has asked this work to stop; raised inside it, at a safe place."""


class Job:
    """Work that runs until it is done or has followed ``ask_to_stop``; ``ended`` is called in the event loop.

    ``redone``: whoever leaves loses nothing and isn't asked, because the next start does it again by itself.
    """

    def __init__(
        self,
        session: Session,
        work: Callable[[], Answer],
        ended: Callable[[Asked[Answer]], object],
        ask_to_stop: Callable[[], object],
        *,
        redone: bool = False,
    ) -> None:
        self.redone = redone
        self._ask_to_stop = ask_to_stop
        self._over = threading.Event()
        self._thread = QueryThread("job")
        self.stopping = False
        session.jobs.append(self)

        def run() -> Answer:
            try:
                return work()
            finally:
                self._over.set()

        def over(asked: Asked[Answer]) -> None:
            session.jobs.remove(self)
            self._thread.close()
            ended(asked)

        self._thread.ask("work", run, over)

    def stop(self) -> None:
        """Ask it to end at its next safe place; returns at once."""
        self.stopping = True
        self._ask_to_stop()

    def wait(self, seconds: float) -> None:
        """Wait for it to end, at most so long."""
        self._over.wait(seconds)
