"""Days on which people work, with public holidays and the weekends worked in their place."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from datetime import date


def require(country: str) -> None:
    """Raises UsageError where the holidays of a country (two letters; empty: none) aren't known."""
    if country:
        try:
            _calendar(country)
        except NotImplementedError:
            text = _("holidays: '{code}' is no country whose holidays are known: write one like CN, or nothing.")
            raise UsageError(text.format(code=country)) from None


@lru_cache(4_096)
def day_off(country: str, day: date) -> bool:
    """Whether nobody works in a country (two letters; empty: weekends alone) on a day."""
    if not country:
        return day.weekday() >= 5
    return not _calendar(country).is_working_day(day)


@cache
def _calendar(country: str) -> Any:
    import holidays

    return holidays.country_holidays(country)
