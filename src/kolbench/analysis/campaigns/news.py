"""Bringing standings up to date along the ways from those whose facts have changed up to whom nobody brought."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from kolbench.analysis.campaigns.reach import covered
from kolbench.store import campaign_facts as facts
from kolbench.store import campaign_standings as table
from kolbench.store.campaign_standings import Standing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from kolbench.store.campaign_standings import Stale

MOST = 20_000
"""Above so many, deriving everybody anew is no slower."""


class TooMuch(Exception):
    """So much has changed that everything should be derived anew."""


@dataclass(slots=True)
class _Row:
    """What a standing holds besides the participant, in its order, while it is being changed."""

    depth: int = 0
    invited: int = 0
    below: int = 0
    direct: int = 0
    indirect: int = 0
    revenue: int = 0
    indirect_revenue: int = 0
    reached: int = 0
    commission: int = 0
    last_at: int | None = None
    parent_id: int | None = None


_values = attrgetter(*Standing._fields[1:])


def apply(db: sqlite3.Connection, campaign_id: int, stale: Stale, people: int) -> tuple[int, int]:
    """Change the rows of whom something is new and of everybody above them, inside the caller's transaction.

    ``people`` is how many anybody had reached. Returns how many rows were changed, and ``people`` from now on.
    Raises TooMuch, with nothing changed, when everything should be derived anew.
    """
    if len(stale.participants) >= MOST or len(stale.reach) >= MOST:
        raise TooMuch
    parents = facts.parents(db, stale.participants)
    known = {row.participant_id: row for row in table.with_those_above(db, parents)}
    moved = {one for one, parent in parents.items() if one not in known or known[one].parent_id != parent}
    carried = table.those_below(db, moved & known.keys(), MOST)
    if len(carried) >= MOST:
        raise TooMuch
    reach = _Reach(db, campaign_id, stale, moved, carried)
    near = {*carried, *reach.participants, *(one for one in parents.values() if one is not None)} - known.keys()
    before = known | {row.participant_id: row for row in table.with_those_above(db, near)}
    rows = {one: _Row(*row[1:]) for one, row in before.items()}
    for one in parents.keys() - rows.keys():
        rows[one] = _Row()
    branches = _Branches(rows)
    branches.move({one: parents[one] for one in moved}, known)
    branches.deepen((*moved, *carried))
    branches.tell(db, campaign_id, parents)
    people += reach.apply(rows, {one: row.parent_id for one, row in before.items()})
    after = (Standing(one, *_values(row)) for one, row in rows.items())
    changed = [row for row in after if before.get(row.participant_id) != row]
    table.put(db, campaign_id, before, changed)
    return len(changed), people


class _Branches:
    """The rows in question, with everybody above them."""

    def __init__(self, rows: dict[int, _Row]) -> None:
        self.rows = rows

    def move(self, parents: Mapping[int, int | None], known: Mapping[int, Standing]) -> None:
        """Put participants, each with all below, under others.

        All are taken away first: putting one under another's former branch would close a circle for a moment.
        """
        for one in parents:
            if one in known:
                self._hang(one, -1)
            self.rows[one].parent_id = None
        for one, parent in parents.items():
            self.rows[one].parent_id = parent
            self._hang(one, 1)

    def deepen(self, moved: Iterable[int]) -> None:
        """Say of participants who were moved how far from whom nobody brought they are now."""
        depths: dict[int, int] = {}
        for one in moved:
            way = []
            above: int | None = one
            while above is not None and above not in depths:
                way.append(above)
                above = self.rows[above].parent_id
            depth = -1 if above is None else depths[above]
            for below in reversed(way):
                depth += 1
                depths[below] = depth
        for one, depth in depths.items():
            self.rows[one].depth = depth

    def tell(self, db: sqlite3.Connection, campaign_id: int, ids: Collection[int]) -> None:
        """Read what these participants have sold and are owed, and add what is new of it to everybody above."""
        owed = dict(facts.owed(db, campaign_id, ids=ids))
        sold = {one: told for one, *told in facts.sold(db, campaign_id, ids=ids)}
        for one in ids:
            row = self.rows[one]
            count, revenue, last_at = sold.get(one, (0, 0, None))
            more, money = count - row.direct, revenue - row.revenue
            row.direct, row.revenue, row.last_at = count, revenue, last_at
            row.commission = owed.get(one, 0)
            if more or money:
                for above in self._above(one):
                    above.indirect += more
                    above.indirect_revenue += money

    def _hang(self, one: int, sign: int) -> None:
        """Add what is at and below somebody to everybody above, or take it off."""
        row = self.rows[one]
        if row.parent_id is not None:
            self.rows[row.parent_id].invited += sign
        for above in self._above(one):
            above.below += sign * (row.below + 1)
            above.indirect += sign * (row.direct + row.indirect)
            above.indirect_revenue += sign * (row.revenue + row.indirect_revenue)

    def _above(self, one: int) -> Iterator[_Row]:
        above = self.rows[one].parent_id
        while above is not None:
            row = self.rows[above]
            yield row
            above = row.parent_id


class _Reach:
    """The people of whom it may have changed by whom they are reached, and all who reach them, now and before."""

    def __init__(
        self, db: sqlite3.Connection, campaign_id: int, stale: Stale, moved: Collection[int], carried: Collection[int]
    ) -> None:
        self.moved = moved
        persons = {person for person, _one in stale.reach}
        if moved:
            persons |= facts.refs_of(db, (*moved, *carried)) | facts.reached_by(db, campaign_id, (*moved, *carried))
        if len(persons) > 2 * MOST:
            raise TooMuch
        self.taking_part = facts.participants_among(db, campaign_id, persons)
        self.now: dict[str, set[int]] = {person: set() for person in persons}
        for person, one in facts.who_reached(db, campaign_id, persons):
            self.now[person].add(one)
        self.before = {person: set(found) for person, found in self.now.items()}
        for (person, one), before in stale.reach.items():
            (self.before[person].add if before else self.before[person].discard)(one)

    @property
    def participants(self) -> set[int]:
        """All who reach one of these people, or did."""
        found = set(self.taking_part.values())
        return found.union(*self.now.values(), *self.before.values())

    def apply(self, rows: dict[int, _Row], parents: Mapping[int, int | None]) -> int:
        """Count these people for whoever reaches them now, and no more for who did; by how many there are more."""
        now_by = {one: row.parent_id for one, row in rows.items()}
        more = 0
        for person, sellers in self.now.items():
            taker = self.taking_part.get(person)
            were = covered(self.before[person], parents, taker)
            are = covered(sellers, now_by, taker)
            for one in are - were:
                rows[one].reached += 1
            for one in were - are:
                rows[one].reached -= 1
            more += bool(are) - bool(were)
        return more
