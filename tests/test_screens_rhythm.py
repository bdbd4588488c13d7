"""What a brief needs now and where its people came from, on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.analysis import candidacy, standing
from kolbench.screens.rhythm import apart
from kolbench.store import decisions
from stage import in_passing

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp
    from stage import Stage


@pytest.fixture
def brief(stage: Stage) -> int:
    """A brief about tea with a room in which its people talk."""
    store = stage.store
    for n in range(12):
        make.write(store, make.person(f"p{n}"), make.said(f"p{n}", "茶室", n, "tea, anyone?"))
        make.write(store, make.did("reply", f"p{n}", "p0", "茶室", n))
    standing.refresh(store)
    found = make.brief(store, topics={"keywords": ["tea"]})
    candidacy.score(store, found)
    decisions.decide(store, found, [make.creator(store, "p0")], "shortlisted", "me")
    return found


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_supply_demand_and_grounds_of_the_shown_brief(stage: Stage, brief: int, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "r")
        assert in_passing(app, "asked for a brief")
        await stage.press(pilot, "b", "down", "enter", "r")
        text = stage.text(app)
        assert "What is needed now" in text
        assert "tea" in text
        assert "茶室" in text
        assert "Where they came from" in text
        await stage.press(pilot, "escape")
        assert "What is needed now" not in stage.text(app)

    stage.play(story, size=size)


def test_what_is_silent_now_says_since_when_and_shows_its_last_weeks(
    stage: Stage, brief: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2036-01-31T12:00:00+00:00")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "b", "down", "enter", "r")
        text = stage.text(app)
        assert "silent since 2026-01-12" in text
        assert "are silent in them. l shows what was so" in text
        await stage.press(pilot, "l")
        text = stage.text(app)
        assert "until 2026-01-12: " in text
        assert "silent since" not in text
        await stage.press(pilot, "l")
        assert "silent since" in stage.text(app)

    stage.play(story)


def test_a_brief_that_was_never_scored_says_what_to_do(stage: Stage) -> None:
    make.people(stage.store, 2)
    standing.refresh(stage.store)
    brief = make.brief(stage.store)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        from kolbench.screens.rhythm import RhythmScreen

        await app.push_screen(RhythmScreen(app.session, brief))
        await stage.settle(pilot)
        assert "was never scored" in stage.text(app)

    stage.play(story)


def test_names_that_begin_alike_are_told_apart_by_their_ends() -> None:
    shown = apart(["FreeCodeCamp/python", "FreeCodeCamp/linux", "other/linux", "tea"])
    assert list(shown.values()) == ["…/python", "…/linux", "other/linux", "tea"]
