"""Payouts: what is due to participants, put together for finance, and paid once."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import iso, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.money import Money
from kolbench.domain.text import clean_line
from kolbench.store import changes
from kolbench.store.commissions import OPEN_FLAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kolbench.store.connect import Store

MOST_NAMED = 5
"""So many people are named."""

_OWING = "SELECT participant_id FROM commission_entry WHERE campaign_id = ?1 AND amount < 0"
"""SQL: who can owe anything, by the index ``commission_entry_owed``."""

_DUE = (
    "SELECT entry.id, entry.participant_id, entry.amount FROM commission_entry AS entry"
    " WHERE entry.campaign_id = ?1 AND hold_until <= ?2 AND NOT EXISTS"
    f" (SELECT 1 FROM payout_entry WHERE entry_id = entry.id) AND NOT {OPEN_FLAG}"
)


class Payout(NamedTuple):
    """One payout: what it comes to in the currency's smallest unit, for how many people. Moments are ms.

    ``written_at`` is when it was last written for finance, ``dropped_at`` when it was taken apart; what it would have
    come to is told all the same.
    """

    id: int
    campaign_id: int
    campaign: str
    currency: str
    amount: int
    people: int
    entries: int
    author: str
    at: int
    written_at: int | None
    written_by: str | None
    dropped_at: int | None
    dropped_by: str | None
    paid_at: int | None
    paid_by: str | None
    reference: str | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be paid."""
        return self.paid_at is None and self.dropped_at is None


class Line(NamedTuple):
    """What one participant gets in a payout, in the currency's smallest unit, for so many entries of the ledger."""

    payout_id: int
    participant_id: int
    ref: str
    name: str | None
    creator_id: int | None
    amount: int
    currency: str
    entries: int


class Flagged(NamedTuple):
    """What is held of one participant's by flags, in the currency's smallest unit, until somebody decides."""

    participant_id: int
    ref: str
    name: str | None
    amount: int


class Excess(NamedTuple):
    """What of a payout that isn't paid yet is more than is due, in the smallest unit, and to whom, the most first."""

    payout_id: int
    amount: int
    currency: str
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """What speaks against paying it."""
        text = _("Payout {id} is not paid yet and holds more than is due: {amount} too much, to {names}.")
        names = ", ".join(self.names[:MOST_NAMED]) + (", …" if len(self.names) > MOST_NAMED else "")
        return text.format(id=self.payout_id, amount=Money(self.amount, self.currency), names=names)


class Owed(NamedTuple):
    """What people owe back, in the currency's smallest unit, and how many they are."""

    amount: int
    people: int


def flagged(db: sqlite3.Connection, campaign_id: int) -> list[Flagged]:
    """Of whom flags hold something that would be in a payout else, those with most first."""
    rows = db.execute(
        "SELECT participant.id, ref, coalesce(participant.name, creator.name), sum(entry.amount)"
        " FROM commission_entry AS entry JOIN participant ON participant.id = entry.participant_id"
        " LEFT JOIN creator ON creator.id = creator_id"
        " WHERE entry.campaign_id = ?1 AND hold_until <= ?2 AND NOT EXISTS"
        f" (SELECT 1 FROM payout_entry WHERE entry_id = entry.id) AND {OPEN_FLAG}"
        " GROUP BY 1 HAVING sum(entry.amount) > 0 ORDER BY 4 DESC, 1",
        (campaign_id, now()),
    )
    return list(map(Flagged._make, rows))


def make(store: Store, campaign_id: int, author: str, minimum: int = 1) -> int | None:
    """Put together what is due now to everybody who gets ``minimum`` (smallest units) or more; None: it is nobody.

    What is on hold, or by a flag that is more than minor and not decided, waits; what somebody owes is taken off, and
    who owes more than is due to them gets nothing until that is balanced.
    """
    at = now()
    with changes.act(store, author, "payout") as act:
        (currency,) = act.db.execute(
            "SELECT body ->> 'currency' FROM campaign_version WHERE campaign_id = ? ORDER BY version DESC LIMIT 1",
            (campaign_id,),
        ).fetchone()
        whom = f"SELECT participant_id FROM ({_DUE}) GROUP BY 1 HAVING sum(amount) >= ?3"
        facts = (campaign_id, at, max(minimum, 1))
        if act.db.execute(f"{whom} LIMIT 1", facts).fetchone() is None:
            return None
        payout_id = act.insert("payout", campaign_id=campaign_id, currency=currency, author=author, at=at)
        act.db.execute(
            f"INSERT INTO payout_entry (entry_id, payout_id) SELECT id, ?4 FROM ({_DUE})"
            f" WHERE participant_id IN ({whom})",
            (*facts, payout_id),
        )
        return payout_id


