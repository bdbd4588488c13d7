"""A payout as finance gets it: a row for each person, with an id by which none is paid twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.money import Money, decimal
from kolbench.store import payouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kolbench.store.connect import Store
    from kolbench.store.payouts import Payout

COLUMNS = (
    "payment", "payout", "campaign", "participant", "ref", "name", "creator", "amount", "minor", "currency", "entries",
)  # fmt: skip
"""What finance gets of each line; ``payment`` is the same whenever the file is written, and stands for it once."""


def finance(store: Store, found: Payout) -> Iterator[Sequence[Any]]:
    """The rows of a payout, as ``COLUMNS`` names their values."""
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
