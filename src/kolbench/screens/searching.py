"""The line in which one types to search, with the list still at hand."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_
from kolbench.screens.window import TextLine


class SearchLine(TextLine):
    """Enter goes on in the list, Esc ends the search, the arrows move in the list meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.back", N_("End the search")),
        Binding("up", "screen.move(-1)", N_("Up"), show=False),
        Binding("down", "screen.move(1)", N_("Down"), show=False),
    ]

    def __init__(self, text: str, asked: str) -> None:
        super().__init__(text, enter=N_("To the list"), placeholder=asked, id="search")
