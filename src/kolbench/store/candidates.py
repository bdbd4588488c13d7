"""The candidate list: every creator with a standing, ordered, filtered and searched, read a window at a time."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kolbench.store.connect import Store

ORDERS = {
    "score": ("score", True),
    "followers": ("followers", True),
    "growth": ("growth", True),
    "engagement": ("engagement", True),
    "voice": ("voice", True),
    "active": ("last_active_at", True),
    "name": ("name_key", False),
}
"""Name of an order to ``(column, descending by default)``; each has its index, and unknown values come last."""


class Candidate(NamedTuple):
    """One row of the list. Scores of components are 0 to 1, ``score`` 0 to 100; None is not known."""

    creator_id: int
    name: str
    platform: str
    handle: str | None
    accounts: int
    category: str | None
    region: str | None
    tier: str
    followers: int | None
    followers_pm: int | None
    followers_at: int | None
    growth: float | None
    engagement: float | None
    engagement_how: str | None
    voice: int | None
    works: int | None
    last_active_at: int | None
    reach_score: float | None
    engagement_score: float | None
    voice_score: float | None
    growth_score: float | None
    activity_score: float | None
    score: float
    confidence: float


_COLUMNS = ", ".join(Candidate._fields)


@dataclass(frozen=True)
class Filter:
    """What to show; the empty one shows everybody. ``followers`` are inclusive bounds."""

    text: str = ""
    platform: str | None = None
    tier: str | None = None
    community_id: int | None = None
    source_id: int | None = None
    followers_from: int | None = None
    followers_to: int | None = None

    def __bool__(self) -> bool:
        return self != Filter()


class CandidateWindow:
    """A live, ordered view of the candidates. Everything but the constructor reads the store: call it in a thread.

    Without a filter, pages are found through the order's index, from whichever end is nearer; with one, the ids
    that match are kept in their order, eight bytes each.
    """

    def __init__(
        self, store: Store, order: str = "score", *, reverse: bool = False, shown: Filter | None = None
    ) -> None:
        self.store = store
        self.column, descending = ORDERS[order]
        self.descending = descending is not reverse
        self.reverse = reverse
        self.shown = shown or Filter()
        self._count: int | None = None
        self._known = 0
        self._ids: array[int] | None = None

    def count(self) -> int:
        """How many candidates match."""
        if self._count is None:
            db = self.store.reader()
            if self.shown:
                self._ids = _matching(db, self.shown, self._order_by())
                self._count = len(self._ids)
            else:
                self._count = int(db.execute("SELECT count(*) FROM standing").fetchone()[0])
                self._known = self._count
                if self.reverse and self.column != "name_key":
                    query = f"SELECT count(*) FROM standing WHERE {self.column} IS NOT NULL"
                    self._known = int(db.execute(query).fetchone()[0])
        return self._count

    def rows(self, start: int, stop: int) -> Sequence[Candidate]:
        """The candidates from position ``start`` up to, not including, ``stop``."""
        total = self.count()
        start, stop = max(0, start), min(stop, total)
        if start >= stop:
            return []
        db = self.store.reader()
        if self._ids is not None:
            return _by_ids(db, self._ids[start:stop])
        known = self._known
        parts: list[Candidate] = []
        if start < known:
            parts += self._slice(db, start, min(stop, known), known, known_only=known < total)
        if stop > known:
            parts += self._unknown(db, max(0, start - known), stop - max(start, known))
        return parts

    def position(self, creator_id: int) -> int | None:
        """Where a creator stands in this order; None when they are not in it."""
        self.count()
        if self._ids is not None:
            return self._ids.index(creator_id) if creator_id in self._ids else None
        return None

    def _slice(self, db: sqlite3.Connection, start: int, stop: int, total: int, *, known_only: bool) -> list[Candidate]:
        """A page through the index, from the nearer end."""
        where = f"WHERE {self.column} IS NOT NULL" if known_only else ""
        from_end = start > total - stop
        offset = total - stop if from_end else start
        order = self._order_by(backwards=from_end)
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM standing WHERE creator_id IN"
            f" (SELECT creator_id FROM standing {where} ORDER BY {order} LIMIT ? OFFSET ?) ORDER BY {order}",
            (stop - start, offset),
        ).fetchall()
        page = list(map(Candidate._make, rows))
        return page[::-1] if from_end else page

    def _unknown(self, db: sqlite3.Connection, offset: int, limit: int) -> list[Candidate]:
        """The candidates whose value is not known, who come last in either direction."""
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM standing WHERE {self.column} IS NULL ORDER BY creator_id DESC LIMIT ? OFFSET ?",
            (limit, offset),
        )
        return list(map(Candidate._make, rows.fetchall()))

    def _order_by(self, *, backwards: bool = False) -> str:
        """The order's ORDER BY, along the index or against it, so that no sorting is needed."""
        natural = self.column == "name_key"
        down = self.descending is not backwards
        return f"{self.column} {'DESC' if down else 'ASC'}, creator_id {'ASC' if down is not natural else 'DESC'}"


