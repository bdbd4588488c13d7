"""Text from anywhere as an exact number of terminal cells, and the short forms of numbers and dates.

Textual measures text with ``rich.cells``; a terminal may disagree about joined emoji, flags, keycaps and
variation selectors, and whatever stands right of them then moves. A family of four is two cells wide where
the terminal joins it and eight where it doesn't, and no question tells which for certain: tmux, screen and
SSH stand between, and a font may lack the joined picture. So text for the screen is made *steady* first:
such a cluster becomes its first, undisputed part (a family its first face, a flag the letters of its
country, a keycap its digit), whose width is the same everywhere. Only what is drawn is shortened: the store,
exports, scripts and the clipboard have the whole. Nothing here reads markup, and no control character passes.
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

from rich.cells import cell_len, get_character_cell_size

from kolbench.domain.clock import DAY, HOUR, MINUTE, from_ms
from kolbench.domain.lang import _, wanted

Align = Literal["left", "right", "center"]

MAX_MARKS = 4
"""Combining marks kept on one letter: enough for Hebrew with accents, too few for a tower."""

_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_UNSEEN = "\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_maybe_odd = re.compile(f"[{_MARKS}{_UNSEEN}\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]").search
_without_unseen = re.compile(f"[{_UNSEEN}]").sub
_without_clusters = re.compile(
    "(?P<flag>[\U0001f1e6-\U0001f1ff]{2})"
    "|(?P<joined>\u200d[\u2190-\u2bff\U0001f000-\U0001faff])"
    f"|(?P<marks>[{_MARKS}]+)"
    "|(?P<tinted>[\U0001f3fb-\U0001f3ff])"
).sub
_SILENT = frozenset({"Cc", "Cf", "Zl", "Zp"})
_NAMELESS = frozenset({"Cs", "Co", "Cn"})
_SPACES = str.maketrans({"\n": " ", "\r": " ", "\t": " ", "\u0085": " ", "\u2028": " ", "\u2029": " "})


def steady(text: str) -> str:
    """``text`` as characters whose widths no terminal disputes, on one line, without control characters.

    Its width is the sum of its characters' widths.
    """
    if text.isprintable() and (text.isascii() or (not _maybe_odd(text) and unicodedata.is_normalized("NFC", text))):
        return text
    text = unicodedata.normalize("NFC", text.translate(_SPACES))
    text = _without_clusters(_undisputed, _without_unseen("", text))
    return "".join(map(_shown, text))


@lru_cache(4096)
def _shown(character: str) -> str:
    """The character itself, nothing for a control or format character, a mark for one that has no glyph."""
    category = unicodedata.category(character)
    if category in _SILENT:
        return ""
    return "\ufffd" if category in _NAMELESS else character


def _undisputed(match: re.Match[str]) -> str:
    if flag := match["flag"]:
        return "".join(chr(ord(c) - 0x1F1E6 + ord("A")) for c in flag)
    if marks := match["marks"]:
        return marks[:MAX_MARKS].replace("\u20e3", "")
    return ""


def fit(value: object, width: int, align: Align = "left") -> str:
    """``value`` as exactly ``width`` cells: cut with an ellipsis, or padded."""
    text = "" if value is None else value if isinstance(value, str) else str(value)
    text = steady(text[: 16 * width + 64])
    cells = cell_len(text)
    if cells > width:
        text, cells = _cut(text, width)
    if cells == width:
        return text
    if align == "right":
        return " " * (width - cells) + text
    if align == "center":
        return (" " * ((width - cells) // 2) + text).ljust(width - cells + len(text))
    return text + " " * (width - cells)


def _cut(text: str, width: int) -> tuple[str, int]:
    """The start of a steady text that fits in ``width`` cells with an ellipsis behind it, and its width."""
    if width <= 0:
        return "", 0
    room = width - 1
    used = 0
    for index, character in enumerate(text):
        cells = get_character_cell_size(character)
        if used + cells > room:
            return text[:index] + ellipsis(), used + 1
        used += cells
    return text, used


def wrap(text: str, width: int) -> list[str]:
    """A message of a few sentences in lines of at most ``width`` cells, broken at spaces or between Han.

    Closing punctuation stays with what it closes; a word that is longer than a line goes on in the next.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0
        for word in re.findall(_WORD, steady(paragraph)):
            cells = cell_len(word.rstrip())
            if line and used + cells > width:
                lines.append(line.rstrip())
                line, used = "", 0
            *full, word = _folded(word, width) if cells > width else (word,)
            lines += full
            line, used = line + word, used + cell_len(word)
        lines.append(line.rstrip())
    return lines


_COMMAND = re.compile(r"(?<=[\s:：])[ ]*(kolbench [a-z](?:[^\n.。，、；]|\.(?=\w))*)[.。]?[ ]*")
"""A command in a sentence, which gets a line of its own: what is broken in two can't be copied."""


