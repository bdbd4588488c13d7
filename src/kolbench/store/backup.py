"""A copy of the store in one file, made while others read and write it, and checked before it gets its name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kolbench.domain.errors import StoreError, UsageError
from kolbench.domain.lang import _
from kolbench.store.connect import APPLICATION_ID, VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from kolbench.store.connect import Store


@dataclass(frozen=True)
class Backup:
    """A finished copy: its size in bytes, and how many creators are in it."""

    path: Path
    bytes: int
    creators: int


def back_up(store: Store, target: Path) -> Backup:
    """Copy the store to ``target``, compacted, readable by its owner only.

    Raises UsageError when ``target`` exists or its folder doesn't, StoreError when the copy can't be written
    or doesn't pass SQLite's check; then nothing is left of it.
    """
    if os.path.lexists(target):
        raise UsageError(_("{path} exists; a backup overwrites nothing. Choose another name.").format(path=target))
    if not os.path.isdir(target.parent):
        raise UsageError(_("There is no folder {path}.").format(path=target.parent))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(store, part)
        creators = _check(part)
        _keep(part)
        os.link(part, target)
    except FileExistsError as error:
        raise UsageError(
            _("{path} exists; a backup overwrites nothing. Choose another name.").format(path=target)
        ) from error
    except (OSError, sqlite3.Error) as error:
        raise StoreError(_("No backup was made at {path}: {error}.").format(path=target, error=error)) from error
    finally:
        with suppress(OSError):  # what stopped the copying has been said, or there is nothing to remove
            part.unlink()
    _keep(target.parent)
    return Backup(target, target.stat().st_size, creators)


def _copy(store: Store, target: Path) -> None:
    connection = sqlite3.connect(store.path, isolation_level=None, timeout=60)
    try:
        connection.execute("VACUUM INTO ?", [str(target)])
    finally:
        connection.close()


def _check(path: Path) -> int:
    """The number of creators in a copy that SQLite finds sound."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if (found, application, version) != ("ok", APPLICATION_ID, VERSION):
            raise sqlite3.DatabaseError(f"{found} ({application:#x}, {version})")
        return int(connection.execute("SELECT count(*) FROM creator").fetchone()[0])
    finally:
        connection.close()


def _keep(path: Path) -> None:
    """Make sure that a file, or a folder's entry for it, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
