"""The evidence behind a part of a score: who said what, where, and the way to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import make
from kolbench.analysis import standing
from kolbench.screens.creator import CreatorScreen
from kolbench.screens.why import WhyScreen
from stage import Stage

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp


def test_evidence_says_who_said_what_where_and_leads_to_them(empty_stage: Stage) -> None:
    store = empty_stage.store
    thanks = "thanks, that was it: " + "long " * 40
    make.write(store, make.person("ann"), make.person("ben"), origin=make.source(store))
    make.write(
        store,
        make.said("ben", "tea", 27, thanks),
        make.said("ann", "tea", 28),
        make.did("thank", "ben", "ann", "tea", 27),
    )
    standing.refresh(store)
    ann = make.creator(store, "ann")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        app.push_screen(WhyScreen(app.session, ann))
        await empty_stage.settle(pilot)
        while app.screen.table.cursor_key != "voice":  # type: ignore[attr-defined]
            await empty_stage.press(pilot, "j")
        await empty_stage.press(pilot, "enter")
        text = empty_stage.text(app)
        assert "ben · thanked them · thanks, that was it" in text
        assert "tea" in text
        assert "People" in text
        shown = app.screen.sheet.text  # type: ignore[attr-defined]
        assert shown.count("long") == 40
        assert "People: 1" in shown
        await empty_stage.press(pilot, "enter")
        assert isinstance(app.screen, CreatorScreen)
        assert app.screen.creator_id == make.creator(store, "ben")

    empty_stage.play(story)
