"""A store full of generated people, made the way every other store is: through an adapter and the sync loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.adapters.sample import Sample
from kolbench.analysis import standing
from kolbench.domain.clock import from_ms, now
from kolbench.store import sources
from kolbench.sync import loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from kolbench.store.connect import Store
    from kolbench.sync.events import Listener

PLATFORMS = {"xiaohongshu": 0.40, "douyin": 0.28, "bilibili": 0.14, "instagram": 0.11, "youtube": 0.07}
"""The share of the people that each platform gets."""

PEOPLE = 3_000
TALKERS = 0.2
"""For five creators on platforms there is one member of a group chat."""


def fill(
    store: Store,
    people: int = PEOPLE,
    seed: int = 1,
    listener: Listener = lambda event: None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Make ``people`` (at least 100) in an empty store, with their groups, and work out their standing.

    Returns how many creators have one. The same seed on the same day makes the same store.
    """
    as_of = from_ms(now()).date().isoformat()
    shares = {**PLATFORMS, "wechat": TALKERS}
    made = [
        sources.add(
            store,
            f"sample-{platform}",
            Sample.name,
            platform,
            {"platform": platform, "people": str(max(1, round(people * share))), "seed": str(seed), "as_of": as_of},
        )
        for platform, share in shares.items()
    ]
    loop.run(store, {Sample.name: Sample()}, made, loop.Options(kind="demo", workers=1), listener)
    return standing.refresh(store, progress)
