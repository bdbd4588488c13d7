"""Deciding about the candidates of a brief by keys, a decision drawn at once and written in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.acting import ActingScreen
from kolbench.screens.brief_words import PIPELINE
from kolbench.screens.candidate_rows import Chosen, Listed, state_of
from kolbench.screens.words import said
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.screens.session import Session
    from kolbench.store.changes import Undone
    from kolbench.store.connect import Store

Answer = TypeVar("Answer")

BINDING = ("contacted", "agreed", "active")
"""States in which others hear of it, or money is earned with them: what speaks against it is asked first."""

MONETISING = ("agreed", "active")
"""Those of them in which money is earned."""

CAUTIONS = 20
"""So much of what speaks against it is told."""

DOUBTS = 3
"""So much of it in passing, where it was done at once."""

REASONS = 8
"""Earlier reasons that are offered: each has a digit."""


class TriageScreen(ActingScreen):
    """A list of ``Listed`` rows with acts on them. Subclasses say in ``tell`` how it stands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "brief", N_("Brief")),
        Binding("a", "decide('shortlisted')", N_("Shortlist")),
        Binding("x", "reject", N_("Reject")),
        Binding("d", "state", N_("Other states"), show=False),
    ]

    brief: Chosen | None = None
    """The brief that is decided for; None: everybody is shown."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.shortlisted: int | None = None
        self.reasons: list[str] = []
        self._decided: dict[int, str] = {}
        """What was decided here and the rows in memory don't know yet."""
        self._kept: set[int] = set()
        """Those of them that were in the store when the rows were last asked for."""

    # What subclasses answer.

    def tell(self) -> None:
        """Say how many are shown, marked and decided."""
        raise NotImplementedError

    def action_brief(self) -> None:
        """Choose a brief, or what to do with the one that is shown."""
        raise NotImplementedError

    # The rows.

    def state(self, row: Listed) -> str:
        """What was decided about a row's person, the newest included."""
        return self._decided.get(row.creator_id) or state_of(row)

    def expect_rows(self) -> None:
        """The rows are about to be read: they will know what has been written by now."""
        writing = {one for ids in self.under_way for one in ids}
        self._kept = self._decided.keys() - writing

    def rows_came(self) -> None:
        """They are here."""
        for one in self._kept:
            self._decided.pop(one, None)
        self._kept = set()

    def forget(self) -> None:
        """What was decided here belongs to another brief."""
        self._decided.clear()

    def taken_back(self, undone: Undone) -> None:
        """Show what came back, where the reader is."""
        self._decided.clear()
        self.show_again()
        self.count_states()
        self.tell_about()

    # Decisions.

    def count_states(self) -> None:
        """Ask how many are shortlisted, and why people were rejected before."""
        if self.brief is None:
            return
        store, brief_id, acts = self.session.store, self.brief.id, self.acts

        def count() -> tuple[int, list[str]]:
            from kolbench.store import decisions

            return decisions.chosen(store, brief_id), decisions.reasons(store, REASONS)

        def counted(found: tuple[int, list[str]]) -> None:
            if acts == self.acts:  # else the last act asks again
                self.shortlisted, self.reasons = found
                self.tell()

        self.ask("counts", count, counted)

    def action_decide(self, state: str, reason: str | None = None) -> None:
        """Put those who are meant into a state of the brief."""
        if self.brief is None:
            self.notify(_("A decision belongs to a brief: choose or write one first."), timeout=5)
            self.action_brief()
            return
        if not (ids := self.meant()):
            return
        if state in BINDING:
            self._consider(self.brief.id, ids, state)
        else:
            self._decide(self.brief.id, ids, state, reason)

    def _consider(self, brief_id: int, ids: Sequence[int], state: str) -> None:
        """Decide, once the operator has seen what speaks against earning money with these people now."""
        store = self.session.store

        def changed() -> list[int]:
            from kolbench.store import decisions

            known = decisions.current(store, brief_id, ids)
            return [one for one in ids if one not in known or known[one].state != state]

        title = _("{what}: {more}").format(what=said(PIPELINE, state), more=self.whom(ids))
        self.caution(title, changed, lambda: self._decide(brief_id, ids, state), state)

    def caution(
        self, title: str, asked: Callable[[], Sequence[int]], go_on: Callable[[], object], state: str = "active"
    ) -> None:
        """Go on, once the operator has seen what speaks against a state of these people now: earning money with them.

        Where a brief is decided for, also that it doesn't mean them, or another one is in contact with them.
        """
        store, brief_id = self.session.store, self.brief and self.brief.id

        def read() -> list[str]:
            from kolbench.domain.clock import now
            from kolbench.programme import choosing, guards

            if not (ids := asked()):
                return []
            found = [] if brief_id is None else choosing.doubts(store, brief_id, ids, state)
            if state in MONETISING:
                cautions = guards.before_monetising(store, now(), ids, brief_id=brief_id)
                found += (caution.text for caution in cautions)
            told = found[:CAUTIONS]
            if more := len(found[CAUTIONS:]):
                told.append(ngettext("… and {n} more", "… and {n} more", more).format(n=separated(more)))
            return told

        def answered(answer: str | None) -> None:
            if answer is not None:
                go_on()

        def told(texts: Sequence[str]) -> None:
            from kolbench.screens.cautioning import Cautioning

            if texts:
                self.app.push_screen(Cautioning(title, texts), answered)
            else:
                go_on()

        self.ask("cautions", read, told, keys_wait=True)

    def _decide(self, brief_id: int, ids: Sequence[int], state: str, reason: str | None = None) -> None:
        following = self.table.beside(ids)
        before = dict(self._decided)
        self._count_at_once(ids, state)
        self._decided.update(dict.fromkeys(ids, state))
        self.table.redraw_rows(ids)
        self.go_on(ids)

        def decide(store: Store, author: str) -> list[str]:
            from kolbench.programme import choosing
            from kolbench.store import decisions

            doubts = [] if state in BINDING else choosing.doubts(store, brief_id, ids, state)
            decisions.decide(store, brief_id, ids, state, author, reason)
            return doubts

        def written(doubts: Sequence[str]) -> None:
            if doubts:
                told = " ".join(doubts[:DOUBTS])
                self.notify(_("{what} u takes it back.").format(what=told), severity="warning", timeout=8)
            elif len(ids) > 1:
                told = _("{what}: {more}").format(what=said(PIPELINE, state), more=self.whom(ids))
                self.notify(_("{what}. u takes it back.").format(what=told), timeout=4)
            if self.narrowed_by("state"):
                # Where the cursor has gone on already, perhaps by another decision meanwhile, it stays.
                left = self.table.cursor_key in ids
                self.show_again(at=following if left and isinstance(following, int) else None)
            elif self.table.cursor_key in ids:
                self.tell_about()
            self.count_states()

        def failed() -> None:
            self._decided = before
            self.table.redraw_rows(ids)
            self.count_states()

        self.write(ids, decide, written, failed)

    def _count_at_once(self, ids: Sequence[int], state: str) -> None:
        """Say how many are shortlisted now, where it is one person in sight; the store says it for many."""
        from kolbench.store.decisions import CHOSEN

        row = self.table.cursor_row
        if self.shortlisted is not None and isinstance(row, Listed) and list(ids) == [row.creator_id]:
            self.shortlisted += (state in CHOSEN) - (self.state(row) in CHOSEN)
            self.tell()

    def action_reject(self) -> None:
        """Reject those who are meant: ask why, offering what was said before."""
        from kolbench.screens.choose import Choice

        if self.brief is None or not self.meant():
            self.action_decide("rejected")
            return
        title = _("Reject {who}: why?").format(who=self.whom(self.meant()))

        def rejected(key: str) -> None:
            reason = key.removeprefix("=")
            self.reasons = list(dict.fromkeys((*self.reasons, reason)))[:REASONS]
            self.action_decide("rejected", reason)

        choices = [Choice(f"={one}", one) for one in self.reasons]
        hint = _("A few words for whoever looks next.")
        self.choose_or_write(title, choices, _("another reason …"), hint, rejected)

    def action_state(self) -> None:
        """Another state: contacted, agreed, active, or undecided again."""
        from kolbench.screens.choose import Choice, Choose

        if self.brief is None or not self.meant():
            self.action_decide("undecided")
            return

        def chosen(state: str | None) -> None:
            if state == "rejected":
                self.action_reject()
            elif state is not None:
                self.action_decide(state)

        row = self.table.cursor_row
        choices = [Choice(state, said(PIPELINE, state)) for state in PIPELINE]
        window = Choose(
            self.whom(self.meant()), choices, self.state(row) if isinstance(row, Listed) else None, numbered=True
        )
        self.app.push_screen(window, chosen)
