"""The report of what was not kept: one CSV file a run, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import json
import os
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from kolbench.domain.errors import StoreError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line, harmless
from kolbench.store import beside, sharing
from kolbench.sync.conduct import value_of
from kolbench.sync.pulling import Reject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kolbench.store.writer import Refused
    from kolbench.sync.pulling import Ready

_ABOUT = ("name", "handle", "account_uid", "uid", "order_id", "child_uid", "visitor_uid")
"""The fields that say whom or what a record is about, the plainest first."""


class RejectFile:
    """``<store>.rejects/<run>.csv``, readable by whoever may read the store and made when the first row comes."""

    def __init__(self, store: Path, run_id: int, rows: str = "") -> None:
        """``rows`` says what is reported, where the feed doesn't (``rows_of``)."""
        self._store = store
        self._said = rows
        self._target = store.with_name(store.name + ".rejects") / f"{run_id}.csv"
        self._file: IO[str] | None = None
        self._rows: Any = None

    @property
    def path(self) -> Path | None:
        """Where the report is; None while there is nothing to report."""
        return self._target if self._file else None

    def write(self, feed: str, rejects: Iterable[Reject]) -> None:
        """Add rows. Raises StoreError when the file can't be written."""
        try:
            if self._file is None:
                self._file = self._open()
            for reject in rejects:
                told = (self._said or feed, reject.column, reject.reason, reject.value)
                first, *others = (harmless(clean_line(text)) for text in told)
                self._rows.writerow([first, "" if reject.line is None else reject.line, *others])
            self._file.flush()
        except OSError as error:
            raise StoreError(
                _("{path} can't be written: {reason}.").format(path=self._target, reason=error.strerror)
            ) from error

    def close(self) -> None:
        """Finish the file."""
        if self._file:
            with suppress(OSError):  # what could not be written was said when it was
                self._file.close()

    def _open(self) -> IO[str]:
        folder = self._target.parent
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            folder.chmod(sharing.folder_mode(self._store))
        handle = beside.made(self._target, sharing.file_mode(self._store), self._store.parent)
        # With a byte order mark, without which Excel takes Chinese for Latin-1.
        file = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(file)
        self._rows.writerow(["feed", "line", "column", "reason", "value"])
        return file


def rows_of(settings: Mapping[str, str]) -> str:
    """What the rows of a table about a campaign are, such as ``refunds``; empty where the feed's name says it."""
    mapping = settings.get("map", "")
    if "campaign" not in settings or not mapping.startswith("{"):
        return settings.get("kind", "") if "campaign" in settings else ""
    try:
        return clean_line(str(json.loads(mapping)["kind"]), 40)
    except (ValueError, TypeError, KeyError):
        return ""


def of_refused(refused: Sequence[Refused], pages: Iterable[Ready]) -> list[Reject]:
    """The report's rows for records of these pages that contradict the store, with their lines where they are known."""
    if not refused:
        return []
    lines = {id(record): line for page in pages for record, line in zip(page.records, page.lines, strict=False)}
    return [_of_refused(one, lines.get(id(one.record))) for one in refused]


def _of_refused(refused: Refused, line: int | None) -> Reject:
    """One such row; a line says little to who hasn't got the file at hand, so it says whom it is about as well."""
    told = (getattr(refused.record, name, None) for name in _ABOUT)
    whom = next((text for text in told if text), None)
    reason = _("{what}: {more}").format(what=whom, more=refused.reason) if whom else refused.reason
    return Reject(line, refused.field, reason, value_of(refused.record, refused.field))
