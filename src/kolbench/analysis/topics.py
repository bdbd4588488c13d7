"""What a brief is about: its keywords, and the terms that its examples use surely more often than others do."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.domain.briefs import Term

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Container, Iterable, Iterator, Sequence

VERSION = 1
"""Changes with how terms are cut, chosen or weighed, or with what they are looked for in."""

TERMS = 40
"""So many terms of the examples at most, beside the keywords."""

KEYWORD = 0.95
"""The weight of a keyword: a work that says it is on the topic, and may be surer of it."""

STRONGEST, WEAKEST = 0.5, 0.05
"""The weights of terms of the examples: two of the strongest make a work three quarters on the topic."""

CLEAR = 5.0
"""Log-odds of the strongest: used with 150 times the odds."""

SURE = 2.0
"""Standard errors by which a term's log-odds are above none at least."""

TEXTS, CHARACTERS = 50, 500
"""Of each account the newest works, and the beginning of each, that examples and others are judged by."""

EXAMPLES, OTHERS, TRIED, TALK = 1_000, 1_000, 20_000, 20_000
"""Accounts of examples, other accounts of each kind to compare with, how many are tried for them, messages read."""

FEW = 50
"""With fewer others on a platform, the examples are compared with people of all platforms."""

KEYWORDS, LENGTH = 100, 100
"""Keywords of a brief, and characters of each, that are taken."""

UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts whose words aren't parted by spaces, or not from what hangs on them: Han, kana, Hangul, Thai and others."""

GRAMS = (2, 3, 4)
"""Characters of a term in those scripts."""

SEPARATOR, ACCOUNT = "\x1f", "\x1e"
"""Between texts, and accounts, read as one; the gate lets them into no text."""

_NOISE = re.compile(r"https?://\S+|www\.\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+|[@＠][\w.-]+")
_RUN = re.compile(rf"[{UNSPACED}]+|[^\W\d_{UNSPACED}](?:[^\W_{UNSPACED}]|['’](?=[^\W\d_{UNSPACED}]))*[+#]*")
_unspaced = re.compile(f"[{UNSPACED}]").match
_WIDE = r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f]"
_wide = re.compile(_WIDE).search  # twice as fast as for a run of them
_narrowed = partial(re.compile(f"{_WIDE}+").sub, lambda run: unicodedata.normalize("NFKC", run[0]))


def fold(text: str) -> str:
    """The form in which terms and texts are compared: lower case, and full-width letters as plain ones.

    A text by itself and as a part of another is folded alike.
    """
    return (_narrowed(text) if _wide(text) else text).lower()


def is_unspaced(text: str) -> bool:
    """Whether a text begins in a script that doesn't part its words."""
    return _unspaced(text) is not None


def terms(text: str) -> Iterator[str]:
    """The folded terms of a text, as often as they stand in it: words, and every 2, 3 and 4 characters in a row of
    scripts that don't part them. Addresses, mentions, numbers and single letters are none.
    """
    for run in _RUN.findall(_NOISE.sub(" ", fold(text))):
        if _unspaced(run):
            for n in GRAMS:
                for start in range(len(run) - n + 1):
                    yield run[start : start + n]
        elif len(run) > 1:
            yield run


def profile(
    db: sqlite3.Connection,
    keywords: Mapping[str, float] | Iterable[str],
    creator_ids: Iterable[int] = (),
    community_ids: Iterable[int] = (),
    without: Iterable[str] = (),
) -> tuple[Term, ...]:
    """A brief's profile: its keywords as given, and up to ``TERMS`` terms of its examples, heaviest first, but none
    that is struck out (``without``).

    Keywords may have a weight each, from 0 to 1. Examples are creators, by all their texts, and communities, by what
    is said there. The same store gives the same profile; at most some 100,000 texts are read for it.
    """
    given = _keywords(keywords)
    left_out = [fold(word) for word in without]
    found = _distinctive(db, [term.text for term in given], left_out, list(creator_ids), list(community_ids))
    return (*given, *sorted(_apart(found), key=lambda term: (-term.weight, term.text)))


def _keywords(keywords: Mapping[str, float] | Iterable[str]) -> list[Term]:
    weighed = keywords if isinstance(keywords, Mapping) else dict.fromkeys(keywords, 1.0)
    found: dict[str, float] = {}
    for keyword, weight in weighed.items():
        text = " ".join(fold(keyword[:LENGTH]).replace(SEPARATOR, " ").split())
        if text and weight > 0:
            found[text] = max(found.get(text, 0.0), KEYWORD * min(1.0, weight))
    return [Term(text, weight, keyword=True) for text, weight in list(found.items())[:KEYWORDS]]


Kind = tuple[str, str]
"""A platform, and what was written there: ``self`` (name, category, bio), ``post`` or ``message``."""


