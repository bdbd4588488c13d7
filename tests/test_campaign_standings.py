"""Where participants of a campaign stand: kept up to date as derived anew, and as plain Python counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from forests import Plain, Scene, plainly
from kolbench.analysis.campaigns import boards, news, standings
from kolbench.programme import fraud
from kolbench.store import campaign_standings as table
from kolbench.store.campaign_boards import ORDERS
from kolbench.store.connect import Store
from kolbench.store.leaderboards import Window

if TYPE_CHECKING:
    from collections.abc import Iterator


def assert_as_plainly(scene: Scene) -> None:
    rows, levels, people = scene.derived()
    expected, expected_people = plainly(scene.store.reader(), scene.id)
    assert {row[0]: Plain(*row[3:]) for row in rows} == expected
    assert people == expected_people
    parents = scene.store.reader().execute("SELECT id, parent_id FROM participant WHERE campaign_id = ?", (scene.id,))
    assert {row[0]: row[2] for row in rows} == dict(parents.fetchall())
    assert [level.participants for level in levels] == [
        sum(one.depth == depth for one in expected.values()) for depth in range(len(levels))
    ]
    for order in ORDERS:
        assert sum(getattr(level, f"with_{order}") for level in levels) == sum(
            getattr(one, order) > 0 for one in expected.values()
        )
    for figure in ("direct", "revenue", "commission"):
        assert sum(getattr(level, figure) for level in levels) == sum(getattr(one, figure) for one in expected.values())


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples, each of which has a campaign of its own."""
    store = Store.open(tmp_path_factory.mktemp("ground") / "kolbench.db")
    yield store
    store.close()


SOMEBODY = st.integers(0, 11)
PERSON = st.sampled_from(["p0", "p1", "p2", "p5", "s0", "s1", "s2", None])
NEWS = st.one_of(
    st.tuples(st.just("joins"), st.none() | SOMEBODY),
    st.tuples(st.just("moves"), SOMEBODY, st.none() | SOMEBODY),
    st.tuples(st.just("sells"), SOMEBODY, PERSON, st.sampled_from([0, 100, 250])),
    st.tuples(st.just("is_of"), SOMEBODY, st.none() | SOMEBODY),
    st.tuples(st.just("gives_back"), SOMEBODY, st.sampled_from([50, 250])),
    st.tuples(st.just("clicks"), PERSON.filter(bool), SOMEBODY),
    st.tuples(st.just("earns"), SOMEBODY, st.sampled_from([-3, 5])),
)


def happens(scene: Scene, what: str, *values: Any) -> None:
    """Whatever of it can happen: who is named by number is somebody there is."""
    if what in ("is_of", "gives_back") and not scene.sales:
        return
    first = len(scene.sales) if what in ("is_of", "gives_back") else len(scene.people)
    sizes = {"joins": (len(scene.people),), "moves": (first, first), "is_of": (first, len(scene.people))}.get(what)
    if what == "clicks":
        values = (values[0], values[1] % len(scene.people))
    elif sizes:
        values = tuple(None if of is None else of % size for of, size in zip(values, sizes, strict=True))
    else:
        values = (values[0] % first, *values[1:])
    getattr(scene, what)(*values)


@settings(max_examples=150)
@given(rounds=st.lists(st.lists(NEWS, min_size=1, max_size=12), min_size=1, max_size=4), roots=st.integers(1, 3))
def test_what_is_new_by_itself_comes_to_the_same_as_everything_anew(
    ground: Store, rounds: list[list[tuple[Any, ...]]], roots: int
) -> None:
    scene = Scene(ground, roots)
    standings.refresh(ground)
    for told in rounds:
        for what, *values in told:
            happens(scene, what, *values)
        standings.refresh(ground)
        assert_as_plainly(scene)
    kept_up = scene.derived()
    standings.rebuild(ground, scene.id)
    assert scene.derived() == kept_up


@settings(max_examples=60)
@given(
    parents=st.lists(st.integers(0, 10_000), max_size=40),
    sales=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 60), st.integers(0, 9)), max_size=60),
    clicks=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10_000)), max_size=20),
)
def test_a_random_forest_is_summed_up_as_plain_python_does(
    ground: Store, parents: list[int], sales: list[tuple[int, int, int]], clicks: list[tuple[int, int]]
) -> None:
    scene = Scene(ground, 2)
    for n, parent in enumerate(parents):
        scene.joins(parent % len(scene.people), at=n % 10)
    for seller, buyer, at in sales:
        scene.sells(seller % len(scene.people), f"p{buyer}" if buyer < 45 else f"s{buyer}", at=at)
    for visitor, participant in clicks:
        scene.clicks(f"p{visitor}" if visitor < 45 else f"s{visitor}", participant % len(scene.people), at=3)
    standings.rebuild(ground, scene.id)
    assert_as_plainly(scene)
    window = Window(2, 7)
    counted = boards.Measured(ground, scene.id, window)
    expected, people = plainly(ground.reader(), scene.id, window)
    found = {one: counted.forest.figures(place) for place, one in enumerate(counted.forest.ids)}
    assert {one: Plain(*of[1:]) for one, of in found.items()} == expected
    assert counted.forest.people == people


