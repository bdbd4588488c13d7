"""Keys: every one is in the help and the palette, does something, and gets in nobody's way."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual import actions
from textual.binding import Binding

from kolbench.app import KolbenchApp
from kolbench.screens.brief import BriefScreen
from kolbench.screens.campaign.campaigns import CampaignsScreen
from kolbench.screens.campaign.form import CampaignForm
from kolbench.screens.campaign.screen import CampaignScreen
from kolbench.screens.candidates import CandidatesScreen
from kolbench.screens.choose import Choose
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.desk import DeskScreen
from kolbench.screens.filtering import FilterScreen
from kolbench.screens.follow_ups import FollowUpsScreen
from kolbench.screens.help import deeds
from kolbench.screens.importing import ImportScreen
from kolbench.screens.leaderboard import LeaderboardScreen
from kolbench.screens.lines import Sheet
from kolbench.screens.merging import MergingScreen
from kolbench.screens.overlap import OverlapScreen
from kolbench.screens.programme.screen import ProgrammeScreen
from kolbench.screens.prompt import Prompt
from kolbench.screens.reading import Reading
from kolbench.screens.rhythm import RhythmScreen
from kolbench.screens.searching import SearchLine
from kolbench.screens.several import Several
from kolbench.screens.side_by_side import SideBySideScreen
from kolbench.screens.sync import SyncScreen
from kolbench.screens.why import EvidenceScreen, WhyScreen
from kolbench.screens.work import Table
from kolbench.widgets.virtual_table import VirtualTable
from stage import Stage

if TYPE_CHECKING:
    from textual.pilot import Pilot

PLACES = {
    "candidates": CandidatesScreen,
    "leaderboard": LeaderboardScreen,
    "follow_ups": FollowUpsScreen,
    "sync": SyncScreen,
    "programme": ProgrammeScreen,
    "campaigns": CampaignsScreen,
}
CLASSES = (
    KolbenchApp, *PLACES.values(), CreatorScreen, ImportScreen, MergingScreen, DeskScreen, CampaignScreen, CampaignForm,
    BriefScreen, WhyScreen, EvidenceScreen, SideBySideScreen, OverlapScreen, RhythmScreen, Several,
    Choose, Prompt, Reading, FilterScreen, SearchLine, Sheet, Table, VirtualTable,
)  # fmt: skip

TAKEN = {"ctrl+b", "ctrl+s", "ctrl+q", "ctrl+z", "ctrl+\\"}
"""What tmux, flow control and job control want for themselves; Ctrl-Z does for us what job control does."""


def bindings(kind: type) -> Iterator[Binding]:
    yield from Binding.make_bindings(kind.__dict__.get("BINDINGS", ()))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_key_does_something_and_is_described(kind: type) -> None:
    for binding in bindings(kind):
        name = binding.action.split("(")[0]
        target, _dot, action = name.rpartition(".")
        owners: dict[str, tuple[type, ...]] = {"": (kind,), "app": (KolbenchApp,), "screen": tuple(PLACES.values())}
        assert any(hasattr(owner, f"action_{action}") for owner in owners[target]), f"{kind.__name__}: {name}"
        assert binding.description or kind is Choose, f"{kind.__name__}: {binding.key}"


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_no_key_is_one_that_terminals_take_for_themselves(kind: type) -> None:
    assert not TAKEN & {binding.key for binding in bindings(kind) if binding.action != "suspend_process"}


def of_another_section(app: KolbenchApp, binding: Binding) -> bool:
    """Whether a key acts on the rows of a desk's sections, and those in sight have nothing for it."""
    screen = app.screen
    if not isinstance(screen, DeskScreen):
        return False
    _namespace, name, parameters = actions.parse(binding.action)
    if name == "search":
        return not screen.view.searchable and "find" not in screen.view.acts()
    return name == "act" and parameters[0] not in screen.view.acts()


@pytest.mark.parametrize("place", PLACES)
def test_help_lists_every_key_of_its_screen(stage: Stage, place: str) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        listed = {key for deed in deeds(app.screen, app) for key in deed.keys.split(" ")}
        for kind in (KolbenchApp, PLACES[place], VirtualTable):
            for binding in bindings(kind):
                shown = app.get_key_display(binding) in listed
                assert shown or of_another_section(app, binding), f"{kind.__name__}: {binding.key}"
        await stage.press(pilot, "question_mark")
        text = stage.text(app)
        for deed in deeds(app.screen_stack[0], app):
            if deed.node is not app:
                assert deed.text in text
        await stage.press(pilot, "escape")
        assert isinstance(app.screen, PLACES[place])

    stage.play(story, screen=place, size=(120, 70))


