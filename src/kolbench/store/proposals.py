"""What rules propose to give: a batch for a rule and a period, which an operator confirms once or drops."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.incentives import Amount, Kind
from kolbench.domain.lang import _
from kolbench.store import changes, incentives

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

    from kolbench.store.connect import Store


class Earned(NamedTuple):
    """Somebody who is to get something: the figure that earned it, and their stage."""

    creator_id: int
    kind: Kind
    amount: Amount
    value: int
    stage: str | None


class Line(NamedTuple):
    """Somebody in a proposal, with their name."""

    id: int
    creator_id: int
    name: str
    kind: Kind
    amount: int
    unit: str
    stage: str | None
    value: int


class Proposal(NamedTuple):
    """A batch for a rule and a period; open until it is confirmed or dropped. Moments are ms."""

    id: int
    rule: str
    period: str
    people: int
    definition: str
    author: str
    at: int
    confirmed_at: int | None
    confirmed_by: str | None
    dropped_at: int | None

    @property
    def open(self) -> bool:
        """Whether it waits for an operator."""
        return self.confirmed_at is None and self.dropped_at is None


class Confirmed(NamedTuple):
    """What a confirmation gave: the entries, and those who were left out because they have it already."""

    entries: Sequence[int]
    had: Sequence[int]


def propose(store: Store, rule: str, period: str, definition: str, earned: Iterable[Earned], author: str) -> int:
    """Keep a batch and return its number; an open one of the same rule and period is dropped for it."""
    with changes.act(store, author, "propose") as act:
        older = act.db.execute(
            "SELECT id FROM proposal WHERE rule = ? AND period = ? AND confirmed_at IS NULL AND dropped_at IS NULL",
            (rule, period),
        ).fetchall()
        for (proposal_id,) in older:
            act.update("proposal", proposal_id, dropped_at=act.at)
        made = act.insert("proposal", rule=rule, period=period, definition=definition, author=author, at=act.at)
        rows = [
            {
                "creator_id": one.creator_id, "proposal_id": made, "kind": one.kind, "amount": one.amount.n,
                "unit": one.amount.unit, "stage": one.stage, "value": one.value,
            }
            for one in earned
        ]  # fmt: skip
        act.insert_all("proposal_line", rows)
        return made


def confirm(store: Store, proposal_id: int, author: str, without: Collection[int] = ()) -> Confirmed:
    """Give what was proposed, but to nobody ``without`` and nobody who has it already: for the period, or ever.

    It is ever where the rule gives it once. Confirming twice gives once. Raises UsageError where the proposal was
    dropped, or there is none.
    """
    with changes.act(store, author, "confirm") as act:
        found = _get(act.db, proposal_id)
        if found.dropped_at is not None:
            raise UsageError(_("The proposal {id} was dropped: propose again.").format(id=proposal_id))
        if found.confirmed_at is not None:
            return Confirmed((), tuple(line.creator_id for line in _lines(act.db, proposal_id)))
        once = json.loads(found.definition).get("once", False)
        given = set(incentives.paid(act.db, found.rule, None if once else found.period))
        made, had = [], []
        for line in _lines(act.db, proposal_id):
            if line.creator_id in without:
                continue
            if line.creator_id in given:
                had.append(line.creator_id)
                continue
            given.add(line.creator_id)
            made.append(
                incentives.add(
                    act, line.creator_id, line.kind, Amount(line.amount, line.unit), period=found.period,
                    stage=line.stage, rule=found.rule, value=line.value, proposal_id=proposal_id,
                )
            )  # fmt: skip
        act.update("proposal", proposal_id, confirmed_at=act.at, confirmed_by=author)
        return Confirmed(made, had)


def drop(store: Store, proposal_id: int, author: str) -> None:
    """Give nothing of it. Raises UsageError where it isn't open, or there is none."""
    with changes.act(store, author, "propose") as act:
        if not _get(act.db, proposal_id).open:
            raise UsageError(_("The proposal {id} isn't open.").format(id=proposal_id))
        act.update("proposal", proposal_id, dropped_at=act.at)


def get(store: Store, proposal_id: int) -> Proposal:
    """One proposal. Raises UsageError when there is none of that number."""
    return _get(store.reader(), proposal_id)


def listed(store: Store, *, waiting: bool = False) -> list[Proposal]:
    """The proposals, the newest first; or those only that wait for an operator."""
    where = "WHERE confirmed_at IS NULL AND dropped_at IS NULL" if waiting else ""
    return _proposals(store.reader(), f"{where} ORDER BY id DESC")


def lines(store: Store, proposal_id: int) -> list[Line]:
    """Who is in a proposal, the highest figure first."""
    return _lines(store.reader(), proposal_id)


def waiting(store: Store) -> int:
    """How many proposals wait for an operator."""
    query = "SELECT count(*) FROM proposal WHERE confirmed_at IS NULL AND dropped_at IS NULL"
    return int(store.reader().execute(query).fetchone()[0])


def _get(db: sqlite3.Connection, proposal_id: int) -> Proposal:
    found = _proposals(db, "WHERE id = ?", (proposal_id,))
    if not found:
        raise UsageError(_("There is no proposal {id}.").format(id=proposal_id))
    return found[0]


def _proposals(db: sqlite3.Connection, where: str, values: tuple[object, ...] = ()) -> list[Proposal]:
    rows = db.execute(
        "SELECT id, rule, period, (SELECT count(*) FROM proposal_line WHERE proposal_id = proposal.id), definition,"
        f" author, at, confirmed_at, confirmed_by, dropped_at FROM proposal {where}",
        values,
    )
    return list(map(Proposal._make, rows.fetchall()))


def _lines(db: sqlite3.Connection, proposal_id: int) -> list[Line]:
    rows = db.execute(
        "SELECT line.id, line.creator_id, coalesce(standing.name, creator.name), line.kind, line.amount, line.unit,"
        " line.stage, line.value FROM proposal_line AS line JOIN creator ON creator.id = line.creator_id"
        " LEFT JOIN standing ON standing.creator_id = creator.id"
        " WHERE proposal_id = ? ORDER BY line.value DESC, line.id",
        (proposal_id,),
    )
    return list(map(Line._make, rows.fetchall()))
