"""Looking for people with several accounts: those whose profile has changed are compared with whoever shares a key."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kolbench.analysis.likeness import compare
from kolbench.analysis.traces import Traces, mention_key, traces
from kolbench.store import likenesses, suggestions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from kolbench.store.connect import Store

BATCH = 1_000
BULK = 20_000
"""How many are compared at once where more wait: each batch writes all over the index of keys."""

PAUSE_S = 0.002
"""Between batches, so that a screen's write gets in within milliseconds."""


def refresh(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Compare those who have changed; returns how many. Safe to stop at any moment.

    Never all with all: only with whoever shares an address, a handle or another key, or is linked. Those who share
    a key with somebody who has changed are compared again too: how much it says depends on how many have it.
    ``progress`` is told (done, total).
    """
    done = after = 0
    while (ids := _next(store, after)) or after:
        after = ids[-1] if ids else 0
        if not ids:
            continue
        _compare_batch(store, ids)
        done += len(ids)
        if progress:
            progress(done, done + likenesses.waiting(store))
        time.sleep(PAUSE_S)
    return done


def rebuild(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Compare everybody anew, from nothing but the data and what was decided; returns how many comparisons."""
    likenesses.mark_all(store)
    return refresh(store, progress)


def _next(store: Store, after: int) -> list[int]:
    ids = likenesses.next_unmatched(store, after, BULK)
    return ids if len(ids) == BULK else ids[:BATCH]


class _Signs:
    """What some people are looked for by: their keys, whom they name, and how others may name them."""

    def __init__(self, db: sqlite3.Connection, ids: list[int]) -> None:
        self.keys: dict[int, set[int]] = {}
        self.mentioned: list[tuple[int, str, str, str]] = []
        self.own: list[tuple[int, int]] = []
        for start in range(0, len(ids), BATCH):
            for creator_id, found in _read(db, ids[start : start + BATCH]).items():
                self.keys[creator_id] = found.keys
                self.mentioned += ((creator_id, *ref) for ref in found.mention)
                self.own += ((creator_id, mention_key(ref)) for ref in found.own)


def _compare_batch(store: Store, ids: list[int]) -> None:
    seen = store.data_version()
    signs = _Signs(store.reader(), ids)
    with store.writing() as db:
        if store.data_version() != seen:  # somebody has written since
            signs = _Signs(db, ids)
        likenesses.set_keys(db, signs.keys)
        pairs = sorted(likenesses.pairs(db, ids, signs.mentioned, signs.own))
        known = _read(db, {one for pair in pairs for one in pair})
        shared = likenesses.shared_by(db, {key for found in known.values() for key in _weighed(found)})

        def common(key: int) -> int:
            return shared.get(key, 0)

        suggestions.save(db, [compare(known[one], known[other], common) for one, other in pairs], pairs)
        likenesses.matched(db, ids)


def _read(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Traces]:
    return {creator_id: traces(profile) for creator_id, profile in likenesses.profiles(db, ids).items()}


def _weighed(found: Traces) -> set[int]:
    """The keys that say less the more people have them."""
    return found.keys | {mention_key(ref) for ref in found.own}
