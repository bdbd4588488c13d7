"""Messages in passing: how wide they are, and where their lines break."""

from __future__ import annotations

from kolbench.widgets.cells import fit, wrap

LEAST, MOST = 38, 60
"""Cells that a message takes."""

TWO_PANES = 100
"""From so many cells on there may be two panes: Textual cuts at the border between them, and loses a character astride
it, so that a message is no wider than the right one."""

FRAME = 3
"""Cells around the text."""


def lines(text: str, width: int) -> str:
    """A message for a screen of ``width`` cells, in lines that break where words do and are all as wide."""
    share = 0.38 if width >= TWO_PANES else 0.5
    room = min(MOST, max(LEAST, int(width * share))) - FRAME
    return "\n".join(fit(line, room) for line in wrap(text, room))
