"""One sync per store across processes, by a lock that a killed process can't leave behind."""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import KolbenchError, StoreError
from kolbench.domain.lang import _
from kolbench.store import beside, sharing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kolbench.sync.stop import Stop

_POLL_S = 0.1
_LOOKED_AT_S = 0.3
"""Asking who holds a lock takes it for an instant; this much patience never mistakes that for a sync."""


@dataclass(frozen=True)
class Holder:
    """The process that syncs a store, and since when (milliseconds UTC)."""

    pid: int
    since: int


class AlreadyRunning(KolbenchError):
    """Another process syncs this store; nothing was done, and later it can be."""

    exit_code = 1

    def __init__(self, holder: Holder | None) -> None:
        if holder is None:
            message = _("A sync is already running on this store.")
        else:
            since = from_ms(holder.since).astimezone().strftime("%H:%M")
            message = _("A sync is already running (pid {pid}, since {since}).").format(pid=holder.pid, since=since)
        super().__init__(message)
        self.holder = holder


@contextmanager
def held(store: Path, wait_s: float = 0.0, stop: Stop | None = None) -> Iterator[None]:
    """Hold the right to sync ``store``, waiting up to ``wait_s`` seconds (or until ``stop``) for whoever has it.

    The kernel gives the lock back when the process ends, however it ends. Raises AlreadyRunning.
    """
    with _open(store) as file:
        deadline = time.monotonic() + max(wait_s, _LOOKED_AT_S)
        while not _take(file):
            if time.monotonic() >= deadline or (stop and stop.requested):
                raise AlreadyRunning(_read(file))
            time.sleep(_POLL_S)
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "since": now()}, file)
        file.flush()
        yield


def holder(store: Path) -> Holder | None:
    """Who syncs ``store`` at this moment, as far as it says; None when nobody does."""
    if not _path(store).exists():
        return None
    with _open(store) as file:
        return None if _take(file) else _read(file)


def _path(store: Path) -> Path:
    return store.with_name(store.name + ".lock")


def _open(store: Path) -> IO[str]:
    path = _path(store)
    try:
        return os.fdopen(beside.kept(path, sharing.file_mode(store)), "r+", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            _("{path} can't be opened: {reason}. Check the permissions of its folder.").format(
                path=path, reason=error.strerror
            )
        ) from error


def _take(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(file: IO[str]) -> Holder | None:
    """What the holder wrote of itself; None in the instant before it has."""
    file.seek(0)
    try:
        told = json.load(file)
        return Holder(int(told["pid"]), int(told["since"]))
    except (ValueError, KeyError, TypeError):
        return None
