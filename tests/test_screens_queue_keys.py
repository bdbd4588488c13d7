"""Working the queue by keys: scripts, contacts, channels, plans, colleagues, filters; at most three keys an item."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import make
from kolbench.cli import workbench
from kolbench.domain.clock import now
from kolbench.domain.errors import StoreError, UsageError
from kolbench.domain.sequences import parse
from kolbench.programme import follow_ups as programme
from kolbench.programme import scripts
from kolbench.screens import clipboard
from kolbench.screens.choose import Choose
from kolbench.screens.clipboard import Selecting
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.follow_ups import FollowUpsScreen
from kolbench.screens.queue_rows import QueueWindow
from kolbench.screens.work import WorkScreen
from kolbench.store import (
    contacts,
    enrolments,
    facts,
    follow_ups,
    life,
    notes,
    owners,
    queue_start,
    refusals,
    sequences,
    templates,
)
from kolbench.store.ahead import Ahead
from kolbench.store.connect import Store
from kolbench.store.queue_start import Start
from kolbench.store.sections import UNNARROWED, Only
from kolbench.widgets.virtual_table import VirtualTable
from stage import Stage, in_passing
from test_pty import Terminal, terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp

__all__ = ["terminal"]

NOON = make.ms(30.5)


def rows(stage: Stage, section: str | None = None, only: Only = UNNARROWED) -> list[follow_ups.FollowUp]:
    return follow_ups.rows(stage.store, section, NOON, 0, 50, only)


def first(stage: Stage) -> follow_ups.FollowUp:
    return rows(stage)[0]


def again(stage: Stage, row: follow_ups.FollowUp) -> follow_ups.FollowUp:
    return follow_ups.of_ids(stage.store, [row.follow_up_id], NOON)[0]


def queue(app: KolbenchApp) -> FollowUpsScreen:
    assert isinstance(app.screen, FollowUpsScreen)
    return app.screen


@pytest.fixture
def script(stage: Stage) -> int:
    """A script for everybody who was never contacted; nobody knows anybody's gender."""
    text = "您好 {{ name }}！\n我是 {{ operator }}，想请您试试新品。"
    return templates.add(stage.store, "first-contact", scripts.check(text), "zh", "chen")


@pytest.fixture
def capable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "able", lambda: True)


def to_never_contacted(stage: Stage) -> follow_ups.FollowUp:
    return next(row for row in rows(stage) if row.rule == "first-contact")


async def go_to(stage: Stage, app: KolbenchApp, pilot: Pilot[int], row: follow_ups.FollowUp) -> None:
    table = app.screen.query_one("#main", VirtualTable)
    while table.cursor_key != row.follow_up_id:
        await stage.press(pilot, "j")


