"""Whether a follower count grew as people follow, or as followers are bought: jumps, stairs, and lines like cement."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

WIDTHS = (10 * MINUTE, HOUR, DAY, 7 * DAY)
"""A series is looked at as often as it was counted, but no finer than ``FINEST``, and in steps of each of these."""

FINEST = MINUTE

ENOUGH = 24
"""Steps without which nothing is said of a series."""

WINDOW = 90 * DAY
"""So much of a series is judged for the score of its owner."""

SPIKE_Z, SPIKE_SHARE, SPIKE_HEADS = 8.0, 0.005, 100
"""A jump stands out by this robust z, is this share of the followers, and this many of them."""

EXPLAINED = 2 * DAY
"""A jump this close to a post or an event is explained by it."""

HOLE = 3
"""Where the next observation is further away than so many steps, nothing is said of a line."""

FLAT_STEPS, FLAT_DISPERSION, FLAT_MEAN, FLAT_LEAST = 12, 0.05, 10, 3
"""So many steps in a row make a line; its variance is below this share of its mean, which is at least this.

A line without any change counts where nine in ten of the other steps change by ``FLAT_LEAST`` or more.
"""


class Point(NamedTuple):
    """A count as observed at a moment (ms), right within ``plus_minus``."""

    at: int
    value: int
    plus_minus: int = 0


class Anomaly(NamedTuple):
    """What is odd about a stretch (ms) of ``width`` a step: a ``spike`` by its z, a ``line`` by variance / mean."""

    kind: str
    start: int
    stop: int
    gained: int
    figure: float
    width: int
    explained: bool = False


class Judgement(NamedTuple):
    """``steps`` are those of the finest look, 0 where there is too little to judge by."""

    steps: int
    anomalies: Sequence[Anomaly]

    @property
    def flagged(self) -> bool:
        """Whether there is an anomaly that nothing explains."""
        return any(not one.explained for one in self.anomalies)

    @property
    def unexplained(self) -> list[Anomaly]:
        """Those that nothing explains, as the finest look that finds any shows them: each gain once."""
        found = [one for one in self.anomalies if not one.explained]
        finest = min((one.width for one in found), default=0)
        return [one for one in found if one.width == finest]


class _Step(NamedTuple):
    """From one observation to another: how much was gained, and in how many widths."""

    start: int
    stop: int
    before: int
    gained: int
    widths: float

    @property
    def pace(self) -> float:
        """How much was gained a width."""
        return self.gained / self.widths

    @property
    def growth(self) -> float:
        """How fast it grew a width: a difference of logarithms."""
        return math.log1p(self.gained / self.before) / self.widths


def judge(points: Sequence[Point], events: Sequence[int] = ()) -> Judgement:
    """Judge a series in order of time.

    ``events`` are moments (ms) that explain a jump: posts, campaigns, days on which engagement rose. They don't
    explain a line.
    """
    ordered = sorted(events)
    steps_seen = 0
    found: list[Anomaly] = []
    for width in _widths(points):
        steps = _steps(points, width)
        if len(steps) < ENOUGH:
            continue
        steps_seen = steps_seen or len(steps)
        margin = max(point.plus_minus for point in points)
        found += _spikes(steps, width, margin, ordered)
        if not margin:
            found += _lines(steps, width)
    return Judgement(steps_seen, found)


def of_accounts(db: sqlite3.Connection, account_ids: Iterable[int]) -> dict[int, Judgement]:
    """Judge the last 90 days of each series; those without enough counts in them are left out, and cost a glance."""
    values = {"accounts": json.dumps(list(account_ids)), "enough": ENOUGH, "window_ms": WINDOW}
    rows = db.execute(sql("anomaly_enough"), values).fetchall()
    return {account_id: of_account(db, account_id, last - WINDOW, last + 1) for account_id, last in rows}


def of_account(db: sqlite3.Connection, account_id: int, start: int, stop: int) -> Judgement:
    """Judge an account's followers as observed from ``start`` up to, not including, ``stop`` (ms), by its own posts."""
    values = {"account_id": account_id, "window_from": start, "window_to": stop, "around": EXPLAINED}
    points = list(map(Point._make, db.execute(sql("anomaly_followers"), {**values, "finest": FINEST})))
    return judge(points, [at for (at,) in db.execute(sql("anomaly_posts"), values)])


def _widths(points: Sequence[Point]) -> list[int]:
    """The lengths of steps, none finer than the series: a count that changes once an hour says nothing of minutes."""
    if len(points) <= ENOUGH:
        return []
    changes = [two.at for one, two in pairwise(points) if one.value != two.value]
    observed = median([two.at - one.at for one, two in pairwise(points)])
    changed = median([two - one for one, two in pairwise(changes)]) if len(changes) > 1 else 0
    finest = round(max(FINEST, observed, changed))
    return [finest, *(width for width in WIDTHS if width >= 3 * finest)]


def _steps(points: Sequence[Point], width: int) -> list[_Step]:
    """The series in steps of about ``width`` (ms); where nothing was observed they are longer."""
    taken: list[Point] = []
    for point in points:
        if point.value > 0 and (not taken or point.at - taken[-1].at >= 0.9 * width):
            taken.append(point)
    return [
        _Step(one.at, two.at, one.value, two.value - one.value, (two.at - one.at) / width)
        for one, two in pairwise(taken)
    ]


def _spikes(steps: Sequence[_Step], width: int, margin: int, events: Sequence[int]) -> Iterator[Anomaly]:
    """Steps that stand out of all by the robust z of their growth, and are worth a word.

    The spread is never taken for less than chance and rounding make by themselves. What follows an explained jump
    at once and is smaller is its echo.
    """
    growths = [step.growth for step in steps]
    size = median([step.before for step in steps])
    middle = median(growths)
    spread = median([abs(growth - middle) for growth in growths]) / 0.6745
    usual = median([abs(step.pace) for step in steps])
    spread = max(spread, math.sqrt(max(usual, 1)) / size, 2 * margin / size)
    echo = 0.0
    for step, growth in zip(steps, growths):
        z = (growth - middle) / spread
        if z < SPIKE_Z or step.gained < max(SPIKE_HEADS, SPIKE_SHARE * step.before):
            echo = 0.0
            continue
        place = bisect_left(events, step.start - EXPLAINED)
        explained = growth < echo or (place < len(events) and events[place] <= step.stop + EXPLAINED)
        echo = growth if explained else 0.0
        yield Anomaly("spike", step.start, step.stop, step.gained, z, width, explained)


def _lines(steps: Sequence[_Step], width: int) -> Iterator[Anomaly]:
    """The first stretch in which the count goes straighter than chance lets people come and go."""
    changes = sorted(abs(step.gained) for step in steps if step.gained)
    lively = bool(changes) and changes[len(changes) // 10] >= FLAT_LEAST
    for first in range(len(steps) - FLAT_STEPS + 1):
        part = steps[first : first + FLAT_STEPS]
        if any(step.widths > HOLE for step in part):
            continue
        mean = sum(step.pace for step in part) / FLAT_STEPS
        variance = sum((step.pace - mean) ** 2 for step in part) / (FLAT_STEPS - 1)
        frozen = lively and not any(step.gained for step in part)
        if frozen or (abs(mean) >= FLAT_MEAN and variance < FLAT_DISPERSION * abs(mean)):
            gained = sum(step.gained for step in part)
            yield Anomaly("line", part[0].start, part[-1].stop, gained, variance / abs(mean or 1), width)
            return
