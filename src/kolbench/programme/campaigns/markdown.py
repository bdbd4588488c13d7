"""Texts put into Markdown as they are."""

from __future__ import annotations

from kolbench.domain.text import clean_line

_SPECIAL = frozenset("\\`*_[]<>|~&$")
_BEGINS = frozenset("#+-=:")
"""Mean something where a line begins."""


def plain(text: str) -> str:
    """A text that Markdown shows unchanged, on one line: nothing of it is read as markup."""
    line = inside(text)
    return f"\\{line}" if line[:1] in _BEGINS else line


def inside(text: str) -> str:
    """The same for what doesn't begin a line, such as a cell of a table."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in clean_line(text, 2_000))
