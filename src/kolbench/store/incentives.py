"""The ledger of incentives: what was given to whom and why; nothing is changed, what was wrong is reversed.

An entry's reversals form a chain, each reversing the one before it: a grant, its reversal, and where that was undone
the reversal of the reversal. The grant counts where the chain has an odd number of entries.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain import periods
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.incentives import Amount, Kind
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, merges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Window

_COLUMNS = (
    "entry.id, entry.creator_id, entry.kind, entry.amount, entry.unit, entry.reason, entry.period, entry.stage,"
    " entry.rule, entry.value, entry.proposal_id, entry.reward_id, entry.paid_by, entry.reversal_of, entry.author,"
    " entry.at"
)
_CHAIN = (
    "WITH RECURSIVE up (id, origin) AS (SELECT id, reversal_of FROM incentive_entry WHERE id = ?"
    " UNION ALL SELECT entry.id, entry.reversal_of FROM up JOIN incentive_entry AS entry ON entry.id = up.origin),"
    " chain (id, n) AS (SELECT id, 1 FROM up WHERE origin IS NULL"
    " UNION ALL SELECT entry.id, n + 1 FROM chain JOIN incentive_entry AS entry ON entry.reversal_of = chain.id)"
    " SELECT id, n FROM chain ORDER BY n"
)


class Entry(NamedTuple):
    """One line of the ledger: ``amount`` in ``unit``, below zero where it takes back or pays. ``at`` is ms.

    ``value`` is the figure that earned it by ``rule``; ``reward_id`` is what the points bought, ``paid_by`` the entry
    with these points. ``creator_id`` is None for somebody who was erased.
    """

    id: int
    creator_id: int | None
    kind: Kind
    amount: int
    unit: str
    reason: str | None
    period: str
    stage: str | None
    rule: str | None
    value: int | None
    proposal_id: int | None
    reward_id: int | None
    paid_by: int | None
    reversal_of: int | None
    author: str
    at: int

    @property
    def told(self) -> Amount:
        """How much it is."""
        return Amount(self.amount, self.unit)


class Only(NamedTuple):
    """Some of the ledger: of a person, in a unit, at a stage, for one of these periods."""

    creator_id: int | None = None
    unit: str | None = None
    stage: str | None = None
    periods: tuple[str, ...] | None = None


EVERYTHING = Only()


class Granted(NamedTuple):
    """The entry of a grant; not ``new`` where the same key had granted it before."""

    id: int
    new: bool


class Balance(NamedTuple):
    """The points that a person has."""

    creator_id: int
    name: str
    points: int


class Reward(NamedTuple):
    """What somebody was given: by which rule (None: by hand), and for which figure (``value``) of its metric.

    ``author`` gave it ``at`` a moment (ms); where nothing was given, that is who left them out or took it back, for a
    ``reason``.
    """

    creator_id: int
    kind: Kind
    unit: str
    amount: int
    rule: str | None
    period: str
    value: int | None
    author: str
    at: int
    reason: str | None


def grant(
    store: Store,
    creator_id: int,
    kind: Kind,
    amount: Amount,
    author: str,
    *,
    reason: str = "",
    period: str | None = None,
    stage: str | None = None,
    key: str | None = None,
) -> Granted:
    """Give something to a person, for a period (this month) and at their ``stage``.

    The same ``key`` twice grants once. Raises UsageError when the key stood for something else, and when there is no
    such person.
    """
    if amount.n <= 0:
        raise UsageError(_("Write an amount above zero. What was wrong is reversed: kolbench incentive reverse"))
    with changes.act(store, author, "incentive") as act:
        creator_id = merges.require(act.db, creator_id)
        key = clean_line(key or "", 200) or None
        known = act.db.execute(
            f"SELECT {_COLUMNS} FROM incentive_entry AS entry WHERE key = ? AND key IS NOT NULL", (key,)
        ).fetchone()
        if known:
            entry = Entry._make(known)
            if (entry.creator_id, entry.kind, entry.told) != (creator_id, kind, amount):
                text = _("The key '{key}' stands for another entry, {id}: nothing was granted.")
                raise UsageError(text.format(key=key, id=entry.id))
            return Granted(entry.id, False)
        return Granted(add(act, creator_id, kind, amount, reason=reason, period=period, stage=stage, key=key), True)


def add(
    act: Act,
    creator_id: int | None,
    kind: Kind,
    amount: Amount,
    *,
    reason: str | None = None,
    period: str | None = None,
    **facts: Any,
) -> int:
    """Write an entry as a part of a larger act; ``facts`` are columns of it. Returns its id."""
    when = period or periods.at("month", act.at).text
    return act.insert(
        "incentive_entry",
        creator_id=creator_id,
        kind=kind,
        amount=amount.n,
        unit=amount.unit,
        reason=clean_line(reason or "", 500) or None,
        period=periods.parse(when).text,
        **{name: value for name, value in facts.items() if value is not None},
        author=act.author,
        at=act.at,
    )


def reverse(store: Store, entry_id: int, author: str, reason: str = "") -> list[int]:
    """Take an entry back by another one, and what points bought together with the points; returns the new entries.

    Raises UsageError where that was done already, or there is no such entry.
    """
    with changes.act(store, author, "incentive") as act:
        first = _chain(act.db, entry_id)
        if not first:
            raise UsageError(_("There is no entry {id} in the ledger.").format(id=entry_id))
        if len(first) % 2 == 0:
            raise UsageError(_("The entry {id} was reversed already.").format(id=entry_id))
        tips = [_chain(act.db, origin)[-1] for origin in _together(act.db, first[0])]
        return [add(act, **_counter(act.db, tip), reason=reason) for tip in tips]


def take_back(db: sqlite3.Connection, entry_id: int, author: str) -> None:
    """Undo an entry by one more that reverses it; a reversal is undone by reversing that.

    Raises sqlite3.IntegrityError where somebody has reversed it, or given it again, since.
    """
    chain = _chain(db, entry_id)
    if chain.index(entry_id) % 2 != (len(chain) - 1) % 2:
        raise sqlite3.IntegrityError("reversed, or given again, since")
    facts = {**_counter(db, chain[-1]), "author": author, "at": now()}
    facts["amount"], facts["unit"] = facts["amount"]
    columns = ", ".join(facts)
    marks = ", ".join("?" * len(facts))
    db.execute(f"INSERT INTO incentive_entry ({columns}) VALUES ({marks})", tuple(facts.values()))


def entry(db: sqlite3.Connection, entry_id: int) -> Entry:
    """One entry. Raises UsageError when there is none of that number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM incentive_entry AS entry WHERE id = ?", (entry_id,)).fetchone()
    if row is None:
        raise UsageError(_("There is no entry {id} in the ledger.").format(id=entry_id))
    return Entry._make(row)


