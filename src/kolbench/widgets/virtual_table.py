"""A table that draws only the rows in sight, read page by page through a window over the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.strip import Strip

from kolbench.domain.errors import KolbenchError, named
from kolbench.domain.lang import N_, _
from kolbench.widgets import cells, table_messages
from kolbench.widgets.columns import GUTTER, Column, Placed, arrange, column_at, gutter, heading, line
from kolbench.widgets.cursor_view import CursorView
from kolbench.widgets.window import Key, ListWindow, Opening, Pages, Row, Window
from kolbench.widgets.worker import cancel

if TYPE_CHECKING:
    from textual import events

    from kolbench.widgets.worker import Asked

__all__ = ["Key", "ListWindow", "Row", "VirtualTable", "Window"]

STRIPS_KEPT = 512
MOVED_AFTER_S = 0.15
LATE_AFTER_S = 0.25


class VirtualTable(CursorView):
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
        background: $surface;
        color: $foreground;
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
        Binding("enter", "open", N_("Open"), show=False),
        Binding("space", "select", N_("Select"), show=False),
        Binding("shift+down", "select_along(1)", N_("Select and go down"), show=False),
        Binding("shift+up", "select_along(-1)", N_("Select and go up"), show=False),
    ]

    Moved: TypeAlias = table_messages.Moved
    Opened: TypeAlias = table_messages.Opened
    Selected: TypeAlias = table_messages.Selected
    SortRequested: TypeAlias = table_messages.SortRequested
    Loaded: TypeAlias = table_messages.Loaded
    Failed: TypeAlias = table_messages.Failed

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str = "",
        row_class: Callable[[Row], str | None] | None = None,
        selectable: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        super().__init__(id=id)
        self.empty = empty
        self.selected: frozenset[Key] = frozenset()
        self._columns = tuple(columns)
        self._sort: tuple[str, bool] | None = None
        self._row_class = row_class
        self.selectable = selectable
        self._pages = Pages(id or "table", self._arrived, self._fail)
        self._aim: tuple[Key | None, int | None, int] = (None, None, 0)
        self._last_wanted = False
        self._on_screen = False
        self._early: Callable[[], None] | None = None
        self._heading = 1
        self._error: str | None = None
        self._late = False
        self._waiting: asyncio.TimerHandle | None = None
        self._moved: asyncio.TimerHandle | None = None
        self._told: Key | None = None
        self._strips: LRUCache[Hashable, Strip] = LRUCache(STRIPS_KEPT)
        self._placed: tuple[Placed, ...] = ()
        self._placed_for = -1

    def show(self, window: Window, *, keep: bool = True, at: Key | None = None) -> None:
        """Show another window (a new order, filter or search) as soon as its first rows are there.

        What is shown stays until then. The cursor goes to the row whose key is ``at``. Without one, ``keep`` follows
        the row under the cursor to its new position, or the row that an earlier call still waits for; otherwise the
        cursor goes to the first row. A newer call supersedes one that still waits. The window that was shown before
        is closed, and can't be shown again.
        """
        if not keep:
            self._aim = (at, None, 0)
        elif at is not None or not self._pages.opening:
            self._aim = (self.cursor_key if at is None else at, self.cursor, self.lead)
        key, left, lead = self._aim
        self._last_wanted = False
        self._pages.open(window, key, left, lead, self._glanced, self._opened)
        if self._waiting is None and self._pages.opening:
            self._waiting = asyncio.get_running_loop().call_later(LATE_AFTER_S, self._show_late)

    def reload(self) -> None:
        """Read the rows in sight and their number again, because the data changed."""
        if self._pages.window is not None:
            self.show(self._pages.window)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns."""
        self._columns = tuple(columns)
        self._redraw()

    def set_sort(self, column: str | None, *, descending: bool = False) -> None:
        """Mark the column by which the window is ordered; this does not order anything."""
        self._sort = None if column is None else (column, descending)
        self._redraw()

    def redraw_rows(self, keys: Collection[Key]) -> None:
        """Draw rows in sight again, because what their columns say of them has changed."""
        self._strips.clear()
        top = self.scroll_offset.y
        for position in range(top, min(self.total or 0, top + self.rows_in_sight)):
            row = self._pages.row(position)
            if row is not None and row[0] in keys:
                self.redraw_row(position)

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

    @property
    def total(self) -> int | None:
        """How many rows there are, or while they are being ``counted``, are here; None while nothing is known."""
        return self._pages.total

    @property
    def counted(self) -> bool:
        """Whether ``total`` is how many rows there are."""
        return self._pages.counted

    @property
    def cursor_key(self) -> Key | None:
        """The key of the row under the cursor; None while it is not read yet."""
        return None if (row := self.cursor_row) is None else row[0]

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor; None while it is not read yet."""
        return self._pages.row(self.cursor) if self.total else None

    def beside(self, keys: Collection[Key]) -> Key | None:
        """The key of the next row at or after the cursor that is not one of ``keys``, else of the nearest before it.

        None when it would have to be read first.
        """
        for positions in (range(self.cursor, self.total or 0), range(self.cursor - 1, -1, -1)):
            for position in positions:
                row = self._pages.row(position)
                if row is None:
                    break
                key: Key = row[0]
                if key not in keys:
                    return key
        return None

    @property
    def busy(self) -> bool:
        """Whether a question to the window is on its way."""
        return self._pages.busy or self._early is not None

    def _glanced(self) -> None:
        """Show the first rows, while the others are counted."""
        if self._on_screen:
            self._aim = (None, 0, 0)  # the cursor goes on from the row where it is then
            self._show_from(0, 0)

    def _opened(self, asked: Asked[Opening]) -> None:
        """Show what the thread found; where the cursor was, or that it goes to the top, says ``_aim``."""
        if not self._on_screen:
            self._early = lambda: self._opened(asked)
            return
        cancel(self._waiting)
        self._late, self._waiting = False, None
        if asked.error is not None:
            self._fail(asked.error)
            return
        opening = asked.value()
        _key, left, _lead = self._aim
        # Whoever moved on meanwhile goes on from there.
        moved, lead = (0, 0) if left is None else (self.cursor - left, self.lead)
        self._show_from(opening.total - 1 if self._last_wanted else opening.cursor + moved, lead)
        self.call_after_refresh(self._read_in_sight)  # what is here is drawn before more is read
        self.post_message(self.Loaded(self, opening.total))

    def _show_from(self, cursor: int, lead: int) -> None:
        self._error = None
        self.virtual_size = Size(self.row_width, (self.total or 0) + 1)
        self.place(cursor, lead)
        self._redraw()
        self._tell_moved()

    def _read_in_sight(self) -> None:
        self._pages.want(self.scroll_offset.y, self.rows_in_sight, self._heading)

    def _arrived(self) -> None:
        self.refresh()
        self._read_in_sight()
        if self._moved is None:
            self._tell_moved()

    def _fail(self, error: BaseException) -> None:
        reason = str(error) if isinstance(error, KolbenchError) else named(error)
        self.show_error(_("The rows can't be read: {reason}").format(reason=reason))
        self.post_message(self.Failed(self, error))

    def render_line(self, y: int) -> Strip:
        """The header, a row, or a line of the message that stands in for the rows."""
        width = self.row_width
        if self._placed_for != width:
            self._placed_for, self._placed = width, arrange(self._columns, width, GUTTER)
        if y == 0:
            return self._header(width)
        if self._error is not None or not self.total:
            return self._notice(y - 1, width)
        position = self.scroll_offset.y + y - 1
        if position >= self.total:
            return Strip.blank(width, self.rich_style)
        row = self._pages.row(position)
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
        text = gutter(under_cursor, selected) + line(self._placed, row, width, GUTTER)
        return Strip([Segment(text, style)], width)

    def _header(self, width: int) -> Strip:
        text = cells.fit(cells.ellipsis() if self._late else "", GUTTER) + heading(
            self._placed, width, GUTTER, self._sort
        )
        return Strip([Segment(text, self.get_component_rich_style("table--header"))], width)

    def _unread(self, position: int, width: int) -> Strip:
        text = gutter(position == self.cursor, False) + cells.ellipsis()
        named = "table--cursor" if position == self.cursor else "table--notice"
        return Strip([Segment(cells.fit(text, width), self.get_component_rich_style(named))], width)

    def _notice(self, y: int, width: int) -> Strip:
        """A line of the error or of the empty state, in the middle of the table."""
        if self._error is not None:
            text, named = self._error, "table--error"
        else:
            text, named = (self.empty if self.total == 0 else ""), "table--notice"
        shown = cells.amid(text, y, self.rows_in_sight, width)
        return Strip([Segment(shown, self.get_component_rich_style(named))], width)

    def _redraw(self) -> None:
        self._strips.clear()
        self._placed_for = -1
        self.refresh()

    def _show_late(self) -> None:
        self._late = True
        self.refresh(Region(0, 0, self.row_width, 1))

    def notify_style_update(self) -> None:
        """Theme, focus or colours changed: nothing drawn before is right any more."""
        super().notify_style_update()
        self._strips.clear()

    def on_mount(self) -> None:
        """Take the rows that came before there was a place for them."""
        self._on_screen = True
        early, self._early = self._early, None
        if early is not None:
            early()

    def on_resize(self) -> None:
        """Other widths arrange the columns anew, and other heights see other rows."""
        self._redraw()
        self.bring_in_sight()
        self._read_in_sight()

    def on_unmount(self) -> None:
        """Stop asking, and telling."""
        cancel(self._moved)
        cancel(self._waiting)
        self._pages.close()

    def cursor_moved(self) -> None:
        """Tell it once the cursor rests; wherever it went, it is not to go to the end any more."""
        self._last_wanted = False
        cancel(self._moved)
        self._moved = asyncio.get_running_loop().call_later(MOVED_AFTER_S, self._tell_moved)

    def action_last(self) -> None:
        """Go to the last row; while the rows are being counted, as soon as that is known."""
        super().action_last()
        self._last_wanted = not self.counted

    def scrolled(self, heading: int) -> None:
        """Read what came in sight."""
        self._heading = heading
        self._read_in_sight()

    def _tell_moved(self) -> None:
        """Say where the cursor rests, once, and not before that row is read."""
        cancel(self._moved)
        self._moved = None
        key = self.cursor_key
        if key != self._told and (key is not None or not self.total):
            self._told = key
            self.post_message(self.Moved(self, key))

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.Opened(self, key))

    def action_select(self) -> None:
        """Select the row under the cursor, or no longer."""
        if self.selectable and (key := self.cursor_key) is not None:
            self.selected ^= {key}
            self.redraw_row(self.cursor)
            self.post_message(self.Selected(self, self.selected))

    def action_select_along(self, rows: int) -> None:
        """Select the row under the cursor, as those before, and move on."""
        if self.selectable and (key := self.cursor_key) is not None:
            self.select(self.selected | {key})
            self.action_move(rows)

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
