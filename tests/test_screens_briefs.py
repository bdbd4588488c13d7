"""The form of a brief: writing one with the keyboard, changing it, and being told what is wrong where it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

import campaigning
import make
from kolbench.analysis import candidacy
from kolbench.domain.briefs import Brief, Topics, weights
from kolbench.programme.briefs import write
from kolbench.screens.brief import BriefScreen
from kolbench.screens.candidates import CandidatesScreen
from kolbench.screens.choose import Choose
from kolbench.screens.several import Several
from kolbench.store import briefs, lessons
from stage import Stage, in_passing

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp

HOSTILE = "[red]\x1b[31m\u202e夏季"


@pytest.fixture
def saved() -> list[int]:
    """The ids that the form told of."""
    return []


async def opened(
    stage: Stage, app: KolbenchApp, pilot: Pilot[int], saved: list[int], brief_id: int | None = None
) -> BriefScreen:
    screen = BriefScreen(app.session, saved.append, brief_id)
    app.push_screen(screen)
    await stage.settle(pilot)
    return screen


async def fill(stage: Stage, pilot: Pilot[int], text: str) -> None:
    """Change the setting under the cursor to a text, as an input method or a paste gives it."""
    await stage.press(pilot, "enter")
    pilot.app.screen.query_one(Input).value = text
    await stage.press(pilot, "enter")


async def to(stage: Stage, pilot: Pilot[int], label: str) -> None:
    """Put the cursor on a setting."""
    screen = pilot.app.screen
    assert isinstance(screen, BriefScreen)
    await stage.press(pilot, "g")
    while not str(screen.table.cursor_row[1]).startswith(label):  # type: ignore[index]
        before = screen.table.cursor
        await stage.press(pilot, "j")
        assert screen.table.cursor > before, label


def test_a_brief_is_written_with_the_keyboard_alone(stage: Stage, saved: list[int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await opened(stage, app, pilot, saved)
        await fill(stage, pilot, "夏季防晒")
        await to(stage, pilot, "Purpose")
        await stage.press(pilot, "enter", "3")
        await to(stage, pilot, "People wanted")
        await fill(stage, pilot, "12")
        await to(stage, pilot, "Keywords")
        await fill(stage, pilot, "护肤，防晒、sunscreen,护肤")
        await to(stage, pilot, "People like")
        await fill(stage, pilot, "xiaohongshu:momo")
        await to(stage, pilot, "Talk like in")
        await stage.press(pilot, "enter", "space", "enter")
        await to(stage, pilot, "Platforms")
        await stage.press(pilot, "enter", "j", "space", "enter")
        await to(stage, pilot, "Leave out: ours")
        await stage.press(pilot, "enter")
        assert "changed" in stage.text(app)
        await stage.press(pilot, "s")
        assert in_passing(app, "Kept as version 1")
        assert isinstance(app.screen, CandidatesScreen)

    stage.play(story)
    kept = briefs.brief(stage.store, saved[0])
    assert (kept.name, kept.purpose, kept.people) == ("夏季防晒", "convert", 12)
    assert kept.topics.keywords == ("护肤", "防晒", "sunscreen")
    assert kept.topics.like == ("xiaohongshu:momo",)
    assert kept.topics.communities == ("新品内测群",)
    assert kept.who.platforms == ("weibo",)
    assert kept.exclude.do_not_contact
    assert not kept.exclude.working_with_us
    assert briefs.goal(stage.store, saved[0]).like == (make.creator(stage.store, "x2", "xiaohongshu"),)


def test_weights_are_bars_that_plus_and_minus_change(stage: Stage, saved: list[int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = await opened(stage, app, pilot, saved)
        await to(stage, pilot, "Weight: Reach")
        assert "24%" in stage.text(app)
        await stage.press(pilot, "plus", "plus")
        assert screen.brief.weights == {"reach": 35}
        assert "usually 24%" in stage.text(app)
        await stage.press(pilot, "minus", "minus")
        assert screen.brief.weights == {}
        await fill(stage, pilot, "0")
        assert "reach" not in weights(screen.brief)
        await stage.press(pilot, "x")
        assert screen.brief.weights == {}

    stage.play(story)


def test_what_was_learnt_from_campaigns_stands_beside_the_settings(stage: Stage, saved: list[int]) -> None:
    tea = campaigning.campaign(stage.store)
    lessons.add(stage.store, tea, "Agree a day earlier " + HOSTILE, "me")

    async def play(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await opened(stage, app, pilot, saved)
        shown = stage.text(app)
        assert "Learnt from 'Tea': Agree a day" in shown
        assert "[red]" in shown

    stage.play(play)


def test_a_wrong_value_is_refused_where_it_is_typed(stage: Stage, saved: list[int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await opened(stage, app, pilot, saved)
        await to(stage, pilot, "People wanted")
        await fill(stage, pilot, "many")
        assert "A number is expected" in stage.text(app)
        await stage.press(pilot, "escape")
        await fill(stage, pilot, "0")
        assert "from 1 to 1,000,000" in stage.text(app)
        await stage.press(pilot, "escape")
        await to(stage, pilot, "Weight: Fit")
        await fill(stage, pilot, "-1")
        assert "from 0 to 1,000,000" in stage.text(app)
        await stage.press(pilot, "escape", "escape")
        assert isinstance(app.screen, CandidatesScreen)

    stage.play(story)


def test_what_keeps_it_from_being_saved_stands_at_its_setting(stage: Stage, saved: list[int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = await opened(stage, app, pilot, saved)
        await to(stage, pilot, "People like")
        await fill(stage, pilot, "nobody at all")
        await stage.press(pilot, "s")
        assert screen.table.cursor_key == "name"
        assert "give the brief a name" in stage.text(app)
        await fill(stage, pilot, "Tea")
        await stage.press(pilot, "s")
        assert screen.table.cursor_key == "topics.like"
        assert "Nobody" in screen.sheet.text
        assert stage.text(app).count("Nobody is called 'nobody at all'") == 1
        assert "nobody at all (this won't do: see below)" in stage.text(app)
        await stage.press(pilot, "x", "s")
        assert isinstance(app.screen, CandidatesScreen)

    stage.play(story)
    assert len(saved) == 1


def test_a_change_is_a_new_version_and_a_colleagues_is_not_lost(stage: Stage, saved: list[int]) -> None:
    brief_id = make.brief(stage.store, "Tea", people=7)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await opened(stage, app, pilot, saved, brief_id)
        assert "version 1" in stage.text(app)
        await to(stage, pilot, "People wanted")
        await fill(stage, pilot, "8")
        await stage.press(pilot, "s")
        assert in_passing(app, "Kept as version 2 of Tea")
        await opened(stage, app, pilot, saved, brief_id)
        write(stage.store, Brief(name="Tea", purpose="activate", people=9), "li", brief_id)
        await to(stage, pilot, "People wanted")
        await fill(stage, pilot, "10")
        await stage.press(pilot, "s")
        assert isinstance(app.screen, BriefScreen)
        assert "li saved version 3" in stage.text(app)

    stage.play(story)
    assert briefs.brief(stage.store, brief_id).people == 9
    assert saved == [brief_id]


@pytest.mark.parametrize("key", ["escape", "q", "1"])
def test_leaving_asks_only_when_something_was_changed(stage: Stage, saved: list[int], key: str) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await opened(stage, app, pilot, saved)
        await stage.press(pilot, key)
        assert isinstance(app.screen, CandidatesScreen)
        await opened(stage, app, pilot, saved)
        await fill(stage, pilot, "Tea")
        await stage.press(pilot, key)
        assert isinstance(app.screen, Choose)
        await stage.press(pilot, "enter")
        assert isinstance(app.screen, BriefScreen)
        await stage.press(pilot, key, "down", "down", "enter")
        assert isinstance(app.screen, CandidatesScreen)

    stage.play(story)
    assert briefs.listed(stage.store) == []
    assert saved == []


def test_many_choices_narrow_and_keep_what_is_marked(stage: Stage, saved: list[int]) -> None:
    for n in range(20):
        make.write(
            stage.store, make.said("g1", f"room {n}", 3), origin=make.source(stage.store, "内测群", "wechat"), day=30
        )

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = await opened(stage, app, pilot, saved)
        await to(stage, pilot, "Our communities")
        await stage.press(pilot, "enter")
        assert isinstance(app.screen, Several)
        await stage.press(pilot, "slash")
        await stage.type(pilot, "room 17")
        await stage.press(pilot, "enter", "space", "slash", "ctrl+u")
        await stage.type(pilot, "内测")
        await stage.press(pilot, "enter", "space", "enter")
        assert set(screen.brief.ours.communities) == {"新品内测群", "room 17"}
        await stage.press(pilot, "enter", "x", "enter")
        assert screen.brief.ours.communities == ()

    stage.play(story)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
def test_it_fits_every_terminal_and_no_text_does_harm(stage: Stage, saved: list[int], size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = await opened(stage, app, pilot, saved)
        await fill(stage, pilot, HOSTILE)
        assert screen.brief.name == "[red]夏季"
        assert "[red]夏季" in stage.text(app)
        await stage.press(pilot, "G", "g", "question_mark", "escape")
        assert "\x1b" not in stage.text(app)

    stage.play(story, size=size)


def test_the_list_of_a_brief_says_when_nobody_has_its_words(stage: Stage) -> None:
    boats = write(stage.store, Brief(name="Boats", purpose="activate", topics=Topics(keywords=("regatta",))), "ann")
    candidacy.score(stage.store, boats)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "b", "j", "enter")
        assert "nobody has its words: b edits them" in stage.text(app)

    stage.play(story)
