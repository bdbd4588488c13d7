"""Where a creator shines: the topic or kind of post that does best against their own other posts."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.analysis.topics import CHARACTERS, fold

if TYPE_CHECKING:
    import sqlite3

POSTS = 200
"""The newest, by which somebody is judged."""

FEWEST = 3
"""Posts of the topic or kind, and other posts, at least."""

DOUBT = 3
"""Posts that do as the others that every topic is taken to have besides: three lucky posts are no habit."""

FORMULA = "median reactions to posts on it / median reactions to the others"

_topics = re.compile(r"[#＃]([^\s#＃]{1,50})[#＃]|[#＃](\w{1,50})").findall
_MARK = re.compile(r"\[[^\]]*\]$")


class BrightSpot(NamedTuple):
    """A ``topic`` (a hashtag) or ``kind`` of posts: the median of likes + comments + shares of ``posts`` posts on it,
    and the median of ``others`` other posts.
    """

    label: str
    by: str
    median: float
    usual: float
    posts: int
    others: int

    @property
    def times(self) -> float | None:
        """How many times the usual reactions; None where there usually are none."""
        return self.median / self.usual if self.usual else None


def bright_spot(db: sqlite3.Connection, creator_id: int) -> BrightSpot | None:
    """A creator's bright spot; None where too few posts are counted, or none does better than the others."""
    bounds = {"creator": creator_id, "posts": POSTS, "characters": CHARACTERS}
    reactions: list[int] = []
    labelled: dict[tuple[str, str], set[int]] = defaultdict(set)
    for number, (kind, text, count) in enumerate(db.execute(sql("topic_posts"), bounds)):
        reactions.append(count)
        for topic in _hashtags(text):
            labelled["topic", topic].add(number)
        if kind:
            labelled["kind", kind].add(number)
    spots = []
    for (by, label), numbers in labelled.items():
        if len(numbers) >= FEWEST and len(reactions) - len(numbers) >= FEWEST:
            on_it = median(reactions[number] for number in numbers)
            usual = median(count for number, count in enumerate(reactions) if number not in numbers)
            spots.append(BrightSpot(label, by, on_it, usual, len(numbers), len(reactions) - len(numbers)))
    best = max(spots, key=lambda spot: (_brightness(spot), spot.posts, spot.label), default=None)
    return best if best and _brightness(best) > 0 else None


def _brightness(spot: BrightSpot) -> float:
    """How much better, as a logarithm, drawn towards nothing where there are few posts."""
    return math.log((spot.median + 1) / (spot.usual + 1)) * spot.posts / (spot.posts + DOUBT)


def _hashtags(text: str) -> set[str]:
    """The topics a text names, folded: ``#tea``, ``#护肤#`` and ``#护肤[话题]#``."""
    return {topic for one in _topics(text) if (topic := _MARK.sub("", fold(one[0] or one[1])))}
