"""The ledger of commissions, in which nothing is changed: what is wrong is balanced by another entry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import bulk, changes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from kolbench.store.connect import Store

Kind = Literal["commission", "reward", "adjustment"]

_OPEN = "flag.decision IS NULL AND flag.severity IN ('serious', 'severe')"
OPEN_FLAG = (
    f"(EXISTS (SELECT 1 FROM campaign_flag AS flag WHERE {_OPEN})"  # asked once
    f" AND (EXISTS (SELECT 1 FROM campaign_flag AS flag WHERE flag.participant_id = entry.participant_id AND {_OPEN})"
    f" OR EXISTS (SELECT 1 FROM campaign_flag AS flag WHERE flag.conversion_id = entry.conversion_id AND {_OPEN})"
    " OR (entry.conversion_id IS NOT NULL AND entry.conversion_id IN (SELECT named.value FROM campaign_flag AS flag"
    f" CROSS JOIN json_each(evidence, '$.conversions') AS named WHERE {_OPEN}))))"
)
"""SQL: somebody has to decide first whether ``entry`` was come by honestly.

It is all of whom a flag is about that is more than minor, and of anybody what the sales earn that it names.
"""

_OF = (
    "entry.participant_id = ?1 AND entry.campaign_id = (SELECT campaign_id FROM participant WHERE participant.id = ?1)"
)
"""SQL: the entries of a participant, by the index ``commission_entry_owed``."""

_REFUNDED_AT = (
    "iif(entry.kind = 'adjustment' AND entry.reason = 'refund', (SELECT refund.at FROM refund"
    " WHERE refund.campaign_id = conversion.campaign_id AND refund.source = conversion.source"
    " AND refund.order_id = conversion.order_id AND refund.line IN ('', conversion.line)"
    " AND received_at <= entry.at ORDER BY received_at DESC, refund.at DESC LIMIT 1), NULL)"
)
"""SQL: the moment of the refund that was told last when ``entry`` was written for one."""

_DECIDED = (
    "iif(entry.kind = 'adjustment' AND entry.reason IN ('decision', 'by-hand'), (SELECT done.id"
    " FROM (SELECT one.id, max(one.at, iif(undone_at <= entry.at, undone_at, 0)) AS last"
    "  FROM conversion_decision AS one WHERE one.conversion_id = entry.conversion_id AND one.at <= entry.at) AS done"
    " ORDER BY last DESC, done.id DESC LIMIT 1), NULL)"
)
"""SQL: the decision that was made, or taken back, last when ``entry`` was written for one."""

_WRITTEN = (
    "campaign_id", "participant_id", "conversion_id", "version_id", "level", "kind", "amount", "currency", "hold_until",
    "reversal_of", "reason", "at",
)  # fmt: skip


class Owed(NamedTuple):
    """What the ledger is to say: of a participant by a conversion, ``amount`` more or less than it says now.

    ``origin`` is the entry that said so first, where there is one. ``hold_until`` is ms.
    """

    campaign_id: int
    participant_id: int
    conversion_id: int
    version_id: int
    level: int
    amount: int
    currency: str
    hold_until: int
    origin: int | None
    reason: str | None


class Since(NamedTuple):
    """What happened since (ms) the ledger's last entry for a conversion, a participant and a level was written.

    That was by ``version_id`` of the terms. 0 where nobody has decided, or nothing was given back, ever.
    """

    version_id: int
    written_at: int
    decided_at: int
    refunded_at: int


class Entry(NamedTuple):
    """One line of the ledger, as a statement shows it, with the order it is for. Moments are ms.

    ``author`` wrote it by hand; ``version_from_at`` is since when its terms are in force; ``payout_id`` is the payout
    it is part of, ``paid_at`` when that was paid; ``refunded_at`` when the refund was for which it was written;
    ``decision`` is the one for which it was written, or which was taken back; ``flagged``: it is held until somebody
    has decided about a flag.
    """

    id: int
    participant_id: int
    kind: Kind
    level: int
    amount: int
    currency: str
    conversion_id: int | None
    order_id: str | None
    line: str | None
    sold_at: int | None
    sold_for: int | None
    hold_until: int
    reversal_of: int | None
    reason: str | None
    author: str | None
    version: int
    version_from_at: int
    at: int
    payout_id: int | None
    paid_at: int | None
    refunded_at: int | None
    decision: str | None
    decided_by: str | None
    decided_why: str | None
    decision_undone_by: str | None
    flagged: bool

    @property
    def of_at(self) -> int:
        """When (ms) what it is for happened: the refund, else the sale, else its writing."""
        return self.refunded_at or self.sold_at or self.at


class Balance(NamedTuple):
    """What a participant has earned: all of it, and the parts that are held, flagged, due, in a payout, and paid."""

    participant_id: int
    currency: str
    earned: int
    held: int
    flagged: int
    due: int
    paying: int
    paid: int


def said(db: sqlite3.Connection, conversion_ids: Sequence[int]) -> dict[tuple[int, int, int], tuple[int, int, int]]:
    """What the ledger says of these conversions: conversion, participant and level to the sum and the first entry.

    With the moment (ms) until which that is held.
    """
    rows = db.execute(
        "SELECT conversion_id, participant_id, level, sum(amount), min(id), hold_until FROM commission_entry"
        " WHERE conversion_id IN (SELECT value FROM json_each(?)) AND author IS NULL GROUP BY 1, 2, 3",
        (json.dumps(list(conversion_ids)),),
    )
    return {row[:3]: row[3:] for row in rows}


def since(db: sqlite3.Connection, conversion_ids: Iterable[int]) -> dict[tuple[int, int, int], Since]:
    """What happened to these conversions since they were last written of: conversion, participant and level to that."""
    rows = db.execute(
        "SELECT entry.conversion_id, entry.participant_id, level, version_id, entry.at,"
        " coalesce((SELECT max(max(one.at, coalesce(undone_at, 0))) FROM conversion_decision AS one"
        "  WHERE one.conversion_id = entry.conversion_id), 0),"
        " coalesce((SELECT max(refund.received_at) FROM conversion JOIN refund ON refund.campaign_id ="
        "  conversion.campaign_id AND refund.source = conversion.source AND refund.order_id = conversion.order_id"
        "  AND refund.line IN ('', conversion.line) WHERE conversion.id = entry.conversion_id), 0)"
        " FROM commission_entry AS entry WHERE entry.id IN (SELECT max(id) FROM commission_entry"
        "  WHERE conversion_id IN (SELECT value FROM json_each(?)) AND author IS NULL"
        "  GROUP BY conversion_id, participant_id, level)",
        (json.dumps(sorted(set(conversion_ids))),),
    )
    return {row[:3]: Since._make(row[3:]) for row in rows}


def add(db: sqlite3.Connection, owed: Iterable[Owed]) -> int:
    """Write what follows from the terms; returns how many entries. What comes later for the same is an adjustment."""
    at = now()
    rows = [
        (
            one.campaign_id,
            one.participant_id,
            one.conversion_id,
            one.version_id,
            one.level,
            "adjustment" if one.origin else "commission" if one.level else "reward",
            one.amount,
            one.currency,
            one.hold_until,
            one.origin,
            one.reason,
            at,
        )
        for one in owed
    ]
    bulk.insert(db, "commission_entry", _WRITTEN, rows)
    return len(rows)


def adjust(store: Store, participant_id: int, amount: int, author: str, reason: str) -> int:
    """Give or take something by hand, in the campaign's smallest unit; returns the entry's id.

    Raises UsageError for nothing, or without a reason.
    """
    reason = clean_line(reason, 500)
    if not amount or not reason:
        raise UsageError(_("Write an amount other than 0, and why."))
    with changes.act(store, author, "commission") as act:
        campaign_id, version_id, currency = act.db.execute(
            "SELECT participant.campaign_id, version.id, version.body ->> 'currency' FROM participant"
            " JOIN campaign_version AS version ON version.campaign_id = participant.campaign_id"
            " WHERE participant.id = ? ORDER BY version DESC LIMIT 1",
            (participant_id,),
        ).fetchone()
        return act.insert(
            "commission_entry",
            campaign_id=campaign_id,
            participant_id=participant_id,
            version_id=version_id,
            level=0,
            kind="adjustment",
            amount=amount,
            currency=currency,
            hold_until=act.at,
            reason=reason,
            author=author,
            at=act.at,
        )


def take_back(db: sqlite3.Connection, entry_id: int, author: str) -> None:
    """Undo an operator's entry by one that balances it; a part of taking an act back."""
    db.execute(
        "INSERT INTO commission_entry (campaign_id, participant_id, version_id, level, kind, amount, currency,"
        " hold_until, reversal_of, reason, author, at) SELECT campaign_id, participant_id, version_id, level,"
        " 'adjustment', -amount, currency, hold_until, id, reason, ?, ? FROM commission_entry WHERE id = ?",
        (author, now(), entry_id),
    )


