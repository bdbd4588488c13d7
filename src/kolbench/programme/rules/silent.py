"""Follow-up rule ``silent``: somebody we have to do with is silent for longer than is usual for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY, iso
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.programme.rules.rule import Rule
from kolbench.programme.rules.watched import ours, watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    chosen, known = looking.parameters, ours(looking, "silent")
    found = looking.db.execute(
        sql("follow_up_silent"),
        {
            "ids": watched(looking, "silent"),
            "window_ms": int(chosen["window_days"]) * DAY,
            "least_acts": int(chosen["active_days"]),
            "least_days": int(chosen["least_days"]),
            "most_days": int(chosen["most_days"]),
        },
    )
    for creator_id, last_at, known_until, days, usual, active_days in found.fetchall():
        if creator_id not in known:  # the first of all tell how far the records reach
            continue
        evidence = {
            "days": days,
            "usual": usual,
            "active_days": active_days,
            "last_at": last_at,
            "known_until": known_until,
        }
        yield Cause(creator_id, str(last_at), evidence, looking.at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    text = ngettext(
        "Silent {days} day, usual ≤ {usual} (up to {until})",
        "Silent {days} days, usual ≤ {usual} (up to {until})",
        evidence["days"],
    )
    return text.format(days=evidence["days"], until=iso(evidence["known_until"])[:10], usual=evidence["usual"])


RULE = Rule(
    "silent",
    lambda: _("Silent longer than usual"),
    {"top": 100, "window_days": 365, "active_days": 8, "least_days": 3, "most_days": 180},
    _find,
    _why,
    yields_to=("reply-waiting", "no-answer", "sequence-step", "new-koc", "first-contact"),
)
