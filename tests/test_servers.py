"""What adapters of the web ask of their settings, and how they read times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.adapters.protocol import Pull
from kolbench.adapters.servers import at_second, began, moment
from kolbench.domain import clock
from kolbench.domain.errors import UsageError

SINCE = datetime(2026, 5, 1, tzinfo=UTC)


def test_the_first_sync_begins_where_the_operator_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-05-04T00:00:00Z")
    assert began(Pull("posts", {"days": "30"}, since=SINCE)) == clock.to_ms(SINCE)
    assert began(Pull("posts", {"days": "3"})) == clock.to_ms(SINCE)
    with pytest.raises(UsageError, match="days=often"):
        began(Pull("posts", {"days": "often"}))


@pytest.mark.parametrize("seconds", [None, 0, 10**18, -(10**18), 253_402_300_799, float("inf"), float("nan")])
def test_a_time_that_is_none_is_none(seconds: float | None) -> None:
    assert at_second(seconds) is None


@pytest.mark.parametrize("text", [None, "", "soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
def test_a_text_that_leaves_no_room_around_it_is_no_time(text: str | None) -> None:
    assert moment(text) is None


def test_a_second_is_a_time() -> None:
    assert at_second(1_777_593_600) == SINCE


@given(st.one_of(st.none(), st.floats(allow_nan=True), st.integers(-(10**9), 10**11)))
def test_a_time_is_one_or_none(told: float | None) -> None:
    found = at_second(told)
    assert found is None or found.tzinfo is not None