def statement(db: sqlite3.Connection, participant_id: int) -> list[Entry]:
    """Every entry of a participant, the first one first; they add up to what they have earned."""
    rows = db.execute(
        "SELECT entry.id, entry.participant_id, entry.kind, level, entry.amount, entry.currency, entry.conversion_id,"
        " order_id, line, conversion.at, conversion.amount, hold_until, reversal_of, entry.reason, entry.author,"
        f" version.version, version.from_at, entry.at, payout_id, paid_at, {_REFUNDED_AT}, decision, decided.author,"
        f" decided.reason, iif(undone_at <= entry.at, undone_by, NULL), {OPEN_FLAG}"
        " FROM commission_entry AS entry JOIN campaign_version AS version ON version.id = version_id"
        " LEFT JOIN conversion ON conversion.id = entry.conversion_id"
        " LEFT JOIN payout_entry ON entry_id = entry.id LEFT JOIN payout ON payout.id = payout_id"
        f" LEFT JOIN conversion_decision AS decided ON decided.id = {_DECIDED}"
        f" WHERE {_OF} ORDER BY entry.id",
        (participant_id,),
    )
    return [Entry._make((*row[:-1], bool(row[-1]))) for row in rows]


def balance(db: sqlite3.Connection, participant_id: int) -> Balance:
    """What a participant has earned so far. Raises UsageError when there is none of that number."""
    found = _balances(db, _OF, participant_id)
    if found:
        return found[0]
    row = db.execute(
        "SELECT body ->> 'currency' FROM participant JOIN campaign_version USING (campaign_id) WHERE participant.id = ?"
        " ORDER BY version DESC LIMIT 1",
        (participant_id,),
    ).fetchone()
    if row is None:
        raise UsageError(_("There is no participant {id}.").format(id=participant_id))
    return Balance(participant_id, row[0], 0, 0, 0, 0, 0, 0)


