"""What sources tell about campaigns: who takes part, who came by whom, what was sold and given back."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

from kolbench.domain.campaigns import code_key
from kolbench.domain.clock import to_ms
from kolbench.domain.lang import _
from kolbench.store import bulk, campaigns, erasure_marks, participant_accounts, participants, refunds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.domain.records import (
        ConversionRecord,
        ParticipantRecord,
        ReferralRecord,
        RefundRecord,
        TouchRecord,
    )
    from kolbench.store.writer import Batch

    Told = ParticipantRecord | ReferralRecord | TouchRecord | ConversionRecord | RefundRecord

T = TypeVar("T", bound="Told")

Key = tuple[int, str]
"""A campaign's id and a participant's ref."""

Order = tuple[int, str, str, str]
"""A campaign's id, the shop, the order and its line."""

_FACTS = ("kind", "at", "amount", "currency")
_WHOSE = ("code", "told_id", "buyer", "device", "address", "payment")
"""What is told of a conversion at once, and what may be missing at first: later tellings must contradict neither."""

_FIELDS = (*_FACTS, "code", "participant_uid", "buyer_uid", "device", "address", "payment")
"""What records call the same."""

_CONVERSION = ("campaign_id", "source", "order_id", "line", *_FACTS, *_WHOSE, "run_id", "received_at")


def write_participants(batch: Batch, records: Sequence[ParticipantRecord]) -> None:
    """Write who takes part; what isn't told leaves what is stored, and of several moments the first is kept."""
    told = _with_free_codes(batch, _of_campaigns(batch, records))
    keys = [(campaign_id, record.uid) for campaign_id, record in told]
    before = _ids(batch, keys)
    ids = _taking_part(batch, keys)
    changed: set[int] = set()
    for key, (_campaign_id, record) in zip(keys, told):
        if record.code:
            _give_code(batch, key[0], ids[key], record.code)
        if _fill(batch, ids[key], record):
            changed.add(ids[key])
    batch.count([ids[key] for key in keys], {ids[key] for key in keys if key not in before}, changed)


def write_referrals(batch: Batch, records: Sequence[ReferralRecord]) -> None:
    """Write who came by whom; which of several is in force is found out later (``referrals.place``)."""
    told = []
    for campaign_id, record in _of_campaigns(batch, records):
        if record.parent_uid is None and not code_key(record.code or ""):
            batch.refuse(record, "parent_uid", _("neither who referred them nor a code"))
        else:
            told.append((campaign_id, record))
    children = _taking_part(batch, ((campaign_id, record.child_uid) for campaign_id, record in told))
    parents = _whose(batch, ((one, record.parent_uid) for one, record in told if record.parent_uid is not None))
    new = 0
    for campaign_id, record in told:
        child_id = children[campaign_id, record.child_uid]
        parent_id = None if record.parent_uid is None else parents[campaign_id, record.parent_uid]
        code = code_key(record.code or "") if parent_id is None else None
        written = batch.db.execute(
            "INSERT INTO referral_edge (campaign_id, child_id, parent_id, code, at, run_id, noted_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (campaign_id, child_id, parent_id, code, to_ms(record.at), batch.run.id, batch.observed_at),
        )
        new += written.rowcount
        for one, name in ((child_id, record.child_name), (parent_id, record.parent_name)):
            if one is not None and name is not None:
                _name(batch, one, name)
    batch.written.new += new
    batch.written.unchanged += len(told) - new


def write_touches(batch: Batch, records: Sequence[TouchRecord]) -> None:
    """Write who followed whose link; by a code that nobody has, it waits for whoever gets it."""
    told = []
    for campaign_id, record in _of_campaigns(batch, records):
        if record.participant_uid is None and not code_key(record.code or ""):
            batch.refuse(record, "code", _("neither whose link it was nor a code"))
        else:
            told.append((campaign_id, record))
    ids = _whose(batch, ((one, record.participant_uid) for one, record in told if record.participant_uid))
    meant = participants.meant(batch.db, set(ids.values()))
    new = 0
    for campaign_id, record in told:
        code = code_key(record.code or "") if record.participant_uid is None else ""
        if record.participant_uid is None:
            participant_id = participants.by_code(batch.db, campaign_id, code)
        else:
            participant_id = ids[campaign_id, record.participant_uid]
            participant_id = meant.get(participant_id, participant_id)
        click = (record.visitor_uid, to_ms(record.at), batch.run.id)
        if participant_id is None:
            written = batch.db.execute(
                "INSERT INTO waiting_touch (campaign_id, code, visitor, at, run_id) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (campaign_id, code, *click),
            )
        else:
            written = batch.db.execute(
                "INSERT INTO touch (campaign_id, participant_id, visitor, at, run_id) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (campaign_id, participant_id, *click),
            )
        new += written.rowcount
    batch.written.new += new
    batch.written.unchanged += len(told) - new


