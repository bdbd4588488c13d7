"""What a rule proposes to give: person by person with the figure, given or refused as a whole or but for some."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kolbench.analysis.leaderboards import METRICS
from kolbench.domain.incentives import Amount
from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.file.part import texts
from kolbench.screens.file_words import INCENTIVES
from kolbench.screens.ladder_words import FIGURES
from kolbench.screens.programme.asking import ask_whether
from kolbench.screens.programme.words import titles
from kolbench.screens.view import Few, Item, View, columns
from kolbench.screens.words import said
from kolbench.store import proposals
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.proposals import Confirmed, Proposal
    from kolbench.widgets.columns import Column


SETTINGS = {
    "id": N_("rule"),
    "kind": N_("kind"),
    "metric": N_("figure"),
    "amount": N_("how much"),
    "source": N_("figure comes from"),
    "period": N_("for each"),
    "at_least": N_("at least"),
    "top": N_("the first"),
    "community": N_("community"),
    "stages": N_("stages"),
    "once": N_("only once"),
}
"""A rule's settings, as they stand before their values."""

_VALUES = {
    "kind": INCENTIVES,
    "source": {"leaderboard": N_("a leaderboard"), "standing": N_("their standing"), "counts": N_("a file of counts")},
    "period": {"week": N_("week"), "month": N_("month"), "quarter": N_("quarter"), "year": N_("year")},
}
"""Settings whose values are words."""


class BatchView(View):
    """The lines of a proposal; ``without`` are those who are to get nothing of it."""

    empty = N_("Nobody is in this proposal any more.")

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self.proposal = proposal
        self.without: set[int] = set()

    def named(self) -> str:
        """Which rule, for when."""
        return f"{self.proposal.period} {self.proposal.rule}"

    def columns(self) -> list[Column]:
        """Who, for which figure, gets what."""
        right = {"align": "right"}
        return columns(
            (_("Who"), 16, {"flex": 1}), (_("Figure"), 12, right), (_("Gets"), 22, right), (_("Stage"), 10, {"drop": 1})
        )

    def window(self, store: Store) -> Few:
        """The highest figure first."""

        def load() -> list[Item]:
            staged = titles(store, "stage")
            return [self._item(line, staged(line.stage)) for line in proposals.lines(store, self.proposal.id)]

        return Few(load)

    def about(self, store: Store, item: Item | None) -> Write:
        """What earned it."""
        if item is None:
            return super().about(store, item)
        left_out = _("They are left out; x puts them back.") if item.creator_id in self.without else None
        hint = _("x leaves somebody out; y gives it to all others.") if self.proposal.open else None
        return texts(item.cells[0], f"{item.cells[1]} → {item.cells[2]}", left_out, hint, rule_in_words(self.proposal))

    def acts(self) -> Mapping[str, Act]:
        """Give it, or leave somebody out, as long as it waits."""
        if not self.proposal.open:
            return {}
        return {"confirm": self.confirm, "refuse": self._leave_out}

    def confirm(self, desk: DeskScreen, _item: Item | None) -> None:
        """Ask, and give it to all but those who are left out."""
        without, store, number = set(self.without), desk.session.store, self.proposal.id
        names = {"rule": self.proposal.rule, "period": self.proposal.period}

        def sure(people: int) -> None:
            text = ngettext("Give it to {n} person", "Give it to {n} people", people)
            title = _("Give what {rule} proposes for {period}?").format(**names)
            ask_whether(desk, title, text.format(n=separated(people)), give)

        def give() -> None:
            desk.write((), lambda store, author: proposals.confirm(store, number, author, without), given)

        def given(done: Confirmed) -> None:
            n = len(done.entries)
            text = ngettext("{rule}, {period}: {n} entry.", "{rule}, {period}: {n} entries.", n)
            told = text.format(**names, n=separated(n))
            if done.had:
                had = ngettext("{n} has it already.", "{n} have it already.", len(done.had)).format(n=len(done.had))
                told = f"{told} {had}"
            if desk.view is self:
                desk.leave()
            desk.done(told)

        def count() -> int:
            return sum(line.creator_id not in without for line in proposals.lines(store, number))

        desk.ask("batch", count, sure, keys_wait=True)

    def _leave_out(self, desk: DeskScreen, item: Item | None) -> None:
        if item is not None and item.creator_id is not None:
            self.without ^= {item.creator_id}
            desk.show_same()

    def _item(self, line: proposals.Line, stage: str) -> Item:
        out = line.creator_id in self.without
        gets = _("left out") if out else f"{said(INCENTIVES, line.kind)} {Amount(line.amount, line.unit)}"
        cells = (line.name, separated(line.value), gets, stage)
        return Item(line.id, cells, "muted" if out else None, line.creator_id, line)


def rule_in_words(proposal: Proposal) -> str:
    """The settings of the rule as it was then, as far as they say something."""
    settings = json.loads(proposal.definition)
    return " · ".join(f"{said(SETTINGS, name)} {_value(name, value)}" for name, value in settings.items() if value)


def _value(name: str, value: Any) -> str:
    if name == "metric":
        return METRICS[value].title() if value in METRICS else said(FIGURES, value)
    if name in _VALUES:
        return said(_VALUES[name], value)
    if isinstance(value, bool):
        return _("yes")
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    return separated(value) if isinstance(value, int) else str(value)


def drop(desk: DeskScreen, proposal_id: int) -> None:
    """Give nothing of a proposal."""
    desk.act(lambda store, author: proposals.drop(store, proposal_id, author), _("The proposal is refused."))
