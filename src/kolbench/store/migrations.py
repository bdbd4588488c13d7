"""The way from an older store to this program's: forwards only, in one transaction, after a backup."""

from __future__ import annotations

import os
import sqlite3
from importlib.resources import files
from typing import TYPE_CHECKING

import sqlite_utils
from sqlite_utils import Migrations

from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import StoreError
from kolbench.domain.lang import _
from kolbench.domain.records import METRICS
from kolbench.store.connect import APPLICATION_ID, VERSION

if TYPE_CHECKING:
    from sqlite_utils import Database

    from kolbench.store.connect import Store

migrations = Migrations("kolbench")


@migrations()
def m001_core(db: Database) -> None:
    """Sources, people, snapshots, communities, the operator's work, and the derived tables."""
    script = files("kolbench.store").joinpath("schema.sql").read_text("utf-8")
    for statement in _statements(script):
        db.conn.execute(statement)
    db.table("metric").insert_all({"name": name, "help": text} for name, text in METRICS.items())


def migrate(store: Store, found: int) -> None:
    """Bring the store from version ``found`` to this program's. Safe when several processes start at once."""
    if sqlite_utils.Database(memory=True).conn.__class__ is not sqlite3.Connection:
        raise StoreError(
            _("Two SQLite libraries are installed (pysqlite3); one file must be read by one. Remove pysqlite3.")
        )
    if found:
        _back_up(store, found)
    connection = sqlite3.connect(store.path, isolation_level=None, timeout=60)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        migrations.apply(sqlite_utils.Database(connection))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreError(
            _("{path} could not be brought up to date and is as it was: {error}").format(path=store.path, error=error)
        ) from error
    finally:
        connection.close()


def _back_up(store: Store, found: int) -> None:
    stamp = from_ms(now()).strftime("%Y%m%d-%H%M%S")
    copy = store.path.with_name(f"{store.path.name}.v{found}-{stamp}")
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(store.path, isolation_level=None, timeout=60)
    try:
        connection.execute("VACUUM INTO ?", [str(copy)])
    finally:
        connection.close()


def _statements(script: str) -> list[str]:
    """The statements of an SQL script, each whole (a trigger has semicolons inside)."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
