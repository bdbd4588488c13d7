"""Communities, who belongs to them, what is said there and who did what towards whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import to_ms
from kolbench.store import accounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kolbench.domain.records import CommunityRecord, InteractionRecord, MembershipRecord, MessageRecord
    from kolbench.store.connect import Store
    from kolbench.store.writer import Batch


class Community(NamedTuple):
    """A community as a list of them shows it."""

    id: int
    name: str
    platform: str


_LEFT = "CASE WHEN excluded.joined_at > left_at THEN excluded.left_at ELSE coalesce(excluded.left_at, left_at) END"
"""Who comes back has not left."""

_JOIN = (
    "INSERT INTO membership (community_id, account_id, role, joined_at, left_at, first_seen_at, last_seen_at, run_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (community_id, account_id) DO UPDATE SET"
    " role = coalesce(excluded.role, role), joined_at = coalesce(excluded.joined_at, joined_at),"
    f" left_at = {_LEFT},"
    " first_seen_at = min(first_seen_at, excluded.first_seen_at),"
    " last_seen_at = max(last_seen_at, excluded.last_seen_at)"
    " WHERE first_seen_at > excluded.first_seen_at OR last_seen_at < excluded.last_seen_at"
    " OR role IS NOT coalesce(excluded.role, role) OR joined_at IS NOT coalesce(excluded.joined_at, joined_at)"
    f" OR left_at IS NOT {_LEFT}"
)


def every(store: Store) -> list[Community]:
    """The communities there are, by name."""
    rows = store.reader().execute("SELECT id, coalesce(name, uid) AS shown, platform FROM community ORDER BY shown, id")
    return list(map(Community._make, rows.fetchall()))


def write(batch: Batch, records: Sequence[CommunityRecord]) -> None:
    """Write communities; a fact that isn't told leaves what is stored."""
    before = batch.db.total_changes
    batch.db.executemany(
        "INSERT INTO community (platform, uid, name, kind, url, run_id) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (platform, uid) DO UPDATE SET name = coalesce(excluded.name, name),"
        " kind = coalesce(excluded.kind, kind), url = coalesce(excluded.url, url)"
        " WHERE name IS NOT coalesce(excluded.name, name) OR kind IS NOT coalesce(excluded.kind, kind)"
        " OR url IS NOT coalesce(excluded.url, url)",
        [(batch.platform, r.uid, r.name, r.kind, r.url, batch.run.id) for r in records],
    )
    batch.tally(len(records), before)


def write_memberships(batch: Batch, records: Sequence[MembershipRecord]) -> None:
    """Write who belongs where; seeing a membership again widens its interval."""
    rooms = resolve(batch, (record.community_uid for record in records))
    people = accounts.resolve(batch, (record.account_uid for record in records))
    rows = []
    for record in records:
        joined = None if record.joined_at is None else to_ms(record.joined_at)
        left = None if record.left_at is None else to_ms(record.left_at)
        seen = joined or left or batch.observed_at
        room, person = rooms[record.community_uid], people[record.account_uid]
        rows.append((room, person, record.role, joined, left, seen, max(seen, left or 0), batch.run.id))
    before = _memberships(batch, rows)
    batch.db.executemany(_JOIN, rows)
    after = _memberships(batch, rows)
    changed = {key for key, facts in before.items() if after[key] != facts}
    batch.count((row[:2] for row in rows), after.keys() - before.keys(), changed)


def _memberships(batch: Batch, rows: Iterable[Sequence[object]]) -> dict[tuple[int, int], tuple[object, ...]]:
    """What is told of those memberships, without when they were seen: to be seen again is no news."""
    found = batch.db.execute(
        "SELECT m.community_id, m.account_id, m.role, m.joined_at, m.left_at"
        " FROM json_each(?) AS wanted CROSS JOIN membership AS m"
        " ON m.community_id = wanted.value ->> 0 AND m.account_id = wanted.value ->> 1",
        (json.dumps([row[:2] for row in rows]),),
    )
    return {row[:2]: row[2:] for row in found}


def write_messages(batch: Batch, records: Sequence[MessageRecord]) -> None:
    """Write messages once each, as edited last; their senders are members from their first to their last one."""
    rooms = resolve(batch, (record.community_uid for record in records))
    people = accounts.resolve(batch, (record.account_uid for record in records))
    rows = [
        (
            rooms[record.community_uid],
            record.uid,
            people[record.account_uid],
            to_ms(record.sent_at),
            record.text,
            record.reply_to_uid,
            batch.run.id,
        )
        for record in records
    ]
    before = batch.db.total_changes
    batch.db.executemany(
        "INSERT INTO message (community_id, uid, account_id, sent_at, text, reply_to_uid, run_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (community_id, uid) DO NOTHING",
        rows,
    )
    new = batch.db.total_changes - before
    batch.db.executemany(
        "UPDATE message SET text = ?1 WHERE community_id = ?2 AND uid = ?3 AND text <> ?1",
        [(row[4], row[0], row[1]) for row in rows] if new < len(rows) else [],
    )
    edited = batch.db.total_changes - before - new
    batch.written.new += new
    batch.written.changed += edited
    batch.written.unchanged += len(records) - new - edited
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for room, _uid, person, at, *_rest in rows:
        first, last = spans.get((room, person), (at, at))
        spans[room, person] = min(first, at), max(last, at)
    batch.db.executemany(
        _JOIN, ((*key, None, None, None, first, last, batch.run.id) for key, (first, last) in spans.items())
    )
    accounts.mark_stale(batch, (key[1] for key in spans))


def write_activities(batch: Batch, records: Sequence[InteractionRecord]) -> None:
    """Write who did what towards whom, once for each piece of evidence."""
    rooms = resolve(batch, (r.community_uid for r in records if r.community_uid is not None))
    people = accounts.resolve(batch, (uid for record in records for uid in (record.actor_uid, record.object_uid)))
    before = batch.db.total_changes
    batch.db.executemany(
        "INSERT INTO activity (actor_id, type, object_id, at, community_id, evidence_uid, run_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (evidence_uid, type, actor_id, object_id) DO NOTHING",
        [
            (
                people[record.actor_uid],
                record.kind,
                people[record.object_uid],
                to_ms(record.at),
                None if record.community_uid is None else rooms[record.community_uid],
                record.evidence_uid,
                batch.run.id,
            )
            for record in records
        ],
    )
    batch.tally(len(records), before)
    accounts.mark_stale(batch, (people[uid] for record in records for uid in (record.actor_uid, record.object_uid)))


def resolve(batch: Batch, uids: Iterable[str]) -> dict[str, int]:
    """The community id of each uid; one that nobody has described yet is made from its uid alone."""
    wanted = list(dict.fromkeys(uids))
    batch.db.executemany(
        "INSERT INTO community (platform, uid, run_id) VALUES (?, ?, ?) ON CONFLICT (platform, uid) DO NOTHING",
        [(batch.platform, uid, batch.run.id) for uid in wanted],
    )
    return dict(
        batch.db.execute(
            "SELECT uid, id FROM community WHERE platform = ? AND uid IN (SELECT value FROM json_each(?))",
            (batch.platform, json.dumps(wanted, ensure_ascii=False)),
        )
    )