def write_conversions(batch: Batch, records: Sequence[ConversionRecord]) -> None:
    """Write what was sold, each line of an order once; a later telling adds what was missing.

    One that contradicts what is known is refused, and so is the whole of an order that was told by its lines, or a line
    of one that was told as a whole.
    """
    told = _of_campaigns(batch, records)
    ids = _whose(batch, ((one, record.participant_uid) for one, record in told if record.participant_uid))
    orders = [_order(batch, campaign_id, record) for campaign_id, record in told]
    known = _known(batch, orders)
    ways = _ways(batch, [order for order in orders if order not in known])
    hashed = _Hashing(batch)
    new: dict[Order, None] = {}
    filled: set[Order] = set()
    for (campaign_id, record), order in zip(told, orders):
        told_id = None if record.participant_uid is None else ids[campaign_id, record.participant_uid]
        whose = (code_key(record.code or "") or None, told_id, record.buyer_uid)
        secrets = (hashed(record.device), hashed(record.address), hashed(record.payment))
        facts = (record.kind, to_ms(record.at), record.amount, record.currency, *whose, *secrets)
        if (stored := known.get(order)) is None:
            is_line = record.line != ""
            if ways.setdefault(order[:3], is_line) == is_line:
                known[order] = facts
                new[order] = None
            elif is_line:
                batch.refuse(record, "line", _("the order was told as a whole before, and counts so"))
            else:
                batch.refuse(record, "line", _("the order was told by its lines before, and counts by them"))
        elif stored == facts:
            batch.written.unchanged += 1
        elif wrong := _contradicted(batch, stored, facts):
            batch.refuse(record, wrong, _("it was told otherwise before"))
        else:
            known[order] = tuple(one if one is not None else other for one, other in zip(stored, facts))
            if known[order] == stored or order in new or order in filled:
                batch.written.unchanged += 1
            else:
                filled.add(order)
    rows = [(*order, *known[order], batch.run.id, batch.observed_at) for order in new]
    bulk.insert(batch.db, "conversion", _CONVERSION, rows)
    refunds.spread(batch.db, (order[:3] for order in new))
    batch.written.new += len(new)
    _fill_in(batch, {order: known[order] for order in filled})


def write_refunds(batch: Batch, records: Sequence[RefundRecord]) -> None:
    """Write what was given back, whether its conversion was told already or not; in the campaign's currency alone."""
    told = _of_campaigns(batch, records)
    new: list[Order] = []
    currencies = {one: campaigns.currency(batch.db, one) for one in {campaign_id for campaign_id, _record in told}}
    for campaign_id, record in told:
        if record.currency not in (None, currencies[campaign_id]):
            batch.refuse(record, "currency", _("another currency than the campaign's: nothing is converted"))
            continue
        key = (*_order(batch, campaign_id, record), record.refund_id)
        stored = batch.db.execute(
            "SELECT amount, at FROM refund WHERE campaign_id = ? AND source = ? AND order_id = ? AND line = ?"
            " AND refund_id = ?",
            key,
        ).fetchone()
        facts = (record.amount, to_ms(record.at))
        if stored is None:
            batch.db.execute(
                "INSERT INTO refund (campaign_id, source, order_id, line, refund_id, amount, at, run_id, received_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*key, *facts, batch.run.id, batch.observed_at),
            )
            new.append(key[:4])
        elif stored == facts:
            batch.written.unchanged += 1
        else:
            batch.refuse(record, "amount" if stored[0] != facts[0] else "at", _("it was told otherwise before"))
    refunds.spread(batch.db, (order[:3] for order in new))
    batch.written.new += len(new)


