"""A window over the screen that asks for one line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from kolbench.domain.errors import KolbenchError
from kolbench.domain.lang import N_
from kolbench.screens.lines import Bar
from kolbench.screens.work import KeyLine

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Prompt(ModalScreen[str | None]):
    """Returns the text; None when it was left. ``check`` raises KolbenchError for a text that won't do."""

    CSS_PATH = "prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", N_("OK")),
        Binding("escape", "dismiss", N_("Back")),
    ]

    def __init__(
        self,
        title: str,
        *,
        value: str = "",
        hint: str = "",
        check: Callable[[str], object] = lambda text: None,
    ) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._hint = hint
        self._check = check

    def compose(self) -> ComposeResult:
        """A title, the line, and what is wrong with it."""
        with Vertical(id="window"):
            yield Bar(id="title")
            yield Input(self._value, compact=True, id="text")
            yield Bar(id="hint")
            yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Say what is asked."""
        self.query_one("#title", Bar).show([(self._title, "title")])
        self.query_one("#hint", Bar).show([(self._hint, "muted")])

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter in the line."""
        self.action_accept()

    def action_accept(self) -> None:
        """Return the text, if it will do."""
        text = self.query_one(Input).value.strip()
        try:
            self._check(text)
        except KolbenchError as error:
            self.query_one("#hint", Bar).show([(str(error), "bad")])
        else:
            self.dismiss(text)
