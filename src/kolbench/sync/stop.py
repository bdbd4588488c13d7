"""Stopping: the operator's wish, and the waits of a source that such a wish ends at once."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_TELL_FROM_S = 2.0


class Stopped(BaseException):
    """Ends a source's thread from inside; not an Exception, so that no adapter swallows it by accident."""


class Stop:
    """The wish to end a sync at the next page boundary; safe to ask for from a signal handler.

    ``signal`` is the number of the signal that asked, if one did.
    """

    def __init__(self) -> None:
        self.requested = False
        self.signal: int | None = None

    def request(self, number: int | None = None) -> None:
        """Ask to stop; may be called from any thread, any number of times."""
        self.signal = self.signal or number
        self.requested = True


@contextmanager
def on_signals(stop: Stop) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal ask for a clean stop, and a second one leave at once.

    Leaving at once is a KeyboardInterrupt. A signal that is ignored (``nohup``) stays so. For the main thread
    only, as Python has it.
    """

    def asked(number: int, frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, asked)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Patience:
    """The waits of one source: interruptible, added up, and told to the operator when they are long.

    ``tell`` gets the seconds and the reason.
    """

    def __init__(
        self,
        tell: Callable[[float, str], None] = lambda seconds, reason: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.monotonic = monotonic
        self._tell = tell
        self._ended = threading.Event()
        self._slept = 0.0
        self._asleep_since: float | None = None

    def wait(self, seconds: float, reason: str) -> None:
        """Wait, unless the source is told to end: then raise Stopped at once."""
        self.check()
        if seconds >= _TELL_FROM_S:
            self._tell(seconds, reason)
        self._asleep_since = began = self.monotonic()
        ended = self._sleep(seconds)
        self._asleep_since = None
        self._slept += self.monotonic() - began
        if ended:
            raise Stopped

    def check(self) -> None:
        """Raise Stopped when the source was told to end."""
        if self._ended.is_set():
            raise Stopped

    def end(self) -> None:
        """Wake the source and let it do nothing more."""
        self._ended.set()

    def slept(self) -> float:
        """Seconds spent waiting so far, those of the present wait included."""
        since = self._asleep_since
        return self._slept + (0.0 if since is None else self.monotonic() - since)

    def _sleep(self, seconds: float) -> bool:
        """Sleep; whether the source was told to end meanwhile."""
        return self._ended.wait(seconds)
