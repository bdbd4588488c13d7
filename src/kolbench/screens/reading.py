"""A window with lines to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical

from kolbench.domain.lang import N_
from kolbench.screens.lines import Line, Sheet
from kolbench.screens.window import Window
from kolbench.screens.work import KeyLine

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Resize


FRAME = 6
"""Rows of a window that are not its content."""


class Reading(Window[str]):
    """Shows what ``write`` gives for a width."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,question_mark", "dismiss", N_("Back"), show=False)]

    def __init__(self, write: Callable[[int], Iterable[Line]]) -> None:
        super().__init__(classes="-broad")
        self._write = write

    def compose(self) -> ComposeResult:
        """The sheet."""
        with Vertical(id="window"):
            yield Sheet()
            yield KeyLine()

    def on_mount(self) -> None:
        """Write it."""
        self.query_one(Sheet).show(self._write)

    def on_resize(self, event: Resize) -> None:
        """Leave room for the frame and the keys."""
        self.query_one(Sheet).styles.max_height = max(1, event.size.height - FRAME)
