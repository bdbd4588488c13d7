"""Tables for tests: written in one line, and read as an import would read them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from kolbench.adapters.protocol import Page, Pull, Rejected
from kolbench.adapters.tabular import Tabular, preview
from kolbench.domain.errors import KolbenchError
from kolbench.domain.records import Record

WRITTEN = datetime(2026, 5, 4, tzinfo=UTC)
"""When every file that ``write`` makes was last written."""


@dataclass
class Reading:
    """What reading a file gave: its pages, what it rejected, what it warned of, and how it failed."""

    pages: list[Page] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failure: KolbenchError | None = None

    @property
    def records(self) -> list[Record]:
        """All records, page by page."""
        return [record for page in self.pages for record in page.records]

    def column(self, name: str) -> list[Any]:
        """One field of all records."""
        return [getattr(record, name) for record in self.records]

    def metric(self, name: str) -> list[Any]:
        """One metric of all records."""
        return [record.metrics.get(name) for record in self.records if not hasattr(record, "follower_uid")]


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    """A file at ``path`` with this content."""
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    os.utime(path, (WRITTEN.timestamp(), WRITTEN.timestamp()))
    return path


def workbook(path: Path, sheets: dict[str, list[list[Any]]], **formats: str) -> Path:
    """An XLSX workbook; a column named in ``formats`` has that number format."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    shown = formats.get(str(rows[0][column])) if number else None
                    sheet.write(number, column, value, book.add_format({"num_format": shown}) if shown else None)
    os.utime(path, (WRITTEN.timestamp(), WRITTEN.timestamp()))
    return path


def read(path: Path, cursor: str | None = None, **settings: str) -> Reading:
    """Everything an import of ``path`` gives; a KolbenchError is kept, anything else is raised."""
    found = Reading()
    pull = Pull(
        "profiles",
        {"path": str(path), "platform": "test", **settings},
        cursor,
        reject=found.rejected.append,
        warn=found.warnings.append,
    )
    try:
        found.pages.extend(Tabular().pull(pull))
    except KolbenchError as failure:
        found.failure = failure
    return found


def roles(path: Path, **settings: str) -> dict[str, str]:
    """Column to role as proposed, without the ignored ones."""
    return {column.name: column.role for column in preview(_named(path, settings)).proposal.mapping.used}


def proposal(path: Path, **settings: str) -> Any:
    """The whole proposal for a file."""
    return preview(_named(path, settings)).proposal


def _named(path: Path, settings: dict[str, str]) -> dict[str, str]:
    return {"path": str(path), "platform": "test", **settings}
