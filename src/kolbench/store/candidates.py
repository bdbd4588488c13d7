"""The candidate list: creators with a standing, of all or of a brief, ordered, filtered, read a window at a time."""

from __future__ import annotations

import json
from array import array
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import now
from kolbench.store import refusals
from kolbench.store.filters import Filter, asked, indexed, passed_over

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from kolbench.store.connect import Store

ORDERS = {
    "score": ("score", True),
    "followers": ("followers", True),
    "growth": ("growth", True),
    "engagement": ("engagement", True),
    "voice": ("voice", True),
    "authority": ("authority_score", True),
    "authenticity": ("authenticity_score", True),
    "fans": ("fans_score", True),
    "portability": ("portability_score", True),
    "potential": ("potential_score", True),
    "active": ("last_active_at", True),
    "name": ("name_key", False),
}
"""Name of an order to ``(column, descending by default)``; each has its index, and unknown values come last."""

BRIEF_ORDERS = {**ORDERS, "score": ("candidate.score", True), "fit": ("candidate.fit_score", True)}
"""Likewise of the candidates of a brief, which have a score of their own."""

KNOWN = ("score", "candidate.score", "name_key")
"""Columns in which everybody has a value."""

NEAR = 5_000
"""A page no further than this from an end is found through the index of its order, whatever else has to hold."""

FAR = 100_000
"""A glance looks no further along an order, nor among more whom a filter means."""

UNDECIDED = "undecided"

GLANCE = 128
"""Rows of a glance at the most; with less than half of them there is none."""

FEW = 10_000
"""So many ids are sorted faster than they are picked out of an order of everybody, and are looked through at once."""

SOME = 3
"""A brief of less than one in so many people is looked through faster than everybody is."""


class Candidate(NamedTuple):
    """One row of the list. Scores of components are 0 to 1, ``score`` 0 to 100; None is not known.

    The fields from ``fit_score`` on are those of a brief: ``inside`` is who belongs to our communities, ``extra``
    the JSON of what scorers of plugins measured.
    """

    creator_id: int
    name: str
    platform: str
    handle: str | None
    accounts: int
    category: str | None
    region: str | None
    language: str | None
    tier: str
    kind: str
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
    authority_score: float | None
    authenticity_score: float | None
    fans_score: float | None
    portability_score: float | None
    potential_score: float | None
    score: float
    confidence: float
    fit_score: float | None
    audience_score: float | None
    inside: int
    extra: str | None


_OWN = ("score", "confidence", "fit_score", "audience_score", "inside", "extra")
_GENERAL = ", ".join(name for name in Candidate._fields if name not in _OWN)
_EVERYBODY = f"SELECT {_GENERAL}, score, confidence, NULL, NULL, 0, NULL FROM standing"
_CHOSEN = (
    f"SELECT {_GENERAL}, c.score, c.confidence, c.fit_score, c.audience_score, c.inside, c.extra"
    " FROM standing JOIN (SELECT * FROM candidate WHERE brief_id = :brief) AS c USING (creator_id)"
)


class _Tables(NamedTuple):
    """What is read, and what has to hold of it."""

    names: str
    condition: str = ""


_EVERY = _Tables("standing")
_OF_BRIEF = _Tables("candidate", "brief_id = :brief")
_IN_BRIEF = _Tables(
    "standing", "EXISTS (SELECT 1 FROM candidate WHERE brief_id = :brief AND creator_id = standing.creator_id)"
)
_BOTH = _Tables("candidate CROSS JOIN standing USING (creator_id)", "brief_id = :brief")
_SHOWN = _Tables("standing CROSS JOIN candidate USING (creator_id)", "brief_id = :brief")


