"""What speaks against something, told before it is done: the operator does it all the same, or leaves it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.reading import Reading


class Cautioning(Reading):
    """The reasons, a paragraph each, under what is about to be done; returns ``yes``, and None where it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "dismiss('yes')", N_("Do it all the same"))]

    def __init__(self, title: str, texts: Sequence[str]) -> None:
        def write(width: int) -> Iterator[Line]:
            yield [(title, "title")]
            yield from paragraph(_("Think of this first; nothing is written yet."), width, "muted")
            for text in texts:
                yield []
                yield from paragraph(text, width, "warn")

        super().__init__(write)
