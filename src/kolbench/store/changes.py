"""The change log: every act of an operator with what it replaced, so that it can be taken back whole."""

from __future__ import annotations

import getpass
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kolbench.store.connect import Store


class Act:
    """One act of one author being written. Whatever it inserts or updates is logged with what was there."""

    def __init__(self, db: sqlite3.Connection, author: str, action: str) -> None:
        self.db = db
        self.author = author
        self.action = action
        self.at = now()
        self.id = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM change_log").fetchone()[0])

    def insert(self, entity: str, **values: Any) -> int:
        """Add a row to the table ``entity`` and return its id."""
        columns, marks = ", ".join(map(_quoted, values)), ", ".join("?" * len(values))
        query = f"INSERT INTO {_quoted(entity)} ({columns}) VALUES ({marks}) RETURNING id"
        entity_id = int(self.db.execute(query, list(values.values())).fetchone()[0])
        self._log(entity, entity_id, None, values)
        return entity_id

    def update(self, entity: str, entity_id: int, **values: Any) -> None:
        """Change columns of an existing row of the table ``entity``."""
        query = f"SELECT {', '.join(map(_quoted, values))} FROM {_quoted(entity)} WHERE id = ?"
        before = dict(zip(values, self.db.execute(query, (entity_id,)).fetchone(), strict=True))
        _update(self.db, entity, entity_id, values)
        self._log(entity, entity_id, before, values)

    def _log(self, entity: str, entity_id: int, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
        self.db.execute(
            "INSERT INTO change_log (act, at, author, action, entity, entity_id, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self.id, self.at, self.author, self.action, entity, entity_id, before and _json(before), _json(after)),
        )


@dataclass(frozen=True)
class Undone:
    """What an undo did: the act it took back and how many rows that touched.

    ``blocked_by`` names the author of a later change to one of those rows: then nothing was taken back.
    """

    action: str
    at: int
    rows: int
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
        yield Act(db, author, action)


def undo(store: Store, author: str) -> Undone | None:
    """Take back the author's last act that was not undone; None when there is none.

    All of it or nothing: where somebody has changed one of its rows since, it stays, and they are named.
    """
    with store.writing() as db:
        (last,) = db.execute(
            "SELECT max(act) FROM change_log WHERE author = ? AND undone_at IS NULL", (author,)
        ).fetchone()
        if last is None:
            return None
        rows = db.execute(
            "SELECT entity, entity_id, before, action, at FROM change_log WHERE act = ? ORDER BY id DESC", (last,)
        ).fetchall()
        action, at = rows[0][3:]
        later = db.execute(
            "SELECT later.author FROM change_log AS mine"
            " JOIN change_log AS later ON later.entity = mine.entity AND later.entity_id = mine.entity_id"
            " WHERE mine.act = ?1 AND later.act > ?1 AND later.undone_at IS NULL ORDER BY later.id DESC LIMIT 1",
            (last,),
        ).fetchone()
        if later:
            return Undone(action, at, 0, blocked_by=later[0])
        for entity, entity_id, before, *_rest in rows:
            if before is None:
                db.execute(f"DELETE FROM {_quoted(entity)} WHERE id = ?", (entity_id,))
            else:
                _update(db, entity, entity_id, json.loads(before))
        db.execute("UPDATE change_log SET undone_at = ? WHERE act = ?", (now(), last))
    return Undone(action, at, len(rows))


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


def _update(db: sqlite3.Connection, entity: str, entity_id: int, values: dict[str, Any]) -> None:
    places = ", ".join(f"{_quoted(column)} = ?" for column in values)
    db.execute(f"UPDATE {_quoted(entity)} SET {places} WHERE id = ?", (*values.values(), entity_id))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)