@pytest.mark.usefixtures("script", "capable")
def test_the_script_is_filled_in_shown_and_copied(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = to_never_contacted(stage)
        await go_to(stage, app, pilot, row)
        assert f"您好 {row.name}！" in stage.text(app)
        await stage.press(pilot, "y")
        assert app.clipboard == f"您好 {row.name}！\n我是 chen，想请您试试新品。"
        assert in_passing(app, f"Copied for {row.name}.")

    stage.play(story, screen="follow_ups")


@pytest.mark.usefixtures("capable")
def test_a_script_that_lacks_something_is_shown_with_the_gap_and_never_copied(stage: Stage) -> None:
    text = "{{ name }}，{{ need_detail }} 的事我们可以帮忙。"
    templates.add(stage.store, "first-contact", scripts.check(text), "zh", "chen")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await go_to(stage, app, pilot, to_never_contacted(stage))
        assert "⟦need_detail?⟧" in stage.text(app)
        await stage.press(pilot, "y", "Y")
        assert app.clipboard == ""
        assert in_passing(app, "nobody knows need_detail")
        assert not isinstance(app.screen, Selecting)

    stage.play(story, screen="follow_ups")


@pytest.mark.usefixtures("script", "capable")
def test_nothing_is_copied_for_somebody_who_wants_no_contact(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = to_never_contacted(stage)
        await go_to(stage, app, pilot, row)
        refusals.refuse(stage.store, row.creator_id, "已投诉", "li")
        await stage.press(pilot, "y")
        assert app.clipboard == ""
        assert in_passing(app, f"{row.name} wants no contact: 已投诉")
        await stage.press(pilot, "k", "j")
        assert "Do not contact by any channel: 已投诉" in " ".join(queue(app).sheet.text.split())

    stage.play(story, screen="follow_ups")


@pytest.mark.usefixtures("script", "capable")
def test_in_their_night_the_hour_there_is_said_and_nothing_is_forbidden(stage: Stage) -> None:
    row = to_never_contacted(stage)
    facts.edit(stage.store, row.creator_id, {"time_zone": "Pacific/Auckland"}, "chen")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await go_to(stage, app, pilot, row)
        assert "01:00 there (Pacific/Auckland), right from 09:00" in " ".join(queue(app).sheet.text.split())
        await stage.press(pilot, "y")
        assert app.clipboard.startswith("您好")
        assert in_passing(app, f"01:00 where {row.name} is: right from 09:00.")
        app.clear_notifications()
        await stage.press(pilot, "d", "2")
        assert again(stage, row).state == "done"
        assert not in_passing(app, "right from"), "it was said when it was copied"
        await stage.press(pilot, "u")
        queue(app).copied.clear()
        await stage.press(pilot, "e", "1")
        assert in_passing(app, f"01:00 where {row.name} is: right from 09:00.")
        assert notes.touchpoints(stage.store, row.creator_id)[0].outcome == "sent"

    stage.play(story, screen="follow_ups")


@pytest.mark.usefixtures("script")
def test_where_the_terminal_has_no_clipboard_the_script_is_shown_for_the_mouse(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "able", lambda: False)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = to_never_contacted(stage)
        await go_to(stage, app, pilot, row)
        await stage.press(pilot, "y")
        assert isinstance(app.screen, Selecting)
        lines = [line.rstrip() for line in stage.text(app).splitlines()]
        assert f"您好 {row.name}！" in lines  # from the first cell on, with nothing beside it
        assert app.clipboard == ""
        await stage.press(pilot, "escape")
        assert isinstance(app.screen, FollowUpsScreen)

    stage.play(story, screen="follow_ups", size=(80, 24))


def test_a_text_too_long_for_a_terminal_is_shown_instead(stage: Stage, capable: None) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        clipboard.copy(queue(app), "长" * (clipboard.LONGEST // 3 + 1), "copied")
        await stage.settle(pilot)
        assert isinstance(app.screen, Selecting)
        assert app.clipboard == ""

    stage.play(story, screen="follow_ups")


@pytest.mark.parametrize(
    ("environment", "able"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "screen-256color", "TMUX": "socket,1,0"}, True),
        ({"TERM": "screen", "STY": "1.pts"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
    ],
)
def test_terminals_without_a_clipboard_are_known(
    environment: dict[str, str], able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "TMUX", "STY", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert clipboard.able() is able


def test_a_copied_script_is_remembered_as_the_one_that_was_sent(stage: Stage, script: int, capable: None) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = to_never_contacted(stage)
        await go_to(stage, app, pilot, row)
        await stage.press(pilot, "y", "d", "2")  # three keys for the whole item
        assert again(stage, row).state == "done"
        (touch,) = notes.touchpoints(stage.store, row.creator_id)
        assert touch.outcome == "sent"
        template = templates.named(stage.store, "first-contact")
        assert template is not None
        assert templates.uses(stage.store, [template.id]) == {script: 1}

    stage.play(story, screen="follow_ups")


@pytest.mark.usefixtures("capable")
def test_another_script_is_chosen_where_a_rule_has_none(stage: Stage) -> None:
    templates.add(stage.store, "邀请", scripts.check("请来 {{ name }}"), "zh", "chen")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        assert "No script yet: s chooses one." in stage.text(app)
        await stage.press(pilot, "y")
        assert isinstance(app.screen, Choose)
        await stage.press(pilot, "enter")
        assert f"请来 {row.name}" in stage.text(app)
        await stage.press(pilot, "y")
        assert app.clipboard == f"请来 {row.name}"

    stage.play(story, screen="follow_ups")


def test_a_contact_is_logged_and_the_follow_up_stays(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        before = len(notes.touchpoints(stage.store, row.creator_id))
        await stage.press(pilot, "e", "5")
        assert again(stage, row).state == "open"
        touch = notes.touchpoints(stage.store, row.creator_id)[0]
        assert (touch.outcome, touch.direction) == ("no_answer", "out")
        await stage.press(pilot, "e", "9")
        assert len(notes.touchpoints(stage.store, row.creator_id)) == before + 2
        assert notes.touchpoints(stage.store, row.creator_id)[0].direction == "in"
        await stage.press(pilot, "u", "u")
        assert len(notes.touchpoints(stage.store, row.creator_id)) == before

    stage.play(story, screen="follow_ups")


def test_an_invitation_is_offered_where_it_goes_into_a_group_and_needs_their_consent(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "home", "d")
        assert "invited into a community" not in stage.text(app)
        await stage.press(pilot, "escape", "c", "6", "d")
        assert "invited into a community" in stage.text(app)
        await stage.press(pilot, "end", "enter")
        assert in_passing(app, "nobody is invited into a community without their consent")
        assert again(stage, row).state == "open"
        agreed = contacts.add(stage.store, row.creator_id, "wechat", "an-address", "chen")
        contacts.consent(stage.store, row.creator_id, agreed, "given", "chen")
        await stage.press(pilot, "home", "d", "end", "enter")
        assert again(stage, row).state == "done"
        assert notes.touchpoints(stage.store, row.creator_id)[0][3:5] == ("group", "invited")

    stage.play(story, screen="follow_ups")


def test_channel_and_plan_are_changed_and_shown(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "c", "4", "p", "3")
        changed = again(stage, row)
        assert (changed.channel, changed.plan) == ("email", "in a vertical community")
        text = stage.text(app)
        assert "email · in a vertical community" in text
        await stage.press(pilot, "p", "7")
        await stage.type(pilot, "ask Wang")
        await stage.press(pilot, "enter")
        assert again(stage, row).plan == "ask Wang"
        await stage.press(pilot, "u", "u", "u")
        assert (again(stage, row).channel, again(stage, row).plan) == (row.channel, row.plan)

    stage.play(story, screen="follow_ups")


def test_another_plan_of_a_sequence_takes_the_person_along_and_undo_back(stage: Stage) -> None:
    store = stage.store
    plans = [
        {"name": name, "steps": [{"channel": channel, "days": 3}]} for name, channel in (("A", "weibo"), ("B", "phone"))
    ]
    sequence_id = sequences.save(store, parse({"name": "SOP", "quiet": "", "a_week": 20, "plans": plans}), "chen")
    (one,) = enrolments.enrol(store, sequence_id, [make.creator(store, "w4", "weibo")], "chen").ids
    with store.writing() as db:
        db.execute("UPDATE enrolment SET since_at = since_at - 4 * 86400000")
    programme.evaluate(store)

    def step() -> follow_ups.FollowUp:
        return next(row for row in rows(stage) if row.rule == "sequence-step")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        before = step()
        await go_to(stage, app, pilot, before)
        await stage.press(pilot, "p")
        assert "begins by phone" in stage.text(app)
        assert "in a vertical community" not in stage.text(app)
        await stage.press(pilot, "2")
        moved = step()
        assert (moved.plan, moved.channel, enrolments.get(store, one).step) == ("B", "phone", 1)
        assert queue(app).table.cursor_key == moved.follow_up_id
        assert again(stage, before).state == "resolved"
        await stage.press(pilot, "u")
        assert step() == before
        assert again(stage, moved).state == "resolved"
        assert queue(app).table.cursor_key == before.follow_up_id
        assert enrolments.get(store, one).step == 0

    stage.play(story, screen="follow_ups")


@pytest.mark.parametrize(("label", "state"), [("pause the sequence", "paused"), ("stop the sequence", "stopped")])
def test_a_sequence_is_halted_from_the_queue_and_goes_on_by_undo(stage: Stage, label: str, state: str) -> None:
    store = stage.store
    plans = [{"name": "A", "steps": [{"channel": "weibo", "days": 3}]}]
    sequence_id = sequences.save(store, parse({"name": "SOP", "quiet": "", "a_week": 20, "plans": plans}), "chen")
    (one,) = enrolments.enrol(store, sequence_id, [make.creator(store, "w4", "weibo")], "chen").ids
    with store.writing() as db:
        db.execute("UPDATE enrolment SET since_at = since_at - 4 * 86400000")
    programme.evaluate(store)
    step = next(row for row in rows(stage) if row.rule == "sequence-step")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await go_to(stage, app, pilot, step)
        await stage.press(pilot, "p")
        assert label in stage.text(app)
        await stage.press(pilot, "2" if state == "paused" else "3")
        assert enrolments.get(store, one).state == state
        assert step.follow_up_id not in [row.follow_up_id for row in rows(stage)]
        await stage.press(pilot, "u")
        assert enrolments.get(store, one).state == "active"
        assert again(stage, step).state == "open"

    stage.play(story, screen="follow_ups")


def test_all_that_is_marked_changes_its_channel_together(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        two = rows(stage)[:2]
        await stage.press(pilot, " ", "j", " ", "c", "5")
        assert [again(stage, row).channel for row in two] == ["phone", "phone"]
        assert not queue(app).table.selected

    stage.play(story, screen="follow_ups")


def test_it_is_handed_to_a_colleague_and_back(stage: Stage) -> None:
    owners.assign(stage.store, [rows(stage)[3].creator_id], "li", "li")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "o", "2")
        assert again(stage, row).owner == "li"
        assert in_passing(app, "Handed to li.")
        await stage.press(pilot, "o", "3")
        assert again(stage, row).owner is None

    stage.play(story, screen="follow_ups")


def test_taking_it_shows_it_and_taking_it_again_lets_it_go(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "a")
        assert again(stage, row).taken_by == "chen"
        assert "me now" in stage.text(app)
        await stage.press(pilot, "a")
        assert again(stage, row).taken_by is None

    stage.play(story, screen="follow_ups")


def test_what_a_colleague_has_taken_is_seen_and_asked_about_before_it_is_done(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        elsewhere = Store.open(stage.store.path)
        follow_ups.take(elsewhere, [row.follow_up_id], "li")
        elsewhere.close()
        app._look()
        await stage.settle(pilot)
        assert "li now" in stage.text(app)
        await stage.press(pilot, "d", "1")
        assert "li has taken this" in stage.text(app)
        await stage.press(pilot, "1")
        assert again(stage, row).state == "open"
        await stage.press(pilot, "d", "1", "2")
        assert again(stage, row).state == "done"

    stage.play(story, screen="follow_ups")


def test_what_a_colleague_took_while_a_key_was_pressed_is_not_closed_unasked(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = first(stage)
        await stage.press(pilot, "d")
        follow_ups.take(stage.store, [row.follow_up_id], "li")
        await stage.press(pilot, "1")
        assert "li has taken this at 12:00" in stage.text(app)
        assert again(stage, row).state == "open"
        await stage.press(pilot, "escape")
        assert row.name in stage.text(app)

    stage.play(story, screen="follow_ups")


def test_the_queue_changes_when_a_colleague_closes_something(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        count = len(rows(stage))
        assert f"all open {count}" in stage.text(app)
        elsewhere = Store.open(stage.store.path)
        follow_ups.done(elsewhere, [rows(stage)[1].follow_up_id], "li")
        elsewhere.close()
        app._look()
        await stage.settle(pilot)
        assert f"all open {count - 1}" in stage.text(app)

    stage.play(story, screen="follow_ups")


def test_keys_pressed_in_one_go_mean_one_row_after_the_other(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        three = rows(stage)[:3]
        await pilot.press("d", "1", "d", "1", "z", "1")
        await stage.settle(pilot)
        assert [again(stage, row).state for row in three] == ["done", "done", "open"]
        assert again(stage, three[2]).snoozed_until is not None
        await stage.press(pilot, "u", "u", "u")
        assert [again(stage, row).state for row in three] == ["open"] * 3

    stage.play(story, screen="follow_ups")


def test_the_filter_narrows_by_owner_and_rule_and_is_told(stage: Stage) -> None:
    mine = rows(stage)[2]
    owners.assign(stage.store, [mine.creator_id], "chen", "chen")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "f", "enter", "2", "escape")
        assert "[chen]" in stage.text(app)
        shown = {row.creator_id for row in rows(stage, only=Only(owner="chen"))}
        assert shown == {mine.creator_id}
        assert queue(app).table.total == len(rows(stage, only=Only(owner="chen")))
        await stage.press(pilot, "m")
        assert queue(app).only == Only()
        await stage.press(pilot, "m")
        assert queue(app).only == Only(owner="chen")
        await stage.press(pilot, "escape", "f", "G", "enter")
        await stage.type(pilot, "never contacted")
        await stage.press(pilot, "enter", "escape")
        assert queue(app).only.rule == "first-contact"
        assert "[Never contacted]" in stage.text(app)

    stage.play(story, screen="follow_ups")


def test_a_search_finds_people_by_name_and_escape_ends_it(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        everybody = len(rows(stage))
        await stage.press(pilot, "slash")
        await stage.type(pilot, "张伟")
        assert queue(app).table.total == len(rows(stage, only=Only(text="张伟"))) > 0
        assert "“张伟”" in stage.text(app)
        await stage.press(pilot, "enter", "escape")
        assert queue(app).table.total == everybody
        await stage.press(pilot, "slash")
        await stage.type(pilot, "nobody")
        assert "Nothing fits this search or filter." in stage.text(app)

    stage.play(story, screen="follow_ups")


@pytest.mark.usefixtures("capable")
def test_what_is_attached_to_their_file_is_offered_beside_accounts_and_works(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(clipboard, "browser", lambda: None)
    row = first(stage)
    contract = tmp_path / "contract.pdf"
    contract.write_text("signed")
    life.attach(stage.store, row.creator_id, str(contract), "chen", "Contract")
    life.attach(stage.store, row.creator_id, "https://example.org/kit", "chen", "Media kit")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "home", "v")
        text = stage.text(app)
        assert all(part in text for part in ("https://weibo.example/lijing", "https://example.org/kit", "Media kit"))
        await stage.press(pilot, "end", "enter")
        assert app.clipboard == str(contract)

    stage.play(story, screen="follow_ups")


def test_a_link_is_copied_where_there_is_no_browser_and_nothing_is_run(
    stage: Stage, capable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("subprocess.Popen", lambda *args, **more: pytest.fail("a program was run over SSH"))

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        lijing = next(row for row in rows(stage) if row.name == "李静的厨房")
        await go_to(stage, app, pilot, lijing)
        await stage.press(pilot, "v")
        assert app.clipboard == "https://weibo.example/lijing"

    stage.play(story, screen="follow_ups")


def test_only_web_addresses_are_followed(stage: Stage, capable: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "browser", lambda: "/bin/false")
    monkeypatch.setattr("subprocess.Popen", lambda *args, **more: pytest.fail("that was no web address"))

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, WorkScreen)
        for url in ("file:///etc/passwd", "javascript:alert(1)", "--help"):
            clipboard.follow(screen, url)
        await stage.settle(pilot)
        assert in_passing(app, "That is no web address: --help")

    stage.play(story, screen="follow_ups")


def test_enter_opens_the_file_and_comes_back_to_the_same_row(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "j", "enter")
        assert isinstance(app.screen, CreatorScreen)
        await stage.press(pilot, "escape")
        assert queue(app).table.cursor_key == rows(stage)[1].follow_up_id

    stage.play(story, screen="follow_ups")


@pytest.mark.parametrize("section", ["overdue", "today", "week", "later", "waiting", "snoozed", "closed"])
def test_every_empty_section_says_what_to_do_next(empty_stage: Stage, section: str) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        queue(app).show_section(section)
        await empty_stage.settle(pilot)
        told = queue(app).table.empty
        assert "\n\n" in told
        assert all(line in empty_stage.text(app) for line in told.splitlines())

    empty_stage.play(story, screen="follow_ups", size=(80, 24))


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.usefixtures("script")
def test_the_reason_and_the_script_are_in_sight_where_there_is_room(stage: Stage, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        row = to_never_contacted(stage)
        await go_to(stage, app, pilot, row)
        assert ("想请您试试新品" in stage.text(app)) is (size[1] > 20)
        assert row.name in stage.text(app)

    stage.play(story, screen="follow_ups", size=size)


def test_a_queue_that_was_read_ahead_is_the_same_queue(stage: Stage) -> None:
    ids = follow_ups.ids(stage.store, None, NOON)
    ahead = Ahead(stage.store, lambda own: queue_start.start(own, NOON))
    window = QueueWindow(stage.store, "open", NOON, Only(), ahead=ahead)
    assert window.count() == len(ids)
    assert [row[0] for row in window.rows(0, 99)] == ids
    again = QueueWindow(stage.store, "open", NOON, Only(), {ids[0]}, after=window)
    assert [row[0] for row in again.rows(0, 99)] == ids[1:]


def test_what_goes_wrong_while_reading_ahead_is_told_to_who_asks(stage: Stage) -> None:
    def wrong(own: Store) -> Start:
        raise StoreError(f"no {own.path.name}")

    window = QueueWindow(stage.store, "open", NOON, Only(), ahead=Ahead(stage.store, wrong))
    with pytest.raises(StoreError, match=r"no \S+"):
        window.count()


@pytest.mark.usefixtures("script")
def test_the_workbench_begins_with_the_queue_that_was_read_ahead(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Ahead[Start] | None] = []
    monkeypatch.setattr("kolbench.app.run", lambda *told: asked.append(told[-1]) or 0)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.setenv("TERM", "xterm")
    assert workbench.open_workbench(stage.store.path) == 0
    assert asked[0] is not None
    assert asked[0].value().total == follow_ups.count(stage.store, None, now())


def test_a_window_after_another_leaves_out_what_is_dealt_with_and_keeps_the_order(stage: Stage) -> None:
    ids = follow_ups.ids(stage.store, None, NOON)
    before = QueueWindow(stage.store, "open", NOON, Only())
    assert before.count() == len(ids)
    assert [row[0] for row in before.rows(0, 5)] == ids[:5]
    after = QueueWindow(stage.store, "open", NOON, Only(), {ids[0], ids[3]}, after=before)
    left = [one for one in ids if one not in (ids[0], ids[3])]
    assert after.count() == len(left)
    assert [row[0] for row in after.rows(0, 99)] == left
    assert after.find(ids[4]) == left.index(ids[4])
    assert after.find(ids[0]) is None
    unread = QueueWindow(
        stage.store, "open", NOON, Only(), {ids[0]}, after=QueueWindow(stage.store, "open", NOON, Only())
    )
    assert unread.count() == len(ids) - 1


def test_the_workbench_opens_where_the_settings_say(stage: Stage) -> None:
    assert workbench._first_place(stage.store) == "follow_ups", "somebody is due"
    settings = stage.store.path.with_name("settings.toml")
    settings.write_text('start = "campaigns"\n')
    assert workbench._first_place(stage.store) == "campaigns"
    settings.write_text('start = "queue"\n')
    with pytest.raises(
        UsageError, match=r"start: write one of due, candidates, leaderboard, follow_ups, sync, .*, not \"queue\""
    ):
        workbench._first_place(stage.store)


HOSTILE = "\x1b]52;c;ZXZpbA==\x07 \x9d52;c;ZXZpbA==\x9c \x1b[2J\x1b]0;owned\x07"


def test_a_script_reaches_the_terminals_clipboard_and_nothing_else_does(
    terminal: Callable[..., Terminal], stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a real terminal: one OSC 52 with our text in base64, whatever the script and the name try to write."""
    for name in ("STY", "TERM_PROGRAM", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    row = to_never_contacted(stage)
    with stage.store.writing() as db:  # what no adapter and no command lets through
        db.execute("INSERT INTO template (id, name, author, at) VALUES (9, 'first-contact', 'x', 0)")
        db.execute(
            "INSERT INTO template_variant (template_id, label, version, language, text, author, at)"
            " VALUES (9, 'A', 1, 'zh', ?, 'x', 0)",
            (f"您好 {{{{ name }}}} {HOSTILE}",),
        )
        db.execute("UPDATE standing SET name = ? WHERE creator_id = ?", (f"王{HOSTILE}", row.creator_id))
    (tmp_path / "settings.toml").write_text('start = "follow_ups"\n')
    shell = terminal("--store", tmp_path / "kolbench.db")
    written = bytearray()
    feed = shell.stream.feed
    shell.stream.feed = lambda data: (written.extend(data), feed(data))  # type: ignore[method-assign]
    shell.shows("all open")
    place = [one.follow_up_id for one in rows(stage)].index(row.follow_up_id)
    shell.type("j" * place)
    shell.type("y")
    shell.shows("Copied for")
    shell.type("q")
    assert shell.ended() == 0
    found = bytes(written).split(b"\x1b]52;")[1:]
    assert len(found) == 1
    carried = base64.b64decode(found[0].split(b"\x07")[0].removeprefix(b"c;")).decode()
    assert carried.startswith("您好 王")
    assert not {"\x1b", "\x07", "\x9b", "\x9c", "\x9d"} & set(carried)
    assert b"owned" not in bytes(written).split(b"\x1b]0;")[-1][:5]
