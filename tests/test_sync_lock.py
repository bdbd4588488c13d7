"""One sync a store: who holds the lock, who waits for it, and what a killed holder leaves behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kolbench.domain.errors import StoreError
from kolbench.sync import lock
from kolbench.sync.stop import Stop
from kolbench.sync.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands import Commands

HOLD = """
import sys
from pathlib import Path
from kolbench.sync import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "k.db"
    path.touch(0o600)
    return path


@contextmanager
def another_process_holding(store: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_is_told_who_holds_the_lock(store: Path) -> None:
    with another_process_holding(store) as process:
        said = rf"already running \(pid {process.pid}, since \d\d:\d\d\)"
        with pytest.raises(lock.AlreadyRunning, match=said) as refused, lock.held(store):
            raise AssertionError("two held the lock")
        assert refused.value.exit_code == 1
        found = lock.holder(store)
        assert found is not None
        assert found.pid == process.pid


def test_a_program_is_told_that_another_sync_runs(kolbench: Commands, tmp_path: Path) -> None:
    kolbench("source", "add", "fans", "sample", "--set", "platform=weibo", "--set", "people=3")
    with another_process_holding(tmp_path / "kolbench.db"):
        ran = kolbench("sync", "--json")
    assert (ran.code, [event["event"] for event in ran.events]) == (1, ["finished"])
    assert (ran.events[0]["state"], ran.events[0]["at"]) == ("busy", "2026-06-01T12:00:00Z")
    assert "already running" in ran.events[0]["error"]


def test_a_disk_that_is_full_ends_a_sync_with_its_state(kolbench: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Writing, work: object, pages: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(Writing, "put", full)
    kolbench("source", "add", "fans", "sample", "--set", "platform=weibo", "--set", "people=3")
    ran = kolbench("sync", "--json")
    ended = [(event["event"], event["state"], event["error"]) for event in ran.events[-2:]]
    assert ended == [("source_finished", "failed", "The disk is full."), ("finished", "failed", "The disk is full.")]
    assert ran.code


def test_a_killed_process_leaves_no_lock_behind(store: Path) -> None:
    with another_process_holding(store) as process:
        process.kill()
        process.wait()
        with lock.held(store):
            found = lock.holder(store)
        assert found is not None
        assert found.pid == os.getpid()


def test_the_lock_is_free_again_after_use_even_after_an_error(store: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock.held(store):
        _ = 1 / 0
    assert lock.holder(store) is None
    with lock.held(store):
        pass


def test_waiting_gets_the_lock_as_soon_as_it_is_free(store: Path) -> None:
    with another_process_holding(store) as process:
        assert process.stdin
        process.stdin.close()
        with lock.held(store, wait_s=60):
            found = lock.holder(store)
    assert found is not None
    assert found.pid == os.getpid()


def test_a_wait_for_the_lock_ends_when_the_operator_asks(store: Path) -> None:
    stop = Stop()
    stop.request()
    with another_process_holding(store), pytest.raises(lock.AlreadyRunning), lock.held(store, 3_600, stop):
        pass


def test_nobody_holds_a_store_that_was_never_synced(store: Path) -> None:
    assert lock.holder(store) is None
    assert list(store.parent.iterdir()) == [store]


def test_a_lock_file_full_of_rubbish_is_still_a_lock(store: Path) -> None:
    with lock.held(store):
        Path(f"{store}.lock").write_text("\x00{", "utf-8")
        with pytest.raises(lock.AlreadyRunning, match="already running on this store"), lock.held(store):
            pass


def test_the_lock_file_belongs_to_its_owner_alone(store: Path) -> None:
    with lock.held(store):
        assert stat.S_IMODE(Path(f"{store}.lock").stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be opened"), lock.held(tmp_path / "none" / "k.db"):
        pass
