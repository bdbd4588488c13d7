"""Builders of campaigns: one in a line, and what happens in it; moments are days after ``make.START``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import make
from kolbench.domain.campaigns import Terms, check
from kolbench.domain.records import ConversionRecord, ParticipantRecord, ReferralRecord, RefundRecord, TouchRecord
from kolbench.store import campaigns

if TYPE_CHECKING:
    from kolbench.store.connect import Store

TEA = "Tea"


def campaign(store: Store, name: str = TEA, **terms: Any) -> int:
    """A campaign with these terms; returns its id."""
    return campaigns.save(store, check(Terms(name=name, **terms)), "me", from_at=0)


def takes_part(ref: str, code: str | None = None, **facts: Any) -> ParticipantRecord:
    """Somebody takes part, with a code: their ref in upper case unless given."""
    return ParticipantRecord(**{"campaign": TEA, "uid": ref, "code": code or ref.upper(), **facts})


def came_by(child: str, parent: str, day: float = 0, **facts: Any) -> ReferralRecord:
    """``child`` came by ``parent``."""
    return ReferralRecord(
        **{"campaign": TEA, "child_uid": child, "parent_uid": parent, "at": make.moment(day), **facts}
    )


def clicked(visitor: str, participant: str, day: float, **facts: Any) -> TouchRecord:
    """``visitor`` followed the link of ``participant``."""
    return TouchRecord(
        **{"campaign": TEA, "visitor_uid": visitor, "participant_uid": participant, "at": make.moment(day), **facts}
    )


def bought(order: str, amount: int, day: float, code: str | None = None, **facts: Any) -> ConversionRecord:
    """Something was sold for ``amount`` fen."""
    return ConversionRecord(
        **{
            "campaign": TEA,
            "order_id": order,
            "amount": amount,
            "currency": "CNY",
            "at": make.moment(day),
            "code": code,
            **facts,
        }
    )


def gave_back(order: str, amount: int, day: float, refund: str = "r1", **facts: Any) -> RefundRecord:
    """``amount`` fen of an order were given back."""
    return RefundRecord(
        **{
            "campaign": TEA,
            "order_id": order,
            "refund_id": refund,
            "amount": amount,
            "at": make.moment(day),
            **facts,
        }
    )


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, the search index left out."""
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'creator_terms%'"
    names = [row[0] for row in store.reader().execute(query)]
    return {name: sorted(store.reader().execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}