class CandidateWindow:
    """A live, ordered view of the candidates. Everything but the constructor reads the store: call it in a thread.

    Without a filter, pages are found through the order's index; with one, and in the middle of what a brief leaves of
    everybody's order, the ids that match are kept in their order, eight bytes each. Until they are found, ``glance``
    tells the first of many.
    """

    def __init__(
        self,
        store: Store,
        order: str = "score",
        *,
        reverse: bool = False,
        shown: Filter | None = None,
        brief_id: int | None = None,
    ) -> None:
        self.store = store
        self.column, descending = (ORDERS if brief_id is None else BRIEF_ORDERS)[order]
        self.descending = descending is not reverse
        self.reverse = reverse
        self.shown = shown or Filter()
        self.brief_id = brief_id
        self._count: int | None = None
        self._known: int | None = None
        self._ids: array[int] | None = None
        self._where: list[str] = []
        self._values: dict[str, Any] = {}
        self._gone: tuple[list[str], dict[str, Any], int] | None = None
        self._guard = Lock()
        self._finding: sqlite3.Connection | None = None

    def count(self) -> int:
        """How many candidates match."""
        if self._count is None:
            db = self.store.reader()
            self._ask(db, indexed=not self._is_small)
            if self.shown and not self._is_most:
                self._ids = self._in_order(db)
                self._count = len(self._ids)
            else:
                self._count = self._everybody() - (self._decided(db) if self.shown else 0)
                if self.brief_id is not None and self._count <= FEW:
                    self._ids = self._in_order(db)
        return self._count

    def glance(self) -> Sequence[Candidate]:
        """The first rows of what a filter leaves: nobody where few are near the top of the order, or none is needed."""
        if not self.shown or self._count is not None or self._is_small or self._is_most:
            return []
        db = self.store.reader()
        self._ask(db, indexed=False)
        for near in self._near(db):
            tables = _Tables(f"({near}) CROSS JOIN standing USING (creator_id)")
            if self.brief_id is not None:
                tables = _Tables(f"{tables.names} CROSS JOIN candidate USING (creator_id)", "brief_id = :brief")
            query = f"SELECT creator_id {self._from(tables)} ORDER BY {self._sorted_by()} LIMIT {GLANCE}"
            ids = [creator_id for (creator_id,) in db.execute(query, self._values)]
            if len(ids) >= GLANCE // 2:
                return _by_ids(db, ids, self.brief_id)
        return []

    def _near(self, db: sqlite3.Connection) -> Iterator[str]:
        """Queries for those at the top of the order: the first ones; then, among more of them, those whom an index of
        the filter means.
        """
        number = FAR
        if condition := indexed(self.shown):
            meant = f"SELECT creator_id FROM standing WHERE {condition}"
            (number,) = db.execute(f"SELECT count(*) FROM ({meant} LIMIT {FAR})", self._values).fetchone()
            if number <= FEW or (self.column == "score" and number < FAR):  # the index has them in this order
                return
        known = f"{self.column} IS NOT NULL" if self.reverse and self.column not in KNOWN else ""
        tables = _OF_BRIEF if self._own else _EVERY
        top = f"SELECT creator_id {self._from(tables, known, every=True)} ORDER BY {self._order_by()} LIMIT"
        share = 1 if self._own else self._people // max(1, self._in_brief)
        yield f"{top} {min(NEAR * share, FAR)}"
        if number < FAR:
            yield f"SELECT creator_id FROM ({top} {FAR}) WHERE creator_id IN ({meant}) LIMIT {4 * GLANCE}"

    def abandon(self) -> None:
        """End a search for all that match, if one runs: nobody waits for it any more. From any thread."""
        with self._guard:
            if self._finding is not None:
                self._finding.interrupt()

    def rows(self, start: int, stop: int) -> Sequence[Candidate]:
        """The candidates from position ``start`` up to, not including, ``stop``."""
        total = self.count()
        start, stop = max(0, start), min(stop, total)
        if start >= stop:
            return []
        db = self.store.reader()
        if self._ids is None and self.brief_id is not None and not self._own and min(stop, total - start) > NEAR:
            self._ids = self._in_order(db)
        if self._ids is not None:
            return _by_ids(db, self._ids[start:stop].tolist(), self.brief_id)
        if not self.reverse or self.column in KNOWN:
            return self._slice(db, start, stop, total, known_only=False)
        if self._known is None:
            if len(page := self._at_an_end(db, start, stop, total)) == stop - start:
                return page
            tables = self._from(self._walked(), f"{self.column} IS NOT NULL")
            (self._known,) = db.execute(f"SELECT count(*) {tables}", self._values).fetchone()
        known = self._known
        parts: list[Candidate] = []
        if start < known:
            parts += self._slice(db, start, min(stop, known), known, known_only=True)
        if stop > known:
            parts += self._unknown(db, max(0, start - known), stop - max(start, known))
        return parts

    def position(self, creator_id: int) -> int | None:
        """Where a creator stands in this order; None when they are not in it, or it would take long to say."""
        self.count()
        if self._ids is not None:
            return self._ids.index(creator_id) if creator_id in self._ids else None
        return None

    def ids(self) -> array[int]:
        """Everybody in the list, in its order."""
        self.count()
        return self._in_order(self.store.reader()) if self._ids is None else self._ids

    def _slice(self, db: sqlite3.Connection, start: int, stop: int, total: int, *, known_only: bool) -> list[Candidate]:
        """A page through the index, from the nearer end."""
        from_end = start > total - stop
        offset = total - stop if from_end else start
        condition = f"{self.column} IS NOT NULL" if known_only else ""
        page = self._page(db, condition, self._order_by(backwards=from_end), stop - start, offset)
        return page[::-1] if from_end else page

    def _at_an_end(self, db: sqlite3.Connection, start: int, stop: int, total: int) -> list[Candidate]:
        """A page of known values from the start, or of unknown ones from the end, as far as it consists of those."""
        if start <= total - stop:
            return self._page(db, f"{self.column} IS NOT NULL", self._order_by(), stop - start, start)
        return self._page(db, f"{self.column} IS NULL", "creator_id ASC", stop - start, total - stop)[::-1]

    def _unknown(self, db: sqlite3.Connection, offset: int, limit: int) -> list[Candidate]:
        """The candidates whose value is not known, who come last in either direction."""
        return self._page(db, f"{self.column} IS NULL", "creator_id DESC", limit, offset)

    def _page(self, db: sqlite3.Connection, condition: str, order: str, limit: int, offset: int) -> list[Candidate]:
        query = (
            f"SELECT creator_id {self._from(self._walked(), condition)} ORDER BY {order} LIMIT :limit OFFSET :offset"
        )
        found = db.execute(query, {**self._values, "limit": limit, "offset": offset}).fetchall()
        return _by_ids(db, [creator_id for (creator_id,) in found], self.brief_id)

    def _in_order(self, db: sqlite3.Connection) -> array[int]:
        """The ids of all, sorted."""
        query = f"SELECT creator_id {self._from(self._looked_through())} ORDER BY {self._sorted_by()}"
        with self._guard:
            self._finding = db
        try:
            return array("q", (row[0] for row in db.execute(query, self._values)))
        finally:
            with self._guard:
                self._finding = None

    def _everybody(self) -> int:
        """How many there are without a filter: all but those left out, which is quicker than asking it of each."""
        return self._people if self.brief_id is None else self._in_brief - (self._gone[2] if self._gone else 0)

    @property
    def _people(self) -> int:
        return self.store.remembered("SELECT count(*) FROM standing", ())

    @property
    def _in_brief(self) -> int:
        """How many the brief means, those left out among them."""
        if self.brief_id is None:
            return self._people
        return self.store.remembered("SELECT count(*) FROM candidate WHERE brief_id = ?", (self.brief_id,))

    @property
    def _is_most(self) -> bool:
        """Whether those are shown about whom nothing is decided: all but a few, who are passed over on the way."""
        return self.brief_id is not None and self.shown == Filter(state=UNDECIDED)

    @property
    def _is_small(self) -> bool:
        """Whether the brief means so few that each of them can be looked at."""
        return self.brief_id is not None and self._in_brief <= FEW

    def _decided(self, db: sqlite3.Connection) -> int:
        """How many of the brief's list something is decided about."""
        from kolbench.store import decisions

        assert self.brief_id is not None
        clause, values = decisions.having(self.brief_id, set(decisions.STATES) - {UNDECIDED})
        where = " AND ".join((_OF_BRIEF.condition, clause, *(self._gone[0] if self._gone else ())))
        return next(db.execute(f"SELECT count(*) FROM candidate WHERE {where}", {**self._values, **values}))[0]  # type: ignore[no-any-return]

    def _ask(self, db: sqlite3.Connection, *, indexed: bool = True) -> None:
        """Say what has to hold: what the filter means, and that nobody is left out by the brief."""
        self._where, self._values = asked(self.shown, self.brief_id, indexed=indexed)
        if self.brief_id is not None:
            if self._gone is None:
                self._gone = passed_over(db, self.brief_id, FEW)
            where, values, _people = self._gone
            self._where += where
            self._values |= {**values, "brief": self.brief_id}

    def _looked_through(self) -> _Tables:
        """Where to look for all: first where there are fewer, among those of a filter or of the brief."""
        if self.brief_id is None:
            return _EVERY
        if not self.shown or self._is_most:
            return _OF_BRIEF if self._own else _BOTH
        if self._is_small or not (indexed(self.shown) or self.shown.text or self._in_brief * SOME > self._people):
            return _BOTH
        return _SHOWN

    def _walked(self) -> _Tables:
        """Where the order has its index: with the brief's own values, or with those of everybody."""
        if self.brief_id is None:
            return _EVERY
        return _OF_BRIEF if self._own else _IN_BRIEF

    @property
    def _own(self) -> bool:
        """Whether the order is by a value of the brief's own, whose index holds nobody else."""
        return self.column.startswith("candidate.")

    def _from(self, tables: _Tables, condition: str = "", *, every: bool = False) -> str:
        """FROM, and WHERE with all that has to hold; of ``every`` one only the condition."""
        where = [one for one in (tables.condition, *([] if every else self._where), condition) if one]
        return f"FROM {tables.names}{' WHERE ' + ' AND '.join(where) if where else ''}"

    def _order_by(self, *, backwards: bool = False) -> str:
        """The order's ORDER BY, along the index or against it, so that no sorting is needed."""
        natural = self.column == "name_key"
        down = self.descending is not backwards
        return f"{self.column} {'DESC' if down else 'ASC'}, creator_id {'ASC' if down is not natural else 'DESC'}"

    def _sorted_by(self) -> str:
        """The order's ORDER BY for what is sorted."""
        first, second = self._order_by().split(", ")
        nulls = "" if self.column in KNOWN else " NULLS LAST"
        # The + keeps SQLite from walking everybody in that order, and looking each up, to save sorting a few.
        return f"+{first}{nulls}, {second}"


