"""A table that draws only the rows in sight, read page by page through a window over the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kolbench.domain.errors import KolbenchError
from kolbench.domain.lang import N_, _
from kolbench.widgets import cells
from kolbench.widgets.columns import Column, Placed, arrange, column_at, heading, line
from kolbench.widgets.worker import Asked, QueryThread

if TYPE_CHECKING:
    from textual import events

Key = Hashable
Row = Sequence[Any]

PAGE = 128
PAGES_KEPT = 16
STRIPS_KEPT = 512
MOVED_AFTER_S = 0.15
LATE_AFTER_S = 0.25
WHEEL_ROWS = 3
GUTTER = 2


class Window(Protocol):
    """Rows in an order, read by position. A table calls all of it in one thread of its own.

    A row's first value is its key, unique in the window and hashable.
    """

    def count(self) -> int:
        """How many rows there are."""

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        """The rows at positions ``start`` to ``stop`` (exclusive); fewer where there are no more."""

    def find(self, key: Key) -> int | None:
        """The position of the row with ``key``; None when it is not here or too dear to find."""

    def close(self) -> None:
        """The table needs this window no more."""


class ListWindow:
    """A window over rows that are in memory already."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        """The rows from ``start`` to ``stop``."""
        return self._rows[start:stop]

    def find(self, key: Key) -> int | None:
        """The position of the row with ``key``."""
        return next((position for position, row in enumerate(self._rows) if row[0] == key), None)

    def close(self) -> None:
        """Nothing to let go."""


class _Opening:
    """What the thread found when it opened a window: how many rows, where the cursor goes, a first page."""

    def __init__(self, window: Window, key: Key | None, position: int, lead: int) -> None:
        self.total = window.count()
        found = window.find(key) if key is not None and self.total else None
        self.cursor = max(0, min(self.total - 1, position if found is None else found))
        top = max(0, self.cursor - lead)
        self.pages = {
            page: window.rows(page * PAGE, (page + 1) * PAGE)
            for page in {top // PAGE, self.cursor // PAGE}
            if self.total
        }


class VirtualTable(ScrollView, can_focus=True):
    """A table over a ``Window`` of any length. Only rows in sight are read, in a thread, and drawn.

    ``row_class`` names a style for a row: ``muted``, ``strong`` or ``alert``. ``empty`` is the text shown
    when there are no rows. ``selectable`` lets Space mark rows.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--muted",
        "table--strong",
        "table--alert",
        "table--notice",
        "table--error",
    }

    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr;
        background: $surface;
        color: $foreground;
        overflow: hidden scroll;
        scrollbar-size-vertical: 1;
        & > .table--header { background: $panel; color: $foreground; text-style: bold; }
        & > .table--cursor { background: $block-cursor-blurred-background; color: $foreground; text-style: bold; }
        & > .table--muted { color: $text-muted; }
        & > .table--strong { text-style: bold; }
        & > .table--alert { color: $text-warning; }
        & > .table--notice { color: $text-muted; }
        & > .table--error { color: $text-error; }
        &:focus > .table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
        &:nocolor > .table--cursor { text-style: reverse; }
        &:ansi > .table--cursor { text-style: reverse; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", N_("Down"), show=False),
        Binding("up,k", "move(-1)", N_("Up"), show=False),
        Binding("pagedown", "page(1)", N_("Page down"), show=False),
        Binding("pageup", "page(-1)", N_("Page up"), show=False),
        Binding("ctrl+d", "page(0.5)", N_("Half a page down"), show=False),
        Binding("ctrl+u", "page(-0.5)", N_("Half a page up"), show=False),
        Binding("home,g", "first", N_("First row"), show=False),
        Binding("end,G", "last", N_("Last row"), show=False),
        Binding("enter", "open", N_("Open"), show=False),
        Binding("space", "select", N_("Select"), show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    """The position of the cursor, from 0."""

    class TableMessage(Message):
        """Something happened in a table."""

        def __init__(self, table: VirtualTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> VirtualTable:
            """The table, so that ``@on(…, "#id")`` works."""
            return self.table

    class Moved(TableMessage):
        """The cursor rests on another row; ``key`` is None when there are no rows."""

        def __init__(self, table: VirtualTable, key: Key | None) -> None:
            super().__init__(table)
            self.key = key

    class Opened(TableMessage):
        """Enter or a double click on a row."""

        def __init__(self, table: VirtualTable, key: Key) -> None:
            super().__init__(table)
            self.key = key

    class Selected(TableMessage):
        """The set of selected rows changed."""

        def __init__(self, table: VirtualTable, keys: frozenset[Key]) -> None:
            super().__init__(table)
            self.keys = keys

    class SortRequested(TableMessage):
        """A click on the header of a sortable column; ``column`` is its key."""

        def __init__(self, table: VirtualTable, column: str) -> None:
            super().__init__(table)
            self.column = column

    class Loaded(TableMessage):
        """A window is open and its rows are shown; ``total`` counts them."""

        def __init__(self, table: VirtualTable, total: int) -> None:
            super().__init__(table)
            self.total = total

    class Failed(TableMessage):
        """Reading failed; the table shows the message already."""

        def __init__(self, table: VirtualTable, error: BaseException) -> None:
            super().__init__(table)
            self.error = error

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str = "",
        row_class: Callable[[Row], str | None] | None = None,
        selectable: bool = True,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.empty = empty
        self.total: int | None = None
        self.selected: frozenset[Key] = frozenset()
        self._columns = tuple(columns)
        self._sort: tuple[str, bool] | None = None
        self._row_class = row_class
        self._selectable = selectable
        self._thread = QueryThread(id or "table")
        self._window: Window | None = None
        self._outgoing: list[Window] = []
        self._turn = 0
        self._opening = False
        self._on_screen = False
        self._early: Callable[[], None] | None = None
        self._pages: LRUCache[int, Sequence[Row]] = LRUCache(PAGES_KEPT)
        self._wanted: tuple[int, ...] = ()
        self._heading = 1
        self._error: str | None = None
        self._late = False
        self._waiting: asyncio.TimerHandle | None = None
        self._moved: asyncio.TimerHandle | None = None
        self._told: Key | None = None
        self._strips: LRUCache[Hashable, Strip] = LRUCache(STRIPS_KEPT)
        self._placed: tuple[Placed, ...] = ()
        self._placed_for = -1

    # What a screen says to a table.

    def show(self, window: Window, *, keep: bool = True) -> None:
        """Show another window (a new order, filter or search) as soon as its first rows are there.

        What is shown stays until then. ``keep`` follows the row under the cursor to its new position;
        otherwise the cursor goes to the first row. A newer call supersedes one that still waits. The window
        that was shown before is closed, and can't be shown again.
        """
        self._turn += 1
        turn = self._turn
        key = self.cursor_key if keep else None
        position = self.cursor if keep else 0
        lead = self._lead if keep else 0
        if self._window is not None and self._window is not window:
            self._outgoing.append(self._window)
        self._window = window

        def opening() -> _Opening:
            self._let_go()
            return _Opening(window, key, position, lead)

        self._opening = True
        self._thread.ask("window", opening, lambda asked: self._opened(turn, position if keep else None, asked))
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_later(LATE_AFTER_S, self._show_late)

    def reload(self) -> None:
        """Read the rows in sight and their number again, because the data changed."""
        if self._window is not None:
            self.show(self._window)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns."""
        self._columns = tuple(columns)
        self._redraw()

    def set_sort(self, column: str | None, *, descending: bool = False) -> None:
        """Mark the column by which the window is ordered; this does not order anything."""
        self._sort = None if column is None else (column, descending)
        self._redraw()

    def set_empty(self, text: str) -> None:
        """The text shown when there are no rows."""
        self.empty = text
        if not self.total:
            self.refresh()

    def show_error(self, text: str) -> None:
        """Show a message in place of the rows, until the next ``show`` or ``reload`` succeeds."""
        self._error = text
        self._redraw()

    def select(self, keys: frozenset[Key]) -> None:
        """Select exactly these rows."""
        if keys != self.selected:
            self.selected = keys
            self._redraw()
            self.post_message(self.Selected(self, keys))

    def move_to(self, position: int) -> None:
        """Put the cursor on a row by its position."""
        self.cursor = position

    @property
    def cursor_key(self) -> Key | None:
        """The key of the row under the cursor; None while it is not read yet."""
        row = self.cursor_row
        return None if row is None else row[0]

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor; None while it is not read yet."""
        return self._row(self.cursor) if self.total else None

    @property
    def busy(self) -> bool:
        """Whether a question to the window is on its way."""
        return self._opening or bool(self._wanted)

    # Reading.

    def _opened(self, turn: int, left: int | None, asked: Asked[_Opening]) -> None:
        """Take over what the thread found; ``left`` is where the cursor was, None when it goes to the top."""
        if turn != self._turn:
            return
        if not self._on_screen:
            self._early = lambda: self._opened(turn, left, asked)
            return
        self._opening = False
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._late = False
        self._wanted = ()
        self._pages.clear()
        if asked.error is not None:
            self.total = None
            self._fail(asked.error)
            return
        opening = asked.value()
        self._error = None
        # Whoever moved on meanwhile goes on from there.
        moved, lead = (0, 0) if left is None else (self.cursor - left, self._lead)
        for page, rows in opening.pages.items():
            self._pages[page] = rows
        self.total = opening.total
        self.virtual_size = Size(self._width, opening.total + 1)
        self.set_reactive(VirtualTable.cursor, self.validate_cursor(opening.cursor + moved))
        self.scroll_to(y=max(0, self.cursor - lead), animate=False)
        self._bring_in_sight()
        self._redraw()
        self._read_in_sight()
        self._tell_moved()
        self.post_message(self.Loaded(self, opening.total))

    def _row(self, position: int) -> Row | None:
        page, index = divmod(position, PAGE)
        rows = self._pages.get(page)
        return rows[index] if rows is not None and index < len(rows) else None

    def _read_in_sight(self) -> None:
        """Ask for the pages in sight that are not here; when all are, for the next one on the way."""
        window, total = self._window, self.total
        if window is None or not total or self._opening:
            return
        first, last = self._pages_in_sight()
        wanted = tuple(page for page in range(first, last + 1) if page not in self._pages)
        if not wanted:
            ahead = last + 1 if self._heading > 0 else first - 1
            if not 0 <= ahead * PAGE < total or ahead in self._pages:
                return
            wanted = (ahead,)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        turn = self._turn

        def reading() -> dict[int, Sequence[Row]]:
            return {page: window.rows(page * PAGE, (page + 1) * PAGE) for page in wanted}

        self._thread.ask("pages", reading, lambda asked: self._read(turn, wanted, asked))

    def _read(self, turn: int, wanted: tuple[int, ...], asked: Asked[dict[int, Sequence[Row]]]) -> None:
        if turn != self._turn:
            return
        if self._wanted == wanted:
            self._wanted = ()
        if asked.error is not None:
            self._fail(asked.error)
            return
        for page, rows in asked.value().items():
            self._pages[page] = rows
        first, last = self._pages_in_sight()
        if any(first <= page <= last for page in wanted):
            self.refresh()
            self._read_in_sight()
        if self.cursor // PAGE in wanted and self._moved is None:
            self._tell_moved()

    def _pages_in_sight(self) -> tuple[int, int]:
        top = self.scroll_offset.y
        return top // PAGE, min((self.total or 1) - 1, top + self._rows_in_sight() - 1) // PAGE

    def _fail(self, error: BaseException) -> None:
        self._wanted = ()
        reason = str(error) if isinstance(error, KolbenchError) else f"{type(error).__name__}: {error}"
        self.show_error(_("The rows can't be read: {reason}").format(reason=reason))
        self.post_message(self.Failed(self, error))

    # Drawing.

    def render_line(self, y: int) -> Strip:
        """The header, a row, or a line of the message that stands in for the rows."""
        width = self._width
        if self._placed_for != width:
            self._placed_for, self._placed = width, arrange(self._columns, width, GUTTER)
        if y == 0:
            return self._header(width)
        if self._error is not None or not self.total:
            return self._notice(y - 1, width)
        position = self.scroll_offset.y + y - 1
        if position >= self.total:
            return Strip.blank(width, self.rich_style)
        row = self._row(position)
        if row is None:
            return self._unread(position, width)
        key = row[0]
        state = (position, position == self.cursor, key in self.selected)
        strip = self._strips.get(state)
        if strip is None:
            strip = self._strips[state] = self._drawn(row, *state[1:], width)
        return strip

    def _drawn(self, row: Row, under_cursor: bool, selected: bool, width: int) -> Strip:
        named = self._row_class(row) if self._row_class is not None else None
        style = self.rich_style if named is None else self.get_component_rich_style(f"table--{named}")
        if under_cursor:
            style = self.get_component_rich_style("table--cursor")
        text = self._gutter(under_cursor, selected) + line(self._placed, row, width, GUTTER)
        return Strip([Segment(text, style)], width)

    def _gutter(self, under_cursor: bool, selected: bool) -> str:
        pointer, mark = ("❯", "✓") if cells.unicode_terminal() else (">", "*")
        return (pointer if under_cursor else " ") + (mark if selected else " ")

    def _header(self, width: int) -> Strip:
        gutter = cells.fit(cells.ellipsis() if self._late else "", GUTTER)
        text = gutter + heading(self._placed, width, GUTTER, self._sort)
        return Strip([Segment(text, self.get_component_rich_style("table--header"))], width)

    def _unread(self, position: int, width: int) -> Strip:
        text = self._gutter(position == self.cursor, False) + cells.ellipsis()
        named = "table--cursor" if position == self.cursor else "table--notice"
        return Strip([Segment(cells.fit(text, width), self.get_component_rich_style(named))], width)

    def _notice(self, y: int, width: int) -> Strip:
        """A line of the error or of the empty state, in the middle of the table."""
        if self._error is not None:
            text, named = self._error, "table--error"
        else:
            text, named = (self.empty if self.total == 0 else ""), "table--notice"
        lines = cells.wrap(text, max(1, min(width - 4, 70)))
        index = y - max(0, (self._rows_in_sight() - len(lines)) // 2)
        if not 0 <= index < len(lines):
            return Strip.blank(width, self.rich_style)
        return Strip([Segment(cells.fit(lines[index], width, "center"), self.get_component_rich_style(named))], width)

    @property
    def _width(self) -> int:
        """The cells of a line: those beside the scrollbar."""
        return self.scrollable_content_region.width

    def _rows_in_sight(self) -> int:
        return max(1, self.size.height - 1)

    def _redraw(self) -> None:
        self._strips.clear()
        self._placed_for = -1
        self.refresh()

    def _redraw_row(self, position: int) -> None:
        y = position - self.scroll_offset.y + 1
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self._width, 1))

    def _redraw_header(self) -> None:
        self.refresh(Region(0, 0, self._width, 1))

    def _show_late(self) -> None:
        self._late = True
        self._redraw_header()

    def notify_style_update(self) -> None:
        """Theme, focus or colours changed: nothing drawn before is right any more."""
        super().notify_style_update()
        self._strips.clear()

    def on_mount(self) -> None:
        """Take the rows that came before there was a place for them."""
        self._on_screen = True
        if self._early is not None:
            self._early()
            self._early = None

    def on_resize(self) -> None:
        """Other widths arrange the columns anew, and other heights see other rows."""
        self._redraw()
        self._bring_in_sight()
        self._read_in_sight()

    def on_unmount(self) -> None:
        """Stop asking, and answering."""
        self._turn += 1
        for timer in (self._moved, self._waiting):
            if timer is not None:
                timer.cancel()
        if self._window is not None:
            self._outgoing.append(self._window)
        self._thread.close(self._let_go)

    def _let_go(self) -> None:
        """Close the windows that are shown no more, in the thread that owns them."""
        while self._outgoing:
            with suppress(Exception):
                self._outgoing.pop().close()

    # Moving.

    @property
    def _lead(self) -> int:
        """How many rows of those in sight stand above the cursor."""
        return max(0, self.cursor - self.scroll_offset.y)

    def validate_cursor(self, position: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min((self.total or 1) - 1, position))

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw two rows, scroll if need be, and tell it once the cursor rests."""
        self._redraw_row(old)
        self._redraw_row(new)
        self._bring_in_sight()
        if self._moved is not None:
            self._moved.cancel()
        self._moved = asyncio.get_running_loop().call_later(MOVED_AFTER_S, self._tell_moved)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled: read what came in sight."""
        super().watch_scroll_y(old_value, new_value)
        if new_value != old_value:
            self._heading = 1 if new_value > old_value else -1
            self._read_in_sight()

    def _bring_in_sight(self) -> None:
        top, height = self.scroll_offset.y, self._rows_in_sight()
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def _tell_moved(self) -> None:
        """Say where the cursor rests, once, and not before that row is read."""
        if self._moved is not None:
            self._moved.cancel()
            self._moved = None
        key = self.cursor_key
        if key != self._told and (key is not None or not self.total):
            self._told = key
            self.post_message(self.Moved(self, key))

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.cursor += rows

    def action_page(self, pages: float) -> None:
        """Move the cursor and the view by pages."""
        rows = int(self._rows_in_sight() * pages)
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)
        self.cursor += rows

    def action_first(self) -> None:
        """Go to the first row."""
        self.cursor = 0

    def action_last(self) -> None:
        """Go to the last row."""
        self.cursor = (self.total or 1) - 1

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.Opened(self, key))

    def action_select(self) -> None:
        """Select the row under the cursor, or no longer."""
        if self._selectable and (key := self.cursor_key) is not None:
            self.selected ^= {key}
            self._redraw_row(self.cursor)
            self.post_message(self.Selected(self, self.selected))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor under the mouse; a header asks for its order, a second click opens."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        if offset.y == 0:
            column = column_at(self._placed, offset.x)
            if column is not None and column.sortable:
                self.post_message(self.SortRequested(self, column.key))
            return
        position = self.scroll_offset.y + offset.y - 1
        if position < (self.total or 0) and self._error is None:
            self.cursor = position
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll a few rows."""
        self._wheel(event, WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll a few rows back."""
        self._wheel(event, -WHEEL_ROWS)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        event.prevent_default()
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)
