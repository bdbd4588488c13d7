"""Sequences on the programme's screen: who is in which and how far, halted, let go on, begun, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.domain.clock import DAY
from kolbench.programme import outreach
from kolbench.screens.choose import Choose
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.programme.screen import ProgrammeScreen
from kolbench.store import changes, enrolments, refusals
from sequence_scene import Scene, fill_sequences
from stage import Stage, in_passing, said, text, to, write
from test_screens_programme import on_programme

if TYPE_CHECKING:
    from textual.pilot import Pilot

NOON = make.ms(30.5)


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return fill_sequences(stage.store)


def state(stage: Stage, creator_id: int) -> tuple[str, ...]:
    """What became of somebody's sequences, the newest first."""
    return tuple(one.state for one in enrolments.of(stage.store, creator_id))


def asked(stage: Stage, creator_id: int) -> bool:
    """Whether the queue asks for somebody's next step."""
    query = "SELECT 1 FROM follow_up WHERE creator_id = ? AND rule = ? AND state = 'open'"
    return stage.store.reader().execute(query, (creator_id, enrolments.RULE)).fetchone() is not None


@pytest.mark.usefixtures("scene")
def test_the_section_counts_who_is_where_in_each_sequence_and_says_what_it_does(stage: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        assert screen.item is not None
        assert screen.item.cells == ("First contact", "3", "3", "0", "1", "1")
        shown = said(pilot)
        for one in ("Whoever doesn't know us.", "quiet from 21:00-09:00", "2.1 broker", "ask whom they know"):
            assert one in shown, one

    on_programme(stage, "sequences", story)


def test_where_there_is_no_sequence_the_section_says_how_one_is_made(empty_stage: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        assert "kolbench sequence new opens an example" in said(pilot)
        await empty_stage.press(pilot, "plus", "s", "d", "enter")
        assert pilot.app.screen is screen
        assert in_passing(pilot.app, "First write a sequence")

    on_programme(empty_stage, "sequences", story, (80, 24))


def test_a_sequence_opens_to_its_people_and_these_to_their_files(stage: Stage, scene: Scene) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "enter")
        assert screen.table.total == 5
        await to(stage, pilot, screen, "李静")
        assert screen.item is not None
        _name, step, channel, plan, right, how = screen.item.cells
        assert (step, channel, plan, how) == ("1.2", "WeChat", "directly", "going on")
        assert right == "02-03 09:00"
        assert "Asia/Shanghai" in said(pilot)
        await to(stage, pilot, screen, "paused")
        assert "on holiday" in said(pilot)
        assert screen.item.cells[4] == "02-10 12:00", "when the pause ends"
        await to(stage, pilot, screen, "said yes")
        assert screen.item.cells[1:5] == ("", "", "", ""), "nothing is asked of them any more"
        await stage.press(pilot, "enter")
        assert isinstance(pilot.app.screen, CreatorScreen)
        assert pilot.app.screen.creator_id == scene.zhangwei

    on_programme(stage, "sequences", story)


def test_everybody_who_is_marked_is_away_until_a_day_and_that_is_taken_back(stage: Stage, scene: Scene) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "enter")
        await to(stage, pilot, screen, "李静")
        await stage.press(pilot, "space")
        await to(stage, pilot, screen, "Ann")
        await stage.press(pilot, "space", "d")
        assert "2 people" in text(pilot)
        await stage.press(pilot, "1")
        await write(stage, pilot, "yesterday-ish")
        assert "Write it like" in text(pilot)
        await write(stage, pilot, "10d")
        assert in_passing(pilot.app, "2 people: paused until")
        for one in (scene.lijing, scene.ann):
            (enrolled,) = enrolments.of(stage.store, one)
            assert (enrolled.state, enrolled.reason) == ("paused", "out of office")
            assert enrolled.paused_until == NOON - DAY // 2 + 10 * DAY
            assert not asked(stage, one)
        assert not screen.table.selected
        await stage.press(pilot, "u")
        assert (state(stage, scene.lijing), state(stage, scene.ann)) == (("active",), ("active",))
        assert asked(stage, scene.ann), "the queue asks for it again"

    on_programme(stage, "sequences", story)


def test_somebody_who_is_back_goes_on_and_another_one_is_taken_out(stage: Stage, scene: Scene) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "enter")
        await to(stage, pilot, screen, "paused")
        await stage.press(pilot, "d", "3")
        assert state(stage, scene.xiaoyu) == ("active",)
        assert asked(stage, scene.xiaoyu)
        await to(stage, pilot, screen, "Ann")
        await stage.press(pilot, "d", "2")
        assert enrolments.of(stage.store, scene.ann)[0].paused_until is None
        await stage.press(pilot, "d", "4")
        await write(stage, pilot, "met her")
        assert enrolments.of(stage.store, scene.ann)[0].reason == "met her"
        assert state(stage, scene.ann) == ("stopped",)
        await stage.press(pilot, "u")
        assert state(stage, scene.ann) == ("paused",)

    on_programme(stage, "sequences", story)


