"""What the outcome of a contact says: whether they answered, and whether it was a yes or a no."""

from __future__ import annotations

from typing import Literal

Answer = Literal["accepted", "declined", "replied"]

ACCEPTED = frozenset({"agreed", "accepted", "yes"})
DECLINED = frozenset({"declined", "refused", "no"})
UNREACHED = frozenset({"unreachable", "wrong_contact"})
"""The channel leads nowhere: there is no answer to wait for."""

AWAY = frozenset({"out_of_office", "away"})
"""A machine answered for them: there will be an answer when they are back."""

SILENT = frozenset({"no_answer", "sent", "invited"}) | UNREACHED


def answer(direction: str, outcome: str | None) -> Answer | None:
    """What a contact says as an answer; None: there is none yet.

    Words of the operator's own are an answer: whoever writes something down has heard something.
    """
    word = (outcome or "").casefold()
    if word in ACCEPTED:
        return "accepted"
    if word in DECLINED:
        return "declined"
    if word in AWAY:
        return None
    if direction == "in" or (word and word not in SILENT):
        return "replied"
    return None
