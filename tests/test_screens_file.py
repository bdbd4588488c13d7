"""A person's file: every section empty and filled, changed where it stands, and never over what a colleague wrote."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

import make
from kolbench.analysis import matching, standing
from kolbench.domain.agreements import Terms
from kolbench.domain.clock import now
from kolbench.domain.errors import Conflict
from kolbench.domain.incentives import Amount
from kolbench.domain.partial_dates import Recurring, Told
from kolbench.domain.sequences import parse
from kolbench.screens.choose import Choose
from kolbench.screens.clashing import Clashing
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.file.business import BusinessPart
from kolbench.screens.file.contacts import refusal_form
from kolbench.screens.file.overview import owner_form
from kolbench.screens.file.part import Part, Whose
from kolbench.screens.file.parts import PARTS
from kolbench.screens.lines import Bar
from kolbench.screens.merging import MergingScreen
from kolbench.screens.reading import Reading
from kolbench.screens.why import WhyScreen
from kolbench.store import (
    agreements,
    contacts,
    enrolments,
    facts,
    history,
    incentives,
    life,
    merges,
    needs,
    notes,
    owners,
    refusals,
    sequences,
    tags,
)
from stage import Stage, add_alike, fill_file, in_passing, on_file, screen_lines, text, to_line

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp

HOSTILE = "[bold]\x1b[31m\u202etext\u2066[/]中文👨‍👩‍👧‍👦"

KEYS = [part.key for part in PARTS]


@pytest.fixture
def lijing(stage: Stage) -> int:
    return make.creator(stage.store, "w1", "weibo")


@pytest.fixture
def filled(stage: Stage, lijing: int) -> int:
    """A file on which something is written in every section."""
    fill_file(stage.store, lijing)
    return lijing


async def write_over(stage: Stage, pilot: Pilot[int], value: str) -> None:
    """Give the line that is being typed another text."""
    pilot.app.screen.query_one("Input").value = value  # type: ignore[attr-defined]
    await stage.press(pilot, "enter")


# What is shown.


def test_the_overview_says_who_it_is_and_what_is_next(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        shown = text(pilot)
        for told in (
            "李静的厨房  Weibo · @lijing",
            "no contact by phone: works by day",
            "KOL · authority 0.50, authenticity unknown",
            "51.0",
            "#kitchen",
            "Spring · signed until 2026-06-30",
            "Waits for our answer",
            "in 4 days",
            "WeChat: interested",
            "to earn money, a name of their own",
            "只接护肤和厨具合作",
            "91,300 followers on all accounts",
        ):
            assert told in shown

    on_file(stage, filled, story)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("A", ["Weibo @lijing", "≈79K", "▁▁▂▃▄▅▅▆▇█", "+11.3%", "Xiaohongshu @lijing_kit", "Elsewhere"]),
        ("W", ["三杯鸡的做法", "120K", "3,400", "210", "年夜饭菜单"]),
        ("T", ["WeChat, from us: interested", "三杯鸡的做法", "只接护肤和厨具合作", "Personality: shy", "#kitchen"]),
        ("C", ["no contact by phone: works by day", "lijing_food · consent given"]),
        ("N", ["to earn money", "very much", "nothing yet: + adds an offer", "Front page"]),
        ("D", ["1990-02-04", "Birthday", "in 4 days", "lunar 08-15", "Moved to Chengdu"]),
        ("P", ["Archetype", "creations", "Personality", "shy", "Time zone"]),
        ("B", ["Spring · signed until 2026-06-30", "First note", "200 points", "star of the week"]),
        ("F", ["Media kit", "https://example.org/kit.pdf"]),
    ],
)
def test_every_section_shows_what_is_written_there(stage: Stage, filled: int, key: str, told: list[str]) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, key)
        assert screen.part.key == key
        shown = text(pilot)
        for one in told:
            assert one in shown, one

    on_file(stage, filled, story)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("O", "nobody: Enter says who looks after them"),
        ("W", "No works of theirs are known."),
        ("T", "Nothing has happened yet."),
        ("C", "How to reach them is not known."),
        ("N", "What would move them is not known yet."),
        ("D", "No birthday, no other date"),
        ("P", "Not known yet. Enter writes it down."),
        ("B", "No agreement, no incentive"),
        ("F", "No file and no link is on their file."),
        ("M", "They were never merged with anybody"),
    ],
)
def test_an_empty_section_says_what_to_do_next(stage: Stage, key: str, told: str) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, key)
        assert told in text(pilot)

    on_file(stage, make.creator(stage.store, "w6", "weibo"), story)


def test_left_and_right_go_through_all_sections(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        seen = [screen.part.key]
        for _part in KEYS[1:]:
            await stage.press(pilot, "right")
            seen.append(screen.part.key)
        assert seen == KEYS
        await stage.press(pilot, "l", "h", "left")
        assert screen.part.key == KEYS[-2]

    on_file(stage, filled, story)


def test_a_section_keeps_its_place(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "P")
        await to_line(stage, pilot, screen, "city")
        await stage.press(pilot, "T", "P")
        assert screen.table.cursor_key == "city"

    on_file(stage, filled, story)


def test_a_narrow_terminal_shows_one_pane_at_a_time(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        assert "91,300 followers on all accounts" not in text(pilot)
        await stage.press(pilot, "tab")
        assert "91,300 followers on all accounts" in text(pilot)
        await stage.press(pilot, "escape")
        assert "Last contact" in text(pilot)
        await stage.press(pilot, "tab", "D")
        assert "Moved to Chengdu" in text(pilot)
        await stage.press(pilot, "escape")
        assert pilot.app.screen is not screen

    on_file(stage, filled, story, size=(80, 24))


def test_the_overview_leads_to_where_it_is_written(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        for key, part in ((("date",), "D"), (("needs",), "N"), (("refused", 0), "C")):
            await to_line(stage, pilot, screen, key)
            await stage.press(pilot, "enter")
            assert screen.part.key == part
            await stage.press(pilot, "O")
        await to_line(stage, pilot, screen, ("score",))
        await stage.press(pilot, "enter")
        assert isinstance(pilot.app.screen, WhyScreen)

    on_file(stage, filled, story)


def test_a_long_story_is_read_a_page_at_a_time(stage: Stage, lijing: int) -> None:
    source = make.source(stage.store, "weibo-list", "weibo")
    works = [make.posted("w1", 20 - n / 100, f"work {n}", likes=n) for n in range(350)]
    make.write(stage.store, *works, origin=source, day=29)

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        for key in "TW":
            await stage.press(pilot, key)
            assert screen.table.total == 100
            for _page in range(4):
                await stage.press(pilot, "G")
            assert screen.older is None
            assert "work 349" in text(pilot)
            assert screen.table.cursor == len(screen.items) - 1

    on_file(stage, lijing, story)


def test_the_timeline_shows_the_chosen_kinds(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "f", "j", "space", "enter")
        assert screen.part.key == "T"
        assert [item.cells[1] for item in screen.items] == ["note"]

    on_file(stage, filled, story)


@pytest.mark.usefixtures("filled")
def test_beside_a_list_stands_what_has_to_be_known_first(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        shown = app.screen.sheet.text  # type: ignore[attr-defined]
        assert "no contact by phone: works by day" in shown
        assert "Birthday: 2026-02-04, in 4 days · 36 years" in shown
        assert "Needs: to earn money, a name of their own" in shown

    stage.play(story)


# Changing it.


def test_a_field_is_written_where_it_stands_and_taken_back(stage: Stage, lijing: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "P")
        await to_line(stage, pilot, screen, "city")
        await stage.press(pilot, "enter")
        await write_over(stage, pilot, "成都")
        assert "成都" in text(pilot)
        assert facts.values(stage.store, [lijing], ["city"]) == {lijing: {"city": "成都"}}
        await stage.press(pilot, "u")
        assert facts.of(stage.store, lijing) == []
        assert "成都" not in text(pilot)

    on_file(stage, lijing, story)


def test_what_would_not_do_is_said_before_it_is_kept(stage: Stage, lijing: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "P")
        await to_line(stage, pilot, screen, "time_zone")
        await stage.press(pilot, "e")
        await write_over(stage, pilot, "Chengdu")
        assert "is no time zone" in text(pilot)
        await stage.press(pilot, "escape")
        assert facts.of(stage.store, lijing) == []

    on_file(stage, lijing, story)


def test_a_need_is_written_changed_and_taken_off(stage: Stage, lijing: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "N", "plus", "1", "5", "1", "4")
        await write_over(stage, pilot, "a book")
        assert [(one.kind, one.strength, one.switching, one.detail) for one in needs.of(stage.store, lijing)] == [
            ("brand", 3, None, "a book")
        ]
        await stage.press(pilot, "enter", "3", "2", "enter")
        assert [(one.strength, one.switching, one.detail) for one in needs.of(stage.store, lijing)] == [
            (1, 2, "a book")
        ]
        await stage.press(pilot, "minus")
        assert needs.of(stage.store, lijing) == []
        await stage.press(pilot, "u")
        assert len(needs.of(stage.store, lijing)) == 1
        assert "a name of their own" in text(pilot)

    on_file(stage, lijing, story)


def test_an_offer_for_a_need_is_added_where_it_is_missing(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "N", "plus", "2", "1")
        await write_over(stage, pilot, "Coupon")
        await stage.press(pilot, "enter")
        assert "Coupon" in text(pilot)
        assert "nothing yet" not in text(pilot)

    on_file(stage, filled, story)


def test_an_offer_is_taken_off_for_everybody_and_brought_back(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        (offer,) = needs.offers(stage.store)
        await stage.press(pilot, "N")
        await to_line(stage, pilot, screen, ("offer", "brand", offer.id))
        await stage.press(pilot, "minus")
        assert in_passing(pilot.app, "Taken off.")
        assert needs.offers(stage.store) == []
        assert "Front page" not in text(pilot)
        await stage.press(pilot, "u")
        assert needs.offers(stage.store) == [offer]
        assert "Front page" in text(pilot)

    on_file(stage, filled, story)


def test_dates_and_what_has_happened_are_added(stage: Stage, lijing: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "D", "plus", "1")
        await write_over(stage, pilot, "Festival")
        await write_over(stage, pilot, "31 February")
        assert "is no day" in text(pilot)
        await write_over(stage, pilot, "农历八月十五")
        await stage.press(pilot, "plus", "2")
        await write_over(stage, pilot, "New job")
        await write_over(stage, pilot, "2025-11")
        shown = text(pilot)
        assert "lunar 08-15" in shown
        assert "in 237 days" in shown
        assert "New job" in shown
        await to_line(stage, pilot, screen, screen.items[0].key)
        await stage.press(pilot, "enter", "enter")
        await write_over(stage, pilot, "02-01")
        assert [str(one.on) for one in life.dates(stage.store, [lijing])] == ["02-01"]
        assert "tomorrow" in text(pilot)

    on_file(stage, lijing, story)


def test_an_address_consent_and_that_they_want_no_contact(stage: Stage, lijing: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "C", "plus", "1", "3")
        await write_over(stage, pilot, "li@example.org")
        await stage.press(pilot, "2")
        (one,) = contacts.of(stage.store, lijing)
        assert (one.channel, one.value, one.consent) == ("email", "li@example.org", "given")
        await stage.press(pilot, "y")
        assert pilot.app.clipboard == "li@example.org"
        await stage.press(pilot, "plus", "2", "1")
        await write_over(stage, pilot, "asked us to stop")
        await write_over(stage, pilot, "2026-02-14")
        await stage.press(pilot, "g")
        assert "no contact at all until 2026-02-14: asked" in text(pilot)
        await stage.press(pilot, "minus")
        assert refusals.of(stage.store, [lijing], make.ms(31)) == {}
        assert "no contact at all" not in text(pilot)

    on_file(stage, lijing, story)


def test_another_address_does_not_take_the_consent_along(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "C", "G", "enter")
        await write_over(stage, pilot, "lijing_new")
        await stage.press(pilot, "enter")
        assert [(one.value, one.consent) for one in contacts.of(stage.store, filled)] == [("lijing_new", "unknown")]

    on_file(stage, filled, story)


def test_a_link_is_put_on_the_file_and_a_missing_file_is_not(stage: Stage, lijing: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "F", "plus")
        await write_over(stage, pilot, "/nowhere/contract.pdf")
        await write_over(stage, pilot, "Contract")
        assert in_passing(pilot.app, "contract.pdf")
        assert life.attachments(stage.store, lijing) == []
        await stage.press(pilot, "plus")
        await write_over(stage, pilot, "https://example.org/contract")
        await write_over(stage, pilot, "Contract")
        assert [one.title for one in life.attachments(stage.store, lijing)] == ["Contract"]

    on_file(stage, lijing, story)


def test_a_delivery_is_written_where_it_is_owed(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B")
        owed = next(item for item in screen.items if item.key[0] == "deliverable")  # type: ignore[index]
        assert owed.style == "alert"
        await to_line(stage, pilot, screen, owed.key)
        await stage.press(pilot, "enter")
        await write_over(stage, pilot, "2026-01-30")
        await write_over(stage, pilot, "https://weibo.example/1")
        assert "delivered on 2026-01-30" in text(pilot)

    on_file(stage, filled, story)


def test_owner_and_tags_are_changed_from_the_overview(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await to_line(stage, pilot, screen, ("owner",))
        await stage.press(pilot, "enter", "1")
        assert owners.of(stage.store, [filled]) == {filled: "chen"}
        assert "chen" in text(pilot)
        await to_line(stage, pilot, screen, ("tags",))
        await stage.press(pilot, "enter", "1")
        assert tags.of(stage.store, [filled]) == {}
        await stage.press(pilot, "u", "u")
        assert owners.of(stage.store, [filled]) == {filled: "li"}

    on_file(stage, filled, story)


def test_what_comes_from_elsewhere_is_not_changed_here(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "W", "e")
        assert in_passing(pilot.app, "That is not written here")
        await stage.press(pilot, "minus")
        assert in_passing(pilot.app, "That can't be taken off.")
        await stage.press(pilot, "plus")
        assert "Nothing is added here by hand." in text(pilot)
        assert pilot.app.screen is screen

    on_file(stage, filled, story)


# Several operators.


def test_of_two_who_change_the_same_field_the_second_sees_both_and_chooses(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "P")
        await to_line(stage, pilot, screen, "personality")
        await stage.press(pilot, "enter")
        facts.edit(stage.store, filled, {"personality": "warm"}, "li")
        await write_over(stage, pilot, "quiet")
        assert isinstance(pilot.app.screen, Clashing)
        shown = text(pilot)
        assert "li has changed it since you opened it." in shown
        assert "theirs: warm" in shown
        assert "yours: quiet" in shown
        await stage.press(pilot, "t")
        assert facts.values(stage.store, [filled], ["personality"]) == {filled: {"personality": "warm"}}
        assert "warm" in text(pilot)
        await stage.press(pilot, "enter")
        facts.edit(stage.store, filled, {"personality": "loud"}, "li")
        await write_over(stage, pilot, "quiet")
        await stage.press(pilot, "m")
        assert facts.values(stage.store, [filled], ["personality"]) == {filled: {"personality": "quiet"}}

    on_file(stage, filled, story)


def test_what_two_change_in_different_places_stays_from_both(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "D")
        birthday = next(one for one in life.dates(stage.store, [filled]) if one.title == "Birthday")
        await to_line(stage, pilot, screen, ("date", birthday.id))
        await stage.press(pilot, "enter", "enter")
        life.edit_date(stage.store, filled, birthday.id, "li", title="Birthday, at home", was=None)
        await write_over(stage, pilot, "1990-02-05")
        assert pilot.app.screen is screen
        changed = next(one for one in life.dates(stage.store, [filled]) if one.id == birthday.id)
        assert (changed.title, str(changed.on)) == ("Birthday, at home", "1990-02-05")

    on_file(stage, filled, story)


def test_what_a_colleague_took_off_is_asked_about_and_written_again(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "D")
        await to_line(stage, pilot, screen, screen.items[0].key)
        await stage.press(pilot, "enter")
        birthday = life.dates(stage.store, [filled])[0]
        life.remove(stage.store, "important_date", filled, birthday.id, "li")
        await write_over(stage, pilot, "The day")
        await stage.press(pilot, "enter")
        assert "theirs: taken off" in text(pilot)
        await stage.press(pilot, "m")
        assert ("The day", "1990-02-04") in [(one.title, str(one.on)) for one in life.dates(stage.store, [filled])]

    on_file(stage, filled, story)


@pytest.mark.parametrize(("answer", "kept"), [("t", "wang"), ("m", "chen")])
def test_an_owner_whom_a_colleague_chose_meanwhile_is_not_lost(
    stage: Stage, filled: int, answer: str, kept: str
) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "o")
        owners.assign(stage.store, [filled], "wang", "wang")
        await stage.press(pilot, "1")
        assert isinstance(pilot.app.screen, Clashing)
        await stage.press(pilot, answer)
        assert owners.of(stage.store, [filled]) == {filled: kept}

    on_file(stage, filled, story)


@pytest.mark.parametrize("form", ["refusal", "owner"])
def test_what_a_colleague_writes_between_reading_and_writing_is_not_lost(stage: Stage, lijing: int, form: str) -> None:
    store = stage.store
    if form == "refusal":
        wrote, given = refusal_form(lijing, None), {"scope": "all", "reason": "asked us"}
        refusals.refuse(store, lijing, "on leave", "li")
    else:
        wrote, given = owner_form(lijing, ""), {"owner": "chen"}
        owners.assign(store, [lijing], "li", "li")
    with pytest.raises(Conflict, match="li changed"):
        wrote.write(store, "chen", given, None if form == "refusal" else "")


def test_of_two_who_say_that_no_contact_is_wanted_the_second_sees_both(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "C", "enter")
        refusals.refuse(stage.store, filled, "moved abroad", "li", scope="phone")
        await write_over(stage, pilot, "works at night")
        await stage.press(pilot, "enter")
        assert isinstance(pilot.app.screen, Clashing)
        assert "theirs: moved abroad" in text(pilot)
        await stage.press(pilot, "m")
        assert refusals.against(stage.store, filled, "phone", make.ms(31)).reason == "works at night"  # type: ignore[union-attr]

    on_file(stage, filled, story)


def test_what_a_colleague_changes_is_seen_without_opening_it_again(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "P")
        await to_line(stage, pilot, screen, "personality")
        facts.edit(stage.store, filled, {"personality": "warm", "city": "Chengdu"}, "li")
        pilot.app.session.version += 1  # type: ignore[attr-defined]
        screen.catch_up()
        await stage.settle(pilot)
        assert "warm" in text(pilot)
        assert screen.table.cursor_key == "personality"

    on_file(stage, filled, story)


def test_the_history_of_a_line_says_who_changed_it_and_what_it_said_before(stage: Stage, filled: int) -> None:
    facts.edit(stage.store, filled, {"personality": "warm"}, "li")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "P")
        await to_line(stage, pilot, screen, "personality")
        assert "shy → warm" in screen.sheet.text
        await stage.press(pilot, "H")
        assert isinstance(pilot.app.screen, Reading)
        lines = [line.strip() for line in text(pilot).splitlines()]
        assert lines.index("12:00 li") < lines.index("shy → warm") < lines.index("12:00 chen") < lines.index("shy")

    on_file(stage, filled, story)
    assert [one.undone_at for one in history.of(stage.store, "fact", creator_id=filled, field="personality")] == [
        None,
        None,
    ]


# Who else they may be.


def test_merges_are_taken_apart_and_suggestions_lead_to_where_they_are_decided(stage: Stage) -> None:
    add_alike(stage.store)
    lijing = make.creator(stage.store, "w1", "weibo")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "M")
        assert "may be the same" in text(pilot)
        await stage.press(pilot, "enter")
        assert isinstance(pilot.app.screen, MergingScreen)
        await stage.press(pilot, "y", "escape")
        assert "the same person" in text(pilot)
        await stage.press(pilot, "g", "minus")
        assert [one.undone_by for one in merges.of(stage.store, lijing)] == ["chen"]
        assert "not the same" in text(pilot)

    on_file(stage, lijing, story)
    matching.refresh(stage.store)


# Harm.


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
def test_texts_that_mean_harm_change_no_section(empty_stage: Stage, size: tuple[int, int]) -> None:
    store = empty_stage.store
    make.write(
        store,
        make.person("u1", name=HOSTILE, bio=HOSTILE, metrics={"followers": 10**15}),
        make.posted("u1", 28, HOSTILE, likes=10**15),
        origin=make.source(store),
        day=29,
    )
    standing.refresh(store)
    person = make.creator(store, "u1")
    facts.edit(store, person, {"personality": HOSTILE}, HOSTILE)
    needs.write(store, person, "money", HOSTILE, strength=3, detail=HOSTILE)
    needs.add_offer(store, HOSTILE, "money", HOSTILE, HOSTILE)
    life.add_date(store, person, HOSTILE, Recurring(2, 29), HOSTILE)
    life.add_event(store, person, HOSTILE, Told(), HOSTILE)
    contacts.add(store, person, HOSTILE, HOSTILE, HOSTILE)
    refusals.refuse(store, person, HOSTILE, HOSTILE)
    life.attach(store, person, "https://example.org/[bold]", HOSTILE, HOSTILE)
    agreements.new(store, person, Terms(HOSTILE, HOSTILE, HOSTILE), HOSTILE, title=HOSTILE)
    owners.assign(store, [person], HOSTILE, HOSTILE)
    tags.tag(store, [person], "[b]x", HOSTILE)
    notes.note(store, person, HOSTILE, HOSTILE)

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        for key in KEYS:
            await empty_stage.press(pilot, key)
            for then in ("tab", "tab", "G", "H"):
                await empty_stage.press(pilot, then)
                for line in screen_lines(pilot.app):
                    assert {unicodedata.category(letter) for letter in line}.isdisjoint({"Cc", "Cf", "Cs"}), line
            if isinstance(pilot.app.screen, Reading):
                await empty_stage.press(pilot, "escape")
            assert pilot.app.screen is screen

    on_file(empty_stage, person, story, size=size)


def test_without_colour_the_section_in_sight_is_still_told(
    stage: Stage, filled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "N")
        drawn = screen.query_one("#tabs", Bar).render_line(0)
        shown = [segment.text for segment in drawn if segment.style is not None and segment.style.reverse]
        assert "".join(shown) == " N Needs "

    on_file(stage, filled, story, size=(80, 24))


@pytest.mark.parametrize(("width", "least"), [(80, 8), (40, 2)])
def test_as_many_sections_are_named_as_fit_and_the_one_in_sight_always(
    stage: Stage, filled: int, width: int, least: int
) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        for key in KEYS:
            await stage.press(pilot, key)
            told = screen.query_one("#tabs", Bar).text
            named = [part for part in screen.parts if f"{part.key} {part.title} " in told]
            left_out = [part for part in screen.parts if part not in named]
            assert screen.part.key == key
            assert screen.part in named
            assert len(named) >= least
            assert [word for word in told.split() if len(word) == 1] == KEYS
            assert len(told) <= width < len(told) + min(len(part.title) + 1 for part in left_out)

    on_file(stage, filled, story, size=(width, 24))


def test_what_can_be_added_is_asked_for_where_there_are_several(stage: Stage, filled: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "C", "plus")
        assert isinstance(pilot.app.screen, Choose)
        assert "A way to reach them" in text(pilot)
        await stage.press(pilot, "escape")
        assert pilot.app.screen is screen

    on_file(stage, filled, story)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.key)
def test_columns_have_words_of_their_own_which_lists_of_people_do_not_share(part: type[Part]) -> None:
    """'What' is a figure above a leaderboard, and 'Who' a creator above a list: translated, they mean that alone."""
    assert {column.label for column in part().columns()}.isdisjoint({"What", "Who", "Since"})


@pytest.mark.parametrize(("amount", "told"), [(Amount(200, "points"), True), (Amount(20_000, "CNY"), False)])
def test_a_balance_of_points_is_told_of_those_alone_who_got_points(
    stage: Stage, lijing: int, amount: Amount, told: bool
) -> None:
    incentives.grant(stage.store, lijing, "points" if told else "cash", amount, "chen", reason="well done")
    shown = BusinessPart().load(Whose(stage.store, lijing, None, now()))
    assert any(item.key == ("points",) for item in shown.items) is told


def test_a_sequence_is_paused_where_it_stands_on_the_file_and_taken_back(stage: Stage, lijing: int) -> None:
    plans = [{"name": "A", "steps": [{"channel": "weibo", "days": 3}]}]
    sequence_id = sequences.save(stage.store, parse({"name": "SOP", "plans": plans}), "chen")
    (one,) = enrolments.enrol(stage.store, sequence_id, [lijing], "chen").ids

    def state() -> str:
        return enrolments.get(stage.store, one).state

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B")
        await to_line(stage, pilot, screen, ("enrolment", one))
        await stage.press(pilot, "enter", "2")
        assert state() == "paused"
        await stage.press(pilot, "u")
        assert state() == "active"
        await stage.press(pilot, "enter", "3")
        assert state() == "stopped"

    on_file(stage, lijing, story)