def _distinctive(
    db: sqlite3.Connection,
    keywords: Sequence[str],
    left_out: Sequence[str],
    creator_ids: Sequence[int],
    community_ids: Sequence[int],
) -> list[Term]:
    """The terms that more accounts of the examples use than of others, compared with the same kinds of texts.

    Surest first; what is left of the examples' texts without the keywords, and what is left out, is looked at.
    """
    # Of scripts that part their words only whole ones: "art" is no part of "smart".
    struck = frozenset(word for word in left_out if not is_unspaced(word) and list(terms(word)) == [word])
    cut = sorted({*keywords, *left_out} - (struck - frozenset(keywords)), key=len, reverse=True)
    without = re.compile("|".join(map(re.escape, cut)) or r"(?!)")
    ours: dict[Kind, Counter[str]] = defaultdict(Counter)
    sizes: Counter[Kind] = Counter()
    examples: set[int] = set()
    for kind, account, text in _examples(db, creator_ids, community_ids):
        ours[kind].update(frozenset(terms(without.sub(SEPARATOR, fold(text)))) - struck)
        sizes[kind] += 1
        examples.add(account)
    of = sizes.total()
    users: Counter[str] = Counter()
    expected: dict[str, float] = defaultdict(float)
    rest = 0
    for kind, size in sizes.items():
        users.update(ours[kind])
        theirs, people = _others(db, kind, examples)
        rest += people
        # The others as if they had written each kind of text as often as the examples have.
        for text in ours[kind].keys() & theirs.keys():
            expected[text] += size / of * theirs[text] / people
    judged = []
    for text, n in users.items():
        if n >= min(2, of):
            others = expected.get(text, 0.0) * rest
            sure, weight = _judge(n, of, others, rest)
            if sure >= SURE and weight >= WEAKEST:
                judged.append((sure, Term(text, weight, False, n, of, round(others, 1), rest)))
    judged.sort(key=lambda one: (-one[0], -len(one[1].text), one[1].text))
    return [term for _sure, term in judged]


def _judge(users: int, of: int, others: float, rest: int) -> tuple[float, float]:
    """How sure it is that examples use a term more often than others, in standard errors, and the term's weight.

    By the log-odds ratio with half an account added to each count; the weight is by what is left of it after one
    standard error, so that a rare term doesn't weigh much by chance.
    """
    a, b, c, d = users + 0.5, of - users + 0.5, others + 0.5, max(0.0, rest - others) + 0.5
    odds = math.log(a / b) - math.log(c / d)
    error = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return odds / error, STRONGEST * min(1.0, max(0.0, odds - error) / CLEAR)


def _apart(found: Iterable[Term]) -> list[Term]:
    """The first ``TERMS`` that say something new: 创作 and 作者 are within 创作者 where all who use them say that."""
    kept: list[Term] = []
    for term in found:
        if is_unspaced(term.text) and any(_same(term, one) for one in kept):
            continue
        kept.append(term)
        if len(kept) == TERMS:
            break
    return kept


def _same(one: Term, other: Term) -> bool:
    """Whether both are cut from the same words: they overlap, and about as many use them."""
    short, long = sorted((one.text, other.text), key=len)
    if short not in long and short[1:] not in long and short[:-1] not in long:
        return False
    return len(short) > 1 and min(one.users, other.users) > 0.7 * max(one.users, other.users)


def _examples(
    db: sqlite3.Connection, creator_ids: Sequence[int], community_ids: Sequence[int]
) -> Iterator[tuple[Kind, int, str]]:
    """What the examples wrote: a kind, an account, and its texts of that kind as one."""
    bounds = {"texts": TEXTS, "characters": CHARACTERS}
    own = {"creators": json.dumps(creator_ids), "accounts": EXAMPLES, **bounds}
    for account, platform, *texts in db.execute(sql("topic_examples"), own):
        for kind, text in zip(("self", "post", "message"), texts):
            if text and text.strip():
                yield (platform, kind), account, text
    for community in community_ids:
        said: dict[tuple[str, int], list[str]] = defaultdict(list)
        bound = {"community": community, "messages": TALK // len(community_ids), "characters": CHARACTERS}
        for platform, account, text in db.execute(sql("topic_community"), bound):
            if len(texts := said[platform, account]) < TEXTS:
                texts.append(text)
        for (platform, account), texts in list(said.items())[:EXAMPLES]:
            yield (platform, "message"), account, SEPARATOR.join(texts)


def _others(db: sqlite3.Connection, kind: Kind, examples: Container[int]) -> tuple[Counter[str], int]:
    """How many of the accounts that aren't examples use a term in texts of a kind, and how many these are."""
    platform, what = kind
    found: Counter[str] = Counter()
    people = 0
    for place in (platform, None):
        bounds = {"platform": place, "tried": TRIED, "texts": TEXTS, "characters": CHARACTERS, "others": OTHERS}
        found, people = Counter(), 0
        for account, text in db.execute(sql(f"topic_others_{what}"), bounds):
            if account not in examples and text.strip():
                found.update(frozenset(terms(text)))
                people += 1
        if people >= FEW:
            break
    return found, max(people, 1)
