"""The programme: rules, violations, equal treatment, incentives, agreements and sequences of everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain.clock import now
from kolbench.domain.lang import N_
from kolbench.screens.desk import DeskScreen
from kolbench.screens.programme.agreements import AgreementsView, soon
from kolbench.screens.programme.audit import FindingsView
from kolbench.screens.programme.incentives import IncentivesView
from kolbench.screens.programme.rules import RulesView
from kolbench.screens.programme.sequences import SequencesView
from kolbench.screens.programme.violations import ViolationsView

if TYPE_CHECKING:
    from kolbench.screens.view import View
    from kolbench.store.connect import Store

SECTIONS: Mapping[str, Callable[[], View]] = {
    "rules": RulesView,
    "violations": ViolationsView,
    "audit": FindingsView,
    "incentives": IncentivesView,
    "agreements": AgreementsView,
    "sequences": SequencesView,
}

TITLES = {
    "rules": N_("Rules"),
    "violations": N_("Violations"),
    "audit": N_("Audit"),
    "incentives": N_("Incentives"),
    "agreements": N_("Agreements"),
    "sequences": N_("Sequences"),
}


UNDOES = frozenset((
    "acknowledge", "agreement", "budget", "catalogue", "confirm", "deliverable", "enrol", "grade", "incentive", "pause",
    "propose", "redeem", "resume", "sanction", "stage", "stop", "violation",
))  # fmt: skip
"""The acts that are made here."""


class ProgrammeScreen(DeskScreen):
    """A desk with a section for each of them."""

    TITLES: ClassVar[dict[str, str]] = TITLES
    UNDOES = UNDOES
    HELP = N_(
        "What holds for everybody: the rules and who knows them, who broke one, whether like cases were treated alike,"
        " what was given and may still be, what agreements bind to, and who is where in a sequence. Enter goes into a"
        " row, down to the people and the file of each; Esc comes back. The ladder alone says what follows from a"
        " violation: it does not know the grade. What the rules move, and what they would move, shows the figures on"
        " which it rests. Among incentives, + gives something, plans a budget, or says what points buy; among"
        " agreements, + drafts one or says what is owed, d moves one on or writes its next version; among sequences, +"
        " begins one with somebody, d pauses or stops those of whoever is marked, or lets them go on, and s counts what"
        " came of it. u takes back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign", "act('add')", N_("Add"), key_display="+"),
        Binding("d", "act('decide')", N_("Decide")),
        Binding("y", "act('confirm')", N_("Confirm")),
        Binding("x", "act('refuse')", N_("Refuse")),
        Binding("r", "act('renew')", N_("Renew")),
        Binding("minus,delete", "act('remove')", N_("Take off"), key_display="-"),
        Binding("e", "act('export')", N_("Export")),
        Binding("s", "act('statistics')", N_("Statistics")),
        Binding("slash", "search", N_("Search"), key_display="/"),
        Binding("u", "undo", N_("Undo"), show=False),
        Binding("escape", "back", N_("Back")),
    ]

    def make_sections(self) -> Mapping[str, Callable[[], View]]:
        """The sections."""
        return SECTIONS

    def waiting(self, store: Store) -> dict[str, int]:
        """What waits for an operator, by section."""
        from kolbench.programme.agreements import today
        from kolbench.store import commitments, proposals, rule_sets, violations

        return {
            "rules": rule_sets.unaware_people(store),
            "violations": violations.waiting(store),
            "incentives": proposals.waiting(store),
            "agreements": commitments.pressing(store, today(), soon(now())),
        }
