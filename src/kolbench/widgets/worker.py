"""One thread that answers questions in the background, the newest of each kind first.

Textual's own thread workers run on a pool: a SQLite connection would wander between threads, outdated
questions would still be asked, and a long query would hold up the exit. This thread is a daemon, keeps its
connections to itself, and forgets a waiting question as soon as a newer one takes its slot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from contextvars import Context, copy_context
from threading import Condition, Thread
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Asked(Generic[Answer]):
    """What came of a question: ``value()`` gives the answer, or raises what was raised in the thread."""

    def __init__(self, answer: Answer | None, error: BaseException | None) -> None:
        self._answer = answer
        self.error = error

    def value(self) -> Answer:
        """The answer; raises the error of the question where it failed."""
        if self.error is not None:
            raise self.error
        return self._answer  # type: ignore[return-value]


class QueryThread:
    """Runs questions one at a time in a thread of its own and brings the answers to the event loop.

    Make it anywhere; ``ask`` needs a running event loop, to which the answer returns.
    """

    def __init__(self, name: str = "queries") -> None:
        self._name = name
        self._waiting: dict[Hashable, Callable[[], None]] = {}
        self._kept: set[Hashable] = set()
        self._change = Condition()
        self._thread: Thread | None = None
        self._closed = False
        self._running = False

    @property
    def idle(self) -> bool:
        """Whether nothing runs or waits (answers may still be on their way to the event loop)."""
        with self._change:
            return not self._waiting and not self._running

    def ask(
        self,
        slot: Hashable,
        question: Callable[[], Answer],
        answered: Callable[[Asked[Answer]], object],
        *,
        keep: bool = False,
    ) -> None:
        """Run ``question`` in the thread, then ``answered`` in the event loop.

        A question still waiting in the same ``slot`` is dropped unasked. After ``close`` nothing is asked but what
        was to be kept, and nobody is told the answer.
        """
        loop = asyncio.get_running_loop()
        context = copy_context()

        def run() -> None:
            try:
                result: Asked[Answer] = Asked(question(), None)
            except BaseException as error:  # SystemExit too: the thread has other questions to answer
                result = Asked(None, error)
            self._deliver(loop, context, answered, result)

        with self._change:
            if self._closed:
                return
            self._waiting.pop(slot, None)
            self._waiting[slot] = run
            (self._kept.add if keep else self._kept.discard)(slot)
            if self._thread is None:
                self._thread = Thread(target=self._work, name=f"kolbench-{self._name}", daemon=True)
                self._thread.start()
            self._change.notify()

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Drop what waits and isn't kept, and end the thread once the rest is done.

        ``last`` runs there before, if anything was ever asked.
        """
        with self._change:
            self._closed = True
            self._waiting = {slot: run for slot, run in self._waiting.items() if slot in self._kept}
            if last is not None and self._thread is not None:
                self._waiting[None] = last
            self._change.notify()

    def _work(self) -> None:
        while True:
            with self._change:
                self._running = False
                while not self._waiting:
                    if self._closed:
                        return
                    self._change.wait()
                run = self._waiting.pop(next(iter(self._waiting)))
                self._running = True
            run()

    def _deliver(
        self,
        loop: asyncio.AbstractEventLoop,
        context: Context,
        answered: Callable[[Asked[Any]], object],
        result: Asked[Any],
    ) -> None:
        if self._closed:
            return
        try:
            loop.call_soon_threadsafe(answered, result, context=context)
        except RuntimeError:
            # The event loop is gone: nobody waits for this any more.
            self._closed = True


def cancel(timer: asyncio.TimerHandle | None) -> None:
    """Cancel a timer that may not run."""
    if timer is not None:
        timer.cancel()
