"""Rows of any number under a heading line, with a cursor that the usual keys and the wheel move about."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from kolbench.domain.lang import N_

if TYPE_CHECKING:
    from textual import events

WHEEL_ROWS = 3


class CursorView(ScrollView, can_focus=True):
    """Scrolls by whole rows, at once, and keeps its cursor on a row. What a row shows is its subclasses' affair."""

    DEFAULT_CSS = """
    CursorView {
        height: 1fr;
        overflow: hidden scroll;
        scrollbar-size-vertical: 1;
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
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    """The position of the cursor, from 0."""

    # What a subclass answers.

    @property
    def total(self) -> int | None:
        """How many rows there are; None while that is not known."""
        raise NotImplementedError

    def cursor_moved(self) -> None:
        """The cursor is on another row."""

    def scrolled(self, heading: int) -> None:
        """Other rows are in sight; ``heading`` is 1 on the way down, -1 on the way up."""

    # Where things are.

    @property
    def row_width(self) -> int:
        """The cells of a row: those beside the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def rows_in_sight(self) -> int:
        """How many rows fit under the heading."""
        return max(1, self.size.height - 1)

    @property
    def lead(self) -> int:
        """How many rows of those in sight stand above the cursor."""
        return max(0, self.cursor - self.scroll_offset.y)

    def redraw_row(self, position: int) -> None:
        """Draw one row again, where it is in sight."""
        y = position - self.scroll_offset.y + 1
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.row_width, 1))

    # Moving.

    def validate_cursor(self, position: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min((self.total or 1) - 1, position))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw two rows again, and scroll if need be."""
        self.redraw_row(old)
        self.redraw_row(new)
        self.bring_in_sight()
        self.cursor_moved()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are in sight."""
        super().watch_scroll_y(old_value, new_value)
        if new_value != old_value:
            self.scrolled(1 if new_value > old_value else -1)

    def move_to(self, position: int) -> None:
        """Put the cursor on a row by its position."""
        self.cursor = position

    def place(self, position: int, lead: int) -> None:
        """Put the cursor on a row and ``lead`` rows above it in sight, without telling anybody.

        A list that shows its first row goes on showing it, as far as the cursor is in sight then.
        """
        self.set_reactive(CursorView.cursor, self.validate_cursor(position))
        at_top = self.scroll_offset.y == 0 and self.cursor < self.rows_in_sight
        self.scroll_to(y=0 if at_top else max(0, self.cursor - lead), animate=False)
        self.bring_in_sight()

    def bring_in_sight(self) -> None:
        """Scroll so far that the cursor is seen."""
        top, rows = self.scroll_offset.y, self.rows_in_sight
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + rows:
            self.scroll_to(y=self.cursor - rows + 1, animate=False)

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self.cursor += rows
        self.bring_in_sight()

    def action_page(self, pages: float) -> None:
        """Move the cursor and the view by pages."""
        rows = int(self.rows_in_sight * pages)
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)
        self.action_move(rows)

    def action_first(self) -> None:
        """Go to the first row."""
        self.action_move(-self.cursor)

    def action_last(self) -> None:
        """Go to the last row."""
        self.action_move(self.total or 0)

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
