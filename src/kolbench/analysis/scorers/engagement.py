"""How much of somebody's followers, or of those who see a work, react to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, PerPeriod, Reactions, accounts, metrics, per_period, reactions
from kolbench.domain.lang import N_
from kolbench.domain.scoring import UNKNOWN, Evidence, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kolbench.analysis.people import Account
    from kolbench.domain.scoring import People

HALF, HALF_OF_VIEWS = 0.025, 0.05
"""Rates of followers, and of views, that have half of the scale."""

BY_VIEW = ("views", "period")
"""Variants by view."""

REACTIONS = ("likes", "comments", "shares")


class Engagement:
    """The engagement rate of the account with most followers: by followers, else by views.

    Both are rates that Hootsuite and NapoleonCat describe.
    """

    name = "engagement"
    title = N_("Engagement")
    formula = N_("rate / (rate + 2.5 %), of views 5 %")

    def measure(self, people: People) -> Mapping[int, Measure]:
        """Those of whom a rate is stated or can be worked out; an impossible one has a figure and no value."""
        found = {creator_id: _rate(people, creator_id, owned[0]) for creator_id, owned in _owned(people)}
        return {creator_id: measure for creator_id, measure in found.items() if measure.figure is not None}

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The works with the reactions to each, or the counters that a source stated."""
        for creator_id, owned in _owned(people):
            main = owned[0]
            measure = _rate(people, creator_id, main)
            if measure.how in ("posts", "views"):
                metric = people.once(metrics)
                values = {name: metric[name] for name in (*REACTIONS, "views")}
                values |= {"account_id": main.account_id, "window_ms": WINDOW_MS, "limit": limit}
                values["by_views"] = measure.how == "views"
                yield from map(Evidence._make, people.db.execute(sql("evidence_engagement"), values))
            elif measure.how == "period":
                for one in _of_one_period(people.once(per_period).get(main.account_id, ()))[:limit]:
                    amount = one.value if one.metric in REACTIONS else None
                    yield Evidence(one.at, one.text, amount, "account", main.account_id)
            elif measure.how:
                name = {"stated": "engagement_bp", "average": "avg_likes", "lifetime": "likes"}[measure.how]
                amount = {"stated": main.stated_rate, "average": main.avg_likes, "lifetime": main.likes}[measure.how]
                yield Evidence(main.followers_at, name, amount, "account", main.account_id)


def _owned(people: People) -> Iterator[tuple[int, list[Account]]]:
    yield from people.once(accounts).items()


def _rate(people: People, creator_id: int, main: Account) -> Measure:
    counts = people.once(per_period).get(main.account_id, ())
    return rate(main, people.once(reactions).get(creator_id), counts)


def rate(main: Account, reacted: Reactions | None, counts: Sequence[PerPeriod] = ()) -> Measure:
    """By the best evidence there is: recent works, the source's own rate, its mean likes, likes a work ever, what the
    source counted in a period. A rate of more than everybody is impossible: works were deleted, or followers lost. It
    is passed over, and the measure of somebody who has no other has no value.
    """
    known = list(_rates(main, reacted, counts))
    possible = [one for one in known if one.figure is not None and one.figure <= 1]
    return possible[0] if possible else known[0]._replace(value=None) if known else UNKNOWN


def _rates(main: Account, reacted: Reactions | None, counts: Sequence[PerPeriod]) -> Iterator[Measure]:
    followers, at = main.followers, main.followers_at
    if reacted and reacted.posts:
        if followers:
            top = reacted.reactions / reacted.posts
            yield _measure(top, followers, "posts", reacted.posts, None, at)
        elif reacted.views and reacted.last_at is not None:
            start = reacted.last_at - WINDOW_MS
            yield _measure(reacted.reactions, reacted.views, "views", reacted.posts, start, reacted.last_at)
    if main.stated_rate is not None:
        figure = main.stated_rate / 10_000
        yield Measure(scale(figure, HALF), figure, None, followers, None, None, at, "stated")
    if followers and main.avg_likes is not None:
        yield _measure(main.avg_likes, followers, "average", None, None, at)
    if followers and main.posts and main.likes is not None:
        yield _measure(main.likes / main.posts, followers, "lifetime", main.posts, None, at)
    if not followers and (together := _of_one_period(counts)):
        views, *others = together
        if views.value:
            yield _measure(sum(one.value for one in others), views.value, "period", None, views.start, views.at)


def _of_one_period(counts: Sequence[PerPeriod]) -> list[PerPeriod]:
    """The views of the longest period in which likes were counted, too, and the reactions counted with them."""
    for views in counts:
        if views.metric == "views":
            same = {one.metric: one for one in counts if (one.period, one.at) == (views.period, views.at)}
            if "likes" in same:
                return [views, *(same[name] for name in REACTIONS if name in same)]
    return []


def _measure(top: float, bottom: int, how: str, sample: int | None, start: int | None, stop: int | None) -> Measure:
    figure = top / bottom
    half = HALF_OF_VIEWS if how in BY_VIEW else HALF
    return Measure(scale(figure, half), figure, top, bottom, sample, start, stop, how)


def scale(rate: float, half: float) -> float:
    """From none (0) over ``half`` (0.5) towards everybody (nearly 1): the higher a rate, the more it takes."""
    return max(0.0, rate) / (max(0.0, rate) + half)
