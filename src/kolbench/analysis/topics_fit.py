"""How well what somebody writes fits a brief's profile, and by which of their works."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.analysis.topics import CHARACTERS, SEPARATOR, fold, is_unspaced
from kolbench.domain.lang import N_
from kolbench.domain.scoring import Measure

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from kolbench.domain.briefs import Term

FORMULA = N_("sqrt(on topic / (texts + 5)), bio 3 times, category 5 times")
DOUBT = 5
"""Works off the topic that everybody is taken to have besides: one hit alone is no perfect fit."""

SELF, CATEGORY = 3, 5
"""What somebody says about themselves, and what they are filed under, counts as so many works: a category is no word
in passing."""

READ = {"category": CATEGORY, "self": SELF, "posts": 1, "messages": 1}
"""What is read of an account: what it is filed under, what it says about itself, and what it writes; as how many works
each text counts."""

POSTS, MESSAGES = 50, 100
"""The newest of each account, by which somebody is judged."""

TOGETHER = 100_000
"""So many characters are searched in one go, or one account's: as many as a processor has at hand."""

_LAST_AT = "SELECT creator_id, last_active_at FROM json_each(?) AS wanted CROSS JOIN standing ON creator_id = value"
_BOUNDS = {"posts": POSTS, "messages": MESSAGES, "characters": CHARACTERS}


class Work(NamedTuple):
    """A text on the topic: ``category``, ``self``, ``post`` or ``message`` with its id, when (ms), on which platform or
    in which community, which terms it has, and for how much of what is on the topic it counts.
    """

    kind: str
    id: int
    at: int | None
    place: str
    text: str
    terms: tuple[str, ...]
    counts: float


class _Told:
    """What one creator was found to have written: how many texts, and how much that is in works; how many have any
    term, and how much of the works that is; which kinds of ``READ`` (a bit each); when (ms) the profile was seen, if it
    says anything.
    """

    __slots__ = ("kinds", "on_topic", "seen_at", "texts", "with_terms", "works")

    def __init__(self) -> None:
        self.texts = self.works = self.with_terms = self.kinds = self.seen_at = 0
        self.on_topic = 0.0

    def measure(self, last_at: int | None) -> Measure:
        on_topic, works, texts = self.on_topic, self.works, self.texts
        stop = last_at or self.seen_at or None
        return Measure(
            value(on_topic, works), on_topic / works, self.with_terms, texts, texts, None, stop, _read(self.kinds)
        )


@cache
def _read(kinds: int) -> str:
    """What was read, in words of the formula."""
    return " + ".join(kind for bit, kind in enumerate(READ) if kinds & 1 << bit)


def fits(db: sqlite3.Connection, creator_ids: Sequence[int], profile: Sequence[Term]) -> dict[int, Measure]:
    """How much of what each of up to some thousand creators writes is on a profile's topic; who writes nothing is
    left out. A work counts for as much as it is on the topic, what an account says about itself for ``SELF`` works,
    its category for ``CATEGORY``. Numerator, denominator and sample count texts, each once: those that have any
    term, and all that were read. The measures stop when the creator last published or said something, as far as
    that is derived, else when the profile was last seen; how they were made names what was read, such as
    ``self + posts``.
    """
    told: dict[int, _Told] = {}
    weights = {term.text: term.weight for term in profile}
    said: list[str] = []
    whose: list[tuple[_Told, int]] = []
    size = 0

    def judge() -> None:
        whole = fold(SEPARATOR.join(said))
        starts = [0, *accumulate([len(texts) + 1 for texts in said])]
        if len(whole) != starts[-1] - 1:  # some letters fold into two
            starts = [0, *accumulate([len(fold(texts)) + 1 for texts in said])]
        for at, found in _search(whole, profile).items():
            one, worth = whose[bisect_right(starts, at) - 1]
            one.on_topic += worth * strength(found, weights)
            one.with_terms += 1

    read = tuple((1 << bit, worth) for bit, worth in enumerate(READ.values()))
    asked = json.dumps(list(creator_ids))
    for creator_id, seen_at, *found in db.execute(sql("topic_works"), {"ids": asked, **_BOUNDS}):
        if (one := told.get(creator_id)) is None:
            one = told[creator_id] = _Told()
        for (kind, worth), texts in zip(read, found):
            if texts:
                one.kinds |= kind
                one.texts += (number := texts.count(SEPARATOR) + 1)
                one.works += worth * number
                said.append(texts)
                whose.append((one, worth))
                size += len(texts)
        if (found[0] or found[1]) and seen_at > one.seen_at:
            one.seen_at = seen_at
        if size > TOGETHER:
            judge()
            said, whose, size = [], [], 0
    judge()
    last_at = dict(db.execute(_LAST_AT, (asked,)).fetchall())
    return {creator_id: one.measure(last_at.get(creator_id)) for creator_id, one in told.items() if one.works}


def value(on_topic: float, works: int) -> float:
    """How well somebody fits, from 0 to 1 on a fixed scale: ``FORMULA``."""
    return math.sqrt(on_topic / (works + DOUBT))


def evidence(db: sqlite3.Connection, creator_id: int, profile: Sequence[Term], limit: int = 100) -> list[Work]:
    """The works behind a creator's fit, most on the topic first, then the newest; what all of them count makes it."""
    rows = db.execute(sql("topic_evidence"), {"creator": creator_id, **_BOUNDS}).fetchall()
    weights = {term.text: term.weight for term in profile}
    works = []
    for kind, work, at, place, texts in rows:
        for found in _search(fold(texts or ""), profile).values():
            counts = READ.get(kind, 1) * strength(found, weights)
            named = tuple(sorted(found, key=lambda term: (-weights[term], term)))
            works.append(Work(kind, work, at, place, texts, named, counts))
    works.sort(key=lambda one: (-one.counts, -(one.at or 0), one.kind, one.id))
    return works[:limit]


def strength(found: Sequence[str], weights: Mapping[str, float]) -> float:
    """How much a text with these terms is on the topic: all of it but what each term leaves in doubt."""
    return 1.0 - math.prod(1.0 - weights[term] for term in found)


def _search(whole: str, profile: Sequence[Term]) -> dict[int, list[str]]:
    """Which of the folded texts in ``whole``, parted by separators, have any term, by where they begin, and which:
    each once, in the profile's order.

    All texts are searched as one, term by term: what has none costs no more than being passed over.
    """
    found: dict[int, list[str]] = {}
    for term in profile:
        text, alone = term.text, not is_unspaced(term.text)
        at = whole.find(text)
        while at >= 0:
            stop = at + len(text)
            if not alone or _apart(whole, at, stop):
                found.setdefault(whole.rfind(SEPARATOR, 0, at) + 1, []).append(text)
                stop = whole.find(SEPARATOR, stop)
                if stop < 0:
                    break
            at = whole.find(text, stop)
    return found


def _apart(whole: str, start: int, stop: int) -> bool:
    """Whether what stands there is a word of its own: ``go`` is none in ``good`` or ``@go``, but one in ``go1``."""
    before, after = whole[start - 1 : start], whole[stop : stop + 1]
    return not (before == "@" or _joined(before, whole[start]) or _joined(whole[stop - 1], after))


def _joined(one: str, other: str) -> bool:
    if one.isalpha() and other.isalpha():
        return not is_unspaced(one) and not is_unspaced(other)
    return one.isdigit() and other.isdigit()
