"""Time as KOLbench keeps it: milliseconds since 1970 in UTC, and one clock that tests can set."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

AHEAD = timedelta(days=2)
"""So far in the future a moment is a wrong clock's, or another zone's, and taken as it is."""


def now() -> int:
    """Milliseconds since 1970, UTC; ``KOLBENCH_NOW`` (ISO 8601, with its zone) holds the clock still.

    Raises UsageError when it says no such time.
    """
    fixed = os.environ.get("KOLBENCH_NOW")
    if not fixed:
        return time.time_ns() // 1_000_000
    try:
        return to_ms(datetime.fromisoformat(fixed))
    except ValueError:
        raise UsageError(f"KOLBENCH_NOW={fixed}: " + _("not a date")) from None


@contextmanager
def held(at: int) -> Iterator[None]:
    """Let it be the moment ``at`` (ms) in this process for a while: for what is told as if it happened then."""
    before = os.environ.get("KOLBENCH_NOW")
    os.environ["KOLBENCH_NOW"] = from_ms(at).isoformat()
    try:
        yield
    finally:
        if before is None:
            del os.environ["KOLBENCH_NOW"]
        else:
            os.environ["KOLBENCH_NOW"] = before


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime; a naive one is refused.

    Raises ValueError when ``moment`` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(at: int) -> datetime:
    """The aware UTC datetime of ``at`` milliseconds since 1970."""
    return datetime.fromtimestamp(at / 1000, UTC)


def latest() -> datetime:
    """Up to when something can have happened: what lies beyond is a mistake."""
    return from_ms(now()) + AHEAD


def iso(at: int) -> str:
    """``2026-05-04T10:00:00Z`` for ``at`` milliseconds since 1970."""
    return from_ms(at).strftime("%Y-%m-%dT%H:%M:%SZ")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
