"""Leaderboards of campaigns as they are read: pages, ranks, windows, groups, trees, and what was kept."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from chapters import Chapter
from forests import Scene
from kolbench.analysis.campaigns import boards, freezes, groups, standings, totals, tree
from kolbench.domain.campaigns import Target
from kolbench.domain.errors import UsageError
from kolbench.programme import fraud
from kolbench.store import campaign_boards, campaign_review, campaigns, changes
from kolbench.store import freezes as kept
from kolbench.store.campaign_boards import EVERYBODY, ORDERS, OWN, Only
from kolbench.store.connect import Store
from kolbench.store.leaderboards import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from commands import Commands
    from kolbench.domain.campaigns import TieRule
    from kolbench.store.campaign_boards import Order


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples, each of which has a campaign of its own."""
    store = Store.open(tmp_path_factory.mktemp("ground") / "kolbench.db")
    yield store
    store.close()


@pytest.fixture
def tea(store: Store) -> Scene:
    """Ann brought Bob and Cy, Bob brought Dee; Eve came by nobody. Day 1: sales of all but Cy."""
    scene = Scene(store)
    wave = scene.do("INSERT INTO wave (campaign_id, no, name, author, at) VALUES (?, 1, 'w', 'me', 0) RETURNING id",
                    scene.id)  # fmt: skip
    scene.joins(wave=wave)
    scene.joins(0)
    scene.joins(0)
    scene.joins(1)
    scene.joins(wave=wave)
    for seller, buyers in ((0, "ab"), (1, "b"), (3, "cde"), (4, "ax")):
        for n, buyer in enumerate(buyers):
            scene.sells(seller, buyer, 100 * (n + 1), at=make.ms(1))
    standings.refresh(store)
    return scene


def listed(store: Store, campaign_id: int, order: Order = "direct", **facts: Any) -> list[tuple[int, str]]:
    """Ranks and refs."""
    return [(row.rank, row.who.ref) for row in boards.page(store, campaign_id, order, **facts).rows]


def test_a_board_ranks_whoever_has_more_than_nothing(store: Store, tea: Scene) -> None:
    assert listed(store, tea.id) == [(1, "p3"), (2, "p0"), (2, "p4"), (4, "p1")]
    assert listed(store, tea.id, "indirect") == [(1, "p0"), (2, "p1")]
    assert listed(store, tea.id, "revenue") == [(1, "p3"), (2, "p0"), (2, "p4"), (4, "p1")]
    assert listed(store, tea.id, "reached")[0] == (1, "p0")
    assert listed(store, tea.id, "commission") == []


def test_of_equals_the_earlier_one_is_before_if_the_terms_say_so(store: Store) -> None:
    for rule, expected in (("earlier", [(1, "p1"), (2, "p0")]), ("shared", [(1, "p1"), (1, "p0")])):
        scene = Scene(store, 2, tie_rule=rule)
        scene.sells(0, "a", at=make.ms(2))
        scene.sells(1, "b", at=make.ms(1))
        standings.refresh(store)
        assert listed(store, scene.id) == expected


def test_only_some_are_shown_with_the_ranks_they_have_among_all(store: Store, tea: Scene) -> None:
    assert listed(store, tea.id, only=Only(wave=1)) == [(2, "p0"), (2, "p4")]
    assert listed(store, tea.id, only=Only(wave=0)) == [(1, "p3"), (4, "p1")]
    assert listed(store, tea.id, only=Only(depth=1)) == [(4, "p1")]
    assert listed(store, tea.id, only=Only(wave=0, depth=2)) == [(1, "p3")]


