"""Money: what people write, to the smallest unit and never rounded."""

from __future__ import annotations

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.domain import money
from kolbench.domain.errors import UsageError
from kolbench.domain.money import EXPONENTS, Money

AMOUNTS = st.builds(Money, st.integers(-(10**15), 10**15), st.sampled_from(sorted(EXPONENTS)))


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("1,234.50 CNY", 123_450, "CNY"),
        ("¥88", 8_800, "CNY"),
        ("￥８８．８", 8_880, "CNY"),
        ("88元", 8_800, "CNY"),
        ("1.5万元", 1_500_000, "CNY"),
        ("88块", 8_800, "CNY"),
        ("RMB 5", 500, "CNY"),
        ("cny 5", 500, "CNY"),
        ("JP¥500", 500, "JPY"),
        ("500円", 500, "JPY"),
        ("0.001 KWD", 1, "KWD"),
        ("-3 JPY", -3, "JPY"),
        ("$-3.05", -305, "USD"),
        ("-$3.05", -305, "USD"),
        ("¥88 CNY", 8_800, "CNY"),
    ],
)
def test_what_people_write(text: str, minor: int, currency: str) -> None:
    assert money.parse(text) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "", "88", "CNY", "88 XYZ", "1.005 CNY", "0.5 JPY", "1,23 CNY", "12,34.00 CNY", "1.234,50 EUR", "--3 CNY",
        "1e5 CNY", "$88 CNY", "88 CNY 5", "nan CNY", "9999999999999999 CNY", "999999999999999999999999 CNY", "1_0 CNY",
        "٣ CNY x", "\x1b[31m5 CNY", "½ CNY",
    ],
)  # fmt: skip
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        money.parse(text)


def test_currencies_have_the_digits_that_the_standard_gives_them() -> None:
    assert [EXPONENTS[code] for code in ("JPY", "CNY", "KWD", "CLF")] == [0, 2, 3, 4]
    assert [str(Money(123_450, code)) for code in ("JPY", "CNY", "KWD")] == [
        "123,450 JPY", "1,234.50 CNY", "123.450 KWD",
    ]  # fmt: skip


@given(AMOUNTS)
def test_what_is_shown_is_read_again(amount: Money) -> None:
    assert money.parse(str(amount)) == amount
    assert money.parse(f"{money.decimal(amount)}{amount.currency}") == amount


@given(st.text(max_size=30))
def test_any_text_is_money_or_refused(text: str) -> None:
    try:
        found = money.parse(text)
    except UsageError:
        return
    assert found.currency in EXPONENTS
    assert abs(found.minor) <= money.LIMIT


def test_no_float_comes_near_money() -> None:
    for node in ast.walk(ast.parse(inspect.getsource(money))):
        assert not isinstance(node, ast.Div)
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id in ("float", "round"))
