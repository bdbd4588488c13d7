"""Follow-up rule ``deliverable-overdue``: what somebody is to deliver is late."""

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
    grace = timedelta(days=int(looking.parameters["grace_days"]))
    before = (date.fromisoformat(local_day(looking.at)) - grace).isoformat()
    for one, title in agreements.overdue(store, before):
        evidence = {"deliverable": one.id, "what": one.title, "due_on": one.due_on, "agreement": title}
        yield Cause(one.creator_id, f"{one.id}:{one.due_on}", evidence, looking.at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    return _("'{what}' was due on {due_on} ('{agreement}')").format(**evidence)


RULE = Rule("deliverable-overdue", lambda: _("Late with what was agreed"), {"grace_days": 0}, _find, _why)
