"""Days as an operator says them, read from a Wednesday."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.domain.days import day_ahead

WEDNESDAY = date(2026, 2, 4)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("today", 0), ("Tomorrow", 1), ("明天", 1), ("后天", 2), ("大后天", 3), ("day after tomorrow", 2),
        ("next week", 7), ("下周", 7), ("下个星期", 7), ("next month", 30), ("下个月", 30),
        ("3d", 3), ("+3d", 3), ("+3", None), ("3天", 3), ("３天后", 3), ("三天", 3), ("in 3 days", 3), ("1 day", 1),
        ("2w", 14), ("two weeks", None), ("2 weeks", 14), ("两周", 14), ("两个星期后", 14), ("十天", 10), ("0d", 0),
        ("friday", 2), ("Fri", 2), ("on friday", 2), ("monday", 5), ("wednesday", 7), ("tue", 6), ("thu", 1),
        ("周五", 2), ("星期五", 2), ("礼拜五", 2), ("周三", 7), ("周日", 4), ("星期天", 4), ("下周五", 9),
        ("下周一", 5),
        ("", None), ("next friday", None), ("f", None), ("soon", None), ("天", None), ("3", None), ("-3d", None),
        ("2026-05-01", None), ("下下周一", None),
    ],
)  # fmt: skip
def test_a_day_is_counted_from_the_day_on_which_it_is_said(text: str, days: int | None) -> None:
    assert day_ahead(f" {text} ", WEDNESDAY) == (None if days is None else WEDNESDAY + timedelta(days=days))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(["mon", "周六", "星期日", "friday"]))
def test_a_weekday_is_never_today_nor_more_than_a_week_away(today: date, text: str) -> None:
    found = day_ahead(text, today)
    assert found is not None
    assert 1 <= (found - today).days <= 7


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_day_or_none(text: str) -> None:
    assert isinstance(day_ahead(text, WEDNESDAY), date | None)
