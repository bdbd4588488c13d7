"""Which of several kept things a text means: by its name, by its number, or by a part of its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold

NAMED = 8
"""Names that a message lists at most."""

ALIKE = 0.5
"""From so much likeness on, of 1, a name may be what was meant."""

MISSPELT = 0.8
"""From so much likeness on a word that may be new is rather a misspelling."""


def meant(text: str, every: Sequence[tuple[int, str]], *, none: str, which: str, unknown: str) -> int:
    """The number of the one that ``text`` means, of ``every`` number and name.

    Raises UsageError with ``none`` where there is nothing to mean, ``which`` where there are several of ``{names}``,
    or ``unknown`` with ``{text}`` and the ``{names}`` that come near it.
    """
    key = fold(text.strip())
    found = [one for one in every if fold(one[1]) == key] or [one for one in every if text.strip() == str(one[0])]
    found = found or [one for one in every if key and key in fold(one[1])]
    if len(found) == 1:
        return found[0][0]
    if found:
        raise UsageError(which.format(names=few(map(numbered, found))))
    if not every:
        raise UsageError(none)
    raise UsageError(unknown.format(text=text, names=few(map(numbered, near(key, every)))))


def near(key: str, every: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """Those whose names come near a folded one; all of them where none does."""
    from difflib import get_close_matches

    alike = get_close_matches(key, [fold(name) for _number, name in every], NAMED, ALIKE)
    return [one for one in every if fold(one[1]) in alike] or every


def misspelt(word: str, known: Iterable[str]) -> str:
    """The known word that another one is likely meant to be; "" where it is known itself, or like none."""
    from difflib import get_close_matches

    words = list(known)
    return "" if word in words else "".join(get_close_matches(fold(word), words, 1, MISSPELT))


def numbered(one: tuple[int, str]) -> str:
    """A name with the number that tells it from others of that name."""
    return f"{one[1]} ({one[0]})"


def few(names: Iterable[str], most: int = NAMED) -> str:
    """The first of them in a line, and whether there are more."""
    every = list(names)
    return ", ".join(every[:most]) + (", …" if len(every) > most else "")
