"""What a conversion earns and for whom: a function of what was sold, what was given back, and the terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kolbench.domain.campaigns import Rules
    from kolbench.store.unsettled import Person, Sale

REWARD = 0
"""The level of what the buyer gets; the participant whose the conversion is has level 1."""


class Share(NamedTuple):
    """What somebody earns by a conversion, in the currency's smallest unit."""

    participant_id: int
    level: int
    amount: int


def earned(sale: Sale, rules: Rules, chain: Sequence[Person], given_back: int) -> list[Share]:
    """What those in ``chain`` earn, before caps: of what wasn't given back, each rounded down.

    A fixed amount is owed as long as anything of the sale is left. Whoever is excluded earns nothing, and nobody does
    in their place.
    """
    if sale.kind not in rules.pays_for:
        return []
    left = max(sale.amount - given_back, 0)
    owed = left > 0 or sale.amount == 0
    return [
        Share(person.id, level, amount)
        for level, (rate, person) in enumerate(zip(rules.levels, chain), 1)
        if person.ref not in rules.exclusions and (amount := rate.of(left, left=owed))
    ]


def reward(sale: Sale, rules: Rules, given_back: int, *, again: bool) -> list[Share]:
    """What the buyer gets who takes part: for the first conversion of its kind that counts, or for ``every``."""
    if rules.reward is None or sale.buyer_id is None or sale.kind not in rules.pays_for:
        return []
    if again and not rules.reward_every:
        return []
    left = max(sale.amount - given_back, 0)
    amount = rules.reward.of(left, left=left > 0 or sale.amount == 0)
    return [Share(sale.buyer_id, REWARD, amount)] if amount else []


def capped(shares: Iterable[Share], cap: int | None, before: int = 0) -> list[Share]:
    """The shares in their order, until they come to the cap together with what was earned ``before``."""
    if cap is None:
        return list(shares)
    kept = []
    for share in shares:
        amount = min(share.amount, max(cap - before, 0))
        before += amount
        if amount:
            kept.append(share._replace(amount=amount))
    return kept