def test_what_is_far_more_than_usual_is_derived_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(store, 1)
    standings.refresh(store)
    monkeypatch.setattr(news, "MOST", 5)
    for n in range(8):
        scene.joins(n)
        scene.sells(n, f"s{n}")
    standings.refresh(store)
    assert_as_plainly(scene)


def test_nothing_new_changes_nothing(store: Store) -> None:
    scene = Scene(store, 3)
    scene.sells(1, "s1")
    assert standings.refresh(store) == 3
    assert standings.refresh(store) == 0


def test_a_derivation_that_was_killed_is_begun_again(store: Store) -> None:
    scene = Scene(store, 2)
    scene.sells(0, "s1")
    standings.refresh(store)
    with store.writing() as db:
        table.begin_anew(db, scene.id)  # ... and nothing after it
    scene.sells(1, "s1")
    assert table.people(store.reader(), scene.id) is None
    standings.refresh(store)
    assert_as_plainly(scene)


def test_who_begins_later_takes_a_derivation_over(store: Store) -> None:
    scene = Scene(store, 2)
    with store.writing() as db:
        first = table.begin_anew(db, scene.id)
        table.begin_anew(db, scene.id)
    assert not table.write_anew(store, scene.id, first, iter(()), [], 0)
    assert table.people(store.reader(), scene.id) is None


def test_taking_somebody_out_of_a_campaign_is_noticed(store: Store) -> None:
    scene = Scene(store, 1)
    scene.joins(0)
    standings.refresh(store)
    scene.do("DELETE FROM participant WHERE id = ?", scene.people.pop())
    standings.refresh(store)
    assert_as_plainly(scene)


def test_who_is_erased_is_still_one_person_and_named_nowhere(store: Store) -> None:
    scene = Scene(store, 1)
    make.people(store, 1)
    scene.joins(0)
    scene.sells(0, "p1")
    scene.sells(0, "s1")
    standings.refresh(store)
    with store.writing() as db:
        db.execute("INSERT INTO erasure (creator_id) SELECT min(id) FROM creator")
        db.execute("UPDATE conversion SET buyer = 'erased:1' WHERE buyer = 'p1'")
        db.execute("UPDATE participant SET ref = 'erased:1' WHERE id = ?", (scene.people[1],))
        db.execute("DELETE FROM erasure")
    assert store.reader().execute("SELECT count(*) FROM stale_reach WHERE person = 'p1'").fetchone() == (0,)
    standings.refresh(store)
    assert_as_plainly(scene)


def test_a_long_chain_is_no_trouble(store: Store) -> None:
    scene = Scene(store, 1)
    for n in range(300):
        scene.joins(n)
    standings.refresh(store)
    scene.sells(300, "s1", 700)
    standings.refresh(store)
    (first,) = table.with_those_above(store.reader(), scene.people[:1])
    assert (first.below, first.indirect, first.indirect_revenue, first.reached) == (300, 1, 700, 301)
    assert_as_plainly(scene)


def test_campaigns_are_derived_apart(store: Store) -> None:
    one, other = Scene(store, 2), Scene(store, 2)
    one.joins(0)
    other.joins(1)
    one.sells(0, "s1")
    standings.refresh(store)
    other.sells(1, "s1")
    standings.refresh(store)
    for scene in (one, other):
        assert_as_plainly(scene)


FEW = {
    "stale_participant", "stale_reach", "campaign", "one", "json_each", "up", "down", "wanted", "sqlite_schema",
    "CONSTANT",
}  # fmt: skip
"""What is short whatever the campaign: read as a whole."""


def test_what_is_new_is_found_through_indexes(store: Store) -> None:
    scene = Scene(store, 3)
    scene.joins(0)
    scene.sells(1, "s1")
    standings.refresh(store)
    scene.moves(3, 1)
    scene.sells(3, "s1")
    scene.clicks("s2", 0)
    seen: list[str] = []
    with store.writing() as db:
        db.set_trace_callback(seen.append)
    store.reader().set_trace_callback(seen.append)
    fraud.watch(store)
    standings.refresh(store)
    scanned = set()
    for statement in seen:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            plan = [row[3] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {statement}")]
            scanned |= {step.split()[1] for step in plan if step.startswith("SCAN")}
    assert scanned <= FEW
