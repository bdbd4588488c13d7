"""When important dates come round again: in either calendar, with or without a year, in the operator's days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import lunar
from kolbench.domain.clock import from_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.partial_dates import LAST_YEAR
from kolbench.store import life

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kolbench.domain.partial_dates import Recurring
    from kolbench.store.connect import Store
    from kolbench.store.life import ImportantDate


class Coming(NamedTuple):
    """An important date and its next day: ``days`` from today (0: today), for the ``nth`` time where that is known.

    ``nth`` is 0 on the day itself, such as that of a birth, and 1 a year later.
    """

    entry: ImportantDate
    on: date
    days: int
    nth: int | None


def upcoming(
    store: Store, at: int, creator_ids: Iterable[int] | None = None, within_days: int | None = None
) -> list[Coming]:
    """The important dates of these people (None: of everybody) as they come, the nearest first.

    ``at`` (ms) is now; today is the operator's. Dates that don't come round any more are left out.
    """
    today = from_ms(at).astimezone().date()
    found = []
    for one in life.dates(store, creator_ids):
        if (coming := next_day(one.on, today)) is not None:
            on, nth = coming
            days = (on - today).days
            if within_days is None or days <= within_days:
                found.append(Coming(one, on, days, nth))
    return sorted(found, key=lambda coming: (coming.days, coming.entry.id))


def next_day(on: Recurring, today: date) -> tuple[date, int | None] | None:
    """The next day that ``on`` means, today included, and for the how-manieth time; None after the last known year.

    A day that a year doesn't have is the last one of its month: 29 February on the 28th, the 30th of a lunar month
    of 29 days on the 29th. A leap month that a year doesn't have is the month of that number.
    """
    for year, day in _days(on, today):
        if day >= today and (on.year is None or year >= on.year):
            return day, None if on.year is None else year - on.year
    return None


def checked(on: Recurring) -> Recurring:
    """``on`` itself. Raises UsageError where the year that it names had no such day, or no such leap month."""
    if on.year is None:
        return on
    if on.lunar:
        try:
            lunar.solar_day(on.year, on.month, on.day, on.leap)
        except ValueError:
            raise UsageError(_("{text}: there is no such day.").format(text=on)) from None
    elif on.day > monthrange(on.year, on.month)[1]:
        raise UsageError(_("{text}: there is no such day.").format(text=on))
    return on


def _days(on: Recurring, today: date) -> Iterator[tuple[int, date]]:
    """The days that ``on`` means from shortly before ``today`` on, each with the year of its calendar."""
    first = today.year - 1 if on.lunar else today.year
    for year in range(max(first, on.year or first), LAST_YEAR + 1):
        yield year, _lunar(year, on.month, on.day, on.leap) if on.lunar else _solar(year, on.month, on.day)


def _solar(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


@lru_cache(maxsize=4096)  # many people share a day, and few years are asked for
def _lunar(year: int, month: int, day: int, leap: bool) -> date:
    leap = leap and lunar.leap_month(year) == month
    try:
        return lunar.solar_day(year, month, day, leap)
    except ValueError:  # the only day that may be missing is the 30th
        return lunar.solar_day(year, month, 29, leap)
