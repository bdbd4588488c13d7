"""Text from outside made safe to keep and to show: no control, no escape sequence, nothing invisible.

Letters of every script, emoji of every kind and markup such as ``[bold]`` are text and survive. What goes:

- control characters, and escape sequences as a whole with what they carry (CSI, OSC, DCS, APC, PM, SOS);
- lone surrogates, noncharacters, byte order marks, blank letters (Hangul fillers) and tag characters
  outside a flag, which can smuggle unseen text;
- characters without width and those that turn the reading direction. Only the two joiners stay, and only
  where a reader sees a difference: U+200D between the parts of an emoji, U+200C and U+200D inside words of
  the scripts shaped by them (Arabic and its neighbours, the Indic scripts, Khmer, Mongolian);
- more than ``MAX_MARKS`` marks stacked on one letter, and marks with no letter under them.

Both functions return NFC text, give the same again for their own result, take time in proportion to
``limit`` and not to the input, and return the very object they were given when nothing had to change.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE = 200
TEXT = 20_000
MAX_MARKS = 4
"""Hebrew with accents and everyday Tibetan need four marks on a letter; no orthography needs more."""

ELLIPSIS = "…"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def clean_line(text: str, limit: int = LINE) -> str:
    """One line of at most ``limit`` (≥ 1) characters: a name, a handle, a title; longer ones end in ``…``."""
    if len(text) <= limit and ((text.isascii() and text.isprintable()) or _plain_line(text)):
        return text.strip()
    line = _cut(_cleaned(text, limit, one_line=True).strip(), limit)
    return text if line == text else line


def clean_text(text: str, limit: int = TEXT) -> str:
    """A message or a description of at most ``limit`` (≥ 1) characters; line breaks and tabs are kept."""
    if len(text) <= limit and _plain_text(text):
        return text
    cleaned = _cut(_cleaned(text, limit, one_line=False), limit)
    return text if cleaned == text else cleaned


def are_lines(texts: Sequence[str], limit: int = LINE) -> bool:
    """Whether ``clean_line`` would give back each of these as it is; False also where only it can tell."""
    if max(map(len, texts)) > limit:
        return False
    joined = "".join(texts)
    if joined.isascii() and joined.isprintable():
        return " " not in joined or list(map(str.strip, texts)) == list(texts)
    return _plain_line(joined) is not None and list(map(str.strip, texts)) == list(texts)


def are_texts(texts: Sequence[str], limit: int = TEXT) -> bool:
    """Whether ``clean_text`` would give back each of these as it is; False also where only it can tell."""
    return max(map(len, texts)) <= limit and _plain_text("".join(texts)) is not None


# Characters that are fine alone and in any order: no marks, no joiners, nothing that NFC would change.
_PLAIN = (
    r" -~\u00a1-\u00ac\u00ae-\u024f\u0391-\u03ce\u0400-\u0482\u048a-\u052f\u05d0-\u05ea\u0621-\u063a"
    r"\u0641-\u064a\u2010-\u2027\u2030-\u205e\u2190-\u2328\u232b-\u2adb\u2add-\u2bff\u3000-\u3029"
    r"\u3041-\u3096\u30a1-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9f"
    r"\U0001f300-\U0001f6ff\U0001f900-\U0001f9ff"
)
_PLAIN_LINE = rf"[{_PLAIN}]*"
_PLAIN_TEXT = rf"[\t\n{_PLAIN}]*"

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\u2028\u2029]")

_FLAG_OF_A_REGION = r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_NONCHARACTERS = r"\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
_UNSEEN = (
    r"\x00-\x06\x08\x0e-\x17\x19\x1c-\x1f\x7f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff" + _NONCHARACTERS
)
_has_unseen = re.compile(f"[{_UNSEEN}]").search
_without_unseen = re.compile(rf"({_FLAG_OF_A_REGION})|[{_UNSEEN}]").sub

_has_control = re.compile(r"[\x07\x18\x1a\x1b\x80-\x9f]").search
_without_sequences = re.compile(
    r"""
      (?: \x1b[\]PX^_] | [\x90\x98\x9d-\x9f] )      # a string: OSC, DCS, SOS, PM, APC …
          [^\x07\x18\x1a\x1b\x80-\x9f]*+ (?: \x07 | \x1b\\ | \x9c )
    | \x1b[\]PX^_] [^\n\x07\x18\x1a\x1b\x80-\x9f]*+ # … that never ends: the rest of its line
    | (?: \x1b\[ | \x9b ) [0-?]*+ [\ -/]*+ [@-~]?   # CSI
    | \x1b [\ -/]*+ [0-~]?                          # any other
    | [\x07\x18\x1a\x80-\x9f]                       # controls outside a sequence
    """,
    re.VERBOSE,
).sub

_JOINERS = "\u200c\u200d"
_SHAPED = re.compile(r"[\u0600-\u0dff\u1000-\u109f\u1780-\u18af\u1b00-\u1bff\ua800-\uabff\U00010a00-\U00011fff]")
_EMOJI = re.compile(r"[\u2190-\u2bff\U0001f000-\U0001fbff]")

# Neither ``\w`` nor a plain character is a mark: only runs free of both can be too many of them.
_MAYBE_MARK = rf"[^\w\s{_PLAIN}]"
_UNTAMED = rf"[{_JOINERS}]|(?:^|\s){_MAYBE_MARK}|{_MAYBE_MARK}{{{MAX_MARKS + 1}}}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The patterns that take long to compile: when one is needed, and not before the first frame."""
    return re.compile(pattern)


def _plain_line(text: str) -> re.Match[str] | None:
    return _compiled(_PLAIN_LINE).fullmatch(text)


def _plain_text(text: str) -> re.Match[str] | None:
    return _compiled(_PLAIN_TEXT).fullmatch(text)


def _is_untamed(text: str) -> re.Match[str] | None:
    return _compiled(_UNTAMED).search(text)


def _cleaned(text: str, limit: int, one_line: bool) -> str:
    """``text`` without what must go; when ``text`` is far longer than ``limit``, only its beginning."""
    window = 4 * limit + 256
    head = text if len(text) <= window else text[:window]
    head = _BREAKS.sub("\n", head)
    # The unseen go first: inside an escape sequence a terminal skips them too.
    if _has_unseen(head):
        head = _without_unseen(r"\1", head)
    if _has_control(head):
        head = _without_sequences("", head)
    if one_line:
        head = head.replace("\n", " ").replace("\t", " ")
    # Stacks are cut before NFC, which sorts the marks of one letter in quadratic time.
    head = _tamed(head)
    if not unicodedata.is_normalized("NFC", head):
        head = unicodedata.normalize("NFC", _tamed(unicodedata.normalize("NFC", head)))
    return head if len(text) <= window else head + ELLIPSIS


def _tamed(text: str) -> str:
    """``text`` with few marks on each letter, none on a blank, and joiners only where they join."""
    if not _is_untamed(text):
        return text
    kept: list[str] = []
    under = joiner = ""
    marks = 0
    for ch in text:
        if ch in _JOINERS:
            joiner = ch
            continue
        is_mark = unicodedata.category(ch) in ("Mn", "Me")
        if is_mark:
            marks += 1
            if not under or marks > MAX_MARKS:
                joiner = ""
                continue
        if joiner and _joins(under, joiner, ch, is_mark):
            kept.append(joiner)
        joiner = ""
        kept.append(ch)
        if not is_mark:
            under, marks = ("" if ch.isspace() else ch), 0
    return "".join(kept)


def _joins(under: str, joiner: str, ch: str, is_mark: bool) -> bool:
    if _SHAPED.match(under):
        return is_mark or _SHAPED.match(ch) is not None
    return joiner == "\u200d" and _EMOJI.match(under) is not None and _EMOJI.match(ch) is not None


def _cut(text: str, limit: int) -> str:
    """``text``, or as many of its whole graphemes as fit before an ellipsis."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and is_one_grapheme(text, end):
        end -= 1
    return text[:end] + ELLIPSIS


def is_one_grapheme(text: str, at: int) -> bool:
    """Whether a cut before ``text[at]`` (0 < at < length) would split what a reader sees as one character."""
    ch = text[at]
    if ch in _JOINERS or text[at - 1] in _JOINERS or unicodedata.category(ch) in ("Mn", "Me", "Mc", "Cf"):
        return True
    if "\U0001f3fb" <= ch <= "\U0001f3ff":  # a skin tone
        return True
    if not _is_regional(ch):
        return False
    before = at
    while before > 0 and _is_regional(text[before - 1]):
        before -= 1
    return (at - before) % 2 == 1


def _is_regional(ch: str) -> bool:
    return "\U0001f1e6" <= ch <= "\U0001f1ff"


def harmless(text: str) -> str:
    """A cell that no spreadsheet computes, not even one in Chinese, where the full-width signs begin formulas, too."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
