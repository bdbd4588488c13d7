"""Follow-up rule ``win-back``: somebody with whom we worked doesn't any more, because it ended or they lapsed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.programme.rule_sets import entitled
from kolbench.programme.rules.rule import Rule
from kolbench.store import agreements, rule_sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    last, first = (looking.at - int(looking.parameters[name]) * DAY for name in ("after_days", "most_days"))
    every = agreements.listed(store)
    passed_over = {one.creator_id for one in every if one.in_force or one.state == "offered"}
    for cause in (*_ended(every, first, last), *_lapsed(store, looking, first, last)):
        if cause.creator_id not in passed_over:
            passed_over.add(cause.creator_id)
            yield cause._replace(due_at=looking.at)


def _ended(every: Iterable[agreements.Agreement], first: int, last: int) -> Iterator[Cause]:
    """Whose agreement ended, the newest first; who broke one isn't asked back."""
    over = [(one.since, one) for one in every if one.state == "ended" and one.since and first <= one.since <= last]
    for since_at, one in sorted(over, key=lambda found: -found[0]):
        evidence = {"agreement": one.id, "title": one.title, "since_at": since_at}
        yield Cause(one.creator_id, f"ended:{one.id}:{since_at}", evidence, since_at)


def _lapsed(store: Store, looking: Looking, first: int, last: int) -> Iterator[Cause]:
    """Who is in the stage that the rules have for those who left."""
    newest = rule_sets.in_force(store)
    stages = {stage.name: stage for stage in newest.rules.stages if stage.aside} if newest else {}
    values = {"stages": json.dumps([*stages]), "first": first, "last": last}
    for creator_id, name, since_at in looking.db.execute(sql("follow_up_lapsed"), values).fetchall():
        evidence = {
            "stage": name,
            "stage_title": stages[name].title,
            "stage_title_zh": stages[name].title_zh,
            "since_at": since_at,
        }
        yield Cause(creator_id, f"{name}:{since_at}", evidence, since_at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    days = (at - evidence["since_at"]) // DAY
    if "title" in evidence:
        text = ngettext("'{title}' ended {days} day ago", "'{title}' ended {days} days ago", days)
        return text.format(title=evidence["title"], days=days)
    text = ngettext("'{stage}' for {days} day", "'{stage}' for {days} days", days)
    stage = entitled(evidence["stage"], evidence.get("stage_title"), evidence.get("stage_title_zh"))
    return text.format(stage=stage, days=days)


RULE = Rule("win-back", lambda: _("Win them back"), {"after_days": 7, "most_days": 365}, _find, _why, at_most=50)
