"""Moments as people and platforms write them, read into aware datetimes; what is ambiguous is refused."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal

from kolbench.domain.clock import latest
from kolbench.domain.lang import _

Order = Literal["", "dmy", "mdy"]
"""Which comes first in ``5/4/2026``; empty when nobody said."""

FIRST_YEAR = 1990
LAST_YEAR = 2100

_LONGEST = 64
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_CLOCK = (
    r"(?:(?:\s*,?\s*(?:at\s+)?|t)(?P<half>上午|下午)?\s*(?P<hour>\d\d?)(?:\s*[:时時點点]\s*(?P<minute>\d\d?))?"
    r"(?:\s*[:分]\s*(?P<second>\d\d?)(?:[.,]\d{1,9})?)?\s*[时時點点分秒]?\s*(?P<noon>[ap]\.?m\.?)?"
    r"\s*(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-]\d\d?:?(?:\d\d)?)?)?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_FORMS = tuple(
    re.compile(form + _CLOCK)
    for form in (
        r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d\d?)\s*[-/.月]\s*(?P<day>\d\d?)日?",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?!\d)",
        rf"{_WEEKDAY}(?P<day>\d\d?)(?:st|nd|rd|th)?[\s-]+{_MONTH}[\s,-]+(?P<year>\d{{4}})",
        rf"{_WEEKDAY}{_MONTH}\s*(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})",
    )
)
_ORDERED = re.compile(r"(?P<one>\d\d?)(?P<mark>[-/.])(?P<two>\d\d?)(?P=mark)(?P<year>\d{4})" + _CLOCK)
_CTIME = re.compile(
    rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d\d?)\s+(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)"
    r"\s+(?P<zone>utc|gmt|[+-]\d{4})?\s*(?P<year>\d{4})"
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)")
_EPOCH = re.compile(r"(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.(\d{1,9}))?")
_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_.年]?(0[1-9]|1[0-2])[-_.月]?(0[1-9]|[12]\d|3[01])(?!\d)")
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_DAY_0 = datetime(1899, 12, 30)
_EXCEL_DAY_0_MAC = datetime(1904, 1, 1)


def parse_moment(text: str, tz: tzinfo = UTC, order: Order = "") -> datetime:
    """The aware UTC datetime that ``text`` names; ``tz`` is the zone of times that name none.

    Reads ISO 8601, ``2026/5/4``, ``20260504``, ``2026年5月4日 10点``, ``4 May 2026``, ``May 4, 2026``, epochs in
    seconds to nanoseconds, ``31/12/2025``, and ``5/4/2026`` when ``order`` says which part is the day. Raises
    ValueError, with a few words on why, for anything else and for years outside 1990–2100.
    """
    if len(text) > _LONGEST:
        raise ValueError(_("not a date"))
    plain = text.strip()
    if len(plain) > 8 and (match := _EPOCH.fullmatch(plain)):
        return _epoch(*match.groups(""))
    if len(plain) >= 10 and (plain[4] == "-" or plain[8] == "T"):
        try:
            return _within(datetime.fromisoformat(plain), tz)
        except ValueError as why:
            if "outside" in str(why):
                raise
    return _written(" ".join(unicodedata.normalize("NFKC", plain).casefold().split()), tz, order)


def from_excel(serial: float, *, mac: bool = False) -> datetime:
    """The naive datetime of a spreadsheet's day number (``mac``: days counted from 1904), to the millisecond.

    Raises ValueError outside 1990–2100.
    """
    if not 0 <= serial < 100_000:
        raise ValueError(_("outside 1990–2100"))
    moment = (_EXCEL_DAY_0_MAC if mac else _EXCEL_DAY_0) + timedelta(milliseconds=round(serial * 86_400_000))
    return _checked(moment)


def date_in(name: str) -> date | None:
    """The day that a file's name carries (``…_2024-05-01.csv``, ``20240501``), or None; a bare year is none.

    Nor is a day that is still to come: nothing was counted on it.
    """
    for match in _IN_NAME.finditer(name):
        try:
            day = date(*(int(part) for part in match.groups()))
        except ValueError:
            continue
        return day if datetime.combine(day, time(), UTC) <= latest() else None
    return None


def _epoch(whole: str, decimals: str) -> datetime:
    """Seconds, or milli-, micro- or nanoseconds, told apart by their size."""
    digits = len(whole)
    power = 0 if digits <= 10 else 3 if digits <= 13 else 6 if digits <= 16 else 9
    nanoseconds = int((whole + decimals.ljust(9, "0"))[: digits + 9 - power])
    moment = _EPOCH_START + timedelta(microseconds=nanoseconds // 1000)
    return _checked(moment)


def _written(plain: str, tz: tzinfo, order: Order) -> datetime:
    """The forms that name a year, a month and a day one by one."""
    match = next((found for form in (*_FORMS, _CTIME, _COMPACT) if (found := form.fullmatch(plain))), None)
    if match:
        parts = match.groupdict()
        month = int(parts["month"]) if "month" in parts else _MONTHS.index(parts["name"]) + 1
        day = int(parts["day"])
    elif match := _ORDERED.fullmatch(plain):
        parts = match.groupdict()
        one, two = int(parts["one"]), int(parts["two"])
        order = order or _told_order(one, two)
        day, month = (one, two) if order == "dmy" else (two, one)
    else:
        raise ValueError(_("not a date"))
    try:
        moment = datetime(int(parts["year"]), month, day, *_time(parts))
    except ValueError:
        raise ValueError(_("no such day or time")) from None
    return _within(moment, _zone(parts.get("zone")) or tz)


def _told_order(one: int, two: int) -> Order:
    """The order that the numbers themselves tell. Raises ValueError when both can be the month."""
    if one > 12 or one == two:
        return "dmy"
    if two > 12:
        return "mdy"
    raise ValueError(_("day or month first? set date_order to dmy or mdy"))


def _time(parts: dict[str, str]) -> tuple[int, int, int]:
    """Hour, minute and second of a match's parts, on the 24-hour clock."""
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (parts.get("noon") or "")[:1] or {"上午": "a", "下午": "p"}.get(parts.get("half") or "", "")
    if half and not 1 <= hour <= 12:
        if half == "p" and 12 < hour < 24:
            return hour, minute, second
        raise ValueError(_("no such hour"))
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute, second


def _zone(zone: str | None) -> tzinfo | None:
    """The zone a moment names for itself; None when it names none. Raises ValueError for an impossible offset."""
    if not zone:
        return None
    digits = re.sub(r"[a-z:]", "", zone)
    if not digits:
        return UTC
    sign = -1 if digits[0] == "-" else 1
    hours, minutes = int(digits[1:3]), int(digits[3:] or 0)
    if hours > 14 or minutes > 59:
        raise ValueError(_("no such time zone"))
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _within(moment: datetime, tz: tzinfo) -> datetime:
    """``moment`` in UTC; a naive one is taken to be in ``tz``."""
    _checked(moment)
    return (moment if moment.tzinfo else moment.replace(tzinfo=tz)).astimezone(UTC)


def _checked(moment: datetime) -> datetime:
    """``moment`` itself. Raises ValueError outside 1990–2100, where a date is a placeholder or an error."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(_("outside 1990–2100"))
    return moment
