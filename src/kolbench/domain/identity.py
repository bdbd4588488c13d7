"""Normal forms of handles and names, and references to accounts whose platform id is not known yet."""

from __future__ import annotations

import re
import unicodedata

HANDLE_REF = "handle:"
NAME_REF = "name:"

_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """The form in which two spellings of a name compare equal: NFKC, case-folded, single spaces."""
    if text.isascii():  # normal already; a handle on the way in is looked at a million times
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()  # which can undo the normal form: Greek ΐ
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", folded)).strip()


def handle_key(handle: str) -> str:
    """The form in which two spellings of a handle compare equal: ``@Ann`` and ``ann`` are one."""
    return fold(handle).removeprefix("@")


def handle_ref(handle: str) -> str:
    """A uid for an account known by its handle only; the store adopts the real id when it learns it."""
    return HANDLE_REF + handle_key(handle)


def name_ref(name: str) -> str:
    """A uid for an account known by its display name only (tables without an id column)."""
    return NAME_REF + fold(name)


def is_provisional(uid: str) -> bool:
    """Whether ``uid`` stands in for a platform id that nobody has told us yet."""
    return uid.startswith((HANDLE_REF, NAME_REF))
