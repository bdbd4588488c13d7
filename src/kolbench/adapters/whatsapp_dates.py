"""The order of day, month and year in an export's dates, found out from all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Literal, get_args

from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _

Order = Literal["", "dmy", "mdy", "ymd", "ydm"]
Numbers = tuple[str, str, str]
"""The three numbers of a date, as they are written from the left."""

ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd", "ydm")
FIRST_YEAR = 2009
"""There was no WhatsApp before."""

ENOUGH = 4
"""Days from which on it means something that they lie close together in one order and far apart in another."""

_BUDDHIST = 543
_SPOKEN = {
    "dmy": N_("day/month/year"),
    "mdy": N_("month/day/year"),
    "ymd": N_("year/month/day"),
    "ydm": N_("year/day/month"),
}


def order_named(value: str) -> Order:
    """The order that the operator says; empty for none. Raises UsageError for what is no order."""
    if value.strip() in ("", "auto"):
        return ""
    for order in get_args(Order):
        if order and order == value.strip().lower():
            return order  # type: ignore[no-any-return]
    raise UsageError(
        _("{setting} is {value}; it can be {choices}").format(
            setting="date_order", value=value, choices=", ".join(ORDERS)
        )
    )


@lru_cache(4096)
def day(numbers: Numbers, order: Order) -> date | None:
    """The day that the numbers name in this order; None when there is no such day since ``FIRST_YEAR``."""
    named = dict(zip(order, numbers))
    written = named["y"]
    if len(written) not in (2, 4) or len(named["m"]) > 2 or len(named["d"]) > 2:
        return None
    year = int(written) + (2000 if len(written) == 2 else 0)
    if year > 2500:
        year -= _BUDDHIST
    try:
        found = date(year, int(named["m"]), int(named["d"]))
    except ValueError:
        return None
    return found if year >= FIRST_YEAR else None


def moment(numbers: Numbers, order: Order, minute: int, second: int, zone: tzinfo) -> datetime | None:
    """The moment, in UTC, of a minute of the day that the numbers name; None when they name none."""
    found = day(numbers, order)
    if found is None:
        return None
    local = datetime(found.year, found.month, found.day, minute // 60, minute % 60, second, tzinfo=zone)
    return local.astimezone(UTC)


@dataclass
class _Evidence:
    """How well an order fits: days there aren't, steps back in time, and days walked altogether."""

    order: Order
    impossible: int = 0
    back: int = 0
    walked: int = 0
    last: int = 0

    def add(self, numbers: Numbers, this_year: int) -> None:
        found = day(numbers, self.order)
        if found is None or found.year > this_year:
            self.impossible += 1
            return
        at = found.toordinal()
        if self.last:
            self.back += at < self.last
            self.walked += abs(at - self.last)
        self.last = at

    @property
    def faults(self) -> tuple[int, int]:
        return self.impossible, self.back


class DatesSoFar:
    """The dates of an export as they come by; ``read`` counts them."""

    def __init__(self) -> None:
        self.read = 0
        self._evidence = [_Evidence(order) for order in ORDERS]
        self._this_year = from_ms(now()).year
        self._before: Numbers | None = None
        self._days = 0
        self._american = False

    def add(self, numbers: Numbers, twelve: bool) -> None:
        """Take in the next date; ``twelve`` is set when AM or PM stands beside its time."""
        self.read += 1
        if numbers == self._before:
            return
        self._before = numbers
        self._days += 1
        self._american = self._american or (twelve and not any(number.startswith("0") for number in numbers[:2]))
        for evidence in self._evidence:
            evidence.add(numbers, self._this_year)

    def verdict(self) -> tuple[Order, str]:
        """The order that fits best, and what to tell the operator about it."""
        ranked = sorted(self._evidence, key=self._rank)
        best = ranked[0]
        rivals = [other for other in ranked[1:] if other.faults == best.faults and not self._clear(best, other)]
        reading = _(_SPOKEN[best.order])
        if rivals and any(other.walked != best.walked or other.last != best.last for other in rivals):
            return best.order, _(
                "dates read as {order}, but they fit another order too: set date_order if wrong"
            ).format(order=reading)
        return best.order, _("dates read as {order}").format(order=reading)

    def _rank(self, evidence: _Evidence) -> tuple[int, int, int, int]:
        closeness = evidence.walked if self._days >= ENOUGH else 0
        usual = ("mdy", "dmy", "ymd", "ydm") if self._american else ("dmy", "mdy", "ymd", "ydm")
        return *evidence.faults, closeness, usual.index(evidence.order)

    def _clear(self, best: _Evidence, other: _Evidence) -> bool:
        """Whether the days lie so much closer together in one order that the other is out of the question."""
        return self._days >= ENOUGH and other.walked > 3 * best.walked + ENOUGH
