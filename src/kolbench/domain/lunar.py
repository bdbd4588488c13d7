"""The Chinese lunar calendar, from 1900 to 2099: the one module that knows who computes it."""

from __future__ import annotations

from datetime import date
from functools import cache

from kolbench.domain.partial_dates import FIRST_YEAR, LAST_YEAR

_EPOCH = 1_721_425
"""The Julian day at whose noon the first day of Python's calendar begins to be counted."""


def solar_day(year: int, month: int, day: int, leap: bool = False) -> date:
    """The day that a lunar date is; ``leap``: in the leap month after ``month``. ValueError: there is none."""
    first, days = _months(year).get((month, leap), (0, 0))
    if not 1 <= day <= days:
        raise ValueError("no such day")
    return date.fromordinal(first + day - 1)


def leap_month(year: int) -> int | None:
    """After which month of a lunar year the leap month comes, if there is one. ValueError outside 1900–2099."""
    return next((month for month, leap in _months(year) if leap), None)


@cache  # computed from the motion of sun and moon: a few ms a year
def _months(year: int) -> dict[tuple[int, bool], tuple[int, int]]:
    """Each month of a year, and whether it is the leap one, to the ordinal of its first day and its length."""
    from lunar_python import LunarYear  # type: ignore[import-untyped]  # takes 20 ms, and is needed by few

    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("a year outside the calendar")
    return {
        (abs(month.getMonth()), month.getMonth() < 0): (round(month.getFirstJulianDay()) - _EPOCH, month.getDayCount())
        for month in LunarYear.fromYear(year).getMonthsInYear()
    }
