"""Follow-up rule ``new-koc``: somebody in a community of ours has become one whom others turn to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.analysis.metrics import sql
from kolbench.analysis.scorers import kind
from kolbench.domain.clock import DAY
from kolbench.domain.following import Cause
from kolbench.domain.lang import _
from kolbench.programme.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.domain.following import Looking
    from kolbench.store.connect import Store


def _find(store: Store, looking: Looking) -> Iterable[Cause]:
    found = looking.db.execute(
        sql("follow_up_new_koc"),
        {
            "ids": looking.ids,
            "least": kind.AUTHENTICITY,
            "window_ms": int(looking.parameters["days"] * DAY),
            "people": looking.parameters["people"],
        },
    )
    told = set()
    for creator_id, authenticity, people, before, community in found.fetchall():
        if creator_id not in told:  # of several communities, the one in which most people turn to them
            told.add(creator_id)
            evidence = {
                "authenticity": round(authenticity, 2),
                "people": people,
                "before": before,
                "community": community,
            }
            yield Cause(creator_id, "koc", evidence, looking.at, channel="group")


def _why(evidence: Mapping[str, Any], at: int) -> str:
    return _("{people} people of {community} turn to them, {before} before").format(**evidence)


RULE = Rule("new-koc", lambda: _("A new KOC"), {"days": 30, "people": 5}, _find, _why, at_most=30, by_change=True)
