"""Setting text into boxes without knowing the font: widths on the safe side, lines broken as readers expect."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.text import ELLIPSIS, is_one_grapheme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDE, _EMOJI, _BROAD, _CAPITAL, _LETTER, _NARROW = 1.0, 1.3, 0.98, 0.76, 0.62, 0.36
_NOT_FIRST = frozenset("，。、；：？！）】》」』”’…～·％,.;:?!)]}»%")
"""Stay with what stands before them."""
_NOT_LAST = frozenset("（【《「『“‘([{«¥$€£#")
"""Stay with what follows."""
_PICTURES = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")


class Block(NamedTuple):
    """Lines of text at one size (pixels of an em)."""

    size: int
    lines: Sequence[str]


def width(text: str) -> float:
    """How wide a text is at most, in ems of a common sans serif typeface."""
    return sum(map(_width, clusters(text)))


def clusters(text: str) -> Iterator[str]:
    """The characters of a text as readers see them: letters with their marks, joined emoji, flags."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not is_one_grapheme(text, at):
            yield text[start:at]
            start = at


def is_picture(cluster: str) -> bool:
    """Whether a cluster is drawn by a font of emoji: a picture, a flag, a keycap."""
    return _PICTURES.match(cluster) is not None or "\ufe0f" in cluster or "\u20e3" in cluster


def plainer(text: str) -> str:
    """``text`` with every joined, tinted or dressed emoji as its first face alone, and a flag as its letters."""
    return "".join(
        "".join(chr(ord(c) - 0x1F1E6 + ord("A")) if "\U0001f1e6" <= c <= "\U0001f1ff" else c for c in cluster[:2])
        if "\U0001f1e6" <= cluster[0] <= "\U0001f1ff"
        else cluster[0]
        if is_picture(cluster)
        else cluster
        for cluster in clusters(text)
    )


def fit(text: str, room: float, height: float, sizes: Sequence[int], leading: float = 1.35) -> Block:
    """``text`` in a box of ``room`` by ``height`` pixels, at the largest of ``sizes`` (descending) at which it fits.

    Where it does at none, the smallest holds as much as there is room for, and ends in ``…``.
    """
    for size in sizes:
        lines = wrap(text, room / size)
        if len(lines) * size * leading <= height:
            return Block(size, lines)
    kept = max(1, int(height / (size * leading)))
    return Block(size, [*lines[: kept - 1], _cut(lines[kept - 1] + ELLIPSIS * 2, room / size)])


def shortened(text: str, room: float) -> str:
    """A text that is no wider than ``room`` ems: what doesn't fit is left out, and ``…`` says so."""
    return text if width(text) <= room else _cut(text, room)


def wrap(text: str, room: float) -> list[str]:
    """The lines of a text, none wider than ``room`` ems: broken between words, or between Chinese characters."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for piece in _pieces(paragraph):
            if width((line + piece).rstrip()) <= room:
                line += piece
                continue
            if line.strip():
                lines.append(line.rstrip())
            *whole, line = _broken(piece.lstrip(), room)
            lines += whole
        if line.strip():
            lines.append(line.rstrip())
    return lines


def _pieces(text: str) -> Iterator[str]:
    """What a line can be broken between: words with the spaces after them, and single wide characters."""
    piece = ""
    for cluster in clusters(text):
        if piece and _may_break(piece, cluster):
            yield piece
            piece = ""
        piece += cluster
    if piece:
        yield piece


def _may_break(before: str, cluster: str) -> bool:
    if cluster.isspace() or cluster in _NOT_FIRST or before[-1] in _NOT_LAST:
        return False
    return before[-1].isspace() or _is_wide(before[-1]) or before[-1] in _NOT_FIRST or _is_wide(cluster[0])


def _broken(piece: str, room: float) -> list[str]:
    """A word that may be wider than a line, in as many parts as it takes."""
    parts, part = [], ""
    for cluster in clusters(piece):
        if part and width(part + cluster) > room:
            parts.append(part)
            part = ""
        part += cluster
    return [*parts, part]


def _cut(line: str, room: float) -> str:
    """A line that ends in two ellipses, which stand for what is left out, with one of them and no wider than room."""
    kept = list(clusters(line.removesuffix(ELLIPSIS * 2)))
    while kept and width("".join(kept) + ELLIPSIS) > room:
        kept.pop()
    return "".join(kept).rstrip(" .,;:，。、；：") + ELLIPSIS


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" or _PICTURES.match(character) is not None


def _width(cluster: str) -> float:
    first = cluster[0]
    if is_picture(cluster):
        return _EMOJI
    if _is_wide(first):
        return _WIDE
    if first in " .,:;!|'ijl()[]":
        return _NARROW
    if first in "mw@%&WM—":
        return _BROAD
    return _LETTER if first.islower() or first.isdecimal() else _CAPITAL
