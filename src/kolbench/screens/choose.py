"""A window with a list to choose one thing from; long lists narrow as one types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from kolbench.domain.identity import fold
from kolbench.domain.lang import N_, _
from kolbench.screens.window import TextLine, Window
from kolbench.screens.work import KeyLine, Table
from kolbench.widgets.cells import steady
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import ListWindow

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Resize

LONG = 12
"""From so many choices on there is a line to narrow them."""

DIGITS = "1234567890"
"""The keys that choose at once where choices are numbered, in their order."""

FRAME = 7
"""Rows of the window that are not its list."""


@dataclass(frozen=True)
class Choice:
    """One thing to choose: what is returned, what is read, and a word more."""

    key: str
    label: str
    hint: str = ""


class Choose(Window[str]):
    """Returns the key of what was chosen; ``numbered`` lets a digit choose at once, 0 the tenth."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", N_("Up"), show=False),
        Binding("down", "move(1)", N_("Down"), show=False),
        *(Binding(digit, f"pick({n})", show=False) for n, digit in enumerate(DIGITS)),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice], current: str | None = None, *, numbered: bool = False
    ) -> None:
        super().__init__()
        self._numbered = numbered
        self._title = title
        self._choices = choices
        self._current = current
        self._shown = list(choices)

    def compose(self) -> ComposeResult:
        """A line to type in where the list is long, and the list under its title."""
        hint = min(30, max((cell_len(steady(choice.hint)) for choice in self._choices), default=0))
        columns = [
            Column("label", self._title, 12, flex=1, sortable=False),
            Column("hint", "", hint, "right", sortable=False),
        ]
        self.table = Table(
            columns if hint else columns[:1], empty=_("Nothing fits."), selectable=False, enter=N_("Choose")
        )
        with Vertical(id="window"):
            if len(self._choices) >= LONG:
                yield TextLine(placeholder=_("type to narrow"), enter=N_("Choose"))
            yield self.table
            yield KeyLine()

    def on_mount(self) -> None:
        """Start at what is chosen now."""
        self._fill()

    def on_resize(self, event: Resize) -> None:
        """As high as the list, where the screen is."""
        room = event.size.height - FRAME - (2 if len(self._choices) >= LONG else 0)
        self.table.styles.height = 1 + max(1, min(len(self._choices), LONG + 4, room))

    def _fill(self) -> None:
        rows = [
            (choice.key, f"{DIGITS[n : n + 1] or ' '} {choice.label}" if self._numbered else choice.label, choice.hint)
            for n, choice in enumerate(self._shown)
        ]
        self.table.show(ListWindow(rows), keep=False, at=self._current)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Keep what holds the text."""
        wanted = fold(event.value)
        self._shown = [choice for choice in self._choices if wanted in fold(f"{choice.label} {choice.hint}")]
        self._fill()

    @on(Input.Submitted)
    @on(Table.Opened)
    def chosen(self) -> None:
        """Return what is under the cursor."""
        if self._shown:
            self.dismiss(self._shown[min(self.table.cursor, len(self._shown) - 1)].key)

    def action_pick(self, place: int) -> None:
        """Return the choice with that number."""
        if self._numbered and place < len(self._shown):
            self.dismiss(self._shown[place].key)

    def action_move(self, rows: int) -> None:
        """Move in the list while the focus is in the line above."""
        self.table.action_move(rows)
