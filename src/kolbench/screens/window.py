"""A window in front of a screen, and a line to type in: what all small questions share."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

from kolbench.domain.lang import N_

Result = TypeVar("Result")


class Window(ModalScreen[Result | None]):
    """Returns None when it is left by Esc."""

    CSS_PATH = Path(__file__).with_name("window.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", N_("Back"))]


class TextLine(Input):
    """A line to type in; ``enter`` says, marked for translation, what Enter does in it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", N_("OK"))]

    def __init__(self, text: str = "", *, enter: str = N_("OK"), **more: Any) -> None:
        super().__init__(text, compact=True, **more)
        self.enter = enter
