"""Candidates: who is worth knowing, in general or for a brief, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.screens.candidate_list import CandidateListScreen
from kolbench.screens.candidate_rows import Chosen
from kolbench.screens.jobs import Stopped
from kolbench.store import remembered
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from pathlib import Path

    from textual.timer import Timer

    from kolbench.screens.briefing import Scoring
    from kolbench.screens.exporting import Export
    from kolbench.screens.session import Session
    from kolbench.widgets.worker import Asked

TOLD_S = 0.2
"""How often progress is told."""

COMPARED = range(2, 5)
"""How many people can be compared."""

SHOWN = "brief"
"""By what name the brief that is shown is remembered."""

OVERLAPPING = 500
"""So many audiences are compared at most, of those that score best."""


class CandidatesScreen(CandidateListScreen):
    """The list, the briefs that rank it, and where a key leads from it."""

    HELP = N_(
        "Everybody in the store, the best first; b chooses or writes a brief, which ranks them for a purpose. The small"
        " bars are the parts of the score, of a brief what weighs most first; w shows what each was made from. A dot"
        " stands for what is not known: it counts as little as is usual and lowers 'known'. / finds names: one or two"
        " letters their beginnings, more anywhere. a shortlists, x rejects and asks why, d"
        " knows more states, o gives an owner, # a tag: all for the people marked with Space, else for the one under"
        " the cursor. u takes the last act back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open")),
        Binding("w", "why", N_("Why")),
        Binding("c", "compare", N_("Compare"), show=False),
        Binding("v", "overlap", N_("Shared audience"), show=False),
        Binding("r", "rhythm", N_("What is needed"), show=False),
        Binding("e", "export", N_("Export"), show=False),
        Binding("W", "wave", N_("Into a wave"), show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.work: Scoring | Export | None = None
        self._ticks: Timer | None = None
        self._next_brief: int | None = None

    @property
    def running(self) -> str:
        """What runs and how far it is."""
        return self.work.text if self.work is not None else ""

    def stop(self) -> None:
        """End it; what is scored or written by then is kept or thrown away as a whole."""
        if self.work is not None:
            self.work.job.stop()
            self.tell()

    def begin(self) -> None:
        """Begin with the brief that this operator looked at last, if it is still there; else with everybody."""
        store, brief_id = self.session.store, remembered.number(self.session.store, SHOWN)
        if brief_id is None:
            super().begin()
            return

        def load() -> Chosen | None:
            from kolbench.screens import briefing

            try:
                return briefing.load(store, brief_id)
            except UsageError:
                return None

        self.ask("brief", load, self._show_brief)

    def store_changed(self) -> None:
        """Read the list again, and the brief: somebody may have saved or scored it elsewhere."""
        super().store_changed()
        if self.brief is not None and self.work is None:
            self._ask_for_brief("brief again", self.brief.id, self._brief_read)

    def _brief_read(self, found: Chosen) -> None:
        if self.brief_id == found.id and self.brief != found:
            self.brief = found
            self.table.set_columns(self._columns(self.table.total or 0))
            self.tell()

    def action_wave(self) -> None:
        """Put those who are meant into a wave of a campaign."""
        from kolbench.screens.campaign import starting

        if ids := self.meant():
            starting.ask(self, ids)

    # Briefs.

    def action_brief(self) -> None:
        """Choose a brief, or what to do with the one that is shown."""
        from kolbench.screens import briefing

        briefing.ask(self, self.brief, scoring=self._scoring(), chosen=self._brief_chosen)

    def _scoring(self) -> bool:
        from kolbench.screens.briefing import Scoring

        return isinstance(self.work, Scoring)

    def _brief_chosen(self, key: str) -> None:
        from kolbench.screens import briefing

        if key == briefing.EVERYBODY:
            remembered.keep(self.session.store, SHOWN, None)
            self._show_brief(None)
        elif key in (briefing.NEW, briefing.EDIT):
            from kolbench.screens.brief import BriefScreen

            self.app.push_screen(
                BriefScreen(self.session, self._brief_saved, self.brief_id if key == briefing.EDIT else None)
            )
        elif key == briefing.STOP:
            self.stop()
        elif key == briefing.SCORE:
            self._score()
        else:
            self._open_brief(int(key))

    def _brief_saved(self, brief_id: int) -> None:
        if self.work is not None:  # what runs may be the version before
            self._next_brief = brief_id
            self.work.job.stop()
        else:
            self._open_brief(brief_id)

    def _ask_for_brief(self, slot: str, brief_id: int, answered: Callable[[Chosen], object]) -> None:
        store = self.session.store

        def load() -> Chosen:
            from kolbench.screens import briefing

            return briefing.load(store, brief_id)

        self.ask(slot, load, answered)

    def _open_brief(self, brief_id: int) -> None:
        def opened(found: Chosen) -> None:
            remembered.keep(self.session.store, SHOWN, brief_id)
            self._show_brief(found)
            if found.row.scored < found.row.version and self.work is None:
                self._score()

        self._ask_for_brief("brief", brief_id, opened)

    def _show_brief(self, brief: Chosen | None) -> None:
        """Show a brief's candidates, or everybody."""
        other = brief is None or self.brief_id != brief.id
        self.brief = brief
        if other:
            self._told = self._everybody = None
            self.shortlisted = None
            self.forget()
            self.table.select(frozenset())
            self.shown = replace(self.shown, state=None)
            if self.order not in self._orders():
                self.order, self.reverse = "score", False
        self.table.set_columns(self._columns(self.table.total or 0))
        self.show_again(keep=not other)
        self._count()
        self.count_states()
        self.tell()

    def _score(self) -> None:
        """Score everybody by the brief that is shown, or what is left of them."""
        from kolbench.screens.briefing import Scoring

        if self.brief is not None and self.work is None:
            self._run(Scoring(self.session, self.brief.id, self._scored))

    def _run(self, work: Scoring | Export) -> None:
        self.work = work
        self._ticks = self.set_interval(TOLD_S, self.tell)
        self.tell()

    def _over(self, asked: Asked[int], ended: Callable[[int], object]) -> None:
        """What ran has ended: go on with what waited for it."""
        self.work = None
        if self._ticks is not None:
            self._ticks.stop()
        if not self.is_attached:
            return
        if asked.error is None:
            ended(asked.value())
        elif not isinstance(asked.error, Stopped):
            self.complain(asked.error)
        waiting, self._next_brief = self._next_brief, None
        if waiting is not None:
            self._open_brief(waiting)
        self.tell()

    def _scored(self, asked: Asked[int]) -> None:
        scored = self.work

        def told(_people: int) -> None:
            from kolbench.screens.briefing import Scoring

            if isinstance(scored, Scoring) and self._next_brief is None and scored.brief_id == self.brief_id:
                self._open_brief(scored.brief_id)

        self._over(asked, told)
        self.show_again()

    # One person, several people, all of them.

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter or a double click."""
        self.action_open()

    def action_open(self) -> None:
        """Open the creator's file."""
        from kolbench.screens.creator import CreatorScreen

        if isinstance(key := self.table.cursor_key, int):
            self.app.push_screen(CreatorScreen(self.session, key, self.brief_id))

    def action_why(self) -> None:
        """Show what the score of whoever is under the cursor was made from."""
        from kolbench.screens.why import WhyScreen

        if isinstance(key := self.table.cursor_key, int):
            self.app.push_screen(WhyScreen(self.session, key, self.brief_id))

    def action_compare(self) -> None:
        """Show those who are marked side by side."""
        from kolbench.screens.side_by_side import SideBySideScreen

        ids = self.meant()
        if len(ids) in COMPARED:
            self.app.clear_notifications()  # what was said to somebody who marked too few
            self.app.push_screen(SideBySideScreen(self.session, ids, self.brief_id))
        else:
            self.notify(_("Mark two to four people with Space, then press c."), timeout=4)

    def action_overlap(self) -> None:
        """Show how much of their audience those share who are marked, or who are shortlisted."""
        marked = sorted(key for key in self.table.selected if isinstance(key, int))
        store, brief_id = self.session.store, self.brief_id

        def shortlist() -> list[int]:
            from kolbench.store import decisions

            return [] if brief_id is None else decisions.people(store, brief_id, *decisions.CHOSEN)

        def show(ids: list[int]) -> None:
            from kolbench.screens.overlap import OverlapScreen

            if len(ids) > 1:
                self.app.push_screen(OverlapScreen(self.session, ids[:OVERLAPPING], brief_id))
            else:
                self.notify(_("Mark two or more people with Space, or shortlist some, then press v."), timeout=4)

        if marked or brief_id is None:
            show(marked)
        else:
            self.ask("shortlist", shortlist, show, keys_wait=True)

    def action_rhythm(self) -> None:
        """Show where the brief needs more, fewer or other creators, and which grounds bring them."""
        from kolbench.screens.rhythm import RhythmScreen

        if self.brief_id is None:
            self.notify(_("That is asked for a brief: press b to choose one."), timeout=4)
        else:
            self.app.push_screen(RhythmScreen(self.session, self.brief_id))

    def action_export(self) -> None:
        """Write what is shown to a file."""
        from kolbench.screens import exporting

        if self.work is not None:
            self.notify(_("Something is still running: Esc stops it."), timeout=4)
            return
        window = self.window()

        def export(path: Path) -> None:
            def told(rows: int) -> None:
                self.notify(work.outcome(rows), timeout=6)

            work = exporting.Export(self.session, window, path, lambda asked: self._over(asked, told))
            self._run(work)

        name = "" if self.brief is None else "".join(c if c.isalnum() else "-" for c in self.brief.row.name)
        exporting.ask_file(self, name.strip("-") or "candidates", export)
