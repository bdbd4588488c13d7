"""A store that the members of a Unix group work on together."""

from __future__ import annotations

import grp
import os
import shutil
import stat
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import make
from kolbench.domain.errors import KolbenchError, StoreError, UsageError
from kolbench.store import notes, remembered, sharing
from kolbench.store.connect import Store
from kolbench.store.health import examine
from kolbench.sync import lock
from kolbench.sync.pulling import Reject
from kolbench.sync.rejects import RejectFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from commands import Commands

TEAM = 61_100
ANN, BEN, CAT = 61_001, 61_002, 61_003


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def ours() -> str:
    """A group that whoever runs the tests is in."""
    return grp.getgrgid(os.getegid()).gr_name


@pytest.fixture
def room(store: Store) -> Path:
    """The store's folder, prepared for the group."""
    folder = store.path.parent
    os.chown(folder, -1, os.getegid())
    folder.chmod(0o2770)
    return folder


def test_a_shared_store_is_for_its_group_and_what_comes_beside_it_too(
    store: Store, room: Path, ours: str, kolbench: Commands
) -> None:
    make.write(store, make.person("ann"))
    assert mode(store.path) == 0o600
    assert kolbench("share", "--store", store.path).out == f"{store.path}: for its owner alone.\n"
    shared = kolbench("share", ours, "--store", store.path, "--json").json
    assert shared == {"store": str(store.path), "group": ours}
    with lock.held(store.path):
        report = RejectFile(store.path, 7)
        report.write("posts", [Reject(3, "likes", "not a number", "x")])
        report.close()
    assert report.path is not None
    assert {path.name: mode(path) for path in room.rglob("kolbench.db*")} == {
        "kolbench.db": 0o660,
        "kolbench.db-wal": 0o660,
        "kolbench.db-shm": 0o660,
        "kolbench.db.lock": 0o660,
        "kolbench.db.rejects": 0o2770,
    }
    assert mode(report.path) == 0o660
    (told,) = [one for one in examine(store.path) if one.check == "file mode"]
    assert (told.state, ours in told.found) == ("ok", True)

    assert kolbench("share", "--off", "--store", store.path).code == 0
    assert {mode(path) for path in room.rglob("kolbench.db*")} == {0o600, 0o700}
    assert mode(report.path) == 0o600


def test_no_link_that_a_member_plants_beside_a_shared_store_is_followed(
    store: Store, room: Path, ours: str, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.write_text("mine")
    private.chmod(0o600)
    sharing.share(store.path, ours)
    folder = room / "kolbench.db.rejects"
    folder.mkdir()
    part = remembered.place(store).with_suffix(".part")
    lock_file = room / "kolbench.db.lock"
    lock_file.unlink(missing_ok=True)
    for planted in (folder / "7.csv", folder / "note", part, lock_file):
        planted.symlink_to(private)

    def report(run_id: int) -> None:
        file = RejectFile(store.path, run_id)
        file.write("posts", [Reject(3, "likes", "not a number", "x")])
        file.close()

    report(7)
    assert "not a number" in (folder / "7.csv").read_text("utf-8-sig")
    remembered.keep(store, "brief", 3)
    assert remembered.number(store, "brief") == 3
    with pytest.raises(StoreError, match="can't be opened"), lock.held(store.path):
        pass
    lock_file.unlink()
    os.link(private, lock_file)
    with pytest.raises(StoreError, match="can't be opened"), lock.held(store.path):
        pass
    sharing.share(store.path, ours)
    lock_file.unlink()
    shutil.rmtree(folder)
    folder.symlink_to(tmp_path)
    (tmp_path / "8.csv").write_text("mine")
    with pytest.raises(StoreError, match="can't be written"):
        report(8)
    assert ((tmp_path / "8.csv").read_text(), private.read_text(), mode(private)) == ("mine", "mine", 0o600)


def test_what_the_group_can_read_only_in_part_is_told(store: Store, room: Path, ours: str) -> None:
    sharing.share(store.path, ours)
    room.chmod(0o700)
    (told,) = [one for one in examine(store.path) if one.check == "file mode"]
    assert (told.state, told.advice) == ("warning", f"Run 'kolbench share {ours}', or 'kolbench share --off'.")
    room.chmod(0o2770)
    store.path.chmod(0o664)
    (told,) = [one for one in examine(store.path) if one.check == "file mode"]
    assert (told.state, told.found) == ("warning", "others can read the store")
    assert told.advice.startswith(f"Run: chmod 660 {store.path}")


def test_a_store_is_shared_from_a_folder_that_is_the_groups_only(store: Store, ours: str) -> None:
    folder = store.path.parent
    folder.chmod(0o700)
    with pytest.raises(UsageError, match=f"run 'chgrp {ours} {folder}' and 'chmod 2770 {folder}'"):
        sharing.share(store.path, ours)
    with pytest.raises(UsageError, match="There is no group 'no such'"):
        sharing.share(store.path, "no such")
    assert mode(store.path) == 0o600


def test_a_group_and_off_are_not_said_together(store: Store, kolbench: Commands) -> None:
    ran = kolbench("share", "staff", "--off", "--store", store.path)
    assert (ran.code, ran.err) == (2, "kolbench: Name a group, or say --off, but not both.\n")


@pytest.fixture
def hall() -> Iterator[Path]:
    """A folder of a group that others may pass through, which pytest's own let nobody do."""
    folder = Path(tempfile.mkdtemp(prefix="kolbench-"))
    folder.chmod(0o711)
    room = folder / "room"
    room.mkdir()
    os.chown(room, -1, TEAM)
    room.chmod(0o2770)
    yield room
    shutil.rmtree(folder)


def as_user(uid: int, groups: list[int], act: Callable[[], object]) -> str:
    """Act as another Unix user, in a process of one's own; what was told of a failure."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        told = b""
        try:
            os.setgroups(groups)
            os.setgid(uid)
            os.setuid(uid)
            act()
        except KolbenchError as error:
            told = str(error).encode()
        except BaseException:
            told = traceback.format_exc().encode()
        os.write(write, told)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told_by:
        told = told_by.read()
    os.waitpid(pid, 0)
    return told.decode()


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can act as several users")
def test_two_users_of_a_group_write_in_one_store_and_a_third_is_kept_out(hall: Path) -> None:
    path = hall / "kolbench.db"

    def begin() -> None:
        store = Store.open(path)
        make.write(store, make.person("ann"))
        store.close()

    def write() -> None:
        store = Store.open(path)
        with lock.held(path):
            notes.note(store, make.creator(store, "ann"), str(os.getuid()), "x")
        store.close()

    begin()  # as the administrator first: the other users may not be able to read the modules that this needs
    write()
    for one in hall.iterdir():
        one.unlink()
    assert as_user(ANN, [TEAM], begin) == ""
    assert "kolbench share GROUP" in as_user(BEN, [TEAM], write)
    assert as_user(ANN, [TEAM], lambda: sharing.share(path, str(TEAM))) == ""
    for uid in (BEN, ANN, BEN):
        assert as_user(uid, [TEAM], write) == ""
    assert "kolbench share GROUP" in as_user(CAT, [], write)
    assert str(path) in as_user(BEN, [TEAM], lambda: sharing.keep_alone(path)), "it is ann's"
    hall.parent.chmod(0o700)
    with pytest.raises(UsageError, match=f"{hall.parent} lets nobody through"):
        sharing.share(path, str(TEAM))
    store = Store.open(path)
    assert [one.text for one in notes.notes(store, make.creator(store, "ann"))] == [str(BEN), str(ANN), str(BEN)]
    store.close()
