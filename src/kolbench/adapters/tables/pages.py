"""A table as pages of records, each with the cursor from which to go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from kolbench.adapters.protocol import Page, Pull, Rejected
from kolbench.adapters.tables.fields import Plan
from kolbench.adapters.tables.files import fingerprint
from kolbench.adapters.tables.mapping import parse_only
from kolbench.adapters.tables.options import Options, parse_options
from kolbench.adapters.tables.profile import chosen, fitted
from kolbench.adapters.tables.proposal import Proposal, propose
from kolbench.adapters.tables.readers import Rows, look, open_rows
from kolbench.adapters.tables.rows import Build, compile_rows
from kolbench.domain.errors import KolbenchError, SourceError, UsageError
from kolbench.domain.lang import _
from kolbench.domain.records import Record

PAGE_ROWS = 1_000
"""Rows of a page; half as many where a row may become two records."""

LONGEST_VALUE = 80
"""Characters kept of what was rejected."""

PREVIEW_ROWS = 200
"""Rows that a preview tries."""

_ELSEWHERE = frozenset(("path", "platform"))


@dataclass(frozen=True)
class Reason:
    """Why cells or rows (``count`` of them) would be left out, and the line of the first."""

    column: str
    reason: str
    count: int
    line: int


@dataclass(frozen=True)
class Preview:
    """What an import would do: the proposed mapping, and what the first rows become.

    ``proposal.look`` has the raw rows, ``proposal.mapping`` the columns' roles, ``proposal.problem`` says why
    nothing can be imported; then there are no records. ``rows`` is how many rows were tried.
    """

    proposal: Proposal
    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...]
    rows: int

    @property
    def reasons(self) -> list[Reason]:
        """What was rejected, one of each kind, in order of first sight."""
        found: dict[tuple[str, str], list[int]] = {}
        for one in self.rejected:
            found.setdefault((one.column, one.reason), []).append(one.line)
        return [Reason(*key, len(lines), lines[0]) for key, lines in found.items()]


def preview(settings: Mapping[str, str], rows: int = PREVIEW_ROWS) -> Preview:
    """Look at a file without importing it. Raises UsageError or SourceError as ``read`` does."""
    proposal, options = _proposed(parse_options(settings))
    records: list[Record] = []
    rejected: list[Rejected] = []
    tried = 0
    if not proposal.problem:
        table = _Table(proposal, options, Pull("profiles", settings, reject=rejected.append))
        for row in islice(table.rows, rows):
            tried += 1
            table.build(row, records)
    return Preview(proposal, tuple(records), tuple(rejected), tried)


def platform_of(path: str) -> str:
    """The platform of the profile that fits the file at ``path``; empty when none does. Raises nothing."""
    try:
        options = parse_options({"path": path})
        profile = chosen(options, look(options))
    except KolbenchError:
        return ""
    return profile.platform if profile else ""


def read(pull: Pull) -> Iterator[Page]:
    """The pages of the file that ``pull.settings`` name, from the row at which its cursor left off.

    A file that was read to its end yields nothing again; a changed one, or one to be read differently, starts
    over. Raises UsageError when the file or its mapping can't be used, SourceError when it is damaged, after
    the rows before the damage.
    """
    options = parse_options(pull.settings)
    place = {"fingerprint": fingerprint(options.path), "reading": _reading(pull.settings)}
    start = _resume(pull.cursor, place)
    if start is None:
        return
    proposal, options = _proposed(options)
    if proposal.problem:
        raise UsageError(proposal.problem)
    for warning in proposal.warnings:
        pull.warn(warning)
    yield from _pages(_Table(proposal, options, pull), place, start, pull)


class _Table:
    """A table's rows and the function that makes records of them; silent until it is told to report."""

    def __init__(self, proposal: Proposal, options: Options, pull: Pull) -> None:
        self.reporting = True
        self._pull = pull
        self.rows: Rows = open_rows(proposal.look, self._reject, pull.warn)
        plan = Plan(proposal.mapping, options, proposal.observed_at, proposal.look.format == "xlsx", self._report)
        build = compile_rows(plan)
        self.build = _of_some(build, *parse_only(options.only, proposal.look.names)) if options.only else build
        self.page_rows = PAGE_ROWS // 2 if proposal.mapping.kind == "posts" else PAGE_ROWS

    def _report(self, column: str, reason: str, value: str) -> None:
        self._reject(Rejected(self.rows.line, column, reason, value[:LONGEST_VALUE]))

    def _reject(self, rejected: Rejected) -> None:
        if self.reporting:
            self._pull.reject(rejected)


def _of_some(build: Build, at: int, value: str) -> Build:
    """Reads only the rows that have ``value`` in a column."""

    def some(row: list[str], page: list[Record]) -> None:
        if row[at].strip() == value:
            build(row, page)

    return some


def _pages(table: _Table, place: dict[str, Any], start: int, pull: Pull) -> Iterator[Page]:
    """Pages from row ``start`` on; the last one's cursor says that the file is done."""
    rows, build = iter(table.rows), table.build
    table.reporting = False
    number = sum(1 for _row in islice(rows, start))
    table.reporting = True
    while True:
        records: list[Record] = []
        lines: list[int] = []
        first = number
        try:
            for row in islice(rows, table.page_rows):
                number += 1
                build(row, records)
                while len(lines) < len(records):
                    lines.append(table.rows.line)
        except SourceError:
            yield Page(records, json.dumps({**place, "row": number}), lines=lines)
            raise
        if number - first < table.page_rows:
            if table.rows.short:
                pull.warn(_("{n} rows had too few cells; the rest are taken as empty").format(n=table.rows.short))
            yield Page(records, json.dumps({**place, "done": True}), number, lines=lines)
            return
        share = table.rows.share
        total = int(number / share) if share else None
        yield Page(records, json.dumps({**place, "row": number}), total, lines=lines)


def _proposed(options: Options) -> tuple[Proposal, Options]:
    """The proposal for a table, and the options with what its profile adds to them."""
    seen = look(options)
    options, profile = fitted(options, seen)
    proposal = propose(seen, options)
    if profile is None:
        return proposal, options
    note = _("read as {title}, by the profile {name}").format(title=profile.title, name=profile.name)
    return replace(proposal, warnings=(note, *proposal.warnings)), options


def _resume(cursor: str | None, place: dict[str, Any]) -> int | None:
    """The row at which to go on; None when the cursor says that all was read."""
    try:
        left = json.loads(cursor or "{}")
        if any(left.get(key) != value for key, value in place.items()):
            return 0
        return None if left.get("done") else max(int(left.get("row", 0)), 0)
    except (ValueError, TypeError, AttributeError):
        return 0


def _reading(settings: Mapping[str, str]) -> str:
    """A short key of everything that was said about how to read the file."""
    said = sorted((name, value) for name, value in settings.items() if name not in _ELSEWHERE and value)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]