@settings(max_examples=40)
@given(
    parents=st.lists(st.integers(0, 100), max_size=24),
    sales=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3)), max_size=50),
    rule=st.sampled_from(["earlier", "shared"]),
    size=st.integers(1, 7),
)
def test_pages_put_together_are_the_whole_ranking(
    ground: Store, parents: list[int], sales: list[tuple[int, int]], rule: TieRule, size: int
) -> None:
    scene = Scene(ground, 2, tie_rule=rule)
    for parent in parents:
        scene.joins(parent % len(scene.people))
    for n, (seller, at) in enumerate(sales):
        scene.sells(seller % len(scene.people), f"s{n % 17}", at=at)
    for seller, _at in sales[:9]:
        scene.earns(seller % len(scene.people), 1 + seller % 2)
    standings.refresh(ground)
    everybody = campaign_boards.figures(ground.reader(), scene.people)
    for order in ORDERS:
        own = order in OWN

        def key(one: Any, order: str = order, own: bool = own) -> tuple[Any, ...]:
            return (-getattr(one, order), one.last_at if own else 0)

        ranked = sorted(
            (one for one in everybody if getattr(one, order)), key=lambda one: (key(one), one.participant_id)
        )
        keys = [key(one) if rule == "earlier" else key(one)[:1] for one in ranked]
        expected = [(one.participant_id, 1 + keys.index(of)) for one, of in zip(ranked, keys)]
        for only, shown in (
            (EVERYBODY, expected),
            (Only(depth=1), [row for row, one in zip(expected, ranked) if one.depth == 1]),
            (Only(wave=0), expected),
            (Only(wave=0, brought=True), [row for row, one in zip(expected, ranked) if one.depth]),
        ):
            for window in (None, Window(-1, 10)) if order != "commission" else (None,):
                board = boards.board(ground, scene.id, order, only=only, window=window)
                rows = [row for start in range(0, len(shown) + size, size) for row in board.rows(start, start + size)]
                assert [(row.figures.participant_id, row.rank) for row in rows] == shown
                assert [row.position for row in rows] == list(range(len(shown)))
                assert board.count() == len(shown)
                assert [board.find(one) for one, _rank in shown] == list(range(len(shown)))


def test_whoever_is_not_shown_is_not_found(store: Store, tea: Scene) -> None:
    board = boards.board(store, tea.id)
    assert board.find(tea.people[2]) is None
    assert board.find(10_000) is None
    assert boards.board(store, tea.id, only=Only(depth=1)).find(tea.people[0]) is None
    assert boards.board(store, tea.id, only=Only(wave=1)).find(tea.people[1]) is None
    assert boards.board(store, tea.id, window=Window(0, 1)).find(tea.people[0]) is None
    assert board.rows(4, 9) == []


def test_a_window_counts_what_happened_in_it(store: Store, tea: Scene) -> None:
    tea.sells(2, "z", at=make.ms(5))
    tea.joins(2, at=make.ms(5))
    standings.refresh(store)
    page = boards.page(store, tea.id, window=Window(make.ms(4), make.ms(6)))
    assert [(row.rank, row.who.ref, row.figures.direct, row.before) for row in page.rows] == [(1, "p2", 1, None)]
    assert page.total == 1
    reached = boards.page(store, tea.id, "reached", window=Window(make.ms(4), make.ms(6)))
    assert [(row.who.ref, row.figures.reached, row.figures.invited) for row in reached.rows] == [
        ("p0", 2, 0),
        ("p2", 2, 1),
    ]


def test_pages_and_ranks_are_found_through_indexes(store: Store, tea: Scene) -> None:
    seen: list[str] = []
    db = store.reader()
    db.set_trace_callback(seen.append)
    board = boards.board(store, tea.id)
    board.rows(0, 2)
    board.find(tea.people[0])
    boards.board(store, tea.id, only=Only(depth=1)).rows(0, 2)
    tree.sparks(store, tea.id, tea.people)
    db.set_trace_callback(None)
    for statement in seen:
        if "participant_standing" in statement or "conversion" in statement:
            plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
            assert not any(step.startswith(("SCAN participant", "SCAN conversion")) for step in plan)
            assert not any("TEMP B-TREE FOR ORDER BY" in step for step in plan), (statement, plan)