def _of_campaigns(batch: Batch, records: Iterable[T]) -> list[tuple[int, T]]:
    """Each record with its campaign; those that name none of the store's are refused."""
    told = []
    for record in records:
        name = record.campaign
        if name not in batch.campaign_ids:
            batch.campaign_ids[name] = campaigns.named(batch.db, name)
        if (campaign_id := batch.campaign_ids[name]) is None:
            text = _("there is no campaign '{name}': make it with 'kolbench campaign new'")
            batch.refuse(record, "campaign", text.format(name=name))
        else:
            told.append((campaign_id, record))
    return told


def _taking_part(batch: Batch, keys: Iterable[Key]) -> Mapping[Key, int]:
    """The participants with these refs, of whom is told more than that: whoever isn't there takes part from now on."""
    wanted = list(dict.fromkeys(keys))
    found = _ids(batch, wanted)
    if new := [key for key in wanted if key not in found]:
        found |= _added(batch, [(*key, None) for key in new])
    batch.db.execute(
        "UPDATE participant SET maybe_code = NULL WHERE maybe_code IS NOT NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(found.values())),),
    )
    return found


def _added(batch: Batch, new: Sequence[tuple[int, str, str | None]]) -> dict[Key, int]:
    """Who takes part from now on, as campaign, ref and what that would be as a code."""
    columns = ("campaign_id", "ref", "maybe_code", "run_id", "at")
    bulk.insert(batch.db, "participant", columns, [(*one, batch.run.id, batch.observed_at) for one in new])
    return _ids(batch, [(campaign_id, ref) for campaign_id, ref, _code in new])


def _whose(batch: Batch, keys: Iterable[Key]) -> Mapping[Key, int]:
    """The participants by whom something came. A ref that nobody has, and that is a code, means whose code it is.

    Where it is none, somebody with that ref takes part, until it turns out to be one (``participants.meant``).
    """
    wanted = list(dict.fromkeys(keys))
    found = _ids(batch, wanted)
    for key in wanted:
        if key not in found and (owner := participants.by_code(batch.db, *key)) is not None:
            found[key] = owner
    new = [(*key, code_key(key[1]) or None) for key in wanted if key not in found]
    return found | _added(batch, new) if new else found


def _ids(batch: Batch, keys: Sequence[Key]) -> dict[Key, int]:
    rows = batch.db.execute(
        "SELECT campaign_id, ref, participant.id FROM json_each(?) AS wanted CROSS JOIN participant"
        " ON campaign_id = wanted.value ->> 0 AND ref = wanted.value ->> 1",
        (json.dumps(keys, ensure_ascii=False),),
    )
    return {(campaign_id, ref): participant_id for campaign_id, ref, participant_id in rows}


def _fill(batch: Batch, participant_id: int, record: ParticipantRecord) -> bool:
    """Add what a record tells of a participant; whether that was news."""
    joined = bool(record.account_uid) and participant_accounts.tell(batch, participant_id, record.account_uid or "")
    query = "SELECT name, shown, joined_at FROM participant WHERE id = ?"
    name, shown, joined_at = stored = batch.db.execute(query, (participant_id,)).fetchone()
    moments = [at for at in (joined_at, record.joined_at and to_ms(record.joined_at)) if at is not None]
    merged = (record.name or name, record.shown or shown, min(moments, default=None))
    if merged == stored:
        return joined
    query = "UPDATE participant SET name = ?, shown = ?, joined_at = ? WHERE id = ?"
    batch.db.execute(query, (*merged, participant_id))
    return True


def _with_free_codes(
    batch: Batch, told: Iterable[tuple[int, ParticipantRecord]]
) -> list[tuple[int, ParticipantRecord]]:
    """Those whose code is nobody else's; of the others, who are refused, nothing is written."""
    owners: dict[Key, str] = {}
    free = []
    for campaign_id, record in told:
        code = code_key(record.code or "")
        owner = owners.get((campaign_id, code))
        if owner is None and (found := participants.by_code(batch.db, campaign_id, code)) is not None:
            owner = participants.get(batch.db, found).ref
        if owner not in (None, record.uid) or (record.code and not code):
            text = _("the code {code} is somebody else's in this campaign") if code else _("{code} is no code")
            batch.refuse(record, "code", text.format(code=code or record.code))
            continue
        if code:
            owners[campaign_id, code] = record.uid
        free.append((campaign_id, record))
    return free


