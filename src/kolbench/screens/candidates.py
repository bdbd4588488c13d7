"""Candidates: who is worth knowing, ranked, searched and filtered, with the reasons beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Span
from kolbench.screens.panes import PanesScreen
from kolbench.screens.words import ORDERS, PLATFORMS, TIERS, said
from kolbench.screens.work import Table
from kolbench.store import candidates
from kolbench.store.candidates import Candidate, CandidateWindow
from kolbench.store.filters import Filter
from kolbench.widgets.cells import ago, bar, compact, near, percent, separated, unicode_terminal
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from textual.widget import Widget
    from textual.widgets import Input

    from kolbench.screens.dossier import Dossier
    from kolbench.screens.session import Session

UNKNOWN = "·"

LATE_S = 0.3
"""How long the first frame waits for its rows."""


class Ranked:
    """The window over the candidates with each one's place in the order behind their key."""

    def __init__(self, window: CandidateWindow) -> None:
        self._window = window

    def count(self) -> int:
        """How many there are."""
        return self._window.count()

    def rows(self, start: int, stop: int) -> Sequence[Sequence[Any]]:
        """The rows: key, place, and the candidate."""
        found = self._window.rows(start, stop)
        return [(found_one.creator_id, place, found_one) for place, found_one in enumerate(found, max(0, start) + 1)]

    def find(self, key: object) -> int | None:
        """Where a creator stands, where that is cheap to say."""
        return self._window.position(key) if isinstance(key, int) else None

    def close(self) -> None:
        """Nothing is held."""


def followers(found: Candidate) -> str:
    """The followers, marked where the source rounded them."""
    if found.followers is None:
        return UNKNOWN
    return near(found.followers_pm) + compact(found.followers)


def parts(found: Candidate) -> str:
    """The five parts of the score as five bars, in the order of the dossier."""
    return "".join(
        UNKNOWN if value is None else bar(value)
        for value in (
            found.reach_score,
            found.engagement_score,
            found.voice_score,
            found.growth_score,
            found.activity_score,
        )
    )


def columns(total: int) -> list[Column]:
    """The columns of a list of ``total`` people, the dispensable ones marked so."""
    at = now()
    digits = max(3, len(str(total)))

    def of(text: Any) -> Any:
        return lambda found, _row: text(found)

    return [
        Column("place", "#", digits, "right", lambda place, _row: str(place), at=1, drop=4, sortable=False),
        Column("name", _("Name"), 12, render=of(lambda c: c.name), at=2, flex=1),
        Column("platform", _("Platform"), 11, render=of(lambda c: said(PLATFORMS, c.platform)), at=2, drop=6),
        Column("tier", _("Tier"), 7, render=of(lambda c: said(TIERS, c.tier)), at=2, drop=8, sortable=False),
        Column("followers", _("Followers"), 10, "right", of(followers), at=2, drop=1),
        Column("growth", _("30 days"), 8, "right", of(lambda c: signed(c.growth)), at=2, drop=3),
        Column("engagement", _("Engaged"), 8, "right", of(lambda c: known(percent(c.engagement))), at=2, drop=5),
        Column("voice", _("Voice"), 6, "right", of(lambda c: known(compact(c.voice))), at=2, drop=7),
        Column("score", _("Score"), 6, "right", of(lambda c: f"{c.score:.1f}"), at=2),
        Column("parts", _("Parts"), 5, render=of(parts), at=2, sortable=False),
        Column("known", _("Known"), 5, "right", of(lambda c: percent0(c.confidence)), at=2, drop=9, sortable=False),
        Column("active", _("Active"), 7, "right", of(lambda c: known(ago(c.last_active_at, at))), at=2, drop=2),
    ]


def known(text: str) -> str:
    """``text``, or the mark for what nobody has told us."""
    return text or UNKNOWN


def signed(share: float | None) -> str:
    """A growth with its sign."""
    return UNKNOWN if share is None else f"{share:+.1%}"