# What was kept ---------------------------------------------------------------------------------------------------


def test_movement_is_since_the_end_of_the_last_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-05-04T15:00:00Z")  # 23:00 there
    scene = Scene(store, 3, time_zone="Asia/Shanghai")
    for seller, count in ((0, 3), (1, 2)):
        for _n in range(count):
            scene.sells(seller)
    standings.refresh(store)
    assert boards.page(store, scene.id).since is None
    monkeypatch.setenv("KOLBENCH_NOW", "2026-05-04T17:00:00Z")  # the next day there
    for _n in range(2):
        scene.sells(1)
    scene.sells(2)
    standings.refresh(store)
    page = boards.page(store, scene.id)
    assert page.since == "2026-05-04"
    assert [(row.who.ref, row.rank, row.before, row.moved) for row in page.rows] == [
        ("p1", 1, 2, 1),
        ("p0", 2, 1, -1),
        ("p2", 3, None, None),
    ]
    for _n in range(5):
        scene.sells(2)
    standings.refresh(store)  # later that day: compared with the same
    assert [row.moved for row in boards.page(store, scene.id).rows] == [None, 0, -2]
    assert [one.day for one in kept.listed(store, scene.id)] == ["2026-05-04"]


def test_daily_leaderboards_are_let_go_of_and_named_ones_stay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(store, 1)
    monkeypatch.setattr(kept, "DAYS_KEPT", 3)
    for day in range(1, 8):
        monkeypatch.setenv("KOLBENCH_NOW", f"2026-05-0{day}T12:00:00Z")
        scene.sells(0)
        standings.refresh(store)
        if day == 1:
            freezes.keep(store, scene.id, "start", "me")
    assert [one.name or one.day for one in kept.listed(store, scene.id)] == [
        "2026-05-06", "2026-05-05", "2026-05-04", "start",
    ]  # fmt: skip


def test_a_kept_leaderboard_stays_as_it_was_and_is_compared(store: Store, tea: Scene) -> None:
    freezes.keep(store, tea.id, "before", "me")
    for n in range(4):
        tea.sells(1, f"n{n}", at=make.ms(2))
    tea.is_of(0, None)
    tea.is_of(1, None)
    standings.refresh(store)
    before = kept.find(store, tea.id, "befo")
    assert [(one.rank, one.figures.direct) for one in kept.entries(store, before.id)] == [
        (1, 3),
        (2, 2),
        (2, 2),
        (4, 1),
    ]
    assert before.totals["conversions"] == 8
    found = {row.who.ref: row for row in freezes.compare(store, before, None)}
    assert (found["p1"].before_rank, found["p1"].rank, found["p1"].moved) == (4, 1, 3)
    assert (found["p0"].before, found["p0"].value, found["p0"].rank, found["p0"].moved) == (2, None, None, None)
    freezes.keep(store, tea.id, "after", "me")
    after = kept.find(store, tea.id, "after")
    assert freezes.compare(store, before, after) == list(found.values())
    with pytest.raises(UsageError, match="already"):
        freezes.keep(store, tea.id, "After", "me")
    changes.undo(store, "me")
    assert [one.name for one in kept.listed(store, tea.id)] == ["before"]


def test_a_window_can_be_kept(store: Store, tea: Scene) -> None:
    tea.sells(2, at=make.ms(9))
    standings.refresh(store)
    window = Window(make.ms(8), make.ms(10))
    freeze_id = freezes.keep(store, tea.id, "late", "me", window)
    figures = boards.page(store, tea.id, window=window).rows[0].figures
    assert figures.participant_id == tea.people[2]
    assert [(one.rank, one.figures) for one in kept.entries(store, freeze_id)] == [(1, figures)]
    freeze = kept.find(store, tea.id, "late")
    assert (freeze.window, freeze.totals["conversions"], freeze.totals["reached"]) == (window, 1, 0)
    assert [(one.rank, one.value) for one in freezes.compare(store, freeze, None)] == [(1, 1)]
    tea.sells(0, at=make.ms(9))
    assert [(one.who.ref, one.before, one.value) for one in freezes.compare(store, freeze, None)] == [
        ("p0", None, 1), ("p2", 1, 1),
    ]  # fmt: skip


