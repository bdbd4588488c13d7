"""The screen on which an operator says who is one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.app import KolbenchApp
from kolbench.screens.comparing import Comparing
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.merging import MergingScreen, around
from kolbench.screens.reading import Reading
from kolbench.store import creators, merges, suggestions
from stage import Stage, in_passing

if TYPE_CHECKING:
    from textual.pilot import Pilot


def test_the_list_and_both_people_with_the_evidence(alike: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await alike.press(pilot, "M")
        assert isinstance(app.screen, MergingScreen)
        text = alike.text(app)
        assert "2 pairs may be one person" in text
        assert "李静的厨房" in text
        await alike.press(pilot, "enter")
        assert isinstance(app.screen, Reading)
        text = alike.text(app)
        assert "same email address" in text
        assert "Li@Example.org" in text
        await alike.press(pilot, "escape", "escape")
        assert not isinstance(app.screen, MergingScreen)

    alike.play(story)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
def test_every_width_has_room_for_it(alike: Stage, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await alike.press(pilot, "M", "j", "enter", "G", "escape")
        assert "\x1b" not in alike.text(app)

    alike.play(story, size=size)


def test_a_merge_is_kept_and_taken_back(alike: Stage) -> None:
    store = alike.store
    lijing, other = make.creator(store, "w1", "weibo"), make.creator(store, "d1", "douyin")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await alike.press(pilot, "M", "y")
        assert in_passing(app, "are one person now")
        assert not in_passing(app, "Error")
        assert "1 pair may be one person" in alike.text(app)
        assert len(creators.accounts(store, lijing)) == 3
        assert creators.accounts(store, other) == []
        await alike.press(pilot, "u")
        assert "2 pairs may be one person" in alike.text(app)
        assert len(creators.accounts(store, lijing)) == 2

    alike.play(story)
    assert [merge.undone_by for merge in merges.of(store, lijing)] == ["chen"]


def test_what_is_rejected_or_left_for_later_is_gone_from_the_list(alike: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await alike.press(pilot, "M", "n", "i")
        assert "Nobody here may be the same" in alike.text(app)
        assert suggestions.count(alike.store) == 0
        await alike.press(pilot, "y", "n", "i", "enter")
        await alike.press(pilot, "u", "u")
        assert "2 pairs may be one person" in alike.text(app)

    alike.play(story)


def test_the_file_of_a_person_says_that_they_may_be_another(alike: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await alike.press(pilot, "slash", *"李静", "enter", "enter")
        assert isinstance(app.screen, CreatorScreen)
        assert "may be 1 other (m)" in alike.text(app)
        await alike.press(pilot, "m")
        assert isinstance(app.screen, MergingScreen)
        assert "1 pair may be one person" in alike.text(app)
        await alike.press(pilot, "y", "escape")
        assert "may be 1 other" not in alike.text(app)

    alike.play(story)


def test_whom_nothing_suggests_is_looked_for_in_the_file(alike: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await alike.press(pilot, "slash", *"张伟", "enter", "enter", "M", "+")
        await alike.press(pilot, "ctrl+u", *"王无", "enter")
        assert "王无数" in alike.text(app)
        await alike.press(pilot, "enter")
        assert in_passing(app, "张伟测评 and 王无数 are one person now. u takes it back.")
        assert "the same person" in alike.text(app)
        await alike.press(pilot, "u")
        assert "the same person" not in alike.text(app)
        await alike.press(pilot, "+", "ctrl+u", *"nobody is called so", "enter")
        assert in_passing(app, "Nobody else is called so.")

    alike.play(story)


def test_a_quotation_is_cut_around_what_was_found_in_it() -> None:
    bio = "剧社演员\n" + "今天也要开心，" * 20 + "工作VX:17372755407 注明来意" + "，明天见" * 20
    shown = around(bio, "17372755407", 60)
    assert "工作VX:17372755407 注明来意" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= 32
    assert around("short", "gone", 60) == "short"


def test_the_palette_leads_there(alike: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await alike.press(pilot, "colon", *"accounts of one", "enter")
        assert isinstance(app.screen, MergingScreen)
        await alike.press(pilot, "M")
        assert isinstance(app.screen, MergingScreen)
        assert len(app.screen_stack) == 2

    alike.play(story)


def test_it_can_be_decided_where_both_are_compared(alike: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await alike.press(pilot, "M")
        assert "2 pairs may be one person" in alike.text(app)
        await alike.press(pilot, "enter")
        assert isinstance(app.screen, Comparing)
        await alike.press(pilot, "y")
        assert isinstance(app.screen, MergingScreen)
        assert "1 pair may be one person" in alike.text(app)

    alike.play(story, size=(80, 24))
