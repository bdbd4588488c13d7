"""The line in which one types to search, with the list still at hand."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from kolbench.domain.lang import N_, _


class SearchLine(Input):
    """Enter goes on in the list, Esc ends the search, the arrows move in the list meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("To the list")),
        Binding("escape", "screen.back", N_("End the search")),
        Binding("up", "screen.move(-1)", N_("Up"), show=False),
        Binding("down", "screen.move(1)", N_("Down"), show=False),
    ]

    def __init__(self, text: str) -> None:
        super().__init__(text, placeholder=_("name or handle, in any script"), compact=True, id="search")
