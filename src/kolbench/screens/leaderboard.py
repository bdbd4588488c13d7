"""Leaderboard: who is most influential somewhere, in a window, who has moved, and what each number was counted from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.analysis import leaderboards as ranking
from kolbench.analysis import windows
from kolbench.domain.clock import now
from kolbench.domain.errors import KolbenchError
from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.jobs import Job, Stopped
from kolbench.screens.lines import Bar, Line, Span, columns
from kolbench.screens.noting import ask_note
from kolbench.screens.panes import PanesScreen
from kolbench.screens.words import DEFINITIONS, EXCLUDED, KINDS, PLATFORMS, TIERS, said
from kolbench.screens.work import Table
from kolbench.store import leaderboards
from kolbench.store.leaderboards import Entry, Key, LeaderboardRun, LeaderboardWindow, Scope, Window
from kolbench.widgets.cells import compact, day, movement, separated, since, unicode_terminal, wrap
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import ListWindow, VirtualTable

if TYPE_CHECKING:
    from textual.widget import Widget

    from kolbench.screens.session import Session
    from kolbench.store.connect import Store
    from kolbench.widgets.worker import Asked

USUAL = -1
"""Instead of a number of days: the window that suits the material."""


@dataclass(frozen=True)
class Board:
    """What is shown: the place, what is counted in which window, and the run that answers it, if there is one."""

    scope: Scope
    place: str
    metric: str
    window: Window | None
    run: LeaderboardRun | None


def find_board(store: Store, scope: Scope | None, metric: str | None, days: int) -> Board:
    """The board of a choice; what isn't chosen (None, ``USUAL``) is what suits the store. Call it in a thread."""
    if scope is None:
        liveliest = next(iter(leaderboards.communities(store)), None)
        scope = Scope("community", liveliest.id) if liveliest else Scope()
    if metric is None or all(metric != one.id for one in ranking.metrics_for(scope)):
        metric = ranking.default_metric(store, scope)
    if days == USUAL:
        window = ranking.default_window(store, scope, metric)
    else:
        window = ranking.window(store, scope, metric, days or None)
    run = leaderboards.latest(store, Key(scope, metric, window)) if window else None
    return Board(scope, _name(store, scope), metric, window, run)


def _name(store: Store, scope: Scope) -> str:
    named: Sequence[leaderboards.Community | leaderboards.Origin] = ()
    if scope.kind == "community":
        named = leaderboards.communities(store)
    elif scope.kind == "source":
        named = leaderboards.origins(store)
    return next((one.name for one in named if one.id == scope.id), _("everywhere"))


def _columns(run: LeaderboardRun | None) -> list[Column]:
    compared = run is not None and run.previous_people > 0
    digits = max(3, len(str(run.people if run else 0)))

    def moved(entry: Entry) -> str:
        return movement(entry.rank, entry.previous_rank) if compared else ""

    def of(text: Any) -> Any:
        return lambda _value, entry: text(entry)

    return [
        Column("rank", "#", digits, "right", of(lambda e: str(e.rank)), sortable=False),
        Column("moved", _("Moved"), 5, "right", of(moved), sortable=False),
        Column("name", _("Name"), 20, render=of(lambda e: e.name), flex=1, sortable=False),
        Column("platform", _("Platform"), 11, render=of(lambda e: said(PLATFORMS, e.platform)), drop=3, sortable=False),
        Column("value", _("Value"), 11, "right", of(lambda e: separated(e.value)), sortable=False),
        Column("before", _("Before"), 7, "right", of(lambda e: compact(e.previous_value)), drop=2, sortable=False),
        Column("followers", _("Followers"), 9, "right", of(lambda e: compact(e.followers)), drop=4, sortable=False),
        Column("tier", _("Tier"), 7, render=of(lambda e: said(TIERS, e.tier or "unknown")), drop=5, sortable=False),
        Column("score", _("Score"), 5, "right", of(lambda e: "" if e.score is None else f"{e.score:.1f}"), drop=6),
    ]


