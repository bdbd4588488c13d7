"""False alarm: organic growth must not be flagged as bought, and bought growth must be."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path

from kolbench.analysis.anomaly import Point, judge, of_account
from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY, HOUR
from kolbench.store.connect import Store

Series = list[Point]

EXTENT = "SELECT account_id, min(observed_at), max(observed_at) FROM account_snapshot"


def imports(data: Path) -> list[list[str]]:
    return [[str(data / "bilibili_followers_1hz.txt.gz"), "--platform", "bilibili", "--set", "account=@someone"]]


def report(store: Store, seeds: int) -> None:
    account, first, last = store.reader().execute(EXTENT).fetchone()
    whole = of_account(store.reader(), account, first, last + 1)
    found = f"flagged: {whole.anomalies}" if whole.flagged else "not flagged"
    values = {"account_id": account, "window_from": first, "window_to": last + 1, "finest": 1}
    real = list(map(Point._make, store.reader().execute(sql("anomaly_followers"), values)))
    print(f"the real series, {len(real):,} counts: {found}\n")
    print(f"{seeds} series of each kind, share flagged:")
    print(f"{'':34}{'real, 6-22 h':>14}{'made, daily':>14}")
    for title, change in (("organic (false alarms)", None), *PATTERNS.items()):
        rates = []
        for make in (lambda chance: part(real, chance), made):
            flagged = 0
            for seed in range(seeds):
                chance = random.Random(f"{title} {seed}")
                series, posts = make(chance)
                flagged += judge(change(series, chance) if change else series, posts).flagged
            rates.append(flagged / seeds)
        print(f"{title:34}" + "".join(f"{rate:14.1%}" for rate in rates), flush=True)


def part(real: Series, chance: random.Random) -> tuple[Series, list[int]]:
    """A part of the real series, counted as often as a source might."""
    every = chance.choice((1, 10, 60, 600))
    length = chance.randint(6 * 3600, 72_000)
    first = chance.randrange(len(real) - length)
    return real[first : first + length : every], []


def made(chance: random.Random) -> tuple[Series, list[int]]:
    """Daily counts of a made-up account: heavy-tailed size and growth, weekends, good weeks, works that go viral."""
    days = chance.randint(60, 365)
    followers = math.exp(chance.uniform(math.log(5_000), math.log(5_000_000)))
    growth = math.exp(chance.gauss(-7, 1))
    series, posts, drift, viral = [], [], 0.0, 0.0
    for day in range(days):
        at = day * DAY + chance.randint(0, 2 * HOUR)
        drift = 0.8 * drift + chance.gauss(0, 0.3)
        viral *= 0.6
        if chance.random() < 0.02:
            viral += growth * math.exp(chance.uniform(0, 4))
            posts.append(at - chance.randint(0, DAY))
        rate = (growth * math.exp(drift) * (1.2 if day % 7 > 4 else 1) + viral) * followers
        followers += rate + chance.gauss(0, 1) * math.sqrt(rate + 0.001 * followers)  # who comes, and who goes
        series.append(Point(at, round(followers)))
    return series, posts


def step(series: Series, chance: random.Random) -> Series:
    """From one count to the next there are 1 to 10 % more."""
    first, bought = place(series, chance), size(series, chance, 0.01, 0.1)
    return [point._replace(value=point.value + (bought if n >= first else 0)) for n, point in enumerate(series)]


def stairs(series: Series, chance: random.Random) -> Series:
    """Four to ten equal jumps of 0.6 to 2 %, evenly apart."""
    first, bought = place(series, chance, 0.1, 0.4), size(series, chance, 0.006, 0.02)
    apart = max(2, int(len(series) * chance.uniform(0.03, 0.06)))
    most = chance.randint(4, 10)
    return [
        point._replace(value=point.value + bought * min(most, max(0, (n - first) // apart + 1)))
        for n, point in enumerate(series)
    ]


def frozen(series: Series, chance: random.Random) -> Series:
    """A quarter to a half of the time the count doesn't move at all, as if nobody lived there."""
    return line(series, chance, 0.0)


def straight(series: Series, chance: random.Random) -> Series:
    """A quarter to a half of the time it goes up on a straight line by 1 to 5 %."""
    return line(series, chance, chance.uniform(0.01, 0.05))


def line(series: Series, chance: random.Random, gain: float) -> Series:
    first = place(series, chance, 0.1, 0.4)
    last = first + int(len(series) * chance.uniform(0.25, 0.5))
    low, high = series[first], series[last]
    slope = gain * low.value / (high.at - low.at)
    shift = low.value + slope * (high.at - low.at) - high.value
    return [
        point
        if n < first
        else point._replace(value=round(low.value + slope * (point.at - low.at)))
        if n <= last
        else point._replace(value=point.value + round(shift))
        for n, point in enumerate(series)
    ]


def place(series: Series, chance: random.Random, low: float = 0.1, high: float = 0.9) -> int:
    return int(len(series) * chance.uniform(low, high))


def size(series: Series, chance: random.Random, low: float, high: float) -> int:
    return max(1, round(series[0].value * math.exp(chance.uniform(math.log(low), math.log(high)))))


PATTERNS: dict[str, Callable[[Series, random.Random], Series]] = {
    "a step of 1-10 %": step,
    "a staircase of 0.6-2 % a step": stairs,
    "a cement-flat line, no change": frozen,
    "a cement-flat line, up 1-5 %": straight,
}
