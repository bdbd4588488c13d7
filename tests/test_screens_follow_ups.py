"""Follow-ups: done, snoozed, noted, reopened and taken back, one or many, and kept at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import make
from kolbench.programme import follow_ups as programme
from kolbench.store import follow_ups, notes
from stage import Stage

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp


def counts(stage: Stage) -> dict[str, int]:
    return programme.counts(stage.store)


def first(stage: Stage) -> follow_ups.FollowUp:
    return follow_ups.rows(stage.store, None, make.ms(30.5), 0, 1)[0]


def test_the_queue_says_who_why_and_since_when(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = stage.text(app)
        waiting = follow_ups.count(stage.store, None, make.ms(30.5))
        assert f"all waiting {waiting}" in text
        assert "snoozed 1" in text
        assert "Never contacted" in text
        assert "today" in text

    stage.play(story, screen="follow_ups")


def test_the_number_of_those_due_stands_in_the_header_everywhere(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        app._look()
        await stage.settle(pilot)
        found = counts(stage)
        assert f"3 Follow-ups {found['overdue'] + found['today']}" in stage.text(app)

    stage.play(story)


def test_done_asks_what_came_of_it_and_keeps_the_contact(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row, before = first(stage), counts(stage)["closed"]
        await stage.press(pilot, "d", "3")
        assert counts(stage)["closed"] == before + 1
        touch = notes.touchpoints(stage.store, row.creator_id)[0]
        assert (touch.outcome, touch.author, touch.follow_up_id) == ("interested", "chen", row.follow_up_id)
        assert "1 done. u takes it back." in stage.text(app)
        assert first(stage).follow_up_id != row.follow_up_id

    stage.play(story, screen="follow_ups")


def test_just_done_writes_no_contact(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        before = len(notes.touchpoints(stage.store, row.creator_id))
        await stage.press(pilot, "d", "enter")
        assert first(stage).follow_up_id != row.follow_up_id
        assert len(notes.touchpoints(stage.store, row.creator_id)) == before

    stage.play(story, screen="follow_ups")


def test_several_are_marked_done_and_taken_back_together(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        before = counts(stage)
        await stage.press(pilot, " ", "down", " ", "down", " ")
        assert "3 marked" in stage.text(app)
        await stage.press(pilot, "d", "1")
        assert counts(stage)["closed"] == before["closed"] + 3
        await stage.press(pilot, "u")
        assert counts(stage) == before
        assert "Taken back: done" in stage.text(app)

    stage.play(story, screen="follow_ups")


def test_snoozing_until_tomorrow_moves_it_to_its_section(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "z", "1")
        assert counts(stage)["snoozed"] == 2
        await stage.press(pilot, *["right"] * 5)
        assert row.name in stage.text(app)
        found = follow_ups.rows(stage.store, "snoozed", make.ms(30.5), 0, 9)
        assert [one.due_at for one in found if one.follow_up_id == row.follow_up_id] == [make.ms(31)]

    stage.play(story, screen="follow_ups")


def test_snoozing_until_a_date_is_checked_before_it_is_kept(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "z", "5")
        await stage.type(pilot, "2026-01-01")
        await stage.press(pilot, "enter")
        assert "That day is past." in stage.text(app)
        await stage.press(pilot, *["backspace"] * 10)
        await stage.type(pilot, "2026-02-14")
        await stage.press(pilot, "enter")
        found = follow_ups.rows(stage.store, "snoozed", make.ms(30.5), 0, 9)
        assert make.ms(44) in [one.snoozed_until for one in found]

    stage.play(story, screen="follow_ups")


def test_a_snoozed_one_is_woken(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, *["right"] * 5)
        await stage.press(pilot, "o")
        assert counts(stage)["snoozed"] == 0
        assert "Nothing here." in stage.text(app)

    stage.play(story, screen="follow_ups")


def test_one_that_somebody_else_closed_meanwhile_is_left_alone_and_said_so(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "d")
        follow_ups.done(stage.store, [row.follow_up_id], "li")
        await stage.press(pilot, "1")
        assert "Left alone: it is done." in stage.text(app)

    stage.play(story, screen="follow_ups")


def test_a_note_is_kept_on_the_person(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "n")
        await stage.type(pilot, "下周再约")
        await stage.press(pilot, "enter")
        assert notes.notes(stage.store, row.creator_id)[0].text == "下周再约"

    stage.play(story, screen="follow_ups")


def test_the_rules_are_asked_when_the_screen_opens(empty_stage: Stage) -> None:
    make.write(empty_stage.store, make.person("ann", name="Ann", metrics={"followers": 50_000}), day=30)
    from kolbench.analysis import standing

    standing.refresh(empty_stage.store)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "Nobody waits" not in empty_stage.text(app)
        assert "Ann" in empty_stage.text(app)

    empty_stage.play(story, screen="follow_ups")


def test_a_rule_that_fails_is_named_and_the_queue_still_works(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(store: object, at: int, parameters: object) -> list[follow_ups.Cause]:
        raise RuntimeError("no luck")

    rule = programme.Rule("broken", lambda: "Broken", {}, broken, lambda evidence, at: "")
    monkeypatch.setitem(programme._rules, "broken", rule)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "The follow-up rule 'broken' failed" in stage.text(app)
        row = first(stage)
        await stage.press(pilot, "d", "1")
        assert first(stage).follow_up_id != row.follow_up_id

    stage.play(story, screen="follow_ups")


def test_an_empty_queue_says_so(empty_stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "Nobody waits for you." in empty_stage.text(app)

    empty_stage.play(story, screen="follow_ups", size=(80, 24))
