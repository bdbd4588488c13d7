"""What the law may say of a campaign's terms: where they look like pyramid selling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain import money
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from kolbench.domain.campaigns import Terms

LAWFUL_LEVELS = 2
"""Levels up to which nobody asks whether it is pyramid selling."""


def warnings(terms: Terms) -> tuple[str, ...]:
    """What may be pyramid selling by the law of some countries (in China 禁止传销条例), in plain words."""
    told = []
    if len(terms.levels) > LAWFUL_LEVELS:
        told.append(
            _(
                "{n} levels: paying people for what those sell whom others brought is pyramid selling by the law of "
                "many countries, in China from the third level on (禁止传销条例). Ask a lawyer, or pay {most} at most."
            ).format(n=len(terms.levels), most=LAWFUL_LEVELS)
        )
    if terms.entry_fee and money.parse(terms.entry_fee).minor:
        told.append(
            _(
                "An entry fee: whoever has to pay, or to buy, in order to take part is in a pyramid scheme by the law "
                "of many countries, in China 禁止传销条例, article 7. Let people join without buying."
            )
        )
    if set(terms.pays_for) - {"sale"} and len(terms.levels) > 1:
        told.append(
            _(
                "Pay by headcount: commission on more than one level for people who join, and not for what is sold, is "
                "pyramid selling by the law of many countries, in China 禁止传销条例, article 7. Pay for sales only, "
                "or on one level."
            )
        )
    return tuple(told)
