"""Follow-up rule ``stale-data``: the figures of somebody whom we watch are old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.programme.rules.rule import Rule
from kolbench.programme.rules.watched import watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    db, at = looking.db, looking.at
    before = at - int(looking.parameters["days"]) * DAY
    found = db.execute(sql("follow_up_stale"), {"ids": watched(looking, "stale-data"), "before": before})
    for creator_id, observed_at, source, by_hand in found.fetchall():
        evidence = {"observed_at": observed_at, "source": source, "by_hand": bool(by_hand)}
        yield Cause(creator_id, str(observed_at), evidence, at + 3 * DAY)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    days = (at - evidence["observed_at"]) // DAY
    if evidence.get("by_hand"):
        text = ngettext("Figures are {days} day old: import newer", "Figures are {days} days old: import newer", days)
        return text.format(days=days)
    text = ngettext("Figures are {days} day old: sync {source}", "Figures are {days} days old: sync {source}", days)
    return text.format(days=days, source=evidence["source"])


RULE = Rule(
    "stale-data",
    lambda: _("Figures out of date"),
    {"top": 50, "days": 14},
    _find,
    _why,
    at_most=50,
    contacts=False,
)
