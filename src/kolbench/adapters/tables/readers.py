"""A table's file at first sight, and its rows from the beginning, whatever format it is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol

from kolbench.adapters.protocol import Rejected
from kolbench.adapters.tables.columns import find_header
from kolbench.adapters.tables.delimited import Cells, DelimitedRows, parse, sniff
from kolbench.adapters.tables.encoding import detect, guess
from kolbench.adapters.tables.files import Bytes, container, regular
from kolbench.adapters.tables.jsonlines import JsonRows, is_object, names_in
from kolbench.adapters.tables.lines import Lines
from kolbench.adapters.tables.options import Options
from kolbench.adapters.tables.workbook import Workbook
from kolbench.adapters.tables.xlsx import SheetRows
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

SAMPLE_ROWS = 200
SAMPLE_CHARACTERS = 1 << 16

Format = Literal["delimited", "jsonlines", "xlsx"]


class Rows(Protocol):
    """The data rows of a table, each as many texts as the table has columns."""

    line: int
    """Where the current row begins, counted from 1."""
    short: int
    """How many rows had too few cells, and were filled up."""

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""

    def __iter__(self) -> Iterator[Cells]: ...


@dataclass(frozen=True)
class Look:
    """What a table's beginning shows: how to read it, its columns' names, and its first rows.

    Without a header the columns are named ``1``, ``2`` …; ``lead`` lines and then ``skip`` rows come before the data.
    ``remark`` tells the operator of an encoding that is a guess.
    """

    file: Path
    format: Format
    names: tuple[str, ...]
    headed: bool
    sample: tuple[Cells, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    lead: int = 0
    skip: int = 0
    sheets: tuple[str, ...] = ()
    remark: str = ""


def look(options: Options) -> Look:
    """Read the beginning of the file. Raises UsageError when it is no table, SourceError when it is damaged."""
    file = regular(options.path)
    if container(file) == "xlsx":
        return _look_at_sheet(file, options)
    if options.encoding:
        return _look_at_lines(file, options.encoding, options)
    encoding = detect(Bytes(file))
    return replace(_look_at_lines(file, encoding, options), remark=_guessed(file, encoding))


def open_rows(seen: Look, reject: Callable[[Rejected], None], warn: Callable[[str], None]) -> Rows:
    """The data rows of the table from the first one on. What can't be a row goes to ``reject``.

    Reading them raises SourceError when the file is cut short, damaged or a decompression bomb.
    """
    if seen.format == "xlsx":
        return SheetRows(seen.file, seen.sheet, len(seen.names), seen.skip, reject)
    lines = Lines(seen.file, seen.encoding, warn)
    if seen.format == "jsonlines":
        return JsonRows(lines, seen.names, reject)
    return DelimitedRows(lines, seen.delimiter, len(seen.names), seen.lead, seen.skip, reject)


def _guessed(file: Path, encoding: str) -> str:
    if not (found := guess(Bytes(file), encoding)):
        return ""
    text = _("{file}, line {line}: the byte {byte} is not UTF-8; read as {encoding}, unless you name the encoding")
    return text.format(file=file.name, line=found[0], byte=f"0x{found[1]:02X}", encoding=encoding)


def _look_at_lines(file: Path, encoding: str, options: Options) -> Look:
    lines, whole = _first_lines(file, encoding)
    first = next((line for line in lines if not line.isspace()), "").lstrip()
    if is_object(first):
        names = names_in(lines if whole else lines[:-1] or lines)
        seen = Look(file, "jsonlines", names, True, (), encoding)
        return Look(file, "jsonlines", names, True, _sample(seen), encoding)
    if first.startswith(("[", "{")) and file.suffix.lower() == ".json":
        raise UsageError(_("{path} is one JSON value; save it as JSON Lines, an object a line").format(path=file))
    return _look_at_text(file, encoding, lines, whole, options)


def _look_at_sheet(file: Path, options: Options) -> Look:
    with closing(Workbook(file)) as book:
        sheets = tuple(book.sheets)
        book.sheet(options.sheet)
    rows = list(islice(SheetRows(file, options.sheet, 0, 0, lambda _: None), SAMPLE_ROWS))
    if not rows:
        raise UsageError(_("{path} has no rows").format(path=file))
    names, skip, headed = _named(rows, max(map(len, rows)), options.header)
    sample = tuple((row + [""] * (len(names) - len(row))) for row in rows[skip:])
    return Look(file, "xlsx", names, headed, sample, sheet=options.sheet, skip=skip, sheets=sheets)


def _look_at_text(file: Path, encoding: str, lines: list[str], whole: bool, options: Options) -> Look:
    lead, said = 0, ""
    for line in lines:
        if line.lower().startswith("sep=") and len(line.rstrip("\r\n")) == 5:
            said = line[4]
        elif not line.startswith("# "):
            break
        lead += 1
    text = "".join(lines[lead:])
    delimiter = options.delimiter or said or sniff(text)
    rows = parse(text, delimiter)
    if not whole and len(rows) > 1:
        rows.pop()
    rows = rows[:SAMPLE_ROWS]
    if not rows:
        raise UsageError(_("{path} has no rows").format(path=file))
    usual = Counter(map(len, rows)).most_common(1)[0][0]
    names, skip, headed = _named(rows, usual, options.header)
    seen = Look(file, "delimited", names, headed, (), encoding, delimiter, lead=lead, skip=skip)
    return Look(file, "delimited", names, headed, _sample(seen), encoding, delimiter, lead=lead, skip=skip)


def _named(rows: list[Cells], width: int, headed: bool | None) -> tuple[tuple[str, ...], int, bool]:
    """The columns' names, the rows up to and with the header, and whether there is one."""
    header = find_header(rows, headed)
    if header is None:
        return tuple(str(position) for position in range(1, width + 1)), 0, False
    names = rows[header] + [""] * (width - len(rows[header]))
    while len(names) > width and not names[-1].strip():
        names.pop()
    return tuple(name.strip() for name in names), header + 1, True


def _first_lines(file: Path, encoding: str) -> tuple[list[str], bool]:
    """The first lines of the file, and whether they are all."""
    first: list[str] = []
    length = 0
    for block in Lines(file, encoding).blocks():
        for line in block:
            first.append(line)
            length += len(line)
            if length > SAMPLE_CHARACTERS or len(first) > 2 * SAMPLE_ROWS:
                return first, False
    return first, True


def _sample(seen: Look) -> tuple[Cells, ...]:
    """The first rows as the import will read them."""
    rows = open_rows(seen, lambda _: None, lambda _: None)
    return tuple(islice(rows, SAMPLE_ROWS))
