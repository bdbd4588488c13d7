"""Where participants of a campaign stand: kept up to date as derived anew, and as plain Python counts it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import campaigning
import make
from kolbench.analysis.campaigns import boards, standings
from kolbench.store import campaign_standings as table
from kolbench.store import runs
from kolbench.store.campaign_boards import ORDERS
from kolbench.store.connect import Store
from kolbench.store.leaderboards import Window

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


class Scene:
    """A campaign whose facts are written as settling leaves them: whose a sale is, and who came by whom."""

    numbers = count(1)

    def __init__(self, store: Store, people: int = 0, **terms: Any) -> None:
        self.store = store
        self.id = campaigning.campaign(store, f"scene {next(self.numbers)}", **terms)
        self.run = runs.start(store, make.source(store), "import").id
        self.people: list[int] = []
        self.sales: list[int] = []
        for _n in range(people):
            self.joins()

    def do(self, statement: str, *values: object) -> int:
        """Write something; returns the id that it tells."""
        with self.store.writing() as db:
            row = db.execute(statement, values).fetchone()
        return int(row[0]) if row else 0

    def joins(self, parent: int | None = None, at: int = 0, wave: int | None = None) -> int:
        """Somebody joins by the ``parent``-th participant; returns their id."""
        ref = f"p{len(self.people)}"
        one = self.do(
            "INSERT INTO participant (campaign_id, ref, name, wave_id, joined_at, run_id, at) VALUES (?,?,?,?,?,?,0)"
            " RETURNING id",
            self.id, ref, ref, wave, at, self.run,
        )  # fmt: skip
        self.people.append(one)
        if parent is not None:
            self.moves(len(self.people) - 1, parent, at)
        return one

    def moves(self, child: int, parent: int | None, at: int = 0) -> None:
        """The ``child``-th comes by the ``parent``-th from now on, unless that closed a circle."""
        above = None if parent is None else self.people[parent]
        while above is not None:
            if above == self.people[child]:
                return
            (above,) = (
                self.store.reader().execute("SELECT parent_id FROM participant WHERE id = ?", (above,)).fetchone()
            )
        self.do(
            "UPDATE participant SET parent_id = ?, referred_at = ? WHERE id = ?",
            None if parent is None else self.people[parent], None if parent is None else at, self.people[child],
        )  # fmt: skip

    def sells(self, seller: int, buyer: str | None = None, amount: int = 100, at: int = 0) -> int:
        """The ``seller``-th sells something."""
        sale = self.do(
            "INSERT INTO conversion (campaign_id, source, order_id, kind, at, buyer, amount, currency, run_id,"
            " received_at) VALUES (?, 's', ?, 'sale', ?, ?, ?, 'CNY', ?, 0) RETURNING id",
            self.id, f"o{len(self.sales)}", at, buyer, amount, self.run,
        )  # fmt: skip
        self.sales.append(sale)
        self.is_of(len(self.sales) - 1, seller)
        return sale

    def is_of(self, sale: int, seller: int | None) -> None:
        """The ``sale``-th counts for somebody (else), or for nobody any more."""
        self.do(
            "UPDATE conversion SET participant_id = ?1, via = iif(?1 IS NULL, NULL, 'code'),"
            " state = iif(?1 IS NULL, 'quarantined', 'counted'), reason = iif(?1 IS NULL, 'late', NULL) WHERE id = ?2",
            None if seller is None else self.people[seller], self.sales[sale],
        )  # fmt: skip

    def gives_back(self, sale: int, amount: int) -> None:
        """So much of the ``sale``-th, at most what it cost, is given back."""
        self.do(
            "INSERT INTO refund (campaign_id, source, order_id, refund_id, amount, at, run_id, received_at)"
            " SELECT campaign_id, source, order_id, 'r' || refunded, min(?, amount - refunded), at, run_id, 0"
            " FROM conversion WHERE id = ? AND refunded < amount",
            amount, self.sales[sale],
        )  # fmt: skip

    def clicks(self, visitor: str, participant: int, at: int = 0) -> None:
        """Somebody follows a link."""
        self.do(
            "INSERT INTO touch (campaign_id, participant_id, visitor, at, run_id) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            self.id, self.people[participant], visitor, at, self.run,
        )  # fmt: skip

    def earns(self, participant: int, amount: int) -> None:
        """The ledger owes somebody something."""
        self.do(
            "INSERT INTO commission_entry (campaign_id, participant_id, version_id, level, kind, amount, currency,"
            " hold_until, at) SELECT ?1, ?2, id, 1, 'adjustment', ?3, 'CNY', 0, 0 FROM campaign_version"
            " WHERE campaign_id = ?1",
            self.id, self.people[participant], amount,
        )  # fmt: skip

    def derived(self) -> tuple[Any, ...]:
        """All that is derived of the campaign."""
        db = self.store.reader()
        people = table.people(db, self.id)
        return (
            db.execute("SELECT * FROM participant_standing WHERE campaign_id = ? ORDER BY 1", (self.id,)).fetchall(),
            table.levels(db, self.id),
            people and people[0],
        )


class Plain(NamedTuple):
    """What plain Python finds of somebody."""

    depth: int
    invited: int
    below: int
    direct: int
    indirect: int
    revenue: int
    indirect_revenue: int
    reached: int
    commission: int
    last_at: int | None


def plainly(db: sqlite3.Connection, campaign: int, window: Window | None = None) -> tuple[dict[int, Plain], int]:
    """Everybody's figures from the facts as slowly as can be: a walk up for each fact, and a set for each person."""
    start, stop = (window.start, window.stop) if window else (-(10**18), 10**18)
    rows = db.execute("SELECT id, ref, parent_id, referred_at FROM participant WHERE campaign_id = ?", (campaign,))
    people = rows.fetchall()
    parent = {one: above for one, _ref, above, _at in people}
    owner = {ref: one for one, ref, _above, _at in people}

    def above(one: int) -> Iterator[int]:
        while (one := parent[one]) is not None:
            yield one

    sums: dict[int, dict[str, Any]] = {one: dict.fromkeys(Plain._fields, 0) for one in parent}
    reached: dict[int, set[str]] = {one: set() for one in parent}
    for one, ref, brought_by, at in people:
        sums[one]["depth"] = len(list(above(one)))
        sums[one]["last_at"] = None
        if brought_by is not None and start <= at < stop:
            sums[brought_by]["invited"] += 1
            for other in above(one):
                sums[other]["below"] += 1
                reached[other].add(ref)
    sales = db.execute(
        "SELECT participant_id, buyer, at, amount, (SELECT coalesce(sum(amount), 0) FROM refund WHERE campaign_id ="
        " conversion.campaign_id AND source = conversion.source AND order_id = conversion.order_id), id"
        " FROM conversion WHERE campaign_id = ? AND state = 'counted' AND at >= ? AND at < ?",
        (campaign, start, stop),
    ).fetchall()
    for one, buyer, at, amount, refunds, _id in sales:
        for other in (one, *above(one)):
            if buyer is not None:
                reached[other].add(buyer)
        if refunds == amount > 0:
            continue
        own = sums[one]
        own["direct"] += 1
        own["revenue"] += amount - refunds
        own["last_at"] = max(at, own["last_at"] if own["last_at"] is not None else at)
        for other in above(one):
            sums[other]["indirect"] += 1
            sums[other]["indirect_revenue"] += amount - refunds
    clicks = db.execute(
        "SELECT participant_id, visitor FROM touch WHERE campaign_id = ? AND at >= ? AND at < ?",
        (campaign, start, stop),
    )
    for one, visitor in clicks:
        for other in (one, *above(one)):
            reached[other].add(visitor)
    within = {sale[-1] for sale in sales}
    entries = db.execute(
        "SELECT participant_id, amount, conversion_id FROM commission_entry WHERE campaign_id = ?", (campaign,)
    )
    for one, amount, conversion in entries:
        if window is None or conversion in within:
            sums[one]["commission"] += amount
    for ref, one in owner.items():
        reached[one].discard(ref)
    for one, found in reached.items():
        sums[one]["reached"] = len(found)
    return {one: Plain(**of) for one, of in sums.items()}, len(set().union(*reached.values()))


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
    found = {one: counted.figures(place) for place, one in enumerate(counted.forest.ids)}
    assert {one: Plain(*of[1:]) for one, of in found.items()} == expected
    assert counted.forest.people == people
