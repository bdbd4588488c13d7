"""Leaderboards of a campaign as they are read: a page at a time, each row with its rank and how it has moved."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from kolbench.store.consents import AGREED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from kolbench.domain.campaigns import Shown, TieRule
    from kolbench.store.connect import Store

Order = Literal["direct", "indirect", "revenue", "reached", "commission"]
ORDERS: tuple[Order, ...] = get_args(Order)
"""The figures by which people are ranked; each has its index."""

OWN: frozenset[str] = frozenset(("direct", "revenue"))
"""What somebody came to by their last conversion, at whose moment they did."""


IN_COMMUNITY = (
    "SELECT participant.id FROM membership JOIN account ON account.id = membership.account_id"
    " JOIN participant ON participant.creator_id = account.creator_id"
    " WHERE community_id = :community AND participant.campaign_id = :campaign"
)
"""The participants whom we know as members of a community."""


class Figures(NamedTuple):
    """What is counted of a participant.

    ``direct`` are conversions of their own, ``indirect`` those of everybody below; so with the revenue, less refunds,
    which like the commission is in the currency's smallest unit. ``reached`` are different people: participants below,
    and whom those and they themselves sold to. ``invited`` came by them, ``below`` by those, too. ``last_at`` (ms) is
    their own last conversion, ``depth`` how far they are from whom nobody brought.
    """

    participant_id: int
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


class Who(NamedTuple):
    """A participant: their name, if we know it, their id where sales are told, and the number of their wave."""

    name: str | None
    ref: str
    shown: Shown
    creator_id: int | None
    wave: int | None


class Place(NamedTuple):
    """A row of a leaderboard; ``position`` counts from 0, ``rank`` from 1.

    ``before`` is the rank with which this one is compared; None: not ranked then, or there is nothing to compare with.
    """

    position: int
    rank: int
    before: int | None
    who: Who
    figures: Figures

    @property
    def moved(self) -> int | None:
        """How many ranks they rose; None where that can't be said."""
        return None if self.before is None else self.before - self.rank


class Only(NamedTuple):
    """Whom a leaderboard shows, with the ranks they have among all: a wave (0: nobody's), a generation, a community.

    ``brought`` are those alone who came by somebody.
    """

    wave: int | None = None
    depth: int | None = None
    community: int | None = None
    brought: bool = False


EVERYBODY = Only()
_FIGURES = ", ".join(Figures._fields)
_IDS = "IN (SELECT value FROM json_each(?))"


