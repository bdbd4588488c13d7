"""The part of ``kolbench incentive`` that plans: budgets, and batches that rules propose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kolbench.cli.output import Column, fields, printable, say, show_found, show_json, show_table, warn
from kolbench.cli.parser import whole
from kolbench.domain import incentives as counting
from kolbench.domain import periods
from kolbench.domain.errors import UsageError
from kolbench.domain.incentives import Amount
from kolbench.domain.lang import _, ngettext
from kolbench.programme import incentives as programme
from kolbench.screens.programme.words import titles
from kolbench.store import budgets, changes, creators, proposals
from kolbench.widgets.cells import percent

if TYPE_CHECKING:
    from argparse import Namespace

    from kolbench.cli.parser import Actions
    from kolbench.store.connect import Store
    from kolbench.store.proposals import Proposal


def configure(actions: Actions) -> None:
    """Add the actions and their arguments."""
    budget = actions.add("budget", _("List the budgets with what is spent and will be; set some, or remove one"))
    budget.add_argument("period", metavar="PERIOD", nargs="?", help=_("2026-05, 2026-W19, 2026-Q2 or 2026"))
    budget.add_argument("amount", metavar="AMOUNT", nargs="?", help=_("10000 CNY, 5000 points, 20 pieces"))
    budget.add_argument("--stage", metavar="NAME", default="", help=_("for people in this stage (all)"))
    budget.add_argument("--periods", metavar="N", type=whole(1, 120), default=1, help=_("for so many in a row (1)"))
    budget.add_argument("--taper", metavar="PERCENT", type=whole(0, 100), default=0, help=_("each so much less"))
    budget.add_argument("--remove", metavar="ID", type=whole(1), help=_("remove the budget of this number"))
    propose = actions.add("propose", _("Work out who has earned what by the rules in a file, for you to confirm"))
    propose.add_argument("rules", metavar="RULES", type=Path, help=_("a TOML file with rules; - is stdin"))
    propose.add_argument("--rule", metavar="ID", help=_("only this one"))
    propose.add_argument("--period", metavar="PERIOD", help=_("for 2026-05, 2026-W19 … (each rule's last whole one)"))
    propose.add_argument("--counts", metavar="FILE", type=Path, help=_("a CSV file that says who has how much"))
    listed = actions.add("proposals", _("List the proposals, or show who is in one"))
    listed.add_argument("proposal", metavar="ID", nargs="?", type=whole(1), help=_("the proposal's number"))
    listed.add_argument("--drop", action="store_true", help=_("give nothing of it"))
    confirm = actions.add("confirm", _("Give what was proposed; confirming twice gives once"))
    confirm.add_argument("proposal", metavar="ID", type=whole(1), help=_("the proposal's number"))
    confirm.add_argument("--without", metavar="CREATOR", action="append", default=[], help=_("but not to this person"))


def run(store: Store, args: Namespace) -> int:
    """Do the action."""
    acts = {"budget": _budget, "propose": _propose, "proposals": _proposals, "confirm": _confirm}
    return acts[args.action](store, args)


def warn_overspent(store: Store, unit: str) -> None:
    """Say on stderr which running budgets in a unit are overspent."""
    for text in programme.overspent(store, unit):
        warn(text)


def _budget(store: Store, args: Namespace) -> int:
    if args.remove is not None:
        budgets.remove(store, args.remove, changes.me())
    if args.period is not None:
        if args.amount is None:
            raise UsageError(_("Say how much: kolbench incentive budget PERIOD AMOUNT"))
        first = counting.planned(args.amount)
        chosen = [periods.parse(args.period)]
        while len(chosen) < args.periods:
            chosen.append(chosen[-1].following())
        amounts = counting.falling(first.n, args.periods, args.taper)
        plan = [(period, Amount(n, first.unit)) for period, n in zip(chosen, amounts, strict=True)]
        budgets.plan(store, plan, changes.me(), args.stage)
    found, staged = programme.budget_standings(store), titles(store, "stage")
    return show_found(
        args,
        found,
        (
            Column(_("id"), "right"),
            Column(_("period")),
            Column(_("stage")),
            Column(_("planned"), "right"),
            Column(_("change"), "right"),
            Column(_("spent"), "right"),
            Column(_("proposed"), "right"),
            Column(_("forecast"), "right"),
            Column(""),
        ),
        lambda one: (
            one.budget.id,
            one.budget.period,
            staged(one.budget.stage) or _("all"),
            Amount(one.budget.amount, one.budget.unit),
            "" if one.change is None else percent(one.change),
            Amount(one.spent, one.budget.unit),
            Amount(one.promised, one.budget.unit),
            Amount(one.forecast, one.budget.unit),
            _("over") if one.over else "",
        ),
        empty=_("No budget is there. Set one: kolbench incentive budget 2026-05 '10000 CNY'"),
        facts=lambda one: {**fields(one.budget), **_figures(one._asdict()), "over": one.over},
    )


def _figures(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "budget"}


def _propose(store: Store, args: Namespace) -> int:
    rules = [one for one in programme.read_rules(args.rules).reward if args.rule in (None, one.id)]
    if not rules:
        raise UsageError(_("There is no rule '{rule}' in it.").format(rule=args.rule))
    counts = None if args.counts is None else programme.read_counts(store, args.counts)
    for problem in counts.problems if counts else ():
        warn(problem)
    found = programme.propose(store, rules, changes.me(), period=args.period, counts=counts)
    if args.json:
        made = {one.proposal_id: _lines(store, one.proposal_id) for one in found if one.proposal_id is not None}
        problems = list(counts.problems) if counts else []
        rows = [{**one._asdict(), "lines": made.get(one.proposal_id or 0, [])} for one in found]
        show_json({"proposals": rows, "problems": problems})
    for one in () if args.json else found:
        if one.proposal_id is None:
            say(
                printable(
                    _("{rule}, {period}: nobody has earned anything new.").format(rule=one.rule, period=one.period)
                )
            )
        else:
            _say_proposal(store, proposals.get(store, one.proposal_id))
    return 1 if counts and counts.problems else 0


def _proposals(store: Store, args: Namespace) -> int:
    if args.proposal is None:
        found = proposals.listed(store)
        table = (
            Column(_("id"), "right"),
            Column(_("rule")),
            Column(_("period")),
            Column(_("people"), "right"),
            Column(_("state")),
        )
        return show_found(
            args,
            found,
            table,
            lambda one: (one.id, one.rule, one.period, f"{one.people:,}", _state(one)),
            facts=_facts,
        )
    if args.drop:
        proposals.drop(store, args.proposal, changes.me())
    one = proposals.get(store, args.proposal)
    if args.json:
        show_json({**_facts(one), "lines": _lines(store, one.id)})
    else:
        _say_proposal(store, one)
    return 0


def _confirm(store: Store, args: Namespace) -> int:
    without = {creators.exact(store, text) for text in args.without}
    done = proposals.confirm(store, args.proposal, changes.me(), without)
    one = proposals.get(store, args.proposal)
    if args.json:
        show_json({**_facts(one), "entries": list(done.entries), "had": list(done.had)})
        return 0
    n = len(done.entries)
    text = ngettext("{rule}, {period}: {n} entry.", "{rule}, {period}: {n} entries.", n)
    say(printable(text.format(rule=one.rule, period=one.period, n=n)))
    if done.had:
        n = len(done.had)
        say(ngettext("{n} has it already.", "{n} have it already.", n).format(n=n))
    for unit in {line.unit for line in proposals.lines(store, one.id)}:
        warn_overspent(store, unit)
    return 0


def _say_proposal(store: Store, one: Proposal) -> None:
    text = _("Proposal {id}: {rule}, {period} ({state})")
    say(printable(text.format(id=one.id, rule=one.rule, period=one.period, state=_state(one))))
    table = (
        Column(_("id"), "right"),
        Column(_("name"), yields=True),
        Column(_("figure"), "right"),
        Column(_("gets"), "right"),
        Column(_("stage")),
    )
    lines, staged = proposals.lines(store, one.id), titles(store, "stage")
    show_table(
        table,
        (
            (line.creator_id, line.name, f"{line.value:,}", Amount(line.amount, line.unit), staged(line.stage))
            for line in lines
        ),
    )
    if one.open:
        say(_("Give it: {command}").format(command=f"kolbench incentive confirm {one.id}"))


def _state(one: Proposal) -> str:
    if one.confirmed_at is not None:
        return _("confirmed by {author}").format(author=one.confirmed_by)
    return _("dropped") if one.dropped_at is not None else _("open")


def _facts(one: Proposal) -> dict[str, Any]:
    return {**fields(one), "definition": json.loads(one.definition), "open": one.open}


def _lines(store: Store, proposal_id: int) -> list[dict[str, Any]]:
    return [line._asdict() for line in proposals.lines(store, proposal_id)]
