"""When an app has nothing to do: told by its event loop, and not by how long it has been quiet.

Textual's own tests wait until the process takes little time, and so do its pilots. A process that gets no time,
because others take it all, looks the same.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

SOON_S = 0.02
"""A timer that is due so soon belongs to what happens now: the next frame of a screen, a cursor that rests."""

LONGEST_S = 5.0
"""An app that has always something to do, such as a clock that ticks, is waited for no longer than this."""


def ready() -> bool:
    """Whether something is ready to run, such as what to do with an answer that a thread has just given."""
    loop: Any = asyncio.get_running_loop()
    return bool(loop._ready)


async def at_rest(*_patience: float) -> None:
    """Wait until nothing in the event loop is ready to run, or about to be; threads may be at work."""
    loop: Any = asyncio.get_running_loop()
    end = loop.time() + LONGEST_S
    while loop.time() < end:
        await asyncio.sleep(0)
        if ready():
            continue
        soon = [timer.when() for timer in loop._scheduled if not timer.cancelled()]
        wait = min(soon, default=end) - loop.time()
        if wait > SOON_S:
            return
        await asyncio.sleep(max(wait, 0))


def wait_by_rest(patch: pytest.MonkeyPatch) -> None:
    """Have pilots wait by this."""
    patch.setattr("textual.app.wait_for_idle", at_rest)
    patch.setattr("textual.pilot.wait_for_idle", at_rest)
