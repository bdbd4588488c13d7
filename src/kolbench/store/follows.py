"""Who follows whom, and since when we have seen it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kolbench.domain.clock import to_ms
from kolbench.store import accounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.domain.records import FollowRecord
    from kolbench.store.writer import Batch


def write(batch: Batch, records: Sequence[FollowRecord]) -> None:
    """Write follow edges, a friendship as two; one seen again has its interval widened, which is no news."""
    ids = accounts.resolve(batch, (uid for record in records for uid in (record.account_uid, record.follower_uid)))
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for record in records:
        at = batch.observed_at if record.observed_at is None else to_ms(record.observed_at)
        account, follower = ids[record.account_uid], ids[record.follower_uid]
        for edge in ((account, follower), (follower, account))[: 1 + record.mutual]:
            first, last = spans.get(edge, (at, at))
            spans[edge] = min(first, at), max(last, at)
    stored = {
        row[:2]: row[2:]
        for row in batch.db.execute(
            "SELECT e.account_id, e.follower_id, e.first_seen_at, e.last_seen_at"
            " FROM json_each(?) AS wanted CROSS JOIN follow_edge AS e"
            " ON e.account_id = wanted.value ->> 0 AND e.follower_id = wanted.value ->> 1",
            (json.dumps(list(spans)),),
        )
    }
    new = [(*edge, *span, batch.run.id) for edge, span in spans.items() if edge not in stored]
    wider = [
        (min(first, stored[edge][0]), max(last, stored[edge][1]), *edge)
        for edge, (first, last) in spans.items()
        if edge in stored and not stored[edge][0] <= first <= last <= stored[edge][1]
    ]
    batch.db.executemany(
        "INSERT INTO follow_edge (account_id, follower_id, first_seen_at, last_seen_at, run_id) VALUES (?, ?, ?, ?, ?)",
        new,
    )
    batch.db.executemany(
        "UPDATE follow_edge SET first_seen_at = ?, last_seen_at = ? WHERE account_id = ? AND follower_id = ?",
        wider,
    )
    accounts.mark_stale(batch, (row[0] for row in new))
    batch.count(
        ((ids[record.account_uid], ids[record.follower_uid]) for record in records),
        {row[:2] for row in new},
        set(),
    )
