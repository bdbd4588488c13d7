"""A person's file in sections: which is shown, what is said of its lines, and what is read anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.acting import ActingScreen
from kolbench.screens.file import written
from kolbench.screens.file.part import Item, Page, Whose
from kolbench.screens.file.parts import PARTS
from kolbench.screens.lines import Bar, Line, Span, width_of
from kolbench.screens.words import PLATFORMS, TIERS, said
from kolbench.screens.work import Table
from kolbench.store import candidates, creators, history, merges, owners, suggestions
from kolbench.widgets.virtual_table import ListWindow, VirtualTable

if TYPE_CHECKING:
    from textual.events import Resize
    from textual.widget import Widget

    from kolbench.screens.file.part import Part, Write
    from kolbench.screens.session import Session
    from kolbench.store.changes import Undone
    from kolbench.store.history import Written

AHEAD = 40
"""So many rows before the end of what is read, the next page is asked for."""


class Head(NamedTuple):
    """Whose file it is in a few words, who looks after them, and how many others they may be."""

    name: str
    told: str
    owner: str
    alike: int


class SectionedScreen(ActingScreen):
    """One section at a time and, where there is room, beside it what there is to say of the line under the cursor."""

    SHEET_FROM: ClassVar[int] = 100

    def __init__(self, session: Session, creator_id: int, brief_id: int | None = None) -> None:
        super().__init__(session)
        self.creator_id = creator_id
        self.brief_id = brief_id
        self.parts = [made() for made in PARTS]
        self.part = self.parts[0]
        self.head: Head | None = None
        self.items: list[Item] = []
        self.older: Any = None
        self._places: dict[str, Any] = {}
        self._also: tuple[str, Write | None] | None = None
        self._told: tuple[str, Any] | None = None
        self._reading_on = False

    # What is shown.

    def make_table(self) -> Table:
        """The lines of a section."""
        return Table(
            PARTS[0]().columns(),
            selectable=False,
            enter=N_("Open"),
            row_class=lambda row: row[1].style,
            id="main",
        )

    def body(self) -> Iterable[Widget]:
        """The sections' names above the two panes."""
        yield Bar(id="tabs")
        yield from super().body()

    def on_mount(self) -> None:
        """Read the first section."""
        self.sheet.display = self.app.size.width >= self.SHEET_FROM
        self.open_section(self.part.key)

    def on_resize(self, event: Resize) -> None:
        """Another width has room for other names; where there is room for it, the sheet is beside the list."""
        self.table.display = True
        self._tell_tabs()

    def store_changed(self) -> None:
        """Read the section again, where the reader is."""
        self._read()

    def show_again(self, *, at: int | None = None) -> None:
        """Something was written: read it, and have the screens behind this one do so, too."""
        self.session.version += 1
        self._seen_version = self.session.version
        self._read()

    def narrowed_by(self, what: str) -> bool:
        """It is always this person."""
        return False

    def meant(self) -> list[int]:
        """This person."""
        return [self.creator_id]

    def whom(self, ids: Sequence[int]) -> str:
        """Their name."""
        return self.head.name if self.head is not None else ""

    def noted(self) -> None:
        """A note was kept: show it."""
        super().noted()
        self.show_again()

    def taken_back(self, undone: Undone) -> None:
        """Something was taken back: show what it says now."""
        self.show_again()

    def whose(self) -> Whose:
        """Called in a thread: whoever this is was perhaps merged into somebody else."""
        store = self.session.store
        return Whose(store, merges.root(store.reader(), self.creator_id), self.brief_id, now())

    def open_section(self, key: str) -> None:
        """Read the section with that key; the cursor goes to where it was when it was left."""
        if self.items:
            self._places[self.part.key] = self.table.cursor_key
        self.part = next(part for part in self.parts if part.key == key)
        self.items = []
        self._also = None
        self._tell_tabs()
        self._read(keep=False)

    def _read(self, *, keep: bool = True) -> None:
        part, many, both = self.part, len(self.items), self.sheet.display
        self._also = None

        def read() -> tuple[Head, Page, Write | None]:
            whose = self.whose()
            page = part.load(whose)
            items = list(page.items)
            while page.older is not None and len(items) < many:
                page = part.load(whose, page.older)
                items += page.items
            return _head(whose), Page(items, page.older), part.beside(whose) if both else None

        def shown(found: tuple[Head, Page, Write | None]) -> None:
            if part is self.part:
                self.head, page, beside = found
                if both:
                    self._also = part.key, beside
                self._tell()
                self._show(page, keep=keep)

        self.ask("part", read, shown)

    def _show(self, page: Page, *, keep: bool) -> None:
        self.items, self.older = list(page.items), page.older
        if not keep:
            self.table.set_columns(self.part.columns())
        self.table.set_empty(_(self.part.empty))
        at = None if keep else self._places.get(self.part.key)
        self._told = None
        self.table.show(ListWindow([(item.key, item) for item in self.items]), keep=keep, at=at)

    @on(VirtualTable.Loaded, "#main")
    def loaded(self) -> None:
        """The lines are there: say what there is to say of the one under the cursor."""
        if self.sheet.display:
            self.read_about()

    @on(VirtualTable.Moved, "#main")
    def rested(self) -> None:
        """The cursor rests: near the end, the next page is read."""
        super().rested()
        if self.older is not None and not self._reading_on and self.table.cursor > len(self.items) - AHEAD:
            part, older = self.part, self.older
            self._reading_on = True

            def shown(page: Page) -> None:
                self._reading_on = False
                if part is self.part and older == self.older:
                    self._show(Page([*self.items, *page.items], page.older), keep=True)

            self.ask("older", lambda: part.load(self.whose(), older), shown)

    def complain(self, error: BaseException) -> None:
        """Tell it, and let the next page be asked for again."""
        self._reading_on, self._told = False, None
        super().complain(error)

    def _tell(self) -> None:
        """Say who it is, and how many others they may be."""
        if (head := self.head) is None:
            return
        text = ngettext("may be {n} other (m)", "may be {n} others (m)", head.alike).format(n=head.alike)
        left: list[Span] = [(head.name, "title"), ("  " + head.told, "muted")]
        self.tell_status(left, [(text, "warn")] if head.alike else None)

    def _tell_tabs(self) -> None:
        """The sections, each with its key, and as many of their names as fit."""
        actions = [f"screen.part('{part.key}')" for part in self.parts for _span in range(2)]
        for bar in self.query("#tabs").results(Bar):
            bar.show(self._fitting_tabs(self.size.width), actions=actions)

    def _fitting_tabs(self, width: int) -> list[Span]:
        """All names where they fit; else closer together the one that is shown, and of the others the shortest."""
        spans = self._tabs(self.parts, before=" ")
        if width_of(spans) <= width:
            return spans
        named = [self.part]
        for part in sorted(self.parts, key=lambda part: width_of([(_(part.title), "")])):
            if part is not self.part and width_of(self._tabs([*named, part])) <= width:
                named.append(part)
        return self._tabs(named)

    def _tabs(self, named: Sequence[Part], before: str = "") -> list[Span]:
        spans: list[Span] = []
        for part in self.parts:
            here = part is self.part
            name = f"{_(part.title)} " if part in named else ""
            key = f"{' ' if here else before}{part.key} "
            spans += [(key, "tab" if here else "key"), (name, "tab" if here else "muted")]
        return spans

    # What is said of a line.

    def item(self) -> Item | None:
        """The line under the cursor."""
        row = self.table.cursor_row
        return row[1] if row is not None else None

    def read_about(self) -> None:
        """What is said of the line, its history, and what else stands beside the section."""
        item, part, beside = self.item(), self.part, self._also
        about = (part.key, item and item.key)
        if about == self._told:
            return
        self._told = about
        if beside is not None and beside[0] == part.key and (item is None or item.history is None):
            self.sheet.show(lambda width: _about(item, (), beside[1], width))
            return

        def read() -> tuple[Sequence[Written], Write | None]:
            whose = self.whose()
            also = beside[1] if beside is not None and beside[0] == part.key else part.beside(whose)
            return _history(whose, item), also

        def shown(found: tuple[Sequence[Written], Write | None]) -> None:
            if part is self.part:
                self._also = part.key, found[1]
                self.sheet.show(lambda width: _about(item, *found, width))

        self.ask("about", read, shown)

    def action_other_side(self) -> None:
        """To the other pane; where there is room for one only, the other in its place."""
        if self.size.width >= self.SHEET_FROM:
            self.focus_next()
            return
        turned = self.table.display
        self.table.display, self.sheet.display = not turned, turned
        self.set_focus(self.sheet if turned else self.table)
        if turned:
            self.read_about()

    async def action_back(self) -> None:
        """Back to the list where the sheet is in its place, else to where we came from."""
        if self.table.display:
            self.app.pop_screen()
        else:
            self.action_other_side()

    def action_history(self) -> None:
        """Who changed the line under the cursor, when, and what it said before."""
        if (item := self.item()) is None:
            return

        def shown(found: Sequence[Written]) -> None:
            from kolbench.screens.reading import Reading

            def write(width: int) -> Iterable[Line]:
                yield [(" ".join(item.cells[:2]), "title")]
                lines = list(written.lines(found, _field(item), width))
                yield from lines or [[], [(_("Nobody here has changed it."), "muted")]]

            self.app.push_screen(Reading(write))

        self.ask("history", lambda: _history(self.whose(), item), shown, keys_wait=True)


