"""Follow-ups: whom to turn to next and why, until it is done, snoozed or taken back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.programme import follow_ups as programme
from kolbench.screens.jobs import Job, Stopped
from kolbench.screens.lines import Span, width_of
from kolbench.screens.narrowing import NarrowedScreen
from kolbench.screens.panes import WIDE
from kolbench.screens.queue_acts import QueueActsScreen
from kolbench.screens.queue_rows import OPEN, Item, QueueWindow, columns
from kolbench.screens.words import SECTIONS, said
from kolbench.screens.work import Table
from kolbench.store import sections
from kolbench.store.sections import Only
from kolbench.widgets.cells import separated
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.timer import Timer

    from kolbench.programme.follow_ups import Evaluated
    from kolbench.screens.queue_sheet import About
    from kolbench.screens.session import Session
    from kolbench.store.changes import Undone
    from kolbench.widgets.virtual_table import Key
    from kolbench.widgets.worker import Asked

SECTION = Binding.Group(N_("Section"))

COUNTED_AFTER_S = 0.5
"""How long nothing must be done before the sections are counted again."""

LOW = 20
"""From so many rows on there is room for the reason and the script below the list, where they don't fit beside it."""

BELOW = 9
"""Rows of what stands below it."""


class FollowUpsScreen(NarrowedScreen, QueueActsScreen):
    """The queue, one section at a time, and beside it whoever it is about."""

    SHEET_FROM = 0
    HELP = N_(
        "Whom to turn to, why, by what way and with which words. Rules open a follow-up when they find a cause, and"
        " close it when the cause is gone; one that you have done never comes back for the same cause. d says what came"
        " of it, y copies the script to your own clipboard, also over SSH, z lets it wait. A template that has the name"
        " of a rule is its script. Space marks several to be dealt with at once; u takes your last step back."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "section(-1)", N_("Section before"), group=SECTION),
        Binding("right,l", "section(1)", N_("Next section"), group=SECTION),
        Binding("f", "filter", N_("Filter")),
        Binding("slash", "search", N_("Search"), key_display="/", show=False),
        Binding("m", "mine", N_("Mine or all"), show=False),
        Binding("r", "evaluate", N_("Ask rules"), show=False),
        Binding("escape", "back", N_("Show all"), show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.only = Only()
        self.counts: dict[str, int] = {}
        self.job: Job | None = None
        self._names: dict[str, str] = {}
        self._window: QueueWindow | None = None
        self._asked = False
        self._recount: Timer | None = None
        self._detailed: int | None = None

    def make_table(self) -> Table:
        """The queue."""
        return Table(self._columns(now()), row_class=self._row_class, id="main")

    def on_mount(self) -> None:
        """Show what waits; once it is there, ask the rules whether there is more."""
        self._read(keep=False)

    def place_panes(self, size: Size) -> None:
        """What there is to say stands beside the list, or below it, or nowhere."""
        self.lay_out(size, LOW, BELOW)
        self._tell()

    @property
    def busy(self) -> bool:
        """Whether something is being read, written or about to be counted."""
        return super().busy or self._recount is not None

    def store_changed(self) -> None:
        """Read the queue again, where we are in it."""
        self.show_again()
        self._count()
        self.tell_about()

    # The rows.

    def _columns(self, at: int) -> Any:
        return columns(self.section, at, self.me, self.dealt_with.get)

    def _row_class(self, row: Sequence[Any]) -> str | None:
        if not isinstance(row, Item):
            return None
        if row.follow_up_id in self.dealt_with or row.taken_from(self.me):
            return "muted"
        return "alert" if self.section == OPEN and row.found.due_at < self._today else None

    def _read(self, *, keep: bool = True, cursor: Key | None = None) -> None:
        """Read the queue again; the cursor stays on its row, or goes to the one of that key."""
        at = now()
        self._today = sections.days(at, 0)[0]
        self.table.set_columns(self._columns(at))
        self.table.set_empty(self._nothing())
        ahead, self.session.ahead = self.session.ahead, None
        self._window = QueueWindow(self.session.store, self.section, at, self.only, self._leaving(), ahead=ahead)
        self.table.show(self._window, keep=keep, at=cursor)

    def _leaving(self) -> set[int]:
        """What is being written, and will leave the list."""
        return {one for ids in self.under_way for one in ids if one in self.dealt_with}

    def _same(self, cursor: Key | None = None) -> None:
        """Read the rows again in the order they have, without those that leave."""
        before = self._window
        assert before is not None
        self._window = QueueWindow(
            self.session.store, self.section, before.at, self.only, self._leaving(), after=before
        )
        self.table.show(self._window, at=cursor)

    def show_again(self, *, order: bool = True, at: int | None = None) -> None:
        """Read the list again; without ``order`` only its rows. The cursor stays on its row, or goes to ``at``."""
        if order or self._window is None or self.only.owner is not None:
            self._read(cursor=at)
        else:
            self._same()

    def let_go(self, ids: Sequence[int], at: object) -> None:
        """Show the list without what was dealt with, the cursor at ``at``."""
        self._same(at if isinstance(at, int) else None)
        for section in {self.section, OPEN} if self.section != "closed" else {"closed"}:
            if section in self.counts:
                self.counts[section] = max(0, self.counts[section] - len(ids))
        self._tell()

    def _nothing(self) -> str:
        if self.only != Only():
            return _("Nothing fits this search or filter.") + "\n\n" + _("Esc shows all again.")
        if self.section == OPEN:
            return (
                _("Nobody waits for you.")
                + "\n\n"
                + _("The rules look again whenever data comes in; r asks them now.")
                + "\n"
                + _("To turn to somebody new: 1 lists everybody, and b there works for a brief.")
            )
        return {
            "overdue": _("Nothing is late.") + "\n\n" + _("→ shows what is due today."),
            "today": _("Nothing is left for today.") + "\n\n" + _("→ shows what comes in the next days."),
            "week": _("Nothing is due in the next seven days.") + "\n\n" + _("r asks the rules for more."),
            "later": _("Nothing is due later.") + "\n\n" + _("r asks the rules for more."),
            "waiting": _("We wait for nobody's answer.") + "\n\n" + _("What you send and log with e or d stands here."),
            "snoozed": _("Nothing is snoozed.") + "\n\n" + _("z lets a follow-up wait until a day."),
            "closed": _("Nothing is done yet.") + "\n\n" + _("d says what came of a follow-up."),
        }[self.section]

    @on(VirtualTable.Loaded, "#main")
    def loaded(self) -> None:
        """Rows are here, and may tell something else; after the first ones, count the others and ask the rules."""
        self.rested()
        if not self._asked:
            self._asked = True
            self.call_after_refresh(self._count)  # after the rows are drawn
            self.call_after_refresh(self.action_evaluate)

    # The counts, and what is shown.

    def count_soon(self) -> None:
        """Count again, once nothing more is done."""
        if self._recount is not None:
            self._recount.stop()
        self._recount = self.set_timer(COUNTED_AFTER_S, self._count)

    def _count(self) -> None:
        store, only = self.session.store, self.only
        self._recount = None

        def count() -> dict[str, int]:
            found = programme.counts(store, now(), only)
            return {OPEN: sum(found[one] for one in ("overdue", "today", "week", "later", "waiting")), **found}

        self.ask("counts", count, self._counted)

    def _counted(self, counts: dict[str, int]) -> None:
        if not self.under_way:
            self.counts = counts
            self._tell()

    def _tell(self) -> None:
        chips = self._chips()
        room = self.size.width - width_of(chips) - 2
        shown = list(SECTIONS)
        if width_of(self._sections(shown)) > room:  # then those that hold something are worth more
            shown = [one for one in SECTIONS if one == self.section or self.counts.get(one)]
        while shown[0] != self.section and width_of(self._sections(shown)) > room:
            shown = shown[1:]
        spans = [*chips, *self._sections(shown)]
        marked = len(self.table.selected)
        right: list[Span] = []
        if marked:
            right = [(ngettext("{n} marked", "{n} marked", marked).format(n=separated(marked)), "strong")]
        elif self.job is not None:
            right = [(_("asking the rules …"), "muted")]
        self.tell_status(spans, right)

    def _sections(self, shown: Sequence[str]) -> list[Span]:
        spans: list[Span] = []
        for section in shown:
            number = self.counts.get(section)
            text = f" {said(SECTIONS, section)}" + (f" {separated(number)}" if number is not None else "")
            spans.append((text + " ", "tab" if section == self.section else "muted" if not number else "plain"))
        return spans

    def _chips(self) -> list[Span]:
        if self.only == Only():
            return []
        from kolbench.screens.queue_filter import chips

        texts = [f"“{self.only.text}”"] if self.only.text else []
        texts += [text for _field, text in chips(self.only, self._names)]
        return [span for text in texts for span in ((f"[{text}]", "chip"), (" ", "plain"))]

    # The rules.

    def action_evaluate(self) -> None:
        """Ask the rules for new causes."""
        if self.job is None:
            store, left = self.session.store, threading.Event()

            def between() -> None:
                if left.is_set():
                    raise Stopped

            def work() -> Evaluated:
                from kolbench.programme import after

                return after.evaluate(store, between=between)

            self.job = Job(self.session, work, self._evaluated, left.set, redone=True)
            self._tell()

    def _evaluated(self, asked: Asked[Evaluated]) -> None:
        self.job = None
        if not self.is_attached:
            return
        if asked.error is not None:
            self.complain(asked.error)
        else:
            from kolbench.programme import after

            for problem in after.problems(asked.value()):
                self.notify(problem, severity="warning")
            if asked.value().opened or asked.value().resolved:
                self.show_again()
        self._count()

    # Sections, filter, search.

    def action_section(self, step: int) -> None:
        """Another section of the queue."""
        every = list(SECTIONS)
        self.show_section(every[(every.index(self.section) + step) % len(every)])

    def show_section(self, section: str) -> None:
        """Show one section of the queue."""
        self.section = section
        self.table.select(frozenset())
        self._read(keep=False)
        self._tell()

    def narrow(self, only: Only) -> None:
        """Show what fits, and nothing else."""
        if only != self.only:
            self.only = only
            self.table.select(frozenset())
            self._read(keep=False)
            self._tell()
            self.count_soon()

    def action_filter(self) -> None:
        """Choose what to show."""
        from kolbench.screens.queue_filter import QueueFilter

        def chosen(narrowed: tuple[Only, dict[str, str]] | None) -> None:
            if narrowed is not None:
                only, self._names = narrowed
                self.narrow(only)

        self.app.push_screen(QueueFilter(self.session, self.only, self._names), chosen)

    def action_mine(self) -> None:
        """What is mine alone, or everybody's."""
        self.narrow(self.only._replace(owner=None if self.only.owner == self.me else self.me))

    @property
    def sought(self) -> str:
        """What is searched for now."""
        return self.only.text

    def seek(self, text: str) -> None:
        """Show whose name or handle fits."""
        self.narrow(self.only._replace(text=text))

    def unsought(self) -> None:
        """Show all."""
        self.narrow(Only())

    # What was taken back, marked, opened, read.

    def taken_back(self, undone: Undone) -> None:
        """Put the cursor on the first row that came back."""
        window = QueueWindow(self.session.store, self.section, now(), self.only)

        def first() -> int | None:
            ids = {one_id for entity, one_id in undone.changed if entity == "follow_up"}
            found = {one: place for one in ids if (place := window.find(one)) is not None}
            return min(found, key=found.__getitem__, default=None)

        def show(key: int | None) -> None:
            self._read(cursor=key)
            self._count()
            self.tell_about()

        self.ask("restored", first, show)

    @on(VirtualTable.Selected, "#main")
    def marked(self) -> None:
        """Say how many are marked."""
        self._tell()

    def read_about(self) -> None:
        """Why, with which words, and whom it is about."""
        item = self.item
        if item is None:
            self.sheet.show(lambda width: ())
            return
        store, template_id = self.session.store, self.chosen.get(item.follow_up_id)
        whole = self.size.width >= WIDE

        def load() -> About:
            from kolbench.screens import queue_sheet

            return queue_sheet.load(store, item, now(), template_id, whole=whole)

        self.ask("detail", load, self._show_detail)

    def _show_detail(self, found: About) -> None:
        from kolbench.screens import queue_sheet

        top = found.item.follow_up_id != self._detailed
        self._detailed = found.item.follow_up_id
        self.sheet.show(lambda width: queue_sheet.lines(found, width), top=top)

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter or a double click."""
        from kolbench.screens.creator import CreatorScreen

        if (item := self.item) is not None:
            self.app.push_screen(CreatorScreen(self.session, item.creator_id))
