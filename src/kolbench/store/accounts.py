"""Accounts, their handles and counters: finding the row a record speaks of, and writing what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.json import encode
from msgspec.structs import astuple

from kolbench.domain import identity
from kolbench.domain.clock import to_ms
from kolbench.store import bulk, snapshots

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Container, Iterable, Mapping, Sequence

    from kolbench.domain.records import AccountRecord
    from kolbench.store.writer import Batch

_FACTS = (
    "handle",
    "name",
    "bio",
    "url",
    "avatar_url",
    "category",
    "region",
    "gender",
    "verified",
    "is_bot",
    "is_staff",
    "created_at",
    "gone",
)
"""The attributes of an account that a record may tell; None leaves what is stored."""

_CREATED_AT = _FACTS.index("created_at")

_SELECT = (
    f"SELECT uid, id, creator_id, seen_at, {', '.join(_FACTS)} FROM account"
    " WHERE platform = ? AND uid IN (SELECT value FROM json_each(?))"
)
_UPDATE = (
    f"UPDATE account SET {', '.join(f'{fact} = ?' for fact in _FACTS)}, handle_key = ?, seen_at = ?,"
    " changed_run_id = ? WHERE id = ?"
)

Row = list[Any]
"""``[id, creator_id, seen_at, *facts]`` of a stored account."""


class Told(NamedTuple):
    """A record, the stored account it speaks of, and when what it tells was true."""

    record: AccountRecord
    row: Row
    seen_at: int


def write(batch: Batch, records: Sequence[AccountRecord]) -> None:
    """Write accounts, the creators of those never seen before, and their counters as snapshots."""
    uids = [record.uid for record in records]
    seen_at = _seen_at(batch, records)
    known = _find(batch, uids, records)
    first: dict[str, int] = {}
    for place, uid in enumerate(uids):
        if uid not in known:
            first.setdefault(uid, place)
    made = set(first.values())
    described = [records[place] for place in first.values()]
    if described:
        known.update(_make(batch, list(first), [seen_at[place] for place in first.values()], _columns(described)))
    batch.unmatched.update([known[uid][1] for uid in first])
    told = {
        place: Told(record, known[record.uid], seen_at[place])
        for place, record in enumerate(records)
        if place not in made
    }
    ids = {uid: row[0] for uid, row in known.items()}
    batch.account_ids.update(ids)
    counters = [(record, record.metrics, ids[record.uid], at) for record, at in zip(records, seen_at)]
    planned = snapshots.plan(batch, "account", counters, {ids[uid] for uid in first})
    changed = _merge_all(batch, {place: one for place, one in told.items() if place not in planned.refused})
    batch.unmatched.update(one.row[1] for place, one in told.items() if place in changed)
    snapshots.write(batch, "account", planned.rows)
    changed |= planned.news
    _write_contacts(batch, records, known, planned.refused)
    batch.stale.update(one.row[1] for place, one in told.items() if place in changed)
    if len(made) == len(records):
        batch.written.new += len(records)
    else:
        batch.count((place for place in range(len(records)) if place not in planned.refused), made, changed)


def resolve(batch: Batch, uids: Iterable[str]) -> dict[str, int]:
    """The account id of each uid; an account nobody has described yet is made from its reference alone."""
    ids = batch.account_ids
    missing = [uid for uid in dict.fromkeys(uids) if uid not in ids]
    if missing:
        known = _find(batch, missing, ())
        unknown = [uid for uid in missing if uid not in known]
        nothing = [None] * len(unknown)
        known.update(_make(batch, unknown, [0] * len(unknown), [nothing] * len(_FACTS)))
        batch.unmatched.update([known[uid][1] for uid in unknown if known[uid][3]])
        ids.update((uid, known[uid][0]) for uid in missing)
    return ids


def mark_stale(batch: Batch, account_ids: Iterable[int]) -> None:
    """Note that the numbers of these accounts' creators have to be derived again."""
    rows = batch.db.execute(
        "SELECT DISTINCT creator_id FROM account WHERE id IN (SELECT value FROM json_each(?))",
        (encode(list(set(account_ids))).decode(),),
    )
    batch.stale.update(row[0] for row in rows)


