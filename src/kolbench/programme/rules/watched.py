"""Whom follow-up rules watch: the first by score and by voice, and whoever we have to do with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql

if TYPE_CHECKING:
    from kolbench.domain.following import Looking


def watched(looking: Looking, rule_id: str) -> str:
    """The ids of those a rule watches as a JSON array, best scores first; its parameter ``top`` says how many of the
    first.
    """
    return json.dumps(_people(looking, rule_id, int(looking.parameters["top"])))


def ours(looking: Looking, rule_id: str) -> set[int]:
    """Those of them with whom we have to do, whatever their scores."""
    return set(_people(looking, rule_id, 0))


def _people(looking: Looking, rule_id: str, top: int) -> list[int]:
    values = {"top": top, "rule": rule_id, "now": looking.at}
    return [row[0] for row in looking.db.execute(sql("follow_up_people"), values)]
