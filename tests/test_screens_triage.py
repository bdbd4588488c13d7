"""Deciding about the candidates of a brief by keys, for one person and for many, and taking it back."""

from __future__ import annotations

import csv
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

import make
from campaigning import campaign
from kolbench.analysis import candidacy, standing
from kolbench.domain.briefs import Brief
from kolbench.domain.clock import DAY, now, to_ms
from kolbench.domain.errors import StoreError
from kolbench.programme.briefs import write
from kolbench.screens.brief import BriefScreen
from kolbench.screens.candidates import CandidatesScreen
from kolbench.screens.cautioning import Cautioning
from kolbench.screens.choose import Choose
from kolbench.screens.filtering import FilterScreen
from kolbench.screens.overlap import OverlapScreen
from kolbench.screens.prompt import Prompt
from kolbench.screens.side_by_side import SideBySideScreen
from kolbench.store import briefs, campaigns, decisions, notes, owners, participants, refusals, remembered, tags
from kolbench.store.candidates import CandidateWindow
from kolbench.store.connect import Store
from stage import Stage, in_passing

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp

HOSTILE = "[bold]\x1b[31m\u202eTea"


@pytest.fixture
def brief_id(stage: Stage) -> int:
    """A brief by which everybody is scored."""
    made = make.brief(stage.store, "夏季防晒", people=3)
    candidacy.score(stage.store, made)
    return made


def listed(app: KolbenchApp) -> CandidatesScreen:
    screen = app.screen
    assert isinstance(screen, CandidatesScreen)
    return screen


def ranking(stage: Stage, brief_id: int) -> list[int]:
    """The people of a brief, the best first."""
    return CandidateWindow(stage.store, brief_id=brief_id).ids().tolist()


def states(stage: Stage, brief_id: int) -> dict[int, tuple[str, str | None]]:
    """What was decided about whom, and why."""
    found = decisions.current(stage.store, brief_id, ranking(stage, brief_id))
    return {one: (decision.state, decision.reason) for one, decision in found.items()}


async def choose_brief(stage: Stage, pilot: Pilot[int]) -> None:
    await stage.press(pilot, "b", "down", "enter")


async def narrow(stage: Stage, pilot: Pilot[int], field: str) -> None:
    """Narrow the list by a field of the filter to the first of what it offers."""
    await stage.press(pilot, "f", "g")
    screen = pilot.app.screen
    assert isinstance(screen, FilterScreen)
    while screen.table.cursor_key != field:
        before = screen.table.cursor
        await stage.press(pilot, "down")
        assert screen.table.cursor > before, field
    await stage.press(pilot, "enter", "down", "enter", "escape")


def test_an_example_is_marked_and_a_search_says_who_is_not_on_the_list(stage: Stage) -> None:
    lijing, momo = make.creator(stage.store, "w1", "weibo"), make.creator(stage.store, "w2", "weibo")
    made = make.brief(stage.store, "Like her", like=[("李静的厨房", lijing)])
    candidacy.score(stage.store, made)
    refusals.refuse(stage.store, momo, "asked not to", "li")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        (row,) = (line for line in stage.text(app).splitlines() if "李静的厨房" in line and "·" in line)
        assert "example" in row
        await stage.press(pilot, "slash", *"张伟")
        text = " ".join(stage.text(app).split())
        assert "张伟测评: they asked not to be contacted." in text

    stage.play(story, size=(80, 24))


def test_without_a_brief_the_list_offers_to_write_one(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "b")
        assert "general score" in stage.text(app)
        await stage.press(pilot, "down", "enter")
        assert isinstance(app.screen, BriefScreen)
        await stage.press(pilot, "enter")
        await stage.type(pilot, "Tea")
        await stage.press(pilot, "enter", "s")
        assert "[Tea, acquire]  12  0 of 20 shortlisted" in stage.text(app)
        assert listed(app).brief is not None

    stage.play(story)
    (row,) = briefs.listed(stage.store)
    assert row.scored == row.version == 1


