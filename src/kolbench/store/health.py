"""What can be wrong with a store, the disk under it and the SQLite library over it."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from importlib import util
from typing import TYPE_CHECKING, Literal

from kolbench.domain.errors import StoreError
from kolbench.domain.lang import _
from kolbench.store import sharing
from kolbench.store.connect import MIN_SQLITE, Store, is_there, primary_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

State = Literal["ok", "warning", "failed"]

_SHOWN = 5
"""This many findings of SQLite's own checks are shown; the first few say what kind of damage it is."""


@dataclass(frozen=True)
class Finding:
    """What one check found; ``advice`` says what to do where the state isn't ``ok``."""

    check: str
    state: State
    found: str
    advice: str = ""


def examine(path: Path, *, full: bool = False) -> Iterator[Finding]:
    """Check the libraries, the file, its content and the disk, one finding each, as they are known.

    ``full`` compares every index with its table: minutes a gigabyte.
    """
    yield from _libraries()
    try:
        there = is_there(path)
    except StoreError as error:
        yield Finding("store", "failed", str(error))
        return
    if not there:
        advice = _("Begin with 'kolbench import FILE' or 'kolbench source add', or look around in 'kolbench demo'.")
        yield Finding("store", "warning", _("there is none at {path}").format(path=path), advice)
        return
    try:
        store = Store.open(path)
    except StoreError as error:
        if (cause := error.__cause__) and primary_code(cause) == sqlite3.SQLITE_CORRUPT:
            yield Finding("store", "failed", str(cause), _("Copy the file away, and go back to a backup."))
        else:
            yield Finding("store", "failed", str(error), _("Go back to a backup, or ask for help with this message."))
        return
    try:
        yield from _modes(path)
        yield from _content(store, full)
    finally:
        store.close()
    yield from _disk(path)


def _libraries() -> Iterator[Finding]:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < MIN_SQLITE:
        wanted = ".".join(map(str, MIN_SQLITE))
        yield Finding(
            "sqlite", "failed", version, _("Use a Python with SQLite {wanted} or newer.").format(wanted=wanted)
        )
    else:
        yield Finding("sqlite", "ok", version)
    others = [name for name in ("pysqlite3", "sqlean") if util.find_spec(name)]
    if others:
        advice = _("Two SQLite libraries on one file can destroy it: run 'pip uninstall {names}'.")
        yield Finding("one sqlite", "failed", ", ".join(others), advice.format(names=" ".join(others)))
    else:
        yield Finding("one sqlite", "ok", _("no second SQLite library is installed"))


def _modes(path: Path) -> Iterator[Finding]:
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]
    open_to_others = [file for file in files if file.exists() and file.stat().st_mode & 0o007]
    group = sharing.shared_with(path)
    if open_to_others:
        names = " ".join(map(str, open_to_others))
        advice = _("Run: chmod {mode} {names}").format(mode="660" if sharing.works(path) else "600", names=names)
        yield Finding("file mode", "warning", _("others can read the store"), advice)
    elif group and sharing.works(path):
        found = _("only members of the group {group} can read the store").format(group=group)
        yield Finding("file mode", "ok", found)
    elif group:
        found = _("the group {group} can read the store, but not all that belongs to it").format(group=group)
        advice = _("Run 'kolbench share {group}', or 'kolbench share --off'.").format(group=group)
        yield Finding("file mode", "warning", found, advice)
    else:
        yield Finding("file mode", "ok", _("only you can read the store"))


def _content(store: Store, full: bool) -> Iterator[Finding]:
    db = store.reader()
    check = "integrity_check" if full else "quick_check"
    restore = _("Copy the file away, and go back to a backup.")
    try:
        damage = [str(row[0]) for row in db.execute(f"PRAGMA {check}({_SHOWN})")]
        orphans = db.execute('SELECT "table", count(*) FROM pragma_foreign_key_check GROUP BY 1 LIMIT 5').fetchall()
        creators, waiting, running = db.execute(
            "SELECT (SELECT count(*) FROM creator), (SELECT count(*) FROM stale_creator),"
            " (SELECT count(*) FROM run WHERE state = 'running')"
        ).fetchone()
    except sqlite3.DatabaseError as error:
        yield Finding("integrity", "failed", str(error), restore)
        return
    if damage == ["ok"]:
        yield Finding("integrity", "ok", check)
    else:
        yield Finding("integrity", "failed", "; ".join(damage), restore)
    if orphans:
        found = ", ".join(f"{table}: {rows}" for table, rows in orphans)
        yield Finding("references", "failed", _("rows that point nowhere: {found}").format(found=found), restore)
    else:
        yield Finding("references", "ok", _("every row's references are there"))
    if waiting:
        found = _("{waiting} of {creators} creators have scores to work out again").format(
            waiting=waiting, creators=creators
        )
        yield Finding("scores", "warning", found, _("Run 'kolbench rebuild', or any sync."))
    else:
        yield Finding("scores", "ok", _("those of {creators} creators are up to date").format(creators=creators))
    if running:
        advice = _("If none is running now, the next sync closes them and goes on where they stopped.")
        yield Finding("runs", "warning", _("{running} not finished").format(running=running), advice)
    else:
        yield Finding("runs", "ok", _("all finished"))


def _disk(path: Path) -> Iterator[Finding]:
    size = sum(file.stat().st_size for file in path.parent.glob(path.name + "*") if file.is_file())
    free = shutil.disk_usage(path.parent).free
    found = _("{free} MB free, the store takes {size} MB").format(free=free // 2**20, size=size // 2**20 + 1)
    if free < max(2 * size, 100 * 2**20):
        yield Finding("disk", "warning", found, _("Make room: upgrades and backups need as much again as the store."))
    else:
        yield Finding("disk", "ok", found)
