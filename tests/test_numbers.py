"""Counts, percentages and durations are read as people write them, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolbench.domain.numbers import LIMIT, parse_count, parse_duration, parse_percent
from kolbench.domain.records import Count


@pytest.mark.parametrize(
    ("text", "value", "plus_minus"),
    [
        ("0", 0, 0),
        ("117259000", 117_259_000, 0),
        ("1.2万", 12_000, 500),
        ("7.9万", 79_000, 500),
        ("4.0万", 40_000, 500),
        ("3.4w", 34_000, 500),
        ("4.53w", 45_300, 50),
        ("38.97W", 389_700, 50),
        ("2亿", 200_000_000, 50_000_000),
        ("1.5億", 150_000_000, 5_000_000),
        ("475.8m", 475_800_000, 50_000),
        ("29.0b", 29_000_000_000, 50_000_000),
        ("0.89k", 890, 5),
        ("10.0K", 10_000, 50),
        ("1.2 M", 1_200_000, 50_000),
        ("2,28,00,00,00,000", 228_000_000_000, 0),
        ("28,36,88,41,870", 28_368_841_870, 0),
        ("2.28E+11", 228_000_000_000, 500_000_000),
        ("10万+", 100_000, 100_000),
        ("1k+", 1_000, 1_000),
        ("1,234", 1_234, 0),
        ("1,234,567", 1_234_567, 0),
        ("1 234", 1_234, 0),
        ("1\u00a0234\u00a0567", 1_234_567, 0),
        ("1'234'567", 1_234_567, 0),
        ("1.234.567", 1_234_567, 0),
        ("1,234.5万", 12_345_000, 500),
        ("１２３", 123, 0),
        ("１．２万", 12_000, 500),
        (" 42\t", 42, 0),
        ("697166795.0", 697_166_795, 0),
        ("12.5", 13, 1),
        ("1亿2000万", 120_000_000, 5_000),
        ("3万5千", 35_000, 500),
        ("1.2万次", 12_000, 500),
        ("约3000人", 3_000, 0),
        ("1_000", 1_000, 0),
    ],
)
def test_a_count_is_read_with_how_exact_it_is(text: str, value: int, plus_minus: int) -> None:
    assert parse_count(text) == Count(value, plus_minus)


@pytest.mark.parametrize("text", ["", "  ", "-", "--", "—", "nan", "NaN", "null", "None", "N/A", "#N/A", "\\N"])
def test_a_blank_is_missing_and_never_a_zero(text: str) -> None:
    assert parse_count(text) is None
    assert parse_percent(text) is None
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "12px",
        "1,5",
        "12,34",
        "1.234",
        "3万5",
        "3k5k",
        "inf",
        "0x10",
        "1e99",
        "--5",
        "5-",
        "1.2.3",
        "٣٤abc",
        "9" * 5000,
    ],
)
def test_what_is_no_count_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_count(text)


def test_more_than_anything_on_earth_is_refused() -> None:
    assert parse_count(str(LIMIT)) == Count(LIMIT)
    for text in (str(LIMIT + 1), "1000000000000000000", "99999999亿"):
        with pytest.raises(ValueError, match="implausibly large"):
            parse_count(text)


def test_only_a_change_may_be_below_zero() -> None:
    assert parse_count("-40", signed=True) == Count(-40)
    assert parse_count("-1.2w", signed=True) == Count(-12_000, 500)
    assert parse_count("+1.2w", signed=True) == Count(12_000, 500)
    for text in ("-40", "-1.2w", "−40"):
        with pytest.raises(ValueError, match="below zero"):
            parse_count(text)


@given(st.integers(0, LIMIT))
def test_a_whole_number_survives_every_grouping(value: int) -> None:
    for text in (str(value), f"{value:,}", f"{value:,}".replace(",", " "), f"{value:_}", f"{value}.0", _indian(value)):
        assert parse_count(text) == Count(value), text


@given(
    st.integers(0, 99_999),
    st.integers(0, 3),
    st.sampled_from([("k", 3), ("w", 4), ("万", 4), ("m", 6), ("亿", 8), ("b", 9)]),
)
def test_a_rounded_number_is_within_what_it_claims(units: int, decimals: int, unit: tuple[str, int]) -> None:
    sign, power = unit
    text = f"{units / 10**decimals:.{decimals}f}{sign}"
    exact = units * 10**power // 10**decimals
    count = parse_count(text)
    assert count == Count(exact, 10**power // 10**decimals // 2)


@settings(max_examples=300)
@given(st.text(max_size=80))
def test_any_text_is_a_count_or_refused(text: str) -> None:
    for parse in (parse_count, parse_percent, parse_duration):
        try:
            found = parse(text)
        except ValueError:
            continue
        value = found.value if isinstance(found, Count) else found
        assert value is None or 0 <= value <= LIMIT


@pytest.mark.parametrize(
    ("text", "basis_points"),
    [("1.39%", 139), ("0.02%", 2), ("100%", 10_000), ("1.395％", 140), ("12 %", 1_200), ("0%", 0), ("NaN%", None)],
)
def test_a_percentage_becomes_basis_points(text: str, basis_points: int | None) -> None:
    assert parse_percent(text) == basis_points


@pytest.mark.parametrize("text", ["0.0139", "1.39", "-1%", "x%", "1,5%"])
def test_a_percentage_without_its_sign_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="%"):
        parse_percent(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("02:24", 144),
        ("00:20", 20),
        ("1:02:03", 3_723),
        ("00:00:20.5", 20),
        ("90:00", 5_400),
        ("PT1M2S", 62),
        ("PT1H", 3_600),
        ("3分20秒", 200),
        ("1小时2分", 3_720),
        ("3m20s", 200),
        ("144", 144),
        ("144.9", 144),
        ("２分", 120),
    ],
)
def test_a_length_of_time_becomes_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["P1D", "pt", "yesterday", "1:2:3:4", "-5", "20 apples"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="length of time"):
        parse_duration(text)


def _indian(value: int) -> str:
    digits = str(value)
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*groups, tail])
