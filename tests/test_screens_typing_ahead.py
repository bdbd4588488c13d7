"""Keys typed ahead: they wait for the window that the key before asked for, and never for one that doesn't come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import make
from campaign_scene import fill_campaign
from kolbench.app import KolbenchApp
from kolbench.domain.errors import StoreError, UsageError
from kolbench.screens.campaign.form import CampaignForm
from kolbench.screens.campaign.screen import SECTIONS, CampaignScreen
from kolbench.screens.candidates import CandidatesScreen
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.follow_ups import FollowUpsScreen
from kolbench.screens.prompt import Prompt
from kolbench.store import campaigns, owners
from kolbench.widgets import in_turn
from kolbench.widgets.worker import QueryThread
from stage import Stage, in_passing

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.pilot import Pilot


@contextmanager
def slow(patch: pytest.MonkeyPatch, slot: str, *, error: Exception | None = None) -> Iterator[threading.Event]:
    """A store that answers one kind of question only once the event is set, and perhaps with an error."""
    answering, plain = threading.Event(), QueryThread.ask

    def ask(
        self: QueryThread, asked: Hashable, question: Callable[[], Any], answered: Callable[..., object], **more: Any
    ) -> None:
        def waiting() -> Any:
            answering.wait(20)
            if error is not None:
                raise error
            return question()

        plain(self, asked, waiting if asked == slot else question, answered, **more)

    with patch.context() as patched:
        patched.setattr(QueryThread, "ask", ask)
        yield answering
        answering.set()


def test_a_digit_after_plus_is_for_the_window_that_plus_opens(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter", "D")
        with slow(monkeypatch, "adds") as answering:
            await pilot.press("plus", "2")
            assert isinstance(app.screen, CreatorScreen)
            answering.set()
            await stage.settle(pilot)
        assert isinstance(app.screen, Prompt), "the second form of the dates, and not the leaderboard"
        assert "In their life" in stage.text(app)

    stage.play(story)


@pytest.mark.parametrize("place", ["candidates", "follow_ups"])
def test_an_owner_is_given_in_one_go_however_long_the_store_takes(
    stage: Stage, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = make.creator(stage.store, "w1", "weibo"), make.creator(stage.store, "w2", "weibo")
    owners.assign(stage.store, people, "li", "chen")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        assert isinstance(app.screen, (CandidatesScreen, FollowUpsScreen))
        before = app.screen.table.cursor
        with slow(monkeypatch, "owners") as answering:
            await pilot.press("o", "2", "j")
            answering.set()
            await stage.settle(pilot)
        assert isinstance(app.screen, (CandidatesScreen, FollowUpsScreen))
        assert app.screen.table.cursor == before + 1, "the key after the window's is for the list again"
        assert in_passing(app, "owner: li" if place == "candidates" else "Handed to li.")

    stage.play(story, screen=place)


def test_a_brief_is_chosen_in_one_go(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        with slow(monkeypatch, "briefs") as answering:
            await pilot.press("b", "j", "enter")
            answering.set()
            await stage.settle(pilot)
        assert type(app.screen).__name__ == "BriefScreen"

    stage.play(story)


def test_a_form_is_filled_in_in_one_go_however_long_the_store_takes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = fill_campaign(stage.store)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter")
        with slow(monkeypatch, "load") as answering:
            await pilot.press("E", "enter", *"Oolong", "enter")
            answering.set()
            await stage.settle(pilot)
        assert isinstance(app.screen, CampaignForm)
        with slow(monkeypatch, "save") as answering:
            await pilot.press("s", "l")
            assert isinstance(app.screen, CampaignForm)
            answering.set()
            await stage.settle(pilot)
        kept = campaigns.terms(stage.store, tea)
        assert (kept.name, kept.positioning) == ("Oolong", "The tea for long evenings"), "all else as it was"
        assert isinstance(app.screen, CampaignScreen)
        assert app.screen.section == list(SECTIONS)[1], "the key after the one that saves is for what comes then"

    stage.play(story, screen="campaigns")


def test_a_form_that_could_not_be_kept_can_be_kept_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    tea = fill_campaign(stage.store)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter", "E", "enter", *"Oolong", "enter")
        with slow(monkeypatch, "save", error=StoreError("no room")) as answering:
            answering.set()
            await stage.press(pilot, "s")
        assert in_passing(app, "no room")
        await stage.press(pilot, "s")
        assert campaigns.row(stage.store, tea).name == "Oolong"

    stage.play(story, screen="campaigns")


def test_keys_go_on_where_the_store_fails(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "enter")
        with slow(monkeypatch, "adds", error=UsageError("no such luck")) as answering:
            await pilot.press("plus", "escape")
            assert isinstance(app.screen, CreatorScreen)
            answering.set()
            await stage.settle(pilot)
        assert in_passing(app, "no such luck")
        assert isinstance(app.screen, CandidatesScreen), "Escape has left the file"
        await pilot.press("q")
        assert app._exit

    stage.play(story)


def test_no_window_is_waited_for_without_end(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_turn, "WINDOW_S", 0.05)

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        with slow(monkeypatch, "briefs"):
            await pilot.press("b", "q")
            while not app._exit:
                await pilot.pause(0.01)

    stage.play(story)