def note_written(store: Store, payout_id: int, author: str, *, sure: bool = False) -> Payout:
    """Note that a payout is being written for finance.

    Raises UsageError for one that was taken apart, and, unless ``sure``, for one that holds more than is due.
    """
    with store.writing() as db:
        found = get(db, payout_id)
        _require_kept(found)
        _require_due(db, found, sure=sure)
        db.execute("UPDATE payout SET written_at = ?, written_by = ? WHERE id = ?", (now(), author, payout_id))
    return found


def mark_paid(store: Store, payout_id: int, author: str, reference: str = "", *, sure: bool = False) -> None:
    """Write down that a payout was paid, which can't be taken back.

    Raises UsageError where it was, or was dropped, and, unless ``sure``, for one that holds more than is due.
    """
    with changes.act(store, author, "payout") as act:
        known = get(act.db, payout_id)
        _require_kept(known)
        if known.paid_at is not None:
            text = _("Payout {id} was marked as paid by {author} at {at}: nothing was changed.")
            raise UsageError(text.format(id=payout_id, author=known.paid_by, at=iso(known.paid_at)))
        _require_due(act.db, known, sure=sure)
        act.update("payout", payout_id, paid_at=act.at, paid_by=author, reference=clean_line(reference, 200) or None)


def complete(store: Store, payout_id: int, author: str, reference: str) -> None:
    """Add the reference of a payout that was marked as paid without one; it stays then.

    Raises UsageError for an empty one, for a payout that isn't paid, and for one that has a reference.
    """
    told = clean_line(reference, 200)
    if not told:
        raise UsageError(_("Write the reference: the bank's, or whoever paid it."))
    with changes.act(store, author, "payout") as act:
        known = get(act.db, payout_id)
        if known.paid_at is None:
            raise UsageError(_("Payout {id} is not paid yet.").format(id=payout_id))
        if known.reference is not None:
            text = _("Payout {id} has the reference '{reference}': nothing was changed.")
            raise UsageError(text.format(id=payout_id, reference=known.reference))
        act.update("payout", payout_id, reference=told)


def drop(store: Store, payout_id: int, author: str, *, sure: bool = False) -> None:
    """Take a payout apart that wasn't paid: what is in it is due again, and its number stays its own.

    Raises UsageError for one that was paid or dropped before, and, unless ``sure``, for one that finance may have.
    """
    with changes.act(store, author, "payout") as act:
        known = get(act.db, payout_id)
        if known.paid_at is not None:
            raise UsageError(_("Payout {id} was paid: what is paid is paid.").format(id=payout_id))
        _require_kept(known)
        if not sure and (text := doubt(known)):
            raise UsageError(text)
        act.update("payout", payout_id, dropped_at=act.at, dropped_by=author)


def take_apart(db: sqlite3.Connection, payout_id: int, author: str) -> None:
    """Drop a payout as a part of taking back the act that made it."""
    query = "UPDATE payout SET dropped_at = ?, dropped_by = ? WHERE id = ? AND dropped_at IS NULL"
    db.execute(query, (now(), author, payout_id))


def doubt(payout: Payout) -> str:
    """What speaks against taking a payout apart: that finance may pay it. Empty where nothing does."""
    if payout.written_at is None:
        return ""
    text = _("Payout {id} was written for finance by {author} on {at}: take it apart only if they don't pay it.")
    return text.format(id=payout.id, author=payout.written_by, at=iso(payout.written_at))


def doubt_of_undoing(db: sqlite3.Connection, act: int) -> str:
    """The ``doubt`` about the payout that an act put together; empty where there is none."""
    row = db.execute(
        "SELECT payout.id FROM change_log JOIN payout ON payout.id = entity_id"
        " WHERE act = ? AND entity = 'payout' AND before IS NULL",
        (act,),
    ).fetchone()
    return "" if row is None else doubt(get(db, row[0]))


def get(db: sqlite3.Connection, payout_id: int) -> Payout:
    """One payout. Raises UsageError when there is none of that number."""
    found = _payouts(db, "payout.id = ?", payout_id)
    if not found:
        raise UsageError(_("There is no payout {id}.").format(id=payout_id))
    return found[0]


def listed(db: sqlite3.Connection, campaign_id: int) -> list[Payout]:
    """The payouts of a campaign, the newest first."""
    return _payouts(db, "payout.campaign_id = ?", campaign_id)


def owed_back(db: sqlite3.Connection, campaign_id: int) -> Owed:
    """What is owed back by those who owe more than is due to them now."""
    row = db.execute(
        f"SELECT coalesce(-sum(due), 0), count(*) FROM (SELECT sum(amount) AS due FROM ({_DUE}"
        f" AND entry.participant_id IN ({_OWING})) GROUP BY participant_id HAVING due < 0)",
        (campaign_id, now()),
    )
    return Owed._make(row.fetchone())