def _make(batch: Batch, uids: Sequence[str], seen_at: Sequence[int], facts: Sequence[Sequence[Any]]) -> dict[str, Row]:
    """Make accounts, each with a creator of its own, of what is told of them (a column for each of ``_FACTS``).

    They are numbered here, so that a few statements write them all. Returns their rows by uid.
    """
    if not uids:
        return {}
    db, run_id, size = batch.db, batch.run.id, len(uids)
    next_account, next_creator = db.execute(
        "SELECT (SELECT coalesce(max(id), 0) + 1 FROM account), (SELECT coalesce(max(id), 0) + 1 FROM creator)"
    ).fetchone()
    ids, creator_ids = range(next_account, next_account + size), range(next_creator, next_creator + size)
    handles = [
        uid.removeprefix(identity.HANDLE_REF) if handle is None and uid.startswith(identity.HANDLE_REF) else handle
        for uid, handle in zip(uids, facts[0])
    ]
    names = [
        name or handle or uid.removeprefix(identity.NAME_REF) for uid, handle, name in zip(uids, handles, facts[1])
    ]
    begun = {"created_at": batch.observed_at, "run_id": run_id}
    bulk.insert(db, "creator", ("id", "name"), list(zip(creator_ids, names)), begun)
    columns = {
        "id": ids, "creator_id": creator_ids, "uid": uids,
        **dict(zip(_FACTS, (handles, *facts[1:]), strict=True)),
        "handle_key": [handle and identity.handle_key(handle) for handle in handles],
        "seen_at": seen_at,
    }  # fmt: skip
    # Only the columns of which anything is told: SQLite checks every one it is given, NULL or not.
    nothing = [None] * size
    told = {name: values for name, values in columns.items() if values != nothing}
    same = {"platform": batch.platform, "run_id": run_id}
    bulk.insert(db, "account", list(told), list(zip(*told.values(), strict=True)), same)
    batch.stale.update(creator_ids)
    return dict(zip(uids, map(list, zip(ids, creator_ids, seen_at, handles, *facts[1:], strict=True)), strict=True))


def _find(batch: Batch, uids: Sequence[str], records: Sequence[AccountRecord]) -> dict[str, Row]:
    """The stored accounts behind ``uids``, looking through handles where either side has no platform id."""
    db, platform = batch.db, batch.platform
    known = {row[0]: list(row[1:]) for row in db.execute(_SELECT, (platform, encode(uids).decode()))}
    if len(known) == len(set(uids)):
        return known
    for uid in uids:
        if uid.startswith(identity.HANDLE_REF) and uid not in known:
            row = _by_handle(db, platform, uid.removeprefix(identity.HANDLE_REF))
            if row:
                known[uid] = row
    if records and _has_provisional(db, platform):
        for uid, handle in {record.uid: record.handle for record in records if record.handle}.items():
            if uid not in known and not identity.is_provisional(uid):
                row = _adopt(db, platform, uid, identity.handle_ref(handle))
                if row:
                    known[uid] = row
    return known


def _by_handle(db: sqlite3.Connection, platform: str, key: str) -> Row | None:
    """The account that bears the handle now, else the one that bore it last."""
    columns = f"id, creator_id, account.seen_at, {', '.join('account.' + fact for fact in _FACTS)}"
    row = db.execute(
        f"SELECT {columns} FROM account WHERE platform = ? AND handle_key = ? ORDER BY seen_at DESC LIMIT 1",
        (platform, key),
    ).fetchone()
    if row is None:
        row = db.execute(
            f"SELECT {columns} FROM former_handle JOIN account ON account.id = former_handle.account_id"
            " WHERE former_handle.handle_key = ? AND platform = ? ORDER BY former_handle.seen_at DESC LIMIT 1",
            (key, platform),
        ).fetchone()
    return list(row) if row else None


def _has_provisional(db: sqlite3.Connection, platform: str) -> bool:
    lower, upper = identity.HANDLE_REF, identity.HANDLE_REF[:-1] + ";"
    query = "SELECT 1 FROM account WHERE platform = ? AND uid >= ? AND uid < ? LIMIT 1"
    return db.execute(query, (platform, lower, upper)).fetchone() is not None


