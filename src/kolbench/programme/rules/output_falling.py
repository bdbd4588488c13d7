"""Follow-up rule ``output-falling``: since they signed, somebody publishes and writes less than before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.programme.rules.rule import Rule
from kolbench.programme.rules.watched import watched
from kolbench.store import agreements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    chosen = looking.parameters
    window_days = int(chosen["window_days"])
    signed = [(one.id, one.creator_id, one.signed_at) for one in agreements.listed(store, "in_force")]
    if not signed:
        return
    found = looking.db.execute(
        sql("follow_up_output"),
        {
            "signed": json.dumps(signed),
            "watched": watched(looking, "output-falling"),
            "now": looking.at,
            "window_ms": window_days * DAY,
            "least_ms": int(chosen["least_days"]) * DAY,
        },
    )
    for agreement_id, creator_id, signed_at, known_until, before, since in found.fetchall():
        days = (known_until - signed_at) / DAY
        enough = before >= chosen["least_works"]
        if enough and since / days < before / window_days * chosen["percent"] / 100:
            evidence = {
                "agreement": agreement_id, "signed_at": signed_at, "known_until": known_until, "before": before,
                "before_days": window_days, "since": since, "since_days": round(days),
            }  # fmt: skip
            yield Cause(creator_id, f"{agreement_id}:{signed_at}", evidence, looking.at)


def _why(evidence: Mapping[str, Any], at: int) -> str:
    text = _(
        "{since_week} works a week since they signed, {before_week} before"
        " ({since} in {since_days} days, {before} in {before_days})"
    )
    week = {name: f"{7 * evidence[name] / max(1, evidence[f'{name}_days']):.1f}" for name in ("since", "before")}
    return text.format(**evidence, since_week=week["since"], before_week=week["before"])


RULE = Rule(
    "output-falling",
    lambda: _("Less output since signing"),
    {"window_days": 90, "least_days": 7, "least_works": 6, "percent": 50, "top": 100},
    _find,
    _why,
)
