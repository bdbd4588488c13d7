"""Who has earned what by the rules for a period, how budgets stand, and the ledger as finance reads it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import json, to_builtins

from kolbench.analysis import leaderboards
from kolbench.domain import incentives as counting
from kolbench.domain import money, numbers, periods
from kolbench.domain.clock import from_ms, iso, now
from kolbench.domain.errors import UsageError
from kolbench.domain.incentives import PIECE, POINTS, Amount
from kolbench.domain.lang import _
from kolbench.domain.money import Money
from kolbench.domain.text import clean_line
from kolbench.programme import toml_text
from kolbench.store import budgets, creators, incentives, ladders, proposals
from kolbench.store import leaderboards as kept
from kolbench.store.leaderboards import Key, Scope, Window
from kolbench.store.proposals import Earned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from kolbench.domain.incentives import RewardRule, Rules
    from kolbench.domain.periods import Period
    from kolbench.store.budgets import Budget, Cost
    from kolbench.store.connect import Store

STANDING = ("followers", "voice", "works", "score", "accounts")
"""Figures of a person's standing that a rule may ask for; they are of now and not of a period."""

WHO = ("creator", "creator_id", "id", "handle", "name", "达人", "账号", "昵称")
"""Headings under which a file with counts says who it is, the first that is there."""

COLUMNS = (
    "entry", "at", "creator_id", "name", "kind", "amount", "unit", "period", "stage", "reason", "rule", "value",
    "proposal", "reversal_of", "author",
)  # fmt: skip
"""What finance gets of each entry: ``amount`` in the currency's main unit with all its digits, or points, or pieces."""


class Counts(NamedTuple):
    """What a file tells: each person's counts by its headings, and the lines that say nothing, each with the reason."""

    columns: Mapping[str, Mapping[int, int]]
    problems: Sequence[str]


class Proposed(NamedTuple):
    """What came of one rule: its proposal, None where nobody has earned anything new; ``had`` have it already."""

    rule: str
    period: str
    proposal_id: int | None
    people: int
    had: int


class Standing(NamedTuple):
    """How a budget stands.

    ``linear`` is what will be spent if it goes on as it did by today, ``forecast`` that or more: with what open
    proposals promise. ``change`` is how the plan differs from the period before (-0.1: ten per cent less).
    """

    budget: Budget
    spent: int
    promised: int
    linear: int
    forecast: int
    change: float | None

    @property
    def over(self) -> bool:
        """Whether it is or will be overspent."""
        return max(self.spent, self.forecast) > self.budget.amount


def read_rules(path: Path) -> Rules:
    """The rules in a TOML file (``-``: what comes in on the standard input). Raises UsageError."""
    return toml_text.parsed(*toml_text.read(path), counting.parse)


def propose(store: Store, rules: Iterable[RewardRule], author: str, *, period: str | None = None,
            counts: Counts | None = None) -> list[Proposed]:  # fmt: skip
    """Propose for each rule what people have earned: for ``period``, or the last whole one of the rule's own kind.

    Rules of another kind of period are passed over. Raises UsageError where a rule's figures aren't there.
    """
    found = []
    for rule in rules:
        asked = periods.at(rule.period, now()).previous() if period is None else periods.parse(period)
        if asked.length != rule.period:
            continue
        had = set(incentives.paid(store.reader(), rule.id, None if rule.once else asked.text))
        every = list(_earned(store, rule, asked, counts))
        new = [one for one in every if one.creator_id not in had]
        made = None
        if new:
            definition = json.encode(to_builtins(rule)).decode()
            made = proposals.propose(store, rule.id, asked.text, definition, new, author)
        found.append(Proposed(rule.id, asked.text, made, len(new), len(every) - len(new)))
    return found