def test_what_is_over_is_neither_paused_nor_undone(stage: Stage, scene: Scene) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "enter")
        await to(stage, pilot, screen, "said yes")
        before = changes.last(stage.store, "chen")
        await stage.press(pilot, "d", "2")
        assert in_passing(pilot.app, "None of them is in a sequence for which that can be done.")
        assert state(stage, scene.zhangwei) == ("accepted",)
        assert changes.last(stage.store, "chen") == before
        await to(stage, pilot, screen, "Ann")
        await stage.press(pilot, "d", "3")
        assert state(stage, scene.ann) == ("active",)

    on_programme(stage, "sequences", story)


def test_somebody_is_enrolled_and_the_queue_asks_for_the_first_step_at_once(stage: Stage, scene: Scene) -> None:
    sara = make.creator(stage.store, "x4", "xiaohongshu")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "enter", "plus")
        await write(stage, pilot, str(sara))
        assert screen.item is not None
        assert screen.item.creator_id == sara
        assert screen.table.total == 6
        (made,) = enrolments.of(stage.store, sara)
        assert (made.sequence_id, made.state, asked(stage, sara)) == (scene.first, "active", True)
        await stage.press(pilot, "plus")
        await write(stage, pilot, str(sara))
        assert in_passing(pilot.app, "they are in it already")
        await stage.press(pilot, "u")
        assert (state(stage, sara), asked(stage, sara)) == ((), False)

    on_programme(stage, "sequences", story)


def test_who_is_in_another_sequence_gets_into_both_only_when_that_is_meant(stage: Stage, scene: Scene) -> None:
    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "plus")
        await write(stage, pilot, str(scene.momo))
        assert isinstance(pilot.app.screen, Choose)
        assert "is in 'Spring again' already" in text(pilot)
        await stage.press(pilot, "enter")
        assert state(stage, scene.momo) == ("active",), "the first answer leaves it"
        await stage.press(pilot, "plus")
        await write(stage, pilot, str(scene.momo))
        await stage.press(pilot, "down", "enter")
        assert [one.sequence_id for one in enrolments.of(stage.store, scene.momo)] == [scene.first, scene.other]
        await stage.press(pilot, "enter")
        assert "Also in 'Spring again'." in said(pilot)

    on_programme(stage, "sequences", story)


def test_who_wants_no_contact_is_not_enrolled(stage: Stage, scene: Scene) -> None:
    sara = make.creator(stage.store, "x4", "xiaohongshu")
    refusals.refuse(stage.store, sara, "已投诉", "li")

    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "plus")
        await write(stage, pilot, str(sara))
        assert in_passing(pilot.app, "they want no contact (已投诉)")
        assert state(stage, sara) == ()

    on_programme(stage, "sequences", story)


def test_what_came_of_a_sequence_is_counted_by_step_channel_and_script(stage: Stage, scene: Scene) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "s")
        assert screen.item is not None
        assert screen.item.cells[:4] == ("whole", "", "2", "1 (50.0%)")
        assert screen.item.cells[5:] == ("1 (50.0%)", "0", "5.0h")
        await to(stage, pilot, screen, "v1 1.1 Weibo")
        await to(stage, pilot, screen, "Channel")
        await to(stage, pilot, screen, "hello A v1")
        assert "With 95 % certainty" in said(pilot)
        await stage.press(pilot, "enter", "escape", "escape", "j", "s")
        assert "Nothing was sent by it yet." in text(pilot)
        await stage.press(pilot, "escape", "enter", "s")
        assert len(screen.trails["sequences"]) == 3

    on_programme(stage, "sequences", story)


def test_who_refuses_every_channel_that_is_left_is_said_to(stage: Stage, scene: Scene) -> None:
    refusals.refuse(stage.store, scene.ann, "no more", "li")
    outreach.refresh(stage.store, [scene.ann])

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await stage.press(pilot, "enter")
        await to(stage, pilot, screen, "Ann")
        assert "They want no contact" in said(pilot)

    on_programme(stage, "sequences", story)


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)], ids="{0[0]}x{0[1]}".format)
def test_every_row_can_be_gone_into_and_left(stage: Stage, size: tuple[int, int]) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        for keys in (("enter",), ("s",), ("enter", "s")):
            await stage.press(pilot, *keys)
            for _row in range(screen.table.total or 0):
                await stage.press(pilot, "enter")
                if pilot.app.screen is not screen:
                    await stage.press(pilot, "escape")
                assert pilot.app.screen is screen
                await stage.press(pilot, "j")
            await stage.press(pilot, *(["escape"] * len(keys)))
            assert len(screen.trails["sequences"]) == 1

    on_programme(stage, "sequences", story, size)