@given(st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**62)), max_size=60), st.booleans())
def test_places_are_sorted_as_lists_are(keys: list[int], down: bool) -> None:
    places = array("i", range(len(keys)))
    wanted = sorted(places, key=keys.__getitem__, reverse=down)
    assert boards.ordered(places, keys, down=down).tolist() == wanted


# The campaign as a whole, its groups, and trees ----------------------------------------------------------------------


def test_k_is_how_many_each_of_a_generation_brought(store: Store, tea: Scene) -> None:
    found = totals.totals(store, tea.id)
    assert found is not None
    assert [(one.depth, one.participants, one.k) for one in found.generations] == [
        (0, 2, 1.0),
        (1, 2, 0.5),
        (2, 1, 0.0),
    ]
    assert (found.participants, found.conversions, found.revenue, found.sellers) == (5, 8, 1_300, 4)
    assert found.reached == len({"p1", "p2", "p3", *"abcdex"})
    assert found.coverage == found.reached / 2


def test_a_target_says_how_far_it_is_and_should_be(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-05-02T12:00:00Z")
    scene = Scene(store, 1, starts="2026-05-01", ends="2026-05-04", target=Target(figure="revenue", amount=8))
    scene.sells(0, amount=300)
    standings.refresh(store)
    found = totals.totals(store, scene.id)
    assert found is not None
    progress = totals.progress(campaigns.terms(store, scene.id), found)
    assert progress == totals.Progress("revenue", 800, 300, 400)
    assert progress.share == 0.375


def test_who_is_still_to_post_with_their_wave_counts_neither_for_k_nor_as_a_surprise(
    store: Store, tea: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(3).isoformat())
    query = (
        "INSERT INTO wave (campaign_id, no, name, moment_at, author, at) VALUES (?, 2, 'x', ?, 'me', 0) RETURNING id"
    )
    wave = tea.do(query, tea.id, make.ms(4))
    for _n in range(2):
        tea.joins(wave=wave)
    standings.refresh(store)

    def k() -> tuple[int, float, float | None, list[float | None]]:
        found = totals.totals(store, tea.id)
        assert found is not None
        return (
            found.generations[0].participants,
            found.generations[0].k,
            found.coverage,
            [one.k for one in groups.groups(store, tea.id, "wave") if one.number == 2],
        )

    assert k() == (4, 1.0, 4.5, [None])
    one = tea.do("INSERT INTO creator (name, created_at, run_id) VALUES ('c', 0, ?) RETURNING id", tea.run)
    tea.do("UPDATE participant SET creator_id = ? WHERE id = ?", one, tea.people[5])
    brief = make.brief(store)
    tea.do("INSERT INTO candidate VALUES (?, ?, 1, 50, 1, NULL, NULL, 0, NULL)", brief, one)
    assert campaign_review.expected(store.reader(), tea.id, brief) == []
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(5).isoformat())
    assert k() == (4, 0.5, 2.25, [0.0])
    assert len(campaign_review.expected(store.reader(), tea.id, brief)) == 1


