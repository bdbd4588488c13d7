"""Payouts and statements as files: for finance a row a person, for a person a row an entry of the ledger."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kolbench.domain.campaigns import zone
from kolbench.domain.clock import now
from kolbench.domain.money import Money, decimal
from kolbench.programme.campaigns import reasons
from kolbench.store import campaigns, commissions, participants, payouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kolbench.store.commissions import Entry
    from kolbench.store.connect import Store
    from kolbench.store.payouts import Payout

COLUMNS = (
    "payment", "payout", "campaign", "participant", "ref", "name", "creator", "amount", "minor", "currency", "entries",
)  # fmt: skip
"""What finance gets of each line; ``payment`` is the same whenever the file is written, and stands for it once."""

STATEMENT = (
    "entry", "campaign", "participant", "ref", "name", "date", "kind", "level", "order", "line", "sold_for", "amount",
    "minor", "currency", "state", "due", "paid", "payout", "reversal_of", "reason",
)  # fmt: skip
"""What somebody gets of each entry; ``date``, ``due`` and ``paid`` are days where the campaign is."""


def finance(store: Store, payout_id: int, author: str, *, sure: bool = False) -> Iterator[Sequence[Any]]:
    """The rows of a payout, as ``COLUMNS`` names their values; that ``author`` has them written is noted before.

    Raises UsageError for a payout that was taken apart, and, unless ``sure``, for one that holds more than is due.
    """
    return _rows(store, payouts.note_written(store, payout_id, author, sure=sure))


def _rows(store: Store, found: Payout) -> Iterator[Sequence[Any]]:
    for one in payouts.lines(store.reader(), found.id):
        yield (
            f"{found.id}-{one.participant_id}",
            found.id,
            found.campaign,
            one.participant_id,
            one.ref,
            one.name,
            one.creator_id,
            decimal(Money(one.amount, one.currency)),
            one.amount,
            one.currency,
            one.entries,
        )


def statement(store: Store, participant_id: int) -> Iterator[Sequence[Any]]:
    """The ledger of a participant, as ``STATEMENT`` names its values; amounts are ``Decimal``, which may be below 0."""
    db = store.reader()
    who = participants.get(db, participant_id)
    terms = campaigns.terms(store, who.campaign_id)
    there = zone(terms.time_zone)

    def day(at: int | None) -> str | None:
        return None if at is None else datetime.fromtimestamp(at / 1000, there).date().isoformat()

    for one in commissions.statement(db, participant_id):
        yield (
            one.id,
            terms.name,
            who.id,
            who.ref,
            who.name,
            day(one.of_at),
            one.kind,
            one.level or None,
            one.order_id,
            one.line,
            None if one.sold_for is None else Decimal(decimal(Money(one.sold_for, one.currency))),
            Decimal(decimal(Money(one.amount, one.currency))),
            one.amount,
            one.currency,
            _state(one),
            day(one.hold_until),
            day(one.paid_at),
            one.payout_id,
            one.reversal_of,
            reasons.of_entry(one, lambda at: day(at) or ""),
        )


def _state(one: Entry) -> str:
    """Which of the parts of ``commissions.Balance`` an entry is of."""
    if one.paid_at is not None:
        return "paid"
    if one.payout_id is not None:
        return "paying"
    return "flagged" if one.flagged else "held" if one.hold_until > now() else "due"