class StandingBoard:
    """The leaderboard of all times by one figure, of whoever has more than nothing of it.

    Everything but the constructor reads the store: call it in a thread. A page is found through the order's index,
    from the nearer end. Of a wave and of a community, which are few, the ids are kept in their order.
    """

    def __init__(
        self,
        store: Store,
        campaign_id: int,
        order: Order = "direct",
        *,
        only: Only = EVERYBODY,
        tie_rule: TieRule = "earlier",
        freeze_id: int | None = None,
    ) -> None:
        """``freeze_id`` is the freeze with which ranks are compared."""
        self.store = store
        self.campaign_id = campaign_id
        self.order = order
        self.only = only
        self.freeze_id = freeze_id
        self._by_moment = tie_rule == "earlier" and order in OWN
        self._same = f"{order} IS ?2 AND last_at IS ?3 AND participant_id < ?4"
        self._count: int | None = None
        self._ids: array[int] | None = None

    def count(self) -> int:
        """How many are shown."""
        if self._count is None:
            db = self.store.reader()
            if self.only.wave is None and self.only.community is None and not self.only.brought:
                self._count = _number(
                    db,
                    f"SELECT coalesce(sum(with_{self.order}), 0) FROM campaign_level"
                    " WHERE campaign_id = ? AND coalesce(depth = ?, 1)",
                    self.campaign_id,
                    self.only.depth,
                )
            else:
                self._ids = array("q", self._chosen(db))
                self._count = len(self._ids)
        return self._count

    def rows(self, start: int, stop: int) -> Sequence[Place]:
        """The places from position ``start`` (0 is the first) up to, not including, ``stop``."""
        total = self.count()
        start, stop = max(0, start), min(stop, total)
        if start >= stop:
            return []
        db = self.store.reader()
        ids = self._page(db, start, stop, total) if self._ids is None else self._ids[start:stop].tolist()
        found = figures(db, ids)
        ranks = self._ranks(db, found, start if self.only == EVERYBODY else None)
        return places(db, start, found, ranks, self.order, self.freeze_id)

    def find(self, key: object) -> int | None:
        """The position of a participant; None where they are not shown."""
        self.count()
        if self._ids is not None:
            return self._ids.index(int(str(key))) if key in self._ids else None
        db = self.store.reader()
        found = figures(db, [int(str(key))])
        if not found or not getattr(found[0], self.order) or self.only.depth not in (None, found[0].depth):
            return None
        depth = "" if self.only.depth is None else f"depth = {int(self.only.depth)}"
        value, last_at = getattr(found[0], self.order), found[0].last_at
        ahead = self._many(db, f"{self.order} > ?2", value, more=depth)
        if self.order not in OWN:
            return ahead + self._many(db, f"{self.order} IS ?2 AND participant_id < ?3", value, key, more=depth)
        ahead += self._many(db, f"{self.order} IS ?2 AND last_at < ?3", value, last_at, more=depth)
        return ahead + self._many(db, self._same, value, last_at, key, more=depth)

    def close(self) -> None:
        """Nothing to let go."""

    def _page(self, db: sqlite3.Connection, start: int, stop: int, total: int) -> list[int]:
        """The ids of a page, through the index from the nearer end."""
        backwards = start > total - stop
        depth = "" if self.only.depth is None else f"AND depth = {int(self.only.depth)}"
        rows = db.execute(
            f"SELECT participant_id FROM participant_standing WHERE campaign_id = ?1 AND {self.order} > 0 {depth}"
            f" ORDER BY {_sorted(self.order, backwards=backwards)} LIMIT ?2 OFFSET ?3",
            (self.campaign_id, stop - start, total - stop if backwards else start),
        )
        ids = [row[0] for row in rows]
        return ids[::-1] if backwards else ids

    def _chosen(self, db: sqlite3.Connection) -> Iterator[int]:
        """The ids of those whom ``only`` lets through, in order."""
        where = [f"standing.campaign_id = :campaign AND {self.order} > 0"]
        tables = "participant_standing AS standing"
        if self.only.wave:
            tables = (
                "wave CROSS JOIN participant ON wave_id = wave.id"
                " CROSS JOIN participant_standing AS standing ON participant_id = participant.id"
            )
            where.append("wave.campaign_id = :campaign AND wave.no = :wave")
        elif self.only.wave == 0:
            where.append("NOT EXISTS (SELECT 1 FROM participant WHERE id = participant_id AND wave_id IS NOT NULL)")
        if self.only.community is not None:
            where.append(f"participant_id IN ({IN_COMMUNITY})")
        if self.only.depth is not None:
            where.append("depth = :depth")
        if self.only.brought:
            where.append("depth > 0")
        # The + keeps SQLite from walking everybody in that order to save sorting a few.
        few = "+" if self.only.wave or self.only.community is not None else ""
        rows = db.execute(
            f"SELECT participant_id FROM {tables} WHERE {' AND '.join(where)} ORDER BY {few}{_sorted(self.order)}",
            {"campaign": self.campaign_id, **self.only._asdict()},
        )
        return (row[0] for row in rows)

    def _ranks(self, db: sqlite3.Connection, found: Sequence[Figures], start: int | None) -> list[int]:
        """The rank of each row among all: one more than are ahead of it and not its equals.

        ``start`` is where the rows begin among all, None where others lie between them, who are counted then.
        """
        keys = [(getattr(row, self.order), (row.last_at or 0) if self._by_moment else 0) for row in found]
        ranks: list[int] = []
        for n, (row, key) in enumerate(zip(found, keys, strict=True)):
            last = keys[n - 1] if n else None
            if key == last:
                rank = ranks[-1]
            elif start is None:
                rank = (ranks[-1] if n else 1) + self._between(db, last, key)
            elif not n and not self._by_moment:  # from the nearer end
                if 2 * start > (total := self.count()):
                    rank = total - self._many(db, f"{self.order} <= ?2", key[0]) + 1
                else:
                    rank = self._many(db, f"{self.order} > ?2", key[0]) + 1
            else:
                same = 0 if n else self._many(db, self._same, key[0], row.last_at, row.participant_id)
                rank = start + n + 1 - same
            ranks.append(rank)
        return ranks

    def _between(self, db: sqlite3.Connection, last: tuple[int, int] | None, key: tuple[int, int]) -> int:
        """How many are ahead of a value (and moment) and not ahead of another one before it, if there is one."""
        value, at = key
        if last is not None and last[0] == value:
            return self._many(db, f"{self.order} IS ?2 AND last_at >= ?3 AND last_at < ?4", value, last[1], at)
        if last is None:
            ahead = self._many(db, f"{self.order} > ?2", value)
        else:
            ahead = self._many(db, f"{self.order} > ?2 AND {self.order} < ?3", value, last[0])
            since = f"{self.order} IS ?2 AND last_at >= ?3" if self._by_moment else f"{self.order} IS ?2 AND ?3 = 0"
            ahead += self._many(db, since, *last)
        if self._by_moment:
            ahead += self._many(db, f"{self.order} IS ?2 AND last_at < ?3", value, at)
        return ahead

    def _many(self, db: sqlite3.Connection, condition: str, *values: object, more: str = "") -> int:
        """How many rows a condition on the order's index holds for; ``> 0`` comes last, else that is what is sought."""
        query = f"SELECT count(*) FROM participant_standing WHERE campaign_id = ?1 AND {condition} AND {self.order} > 0"
        return _number(db, f"{query} AND {more}" if more else query, self.campaign_id, *values)