def _adopt(db: sqlite3.Connection, platform: str, uid: str, reference: str) -> Row | None:
    """Give the account known by ``reference`` its real ``uid``."""
    row = db.execute(_SELECT, (platform, encode([reference]).decode())).fetchone()
    if row is None:
        return None
    db.execute("UPDATE account SET uid = ? WHERE id = ?", (uid, row[1]))
    return list(row[1:])


def _seen_at(batch: Batch, records: Sequence[AccountRecord]) -> list[int]:
    """When what each record tells was true; those of a table share one moment."""
    moments = {record.observed_at for record in records}
    at = {moment: batch.observed_at if moment is None else to_ms(moment) for moment in moments}
    return [at[record.observed_at] for record in records]


def _columns(records: Sequence[AccountRecord]) -> list[list[Any]]:
    """What records tell, a column for each of ``_FACTS``."""
    columns = list(map(list, zip(*map(astuple, records), strict=True)))[1:14]
    columns[_CREATED_AT] = [moment and to_ms(moment) for moment in columns[_CREATED_AT]]
    return columns


def _facts(record: AccountRecord) -> Row:
    """What a record tells, in the order of ``_FACTS``, which is the order of its own fields."""
    facts = list(astuple(record)[1:14])
    if record.created_at is not None:
        facts[_CREATED_AT] = to_ms(record.created_at)
    return facts


def _merge_all(batch: Batch, taken: Mapping[int, Told]) -> set[int]:
    """Fold what records tell into the stored rows; returns the places of those by which something changed."""
    updates: dict[int, Row] = {}
    changed: set[int] = set()
    for place, (record, row, seen_at) in taken.items():
        if _merge(batch, row, _facts(record), seen_at):
            changed.add(place)
            updates[row[0]] = row
        if seen_at > row[2]:
            row[2] = seen_at
            updates[row[0]] = row
    _update(batch, updates)
    return changed


def _merge(batch: Batch, row: Row, facts: Row, seen_at: int) -> bool:
    """Newer facts win, older ones only fill gaps; a handle that is not the present one is kept as a former."""
    if row[3:] == facts:
        return False
    newer = seen_at >= row[2]
    changed = False
    for place, told in enumerate(facts, start=3):
        stored = row[place]
        if told is None or told == stored:
            continue
        if place == 3 and stored is not None and identity.handle_key(stored) != identity.handle_key(told):
            former, at = (stored, row[2]) if newer else (told, seen_at)
            _remember_handle(batch, row[0], former, at)
        if stored is None or newer:
            row[place] = told
            changed = True
    return changed


def _remember_handle(batch: Batch, account_id: object, handle: object, seen_at: object) -> None:
    batch.db.execute(
        "INSERT INTO former_handle (account_id, handle, handle_key, seen_at, run_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)",
        (account_id, handle, identity.handle_key(str(handle)), seen_at, batch.run.id),
    )


def _update(batch: Batch, updates: dict[int, Row]) -> None:
    batch.db.executemany(
        _UPDATE,
        (
            (
                *row[3:],
                identity.handle_key(row[3]) if isinstance(row[3], str) else None,
                row[2],
                batch.run.id,
                key,
            )
            for key, row in updates.items()
        ),
    )
    named = [(row[4], row[1]) for row in updates.values() if row[4]]
    batch.db.executemany(
        "UPDATE creator SET name = ?1 WHERE id = ?2 AND name <> ?1"
        " AND (SELECT count(*) FROM account WHERE creator_id = ?2) = 1"
        " AND NOT EXISTS (SELECT 1 FROM change_log WHERE entity = 'creator' AND entity_id = ?2)",
        named,
    )


def _write_contacts(
    batch: Batch, records: Sequence[AccountRecord], known: dict[str, Row], refused: Container[int]
) -> None:
    for place, record in enumerate(records):
        if not record.contacts or place in refused:
            continue
        account_id, creator_id = known[record.uid][:2]
        for contact in record.contacts:
            made = batch.db.execute(
                "INSERT INTO contact_point (creator_id, channel, value, run_id, home_id)"
                " VALUES (?, ?, ?, ?, (SELECT home_id FROM account WHERE id = ?))"
                " ON CONFLICT (creator_id, channel, value) DO NOTHING",
                (creator_id, contact.channel, contact.value, batch.run.id, account_id),
            )
            if made.rowcount:
                batch.unmatched.add(creator_id)
