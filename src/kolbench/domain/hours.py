"""Hours of a day as people tell them, such as ``9-12, 20:00-23:30``."""

from __future__ import annotations

import re
import unicodedata

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

Spans = tuple[tuple[int, int], ...]
"""From and to, in minutes after midnight; a span whose end isn't after its beginning goes on past midnight."""

DAY = 24 * 60

_TIME = r"(\d\d?)(?::(\d\d))?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|~|to|至|到)\s*{_TIME}")


def parse(text: str) -> Spans:
    """The spans that ``text`` names, in its order, separated by commas or blanks. Raises UsageError."""
    plain = (
        unicodedata.normalize("NFKC", text).casefold().replace("点", ":00").replace("時", ":00").replace("时", ":00")
    )
    spans: list[tuple[int, int]] = []
    rest = _SPAN.sub(lambda match: spans.append(_span(match, text)) or "", plain)  # type: ignore[func-returns-value]
    if not spans or rest.strip(" ,;、\t"):
        raise UsageError(_("'{text}' are no hours: write them like 9-12, 20:00-23:30.").format(text=text))
    return tuple(spans)


def written(spans: Spans) -> str:
    """The one way in which the store writes hours: ``09:00-12:00 20:00-23:30``."""
    return " ".join(f"{_clock(start)}-{_clock(stop)}" for start, stop in spans)


def _span(match: re.Match[str], text: str) -> tuple[int, int]:
    hour, minute, to_hour, to_minute = (int(part or 0) for part in match.groups())
    start, stop = hour * 60 + minute, to_hour * 60 + to_minute
    if not (start < DAY and stop <= DAY and minute < 60 and to_minute < 60 and start != stop):
        raise UsageError(_("'{text}' are no hours: write them like 9-12, 20:00-23:30.").format(text=text))
    return start, stop


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
