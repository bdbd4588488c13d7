"""Posts and time series of counters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import to_ms
from kolbench.domain.lang import _
from kolbench.store import accounts, snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.domain.records import PostRecord, SnapshotRecord
    from kolbench.store.snapshots import Counters
    from kolbench.store.writer import Batch

_FACTS = ("published_at", "kind", "title", "text", "url", "duration_s")
_INSERT = (
    f"INSERT INTO post (id, account_id, uid, {', '.join(_FACTS)}, run_id) VALUES ({', '.join('?' * (len(_FACTS) + 4))})"
)
_UPDATE = f"UPDATE post SET {', '.join(f'{fact} = ?' for fact in _FACTS)}, changed_run_id = ? WHERE id = ?"

Key = tuple[int, str]
"""``(account_id, uid)``"""


def write(batch: Batch, records: Sequence[PostRecord]) -> None:
    """Write posts and their counters; a fact that isn't told leaves what is stored."""
    authors = accounts.resolve(batch, (record.account_uid for record in records))
    keys = [(authors[record.account_uid], record.uid) for record in records]
    known = _find(batch, keys)
    next_id = batch.db.execute("SELECT coalesce(max(id), 0) + 1 FROM post").fetchone()[0]
    made: dict[int, list[Any]] = {}
    fresh: set[int] = set()
    counters: list[Counters] = []
    for place, (key, record) in enumerate(zip(keys, records, strict=True)):
        row = known.get(key)
        if row is None:
            row = known[key] = [next_id, *_facts(record)]
            made[next_id] = [next_id, *key, *row[1:], batch.run.id]
            next_id += 1
            fresh.add(place)
        seen_at = batch.observed_at if record.observed_at is None else to_ms(record.observed_at)
        counters.append((record, record.metrics, row[0], seen_at))
    batch.db.executemany(_INSERT, made.values())
    planned = snapshots.plan(batch, "post", counters, made)
    updates: dict[int, list[Any]] = {}
    changed = planned.news
    for place in range(len(records)):
        row, facts = known[keys[place]], _facts(records[place])
        merged = [stored if told is None else told for told, stored in zip(facts, row[1:], strict=True)]
        if merged != row[1:] and place not in planned.refused:
            row[1:] = merged
            updates[row[0]] = row
            changed.add(place)
    batch.db.executemany(_UPDATE, ((*row[1:], batch.run.id, row[0]) for row in updates.values()))
    snapshots.write(batch, "post", planned.rows)
    accounts.mark_stale(batch, (keys[place][0] for place in changed | fresh))
    batch.count((place for place in range(len(records)) if place not in planned.refused), fresh, changed)


def write_series(batch: Batch, records: Sequence[SnapshotRecord]) -> None:
    """Write counters that come without anything else: of accounts, or of posts where one is named."""
    authors = accounts.resolve(batch, (record.account_uid for record in records))
    keys = [(authors[record.account_uid], record.post_uid) for record in records]
    post_keys = [(account_id, uid) for account_id, uid in keys if uid is not None]
    known = _find(batch, post_keys) if post_keys else {}
    of_accounts: list[Counters] = []
    of_posts: list[Counters] = []
    for (account_id, post_uid), record in zip(keys, records, strict=True):
        at = to_ms(record.observed_at)
        if post_uid is None:
            of_accounts.append((record, record.metrics, account_id, at))
        elif post := known.get((account_id, post_uid)):
            of_posts.append((record, record.metrics, post[0], at))
        else:
            batch.refuse(record, "post_uid", _("no such work"))
    grown = _write_counters(batch, "account", of_accounts)
    _write_counters(batch, "post", of_posts)
    accounts.mark_stale(batch, grown | {key[0] for key in post_keys})


def _write_counters(batch: Batch, subject: str, counters: Sequence[Counters]) -> set[int]:
    planned = snapshots.plan(batch, subject, counters, ())
    snapshots.write(batch, subject, planned.rows)
    batch.count((place for place in range(len(counters)) if place not in planned.refused), frozenset(), planned.news)
    return {counters[place][2] for place in planned.news}


def _find(batch: Batch, keys: Sequence[Key]) -> dict[Key, list[Any]]:
    rows = batch.db.execute(
        f"SELECT post.account_id, post.uid, post.id, {', '.join('post.' + fact for fact in _FACTS)}"
        " FROM json_each(?) AS wanted CROSS JOIN post"
        " ON post.account_id = wanted.value ->> 0 AND post.uid = wanted.value ->> 1",
        (json.dumps(keys, ensure_ascii=False),),
    )
    return {row[:2]: list(row[2:]) for row in rows}


def _facts(record: PostRecord) -> list[Any]:
    published = None if record.published_at is None else to_ms(record.published_at)
    return [published, record.kind, record.title, record.text, record.url, record.duration_s]