def get(store: Store, creator_id: int) -> Candidate | None:
    """One creator as the list shows them."""
    row = store.reader().execute(f"SELECT {_COLUMNS} FROM standing WHERE creator_id = ?", (creator_id,)).fetchone()
    return Candidate._make(row) if row else None


def platforms(store: Store) -> list[str]:
    """The platforms that occur, for a filter's choices."""
    rows = store.reader().execute(
        "WITH RECURSIVE p(name) AS (SELECT min(platform) FROM standing UNION ALL"
        " SELECT (SELECT min(platform) FROM standing WHERE platform > p.name) FROM p WHERE p.name IS NOT NULL)"
        " SELECT name FROM p WHERE name IS NOT NULL"
    )
    return [row[0] for row in rows]


def _matching(db: sqlite3.Connection, shown: Filter, order: str) -> array[int]:
    clauses: list[str] = []
    values: list[Any] = []
    if shown.text:
        from kolbench.store import search  # its patterns take 5 ms to compile, which the first frame would wait for

        match, part = search.query(shown.text)
        if match:
            clauses.append("creator_id IN (SELECT rowid FROM creator_terms WHERE creator_terms MATCH ?)")
            values.append(match)
        clauses.append("instr(name_key, ?) > 0")
        values.append(part)
    for clause, value in (
        ("platform = ?", shown.platform),
        ("tier = ?", shown.tier),
        ("followers >= ?", shown.followers_from),
        ("followers <= ?", shown.followers_to),
        (
            "creator_id IN (SELECT account.creator_id FROM membership JOIN account ON account.id = account_id"
            " WHERE community_id = ?)",
            shown.community_id,
        ),
        (
            "creator_id IN (SELECT account.creator_id FROM account JOIN run ON run.id = account.run_id"
            " WHERE run.source_id = ?)",
            shown.source_id,
        ),
    ):
        if value is not None:
            clauses.append(clause)
            values.append(value)
    nulls = "" if order.startswith("name_key") else " NULLS LAST"
    first, second = order.split(", ")
    # The + keeps SQLite from walking everybody in that order, and looking each up, to save sorting a few.
    rows = db.execute(
        f"SELECT creator_id FROM standing WHERE {' AND '.join(clauses)} ORDER BY +{first}{nulls}, {second}", values
    )
    return array("q", (row[0] for row in rows))


def _by_ids(db: sqlite3.Connection, ids: array[int]) -> list[Candidate]:
    marks = ", ".join("?" * len(ids))
    rows = db.execute(f"SELECT {_COLUMNS} FROM standing WHERE creator_id IN ({marks})", ids.tolist())
    found = {row[0]: Candidate._make(row) for row in rows}
    return [found[creator_id] for creator_id in ids if creator_id in found]