def overfull(db: sqlite3.Connection, campaign_id: int) -> list[Excess]:
    """The payouts that aren't paid yet and have something of people who owe more by now than is due to them.

    Who owes is known by all of theirs that is in no payout. What is held or flagged balances nothing, since it may come
    to nothing; yet it adds to what is owed where it is below 0.
    """
    rows = db.execute(
        "WITH kept AS (SELECT payout_id, payout.currency, participant_id, sum(entry.amount) AS amount"
        "  FROM payout JOIN payout_entry ON payout_id = payout.id JOIN commission_entry AS entry ON entry.id = entry_id"
        f"  WHERE payout.campaign_id = ?1 AND paid_at IS NULL AND participant_id IN ({_OWING}) GROUP BY 1, 3),"
        " rest AS (SELECT entry.participant_id, sum(entry.amount) AS every,"
        f"  sum(iif(hold_until <= ?2 AND NOT {OPEN_FLAG}, entry.amount, 0)) AS due FROM commission_entry AS entry"
        "  WHERE entry.campaign_id = ?1 AND entry.participant_id IN (SELECT participant_id FROM kept)"
        "  AND NOT EXISTS (SELECT 1 FROM payout_entry WHERE entry_id = entry.id) GROUP BY 1)"
        " SELECT payout_id, currency, min(amount, -min(every, due)), coalesce(participant.name, creator.name, ref)"
        " FROM kept JOIN rest USING (participant_id) JOIN participant ON participant.id = participant_id"
        " LEFT JOIN creator ON creator.id = creator_id WHERE min(every, due) < 0 ORDER BY 1, 3 DESC, participant_id",
        (campaign_id, now()),
    )
    found = []
    for (payout_id, currency), group in groupby(rows, key=lambda row: row[:2]):
        people = list(group)
        found.append(Excess(payout_id, sum(row[2] for row in people), currency, tuple(row[3] for row in people)))
    return found


def excess(db: sqlite3.Connection, payout: Payout) -> Excess | None:
    """What of a payout is more than is due; None where nothing is, or where it isn't to be paid any more."""
    found = overfull(db, payout.campaign_id) if payout.is_open else []
    return next((one for one in found if one.payout_id == payout.id), None)


def lines(db: sqlite3.Connection, payout_id: int) -> Iterator[Line]:
    """Who gets what in a payout, or was to get it, by their ids where the sales are told."""
    rows = db.execute(
        "SELECT payout_id, participant.id, ref, coalesce(participant.name, creator.name), creator_id,"
        " sum(entry.amount), entry.currency, count(*) FROM"
        " (SELECT payout_id, entry_id FROM payout_entry WHERE payout_id = ?1"
        " UNION ALL SELECT payout_id, entry_id FROM payout_dropped_entry WHERE payout_id = ?1)"
        " JOIN commission_entry AS entry ON entry.id = entry_id"
        " JOIN participant ON participant.id = entry.participant_id LEFT JOIN creator ON creator.id = creator_id"
        " GROUP BY participant.id ORDER BY ref",
        (payout_id,),
    )
    return map(Line._make, rows)


def _require_due(db: sqlite3.Connection, known: Payout, *, sure: bool) -> None:
    if not sure and (found := excess(db, known)):
        raise UsageError(found.text)


def _require_kept(known: Payout) -> None:
    if known.dropped_at is not None:
        text = _("Payout {id} was taken apart by {author} on {at}: it is not to be paid.")
        raise UsageError(text.format(id=known.id, author=known.dropped_by, at=iso(known.dropped_at)))


def _payouts(db: sqlite3.Connection, where: str, value: int) -> list[Payout]:
    rows = db.execute(
        "SELECT payout.id, payout.campaign_id, campaign.name, payout.currency, coalesce(sum(entry.amount), 0),"
        " count(DISTINCT entry.participant_id), count(entry.id), payout.author, payout.at, written_at, written_by,"
        " dropped_at, dropped_by, paid_at, paid_by, reference"
        " FROM payout JOIN campaign ON campaign.id = payout.campaign_id"
        " LEFT JOIN payout_entry AS kept ON kept.payout_id = payout.id"  # a payout's entries are in one of the two
        " LEFT JOIN payout_dropped_entry AS dropped ON dropped.payout_id = payout.id"
        " LEFT JOIN commission_entry AS entry ON entry.id = coalesce(kept.entry_id, dropped.entry_id)"
        f" WHERE {where} GROUP BY payout.id ORDER BY payout.id DESC",
        (value,),
    )
    return list(map(Payout._make, rows.fetchall()))
