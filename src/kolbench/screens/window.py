"""A window in front of a screen: the frame that all small questions share."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from kolbench.domain.lang import N_

Result = TypeVar("Result")


class Window(ModalScreen[Result | None]):
    """Returns None when it is left by Esc."""

    CSS_PATH = "window.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", N_("Back"))]