@pytest.mark.parametrize("place", PLACES)
def test_the_palette_offers_all_of_it_and_runs_what_is_chosen(stage: Stage, place: str) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        wanted = deeds(app.screen, app)
        await stage.press(pilot, "colon")
        assert isinstance(app.screen, Choose)
        assert [choice.label for choice in app.screen._choices] == [deed.text for deed in wanted]
        await stage.type(pilot, "leaderboard")
        await stage.press(pilot, "enter")
        assert isinstance(app.screen, LeaderboardScreen)

    stage.play(story, screen=place)


def test_a_command_of_the_list_acts_on_the_list(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "ctrl+p")
        await stage.type(pilot, "last row")
        await stage.press(pilot, "enter")
        assert app.screen.query_one(VirtualTable).cursor == 11

    stage.play(story)


@pytest.mark.parametrize(
    ("keys", "row"),
    [("j j", 2), ("j j k", 1), ("G", 11), ("G g", 0), ("down end home", 0), ("ctrl+d", 11), ("G ctrl+u ctrl+u", 0)],
)
def test_arrows_and_vim_keys_move_alike(stage: Stage, keys: str, row: int) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, *keys.split())
        assert app.screen.query_one(VirtualTable).cursor == row

    stage.play(story)


def test_the_number_keys_go_to_the_places_and_each_keeps_its_state(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "j", "j")
        for number, kind in zip("234561", (*list(PLACES.values())[1:], CandidatesScreen)):
            await stage.press(pilot, number)
            assert isinstance(app.screen, kind)
        assert app.screen.query_one(VirtualTable).cursor == 2

    stage.play(story)


@pytest.mark.parametrize("keys", ["enter", "M"])
def test_a_places_number_leads_back_from_what_was_opened_over_it(stage: Stage, keys: str) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, *keys.split())
        assert not isinstance(app.screen, CandidatesScreen)
        await stage.press(pilot, "1")
        assert isinstance(app.screen, CandidatesScreen)

    stage.play(story)


def test_a_place_is_reached_by_a_click_on_its_name(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await pilot.click("#top", offset=(30, 0))
        await stage.settle(pilot)
        assert isinstance(app.screen, LeaderboardScreen)

    stage.play(story)


def test_q_leaves(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await pilot.press("q")
        assert app.return_code == 0

    stage.play(story)


def test_the_page_of_keys_is_what_the_bindings_say() -> None:
    docs = Path(__file__).parents[1] / "docs"
    made = runpy.run_path(str(docs / "make_keys.py"))
    assert (docs / "keys.md").read_text(encoding="utf-8") == made["page"](), "run: python docs/make_keys.py"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [120, 80, 60, 59])
def test_every_place_is_in_sight_at_any_width(
    stage: Stage, width: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", language)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        app.session.due = 1_234
        app.session.running = "weibo-list 34%"
        app.screen.tell_top()  # type: ignore[attr-defined]
        await stage.settle(pilot)
        top = stage.text(app).splitlines()[0]
        assert all(f" {number} " in top for number in "123456")
        assert "…" not in top.split(" 6 ")[0]
        assert len(top.split(" 6 ")[1].split()[0]) > 1
        assert "1234" in top

    stage.play(story, size=(width, 20))


@pytest.mark.parametrize("place", [*PLACES])
def test_where_not_even_short_names_fit_the_current_place_keeps_its_own(stage: Stage, place: str) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        names = {
            "candidates": "1 People",
            "leaderboard": "2 Ranks",
            "follow_ups": "3 To do",
            "sync": "4 Sync",
            "programme": "5 Rules",
            "campaigns": "6 Sales",
        }
        top = stage.text(app).splitlines()[0]
        assert names[place] in top
        assert "".join(text for text in top.split() if text.isdigit()).startswith("123456")
        assert "…" not in top

    stage.play(story, size=(30, 20), screen=place)


def test_a_place_is_reached_by_a_click_where_its_name_is_short(stage: Stage) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        column = stage.text(app).splitlines()[0].index("3 To do")
        await pilot.click("#top", offset=(column, 0))
        await stage.settle(pilot)
        assert isinstance(app.screen, FollowUpsScreen)

    stage.play(story, size=(54, 20))
