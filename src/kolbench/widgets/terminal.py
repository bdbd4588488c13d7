"""What a terminal shows, cell by cell, and the shortest way to make it show the next frame.

Textual writes a frame as runs: a cursor position, then text and colours. ``Terminal.lean`` keeps the screen
such runs lead to and answers with only the cells that differ. A frame that holds anything else is passed on
as it is, and everything known about the screen is forgotten.

Terminals disagree about how wide some clusters are (joined emoji, flags, keycaps). Behind such a cluster the
cursor is placed anew, and the cells it may have spilled into are drawn again, so that nothing moves.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size


class Pen(NamedTuple):
    """How a cell is drawn: SGR parameters of its colours and attributes, and the OSC 8 link it is part of."""

    fore: str = ""
    back: str = ""
    attributes: tuple[int, ...] = ()
    link: str = ""


PLAIN = Pen()

_MOVE = re.compile("\x1b\\[([0-9]+);([0-9]+)H")
_TOKEN = re.compile("\x1b\\[([0-9;]*)m|\x1b\\]8;([^\x00-\x1f\x7f-\x9f]*)\x1b\\\\|([^\x00-\x1f\x7f-\x9f]+)")
_ABIDING = re.compile(
    # Bells, window titles, clipboard, cursor shape, questions, the keyboard, and modes that draw nothing.
    "(?:\x07|\x1b\\](?!8;)[0-9]+;[^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b\\[[0-9]* q|\x1b\\[\\?[0-9]+\\$p"
    "|\x1b\\[[<>=][0-9;]*u|\x1b\\[\\?(?:12|25|100[0-6]|101[56]|2004|2026|2031|2048)[hl])+"
)
_OFF = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 21: 24, 51: 54, 52: 54, 53: 55}
_SEEN_ON_BLANKS = frozenset({4, 7, 9, 21, 51, 52, 53})
_NEAR = 4
"""Unchanged cells that are cheaper to write again than to step over."""

_Cells = tuple[list[str], list[Pen]]


def abides(data: str) -> bool:
    """Whether ``data`` leaves what is on the screen, and the cursor, as they are."""
    return _ABIDING.fullmatch(data) is not None


class Terminal:
    """The screen of a terminal of ``width`` × ``height`` cells, as far as it is known."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._text: list[list[str | None]] = []
        self._pens: list[list[Pen]] = []
        self._at: tuple[int, int] | None = None
        self._pen = PLAIN
        self._out: list[str] = []
        self.forget()

    def forget(self) -> None:
        """Nothing is known about the screen any more: the next frame is sent whole."""
        self._text = [[None] * self.width for _ in range(self.height)]
        self._pens = [[PLAIN] * self.width for _ in range(self.height)]
        self._at = None

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size now, and may have moved or cut what it showed."""
        self.width, self.height = width, height
        self.forget()

    def lean(self, data: str) -> str:
        """What to send in place of ``data`` so that the screen ends up the same; may be empty."""
        runs = self._runs(data)
        if runs is None:
            self.forget()
            return data
        self._out, self._pen = [], PLAIN
        for y, x, cells in runs:
            if cells is not None:
                self._put(y, x, cells)
        self._change_pen(PLAIN)
        self._move(*runs[-1][:2])
        return "".join(self._out)

    def _runs(self, data: str) -> list[tuple[int, int, _Cells | None]] | None:
        """The runs of a frame as (row, column, cells); None when ``data`` is not such a frame alone.

        A frame ends with a bare cursor position.
        """
        parts = _MOVE.split(data)
        if parts[0] or len(parts) == 1 or parts[-1]:
            return None
        runs: list[tuple[int, int, _Cells | None]] = []
        for n in range(1, len(parts), 3):
            y, x, payload = int(parts[n]) - 1, int(parts[n + 1]) - 1, parts[n + 2]
            if not 0 <= y < self.height or not 0 <= x < self.width:
                return None
            if payload.endswith("\n"):
                # Textual's line ends are always followed by a position; only on the last line one would scroll.
                if y == self.height - 1:
                    return None
                payload = payload[:-1]
            cells = _parse(payload) if payload else None
            if payload and (cells is None or x + len(cells[0]) > self.width):
                return None
            runs.append((y, x, cells))
        return runs

    def _put(self, y: int, x: int, cells: _Cells) -> None:
        """Bring one run to the screen: write what differs, by stretches of one pen."""
        text, pens = self._text[y], self._pens[y]
        end = x + len(cells[0])
        changed = _differences(text[x:end], pens[x:end], *cells)
        if not changed:
            return
        # Half a wide character goes, and what the terminal shows in its other half is the terminal's choice.
        if x and text[x] == "":
            text[x - 1] = None
        if end < self.width and text[end] == "":
            text[end] = None
        text[x:end], pens[x:end] = cells
        dirty = {x + n for n in changed}
        column, limit = x + changed[0], end
        while column < limit:
            if column not in dirty:
                column += 1
                continue
            self._move(y, column)
            self._change_pen(self._pen_for(text, pens, column, dirty))
            stop = self._stretch(text, pens, column, dirty)
            if stop > column:
                self._out.append("".join([character or "" for character in text[column:stop]]))
                self._at = (y, stop)
                column = stop
            else:
                cluster = text[column] or ""
                width = 2 if column + 1 < self.width and text[column + 1] == "" else 1
                self._draw_disputed(y, column, cluster, width)
                column += width
                for spilled in range(column, min(column + 2 * len(cluster), self.width)):
                    if text[spilled] is not None:
                        dirty.add(spilled)
                        limit = max(limit, spilled + 1)

    def _pen_for(self, text: list[str | None], pens: list[Pen], start: int, dirty: set[int]) -> Pen:
        """The pen for a stretch from ``start``: for blanks the one at hand, or the one that is needed next."""
        pen = pens[start]
        if text[start] != " ":
            return pen
        if _on_blanks(self._pen) == pen:
            return self._pen
        ahead = start + 1
        while ahead in dirty and text[ahead] == " " and pens[ahead] == pen:
            ahead += 1
        if ahead in dirty and _on_blanks(pens[ahead]) == pen:
            return pens[ahead]
        turned = self._pen._replace(back=pen.back, link=pen.link)
        return turned if _on_blanks(turned) == pen else pen

    def _stretch(self, text: list[str | None], pens: list[Pen], start: int, dirty: set[int]) -> int:
        """How far cells can be written in one go from ``start``; ``start`` itself where a cluster is disputed.

        It leads over unchanged cells where that is cheaper than a step.
        """
        column = stop = start
        pen, blank = self._pen, _on_blanks(self._pen)
        while column < self.width and column - stop <= _NEAR:
            character = text[column]
            if character is None or pens[column] != (blank if character == " " else pen) or _disputed(character):
                break
            if column in dirty or (not character and column == stop):
                stop = column + 1
            column += 1
        return stop

    def _draw_disputed(self, y: int, x: int, cluster: str, width: int) -> None:
        self._out.append(" " * width)
        self._at = (y, x + width)
        self._move(y, x)
        self._out.append(cluster)
        self._at = None

    def _move(self, y: int, x: int) -> None:
        if self._at == (y, x):
            return
        if self._at is None or self._at[0] != y:
            self._out.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H")
        elif x > self._at[1]:
            self._out.append(f"\x1b[{x - self._at[1]}C" if x - self._at[1] > 1 else "\x1b[C")
        else:
            self._out.append(f"\x1b[{x + 1}G" if x else "\r")
        self._at = (y, x)

    def _change_pen(self, pen: Pen) -> None:
        if pen != self._pen:
            self._out.append(_change(self._pen, pen))
            self._pen = pen


def _differences(was: list[str | None], was_pens: list[Pen], now: list[str], now_pens: list[Pen]) -> list[int]:
    """The cells that differ."""
    if was == now and was_pens == now_pens:
        return []
    pairs = enumerate(zip(was, now, was_pens, now_pens, strict=True))
    return [n for n, (old, new, old_pen, new_pen) in pairs if old != new or old_pen != new_pen]


@lru_cache(4096)
def _on_blanks(pen: Pen) -> Pen:
    """What is seen of ``pen`` on a blank: its background, unless it draws lines or is reversed."""
    return pen if _SEEN_ON_BLANKS.intersection(pen.attributes) else Pen(back=pen.back, link=pen.link)


@lru_cache(512)
def _parse(payload: str) -> _Cells | None:
    """Text with colours as cells; None when it holds anything else. A wide character leaves "" behind it."""
    text: list[str] = []
    pens: list[Pen] = []
    pen: Pen | None = PLAIN
    at = 0
    for match in _TOKEN.finditer(payload):
        if match.start() != at or pen is None:
            return None
        at = match.end()
        parameters, link, characters = match.groups()
        if characters:
            cells = list(characters) if characters.isascii() else _cells(characters)
            if cells is None:
                return None
            text += cells
            blank = _on_blanks(pen)
            pens += [pen] * len(cells) if blank == pen else [blank if cell == " " else pen for cell in cells]
        elif link is not None:
            pen = pen._replace(link="" if link.endswith(";") else link)
        else:
            pen = _turned(pen, parameters)
    return (text, pens) if at == len(payload) and pen == PLAIN else None


def _cells(characters: str) -> list[str] | None:
    """A text's clusters, one a cell; None when they are not as wide as Textual thinks the text is."""
    cells: list[str] = []
    base = -1
    joined = False
    for character in characters:
        width = get_character_cell_size(character)
        flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        if joined or not width or (flag and base >= 0 and _is_half_flag(cells[base])):
            if base < 0:
                return None
            cells[base] += character
            joined = character == "\u200d"
            if cell_len(cells[base]) > len(cells) - base:
                cells.append("")
        else:
            base = len(cells)
            cells += (character,) if width == 1 else (character, "")
    return cells if len(cells) == cell_len(characters) else None