def entries(
    store: Store, creator_id: int | None = None, *, window: Window | None = None, limit: int = -1
) -> list[Entry]:
    """The newest entries, of one person or of all, and in a window."""
    rows = store.reader().execute(
        f"SELECT {_COLUMNS} FROM incentive_entry AS entry WHERE (?1 IS NULL OR creator_id = ?1)"
        " AND (?2 IS NULL OR at >= ?2 AND at < ?3) ORDER BY id DESC LIMIT ?4",
        (creator_id, window and window.start, window and window.stop, limit),
    )
    return list(map(Entry._make, rows.fetchall()))


def order(store: Store, only: Only = EVERYTHING) -> Sequence[int]:
    """The numbers of all entries, or of those that fit, the newest first."""
    rows = store.reader().execute(
        "SELECT id FROM incentive_entry WHERE (?1 IS NULL OR creator_id = ?1) AND (?2 IS NULL OR unit = ?2)"
        " AND (?3 IS NULL OR stage = ?3) AND (?4 IS NULL OR period IN (SELECT value FROM json_each(?4)))"
        " AND (?4 IS NULL OR unit <> 'points' OR reward_id IS NULL) ORDER BY id DESC",
        (*only[:3], None if only.periods is None else json.dumps(only.periods)),
    )
    return array("q", (row[0] for row in rows))


def count(store: Store) -> int:
    """How many entries there are."""
    return int(store.reader().execute("SELECT count(*) FROM incentive_entry").fetchone()[0])


def count_balances(store: Store) -> int:
    """How many people have points, or owe some."""
    query = (
        "SELECT count(*) FROM (SELECT 1 FROM incentive_entry WHERE unit = 'points' AND creator_id IS NOT NULL"
        " GROUP BY creator_id HAVING sum(amount) <> 0)"
    )
    return int(store.reader().execute(query).fetchone()[0])


def of_ids(store: Store, ids: Iterable[int]) -> list[Entry]:
    """These entries, in this order."""
    rows = store.reader().execute(
        f"SELECT {_COLUMNS} FROM json_each(?) AS wanted JOIN incentive_entry AS entry ON entry.id = wanted.value"
        " ORDER BY wanted.key",
        (json.dumps(list(ids)),),
    )
    return list(map(Entry._make, rows.fetchall()))


def balance(db: sqlite3.Connection, creator_id: int) -> int:
    """The points that a person has; below zero where points were reversed that they had spent."""
    query = "SELECT coalesce(sum(amount), 0) FROM incentive_entry WHERE creator_id = ? AND unit = 'points'"
    return int(db.execute(query, (creator_id,)).fetchone()[0])


def balances(store: Store) -> list[Balance]:
    """Everybody who has points, or owes some, those with most first."""
    rows = store.reader().execute(
        "SELECT creator.id, coalesce(standing.name, creator.name), sum(amount) AS points FROM incentive_entry"
        " JOIN creator ON creator.id = incentive_entry.creator_id"
        " LEFT JOIN standing ON standing.creator_id = creator.id"
        " WHERE unit = 'points' GROUP BY creator.id HAVING points <> 0 ORDER BY points DESC, creator.id"
    )
    return list(map(Balance._make, rows.fetchall()))


