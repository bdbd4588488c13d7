"""Days as an operator means them: in their own time zone, from midnight on."""

from __future__ import annotations

from datetime import datetime

from kolbench.domain.clock import from_ms, now, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import sections


def morning(text: str) -> int:
    """The moment (ms) until which ``tomorrow``, ``3d``, ``周五`` or a date lets wait; UsageError for anything else.

    A day means its first moment here.
    """
    from kolbench.domain.dates import parse_moment  # its patterns take as long to compile as the queue's rows to read
    from kolbench.domain.days import day_ahead

    at = now()
    try:
        if (day := day_ahead(text, today := from_ms(at).astimezone().date())) is not None:
            until = sections.days(at, (day - today).days)[0]
        else:
            until = to_ms(parse_moment(text, datetime.now().astimezone().tzinfo))  # type: ignore[arg-type]
    except (ValueError, OverflowError) as error:
        raise UsageError(_("Write it like tomorrow, friday, 3d or 2026-05-01.")) from error
    if until <= at:
        raise UsageError(_("That day is past."))
    return until


def local_day(at: int) -> str:
    """The date of a moment where the operator is."""
    return from_ms(at).astimezone().date().isoformat()


def local_time(at: int) -> str:
    """A moment where the operator is, to the minute; without its date when that is today's."""
    here = from_ms(at).astimezone()
    today = from_ms(now()).astimezone().date()
    return f"{here:%H:%M}" if here.date() == today else f"{here:%Y-%m-%d %H:%M}"


def past_day(text: str) -> int:
    """The moment (ms) at which a day began that is over or today's; now, for today. UsageError for anything else."""
    from kolbench.domain import partial_dates

    at = now()
    told = partial_dates.told(text, from_ms(at).astimezone().date())
    if told.month is None or told.day is None or told.year is None:
        raise UsageError(_("Write the whole day, such as 2026-05-04."))
    began = to_ms(datetime(told.year, told.month, told.day).astimezone())
    if began > at:
        raise UsageError(_("That day is still to come."))
    return at if local_day(began) == local_day(at) else began
