"""Text from outside loses what could harm a terminal or mislead a reader, and nothing else."""

from __future__ import annotations

import unicodedata

import pyte
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kolbench.domain import text as gate_text
from kolbench.domain.text import MAX_MARKS, clean_line, clean_text

ESC = "\x1b"
ZWNJ, ZWJ = "\u200c", "\u200d"

# Fragments that only make trouble together; plain random text hardly ever builds them.
PIECES = st.one_of(
    st.sampled_from(
        [
            *(ESC, ESC + "[", ESC + "[31m", ESC + "]52;c;", "\x07", ESC + "\\", ESC + "P", "\x9b", "\x9d", "\x9c"),
            *("\x00", "\x7f", "\r", "\n", "\r\n", "\t", "\u2028", "\x85", " ", "\u3000", "\u2000"),
            *(ZWNJ, ZWJ, "\u200b", "\u202e", "\u2066", "\u200f", "\ufeff", "\u034f", "\u3164", "\ufe0f", "\u20e3"),
            *("a", "e\u0301", "\u0301", "\u0323", "\u0488", "1", "क", "्", "\u0958", "\u093c", "\u0651", "ا", "ل"),
            *("👩", "💻", "❤", "🏽", "🇨", "🏴", "\U000e0067\U000e0062\U000e0065\U000e007f", "\U000e0041"),
            *("\ud800", "\udfff", "\uffff", "\U0010fffe", "\u2adc", "\u212a", "達", "人", "[bold]", "…"),
        ]
    ),
    st.characters(),
    st.text(max_size=5),
)
HOSTILE = st.lists(PIECES, max_size=40).map("".join)


# Format characters that are printed: number signs, the end of a verse, Egyptian quadrats.
VISIBLE_FORMAT = {
    chr(code)
    for code in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13460))
}
CHARACTERS = [
    chr(code)
    for code in (
        *(*range(0x20000), *range(0xE0000, 0xE1000)),
        *(plane << 16 | last for plane in range(2, 17) for last in (0xFFFE, 0xFFFF)),
    )
]


def forbidden(text: str) -> list[str]:
    """What may never come out, told by Unicode's own categories and not by the module's tables."""
    return [
        f"U+{ord(ch):04X}"
        for ch in text
        if ch not in VISIBLE_FORMAT
        and ch not in ("\n", "\t", ZWNJ, ZWJ)
        and (
            (category := unicodedata.category(ch)) in ("Cc", "Cs", "Zl", "Zp")
            or (category == "Cf" and not 0xE0020 <= ord(ch) <= 0xE007F)
            or (ord(ch) & 0xFFFE) == 0xFFFE
            or 0xFDD0 <= ord(ch) <= 0xFDEF
        )
    ]


def longest_stack(text: str) -> int:
    longest = run = 0
    for ch in text:
        if ch not in (ZWNJ, ZWJ):
            run = run + 1 if unicodedata.category(ch) in ("Mn", "Me") else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize(
    "harmless",
    [
        "李佳琦Austin · 官方",
        "達人（繁體）",
        "[bold red]markup[/] is {text}",
        "👩‍💻 👍🏽 ❤️‍🔥 🏳️‍🌈 👨‍👩‍👧‍👦",
        "🇨🇳🇯🇵 🏴󠁧󠁢󠁳󠁣󠁴󠁿 1️⃣ #️⃣ ☎️",
        "مرحبا بالعالم",
        "می\u200cخواهم",
        "שָׁלוֹם",
        "בְּרֵאשִׁ֖ית",
        "ภาษาไทยก็ดีนี่",
        "क्\u200dष र\u200d्य ශ්\u200dරී",
        "বাংলা র\u200d্যাব",
        "한국어 Việt Nam Ελληνικά Русский",
        "葛\U000e0100城市",
        "ꦧꦱꦗꦮ བོད་སྐད་",
        "O’Neil — ½ €5 ™",
    ],
)
def test_every_script_and_emoji_survives(harmless: str) -> None:
    assert clean_line(harmless) == unicodedata.normalize("NFC", harmless)
    assert clean_text(harmless + "\n\tcode") == unicodedata.normalize("NFC", harmless) + "\n\tcode"


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        (f"a{ESC}[31;1mb{ESC}[0mc", "abc"),
        (f"a{ESC}]52;c;cm0gLXJm\x07b", "ab"),
        (f"a{ESC}]52;c;cm0gLXJm{ESC}\\b", "ab"),
        (f"a{ESC}]0;title without an end", "a"),
        (f"a{ESC}P1$r0m{ESC}\\b{ESC}_apc{ESC}\\c{ESC}^pm{ESC}\\d{ESC}Xsos{ESC}\\e", "abcde"),
        ("a\x9b2Jb\x9d52;c;x\x9cc", "abc"),
        (f"a{ESC}cb{ESC}(0c{ESC}#8d", "abcd"),
        (f"a{ESC}[\x00\x7f3\u200b1mb", "ab"),
        (f"a{ESC}[12;", "a"),
        (f"a{ESC}", "a"),
        ("a\x00\x08\x7f\x84b", "ab"),
        ("a\u202egnp.exe\u2066\u2069\u200f\u061cb", "agnp.exeb"),
        ("pay\u200bpal\u2060\ufeff\u00ad\u034f", "paypal"),
        (f"pay{ZWJ}pal{ZWNJ}", "paypal"),
        (f"👩{ZWJ}{ZWJ}x{ZWJ}💻", "👩x💻"),
        ("\u3164\u115f\u1160\uffa0", ""),
        ("a\ud800b\udfffc\uffffd\ufdd0e\U0010ffff", "abcde"),
        ("hi\U000e0068\U000e0069 🏴\U000e0067", "hi 🏴"),
        ("\u0301a", "a"),
        ("z" + "\u0301\u0489" * 50, "ź" + "\u0489\u0301\u0489"),
        ("ก" + "็" * 30, "ก" + "็" * 4),
        ("e\u0301", "é"),
    ],
)
def test_what_could_harm_goes_as_a_whole(hostile: str, left: str) -> None:
    assert clean_line(hostile) == left
    assert clean_text(hostile) == left


