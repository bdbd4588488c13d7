"""Who is silent: by the newest work or message of anybody on the same platform, however it came in."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import standing
from kolbench.analysis.people import WINDOW_MS
from kolbench.analysis.scorers.activity import Activity
from kolbench.analysis.scorers.potential import Potential
from kolbench.domain.records import Record
from kolbench.domain.scoring import Component
from kolbench.screens.measures import made_from
from kolbench.store import erasure
from kolbench.store.connect import Store
from measuring import measured, shown


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return make.store(tmp_path)


def activity(store: Store) -> dict[str, float | None]:
    return dict(store.reader().execute("SELECT name, activity_score FROM standing ORDER BY name").fetchall())


def rows(store: Store) -> list[Any]:
    return store.reader().execute("SELECT * FROM standing ORDER BY creator_id").fetchall()


def sync(store: Store, *records: Record, origin: Any = None) -> int:
    make.write(store, *records, **({"origin": origin} if origin else {}))
    return standing.refresh(store)


def test_who_is_silent_for_longer_than_the_window_is_not_active_and_the_dates_are_told(store: Store) -> None:
    sync(store, *(make.said("ann", "tea", day) for day in range(3)), make.said("bob", "tea", 92))
    assert not activity(store)["ann"]
    ann = measured(store, Activity())["ann"]
    assert (ann.value, ann.numerator, ann.sample, ann.how) == (0, 0, 0, "silent")
    assert (ann.start, ann.stop) == (make.ms(92) - WINDOW_MS, make.ms(92))
    assert shown(store, Activity(), "ann") == []
    told = made_from(Component("activity", 1, ann, ""))
    assert told.startswith("nothing of theirs from 20")
    sync(store, make.said("ann", "tea", 93))
    assert activity(store)["ann"]
    assert measured(store, Activity())["ann"].numerator == 1


def test_a_day_less_is_not_silence(store: Store) -> None:
    sync(store, make.said("ann", "tea", 3), make.said("bob", "tea", 92))
    assert activity(store)["ann"]


def test_the_silent_are_not_called_busy(store: Store) -> None:
    busy = [make.said("ann", "tea", n / 10) for n in range(100)]
    make.write(store, *busy, make.did("mention", "bob", "ann", "tea", 9))
    standing.refresh(store)
    assert measured(store, Potential())["ann"].how == "busy"
    sync(store, make.said("bob", "tea", 200))
    assert measured(store, Potential())["ann"].how == "quiet"


def test_each_platform_has_its_own_horizon_and_the_last_word_decides(store: Store) -> None:
    weibo = make.source(store, "weibo", "weibo")
    make.write(store, make.said("ann", "tea", 0), make.said("eve", "tea", 0))
    sync(store, make.posted("bob", 200), make.posted("ann-weibo", 150), origin=weibo)
    assert all(activity(store).values()), "nobody is compared with another platform"
    make.same_person(store, "ann", "ann-weibo")
    sync(store, make.said("cai", "tea", 220))
    assert [name for name, value in activity(store).items() if not value] == ["eve"]


def test_only_those_are_derived_again_whom_the_horizon_leaves_behind_and_once(store: Store) -> None:
    sync(store, *(make.said(f"p{n}", "tea", n) for n in range(100)))
    assert sync(store, make.said("p99", "tea", 100)) == 1 + 1, "p10 has just fallen out: p0 to p9 had before"
    assert sync(store, make.said("p99", "tea", 103)) == 1 + 3
    assert sync(store, make.said("p98", "tea", 101)) == 1
    assert standing.refresh(store) == 0
    assert list(activity(store).values()).count(0) == 14


def test_a_horizon_goes_back_with_the_word_that_made_it(store: Store) -> None:
    sync(store, make.said("ann", "tea", 0), make.said("bob", "tea", 50), make.said("eve", "tea", 200))
    assert [name for name, value in activity(store).items() if value] == ["eve"]
    erasure.erase(store, erasure.find(store, str(make.creator(store, "eve"))))
    standing.refresh(store)
    assert all(activity(store).values())


def test_news_that_come_while_others_are_derived_move_the_horizon_as_well(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "BATCH", 1)
    make.write(store, make.said("ann", "tea", 0), make.said("bob", "tea", 1), make.said("eve", "tea", 2))
    late = [make.said("eve", "tea", 300)]

    def meanwhile(_done: int, _total: int) -> None:
        if late:
            make.write(store, late.pop())

    standing.refresh(store, meanwhile)
    assert {name for name, value in activity(store).items() if value} == {"eve"}
    found = rows(store)
    standing.rebuild(store)
    assert rows(store) == found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_news_in_any_order_leave_what_deriving_everybody_would(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    store = make.store(tmp_path_factory.mktemp("any"))
    origins = [make.source(store, name, name) for name in ("demo", "weibo")]
    for _ in range(6):
        origin = chance.choice(origins)
        days = [chance.randrange(400) for _ in range(chance.randrange(1, 6))]
        news = [
            chance.choice((make.posted, lambda name, day: make.said(name, "tea", day)))(f"p{chance.randrange(8)}", day)
            for day in days
        ]
        sync(store, *news, origin=origin)
        everybody = [row[0] for row in store.reader().execute("SELECT creator_id FROM standing").fetchall()]
        if chance.random() < 0.3:
            erasure.erase(store, erasure.find(store, str(chance.choice(everybody))))
            standing.refresh(store)
    found = rows(store)
    standing.rebuild(store)
    assert rows(store) == found
    assert standing.refresh(store) == 0
    store.close()
