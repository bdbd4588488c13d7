"""The programme's screen: every section empty and filled, gone into, acted on, and taken back."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import msgspec
import pytest

import make
from kolbench.domain.agreements import Terms
from kolbench.domain.clock import now
from kolbench.domain.incentives import Amount, RewardRule
from kolbench.domain.rule_sets import parse
from kolbench.programme import rule_sets as writing
from kolbench.screens.choose import Choose
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.programme.batch import rule_in_words
from kolbench.screens.programme.screen import SECTIONS, ProgrammeScreen
from kolbench.screens.reading import Reading
from kolbench.screens.view import Item, Listing
from kolbench.store import (
    agreements,
    budgets,
    incentives,
    ladders,
    proposals,
    rewards,
    rule_sets,
    violations,
)
from programme_scene import RULES, fill_programme, people
from stage import Stage, fill_file, in_passing, screen_lines, text, to, write

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp
    from kolbench.store.violations import Violation

    Story = Callable[[Pilot[int], ProgrammeScreen], Awaitable[object]]

HOSTILE = "[bold]\x1b[31m\u202etext\u2066[/]中文👨‍👩‍👧‍👦"


@pytest.fixture
def filled(stage: Stage) -> Stage:
    """A stage on which something has happened in every section."""
    fill_file(stage.store, make.creator(stage.store, "w1", "weibo"))
    fill_programme(stage.store)
    return stage


def on_programme(stage: Stage, section: str, story: Story, size: tuple[int, int] = (120, 40)) -> None:
    """Play a story in a section."""

    async def opened(app: KolbenchApp, pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, ProgrammeScreen)
        await stage.press(pilot, *"l" * list(SECTIONS).index(section))
        await story(pilot, screen)

    stage.play(opened, size=size, screen="programme")


def newest(stage: Stage) -> Violation:
    """The violation that was written down last."""
    return violations.get(stage.store, max(violations.order(stage.store)))


# All sections.


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (
            "rules",
            ["House rules, version 2", "3 people", "knows version 1", "B: followers >= 20k", "insult: No"],
        ),
        ("violations", ["2026-01-27", "exempted: the", "friendly reminder", "The rules say: A written warning."]),
        ("audit", ["Like violations, unlike sanctions", "Like figures, unlike rewards", "Exemptions", "grade 'C'"]),
        ("incentives", ["2026-W04", "100.00 of 150.00 CNY", "over: 200.00 CNY", "4 entries", "1 person", "given"]),
        ("agreements", ["11 days late", "First note", "in 10 days", "Winter tests", "They do: four notes"]),
    ],
)
def test_each_section_shows_what_there_is(filled: Stage, section: str, told: list[str]) -> None:
    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        for one in told:
            assert one in text(pilot)

    on_programme(filled, section, story)


def test_the_sections_say_how_much_waits_in_them(filled: Stage) -> None:
    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        line = screen_lines(pilot.app)[1]
        assert " ".join(line.split()) == "Rules 4 Violations 2 Audit Incentives 1 Agreements 3 Sequences"

    on_programme(filled, "rules", story)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("rules", "kolbench rules example"),
        ("violations", "+ writes a violation down"),
        ("audit", "Like cases were treated alike"),
        ("incentives", "+ gives something, plans a budget"),
        ("agreements", "+ drafts one with somebody"),
    ],
)
def test_an_empty_section_says_what_to_do_next(empty_stage: Stage, section: str, told: str) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        assert told in " ".join(text(pilot).split())
        for key in ("d", "x", "r", "minus", "u"):
            await empty_stage.press(pilot, key)
            assert pilot.app.screen is screen

    on_programme(empty_stage, section, story, (80, 24))


@pytest.mark.parametrize("section", SECTIONS)
def test_every_row_can_be_gone_into_and_left_on_a_small_terminal(filled: Stage, section: str) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        for row in range(screen.table.total or 0):
            await filled.press(pilot, "enter", "j")
            if pilot.app.screen is screen:
                await filled.press(pilot, "enter")
            while pilot.app.screen is not screen or len(screen.trails[section]) > 1:
                await filled.press(pilot, "escape")
            assert screen.table.cursor == row
            await filled.press(pilot, "j")

    on_programme(filled, section, story, (40, 12))


@pytest.mark.parametrize("section", SECTIONS)
def test_it_speaks_chinese(filled: Stage, section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", "zh_CN")

    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        assert "候选" in screen_lines(pilot.app)[0]
        assert "帮助" in text(pilot)

    on_programme(filled, section, story, (80, 24))


def test_hostile_texts_are_harmless_in_every_list(filled: Stage) -> None:
    store = filled.store
    with store.writing() as db:
        db.execute("UPDATE creator SET name = ?", (HOSTILE,))
        db.execute("UPDATE standing SET name = ?", (HOSTILE,))
    lijing = make.creator(store, "w1", "weibo")
    incentives.grant(store, lijing, "points", Amount(1, "points"), "chen", reason=HOSTILE)
    violations.add(store, lijing, "spam", HOSTILE, HOSTILE, now(), "chen\x1b[2J")

    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        for _section in SECTIONS:
            for key in ("j", "enter", "enter", "escape", "escape", "l"):
                await filled.press(pilot, key)
                for line in screen_lines(pilot.app):
                    assert {unicodedata.category(letter) for letter in line}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})

    on_programme(filled, "rules", story)


def test_what_a_colleague_writes_comes_in_sight(filled: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        violations.add(filled.store, people(filled.store)[4], "fraud", "bought fans", "a table", now(), "li")
        screen.session.version += 1
        screen.catch_up()
        await filled.settle(pilot)
        assert "fraud" in text(pilot)
        assert "Violations 3" in text(pilot)

    on_programme(filled, "violations", story)


def test_a_key_pressed_before_the_rows_are_there_means_none_of_another_list(filled: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        screen.show_section("violations")
        screen.action_act("decide")
        assert screen.item is None
        await filled.settle(pilot)
        assert pilot.app.screen is screen
        assert screen.item is not None

    on_programme(filled, "rules", story)


# Rules.


def test_counts_open_to_the_people_and_these_to_their_files(filled: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "knows version 1")
        await filled.press(pilot, "enter")
        assert "莫莫护肤笔记" in text(pilot)
        await filled.press(pilot, "enter")
        assert isinstance(pilot.app.screen, CreatorScreen)
        await filled.press(pilot, "escape", "escape")
        await to(filled, pilot, screen, "A: followers")
        await filled.press(pilot, "enter")
        assert "held there" in text(pilot)
        assert "小雨" in text(pilot)

    on_programme(filled, "rules", story)


def test_who_has_acknowledged_the_rules_is_written_down_and_taken_back(filled: Stage) -> None:
    store = filled.store

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "Don't know it")
        await filled.press(pilot, "enter", " ", "j", " ", "y", "1")
        assert in_passing(pilot.app, "2 people know the rules")
        assert len(rule_sets.unaware(store)) == 2
        await filled.press(pilot, "u")
        assert len(rule_sets.unaware(store)) == 4

    on_programme(filled, "rules", story)


def test_a_dry_run_says_who_would_move_and_why_and_writes_nothing_until_confirmed(filled: Stage) -> None:
    store = filled.store
    sara = make.creator(store, "x4", "xiaohongshu")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "Dry run")
        await filled.press(pilot, "enter")
        assert "at once" in text(pilot)
        assert ladders.current(store, "stage", [sara]) == {}
        await filled.press(pilot, "y", "enter")
        assert ladders.current(store, "stage", [sara]) == {}, "the first answer leaves it"
        await filled.press(pilot, "y", "down", "enter")
        assert ladders.current(store, "stage", [sara])[sara].name == "early"
        assert "Nobody would move" in text(pilot)
        await filled.press(pilot, "u")
        assert ladders.current(store, "stage", [sara]) == {}
        assert "at once" in text(pilot)

    on_programme(filled, "rules", story)


def test_a_dry_run_shows_the_figures_on_which_a_demotion_rests(filled: Stage) -> None:
    lijing = make.creator(filled.store, "w1", "weibo")
    ladders.hold(filled.store, "grade", [lijing], "A", "li", "for now")
    ladders.lift(filled.store, "grade", [lijing], "li", "no more")
    rules = parse({**RULES, "grades": [*RULES["grades"][:2], {"name": "A", "stay": ["followers >= 1m"]}]})
    rule_sets.save(filled.store, rules, "li")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "Dry run")
        await filled.press(pilot, "enter")
        await to(filled, pilot, screen, "李静")
        assert "followers 91,300 (not followers >= 1m)" in text(pilot)
        assert "2026-02-01" in text(pilot), "people are demoted on schedule"

    on_programme(filled, "rules", story)


def test_rules_from_a_file_are_compared_and_put_in_force_after_a_question(filled: Stage, tmp_path: Path) -> None:
    store, file = filled.store, tmp_path / "rules.toml"
    file.write_text(writing.example().replace('name = "House rules"', 'name = "New rules"'), "utf-8")

    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "plus")
        await write(filled, pilot, str(file))
        assert "Who would move by New rules" in text(pilot)
        assert "- House rules" in text(pilot)
        await filled.press(pilot, "y", "enter")
        assert rule_sets.require(store).version == 2
        await filled.press(pilot, "y", "down", "enter")
        assert rule_sets.require(store).rules.name == "New rules"
        assert "New rules, version 3" in text(pilot)
        before = violations.order(store)
        await filled.press(pilot, "u")
        assert in_passing(pilot.app, "That stays")
        assert violations.order(store) == before, "no other act is taken back in its place"
        await filled.press(pilot, "G", "k", "enter")
        assert "Who would move by version 2" in text(pilot)
        await filled.press(pilot, "y", "down", "enter")
        assert rule_sets.require(store).version == 4
        assert rule_sets.require(store).rules == rule_sets.require(store, 2).rules

    on_programme(filled, "rules", story)


def test_a_file_with_mistakes_names_them_and_changes_nothing(filled: Stage, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('name = "x"\nstages = 3\n', "utf-8")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "plus")
        await write(filled, pilot, str(file))
        assert in_passing(pilot.app, "stages")
        assert len(screen.trails["rules"]) == 1

    on_programme(filled, "rules", story)


def test_a_version_says_what_it_changed(filled: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "G", "k")
        shown = text(pilot)
        assert "acknowledge_days" in shown
        assert "- 7" in shown
        await filled.press(pilot, "enter")
        assert isinstance(pilot.app.screen, Reading), "the one in force is not asked again"

    on_programme(filled, "rules", story)


# Violations.


def test_a_violation_is_written_down_and_taken_back(filled: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "plus")
        await write(filled, pilot, "测评")
        assert isinstance(pilot.app.screen, Choose)
        await filled.press(pilot, "3")
        await write(filled, pilot, "called names", "https://example.org/shot", "yesterday")
        made = newest(filled)
        assert (made.name, made.rule, made.text) == ("张伟测评", "insult", "called names")
        assert screen.item is not None
        assert screen.item.key == made.id
        await filled.press(pilot, "u")
        assert made.id not in violations.order(filled.store)

    on_programme(filled, "violations", story)


def test_of_several_with_like_names_one_is_chosen(filled: Stage) -> None:
    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "plus")
        await write(filled, pilot, "的")
        assert isinstance(pilot.app.screen, Choose)
        await filled.press(pilot, "enter")
        assert isinstance(pilot.app.screen, Choose)
        assert "insult" in text(pilot)

    on_programme(filled, "violations", story)


def test_nobody_of_that_name_is_told_and_nothing_is_asked(filled: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "plus")
        await write(filled, pilot, "no such person")
        assert pilot.app.screen is screen
        assert in_passing(pilot.app, "Nobody is called")

    on_programme(filled, "violations", story)


def test_the_ladder_decides_and_anything_else_needs_a_reason(filled: Stage) -> None:
    store = filled.store
    number = violations.order(store)[0]

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "d")
        assert "as the rules say" in text(pilot)
        await filled.press(pilot, "1")
        assert violations.get(store, number).applied == "warning"
        await filled.press(pilot, "u")
        assert violations.get(store, number).sanctioned_at is None
        await to(filled, pilot, screen, "open")
        await filled.press(pilot, "d", "end", "enter", "enter")
        assert "Write a word or two." in text(pilot)
        await write(filled, pilot, "a misunderstanding")
        found = violations.get(store, number)
        assert (found.applied, found.proposed, found.reason) == (None, "warning", "a misunderstanding")

    on_programme(filled, "violations", story)


def test_what_a_colleague_has_decided_meanwhile_is_not_overruled_unseen(filled: Stage) -> None:
    store = filled.store
    number = violations.order(store)[0]

    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "d")
        violations.exempt(store, number, "a misunderstanding", "li")
        await filled.press(pilot, "1")
        assert in_passing(pilot.app, "li has decided about it since")
        assert violations.get(store, number).applied is None
        await filled.press(pilot, "g", "j", "k")
        assert "exempted" in text(pilot)

    on_programme(filled, "violations", story)


def test_a_violation_that_was_none_is_withdrawn_for_a_reason_and_taken_back(filled: Stage) -> None:
    store = filled.store
    number = violations.order(store)[0]

    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "minus")
        await write(filled, pilot, "it was not them")
        assert violations.get(store, number).withdrawn_why == "it was not them"
        assert violations.order(store)[-1] == number
        await filled.press(pilot, "u")
        assert violations.get(store, number).withdrawn_at is None

    on_programme(filled, "violations", story)


def test_the_earlier_ones_that_count_are_named(filled: Stage) -> None:
    store = filled.store
    last, first = violations.order(store)[0], min(violations.order(store))
    assert [one.id for one in violations.counted(store, last)] == [first]
    assert violations.proposal(store, last).earlier == 1
    violations.withdraw(store, first, "it was not them", "li")
    assert violations.counted(store, last) == []


# Audit.


def test_a_finding_opens_to_its_cases_and_these_to_the_people(filled: Stage) -> None:
    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "enter")
        shown = text(pilot)
        assert "nothing (exempted)" in shown
        assert "reminder" in shown
        await filled.press(pilot, "enter")
        assert isinstance(pilot.app.screen, CreatorScreen)

    on_programme(filled, "audit", story)


# Incentives.


def test_a_proposal_is_confirmed_but_for_who_is_left_out_and_taken_back(filled: Stage) -> None:
    store = filled.store
    (waiting,) = proposals.listed(store, waiting=True)
    before = len(incentives.order(store))

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "enter")
        assert "204" in text(pilot)
        await filled.press(pilot, "x")
        assert "left out" in text(pilot)
        await filled.press(pilot, "y")
        assert "Give it to 1 person" in text(pilot)
        await filled.press(pilot, "down", "enter")
        assert proposals.get(store, waiting.id).confirmed_by == "chen"
        made = incentives.of_ids(store, incentives.order(store)[:1])[0]
        assert (made.creator_id, made.value) == (make.creator(store, "w1", "weibo"), 101)
        assert len(screen.trails["incentives"]) == 1
        await filled.press(pilot, "u")
        assert proposals.get(store, waiting.id).open
        assert len(incentives.order(store)) == before + 2, "the entry stays, and one takes it back"

    on_programme(filled, "incentives", story)


def test_the_settings_of_a_rule_are_told_by_their_words(filled: Stage) -> None:
    (waiting,) = proposals.listed(filled.store, waiting=True)
    rule = RewardRule(id="stars", kind="cash", metric="voices", amount="50.00 CNY", period="week", top=3, once=True)
    told = rule_in_words(waiting._replace(definition=msgspec.json.encode(rule).decode()))
    assert told == (
        "rule stars · kind cash · figure People who addressed them · how much 50.00 CNY"
        " · figure comes from a leaderboard · for each week · the first 3 · only once yes"
    )


def test_a_proposal_is_refused_and_taken_back(filled: Stage) -> None:
    store = filled.store

    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "x")
        assert proposals.waiting(store) == 0
        await filled.press(pilot, "u")
        assert proposals.waiting(store) == 1

    on_programme(filled, "incentives", story)


def test_a_budget_is_planned_so_that_it_tapers_opened_to_what_was_spent_and_taken_off(filled: Stage) -> None:
    store = filled.store
    before = len(budgets.listed(store))

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "2026-01")
        await filled.press(pilot, "enter")
        assert "order 4711" in text(pilot)
        assert "star of the week" not in text(pilot), "points are another budget's"
        await filled.press(pilot, "escape", "plus", "2")
        await write(filled, pilot, "2026-Q2", "5000 points", "", "3", "10")
        made = [one.amount for one in budgets.listed(store) if one.unit == "points"]
        assert made == [5_000, 4_500, 4_050]
        await to(filled, pilot, screen, "2026-Q4")
        await filled.press(pilot, "minus")
        assert len(budgets.listed(store)) == before + 2
        await filled.press(pilot, "u", "u")
        assert len(budgets.listed(store)) == before

    on_programme(filled, "incentives", story)


def test_the_ledger_is_narrowed_to_what_holds_all_words(filled: Stage) -> None:
    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "all entries")
        await filled.press(pilot, "enter")
        assert screen.table.total == 4
        await filled.press(pilot, "slash", *"4711 CASH", "enter")
        assert screen.table.total == 1
        assert "order 4711" in text(pilot)
        await filled.press(pilot, "escape")
        assert (screen.table.total, len(screen.trails["incentives"])) == (4, 2), "first the search is left"
        await filled.press(pilot, "escape")
        assert len(screen.trails["incentives"]) == 1

    on_programme(filled, "incentives", story)


def test_what_is_looked_for_is_not_looked_for_to_the_end_when_something_else_is_wanted() -> None:
    read: list[int] = []

    def rows(keys: Sequence[int]) -> list[Item]:
        read.extend(keys)
        listing.superseded = True
        return [Item(key, (str(key),)) for key in keys]

    listing = Listing(lambda: range(10_000), rows)
    listing.sought = "7"
    assert listing.count() < 10_000
    assert len(read) < 10_000


def test_points_open_to_what_was_given_and_an_entry_is_reversed(filled: Stage) -> None:
    store = filled.store
    lijing = make.creator(store, "w1", "weibo")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "of everybody")
        await filled.press(pilot, "enter")
        assert "320 points" in text(pilot)
        await filled.press(pilot, "enter")
        assert "They have 320 points now." in text(pilot)
        await filled.press(pilot, "minus")
        await write(filled, pilot, "twice by mistake")
        assert incentives.balance(store.reader(), lijing) == 200
        await filled.press(pilot, "u")
        assert incentives.balance(store.reader(), lijing) == 320

    on_programme(filled, "incentives", story)


def test_somebody_is_given_something_from_the_ledger_and_it_is_taken_back(filled: Stage) -> None:
    store = filled.store
    ann = make.creator(store, "w4", "weibo")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "all entries")
        await filled.press(pilot, "enter", "plus")
        await write(filled, pilot, "Ann O'Neill")
        await filled.press(pilot, "1", "2")
        await write(filled, pilot, "Best tea film", "May")
        assert "Best tea" in text(pilot)
        (given,) = incentives.entries(store, ann)[:1]
        assert (given.kind, given.reason) == ("medal", "Best tea film · May")
        await filled.press(pilot, "u")
        assert [one.amount for one in incentives.entries(store, ann)][:2] == [-1, 1]

    on_programme(filled, "incentives", story)


def test_points_buy_what_was_put_into_the_catalogue(filled: Stage) -> None:
    store = filled.store
    lijing = make.creator(store, "w1", "weibo")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "what points buy")
        await filled.press(pilot, "enter")
        assert "Points buy nothing yet." in text(pilot)
        await filled.press(pilot, "plus")
        await write(filled, pilot, "Tea mug", "many")
        assert "is no number" in text(pilot)
        await write(filled, pilot, "100")
        await filled.press(pilot, "7")
        await write(filled, pilot, "1", "1")
        assert "gift 1×" in text(pilot)
        await filled.press(pilot, "escape")
        await to(filled, pilot, screen, "of everybody")
        await filled.press(pilot, "enter", "plus", "2", "1")
        assert incentives.balance(store.reader(), lijing) == 220
        await filled.press(pilot, "plus", "2", "1")
        assert in_passing(pilot.app, "None of 'Tea mug' is left.")
        await filled.press(pilot, "u")
        assert incentives.balance(store.reader(), lijing) == 320
        await filled.press(pilot, "escape")
        await to(filled, pilot, screen, "what points buy")
        await filled.press(pilot, "enter", "minus")
        assert rewards.catalogue(store) == []

    on_programme(filled, "incentives", story)


def test_the_ledger_is_written_for_finance(filled: Stage, tmp_path: Path) -> None:
    file = tmp_path / "may.csv"

    async def story(pilot: Pilot[int], _screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "e")
        await write(filled, pilot, str(file))
        await filled.settle(pilot)
        assert in_passing(pilot.app, "4 rows")
        assert file.read_text("utf-8-sig").startswith("entry,at,creator_id,name,kind,amount")

    on_programme(filled, "incentives", story)


# Agreements.


def test_what_came_is_written_down_and_taken_back(filled: Stage) -> None:
    store = filled.store
    ((first, _title), *_others) = agreements.overdue(store, "2026-01-31")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "y")
        await write(filled, pilot, "yesterday", "https://example.org/film")
        assert agreements.deliverables(store, [first.agreement_id])[0].done_on == "2026-01-30"
        assert "First note" not in text(pilot).split("They do")[0]
        await to(filled, pilot, screen, agreements.get(store, first.agreement_id).title)
        assert "delivered on 2026-01-30" in text(pilot)
        assert "https://example.org/film" in text(pilot)
        await filled.press(pilot, "u")
        assert agreements.deliverables(store, [first.agreement_id])[0].done_on is None

    on_programme(filled, "agreements", story)


def test_an_offer_without_an_answer_stands_among_the_agreements_and_is_signed_there(
    filled: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled.store
    monkeypatch.setenv("KOLBENCH_NOW", "2025-12-22T12:00:00+00:00")
    made = agreements.new(store, make.creator(store, "w4", "weibo"), Terms("Travel films", "a trip"), "li")
    agreements.move(store, made, "offered", "li")
    monkeypatch.setenv("KOLBENCH_NOW", "2026-01-31T12:00:00+00:00")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        assert "Agreements 4" in " ".join(text(pilot).split()), "it waits for too long"
        await to(filled, pilot, screen, "Travel films")
        assert screen.item is not None
        assert screen.item.cells == ("2025-12-22", "waits 40 days", "Ann O'Neill", "offered", "Travel films")
        await filled.press(pilot, "d", "1", "1")
        await write(filled, pilot, "by phone")
        assert agreements.get(store, made).in_force
        assert "Agreements 3" in " ".join(text(pilot).split())

    on_programme(filled, "agreements", story)


def test_an_agreement_goes_on_and_something_more_is_owed_by_it(filled: Stage) -> None:
    store = filled.store

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await to(filled, pilot, screen, "Winter tests")
        await filled.press(pilot, "r")
        await write(filled, pilot, "2026-12-31")
        (winter,) = [one for one in agreements.listed(store, "in_force") if one.title == "Winter tests"]
        assert (winter.state, winter.terms.ends_on) == ("renewed", "2026-12-31")
        await filled.press(pilot, "u")
        assert agreements.get(store, winter.id).terms.ends_on == "2026-02-10"
        await filled.press(pilot, "plus", "1")
        await write(filled, pilot, "A third film", "+30d")
        owed = agreements.deliverables(store, [winter.id])
        assert [one.due_on for one in owed if one.title == "A third film"] == ["2026-03-02"]
        assert screen.item is not None
        assert "A third film" in screen.item.cells
        await filled.press(pilot, "minus")
        assert "A third film" not in [one.title for one in agreements.deliverables(store, [winter.id])]

    on_programme(filled, "agreements", story)


def test_an_agreement_is_drafted_with_somebody_and_changed_where_it_stands(filled: Stage) -> None:
    store = filled.store
    ann = make.creator(store, "w4", "weibo")

    async def story(pilot: Pilot[int], screen: ProgrammeScreen) -> None:
        await filled.press(pilot, "plus", "2")
        await write(filled, pilot, "Ann O'Neill", "Travel films", "a film", "a trip")
        await filled.press(pilot, "1")
        await write(filled, pilot, "", "")
        await filled.press(pilot, "1")
        (made,) = agreements.of(store, ann)
        assert (made.title, made.terms.basis, made.brief_id) == ("Travel films", "share", None)
        await to(filled, pilot, screen, "Winter tests")
        await filled.press(pilot, "d", "1", "1")
        await write(filled, pilot, "they moved abroad")
        (winter,) = [one for one in agreements.listed(store, "ended") if one.title == "Winter tests"]
        assert "Winter tests" not in text(pilot)
        await filled.press(pilot, "u")
        assert agreements.get(store, winter.id).in_force

    on_programme(filled, "agreements", story)