def test_a_line_is_one_line() -> None:
    assert clean_line("  Ann\r\nof\tthe\u2028house\n") == "Ann of the house"


def test_a_text_keeps_its_lines() -> None:
    assert clean_text("a\r\nb\rc\u2029d\te\x0b") == "a\nb\nc\nd\te\n"


def test_a_sequence_without_an_end_takes_its_own_line_only() -> None:
    assert clean_text(f"one{ESC}]8;;http\ntwo") == "one\ntwo"


@pytest.mark.parametrize(
    ("long", "limit", "cut"),
    [
        ("abcdef", 4, "abc…"),
        ("ab👍🏽cd", 4, "ab…"),
        ("a👩‍💻bcd", 4, "a…"),
        ("🇨🇳🇯🇵🇩🇪", 4, "🇨🇳…"),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿🏴󠁧󠁢󠁳󠁣󠁴󠁿", 9, "🏴󠁧󠁢󠁳󠁣󠁴󠁿…"),
        ("กำก็ก็ก็", 4, "กำ…"),
        ("ab1️⃣cde", 5, "ab…"),
        ("達人達人達人", 4, "達人達…"),
        ("abc", 1, "…"),
    ],
)
def test_a_cut_never_splits_a_character(long: str, limit: int, cut: str) -> None:
    assert clean_line(long, limit) == cut


def test_ten_megabytes_cost_no_more_than_their_beginning() -> None:
    for unit in ("a", "\u0301\u0323", f"{ESC}]52;c;", "\x9d\n", "🇦", f"अ{ZWJ}\u0301", f"👩{ZWJ}", " ", "\r"):
        giant = unit * (2_000_000 // len(unit))
        assert clean_line(giant) == clean_line(giant[:5_000] + "x" * 10_000)
        assert len(clean_text(giant)) <= gate_text.TEXT


def test_text_that_is_fine_is_returned_as_it_is() -> None:
    for fine in ("Ann", "李佳琦Austin", "a b", "👩‍💻 ภาษาไทยก็ดี"):
        assert clean_line(fine) is fine
    message = "line one\n\tline two ✓ 好"
    assert clean_text(message) is message


def test_characters_taken_for_plain_are_plain() -> None:
    for ch in CHARACTERS:
        if gate_text._plain_text(ch) and ch not in "\t\n":
            assert not forbidden(ch)
            assert unicodedata.category(ch) not in ("Mn", "Me")
            assert unicodedata.is_normalized("NFC", f"a{ch}a"), ascii(ch)


def test_no_forbidden_character_comes_through_in_company() -> None:
    for ch in CHARACTERS:
        if forbidden(ch) or "\U000e0000" <= ch < "\U000e0100":
            assert clean_text(f"a{ch}好") in ("a好", "a\n好"), ascii(ch)


@settings(max_examples=300, deadline=None)
@given(HOSTILE, st.sampled_from((1, 2, 7, 200)))
@example("\u0301 abc", 200)
@example(f" {ZWNJ} a{ZWNJ}\u0301", 200)
@example(f"\u2adc{ZWJ}💻", 200)
@example(f"\ufe0f{ZWJ}💻", 200)
@example(f"ك\u0651\u0301\u0301\u0301\u0323{ZWNJ}\u0301\u0651{ZWNJ}ك", 200)
@example("\ufb2c\u0301\u0301\u0301\u0301", 200)
def test_cleaning_is_final(hostile: str, limit: int) -> None:
    for clean in (clean_line, clean_text):
        once = clean(hostile, limit)
        assert clean(once, limit) == once
        assert len(once) <= limit
        assert not forbidden(once)
        assert longest_stack(once) <= MAX_MARKS
        assert unicodedata.is_normalized("NFC", once)
    line = clean_line(hostile, limit)
    assert line == line.strip()
    assert "\n" not in line
    assert "\t" not in line


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
@example(f"{ESC}]2;title\x07{ESC}[?1049h{ESC}[5;5H{ESC}[7m{ESC}(0{ESC}7")
def test_a_terminal_shows_it_like_plain_text(hostile: str) -> None:
    text = clean_text(hostile)
    screen = pyte.Screen(400, 100)
    untouched = pyte.Screen(400, 100)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n") + "\r\nplain")
    lines = text.count("\n") + 1
    assert (screen.cursor.y, screen.cursor.x) == (lines, len("plain"))
    assert screen.mode == untouched.mode
    assert screen.charset == untouched.charset
    assert screen.g0_charset == untouched.g0_charset
    assert screen.title == untouched.title == ""
    assert screen.savepoints == []
    assert screen.cursor.attrs == untouched.cursor.attrs
    assert screen.buffer[lines][0].data == "p"
    blank = untouched.default_char
    for row in screen.buffer.values():
        assert all(cell._replace(data=blank.data) == blank for cell in row.values())
