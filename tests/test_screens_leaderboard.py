"""Leaderboard: what is counted where and when, its evidence, counting again and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import make
from kolbench.analysis import leaderboards as ranking
from kolbench.screens.leaderboard import LeaderboardScreen
from kolbench.store import leaderboards
from scripted import Gate
from stage import Stage, in_passing

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp


def runs(stage: Stage) -> int:
    return int(stage.store.reader().execute("SELECT count(*) FROM leaderboard_run WHERE complete").fetchone()[0])


def test_the_liveliest_community_is_counted_at_once(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = stage.text(app)
        for part in (
            "[新品内测群]",
            "[People who addressed them]",
            "[30 days]",
            "2025-12-30 – 2026-01-29",
            "2 people",
            "not counted: bots, staff, oneself",
            "equal values share a place",
            "highly concentrated: HHI 5,556, Gini 0.17",
            "counted 12:00",
            "1       阿晓",
        ):
            assert part in text
        assert runs(stage) == 1

    stage.play(story, screen="leaderboard")


def test_the_evidence_of_a_number_stands_beside_it(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = stage.text(app)
        assert "People who addressed them: 2" in text
        assert "21 pieces of evidence, from 2 people" in text
        assert "大宝同学" in text
        assert "谢谢 @阿晓" in text

    stage.play(story, screen="leaderboard")


def test_the_evidence_is_of_the_list_that_is_shown_where_one_person_leads_both(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "m", "down", "enter")
        assert "Thanks received: " in stage.text(app)
        await stage.press(pilot, "m", "up", "enter")
        assert "Thanks received: " not in stage.text(app)
        assert "People who addressed them: 2" in stage.text(app)

    stage.play(story, screen="leaderboard")


def test_in_a_narrow_terminal_e_opens_the_evidence(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "pieces of evidence" not in stage.text(app)
        await stage.press(pilot, "e")
        assert "21 pieces of evidence, from 2 people" in stage.text(app)
        await stage.press(pilot, "escape")
        assert "pieces of evidence" not in stage.text(app)

    stage.play(story, screen="leaderboard", size=(80, 24))


def test_another_metric_window_and_place_are_chosen_by_name(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "m", "down", "enter")
        assert "[Thanks received]" in stage.text(app)
        await stage.press(pilot, "w", "down", "enter")
        assert "[7 days]" in stage.text(app)
        await stage.press(pilot, "c", "up", "enter")
        assert "[everywhere]" in stage.text(app)
        await stage.press(pilot, "m", "end", "up", "up", "enter")
        assert "[Followers]" in stage.text(app)
        assert "1,204,411" in stage.text(app)

    stage.play(story, screen="leaderboard")


def test_movement_compares_with_the_window_before(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "w", "down", "enter")
        first = next(line for line in stage.text(app).splitlines() if "1     = 阿晓" in line)
        assert first.split("阿晓")[1].split()[:3] == ["WeChat", "2", "2"]

    stage.play(story, screen="leaderboard")


def test_an_outdated_list_says_so_and_is_counted_again_on_demand(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        make.write(
            stage.store,
            make.did("thank", "w5", "g1", "新品内测群", 29, evidence="later"),
            origin=make.source(stage.store, "内测群", "wechat"),
            day=30,
        )
        app._look()
        await stage.settle(pilot)
        assert "new data since: r counts again" in stage.text(app)
        await stage.press(pilot, "r")
        text = stage.text(app)
        assert "new data since" not in text
        assert "People who addressed them: 3" in text

    stage.play(story, screen="leaderboard")


def test_counting_can_be_stopped_and_leaves_nothing_behind(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    count = ranking.compute

    def slowly(store: Any, key: Any, progress: Any) -> int:
        gate.pass_through()
        return count(store, key, progress)

    monkeypatch.setattr(ranking, "compute", slowly)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await gate.reached(pilot)
        await pilot.pause()
        assert "counting 0%, Esc stops" in stage.text(app)
        await pilot.press("escape")
        gate.open()
        await stage.settle(pilot)
        assert "Stopped. r counts again." in stage.text(app)
        assert runs(stage) == 0
        await stage.press(pilot, "r")
        assert "1       阿晓" in stage.text(app)

    stage.play(story)


def test_choosing_something_else_while_counting_counts_that_instead(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    count = ranking.compute

    def slowly(store: Any, key: Any, progress: Any) -> int:
        if key.metric == "voices":
            gate.pass_through()
        return count(store, key, progress)

    monkeypatch.setattr(ranking, "compute", slowly)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await gate.reached(pilot)
        await pilot.press("m")
        await pilot.pause()
        await pilot.press("down", "enter")
        gate.open()
        await stage.settle(pilot)
        assert "[Thanks received]" in stage.text(app)
        assert "Thanks received: 7" in stage.text(app)
        assert runs(stage) == 1

    stage.play(story)


def test_a_person_is_found_by_name_and_opened(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "slash")
        await stage.type(pilot, "大宝")
        await stage.press(pilot, "enter", "enter")
        assert "大宝同学  WeChat" in stage.text(app)

    stage.play(story, screen="leaderboard")


def test_somebody_who_is_not_in_the_list_is_said_so(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "slash")
        await stage.type(pilot, "neill")
        await stage.press(pilot, "enter")
        assert in_passing(app, "They are not in this list.")

    stage.play(story, screen="leaderboard")


def test_a_store_without_anything_to_count_says_what_to_do(empty_stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "There is nothing to rank here yet" in empty_stage.text(app)
        assert leaderboards.communities(empty_stage.store) == []

    empty_stage.play(story, screen="leaderboard")


def test_followers_are_counted_exactly_and_marked_where_the_source_rounded_them(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, LeaderboardScreen)
        screen._choose(scope=leaderboards.Scope(), metric="reach", days=0)
        await stage.settle(pilot)
        lines = [line for line in stage.text(app).splitlines() if " Weibo " in line[:60]]
        exact, rounded = (next(line for line in lines if name in line) for name in ("张伟测评", "李静的厨房"))
        assert exact.count(" 1,204,411 ") >= 2  # the value and the followers
        assert "≈" not in exact[:100]
        assert " ≈91,300 " in rounded

    stage.play(story, screen="leaderboard", size=(160, 40))


@pytest.mark.parametrize("metric", ["reach", "interactions"])
def test_evidence_names_platforms_and_shows_whole_dates(stage: Stage, metric: str) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, LeaderboardScreen)
        screen._choose(scope=leaderboards.Scope(), metric=metric, days=0)
        await stage.settle(pilot)
        about = screen.sheet.text
        assert "2026-01-" in about
        assert "Weibo" in about
        assert "weibo" not in about.replace("weibo-list", "")
        assert "2026-01-…" not in stage.text(app)

    stage.play(story, screen="leaderboard")


def test_counting_again_says_when_it_was_done(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "counted 12:00" in stage.text(app)
        assert "Counted again" not in stage.text(app)
        await stage.press(pilot, "r")
        assert in_passing(app, "Counted again at 12:00.")

    stage.play(story, screen="leaderboard")
