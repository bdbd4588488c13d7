"""How well what somebody writes fits a brief's profile, and by which of their works."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.analysis.topics import CHARACTERS, SEPARATOR, fold, is_unspaced

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from kolbench.domain.briefs import Term

FORMULA = "sqrt(on topic / (works + 5))"
DOUBT = 5
"""Works off the topic that everybody is taken to have besides: one hit alone is no perfect fit."""

SELF = 3
"""What somebody says about themselves counts as so many works."""

POSTS, MESSAGES = 50, 100
"""The newest of each account, by which somebody is judged."""

TOGETHER = 1_000_000
"""So many characters are searched in one go, or one creator's."""

_BOUNDS = {"posts": POSTS, "messages": MESSAGES, "characters": CHARACTERS}


class Fit(NamedTuple):
    """How well a creator fits: ``on_topic`` of ``works``, where a work counts for as much as it is on the topic.

    What an account says about itself counts as ``SELF`` works. ``hits`` is how many texts have any term, ``terms`` how
    many have each; ``newest_at`` (ms) is the newest of the works read, None where only a self-description is known.
    """

    on_topic: float
    works: int
    hits: int
    terms: Mapping[str, int]
    newest_at: int | None

    @property
    def value(self) -> float | None:
        """From 0 to 1, on a fixed scale: ``FORMULA``; None where there are no texts."""
        return math.sqrt(self.on_topic / (self.works + DOUBT)) if self.works else None


class Work(NamedTuple):
    """A text on the topic: ``self``, ``post`` or ``message`` with its id, when (ms), on which platform or in which
    community, which terms it has, and for how much of ``Fit.on_topic`` it counts.
    """

    kind: str
    id: int
    at: int | None
    place: str
    text: str
    terms: tuple[str, ...]
    counts: float


def fits(db: sqlite3.Connection, creator_ids: Sequence[int], profile: Sequence[Term]) -> dict[int, Fit]:
    """How well each of up to some thousand creators fits a profile; those without texts have a Fit without value."""
    works = dict.fromkeys(creator_ids, 0)
    newest: dict[int, int] = {}
    on_topic: defaultdict[int, float] = defaultdict(float)
    hits: Counter[int] = Counter()
    terms: defaultdict[int, Counter[str]] = defaultdict(Counter)
    weights = {term.text: term.weight for term in profile}
    texts: list[str] = []
    whose: list[tuple[int, int]] = []
    size = 0

    def judge() -> None:
        for number, found in _search(texts, profile).items():
            creator_id, worth = whose[number]
            on_topic[creator_id] += worth * strength(found, weights)
            hits[creator_id] += 1
            terms[creator_id].update(found)

    for creator_id, own, posts, messages, posted_at, sent_at in db.execute(
        sql("topic_works"), {"ids": json.dumps(list(creator_ids)), **_BOUNDS}
    ):
        if own:
            works[creator_id] += SELF
            texts.append(own.replace(SEPARATOR, " "))
            whose.append((creator_id, SELF))
            size += len(own)
        for joined in (posts, messages):
            if joined:
                parts = joined.split(SEPARATOR)
                works[creator_id] += len(parts)
                texts += parts
                whose += [(creator_id, 1)] * len(parts)
                size += len(joined)
        for at in (posted_at, sent_at):
            if at is not None:
                newest[creator_id] = max(at, newest.get(creator_id, at))
        if size > TOGETHER:
            judge()
            texts, whose, size = [], [], 0
    judge()
    return {
        one: Fit(on_topic.get(one, 0.0), n, hits.get(one, 0), terms.get(one, {}), newest.get(one))
        for one, n in works.items()
    }


def evidence(db: sqlite3.Connection, creator_id: int, profile: Sequence[Term], limit: int = 100) -> list[Work]:
    """The works behind a creator's fit, most on the topic first, then the newest; all of them add up to it."""
    rows = db.execute(sql("topic_evidence"), {"creator": creator_id, **_BOUNDS}).fetchall()
    weights = {term.text: term.weight for term in profile}
    works = []
    for number, found in _search([(row[4] or "").replace(SEPARATOR, " ") for row in rows], profile).items():
        kind, work, at, place, text = rows[number]
        counts = (SELF if kind == "self" else 1) * strength(found, weights)
        named = tuple(sorted(found, key=lambda term: (-weights[term], term)))
        works.append(Work(kind, work, at, place, text, named, counts))
    works.sort(key=lambda one: (-one.counts, -(one.at or 0), one.kind, one.id))
    return works[:limit]


def strength(found: Sequence[str], weights: Mapping[str, float]) -> float:
    """How much a text with these terms is on the topic: all of it but what each term leaves in doubt."""
    return 1.0 - math.prod(1.0 - weights[term] for term in found)


def _search(texts: Sequence[str], profile: Sequence[Term]) -> dict[int, list[str]]:
    """Which texts, free of separators, have any term, by number, and which: each once, in the profile's order.

    All texts are searched as one, term by term: what has none costs no more than being passed over.
    """
    folded = fold(SEPARATOR.join(texts))
    starts = [0, *accumulate(len(text) + 1 for text in folded.split(SEPARATOR))]
    found: dict[int, list[str]] = {}
    for term in profile:
        text, size, alone = term.text, len(term.text), not is_unspaced(term.text)
        at = folded.find(text)
        while at >= 0:
            if alone and not _apart(folded, at, at + size):
                at = folded.find(text, at + size)
                continue
            number = bisect_right(starts, at) - 1
            found.setdefault(number, []).append(text)
            at = folded.find(text, starts[number + 1])
    return found


def _apart(whole: str, start: int, stop: int) -> bool:
    """Whether what stands there is a word of its own: ``go`` is none in ``good`` or ``@go``, but one in ``go1``."""
    before, after = whole[start - 1 : start], whole[stop : stop + 1]
    return not (before == "@" or _joined(before, whole[start]) or _joined(whole[stop - 1], after))


def _joined(one: str, other: str) -> bool:
    if one.isalpha() and other.isalpha():
        return not is_unspaced(one) and not is_unspaced(other)
    return one.isdigit() and other.isdigit()
