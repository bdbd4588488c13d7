"""The creator's file: everything about one person in sections, a key each, all of it changed where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.screens.acting import ActingScreen
from kolbench.screens.file import written
from kolbench.screens.file.forms import fill, keep
from kolbench.screens.file.overview import owner_form
from kolbench.screens.file.part import Item, Page, Whose
from kolbench.screens.file.parts import PARTS
from kolbench.screens.file.story import StoryPart
from kolbench.screens.lines import Bar, Line, Span, width_of
from kolbench.screens.words import PLATFORMS, TIERS, said
from kolbench.screens.work import Table
from kolbench.store import candidates, creators, history, merges, owners, suggestions
from kolbench.widgets.virtual_table import ListWindow, VirtualTable

if TYPE_CHECKING:
    from textual.events import Resize
    from textual.widget import Widget

    from kolbench.screens.file.forms import Form
    from kolbench.screens.file.part import Write
    from kolbench.screens.session import Session
    from kolbench.store.changes import Undone
    from kolbench.store.history import Written

CHANGE = Binding.Group(N_("Change"))

AHEAD = 40
"""So many rows before the end of what is read, the next page is asked for."""


class Head(NamedTuple):
    """Whose file it is in a few words, who looks after them, and how many others they may be."""

    name: str
    told: str
    owner: str
    alike: int


class CreatorScreen(ActingScreen):
    """One creator: a section at a time and, where there is room, what there is to say of the line under the cursor."""

    SHEET_FROM: ClassVar[int] = 100
    HELP = N_(
        "All that is on file about one person, a section a key: the capital before its name. Enter changes the line"
        " under the cursor, or goes to where it is written; + adds, - takes off, u takes back. Where a colleague has"
        " changed the same meanwhile, both are shown and you choose. H tells who changed a line, when, and what it said"
        " before. Where there is no room for two columns, Tab shows what is said of the line."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", N_("Edit"), group=CHANGE),
        Binding("plus,equals_sign", "add", N_("Add"), key_display="+", group=CHANGE),
        Binding("minus,delete", "remove", N_("Take off"), key_display="-", group=CHANGE),
        Binding("H", "history", N_("History")),
        Binding("w", "why", N_("Why")),
        Binding("tab", "other_side", N_("Other side"), show=False),
        Binding("y", "copy", N_("Copy the link")),
        Binding("f", "kinds", N_("Kinds of entries"), show=False),
        Binding("m", "merging", N_("Same person?"), show=False),
        Binding("left,h", "step(-1)", N_("Section before"), show=False),
        Binding("right,l", "step(1)", N_("Next section"), show=False),
        *(Binding(part.key, f"part('{part.key}')", part.title, show=False) for part in PARTS),
        Binding("escape", "back", N_("Back")),
    ]

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
        self._beside: tuple[str, Write | None] | None = None
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
        self._open(self.part.key)

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

    def _whose(self) -> Whose:
        """Called in a thread: whoever this is was perhaps merged into somebody else."""
        store = self.session.store
        return Whose(store, merges.root(store.reader(), self.creator_id), self.brief_id, now())

    def _open(self, key: str) -> None:
        if self.items:
            self._places[self.part.key] = self.table.cursor_key
        self.part = next(part for part in self.parts if part.key == key)
        self.items = []
        self._beside = None
        self._tell_tabs()
        self._read(keep=False)

    def _read(self, *, keep: bool = True) -> None:
        part, many, both = self.part, len(self.items), self.sheet.display
        self._beside = None

        def read() -> tuple[Head, Page, Write | None]:
            whose = self._whose()
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
                    self._beside = part.key, beside
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

            self.ask("older", lambda: part.load(self._whose(), older), shown)

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
        """The sections: all names where they fit, else only that of the one that is shown, and the keys of all."""
        for bar in self.query("#tabs").results(Bar):
            width = self.size.width
            spans = next(
                (found for found in (self._tabs(short=False), self._tabs(short=True)) if width_of(found) <= width),
                self._tabs(short=True),
            )
            actions = [f"screen.part('{part.key}')" for part in self.parts for _span in range(2)]
            bar.show(spans, actions=actions)

    def _tabs(self, *, short: bool) -> list[Span]:
        spans: list[Span] = []
        for part in self.parts:
            here = part is self.part
            name = "" if short and not here else f"{_(part.title)} "
            spans += [(f" {part.key} ", "tab" if here else "key"), (name, "tab" if here else "muted")]
        return spans

    # What is said of a line.

    def _item(self) -> Item | None:
        row = self.table.cursor_row
        return row[1] if row is not None else None

    def read_about(self) -> None:
        """What is said of the line, its history, and what else stands beside the section."""
        item, part, beside = self._item(), self.part, self._beside
        about = (part.key, item and item.key)
        if about == self._told:
            return
        self._told = about
        if beside is not None and beside[0] == part.key and (item is None or item.history is None):
            self.sheet.show(lambda width: _about(item, (), beside[1], width))
            return

        def read() -> tuple[Sequence[Written], Write | None]:
            whose = self._whose()
            also = beside[1] if beside is not None and beside[0] == part.key else part.beside(whose)
            return _history(whose, item), also

        def shown(found: tuple[Sequence[Written], Write | None]) -> None:
            if part is self.part:
                self._beside = part.key, found[1]
                self.sheet.show(lambda width: _about(item, *found, width))

        self.ask("about", read, shown)

    def action_other_side(self) -> None:
        """To the other pane; where there is room for one only, the other in its place."""
        if self.size.width >= self.SHEET_FROM:
            self.focus_next()
            return
        turned = self.table.display
        self.table.display, self.sheet.display = not turned, turned
        (self.sheet if turned else self.table).focus()
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
        if (item := self._item()) is None:
            return

        def shown(found: Sequence[Written]) -> None:
            from kolbench.screens.reading import Reading

            def write(width: int) -> Iterable[Line]:
                yield [(" ".join(item.cells[:2]), "title")]
                lines = list(written.lines(found, _field(item), width))
                yield from lines or [[], [(_("Nobody here has changed it."), "muted")]]

            self.app.push_screen(Reading(write))

        self.ask("history", lambda: _history(self._whose(), item), shown)

    # Going about.

    def action_part(self, key: str) -> None:
        """Show a section."""
        if not self.table.display:
            self.action_other_side()
        self._open(key)
        self.table.focus()

    def action_step(self, step: int) -> None:
        """The section beside this one."""
        place = (self.parts.index(self.part) + step) % len(self.parts)
        self.action_part(self.parts[place].key)

    @on(VirtualTable.Opened, "#main")
    async def opened(self) -> None:
        """Enter: change the line, or go to where it is written, or read what is said of it."""
        item = self._item()
        if item is None:
            return
        if item.form is not None:
            self.action_edit()
        elif item.action is not None:
            await self.run_action(f"screen.{item.action}")
        elif item.goes is not None:
            self.action_part(item.goes)
        else:
            self.action_other_side()

    def action_kinds(self) -> None:
        """Choose what the timeline shows."""
        from kolbench.programme import timeline
        from kolbench.screens.choose import Choice
        from kolbench.screens.several import Several
        from kolbench.screens.telling import KINDS

        story = next(part for part in self.parts if isinstance(part, StoryPart))

        def chosen(kinds: tuple[str, ...] | None) -> None:
            if kinds is not None:
                story.kinds = kinds or None
                self.action_part(story.key)

        choices = [Choice(kind, said(KINDS, kind)) for kind in timeline.KINDS]
        self.app.push_screen(Several(_("Kinds of entries"), choices, story.kinds or ()), chosen)

    def action_why(self) -> None:
        """Show what the score was made from."""
        from kolbench.screens.why import WhyScreen

        self.app.push_screen(WhyScreen(self.session, self.creator_id, self.brief_id))

    def action_merging(self) -> None:
        """Who may be the same person."""
        from kolbench.screens.merging import MergingScreen

        self.app.push_screen(MergingScreen(self.session, self.creator_id))

    def action_copy(self) -> None:
        """Copy the link of the line, else that of the first account that has one, through the terminal."""
        item = self._item()
        link = item.link if item is not None else None

        def copy(found: str | None) -> None:
            if found is None:
                self.notify(_("No account of theirs has a link."), timeout=3)
            else:
                self.app.copy_to_clipboard(found)
                self.notify(_("Copied: {link}").format(link=found), timeout=3)

        def first() -> str | None:
            accounts = creators.accounts(self.session.store, self._whose().creator_id)
            return next((account.url for account in accounts if account.url), None)

        if link is not None:
            copy(link)
        else:
            self.ask("link", first, copy)

    # Changing.

    def action_edit(self) -> None:
        """Change the line under the cursor."""
        item = self._item()
        if item is None or (item.form is None and item.action is None):
            self.notify(_("That is not written here: it comes from elsewhere."), timeout=3)
        elif item.form is not None:
            fill(self, item.form, self.show_again)
        else:
            self.run_worker(self.run_action(f"screen.{item.action}"))

    def action_add(self) -> None:
        """Add an entry to the section."""
        part = self.part

        def offer(forms: Sequence[Form]) -> None:
            from kolbench.screens.choose import Choice, Choose

            def chosen(place: str | None) -> None:
                if place is not None:
                    fill(self, forms[int(place)], self.show_again)

            if not forms:
                self.notify(_("Nothing is added here by hand. n writes a note."), timeout=3)
            elif len(forms) == 1:
                chosen("0")
            else:
                choices = [Choice(str(place), form.title) for place, form in enumerate(forms)]
                self.app.push_screen(Choose(_("Add"), choices, numbered=True), chosen)

        self.ask("adds", lambda: part.adds(self._whose()), offer)

    def action_remove(self) -> None:
        """Take the line off the file; u brings it back."""
        item = self._item()
        if item is None or item.remove is None:
            self.notify(_("That can't be taken off."), timeout=3)
            return

        def removed(_result: object) -> None:
            self.notify(_("{what} u takes it back.").format(what=_("Taken off.")), timeout=4)
            self.show_again()

        self.write([self.creator_id], item.remove, removed, failed=self._read)

    def _own(self, ids: Sequence[int], owner: str | None) -> None:
        if self.head is not None:
            keep(self, owner_form(ids[0], self.head.owner), {"owner": owner or ""}, self.show_again)


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
