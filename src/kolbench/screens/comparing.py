"""Two people side by side, and what to do with them."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_
from kolbench.screens.reading import Reading


class Comparing(Reading):
    """Returns what was decided: ``merge``, ``reject`` or ``ignore``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss('merge')", N_("Merge")),
        Binding("n", "dismiss('reject')", N_("Not the same")),
        Binding("i", "dismiss('ignore')", N_("Later")),
    ]
