"""The Chinese lunar calendar, from 1900 to 2099: the one module that knows who computes it."""

from __future__ import annotations

from datetime import date


def solar_day(year: int, month: int, day: int, leap: bool = False) -> date:
    """The day that a lunar date is; ``leap``: in the leap month after ``month``. ValueError: there is none."""
    from lunardate import LunarDate  # type: ignore[import-untyped]  # takes 2 ms, and is needed by few

    found: date = LunarDate(year, month, day, leap).to_solar_date()
    return found


def leap_month(year: int) -> int | None:
    """After which month of a lunar year the leap month comes, if there is one. ValueError outside 1900–2099."""
    from lunardate import LunarDate

    found: int | None = LunarDate.leap_month_for_year(year)
    return found