def test_groups_and_trees_of_a_window_count_what_happened_in_it(store: Store, tea: Scene) -> None:
    tea.sells(2, "z", at=make.ms(5))
    tea.joins(2, at=make.ms(5))
    tea.sells(5, "y", at=make.ms(5))
    standings.refresh(store)
    counted = boards.measured(store, tea.id, Window(make.ms(4), make.ms(6)))
    found = {one.number: one for one in groups.groups(store, tea.id, "wave", counted)}
    assert (found[1].participants, found[1].below, found[1].direct, found[1].indirect, found[1].k) == (2, 4, 0, 2, 0)
    assert (found[0].participants, found[0].direct, found[0].k) == (4, 2, 1 / 4)
    levels = groups.groups(store, tea.id, "level", counted)
    assert [(one.participants, one.direct, one.k) for one in levels] == [(2, 0, 0), (2, 1, 0.5), (2, 1, 0)]
    of = tree.Tree(store, counted)
    top = of.children(tea.people[0], 0, 1)
    assert [(node.who.ref, node.figures.direct, node.figures.indirect, node.came) for node in top.nodes] == [
        ("p2", 1, 1, 1)
    ]
    assert (top.more, top.conversions) == (1, 0)
    assert of.generations(tea.people[0]) == [tree.Below(1, 2, 1, 0.5), tree.Below(2, 2, 1, 0)]
    assert of.tops(tea.id, 0, 1).more == 1
    assert [node.figures.direct for node in of.path(tea.people[5])] == [0, 1, 1]


def test_each_wave_has_its_k(store: Store, tea: Scene) -> None:
    found = {one.number: one.k for one in groups.groups(store, tea.id, "wave")}
    assert found == {1: 1.0, groups.BROUGHT: pytest.approx(1 / 3)}


def test_groups_count_nobody_twice(store: Store, tea: Scene) -> None:
    first, others = groups.groups(store, tea.id, "wave")
    assert (first.participants, first.below, first.direct, first.indirect) == (2, 3, 4, 4)
    assert (others.number, others.participants, others.direct, others.revenue) == (0, 3, 4, 700)
    levels = groups.groups(store, tea.id, "level")
    assert [(one.participants, one.direct) for one in levels] == [(2, 4), (2, 1), (1, 3)]


def test_whoever_came_by_nobody_is_a_group_of_their_own(store: Store, tea: Scene) -> None:
    tea.joins()
    tea.sells(5, amount=90)
    standings.refresh(store)
    found = {one.number: one for one in groups.groups(store, tea.id, "wave")}
    assert (found[groups.BROUGHT].participants, found[groups.BROUGHT].direct, found[groups.BROUGHT].revenue) == (
        3, 4, 700,
    )  # fmt: skip
    assert (found[groups.ALONE].participants, found[groups.ALONE].direct, found[groups.ALONE].revenue) == (1, 1, 90)
    assert listed(store, tea.id, only=Only(wave=0, brought=True)) == [(1, "p3"), (5, "p1")]
    assert listed(store, tea.id, only=Only(wave=0, depth=0)) == [(4, "p5")]


def test_a_community_has_what_its_members_and_those_below_brought(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 1), make.said("bob", "tea", 1), make.said("eve", "milk", 1))
    scene = Scene(store, 1)
    scene.joins(0)
    scene.joins(1)
    for n, name in enumerate(("ann", "bob")):  # bob is below ann: what he sold counts once
        scene.do("UPDATE participant SET creator_id = ? WHERE id = ?", make.creator(store, name), scene.people[n])
        scene.sells(n)
    scene.sells(2)
    standings.refresh(store)
    (tea,) = groups.groups(store, scene.id, "community")
    assert (tea.name, tea.participants, tea.below, tea.direct, tea.indirect) == ("tea", 2, 1, 2, 1)
    shown = listed(store, scene.id, only=Only(community=make.community(store, "tea")))
    assert [ref for _rank, ref in shown] == ["p0", "p1"]


