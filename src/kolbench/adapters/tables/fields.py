"""A table's columns compiled into functions from a row to one kind of fact each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kolbench.adapters.tables.cells import (
    BLANK,
    BROKEN,
    LONGEST_ODD,
    PER_PERIOD,
    Parse,
    contact,
    parser,
    provisional,
    reference,
)
from kolbench.adapters.tables.columns import CONTACTS, IDENTITIES, Column, is_metric
from kolbench.adapters.tables.mapping import Mapping
from kolbench.adapters.tables.options import Options
from kolbench.domain.identity import handle_ref, name_ref
from kolbench.domain.lang import _
from kolbench.domain.numbers import LIMIT
from kolbench.domain.records import Contact, Metrics

Cells = list[str]

Report = Callable[[str, str, str], None]
"""Told column, reason and value of what could not be kept; no column when it is the whole row."""

_ODD = BLANK | BROKEN
_PLAIN = frozenset(("name", "bio", "category", "region", "title", "text", "kind"))


@dataclass(frozen=True)
class Plan:
    """How to read a table's rows: its mapping, the operator's options, the date of what no column dates.

    ``serials`` reads bare numbers in date columns as a spreadsheet's days. A bad optional cell is reported and
    left out; a row without identity, date or any fact is reported and dropped.
    """

    mapping: Mapping
    options: Options
    observed_at: datetime | None
    serials: bool
    report: Report

    def parser(self, column: Column) -> Parse:
        """What reads the cells of a column."""
        options = self.options
        return parser(column.role, column.unit, options.timezone, options.date_order, self.serials)


def account_of(column: Column, report: Report) -> Callable[[Cells], str | None]:
    """Reads an account's id from a column; None, reported, when there is none."""
    index, name = column.index, column.name

    def end(row: Cells) -> str | None:
        cell = row[index]
        if len(cell) > 4 and cell.isalnum():
            return cell
        try:
            uid = reference(cell)
        except ValueError as why:
            report(name, str(why), cell)
            return None
        if uid is None:
            report(name, _("no account in this row"), cell)
        return uid

    return end


def identity_of(plan: Plan) -> Callable[[Cells], str | None]:
    """Reads which account a row is about: by id, else handle, else address, else name."""
    at = {role: column for role in IDENTITIES if (column := plan.mapping.at(role))}
    if not at:
        said = plan.options.account
        fixed = handle_ref(said) if said.startswith("@") else said
        return lambda _row: fixed
    uid_at = at["uid"].index if "uid" in at else None
    others = [(column, _REFERENCES[role]) for role, column in at.items() if role != "uid"]
    name, report = next(iter(at.values())).name, plan.report

    def identity(row: Cells) -> str | None:
        cell = ""
        if uid_at is not None:
            cell = row[uid_at]
            if len(cell) > 4 and cell.isalnum():
                return cell
            try:
                uid = reference(cell)
            except ValueError as why:
                report(name, str(why), cell)
                return None
            if uid is not None:
                return uid
        for column, refer in others:
            text = row[column.index].strip()
            if text in BROKEN:
                report(column.name, _("a spreadsheet's error"), text)
                return None
            if text and text not in BLANK and (found := provisional(refer, text)):
                return found
        report(name, _("no account in this row"), cell)
        return None

    return identity


def _address_ref(url: str) -> str:
    return handle_ref(url.rpartition("://")[2].rstrip("/"))


_REFERENCES: dict[str, Callable[[str], str]] = {
    "handle": handle_ref,
    "url": _address_ref,
    "name": name_ref,
}


def moment_of(plan: Plan) -> Callable[[Cells], datetime | None]:
    """Reads when a row was true; None, reported, when its date column doesn't say."""
    column, fixed = plan.mapping.at("observed_at"), plan.observed_at
    if column is None:
        return lambda _row: fixed
    index, name, parse, report = column.index, column.name, plan.parser(column), plan.report

    def moment(row: Cells) -> datetime | None:
        cell = row[index].strip()
        try:
            if cell and cell not in BLANK:
                return parse(cell)  # type: ignore[no-any-return]
            report(name, _("no date in this row"), cell)
        except ValueError as why:
            report(name, str(why), cell)
        return None

    return moment


def facts_of(plan: Plan, roles: Collection[str]) -> Callable[[Cells], dict[str, Any]]:
    """Reads the columns of these roles into a dict by role, without those that say nothing."""
    columns = [column for column in plan.mapping.used if column.role in roles]
    plain = [column for column in columns if column.role in _PLAIN]
    texts = [(column.index, column.role, column.name) for column in plain]
    parsed = [
        (column.index, column.role, column.name, plan.parser(column)) for column in columns if column.role not in _PLAIN
    ]
    report = plan.report

    def facts(row: Cells) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for index, role, name in texts:
            cell = row[index].strip()
            if not cell:
                continue
            if len(cell) > LONGEST_ODD or cell not in _ODD:
                found[role] = cell
            else:
                _read(cell, str, name, report)
        for index, role, name, parse in parsed:
            cell = row[index].strip()
            if cell and (value := _read(cell, parse, name, report)) is not None:
                found[role] = value
        return found

    return facts


def metrics_of(plan: Plan) -> Callable[[Cells], Metrics]:
    """Reads the counters of a row; beside a column of periods, what a period concerns is named after it."""
    columns = [column for column in plan.mapping.used if is_metric(column.role)]
    counters = [
        (
            column.index,
            column.role.removeprefix("metric:"),
            column.name,
            plan.parser(column),
            not column.unit and column.role != "engagement_bp",
        )
        for column in columns
    ]
    report, period = plan.report, plan.mapping.at("period")

    def metrics(row: Cells) -> Metrics:
        found: Metrics = {}
        for index, metric, name, parse, bare in counters:
            cell = row[index]
            if not cell:
                continue
            try:
                value = int(cell) if bare else -1
            except ValueError:
                value = -1
            if 0 <= value <= LIMIT:
                found[metric] = value
            elif (read := _read(cell.strip(), parse, name, report)) is not None:
                found[metric] = read
        return found

    if period is None:
        return metrics
    index, name, which = period.index, period.name, plan.parser(period)

    def metrics_of_period(row: Cells) -> Metrics:
        found = metrics(row)
        suffix = _read(row[index].strip(), which, name, report)
        if suffix is None:
            return found
        return {f"{key}_{suffix}" if key in PER_PERIOD else key: value for key, value in found.items()}

    return metrics_of_period


def contacts_of(plan: Plan) -> Callable[[Cells], tuple[Contact, ...]] | None:
    """Reads the ways to reach the person; None when no column has any."""
    columns = [column for column in plan.mapping.used if column.role in CONTACTS]
    if not columns:
        return None
    parsed = [(column.index, column.role, column.name, plan.parser(column)) for column in columns]
    report = plan.report

    def contacts(row: Cells) -> tuple[Contact, ...]:
        return tuple(
            Contact(*contact(role, value))
            for index, role, name, parse in parsed
            if (value := _read(row[index].strip(), parse, name, report))
        )

    return contacts


def _read(cell: str, parse: Parse, name: str, report: Report) -> Any:
    """What an optional, stripped cell says; None, reported unless it is blank, when that is nothing."""
    if not cell or cell in BLANK:
        return None
    try:
        if cell in BROKEN:
            raise ValueError(_("a spreadsheet's error"))
        return parse(cell)
    except ValueError as why:
        report(name, _("{reason}; the rest of the row was kept").format(reason=why), cell)
        return None
