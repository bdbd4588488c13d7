"""Follow-up rule ``wave-post``: somebody of a wave was to post at an agreed moment, and no post is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.campaigns import zone
from kolbench.domain.clock import DAY, HOUR, from_ms
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.programme.rules.rule import Rule
from kolbench.store import waves

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    since = looking.at - int(looking.parameters["within_days"] * DAY)
    grace = int(looking.parameters["hours"] * HOUR)
    for one in waves.unposted(looking.db, since, looking.ids):
        evidence = {
            "campaign": one.campaign,
            "wave": one.wave,
            "moment_at": one.moment_at,
            "time_zone": one.time_zone,
            "code": one.code,
            "elsewhere": one.elsewhere,
        }
        # A moment that was moved is another thing to ask for; the same participant is asked about it once.
        yield Cause(
            one.creator_id, f"{one.participant_id}:{one.moment_at}", evidence, one.moment_at + grace, waits=True
        )


def _why(evidence: Mapping[str, Any], at: int) -> str:
    text = _("'{campaign}', {wave}: to post at {when} with code {code}")
    if evidence["moment_at"] <= at:
        text = _("'{campaign}', {wave}: was to post at {when} with code {code}")
    when = f"{from_ms(evidence['moment_at']).astimezone(zone(evidence['time_zone'])):%Y-%m-%d %H:%M}"
    found = {**evidence, "when": f"{when} ({evidence['time_zone']})", "code": evidence["code"] or "–"}
    told = text.format(**found)
    if n := evidence["elsewhere"]:
        told += "; " + ngettext("{n} post since names neither", "{n} posts since name neither", n).format(n=n)
    return told


RULE = Rule("wave-post", lambda: _("Posted at the agreed moment?"), {"hours": 2, "within_days": 30}, _find, _why)
