"""Delimited text as rows: finds the delimiter, and finds its feet again after a quote that never closes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from kolbench.adapters.protocol import Rejected
from kolbench.adapters.tables.lines import Lines
from kolbench.domain.lang import _

LONGEST_CELL = 131_072
"""Characters in one cell; a longer one is a quote that never closes, or an attack."""

DELIMITERS = (",", "\t", ";", "|", " ")

Cells = list[str]

if TYPE_CHECKING:
    from _csv import Reader


def parse(text: str, delimiter: str) -> list[Cells]:
    """The non-blank rows of a piece of text, as far as they can be read. Runs of spaces delimit once."""
    found: list[Cells] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter == " ")
    while True:
        try:
            found.extend(row for row in reader if any(map(str.strip, row)))
        except csv.Error:
            continue
        return found


def sniff(text: str) -> str:
    """The delimiter under which most rows of ``text`` have the same number of cells; a comma if there is none.

    Spaces count only where nothing else does: they are in every sentence.
    """
    best, score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        if delimiter == " " and score[0] >= 0.5:
            break
        rows = parse(text, delimiter)[:200]
        widths = Counter(len(row) for row in rows)
        width, rows_of_it = widths.most_common(1)[0] if widths else (1, 0)
        even = round(rows_of_it / max(len(rows), 1), 1)
        if width > 1 and (even, width) > score and (delimiter != " " or even == 1):
            best, score = delimiter, (even, width)
    return best


class DelimitedRows:
    """The rows of delimited text, each ``width`` cells: short ones are filled up, wrong ones rejected.

    ``lead`` lines and then ``skip`` rows come before the data. ``line`` is where the current row begins.
    """

    def __init__(
        self,
        lines: Lines,
        delimiter: str,
        width: int,
        lead: int,
        skip: int,
        reject: Callable[[Rejected], None],
    ) -> None:
        csv.field_size_limit(LONGEST_CELL)
        self._lines = lines
        self._delimiter = delimiter
        self._width = width
        self._lead = lead
        self._skip = skip
        self._reject = reject
        self._uneven = _("{n} cells where {width} belong")
        self.line = 0
        self.short = 0

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._lines.share

    def __iter__(self) -> Iterator[Cells]:
        width = self._width
        rest = chain.from_iterable(self._lines.blocks())
        feed: Iterator[str] = rest
        before = handed = sum(1 for _line in islice(rest, self._lead)) + self._pass_over(rest)
        while True:
            reader = self._reader(feed, strict=True)
            end = 0
            try:
                for row in reader:
                    self.line = before + end + 1
                    if any(row) and (len(row) == width or self._fits(row, reader.line_num - end)):
                        end = reader.line_num
                        yield row
                    else:
                        end = reader.line_num
                return
            except csv.Error as why:
                start = before + end + 1
                handed = max(handed, before + reader.line_num)
                if alone := self._alone(start, str(why)):
                    self.line = start
                    yield alone
                before = max(start, self._lines.oldest() - 1)
                if before > start:
                    self._reject(Rejected(start, "", _("lost down to line {line}").format(line=before)))
                feed = chain(self._lines.again(before + 1, handed), rest)

    def _reader(self, lines: Iterator[str], strict: bool) -> Reader:
        return csv.reader(lines, delimiter=self._delimiter, skipinitialspace=self._delimiter == " ", strict=strict)

    def _pass_over(self, lines: Iterator[str]) -> int:
        """Read past the rows before the data, as ``parse`` reads them; the number of their lines."""
        reader = self._reader(lines, strict=False)
        left = self._skip
        while left:
            try:
                row = next(reader, None)
            except csv.Error:
                continue
            if row is None:
                break
            left -= any(map(str.strip, row))
        return reader.line_num

    def _fits(self, row: Cells, lines: int) -> bool:
        """Whether a row of another width is one: empty cells too many are cut, one with half of them is filled up.

        Raises csv.Error when it took several ``lines``: a quote may have joined rows.
        """
        missing = self._width - len(row)
        if missing < 0 and not any(row[missing:]):
            del row[missing:]
            return True
        why = self._uneven.format(n=len(row), width=self._width)
        if lines > 1:
            raise csv.Error(why)
        if self._lines.unfinished and self.line == self._lines.read and not self.short:
            why = _("the file ends in the middle of this row")
        elif 0 < missing <= len(row) > 1:
            row.extend([""] * missing)
            self.short += 1
            return True
        self._reject(Rejected(self.line, "", why, self._delimiter.join(row)[:80]))
        return False

    def _alone(self, start: int, why: str) -> Cells | None:
        """The row read from its first line only, forgiving its quotes; rejected when that gives no row either."""
        line = "".join(self._lines.again(start, start))
        row: Cells = []
        try:
            row = next(self._reader(iter((line.rstrip("\r\n"),)), strict=False), [])
        except csv.Error as worse:
            why = str(worse)
        if len(row) == self._width:
            return row
        self._reject(Rejected(start, "", _reason(why), line[:80]))
        return None


def _reason(why: str) -> str:
    """The csv module's words, for operators."""
    if "field limit" in why:
        return _("a cell longer than {n} characters").format(n=LONGEST_CELL)
    if "expected after" in why or "unexpected end" in why:
        return _("a quote that never closes")
    return why
