"""Follow-up rule ``no-answer``: we wrote to somebody outside of any sequence, and they don't answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.domain.outcomes import UNREACHED, answer
from kolbench.domain.words import CHANNELS, NO_CHANNEL, said
from kolbench.programme.local import local_day
from kolbench.programme.rules import conversation
from kolbench.programme.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    patience = int(looking.parameters["days"] * DAY)
    for one in conversation.newest(looking):
        if one.direction == "in" or one.planned or answer(one.direction, one.outcome):
            continue
        if one.tries <= looking.parameters["tries"]:
            led_nowhere = (one.outcome or "").casefold() in UNREACHED
            evidence = {"channel": one.channel, "at": one.at, "tries": one.tries}
            due_at = one.at if led_nowhere else one.at + patience
            yield Cause(one.creator_id, str(one.id), evidence, due_at, waits=True)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    tries = evidence["tries"]
    text = ngettext(
        "No answer since {day} ({channel}), {n} try: go another way",
        "No answer since {day} ({channel}), {n} tries: go another way",
        tries,
    )
    if evidence["channel"] == NO_CHANNEL:
        text = ngettext(
            "No answer since {day}, {n} try: go another way", "No answer since {day}, {n} tries: go another way", tries
        )
    return text.format(channel=said(CHANNELS, evidence["channel"]), day=local_day(evidence["at"]), n=tries)


RULE = Rule("no-answer", lambda: _("Doesn't answer"), {"days": 4, "tries": 4, "within_days": 60}, _find, _why)
