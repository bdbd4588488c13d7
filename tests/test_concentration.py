"""Concentration: the published figures, and what must hold for any shares."""

from __future__ import annotations

import csv
import json
import random
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.analysis import concentration, leaderboards

if TYPE_CHECKING:
    from commands import Commands

parts = st.lists(st.integers(0, 10**12), min_size=1, max_size=30).filter(any)


def test_the_textbook_example() -> None:
    assert concentration.gini([1, 3, 2, 1, 1, 1, 4]) == pytest.approx(0.3076923)
    assert concentration.hhi([1, 1, 1, 1]) == 2_500
    assert concentration.measure([1, 1, 1, 1]) == (2_500, 4, 0)


def test_the_index_has_a_verdict_by_the_merger_guidelines() -> None:
    for equals, verdict in (
        (11, "dispersed"),
        (10, "moderate"),
        (6, "moderate"),
        (5, "concentrated"),
        (1, "concentrated"),
    ):
        found = concentration.measure([3] * equals)
        assert found is not None
        assert found.verdict == verdict
        assert found.effective == pytest.approx(equals)


def test_nothing_to_share_has_no_concentration_and_debts_are_refused() -> None:
    for values in ([], [0, 0]):
        assert concentration.gini(values) is None
        assert concentration.hhi(values) is None
        assert concentration.measure(values) is None
    with pytest.raises(ValueError, match="below zero"):
        concentration.gini([3, -1])


@given(parts, st.integers(2, 1_000), st.randoms())
def test_neither_the_order_nor_the_unit_matters_and_bounds_hold(
    values: list[int], unit: int, chance: random.Random
) -> None:
    gini, hhi = concentration.gini(values), concentration.hhi(values)
    assert gini is not None
    assert hhi is not None
    assert 0 <= gini <= 1 - 1 / len(values) + 1e-12
    assert 10_000 / len(values) <= hhi + 1e-6
    assert hhi <= 10_000
    changed = [value * unit for value in values]
    chance.shuffle(changed)
    assert concentration.gini(changed) == pytest.approx(gini)
    assert concentration.hhi(changed) == pytest.approx(hhi)


@given(parts)
def test_gini_is_half_the_mean_difference_over_the_mean(values: list[int]) -> None:
    differences = sum(abs(a - b) for a in values for b in values)
    assert concentration.gini(values) == pytest.approx(differences / (2 * len(values) * sum(values)))


def test_fans_of_real_creators(shared_data: Path) -> None:
    with (shared_data / "creators" / "douyin_top5025.csv").open(encoding="utf-8-sig", newline="") as file:
        fans = [int(row["fans"]) for row in csv.DictReader(file)]
    assert concentration.gini(fans) == pytest.approx(0.4177, abs=5e-5)
    assert concentration.hhi(fans) == pytest.approx(4.38, abs=5e-3)


def test_messages_of_a_real_workspace(shared_data: Path) -> None:
    said: Counter[str] = Counter()
    with zipfile.ZipFile(shared_data / "chat" / "slack_export.zip") as archive:
        for name in archive.namelist():
            if name.count("/") == 2 and name.endswith(".json"):  # the days of channels
                told = json.loads(archive.read(name))
                said.update(one["user"] for one in told if "user" in one and "subtype" not in one)
    assert concentration.gini(said.values()) == pytest.approx(0.5614, abs=5e-5)
    assert concentration.hhi(said.values()) == pytest.approx(353.4, abs=5e-2)


def test_a_leaderboard_says_how_much_rests_on_few(sampled: Commands) -> None:
    board = sampled("leaderboard", "--limit", "1", "--json").json
    values = [entry["value"] for entry in sampled("leaderboard", "--limit", "500", "--json").json["entries"]]
    found = concentration.measure(values)
    assert found is not None
    assert board["people"] == len(values) > 1
    assert board["concentration"] == {**found._asdict(), "verdict": found.verdict}
    assert f"Gini {found.gini:.2f}." in sampled("leaderboard", "--limit", "1").out.splitlines()[-1]


def test_everybody_counts_though_only_the_first_places_are_kept(
    sampled: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sampled("leaderboard", "--days", "0", "--json").json
    monkeypatch.setattr(leaderboards, "ENTRIES", 3)
    cut = sampled("leaderboard", "--days", "3000", "--json").json
    assert len(cut["entries"]) == 3
    assert whole["people"] == cut["people"] > 3
    assert cut["concentration"] == pytest.approx(whole["concentration"])
