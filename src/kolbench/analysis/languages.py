"""Which language somebody writes in, as far as the script tells."""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import ids

if TYPE_CHECKING:
    from kolbench.domain.briefs import Language
    from kolbench.domain.scoring import People

TEXTS = 5
"""Of each account so many of its newest works, and of its newest messages, are looked at."""

KANA = 0.2
"""Where at least this share of Han and kana together is kana, it is Japanese: Chinese has の for an ornament."""

WORD = 2.0
"""A word of letters says as much as so many Han characters; where letters are counted, five make a word."""

_ADDRESS = re.compile(r"(?:https?://|@)[!-~]+")
_PUNCTUATION = re.compile(r"[\u3000-\u303f\u30fb]+")
"""The punctuation on kana's page, which Chinese uses as well."""
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")

_PAGES: dict[Language | str, tuple[int, ...]] = {
    "cyrillic": (0x04,),
    "arabic": (0x06,),
    "devanagari": (0x09,),
    "thai": (0x0E,),
    "kana": (0x30,),
    "han": tuple(range(0x34, 0xA0)),
    "ko": (0x11, *range(0xAC, 0xD8)),
}
"""The pages of 256 characters of Unicode where each script is; without punctuation, nothing else of note is there."""

_LETTERS: tuple[Language, ...] = ("cyrillic", "arabic", "devanagari", "thai")
_MARKS = {name: bytes([number]) for number, name in enumerate(_PAGES, 1)}
_MARKED = bytes(
    next((mark[0] for name, mark in _MARKS.items() if page in _PAGES[name]), 0) for page in range(256)
)  # fmt: skip


def languages(people: People) -> dict[int, Language]:
    """The language of each creator's names, bios and newest texts; who wrote nothing is left out."""
    rows = people.db.execute(sql("standing_texts"), {"ids": ids(people), "texts": TEXTS})
    found: dict[int, Language] = {}
    for creator_id, accounts in groupby(rows, itemgetter(0)):
        if told := language(" ".join([text for account in accounts for text in account[1:] if text])):
            found[creator_id] = told
    return found


def language(text: str) -> Language | None:
    """The language that most of a text is in; Han without kana is Chinese. None for text without words."""
    text = _PUNCTUATION.sub(" ", _ADDRESS.sub(" ", text) if "://" in text or "@" in text else text)
    # The upper bytes of UTF-16 are the pages, which is many times as fast as looking at each character.
    pages = text.encode("utf-16-le", "surrogatepass")[1::2].translate(_MARKED)
    han, kana = pages.count(_MARKS["han"]), pages.count(_MARKS["kana"])
    japanese = kana > 0 and kana >= KANA * (han + kana)
    said: dict[Language, float] = {
        "zh": 0 if japanese else han,
        "ja": han + kana if japanese else 0,
        "ko": pages.count(_MARKS["ko"]),
        "latin": WORD * len(_LATIN.findall(text)),
    }
    for name in _LETTERS:
        said[name] = WORD * pages.count(_MARKS[name]) / 5
    best = max(said, key=said.__getitem__)
    return best if said[best] else None
