"""Which of the things that we can give fit a person's needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.store import needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.store.connect import Store
    from kolbench.store.needs import Need, Offer


class Match(NamedTuple):
    """A need, and what we can offer for it: nothing, where ``offers`` is empty."""

    need: Need
    offers: Sequence[Offer]


def fitting(store: Store, creator_id: int) -> list[Match]:
    """The needs of a person with the offers for each: the strongest need first, then the cheapest to switch for."""
    every = needs.offers(store)
    return [
        Match(need, tuple(offer for offer in every if offer.kind == need.kind)) for need in needs.of(store, creator_id)
    ]
