"""What incentives may cost: an amount a period, unit and stage, and what of it is spent or promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain import periods
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.domain.incentives import Amount
    from kolbench.domain.periods import Period
    from kolbench.store.connect import Store


class Budget(NamedTuple):
    """What was planned for a period, in a unit, for a stage ('': all stages)."""

    id: int
    period: str
    unit: str
    stage: str
    amount: int
    author: str
    at: int


class Cost(NamedTuple):
    """What the ledger or open proposals hold for a period: in which unit, at which stage."""

    period: str
    unit: str
    stage: str | None
    amount: int


def plan(store: Store, planned: Sequence[tuple[Period, Amount]], author: str, stage: str = "") -> list[int]:
    """Set the budgets of several periods in one act, in place of those there are; returns their ids."""
    kept = clean_line(stage, 40)
    with changes.act(store, author, "budget") as act:
        made = []
        for period, amount in planned:
            known = act.db.execute(
                "SELECT id, amount FROM budget WHERE period = ? AND unit = ? AND stage = ? AND removed_at IS NULL",
                (period.text, amount.unit, kept),
            ).fetchone()
            if known is None:
                facts = {"period": period.text, "unit": amount.unit, "stage": kept, "amount": amount.n}
                made.append(act.insert("budget", **facts, author=author, at=act.at))
            else:
                made.append(int(known[0]))
                if known[1] != amount.n:
                    act.update("budget", known[0], amount=amount.n, author=author, at=act.at)
        return made


def remove(store: Store, budget_id: int, author: str) -> None:
    """Plan nothing for that period, unit and stage any more. Raises UsageError when there is no such budget."""
    with changes.act(store, author, "budget") as act:
        found = act.db.execute("SELECT 1 FROM budget WHERE id = ? AND removed_at IS NULL", (budget_id,)).fetchone()
        if found is None:
            raise UsageError(_("There is no budget {id}.").format(id=budget_id))
        act.update("budget", budget_id, removed_at=act.at)


def listed(store: Store) -> list[Budget]:
    """Every budget, by unit, stage, and then in the order of their periods."""
    rows = store.reader().execute(
        "SELECT id, period, unit, stage, amount, author, at FROM budget WHERE removed_at IS NULL"
    )
    found = map(Budget._make, rows.fetchall())
    return sorted(found, key=lambda one: (one.unit, one.stage, periods.parse(one.period).first, one.period))


def spent(store: Store) -> list[Cost]:
    """What was given, net of reversals. Points count when they are granted, not when they are spent."""
    rows = store.reader().execute(
        "SELECT period, unit, stage, sum(amount) FROM incentive_entry"
        " WHERE unit <> 'points' OR reward_id IS NULL GROUP BY period, unit, stage"
    )
    return list(map(Cost._make, rows.fetchall()))


def promised(store: Store) -> list[Cost]:
    """What open proposals would give."""
    rows = store.reader().execute(
        "SELECT period, unit, stage, sum(amount) FROM proposal_line JOIN proposal ON proposal.id = proposal_id"
        " WHERE confirmed_at IS NULL AND dropped_at IS NULL GROUP BY period, unit, stage"
    )
    return list(map(Cost._make, rows.fetchall()))
