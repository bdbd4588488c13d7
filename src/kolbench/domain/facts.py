"""What is written down about a person field by field, and what each field takes."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from kolbench.domain import hours
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST = 2_000
"""Characters of a value."""

ARCHETYPES = {"looks": "颜值", "resource": "资源", "creative": "创作"}
"""Why people follow them: what they look like, what they can get, what they make."""


def checked(field: str, text: str) -> str:
    """A value as it is kept; empty where ``text`` says nothing. Raises UsageError: no such field, no such value."""
    if field not in FIELDS:
        raise UsageError(_("There is no field '{name}'. Fields: {names}.").format(name=field, names=", ".join(FIELDS)))
    text = clean_text(text, LONGEST).strip()
    return FIELDS[field](text) if text else ""


def _words(text: str) -> str:
    return text


def _line(text: str) -> str:
    return clean_line(text)


def _archetype(text: str) -> str:
    key = unicodedata.normalize("NFKC", text).casefold()
    for name, chinese in ARCHETYPES.items():
        if key in (name, chinese):
            return name
    raise UsageError(_("'{text}' is no archetype: {names}.").format(text=text, names=", ".join(ARCHETYPES)))


def _time_zone(text: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(text).key
    except (KeyError, OSError, ValueError):  # the last for names that lead out of its folder
        raise UsageError(_("'{text}' is no time zone: write one like Asia/Shanghai.").format(text=text)) from None


def _hours(text: str) -> str:
    return hours.written(hours.parse(text))


def _exclusive(text: str) -> str:
    """Until which day and with whom, the day in front: as text it compares as the days do."""
    from kolbench.domain.clock import from_ms, now
    from kolbench.domain.partial_dates import told

    try:
        day, *whom = clean_line(text).split()
        until = told(day, from_ms(now()).astimezone().date())
        return " ".join((date(until.year or 0, until.month or 0, until.day or 0).isoformat(), *whom))
    except (UsageError, ValueError):
        raise UsageError(_("Write until which day, and with whom: 2027-12-31 Some Brand.")) from None


FIELDS: Mapping[str, Callable[[str], str]] = {
    "archetype": _archetype,
    "field": _line,
    "influence": _words,
    "personality": _words,
    "preferences": _words,
    "dislikes": _words,
    "occupation": _line,
    "city": _line,
    "language": _line,
    "time_zone": _time_zone,
    "hours": _hours,
    "resources": _words,
    "used": _words,
    "exclusive": _exclusive,
}
"""A field to what makes its value; ``field`` is that of their influence, ``influence`` by what means they have it,
``hours`` are those in which they have time, ``resources`` what they can bring, ``used`` what of ours they have used,
``exclusive`` until when somebody else has them for themself alone."""
