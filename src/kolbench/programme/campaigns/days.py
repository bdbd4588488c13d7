"""Days and moments as an operator tells them, where a campaign is."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from kolbench.domain.campaigns import window as lasts
from kolbench.domain.campaigns import zone
from kolbench.domain.clock import now, to_ms
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store.leaderboards import Window

if TYPE_CHECKING:
    from kolbench.domain.campaigns import Terms
    from kolbench.store.freezes import Freeze


def between(first: str | None, last: str | None, terms: Terms) -> Window | None:
    """From a day or moment on, by default the campaign's start, up to another, by default now; None: all times.

    The last day is inside. Raises UsageError.
    """
    if first is None and last is None:
        return None
    starts, _stops = lasts(terms)
    start = (starts or 0) if first is None else _moment(first, terms, last=False)
    stop = now() + 1 if last is None else _moment(last, terms, last=True)
    if stop <= start:
        raise UsageError(_("The window ends before it begins."))
    return Window(start, stop)


def newest(days: int, terms: Terms) -> Window:
    """The last so many days where the campaign is, today among them."""
    there = zone(terms.time_zone)
    today = datetime.fromtimestamp(now() / 1000, there).date()
    start = datetime.combine(today - timedelta(days=days - 1), time(), there)
    return Window(to_ms(start), to_ms(datetime.combine(today + timedelta(days=1), time(), there)))


def told(window: Window, terms: Terms, *, short: bool = False) -> str:
    """The days of a window where the campaign is, the last one inside; moments where they aren't whole days.

    ``short`` leaves the year of the last one out where it is that of the first.
    """
    there = zone(terms.time_zone)
    start, stop = (datetime.fromtimestamp(at / 1000, there) for at in (window.start, window.stop))
    if start.time() == stop.time() == time():
        last = (stop - timedelta(days=1)).date()
        leave_out = short and last.year == start.year
        return _("{start} to {stop}").format(start=start.date(), stop=f"{last:%m-%d}" if leave_out else last)
    return _("{start} to {stop}").format(start=f"{start:%Y-%m-%d %H:%M}", stop=f"{stop:%Y-%m-%d %H:%M}")


def of_freeze(one: Freeze, terms: Terms) -> str:
    """The days that a kept leaderboard is of."""
    return _("all times") if one.window is None else told(one.window, terms)


def day_of(at: int, terms: Terms) -> str:
    """The day (ISO) of a moment (ms) where the campaign is."""
    return datetime.fromtimestamp(at / 1000, zone(terms.time_zone)).date().isoformat()


def moment(text: str, terms: Terms) -> int:
    """A moment (ms) as it is told where the campaign is. Raises UsageError."""
    try:
        return to_ms(parse_moment(text, zone(terms.time_zone)))
    except (ValueError, OverflowError) as error:
        raise UsageError(_("'{text}' is no moment: write it like 2026-06-01T20:00.").format(text=text)) from error


def _moment(text: str, terms: Terms, *, last: bool) -> int:
    there = zone(terms.time_zone)
    try:
        found = parse_moment(text, there).astimezone(there)
    except (ValueError, OverflowError) as error:
        raise UsageError(_("'{text}' is no day: write it like 2026-05-04.").format(text=text)) from error
    if last and ":" not in text:  # a day, which is inside
        found = datetime.combine(found.date() + timedelta(days=1), time(), there)
    return to_ms(found)
