"""What the outcome of a contact says: whether they answered, and whether it was a yes or a no."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import N_, _, in_language

if TYPE_CHECKING:
    from collections.abc import Mapping

Answer = Literal["accepted", "declined", "replied"]

OUTCOMES = {
    "sent": N_("sent, no answer yet"),
    "agreed": N_("agreed"),
    "interested": N_("interested"),
    "later": N_("asked to come back later"),
    "no_answer": N_("no answer"),
    "declined": N_("declined"),
    "unreachable": N_("can't be reached"),
    "wrong_contact": N_("wrong contact"),
    "out_of_office": N_("out of office"),
    "replied": N_("answered"),
    "invited": N_("invited into a community"),
}
"""What may come of a contact, in the order in which it is offered."""

INVITED = "invited"
"""They were asked into a community of ours, by whatever channel."""

_ALSO = {
    "agreed": "accepted yes 同意 答应 答应了",
    "declined": "refused no 拒绝 拒绝了 婉拒",
    "replied": "reply 回复 回复了",
    "no_answer": "没回复 没有回复 无回复 没回 未回",
    "later": "稍后 以后",
    "invited": "邀请 邀请了 已邀请 邀请进群 拉群",
    "out_of_office": "away",
    "sent": "已发送 已发 发送",
}
"""Other words for some of them."""

ACCEPTED = frozenset({"agreed", "accepted", "yes"})
DECLINED = frozenset({"declined", "refused", "no"})
UNREACHED = frozenset({"unreachable", "wrong_contact"})
"""The channel leads nowhere: there is no answer to wait for."""

AWAY = frozenset({"out_of_office", "away"})
"""A machine answered for them: there will be an answer when they are back."""

SAID_BY_US = ("sent", "no_answer", INVITED)
"""Outcomes of contacts at which they may have been asleep."""

SILENT = frozenset({"no_answer", "sent", INVITED}) | UNREACHED


def named(text: str) -> str | None:
    """The outcome that is meant by its id, its word in either language or another word for it; None: none is."""
    return text if text in OUTCOMES else _names().get(_plain(text))


def require(text: str) -> str:
    """The outcome that is meant. Raises UsageError, naming those that there are, where none is."""
    found = named(text)
    if found is None:
        known = ", ".join(OUTCOMES)
        if not text.strip():
            raise UsageError(_("Say what came of it: {names}.").format(names=known))
        raise UsageError(_("There is no outcome '{text}'. Those there are: {names}.").format(text=text, names=known))
    return found


def answer(direction: str, outcome: str | None) -> Answer | None:
    """What a contact says as an answer; None: there is none yet.

    Words that programs kept of their own are an answer: whoever writes something down has heard something.
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


def _plain(text: str) -> str:
    return fold(text.replace("_", " ").replace("-", " ").replace("’", "'"))


@cache
def _names() -> Mapping[str, str]:
    found = {_plain(other): one for one, others in _ALSO.items() for other in others.split()}
    for one, word in OUTCOMES.items():
        found |= dict.fromkeys(map(_plain, (one, word, in_language(word, "zh"))), one)
    return found
