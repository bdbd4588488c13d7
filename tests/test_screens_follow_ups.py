"""Follow-ups: done, snoozed, noted, reopened and taken back, one or many, and kept at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.domain.following import Cause
from kolbench.programme import follow_ups as programme
from kolbench.programme import rules
from kolbench.store import follow_ups, notes
from kolbench.store.connect import Store
from kolbench.widgets.virtual_table import VirtualTable
from stage import Stage, in_passing

if TYPE_CHECKING:
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
        assert f"all open {waiting}" in text
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
        await stage.press(pilot, "d", "4")
        assert counts(stage)["closed"] == before + 1
        touch = notes.touchpoints(stage.store, row.creator_id)[0]
        assert (touch.outcome, touch.author, touch.follow_up_id) == ("interested", "chen", row.follow_up_id)
        assert in_passing(app, "1 done. u takes it back.")
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
        assert in_passing(app, "Taken back: done")

    stage.play(story, screen="follow_ups")


def test_snoozing_until_tomorrow_moves_it_to_its_section(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "z", "1")
        assert counts(stage)["snoozed"] == 2
        await stage.press(pilot, *["right"] * 6)
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
        await stage.press(pilot, *["right"] * 6)
        await stage.press(pilot, "O")
        assert counts(stage)["snoozed"] == 0
        assert "Nothing is snoozed." in stage.text(app)

    stage.play(story, screen="follow_ups")


def test_one_that_somebody_else_closed_meanwhile_is_left_alone_and_said_so(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "d")
        follow_ups.done(stage.store, [row.follow_up_id], "li")
        await stage.press(pilot, "1")
        assert in_passing(app, "Left alone: li did that at 12:00: done.")

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
    def broken(store: object, looking: object) -> list[Cause]:
        raise RuntimeError("no luck")

    rule = rules.Rule("broken", lambda: "Broken", {}, broken, lambda evidence, at: "")
    monkeypatch.setattr(rules, "BUILT_IN", {**rules.BUILT_IN, "broken": rule})

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert in_passing(app, "The follow-up rule 'broken' failed")
        row = first(stage)
        await stage.press(pilot, "d", "1")
        assert first(stage).follow_up_id != row.follow_up_id

    stage.play(story, screen="follow_ups")


def test_an_empty_queue_says_so(empty_stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "Nobody waits for you." in empty_stage.text(app)

    empty_stage.play(story, screen="follow_ups", size=(80, 24))


def table(app: KolbenchApp) -> VirtualTable:
    return app.screen.query_one("#main", VirtualTable)


def test_after_acting_on_marked_rows_the_cursor_is_on_the_next_one_left(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        ids = [row.follow_up_id for row in follow_ups.rows(stage.store, None, make.ms(30.5), 0, 9)]
        await stage.press(pilot, " ", "down", " ", "down", "down", " ")  # all but the third
        await stage.press(pilot, "d", "1")
        assert table(app).cursor_key == ids[4]
        app._look()
        await stage.settle(pilot)  # our own change is no news that moves it
        assert table(app).cursor_key == ids[4]

    stage.play(story, screen="follow_ups")


def test_after_acting_on_the_last_rows_the_cursor_is_on_the_one_before(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        count = follow_ups.count(stage.store, None, make.ms(30.5))
        ids = [row.follow_up_id for row in follow_ups.rows(stage.store, None, make.ms(30.5), 0, count)]
        await stage.press(pilot, "G", " ", "k", " ", "z", "1")
        assert table(app).cursor_key == ids[-3]

    stage.play(story, screen="follow_ups")


def test_what_was_taken_back_has_the_cursor_and_is_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row, other = follow_ups.rows(stage.store, None, make.ms(30.5), 0, 2)
        named = min((row, other), key=lambda one: one.follow_up_id)
        await stage.press(pilot, " ", "down", " ", "d", "1", "G", "u")
        assert table(app).cursor_key == row.follow_up_id
        assert in_passing(app, f"Taken back: done for {named.name} and 1 other, 12:00")
        app._look()
        await stage.settle(pilot)
        assert table(app).cursor_key == row.follow_up_id

    stage.play(story, screen="follow_ups")


def test_what_was_done_in_another_program_is_taken_back_only_when_asked_for_twice(stage: Stage) -> None:
    elsewhere = Store.open(stage.store.path)
    row = first(stage)
    follow_ups.done(elsewhere, [row.follow_up_id], "chen")
    elsewhere.close()

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        before = counts(stage)["closed"]
        await stage.press(pilot, "u")
        assert in_passing(app, f"Not done in this session: done for {row.name}, 12:00. Press u again")
        assert counts(stage)["closed"] == before
        await stage.press(pilot, "u")
        assert counts(stage)["closed"] == before - 1
        assert table(app).cursor_key == row.follow_up_id

    stage.play(story, screen="follow_ups")


def test_what_was_done_here_is_taken_back_before_what_was_done_elsewhere(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        here, there = follow_ups.rows(stage.store, None, make.ms(30.5), 0, 2)
        await stage.press(pilot, "d", "1")
        elsewhere = Store.open(stage.store.path)
        follow_ups.done(elsewhere, [there.follow_up_id], "chen")
        elsewhere.close()
        await stage.press(pilot, "u")
        assert in_passing(app, f"Taken back: done for {here.name}, 12:00")
        closed = follow_ups.rows(stage.store, "closed", make.ms(30.5), 0, 9)
        assert [one.follow_up_id for one in closed if one.state == "done"] == [there.follow_up_id]

    stage.play(story, screen="follow_ups")


def test_an_offer_to_take_back_another_programs_act_does_not_last(stage: Stage) -> None:
    elsewhere = Store.open(stage.store.path)
    follow_ups.done(elsewhere, [first(stage).follow_up_id], "chen")
    elsewhere.close()

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        before = counts(stage)["closed"]
        await stage.press(pilot, "u")
        app._forget_offer()
        await stage.press(pilot, "u")
        assert counts(stage)["closed"] == before

    stage.play(story, screen="follow_ups")


@pytest.mark.parametrize(
    ("typed", "day"),
    [("明天", 31), ("后天", 32), ("下周", 37), ("next week", 37), ("+3d", 33), ("3天", 33), ("周三", 34)],
)
def test_a_day_to_wait_for_is_written_as_people_say_it(stage: Stage, typed: str, day: int) -> None:
    """Today is Saturday, 2026-01-31."""

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "z", "5")
        app.screen.query_one("Input").value = typed  # type: ignore[attr-defined]
        await stage.press(pilot, "enter")
        found = follow_ups.rows(stage.store, "snoozed", make.ms(30.5), 0, 9)
        assert [one.snoozed_until for one in found if one.follow_up_id == row.follow_up_id] == [make.ms(day)]

    stage.play(story, screen="follow_ups")


@pytest.mark.parametrize(("key", "until"), [("1", 31), ("2", 33), ("3", 39), ("4", 60)])
def test_a_week_from_a_weekend_ends_on_a_monday(stage: Stage, key: str, until: int) -> None:
    """Today is Saturday, 2026-01-31."""

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "home", "z", key)
        found = follow_ups.of_ids(stage.store, [row.follow_up_id], make.ms(30.5))[0]
        assert found.snoozed_until == make.ms(until)

    stage.play(story, screen="follow_ups")


def test_what_is_due_is_told_in_days_in_the_list_and_beside_it(stage: Stage) -> None:
    waiting = [row.follow_up_id for row in follow_ups.rows(stage.store, None, make.ms(30.5), 0, 3)]
    with stage.store.writing() as db:
        due = ((make.ms(29.9), waiting[0]), (make.ms(31.01), waiting[2]))
        db.executemany("UPDATE follow_up SET due_at = ? WHERE id = ?", due)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = stage.text(app)
        assert text.count("1d late") == 3  # in the list, and beside it: as the reason, and among theirs
        assert "tomorrow" in text
        assert "in 0d" not in text
        assert "in 12h" not in text

    stage.play(story, screen="follow_ups")


@pytest.mark.parametrize("width", [120, 80, 60, 44])
def test_the_section_that_is_shown_has_its_name_in_sight(stage: Stage, width: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "left")
        assert f"closed {counts(stage)['closed']}" in stage.text(app).splitlines()[1]

    stage.play(story, screen="follow_ups", size=(width, 24))


def test_the_footer_names_what_can_be_done_to_a_follow_up(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        keys = stage.text(app).splitlines()[-1]
        for key in ("Space Mark", "d Done", "y Copy script", "z Snooze", "a Take it", "h/l Section"):
            assert key in keys

    stage.play(story, screen="follow_ups")