def test_a_brief_shows_its_own_ranking_and_everybody_comes_back(stage: Stage, brief_id: int) -> None:
    best = ranking(stage, brief_id)[0]

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "State" not in stage.text(app)
        await choose_brief(stage, pilot)
        text = stage.text(app)
        assert "[夏季防晒, activate]" in text
        for column in ("Kind", "Fit", "Score", "State"):
            assert column in text.splitlines()[2]
        assert listed(app).table.cursor_key == best
        await stage.press(pilot, "b", "home", "enter")
        assert "12 creators" in stage.text(app)
        assert "State" not in stage.text(app)

    stage.play(story)


def test_the_next_start_shows_the_brief_that_was_shown_last(stage: Stage, brief_id: int) -> None:
    best = ranking(stage, brief_id)[0]

    async def chosen(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)

    async def there_again(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "[夏季防晒, activate]" in stage.text(app)
        assert "0 of 3 shortlisted" in stage.text(app)
        assert listed(app).table.cursor_key == best
        await stage.press(pilot, "b", "home", "enter")
        assert "12 creators" in stage.text(app)

    async def everybody(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "12 creators" in stage.text(app)

    for story in (chosen, there_again, everybody):
        stage.play(story)
    assert remembered.place(stage.store).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kept", ['{"brief": 99}', '{"brief": "x"}', "[]", "[" * 100_000, "\0"])
def test_a_brief_that_is_not_there_any_more_is_not_shown(stage: Stage, kept: str) -> None:
    remembered.place(stage.store).write_text(kept)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "12 creators" in stage.text(app)

    stage.play(story)


def test_at_eighty_columns_what_decides_stays(stage: Stage, brief_id: int) -> None:
    lijing = ranking(stage, brief_id).index(make.creator(stage.store, "w1", "weibo"))

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, *"j" * lijing, "a")
        head, *rows = stage.text(app).splitlines()[2:]
        for column in ("Name", "Kind", "Fit", "Score", "Parts", "State"):
            assert column in head
        assert "shortlisted" in rows[lijing]
        assert "李静的厨房" in rows[lijing]

    stage.play(story, size=(80, 24))


def test_an_edited_brief_is_scored_again(stage: Stage, brief_id: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "b", "down", "down", "enter", "down", "down", "enter")
        app.screen.query_one(Input).value = "5"
        await stage.press(pilot, "enter", "s")
        assert "0 of 5 shortlisted" in stage.text(app)

    stage.play(story)
    assert briefs.row(stage.store, brief_id).scored == 2


def test_what_a_colleague_decides_or_writes_is_seen(stage: Stage, brief_id: int) -> None:
    order = ranking(stage, brief_id)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        elsewhere = Store.open(stage.store.path)
        decisions.decide(elsewhere, brief_id, order[:1], "agreed", "li")
        write(elsewhere, Brief(name="夏季防晒", purpose="convert", people=4), "li", brief_id)
        elsewhere.close()
        app._look()
        await stage.settle(pilot)
        assert "agreed" in stage.text(app).splitlines()[3]
        assert "[夏季防晒, convert]  12  1 of 4 shortlisted" in stage.text(app)
        assert "older version" in stage.text(app)

    stage.play(story)


def test_scoring_that_was_stopped_goes_on_when_the_brief_is_chosen_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidacy, "BATCH", 5)
    made = make.brief(stage.store)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        score = candidacy.score

        def stopped(store: Store, brief_id: int, progress: object) -> int:
            listed(app).stop()
            return score(store, brief_id, progress)  # type: ignore[arg-type]

        monkeypatch.setattr(candidacy, "score", stopped)
        await choose_brief(stage, pilot)
        assert "older version" in stage.text(app)
        assert len(ranking(stage, made)) == 5
        monkeypatch.setattr(candidacy, "score", score)
        await stage.press(pilot, "b", "end", "enter")
        assert len(ranking(stage, made)) == 12
        assert "12" in stage.text(app).splitlines()[1]

    stage.play(story)


def test_a_run_of_keys_decides_about_one_after_the_other(stage: Stage, brief_id: int) -> None:
    order = ranking(stage, brief_id)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await pilot.press(*"aaaaa")  # without waiting for any of it to be written
        await stage.settle(pilot)
        assert listed(app).table.cursor_key == order[5]
        assert "5 of 3 shortlisted" in stage.text(app)
        assert stage.text(app).count("shortlisted") == 6

    stage.play(story)
    assert states(stage, brief_id) == dict.fromkeys(order[:5], ("shortlisted", None))


def test_fifty_are_decided_about_without_waiting(empty_stage: Stage) -> None:
    store = empty_stage.store
    make.people(store, 60)
    standing.refresh(store)
    made = make.brief(store)
    candidacy.score(store, made)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(empty_stage, pilot)
        await pilot.press(*"a" * 50)
        await empty_stage.settle(pilot)
        assert listed(app).table.cursor == 50

    empty_stage.play(story)
    assert decisions.chosen(store, made) == 50
    (acts,) = store.reader().execute("SELECT count(DISTINCT act) FROM change_log WHERE action = 'decide'").fetchone()
    assert acts == 50


def test_a_decision_is_drawn_before_it_is_written(stage: Stage, brief_id: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        busy = sqlite3.connect(stage.store.path, isolation_level=None)
        busy.execute("BEGIN IMMEDIATE")
        await pilot.press("a")
        await pilot.pause()
        assert "1 of 3 shortlisted" in stage.text(app)
        assert "shortlisted" in stage.text(app).splitlines()[3]
        busy.execute("COMMIT")
        busy.close()
        await stage.settle(pilot)
        assert "shortlisted" in stage.text(app).splitlines()[3]

    stage.play(story)


def test_a_decision_that_cannot_be_written_is_taken_back_and_said(
    stage: Stage, brief_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise StoreError("The disk is full. Make room, and try again.")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        monkeypatch.setattr(decisions, "decide", broken)
        await stage.press(pilot, "a")
        assert in_passing(app, "The disk is full")
        assert "shortlisted" not in stage.text(app).splitlines()[3]
        assert "0 of 3 shortlisted" in stage.text(app)

    stage.play(story)


def test_rejecting_asks_why_and_offers_what_was_said_before(stage: Stage, brief_id: int) -> None:
    order = ranking(stage, brief_id)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "x")
        assert isinstance(app.screen, Prompt)
        await stage.press(pilot, "enter")
        assert "It is empty" in stage.text(app)
        await stage.type(pilot, "too dear")
        await stage.press(pilot, "enter", "x")
        assert isinstance(app.screen, Choose)
        await stage.press(pilot, "1", "x", "2")
        await stage.type(pilot, "not now")
        await stage.press(pilot, "enter", "x")
        text = stage.text(app)
        assert text.index("1 too dear") < text.index("2 not now")
        await stage.press(pilot, "escape")
        assert listed(app).table.cursor_key == order[3]

    stage.play(story)
    assert states(stage, brief_id) == {
        order[0]: ("rejected", "too dear"), order[1]: ("rejected", "too dear"), order[2]: ("rejected", "not now"),
    }  # fmt: skip


def test_those_who_are_marked_are_decided_about_in_one_act(stage: Stage, brief_id: int) -> None:
    order = ranking(stage, brief_id)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "space", "j", "space", "j", "j", "space")
        assert "3 marked" in stage.text(app)
        await stage.press(pilot, "a")
        assert in_passing(app, "shortlisted: 3 people. u takes it back.")
        assert "3 marked" not in stage.text(app)
        assert listed(app).table.cursor_key == order[4]
        await stage.press(pilot, "u")
        assert "0 of 3 shortlisted" in stage.text(app)
        assert listed(app).table.cursor_key == order[4]

    stage.play(story)
    assert states(stage, brief_id) == {}


def test_several_are_marked_in_a_row_and_all_by_one_key(
    stage: Stage, brief_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ranking(stage, brief_id)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        table = listed(app).table
        await stage.press(pilot, "shift+down", "shift+down", "down", "shift+up")
        assert table.selected == {order[0], order[1], order[3]}
        await stage.press(pilot, "*")
        assert not table.selected
        await stage.press(pilot, "*")
        assert table.selected == set(order)
        monkeypatch.setattr("kolbench.screens.candidate_list.MARKED", 2)
        await stage.press(pilot, "*", "*")
        assert table.selected == set(order[:2])

    stage.play(story)


def test_a_list_may_have_the_whole_width(stage: Stage, brief_id: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        screen = listed(app)
        narrow = screen.table.size.width
        await stage.press(pilot, "\\")
        assert screen.table.size.width == 120 > narrow
        assert screen.focused is screen.table
        await stage.press(pilot, "\\")
        assert (screen.table.size.width, screen.sheet.display) == (narrow, True)

    stage.play(story, size=(120, 40))


def test_undo_waits_for_what_is_being_written_and_shows_the_change_in_place(stage: Stage, brief_id: int) -> None:
    order = ranking(stage, brief_id)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await pilot.press("a", "a", "u")
        await stage.settle(pilot)
        lines = stage.text(app).splitlines()
        assert "shortlisted" in lines[3]
        assert "shortlisted" not in lines[4]
        assert "1 of 3 shortlisted" in lines[1]
        assert listed(app).table.cursor_key == order[2]

    stage.play(story)
    assert states(stage, brief_id) == {order[0]: ("shortlisted", None)}


def test_the_other_states_are_a_digit_away(stage: Stage, brief_id: int) -> None:
    order = ranking(stage, brief_id)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        for digit in "4562":
            await stage.press(pilot, "d", digit)
        await stage.press(pilot, "g", "d", "1", "g", "j", "d", "3")
        await stage.type(pilot, "moved away")
        await stage.press(pilot, "enter")

    stage.play(story)
    assert states(stage, brief_id) == {
        order[0]: ("undecided", None), order[1]: ("rejected", "moved away"), order[2]: ("active", None),
        order[3]: ("shortlisted", None),
    }  # fmt: skip


def test_what_speaks_against_earning_money_is_asked_before_it_is_written(stage: Stage, brief_id: int) -> None:
    """The best two have just grown tenfold; the third hasn't."""
    order = ranking(stage, brief_id)
    grown(stage.store, order[:2])

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "d", "6")
        assert isinstance(app.screen, Cautioning)
        assert "阿晓 went from 1,000 to 10,000 followers in 14 days" in stage.text(app)
        assert stage.text(app).count(" followers in") == 1
        await stage.press(pilot, "escape", "d", "5", "enter", "escape")
        assert states(stage, brief_id) == {}, "no is the answer to anything but y"
        await stage.press(pilot, "space", "j", "space", "d", "6")
        assert stage.text(app).count(" followers in") == 2
        for said in ("阿晓 went from 1,000 to 10,000", "李静的厨房 went from 2,000 to 20,000"):
            assert f"{said} followers in 14 days" in stage.text(app)
        await stage.press(pilot, "y", "escape", "g", "d", "6", "g", "j", "j", "d", "5")
        assert isinstance(app.screen, CandidatesScreen), "asked once, and only where something speaks against it"

    stage.play(story)
    assert states(stage, brief_id) == {
        order[0]: ("active", None), order[1]: ("active", None), order[2]: ("agreed", None)
    }  # fmt: skip


def grown(store: Store, creator_ids: list[int]) -> None:
    """Have the accounts of these people counted two weeks ago and now, with ten times the followers."""
    at = now()
    with store.writing() as db:
        for ago, followers in ((14 * DAY, 1_000), (0, 10_000)):
            db.execute(
                "INSERT OR REPLACE INTO account_snapshot (account_id, metric_id, observed_at, value, run_id)"
                " SELECT account.id, metric.id, ?, ?, 1 FROM metric JOIN account WHERE metric.name = 'followers'"
                " AND creator_id IN (SELECT value FROM json_each(?))",
                (at - ago, followers, json.dumps(creator_ids)),
            )


def test_the_marked_go_into_a_wave_of_a_campaign_and_come_out_again(stage: Stage, brief_id: int) -> None:
    tea, who = campaign(stage.store, time_zone="Asia/Shanghai"), ranking(stage, brief_id)[:2]

    def inside() -> list[tuple[int | None, int | None]]:
        db = stage.store.reader()
        found = {wave.id: wave.moment_at for wave in campaigns.waves(db, tea)}
        return [(one.creator_id, found[one.wave_id or 0]) for one in participants.listed(db, tea)]

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "space", "j", "space", "W", "1")
        await stage.type(pilot, "someday")
        await stage.press(pilot, "enter")
        assert "'someday' is no moment" in stage.text(app)
        await stage.press(pilot, "ctrl+u")
        await stage.type(pilot, "2030-06-01T20:00")
        await stage.press(pilot, "enter")
        at = to_ms(datetime(2030, 6, 1, 12, tzinfo=UTC))
        assert sorted(inside()) == sorted((one, at) for one in who)
        assert in_passing(app, "2 people have codes now")
        await stage.press(pilot, "g", "W", "1", "1")
        assert in_passing(app, "was left out: takes part already.")
        await stage.press(pilot, "u")
        assert inside() == []

    stage.play(story)


def test_a_wave_needs_a_campaign(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "W")
        assert in_passing(app, "There is no campaign yet")

    stage.play(story)


def test_decisions_outlive_another_scoring_and_another_session(stage: Stage, brief_id: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "a", "b", "end", "enter")
        assert "1 of 3 shortlisted" in stage.text(app)
        assert "shortlisted" in stage.text(app).splitlines()[3]

    async def later(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "b")
        assert "activate, 1 of 3" in stage.text(app)
        await stage.press(pilot, "enter")
        assert "shortlisted" in stage.text(app).splitlines()[3]

    stage.play(story)
    stage.play(later)


def test_a_decision_without_a_brief_asks_for_one(stage: Stage, brief_id: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        for key in ("a", "x", "d"):
            await stage.press(pilot, key)
            assert isinstance(app.screen, Choose)
            assert in_passing(app, "A decision belongs to a brief")
            await stage.press(pilot, "escape")

    stage.play(story)
    assert states(stage, brief_id) == {}


def test_owner_tags_and_notes_belong_to_people_whatever_the_brief(stage: Stage) -> None:
    first, second = (found.creator_id for found in CandidateWindow(stage.store).rows(0, 2))

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "space", "j", "space", "o", "1")
        assert in_passing(app, "2 people: owner: chen. u takes it back.")
        await stage.press(pilot, "space", "number_sign")
        assert isinstance(app.screen, Prompt)
        await stage.type(pilot, "newcomer")
        await stage.press(pilot, "enter", "g", "number_sign")
        assert "#newcomer" in stage.text(app)
        await stage.press(pilot, "1", "number_sign", "1", "j", "space", "g", "space", "n")
        await stage.type(pilot, "both are friends")
        await stage.press(pilot, "enter")

    stage.play(story)
    assert owners.of(stage.store, [first, second]) == {first: "chen", second: "chen"}
    assert tags.of(stage.store, [first, second]) == {second: ("newcomer",)}
    for one in (first, second):
        assert notes.notes(stage.store, one)[0].text == "both are friends"
    assert len({row.id for one in (first, second) for row in notes.notes(stage.store, one)}) >= 2


def test_an_owner_can_be_somebody_else_or_nobody(stage: Stage) -> None:
    (first,) = (found.creator_id for found in CandidateWindow(stage.store).rows(0, 1))

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "o", "3")
        await stage.type(pilot, "li")
        await stage.press(pilot, "enter", "o")
        assert "2 li" in stage.text(app)
        await stage.press(pilot, "3")

    stage.play(story)
    assert owners.of(stage.store, [first]) == {}


