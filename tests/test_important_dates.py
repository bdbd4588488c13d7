"""Important dates: read as people write them, and counted down to in either calendar, in the operator's days."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lunar_python import Solar

import make
from kolbench.domain import lunar
from kolbench.domain.clock import to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.partial_dates import Recurring, Told, recurring, told
from kolbench.programme import dates
from kolbench.store import life
from kolbench.store.connect import Store

TODAY = date(2026, 6, 1)

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
YEARS = st.none() | st.integers(1905, 2080)
SOLAR = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: Recurring(day.month, day.day))
LUNAR = st.builds(
    lambda month, day, leap: Recurring(month, day, None, True, leap),
    st.integers(1, 12),
    st.integers(1, 30),
    st.booleans(),
)
ANY = st.builds(lambda on, year: on._replace(year=year), st.one_of(SOLAR, LUNAR), YEARS)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("05-04", Recurring(5, 4)),
        ("--05-04", Recurring(5, 4)),
        ("5月4日", Recurring(5, 4)),
        ("02-29", Recurring(2, 29)),
        ("1985-05-04", Recurring(5, 4, 1985)),
        ("1985年5月4日", Recurring(5, 4, 1985)),
        ("4 May 1995", Recurring(5, 4, 1995)),
        ("lunar 8-15", Recurring(8, 15, None, True)),
        ("lunar 1990-08-15", Recurring(8, 15, 1990, True)),
        ("Lunar leap 4-3", Recurring(4, 3, None, True, True)),
        ("农历八月十五", Recurring(8, 15, None, True)),
        ("农历1990年闰五月初三", Recurring(5, 3, 1990, True, True)),
        ("农历2020年闰4月３日", Recurring(4, 3, 2020, True, True)),
        ("正月十五", Recurring(1, 15, None, True)),
        ("腊月三十", Recurring(12, 30, None, True)),
        ("十一月廿三", Recurring(11, 23, None, True)),
        ("闰四月二十", Recurring(4, 20, None, True, True)),
        ("八月十五", Recurring(8, 15, None, True)),
        ("正月初一", Recurring(1, 1, None, True)),
        ("九月九", Recurring(9, 9, None, True)),
        ("十二月三十", Recurring(12, 30, None, True)),
        ("臘月廿三", Recurring(12, 23, None, True)),
        ("8月初三", Recurring(8, 3, None, True)),
        ("1990年八月十五", Recurring(8, 15, 1990, True)),
        ("2020年闰四月初三", Recurring(4, 3, 2020, True, True)),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, on: Recurring) -> None:
    assert recurring(text) == on


@pytest.mark.parametrize(
    "text",
    ["", "5/4", "13-01", "02-30", "soon", "lunar 13-1", "lunar 1-31", "十月一日", "八月三十一", "八月初", "13月初三",
     "1899年八月十五", "2026-05", "1800-01-01", "00-00"],
)  # fmt: skip
def test_what_is_no_day_of_the_year_or_may_be_of_either_calendar_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        recurring(text)


def test_who_writes_no_day_is_shown_how_in_both_spellings() -> None:
    with pytest.raises(UsageError) as refused:
        recurring("soon")
    for example in ("05-04", "5月4日", "lunar 08-15", "农历八月十五", "农历闰四月初三"):
        assert example in str(refused.value)
        assert recurring(example)


@given(st.integers(1, 12), st.integers(1, 30), st.booleans(), YEARS)
@settings(max_examples=100, deadline=None)
def test_a_day_in_chinese_numerals_is_lunar_with_the_mark_and_without(
    month: int, day: int, leap: bool, year: int | None
) -> None:
    ones, tens = "一二三四五六七八九十", ("初", "十", "二十")
    day_name = "三十" if day == 30 else "二十" if day == 20 else tens[(day - 1) // 10] + ones[(day - 1) % 10]
    month_name = ones[month - 1] if month <= 10 else f"十{ones[month - 11]}"
    text = f"{'' if year is None else f'{year}年'}{'闰' if leap else ''}{month_name}月{day_name}"
    assert recurring(text) == recurring(f"农历{text}") == Recurring(month, day, year, True, leap)


@given(ANY)
@settings(max_examples=200, deadline=None)
def test_a_day_is_read_as_it_is_written(on: Recurring) -> None:
    if on.year is not None and not on.lunar and on[:2] == (2, 29):
        on = on._replace(year=2000)
    assert recurring(str(on)) == on


@given(st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_reading(text: str) -> None:
    with suppress(UsageError):
        assert recurring(text)
    with suppress(UsageError):
        assert told(text, TODAY)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("2026", Told(2026)),
        ("2025年", Told(2025)),
        ("2026-05", Told(2026, 5)),
        ("2026年5月", Told(2026, 5)),
        ("2026-05-04", Told(2026, 5, 4)),
        ("today", Told(2026, 6, 1)),
        ("yesterday", Told(2026, 5, 31)),
        ("昨天", Told(2026, 5, 31)),
    ],
)
def test_when_something_was_is_read_as_far_as_it_is_known(text: str, on: Told) -> None:
    assert told(text, TODAY) == on
    assert told(str(on), TODAY) == on


@pytest.mark.parametrize("text", ["", "2026-13", "2026-02-30", "1066", "long ago"])
def test_what_is_no_day_month_or_year_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        told(text, TODAY)


@pytest.mark.parametrize(
    ("text", "today", "on", "nth"),
    [
        ("06-01", TODAY, date(2026, 6, 1), None),
        ("05-31", TODAY, date(2027, 5, 31), None),
        ("1990-06-02", TODAY, date(2026, 6, 2), 36),
        ("2027-08-01", TODAY, date(2027, 8, 1), 0),
        ("02-29", TODAY, date(2027, 2, 28), None),
        ("02-29", date(2028, 2, 28), date(2028, 2, 29), None),
        ("02-29", date(2100 - 1, 3, 1), None, None),
        # Chinese new year of 2026 is 17 February; the one before was 29 January 2025.
        ("正月初一", date(2026, 2, 17), date(2026, 2, 17), None),
        ("正月初一", date(2026, 2, 18), date(2027, 2, 6), None),
        ("腊月廿三", date(2026, 1, 1), date(2026, 2, 10), None),
        ("农历八月十五", TODAY, date(2026, 9, 25), None),
        # 2025 has a leap sixth month; 2026 has none, so it is kept in the sixth.
        ("闰六月初一", date(2025, 6, 1), date(2025, 7, 25), None),
        ("农历六月初一", date(2025, 6, 1), date(2025, 6, 25), None),
        ("闰六月初一", date(2025, 8, 1), date(2026, 7, 14), None),
        # The twelfth month of the years 2025 and 2026 has 29 and 30 days.
        ("腊月三十", date(2026, 1, 1), date(2026, 2, 16), None),
        ("腊月三十", date(2026, 3, 1), date(2027, 2, 5), None),
        ("lunar 1990-12-30", date(2026, 1, 1), date(2026, 2, 16), 35),
        ("农历八月十五", date(2057, 9, 1), date(2057, 9, 13), None),
        ("农历九月初一", date(2057, 9, 1), date(2057, 9, 29), None),
        ("2024-02-29", date(2025, 1, 1), date(2025, 2, 28), 1),
    ],
)
def test_the_next_day(text: str, today: date, on: date | None, nth: int | None) -> None:
    assert dates.next_day(recurring(text), today) == (None if on is None else (on, nth))


@given(ANY, DAYS)
@settings(max_examples=300, deadline=None)
def test_the_next_day_is_the_first_of_its_kind_from_today_on(on: Recurring, today: date) -> None:
    found = dates.next_day(on, today)
    assert found is not None
    day, nth = found
    assert day >= today
    if on.year is None or on.year <= today.year - 1:
        assert (day - today).days <= 385, "a lunar year has at most 385 days"
    assert is_of(on, day)
    assert nth is None if on.year is None else nth is not None
    if on.year is None:
        # One day later it is the next one still, unless it was today.
        later = dates.next_day(on, today + timedelta(days=1))
        assert later is not None
        assert (later[0] == day) is (day > today)


def is_of(on: Recurring, day: date) -> bool:
    """Whether ``day`` is what ``on`` means in its year, told from the calendar's side."""
    tomorrow = day + timedelta(days=1)
    if not on.lunar:
        last = tomorrow.month != day.month
        return day.month == on.month and (day.day == on.day or (last and day.day < on.day))
    there, after = (Solar.fromYmd(one.year, one.month, one.day).getLunar() for one in (day, tomorrow))
    last = after.getDay() == 1
    month = -on.month if on.leap and lunar.leap_month(there.getYear()) == on.month else on.month
    return there.getMonth() == month and (there.getDay() == on.day or (last and there.getDay() < on.day))


