"""Follow-ups: whom to turn to next and why, until it is done, snoozed or taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme import follow_ups as programme
from kolbench.programme.follow_ups import Evaluated, FollowUpWindow, QueueRow
from kolbench.programme.local import local_day, morning
from kolbench.screens.jobs import Job
from kolbench.screens.lines import Span, width_of
from kolbench.screens.noting import ask_note
from kolbench.screens.panes import PanesScreen
from kolbench.screens.words import OUTCOMES, PLATFORMS, SECTIONS, STATES, said
from kolbench.screens.work import Table
from kolbench.store import changes, follow_ups, sections
from kolbench.widgets.cells import due, since
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from textual.events import Resize

    from kolbench.screens.dossier import Dossier
    from kolbench.screens.session import Session
    from kolbench.store.changes import Undone
    from kolbench.store.follow_ups import Acted
    from kolbench.widgets.virtual_table import Key
    from kolbench.widgets.worker import Asked

OPEN = "open"
"""All that is open and not snoozed: the section of the store without a name."""

SECTION = Binding.Group(N_("Section"))
NO_OUTCOME = "-"
DATE = "date"


def _columns(section: str, at: int) -> list[Column]:
    def when(row: QueueRow) -> str:
        return said(STATES, row.state) if section == "closed" else due(row.due_at, at)

    def of(text: Callable[[QueueRow], str]) -> Any:
        return lambda _value, row: text(row)

    return [
        Column("due", _("Due"), 10, render=of(when), sortable=False),
        Column("name", _("Who"), 16, render=of(lambda r: r.name), sortable=False),
        Column("platform", _("Platform"), 11, render=of(lambda r: said(PLATFORMS, r.platform)), drop=3, sortable=False),
        Column("why", _("Why now"), 30, render=of(lambda r: r.why), flex=1, sortable=False),
        Column("touch", _("Contact"), 7, "right", of(lambda r: _touched(r, at)), drop=2, sortable=False),
    ]


def _touched(row: QueueRow, at: int) -> str:
    return since(row.last_touch_at, at) if row.last_touch_at is not None else _("never")


class FollowUpsScreen(PanesScreen):
    """The queue, one section at a time, and beside it whoever it is about."""

    HELP = N_(
        "Whom to turn to and why. Rules open a follow-up when they find a cause, and close it when the cause is gone;"
        " one that you have done never comes back for the same cause. Left and right change the section; Space marks"
        " several to be done or snoozed at once; u takes your last step back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "done", N_("Done")),
        Binding("z", "snooze", N_("Snooze")),
        Binding("left,h", "section(-1)", N_("Section before"), group=SECTION),
        Binding("right,l", "section(1)", N_("Next section"), group=SECTION),
        Binding("o", "reopen", N_("Open again")),
        Binding("n", "note", N_("Note")),
        Binding("r", "evaluate", N_("Ask rules")),
        Binding("escape", "unselect", N_("Mark none"), show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.section = OPEN
        self.counts: dict[str, int] = {}
        self.job: Job | None = None

    def make_table(self) -> Table:
        """The queue."""
        return Table(_columns(OPEN, now()), row_class=self._row_class, id="main")

    def on_mount(self) -> None:
        """Show what waits, and ask the rules whether there is more."""
        self._show(keep=False)
        self._count()
        self.action_evaluate()

    def on_resize(self, event: Resize) -> None:
        """Another width has room for other sections; the panes have their own."""
        self._tell()

    def store_changed(self) -> None:
        """Read the queue again, where we are in it."""
        self._show()
        self._count()
        self.tell_about()

    def _row_class(self, row: Sequence[Any]) -> str | None:
        return "alert" if isinstance(row, QueueRow) and self.section == OPEN and row.due_at < self._today else None

    def _window(self, at: int) -> FollowUpWindow:
        section = None if self.section == OPEN else self.section
        return FollowUpWindow(self.session.store, section, at=at)

    def _show(self, *, keep: bool = True, cursor: Key | None = None) -> None:
        """Read the queue again; the cursor stays on its row, or goes to the one of that key."""
        at = now()
        self._today = sections.days(at, 0)[0]
        self.table.set_columns(_columns(self.section, at))
        if self.section == OPEN:
            self.table.set_empty(
                _("Nobody waits for you.") + "\n\n" + _("The rules look again whenever data comes in; r asks them now.")
            )
        else:
            self.table.set_empty(_("Nothing here."))
        self.table.show(self._window(at), keep=keep, at=cursor)

    def _count(self) -> None:
        store = self.session.store

        def count() -> dict[str, int]:
            at = now()
            return {OPEN: follow_ups.count(store, None, at), **programme.counts(store, at)}

        self.ask("counts", count, self._counted)

    def _counted(self, counts: dict[str, int]) -> None:
        self.counts = counts
        self._tell()

    def _tell(self) -> None:
        shown = list(SECTIONS)
        if width_of(self._sections(shown)) + 2 > self.size.width:  # then those that hold something are worth more
            shown = [one for one in SECTIONS if one == self.section or self.counts.get(one)]
        while shown[0] != self.section and width_of(self._sections(shown)) + 2 > self.size.width:
            shown = shown[1:]
        spans = self._sections(shown)
        marked = len(self.table.selected)
        right: list[Span] = []
        if marked:
            right = [(ngettext("{n} marked", "{n} marked", marked).format(n=marked), "strong")]
        elif self.job is not None:
            right = [(_("asking the rules …"), "muted")]
        self.tell_status(spans, right)

    def _sections(self, shown: Sequence[str]) -> list[Span]:
        spans: list[Span] = []
        for section in shown:
            number = self.counts.get(section)
            text = f" {said(SECTIONS, section)} {number}" if number is not None else f" {said(SECTIONS, section)}"
            spans.append((text + " ", "tab" if section == self.section else "muted" if not number else "plain"))
        return spans

    # The rules.

    def action_evaluate(self) -> None:
        """Ask the rules for new causes."""
        if self.job is None:
            store = self.session.store
            self.job = Job(self.session, lambda: programme.evaluate(store), self._evaluated, lambda: None)
            self._tell()

    def _evaluated(self, asked: Asked[Evaluated]) -> None:
        self.job = None
        if not self.is_attached:
            return
        if asked.error is not None:
            self.complain(asked.error)
        else:
            for outcome in asked.value().outcomes:
                if outcome.error:
                    text = _("The follow-up rule '{rule}' failed: {error}")
                    self.notify(text.format(rule=outcome.rule, error=outcome.error), severity="warning")
            if asked.value().opened or asked.value().resolved:
                self._show()
        self._count()

    # Acting.

    def _meant(self) -> list[int]:
        """The follow-ups that are marked, else the one under the cursor."""
        marked = [key for key in self.table.selected if isinstance(key, int)]
        key = self.table.cursor_key
        return marked or ([key] if isinstance(key, int) else [])

    def _act(self, act: Callable[[list[int]], Acted], text: Callable[[int], str]) -> None:
        meant = self._meant()

        def acted(what: Acted) -> None:
            self.table.select(frozenset())
            self._show(cursor=self.table.beside(meant) if what.changed else None)
            self._count()
            if what.changed:
                told = _("{what} u takes it back.").format(what=text(len(what.changed)))
                self.notify(told, timeout=4)
            for skipped in what.skipped[:3]:
                state = said(STATES, skipped.state)
                left = _("Left alone: it is {state}.").format(state=state)
                self.notify(left, severity="warning", timeout=4)

        self.ask("act", lambda: act(meant), acted)

    def taken_back(self, undone: Undone) -> None:
        """Put the cursor on the first row that came back."""
        window = self._window(now())

        def first() -> int | None:
            ids = {one_id for entity, one_id in undone.changed if entity == "follow_up"}
            found = {one_id: place for one_id in ids if (place := window.find(one_id)) is not None}
            return min(found, key=found.__getitem__, default=None)

        def show(key: int | None) -> None:
            self._show(cursor=key)
            self._count()

        self.ask("restored", first, show)

    def action_done(self) -> None:
        """Done: ask what came of it."""
        from kolbench.screens.choose import Choice, Choose

        if not self._meant():
            return
        store = self.session.store

        def chosen(outcome: str | None) -> None:
            if outcome is not None:
                came = None if outcome == NO_OUTCOME else outcome
                self._act(
                    lambda ids: follow_ups.done(store, ids, changes.me(), outcome=came),
                    lambda n: ngettext("{n} done.", "{n} done.", n).format(n=n),
                )

        choices = [Choice(NO_OUTCOME, _("just done")), *(Choice(one, said(OUTCOMES, one)) for one in OUTCOMES)]
        self.app.push_screen(Choose(_("Done: what came of it?"), choices, numbered=True), chosen)

    def action_snooze(self) -> None:
        """Let it wait: ask until when."""
        from kolbench.screens.choose import Choice, Choose

        if not self._meant():
            return
        mornings = sections.days(now(), 1, 3, 7, 30)
        labels = (_("tomorrow"), _("in three days"), _("next week"), _("in a month"))
        choices = [Choice(str(until), label, local_day(until)) for until, label in zip(mornings, labels)]
        choices.append(Choice(DATE, _("until a date …")))

        def chosen(until: str | None) -> None:
            if until == DATE:
                self._ask_date()
            elif until is not None:
                self._snooze(int(until))

        self.app.push_screen(Choose(_("Snooze until"), choices, numbered=True), chosen)

    def _ask_date(self) -> None:
        from kolbench.screens.prompt import Prompt

        def told(text: str | None) -> None:
            if text is not None:
                self._snooze(morning(text))

        hint = _("like tomorrow, friday, 3d or 2026-05-01")
        self.app.push_screen(Prompt(_("Snooze until"), hint=hint, check=morning), told)

    def _snooze(self, until: int) -> None:
        store = self.session.store
        self._act(
            lambda ids: follow_ups.snooze(store, ids, until, changes.me()),
            lambda n: ngettext("{n} snoozed.", "{n} snoozed.", n).format(n=n),
        )

    def action_reopen(self) -> None:
        """Open closed ones again, wake snoozed ones."""
        store = self.session.store
        self._act(
            lambda ids: follow_ups.reopen(store, ids, changes.me()),
            lambda n: ngettext("{n} open again.", "{n} open again.", n).format(n=n),
        )

    def action_note(self) -> None:
        """Write a note on whoever is under the cursor."""
        row = self.table.cursor_row
        if isinstance(row, QueueRow):
            ask_note(self, row.creator_id, row.name)

    def action_section(self, step: int) -> None:
        """Another section of the queue."""
        sections = list(SECTIONS)
        self.show_section(sections[(sections.index(self.section) + step) % len(sections)])

    def show_section(self, section: str) -> None:
        """Show one section of the queue."""
        self.section = section
        self.table.select(frozenset())
        self._show(keep=False)
        self._tell()

    def action_unselect(self) -> None:
        """Mark none."""
        self.table.select(frozenset())

    @on(VirtualTable.Selected, "#main")
    def marked(self) -> None:
        """Say how many are marked."""
        self._tell()

    def read_about(self) -> None:
        """Whom it is about."""
        row = self.table.cursor_row
        if not isinstance(row, QueueRow):
            self.sheet.show(lambda width: ())
            return
        from kolbench.screens import dossier

        store, creator_id = self.session.store, row.creator_id

        def show(found: Dossier) -> None:
            self.sheet.show(lambda width: dossier.whole(found, width, ours_first=True))

        self.ask("detail", lambda: dossier.load(store, creator_id), show)

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter or a double click."""
        from kolbench.screens.creator import CreatorScreen

        row = self.table.cursor_row
        if isinstance(row, QueueRow):
            self.app.push_screen(CreatorScreen(self.session, row.creator_id))
