"""How much of somebody's followers react to a work."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, Reactions, accounts, metrics, reactions
from kolbench.domain.lang import N_
from kolbench.domain.scoring import UNKNOWN, Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.analysis.people import Account
    from kolbench.domain.scoring import People


class Engagement:
    """The engagement rate by followers (Hootsuite's and NapoleonCat's) of the account with most followers."""

    name = "engagement"
    title = N_("Engagement")
    formula = "sqrt(rate / 10 %)"

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those of whom a rate is stated or can be worked out."""
        reacted = people.once(reactions)
        found = {
            creator_id: rate(owned[0], reacted.get(creator_id)) for creator_id, owned in people.once(accounts).items()
        }
        return {creator_id: measure for creator_id, measure in found.items() if measure.value is not None}

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The works with the reactions to each, or the counter that a source stated."""
        for creator_id, owned in people.once(accounts).items():
            main = owned[0]
            measure = rate(main, people.once(reactions).get(creator_id))
            metric = people.once(metrics)
            if measure.how == "posts":
                values = {name: metric[name] for name in ("likes", "comments", "shares")}
                yield from map(
                    Evidence._make,
                    people.db.execute(
                        sql("evidence_engagement"),
                        {"account_id": main.account_id, "window_ms": WINDOW_MS, "limit": limit, **values},
                    ),
                )
            elif measure.value is not None:
                name = {"stated": "engagement_bp", "average": "avg_likes", "lifetime": "likes"}[measure.how]
                amount = {"stated": main.stated_rate, "average": main.avg_likes, "lifetime": main.likes}[measure.how]
                yield Evidence(main.followers_at, name, amount, "account", main.account_id)


def rate(main: Account, reacted: Reactions | None) -> Measure:
    """By the best evidence there is: recent works, the source's own rate, its mean likes, or likes a work ever."""
    followers = main.followers
    top: float | None = None
    figure: float | None = None
    how, sample = "", None
    if followers and reacted and reacted.posts:
        top, how, sample = reacted.reactions / reacted.posts, "posts", reacted.posts
    elif main.stated_rate is not None:
        figure, how = main.stated_rate / 10_000, "stated"
    elif followers and main.avg_likes is not None:
        top, how = float(main.avg_likes), "average"
    elif followers and main.posts and main.likes is not None:
        top, how, sample = main.likes / main.posts, "lifetime", main.posts
    if top is not None and followers:
        figure = top / followers
    if figure is None:
        return UNKNOWN
    return Measure(scale(figure), figure, top, followers, sample, None, main.followers_at, how)


def scale(rate: float) -> float:
    """From none (0) to a tenth of the followers (1); the root, for rates differ by orders of magnitude."""
    return math.sqrt(min(1.0, max(0.0, rate) / 0.10))