def rewards(store: Store, window: Window) -> list[Reward]:
    """What people were given in a window, one row a person, rule, period and kind; the highest figure of each first.

    For comparing like with like: what was reversed, whenever that was, is left out, and so are what points bought and
    whoever was erased. Who earned something by a rule and didn't get it, though a proposal with them was confirmed
    then, has a row with 0.
    """
    bounds = (window.start, window.stop)
    given = store.reader().execute(
        "WITH RECURSIVE chain (origin, id, amount) AS (SELECT id, id, amount FROM incentive_entry"
        "  WHERE at >= ? AND at < ? AND creator_id IS NOT NULL AND reward_id IS NULL AND reversal_of IS NULL"
        "  UNION ALL SELECT chain.origin, next.id, next.amount FROM chain"
        "  JOIN incentive_entry AS next ON next.reversal_of = chain.id),"
        " net AS (SELECT origin, sum(amount) AS amount FROM chain GROUP BY origin HAVING sum(amount) > 0)"
        " SELECT creator_id, kind, unit, sum(net.amount), rule, period, max(value), author, at, reason FROM net"
        " JOIN incentive_entry AS entry ON entry.id = net.origin GROUP BY creator_id, kind, unit, rule, period",
        bounds,
    )
    missed = store.reader().execute(
        "WITH left_out AS (SELECT line.creator_id, line.kind, line.unit, proposal.rule, proposal.period, line.value,"
        "  confirmed_by, max(confirmed_at) AS confirmed_at"
        "  FROM proposal JOIN proposal_line AS line ON line.proposal_id = proposal.id"
        "  WHERE confirmed_at >= ? AND confirmed_at < ? AND NOT EXISTS (SELECT 1 FROM incentive_entry AS entry"
        "   WHERE entry.creator_id = line.creator_id AND entry.rule = proposal.rule"
        "   AND (entry.period = proposal.period OR definition ->> 'once')"
        "   GROUP BY entry.period HAVING sum(entry.amount) > 0)"
        "  GROUP BY line.creator_id, line.kind, line.unit, proposal.rule, proposal.period, line.value)"
        " SELECT it.creator_id, it.kind, it.unit, 0, it.rule, it.period, it.value, coalesce(back.author, confirmed_by),"
        "  coalesce(back.at, confirmed_at), back.reason FROM left_out AS it"
        " LEFT JOIN incentive_entry AS back ON back.id = (SELECT max(id) FROM incentive_entry AS entry"
        "  WHERE entry.creator_id = it.creator_id AND entry.rule = it.rule AND entry.period = it.period"
        "  AND entry.reversal_of IS NOT NULL)",
        bounds,
    )
    found = map(Reward._make, (*given.fetchall(), *missed.fetchall()))
    return sorted(found, key=lambda one: (one.rule or "", one.period, -(one.value or 0), one.creator_id, one.kind))


def paid(db: sqlite3.Connection, rule: str, period: str | None) -> Iterator[int]:
    """Those whom a rule has given something for a period (None: ever), and it wasn't reversed."""
    rows = db.execute(
        "SELECT creator_id FROM incentive_entry WHERE rule = ?1 AND (?2 IS NULL OR period = ?2)"
        " AND creator_id IS NOT NULL GROUP BY creator_id, period HAVING sum(amount) > 0",
        (rule, period),
    )
    return (row[0] for row in rows.fetchall())


def _chain(db: sqlite3.Connection, entry_id: int) -> list[int]:
    """A grant and its reversals in their order; any of them may be named."""
    return [row[0] for row in db.execute(_CHAIN, (entry_id,))]


def _together(db: sqlite3.Connection, entry_id: int) -> list[int]:
    """A grant with what belongs to it: the points that paid for it, or what they paid for."""
    (paid_by,) = db.execute("SELECT coalesce(paid_by, id) FROM incentive_entry WHERE id = ?", (entry_id,)).fetchone()
    rows = db.execute(
        "SELECT id FROM incentive_entry WHERE (id = ?1 OR paid_by = ?1) AND reversal_of IS NULL ORDER BY id", (paid_by,)
    )
    return [row[0] for row in rows]


def _counter(db: sqlite3.Connection, tip: int) -> dict[str, Any]:
    """What an entry says that reverses another: the same of the opposite sign. It goes where that goes in merges."""
    kept = ("creator_id", "home_id", "kind", "period", "stage", "rule", "value", "proposal_id", "reward_id", "paid_by")
    columns = ", ".join(kept)
    row = db.execute(f"SELECT {columns}, -amount, unit FROM incentive_entry WHERE id = ?", (tip,)).fetchone()
    return {**dict(zip(kept, row)), "amount": Amount(row[-2], row[-1]), "reversal_of": tip}
