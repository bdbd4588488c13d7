"""How many requests each host still takes: by what adapters declare, and by what the hosts themselves say."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from kolbench.domain.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kolbench.adapters.protocol import RateLimit

LONGEST_WAIT_S = 3600.0
"""The longest wait that a server or an adapter may ask for; a longer one is left to the next sync."""

_PREFIXES = ("ratelimit-", "x-ratelimit-", "x-rate-limit-")
_EPOCH_FROM = 1_000_000_000
"""A smaller reset time is a number of seconds from now, not a moment."""

_REMEMBERED = 100_000
"""Requests remembered for a host, and so the most that any declared window can allow."""


@dataclass
class _Host:
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    closed_until: float = 0.0


class Budgets:
    """The requests sent to each host by all sources of this process; times are those of ``monotonic``."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._hosts: dict[str, _Host] = {}
        self._guard = threading.Lock()

    def take(self, host: str, limit: RateLimit) -> float:
        """Take the right to one request now and return 0, or return the seconds after which to ask again."""
        with self._guard:
            known = self._hosts.setdefault(host, _Host())
            at = self.monotonic()
            if known.closed_until > at:
                return known.closed_until - at
            sent = known.sent
            most = min(limit.requests, _REMEMBERED)
            if len(sent) >= most:
                free_at = sent[-most] + limit.seconds
                if free_at > at:
                    return free_at - at
            sent.append(at)
            return 0.0

    def close(self, host: str, seconds: float) -> None:
        """Let nobody ask ``host`` for ``seconds``: it said so."""
        with self._guard:
            known = self._hosts.setdefault(host, _Host())
            known.closed_until = max(known.closed_until, self.monotonic() + seconds)


SHARED = Budgets()
"""The budgets of this process."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by ``Retry-After`` (seconds or an HTTP date); None when it says nothing usable."""
    text = headers.get("retry-after", "").strip()
    if (seconds := _number(text)) is not None:
        return max(0.0, seconds)
    moment = _http_date(text)
    return None if moment is None else max(0.0, (moment - _host_now(headers)).total_seconds())


def spent(headers: Mapping[str, str]) -> float | None:
    """Seconds until a new window opens, when the headers say that this one is used up; None otherwise.

    Knows ``X-RateLimit-*``, ``X-Rate-Limit-*`` and ``RateLimit-*`` with resets as seconds, epochs (seconds
    or milliseconds) or ISO times, and the newer one-line ``RateLimit: …;r=0;t=30``.
    """
    line = headers.get("ratelimit", "")
    remaining, wait = re.search(r"\b(?:r|remaining)=(\d+)", line), re.search(r"\b(?:t|reset)=(\d+)", line)
    if remaining and wait:
        return float(wait[1]) if int(remaining[1]) == 0 else None
    for prefix in _PREFIXES:
        left = _number(headers.get(prefix + "remaining", ""))
        if left is not None and left <= 0:
            return _until(headers.get(prefix + "reset-after") or headers.get(prefix + "reset", ""), headers)
    return None


def _until(text: str, headers: Mapping[str, str]) -> float | None:
    number = _number(text)
    if number is not None and number < _EPOCH_FROM:
        return max(0.0, number)
    try:
        if number is not None:
            seconds = number / 1000 if number > _EPOCH_FROM * 1000 else number
            moment = datetime.fromtimestamp(seconds, UTC)
        else:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return max(0.0, (moment - _host_now(headers)).total_seconds())


def _host_now(headers: Mapping[str, str]) -> datetime:
    """The moment by the host's own clock, which is the one its promises are made by."""
    return _http_date(headers.get("date", "")) or datetime.fromtimestamp(now() / 1000, UTC)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", text.strip()) else None
