"""Looking for people with several accounts: those whose profile has changed are compared with whoever shares a key."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kolbench.analysis.likeness import compare, meet
from kolbench.analysis.traces import Traces, mention_key, traces
from kolbench.store import likenesses, suggestions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from kolbench.store.connect import Store

BATCH = 1_000
BULK = 20_000
"""How many are compared at once where more wait: each batch writes all over the index of keys."""

BULK_OF_KEYS = 5 * BULK
"""So many people's keys are written at once, which holds other writers up for less than a second."""

PAUSE_S = 0.002
"""Between batches, so that a screen's write gets in within milliseconds."""

Named = tuple[int, str, str, str]
"""A person, and an account they name: its platform, ``handle`` or ``uid``, and which."""


def refresh(store: Store, progress: Callable[[int, int], None] | None = None) -> int:
    """Compare those who have changed; returns how many. Safe to stop at any moment.

    Never all with all: only with whoever shares an address, a handle or another key, or is linked. Those who share
    a key with somebody who has changed are compared again too: how much it says depends on how many have it.
    ``progress`` is told (done, total).
    """
    keyed = _Keyed.of_all(store) if likenesses.waiting(store) >= BULK else None
    done = after = 0
    while (ids := _next(store, after)) or after:
        after = ids[-1] if ids else 0
        if not ids:
            continue
        _compare_batch(store, ids, keyed)
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
    """What some people are looked for by: their keys, whom they name, and, with ``own``, how others may name them."""

    def __init__(self, db: sqlite3.Connection, ids: list[int], *, own: bool = True) -> None:
        self.keys: dict[int, tuple[int, ...]] = {}  # sets would have the garbage collector walk over all, all the time
        self.mentioned: list[Named] = []
        self.own: list[tuple[int, int]] = []
        for start in range(0, len(ids), BATCH):
            for creator_id, found in _read(db, ids[start : start + BATCH]).items():
                self.keys[creator_id] = tuple(found.keys)
                self.mentioned += ((creator_id, *ref) for ref in found.mention)
                if own:
                    self.own += ((creator_id, mention_key(ref)) for ref in found.own)


@dataclass
class _Keyed:
    """Everybody's keys are written, and whom they name is known, as long as nobody else writes (``version``).

    How many share a key is known from the beginning then, so that nobody is compared twice. Whoever names others is
    compared, so that nobody has to be looked for by the ways in which they may be named.
    """

    version: int
    mentioned: dict[int, list[Named]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of_all(cls, store: Store) -> _Keyed | None:
        """Write the keys of all who wait; None where somebody else has written meanwhile."""
        with store.writing() as db:
            likenesses.mark_naming(db)
            others = not likenesses.everybody_waits(db)
            keyed = cls(likenesses.version(db))
        after = 0
        while ids := likenesses.next_unmatched(store, after, BULK_OF_KEYS):
            signs = _Signs(store.reader(), ids, own=False)
            with store.writing() as db:
                if not keyed.still(db):
                    return None
                likenesses.set_keys(db, signs.keys, mark=others)
            for one in signs.mentioned:
                keyed.mentioned[one[0]].append(one)
            after = ids[-1]
            time.sleep(PAUSE_S)
        return keyed

    def still(self, db: sqlite3.Connection) -> bool:
        """Whether nobody else has written since."""
        return likenesses.version(db) == self.version


def _compare_batch(store: Store, ids: list[int], keyed: _Keyed | None) -> None:
    seen = store.data_version()
    signs = None if keyed else _Signs(store.reader(), ids)
    with store.writing() as db:
        if keyed and keyed.still(db):
            mentioned, own = [one for creator_id in ids for one in keyed.mentioned.get(creator_id, ())], []
        else:
            if signs is None or store.data_version() != seen:  # somebody has written since
                signs = _Signs(db, ids)
            likenesses.set_keys(db, signs.keys)
            mentioned, own = signs.mentioned, signs.own
        pairs = sorted(likenesses.pairs(db, ids, mentioned, own))
        known = _read(db, {one for pair in pairs for one in pair})
        shared = likenesses.shared_by(db, {key for found in known.values() for key in _weighed(found)})

        def common(key: int) -> int:
            return shared.get(key, 0)

        found = [
            compare(known[one], known[other], common) for one, other in pairs if meet(known[one], known[other], common)
        ]
        suggestions.save(db, found, pairs)
        likenesses.matched(db, ids)


def _read(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Traces]:
    return {creator_id: traces(profile) for creator_id, profile in likenesses.profiles(db, ids).items()}


def _weighed(found: Traces) -> set[int]:
    """The keys that say less the more people have them."""
    return found.keys | {mention_key(ref) for ref in found.own}
