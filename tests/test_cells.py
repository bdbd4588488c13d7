"""Text, numbers and dates as cells of a terminal."""

from __future__ import annotations

import time
import unicodedata
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from kolbench.domain.clock import DAY, HOUR, MINUTE, to_ms
from kolbench.widgets import cells

ODD = (
    "👨\u200d👩\u200d👧 🇨🇳 1\ufe0f\u20e3 ❤\ufe0f 👍🏽 e\u0301 \u202eabc\u202c \x1b[31m \x07 \x00 \ud800 \u200b"
    " ﷽ 한글 ﾊﾝ １２ ภาษา हिन्दी [bold]b[/bold]"
)
TEXTS = st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=60)


@pytest.fixture(autouse=True)
def in_english_on_a_unicode_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_LANG", "en")
    monkeypatch.setattr(cells, "unicode_terminal", lambda: True)


@given(TEXTS, st.integers(0, 40), st.sampled_from(["left", "right", "center"]))
@settings(max_examples=400, deadline=None)
def test_any_text_takes_exactly_the_cells_it_is_given(text: str, width: int, align: cells.Align) -> None:
    fitted = cells.fit(text, width, align)
    assert cell_len(fitted) == width
    assert sum(map(get_character_cell_size, fitted)) == width


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_nothing_that_steers_a_terminal_passes(text: str) -> None:
    steady = cells.steady(text)
    assert not [c for c in steady if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert not [c for c in steady if c in "\ufe0e\ufe0f\u20e3" or "\U0001f3fb" <= c <= "\U0001f3ff"]
    assert cells.steady(steady) == steady


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👨\u200d👩\u200d👧家", "👨家"),
        ("👨\u200d👩\u200d👧\u200d👦 一家四口", "👨 一家四口"),
        ("👩🏽\u200d🚀", "👩"),
        ("🏳\ufe0f\u200d🌈", "🏳"),
        ("🇨🇳国旗", "CN国旗"),
        ("1\ufe0f\u20e3一", "1一"),
        ("❤\ufe0f爱心", "❤爱心"),
        ("👍🏽赞", "👍赞"),
        ("e\u0301te\u0301", "été"),
        ("a\u200bb\tc\nd", "ab c d"),
        ("hi\x1b]52;c;aGFja2Vk\x1b\\there", "hi]52;c;aGFja2Vk\\there"),
        ("王子轩の日常🍜", "王子轩の日常🍜"),
        ("[bold]b[/bold]", "[bold]b[/bold]"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_a_disputed_cluster_becomes_its_first_undisputed_part(text: str, shown: str) -> None:
    assert cells.steady(text) == shown


def test_a_letter_keeps_its_marks_but_carries_no_tower_of_them() -> None:
    assert cells.steady("q" + "\u0307" * 50) == "q" + "\u0307" * cells.MAX_MARKS


@pytest.mark.parametrize(
    ("text", "width", "align", "shown"),
    [
        ("abc", 5, "left", "abc  "),
        ("abc", 5, "right", "  abc"),
        ("abc", 6, "center", " abc  "),
        ("abcdef", 4, "left", "abc…"),
        ("王子轩", 6, "left", "王子轩"),
        ("王子轩", 5, "left", "王子…"),
        ("王子轩", 4, "right", " 王…"),
        (None, 2, "left", "  "),
        (12, 4, "right", "  12"),
        ("abc", 0, "left", ""),
    ],
)
def test_text_is_cut_with_an_ellipsis_or_padded(text: object, width: int, align: cells.Align, shown: str) -> None:
    assert cells.fit(text, width, align) == shown


def test_a_name_of_ten_megabytes_is_cut_like_any_other() -> None:
    assert cells.fit("王" * 10_000_000, 7) == "王王王…"


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (None, "", ""),
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (10_000, "10K", "1万"),
        (12_345, "12.3K", "1.2万"),
        (12_350, "12.4K", "1.2万"),
        (999_949, "999.9K", "100万"),
        (999_950, "1M", "100万"),
        (1_205_000, "1.2M", "120.5万"),
        (99_994_999, "100M", "9999万"),
        (99_995_000, "100M", "1亿"),
        (3_400_000_000, "3.4B", "34亿"),
        (-1_250_000, "-1.3M", "-125万"),
        (9_999_499_999_999_999, "9999T", "9999万亿"),
        (10**18, "1.0e18", "1.0e18"),
    ],
)
def test_counts_are_short_and_rounded_half_up(
    number: int | None, english: str, chinese: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cells.compact(number) == english
    monkeypatch.setenv("KOLBENCH_LANG", "zh_CN")
    assert cells.compact(number) == chinese


@given(st.integers(-(10**19), 10**19))
def test_a_compact_count_fits_eight_cells(number: int) -> None:
    assert cell_len(cells.compact(number)) <= 8


def test_a_share_is_a_bar_of_its_cells() -> None:
    assert [cells.bar(share) for share in (0.0, 0.5, 1.0, 7.0, None)] == ["▁", "▅", "█", "█", " "]
    assert cells.bar(0.55, 4) == "██▎ "
    assert cells.bar(1.0, 4) == "████"
    assert cells.bar(0.0, 4) == "    "


def test_without_unicode_bars_arrows_and_cuts_are_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "unicode_terminal", lambda: False)
    shown = cells.bar(0.3) + cells.bar(0.5, 4) + cells.movement(1, 4) + cells.movement(4, 1) + cells.fit("abcdef", 4)
    assert shown.isascii()