def read_counts(store: Store, path: Path) -> Counts:
    """Who has how much of what, from a CSV file with a heading; several lines of one person add up.

    People are named by id, ``platform:handle``, or exactly a name or handle. Raises UsageError where nobody is named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(_("{path} can't be read: {reason}.").format(path=path, reason=error.strerror)) from None
    reader = csv.reader(io.StringIO(_decoded(data, path), newline=""))
    heading = [clean_line(name, 80) for name in next(reader, [])]
    who = next((heading.index(name) for name in WHO if name in heading), None)
    if who is None:
        names = ", ".join(WHO[:5])
        raise UsageError(_("{path}: one column has to say who it is: {names}.").format(path=path, names=names))
    columns: dict[str, dict[int, int]] = {name: {} for place, name in enumerate(heading) if place != who}
    problems = []
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        try:
            creator_id = creators.exact(store, row[who].strip())
            for place, cell in enumerate(row[: len(heading)]):
                if place != who and (count := _count(cell)) is not None:
                    told = columns[heading[place]]
                    told[creator_id] = told.get(creator_id, 0) + count
        except (UsageError, IndexError) as error:
            problems.append(_("line {n}: {problem}").format(n=reader.line_num, problem=error))
    return Counts(columns, problems)


def budget_standings(store: Store, today: date | None = None) -> list[Standing]:
    """How every budget stands today, by unit and stage in the order of their periods."""
    day = today or from_ms(now()).astimezone().date()
    every = budgets.listed(store)
    planned = {(one.unit, one.stage, one.period): one.amount for one in every}
    spent, promised = budgets.spent(store), budgets.promised(store)
    return [_standing(one, planned, spent, promised, day) for one in every]


def overspent(store: Store, unit: str, more: Cost | None = None) -> list[str]:
    """Which budgets in a unit are overspent, a sentence each; with ``more``: which would be by that."""
    told = []
    for one in budget_standings(store):
        budget = one.budget
        added = _sum([more], budget, periods.parse(budget.period)) if more is not None else 0
        if budget.unit != unit or one.spent + added <= budget.amount or (more is not None and not added):
            continue
        text = _("The budget for {period} is overspent: {spent} of {planned}.")
        if more is not None:
            text = _("With that, the budget for {period} is overspent: {spent} of {planned}.")
        spent, planned = Amount(one.spent + added, unit), Amount(budget.amount, unit)
        told.append(text.format(period=budget.period, spent=spent, planned=planned))
    return told


def periods_within(budget: Budget, costs: Iterable[Cost]) -> tuple[str, ...]:
    """Those periods of the costs that fall on a budget."""
    period = periods.parse(budget.period)
    return tuple(sorted({cost.period for cost in costs if _within(cost.period, period)}))


def finance(store: Store, window: Window | None = None) -> Iterator[Sequence[Any]]:
    """The ledger for finance, oldest first, ``COLUMNS`` of each entry; money to the last digit."""
    names: dict[int, str | None] = {}
    for entry in reversed(incentives.entries(store, window=window)):
        if entry.creator_id is not None and entry.creator_id not in names:
            names[entry.creator_id] = creators.name(store, entry.creator_id)
        yield (
            entry.id, iso(entry.at), entry.creator_id, names.get(entry.creator_id or 0), entry.kind, _exact(entry.told),
            entry.unit, entry.period, entry.stage, entry.reason, entry.rule, entry.value, entry.proposal_id,
            entry.reversal_of, entry.author,
        )  # fmt: skip


def stage(store: Store, creator_id: int) -> str | None:
    """The stage in which a person is now."""
    found = ladders.current(store, "stage", [creator_id]).get(creator_id)
    return found and found.name


def _earned(store: Store, rule: RewardRule, period: Period, counts: Counts | None) -> Iterator[Earned]:
    """Those whose figure is enough, the highest first; with ``top``, equals of the last one included."""
    values = {"leaderboard": _of_leaderboard, "standing": _of_standing, "counts": _of_counts}[rule.source](
        store, rule, period, counts
    )
    leading = sorted(((value, -one) for one, value in values.items() if value > 0), reverse=True)
    least = max(rule.at_least, leading[min(rule.top, len(leading)) - 1][0] if rule.top and leading else 0)
    stages = {one: event.name for one, event in ladders.current(store, "stage", values).items()}
    amount = counting.amount(rule.kind, rule.amount)
    for value, key in leading:
        where = stages.get(-key)
        if value >= least and (not rule.stages or where in rule.stages):
            yield Earned(-key, rule.kind, amount, value, where)


def _of_leaderboard(store: Store, rule: RewardRule, period: Period, counts: Counts | None) -> dict[int, int]:
    scope = Scope()
    if rule.community:
        found = [one for one in kept.communities(store) if rule.community in (one.name, str(one.id))]
        if len(found) != 1:
            raise UsageError(_("{rule}: there is no community '{name}'.").format(rule=rule.id, name=rule.community))
        scope = Scope("community", found[0].id)
    key = Key(scope, leaderboards.metric(rule.metric).id, Window(*period.bounds()))
    run = kept.latest(store, key)
    run_id = leaderboards.compute(store, key) if run is None or run.outdated else run.id
    window = kept.LeaderboardWindow(store, run_id)
    return {entry.creator_id: entry.value for entry in window.rows(0, window.count())}


def _of_standing(store: Store, rule: RewardRule, period: Period, counts: Counts | None) -> dict[int, int]:
    if rule.metric not in STANDING:
        text = _("{rule}: a standing has no '{metric}'. It has: {names}.")
        raise UsageError(text.format(rule=rule.id, metric=rule.metric, names=", ".join(STANDING)))
    rows = store.reader().execute(
        f"SELECT creator_id, CAST({rule.metric} AS INTEGER) FROM standing WHERE {rule.metric} >= ?"
        " AND creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)",
        (max(1, rule.at_least),),
    )
    return dict(rows.fetchall())


def _of_counts(store: Store, rule: RewardRule, period: Period, counts: Counts | None) -> dict[int, int]:
    if counts is None or rule.metric not in counts.columns:
        text = _("{rule}: give a file with a column '{metric}': --counts FILE")
        raise UsageError(text.format(rule=rule.id, metric=rule.metric))
    return dict(counts.columns[rule.metric])


def _standing(
    budget: Budget, planned: Mapping[tuple[str, str, str], int], spent: Iterable[Cost], promised: Iterable[Cost],
    day: date,
) -> Standing:  # fmt: skip
    period = periods.parse(budget.period)
    gone, waiting = (_sum(costs, budget, period) for costs in (spent, promised))
    elapsed = min(max((day - period.first).days + 1, 0), period.days)
    linear = (gone * period.days + elapsed // 2) // elapsed if elapsed else gone
    before = planned.get((budget.unit, budget.stage, period.previous().text))
    change = (budget.amount - before) / before if before else None
    return Standing(budget, gone, waiting, linear, max(linear, gone + waiting), change)


def _sum(costs: Iterable[Cost], budget: Budget, period: Period) -> int:
    """What falls on a budget."""
    return sum(
        cost.amount
        for cost in costs
        if cost.unit == budget.unit and budget.stage in ("", cost.stage) and _within(cost.period, period)
    )


def _within(text: str, period: Period) -> bool:
    """Whether a period falls on another one: a week or a month belongs to the longer one in which it begins."""
    its = periods.parse(text)
    shorter = periods.LENGTHS.index(its.length) <= periods.LENGTHS.index(period.length)
    return shorter and period.first <= its.first <= period.last


def _count(cell: str) -> int | None:
    try:
        found = numbers.parse_count(cell.strip())
    except ValueError as error:
        raise UsageError(f"'{clean_line(cell, 40)}': {error}") from None
    return None if found is None else found.value


def _decoded(data: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(_("{path} is no text in UTF-8 or GB 18030.").format(path=path))


def _exact(amount: Amount) -> int | Decimal:
    """A number that a spreadsheet adds up without rounding."""
    if amount.unit in (POINTS, PIECE):
        return amount.n
    return Decimal(money.decimal(Money(amount.n, amount.unit)))
