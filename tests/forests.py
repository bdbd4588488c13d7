"""Campaigns whose facts are written as settling leaves them, and what plain Python makes of them."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import campaigning
import make
from kolbench.store import campaign_standings as table
from kolbench.store import refunds, runs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Window


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
        with self.store.writing() as db:
            refunds.spread(db, [(self.id, "s", f"o{sale}")])

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
    for one, buyer, at, amount, returned, _id in sales:
        for other in (one, *above(one)):
            if buyer is not None:
                reached[other].add(buyer)
        if returned == amount > 0:
            continue
        own = sums[one]
        own["direct"] += 1
        own["revenue"] += amount - returned
        own["last_at"] = max(at, own["last_at"] if own["last_at"] is not None else at)
        for other in above(one):
            sums[other]["indirect"] += 1
            sums[other]["indirect_revenue"] += amount - returned
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
