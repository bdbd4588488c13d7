"""Time that passes only when somebody waits, so that no test does."""

from __future__ import annotations

from collections.abc import Callable

from kolbench.sync.stop import Patience


class Clock:
    """Seconds that are moved by ``Waits``."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        """The moment, in seconds."""
        return self.seconds


class Waits(Patience):
    """A patience that never sleeps: it moves the clock, and remembers."""

    def __init__(self, clock: Clock, tell: Callable[[float, str], None] = lambda seconds, reason: None) -> None:
        super().__init__(tell, clock)
        self.clock = clock
        self.waits: list[float] = []

    def _sleep(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.clock.seconds += seconds
        return self._ended.is_set()
