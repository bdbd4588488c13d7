"""A window with a list to mark any number of things in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from kolbench.domain.identity import fold
from kolbench.domain.lang import N_, _
from kolbench.screens.choose import FRAME, LONG, Choice
from kolbench.screens.lines import Bar
from kolbench.screens.window import TextLine, Window
from kolbench.screens.work import KeyLine, Table
from kolbench.widgets.columns import Column
from kolbench.widgets.virtual_table import ListWindow

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Resize


class Several(Window[tuple[str, ...]]):
    """Returns the keys of what is marked, in the order of the choices. What is ``marked`` already is offered first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", N_("Search"), key_display="/"),
        Binding("x", "clear", N_("None")),
        Binding("up", "move(-1)", N_("Up"), show=False),
        Binding("down", "move(1)", N_("Down"), show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], marked: Collection[str], *, empty: str = "") -> None:
        super().__init__()
        known = {choice.key: choice for choice in choices}
        first = [known.get(key, Choice(key, key)) for key in marked]
        self._title = title
        self._choices = [*first, *(choice for choice in choices if choice.key not in marked)]
        self._marked = frozenset(marked)
        self._empty = empty

    def compose(self) -> ComposeResult:
        """A line to narrow long lists with, the list, and how to take what is marked."""
        columns = [
            Column("label", self._title, 12, flex=1, sortable=False),
            Column("hint", "", 14, "right", sortable=False),
        ]
        if not any(choice.hint for choice in self._choices):
            columns.pop()
        self.table = Table(columns, empty=self._empty or _("Nothing fits."), enter=N_("Take these"))
        with Vertical(id="window"):
            if len(self._choices) >= LONG:
                yield TextLine(placeholder=_("type to narrow"), enter=N_("To the list"))
            yield self.table
            yield Bar(id="hint")
            yield KeyLine()

    def on_mount(self) -> None:
        """Start with what is marked already, in the list."""
        self._fill("")
        self.table.select(self._marked)
        self.set_focus(self.table)

    def on_resize(self, event: Resize) -> None:
        """As high as the list, where the screen is."""
        room = event.size.height - FRAME - 1 - (2 if len(self._choices) >= LONG else 0)
        self.table.styles.height = 1 + max(2, min(len(self._choices), LONG + 4, room))

    def _fill(self, text: str) -> None:
        wanted = fold(text)
        self._shown = [choice for choice in self._choices if wanted in fold(f"{choice.label} {choice.hint}")]
        self.table.show(ListWindow([(choice.key, choice.label, choice.hint) for choice in self._shown]), keep=False)

    @on(Table.Selected)
    def tell(self) -> None:
        """Name what is marked: some of it may be out of sight."""
        marked = [choice.label for choice in self._choices if choice.key in self.table.selected]
        self.query_one("#hint", Bar).show([(_(", ").join(marked) or _("nothing marked: any will do"), "muted")])

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Keep what holds the text."""
        self._fill(event.value)

    @on(Input.Submitted)
    def to_list(self) -> None:
        """Go on in the list."""
        self.set_focus(self.table)

    @on(Table.Opened)
    def taken(self) -> None:
        """Return what is marked."""
        self.dismiss(tuple(choice.key for choice in self._choices if choice.key in self.table.selected))

    def action_search(self) -> None:
        """Type to narrow."""
        for line in self.query(Input):
            self.set_focus(line)

    def action_clear(self) -> None:
        """Mark none."""
        self.table.select(frozenset())

    def action_move(self, rows: int) -> None:
        """Move in the list while the focus is in the line above."""
        self.table.action_move(rows)
