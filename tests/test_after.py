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
from kolbench.programme import rules
from kolbench.store import follow_ups, runs, settings, sources, writer
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