def _is_half_flag(cluster: str) -> bool:
    return len(cluster) == 1 and "\U0001f1e6" <= cluster <= "\U0001f1ff"


@lru_cache(4096)
def _disputed(cluster: str) -> bool:
    """Whether terminals draw ``cluster`` with different widths."""
    return any(unicodedata.category(mark) != "Mn" or mark in "\ufe0e\ufe0f" for mark in cluster[1:])


@lru_cache(4096)
def _turned(pen: Pen, parameters: str) -> Pen | None:
    """``pen`` after SGR ``parameters``; None when one of them is unknown here."""
    fore, back, attributes, link = pen
    codes = iter(parameters.split(";"))
    for code in codes:
        number = int(code or 0)
        if number == 0:
            fore, back, attributes = "", "", ()
        elif number in (38, 48):
            kind = next(codes, "")
            values = [next(codes, "") for _ in range({"5": 1, "2": 3}.get(kind, 0))]
            if not values or not all(values):
                return None
            colour = ";".join((code, kind, *values))
            fore, back = (colour, back) if number == 38 else (fore, colour)
        elif 30 <= number <= 37 or 90 <= number <= 97 or number == 39:
            fore = "" if number == 39 else code
        elif 40 <= number <= 47 or 100 <= number <= 107 or number == 49:
            back = "" if number == 49 else code
        elif number in _OFF:
            attributes = tuple(sorted({*attributes, number}))
        elif number in _OFF.values():
            attributes = tuple(kept for kept in attributes if _OFF[kept] != number)
        else:
            return None
    return Pen(fore, back, attributes, link)


@lru_cache(4096)
def _change(old: Pen, new: Pen) -> str:
    """The shortest sequence that turns ``old`` into ``new``."""
    afresh = [str(code) for code in new.attributes] + [colour for colour in (new.fore, new.back) if colour]
    gone = {_OFF[code] for code in old.attributes if code not in new.attributes}
    turned = [str(code) for code in sorted(gone)]
    turned += [str(code) for code in new.attributes if code not in old.attributes or _OFF[code] in gone]
    turned += [now or off for was, now, off in ((old.fore, new.fore, "39"), (old.back, new.back, "49")) if was != now]
    colours = ""
    if turned:
        colours = min(f"\x1b[{';'.join(['0', *afresh]) if afresh else ''}m", f"\x1b[{';'.join(turned)}m", key=len)
    return colours if old.link == new.link else f"{colours}\x1b]8;{new.link or ';'}\x1b\\"
