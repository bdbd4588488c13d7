"""Growth: what comes and goes as people do is left alone, what was bought is seen."""

from __future__ import annotations

import gzip
import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from kolbench.analysis.anomaly import Judgement, Point, judge, of_account
from kolbench.domain.clock import DAY


def daily(*gains: int, start: int = 100_000, plus_minus: int = 0) -> list[Point]:
    """Counts a day apart, beginning with ``start``."""
    value, points = start, [Point(0, start, plus_minus)]
    for day, gain in enumerate(gains, 1):
        value += gain
        points.append(Point(day * DAY, value, plus_minus))
    return points


def lively(days: int, seed: int = 1) -> list[int]:
    """What people do: about a hundred more a day, never quite as many."""
    chance = random.Random(seed)
    return [round(chance.gauss(100, 30)) for _ in range(days)]


def kinds(judgement: Judgement) -> set[str]:
    return {one.kind for one in judgement.anomalies if not one.explained}


def test_growth_by_chance_is_not_flagged() -> None:
    for seed in range(20):
        judgement = judge(daily(*lively(90, seed)))
        assert judgement.steps == 90
        assert not judgement.flagged


def test_a_jump_is_flagged_with_when_and_how_many() -> None:
    gains = lively(60)
    gains[30] = 3_000
    (jump,) = (one for one in judge(daily(*gains)).anomalies if one.width == DAY)
    assert (jump.kind, jump.start, jump.stop, jump.gained) == ("spike", 30 * DAY, 31 * DAY, 3_000)
    assert jump.figure > 8


def test_every_stair_of_a_staircase_is_flagged() -> None:
    gains = lively(60)
    for day in range(10, 60, 7):
        gains[day] += 2_000
    found = [one for one in judge(daily(*gains)).anomalies if one.width == DAY]
    assert [one.start // DAY for one in found] == list(range(10, 60, 7))


@pytest.mark.parametrize("straight", [0, 120])
def test_a_line_like_cement_is_flagged(straight: int) -> None:
    gains = lively(60)
    gains[20:40] = [straight] * 20
    assert kinds(judge(daily(*gains))) == {"line"}


def test_a_post_or_an_event_explains_a_jump_and_its_echo_but_no_line() -> None:
    gains = lively(60)
    gains[30:36] = [9_000, 6_000, 4_000, 3_000, 2_000, 1_500]
    judgement = judge(daily(*gains), [29 * DAY])
    assert not judgement.flagged
    assert judgement.anomalies
    assert judge(daily(*gains), [20 * DAY]).flagged
    gains[45] = 5_000
    assert judge(daily(*gains), [29 * DAY]).flagged
    gains = lively(60)
    gains[20:40] = [0] * 20
    assert judge(daily(*gains), [29 * DAY]).flagged


def test_rounded_counts_neither_jump_nor_lie_flat() -> None:
    points = [point._replace(value=round(point.value, -3), plus_minus=500) for point in daily(*lively(90))]
    assert not judge(points).flagged


def test_an_account_that_nobody_follows_any_more_is_not_flagged() -> None:
    assert not judge(daily(*[0] * 90)).flagged
    assert not judge(daily(*[0, 1, 0, 0, -1] * 18, start=500)).flagged


def test_too_few_counts_are_not_judged() -> None:
    assert judge([]) == Judgement(0, [])
    assert judge(daily(*lively(10), 50_000)) == Judgement(0, [])


@given(st.lists(st.tuples(st.integers(0, 5 * DAY), st.integers(0, 10**9), st.integers(0, 1_000)), max_size=60))
def test_any_series_can_be_judged(rows: list[tuple[int, int, int]]) -> None:
    at, points = 0, []
    for apart, value, plus_minus in rows:
        at += apart
        points.append(Point(at, value, plus_minus))
    found = judge(points)
    for one in found.anomalies:
        assert points[0].at <= one.start < one.stop <= points[-1].at
        assert math.isfinite(one.figure)
    assert found.steps or not found.anomalies


def test_an_account_is_judged_by_its_stored_counts_and_posts(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    gains = lively(60)
    gains[30] = 3_000
    counts = [make.counted("ann", point.at / DAY, followers=point.value) for point in daily(*gains)]
    make.write(store, *counts)
    account = store.reader().execute("SELECT id FROM account").fetchone()[0]
    assert of_account(store.reader(), account, make.ms(0), make.ms(90)).flagged
    assert not of_account(store.reader(), account, make.ms(0), make.ms(30)).flagged
    make.write(store, make.posted("ann", 30))
    assert not of_account(store.reader(), account, make.ms(0), make.ms(90)).flagged


def test_a_real_organic_series_is_not_flagged_and_a_step_bought_on_top_is(shared_data: Path) -> None:
    with gzip.open(shared_data / "timeseries" / "bilibili_followers_1hz.txt.gz", "rt") as lines:
        rows = (line.split("\t") for line in lines)
        real = [Point(round(float(at) * 1000), int(value)) for at, value in rows]
    judgement = judge(real)
    assert judgement.steps > 1_000
    assert not judgement.flagged
    bought = [point._replace(value=point.value + 100_000) if n > 40_000 else point for n, point in enumerate(real)]
    assert kinds(judge(bought)) == {"spike"}
    frozen = [point._replace(value=real[30_000].value) if n > 30_000 else point for n, point in enumerate(real)]
    assert "line" in kinds(judge(frozen))
