"""Writing lists to files for other programs: CSV, JSON Lines, XLSX; whole or not at all, and safe to open.

A text that a spreadsheet would take for a formula gets an apostrophe in front; JSON Lines has it as it is.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Literal, get_args

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import harmless
from kolbench.store.candidates import Candidate, CandidateWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

Format = Literal["csv", "jsonl", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)

PAGE = 10_000
"""Rows read at once: each page is found by its distance from an end of the list."""

SHEET_ROWS = 1_048_575
"""Rows that an XLSX sheet holds below its heading."""

MAX_CELL = 32_767
"""Characters that an XLSX cell holds."""

MAX_EXACT = 10**15
"""From here on a spreadsheet rounds a number; it is written as text instead."""

_UNDECIDED = ("undecided", None, None, None)


def form(target: Path) -> Format:
    """The format that a file's name says. Raises UsageError for one that says none."""
    for known in FORMATS:
        if target.suffix.lower() == f".{known}":
            return known
    raise UsageError(_("The name ends in .csv, .jsonl or .xlsx: that says what is written."))


def write(
    target: Path | None, form: Format, names: Sequence[str], rows: Iterable[Iterable[Any]], *, public: bool = False
) -> int:
    """Write ``rows`` under ``names`` to ``target`` (None: stdout, not for XLSX); returns how many there were.

    The file is readable by its owner only, unless it is ``public``, and replaces an older one when it is complete.
    Raises UsageError when it can't be written, XLSX support isn't installed, or there are more rows than a sheet holds.
    """
    if target is None:
        if form == "xlsx":
            raise UsageError(_("An XLSX file can't be written to the standard output: name a file."))
        return _TEXTS[form](sys.stdout, names, rows)
    with _complete(target, public=public) as part:
        if form == "xlsx":
            return _xlsx(part, names, rows)
        # With a byte order mark, without which Excel takes Chinese for Latin-1.
        encoding = "utf-8-sig" if form == "csv" else "utf-8"
        with part.open("w", encoding=encoding, newline="") as file:
            return _TEXTS[form](file, names, rows)


def write_text(target: Path, text: str, *, public: bool = False) -> None:
    """Write a text whose lines end as they do in it; else as ``write``."""
    write_bytes(target, text.encode(), public=public)


def write_bytes(target: Path, data: bytes, *, public: bool = False) -> None:
    """Write a file that is not a list; else as ``write``."""
    with _complete(target, public=public) as part:
        part.write_bytes(data)


def ranking(window: CandidateWindow, limit: int | None = None) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """The columns and rows of a list for a file: everybody in its order with owner, tags and what was decided.

    At most ``limit`` of them. Moments are ISO 8601.
    """
    from kolbench.domain.clock import iso
    from kolbench.store import decisions, owners, tags

    moments = [place for place, name in enumerate(Candidate._fields) if name.endswith("_at")]

    def rows() -> Iterator[Sequence[Any]]:
        stop = window.count() if limit is None else min(limit, window.count())
        for start in range(0, stop, PAGE):
            page = window.rows(start, min(start + PAGE, stop))
            ids = [one.creator_id for one in page]
            decided = {} if window.brief_id is None else decisions.current(window.store, window.brief_id, ids)
            owned, tagged = owners.of(window.store, ids), tags.of(window.store, ids)
            for found in page:
                facts: list[Any] = list(found)
                for place in moments:
                    facts[place] = None if facts[place] is None else iso(facts[place])
                decision = decided.get(found.creator_id)
                told = (decision.state, decision.reason, decision.author, iso(decision.at)) if decision else _UNDECIDED
                tagged_with = ", ".join(tagged.get(found.creator_id, ()))
                yield [*facts, owned.get(found.creator_id), tagged_with, *told]

    return (*Candidate._fields, "owner", "tags", "state", "reason", "decided_by", "decided_at"), rows()


@contextmanager
def _complete(target: Path, *, public: bool = False) -> Iterator[Path]:
    """A file beside ``target`` that takes its place at the end, if nothing failed."""
    if target.is_dir():
        raise UsageError(_("{path} is a folder: name a file in it.").format(path=target))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666 if public else 0o600))
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise UsageError(_("{path} can't be written: {reason}.").format(path=target, reason=error.strerror)) from error
    finally:
        with suppress(OSError):  # what stopped the writing has been said, or there is nothing to remove
            part.unlink()


def _csv(file: IO[str], names: Sequence[str], rows: Iterable[Iterable[Any]]) -> int:
    writer = csv.writer(file)
    writer.writerow(names)
    written = 0
    for row in rows:
        writer.writerow([harmless(value) if isinstance(value, str) else value for value in row])
        written += 1
    return written


def _jsonl(file: IO[str], names: Sequence[str], rows: Iterable[Iterable[Any]]) -> int:
    written = 0
    for row in rows:
        file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str) + "\n")
        written += 1
    return written


_TEXTS = {"csv": _csv, "jsonl": _jsonl}


def _xlsx(path: Path, names: Sequence[str], rows: Iterable[Iterable[Any]]) -> int:
    try:
        from xlsxwriter import Workbook  # type: ignore[import-untyped]
        from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]
    except ImportError as error:
        raise UsageError(_("XLSX needs one more package. Run: pip install 'kolbench[xlsx]'")) from error
    try:
        return _book(path, Workbook, names, rows)
    except FileCreateError as error:
        raise error.args[0] from error


def _book(path: Path, workbook: Any, names: Sequence[str], rows: Iterable[Iterable[Any]]) -> int:
    written = 0
    # Packed in memory: an archive that the disk has no room for complains again when it is thrown away.
    packed = io.BytesIO()
    with workbook(packed, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("kolbench")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, names)
        for row in rows:
            written += 1
            if written > SHEET_ROWS:
                raise UsageError(_("An XLSX sheet holds {most:,} rows. Export to CSV instead.").format(most=SHEET_ROWS))
            for column, value in enumerate(row):
                if isinstance(value, (float, Decimal)) or (isinstance(value, int) and abs(value) < MAX_EXACT):
                    sheet.write_number(written, column, value)
                elif value is not None:
                    sheet.write_string(written, column, str(value)[:MAX_CELL])
    path.write_bytes(packed.getbuffer())
    return written
