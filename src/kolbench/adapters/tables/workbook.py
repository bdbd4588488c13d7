"""An XLSX workbook's parts, opened as if each were hostile: its sheets, cell formats and shared strings."""

from __future__ import annotations

import posixpath
import re
import tempfile
import zipfile
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, Literal
from xml.parsers import expat

from kolbench.adapters.tables.delimited import LONGEST_CELL
from kolbench.adapters.tables.files import BOMB_FLOOR, BOMB_RATIO, CHUNK
from kolbench.domain.errors import SourceError, UsageError
from kolbench.domain.lang import _

LARGEST = 4 << 30
"""Bytes that one part of the workbook may unpack to."""

DIRECTORY = 1 << 20
"""Bytes that the zip's own directory may take: thousands of parts, far above any real workbook."""

Format = Literal["", "date", "time", "percent"]

_STALL = 64 * CHUNK
_DATES = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))
_TIMES = frozenset((*range(18, 22), *range(45, 48)))
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]')
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
    OverflowError,
)
Attributes = dict[str, str]


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """Turns every way in which a workbook can be damaged into one SourceError."""
    try:
        yield
    except _DAMAGE as why:
        detail = str(why) or type(why).__name__
        raise SourceError(
            _("{path} is no complete XLSX workbook ({why}); save it again, or as CSV").format(
                path=path, why=detail[:120]
            )
        ) from None


class Workbook:
    """The parts of one workbook. Every method raises SourceError for a damaged or swollen part."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with sound(path):
            _check_directory(path)
            self._zip = zipfile.ZipFile(path)
        self._parts = {info.filename.lower(): info for info in self._zip.infolist()}
        self.mac_dates = False
        try:
            self.sheets = self._sheets()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the file go."""
        self._zip.close()

    def has(self, name: str) -> bool:
        """Whether the workbook has the part ``name``."""
        return name.lower() in self._parts

    def size(self, name: str) -> int:
        """Bytes of the part ``name`` when unpacked."""
        return self._parts[name.lower()].file_size

    def sheet(self, wanted: str) -> str:
        """The part of the sheet named or numbered (from 1) so; of the first one when ``wanted`` is empty.

        Raises UsageError, with the names there are, for another.
        """
        names = list(self.sheets)
        if not wanted:
            return self.sheets[names[0]]
        if wanted in self.sheets:
            return self.sheets[wanted]
        if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
            return self.sheets[names[int(wanted) - 1]]
        raise UsageError(
            _("{path} has no sheet {sheet}; it has {sheets}").format(
                path=self.path, sheet=wanted, sheets=", ".join(names[:20])
            )
        )

    def feed(self, name: str, parser: expat.XMLParserType) -> Iterator[int]:
        """Feed the part ``name`` to ``parser``, yielding the bytes fed so far after each chunk."""
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        with sound(self.path), self._open(name) as stream:
            fed = 0
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > _STALL:
                    raise ValueError(_("an endless tag"))
                yield fed
            parser.Parse(b"", True)

    def read(self, name: str, start: Callable[[str, Attributes], object]) -> None:
        """Call ``start`` with each element of a small part."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
        for _fed in self.feed(name, parser):
            pass

    def formats(self) -> list[Format]:
        """What each cell style (by its index) shows: a date, a time, a percentage, or just the number."""
        codes: dict[str, str] = {}
        styles: list[Format] = []
        inside = ""

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal inside
            if tag in ("cellXfs", "cellStyleXfs", "dxfs"):
                inside = tag
            elif tag == "numFmt" and "numFmtId" in attributes:
                codes[attributes["numFmtId"]] = attributes.get("formatCode", "")
            elif tag == "xf" and inside == "cellXfs" and len(styles) < 100_000:
                number = attributes.get("numFmtId", "0")
                styles.append(_format(number, codes.get(number, "")))

        if self.has("xl/styles.xml"):
            self.read("xl/styles.xml", start)
        return styles

    def _open(self, name: str) -> IO[bytes]:
        info = self._parts[name.lower()]
        swollen = info.file_size > BOMB_FLOOR and info.file_size > BOMB_RATIO * max(info.compress_size, 1)
        if info.file_size > LARGEST or swollen:
            raise SourceError(
                _("{path} unpacks to {size} MB: refused; save it as CSV").format(
                    path=self.path, size=info.file_size >> 20
                )
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError(_("an unusual compression"))
        return self._zip.open(info)

    def _sheets(self) -> dict[str, str]:
        """Name to part of each worksheet, in the workbook's order, the visible ones first."""
        if not self.has("xl/workbook.xml"):
            raise UsageError(
                _("{path} is {what}, not a table; save it as CSV or XLSX").format(path=self.path, what="ZIP")
            )
        targets: dict[str, str] = {}
        found: list[tuple[bool, str, str]] = []

        def relation(tag: str, attributes: Attributes) -> None:
            if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        def entry(tag: str, attributes: Attributes) -> None:
            if tag == "workbookPr":
                self.mac_dates = attributes.get("date1904") in ("1", "true")
            elif tag == "sheet" and len(found) < 1_000:
                reference = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                target = posixpath.normpath(posixpath.join("/xl", targets.get(reference, ""))).lstrip("/")
                if self.has(target):
                    hidden = attributes.get("state", "visible") != "visible"
                    found.append((hidden, attributes.get("name", ""), target))

        if self.has("xl/_rels/workbook.xml.rels"):
            self.read("xl/_rels/workbook.xml.rels", relation)
        self.read("xl/workbook.xml", entry)
        if not found:
            raise SourceError(_("{path} has no worksheet").format(path=self.path))
        return {name: target for hidden, name, target in sorted(found, key=lambda sheet: sheet[0])}


