"""What follows from new data is the same whoever brought them: a command or the workbench."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import make
from kolbench.adapters import registry
from kolbench.analysis import standing
from kolbench.programme import follow_ups as programme
from kolbench.programme import rules, undoing
from kolbench.screens.file.contacts import refusal_form
from kolbench.store import changes, follow_ups, merges, runs, settings, sources, suggestions, writer
from scripted import Scripted
from stage import Stage, in_passing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

    from commands import Commands
    from kolbench.app import KolbenchApp
    from kolbench.domain.following import Cause, Looking
    from kolbench.store.connect import Store

FACES = pytest.mark.parametrize("face", ["command", "workbench"])


@pytest.fixture
def later(kolbench: Commands, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Four weeks on, with one source, that has nothing new to tell."""
    adapter = Scripted({"profiles": [[make.person("p1")]]})
    brought = registry.Registry({"scripted": adapter}, {}, {}, ())
    monkeypatch.setattr(registry, "load", lambda *folders, **options: brought)
    source = sources.add(stage.store, "people", "scripted", "scripted", {})
    run = runs.start(stage.store, source, "sync")
    writer.write_page(stage.store, run, "profiles", [make.person("p1")], "1", 0)
    runs.finish(stage.store, run, "done")
    standing.refresh(stage.store)
    programme.evaluate(stage.store)
    monkeypatch.setenv("KOLBENCH_NOW", "2026-02-28T12:00:00+00:00")
    return stage


def sync(stage: Stage, kolbench: Commands, face: str) -> str:
    """Sync by one of the faces; what it said."""
    if face == "command":
        ran = kolbench("--store", stage.store.path, "sync", "people")
        return ran.out + ran.err
    said: list[str] = []

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        places = [one.source.name for one in app.screen.known]  # type: ignore[attr-defined]
        await stage.press(pilot, "g", *"j" * places.index("people"), "r")
        said.extend(" ".join(told.message.split()) for told in app._notifications)

    stage.play(story, screen="sync")
    return "\n".join(said)


def opened(store: Store) -> Counter[str]:
    return Counter(row.rule for row in follow_ups.rows(store, None, make.ms(128), 0, 10_000))


@FACES
def test_a_sync_that_brings_nothing_new_asks_what_time_has_brought(later: Stage, kolbench: Commands, face: str) -> None:
    before = opened(later.store)
    sync(later, kolbench, face)
    assert opened(later.store)["stale-data"] > before["stale-data"]


@FACES
def test_a_rule_that_fails_after_a_sync_is_named(
    later: Stage, kolbench: Commands, monkeypatch: pytest.MonkeyPatch, face: str
) -> None:
    def fails(store: Store, looking: Looking) -> Iterator[Cause]:
        raise ValueError("no data from there")

    broken = replace(rules.BUILT_IN["silent"], find=fails)
    monkeypatch.setattr(rules, "BUILT_IN", {**rules.BUILT_IN, "silent": broken})
    assert "'silent' failed: ValueError: no data from there" in sync(later, kolbench, face)


@FACES
def test_who_wants_no_contact_is_asked_for_no_more(stage: Stage, kolbench: Commands, face: str) -> None:
    asked = next(row for row in follow_ups.rows(stage.store, None, make.ms(128), 0, 99) if row.rule == "first-contact")
    if face == "command":
        kolbench("--store", stage.store.path, "creator", "contact", asked.creator_id, "--refuse", "They said so.")
    else:
        refusal_form(asked.creator_id, None).write(stage.store, "chen", {"scope": "all", "reason": "No."}, None)
    rules_left = {row.rule for row in programme.about(stage.store, asked.creator_id) if row.state == "open"}
    assert "first-contact" not in rules_left
    assert standing.waiting(stage.store) == 0
    undoing.undo(stage.store, changes.me(), changes.last(stage.store, changes.me()).act)  # type: ignore[union-attr]
    assert "first-contact" in {row.rule for row in programme.about(stage.store, asked.creator_id)}


@FACES
def test_what_rests_on_who_is_who_follows_a_merge(alike: Stage, kolbench: Commands, face: str) -> None:
    stage = alike
    (pair, *_more) = suggestions.read(stage.store, suggestions.order(stage.store))

    async def merge(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await stage.press(pilot, "M", "y")

    if face == "command":
        kolbench("--store", stage.store.path, "creator", "merge", pair.creator_id, pair.other_id)
    else:
        stage.play(merge)
    assert merges.of(stage.store, pair.creator_id)
    assert standing.waiting(stage.store) == 0


def test_scores_that_fail_are_told_once_and_tried_again_when_something_is_new(
    empty_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, tried = empty_stage, []
    make.people(stage.store, 1)
    refresh = standing.refresh

    def counted(*args: object) -> int:
        tried.append(args)
        return refresh(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(standing, "refresh", counted)
    settings.place(stage.store).write_text("[tiers]\nmicro = 'many'\n")

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        async def look(times: int) -> None:
            for _time in range(times):
                app._look()
                await stage.settle(pilot)

        await look(4)
        assert len(tried) == 1
        assert in_passing(app, "Scores can't be worked out: ")
        assert len(app._notifications) == 1
        settings.place(stage.store).write_text("[tiers]\n")
        await look(2)
        assert standing.waiting(stage.store) == 0

    stage.play(story)
