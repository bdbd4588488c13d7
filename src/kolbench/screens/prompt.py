"""A window that asks for one line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.widgets import Input

from kolbench.domain.errors import KolbenchError
from kolbench.screens.lines import Bar
from kolbench.screens.window import TextLine, Window
from kolbench.screens.work import KeyLine

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.suggester import Suggester


class Prompt(Window[str]):
    """Returns the text. ``check`` raises KolbenchError, with what is wrong, for a text that won't do."""

    def __init__(
        self,
        title: str,
        *,
        value: str = "",
        hint: str = "",
        check: Callable[[str], object] = lambda text: None,
        suggester: Suggester | None = None,
    ) -> None:
        super().__init__(classes="-broad")
        self._title = title
        self._value = value
        self._hint = hint
        self._check = check
        self._suggester = suggester

    def compose(self) -> ComposeResult:
        """A title, the line, and what is wrong with it."""
        with Vertical(id="window"):
            yield Bar(id="title")
            yield TextLine(self._value, suggester=self._suggester)
            yield Bar(id="hint")
            yield KeyLine()

    def on_mount(self) -> None:
        """Say what is asked."""
        self.query_one("#title", Bar).show([(self._title, "title")])
        self.query_one("#hint", Bar).show([(self._hint, "muted")])

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        """Return the text, if it will do."""
        text = event.value.strip()
        try:
            self._check(text)
        except KolbenchError as error:
            self.wrong(str(error))
        else:
            self.take(text)

    def take(self, text: str) -> None:
        """Return a text that will do."""
        self.dismiss(text)

    def wrong(self, text: str) -> None:
        """Say why what is written won't do; it stays to be mended."""
        self.query_one("#hint", Bar).show([(text, "bad")])