def test_a_tree_shows_those_who_brought_most_and_how_many_more_there_are(store: Store) -> None:
    scene = Scene(store, 1)
    for n in range(7):
        scene.joins(0)
        for _sale in range(n):
            scene.sells(n + 1)
    scene.joins(7)
    scene.sells(8)
    standings.refresh(store)
    top = scene.people[0]
    whole = tree.Tree(store)
    found = whole.children(top, 0, 2)
    assert [node.who.ref for node in found.nodes] == ["p7", "p6"]
    assert (found.more, found.conversions) == (5, 10)
    assert [node.who.ref for node in tree.Tree(store).children(top, 5, 5).nodes] == ["p2", "p1"]
    assert tree.Tree(store).children(top, 5, 5).more == 0
    lines = [(line.level, line.node.who.ref if line.node else line.more) for line in whole.lines(top, most=2)]
    assert lines == [(0, "p0"), (1, "p7"), (2, "p8"), (1, "p6"), (1, 5)]
    assert [node.who.ref for node in tree.Tree(store).path(scene.people[8])] == ["p0", "p7", "p8"]
    assert tree.Tree(store).generations(top) == [tree.Below(1, 7, 21, 1 / 7), tree.Below(2, 1, 1, 0.0)]
    assert tree.Tree(store).generations(scene.people[1]) == []


def test_sparklines_are_of_days_where_the_campaign_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(10.2).isoformat())
    scene = Scene(store, 2, time_zone="Asia/Shanghai")
    for day in (8.6, 8.7, 9.9, 10.1):  # 9 January there, the 10th, and twice the 11th
        scene.sells(0, at=make.ms(day))
    scene.sells(1, at=make.ms(2))
    scene.sells(1, amount=5, at=make.ms(10))
    scene.gives_back(5, 5)
    standings.refresh(store)
    assert tree.sparks(store, scene.id, scene.people, 3) == {scene.people[0]: [1, 1, 2], scene.people[1]: [0, 0, 0]}


# On the command line -------------------------------------------------------------------------------------------------


def test_the_board_of_a_campaign_for_people_and_for_programs(kolbench: Commands, tea: Scene) -> None:
    shown = kolbench("campaign", "board", tea.id)
    assert shown.code == 0
    assert "4 of 4 people. Of equals, who came to it earlier is before." in shown.out
    assert "K by generation: 0: 1.00  1: 0.50  2: 0.00" in shown.out
    found = kolbench("campaign", "board", tea.id, "--order", "reached", "--limit", 1, "--json").json
    assert (found["total"], found["rows"][0]["ref"], found["rows"][0]["reached"]) == (4, "p0", 8)
    assert found["totals"]["reached"] == 9
    levels = kolbench("campaign", "board", tea.id, "--by", "level", "--json").json
    assert [one["k"] for one in levels] == [1.0, 0.5, 0.0]
    assert "in no wave: came by others" in kolbench("campaign", "board", tea.id, "--by", "wave").out
    window = kolbench("campaign", "board", tea.id, "--from", "2026-01-02", "--to", "2026-01-02", "--json").json
    assert (window["total"], window["window"]["to"]) == (4, "2026-01-03T00:00:00Z")
    assert "Nobody has brought anything yet." in kolbench("campaign", "board", tea.id, "--level", 7).out


def test_a_tree_and_kept_leaderboards_on_the_command_line(kolbench: Commands, tea: Scene) -> None:
    shown = kolbench("campaign", "tree", tea.id, "p1", "--depth", 1)
    assert "Came by: p0" in shown.out
    assert kolbench("campaign", "tree", tea.id, "p2").code == 0
    assert "Generation 1: 1 person, own conversions: 3, K 0.00" in shown.out
    tops = kolbench("campaign", "tree", tea.id, "--limit", 1, "--json").json
    assert [(one["level"], one.get("ref"), one.get("more")) for one in tops["lines"]] == [(0, "p0", None), (0, None, 1)]
    assert "p0" in kolbench("campaign", "tree", tea.id).out
    lines = kolbench("campaign", "tree", tea.id, "p0", "--offset", 1, "--limit", 1, "--json").json["lines"]
    assert [one["ref"] for one in lines] == ["p2"]
    assert kolbench("campaign", "freeze", tea.id).out.startswith("Nothing was kept yet.")
    assert kolbench("campaign", "freeze", tea.id, "spring").code == 0
    assert kolbench("campaign", "freeze", tea.id, "--json").json[0]["name"] == "spring"
    assert kolbench("campaign", "board", tea.id, "--kept", "spring", "--json").json["rows"][0]["ref"] == "p3"
    compared = kolbench("campaign", "compare", tea.id, "spring", "--json").json
    assert [one["moved"] for one in compared] == [0, 0, 0, 0]


