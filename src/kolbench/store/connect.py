"""Opening the store: one file, its pragmas, many readers and one writer at a time."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.domain.errors import StoreError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

APPLICATION_ID = 0x4B4F4C42
"""``KOLB``: tells a KOLbench store from any other SQLite file."""

VERSION = 1
"""The schema this program writes; ``migrations.py`` holds the way there."""

WRITER_PATIENCE_S = 60.0
READER_PATIENCE_S = 15.0
MIN_SQLITE = (3, 38, 0)
_READER_PRAGMAS = ("cache_size = -8000",)
_NEAR = ("cache_size = -8000", "wal_autocheckpoint = 16000")
_FAR = ("cache_size = -40000", "wal_autocheckpoint = 64000")
"""For a change all over the file: no page is read or logged twice, and a later one pays for tidying up the log."""
_WRITER_PRAGMAS = ("foreign_keys = ON", "synchronous = NORMAL", *_NEAR, "journal_size_limit = 67108864")

_PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)
_OUTSIDE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)
"""What can befall any statement of a transaction, by the disk's fault and not the statement's."""


class Store:
    """A KOLbench store. Each thread gets its own connections; ``close`` ends those of all threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Store:
        """Open ``path``, making or upgrading it as needed (an upgrade saves a backup beside it first).

        Raises StoreError when it is not a KOLbench store, is newer than this program, or can't be read.
        """
        if sqlite3.sqlite_version_info < MIN_SQLITE:
            raise StoreError(
                _("SQLite {found} is too old: KOLbench needs {wanted} or newer.").format(
                    found=sqlite3.sqlite_version, wanted=".".join(map(str, MIN_SQLITE))
                )
            )
        if not is_there(path):
            if not create:
                raise StoreError(_("There is no store at {path}.").format(path=path))
            _create_file(path)
        if path.is_dir():
            text = _("{path} is a folder. Name a file in it, such as --store {file}")
            raise StoreError(text.format(path=path, file=path / "kolbench.db"))
        if not path.is_file():
            raise StoreError(_("{path} is no ordinary file. Choose another one with --store.").format(path=path))
        store = cls(path)
        found = store._version()
        if found > VERSION:
            raise StoreError(
                _(
                    "{path} was written by a newer KOLbench (store version {found}, this program knows "
                    "{known}). Update KOLbench, or choose another file with --store."
                ).format(path=path, found=found, known=VERSION)
            )
        if found < VERSION:
            from kolbench.store.migrations import migrate

            migrate(store, found)
        return store

    def reader(self) -> sqlite3.Connection:
        """This thread's read-only connection; rows are plain tuples."""
        connection: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if connection is None:
            # SQLite would make the log's index beside the store, where there is no log, too.
            fixed = "&immutable=1" if self._is_fixed() else ""
            uri = f"{self.path.absolute().as_uri()}?mode=ro{fixed}"
            connection = self._local.reader = self._connect(uri, READER_PATIENCE_S, _READER_PRAGMAS)
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """``reader()`` on one state of the store, whatever others write meanwhile. For seconds, not longer.

        What they write can't be put into the file itself until then.
        """
        connection = self.reader()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    @contextmanager
    def writing_far(self) -> Iterator[sqlite3.Connection]:
        """``writing``, for thousands of rows that lie far from each other; it takes up to 40 MB of memory."""
        connection = self._writer()
        try:
            _set(connection, _FAR)
            with self.writing():
                yield connection
        finally:
            _set(connection, _NEAR)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the writer's place from its first statement, and commits at the end.

        Nested calls in one thread join the outer transaction. Raises StoreError when another process keeps
        the place for longer than a minute.
        """
        connection = self._writer()
        if self._writing():
            yield connection
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise self._explained(error) from error
        try:
            yield connection
        except BaseException as error:
            if self._writing():
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error) and primary_code(error) in _OUTSIDE:
                raise self._explained(error) from error
            raise
        try:
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self._writing():
                connection.execute("ROLLBACK")
            raise self._explained(error) from error

    @contextmanager
    def beside(self) -> Iterator[Store]:
        """The same store by connections of their own, whose temporary tables, and what a statement would undo, lie in
        memory. For a run of transactions that change little each, and would write that to a file every time.

        Not inside ``writing``, which would wait for itself.
        """
        store = Store(self.path)
        store._writer().execute("PRAGMA temp_store = MEMORY")  # SQLite crashes where it changes later
        try:
            yield store
        finally:
            store.close()

    def scrub(self) -> bool:
        """Write the file anew, so that nothing of what was deleted is left in it; whether that could be done.

        It can't while another program reads or writes for longer than a minute, nor without as much room again.
        """
        connection = self._writer()
        try:
            connection.execute("VACUUM")
            busy, *_pages = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        return not busy

    def data_version(self) -> int:
        """A number that changes when another connection has committed; cheap enough to ask each second."""
        return int(self.reader().execute("PRAGMA data_version").fetchone()[0])

    def remembered(self, query: str, values: tuple[int, ...]) -> int:
        """The number that a query tells, asked again in a thread only when somebody has committed since: for what
        takes long to count.
        """
        version = self.data_version()
        known: tuple[int, dict[object, int]] = getattr(self._local, "remembered", (-1, {}))
        if known[0] != version:
            known = self._local.remembered = (version, {})
        if (query, values) not in known[1]:
            known[1][query, values] = int(self.reader().execute(query, values).fetchone()[0])
        return known[1][query, values]

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def _writer(self) -> sqlite3.Connection:
        """This thread's connection for writing."""
        connection: sqlite3.Connection | None = getattr(self._local, "writer", None)
        if connection is None:
            uri = f"{self.path.absolute().as_uri()}?mode=rw"
            connection = self._local.writer = self._connect(uri, WRITER_PATIENCE_S, _WRITER_PRAGMAS)
        return connection

    def _writing(self) -> bool:
        """Whether this thread is inside a transaction of its writer."""
        writer: sqlite3.Connection | None = getattr(self._local, "writer", None)
        return writer is not None and writer.in_transaction

    def _connect(self, uri: str, patience_s: float, pragmas: tuple[str, ...]) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, timeout=patience_s, check_same_thread=False
            )
            _set(connection, pragmas)
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error
        with self._guard:
            self._connections.append(connection)
        return connection

    def _version(self) -> int:
        """The schema version found; 0 for an empty file."""
        connection = self.reader()
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            application = int(connection.execute("PRAGMA application_id").fetchone()[0])
            tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error
        if tables and application != APPLICATION_ID:
            raise StoreError(
                _("{path} is an SQLite file, but not a KOLbench store. Choose another file with --store.").format(
                    path=self.path
                )
            )
        return version

    def _is_fixed(self) -> bool:
        """Whether the store lies whole on a disk that can only be read, such as a backup's."""
        try:
            mounted = os.statvfs(self.path).f_flag
        except (AttributeError, OSError):  # not on every system
            return False
        return bool(mounted & os.ST_RDONLY) and not self.path.with_name(f"{self.path.name}-wal").exists()

    def _explained(self, error: sqlite3.Error) -> StoreError:
        code = primary_code(error)
        if code == sqlite3.SQLITE_CANTOPEN and self._is_fixed():
            code = sqlite3.SQLITE_READONLY
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            text = _("Another program has been writing to {path} for a minute. Try again when it is done.")
        elif code == sqlite3.SQLITE_NOTADB:
            text = _("{path} is not an SQLite file. Choose another file with --store.")
        elif code == sqlite3.SQLITE_CORRUPT:
            text = _("{path} is damaged. Run 'kolbench doctor', or go back to a backup.")
        elif code == sqlite3.SQLITE_FULL:
            text = _("The disk that holds {path} is full. Make room and try again; nothing was lost.")
        elif code == sqlite3.SQLITE_READONLY:
            text = _("{path} can only be read here, not written: check the permissions, and how its disk is mounted.")
        elif code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            text = _kept_out()
        else:
            text = _("{path}: SQLite says: {error}")
        explained = StoreError(text.format(path=self.path, error=error))
        if code in _PASSING:
            explained.exit_code = 1  # not a matter of configuration: what was written until then is kept
        return explained


def _set(connection: sqlite3.Connection, pragmas: Iterable[str]) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def default_path() -> Path:
    """``KOLBENCH_STORE``, else ``kolbench.db`` in the user's data folder."""
    if wanted := os.environ.get("KOLBENCH_STORE"):
        return Path(wanted).expanduser()
    from platformdirs import user_data_path

    return user_data_path("kolbench") / "kolbench.db"


def is_there(path: Path) -> bool:
    """Whether there is a file or folder at ``path``. Raises StoreError where this user can't even look."""
    try:
        return path.exists()
    except PermissionError as error:
        raise StoreError(_kept_out().format(path=path)) from error


def _kept_out() -> str:
    return _("{path} can't be opened for this user. Whoever it belongs to can let a group use it: kolbench share GROUP")


def primary_code(error: BaseException) -> int:
    """SQLite's primary result code behind an error; 0 where it told none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _create_file(path: Path) -> None:
    """Make an empty file that only its owner can read; SQLite gives its companions the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            _("{path} can't be made: {reason}. Choose another place with --store.").format(
                path=path, reason=error.strerror
            )
        ) from error
