"""Screens with a list and, below it at any width, a sheet about the row under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical

from kolbench.screens.panes import PanesScreen

if TYPE_CHECKING:
    from textual.widget import Widget


class StackedScreen(PanesScreen):
    """Subclasses make ``table`` and fill ``sheet`` as those with panes do."""

    SHEET_FROM: ClassVar[int] = 0

    def body(self) -> Iterable[Widget]:
        """The list above, the sheet below."""
        yield Vertical(self.table, self.sheet, id="stack")
