"""Colours of a brand made readable: contrast as WCAG 2.2 defines it, and shades that have enough of it."""

from __future__ import annotations

import re
from typing import NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

TEXT = 4.5
"""The contrast that text needs against what is behind it (WCAG 2.2, success criterion 1.4.3)."""


class Colour(NamedTuple):
    """A colour of sRGB, each part from 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)


def parse(text: str) -> Colour:
    """The colour that ``#c8102e`` or ``#c12`` means. Raises UsageError for anything else."""
    found = re.fullmatch(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", text.strip())
    if found is None:
        raise UsageError(_("'{text}' is no colour: write it like #c8102e.").format(text=text[:40]))
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return Colour(*bytes.fromhex(digits))


def contrast(one: Colour, other: Colour) -> float:
    """The contrast between two colours: 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink(behind: Colour) -> Colour:
    """White or black, whichever is better to read on ``behind``: the contrast is 4.58 at least."""
    return max(WHITE, BLACK, key=lambda colour: contrast(colour, behind))


def readable(colour: Colour, behind: Colour, least: float = TEXT) -> Colour:
    """The shade of ``colour``, as near to it as possible, that can be read on ``behind``."""
    towards = ink(behind)
    for step in range(65):
        if contrast(found := mix(colour, towards, step / 64), behind) >= least:
            return found
    return towards


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` with so large a ``share`` (0 to 1) of ``other`` in it."""
    return Colour(*(round(a + (b - a) * share) for a, b in zip(one, other, strict=True)))


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
