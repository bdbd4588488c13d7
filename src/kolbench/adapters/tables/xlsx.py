"""The rows of one sheet of an XLSX workbook, streamed: memory stays flat whatever the sheet claims or holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

from kolbench.adapters.protocol import Rejected
from kolbench.adapters.tables.delimited import LONGEST_CELL, Cells
from kolbench.adapters.tables.workbook import Attributes, Format, Strings, Workbook
from kolbench.domain.dates import from_excel
from kolbench.domain.lang import _

COLUMNS = 1_000
"""Cells further right are not read."""

_EXACT = 10**15
_ROUNDED = re.compile(r"[1-9]\d{14}0{3,}")  # what a spreadsheet leaves of a longer number


class SheetRows:
    """The non-blank rows of a sheet as texts, ``width`` cells each (0: as many as the row has).

    ``skip`` rows come before the data. ``line`` is the sheet's own row number. Numbers that the sheet shows
    as dates, times or percentages come as such; whole numbers come without a decimal point.
    """

    def __init__(self, path: Path, sheet: str, width: int, skip: int, reject: Callable[[Rejected], None]) -> None:
        self._path = path
        self._sheet = sheet
        self._width = width
        self._skip = skip
        self._reject = reject
        self.line = 0
        self.share = 0.0
        self.short = 0

    def __iter__(self) -> Iterator[Cells]:
        with closing(Workbook(self._path)) as book, closing(Strings(book)) as strings:
            part = book.sheet(self._sheet)
            size = max(book.size(part), 1)
            done: list[tuple[int, Cells | None]] = []
            for fed in book.feed(part, _parser(book, strings, done)):
                self.share = fed / size
                yield from self._whole(done)
                done.clear()
            yield from self._whole(done)

    def _whole(self, rows: list[tuple[int, Cells | None]]) -> Iterator[Cells]:
        width = self._width
        for self.line, cells in rows:
            if cells is None:
                self._reject(Rejected(self.line, "", _("a cell longer than {n} characters").format(n=LONGEST_CELL)))
            elif any(cells):
                if self._skip:
                    self._skip -= 1
                    continue
                if width and len(cells) != width:
                    cells = (cells + [""] * (width - len(cells)))[:width]
                yield cells


def _parser(book: Workbook, strings: Strings, done: list[tuple[int, Cells | None]]) -> expat.XMLParserType:
    """A parser that appends each row, with its number, to ``done``; None for one with a cell that is too long."""
    parser = expat.ParserCreate()
    formats, mac = book.formats(), book.mac_dates
    cell_tag, value_tag, text_tag, row_tag, phonetic_tag = "c", "v", "t", "row", "rPh"
    row: Cells = []
    pieces: list[str] = []
    number = column = length = 0
    kind = style = ""
    silent = overlong = False

    def root(tag: str, attributes: Attributes) -> None:
        nonlocal cell_tag, value_tag, text_tag, row_tag, phonetic_tag
        prefix = tag[: tag.find(":") + 1]
        cell_tag, value_tag, text_tag = prefix + "c", prefix + "v", prefix + "t"
        row_tag, phonetic_tag = prefix + "row", prefix + "rPh"
        parser.StartElementHandler = start

    def collect(text: str) -> None:
        nonlocal length, overlong
        length += len(text)
        if length <= LONGEST_CELL:
            pieces.append(text)
        else:
            overlong = True

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal column, kind, style, number, silent
        if tag == cell_tag:
            kind = attributes.get("t", "n")
            style = attributes.get("s", "")
            reference = attributes.get("r")
            column = _column(reference.rstrip("0123456789")) if reference else len(row)
        elif tag in (value_tag, text_tag):
            if not silent:
                parser.CharacterDataHandler = collect
        elif tag == row_tag:
            said = attributes.get("r", "")
            number = int(said) if said.isdecimal() else number + 1
        elif tag == phonetic_tag:
            silent = True

    def end(tag: str) -> None:
        nonlocal length, row, silent, overlong
        if tag in (value_tag, text_tag):
            parser.CharacterDataHandler = None
        elif tag == cell_tag:
            if pieces and column < COLUMNS:
                text = pieces[0] if len(pieces) == 1 else "".join(pieces)
                if kind == "s":
                    text = strings[int(text)]
                elif kind == "n":
                    text = _number(text, formats[int(style)] if style and int(style) < len(formats) else "", mac)
                elif kind == "b":
                    text = "TRUE" if text == "1" else "FALSE"
                row.extend([""] * (column - len(row)))
                row[column:] = [text]
            pieces.clear()
            length = 0
        elif tag == row_tag:
            done.append((number, None if overlong else row))
            row, overlong = [], False
        elif tag == phonetic_tag:
            silent = False

    parser.StartElementHandler = root
    parser.EndElementHandler = end
    return parser


@lru_cache(COLUMNS)
def _column(letters: str) -> int:
    """The position of column ``AB``, from 0. Raises ValueError for what is no column."""
    if not 1 <= len(letters) <= 3 or not letters.isascii() or not letters.isalpha():
        raise ValueError(_("no such column"))
    position = 0
    for letter in letters.upper():
        position = position * 26 + ord(letter) - 64
    return position - 1


def _number(text: str, shown: Format, mac: bool) -> str:
    """A number as the sheet shows it: ``2026-05-04``, ``1:02:03``, ``1.39%``, ``697166795``."""
    if not shown and text.isdecimal():
        return f"{int(text):.14E}" if _ROUNDED.fullmatch(text) else text
    try:
        value = float(text)
        if shown == "date":
            moment = from_excel(value, mac=mac)
            return f"{moment:%Y-%m-%d}" if value == int(value) else f"{moment:%Y-%m-%d %H:%M:%S}"
        if shown == "time":
            seconds = round(value * 86_400)
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        if shown == "percent":
            return f"{value * 100:.10g}%"
        return str(int(value)) if value == int(value) and abs(value) < _EXACT else text
    except (ValueError, OverflowError):
        return text
