"""Leaderboard: who is most influential somewhere, in a window, who has moved, and what each number was counted from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.analysis import concentration, windows
from kolbench.analysis import leaderboards as ranking
from kolbench.domain.clock import now
from kolbench.domain.errors import KolbenchError
from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme.local import local_time
from kolbench.screens import figures
from kolbench.screens.board import USUAL, Board, board_columns, evidence_lines, find_board
from kolbench.screens.jobs import Job, Stopped
from kolbench.screens.lines import Bar, Span
from kolbench.screens.noting import ask_note
from kolbench.screens.panes import PanesScreen
from kolbench.screens.words import DEFINITIONS, EXCLUDED, said
from kolbench.screens.work import Table
from kolbench.store import leaderboards
from kolbench.store.leaderboards import Entry, Key, LeaderboardRun, LeaderboardWindow, Scope
from kolbench.widgets.cells import day, separated
from kolbench.widgets.virtual_table import ListWindow, VirtualTable

if TYPE_CHECKING:
    from textual.widget import Widget

    from kolbench.analysis.concentration import Concentration
    from kolbench.screens.session import Session
    from kolbench.widgets.worker import Asked


class LeaderboardScreen(PanesScreen):
    """The ranking and, where there is room, the evidence behind the number under the cursor."""

    HELP = N_(
        "Who counts most in a community, among the people of a source, or everywhere, in a window of days up to the"
        " newest observation. 'Moved' compares with the window of the same length before; equal values share a place."
        " Every number opens to the evidence it was counted from."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "place", N_("Where")),
        Binding("m", "metric", N_("Which figure")),
        Binding("w", "window", N_("When")),
        Binding("e", "evidence", N_("Evidence")),
        Binding("r", "recompute", N_("Count again")),
        Binding("slash", "find", N_("Find a person"), key_display="/", show=False),
        Binding("n", "note", N_("Note"), show=False),
        Binding("escape", "stop", N_("Stop counting"), show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.scope: Scope | None = None
        self.metric: str | None = None
        self.days = USUAL
        self.board: Board | None = None
        self.resting: Concentration | None = None
        self.share = 0.0
        self.job: Job | None = None
        self.chosen_since = False
        self.again = False

    def make_table(self) -> Table:
        """The ranking."""
        return Table(board_columns(None), selectable=False, id="main")

    def body(self) -> Iterable[Widget]:
        """What is counted, the ranking, and beside it the evidence."""
        yield Bar(id="about")
        yield from super().body()

    def on_mount(self) -> None:
        """Show what suits the store."""
        self.set_interval(0.2, self._tell_progress)
        self._look()

    def store_changed(self) -> None:
        """Say so when the list is out of date; nothing moves by itself."""
        board, store = self.board, self.session.store
        if self.job is None and board is not None and board.window is not None:
            key = Key(board.scope, board.metric, board.window)
            self.ask("latest", lambda: leaderboards.latest(store, key), self._rechecked)
        elif self.job is None:
            self._look()

    def _rechecked(self, run: LeaderboardRun | None) -> None:
        if self.board is not None and run is not None:
            self.board = replace(self.board, run=run)
            self._tell()

    def _look(self, *, again: bool = False) -> None:
        store, scope, metric, days = self.session.store, self.scope, self.metric, self.days
        self.ask("board", lambda: find_board(store, scope, metric, days), lambda board: self._found(board, again=again))

    def _found(self, board: Board, *, again: bool) -> None:
        before, self.board = self.board, board
        if board.window is None:
            self.table.set_empty(self._nothing())
            self.table.show(ListWindow([]))
        elif board.run is None or again:
            self._compute()
        elif before is None or before.run is None or before.run.id != board.run.id:
            self._show(board.run)
        self._tell()

    def _show(self, run: LeaderboardRun) -> None:
        self.table.set_columns(board_columns(run))
        self.table.show(LeaderboardWindow(self.session.store, run.id), keep=False)
        self.resting, store = None, self.session.store
        if run.people == run.entries:  # else everybody would have to be counted again
            self.ask("resting", lambda: concentration.measure(ranking.values(store, run)), self._rests)

    def _rests(self, found: Concentration | None) -> None:
        self.resting = found
        self._tell()

    def _nothing(self) -> str:
        return (
            _("There is nothing to rank here yet: no messages, works or follower counts.")
            + "\n\n"
            + _("Press i to import a chat archive or a table, 4 to sync a source, or c to look elsewhere.")
        )

    def _tell(self) -> None:
        board = self.board
        if board is None:
            return
        spans: list[Span] = [(f"[{board.place}]", "chip"), ("  ", "plain")]
        spans.append((f"[{ranking.METRICS[board.metric].title()}]", "chip"))
        right: list[Span] = []
        if board.window is not None:
            length = ngettext("{n} day", "{n} days", round(board.window.days)).format(n=round(board.window.days))
            spans += [("  ", "plain"), (f"[{length}]", "chip")]
        if self.resting is not None:
            spans += [("  ", "plain"), (figures.resting_shortly(self.resting), "muted")]
        if self.job is not None:
            text = _("stopping") if self.job.stopping else _("counting {share}, Esc stops")
            right = [(text.format(share=f"{self.share:.0%}"), "warn")]
        elif board.run is not None and board.run.outdated:
            right = [(_("new data since: r counts again"), "warn")]
        elif board.run is not None:
            right = [(_("counted {date}").format(date=local_time(board.run.computed_at)), "muted")]
        self.tell_status(spans, right)
        self.query_one("#about", Bar).show([(" ", "plain"), *self._definition(board)])

    def _definition(self, board: Board) -> list[Span]:
        parts = []
        if board.window is not None:
            parts.append(f"{day(board.window.start)} – {day(board.window.stop - 1)}")
        if board.run is not None:
            people, excluded = board.run.people, _(", ").join(said(EXCLUDED, one) for one in board.run.exclusions)
            parts.append(ngettext("{n} person", "{n} people", people).format(n=separated(people)))
            parts.append(_("not counted: {who}").format(who=excluded))
            parts.append(_("equal values share a place"))
        parts.append(said(DEFINITIONS, board.metric))
        return [(_("; ").join(parts), "muted")]

    # Counting.

    def _compute(self) -> None:
        board = self.board
        if board is None or board.window is None or self.job is not None:
            return
        store, key = self.session.store, Key(board.scope, board.metric, board.window)
        self.share = 0.0
        wanted = True

        def told(share: float) -> None:
            self.share = max(self.share, share)
            if not wanted:
                raise Stopped

        def stop() -> None:
            nonlocal wanted
            wanted = False

        if board.run is None:
            self.table.set_empty(_("Counting …"))
            self.table.show(ListWindow([]))
        self.job = Job(self.session, lambda: ranking.compute(store, key, told), self._computed, stop)
        self._tell()

    def _computed(self, asked: Asked[int]) -> None:
        self.job = None
        again, self.again = self.again, False
        if not self.is_attached:
            return
        if self.chosen_since:
            self.chosen_since = False
            self._look()
        elif isinstance(asked.error, Stopped):
            self.table.set_empty(_("Stopped. r counts again."))
            self._tell()
        elif asked.error is not None:
            reason = str(asked.error) if isinstance(asked.error, KolbenchError) else repr(asked.error)
            self.table.show_error(reason)
            self._tell()
        else:
            self.table.set_empty(_("Nobody, in this window. Press w for another one, or m to count something else."))
            store, run_id = self.session.store, asked.value()
            self.ask("run", lambda: leaderboards.get(store, run_id), lambda run: self._counted(run, again=again))

    def _counted(self, run: LeaderboardRun | None, *, again: bool) -> None:
        """Show what was counted, though its window may not be the newest any more."""
        if self.board is None or run is None:
            self._look()
        else:
            self.board = replace(self.board, run=run)
            self._show(run)
            self._tell()
            if again:
                self.notify(_("Counted again at {time}.").format(time=local_time(run.computed_at)), timeout=3)

    def _tell_progress(self) -> None:
        if self.job is not None:
            self._tell()

    def action_recompute(self) -> None:
        """Count again, up to the newest observation."""
        if self.job is None:
            self.again = True
            self._look(again=True)

    def action_stop(self) -> None:
        """Stop counting."""
        if self.job is not None:
            self.job.stop()
            self._tell()

    # Choosing.

    def action_place(self) -> None:
        """Choose where."""
        from kolbench.screens.choose import Choice, Choose

        store = self.session.store

        def places() -> list[Choice]:
            found = [Choice("all 0", _("everywhere"))]
            for room in leaderboards.communities(store):
                n = room.messages
                said_there = ngettext("{n} message", "{n} messages", n).format(n=separated(n))
                found.append(Choice(f"community {room.id}", room.name, said_there))
            origins = leaderboards.origins(store)
            return [*found, *(Choice(f"source {one.id}", one.name, _("source")) for one in origins)]

        def chosen(key: str | None) -> None:
            if key:
                kind, number = key.split(" ")
                self._choose(scope=Scope(kind, int(number)))

        def offer(choices: list[Choice]) -> None:
            current = f"{self.board.scope.kind} {self.board.scope.id}" if self.board else None
            self.app.push_screen(Choose(_("Where"), choices, current), chosen)

        self.ask("places", places, offer, keys_wait=True)

    def action_metric(self) -> None:
        """Choose what is counted."""
        from kolbench.screens.choose import Choice, Choose

        def chosen(metric: str | None) -> None:
            if metric:
                self._choose(metric=metric)

        if self.board is not None:
            choices = [Choice(one.id, one.title()) for one in ranking.metrics_for(self.board.scope)]
            self.app.push_screen(Choose(_("Which figure"), choices, self.board.metric), chosen)

    def action_window(self) -> None:
        """Choose how many days."""
        from kolbench.screens.choose import Choice, Choose

        def chosen(days: str | None) -> None:
            if days is not None:
                self._choose(days=int(days))

        choices = [Choice(str(USUAL), _("what suits the data"))]
        choices += [Choice(str(n), ngettext("{n} day", "{n} days", n).format(n=n)) for n in windows.DAYS]
        choices.append(Choice("0", _("all there is")))
        self.app.push_screen(Choose(_("The last …"), choices, str(self.days)), chosen)

    def _choose(self, *, scope: Scope | None = None, metric: str | None = None, days: int | None = None) -> None:
        self.chosen_since = self.job is not None
        self.action_stop()
        self.scope = scope or (self.board.scope if self.board else self.scope)
        self.metric = metric or self.metric
        self.days = self.days if days is None else days
        if self.job is None:
            self._look()

    # One person.

    @on(VirtualTable.Loaded, "#main")
    def listed(self) -> None:
        """Another list is here: the same person may lead it, for another reason."""
        if self.sheet.text:
            self.tell_about()

    def read_about(self) -> None:
        """The evidence."""
        entry = self.table.cursor_row
        if not isinstance(entry, Entry) or self.board is None or self.board.run is None:
            self.sheet.show(lambda width: ())
        else:
            store, run_id, metric = self.session.store, self.board.run.id, self.board.metric
            self.ask(
                "evidence",
                lambda: ranking.evidence(store, run_id, entry.creator_id),
                lambda found: self.sheet.show(lambda width: evidence_lines(entry, metric, found, now(), width)),
            )

    def action_evidence(self) -> None:
        """Show what the number under the cursor was counted from."""
        from kolbench.screens.reading import Reading

        entry = self.table.cursor_row
        if isinstance(entry, Entry) and self.board is not None and self.board.run is not None:
            store, run_id, metric = self.session.store, self.board.run.id, self.board.metric

            def show(found: ranking.Evidence) -> None:
                self.app.push_screen(Reading(lambda width: evidence_lines(entry, metric, found, now(), width)))

            self.ask("counted from", lambda: ranking.evidence(store, run_id, entry.creator_id), show, keys_wait=True)

    @on(VirtualTable.Opened, "#main")
    def opened(self, event: VirtualTable.Opened) -> None:
        """Enter or a double click."""
        from kolbench.screens.creator import CreatorScreen

        if isinstance(event.key, int):
            self.app.push_screen(CreatorScreen(self.session, event.key))

    def action_note(self) -> None:
        """Write a note on whoever is under the cursor."""
        entry = self.table.cursor_row
        if isinstance(entry, Entry):
            ask_note(self, entry.creator_id, entry.name)

    def action_find(self) -> None:
        """Go to somebody's place in the list."""
        from kolbench.screens.prompt import Prompt
        from kolbench.store import creators

        if self.board is None or self.board.run is None:
            return
        store, window = self.session.store, LeaderboardWindow(self.session.store, self.board.run.id)

        def find(text: str | None) -> None:
            if text:
                self.ask("find", lambda: window.find(creators.find(store, text)), found)

        def found(position: int | None) -> None:
            if position is None:
                self.notify(_("They are not in this list."), timeout=3)
            else:
                self.table.move_to(position)

        self.app.push_screen(Prompt(_("Find a person"), hint=_("name or handle, in any script")), find)
