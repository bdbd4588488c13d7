"""What may come of a contact, as it is offered in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _
from kolbench.domain.outcomes import INVITED, OUTCOMES
from kolbench.screens.choose import Choice
from kolbench.screens.words import said

if TYPE_CHECKING:
    from kolbench.screens.queue_rows import Item

_OFFERED = (
    "sent", "agreed", "interested", "later", "no_answer", "declined", "unreachable", "wrong_contact", "out_of_office",
)  # fmt: skip
"""In the order of their digits."""

_HINTS = {"sent": N_("their turn now"), "no_answer": N_("tried in vain"), INVITED: N_("needs their consent")}

_INTO = ("group", "community")
"""Channels by which people are invited."""


def outcomes(item: Item | None) -> list[Choice]:
    """The outcomes of a contact; an invitation, last, where the follow-up goes into a group."""
    into = item is not None and item.found.channel in _INTO
    offered = [*_OFFERED, INVITED] if into else _OFFERED
    return [Choice(one, said(OUTCOMES, one), _(_HINTS[one]) if one in _HINTS else "") for one in offered]