def get(store: Store, creator_id: int, brief_id: int | None = None) -> Candidate | None:
    """One creator as the list shows them, or that of a brief; None where they are not in it."""
    return next(iter(_by_ids(store.reader(), [creator_id], brief_id)), None)


def open_to(store: Store, creator_ids: Iterable[int], brief_id: int | None = None) -> set[int]:
    """Who of these may still be chosen: no bots or staff, nobody who wants no contact, nobody decided about.

    Of a brief they are those of its list about whom nothing is decided; None: everybody.
    """
    db = store.reader()
    rows = db.execute(
        "SELECT creator_id FROM json_each(:ids) CROSS JOIN standing ON creator_id = value"
        f" WHERE creator_id NOT IN {refusals.EVERYWHERE}",
        {"ids": json.dumps(list(creator_ids)), "refused_at": now()},
    )
    found = {creator_id for (creator_id,) in rows}
    if brief_id is not None:
        found.intersection_update(CandidateWindow(store, shown=Filter(state="undecided"), brief_id=brief_id).ids())
    return found


def _by_ids(db: sqlite3.Connection, ids: Sequence[int], brief_id: int | None) -> list[Candidate]:
    marks = ", ".join(map(str, ids))
    select = _EVERYBODY if brief_id is None else _CHOSEN
    rows = db.execute(f"{select} WHERE creator_id IN ({marks})", {"brief": brief_id})
    found = {row[0]: Candidate._make(row) for row in rows}
    return [found[creator_id] for creator_id in ids if creator_id in found]
