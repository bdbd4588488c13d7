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
PAUSE_S = 0.002
"""Between batches, so that a screen's write gets in within milliseconds."""


def refresh(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Compare those who have changed; returns how many. Safe to stop at any moment.

    Never all with all: only with whoever shares an address, a handle or another key, or is linked. Those who share
    a key with somebody who has changed are compared again too: how much it says depends on how many have it.
    ``progress`` is told (done, total).
    """
    done = after = 0
    while (ids := likenesses.next_unmatched(store, after, BATCH)) or after:
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


def _compare_batch(store: Store, ids: list[int]) -> None:
    with store.writing() as db:
        known = _read(db, ids)
        likenesses.set_keys(db, {creator_id: found.keys for creator_id, found in known.items()})
        mentioned = [(one, *ref) for one, found in known.items() for ref in found.mention]
        own = [(one, mention_key(ref)) for one, found in known.items() for ref in found.own]
        pairs = sorted(likenesses.pairs(db, ids, mentioned, own))
        known |= _read(db, {one for pair in pairs for one in pair} - known.keys())
        keys = {key for one in {one for pair in pairs for one in pair} for key in _weighed(known[one])}
        shared = likenesses.shared_by(db, keys)

        def common(key: int) -> int:
            return shared.get(key, 0)

        found = [compare(known[one], known[other], common) for one, other in pairs]
        suggestions.save(db, found, pairs)
        likenesses.matched(db, ids)


def _read(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Traces]:
    return {creator_id: traces(profile) for creator_id, profile in likenesses.profiles(db, ids).items()}


def _weighed(found: Traces) -> set[int]:
    """The keys that say less the more people have them."""
    return found.keys | {mention_key(ref) for ref in found.own}