def amid(text: str, y: int, rows: int, width: int) -> str:
    """Line ``y`` of what stands in the middle of so many rows and cells, wrapped so that it reads well."""
    lines = wrap(_COMMAND.sub(r"\n\1\n", text), max(1, min(width - 4, 70)))
    index = y - max(0, (rows - len(lines)) // 2)
    return fit(lines[index] if 0 <= index < len(lines) else "", width, "center")


def _folded(word: str, width: int) -> list[str]:
    """A steady word that is too long for a line in pieces of ``width`` cells; one character at least in each."""
    pieces, used = [""], 0
    for character in word.rstrip():
        cells = get_character_cell_size(character)
        if pieces[-1] and used + cells > width:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += cells
    pieces[-1] += word[len(word.rstrip()) :]
    return pieces


_HAN = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_WORD = rf"[（「]?(?:[{_HAN}]|[^\s{_HAN}]+)[，。、；：！？）」…]{{0,2}} *| +"


@cache
def unicode_terminal() -> bool:
    """Whether the terminal is expected to draw more than ASCII (a UTF-8 locale, not the Linux console)."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    return "utf" in locale.lower() and os.environ.get("TERM") != "linux"


def ellipsis() -> str:
    """One cell that says that something was cut."""
    return "…" if unicode_terminal() else "~"


def separated(number: int | None) -> str:
    """``1234567`` as ``1,234,567``; nothing for None."""
    return "" if number is None else f"{number:,}"


def compact(number: int | None) -> str:
    """A count in at most seven cells, rounded half up: ``1.2M``, in Chinese ``120.5万``; nothing for None."""
    if number is None:
        return ""
    sign, size = ("-", -number) if number < 0 else ("", number)
    if size < 10_000:
        return f"{number:,}"
    for unit, name, most in _HAN_UNITS if wanted() == "zh_CN" else _UNITS:
        tenths = (size * 10 + unit // 2) // unit
        if tenths >= 10_000:
            tenths = (size + unit // 2) // unit * 10
        if tenths < 10 * most:
            whole, tenth = divmod(tenths, 10)
            return f"{sign}{whole}.{tenth}{name}" if tenth else f"{sign}{whole}{name}"
    digits, power = f"{size:.1e}".split("e+")
    return f"{sign}{digits}e{int(power)}"


_UNITS = ((10**3, "K", 10**3), (10**6, "M", 10**3), (10**9, "B", 10**3), (10**12, "T", 10**4))
_HAN_UNITS = ((10**4, "万", 10**4), (10**8, "亿", 10**4), (10**12, "万亿", 10**4))
"""A unit, its name, and how many of it are one of the next."""


def near(plus_minus: int | None) -> str:
    """What stands before a count that its source rounded by up to ``plus_minus``; nothing before an exact one."""
    return ("≈" if unicode_terminal() else "~") if plus_minus else ""


def percent(share: float | None) -> str:
    """``0.0139`` as ``1.4%``; nothing for None."""
    return "" if share is None else f"{share:.1%}"


def bar(share: float | None, width: int = 1) -> str:
    """A share of 0..1 as ``width`` cells: one cell rises ``▁▂▃▄▅▆▇█``, more fill from the left."""
    if share is None:
        return " " * width
    share = min(1.0, max(0.0, share))
    if width == 1:
        steps = "▁▂▃▄▅▆▇█" if unicode_terminal() else "_.:-=+*#"
        return steps[min(7, int(share * 8))]
    if not unicode_terminal():
        return ("#" * round(share * width)).ljust(width, ".")
    full, eighths = divmod(round(share * width * 8), 8)
    return ("█" * full + "▏▎▍▌▋▊▉"[eighths - 1 : eighths]).ljust(width)


def movement(rank: int, before: int | None) -> str:
    """How a rank moved against ``before`` (None: was not there): ``▲3``, ``▼2``, ``=`` or ``new``."""
    if before is None:
        return _("new")
    up, down = ("▲", "▼") if unicode_terminal() else ("+", "-")
    return "=" if rank == before else f"{up}{before - rank}" if rank < before else f"{down}{rank - before}"


def ago(at: int | None, now: int) -> str:
    """How long before ``now`` a moment was, in its largest unit: ``5m``, ``3h``, ``2d``, ``4mo``; ms UTC."""
    if at is None:
        return ""
    gap = abs(now - at)
    if gap < MINUTE:
        return _("now")
    forms = ((365 * DAY, _("{n}y")), (30 * DAY, _("{n}mo")), (DAY, _("{n}d")), (HOUR, _("{n}h")), (MINUTE, _("{n}m")))
    unit, form = next(pair for pair in forms if gap >= pair[0])
    when = form.format(n=gap // unit)
    return when if at <= now else _("in {when}").format(when=when)


def since(at: int | None, now: int) -> str:
    """``ago`` in words that stand by themselves: ``3h ago``, at most eight cells; ms UTC."""
    when = ago(at, now)
    return when if at is None or now - at < MINUTE else _("{when} ago").format(when=when)


def due(at: int | None, now: int) -> str:
    """On which day something is due, counted in days of the calendar here: ``today``, ``in 3d``, ``2d late``; ms UTC.

    Nothing for None or a day that has no name.
    """
    if at is None:
        return ""
    try:
        days = (from_ms(at).astimezone().date() - from_ms(now).astimezone().date()).days
    except (ValueError, OverflowError, OSError):
        return ""
    if days in (0, 1):
        return _("tomorrow") if days else _("today")
    when = _("{n}d").format(n=abs(days))
    return _("in {when}").format(when=when) if days > 0 else _("{when} late").format(when=when)


def day(at: int | None) -> str:
    """The UTC date of a moment in ms as ``2026-05-04``; nothing for None or a year that has no name."""
    if at is None:
        return ""
    return _day(at // DAY)


@lru_cache(1024)
def _day(epoch_day: int) -> str:
    try:
        return from_ms(epoch_day * DAY).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