def test_what_is_of_some_days_says_of_which(kolbench: Commands, store: Store) -> None:
    tea = Scene(store, 1, time_zone="Asia/Shanghai")
    tea.joins(0, at=make.ms(0.5))
    for day in (0.5, 1.5, 9):
        tea.sells(0, at=make.ms(day))
    standings.refresh(store)
    days = ("--from", "2026-01-01", "--to", "2026-01-02")
    told = "2026-01-01 to 2026-01-02"
    below = kolbench("campaign", "tree", tea.id, "p0", *days)
    assert told in below.out
    assert kolbench("campaign", "tree", tea.id, "p0", *days, "--json").json["lines"][0]["direct"] == 2
    by_wave = kolbench("campaign", "board", tea.id, "--by", "level", *days)
    assert told in by_wave.out
    assert "14 days" not in kolbench("campaign", "board", tea.id, *days).out
    kolbench("campaign", "freeze", tea.id, "d2", *days)
    assert told in kolbench("campaign", "freeze", tea.id).out
    assert f"d2: {told}, as of" in kolbench("campaign", "board", tea.id, "--kept", "d2").out
    assert f"d2: {told}. now: {told}." in kolbench("campaign", "compare", tea.id, "d2").out
    kolbench("campaign", "freeze", tea.id, "all")
    assert f"all: all times. d2: {told}." in kolbench("campaign", "compare", tea.id, "all", "d2").out


def test_rebuilding_gives_the_same_standings(kolbench: Commands, tea: Scene) -> None:
    before = tea.derived()
    with tea.store.writing() as db:
        db.execute("UPDATE participant_standing SET direct = 99, reached = 99")
    assert kolbench("rebuild").code == 0
    assert tea.derived() == before


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--from", "2026-02-02", "--to", "2026-02-01"), "ends before it begins"),
        (("--from", "soon"), "is no day"),
        (("--kept", "nothing"), "no frozen leaderboard"),
        (("--by", "wave", "--level", 1), "--by: it counts everybody. Leave out: --level"),
        (("--kept", "x", "--from", "2026-02-02"), "it was kept as a whole. Leave out: --from"),
    ],
)
def test_what_can_not_be_meant_is_said(
    kolbench: Commands, tea: Scene, options: tuple[object, ...], complaint: str
) -> None:
    ran = kolbench("campaign", "board", tea.id, *options)
    assert ran.code == 2
    assert complaint in ran.err


def test_the_chapter_does_what_it_says_and_names_what_there_is(
    sampled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chapter = Chapter("standings")
    for name, table in zip(("people", "referrals", "sales"), chapter.code("csv"), strict=True):
        (tmp_path / f"{name}.csv").write_text(table, encoding="utf-8")
    assert chapter.play(sampled, "sh") == 23
    rows = sampled("campaign", "board", "Tea", "--json").json["rows"]
    assert [(row["name"], row["direct"], row["indirect"], row["reached"]) for row in rows] == [
        ("Ann", 2, 4, 6),
        ("Dee", 2, 0, 2),
        ("Bob", 1, 2, 3),
        ("Cy", 1, 0, 1),
    ]
    for order in ORDERS:
        assert f"`{order}`" in chapter.text
    kinds = {"self-purchase", *(f"shared-{kind}" for kind in fraud.SHARED), "burst", "quick", "regular", "refunds"}
    for kind in (*kinds, "code-sharing"):
        assert f"| `{kind}` |" in chapter.text
