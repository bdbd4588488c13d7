"""Who was erased, as keyed hashes of their ids: enough to leave them out of what comes later, and no more."""

from __future__ import annotations

import json
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

from msgspec import structs

from kolbench.domain import identity
from kolbench.domain.campaigns import code_key
from kolbench.domain.clock import now
from kolbench.domain.records import (
    AccountRecord,
    ConversionRecord,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    ParticipantRecord,
    PostRecord,
    ReferralRecord,
    SnapshotRecord,
    TouchRecord,
)
from kolbench.store import campaigns, participant_accounts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from kolbench.domain.records import Record

_REFERS: dict[type, tuple[str, ...]] = {
    AccountRecord: ("uid",),
    PostRecord: ("account_uid",),
    SnapshotRecord: ("account_uid",),
    FollowRecord: ("follower_uid", "account_uid"),
    MembershipRecord: ("account_uid",),
    MessageRecord: ("account_uid",),
    InteractionRecord: ("actor_uid", "object_uid"),
}
"""The fields of a record that say whom it is about; one of a community is about nobody, nor is a refund."""

_REFERS_IN_CAMPAIGN: dict[type, tuple[str, ...]] = {
    ParticipantRecord: ("uid", "code"),
    ReferralRecord: ("child_uid", "parent_uid", "code"),
    TouchRecord: ("visitor_uid", "participant_uid", "code"),
    ConversionRecord: ("participant_uid", "code"),
}
"""The same of records about campaigns, whose ids are those of the campaign's shop."""

_ADOPTS = "adopts:"
"""Before a handle: the id of whoever bears it was not known when they were erased."""

_CODE = "code:"
"""Before a code, which is no id."""


def own_key(db: sqlite3.Connection) -> bytes:
    """The key of this store's hashes, which is drawn when it is first needed."""
    db.execute("INSERT INTO erasure_key (id, key) VALUES (1, ?) ON CONFLICT DO NOTHING", (secrets.token_bytes(32),))
    (key,) = db.execute("SELECT key FROM erasure_key").fetchone()
    return bytes(key)


def allowed(db: sqlite3.Connection, platform: str, records: Sequence[Record]) -> Sequence[Record]:
    """``records`` without those about people who were erased; what these bought stays, without saying who did."""
    found = db.execute("SELECT key FROM erasure_key WHERE EXISTS (SELECT 1 FROM erased)").fetchone()
    if found is None:
        return records
    (key,) = found
    about = [[_hash(key, *one) for one in _told(db, platform, record)] for record in records]
    buyers = [_buyer(db, key, record) for record in records]
    every = json.dumps(sorted({mark for marks in about for mark in marks} | set(filter(None, buyers))))
    erased = {
        row[0] for row in db.execute("SELECT mark FROM erased WHERE mark IN (SELECT value FROM json_each(?))", (every,))
    }
    if not erased:
        return records
    return [
        structs.replace(record, buyer_uid=None, device=None, address=None, payment=None) if buyer in erased else record
        for record, marks, buyer in zip(records, about, buyers, strict=True)
        if erased.isdisjoint(marks)
    ]


def mark(db: sqlite3.Connection, creator_id: int) -> None:
    """Remember by a keyed hash who is not to come back.

    By the id; by the handle where a record tells no id; and by the handle alone who was known by nothing else. In
    campaigns by the id there, and by the codes.
    """
    key = own_key(db)
    at = now()
    rows = db.execute(
        "SELECT platform, uid, handle FROM account WHERE creator_id = :id"
        " UNION SELECT account.platform, account.uid, former_handle.handle FROM former_handle"
        " JOIN account ON account.id = former_handle.account_id WHERE account.creator_id = :id",
        {"id": creator_id},
    ).fetchall()
    ids = {(platform, uid) for platform, uid, _handle in rows}
    ids |= {(platform, identity.handle_ref(handle)) for platform, _uid, handle in rows if handle}
    ids |= {
        (platform, _ADOPTS + uid.removeprefix(identity.HANDLE_REF))
        for platform, uid, _handle in rows
        if uid.startswith(identity.HANDLE_REF)
    }
    taking_part = db.execute(
        "SELECT campaign_id, ref FROM participant WHERE creator_id = :id UNION ALL"
        " SELECT referral_code.campaign_id, :code || code FROM referral_code"
        " JOIN participant ON participant.id = participant_id WHERE creator_id = :id",
        {"id": creator_id, "code": _CODE},
    )
    ids |= {(_place(campaign_id), uid) for campaign_id, uid in taking_part.fetchall()}
    db.executemany(
        "INSERT INTO erased (mark, erased_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
        ((_hash(key, platform, uid), at) for platform, uid in ids),
    )


def _told(db: sqlite3.Connection, platform: str, record: Record) -> Iterator[tuple[str, str]]:
    """Whom a record speaks of: the platform, or the campaign, and the id there.

    For an account also the handle under which its id may have been unknown.
    """
    for field in _REFERS.get(type(record), ()):
        yield platform, getattr(record, field)
    if isinstance(record, AccountRecord) and record.handle:
        yield platform, _ADOPTS + identity.handle_key(record.handle)
    if isinstance(record, ParticipantRecord | ReferralRecord | TouchRecord | ConversionRecord):
        place = _place(campaigns.named(db, record.campaign))
        for field in _REFERS_IN_CAMPAIGN[type(record)]:
            if uid := getattr(record, field):
                yield place, _CODE + code_key(uid) if field == "code" else uid
    if isinstance(record, ParticipantRecord) and record.account_uid:
        for one, uid in participant_accounts.readings(platform, record.account_uid):
            yield from ((one, uid), (one, identity.handle_ref(uid.removeprefix(identity.HANDLE_REF))))


def _buyer(db: sqlite3.Connection, key: bytes, record: Record) -> str | None:
    if not isinstance(record, ConversionRecord) or record.buyer_uid is None:
        return None
    return _hash(key, _place(campaigns.named(db, record.campaign)), record.buyer_uid)


def _place(campaign_id: int | None) -> str:
    return f"campaign:{campaign_id}"


def _hash(key: bytes, platform: str, uid: str) -> str:
    text = f"{platform}\0{uid}".encode("utf-8", "surrogatepass")
    return blake2b(text, key=key, digest_size=16).hexdigest()