def test_the_list_narrows_to_a_state_and_what_is_decided_leaves_it(stage: Stage, brief_id: int) -> None:
    order = ranking(stage, brief_id)
    decisions.decide(stage.store, brief_id, order[:2], "shortlisted", "li")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await narrow(stage, pilot, "state")
        assert "[undecided]" in stage.text(app)
        assert listed(app).total == 10
        await stage.press(pilot, "j", "a")
        assert listed(app).total == 9
        assert listed(app).table.cursor_key == order[4]
        await stage.press(pilot, "escape")
        assert listed(app).total == 12

    stage.play(story)


def test_keys_in_one_go_mean_one_after_the_other_where_each_leaves_the_list(stage: Stage, brief_id: int) -> None:
    order = ranking(stage, brief_id)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await narrow(stage, pilot, "state")
        for _n in range(4):
            await pilot.press("a")
        await stage.settle(pilot)
        assert listed(app).table.cursor_key == order[4]

    stage.play(story)
    assert set(states(stage, brief_id)) == set(order[:4])


@pytest.mark.parametrize("narrowed", [False, True])
def test_after_the_marked_comes_the_next_row_and_undo_names_them(
    stage: Stage, brief_id: int, *, narrowed: bool
) -> None:
    order = ranking(stage, brief_id)
    names = {row.creator_id: row.name for row in CandidateWindow(stage.store).rows(0, 12)}

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        if narrowed:
            await narrow(stage, pilot, "state")
        await stage.press(pilot, "space", "j", "space", "a")
        assert listed(app).table.cursor_key == order[2]
        await stage.press(pilot, "space", "j", "a")
        assert listed(app).table.cursor_key == order[3], "it was not on one of them"
        for taken_back in (names[order[2]], "李静的厨房 and 1 other"):
            await stage.press(pilot, "u")
            assert in_passing(app, f"Taken back: decision for {taken_back}, 12:00")
            assert len(app._notifications) == 1, "what was said before makes room"

    stage.play(story)
    assert states(stage, brief_id) == {}


