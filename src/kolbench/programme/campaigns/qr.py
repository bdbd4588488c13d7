"""QR codes: half blocks in a terminal, an SVG path, and files."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segno import QRCode

QUIET = 4
"""Modules of white that a reader needs on each side."""

_ON_WHITE = "\x1b[30;107m"
_PLAIN = "\x1b[0m"


def modules(text: str) -> Sequence[Sequence[int]]:
    """The rows of the code, 1 for a dark module, without the quiet zone. Raises UsageError for a text too long."""
    return _code(text).matrix


def half_blocks(text: str, *, colour: bool) -> list[str]:
    """The code as lines for a terminal, two modules high each.

    With ``colour`` it is black on white whatever the terminal's colours are; else it is drawn for a dark background.
    """
    lines = blocks(text, dark=colour)
    return [f"{_ON_WHITE}{line}{_PLAIN}" if colour else line for line in lines]


def blocks(text: str, *, dark: bool) -> list[str]:
    """The code with its quiet zone as lines of blocks, which stand for the ``dark`` modules or for the light ones."""
    inside = [[0] * QUIET + list(row) + [0] * QUIET for row in modules(text)]
    blank = [0] * len(inside[0])
    rows = [blank] * QUIET + inside + [blank] * QUIET
    if len(rows) % 2:
        rows.append(blank)
    glyphs = " ▄▀█" if dark else "█▀▄ "
    return ["".join(glyphs[2 * a + b] for a, b in zip(*pair)) for pair in zip(rows[::2], rows[1::2])]


def path(text: str) -> tuple[str, int]:
    """The code as the data of an SVG path of one unit a module, and how many units it is wide; no quiet zone."""
    rows = modules(text)
    parts = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                parts.append(f"M{x} {y}h{run - x}v1H{x}z")
            x = max(run, x + 1)
    return "".join(parts), len(rows)


def svg(text: str) -> bytes:
    """The code as an SVG file, which scales."""
    return _saved(text, "svg")


def png(text: str) -> bytes:
    """The code as a PNG file of about 600 pixels."""
    return _saved(text, "png")


def _saved(text: str, kind: str) -> bytes:
    code = _code(text)
    file = io.BytesIO()
    scale = max(1, round(600 / (len(code.matrix) + 2 * QUIET)))
    code.save(file, kind=kind, scale=scale, border=QUIET, light="white")
    return file.getvalue()


@lru_cache(8)
def _code(text: str) -> QRCode:
    import segno

    try:
        return segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        raise UsageError(_("The link is too long for a QR code: shorten the landing address.")) from None
