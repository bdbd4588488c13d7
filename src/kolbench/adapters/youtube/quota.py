"""YouTube's daily quota, shared out over all that is to be read, so that it is not overdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kolbench.domain.clock import from_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _


@dataclass(frozen=True)
class Work:
    """``parts`` that can be read apart from each other, such as channels, each with at least ``units`` requests."""

    parts: int
    units: int


@dataclass(frozen=True)
class Plan:
    """How ``quota`` units a day are shared out: everything is read once in ``days`` days, with ``needed`` units.

    On one day, every ``days``-th part is read, and none takes more than its share. So what is used in a day stays
    within the quota, though each part knows of its own units only.
    """

    quota: int
    days: int
    needed: int
    works: Mapping[str, Work]

    def share(self, name: str) -> int:
        """The units that one part of a work may use in a day."""
        return self.works[name].units * self.quota // _daily(self.works, self.days)

    def shares(self, name: str) -> int:
        """The units that a work whose parts are read in one go may use in a day."""
        work = self.works[name]
        return -(-work.parts // self.days) * work.units * self.quota // _daily(self.works, self.days)

    def turn(self, names: Sequence[str], at: int) -> list[str]:
        """Those of the parts that are read on the day of ``at`` (ms since 1970)."""
        today = day(at)
        return [name for place, name in enumerate(names) if (today - place) % self.days == 0]


def planned(quota: int, works: Mapping[str, Work]) -> Plan:
    """The plan for a day's quota. Raises UsageError when not even one part of each work can be read in a day."""
    wanted = {name: work for name, work in works.items() if work.parts}
    least = sum(work.units for work in wanted.values())
    if quota < least:
        text = _("quota={quota}: at least {least} units a day are needed.")
        raise UsageError(text.format(quota=quota, least=least))
    needed = sum(work.parts * work.units for work in wanted.values())
    days = max(1, -(-needed // quota)) if quota else 1
    while _daily(wanted, days) > quota:
        days += 1
    return Plan(quota, days, needed, wanted)


def day(at: int) -> int:
    """The number of the day in California to which the units used at ``at`` (ms since 1970) belong."""
    return _there(at).toordinal()


def until_tomorrow(at: int) -> float:
    """Seconds from ``at`` (ms since 1970) until there are new units: at midnight in California."""
    now = _there(at)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp() - now.timestamp()


def _daily(works: Mapping[str, Work], days: int) -> int:
    """The units for one day's parts, at least."""
    return sum(-(-work.parts // days) * work.units for work in works.values())


def _there(at: int) -> datetime:
    return from_ms(at).astimezone(_pacific())


@cache
def _pacific() -> tzinfo:
    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:  # on a system without zones: in summer the day begins an hour late, never early
        return timezone(timedelta(hours=-8))
