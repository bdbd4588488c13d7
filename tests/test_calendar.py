"""Follow-ups as iCalendar: escaped, folded and dated as RFC 5545 has it, whatever people are called."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from kolbench.domain.clock import DAY
from kolbench.programme.calendar import calendar, folded, text
from kolbench.programme.follow_ups import QueueRow

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = make.ms(100.5)


@pytest.fixture
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def row(name: str = "Ann", why: str = "Birthday", due_at: int = NOW, plan: str | None = None) -> QueueRow:
    return QueueRow(
        7, 1, name, "weibo", None, "x", "An important day", why, due_at, None, NOW, None, "open", "eve", "wechat", plan,
        None, None,
    )  # fmt: skip


def unfolded(told: str) -> list[str]:
    assert told.endswith("\r\n")
    return told.replace("\r\n ", "").split("\r\n")[:-1]


def value(escaped: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], escaped)


def test_a_follow_up_is_an_event_of_its_day() -> None:
    lines = unfolded(calendar([row(due_at=NOW + 2 * DAY, plan="send tea, a book")], NOW))
    assert lines == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//KOLbench//follow-ups//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        "UID:follow-up-7@kolbench",
        "DTSTAMP:20260411T120000Z",
        "DTSTART;VALUE=DATE:20260413",
        "DTEND;VALUE=DATE:20260414",
        "SUMMARY:Ann: An important day",
        "DESCRIPTION:Birthday\\nchannel: WeChat\\nplan: send tea\\, a book\\nowner: eve",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_what_is_overdue_stands_on_today() -> None:
    assert "DTSTART;VALUE=DATE:20260411" in calendar([row(due_at=NOW - 9 * DAY)], NOW)


@pytest.mark.usefixtures("shanghai")
def test_the_day_is_the_operators_and_the_stamp_is_utc() -> None:
    told = calendar([row(due_at=make.ms(101.75))], NOW)
    assert "DTSTART;VALUE=DATE:20260413" in told
    assert "DTSTAMP:20260411T120000Z" in told


@given(st.text(max_size=300))
def test_any_text_comes_back_from_a_calendar_in_lines_of_75_octets(name: str) -> None:
    name = name.encode("utf-8", "replace").decode("utf-8")
    told = folded(f"SUMMARY:{text(name)}") + "\r\n"
    assert all(len(line.encode("utf-8")) <= 75 for line in told.split("\r\n"))
    (line,) = unfolded(told)
    wanted = re.sub(r"\r\n|\r", "\n", re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", name))
    assert value(line.removeprefix("SUMMARY:")) == wanted


def test_nothing_in_a_name_ends_a_line() -> None:
    lines = unfolded(calendar([row(name="Eve\r\nEND:VEVENT\nATTACH:x")], NOW))
    assert lines.count("END:VEVENT") == 1
    assert not [line for line in lines if line.startswith("ATTACH")]
