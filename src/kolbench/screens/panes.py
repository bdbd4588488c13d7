"""Screens with a list and, where there is room, a sheet about the row under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from kolbench.domain.lang import N_
from kolbench.screens.lines import Sheet
from kolbench.screens.work import Table, WorkScreen
from kolbench.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from textual.events import Resize
    from textual.geometry import Size
    from textual.timer import Timer
    from textual.widget import Widget

    from kolbench.screens.session import Session

WIDE = 110
"""From so many cells on, the sheet stands beside the list."""

ROOMY = 140
"""From so many cells on, the sheet may take two fifths of them."""

REST_S = 0.2
"""How much longer than the table the sheet waits for the cursor to rest: nobody reads it in passing."""


class PanesScreen(WorkScreen):
    """Subclasses make the ``table`` in ``make_table`` and fill the ``sheet`` in ``read_about``."""

    SHEET_FROM: ClassVar[int] = WIDE
    """From so many cells on there is room for the sheet."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", N_("Other side"), show=False),
        Binding("backslash", "fold", N_("The list alone, or with its sheet"), key_display="\\", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.table = self.make_table()
        self.sheet = Sheet(id="detail")
        self._rest: Timer | None = None
        self._beside = True
        self._folded = False

    def make_table(self) -> Table:
        """The list, with the id ``main``."""
        raise NotImplementedError

    def read_about(self) -> None:
        """Fill the sheet with what there is to say about the row under the cursor; there may be none."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        """The two panes."""
        yield Horizontal(self.table, self.sheet, id="panes")

    def on_resize(self, event: Resize) -> None:
        """Arrange the panes anew, and fill what is to be seen of them."""
        self._arrange(event.size)

    def action_fold(self) -> None:
        """Give the list the whole width, or the sheet its place again."""
        self._folded = not self._folded
        if self._folded:
            self.set_focus(self.table)
        self._arrange(self.size)

    def _arrange(self, size: Size) -> None:
        self.set_class(size.width >= ROOMY, "-roomy")
        self.place_panes(size)
        if self._folded:
            self.sheet.display = False
        self.tell_about()

    def place_panes(self, size: Size) -> None:
        """Two panes where there is room."""
        self.sheet.display = size.width >= self.SHEET_FROM

    def lay_out(self, size: Size, low: int, below: int, *, beside: bool = True) -> None:
        """The sheet ``beside`` the list, or in the ``below`` rows under it, or on fewer than ``low`` rows nowhere."""
        wide = beside and size.width >= WIDE
        # A style that is set has everything laid out again, also when it says the same.
        if wide != self._beside:
            self._beside = wide
            panes = self.query_one("#panes")
            panes.styles.layout = "horizontal" if wide else "vertical"
            self.table.styles.width = self.sheet.styles.width = None if wide else "100%"
            self.table.styles.height = "100%" if wide else "1fr"
            self.sheet.styles.height = "100%" if wide else below
            self.sheet.styles.padding = (0, 0, 0, 1) if wide else (1, 0, 0, 1)
        if self.sheet.display != (shown := wide or size.height >= low):
            self.sheet.display = shown

    @property
    def reading(self) -> bool:
        """Whether rows are on their way."""
        return self.table.busy

    @property
    def busy(self) -> bool:
        """Whether a question to the store is being answered, or will be asked once the cursor has rested."""
        return super().busy or self._rest is not None

    def noted(self) -> None:
        """A note was kept: show it."""
        super().noted()
        self.tell_about()

    def tell_about(self) -> None:
        """Fill the sheet, once the list was drawn."""
        self._rest = None
        if self.sheet.display and self.table.total is not None:
            self.call_after_refresh(self.read_about)

    @on(VirtualTable.Moved, "#main")
    def rested(self) -> None:
        """The cursor rests: fill the sheet, at once where it is empty."""
        if self._rest is not None:
            self._rest.stop()
        if self.sheet.text:
            self._rest = self.set_timer(REST_S, self.tell_about)
        else:
            self.tell_about()
