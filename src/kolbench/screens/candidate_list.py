"""The list of candidates: ordered, searched, filtered, its state told in a line, the dossier beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.brief_words import PURPOSES, chips
from kolbench.screens.candidate_rows import Listed, Ranked, columns, state_word
from kolbench.screens.lines import Span
from kolbench.screens.narrowing import NarrowedScreen
from kolbench.screens.triage import TriageScreen
from kolbench.screens.words import ORDERS, said
from kolbench.screens.work import Table
from kolbench.store import candidates
from kolbench.store.candidates import CandidateWindow
from kolbench.store.filters import Filter
from kolbench.widgets.cells import separated, unicode_terminal
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.widget import Widget

    from kolbench.screens.dossier import Dossier
    from kolbench.screens.session import Session
    from kolbench.widgets.columns import Column

MARKED = 1_000
"""So many are marked by one key at the most: what is done with them can still be overlooked."""

LATE_S = 0.3
"""How long the first frame waits for its rows."""


class CandidateListScreen(NarrowedScreen, TriageScreen):
    """The list of everybody or of a brief; subclasses say in ``running`` what runs, and stop it in ``stop``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", N_("Search"), key_display="/"),
        Binding("f", "filter", N_("Filter")),
        Binding("s", "sort", N_("Sort"), show=False),
        Binding("S", "reverse", N_("Reverse the order"), show=False),
        Binding("asterisk", "mark_all", N_("Mark all, or nobody"), key_display="*", show=False),
        Binding("escape", "back", N_("Show everybody"), show=False),
    ]

    def __init__(self, session: Session) -> None:
        self._wide = False
        self._ranked: Ranked | None = None
        self._empty: frozenset[str] | None = None
        self._told: Ranked | None = None
        self.order = "score"
        super().__init__(session)
        self.reverse = False
        self.shown = Filter()
        self.total: int | None = None
        self._everybody: int | None = None
        self._detailed: int | None = None
        self._names: dict[str, str] = {}

    @property
    def running(self) -> str:
        """What runs in the background, in a few words; nothing while nothing does."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it at its next safe place."""
        raise NotImplementedError

    def make_table(self) -> Table:
        """The list."""
        return Table(self._columns(0), row_class=self._row_class, id="main")

    def body(self) -> Iterable[Widget]:
        """The list, and beside it the dossier; hidden until there are rows, or until they are late."""
        self.begin()
        for self.panes in super().body():
            self.panes.display = False
            yield self.panes
        self.set_timer(LATE_S, self._show_panes)

    def begin(self) -> None:
        """Ask for the first rows."""
        self.show_again()

    def store_changed(self) -> None:
        """Read the rows in sight and the dossier again."""
        self.show_again()
        self._count()
        self.count_states()
        self.tell_about()

    def _show_panes(self) -> None:
        """Draw the panes, once there are rows: an empty table first would cost as much as the useful one."""
        if not self.panes.display:
            self.panes.display = True
            if self.focused is None:  # who was faster is in the search line
                self.set_focus(self.table)

    def _columns(self, total: int) -> list[Column]:
        return columns(
            total,
            self.brief,
            lambda row: state_word(self.state(row)),
            self.order,
            wide=self._wide,
            empty=self._ranked.empty if self._ranked is not None and total else (),
        )

    def place_panes(self, size: Size) -> None:
        """Other columns where there is room for a sheet: it shows what some of them do."""
        super().place_panes(size)
        if self._wide != (wide := size.width >= self.SHEET_FROM):
            self._wide = wide
            self.table.set_columns(self._columns(self.total or 0))

    def _row_class(self, row: object) -> str | None:
        if not isinstance(row, Listed) or self.brief is None:
            return None
        state = self.state(row)
        return "muted" if state == "rejected" else None if state == "undecided" else "strong"

    def _count(self) -> None:
        """Ask how many there are in all, where the list doesn't say it."""
        store, brief_id = self.session.store, self.brief_id
        if self.shown:
            self.ask("everybody", lambda: CandidateWindow(store, brief_id=brief_id).count(), self._counted_all)

    def _counted_all(self, everybody: int) -> None:
        self._everybody = everybody
        self.tell()

    @property
    def brief_id(self) -> int | None:
        """The brief whose candidates are shown; None: everybody."""
        return self.brief and self.brief.id

    def window(self) -> CandidateWindow:
        """What is shown, as a window of its own."""
        return CandidateWindow(
            self.session.store, self.order, reverse=self.reverse, shown=self.shown, brief_id=self.brief_id
        )

    def show_again(self, *, at: int | None = None, keep: bool = True) -> None:
        """Read the list again; the cursor stays with its person, or goes to ``at``, or to the first row."""
        window = self.window()
        self.expect_rows()
        self.table.set_sort(self.order, descending=window.descending)
        self.table.set_empty(self._nobody())
        self._ranked = Ranked(window)
        self.table.show(self._ranked, keep=keep, at=at)

    def _nobody(self) -> str:
        if self.shown:
            return _("Nobody fits this search or filter.") + "\n\n" + _("Esc shows everybody again.")
        if self.brief is not None and self.running:
            return _("Everybody is being scored by this brief.")
        if self.brief is not None and self.brief.row.scored == 0:
            return _("Nobody is scored by this brief yet.") + "\n\n" + _("b offers to score everybody.")
        if self.brief is not None:
            return (
                _("This brief leaves everybody out.")
                + "\n\n"
                + _("b edits it: its platforms, tiers, languages or regions, or whom it excludes.")
            )
        return (
            _("There is nobody in this store yet.")
            + "\n\n"
            + _("Press i to import a file (CSV, XLSX, JSON Lines), or 4 to sync a source.")
            + "\n"
            + _("To look around first: leave with q and run 'kolbench demo'.")
        )

    # What is shown, in a line.

    def tell(self) -> None:
        """How many are shown of how many, why those, and in which order."""
        total = self.table.total if self.table.counted and self._told is not None else None
        spans: list[Span] = []
        if (brief := self.brief) is not None:
            name = _("{brief}, {purpose}").format(brief=brief.row.name, purpose=said(PURPOSES, brief.row.purpose))
            spans += [(f"[{name}]", "chip"), ("  ", "plain")]
        spans.append((separated(total) if total is not None else "…", "strong"))
        if self.shown and self._everybody is not None:
            spans.append((" " + _("of {all}").format(all=separated(self._everybody)), "muted"))
        if brief is None:
            spans.append((" " + _("creators"), "muted"))
        for chip in chips(self.shown, self._names, of_brief=brief is not None):
            spans += [("  ", "plain"), (f"[{chip}]", "chip")]
        if brief is not None and self.shortlisted is not None:
            told = _("{n} of {people} shortlisted")
            told = told.format(n=separated(self.shortlisted), people=separated(brief.row.people))
            spans += [("  ", "plain"), (told, "good" if self.shortlisted >= brief.row.people else "plain")]
        self.tell_status(spans, self._right())

    def _right(self) -> list[Span]:
        """What runs, else how many are marked, else the order."""
        if self.running:
            return [(self.running, "warn")]
        if marked := len(self.table.selected):
            return [(ngettext("{n} marked", "{n} marked", marked).format(n=separated(marked)), "strong")]
        if self.brief is not None and self.brief.row.scored < self.brief.row.version:
            return [(_("scored by an older version: b scores again"), "warn")]
        if self.brief is not None and self.brief.unmatched:
            return [(_("nobody has its words: b edits them"), "warn")]
        down = self._orders()[self.order][1] is not self.reverse
        arrow = ("↓" if down else "↑") if unicode_terminal() else ("v" if down else "^")
        return [(_("by {order}").format(order=said(ORDERS, self.order)) + f" {arrow}", "muted")]

    @on(VirtualTable.Loaded, "#main")
    def loaded(self, event: VirtualTable.Loaded) -> None:
        """Other rows: say how many."""
        self.rows_came()
        self._told = self._ranked
        if not self.shown:
            self._everybody = event.total
        self._fit_columns(event.total)
        self._show_panes()
        self.tell()
        if not event.total:
            self._tell_absent()

    def _fit_columns(self, total: int) -> None:
        """Columns as wide as the numbers, and those first in which somebody who was read has a value."""
        empty = self._ranked.empty if self._ranked is not None else None
        if (total, empty) != (self.total, self._empty):
            self.total, self._empty = total, empty
            self.table.set_columns(self._columns(total))

    def _tell_absent(self) -> None:
        """Where a search finds nobody in a brief: who bears the name, and why they aren't on its list."""
        store, brief_id, shown = self.session.store, self.brief_id, self.shown
        if brief_id is None or not shown.text:
            return

        def look() -> list[str]:
            from kolbench.programme import choosing

            return choosing.absent(store, brief_id, shown.text)

        def told(absent: list[str]) -> None:
            if absent and self.shown == shown:
                self.table.set_empty("\n".join((self._nobody(), "", *absent)))

        self.ask("absent", look, told)

    @on(VirtualTable.Failed, "#main")
    def failed(self) -> None:
        """The list says why."""
        self._show_panes()

    @on(VirtualTable.Selected, "#main")
    def marked(self) -> None:
        """Say how many are marked."""
        self.tell()

    def read_about(self) -> None:
        """The dossier; and columns for whom the cursor came to."""
        if self.table.counted and self.table.total is not None:
            self._fit_columns(self.table.total)
        key, store, brief_id = self.table.cursor_key, self.session.store, self.brief_id
        if not isinstance(key, int):
            self.sheet.show(lambda width: ())
            return

        def load() -> Dossier:
            from kolbench.screens import dossier

            return dossier.load(store, key, brief_id)

        self.ask("detail", load, self._show_detail)

    def _show_detail(self, found: Dossier) -> None:
        from kolbench.screens import dossier

        self.sheet.show(lambda width: dossier.whole(found, width), top=found.creator_id != self._detailed)
        self._detailed = found.creator_id

    # The order, the search, the filter.

    def _orders(self) -> dict[str, tuple[str, bool]]:
        return candidates.ORDERS if self.brief is None else candidates.BRIEF_ORDERS

    @on(VirtualTable.SortRequested, "#main")
    def sort_by_header(self, event: VirtualTable.SortRequested) -> None:
        """A click on a header sorts by it, a second one the other way round."""
        if event.column in self._orders():
            self._sort(event.column, event.column == self.order and not self.reverse)

    def _sort(self, order: str, reverse: bool) -> None:
        self.order, self.reverse = order, reverse
        self.show_again(keep=False)
        self.tell()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self.order, not self.reverse)

    def action_mark_all(self) -> None:
        """Mark all who are shown, or nobody any more."""
        if self.table.selected:
            self.table.select(frozenset())
            return
        window = self.window()
        self.ask("marked", lambda: window.ids()[: MARKED + 1], self._mark, keys_wait=True)

    def _mark(self, ids: Sequence[int]) -> None:
        self.table.select(frozenset(ids[:MARKED]))
        if len(ids) > MARKED:
            self.notify(_("The first {n} are marked: no more at once.").format(n=separated(MARKED)))

    def action_sort(self) -> None:
        """Choose an order."""
        from kolbench.screens.choose import Choice, Choose

        def chosen(order: str | None) -> None:
            if order:
                self._sort(order, False)

        choices = [Choice(order, said(ORDERS, order)) for order in self._orders()]
        self.app.push_screen(Choose(_("Sort by"), choices, self.order), chosen)

    def narrowed_by(self, what: str) -> bool:
        """Whether only those of one state, owner or tag are shown."""
        return getattr(self.shown, what) is not None

    def _narrow(self, shown: Filter) -> None:
        if shown == self.shown:
            return
        if shown:  # nobody is to be decided about who is out of sight
            self.table.select(frozenset())
        self.shown = shown
        self._told = None
        self.show_again(keep=False)
        self.tell()

    @property
    def sought(self) -> str:
        """What is searched for now."""
        return self.shown.text

    def seek(self, text: str) -> None:
        """Show whose name or handle fits."""
        self._narrow(replace(self.shown, text=text))

    def unsought(self) -> None:
        """Show everybody."""
        self._narrow(Filter())

    async def action_back(self) -> None:
        """Stop what runs, else mark none, else leave the search, then the filter."""
        if self.running:
            self.stop()
        else:
            await super().action_back()

    def action_filter(self) -> None:
        """Choose what to show."""
        from kolbench.screens.filtering import FilterScreen

        def chosen(narrowed: tuple[Filter, dict[str, str]] | None) -> None:
            if narrowed is not None:
                shown, self._names = narrowed
                self._narrow(shown)

        window = FilterScreen(self.session, self.shown, self._names, of_brief=self.brief is not None)
        self.app.push_screen(window, chosen)
