"""Follow-up rule ``important-date``: a day comes that matters to somebody."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.programme.local import local_day
from kolbench.programme.rules.rule import Rule
from kolbench.store import sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    from kolbench.programme import dates

    late, ahead = (int(looking.parameters[name]) for name in ("late_days", "ahead_days"))
    (since,) = sections.days(looking.at, -late)
    for one in dates.upcoming(store, since + DAY // 2, looking.creator_ids, late + ahead):
        evidence = {"title": one.entry.title, "on": one.on.isoformat(), "nth": one.nth}
        (due_at,) = sections.days(looking.at, one.days - late)
        yield Cause(one.entry.creator_id, f"{one.entry.id}:{one.on}", evidence, due_at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    days = (date.fromisoformat(evidence["on"]) - date.fromisoformat(local_day(at))).days
    if days == 0:
        return _("{title}: today").format(**evidence)
    if days > 0:
        text = ngettext("{title} in {n} day ({on})", "{title} in {n} days ({on})", days)
    else:
        text = ngettext("{title} was {n} day ago ({on})", "{title} was {n} days ago ({on})", -days)
    return text.format(**evidence, n=abs(days))


RULE = Rule("important-date", lambda: _("An important day"), {"ahead_days": 7, "late_days": 2}, _find, _why)
