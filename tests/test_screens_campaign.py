"""The screens of campaigns: empty and filled, gone into, acted on, taken back, and moving while facts come in."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import msgspec
import pytest

import make
from campaign_scene import HOSTILE, fill_campaign
from campaigning import bought, came_by, campaign, gave_back, takes_part
from kolbench.analysis.campaigns import tree
from kolbench.domain import codes
from kolbench.programme.campaigns import fresh
from kolbench.screens import clipboard
from kolbench.screens.campaign.campaigns import CampaignsScreen
from kolbench.screens.campaign.form import CampaignForm
from kolbench.screens.campaign.screen import SECTIONS, CampaignScreen
from kolbench.screens.campaign.tree import PAGE, TreeView
from kolbench.screens.choose import Choose
from kolbench.screens.help import deeds
from kolbench.screens.prompt import Prompt
from kolbench.screens.reading import Reading
from kolbench.screens.searching import SearchLine
from kolbench.store import (
    campaigns,
    commissions,
    conversions,
    flags,
    freezes,
    lessons,
    merges,
    participants,
    payouts,
    tags,
)
from stage import Stage, in_passing, said, screen_lines, text, to, write

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp
    from kolbench.store.connect import Store

    Story = Callable[[Pilot[int], CampaignScreen], Awaitable[object]]


@pytest.fixture
def tea(stage: Stage) -> int:
    """A campaign in which something has happened in every section."""
    return fill_campaign(stage.store)


def on_campaign(stage: Stage, section: str, story: Story, size: tuple[int, int] = (120, 40)) -> None:
    """Play a story in a section of the first campaign."""

    async def opened(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter")
        screen = app.screen
        assert isinstance(screen, CampaignScreen)
        await stage.press(pilot, *"l" * list(SECTIONS).index(section))
        await story(pilot, screen)

    stage.play(opened, size=size, screen="campaigns")


def cells(screen: CampaignScreen) -> list[list[str]]:
    """The cells of every row in sight."""
    rows = [screen.table._pages.row(n) for n in range(screen.table.total or 0)]
    return [list(row[1].cells) for row in rows if row is not None]


# All campaigns.


def test_the_list_says_how_each_campaign_stands(stage: Stage, tea: int) -> None:
    async def story(app: KolbenchApp, _pilot: Pilot[int]) -> None:
        shown = stage.text(app)
        for told in ("2026-01-20 – 2026-02-08", "42.5%", "35", "17", "4,406.85 CNY", "621.45", "17 of 40 (42.5%)"):
            assert told in shown
        assert "people who read at night" in shown

    stage.play(story, screen="campaigns")


def test_without_a_campaign_it_says_how_to_write_one(empty_stage: Stage) -> None:
    async def story(app: KolbenchApp, _pilot: Pilot[int]) -> None:
        assert "n writes one" in " ".join(empty_stage.text(app).split())

    empty_stage.play(story, screen="campaigns", size=(80, 24))


def test_a_campaign_goes_into_the_archive_and_comes_back(stage: Stage, tea: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "x")
        assert campaigns.row(stage.store, tea).archived_at is not None
        await stage.press(pilot, "l")
        assert "Tea" in stage.text(app)
        await stage.press(pilot, "u")
        assert campaigns.row(stage.store, tea).archived_at is None

    stage.play(story, screen="campaigns")


def test_plus_writes_a_campaign_and_says_so_where_nothing_is_added(stage: Stage, tea: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "l")
        assert "x puts a campaign" in " ".join(stage.text(app).split())
        await stage.press(pilot, "plus")
        assert isinstance(app.screen, CampaignForm)
        await stage.press(pilot, "escape", "h", "enter", "plus")
        assert isinstance(app.screen, CampaignScreen)
        assert [one.message.rstrip() for one in app._notifications] == ["Nothing is added to this list by hand."]

    stage.play(story, screen="campaigns")


def test_esc_leads_back_to_all_campaigns(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], _screen: CampaignScreen) -> None:
        await stage.press(pilot, "enter", "escape", "escape")
        assert isinstance(pilot.app.screen, CampaignsScreen)

    on_campaign(stage, "board", story)


# The form.


async def set_to(stage: Stage, pilot: Pilot[int], name: str, value: str) -> None:
    """Change a setting in the form."""
    form = pilot.app.screen
    assert isinstance(form, CampaignForm)
    await stage.press(pilot, "g")
    while form.table.cursor_key != name:
        await stage.press(pilot, "j")
    await stage.press(pilot, "enter")
    await write(stage, pilot, value)


def test_a_campaign_is_written_in_the_form_and_opens(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "n")
        for name, value in (
            ("name", "Spring"),
            ("starts", "2026-03-01"),
            ("target.amount", "500"),
            ("levels", "10%, 3%"),
        ):
            await set_to(stage, pilot, name, value)
        await stage.press(pilot, "s")
        assert isinstance(app.screen, CampaignScreen)
        terms = campaigns.terms(stage.store, campaigns.find(stage.store, "Spring"))
        assert (terms.starts, terms.target.amount, terms.levels) == ("2026-03-01", 500, ("10%", "3%"))

    stage.play(story, screen="campaigns", size=(80, 24))


def test_the_form_has_what_a_campaign_says_and_pays_and_is_where_the_operator_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "n")
        for name, value in (
            ("name", "Spring"),
            ("outline", "Three tins."),
            ("copy_first", r"{{ name }}:\n{{ link }}"),
            ("copy_all", "{{ code }}"),
            ("cap_per_person", "500 CNY"),
            ("cap_per_order", "50 CNY"),
            ("referee.reward", "5 CNY"),
            ("exclusions", "staff, li"),
            ("colour", "#1b7f4b"),
        ):
            await set_to(stage, pilot, name, value)
        while (form := app.screen) and isinstance(form, CampaignForm) and form.table.cursor_key != "tie_rule":
            await stage.press(pilot, "k")
        await stage.press(pilot, "enter", "2", "s")
        terms = campaigns.terms(stage.store, campaigns.find(stage.store, "Spring"))
        assert (terms.outline, terms.copy_first, terms.copy_all) == (
            "Three tins.",
            "{{ name }}:\n{{ link }}",
            "{{ code }}",
        )
        assert (terms.cap_per_person, terms.cap_per_order, terms.referee.reward) == ("500 CNY", "50 CNY", "5 CNY")
        assert (terms.tie_rule, terms.exclusions, terms.colour) == ("shared", ("staff", "li"), "#1b7f4b")
        assert terms.time_zone == "Asia/Shanghai"

    stage.play(story, screen="campaigns")


def test_words_that_name_no_variable_are_refused_where_they_are_written(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "n")
        await set_to(stage, pilot, "copy_all", "{{ shop }}")
        assert isinstance(app.screen, Prompt)
        assert "There is no variable 'shop'" in said(pilot)

    stage.play(story, screen="campaigns")


def test_what_will_not_do_is_said_where_it_is_written(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "n")
        await set_to(stage, pilot, "levels", "ten")
        assert isinstance(app.screen, Prompt)
        assert "levels" in stage.text(app)
        await stage.press(pilot, "escape", "s")
        assert in_passing(app, "give the campaign a name")
        assert isinstance(app.screen, CampaignForm)

    stage.play(story, screen="campaigns")


def test_the_form_says_what_the_law_may_say_of_three_levels(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "n")
        await set_to(stage, pilot, "levels", "10%, 3%, 1%")
        assert "禁止传销条例" in stage.text(app)

    stage.play(story, screen="campaigns")


def test_the_terms_are_changed_and_a_colleagues_version_is_not_overwritten(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "E")
        await set_to(stage, pilot, "benefit", "Two for one")
        await stage.press(pilot, "s")
        assert pilot.app.screen is screen
        terms = campaigns.terms(stage.store, tea)
        assert terms.benefit == "Two for one"
        await stage.press(pilot, "E")
        campaigns.save(stage.store, campaigns.terms(stage.store, tea, 1), "li", tea)
        await set_to(stage, pilot, "benefit", "Three for one")
        await stage.press(pilot, "s")
        assert isinstance(pilot.app.screen, CampaignForm)
        assert in_passing(pilot.app, "li has saved version 3")
        await stage.press(pilot, "escape", "down", "down", "enter")
        assert pilot.app.screen is screen

    on_campaign(stage, "board", story)


# The leaderboard.


def test_the_leaderboard_ranks_and_says_how_the_target_stands(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert [row[2] for row in cells(screen)] == ["猫 Cat", "李静的厨房", "Eve", "张伟测评"]
        assert cells(screen)[1][4:9] == ["6", "7", "740.85", "104.85", "17"]
        for told in ("17 of 40 (42.5%)", "planned: 24", "35 people", "K ", "coverage ", "Came by: 李静的厨房"):
            assert told in text(pilot)

    on_campaign(stage, "board", story)


def test_a_narrow_window_cuts_the_name_and_keeps_what_matters(stage: Stage, tea: int) -> None:
    campaigns.save(
        stage.store,
        msgspec.structs.replace(campaigns.terms(stage.store, tea), name="Long evenings with tea, spring 2026"),
        "me",
        tea,
    )

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        for told in ("Long evenings", "17 of 40 (42.5%)", "planned: 24", "35 people", "K "):
            assert told in text(pilot)
        await stage.press(pilot, "w", "3")
        assert "Leaderboard" in text(pilot)
        assert "Review" in text(pilot)
        assert "all times:" in text(pilot)

    on_campaign(stage, "board", story, size=(80, 24))


@pytest.mark.parametrize(("key", "first"), [("2", "李静的厨房"), ("3", "Eve"), ("4", "Eve"), ("5", "张伟测评")])
def test_it_is_ranked_by_any_figure(stage: Stage, tea: int, key: str, first: str) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "o", key)
        assert cells(screen)[0][2] == first

    on_campaign(stage, "board", story)


def test_a_click_on_a_header_ranks_by_it(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await pilot.click("#main", offset=(text(pilot).splitlines()[3].index("Revenue") + 2, 0))
        await stage.settle(pilot)
        assert cells(screen)[0][2] == "Eve"
        assert "by own revenue" in text(pilot)

    on_campaign(stage, "board", story)


def test_groups_open_to_the_people_in_them(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "b", "1")
        assert [row[0] for row in cells(screen)] == ["Wave 1", "in no wave: came by others"]
        await stage.press(pilot, "enter")
        assert [row[2] for row in cells(screen)] == ["李静的厨房", "张伟测评"]
        assert [row[0] for row in cells(screen)] == ["2", "4"]
        await stage.press(pilot, "escape", "escape", "b", "2")
        assert cells(screen)[1][0] == "generation 1"
        await stage.press(pilot, "j", "enter")
        assert [row[2] for row in cells(screen)] == ["猫 Cat", "Eve"]

    on_campaign(stage, "board", story)


def test_whoever_came_by_nobody_stands_apart_from_who_came_by_others(stage: Stage, tea: int) -> None:
    make.write(stage.store, takes_part("zoe", name="Zoe"), bought("n1", 9_000, 25, "ZOE"))
    fresh.refresh(stage.store)

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "b", "1")
        assert [row[:2] for row in cells(screen)][1:] == [
            ["in no wave: came by others", "33"], ["in no wave: came by nobody", "1"],
        ]  # fmt: skip
        await stage.press(pilot, "j", "enter")
        assert [row[2] for row in cells(screen)] == ["猫 Cat", "Eve"]
        await stage.press(pilot, "escape", "j", "enter")
        assert [row[2] for row in cells(screen)] == ["Zoe"]

    on_campaign(stage, "board", story)


def test_any_days_are_counted(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "w", "5")
        await write(stage, pilot, "2026-01-22..2026-01-23")
        assert [row[2] for row in cells(screen)] == ["李静的厨房"]
        assert "2026-01-2" in text(pilot).splitlines()[1]
        await stage.press(pilot, "enter")
        assert "2026-01-22 to 01-23" in text(pilot)
        assert [row[1:3] for row in cells(screen)] == [["2", "0"], ["0", "0"]]
        await stage.press(pilot, "v", "1")
        assert "2026-01-22 to 01-23" in text(pilot)
        assert screen.table.total == 2
        await stage.press(pilot, "escape", "v", "2")
        assert screen.table.total == 2
        await stage.press(pilot, "escape", "escape", "b", "2")
        assert [row[3] for row in cells(screen)] == ["2", "0", "0"]
        await stage.press(pilot, "escape", "z", "plus")
        assert "Keep the leaderboard of 2026-01-22 to 01-23 as" in text(pilot)
        await stage.press(pilot, "escape", "escape", "w", "5")
        await write(stage, pilot, "2026-01-20..2026-01-20")
        assert "w chooses others" in said(pilot)
        await stage.press(pilot, "w", "5")
        await write(stage, pilot, "never")
        assert in_passing(pilot.app, "is no day")
        await stage.press(pilot, "w", "1")
        assert len(cells(screen)) == 4

    on_campaign(stage, "board", story)


def test_a_person_is_found_by_code_and_name(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        for sought, place in (("EVE", 2), ("猫 Cat", 0)):
            await stage.press(pilot, "slash")
            await write(stage, pilot, sought)
            assert screen.table.cursor == place
        await stage.press(pilot, "slash")
        await write(stage, pilot, "p1")
        assert in_passing(pilot.app, "none of that figure")
        await stage.press(pilot, "slash")
        await write(stage, pilot, "nobody")
        assert "Nobody in this campaign" in text(pilot)
        await stage.press(pilot, "escape")
        assert screen.table.cursor == 0

    on_campaign(stage, "board", story)


def test_it_moves_by_itself_and_the_cursor_stays_with_its_person(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await to(stage, pilot, screen, "Eve")
        make.write(stage.store, *(bought(f"n{n}", 100, 28, "EVE") for n in range(9)))
        fresh.refresh(stage.store)
        screen.session.version += 1
        screen.catch_up()
        await stage.settle(pilot)
        assert cells(screen)[0][2] == "Eve"
        assert screen.item is not None
        assert screen.item.cells[2] == "Eve"
        assert "26 of 40" in text(pilot)

    on_campaign(stage, "board", story)


def test_what_figures_were_counted_from_opens(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "v", "1")
        assert len(cells(screen)) == 9
        assert "bought by themselves" in {row[5] for row in cells(screen)}
        await stage.press(pilot, "escape", "v", "2")
        assert "earned: 61.60 CNY" in text(pilot)
        assert {row[5] for row in cells(screen)} == {"flagged"}

    on_campaign(stage, "board", story)


def test_a_leaderboard_is_kept_opened_and_compared(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "z", "plus")
        await write(stage, pilot, "half time")
        make.write(stage.store, *(bought(f"n{n}", 100, 28, "EVE") for n in range(9)))
        fresh.refresh(stage.store)
        await to(stage, pilot, screen, "half time")
        await stage.press(pilot, "enter")
        assert [row[1] for row in cells(screen)] == ["猫 Cat", "李静的厨房", "Eve", "张伟测评"]
        await stage.press(pilot, "d")
        assert cells(screen)[0] == ["1", "▲2", "Eve", "12", "3", "9"]
        await stage.press(pilot, "escape", "escape", "u")
        assert [one.name for one in freezes.listed(stage.store, tea) if one.name] == []

    on_campaign(stage, "board", story)


def test_only_what_is_shown_is_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign(stage.store)
    make.write(stage.store, *(takes_part(f"p{n}") for n in range(500)))
    make.write(stage.store, *(bought(f"o{n}", 100 + n, 20, f"P{n}") for n in range(500)))
    fresh.refresh(stage.store)
    asked: list[int] = []
    sparks = tree.sparks

    def counted(store: Store, campaign_id: int, ids: Sequence[int]) -> dict[int, list[int]]:
        asked.extend(ids)
        return sparks(store, campaign_id, ids)

    monkeypatch.setattr(tree, "sparks", counted)

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert screen.table.total == 500
        assert len(set(asked)) < 300
        await stage.press(pilot, "G")
        assert screen.table.cursor == 499
        assert len(set(asked)) < 500

    on_campaign(stage, "board", story)


def test_movement_is_counted_from_the_end_of_the_day_before(
    stage: Stage, tea: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-02-01T12:00:00+00:00")
    make.write(stage.store, *(bought(f"n{n}", 100, 28, "EVE") for n in range(9)))
    fresh.refresh(stage.store)

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert [row[1] for row in cells(screen)] == ["▲2", "▼1", "▼1", "="]
        assert "moved since 2026-01-31" in text(pilot)

    on_campaign(stage, "board", story)


# The tree.


def test_a_tree_opens_closes_and_leads_up(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "enter")
        assert [row[0].strip() for row in cells(screen)] == ["↑ 李静的厨房", "▾ 猫 Cat", HOSTILE]
        await stage.press(pilot, "enter")
        assert [row[0].strip() for row in cells(screen)] == ["↑ 李静的厨房", "▸ 猫 Cat"]
        await stage.press(pilot, "k", "enter")
        assert [row[0].strip() for row in cells(screen)] == ["▾ 李静的厨房", "▸ 猫 Cat"]
        await stage.press(pilot, "j", "enter", "j", "enter")
        assert in_passing(pilot.app, "Nobody came by them")

    on_campaign(stage, "board", story)


def test_who_brought_nobody_is_shown_alone(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await to(stage, pilot, screen, HOSTILE)
        await stage.press(pilot, "enter")
        assert [row[0].strip() for row in cells(screen)] == ["↑ 李静的厨房", "↑ 猫 Cat", HOSTILE]
        assert "Enter opens and closes" in text(pilot)

    on_campaign(stage, "codes", story)


def test_a_tree_shows_many_some_at_a_time(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await to(stage, pilot, screen, "Eve")
        await stage.press(pilot, "enter")
        assert isinstance(screen.view, TreeView)
        assert "Generation 1: 30 people" in text(pilot)
        assert screen.table.total == 2 + PAGE + 1
        await to(stage, pilot, screen, "… and 10 more")
        await stage.press(pilot, "enter")
        assert screen.table.total == 2 + 30

    on_campaign(stage, "board", story)


def test_deep_trees_go_on_in_their_own(stage: Stage) -> None:
    campaign(stage.store, levels=())
    make.write(stage.store, *(takes_part(f"d{n}") for n in range(15)))
    make.write(stage.store, *(came_by(f"d{n + 1}", f"d{n}", n) for n in range(14)), bought("o", 100, 20, "D14"))
    make.write(stage.store, bought("o1", 100, 20, "D0"))
    fresh.refresh(stage.store)

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await to(stage, pilot, screen, "d0")
        await stage.press(pilot, "enter")
        for _level in range(10):
            await stage.press(pilot, "j", "enter")
        assert [view.named() for view in screen.trails["board"]][1:] == ["d0", "d10"]
        assert [row[0].strip() for row in cells(screen)][-2:] == ["▾ d10", "▸ d11"]

    on_campaign(stage, "board", story)


# The quarantine.


def test_what_is_quarantined_is_let_count_and_that_is_taken_back(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert "Quarantine 4" in text(pilot)
        await to(stage, pilot, screen, "q3")
        assert "bought by themselves" in said(pilot)
        await stage.press(pilot, "y")
        await write(stage, pilot, "a gift to their mother")
        assert len(cells(screen)) == 3
        assert "18 of 40" in text(pilot)
        await stage.press(pilot, "u")
        assert len(cells(screen)) == 4
        assert "17 of 40" in text(pilot)

    on_campaign(stage, "quarantine", story)


def test_what_was_done_on_another_screen_is_taken_back_here_only_when_asked_for_twice(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        tags.tag(stage.store, [make.creator(stage.store, "w1", "weibo")], "tea drinker", "chen")
        await stage.press(pilot, "u")
        assert in_passing(pilot.app, "Not done on this screen: tag for")
        assert "tea drinker" in [one.name for one in tags.known(stage.store)]
        await stage.press(pilot, "u")
        assert "tea drinker" not in [one.name for one in tags.known(stage.store)]
        await stage.press(pilot, "x")
        await write(stage, pilot, "other money")
        assert len(cells(screen)) == 3
        await stage.press(pilot, "u")
        assert len(cells(screen)) == 4, "what was done here needs one key"

    on_campaign(stage, "quarantine", story)


def test_a_mistyped_code_is_said_to_be_one_and_whose_it_perhaps_is(stage: Stage, tea: int) -> None:
    (code,) = codes.draw(1, ())
    slip = code[:-1] + next(sign for sign in codes.SYMBOLS if sign != code[-1])
    make.write(stage.store, takes_part("zoe", code, name="Zoe"), bought("n1", 9_000, 30, slip))
    fresh.refresh(stage.store)

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await to(stage, pilot, screen, slip)
        assert "nobody has this code: one of its signs is wrong" in said(pilot)
        assert f"{slip} is perhaps {code}, the code of Zoe." in said(pilot)

    on_campaign(stage, "quarantine", story, (160, 40))


def test_several_are_said_to_be_somebodys_at_once(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "f")
        assert isinstance(pilot.app.screen, Choose)
        await stage.press(pilot, "4")
        assert [row[1] for row in cells(screen)] == ["q1", "q2"]
        await stage.press(pilot, "space", "j", "space", "a")
        await write(stage, pilot, "eve", "the code was printed wrong")
        assert cells(screen) == []
        eve = participants.find(stage.store, tea, "eve")
        db = stage.store.reader()
        assert len(conversions.of_participant(db, eve)) == 6
        assert "19 of 40" in text(pilot)

    on_campaign(stage, "quarantine", story)


def test_whose_it_is_is_asked_until_somebody_is_named_and_near_ones_are_offered(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await to(stage, pilot, screen, "q1")
        await stage.press(pilot, "a")
        await write(stage, pilot, "qqqq")
        assert isinstance(pilot.app.screen, Prompt), "it stays open"
        assert "Nobody in this campaign has the id, code or name 'qqqq'" in text(pilot)
        await write(stage, pilot, "Ca")
        assert isinstance(pilot.app.screen, Choose)
        assert "猫 Cat" in text(pilot)
        await stage.press(pilot, "escape")
        assert isinstance(pilot.app.screen, Prompt)
        await write(stage, pilot, "Cat")
        await stage.press(pilot, "enter")
        assert "Why is it of 猫 Cat?" in text(pilot)
        await write(stage, pilot, "they told us")
        assert len(cells(screen)) == 3

    on_campaign(stage, "quarantine", story)


def test_a_reason_is_asked_for_what_can_be_done_and_the_rest_stays_marked(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await to(stage, pilot, screen, "q4")
        await stage.press(pilot, "y")
        assert isinstance(pilot.app.screen, CampaignScreen), "nothing is asked"
        assert in_passing(pilot.app, "can only be rejected")
        await stage.press(pilot, "space")
        await to(stage, pilot, screen, "q3")
        await stage.press(pilot, "space", "y")
        assert "1 stays marked: Order q4 is in USD" in text(pilot)
        await write(stage, pilot, "a gift")
        assert len(cells(screen)) == 3
        (left,) = screen.table.selected
        assert conversions.get(stage.store.reader(), int(str(left))).order_id == "q4"

    on_campaign(stage, "quarantine", story)


def test_esc_shows_all_reasons_again_before_it_leaves(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "f", "2")
        assert len(cells(screen)) == 1
        await stage.press(pilot, "escape")
        assert len(cells(screen)) == 4
        await stage.press(pilot, "escape")
        assert isinstance(pilot.app.screen, CampaignsScreen)

    on_campaign(stage, "quarantine", story)


def test_what_can_not_count_is_told_and_can_be_rejected(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await to(stage, pilot, screen, "q4")
        await stage.press(pilot, "y")
        assert in_passing(pilot.app, "it can only be rejected")
        await stage.press(pilot, "x")
        await write(stage, pilot, "another currency")
        assert "q4" not in {row[1] for row in cells(screen)}

    on_campaign(stage, "quarantine", story)


def test_refunds_of_more_than_is_known_to_be_sold_stand_below_what_is_quarantined(stage: Stage, tea: int) -> None:
    make.write(stage.store, gave_back("z1", 6_000, 26), gave_back("unheard-of", 70, 26, "r2"))

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        last = [[row[1], row[2], row[5]] for row in cells(screen)[-2:]]
        told = "more given back than sold"
        assert last == [["unheard-of", "-0.70 CNY", told], ["z1", "-10.00 CNY", told]]
        quarantined = len(cells(screen)) - 2
        await stage.press(pilot, "G")
        assert "10.00 CNY more was given back of this order than is known to have been sold" in said(pilot)
        await stage.press(pilot, "y")
        assert in_passing(pilot.app, "nothing to decide")
        await stage.press(pilot, "space", "g", "space", "x")
        await write(stage, pilot, "a test")
        assert len(cells(screen)) == quarantined + 1, "only what can be decided is"
        await stage.press(pilot, "f", "2")
        assert told not in [row[5] for row in cells(screen)], "of one reason alone"

    on_campaign(stage, "quarantine", story, (80, 40))


# Flags.


def test_flags_open_to_their_evidence_and_are_cleared(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert cells(screen)[0][:4] == ["severe", "many buyers, one means of payment", "猫 Cat", "3"]
        assert "held until somebody decides" in said(pilot)
        await stage.press(pilot, "enter")
        assert len(cells(screen)) == 3
        await stage.press(pilot, "escape", "y")
        await write(stage, pilot, "a family")
        assert cells(screen)[-1][4] == "cleared: a family"
        await stage.press(pilot, "G", "x")
        assert in_passing(pilot.app, "decided already")
        await stage.press(pilot, "u")
        assert cells(screen)[0][0] == "severe"

    on_campaign(stage, "flags", story)


def test_an_upheld_flag_takes_its_conversions_out_of_the_count(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "x")
        await write(stage, pilot, "one card")
        (flag,) = flags.listed(stage.store.reader(), tea, decided=True)
        assert flag.decision == "upheld"
        assert "17 of 40" not in text(pilot)
        assert len(cells(screen)) == 2

    on_campaign(stage, "flags", story)


# Payouts.


def test_what_is_due_is_put_together_and_paid_once(stage: Stage, tea: int, tmp_path: Path) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert cells(screen)[0][:3] == ["Due now", "529.05 CNY", "3"]
        assert cells(screen)[1][:3] == ["Flagged", "92.40 CNY", "2"]
        await stage.press(pilot, "plus", "enter")
        assert cells(screen)[2][:3] == ["Payout 1", "529.05 CNY", "3"]
        await stage.press(pilot, "enter")
        assert [row[2] for row in cells(screen)] == ["74.05 CNY", "155.00 CNY", "300.00 CNY"]
        await stage.press(pilot, "escape", "e")
        await write(stage, pilot, str(tmp_path / "pay.csv"))
        assert len((tmp_path / "pay.csv").read_text().splitlines()) == 4
        await stage.press(pilot, "y")
        await write(stage, pilot, "bank 77")
        assert isinstance(pilot.app.screen, Choose)
        await stage.press(pilot, "enter")
        assert payouts.get(stage.store.reader(), 1).paid_at is None
        await stage.press(pilot, "y")
        await write(stage, pilot, "bank 77")
        await stage.press(pilot, "down", "enter")
        assert cells(screen)[2][4] == "paid 2026-01-31 bank 77"
        await stage.press(pilot, "y")
        assert in_passing(pilot.app, "aren't paid yet")

    on_campaign(stage, "payouts", story)


def test_what_was_paid_without_a_reference_gets_it_later(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "plus", "enter", "y", "enter", "down", "enter")
        assert cells(screen)[2][4] == "paid 2026-01-31"
        await stage.press(pilot, "y")
        await write(stage, pilot, "bank 78")
        assert cells(screen)[2][4] == "paid 2026-01-31 bank 78"
        await stage.press(pilot, "u", "y")
        assert payouts.get(stage.store.reader(), 1).reference == "bank 78"

    on_campaign(stage, "payouts", story)


def test_a_payout_is_taken_apart_and_its_making_taken_back(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "plus", "enter", "minus")
        assert cells(screen)[2][0] == "Payout 1"
        assert cells(screen)[2][4].startswith("taken apart 2026-01-31")
        await stage.press(pilot, "plus")
        await write(stage, pilot, "200 CNY")
        assert cells(screen)[2][:3] == ["Payout 2", "300.00 CNY", "1"]
        await stage.press(pilot, "u")
        assert cells(screen)[0][:2] == ["Due now", "529.05 CNY"]
        assert cells(screen)[2][4].startswith("taken apart")
        await stage.press(pilot, "plus")
        await write(stage, pilot, "200 USD")
        assert in_passing(pilot.app, "the campaign pays in CNY")

    on_campaign(stage, "payouts", story)


def test_a_payout_that_finance_may_have_is_taken_apart_after_a_question(stage: Stage, tea: int, tmp_path: Path) -> None:
    def is_open() -> bool:
        return payouts.get(stage.store.reader(), 1).is_open

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "plus", "enter", "e")
        await write(stage, pilot, str(tmp_path / "pay.csv"))
        assert cells(screen)[2][4] == "written 2026-01-31, to be paid"
        await stage.press(pilot, "u")
        assert is_open()
        assert in_passing(pilot.app, "only if they don't pay it. Press u again")
        await stage.press(pilot, "minus", "enter")
        assert is_open(), "it is asked first, and left as it is by default"
        await stage.press(pilot, "minus", "down", "enter")
        assert not is_open()
        await stage.press(pilot, "u")
        assert is_open()
        await stage.press(pilot, "u", "u")
        assert not is_open()

    on_campaign(stage, "payouts", story)


def test_a_payout_that_holds_too_much_says_so_and_is_written_and_paid_after_a_question(
    stage: Stage, tea: int, tmp_path: Path
) -> None:
    store = stage.store
    assert payouts.make(store, tea, "chen") == 1
    eve = participants.find(store, tea, "eve")
    assert eve is not None
    commissions.adjust(store, eve, -20_000, "chen", "paid in cash")
    path = tmp_path / "pay.csv"

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert [row[:3] for row in cells(screen)[:2]] == [
            ["Due now", "0.00 CNY", "0"],
            ["Owed back", "200.00 CNY", "1"],
        ]
        await to(stage, pilot, screen, "Payout 1")
        assert cells(screen)[3][4] == "200.00 CNY too much; to be paid"
        assert "holds more than is due: 200.00 CNY too much, to Eve. - takes it apart." in said(pilot)
        await stage.press(pilot, "e")
        assert "Payout 1 holds 200.00 CNY too much" in text(pilot)
        await stage.press(pilot, "enter")
        assert pilot.app.screen is screen, "it is left as it is by default"
        await stage.press(pilot, "e", "down", "enter")
        await write(stage, pilot, str(path))
        assert len(path.read_text().splitlines()) == 4
        await stage.press(pilot, "y")
        assert "200.00 CNY too much, to Eve" in said(pilot)
        await write(stage, pilot, "bank 77")
        assert "Payout 1 holds 200.00 CNY too much" in text(pilot)
        await stage.press(pilot, "down", "enter")
        assert cells(screen)[3][4] == "paid 2026-01-31 bank 77"

    on_campaign(stage, "payouts", story, (80, 40))


def test_what_is_owed_back_is_not_taken_off_what_is_due_to_others(stage: Stage, tea: int) -> None:
    store = stage.store
    eve = participants.find(store, tea, "eve")
    assert eve is not None
    commissions.adjust(store, eve, -40_000, "chen", "paid in cash")
    fresh.refresh(store)

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        due = ["Due now", "229.05 CNY", "2"]
        assert [row[:3] for row in cells(screen)[:2]] == [due, ["Owed back", "100.00 CNY", "1"]]
        await stage.press(pilot, "j")
        assert "Who owes more than is due to them is in no payout" in said(pilot)
        await stage.press(pilot, "plus", "enter")
        assert ["Payout 1", *due[1:]] in [row[:3] for row in cells(screen)]
        await stage.press(pilot, "escape", "escape")
        every = pilot.app.screen
        assert isinstance(every, CampaignsScreen)
        row = every.table._pages.row(0)
        assert row is not None
        assert row[1].cells[-2:] == ("321.45", "100.00"), "to pay, and owed back"
        assert "100.00 CNY is owed back by 1 person" in said(pilot)

    on_campaign(stage, "payouts", story, (80, 40))


def test_what_everybody_has_earned_opens_to_the_ledger(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "g", "enter")
        assert cells(screen)[0][:2] == ["Eve", "300.00"]
        await stage.press(pilot, "enter")
        assert "earned: 300.00 CNY" in text(pilot)
        assert len(cells(screen)) == 3

    on_campaign(stage, "payouts", story)


# Codes.


def test_a_link_is_copied_and_shown_as_a_qr_code(stage: Stage, tea: int, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(clipboard, "copy", lambda _screen, text, _told: copied.append(text))

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert screen.table.total == 35
        await stage.press(pilot, "slash", *"eve", "enter")
        assert [row[3] for row in cells(screen)] == ["EVE"]
        await stage.press(pilot, "c")
        assert copied[0].startswith("https://shop.example/tea?ref=EVE&")
        await stage.press(pilot, "Q")
        assert isinstance(pilot.app.screen, Reading)
        assert "█▀▀▀▀▀█" in text(pilot)
        assert "make the window larger" not in text(pilot)
        await stage.press(pilot, "escape", "enter")
        assert isinstance(screen.view, TreeView)

    on_campaign(stage, "codes", story)


def test_two_participants_that_are_one_person_are_said_to_be(stage: Stage, tea: int) -> None:
    one, two = participants.listed(stage.store.reader(), tea)[:2]
    assert one.creator_id is not None
    assert two.creator_id is not None
    merges.merge(stage.store, two.creator_id, one.creator_id, "li")

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        while screen.item is None or screen.item.key != one.id:
            await stage.press(pilot, "j")
        assert f"the same person as {two.name}" in said(pilot)

    on_campaign(stage, "codes", story)
    on_campaign(stage, "board", story)


@pytest.mark.parametrize(
    ("section", "into", "offered", "missing"),
    [
        ("board", "", "By which figure|By groups|Kept", "Confirm|Assign|QR code|Export"),
        ("board", "enter", "Evidence|Edit the campaign", "Confirm|Refuse|Assign|By which figure|Filter|Add"),
        ("payouts", "", "Confirm|Export|Take off", "Assign|By groups|Find|Compare"),
    ],
)
def test_help_and_commands_offer_the_keys_of_the_section_in_sight(
    stage: Stage, tea: int, section: str, into: str, offered: str, missing: str
) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        if into:
            await stage.press(pilot, into)
        found = [deed.text for deed in deeds(screen, pilot.app)]
        assert set(offered.split("|")) <= set(found)
        assert not set(missing.split("|")) & set(found)
        await stage.press(pilot, "colon")
        assert isinstance(pilot.app.screen, Choose)
        assert not set(missing.split("|")) & {choice.label for choice in pilot.app.screen._choices}

    on_campaign(stage, section, story)


def test_codes_are_narrowed_by_name_and_code_and_esc_shows_all_with_the_cursor_where_it_was(
    stage: Stage, tea: int
) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "slash")
        line = screen.query_one("#search", SearchLine)
        line.value = "张伟"
        await stage.settle(pilot)
        assert [row[0] for row in cells(screen)] == ["张伟测评"]
        assert "[“张伟”]" in text(pilot)
        line.value = "P1"
        await stage.settle(pilot)
        assert [row[1] for row in cells(screen)] == ["p1", *(f"p1{n}" for n in range(10))]
        await stage.press(pilot, "enter", "G", "escape")
        assert screen.table.total == 35
        assert screen.item is not None
        assert screen.item.cells[1] == "p19"
        await stage.press(pilot, "slash", *"nobody at all")
        assert "Nothing fits this search." in text(pilot)
        await stage.press(pilot, "escape")
        assert screen.table.total == 35
        assert pilot.app.screen is screen

    on_campaign(stage, "codes", story)


def test_what_is_narrowed_is_acted_on_and_left_as_it_is_found(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        await stage.press(pilot, "slash", *"nobodys q2", "enter")
        assert [row[1] for row in cells(screen)] == ["q2"]
        await stage.press(pilot, "x")
        await write(stage, pilot, "a test")
        assert "Nothing fits this search." in text(pilot)
        await stage.press(pilot, "slash", "l", "tab", "l", "h", "escape")
        assert len(cells(screen)) == 3
        assert not screen.query("#search")

    on_campaign(stage, "quarantine", story)


def test_a_small_window_says_that_the_code_does_not_fit(stage: Stage, tea: int) -> None:
    async def story(pilot: Pilot[int], _screen: CampaignScreen) -> None:
        await stage.press(pilot, "Q")
        assert "make the window larger" in said(pilot)
        assert "https://shop.example/tea" in said(pilot)
        assert "█▀▀▀▀▀█" not in text(pilot)

    on_campaign(stage, "codes", story, (80, 24))


# The review.


def test_the_review_tells_k_concentration_and_lessons(stage: Stage, tea: int, tmp_path: Path) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert "17 of 40 conversions reached" in said(pilot)
        await to(stage, pilot, screen, "K by generation")
        assert "K: 15.50" in text(pilot)
        await stage.press(pilot, "plus")
        await write(stage, pilot, "Ask for the video first.")
        assert lessons.listed(stage.store, tea)[0].text == "Ask for the video first."
        await to(stage, pilot, screen, "Begin on a Friday")
        await stage.press(pilot, "minus")
        assert len(lessons.listed(stage.store, tea)) == 1
        await stage.press(pilot, "u")
        assert len(lessons.listed(stage.store, tea)) == 2
        await stage.press(pilot, "e")
        await write(stage, pilot, str(tmp_path / "report.md"))
        assert "Begin on a Friday evening" in (tmp_path / "report.md").read_text()

    on_campaign(stage, "review", story)


# All sections.


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("board", "mark people under 1 and press W there"),
        ("quarantine", "Nothing is quarantined"),
        ("flags", "Nothing looks wrong"),
        ("payouts", "Nobody has earned anything yet"),
        ("codes", "mark people under 1 and press W there"),
        ("review", "none yet: + keeps"),
    ],
)
def test_an_empty_section_says_what_to_do_next(empty_stage: Stage, section: str, told: str) -> None:
    campaign(empty_stage.store)
    fresh.refresh(empty_stage.store)

    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        assert told in said(pilot)
        for key in ("y", "x", "a", "minus", "v", "d", "c", "Q", "u"):
            await empty_stage.press(pilot, key)
            while pilot.app.screen is not screen:
                await empty_stage.press(pilot, "escape")

    on_campaign(empty_stage, section, story, (80, 24))


@pytest.mark.parametrize("section", SECTIONS)
def test_rows_can_be_gone_into_and_left_on_a_small_terminal(stage: Stage, tea: int, section: str) -> None:
    async def story(pilot: Pilot[int], screen: CampaignScreen) -> None:
        for row in range(min(screen.table.total or 0, 4)):
            await stage.press(pilot, "enter", "j", "enter")
            while pilot.app.screen is not screen or len(screen.trails[section]) > 1:
                await stage.press(pilot, "escape")
            assert screen.table.cursor == row
            await stage.press(pilot, "j")

    on_campaign(stage, section, story, (40, 12))


@pytest.mark.parametrize("section", SECTIONS)
def test_it_speaks_chinese(stage: Stage, tea: int, section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", "zh_CN")

    async def story(pilot: Pilot[int], _screen: CampaignScreen) -> None:
        assert "候选" in text(pilot).splitlines()[0]
        assert "帮助" in text(pilot)

    on_campaign(stage, section, story, (80, 24))


def test_hostile_texts_are_harmless_in_every_section(stage: Stage, tea: int) -> None:
    with stage.store.writing() as db:
        db.execute("UPDATE participant SET name = ?", (HOSTILE,))
        db.execute("UPDATE wave SET name = ?", (HOSTILE,))
        db.execute("UPDATE campaign_flag SET evidence = ?", ('{"conversions": "x", "[b]\\u202e": ["\\u001b[2J"]}',))
    lessons.add(stage.store, tea, HOSTILE, HOSTILE)

    async def story(pilot: Pilot[int], _screen: CampaignScreen) -> None:
        for _section in SECTIONS:
            for key in ("j", "enter", "j", "escape", "l"):
                await stage.press(pilot, key)
                for line in screen_lines(pilot.app):
                    assert {unicodedata.category(letter) for letter in line}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})

    on_campaign(stage, "board", story)


def test_without_colour_all_is_said_in_words(stage: Stage, tea: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(pilot: Pilot[int], _screen: CampaignScreen) -> None:
        assert "❯" in text(pilot)
        assert "severe" in text(pilot)
        assert "Flags 2" in text(pilot)

    on_campaign(stage, "flags", story, (80, 24))
