"""How well what somebody writes fits a brief's profile, and by which of their works."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.analysis.topics import ACCOUNT, CHARACTERS, SEPARATOR, fold, is_unspaced
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

TOGETHER = 200
"""The texts of so many creators are searched in one go: as many as a processor has at hand."""

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
    term, and how much of the works that is; which kinds of ``READ`` (a bit each); when (ms) they wrote last, or
    were seen, 0 if that isn't known.
    """

    __slots__ = ("kinds", "last_at", "on_topic", "texts", "with_terms", "works")

    def __init__(self) -> None:
        self.texts = self.works = self.with_terms = self.kinds = self.last_at = 0
        self.on_topic = 0.0

    def add(self, kind: int, texts: int, worth: int) -> None:
        self.kinds |= kind
        self.texts += texts
        self.works += worth * texts

    def measure(self) -> Measure:
        on_topic, works, texts, stop = self.on_topic, self.works, self.texts, self.last_at or None
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
    for start in range(0, len(creator_ids), TOGETHER):
        _read_texts(db, creator_ids[start : start + TOGETHER], profile, told)
    return {creator_id: one.measure() for creator_id, one in told.items() if one.works}


def _read_texts(
    db: sqlite3.Connection, creator_ids: Sequence[int], profile: Sequence[Term], told: dict[int, _Told]
) -> None:
    """Add what these creators have written to what is ``told`` of each.

    The store hands over all texts of a kind as one: that takes one step of the database, in which other threads work
    on, and they are searched as one.
    """
    weights = {term.text: term.weight for term in profile}
    values = {"ids": json.dumps(list(creator_ids)), **_BOUNDS}
    owners, last_at, *columns = db.execute(sql("topic_works"), values).fetchone()
    ones = [told.get(creator_id) or told.setdefault(creator_id, _Told()) for creator_id in json.loads(owners)]
    for bit, (worth, column) in enumerate(zip(READ.values(), columns, strict=True)):
        if SEPARATOR not in (column or ""):
            continue
        whole = fold(column)
        accounts = whole.split(ACCOUNT)
        for one, texts in zip(ones, accounts, strict=True):
            if texts:
                one.add(1 << bit, texts.count(SEPARATOR), worth)
        starts = [0, *accumulate([len(texts) + 1 for texts in accounts])]
        for at, found in _search(whole, profile).items():
            one = ones[bisect_right(starts, at) - 1]
            one.on_topic += worth * strength(found, weights)
            one.with_terms += 1
    for one, at in zip(ones, json.loads(last_at), strict=True):
        one.last_at = max(one.last_at, at)


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