def _head(whose: Whose) -> Head:
    store, creator_id = whose.store, whose.creator_id
    found = candidates.get(store, creator_id)
    told = _("not ranked: a bot, staff, or without accounts")
    if found is not None:
        handle = f"@{found.handle}" if found.handle else None
        parts = (said(PLATFORMS, found.platform), handle, said(TIERS, found.tier), found.category, found.region)
        told = " · ".join(part for part in parts if part)
    return Head(
        found.name if found is not None else creators.name(store, creator_id) or "",
        told,
        owners.of(store, [creator_id]).get(creator_id, ""),
        len(suggestions.order(store, creator_id)),
    )


def _history(whose: Whose, item: Item | None) -> Sequence[Written]:
    if item is None or item.history is None:
        return ()
    entity, columns = item.history
    return history.of(whose.store, entity, **columns)


def _field(item: Item) -> str | None:
    """Which field it is, for a fact."""
    return None if item.history is None else item.history[1].get("field")


def _about(item: Item | None, found: Sequence[Written], beside: Write | None, width: int) -> Iterable[Line]:
    said_of_it = [] if item is None else [*item.about(width), *written.lines(found, _field(item), width)]
    yield from said_of_it
    if beside is not None:
        if said_of_it:
            yield []
        yield from beside(width)
