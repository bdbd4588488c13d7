"""The change log: every act of an operator with what it replaced, so that it can be taken back whole."""

from __future__ import annotations

import getpass
import json
import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import bulk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kolbench.store.connect import Store


_made: WeakKeyDictionary[Store, list[int]] = WeakKeyDictionary()
"""The acts that were made through each store object, oldest first: what "here" means."""


class Act:
    """One act of one author being written. Whatever it inserts or updates is logged with what was there."""

    def __init__(self, db: sqlite3.Connection, author: str, action: str) -> None:
        self.db = db
        self.author = author
        self.action = action
        self.at = now()
        self.wrote = False
        self.id = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM change_log").fetchone()[0])

    def insert(self, entity: str, **values: Any) -> int:
        """Add a row to the table ``entity`` and return its id."""
        columns, marks = ", ".join(map(_quoted, values)), ", ".join("?" * len(values))
        query = f"INSERT INTO {_quoted(entity)} ({columns}) VALUES ({marks}) RETURNING id"
        entity_id = int(self.db.execute(query, list(values.values())).fetchone()[0])
        self._log(entity, entity_id, None, values)
        return entity_id

    def update(self, entity: str, entity_id: int, **values: Any) -> None:
        """Change columns of an existing row of the table ``entity``; nothing is logged where it is so already."""
        query = f"SELECT {', '.join(map(_quoted, values))} FROM {_quoted(entity)} WHERE id = ?"
        before = dict(zip(values, self.db.execute(query, (entity_id,)).fetchone(), strict=True))
        if before == values:
            return
        _update(self.db, entity, entity_id, values)
        self._log(entity, entity_id, before, values)

    def insert_all(self, entity: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add rows, all of the same columns, to the table ``entity`` and return their ids; for thousands at once."""
        if not rows:
            return []
        (first,) = self.db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {_quoted(entity)}").fetchone()
        ids = list(range(first, first + len(rows)))
        columns = list(rows[0])
        bulk.insert(
            self.db,
            _quoted(entity),
            ["id", *map(_quoted, columns)],
            [(entity_id, *(row[column] for column in columns)) for entity_id, row in zip(ids, rows, strict=True)],
        )
        self._log_all(entity, [(entity_id, None, row) for entity_id, row in zip(ids, rows, strict=True)])
        return ids

    def update_all(self, entity: str, ids: Iterable[int], **values: Any) -> None:
        """Give columns of existing rows of the table ``entity`` the same values; for thousands at once.

        Those that have them already are not logged.
        """
        wanted = json.dumps(list(ids))
        columns = ", ".join(map(_quoted, values))
        found = self.db.execute(
            f"SELECT id, {columns} FROM {_quoted(entity)} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (wanted,),
        ).fetchall()
        places = ", ".join(f"{_quoted(column)} = ?" for column in values)
        self.db.execute(
            f"UPDATE {_quoted(entity)} SET {places} WHERE id IN (SELECT value FROM json_each(?))",
            (*values.values(), wanted),
        )
        old = [(row[0], dict(zip(values, row[1:], strict=True))) for row in found]
        self._log_all(entity, [(entity_id, before, values) for entity_id, before in old if before != values])

    def _log(self, entity: str, entity_id: int, before: dict[str, Any] | None, after: Mapping[str, Any]) -> None:
        self._log_all(entity, [(entity_id, before, after)])

    def _log_all(self, entity: str, rows: Sequence[tuple[int, Mapping[str, Any] | None, Mapping[str, Any]]]) -> None:
        self.wrote = self.wrote or bool(rows)
        bulk.insert(
            self.db,
            "change_log",
            ("act", "at", "author", "action", "entity", "entity_id", "before", "after"),
            [
                (self.id, self.at, self.author, self.action, entity, entity_id, before and _json(before), _json(after))
                for entity_id, before, after in rows
            ],
        )


class Done(NamedTuple):
    """An act that can be taken back: what, when (ms), on how many people, and the name of the first of them.

    ``here``: it was made through this store object, not by another program or session. ``doubt`` is what speaks against
    taking it back, if anything does.
    """

    act: int
    action: str
    at: int
    people: int
    who: str | None
    here: bool
    doubt: str = ""


@dataclass(frozen=True)
class Undone:
    """What an undo did: the act it took back and the ``changed`` rows, each a table's name and an id.

    ``blocked_by`` names the author of a later change to one of those rows: then nothing was taken back.
    """

    act: Done
    changed: Sequence[tuple[str, int]] = ()
    blocked_by: str | None = None


class Change(NamedTuple):
    """One act as the history shows it: when it was, by whom, on how many rows, and when it was undone."""

    act: int
    at: int
    author: str
    action: str
    rows: int
    undone_at: int | None


@contextmanager
def act(store: Store, author: str, action: str) -> Iterator[Act]:
    """One transaction in which ``author`` does ``action``; an act that changes nothing leaves no trace."""
    with store.writing() as db:
        made = Act(db, author, action)
        yield made
    if made.wrote:
        _made.setdefault(store, []).append(made.id)


def last(store: Store, author: str) -> Done | None:
    """The author's act that is taken back next: the newest made here, else the newest of all; None: there is none."""
    return _last(store.reader(), author, _made.get(store, []))


def undo(store: Store, author: str, act: int | None = None) -> Undone | None:
    """Take back an act of the author's, by default the one ``last`` names; None when it is not there any more.

    All of it or nothing: where somebody has changed one of its rows since, it stays, and they are named. Raises
    UsageError where rows that were added since refer to it.
    """
    with store.writing() as db:
        found = _last(db, author, _made.get(store, []), act)
        if found is None:
            return None
        if (later := _later(db, found.act)) is not None:
            return Undone(found, blocked_by=later)
        try:
            return Undone(found, take_back(db, found.act, author))
        except sqlite3.IntegrityError:
            raise UsageError(_("It can't be taken back: something that was done since rests on it.")) from None


def take_back(db: sqlite3.Connection, act: int, author: str) -> list[tuple[str, int]]:
    """Put every row of an act back as it was; returns them. A merge is taken apart, and its record kept.

    What has been changed otherwise since stays as it is.
    """
    rows = db.execute(
        "SELECT entity, entity_id, before, after FROM change_log WHERE act = ? ORDER BY id DESC", (act,)
    ).fetchall()
    for entity, entity_id, before, after in rows:
        if (reverse := _reversal(entity, new=before is None)) is not None:
            reverse(db, entity_id, author)
        elif before is None:
            db.execute(f"DELETE FROM {_quoted(entity)} WHERE id = ?", (entity_id,))
        else:
            _put_back(db, entity, entity_id, json.loads(before), json.loads(after))
    db.execute("UPDATE change_log SET undone_at = ? WHERE act = ?", (now(), act))
    return [(entity, entity_id) for entity, entity_id, *_facts in reversed(rows)]


def recent(store: Store, limit: int = 50, author: str | None = None) -> list[Change]:
    """The newest acts, of one author or of all."""
    rows = store.reader().execute(
        "SELECT act, at, author, action, count(*), undone_at FROM change_log"
        " WHERE ?1 IS NULL OR author = ?1 GROUP BY act ORDER BY act DESC LIMIT ?2",
        (author, limit),
    )
    return list(map(Change._make, rows.fetchall()))


def me() -> str:
    """Who works here: the operating system's name for the user."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    return clean_line(name, 80) or f"uid {os.getuid()}"


def _reversal(entity: str, *, new: bool) -> Callable[[sqlite3.Connection, int, str], None] | None:
    """How a row, ``new`` or changed, is taken back that stays in the store (told by another, marked) or moves more."""
    if entity == "payout" and new:
        from kolbench.store import payouts

        return payouts.take_apart
    if entity == "merge_record":
        from kolbench.store import merges

        return merges.reverse
    if entity == "decision" and new:
        from kolbench.store import decisions

        return decisions.reverse
    if entity == "agreement_event":
        from kolbench.store import agreements

        return agreements.reverse
    if entity == "incentive_entry":
        from kolbench.store import incentives

        return incentives.take_back
    if entity == "referral_edge":
        from kolbench.store import referrals

        return referrals.reverse
    if entity == "conversion_decision":
        from kolbench.store import conversions

        return conversions.reverse
    if entity == "commission_entry":
        from kolbench.store import commissions

        return commissions.take_back
    if entity in ("stage_event", "grade_event"):
        from kolbench.store import ladders

        return ladders.reversal(entity)
    return None


def _last(db: sqlite3.Connection, author: str, made: list[int], act: int | None = None) -> Done | None:
    """The act ``act`` of the author's, else what they made here last, else what they did last; not if undone."""
    mine = "SELECT max(act) FROM change_log WHERE author = ?1 AND undone_at IS NULL"
    if act is None:
        (act,) = db.execute(
            f"{mine} AND act IN (SELECT value FROM json_each(?2))", (author, json.dumps(made))
        ).fetchone()
        if act is not None and _later(db, act) == author:
            act = None  # their own later act elsewhere is in the way
    row = db.execute(
        f"SELECT act, action, at FROM change_log WHERE act = coalesce(?2, ({mine}))"
        " AND author = ?1 AND undone_at IS NULL LIMIT 1",
        (author, act),
    ).fetchone()
    if row is None:
        return None
    found, action, at = row
    names = _people(db, found)
    return Done(found, action, at, len(names), names[0] if names else None, found in made)


def _later(db: sqlite3.Connection, act: int) -> str | None:
    """Who has changed one of the act's rows since."""
    later = db.execute(
        "SELECT later.author FROM change_log AS mine"
        " JOIN change_log AS later ON later.entity = mine.entity AND later.entity_id = mine.entity_id"
        " WHERE mine.act = ?1 AND later.act > ?1 AND later.undone_at IS NULL ORDER BY later.id DESC LIMIT 1",
        (act,),
    ).fetchone()
    return later[0] if later else None


def _people(db: sqlite3.Connection, act: int) -> list[str]:
    """The names of those whom an act was about, in the order in which it was written."""
    about = db.execute(
        "SELECT DISTINCT entity FROM change_log WHERE act = ? AND (entity = 'creator'"
        " OR EXISTS (SELECT 1 FROM pragma_table_info(entity) WHERE name = 'creator_id'))",
        (act,),
    ).fetchall()
    touched = " UNION ALL ".join(
        f"SELECT log.id AS log_id, one.{'id' if entity == 'creator' else 'creator_id'} AS creator_id"
        " FROM change_log AS log"
        f" JOIN {_quoted(entity)} AS one ON one.id = log.entity_id WHERE log.act = ?1 AND log.entity = ?{place}"
        for place, (entity,) in enumerate(about, 2)
    )
    if not touched:
        return []
    found = db.execute(
        f"SELECT coalesce(standing.name, creator.name) FROM ({touched}) AS touched"
        " JOIN creator ON creator.id = touched.creator_id LEFT JOIN standing ON standing.creator_id = creator.id"
        " GROUP BY creator.id ORDER BY min(touched.log_id)",
        (act, *(entity for (entity,) in about)),
    )
    return [row[0] for row in found]


def _update(db: sqlite3.Connection, entity: str, entity_id: int, values: dict[str, Any]) -> None:
    places = ", ".join(f"{_quoted(column)} = ?" for column in values)
    db.execute(f"UPDATE {_quoted(entity)} SET {places} WHERE id = ?", (*values.values(), entity_id))


def _put_back(
    db: sqlite3.Connection, entity: str, entity_id: int, before: dict[str, Any], after: dict[str, Any]
) -> None:
    places = ", ".join(f"{_quoted(column)} = iif({_quoted(column)} IS ?, ?, {_quoted(column)})" for column in before)
    values = [value for column in before for value in (after[column], before[column])]
    db.execute(f"UPDATE {_quoted(entity)} SET {places} WHERE id = ?", (*values, entity_id))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False)
