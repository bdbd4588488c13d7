"""Moments are read in the forms that tables have; what could be two days is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.domain.dates import date_in, from_excel, parse_moment

DAY = datetime(2026, 5, 4, tzinfo=UTC)
TEN = DAY + timedelta(hours=10)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04",
        "2026/5/4",
        "2026.05.04",
        "20260504",
        "2026年5月4日",
        "2026年05月04日",
        "04 May 2026",
        "4 May 2026",
        "4-May-2026",
        "4th May, 2026",
        "May 4, 2026",
        "may 4 2026",
        "May. 4th, 2026",
        "Monday, May 4, 2026",
        "２０２６年５月４日",
        " 2026-05-04\n",
    ],
)
def test_a_day_is_its_first_moment(text: str) -> None:
    assert parse_moment(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04 10:00:00",
        "2026-05-04T10:00:00Z",
        "2026-05-04T10",
        "2026-05-04 10:00",
        "2026-05-04T18:00:00+08:00",
        "2026-05-04 18:00 +0800",
        "2026-05-04 18:00:00 GMT+8",
        "2026-05-04 10:00:00 UTC",
        "2026/5/4 10:00",
        "2026/05/04 上午10:00",
        "2026年5月4日 10点",
        "2026年5月4日10:00",
        "2026年5月4日10时00分00秒",
        "20260504100000",
        "20260504T100000",
        "20260504 10:00",
        "May 4, 2026 at 10:00 AM",
        "4 May 2026 10:00:00",
        "Mon, 04 May 2026 10:00:00 +0000",
        "Mon May 04 10:00:00 +0000 2026",
        "1777888800",
        "1777888800.0",
        "1777888800000",
        "1777888800000000",
        "1777888800000000000",
    ],
)
def test_a_moment_is_read_in_every_form(text: str) -> None:
    assert parse_moment(text) == TEN


def test_afternoon_is_told_from_morning() -> None:
    assert parse_moment("May 4, 2026 12:30 AM").hour == 0
    assert parse_moment("May 4, 2026 12:30 PM").hour == 12
    assert parse_moment("2026/5/4 下午3:20") == DAY + timedelta(hours=15, minutes=20)


def test_a_time_without_a_zone_is_in_the_zone_that_was_set() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert parse_moment("2026-05-04 18:00", shanghai) == TEN
    assert parse_moment("2026-05-04 18:00Z", shanghai) == TEN + timedelta(hours=8)
    assert parse_moment("1777888800", shanghai) == TEN


def test_an_order_that_the_numbers_tell_needs_no_saying() -> None:
    for text in ("31/12/2025", "12/31/2025", "31.12.2025", "12-31-2025 00:00"):
        assert parse_moment(text) == datetime(2025, 12, 31, tzinfo=UTC)
    assert parse_moment("4/4/2026") == datetime(2026, 4, 4, tzinfo=UTC)
    with pytest.raises(ValueError, match="no such day"):
        parse_moment("13/13/2025")


def test_day_or_month_first_has_to_be_said() -> None:
    for text in ("5/4/2026", "05.04.2026", "12/11/2026 10:00"):
        with pytest.raises(ValueError, match="date_order"):
            parse_moment(text)
    assert parse_moment("4/5/2026", order="dmy") == DAY
    assert parse_moment("5/4/2026 10:00", order="mdy") == TEN
    with pytest.raises(ValueError, match="no such day"):
        parse_moment("25/12/2026", order="mdy")


@pytest.mark.parametrize(
    "text",
    ["0001-01-01", "0000-00-00", "9999-12-31", "1989-12-31", "2101-01-01", "9999999999", "100000000"],
)
def test_a_year_no_table_is_from_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"outside 1990–2100|no such day"):
        parse_moment(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "abc", "2022", "2026-05", "26-05-04", "2026-02-30", "2026/13/1", "2026-05-04 25:00", "4th of May"),
        *("1.58589E+09", "2026-05-04 10:00 +99:00", "5", "yesterday", "3天前", "x" * 10_000),
    ],
)
def test_what_is_no_date_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_moment(text)


def test_a_spreadsheet_counts_its_days_from_1900_or_1904() -> None:
    assert from_excel(46146) == datetime(2026, 5, 4)
    assert from_excel(46146 + 10 / 24) == datetime(2026, 5, 4, 10)
    assert from_excel(46146 - 1462, mac=True) == datetime(2026, 5, 4)
    for serial in (0, -1, 1e12, float("nan"), 2.5):
        with pytest.raises(ValueError, match="outside"):
            from_excel(serial)


def test_a_file_name_may_carry_its_day() -> None:
    assert date_in("top_2024-05-01.csv") == date(2024, 5, 1)
    assert date_in("fans_2999-05-01.csv") is None  # nothing was counted yet
    assert date_in("榜单20240501.xlsx") == date(2024, 5, 1)
    assert date_in("榜单2024年05月01日.xlsx") == date(2024, 5, 1)
    for name in ("bilibili_up_rank_2022.xlsx", "top5025.csv", "id_120240501234.csv", "x_20241301.csv", "20240230.csv"):
        assert date_in(name) is None


moments = st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30)).map(lambda moment: moment.replace(tzinfo=UTC))


@given(moments, st.integers(-12, 14))
def test_a_moment_survives_every_way_of_writing_it(moment: datetime, hours: int) -> None:
    second = moment.replace(microsecond=0)
    there = second.astimezone(timezone(timedelta(hours=hours)))
    assert parse_moment(moment.isoformat()) == moment
    assert parse_moment(there.isoformat()) == second
    for form in ("%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%d %B %Y %H:%M:%S", "%b %d, %Y %I:%M:%S %p"):
        assert parse_moment(f"{second:{form}}") == second
    assert parse_moment(f"{second:%d/%m/%Y %H:%M:%S}", order="dmy") == second
    if second.timestamp() >= 10**9:
        assert parse_moment(str(int(second.timestamp()))) == second
        assert parse_moment(str(int(second.timestamp()) * 1000)) == second


@settings(max_examples=300)
@given(st.text(max_size=70) | st.from_regex(r"\A[0-9年月日/:.\-T+ Z]{1,40}\Z"))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        found = parse_moment(text, ZoneInfo("Asia/Shanghai"), "dmy")
    except ValueError:
        return
    assert found.tzinfo is UTC
    assert 1989 <= found.year <= 2101
