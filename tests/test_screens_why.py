"""Why somebody scores as they do: the parts, what is not known, and the rows behind each part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import make
from kolbench.analysis import candidacy, standing
from kolbench.domain.scoring import Component, Measure
from kolbench.screens import measures
from kolbench.screens.candidates import CandidatesScreen
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.why import EvidenceScreen, WhyScreen
from stage import Stage

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp

HOSTILE = "[bold]\x1b[31m\u202etext\nmore"


async def to(stage: Stage, pilot: Pilot[int], name: str) -> None:
    """Put the cursor on a part."""
    screen = pilot.app.screen
    assert isinstance(screen, WhyScreen)
    await stage.press(pilot, "g")
    while screen.table.cursor_key != name:
        before = screen.table.cursor
        await stage.press(pilot, "j")
        assert screen.table.cursor > before, name


def test_every_part_of_the_general_score_with_its_figures(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "w")
        assert isinstance(app.screen, WhyScreen)
        text = stage.text(app)
        assert "general score" in text
        assert "80% known" in text
        assert "91,300 followers on all accounts" in text
        await to(stage, pilot, "engagement")
        shown = app.screen.sheet.text
        assert "2,979 reactions a work in 90 days / 79,000 followers = 3.8%" in shown
        assert "Formula: rate / (rate + 2.5 %)" in shown
        assert "from 2 observations" in shown
        assert "0.60 × 25% = 15.0" in shown
        await stage.press(pilot, "escape")
        assert isinstance(app.screen, CandidatesScreen)

    stage.play(story)


def test_what_is_not_known_says_so_and_what_would_make_it_known(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "w")
        await to(stage, pilot, "voice")
        assert "unknown" in stage.text(app)
        shown = app.screen.sheet.text  # type: ignore[attr-defined]
        assert "Not known: it counts as 0.1" in shown
        assert "Group chats or comments" in shown

    stage.play(story)


def test_a_brief_has_its_own_parts_what_weighs_most_first(stage: Stage) -> None:
    made = make.brief(stage.store, "Tea", weights={"reach": 90})
    candidacy.score(stage.store, made)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "b", "down", "enter", "w")
        lines = stage.text(app).splitlines()
        assert "Tea" in lines[1]
        assert lines[3].split()[1] == "Reach"
        assert "One of us" in stage.text(app)
        await to(stage, pilot, "inside")
        assert "not a member of our communities" in app.screen.sheet.text  # type: ignore[attr-defined]

    stage.play(story)


def test_the_evidence_of_a_part_is_read_down_to_the_row(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "w")
        await to(stage, pilot, "engagement")
        await stage.press(pilot, "enter")
        assert isinstance(app.screen, EvidenceScreen)
        text = stage.text(app)
        assert "2 pieces of evidence" in text
        assert "三杯鸡的做法" in text
        assert "3,708" in text
        assert "2026-01-28 · work" in app.screen.sheet.text
        await stage.press(pilot, "j")
        assert "年夜饭菜单" in app.screen.sheet.text
        await stage.press(pilot, "escape")
        await to(stage, pilot, "voice")
        await stage.press(pilot, "enter")
        assert "There is no evidence for this part." in stage.text(app)

    stage.play(story)


def test_a_person_who_is_evidence_can_be_opened(stage: Stage) -> None:
    made = make.brief(stage.store)
    candidacy.score(stage.store, made)
    axiao = make.creator(stage.store, "g1", "wechat")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        app.push_screen(WhyScreen(app.session, axiao, made))
        await stage.settle(pilot)
        await to(stage, pilot, "potential")
        await stage.press(pilot, "enter")
        assert "Enter Open" in stage.text(app)
        await stage.press(pilot, "enter")
        assert isinstance(app.screen, CreatorScreen)
        await stage.press(pilot, "escape", "escape")
        await to(stage, pilot, "activity")
        await stage.press(pilot, "enter", "enter")
        assert "Enter Open" not in stage.text(app)
        assert isinstance(app.screen, EvidenceScreen)

    stage.play(story)


def test_the_file_of_a_person_leads_there_too(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter", "w")
        assert isinstance(app.screen, WhyScreen)
        await stage.press(pilot, "w", "escape")
        assert isinstance(app.screen, CandidatesScreen)

    stage.play(story)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
def test_texts_that_mean_harm_change_no_screen(empty_stage: Stage, size: tuple[int, int]) -> None:
    store = empty_stage.store
    make.write(
        store,
        make.person("u1", name=HOSTILE, metrics={"followers": 10**15}),
        make.posted("u1", 28, HOSTILE, likes=10**15),
        origin=make.source(store),
        day=29,
    )
    standing.refresh(store)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await empty_stage.press(pilot, "w")
        assert "\x1b" not in empty_stage.text(app)
        await to(empty_stage, pilot, "engagement")
        await empty_stage.press(pilot, "enter")
        assert "\x1b" not in empty_stage.text(app)
        assert "1,000,000,000,000,000" in app.screen.sheet.text  # type: ignore[attr-defined]

    empty_stage.play(story, size=size)


@pytest.mark.parametrize(
    ("name", "measure", "told"),
    [
        ("growth", Measure(0.0, 3.0, 4_000, 1_000, 90, 0, 0, "anomaly"), "4,000 followers from 1970-01-01"),
        ("fans", Measure(0.5, 0.5, 50, None, 40, None, 0, "followers + loyalty"), "credible followers, fans who come"),
        ("portability", Measure(0.5, 0.25, 10, 40, 40, None, 0, "engaged"), "10 of 40 fans"),
        ("fit", Measure(0.5, 0.25, 3, 10, 10, None, 0, "posts + messages"), "3 of 10 texts (works, messages) have"),
        (
            "fit",
            Measure(0.6, 0.95, 1, 1, 1, None, 0, "self"),
            "1 of 1 texts (name and bio ×3) have its words; weighed, 95.0%",
        ),
        ("growth", Measure(None, None, 900, None, None, 0, 0, "gained"), "900 followers gained from 1970-01-01"),
        ("reach", Measure(0.3, 1e3, 1e3, None, 1, None, 0, "views_month"), "views that stand for 1,000 followers"),
        (
            "activity",
            Measure(0.3, 2, 8, None, 8, 0, 0, "counted"),
            "8 works from 1970-01-01 to 1970-01-01, as the source",
        ),
        ("audience", Measure(0.5, 0.25, 10, 40, 40, None, 0), "10 of 40 known fans"),
        ("potential", Measure(0.6, 0.6, 0.7, None, 2, 0, 0, "sleeper"), "good, seldom seen: 0.6"),
        ("inside", Measure(1.0, 2, 2, None, 2, 0), "member of 2 of our communities since 1970-01-01"),
        ("authority", Measure(0.5, 5.0, 5.0, None, 12, None, 0, "followers"), "12 people in this store who follow"),
        ("authenticity", Measure(0.5, 900, 900, None, 7, 0, 0), "900 points for 7 people"),
        ("of_a_plugin", Measure(0.5, 12.5, 25, 2, 3, None, 0, "per week"), "per week: 25 / 2 = 12.5"),
        ("of_a_plugin", Measure(0.125), "0.125"),
    ],
)
def test_a_measure_is_told_in_words(name: str, measure: Measure, told: str) -> None:
    assert told in measures.made_from(Component(name, 0.1, measure, "formula"))
    shown = ["".join(text for text, _style in line) for line in measures.whole(Component(name, 0.1, measure, "f"), 60)]
    assert "Formula: f" in shown