def evidence_lines(entry: Entry, metric: str, found: ranking.Evidence, at: int, width: int) -> Iterator[Line]:
    """What one number was counted from, as lines."""
    yield [(entry.name, "title")]
    text = _("{what}: {more}").format(what=ranking.METRICS[metric].title(), more=separated(found.value))
    yield columns((text, max(0, width - 8), "strong"), (f"#{entry.rank}", 7, "muted", "right"))
    for part in wrap(said(DEFINITIONS, metric), width):
        yield [(part, "muted")]
    if found.value != entry.value:
        yield [(_("Counted now; the list says {value}.").format(value=separated(entry.value)), "warn")]
    if entry.previous_value is not None:
        text = _("Before: {value}, place {rank}")
        yield [(text.format(value=separated(entry.previous_value), rank=entry.previous_rank), "muted")]
    yield []
    rows = ngettext("{n} piece of evidence", "{n} pieces of evidence", found.total).format(n=separated(found.total))
    people = ngettext("from {n} person", "from {n} people", found.people).format(n=separated(found.people))
    yield [(_("{rows}, {people}").format(rows=rows, people=people), "strong")]
    for row in found.rows:
        yield columns((row.who, max(8, width - 9), "plain"), (since(row.at, at), 8, "muted", "right"))
        near = ("≈" if unicode_terminal() else "~") if row.plus_minus else ""
        value = f"{near}{separated(row.value)}" if row.value != 1 else ""
        parts = (said(KINDS, row.kind), row.place, value, day(row.at))
        yield [("  " + " · ".join(part for part in parts if part), "muted")]
        for part in wrap(row.text or "", width - 2)[:2]:
            if part:
                yield [("  " + part, "plain")]
    if found.total > len(found.rows):
        yield [(_("… and {n} older ones").format(n=separated(found.total - len(found.rows))), "muted")]


class LeaderboardScreen(PanesScreen):
    """The ranking and, where there is room, the evidence behind the number under the cursor."""

    HELP = N_(
        "Who counts most in a community, among the people of a source, or everywhere, in a window of days up to the"
        " newest observation. 'Moved' compares with the window of the same length before; equal values share a place."
        " Every number opens to the evidence it was counted from."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "place", N_("Where")),
        Binding("m", "metric", N_("What")),
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
        self.share = 0.0
        self.job: Job | None = None

    def make_table(self) -> Table:
        """The ranking."""
        return Table(_columns(None), selectable=False, id="main")

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
            self.table.set_columns(_columns(board.run))
            self.table.show(LeaderboardWindow(self.session.store, board.run.id), keep=False)
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
        if self.job is not None:
            text = _("stopping") if self.job.stopping else _("counting {share}, Esc stops")
            right = [(text.format(share=f"{self.share:.0%}"), "warn")]
        elif board.run is not None and board.run.outdated:
            right = [(_("new data since: r counts again"), "warn")]
        elif board.run is not None:
            right = [(_("counted {date}").format(date=day(board.run.computed_at)), "muted")]
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
        if not self.is_attached:
            return
        if isinstance(asked.error, Stopped):
            self.table.set_empty(_("Stopped. r counts again."))
            self._tell()
        elif asked.error is not None:
            reason = str(asked.error) if isinstance(asked.error, KolbenchError) else repr(asked.error)
            self.table.show_error(reason)
            self._tell()
        else:
            self.table.set_empty(_("Nobody, in this window. Press w for another one, or m to count something else."))
            self._look()

    def _tell_progress(self) -> None:
        if self.job is not None:
            self._tell()

    def action_recompute(self) -> None:
        """Count again, up to the newest observation."""
        if self.job is None:
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

        self.ask("places", places, offer)

    def action_metric(self) -> None:
        """Choose what is counted."""
        from kolbench.screens.choose import Choice, Choose

        def chosen(metric: str | None) -> None:
            if metric:
                self._choose(metric=metric)

        if self.board is not None:
            choices = [Choice(one.id, one.title()) for one in ranking.metrics_for(self.board.scope)]
            self.app.push_screen(Choose(_("What"), choices, self.board.metric), chosen)

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
        self.action_stop()
        self.scope = scope or (self.board.scope if self.board else self.scope)
        self.metric = metric or self.metric
        self.days = self.days if days is None else days
        self._look()

    # One person.

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

            self.ask("evidence", lambda: ranking.evidence(store, run_id, entry.creator_id), show)

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