def test_the_list_narrows_to_an_owner_a_tag_and_a_kind(stage: Stage) -> None:
    first, second = (found.creator_id for found in CandidateWindow(stage.store).rows(0, 2))
    owners.assign(stage.store, [first, second], "li", "chen")
    tags.tag(stage.store, [second], HOSTILE, "chen")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await narrow(stage, pilot, "owner")
        assert "[owner: li]" in stage.text(app)
        assert listed(app).total == 2
        await narrow(stage, pilot, "tag")
        assert "[#[bold]Tea]" in stage.text(app)
        assert listed(app).total == 1
        await stage.press(pilot, "escape")
        await narrow(stage, pilot, "kind")
        assert "[KOL]" in stage.text(app)

    stage.play(story)


def test_the_candidates_of_a_brief_are_sorted_by_any_measure(stage: Stage, brief_id: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        orders = {order: order for order in ("authority", "authenticity", "portability", "potential", "fit")}
        for order, word in {"fans": "fan quality", **orders}.items():
            await stage.press(pilot, "s")
            await stage.type(pilot, word)
            await stage.press(pilot, "enter")
            assert listed(app).order == order
            assert f"by {word}" in stage.text(app)
        await stage.press(pilot, "b", "home", "enter")
        assert listed(app).order == "score", "nobody has a fit without a brief"

    stage.play(story)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_two_to_four_stand_side_by_side(stage: Stage, brief_id: int, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "c")
        assert in_passing(app, "Mark two to four people")
        await stage.press(pilot, "space", "j", "space", "j", "space", "j", "space", "c")
        assert isinstance(app.screen, SideBySideScreen)
        text = stage.text(app)
        assert "★" in text
        assert "李静的厨房" in text
        assert "unknown" in text
        if size[0] == 80:
            assert "1–2 of 4" in text or "1–3 of 4" in text
            await stage.press(pilot, "right", "right", "right")
            assert "of 4" in stage.text(app)
            assert "李静的厨房" not in stage.text(app)
        else:
            assert "of 4" not in text

    stage.play(story, size=size)


def test_the_shortlist_is_compared_by_its_audiences(stage: Stage, brief_id: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "v")
        assert in_passing(app, "shortlist some")
        await stage.press(pilot, "a", "a", "v")
        assert isinstance(app.screen, OverlapScreen)
        assert set(app.screen.creator_ids) == set(ranking(stage, brief_id)[:2])

    stage.play(story)


def test_what_is_shown_is_exported(stage: Stage, brief_id: int, tmp_path: Path) -> None:
    lijing = ranking(stage, brief_id).index(make.creator(stage.store, "w1", "weibo"))

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, *"j" * lijing, "a", "slash")
        await stage.type(pilot, "lijing")
        await stage.press(pilot, "enter")
        for suffix in ("csv", "jsonl", "xlsx"):
            await stage.press(pilot, "e")
            assert app.screen.query_one(Input).value == "夏季防晒.csv"
            app.screen.query_one(Input).value = str(tmp_path / f"list.{suffix}")
            await stage.press(pilot, "enter")
        assert listed(app).running == ""

    stage.play(story)
    (row,) = [json.loads(line) for line in (tmp_path / "list.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (row["name"], row["state"], row["decided_by"]) == ("李静的厨房", "shortlisted", "chen")
    (found,) = csv.DictReader((tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines())
    assert found["state"] == "shortlisted"
    assert (tmp_path / "list.xlsx").stat().st_size > 0


def test_a_file_that_is_there_is_replaced_only_when_asked(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("mine", encoding="utf-8")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        async def name(text: str) -> None:
            await stage.press(pilot, "e")
            app.screen.query_one(Input).value = text
            await stage.press(pilot, "enter")

        await name("list.doc")
        assert "The name ends in" in stage.text(app)
        await stage.press(pilot, "escape")
        await name(str(tmp_path / "none" / "list.csv"))
        assert "There is no folder" in stage.text(app)
        await stage.press(pilot, "escape")
        await name(str(path))
        await stage.press(pilot, "enter")
        assert path.read_text(encoding="utf-8") == "mine"
        await name(str(path))
        await stage.press(pilot, "down", "enter")
        assert len(path.read_text(encoding="utf-8-sig").splitlines()) == 13

    stage.play(story)


def test_an_empty_ranking_says_what_to_change(stage: Stage) -> None:
    made = make.brief(stage.store, who={"tiers": ["mega"], "regions": ["nowhere"]})
    candidacy.score(stage.store, made)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        assert "This brief leaves everybody out." in stage.text(app)
        await stage.press(pilot, *"axdonc", "w", "v", "space", "enter", "number_sign")
        assert isinstance(app.screen, CandidatesScreen)

    stage.play(story, size=(80, 24))


def test_a_name_that_means_harm_changes_nothing(stage: Stage) -> None:
    made = make.brief(stage.store, HOSTILE)
    candidacy.score(stage.store, made)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await choose_brief(stage, pilot)
        await stage.press(pilot, "x")
        app.screen.query_one(Input).value = HOSTILE
        await stage.press(pilot, "enter", "x")
        assert "[bold]Tea" in stage.text(app)
        assert "\x1b" not in stage.text(app)
        await stage.press(pilot, "escape", "b")
        assert "\x1b" not in stage.text(app)

    stage.play(story)
