"""A mapping compiled into one function from a row to its records: the import's innermost loop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from kolbench.adapters.tables.campaign_rows import BUILDERS
from kolbench.adapters.tables.cells import identifier
from kolbench.adapters.tables.fields import (
    Cells,
    Plan,
    account_of,
    contacts_of,
    facts_of,
    identity_of,
    metrics_of,
    moment_of,
)
from kolbench.domain.lang import _
from kolbench.domain.records import AccountRecord, FollowRecord, PostRecord, Record, SnapshotRecord

Build = Callable[[Cells, list[Record]], None]
"""Appends a row's records to a page; an empty page is a new one."""

_ACCOUNT_FIELDS = [
    "handle",
    "name",
    "bio",
    "url",
    "avatar_url",
    "category",
    "region",
    "gender",
    "verified",
    "created_at",
]
_POST_FIELDS = {
    "published_at": "published_at",
    "kind": "kind",
    "title": "title",
    "text": "text",
    "post_url": "url",
    "duration": "duration_s",
}


def compile_rows(plan: Plan) -> Build:
    """The function that turns the rows of a table into records."""
    return (_BUILDERS.get(plan.mapping.kind) or BUILDERS[plan.mapping.kind])(plan)


def _accounts(plan: Plan) -> Build:
    who, when, facts, measure = identity_of(plan), moment_of(plan), facts_of(plan, _ACCOUNT_FIELDS), metrics_of(plan)
    reach = contacts_of(plan)

    def build(row: Cells, page: list[Record]) -> None:
        uid = who(row)
        if uid is None or (moment := when(row)) is None:
            return
        fields = facts(row)
        metrics = measure(row)
        if reach and (found := reach(row)):
            fields["contacts"] = found
        if not fields and not metrics:
            plan.report("", _("nothing but an id in this row"), uid)
            return
        page.append(AccountRecord(uid=uid, metrics=metrics, observed_at=moment, **fields))

    return build


def _snapshots(plan: Plan) -> Build:
    who, when, measure = identity_of(plan), moment_of(plan), metrics_of(plan)

    def build(row: Cells, page: list[Record]) -> None:
        uid = who(row)
        if uid is None or (moment := when(row)) is None:
            return
        metrics = measure(row)
        if metrics:
            page.append(SnapshotRecord(account_uid=uid, metrics=metrics, observed_at=moment))
        else:
            plan.report("", _("no count in this row"), uid)

    return build


def _posts(plan: Plan) -> Build:
    who, when, measure = identity_of(plan), moment_of(plan), metrics_of(plan)
    facts, author = facts_of(plan, _POST_FIELDS), facts_of(plan, ("handle", "name"))
    column = plan.mapping.at("post_uid")
    at, name = (column.index, column.name) if column else (None, "")
    authors: set[str] = set()

    def build(row: Cells, page: list[Record]) -> None:
        if not page:
            authors.clear()
        account = who(row)
        if account is None or (moment := when(row)) is None:
            return
        fields = {_POST_FIELDS[role]: value for role, value in facts(row).items()}
        try:
            uid = identifier(row[at]) if at is not None else None
        except ValueError as why:
            plan.report(name, str(why), row[at or 0])
            return
        uid = uid or fields.get("url") or _made_uid(account, fields)
        if uid is None:
            plan.report(name, _("no post in this row"), "")
            return
        if account not in authors:
            authors.add(account)
            if known := author(row):
                page.append(AccountRecord(uid=account, observed_at=moment, **known))
        page.append(PostRecord(uid=uid, account_uid=account, metrics=measure(row), observed_at=moment, **fields))

    return build


def _edges(plan: Plan) -> Build:
    ends = [plan.mapping.at(role) for role in ("from", "to")]
    follower, followed = (account_of(column, plan.report) for column in ends if column)
    when, mutual = moment_of(plan), not plan.options.directed

    def build(row: Cells, page: list[Record]) -> None:
        one, other = follower(row), followed(row)
        if one is None or other is None or (moment := when(row)) is None:
            return
        if one == other:
            plan.report("", _("an edge from an account to itself"), one)
            return
        page.append(FollowRecord(follower_uid=one, account_uid=other, mutual=mutual, observed_at=moment))

    return build


_BUILDERS: dict[str, Callable[[Plan], Build]] = {
    "accounts": _accounts,
    "snapshots": _snapshots,
    "posts": _posts,
    "edges": _edges,
}


def _made_uid(account: str, fields: dict[str, Any]) -> str | None:
    """An id for a post that has none: the same author, time and words are the same post."""
    told = [str(fields.get(name, "")) for name in ("published_at", "title", "text")]
    if not any(told):
        return None
    digest = hashlib.blake2b("\x1f".join((account, *told)).encode("utf-8", "replace"), digest_size=12)
    return f"made:{digest.hexdigest()}"
