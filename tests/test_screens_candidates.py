"""Candidates: reading, searching, filtering, ordering, opening and noting, as an operator does it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from kolbench.analysis import standing
from kolbench.domain.errors import StoreError
from kolbench.screens import candidate_list
from kolbench.screens.brief_words import between
from kolbench.screens.candidates import CandidatesScreen
from kolbench.screens.filtering import span_of
from kolbench.screens.searching import SearchLine
from kolbench.store import changes, decisions, notes, owners, tags
from kolbench.store.candidates import CandidateWindow
from kolbench.store.connect import Store
from stage import Stage, in_passing
from test_screens_typing_ahead import slow

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp


def rows(app: KolbenchApp) -> list[str]:
    """The names in the list, top to bottom."""
    window = CandidateWindow(app.session.store, app.screen.order, reverse=app.screen.reverse, shown=app.screen.shown)  # type: ignore[attr-defined]
    return [found.name for found in window.rows(0, window.count())]


def test_the_best_come_first_and_their_reasons_stand_beside_them(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = stage.text(app)
        assert "12 creators" in text
        assert text.index("李静的厨房") < text.index("张伟测评")
        assert "91,300 followers on all accounts" in text
        assert "Score" in text

    stage.play(story)


def test_a_narrow_terminal_shows_the_list_alone(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = stage.text(app)
        assert "李静的厨房" in text
        assert "on all accounts" not in text

    stage.play(story, size=(80, 24))


def test_what_is_not_known_is_a_dot_and_what_was_rounded_is_marked(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        lines = stage.text(app).splitlines()
        unknown = next(line for line in lines if "王无数" in line)
        assert "·" in unknown
        assert " 0 " not in unknown
        rounded = next(line for line in lines if "1 李静的厨房" in line)
        assert "≈91.3K" in rounded

    stage.play(story, size=(200, 40))


@pytest.mark.parametrize(
    ("typed", "found"),
    [("静", ["李静的厨房"]), ("护肤", ["莫莫护肤笔记"]), ("neill", ["Ann O'Neill"]), ("ZHANGWEI", ["张伟测评"])],
)
def test_search_narrows_while_typing(stage: Stage, typed: str, found: list[str]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "slash")
        await stage.type(pilot, typed)
        assert rows(app) == found
        assert f"{len(found)} of 12" in stage.text(app)
        await stage.press(pilot, "enter")
        assert app.focused is app.screen.query_one("#main")
        await stage.press(pilot, "escape")
        assert len(rows(app)) == 12

    stage.play(story)


def test_rows_that_come_late_leave_the_search_line_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidate_list, "LATE_S", 60)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        with slow(monkeypatch, "window") as answering:
            await pilot.press("1", "slash")
            assert isinstance(app.screen, CandidatesScreen)
            assert not app.screen.panes.display
            answering.set()
            await stage.settle(pilot)
            await stage.type(pilot, "莫莫")
        assert isinstance(app.focused, SearchLine)
        assert "1 of 12 creators" in stage.text(app)

    stage.play(story, screen="follow_ups")


def test_a_search_that_finds_nobody_says_how_to_go_on(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "slash")
        await stage.type(pilot, "zzz")
        assert "Nobody fits this search or filter." in stage.text(app)
        await stage.press(pilot, "escape")
        assert "12 creators" in stage.text(app)

    stage.play(story)


def test_filters_add_up_and_are_told_in_the_header(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "f", "enter", "down", "down", "enter")
        await stage.press(pilot, "down", "down", "enter")
        await stage.type(pilot, "1万-100k")
        await stage.press(pilot, "enter", "escape")
        assert rows(app) == ["李静的厨房", "👨‍👩‍👧‍👦 一家四口"]
        assert "[Weibo]" in stage.text(app)
        assert "[10K–100K followers]" in stage.text(app)
        await stage.press(pilot, "escape")
        assert len(rows(app)) == 12

    stage.play(story)


def test_the_head_speaks_of_the_list_that_is_being_counted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        with slow(monkeypatch, "window") as answering:
            await pilot.press("slash", "莫", "莫")
            for _ in range(500):  # the line's own messages aren't waited for
                if "… of 12 creators  [“莫莫”]" in stage.text(app):
                    break
                await pilot.pause(0.01)
            else:
                pytest.fail(stage.text(app))
            answering.set()
            await stage.settle(pilot)
        assert "1 of 12 creators  [“莫莫”]" in stage.text(app)

    stage.play(story)


def test_nobody_is_decided_about_whom_a_search_has_hidden(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "space", "down", "space")
        assert "2 marked" in stage.text(app)
        await stage.press(pilot, "slash")
        await stage.type(pilot, "zzz")
        assert "marked" not in stage.text(app)

    stage.play(story)


@pytest.mark.parametrize("language", ["en", "zh"])
@given(bounds=st.lists(st.integers(0, 10**12), min_size=2, max_size=2).map(sorted), open_ended=st.sampled_from("< >"))
def test_a_filter_by_followers_is_not_changed_by_being_looked_at(
    language: str, bounds: list[int], open_ended: str
) -> None:
    least = None if open_ended == "<" else bounds[0]
    most = None if open_ended == ">" else bounds[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLBENCH_LANG", language)
        assert span_of(between(least, most)) == (least, most)


def test_a_community_and_a_source_can_be_chosen_by_name(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "f", "down", "down", "down", "enter", "down", "enter", "escape")
        assert set(rows(app)) == {"阿晓", "大宝同学", "Guest 3"}
        assert "[新品内测群]" in stage.text(app)
        await stage.press(pilot, "f", "X", "g", "down", "down", "down", "down", "enter")
        await stage.press(pilot, "down", "down", "down", "enter", "escape")
        assert "[小红书名单]" in stage.text(app)
        assert "莫莫护肤笔记" in rows(app)
        assert "张伟测评" not in rows(app)

    stage.play(story)


def test_what_must_be_known_and_in_which_language_is_chosen_from_a_list(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "f", *["down"] * 8, "enter", "down", "enter")
        await stage.press(pilot, *["down"] * 4, "enter", "down", "down", "enter", "escape")
        assert "[known at least 50%]" in stage.text(app)
        assert "[Chinese]" in stage.text(app)
        assert 0 < len(rows(app)) < 12
        await stage.press(pilot, "f", "g", *["down"] * 12, "x", "escape")
        assert "known at least" not in stage.text(app)

    stage.play(story)


def test_what_was_said_about_too_few_marks_is_gone_once_people_are_compared(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "c")
        assert in_passing(app, "Mark two to four people")
        await stage.press(pilot, "space", "j", "space", "c")
        assert not in_passing(app, "Mark two to four people")

    stage.play(story)


def test_a_range_that_makes_no_sense_is_refused_with_an_example(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "f", "down", "down", "enter")
        await stage.type(pilot, "many")
        await stage.press(pilot, "enter")
        assert "Write it like 10k-1m, >5万 or <1000." in stage.text(app)

    stage.play(story)


def test_the_order_is_chosen_from_a_menu_turned_round_and_clicked(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "s", "down", "enter")
        assert rows(app)[0] == "张伟测评"
        assert "by followers" in stage.text(app)
        await stage.press(pilot, "S")
        assert rows(app)[0] == "[red]Mallory[/red]"
        assert rows(app)[-1] in ("王无数", "阿晓", "大宝同学", "Guest 3")
        header = stage.text(app).splitlines()[2]
        await pilot.click("#main", offset=(header.index("Score"), 0))
        await stage.settle(pilot)
        assert rows(app)[0] == "李静的厨房"

    stage.play(story)


def test_enter_opens_the_file_and_escape_comes_back_to_the_same_row(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "j", "j", "enter")
        text = stage.text(app)
        assert "莫莫护肤笔记" in text
        assert "Score" in text
        assert "小红书" in text
        await stage.press(pilot, "escape")
        assert re.search("❯ +莫莫护肤笔记", stage.text(app))

    stage.play(story)


def test_the_file_has_accounts_figures_reasons_works_and_what_we_wrote(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter")
        text = stage.text(app)
        for part in (
            "Weibo @lijing",
            "Xiaohongshu @lijing_kitchen",
            "≈79,000 ±500",
            "2026-01-30 weibo-list",
            "log10(followers + 1) / 8",
            "三杯鸡的做法",
            "120K views",
            "WeChat: interested",
            "只接护肤和厨具合作",
        ):
            assert part in text

    stage.play(story, size=(160, 60))


def test_the_file_says_what_somebody_does_best_and_what_was_decided(stage: Stage) -> None:
    source = make.source(stage.store, "weibo-list", "weibo")
    works = [make.posted("w1", day, "#三杯鸡# again", likes=9_000) for day in (10, 11, 12)]
    make.write(
        stage.store, *works, *(make.posted("w1", day, "else", likes=90) for day in (13, 14)), origin=source, day=29
    )
    lijing = make.creator(stage.store, "w1", "weibo")
    owners.assign(stage.store, [lijing], "li", "chen")
    tags.tag(stage.store, [lijing], "newcomer", "chen")
    brief_id = make.brief(stage.store, "[b]Tea")
    decisions.decide(stage.store, brief_id, [lijing], "rejected", "chen", "too dear")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter")
        text = stage.text(app)
        assert "#三杯鸡: 9,000 reactions against" in text
        assert "owner: li · #newcomer" in text
        assert "[b]Tea: rejected" in text
        assert "too dear" in text

    stage.play(story, size=(160, 60))


def test_a_note_is_kept_and_can_be_taken_back(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "j", "j", "n")
        await stage.type(pilot, "周三回复")
        await stage.press(pilot, "enter")
        momo = make.creator(stage.store, "x2", "xiaohongshu")
        assert [note.text for note in notes.notes(stage.store, momo)] == ["周三回复"]
        assert "周三回复" in stage.text(app)
        await stage.press(pilot, "u")
        assert notes.notes(stage.store, momo) == []
        assert in_passing(app, "Taken back: note")

    stage.play(story)


def test_an_empty_note_is_not_kept(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        before = len(changes.recent(stage.store))
        await stage.press(pilot, "n", "enter")
        assert "The note is empty" in stage.text(app)
        await stage.press(pilot, "escape")
        assert len(changes.recent(stage.store)) == before

    stage.play(story)


def test_what_another_process_writes_appears_where_the_reader_is(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "j", "j")
        elsewhere = Store.open(stage.store.path)
        make.write(
            elsewhere,
            make.person("w9", name="新来的", metrics={"followers": 9_000_000}),
            origin=make.source(elsewhere, "weibo-list"),
            day=30,
        )
        standing.refresh(elsewhere)
        elsewhere.close()
        app._look()
        await stage.settle(pilot)
        assert "13 creators" in stage.text(app)
        assert app.screen.query_one("#main").cursor == 2  # type: ignore[attr-defined]

    stage.play(story)


def test_an_empty_store_says_what_to_do(empty_stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = empty_stage.text(app)
        assert "There is nobody in this store yet." in text
        assert "Press i to import a file" in text
        assert "kolbench demo" in text

    empty_stage.play(story, size=(80, 24))


def test_a_store_that_cannot_be_read_is_said_in_place_of_the_rows(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(window: CandidateWindow) -> int:
        raise StoreError("kolbench.db is damaged. Run 'kolbench doctor', or go back to a backup.")

    monkeypatch.setattr(CandidateWindow, "count", broken)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert "kolbench.db is damaged" in stage.text(app)

    stage.play(story)


@pytest.mark.parametrize("size", [(80, 24), (250, 70), (40, 10), (120, 40)])
def test_the_screen_fits_every_size_it_is_given(stage: Stage, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await pilot.resize_terminal(*size)
        await stage.settle(pilot)
        assert "李静的厨房" in stage.text(app)
        await stage.press(pilot, "enter")
        assert "李静的厨房" in stage.text(app)

    stage.play(story)


def test_a_link_is_copied_through_the_terminal(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter", "y")
        assert app.clipboard == "https://weibo.example/lijing"

    stage.play(story)
