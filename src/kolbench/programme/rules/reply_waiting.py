"""Follow-up rule ``reply-waiting``: somebody wrote to us, and nobody has answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import HOUR
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.domain.outcomes import answer
from kolbench.domain.words import CHANNELS, NO_CHANNEL, said
from kolbench.programme.local import local_time
from kolbench.programme.rules import conversation
from kolbench.programme.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.programme.rules.conversation import Contact
    from kolbench.store.connect import Store

WAIT_FOR_US = frozenset({"replied", "interested"})
"""Outcomes of our own contacts after which it is our turn."""


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    allowed = int(looking.parameters["hours"] * HOUR)
    for one in conversation.newest(looking):
        if _is_our_turn(one):
            evidence = {"channel": one.channel, "at": one.at}
            channel = None if one.channel == NO_CHANNEL else one.channel
            yield Cause(one.creator_id, str(one.id), evidence, one.at + allowed, channel=channel)


def _is_our_turn(one: Contact) -> bool:
    if one.direction == "in":
        return answer(one.direction, one.outcome) != "declined"
    return (one.outcome or "").casefold() in WAIT_FOR_US


def _why(evidence: Mapping[str, Any], at: int) -> str:
    text = _("Waits for our answer since {when} ({channel})")
    if evidence["channel"] == NO_CHANNEL:
        text = _("Waits for our answer since {when}")
    return text.format(when=local_time(evidence["at"]), channel=said(CHANNELS, evidence["channel"]))


RULE = Rule("reply-waiting", lambda: _("Waits for our answer"), {"hours": 24, "within_days": 60}, _find, _why)
