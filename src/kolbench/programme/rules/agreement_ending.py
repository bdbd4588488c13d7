"""Follow-up rule ``agreement-ending``: an agreement in force, and its exclusivity with it, is about to end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.programme.local import local_day
from kolbench.programme.rules.rule import Rule
from kolbench.store import agreements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    today = date.fromisoformat(local_day(looking.at))
    until = (today + timedelta(days=int(looking.parameters["days"]))).isoformat()
    for one in agreements.listed(store, "in_force"):
        ends = one.terms.ends_on
        if ends is not None and ends <= until:
            evidence = {"agreement": one.id, "title": one.title, "ends_on": ends, "exclusivity": one.terms.exclusivity}
            yield Cause(one.creator_id, f"{one.id}:{ends}", evidence, looking.at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    over = evidence["ends_on"] < local_day(at)
    if evidence["exclusivity"]:
        text = _("'{title}' ended on {ends_on}, with exclusivity for {exclusivity}: renew it or end it")
        if not over:
            text = _("'{title}' ends on {ends_on}, with exclusivity for {exclusivity}")
    else:
        text = _("'{title}' ended on {ends_on}: renew it or end it") if over else _("'{title}' ends on {ends_on}")
    return text.format(**evidence)


RULE = Rule("agreement-ending", lambda: _("Agreement about to end"), {"days": 30}, _find, _why)
