"""Employees, and how they and their groups did on each day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from kolbench import Denied, Page, Record, SnapshotRecord
from kolbench.adapters import cursors
from kolbench.adapters.answers import each
from kolbench.adapters.servers import at_second

from .api import Nobody
from .entities import BehaviourDay, GroupCounts, GroupDay, employee_record, employee_uid
from .walking import employees

if TYPE_CHECKING:
    from kolbench_wecom.api import Api

DAY = 86_400
CHINA_S = 8 * 3_600

MOST_DAYS = 175
"""WeCom keeps figures for 180 days; a reading may take some, and the oldest ones are gone meanwhile."""

AT_ONCE_DAYS = 30
"""So many days are told in one answer."""


class Days(Struct):
    """Where a reading is, as the cursor keeps it.

    ``after`` is the employee who was read last, empty between two readings. ``known`` is the day up to which the last
    whole reading knew all, ``last`` the day up to which this one goes: seconds since 1970.
    """

    after: str = ""
    known: int = 0
    last: int = 0


def profiles(api: Api, now: int, days: int) -> Iterator[Page]:
    """Every employee, with the figures of ``days`` days, and later of those since, but of a whole answer at least."""
    place = cursors.read(api.pull.cursor, Days())
    last = place.last or midnight(now) - DAY
    first = last - (days - 1) * DAY
    if place.known:
        first = max(last - (MOST_DAYS - 1) * DAY, min(place.known, last - (AT_ONCE_DAYS - 1) * DAY))
    figures = Figures(api, first, last) if days else None
    for name in employees(api):
        if name <= place.after:
            continue
        records: list[Record] = [employee_record(api.corpid, name)]
        if figures:
            records += figures.of(name)
        yield Page(records, cursors.written(Days(name, place.known, last)))
    yield Page((), cursors.written(Days(known=last if days else 0)))


def midnight(now: int) -> int:
    """When the day began, in China."""
    return (now + CHINA_S) // DAY * DAY - CHINA_S


class Figures:
    """Reads the figures of a range of days, as far as the app is shown them."""

    def __init__(self, api: Api, first: int, last: int) -> None:
        self._api = api
        starts = range(first, last + 1, AT_ONCE_DAYS * DAY)
        self._spans = [(start, min(start + (AT_ONCE_DAYS - 1) * DAY, last)) for start in starts]

    def of(self, employee: str) -> list[SnapshotRecord]:
        """What is told of an employee, a record for the end of each day."""
        days: dict[int, dict[str, int]] = {}
        for ask in (self._behaviour, self._groups):
            try:
                for start, end in self._spans:
                    for day, counts in ask(employee, start, end):
                        days.setdefault(day, {}).update(counts)
            except Nobody:
                continue
            except Denied as error:
                self._api.pull.warn(f"Figures are left out: {error}")
        uid = employee_uid(self._api.corpid, employee)
        return [
            SnapshotRecord(account_uid=uid, metrics={**counts}, observed_at=at)
            for day, counts in sorted(days.items())
            if counts and (at := end_of(day))
        ]

    def _behaviour(self, employee: str, start: int, end: int) -> Iterator[tuple[int, dict[str, int]]]:
        told = self._api.behaviour(employee, start, end).behavior_data or ()
        for day in each(self._api.pull, told, BehaviourDay):
            counts = {"reply_bp": round(day.reply_percentage * 100)} if day.reply_percentage is not None else {}
            yield day.stat_time, counts | _numbers(day)

    def _groups(self, employee: str, start: int, end: int) -> Iterator[tuple[int, dict[str, int]]]:
        told = self._api.group_days(employee, start, end).items or ()
        for day in each(self._api.pull, told, GroupDay):
            yield day.stat_time, _numbers(day.data)


def end_of(day: int) -> dt.datetime | None:
    """The last second of a day."""
    return at_second(day + DAY - 1)


def _numbers(told: BehaviourDay | GroupCounts) -> dict[str, int]:
    return {
        name: value
        for name, value in structs.asdict(told).items()
        if name not in ("stat_time", "reply_percentage") and value is not None
    }
