"""Rows of tables about campaigns: who takes part, who came by whom, clicks, sales and what was given back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kolbench.adapters.tables.cells import BLANK
from kolbench.adapters.tables.columns import Column
from kolbench.adapters.tables.fields import Cells, Plan
from kolbench.domain import money
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.money import Money
from kolbench.domain.records import (
    ConversionRecord,
    ParticipantRecord,
    Record,
    ReferralRecord,
    RefundRecord,
    TouchRecord,
)

Build = Callable[[Cells, list[Record]], None]

NEEDED: dict[str, tuple[str, ...]] = {
    "participants": ("participant",),
    "referrals": ("child", "at"),
    "clicks": ("buyer", "at"),
    "conversions": ("at",),
    "refunds": ("refund_id", "order_id", "amount", "at"),
}
"""The roles without which a table of that kind says nothing."""

_SAYS = {
    "participant": N_("who takes part"),
    "child": N_("who came"),
    "buyer": N_("who followed the link"),
    "at": N_("when it was"),
    "order_id": N_("which order it is of"),
    "refund_id": N_("the refund's number"),
    "amount": N_("how much it was"),
}
"""What a row lacks in which the cell of such a role is blank."""

WHOSE = ("participant", "code")
"""The roles of which referrals and clicks need one."""


class _Unusable(Exception):
    """A row can't become a record: the role of the cell that is wrong, and why."""


def participants(plan: Plan) -> Build:
    """Who takes part, with codes and how they wish to be named."""

    def build(read: Callable[[str], Any]) -> Record:
        return ParticipantRecord(
            campaign=plan.options.campaign,
            uid=_need(read, "participant"),
            name=read("name"),
            account_uid=read("account"),
            code=read("code"),
            joined_at=read("at"),
            shown=read("shown"),
        )

    return _rows(plan, build)


def referrals(plan: Plan) -> Build:
    """Who came by whom, or by whose code."""

    def build(read: Callable[[str], Any]) -> Record:
        child = _need(read, "child")
        return ReferralRecord(
            campaign=plan.options.campaign,
            child_uid=child,
            child_name=read("child_name"),
            at=_need(read, "at"),
            **_whose(plan, read, "parent_uid"),
        )

    return _rows(plan, build)


def clicks(plan: Plan) -> Build:
    """Who followed whose link."""

    def build(read: Callable[[str], Any]) -> Record:
        return TouchRecord(
            campaign=plan.options.campaign,
            visitor_uid=_need(read, "buyer"),
            at=_need(read, "at"),
            **_whose(plan, read, "participant_uid"),
        )

    return _rows(plan, build)


def conversions(plan: Plan) -> Build:
    """What was bought, by whom and by whose code. Without a column of orders, equal rows are one conversion."""
    numbered = plan.mapping.at("order_id") is not None

    def build(read: Callable[[str], Any]) -> Record:
        at: datetime = _need(read, "at")
        kind = read("kind")
        paid = _money(plan, read, free=kind in ("signup", "lead"))
        told = {role: read(role) for role in ("buyer", "participant", "code", "line", "device", "address")}
        told["payment"] = _hint(read, "payment")
        order = _need(read, "order_id") if numbered else _made(at, paid, told)
        return ConversionRecord(
            campaign=plan.options.campaign,
            order_id=order,
            line=told["line"] or "",
            kind=kind or ("sale" if paid.minor else "lead"),
            at=at,
            amount=paid.minor,
            currency=paid.currency,
            code=told["code"],
            participant_uid=told["participant"],
            buyer_uid=told["buyer"],
            device=told["device"],
            address=told["address"],
            payment=told["payment"],
        )

    return _rows(plan, build)


def refunds(plan: Plan) -> Build:
    """What was given back of which order; a minus before the amount is no matter."""

    def build(read: Callable[[str], Any]) -> Record:
        paid = _money(plan, read, free=False)
        return RefundRecord(
            campaign=plan.options.campaign,
            order_id=_need(read, "order_id"),
            line=read("line") or "",
            refund_id=_need(read, "refund_id"),
            amount=abs(paid.minor),
            currency=paid.currency,
            at=_need(read, "at"),
        )

    return _rows(plan, build)


BUILDERS: dict[str, Callable[[Plan], Build]] = {
    "participants": participants,
    "referrals": referrals,
    "clicks": clicks,
    "conversions": conversions,
    "refunds": refunds,
}
"""Kind of table to what makes a row of it into a record."""


def _rows(plan: Plan, build: Callable[[Callable[[str], Any]], Record]) -> Build:
    """A builder of one record a row, that names the cell which makes a row unusable."""
    columns: dict[str, tuple[Column, Any]] = {
        column.role: (column, plan.parser(column)) for column in plan.mapping.used
    }

    def row_to_record(row: Cells, page: list[Record]) -> None:
        def read(role: str) -> Any:
            if role not in columns:
                return None
            column, parse = columns[role]
            cell = row[column.index].strip()
            if not cell or cell in BLANK:
                return None
            try:
                return parse(cell)
            except ValueError as why:
                raise _Unusable(role, str(why)) from None

        try:
            page.append(build(read))
        except _Unusable as why:
            role, reason = why.args
            column, _parse = columns.get(role, (None, None))
            plan.report(column.name if column else "", reason, row[column.index].strip() if column else "")

    return row_to_record


def _need(read: Callable[[str], Any], role: str) -> Any:
    found = read(role)
    if found is None:
        raise _Unusable(role, _("this row doesn't say {what}").format(what=_(_SAYS[role])))
    return found


def _hint(read: Callable[[str], Any], role: str) -> Any:
    """What only tells that two may be one: a cell that doesn't say it is no reason to leave the sale out."""
    try:
        return read(role)
    except _Unusable:
        return None


def _whose(plan: Plan, read: Callable[[str], Any], field: str) -> dict[str, str]:
    participant, code = read("participant"), read("code")
    if participant:
        return {field: participant}
    if code:
        return {"code": code}
    raise _Unusable("participant" if plan.mapping.at("participant") else "code", _("nobody by whom they came"))


def _money(plan: Plan, read: Callable[[str], Any], *, free: bool) -> Money:
    """The amount of a row, in the currency of its cell, its column or the setting.

    0 where the table has no amounts, and where the row has none and may be ``free``.
    """
    cell = read("amount") if free or plan.mapping.at("amount") is None else _need(read, "amount")
    said = read("currency") or plan.options.currency
    try:
        if cell is None:
            return Money(0, money.currency(said))
        try:
            paid = money.parse(f"{cell} {said}" if said else cell)
        except UsageError as why:
            try:
                paid = money.parse(cell)
            except UsageError:  # the cell names no currency: what is wrong is the amount itself
                raise why from None
            if said and paid.currency != money.currency(said):
                raise
    except UsageError as why:
        raise _Unusable("amount" if plan.mapping.at("amount") else "currency", str(why)) from None
    return paid


def _made(at: datetime, paid: Money, told: dict[str, str | None]) -> str:
    """An order's id where the table has none: the same buyer, moment and amount are the same order."""
    parts = (at.isoformat(), str(paid.minor), paid.currency, *(told[role] or "" for role in sorted(told)))
    return "made:" + hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()