def test_a_rank_that_moved_has_an_arrow() -> None:
    assert [cells.movement(3, before) for before in (6, 1, 3, None)] == ["▲3", "▼2", "=", "new"]


def test_a_moment_is_told_in_its_largest_unit() -> None:
    now = 1_800_000_000_000
    gaps = [0, 5 * MINUTE, 3 * HOUR, 2 * DAY, 65 * DAY, 800 * DAY]
    assert [cells.ago(now - gap, now) for gap in gaps] == ["now", "5m", "3h", "2d", "2mo", "2y"]
    assert cells.ago(now + 2 * DAY, now) == "in 2d"
    assert cells.ago(None, now) == ""
    assert [cells.since(at, now) for at in (now, now - 3 * HOUR, now + 2 * DAY)] == ["now", "3h ago", "in 2d"]
    assert cells.since(None, now) == ""


@pytest.mark.parametrize(
    ("zone", "at", "told"),
    [
        ("UTC", "2026-02-04T00:30+00:00", "today"),
        ("UTC", "2026-02-04T23:30+00:00", "today"),
        ("UTC", "2026-02-05T00:00+00:00", "tomorrow"),
        ("UTC", "2026-02-07T23:59+00:00", "in 3d"),
        ("UTC", "2026-02-03T23:59+00:00", "1d late"),
        ("Asia/Shanghai", "2026-02-04T15:59+00:00", "today"),
        ("Asia/Shanghai", "2026-02-04T16:00+00:00", "tomorrow"),
        ("America/Los_Angeles", "2026-02-04T07:59+00:00", "1d late"),
    ],
)
def test_what_is_due_is_told_in_days_of_the_calendar_here(
    zone: str, at: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    assert cells.due(ms(at), ms("2026-02-04T12:00+00:00")) == told
    monkeypatch.undo()
    time.tzset()


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def test_a_day_beyond_the_calendar_is_not_shown() -> None:
    assert cells.due(10**18, 0) == cells.due(None, 0) == ""
    assert cells.day(1_777_852_800_000) == "2026-05-04"
    assert cells.day(10**18) == ""
    assert cells.day(None) == ""


def test_a_message_is_broken_at_spaces_and_between_han() -> None:
    assert cells.wrap("No creators yet. Import a file.", 12) == ["No creators", "yet. Import", "a file."]
    assert cells.wrap("还没有达人，请先导入", 8) == ["还没有达", "人，请先", "导入"]
    assert cells.wrap("还没有达人，请先（用 i）导入。", 8) == ["还没有达", "人，请先", "（用 i）", "导入。"]


def test_a_word_longer_than_a_line_goes_on_in_the_next_and_shorter_ones_stay_whole() -> None:
    assert cells.wrap("a" * 9, 4) == ["aaaa", "aaaa", "a"]
    assert cells.wrap("see https://example.org/a now", 10) == ["see", "https://ex", "ample.org/", "a now"]
    assert cells.wrap("导入import小红书", 8) == ["导入", "import小", "红书"]


@given(TEXTS, st.integers(2, 40))
@settings(max_examples=200, deadline=None)
def test_lines_fit_and_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    lines = cells.wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(map(cells.steady, "".join(text.split())))


@pytest.mark.parametrize(
    ("environment", "able"),
    [
        ({"LC_ALL": "C.UTF-8", "TERM": "xterm"}, True),
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": "C.UTF-8", "TERM": "linux"}, False),
    ],
)
def test_the_locale_and_the_terminal_tell_whether_more_than_ascii_is_drawn(
    environment: dict[str, str], able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    for name in ("LC_ALL", "LC_CTYPE", "LANG", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    cells.unicode_terminal.cache_clear()
    assert cells.unicode_terminal() is able
    cells.unicode_terminal.cache_clear()


def test_a_command_in_an_empty_state_has_a_line_of_its_own() -> None:
    text = (
        "Nobody takes part yet, and so there is nothing. Begin: kolbench rules example > rules.toml. Then + reads it."
    )
    lines = [cells.amid(text, y, 6, 60).strip() for y in range(6)]
    assert "kolbench rules example > rules.toml" in lines
    lines = [cells.amid("Leave with q and run 'kolbench demo'. Then look.", y, 4, 60).strip() for y in range(4)]
    assert "Leave with q and run 'kolbench demo'. Then look." in lines
    assert "kolbench campaign start A --from-brief B" in [
        cells.amid("还没有人参与。开始一波：kolbench campaign start A --from-brief B。然后看。", y, 5, 60).strip()
        for y in range(5)
    ]
