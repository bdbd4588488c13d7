"""Runs: each sync or import, its counts, its state and the checkpoints it leaves behind."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kolbench.domain.clock import now
from kolbench.domain.errors import SourceError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from kolbench.store.connect import Store
    from kolbench.store.sources import Source

_COLUMNS = (
    "run.id, source.name, run.kind, run.state, run.started_at, run.ended_at,"
    " run.new, run.changed, run.unchanged, run.rejected, run.error, run.report"
)


@dataclass(frozen=True)
class Run:
    """A run in progress: what the writer needs to know of it."""

    id: int
    source: Source
    started_at: int


@dataclass(frozen=True)
class RunReport:
    """A run as its history shows it; counts are records."""

    id: int
    source: str
    kind: str
    state: str
    started_at: int
    ended_at: int | None
    new: int
    changed: int
    unchanged: int
    rejected: int
    error: str | None
    report: str | None


def newest(db: sqlite3.Connection) -> int:
    """The number of the newest run; 0 where there is none."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM run").fetchone()[0])


def start(store: Store, source: Source, kind: str) -> Run:
    """Open a run of ``kind`` (``sync``, ``import``, ``listen`` or ``demo``)."""
    at = now()
    with store.writing() as db:
        cursor = db.execute(
            "INSERT INTO run (source_id, kind, state, started_at, pid) VALUES (?, ?, 'running', ?, ?)",
            (source.id, kind, at, os.getpid()),
        )
    assert cursor.lastrowid
    return Run(cursor.lastrowid, source, at)


def finish(store: Store, run: Run, state: str, error: str | None = None, report: str | None = None) -> None:
    """Close a run; a run that is closed can't write any more."""
    with store.writing() as db:
        db.execute(
            "UPDATE run SET state = ?, ended_at = ?, error = ?, report = ? WHERE id = ? AND state = 'running'",
            (state, now(), error, report, run.id),
        )


def reject(store: Store, run: Run, rows: int) -> None:
    """Count rows of the input that never became records."""
    with store.writing() as db:
        db.execute("UPDATE run SET rejected = rejected + ? WHERE id = ?", (rows, run.id))


def mark_interrupted(store: Store, *, alone: bool = False) -> int:
    """Close the runs of processes that are gone; returns how many there were.

    ``alone``: the caller holds the lock under which all runs are made, so none of them can be alive, even where
    another process has got the number of a dead one since (in a container it is often the same).
    """
    running = store.reader().execute("SELECT id, pid FROM run WHERE state = 'running'").fetchall()
    dead = [(now(), run_id) for run_id, pid in running if alone or not _alive(pid)]
    if dead:
        with store.writing() as db:
            db.executemany("UPDATE run SET state = 'interrupted', ended_at = ? WHERE id = ?", dead)
    return len(dead)


def going_on(store: Store) -> bool:
    """Whether a process that lives is writing what a source told."""
    return any(_alive(pid) for (pid,) in store.reader().execute("SELECT DISTINCT pid FROM run WHERE state = 'running'"))


def recent(store: Store, limit: int = 50, source: Source | None = None) -> Sequence[RunReport]:
    """The newest runs, of one source or of all; that of a process which is gone was interrupted."""
    rows = store.reader().execute(
        f"SELECT pid, {_COLUMNS} FROM run JOIN source ON source.id = run.source_id"
        " WHERE ?1 IS NULL OR run.source_id = ?1 ORDER BY run.id DESC LIMIT ?2",
        (source and source.id, limit),
    )
    reports = [(pid, RunReport(*row)) for pid, *row in rows]
    return [
        replace(one, state="interrupted") if one.state == "running" and not _alive(pid) else one for pid, one in reports
    ]


def cursor(store: Store, source: Source, feed: str, target: str = "") -> str | None:
    """Where the last committed page of ``feed`` and ``target`` ended; None when it was never read."""
    row = (
        store.reader()
        .execute(
            "SELECT cursor FROM checkpoint WHERE source_id = ? AND feed = ? AND target = ?", (source.id, feed, target)
        )
        .fetchone()
    )
    return str(row[0]) if row else None


def save_cursor(db: sqlite3.Connection, run: Run, feed: str, target: str, cursor: str) -> None:
    """Move the checkpoint, inside the transaction that writes the records before it."""
    db.execute(
        "INSERT INTO checkpoint (source_id, feed, target, cursor, run_id, updated_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source_id, feed, target) DO UPDATE"
        " SET cursor = excluded.cursor, run_id = excluded.run_id, updated_at = excluded.updated_at",
        (run.source.id, feed, target, cursor, run.id, now()),
    )


def require_running(db: sqlite3.Connection, run: Run) -> None:
    """Raise SourceError when the run was closed meanwhile: an abandoned thread must not write."""
    row = db.execute("SELECT state FROM run WHERE id = ?", (run.id,)).fetchone()
    if row != ("running",):
        raise SourceError(_("This run was closed; nothing more is written for it."))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
