"""Names and texts that mean harm: they change no screen, whatever put them into the store."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

import make
from kolbench.analysis import standing
from kolbench.programme import follow_ups
from kolbench.store import notes
from stage import Stage, screen_lines

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp

NAMES = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07after",
    "\x1b[2J\x1b[Hcleared",
    "[bold]markup[/bold]",
    "[@click=app.quit]press me[/]",
    "a\u202eb\u2066c\u2069d",
    "zero\u200bwidth\ufeff",
    "nul\x00nul",
    "line\nbreak\ttab\rreturn",
    "\x9b31mC1",
    "e" + "\u0301" * 40,
    "👩‍👩‍👧‍👦🏳️‍🌈🇨🇳1️⃣",
    "𝕱𝖆𝖓𝖈𝖞 ﷽",
    "x" * 10_000,
    "中" * 10_000,
)

SCREENS = ("candidates", "leaderboard", "follow_ups", "sync", "programme")


@pytest.fixture
def hostile(empty_stage: Stage) -> Stage:
    """A store into which all of it came past the gate: names, bios, works, talk, notes and errors."""
    store = empty_stage.store
    source = make.source(store, "source", "platform")
    people = [make.person(f"u{n}", name=name, bio=name, category=name) for n, name in enumerate(NAMES)]
    counts = [make.counted(f"u{n}", 29, followers=10**15 - n) for n in range(len(NAMES))]
    works = [make.posted(f"u{n}", 28, name, likes=10**15) for n, name in enumerate(NAMES)]
    talk = [make.said(f"u{n}", "room", 28 + n / 100, name) for n, name in enumerate(NAMES)]
    deeds = [make.did("thank", f"u{n}", "u0", "room", 28 + n / 100) for n in range(1, len(NAMES))]
    make.write(store, *people, *counts, *works, *talk, *deeds, origin=source, day=29)
    standing.refresh(store)
    follow_ups.evaluate(store)
    notes.note(store, make.creator(store, "u0", "platform"), NAMES[2] + NAMES[3], "chen\x1b[2J")
    return empty_stage


def harmless(app: KolbenchApp) -> None:
    """Nothing on the screen is a control or format character, and every line is as wide as the terminal."""
    for line in screen_lines(app):
        assert {unicodedata.category(letter) for letter in line}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"}), line


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_is_changed_by_what_it_shows(hostile: Stage, screen: str, size: tuple[int, int]) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        harmless(app)
        for key in ("j", "j", "G", "enter", "escape", "n", "escape"):
            await hostile.press(pilot, key)
            harmless(app)

    hostile.play(story, screen=screen, size=size)


def test_every_file_is_harmless(hostile: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        for _name in NAMES:
            await hostile.press(pilot, "enter")
            harmless(app)
            await hostile.press(pilot, "escape", "j")

    hostile.play(story)


def test_markup_in_a_name_is_shown_as_it_is(hostile: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        text = hostile.text(app)
        assert "[bold]markup[/bold]" in text
        assert "[@click=app.quit]" in text

    hostile.play(story, size=(200, 40))


def test_an_error_that_carries_escape_sequences_is_shown_as_text(hostile: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        app.screen.complain(RuntimeError("[red]\x1b[2Jboom\x1b]0;x\x07[/red]"))  # type: ignore[attr-defined]
        await hostile.settle(pilot)
        harmless(app)
        assert "boom" in hostile.text(app)

    hostile.play(story)


def test_whatever_is_typed_into_the_search_is_only_searched_for(hostile: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await hostile.press(pilot, "slash")
        for text in ('"', "'; DROP TABLE creator; --", "* OR 1", "[bold]", "%_", "中" * 500, "\\"):
            app.screen.query_one("#search").value = text  # type: ignore[attr-defined]
            await hostile.settle(pilot)
            harmless(app)
        assert hostile.store.reader().execute("SELECT count(*) FROM creator").fetchone()[0] == len(NAMES)

    hostile.play(story)
