"""Incentives at a glance: what waits to be confirmed, how budgets stand, the ledger and the points that people have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.domain import incentives as counting
from kolbench.domain import periods
from kolbench.domain.errors import UsageError
from kolbench.domain.incentives import Amount
from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme import incentives as programme
from kolbench.programme.local import local_day
from kolbench.screens.file.part import texts
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.programme.batch import BatchView, drop, rule_in_words
from kolbench.screens.programme.catalogue import CatalogueView, stock
from kolbench.screens.programme.ledger import BalancesView, LedgerView, give
from kolbench.screens.programme.words import titles
from kolbench.screens.view import Few, Item, View, columns
from kolbench.store import budgets, incentives, proposals, rewards
from kolbench.store.incentives import Only
from kolbench.widgets.cells import percent, separated

if TYPE_CHECKING:
    from kolbench.programme.incentives import Standing
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.proposals import Proposal
    from kolbench.widgets.columns import Column

MOST = 120
"""Periods at most that a budget is planned for at once."""


class IncentivesView(View):
    """Proposals that wait, budgets, and the ways into the ledger."""

    title = N_("Incentives")

    def columns(self) -> list[Column]:
        """What, which, and how it stands."""
        right = {"align": "right"}
        return columns(
            (_("Kind"), 9),
            ("", 16, {"flex": 1}),
            (_("Spent of planned"), 21, right),
            (_("Forecast"), 18, right),
            (_("Taper"), 7, {**right, "drop": 1}),
        )

    def window(self, store: Store) -> Few:
        """A few rows."""
        return Few(lambda: list(_items(store)))

    def about(self, store: Store, item: Item | None) -> Write:
        """How a budget or a proposal stands, in words."""
        if item is None:
            return super().about(store, item)
        kind = item.key[0]
        if kind == "budget":
            which = titles(store, "stage")(item.found.budget.stage) or _("all stages")
            return lambda width: _budget(item.found, which, width)
        if kind == "proposal":
            return _proposed(item.found)
        if kind == "ledger":
            return texts(_("Nothing in it is changed: what was wrong is reversed."), _("e writes it for finance."))
        if kind == "balances":
            return texts(_("Who has points, or owes some. Enter on one shows what they were given."))
        if kind == "catalogue":
            return texts(_("What points buy. Enter shows it; there + puts something in, - takes it out."))
        return texts(
            _("+ gives something, plans a budget, or says what points buy."),
            _("Rewards by rule: kolbench incentive propose FILE works out who has earned what; it waits here for you."),
        )

    def acts(self) -> Mapping[str, Act]:
        """Give something, plan a budget, confirm or refuse a proposal, write the ledger for finance."""
        return {"add": _add, "confirm": _confirm, "refuse": _refuse, "remove": _remove, "export": export}


def _items(store: Store) -> Iterator[Item]:
    every = proposals.listed(store)
    waiting = [one for one in every if one.open]
    yield from map(_proposal, waiting)
    spent = budgets.spent(store)
    standings = programme.budget_standings(store)
    staged = titles(store, "stage")
    yield from (_standing(one, spent, staged(one.budget.stage)) for one in standings)
    if not (every or standings):
        yield Item(("none",), (_("Budget"), _("none yet: + plans one"), "", "", ""), "muted")
    n = incentives.count(store)
    entries = ngettext("{n} entry", "{n} entries", n).format(n=separated(n))
    yield Item(("ledger",), (_("Ledger"), _("all entries"), entries, "", ""), opens=LedgerView)
    n = incentives.count_balances(store)
    people = ngettext("{n} person", "{n} people", n).format(n=separated(n))
    yield Item(("balances",), (_("Balance"), _("of everybody"), people, "", ""), opens=BalancesView)
    n = len(rewards.catalogue(store))
    things = ngettext("{n} thing", "{n} things", n).format(n=separated(n))
    yield Item(("catalogue",), (_("Catalogue"), _("what points buy"), things, "", ""), opens=CatalogueView)
    yield from (_proposal(one) for one in every if not one.open)


def _proposal(one: Proposal) -> Item:
    people = ngettext("{n} person", "{n} people", one.people).format(n=separated(one.people))
    state = _("waits") if one.open else _("given") if one.confirmed_at is not None else _("refused")
    cells = (_("Proposal"), f"{one.period} {one.rule}", people, state, "")
    style = "alert" if one.open else "muted"
    return Item(("proposal", one.id), cells, style, found=one, opens=lambda: BatchView(one))


def _standing(one: Standing, spent: Sequence[budgets.Cost], stage: str) -> Item:
    budget = one.budget
    gone, forecast = (str(Amount(n, budget.unit)) for n in (one.spent, one.forecast))
    spent_of = _("{part} of {whole}").format(part=gone.split(" ")[0], whole=Amount(budget.amount, budget.unit))
    which = f"{budget.period} {stage}".rstrip()
    change = "" if one.change is None else percent(one.change)
    cells = (_("Budget"), which, spent_of, _("over: {n}").format(n=forecast) if one.over else forecast, change)
    only = Only(None, budget.unit, budget.stage or None, programme.periods_within(budget, spent))
    return Item(
        ("budget", budget.id), cells, "alert" if one.over else None, found=one, opens=lambda: LedgerView(only, which)
    )


def _proposed(one: Proposal) -> Write:
    by = _("{author} worked it out on {day}.").format(author=one.author, day=local_day(one.at))
    state = _("Enter shows each person with the figure; y gives it, x refuses it.")
    if one.confirmed_at is not None:
        text = _("Confirmed by {author} on {day}.")
        state = text.format(author=one.confirmed_by, day=local_day(one.confirmed_at))
    elif one.dropped_at is not None:
        state = _("Refused on {day}.").format(day=local_day(one.dropped_at))
    return texts(f"{one.rule} · {one.period}", by, state, rule_in_words(one))


def _budget(one: Standing, stage: str, width: int) -> Iterator[Line]:
    budget = one.budget
    yield [(f"{budget.period} · {stage}", "title")]
    figures = (
        (_("Planned"), budget.amount),
        (_("Spent"), one.spent),
        (_("Proposed"), one.promised),
        (_("If it goes on as it did"), one.linear),
        (_("Forecast"), one.forecast),
    )
    for label, n in figures:
        text = _("{what}: {more}").format(what=label, more=Amount(n, budget.unit))
        yield from paragraph(text, width, "strong" if n == one.forecast and one.over else "plain")
    if one.change is not None:
        text = _("{share} against the period before.").format(share=percent(one.change))
        yield from paragraph(text, width)
    if one.over:
        yield from paragraph(_("It is overspent, or will be. A budget refuses nothing: it warns."), width, "warn")
    yield []
    text = _("Planned by {author} on {day}.").format(author=budget.author, day=local_day(budget.at))
    yield from paragraph(text, width, "muted")
    yield from paragraph(_("Enter shows what was spent."), width, "muted")


def _add(desk: DeskScreen, item: Item | None) -> None:
    from kolbench.screens.choose import Choice, Choose

    ways: Mapping[str, tuple[str, Act]] = {
        "give": (_("Something for somebody, or for their points"), lambda desk, _item: give(desk)),
        "budget": (_("Budget"), _plan),
        "reward": (_("Something that points buy"), stock),
    }

    def chosen(key: str | None) -> None:
        if key is not None:
            ways[key][1](desk, item)

    choices = [Choice(key, label) for key, (label, _act) in ways.items()]
    desk.app.push_screen(Choose(_("Add"), choices, numbered=True), chosen)


def _plan(desk: DeskScreen, _item: Item | None) -> None:
    from kolbench.screens.file.forms import Form, Step, Values, fill

    steps = (
        Step("period", _("Budget for"), _("2026-06, 2026-W23, 2026-Q2 or 2026"), check=periods.parse),
        Step("amount", _("How much"), _("10000 CNY, 5000 points, 20 pieces"), check=counting.planned),
        Step("stage", _("For which stage"), _("Empty: for all together.")),
        Step("periods", _("For how many periods in a row"), check=lambda text: _whole(text, 1, MOST)),
        Step(
            "taper",
            _("Per cent less each time"),
            _("Subsidies are for the beginning."),
            check=lambda text: _whole(text, 0, 100),
        ),
    )

    def write(store: Store, author: str, given: Values, _entry: object) -> None:
        first, n = counting.planned(given["amount"]), _whole(given["periods"], 1, MOST)
        chosen = [periods.parse(given["period"])]
        while len(chosen) < n:
            chosen.append(chosen[-1].following())
        amounts = counting.falling(first.n, n, _whole(given["taper"], 0, 100))
        plan = [(period, Amount(amount, first.unit)) for period, amount in zip(chosen, amounts, strict=True)]
        made = budgets.plan(store, plan, author, given.get("stage", ""))
        desk.go_to(("budget", made[0]))

    form = Form(_("Budget"), steps, lambda _entry: {"periods": "1", "taper": "0"}, write)
    fill(desk, form, lambda: desk.done(_("The budget is planned.")))


def _whole(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise UsageError(_("Write a whole number from {least} to {most}.").format(least=least, most=most))
    return int(text)


def _confirm(desk: DeskScreen, item: Item | None) -> None:
    if (found := _waiting(desk, item)) is not None:
        BatchView(found).confirm(desk, None)


def _refuse(desk: DeskScreen, item: Item | None) -> None:
    if (found := _waiting(desk, item)) is not None:
        drop(desk, found.id)


def _waiting(desk: DeskScreen, item: Item | None) -> Proposal | None:
    """The proposal under the cursor, if it waits."""
    if item is not None and item.key[0] == "proposal" and item.found.open:
        found: Proposal = item.found
        return found
    desk.notify(_("That is for proposals that wait."), timeout=3)
    return None


def _remove(desk: DeskScreen, item: Item | None) -> None:
    if item is None or item.key[0] != "budget":
        desk.notify(_("That can't be taken off."), timeout=3)
        return
    budget: budgets.Budget = item.found.budget
    desk.act(lambda store, author: budgets.remove(store, budget.id, author), _("The budget is taken off."))


def export(desk: DeskScreen, _item: Item | None) -> None:
    """Write the ledger to a file, for finance."""
    from kolbench.screens.exporting import ask_file

    store = desk.session.store

    def write(path: Path) -> None:
        from kolbench.store import export as exporting

        def written(rows: int) -> None:
            text = ngettext("{path}: {n} row.", "{path}: {n} rows.", rows)
            desk.notify(text.format(path=path, n=separated(rows)), timeout=5)

        form = next(one for one in exporting.FORMATS if one == path.suffix.removeprefix(".").lower())
        desk.ask("export", lambda: exporting.write(path, form, programme.COLUMNS, programme.finance(store)), written)

    ask_file(desk, "ledger", write)