def percent0(share: float) -> str:
    """A share in whole percent."""
    return f"{share:.0%}"


class CandidatesScreen(PanesScreen):
    """The ranked list and, where there is room, the dossier of whoever is under the cursor."""

    HELP = N_(
        "Everybody in the store, the best first. The score has five parts: reach, engagement, voice, growth and"
        " activity; the five small bars show them in this order, and Enter shows what each was made from."
        " A dot stands for what is not known: it counts as 0.3 and lowers 'known'."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open")),
        Binding("slash", "search", N_("Search"), key_display="/"),
        Binding("f", "filter", N_("Filter")),
        Binding("s", "sort", N_("Sort")),
        Binding("S", "reverse", N_("Reverse the order"), show=False),
        Binding("n", "note", N_("Note")),
        Binding("escape", "back", N_("Show everybody"), show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.order = "score"
        self.reverse = False
        self.shown = Filter()
        self._everybody: int | None = None
        self.total: int | None = None
        self._detailed: int | None = None
        self._names: dict[str, str] = {}

    def make_table(self) -> Table:
        """The list."""
        return Table(columns(0), selectable=False, id="main")

    def body(self) -> Iterable[Widget]:
        """The list, and beside it the dossier; hidden until there are rows, or until they are late."""
        self._show(keep=False)
        for self.panes in super().body():
            self.panes.display = False
            yield self.panes
        self.set_timer(LATE_S, self._show_panes)

    def store_changed(self) -> None:
        """Read the rows in sight and the dossier again."""
        self._show()
        self._count()
        self.tell_about()

    def _show_panes(self) -> None:
        """Draw the panes, once there are rows: an empty table first would cost as much as the useful one."""
        if not self.panes.display:
            self.panes.display = True
            self.table.focus()

    def _count(self) -> None:
        """Ask how many there are in all, where the list doesn't say it."""
        store = self.session.store
        if self.shown:
            self.ask("everybody", lambda: CandidateWindow(store).count(), self._counted)

    def _counted(self, everybody: int) -> None:
        self._everybody = everybody
        self._tell()

    def _show(self, *, keep: bool = True) -> None:
        window = CandidateWindow(self.session.store, self.order, reverse=self.reverse, shown=self.shown)
        self.table.set_sort(self.order, descending=window.descending)
        if self.shown:
            self.table.set_empty(_("Nobody fits this search or filter.") + "\n\n" + _("Esc shows everybody again."))
        else:
            self.table.set_empty(
                _("There is nobody in this store yet.")
                + "\n\n"
                + _("Press i to import a file (CSV, XLSX, JSON Lines), or 4 to sync a source.")
                + "\n"
                + _("To look around first: leave with q and run 'kolbench demo'.")
            )
        self.table.show(Ranked(window), keep=keep)

    def _tell(self) -> None:
        """How many are shown of how many, why those, and in which order."""
        total = self.table.total
        spans: list[Span] = [(separated(total) if total is not None else "…", "strong")]
        if self.shown and self._everybody is not None:
            spans.append((" " + _("of {all}").format(all=separated(self._everybody)), "muted"))
        spans.append((" " + _("creators"), "muted"))
        for chip in self._chips():
            spans += [("  ", "plain"), (f"[{chip}]", "chip")]
        down = candidates.ORDERS[self.order][1] is not self.reverse
        arrow = ("↓" if down else "↑") if unicode_terminal() else ("v" if down else "^")
        self.tell_status(spans, [(_("by {order}").format(order=said(ORDERS, self.order)) + f" {arrow}", "muted")])

    def _chips(self) -> Iterable[str]:
        shown = self.shown
        if shown.text:
            yield f"“{shown.text}”"
        if shown.platform:
            yield said(PLATFORMS, shown.platform)
        if shown.tier:
            yield said(TIERS, shown.tier)
        if shown.followers_from is not None or shown.followers_to is not None:
            yield f"{compact(shown.followers_from)}–{compact(shown.followers_to)} " + _("followers")
        for key, value in (("community", shown.community_id), ("source", shown.source_id)):
            if value is not None:
                yield self._names.get(key, str(value))

    @on(VirtualTable.Loaded, "#main")
    def loaded(self, event: VirtualTable.Loaded) -> None:
        """Other rows: say how many."""
        if not self.shown:
            self._everybody = event.total
        if event.total != self.total:
            self.total = event.total
            self.table.set_columns(columns(event.total))
        self._show_panes()
        self._tell()

    def read_about(self) -> None:
        """The dossier."""
        key, store = self.table.cursor_key, self.session.store
        if not isinstance(key, int):
            self.sheet.show(lambda width: ())
            return

        def load() -> Dossier:
            from kolbench.screens import dossier

            return dossier.load(store, key)

        self.ask("detail", load, self._show_detail)

    def _show_detail(self, found: Dossier) -> None:
        from kolbench.screens import dossier

        self.sheet.show(lambda width: dossier.whole(found, width), top=found.creator_id != self._detailed)
        self._detailed = found.creator_id

    @on(VirtualTable.SortRequested, "#main")
    def sort_by_header(self, event: VirtualTable.SortRequested) -> None:
        """A click on a header sorts by it, a second one the other way round."""
        if event.column in ORDERS:
            self._sort(event.column, event.column == self.order and not self.reverse)

    def _sort(self, order: str, reverse: bool) -> None:
        self.order, self.reverse = order, reverse
        self._show(keep=False)
        self._tell()

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter or a double click."""
        self.action_open()

    def action_open(self) -> None:
        """Open the creator's file."""
        from kolbench.screens.creator import CreatorScreen

        if isinstance(key := self.table.cursor_key, int):
            self.app.push_screen(CreatorScreen(self.session, key))

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self.order, not self.reverse)

    def action_sort(self) -> None:
        """Choose an order."""
        from kolbench.screens.choose import Choice, Choose

        def chosen(order: str | None) -> None:
            if order:
                self._sort(order, False)

        choices = [Choice(order, said(ORDERS, order)) for order in candidates.ORDERS]
        self.app.push_screen(Choose(_("Sort by"), choices, self.order), chosen)

    def action_search(self) -> None:
        """Type to search."""
        from kolbench.screens.searching import SearchLine

        if not self.query("#search"):
            self.mount(SearchLine(self.shown.text), after="#status")
        self.query_one("#search").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Every key narrows the list."""
        self._narrow(replace(self.shown, text=event.value.strip()))

    def on_input_submitted(self) -> None:
        """Enter goes on in the list."""
        self.query("#search").remove()
        self.table.focus()

    def action_move(self, rows: int) -> None:
        """Move in the list while the focus is in the search."""
        self.table.action_move(rows)

    @on(VirtualTable.Failed, "#main")
    def failed(self) -> None:
        """The list says why."""
        self._show_panes()

    def _narrow(self, shown: Filter) -> None:
        if shown != self.shown:
            self.shown = shown
            self._show(keep=False)

    def action_back(self) -> None:
        """Leave the search, then the filter."""
        self.query("#search").remove()
        self.table.focus()
        self._narrow(replace(self.shown, text="") if self.shown.text else Filter())

    def action_filter(self) -> None:
        """Choose what to show."""
        from kolbench.screens.filtering import FilterScreen

        def chosen(narrowed: tuple[Filter, dict[str, str]] | None) -> None:
            if narrowed is not None:
                shown, self._names = narrowed
                self._narrow(shown)

        self.app.push_screen(FilterScreen(self.session, self.shown, self._names), chosen)

    def action_note(self) -> None:
        """Write a note on whoever is under the cursor."""
        from kolbench.screens.noting import ask_note

        row = self.table.cursor_row
        if row is not None:
            ask_note(self, row[0], row[2].name)
