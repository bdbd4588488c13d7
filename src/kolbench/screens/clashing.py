"""Two operators wrote different things: both are shown, and one of them chooses."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_
from kolbench.screens.reading import Reading


class Clashing(Reading):
    """Both values, one above the other; returns ``theirs`` or ``mine``, and None where it is left by Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "dismiss('theirs')", N_("Keep theirs")),
        Binding("m", "dismiss('mine')", N_("Write mine")),
    ]
