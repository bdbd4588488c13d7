"""Chinese names in Latin letters, as their bearers write them in handles abroad: 王子轩 is ``wangzixuan``."""

from __future__ import annotations

import gc
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 6
"""Names of more characters are phrases; nobody spells those out."""

SHORTEST = 7
"""Spellings with fewer letters are borne by too many."""

SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "任": "ren", "区": "ou", "朴": "piao",
    "盖": "ge", "纪": "ji", "缪": "miao", "翟": "zhai", "乐": "yue", "折": "she", "员": "yun", "尉迟": "yuchi",
    "万俟": "moqi", "长孙": "zhangsun",
}  # fmt: skip
"""Characters that are read in another way at the beginning of a name."""


def spelled(name: str) -> str | None:
    """A Chinese name, folded and simplified, in letters without tones; None for other names.

    None for all of them where the extra ``pinyin`` isn't installed.
    """
    if not 2 <= len(name) <= LONGEST or not all("㐀" <= letter <= "鿿" for letter in name):
        return None
    if not known():
        return None
    surname = next((name[:n] for n in (2, 1) if name[:n] in SURNAMES), "")
    spelling = SURNAMES.get(surname, "") + "".join(map(_letters, name[len(surname) :]))
    return spelling if len(spelling) >= SHORTEST else None


def spellings_of(name: str) -> set[str]:
    """How a handle or a Latin name may spell a Chinese one: its letters alone, the surname at either end."""
    words = name.split()
    orders = (words, words[::-1]) if len(words) == 2 else (words,)
    found = {"".join(letter for word in order for letter in word if letter.isalpha()) for order in orders}
    return {letters for letters in found if letters.isascii() and SHORTEST <= len(letters) <= 30}


def known() -> bool:
    """Whether names can be spelled here."""
    return _reader() is not None


@lru_cache(8192)
def _letters(character: str) -> str:
    """Characters of names are read one by one: looking for words among them takes ten times as long."""
    read = _reader()
    return "".join(read(character)) if read else ""


@cache
def _reader() -> Callable[[str], list[str]] | None:
    # A dictionary of half a second and 50 MB: read only where people are compared.
    try:
        from pypinyin import lazy_pinyin
    except ImportError:
        return None
    gc.freeze()  # it is half a million lists, over which the garbage collector would go again and again
    return lazy_pinyin  # type: ignore[no-any-return,unused-ignore]