def first(db: sqlite3.Connection, campaign_id: int, order: Order, tie_rule: TieRule, most: int) -> dict[int, int]:
    """The ranks of the first ``most`` participants by a figure, of all times."""
    rows = db.execute(
        f"SELECT participant_id, {order}, last_at FROM participant_standing WHERE campaign_id = ? AND {order} > 0"
        f" ORDER BY {_sorted(order)} LIMIT ?",
        (campaign_id, most),
    )
    return dict(ranked(rows, order, tie_rule))


def ranked(rows: Iterable[tuple[int, int, int | None]], order: Order, tie_rule: TieRule) -> Iterator[tuple[int, int]]:
    """Rows (participant, value, last conversion), the best first, as (participant, rank); the next after equals skips.

    Equal values share a rank; where the ``earlier`` comes first, only those of the same moment do.
    """
    by_moment = tie_rule == "earlier" and order in OWN
    rank, last = 0, None
    for position, (participant_id, value, last_at) in enumerate(rows, 1):
        if (key := (value, last_at if by_moment else None)) != last:
            rank, last = position, key
        yield participant_id, rank


def in_wave(db: sqlite3.Connection, campaign_id: int, no: int) -> frozenset[int]:
    """The participants of a wave; of any wave for 0."""
    rows = db.execute(
        "SELECT participant.id FROM wave CROSS JOIN participant ON wave_id = wave.id"
        " WHERE wave.campaign_id = ?1 AND ?2 IN (0, wave.no)",
        (campaign_id, no),
    )
    return frozenset(row[0] for row in rows)


def in_community(db: sqlite3.Connection, campaign_id: int, community: int) -> frozenset[int]:
    """The participants whom we know as members of a community."""
    return frozenset(row[0] for row in db.execute(IN_COMMUNITY, {"campaign": campaign_id, "community": community}))


def figures(db: sqlite3.Connection, ids: Sequence[int]) -> list[Figures]:
    """The standings of participants, in that order; whoever has none is left out."""
    rows = db.execute(f"SELECT {_FIGURES} FROM participant_standing WHERE participant_id {_IDS}", (json.dumps(ids),))
    found = {row[0]: Figures._make(row) for row in rows}
    return [found[one] for one in ids if one in found]


def names(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Who]:
    """Who participants are, by id."""
    rows = db.execute(
        f"SELECT participant.id, coalesce(participant.name, creator.name), ref, {AGREED}, creator_id, wave.no"
        " FROM participant LEFT JOIN creator ON creator.id = creator_id LEFT JOIN wave ON wave.id = wave_id"
        f" WHERE participant.id {_IDS}",
        (json.dumps(list(ids)),),
    )
    return {row[0]: Who._make(row[1:]) for row in rows}


def places(
    db: sqlite3.Connection,
    start: int,
    found: Sequence[Figures],
    ranks: Sequence[int],
    order: Order,
    freeze_id: int | None = None,
) -> list[Place]:
    """Rows with their ranks, names, and the ranks they had in a freeze."""
    ids = [row.participant_id for row in found]
    who = names(db, ids)
    before = {} if freeze_id is None else ranks_then(db, freeze_id, ids, order)
    return [
        Place(position, rank, before.get(row.participant_id), who[row.participant_id], row)
        for position, (row, rank) in enumerate(zip(found, ranks, strict=True), start)
    ]


def ranks_then(db: sqlite3.Connection, freeze_id: int, ids: Sequence[int], order: Order) -> dict[int, int]:
    """The ranks by a figure that participants had in a freeze; those who had none there are left out."""
    rows = db.execute(
        f"SELECT participant_id, {order}_rank FROM campaign_freeze_entry WHERE freeze_id = ?2"
        f" AND participant_id IN (SELECT value FROM json_each(?1)) AND {order}_rank IS NOT NULL",
        (json.dumps(ids), freeze_id),
    )
    return dict(rows.fetchall())


def _sorted(order: Order, *, backwards: bool = False) -> str:
    """How a figure's index is sorted: what is one's own also by when they came to it."""
    down, up = ("ASC", "DESC") if backwards else ("DESC", "ASC")
    moment = f"last_at {up}, " if order in OWN else ""
    return f"{order} {down}, {moment}participant_id {up}"


def _number(db: sqlite3.Connection, query: str, *values: object) -> int:
    return int(db.execute(query, values).fetchone()[0])
