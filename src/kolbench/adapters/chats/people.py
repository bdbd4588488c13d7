"""Who is who in a chat: those whom a message names by id, whoever wrote what it replies to, and the bots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kolbench.domain.identity import handle_key
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from kolbench.adapters.protocol import Pull

REMEMBERED = 50_000
"""Messages whose authors are remembered at least; who replies to one twice as far back replies to nobody."""

_LONGEST = 100
_COMMA = re.compile("[,，、]")


class Authors:
    """Who wrote the latest messages: two generations of them, the older of which is let go of as a whole."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._before: dict[str, str] = {}

    def note(self, message_uid: str, author_uid: str) -> None:
        """Remember who wrote a message."""
        if len(self._of) >= REMEMBERED:
            self._of, self._before = {}, self._of
        self._of[message_uid] = author_uid

    def of(self, message_uid: str | None) -> str | None:
        """Who wrote it, if that is known."""
        if message_uid is None:
            return None
        return self._of.get(message_uid) or self._before.get(message_uid)


def mark(name: str) -> str:
    """``name`` after @, as it stands in the text of ``Said``: with its end marked."""
    plain = clean_line(name).translate(_ISOLATES)[:_LONGEST]
    return f"@\u2068{plain}\u2069" if plain else "@"


def mark_ids(text: str, names: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """``text`` with its Discord mentions (``<@42>``) as marked names, and the ids of those by the names' keys.

    ``names`` are those of the people whom the platform says are mentioned. One that stands in the text already,
    as exports write it, is marked there.
    """
    named = {handle_key(clean_line(name)[:_LONGEST]): uid for uid, name in names.items()}
    text = _MENTION.sub(lambda found: mark(names.get(found[1], found[1])), text)
    for name in sorted(names.values(), key=len, reverse=True):
        text = text.replace(f"@{name}", mark(name))
    return text, named


_ISOLATES = str.maketrans("", "", "\u2068\u2069\n")
_MENTION = re.compile(r"<@!?(\d{1,20})>")


def bots_named(pull: Pull) -> frozenset[str]:
    """The keys of the handles in the setting ``bots``: between commas, Western or Chinese, for names have spaces."""
    return frozenset(handle_key(bot) for bot in _COMMA.split(pull.settings.get("bots", "")) if bot.strip())
