"""Milestones: congratulate people when they reach 10,000, 100,000 or a million followers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kolbench import Cause, FollowUpRule, Looking, hookimpl

MILESTONES = (10_000, 100_000, 1_000_000, 10_000_000)
DAY_MS = 86_400_000

PASSED = """
WITH known AS (SELECT DISTINCT creator_id FROM touchpoint),
counted AS (
  SELECT account.creator_id, account.id AS account_id, account.platform, s.value, s.observed_at,
    lag(s.value) OVER (PARTITION BY account.id ORDER BY s.observed_at) AS before
  FROM known
  CROSS JOIN account ON account.creator_id = known.creator_id
  CROSS JOIN account_snapshot AS s ON s.account_id = account.id
    AND s.metric_id = (SELECT id FROM metric WHERE name = 'followers')
)
SELECT creator_id, platform, milestone.value, max(observed_at)
FROM counted
JOIN json_each(:milestones) AS milestone ON before < milestone.value AND counted.value >= milestone.value
WHERE observed_at > :since
GROUP BY account_id, milestone.value
ORDER BY milestone.value DESC, creator_id
"""


class Milestone:
    """Somebody with whom we are in contact has just passed a round number of followers."""

    name = "milestone"
    title = "Passed a milestone"
    parameters: Mapping[str, float] = {"days": 30}

    def find(self, looking: Looking) -> Iterator[Cause]:
        """Each milestone that was passed within the days, once."""
        since = looking.at - int(looking.parameters["days"] * DAY_MS)
        values = {"milestones": json.dumps(MILESTONES), "since": since}
        for creator_id, platform, followers, _at in looking.db.execute(PASSED, values):
            evidence = {"platform": platform, "followers": followers}
            yield Cause(creator_id, f"{platform}:{followers}", evidence, looking.at)

    def why(self, evidence: Mapping[str, Any], at: int) -> str:
        """What to congratulate on."""
        return f"{evidence['followers']:,} followers on {evidence['platform']}: congratulate them"


@hookimpl
def kolbench_register_follow_up_rules(register: Callable[[FollowUpRule], None]) -> None:
    """Offer the rule."""
    register(Milestone())
