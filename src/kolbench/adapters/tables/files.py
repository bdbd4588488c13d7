"""A table's file as bytes: what it is, its fingerprint, and a guarded stream of what it holds."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import SourceError, UsageError
from kolbench.domain.lang import _

Container = Literal["plain", "gzip", "xlsx"]

CHUNK = 1 << 17
"""Bytes read at a time."""

BOMB_RATIO = 200
"""A compressed stream that swells more than this (and past ``BOMB_FLOOR``) is no table."""
BOMB_FLOOR = 16 << 20

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", ".xls"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
)
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = bytes(sorted(set(range(32)) - set(b"\t\n\r\f\v\x1a\x1b")))


def regular(path: str) -> Path:
    """The existing, readable, ordinary file at ``path``. Raises UsageError saying what it is instead."""
    file = Path(path).expanduser()
    try:
        if file.is_dir():
            raise UsageError(_("{path} is a folder; name one file in it").format(path=path))
        if not file.is_file():
            raise UsageError(_("there is no file {path}").format(path=path))
        if not file.stat().st_size:
            raise UsageError(_("{path} is empty").format(path=path))
        with file.open("rb"):
            return file
    except (OSError, ValueError) as why:
        raise UsageError(_("{path} can't be read: {why}").format(path=path, why=_reason(why))) from None


def container(file: Path) -> Container:
    """How the file is packed, by its first bytes. Raises UsageError for what is no table at all."""
    with file.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise UsageError(_("{path} is {what}, not a table; save it as CSV or XLSX").format(path=file, what=what))
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > max(len(head) // 20, 20) and not head.startswith(_MARKS):
        raise UsageError(
            _("{path} is {what}, not a table; save it as CSV or XLSX").format(path=file, what=_("not text"))
        )
    return "plain"


def fingerprint(path: str | Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal, read as a stream. Raises UsageError when unreadable."""
    with regular(str(path)).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def modified(file: Path) -> datetime:
    """When the file was last written, by a clock that may be wrong, but not later than now."""
    return min(datetime.fromtimestamp(int(file.stat().st_mtime), UTC), from_ms(now()))


class Bytes:
    """The file's content, unpacked, in chunks; knows how far it has read.

    Iterating raises SourceError when the file is cut short, damaged or a decompression bomb.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._size = max(file.stat().st_size, 1)
        self._gzip = container(file) == "gzip"
        self._read = 0

    @property
    def share(self) -> float:
        """The share of the file's bytes that has been read, 0 to 1."""
        return min(self._read / self._size, 1.0)

    def __iter__(self) -> Iterator[bytes]:
        with self.file.open("rb", buffering=0) as raw:
            source = gzip.GzipFile(fileobj=raw) if self._gzip else raw
            unpacked = 0
            try:
                while chunk := source.read(CHUNK):
                    unpacked += len(chunk)
                    self._read = raw.tell()
                    if unpacked > BOMB_FLOOR and unpacked > BOMB_RATIO * self._read:
                        raise SourceError(
                            _("{path} unpacks to more than {ratio} times its size: refused").format(
                                path=self.file, ratio=BOMB_RATIO
                            )
                        )
                    yield chunk
            except EOFError:
                raise SourceError(_("{path} is cut short; fetch it again").format(path=self.file)) from None
            except (OSError, zlib.error) as why:
                raise SourceError(_("{path} is damaged: {why}").format(path=self.file, why=_reason(why))) from None


def _reason(why: Exception) -> str:
    """The system's own words, without the path it repeats."""
    return getattr(why, "strerror", None) or str(why)
