"""Days as people tell them: without a year, in the lunar calendar, or only a month or a year."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date
from typing import NamedTuple

from kolbench.domain.dates import parse_moment
from kolbench.domain.days import day_ahead
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

FIRST_YEAR = 1900
LAST_YEAR = 2099
"""The years for which the lunar calendar is known; nothing else is asked for either."""

_LEAP_YEAR = 2000
_NUMERALS = {numeral: n for n, numeral in enumerate("一二三四五六七八九十", 1)}
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12, "臘": 12, "十一": 11, "十二": 12, **_NUMERALS}
_LUNAR_DAYS = (
    {"二十": 20, "三十": 30, "卅": 30}
    | {
        f"{tens}{numeral}": base + n
        for tens, base in (("初", 0), ("十", 10), ("廿", 20), ("二十", 20))
        for numeral, n in _NUMERALS.items()
        if base == 0 or n < 10
    }
    | _NUMERALS
)
_MONTHS = "|".join(sorted(_LUNAR_MONTHS, key=len, reverse=True))
_DAYS = "|".join(sorted(_LUNAR_DAYS, key=len, reverse=True))

_LUNAR = (
    re.compile(
        r"(?:lunar|农历|農曆|阴历|陰曆|旧历|舊曆)\s*(?:(?P<year>\d{4})\s*[-年]?\s*)?(?P<leap>leap|闰|閏)?\s*"
        rf"(?P<month>\d\d?|{_MONTHS})\s*[-月]\s*(?P<day>\d\d?|{_DAYS})\s*日?"
    ),
    # Numerals in words are the lunar calendar's: 八月十五, 1990年正月初一, 闰四月二十. With 日 they may be of either.
    re.compile(
        rf"(?:(?P<year>\d{{4}})\s*年\s*)?(?P<leap>闰|閏)?\s*(?:(?P<month>{_MONTHS})\s*月\s*(?P<day>{_DAYS})"
        r"|(?P<counted>\d\d?)\s*月\s*(?P<called>初.|廿.|卅))"
    ),
)
_YEARLESS = re.compile(r"(?:--)?(?P<month>\d\d?)\s*(?:-|月)\s*(?P<day>\d\d?)\s*日?")
_MONTH = re.compile(r"(?P<year>\d{4})\s*(?:[-/.]|年)\s*(?P<month>\d\d?)\s*月?")
_YEAR = re.compile(r"(?P<year>\d{4})\s*年?")


class Recurring(NamedTuple):
    """A day that comes back every year; ``year`` is the first, where it is known.

    ``lunar``: all of them are of the lunar calendar; ``leap``: the month is the leap month after ``month``.
    """

    month: int
    day: int
    year: int | None = None
    lunar: bool = False
    leap: bool = False

    def __str__(self) -> str:
        text = f"{self.month:02}-{self.day:02}"
        if self.leap:
            text = f"leap {text}"
        if self.year is not None:
            text = f"{self.year}{' ' if self.leap else '-'}{text}"
        return f"lunar {text}" if self.lunar else text


class Told(NamedTuple):
    """When something was, as far as somebody told: a year, and a month and a day of it where they are known."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        parts = [f"{part:0{width}}" for part, width in zip(self, (4, 2, 2)) if part is not None]
        return "-".join(parts)


def recurring(text: str) -> Recurring:
    """The yearly day that ``05-04``, ``1990-05-04``, ``5月4日``, ``lunar 08-15`` or ``农历闰四月初三`` mean.

    Raises UsageError for anything else and for days that no year has; whether a lunar month with a year had that
    day isn't looked up here.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if match := next((found for form in _LUNAR if (found := form.fullmatch(plain))), None):
        return _lunar(match, text)
    if match := _YEARLESS.fullmatch(plain):
        month, day = int(match["month"]), int(match["day"])
        if not (1 <= month <= 12 and 1 <= day <= monthrange(_LEAP_YEAR, month)[1]):
            raise UsageError(_("{text}: there is no such day.").format(text=text))
        return Recurring(month, day)
    day_of = _whole(plain)
    if day_of is None:
        raise UsageError(
            _(
                "'{text}' is no day: write 05-04, 1990-05-04, 5月4日, 'lunar 08-15', 农历八月十五 or 农历闰四月初三."
            ).format(text=text)
        )
    return Recurring(day_of.month, day_of.day, day_of.year)


def told(text: str, today: date) -> Told:
    """When something was: ``2026``, ``2026-05``, ``2026-05-04``, ``today``, ``next week``; UsageError otherwise."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if plain in ("yesterday", "昨天"):
        plain = date.fromordinal(today.toordinal() - 1).isoformat()
    try:
        ahead = day_ahead(plain, today)
    except OverflowError:
        ahead = None
    if day_of := ahead or _whole(plain):
        return Told(day_of.year, day_of.month, day_of.day)
    found = _MONTH.fullmatch(plain) or _YEAR.fullmatch(plain)
    parts = [int(part) for part in found.groups()] if found else []
    if not parts or not FIRST_YEAR <= parts[0] <= LAST_YEAR or (parts[1:] and not 1 <= parts[1] <= 12):
        wrong = _("'{text}' is no day from {first} to {last}: write 2026-05-04, 2026-05 or 2026.")
        raise UsageError(wrong.format(text=text, first=FIRST_YEAR, last=LAST_YEAR))
    return Told(*parts)


def _lunar(match: re.Match[str], text: str) -> Recurring:
    parts = match.groupdict("")
    month, day = parts["month"] or parts["counted"], parts["day"] or parts["called"]
    month_n = _LUNAR_MONTHS.get(month) or (int(month) if month.isdecimal() else 0)
    day_n = _LUNAR_DAYS.get(day) or (int(day) if day.isdecimal() else 0)
    year = int(parts["year"]) if parts.get("year") else None
    if not (1 <= month_n <= 12 and 1 <= day_n <= 30 and (year is None or FIRST_YEAR <= year <= LAST_YEAR)):
        raise UsageError(_("{text}: there is no such day.").format(text=text))
    return Recurring(month_n, day_n, year, lunar=True, leap=bool(parts.get("leap")))


def _whole(plain: str) -> date | None:
    """A day with its year, in any of the forms that tables and people write; None for anything else."""
    iso = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d\d?)\s*[-/.月]\s*(\d\d?)日?", plain)
    try:
        day = date(*map(int, iso.groups())) if iso else parse_moment(plain).date()
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