@pytest.mark.parametrize(
    "text", ["lunar 2025 leap 06-01", "lunar 1978-07-30", "lunar 2026-01-30", "2024-02-29", "lunar 8-30", "02-29"]
)
def test_a_day_that_there_was_is_taken(text: str) -> None:
    assert dates.checked(recurring(text))


@pytest.mark.parametrize("text", ["lunar 2026 leap 06-01", "lunar 2025-12-30"])
def test_a_day_that_its_year_did_not_have_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no such day"):
        dates.checked(recurring(text))


@pytest.mark.parametrize(
    ("zone", "at", "days"),
    [
        ("Asia/Shanghai", "2026-06-01T15:59:00+00:00", 1),
        ("Asia/Shanghai", "2026-06-01T16:00:00+00:00", 0),
        ("America/New_York", "2026-06-02T03:59:00+00:00", 1),
        ("America/New_York", "2026-11-02T04:30:00+00:00", 213),  # on the night in which the clocks go back
        ("Europe/Berlin", "2026-03-28T23:30:00+00:00", 65),  # before that in which they go forward
    ],
)
def test_days_remain_as_the_operators_calendar_counts_them(
    monkeypatch: pytest.MonkeyPatch, store: Store, zone: str, at: str, days: int
) -> None:
    import time
    from datetime import datetime

    (ann,) = make.people(store, 1)
    life.add_date(store, ann, "birthday", Recurring(6, 2), "eve")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        (coming,) = dates.upcoming(store, to_ms(datetime.fromisoformat(at)), [ann])
    finally:
        monkeypatch.undo()
        time.tzset()
    assert coming.days == days


def test_the_nearest_comes_first_and_what_was_merged_away_or_removed_does_not_come(store: Store) -> None:
    ann, bob = make.people(store, 2)
    for who, on in ((ann, "06-20"), (bob, "06-10"), (bob, "正月初一")):
        life.add_date(store, who, "day", recurring(on), "eve")
    gone = life.add_date(store, ann, "gone", recurring("06-02"), "eve")
    life.remove(store, "important_date", ann, gone, "eve")
    at = make.ms(151)
    assert [(coming.entry.creator_id, coming.days) for coming in dates.upcoming(store, at)] == [
        (bob, 9),
        (ann, 19),
        (bob, 250),
    ]
    assert [coming.days for coming in dates.upcoming(store, at, [bob], within_days=30)] == [9]


def test_the_lunar_calendar_is_loaded_when_it_is_needed() -> None:
    code = "import sys, kolbench.programme.dates; print('lunar_python' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
