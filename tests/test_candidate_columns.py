"""Which columns the list of candidates has, on which screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import make
from kolbench.analysis import candidacy, standing
from kolbench.screens.candidate_rows import Chosen, columns
from kolbench.store import briefs
from kolbench.widgets.columns import GUTTER, arrange
from stage import Stage

if TYPE_CHECKING:
    from collections.abc import Collection

    from textual.pilot import Pilot

    from kolbench.app import KolbenchApp
    from kolbench.store.connect import Store

BESIDE = 78
"""Cells of the list beside its sheet on a screen of 120."""


def keys(
    brief: Chosen | None, width: int, *, wide: bool, empty: Collection[str] = (), order: str = "score"
) -> list[str]:
    """The columns that fit."""
    every = columns(5_000, brief, lambda row: "", order, wide=wide, empty=empty)
    return [placed.column.key for placed in arrange(every, width, GUTTER)]


def chosen(store: Store) -> Chosen:
    """A brief with ten parts in its score."""
    made = make.brief(store, "Tea")
    return Chosen(briefs.row(store, made), [f"part{n}" for n in range(10)])


def test_a_list_beside_its_sheet_has_more_columns_than_on_a_small_terminal(store: Store) -> None:
    for brief in (chosen(store), None):
        assert len(keys(brief, BESIDE, wide=True)) > len(keys(brief, 80, wide=False))


def test_a_list_of_a_brief_alone_shows_whatever_decides(store: Store) -> None:
    brief = chosen(store)
    shown = keys(brief, 120, wide=True)
    assert {"tier", "growth", "engagement", "fans", "portability", "potential", "known", "active"} <= set(shown)
    assert {"tags", "source", "owner", "platform"} <= set(keys(brief, 200, wide=True))


def test_an_empty_column_gives_way_before_all_others(store: Store) -> None:
    brief = chosen(store)
    shown = keys(brief, BESIDE, wide=True, empty=("followers", "growth"))
    assert not {"followers", "growth"} & set(shown)
    assert {"engagement", "known", "active"} <= set(shown)
    assert "followers" in keys(brief, 200, wide=True, empty=("followers",))


def test_the_column_that_orders_stays_empty_or_not(store: Store) -> None:
    for order in ("growth", "voice", "active"):
        assert order not in keys(None, 60, wide=False, empty=(order,))
        assert order in keys(None, 60, wide=False, empty=(order,), order=order)


def test_members_of_a_group_take_no_room_for_followers_that_nobody_has(empty_stage: Stage) -> None:
    store = empty_stage.store
    make.write(store, make.person("ann"), make.person("ben"), make.said("ann", "tea", 1), make.said("ben", "tea", 2))
    standing.refresh(store)
    candidacy.score(store, make.brief(store, "Tea"))

    async def story(app: KolbenchApp, pilot: Pilot[int]) -> None:
        await empty_stage.press(pilot, "b", "down", "enter")
        head = empty_stage.text(app).splitlines()[2]
        assert "Followers" not in head
        assert "Known" in head
        await empty_stage.press(pilot, "backslash")
        assert "Tier" in empty_stage.text(app).splitlines()[2]

    empty_stage.play(story)
