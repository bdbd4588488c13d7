"""Desks: screens made of lists, a section each; a row opens another list, and Esc comes back from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Span, width_of
from kolbench.screens.narrowing import NarrowedScreen
from kolbench.screens.view import Item, Listing, View, required
from kolbench.screens.words import said
from kolbench.screens.work import Table
from kolbench.widgets.cells import separated
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from textual.geometry import Size

    from kolbench.screens.file.part import Write
    from kolbench.screens.session import Session
    from kolbench.store.changes import Undone
    from kolbench.store.connect import Store

SECTION = Binding.Group(N_("Section"))

LOW = 20
"""From so many rows on there is room for the sheet below the list, where it doesn't fit beside it."""

BELOW = 8
"""Rows of the sheet below it."""


class DeskScreen(NarrowedScreen):
    """One section at a time; Enter goes into the evidence of a row, Esc comes back.

    Subclasses have ``TITLES``, ``make_sections`` and keys: for the acts of their lists, ``search``, ``undo``, ``back``.
    """

    SHEET_FROM: ClassVar[int] = 0
    SOUGHT = N_("words of a row")
    TITLES: ClassVar[dict[str, str]] = {}
    """What the sections are called, marked for translation."""

    BY_SECTION: ClassVar[frozenset[str]] = frozenset(("act", "search"))
    """Actions that some sections have; the help and the commands offer them there alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "section(-1)", N_("Section before"), group=SECTION),
        Binding("right,l", "section(1)", N_("Next section"), group=SECTION),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.trails: dict[str, list[View]] = {name: [make()] for name, make in self.make_sections().items()}
        self.section = next(iter(self.trails))
        self.counts: dict[str, int] = {}
        self._window: Listing | None = None
        self._next: Hashable | None = None
        self._told: Hashable | None = None
        self._kept = ""

    def make_sections(self) -> Mapping[str, Callable[[], View]]:
        """What makes the first list of each section, in their order."""
        raise NotImplementedError

    def waiting(self, store: Store) -> dict[str, int]:
        """What waits for an operator, by section. Called in a thread."""
        return {}

    @property
    def view(self) -> View:
        """The list that is shown."""
        return self.trails[self.section][-1]

    def make_table(self) -> Table:
        """The rows of a list."""
        return Table((), row_class=lambda row: row[1].style, id="main")

    def on_mount(self) -> None:
        """Show the first section."""
        self._read(keep=False)
        self._count()

    def place_panes(self, size: Size) -> None:
        """What there is to say stands beside the list, or below it, or nowhere."""
        self._lay_out(size)
        self._tell()

    def _lay_out(self, size: Size) -> None:
        self.lay_out(size, LOW, BELOW, beside=self.view.beside)

    def store_changed(self) -> None:
        """Read again what is shown, where the reader is."""
        if self.view.live:
            self._read()
        self._count()

    # What is shown.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done in the list that is shown has a key."""
        if action == "act":
            return parameters[0] in self.view.acts()
        if action == "search":
            return self.view.searchable or "find" in self.view.acts()
        if action == "back":
            narrowed = bool(self.sought or self.query("#search"))
            return len(self.trails[self.section]) > 1 or bool(self.table.selected) or narrowed
        return super().check_action(action, parameters)

    def action_section(self, step: int) -> None:
        """Another section."""
        every = list(self.trails)
        self.show_section(every[(every.index(self.section) + step) % len(every)])

    def show_section(self, section: str) -> None:
        """Show a section as it was left."""
        self._leave()
        self.section = section
        self._read(keep=False)

    def enter(self, view: View) -> None:
        """Go into a list."""
        self._leave()
        self.trails[self.section].append(view)
        self._read(keep=False)

    def leave(self) -> None:
        """Come back to the list before."""
        if len(self.trails[self.section]) > 1:
            self.trails[self.section].pop()
            self._read(keep=False)

    @property
    def sought(self) -> str:
        """What the list is narrowed by."""
        return self.view.sought

    def seek(self, text: str) -> None:
        """Narrow the list; the whole of it again with the cursor where it was."""
        if text != self.view.sought:
            self.view.sought, self.view.place = text, None
            self._next = None if text else self.table.cursor_key
            self.table.select(frozenset())
            self._read(keep=False)

    def unsought(self) -> None:
        """Come back from where we went."""
        self.leave()

    async def action_search(self) -> None:
        """Type to search; or find a row by its own way."""
        if "find" in self.view.acts():
            self.action_act("find")
        else:
            await super().action_search()

    def _leave(self) -> None:
        if self.query("#search"):
            self.call_later(self.leave_search)
        if self.item is not None:
            self.view.place = self.table.cursor_key
        self.table.select(frozenset())

    def _read(self, *, keep: bool = True) -> None:
        view = self.view
        at, self._next = self._next, None
        if not keep:
            self.sheet.show(lambda width: ())
            self.table.selectable = view.selectable
            self.table.set_columns(view.columns())
            self._lay_out(self.size)
            at = view.place if at is None else at
        self._told = None
        nothing = _("Nothing fits this search.") + "\n\n" + _("Esc shows all again.")
        self.table.set_empty(nothing if view.sought else view.nothing())
        if self._window is not None:
            self._window.superseded = True
        self._window = window = view.window(self.session.store)
        window.view, window.sought = view, view.sought
        self.table.set_sort(view.order, descending=True)
        self.table.show(window, keep=keep, at=at)
        self.refresh_bindings()
        self._tell()

    @on(VirtualTable.Loaded, "#main")
    def loaded(self) -> None:
        """The rows are there: say what there is to say of the one under the cursor."""
        self._tell()
        self.tell_about()

    @on(VirtualTable.SortRequested, "#main")
    def sorting(self, event: VirtualTable.SortRequested) -> None:
        """A click on a header: the list in that order."""
        if self.view.sort_by(event.column):
            self._read(keep=False)

    @on(VirtualTable.Selected, "#main")
    def marked(self) -> None:
        """Esc has something to do."""
        self.refresh_bindings()
        self._tell()

    def _count(self) -> None:
        store = self.session.store
        self.ask("counts", lambda: self.waiting(store), self._counted)

    def _counted(self, counts: dict[str, int]) -> None:
        self.counts = counts
        self._tell()

    def _tell(self) -> None:
        """The sections with what waits in each; inside of one, where we are."""
        trail = self.trails[self.section]
        rows = self.table.total
        right: list[Span] = []
        if self.table.selected:
            right = [(_("{n} marked").format(n=separated(len(self.table.selected))), "strong")]
        elif told := self.view.told():
            right = [(told, "muted")]
        elif rows is not None and (len(trail) > 1 or self.sought):
            right = [(separated(rows), "muted")]
        narrowed = (f"“{self.sought}”" if self.sought else "", self.view.narrowed())
        chip: list[Span] = [span for text in narrowed if text for span in ((f"[{text}]", "chip"), (" ", "plain"))]
        if len(trail) > 1:
            inside: list[Span] = [(f" {said(self.TITLES, self.section)} ", "tab"), (" ", "plain")]
            self.tell_status([*chip, *inside, (" › ".join(view.named() for view in trail[1:]), "strong")], right)
            return
        spans = [*chip, *self._tabs(all_named=True)]
        if width_of(spans) + width_of(right) + 3 > self.size.width:
            spans = [*chip[:-1], *self._tabs(all_named=False)]
        if chip and not self.table.selected and width_of(spans) + width_of(right) + 3 > self.size.width:
            right = []
        self.tell_status(spans, right)

    def _tabs(self, *, all_named: bool) -> list[Span]:
        spans: list[Span] = []
        for name in self.trails:
            number = self.counts.get(name)
            text = f" {said(self.TITLES, name)}" + (f" {separated(number)}" if number and all_named else "")
            spans.append((text + " ", "tab" if name == self.section else "plain" if number else "muted"))
        return spans

    # A row.

    @property
    def item(self) -> Item | None:
        """The row under the cursor; None while those of another list are still in sight."""
        row = self.table.cursor_row
        return row[1] if row is not None and row[2] is self.view else None

    def read_about(self) -> None:
        """What there is to say of the row under the cursor."""
        view, item, store = self.view, self.item, self.session.store
        about = (self.section, len(self.trails[self.section]), item and item.key)
        if about == self._told:
            return
        self._told = about

        def shown(write: Write) -> None:
            if view is self.view:
                self.sheet.show(write)

        self.ask("about", lambda: view.about(store, item), shown)

    @on(VirtualTable.Opened, "#main")
    def opened(self) -> None:
        """Enter: into the row, or to the person's file, or all there is to say of it."""
        view, item, store = self.view, self.item, self.session.store
        if item is None or view.open(self, item):
            return
        if item.opens is not None:
            self.enter(item.opens())
        elif item.creator_id is not None:
            from kolbench.screens.creator import CreatorScreen

            self.app.push_screen(CreatorScreen(self.session, item.creator_id))
        else:
            from kolbench.screens.reading import Reading

            self.ask(
                "read",
                lambda: view.about(store, item),
                lambda write: self.app.push_screen(Reading(write)),
                keys_wait=True,
            )

    # Acts.

    def action_act(self, name: str) -> None:
        """What a key does in the list that is shown."""
        if (act := self.view.acts().get(name)) is not None:
            act(self, self.item)

    def key_plus(self) -> None:
        """Say so where nothing is added."""
        if "plus" not in self.active_bindings:
            self.notify(_("Nothing is added to this list by hand."), timeout=3)

    def ask_text(self, title: str, told: Callable[[str], object], hint: str = "") -> None:
        """Ask for a line that says something."""
        from kolbench.screens.prompt import Prompt

        def given(text: str | None) -> None:
            if text is not None:
                told(text)

        self.app.push_screen(Prompt(title, hint=hint, check=required), given)

    def act(self, do: Callable[[Store, str], object], told: str, *ids: int) -> None:
        """Write in the background, say what was done, and show it."""
        self.write(ids, do, lambda _result: self.done(told), failed=self._read)

    def go_to(self, key: Hashable) -> None:
        """Where the cursor goes when the list is read again."""
        self._next = key

    def done(self, told: str, *, back: bool = True) -> None:
        """Say what was done, and whether u takes it ``back``; the screens behind this one read again, too."""
        self._kept = "" if back else told
        self.notify(_("{what} u takes it back.").format(what=told) if back else told, timeout=4 if back else 8)
        self.show_again()

    def show_same(self, *, keep: bool = True) -> None:
        """Read the rows again: nothing was written, but something of ours has changed."""
        self._read(keep=keep)

    def show_again(self) -> None:
        """Read the list again after something was written."""
        self.session.version += 1
        self._seen_version = self.session.version
        self.table.select(frozenset())
        self._read()
        self._count()

    async def action_undo(self) -> None:
        """Take back the last act; not another one where the last can't be."""
        if self._kept and not self.under_way:
            self.notify(_("That stays: {what}").format(what=self._kept), severity="warning", timeout=8)
            self._kept = ""
            return
        await super().action_undo()

    def taken_back(self, undone: Undone) -> None:
        """Show what it says now."""
        self.show_again()