def balances(db: sqlite3.Connection, campaign_id: int, limit: int = -1) -> list[Balance]:
    """What everybody in a campaign has earned who has anything in the ledger, those with most first."""
    return _balances(db, "entry.campaign_id = ?1", campaign_id, limit)


def total(db: sqlite3.Connection, campaign_id: int) -> tuple[int, Balance | None]:
    """How many people of a campaign have anything in the ledger, and all that they have earned (None: nobody has)."""
    query = "SELECT count(DISTINCT participant_id) FROM commission_entry WHERE campaign_id = ?"
    (people,) = db.execute(query, (campaign_id,)).fetchone()
    found = _balances(db, "entry.campaign_id = ?1", campaign_id, whose="0")
    return people, found[0] if found else None


def _balances(
    db: sqlite3.Connection,
    where: str,
    value: int,
    limit: int = -1,
    whose: str = "entry.participant_id",
) -> list[Balance]:
    rows = db.execute(
        "SELECT participant_id, currency, sum(amount), sum(iif(state = 'held', amount, 0)),"
        " sum(iif(state = 'flagged', amount, 0)), sum(iif(state = 'due', amount, 0)),"
        " sum(iif(state = 'paying', amount, 0)), sum(iif(state = 'paid', amount, 0)) FROM ("
        f"  SELECT {whose} AS participant_id, entry.currency, entry.amount, CASE WHEN paid_at IS NOT NULL THEN 'paid'"
        f"  WHEN payout_id IS NOT NULL THEN 'paying' WHEN {OPEN_FLAG} THEN 'flagged'"
        "  WHEN hold_until > ?2 THEN 'held' ELSE 'due' END AS state FROM commission_entry AS entry"
        "  LEFT JOIN payout_entry ON entry_id = entry.id LEFT JOIN payout ON payout.id = payout_id"
        f"  WHERE {where}) GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT ?3",
        (value, now(), limit),
    )
    return list(map(Balance._make, rows.fetchall()))