def _give_code(batch: Batch, campaign_id: int, participant_id: int, code: str) -> None:
    """Give a participant the code that a source tells, unless it is theirs already."""
    if participants.by_code(batch.db, campaign_id, code) is None:
        batch.db.execute(
            "INSERT INTO referral_code (campaign_id, participant_id, code, author, at) VALUES (?, ?, ?, ?, ?)",
            (campaign_id, participant_id, code_key(code), batch.run.source.name, batch.observed_at),
        )


def _name(batch: Batch, participant_id: int, name: str) -> None:
    batch.db.execute("UPDATE participant SET name = ? WHERE id = ? AND name IS NULL", (name, participant_id))


def _order(batch: Batch, campaign_id: int, record: ConversionRecord | RefundRecord) -> Order:
    return campaign_id, record.shop or batch.platform, record.order_id, record.line


def _known(batch: Batch, orders: Sequence[Order]) -> dict[Order, tuple[Any, ...]]:
    """What is stored of these orders."""
    rows = batch.db.execute(
        f"SELECT campaign_id, source, order_id, line, {', '.join((*_FACTS, *_WHOSE))} FROM json_each(?) AS wanted"
        " CROSS JOIN conversion ON campaign_id = wanted.value ->> 0 AND source = wanted.value ->> 1"
        " AND order_id = wanted.value ->> 2 AND line = wanted.value ->> 3",
        (json.dumps(orders, ensure_ascii=False),),
    )
    return {(row[0], row[1], row[2], row[3]): row[4:] for row in rows}


def _ways(batch: Batch, orders: Iterable[Order]) -> dict[tuple[int, str, str], bool]:
    """Of the orders to which these belong and of which something is stored: whether they were told by their lines."""
    rows = batch.db.execute(
        "SELECT value ->> 0, value ->> 1, value ->> 2, (SELECT max(line) <> '' FROM conversion"
        "  WHERE campaign_id = value ->> 0 AND source = value ->> 1 AND order_id = value ->> 2) AS by_lines"
        " FROM json_each(?) WHERE by_lines IS NOT NULL",
        (json.dumps(list(dict.fromkeys(order[:3] for order in orders)), ensure_ascii=False),),
    )
    return {(campaign_id, shop, order_id): bool(by_lines) for campaign_id, shop, order_id, by_lines in rows}


def _contradicted(batch: Batch, stored: tuple[Any, ...], facts: tuple[Any, ...]) -> str | None:
    """The field of a record which says something else than what is stored; None where there is none.

    The source may name whose it is by an id, or by the code that is theirs.
    """
    for name, one, other in zip(_FIELDS, stored, facts):
        if one == other or (name in _FIELDS[len(_FACTS) :] and None in (one, other)):
            continue
        if name == "participant_uid":
            meant = participants.meant(batch.db, (one, other))
            if meant.get(one, one) == meant.get(other, other):
                continue
        return name
    return None


def _fill_in(batch: Batch, filled: Mapping[Order, tuple[Any, ...]]) -> None:
    """Add what was missing of stored conversions, which are judged and looked at again."""
    if not filled:
        return
    natural = "campaign_id = ? AND source = ? AND order_id = ? AND line = ?"
    settings = ", ".join(f"{name} = ?" for name in _WHOSE)
    for order, facts in filled.items():
        batch.db.execute(f"UPDATE conversion SET {settings} WHERE {natural}", (*facts[len(_FACTS) :], *order))
        batch.db.execute(
            f"INSERT INTO unsettled_conversion SELECT id FROM conversion WHERE {natural} ON CONFLICT DO NOTHING", order
        )
        batch.db.execute(
            f"INSERT INTO stale_participant SELECT campaign_id, participant_id FROM conversion WHERE {natural}"
            " AND participant_id IS NOT NULL ON CONFLICT DO NOTHING",
            order,
        )
    batch.written.changed += len(filled)


class _Hashing:
    """Hashes of devices, addresses and means of payment by this store's own key: equal ones are found, no more."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._key: bytes | None = None

    def __call__(self, told: str | None) -> str | None:
        if told is None:
            return None
        if self._key is None:
            self._key = erasure_marks.own_key(self._batch.db)
        return blake2b(told.encode(), key=self._key, digest_size=12).hexdigest()
