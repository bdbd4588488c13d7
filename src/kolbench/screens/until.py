"""Days as an operator means them: in their own time zone, from midnight on."""

from __future__ import annotations

import re
from datetime import datetime

from kolbench.domain.clock import from_ms, now, to_ms
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import follow_ups


def morning(text: str) -> int:
    """The first moment (ms) of the day that ``3d`` (in three days) or a date means; UsageError for anything else."""
    if days := re.fullmatch(r"(\d{1,4})\s*[d天]", text.strip()):
        return follow_ups.days(now(), int(days[1]))[0]
    try:
        until = to_ms(parse_moment(text, datetime.now().astimezone().tzinfo))  # type: ignore[arg-type]
    except ValueError as error:
        raise UsageError(_("Write it like 2026-05-01, or 3d for three days.")) from error
    if until <= now():
        raise UsageError(_("That day is past."))
    return until


def local_day(at: int) -> str:
    """The date of a moment where the operator is."""
    return from_ms(at).astimezone().date().isoformat()
