"""The score of a creator: five absolute components, each with its formula and the figures it was made from.

Absolute means: a component compares a person with a fixed scale, never with whoever else is in the store, so
that months can be compared. What is not known counts as a neutral ``PRIOR`` and lowers the confidence.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from kolbench.domain.clock import DAY

VERSION = 1
"""Changes with any formula, weight or window below."""

WINDOW_MS = 90 * DAY
GROWTH_MS = 30 * DAY
MIN_GROWTH_MS = 7 * DAY
PRIOR = 0.3

TIERS = (("mega", 1_000_000), ("macro", 500_000), ("mid", 100_000), ("micro", 10_000), ("nano", 1_000), ("pico", 0))
"""Lower bounds of followers. Publishers disagree on them (Hootsuite, HypeAuditor, NapoleonCat)."""

UNKNOWN = "unknown"
"""The size class of somebody whose followers nobody has counted."""


class Facts(NamedTuple):
    """What is known of a creator; None is "not known", never zero. Moments in ms, the rest are counts.

    ``stated_rate`` is in basis points, as the source itself states it.
    """

    followers: int | None = None
    main_followers: int | None = None
    base_followers: int | None = None
    followers_at: int | None = None
    base_at: int | None = None
    stated_rate: int | None = None
    recent_posts: int | None = None
    recent_reactions: int | None = None
    avg_likes: int | None = None
    likes: int | None = None
    posts: int | None = None
    voice: int | None = None
    works: int | None = None


class Component(NamedTuple):
    """One part of the score: its weight, its value from 0 to 1 (None: not known), and where that comes from."""

    name: str
    weight: float
    value: float | None
    figure: float | None
    formula: str
    numerator: float | None = None
    denominator: float | None = None
    how: str = ""

    @property
    def points(self) -> float:
        """What it adds to the total; one that is not known counts as the prior."""
        return 100 * self.weight * (PRIOR if self.value is None else self.value)


class Score(NamedTuple):
    """``total`` from 0 to 100; ``confidence`` is the share of the weights behind known components."""

    total: float
    confidence: float
    components: tuple[Component, ...]


def score(facts: Facts) -> Score:
    """Score a creator from what is known of them; who is known by name alone comes behind everybody else."""
    components = (reach(facts), engagement(facts), voice(facts), growth(facts), activity(facts))
    total = confidence = 0.0
    for component in components:
        total += component.points
        if component.value is not None:
            confidence += component.weight
    return Score(total if confidence else 0.0, confidence, components)


def reach(facts: Facts) -> Component:
    """How many follow them, over all accounts (an overlap counts twice): log10(followers + 1) / 8."""
    n = facts.followers
    value = None if n is None else min(1.0, math.log10(n + 1) / 8)
    return Component("reach", 0.30, value, n, "log10(followers + 1) / 8", n)


def engagement(facts: Facts) -> Component:
    """How much of the main account's followers react to one work: sqrt(rate / 10 %).

    By follower (Hootsuite's and NapoleonCat's ER by followers), by the best evidence there is: recent posts,
    the source's own rate, its mean likes, or lifetime likes per post.
    """
    followers = facts.main_followers
    numerator: float | None = None
    rate: float | None = None
    how = ""
    if followers and facts.recent_posts and facts.recent_reactions is not None:
        numerator, how = facts.recent_reactions / facts.recent_posts, "posts"
    elif facts.stated_rate is not None:
        rate, how = facts.stated_rate / 10_000, "stated"
    elif followers and facts.avg_likes is not None:
        numerator, how = facts.avg_likes, "average"
    elif followers and facts.posts and facts.likes is not None:
        numerator, how = facts.likes / facts.posts, "lifetime"
    if numerator is not None and followers:
        rate = numerator / followers
    value = None if rate is None else math.sqrt(min(1.0, rate / 0.10))
    return Component("engagement", 0.25, value, rate, "sqrt(rate / 10 %)", numerator, followers, how)


def voice(facts: Facts) -> Component:
    """How many different people addressed them in 90 days: ln(people + 1) / ln(201)."""
    n = facts.voice
    value = None if n is None else min(1.0, math.log1p(n) / math.log(201))
    return Component("voice", 0.20, value, n, "ln(people + 1) / ln(201)", n)


def growth(facts: Facts) -> Component:
    """How fast the main account's followers grow in 30 days: 0.5 + 5 x growth. Known from a week apart on."""
    value: float | None = None
    figure: float | None = None
    now, base, at, base_at = facts.main_followers, facts.base_followers, facts.followers_at, facts.base_at
    if now and base and at is not None and base_at is not None and at - base_at >= MIN_GROWTH_MS:
        figure = (now / base) ** (GROWTH_MS / (at - base_at)) - 1
        value = min(1.0, max(0.0, 0.5 + 5 * figure))
    return Component("growth", 0.15, value, figure, "0.5 + 5 x growth in 30 days", now, base)


def activity(facts: Facts) -> Component:
    """How much they publish and say, a week, in their latest 90 active days: ln(works + 1) / ln(51)."""
    weekly = None if facts.works is None else facts.works / (WINDOW_MS / (7 * DAY))
    value = None if weekly is None else min(1.0, math.log1p(weekly) / math.log(51))
    return Component("activity", 0.10, value, weekly, "ln(works a week + 1) / ln(51)", facts.works)


def tier(followers: int | None) -> str:
    """The size class of a follower count, ``UNKNOWN`` without one."""
    if followers is None:
        return UNKNOWN
    return next(name for name, least in TIERS if followers >= least)
