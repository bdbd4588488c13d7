"""Agreements and incentives in a person's file: written, moved on and taken back where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.domain import periods
from kolbench.domain.agreements import Terms
from kolbench.domain.incentives import Amount
from kolbench.screens.cautioning import Cautioning
from kolbench.screens.choose import Choose
from kolbench.screens.clashing import Clashing
from kolbench.screens.creator import CreatorScreen
from kolbench.store import agreements, budgets, decisions, incentives, rewards
from stage import Stage, in_passing, on_file, said, text, to_line, write

if TYPE_CHECKING:
    from textual.pilot import Pilot

SIZES = [(120, 40), (80, 24)]


@pytest.fixture
def lijing(stage: Stage) -> int:
    return make.creator(stage.store, "w1", "weibo")


def draft(stage: Stage, who: int, **terms: str) -> int:
    """An agreement that nobody has seen yet."""
    return agreements.new(stage.store, who, Terms("two films", "10 %", **terms), "li", title="Spring films")  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
def test_an_agreement_is_drafted_and_taken_back(stage: Stage, lijing: int, size: tuple[int, int]) -> None:
    brief = make.brief(stage.store)
    decisions.decide(stage.store, brief, [lijing], "shortlisted", "chen")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B", "plus", "1")
        await write(stage, pilot, "Spring films", "")
        assert "Write a word or two." in text(pilot)
        await write(stage, pilot, "two films", "10 %")
        await stage.press(pilot, "1")
        await write(stage, pilot, "films about tea", "some day")
        assert "is no whole day" in text(pilot)
        await write(stage, pilot, "2026-06-30")
        await stage.press(pilot, "2")
        (made,) = agreements.of(stage.store, lijing)
        assert made.terms == Terms("two films", "10 %", "films about tea", "share", ends_on="2026-06-30")
        assert (made.title, made.state, made.brief_id) == ("Spring films", "draft", brief)
        assert "Spring films" in text(pilot)
        await stage.press(pilot, "u")
        assert agreements.of(stage.store, lijing) == []

    on_file(stage, lijing, story, size)


@pytest.mark.parametrize("size", SIZES)
def test_an_agreement_goes_from_draft_to_its_end_by_possible_moves_alone(
    stage: Stage, lijing: int, size: tuple[int, int]
) -> None:
    made = draft(stage, lijing)

    def state() -> str:
        return agreements.get(stage.store, made).state

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B")
        await to_line(stage, pilot, screen, ("agreement", made))
        for offered, keys, reason, then in (
            (["offered", "signed", "declined"], "1", "", "offered"),
            (["signed", "declined"], "1", "by e-mail", "signed"),
            (["ended", "broken", "renewed"], "1", "the season is over", "ended"),
            (["offered", "renewed"], "1", "", "offered"),
        ):
            await stage.press(pilot, "enter", "1")
            assert isinstance(pilot.app.screen, Choose)
            assert [one.label for one in pilot.app.screen._choices] == offered
            await stage.press(pilot, keys)
            await write(stage, pilot, reason)
            assert state() == then
            assert agreements.events(stage.store, made)[0].reason == (reason or None)
        await stage.press(pilot, "u", "u")
        assert state() == "signed"

    on_file(stage, lijing, story, size)


def test_a_term_is_changed_by_another_version_and_the_history_tells_what_it_said(stage: Stage, lijing: int) -> None:
    made = draft(stage, lijing)
    agreements.move(stage.store, made, "offered", "li")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B")
        await to_line(stage, pilot, screen, ("agreement", made))
        await stage.press(pilot, "e", "3")
        await write(stage, pilot, "12 %")
        assert [one.terms.gets for one in agreements.versions(stage.store, made)] == ["12 %", "10 %"]
        assert agreements.get(stage.store, made).version == 1, "what was offered still counts"
        assert "gets: 10 % → 12 %" in text(pilot)
        await stage.press(pilot, "enter", "1")
        for told in ("offered, version 2", "signed, version 1", "signed, version 2", "declined, version 1"):
            assert told in text(pilot)
        await stage.press(pilot, "3")
        await write(stage, pilot, "")
        assert agreements.get(stage.store, made).terms.gets == "12 %"
        await stage.press(pilot, "u", "u")
        assert agreements.get(stage.store, made).newest == 1

    on_file(stage, lijing, story)


def test_an_agreement_is_renewed_until_another_day(stage: Stage, lijing: int) -> None:
    made = draft(stage, lijing, ends_on="2026-06-30")
    agreements.move(stage.store, made, "signed", "li")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B")
        await to_line(stage, pilot, screen, ("agreement", made))
        await stage.press(pilot, "enter", "1", "3")
        await write(stage, pilot, "2026-12-31", "")
        renewed = agreements.get(stage.store, made)
        assert (renewed.state, renewed.version, renewed.terms.ends_on) == ("renewed", 2, "2026-12-31")

    on_file(stage, lijing, story)


def test_what_speaks_against_signing_is_told_before_it_is_written(stage: Stage, lijing: int) -> None:
    made = draft(stage, lijing)
    make.write(
        stage.store, make.counted("w1", 30, followers=179_000), origin=make.source(stage.store, "weibo-list", "weibo")
    )
    agreements.add_version(stage.store, made, "li", exclusivity="films about tea", basis="buy-out")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B")
        await to_line(stage, pilot, screen, ("agreement", made))
        await stage.press(pilot, "enter", "1", "2")
        await write(stage, pilot, "")
        assert isinstance(pilot.app.screen, Cautioning)
        for told in ("to 179,000 followers in 14 days", "A share binds longer", "Exclusivity without an end"):
            assert told in said(pilot)
        await stage.press(pilot, "escape")
        assert agreements.get(stage.store, made).state == "draft"
        await stage.press(pilot, "enter", "1", "2")
        await write(stage, pilot, "")
        await stage.press(pilot, "y")
        assert agreements.get(stage.store, made).state == "signed"

    on_file(stage, lijing, story)


def test_a_term_that_makes_nothing_worse_is_changed_without_a_word(stage: Stage, lijing: int) -> None:
    made = draft(stage, lijing, basis="buy-out")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B")
        await to_line(stage, pilot, screen, ("agreement", made))
        await stage.press(pilot, "enter", "2")
        await write(stage, pilot, "three films")
        assert agreements.get(stage.store, made).terms.gives == "three films"
        await stage.press(pilot, "enter", "5")
        await write(stage, pilot, "films about tea")
        assert isinstance(pilot.app.screen, Cautioning)
        assert "Exclusivity without an end" in text(pilot)
        assert "A share binds longer" not in text(pilot), "that was known before"

    on_file(stage, lijing, story, (80, 24))


def test_what_a_colleague_made_of_an_agreement_meanwhile_is_shown(stage: Stage, lijing: int) -> None:
    made = draft(stage, lijing)

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B")
        await to_line(stage, pilot, screen, ("agreement", made))
        await stage.press(pilot, "enter", "1", "2")
        agreements.move(stage.store, made, "declined", "li", reason="too little")
        await write(stage, pilot, "")
        assert isinstance(pilot.app.screen, Clashing)
        for told in ("li has changed it", "theirs: declined", "yours: signed"):
            assert told in text(pilot)
        await stage.press(pilot, "t")
        assert agreements.get(stage.store, made).state == "declined"
        await stage.press(pilot, "enter", "3")
        agreements.add_version(stage.store, made, "li", gets="15 %")
        await write(stage, pilot, "12 %")
        assert "theirs: 15 %" in text(pilot)
        await stage.press(pilot, "m")
        assert [one.terms.gets for one in agreements.versions(stage.store, made)] == ["12 %", "15 %", "10 %"]

    on_file(stage, lijing, story)


def test_something_more_is_owed_and_no_longer(stage: Stage, lijing: int) -> None:
    draft(stage, lijing)
    second = agreements.new(stage.store, lijing, Terms("a post", "tea"), "li", title="Tea")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B", "plus", "2", "1")
        await write(stage, pilot, "The first post", "+14d")
        (owed,) = agreements.deliverables(stage.store, [second])
        assert (owed.title, owed.due_on) == ("The first post", "2026-02-14")
        await to_line(stage, pilot, screen, ("deliverable", owed.id))
        await stage.press(pilot, "minus")
        assert agreements.deliverables(stage.store, [second]) == []
        await stage.press(pilot, "u")
        assert agreements.deliverables(stage.store, [second]) == [owed]

    on_file(stage, lijing, story)


@pytest.mark.parametrize(
    ("kind", "answers", "amount", "reason"),
    [
        ("1", ("Tea master of May", "for the films"), Amount(1, "piece"), "Tea master of May · for the films"),
        ("6", ("20 元", ""), Amount(2_000, "CNY"), None),
        ("7", ("Tea set", ""), Amount(1, "piece"), "Tea set"),
        ("8", ("¥50", "order 4711"), Amount(5_000, "CNY"), "order 4711"),
        ("9", ("120", "star of the week"), Amount(120, "points"), "star of the week"),
    ],
)
def test_an_incentive_is_given_shown_and_reversed_for_a_reason(
    stage: Stage, lijing: int, kind: str, answers: tuple[str, str], amount: Amount, reason: str | None
) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B", "plus", "2", kind)
        await write(stage, pilot, *answers)
        (given,) = incentives.entries(stage.store, lijing)
        assert (given.told, given.reason) == (amount, reason)
        await to_line(stage, pilot, screen, ("incentive", given.id))
        assert f"Entry {given.id}: chen, 2026-01-31" in text(pilot)
        await stage.press(pilot, "minus")
        await write(stage, pilot, "")
        assert "Write a word or two." in text(pilot)
        await write(stage, pilot, "the wrong person")
        assert [one.reason for one in incentives.entries(stage.store, lijing)] == ["the wrong person", reason]
        await stage.press(pilot, "u")
        assert sum(one.amount for one in incentives.entries(stage.store, lijing)) == amount.n

    on_file(stage, lijing, story)


def test_an_amount_that_means_nothing_is_asked_for_again(stage: Stage, lijing: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B", "plus", "2", "8")
        await write(stage, pilot, "a lot")
        assert "a lot" in text(pilot)
        await stage.press(pilot, "escape")
        assert incentives.entries(stage.store, lijing) == []

    on_file(stage, lijing, story)


def test_a_grant_beyond_its_budget_is_told_before_it_is_given(stage: Stage, lijing: int) -> None:
    budgets.plan(stage.store, [(periods.parse("2026-01"), Amount(4_000, "CNY"))], "li")
    budgets.plan(stage.store, [(periods.parse("2025-12"), Amount(1, "CNY"))], "li")

    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B", "plus", "2", "8")
        await write(stage, pilot, "50 CNY", "")
        assert "With that, the budget for 2026-01 is overspent: 50.00 CNY of 40.00 CNY." in " ".join(
            text(pilot).split()
        )
        assert "2025-12" not in text(pilot)
        await stage.press(pilot, "escape")
        assert incentives.entries(stage.store, lijing) == []

    on_file(stage, lijing, story)


def test_points_buy_what_the_catalogue_has(stage: Stage, lijing: int) -> None:
    async def story(pilot: Pilot[int], screen: CreatorScreen) -> None:
        await stage.press(pilot, "B", "plus", "3")
        await write(stage, pilot, "Tea mug", "100")
        await stage.press(pilot, "7")
        await write(stage, pilot, "1", "")
        assert [(one.name, one.price, one.left) for one in rewards.catalogue(stage.store)] == [("Tea mug", 100, None)]
        await stage.press(pilot, "plus", "3", "1")
        assert in_passing(pilot.app, "'Tea mug' costs 100 points, and they have 0.")
        incentives.grant(stage.store, lijing, "points", Amount(120, "points"), "li")
        await stage.press(pilot, "plus", "3")
        assert "they have 120 points" in text(pilot)
        await stage.press(pilot, "1")
        assert incentives.balance(stage.store.reader(), lijing) == 20
        await stage.press(pilot, "u")
        assert incentives.balance(stage.store.reader(), lijing) == 120

    on_file(stage, lijing, story)
