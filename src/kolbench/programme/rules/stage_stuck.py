"""Follow-up rule ``stage-stuck``: somebody has been in a stage for longer than the rules expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _, ngettext
from kolbench.programme.rule_sets import entitled
from kolbench.programme.rules.rule import Rule
from kolbench.store import ladders, rule_sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    newest = rule_sets.in_force(store)
    if newest is None:
        return
    patience = {stage.name: stage for stage in newest.rules.stages if stage.stuck_days}
    for creator_id, name, since_at in ladders.staged(looking.db, looking.ids):
        stage = patience.get(name)
        if stage is not None and (looking.at - since_at) // DAY >= stage.stuck_days:
            evidence = {
                "stage": name,
                "title": stage.title,
                "title_zh": stage.title_zh,
                "since_at": since_at,
                "expected": stage.stuck_days,
            }
            yield Cause(creator_id, f"{name}:{since_at}", evidence, looking.at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    days = (at - evidence["since_at"]) // DAY
    text = ngettext(
        "In '{stage}' for {days} day, {expected} were expected",
        "In '{stage}' for {days} days, {expected} were expected",
        days,
    )
    stage = entitled(evidence["stage"], evidence.get("title"), evidence.get("title_zh"))
    return text.format(stage=stage, days=days, expected=evidence["expected"])


RULE = Rule("stage-stuck", lambda: _("Stuck in a stage"), {}, _find, _why, at_most=200, contacts=False)
