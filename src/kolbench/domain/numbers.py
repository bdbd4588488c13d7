"""Counts, percentages and durations as people and platforms write them, read into exact integers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kolbench.domain.lang import _
from kolbench.domain.records import Count

LIMIT = 10**15
"""The largest count anything on earth may have; more is a damaged cell."""

BLANKS = frozenset(("", "-", "--", "—", "——", "–", "nan", "null", "none", "nil", "n/a", "na", "#n/a", "\\n"))
"""What stands for "not told" in a table, case-folded; never a zero."""

_LONGEST = 64
_UNITS = {
    "百": 10**2,
    "k": 10**3,
    "千": 10**3,
    "w": 10**4,
    "万": 10**4,
    "萬": 10**4,
    "lakh": 10**5,
    "m": 10**6,
    "mn": 10**6,
    "million": 10**6,
    "百万": 10**6,
    "百萬": 10**6,
    "crore": 10**7,
    "千万": 10**7,
    "千萬": 10**7,
    "亿": 10**8,
    "億": 10**8,
    "b": 10**9,
    "bn": 10**9,
    "billion": 10**9,
}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_GROUPED = re.compile(r"(?:\d{1,3}([, '’])\d{3}(?:\1\d{3})*|\d{1,2}(?:([, '])\d\d)+\2\d{3})(?!\d)")
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_PART = re.compile(rf"(\d+)(?:\.(\d*))?(?:e\+?(\d\d?)|\s*({_UNIT}))?")
_TAIL = re.compile(r"\s*(\+?)\s*(?:人|次|个|位|粉丝|粉)?\s*(\+?)")
_PERCENT = re.compile(r"(\d{1,6})(?:\.(\d{1,15}))?\s*%")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d\d?)(?:\.\d{1,9})?")
_SPELT = re.compile(
    r"(?:pt)?(?:(\d{1,5})\s*(?:hours?|hrs?|h|小时|小時|时))?\s*"
    r"(?:(\d{1,6})\s*(?:minutes?|mins?|m|分钟|分鐘|分))?\s*"
    r"(?:(\d{1,8})(?:\.\d{1,9})?\s*(?:seconds?|secs?|s|秒钟|秒鐘|秒))?"
)
_SECONDS = re.compile(r"(\d{1,8})(?:\.\d{1,9})?")


def parse_count(text: str, *, signed: bool = False) -> Count | None:
    """The count that ``text`` states, with how exact it is; None when it states none.

    ``7.9万`` is 79,000 ± 500: half of the last digit written. ``10万+`` only says "at least", which is kept
    as 100,000 ± 100,000. Grouping may be western, Indian or by spaces. ``signed`` allows ``-12`` (a change).
    Raises ValueError, with a few words on why, for what is no count or is above ``LIMIT``.
    """
    try:
        value = int(text)
    except ValueError:
        return _written(text, signed)
    if value < 0 and not signed:
        raise ValueError(_("a count below zero"))
    if not -LIMIT <= value <= LIMIT:
        raise ValueError(_("implausibly large"))
    return Count(value)


def parse_percent(text: str) -> int | None:
    """Basis points of a percentage (``1.39%`` is 139, rounded); None when blank.

    Raises ValueError for anything without a percent sign: 0.0139 and 1.39 could each mean either.
    """
    plain = _plain(text)
    if plain.rstrip("% ") in BLANKS:
        return None
    match = _PERCENT.fullmatch(plain)
    if not match:
        raise ValueError(_("not a percentage with its % sign"))
    decimals = ((match[2] or "") + "000")[:3]
    return (int(match[1] + decimals) + 5) // 10


def parse_duration(text: str) -> int | None:
    """Whole seconds of ``02:24``, ``1:02:03``, ``PT1M2S``, ``3分20秒`` or a bare number of seconds; None when blank.

    Raises ValueError for what is no length of time.
    """
    plain = _plain(text)
    if plain in BLANKS:
        return None
    if match := _SECONDS.fullmatch(plain):
        return int(match[1])
    match = _CLOCK.fullmatch(plain) or _SPELT.fullmatch(plain)
    if not match or not any(match.groups()):
        raise ValueError(_("not a length of time"))
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _plain(text: str) -> str:
    """``text`` in ASCII digits, lower case and plain spaces. Raises ValueError when far too long for a number."""
    if len(text) > _LONGEST:
        raise ValueError(_("not a number"))
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("−", "-").split())


@lru_cache(4096)
def _written(text: str, signed: bool) -> Count | None:
    """The slow path of ``parse_count``: units, grouping, decimals, signs. Rounded counts repeat, so it remembers."""
    plain = _plain(text)
    if plain in BLANKS:
        return None
    negative = plain.startswith("-")
    if negative and not signed:
        raise ValueError(_("a count below zero"))
    plain = plain.lstrip("-" if negative else "+").removeprefix("约").lstrip("~≈ ")
    if match := _GROUPED.match(plain):
        plain = re.sub(r"\D", "", match[0]) + plain[match.end() :]
    elif match := _DOTTED.fullmatch(plain):
        if plain.count(".") == 1:
            raise ValueError(_("thousands or decimals? write it without the point"))
        plain = plain.replace(".", "")
    value, plus_minus, end = _sum(plain)
    tail = _TAIL.fullmatch(plain, end)
    if not tail:
        raise ValueError(_("not a number"))
    if value > LIMIT:
        raise ValueError(_("implausibly large"))
    if tail[1] or tail[2]:
        plus_minus = max(value, 1)
    return Count(-value if negative else value, plus_minus)


def _sum(plain: str) -> tuple[int, int, int]:
    """Value, half of the last digit's worth, and where the number ends; ``1亿2000万`` has two parts."""
    value = plus_minus = end = 0
    below = LIMIT
    while match := _PART.match(plain, end):
        whole, decimals, exponent, unit = match.groups()
        scale = 10 ** int(exponent) if exponent else _UNITS.get(unit or "", 1)
        if scale >= below or (end and scale == 1):
            raise ValueError(_("not a number"))
        below, end = scale, match.end()
        digits = (decimals or "").rstrip("0") if scale == 1 else decimals or ""
        parts = 10 ** len(digits)
        units = int(whole + digits) * scale
        value += (2 * units + parts) // (2 * parts)
        plus_minus = scale // (2 * parts) if scale > 1 and scale >= parts else 0
        if units % parts:
            plus_minus = max(plus_minus, 1)
        if scale == 1:
            break
    if not end:
        raise ValueError(_("not a number"))
    return value, plus_minus, end
