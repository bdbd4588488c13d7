"""Search as you type, Chinese included: names broken into short terms that an FTS5 index can find.

FTS5's own trigrams can't find two-character words, and most Chinese names are shorter than three.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import add
from typing import TYPE_CHECKING

from kolbench.domain.identity import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_IDEOGRAPHS = r"㐀-鿿豈-﫿぀-ヿ가-힯\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_IDEOGRAPHS}]+)|([^\W_{_IDEOGRAPHS}]+)")


def terms(key: str) -> list[str]:
    """The terms under which a folded name is found: ideographs alone and in pairs, letters in threes.

    The first one and two letters of a word are terms too, so that typing can start to narrow at once. Some are named
    twice, which the index makes nothing of.
    """
    found: list[str] = []
    for ideographs, word in _RUN.findall(key):
        if word:
            found += (word[:1], word[:2])
            found += map(add, map(add, word, word[1:]), word[2:])
        else:
            found += ideographs
            found += map(add, ideographs, ideographs[1:])
    return found


def query(text: str) -> tuple[str, str]:
    """``(match, part)``: an FTS5 expression that finds a superset, and the folded text to check with instr().

    One or two letters alone find the beginnings of words. The expression is empty when there is nothing to look
    up (an emoji, a lone sign): then only the check applies.
    """
    part = fold(text)
    runs = _RUN.findall(part)
    wanted: set[str] = set()
    for place, (ideographs, word) in enumerate(runs):
        if len(ideographs) == 1:
            wanted.add(ideographs)
        wanted.update(map(add, ideographs, ideographs[1:]))
        if len(word) > 2:
            wanted.update([word[i : i + 3] for i in range(len(word) - 2)])
        elif word and (place > 0 or len(runs) == 1):  # the first of several may be the end of a longer word
            wanted.add(word)
    return " AND ".join(sorted(f'"{_token(term)}"' for term in wanted)), part


def finds_beginnings(text: str) -> bool:
    """Whether the expression for it finds less than the check alone: the beginnings of words."""
    runs = _RUN.findall(fold(text))
    return len(runs) == 1 and 0 < len(runs[0][1]) <= 2


def index(db: sqlite3.Connection, entries: Iterable[tuple[int, str | None, str]]) -> None:
    """Index ``(creator_id, former key or None, key)``."""
    changed = [(creator_id, was, key) for creator_id, was, key in entries if was != key]
    remove(db, ((creator_id, was) for creator_id, was, _key in changed if was is not None))
    db.executemany(
        "INSERT INTO creator_terms (rowid, terms) VALUES (?, ?)",
        ((creator_id, _document(key)) for creator_id, _was, key in changed),
    )


def remove(db: sqlite3.Connection, entries: Iterable[tuple[int, str]]) -> None:
    """Take ``(creator_id, key)`` out of the index; the key must be the one it was indexed under."""
    db.executemany(
        "INSERT INTO creator_terms (creator_terms, rowid, terms) VALUES ('delete', ?, ?)",
        ((creator_id, _document(key)) for creator_id, key in entries),
    )


def compact(db: sqlite3.Connection) -> None:
    """Write the index anew without what was taken out of it."""
    db.execute("INSERT INTO creator_terms (creator_terms) VALUES ('optimize')")


def clear(db: sqlite3.Connection) -> None:
    """Forget the whole index."""
    db.execute("INSERT INTO creator_terms (creator_terms) VALUES ('delete-all')")


def _document(key: str) -> str:
    return " ".join([term if term.isascii() else _token(term) for term in terms(key)])


@lru_cache(maxsize=8192)
def _token(term: str) -> str:
    """A term in ASCII: FTS5 would split letters that are younger than its table of Unicode."""
    return term if term.isascii() else "u" + term.encode("utf-16-be", "surrogatepass").hex()
