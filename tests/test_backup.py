"""Backups: whole, private, checked, beside a writer, and never over something else."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

import make
from kolbench.domain.errors import StoreError, UsageError
from kolbench.store import backup
from kolbench.store.connect import Store

if TYPE_CHECKING:
    from pathlib import Path


def test_a_backup_is_a_store_with_the_same_people(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.people(store, 20, metrics={"followers": 7})
    copy = backup.back_up(store, tmp_path / "copy.db")
    opened = Store.open(copy.path, create=False)
    everything = "SELECT uid, handle, name FROM account ORDER BY uid"
    assert opened.reader().execute(everything).fetchall() == store.reader().execute(everything).fetchall()
    assert (copy.creators, copy.bytes) == (20, copy.path.stat().st_size)


def test_only_its_owner_can_read_a_backup(tmp_path: Path) -> None:
    copy = backup.back_up(make.store(tmp_path), tmp_path / "copy.db")
    assert copy.path.stat().st_mode & 0o777 == 0o600


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(UsageError, match="overwrites nothing"):
        backup.back_up(make.store(tmp_path), target)
    assert target.read_text() == "precious"


def test_a_backup_waits_for_no_writer(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.people(store, 3)
    with store.writing() as db:
        db.execute("DELETE FROM stale_creator")
        copy = backup.back_up(Store(store.path), tmp_path / "copy.db")
    found = Store.open(copy.path).reader().execute("SELECT count(*) FROM stale_creator").fetchone()
    assert found == (3,), "what was not committed is not in the backup"


def test_a_backup_that_fails_its_check_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damage(store: Store, target: Path) -> None:
        target.write_bytes(b"not a database")

    monkeypatch.setattr(backup, "_copy", damage)
    with pytest.raises(StoreError, match="No backup was made"):
        backup.back_up(make.store(tmp_path), tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == []


def test_a_foreign_database_is_not_taken_for_a_good_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def foreign(store: Store, target: Path) -> None:
        sqlite3.connect(target).execute("CREATE TABLE creator (id)")

    monkeypatch.setattr(backup, "_copy", foreign)
    with pytest.raises(StoreError):
        backup.back_up(make.store(tmp_path), tmp_path / "copy.db")


def test_a_folder_that_is_closed_to_this_user_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> int:
        raise PermissionError(13, "Permission denied")

    store = make.store(tmp_path)
    monkeypatch.setattr("os.open", refuse)
    monkeypatch.setattr("os.unlink", refuse)
    with pytest.raises(StoreError, match=r"copy\.db: .*Permission denied"):
        backup.back_up(store, tmp_path / "copy.db")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        backup.back_up(make.store(tmp_path), tmp_path / "nowhere" / "copy.db")