class Strings:
    """The workbook's shared strings by number: read as far as asked for, kept in a temporary file by blocks."""

    _BLOCK = 256
    _BLOCK_CHARACTERS = 1 << 16
    _CACHED = 32

    def __init__(self, book: Workbook) -> None:
        self._firsts = array("Q")
        self._offsets = array("Q", [0])
        self._pending: list[str] = []
        self._size = 0
        self._flushed = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the strings
        self._block = lru_cache(self._CACHED)(self._load)
        self._more = self._parse(book, "xl/sharedStrings.xml")

    def __getitem__(self, number: int) -> str:
        while number >= self._flushed + len(self._pending):
            if next(self._more, None) is None:
                raise ValueError(_("shared string {n} is missing").format(n=number))
        if number >= self._flushed:
            return self._pending[number - self._flushed]
        block = bisect_right(self._firsts, number) - 1
        return self._block(block)[number - self._firsts[block]]

    def close(self) -> None:
        """Let the temporary file and the workbook's part go."""
        self._more.close()
        self._file.close()

    def _load(self, block: int) -> list[str]:
        self._file.seek(self._offsets[block])
        text = self._file.read(self._offsets[block + 1] - self._offsets[block])
        return text.decode("utf-8", "surrogatepass").split("\0")

    def _add(self, text: str) -> None:
        self._pending.append(text)
        self._size += len(text)
        if len(self._pending) >= self._BLOCK or self._size >= self._BLOCK_CHARACTERS:
            self._file.seek(self._offsets[-1])
            written = self._file.write("\0".join(self._pending).encode("utf-8", "surrogatepass"))
            self._firsts.append(self._flushed)
            self._offsets.append(self._offsets[-1] + written)
            self._flushed += len(self._pending)
            self._pending.clear()
            self._size = 0

    def _parse(self, book: Workbook, name: str) -> Generator[int, None, None]:
        """Add the strings of the part, chunk by chunk; the phonetic readings beside them are left out."""
        parser = expat.ParserCreate()
        pieces: list[str] = []
        length = 0

        def collect(text: str) -> None:
            nonlocal length
            length += len(text)
            if length <= LONGEST_CELL + 1:
                pieces.append(text)

        def start(tag: str, attributes: Attributes) -> None:
            tag = tag.rpartition(":")[2]
            if tag == "t":
                parser.CharacterDataHandler = collect
            elif tag == "rPh":
                parser.StartElementHandler = None

        def end(tag: str) -> None:
            nonlocal length
            tag = tag.rpartition(":")[2]
            if tag == "t":
                parser.CharacterDataHandler = None
            elif tag == "rPh":
                parser.StartElementHandler = start
            elif tag == "si":
                self._add("".join(pieces))
                pieces.clear()
                length = 0

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        if book.has(name):
            yield from book.feed(name, parser)


def _check_directory(path: Path) -> None:
    """Refuse a zip whose directory alone is a bomb, before anything is read from it. Raises ValueError."""
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - (1 << 16) - 22, 0))
        tail = stream.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise EOFError(_("its end is missing"))
    if int.from_bytes(tail[at + 12 : at + 16], "little") > DIRECTORY:
        raise ValueError(_("too many parts"))


def _format(number: str, code: str) -> Format:
    """What a number format shows."""
    if not code and number.isdecimal():
        built_in = int(number)
        if built_in in _DATES:
            return "date"
        return "time" if built_in in _TIMES else "percent" if built_in in (9, 10) else ""
    plain = _LITERAL.sub("", code.split(";")[0]).lower()
    if "%" in plain:
        return "percent"
    if "y" in plain or "d" in plain:
        return "date"
    return "time" if "h" in plain or "s" in plain else "date" if "m" in plain else ""


def _refuse_doctype(*_name: object) -> None:
    raise ValueError(_("a document type, which no spreadsheet writes"))
