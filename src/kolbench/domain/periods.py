"""Calendar periods for which something is planned and paid: years, quarters, months and ISO weeks."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, get_args

from kolbench.domain.clock import from_ms, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

Length = Literal["week", "month", "quarter", "year"]
LENGTHS: tuple[Length, ...] = get_args(Length)

_WRITTEN = re.compile(r"(?P<year>\d{4})(?:-(?:W(?P<week>\d\d)|Q(?P<quarter>[1-4])|(?P<month>\d\d)))?")


class Period(NamedTuple):
    """A period, as it is written (``2026``, ``2026-Q2``, ``2026-05``, ``2026-W19``), with its first and last day."""

    text: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """Its length in days."""
        return (self.last - self.first).days + 1

    @property
    def length(self) -> Length:
        """Which kind of period it is."""
        mark = self.text[5:6]
        return "year" if not mark else "week" if mark == "W" else "quarter" if mark == "Q" else "month"

    def following(self) -> Period:
        """The next one of its kind."""
        return of(self.length, self.last + timedelta(days=1))

    def previous(self) -> Period:
        """The one before it of its kind."""
        return of(self.length, self.first - timedelta(days=1))

    def bounds(self) -> tuple[int, int]:
        """From which moment up to, not including, which (ms), where the operator is."""
        first, after = self.first, self.last + timedelta(days=1)
        began, ended = (datetime(day.year, day.month, day.day).astimezone() for day in (first, after))
        return to_ms(began), to_ms(ended)


def parse(text: str) -> Period:
    """The period that is written so. Raises UsageError where it is none."""
    found = _WRITTEN.fullmatch(text.strip().upper())
    try:
        if found and found["week"]:
            return of("week", date.fromisocalendar(int(found["year"]), int(found["week"]), 1))
        if found:
            month = int(found["month"] or 3 * int(found["quarter"] or 1) - 2)
            length: Length = "month" if found["month"] else "quarter" if found["quarter"] else "year"
            return of(length, date(int(found["year"]), month, 1))
    except (ValueError, OverflowError):
        pass
    raise UsageError(_("'{text}' is no period: write 2026-05, 2026-W19, 2026-Q2 or 2026.").format(text=text))


def of(length: Length, day: date) -> Period:
    """The period of that kind in which a day lies. A week begins on Monday, and has the ISO year and number."""
    if length == "week":
        year, week, weekday = day.isocalendar()
        first = day - timedelta(days=weekday - 1)
        return Period(f"{year:04}-W{week:02}", first, first + timedelta(days=6))
    months = {"month": 1, "quarter": 3, "year": 12}[length]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    beyond = first.month + months
    last = date(first.year + (beyond > 12), (beyond - 1) % 12 + 1, 1) - timedelta(days=1)
    written = {
        "month": f"{first.year:04}-{first.month:02}",
        "quarter": f"{first.year:04}-Q{(first.month + 2) // 3}",
        "year": f"{first.year:04}",
    }
    return Period(written[length], first, last)


def at(length: Length, moment: int) -> Period:
    """The period of that kind which holds a moment (ms) where the operator is."""
    return of(length, from_ms(moment).astimezone().date())
