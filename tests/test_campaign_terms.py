"""Terms of campaigns: what can be written, and the arithmetic that follows from it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.domain import campaigns, targets
from kolbench.domain.campaign_doubts import doubts
from kolbench.domain.campaigns import Rate, Referee, Target, Terms, check, code_key, parse, plain, rate
from kolbench.domain.clock import to_ms
from kolbench.domain.errors import UsageError
from kolbench.programme.campaigns.terms_file import applied, from_toml, to_toml


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10%", Rate(1_000, 0)),
        ("12.5 %", Rate(1_250, 0)),
        ("0.01%", Rate(1, 0)),
        ("100%", Rate(10_000, 0)),
        ("１０％", Rate(1_000, 0)),
        ("5 CNY", Rate(0, 500)),
        ("¥0.88", Rate(0, 88)),
        ("0 CNY", Rate(0, 0)),
    ],
)
def test_a_rate_is_a_share_or_money(text: str, meant: Rate) -> None:
    assert rate(text, "CNY") == meant


@pytest.mark.parametrize("text", ["", "10", "100.01%", "1.234%", "-1%", "5 USD", "-5 CNY", "%", "ten", "1e3%"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    if text:
        with pytest.raises(UsageError):
            rate(text, "CNY")
    with pytest.raises(UsageError):
        check(Terms(name="Tea", levels=(text or "nothing",)))


@given(st.integers(0, 10**15), st.integers(0, 10_000), st.integers(0, 10**6))
def test_a_share_is_rounded_down_and_never_more_than_the_amount(amount: int, points: int, minor: int) -> None:
    earned = Rate(points, 0).of(amount)
    assert 0 <= earned <= amount
    assert earned * 10_000 <= amount * points < (earned + 1) * 10_000
    assert Rate(0, minor).of(amount, left=False) == 0


@given(st.integers(0, 10**9), st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_parts_by_weight_add_up_to_the_whole(amount: int, weights: list[float]) -> None:
    parts = targets.shares(amount, weights)
    assert sum(parts) == amount
    assert min(parts) >= 0
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        exact = amount * weight / total if total else amount / len(weights)
        assert abs(part - exact) <= 1 + amount * 1e-9
    told = wanted = 0.0
    for part, weight in zip(parts, weights, strict=True):
        told, wanted = told + part, wanted + (amount * weight / total if total else amount / len(weights))
        assert abs(told - wanted) <= 0.5 + amount * 1e-9


def test_the_target_is_divided_among_the_days_where_the_campaign_is() -> None:
    terms = check(
        Terms(
            name="Tea",
            starts="2026-05-01",
            ends="2026-05-03",
            time_zone="Asia/Shanghai",
            target=Target(figure="revenue", amount=10, days={"2026-05-02": 2}),
        )
    )
    assert targets.by_day(terms) == [
        (date(2026, 5, 1), 250), (date(2026, 5, 2), 500), (date(2026, 5, 3), 250),
    ]  # fmt: skip
    start, stop = campaigns.window(terms)
    assert start == to_ms(datetime(2026, 4, 30, 16, tzinfo=UTC))
    assert stop == to_ms(datetime(2026, 5, 3, 16, tzinfo=UTC))


def test_of_a_target_smaller_than_its_days_as_much_is_planned_by_each_day_as_is_due() -> None:
    terms = Terms(name="Tea", starts="2026-05-01", ends="2026-06-30", target=Target(figure="participants", amount=10))
    days = [n for _day, n in targets.by_day(terms)]
    assert [sum(days[:n]) for n in (1, 22, 30, 61)] == [0, 4, 5, 10]


def test_a_target_of_much_money_is_divided_without_odd_cents_and_told_without_decimals() -> None:
    target = Target(figure="revenue", amount=200_000)
    terms = check(Terms(name="Tea", starts="2026-05-01", ends="2026-05-14", time_zone="UTC", target=target))
    days = [n for _day, n in targets.by_day(terms)]
    assert (set(days), sum(days)) == ({1_428_500, 1_428_600}, 20_000_000)
    assert targets.by_person(terms, 7)[0] == 2_857_200
    assert [targets.planned(terms, n) for n in (1_428_600, 20_000_050)] == ["14,286", "200,000.50"]
    assert targets.planned(Terms(name="Tea"), 1_234) == "1,234"


def test_the_target_is_divided_among_people() -> None:
    terms = Terms(name="Tea", target=Target(figure="revenue", amount=100))
    assert targets.by_person(terms, 3) == [3_334, 3_333, 3_333]
    assert targets.by_person(terms, 0) == targets.by_person(Terms(name="Tea"), 3) == []


@pytest.mark.parametrize(
    ("terms", "doubt"),
    [
        (Terms(name="Tea", hold_days=3, refund_days=30), "What is paid after 3 days can be taken back for 30"),
        (Terms(name="Tea", levels=()), "Nobody earns anything"),
        (Terms(name="Tea", levels=("0%", "0 CNY")), "Nobody earns anything"),
        (Terms(name="Tea", target=Target(amount=5), starts="2026-05-01"), "can't be told by days"),
    ],
)
def test_what_may_be_a_slip_is_told(terms: Terms, doubt: str) -> None:
    (told,) = doubts(terms)
    assert doubt in told
    assert doubts(Terms(name="Tea", target=Target(amount=5), starts="2026-05-01", ends="2026-05-02")) == []


@pytest.mark.parametrize(
    ("facts", "setting"),
    [
        ({"name": " "}, "name"),
        ({"name": "42"}, "name"),
        ({"currency": "XYZ"}, "currency"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"starts": "tomorrow"}, "starts"),
        ({"starts": "2026-02-30"}, "starts"),
        ({"starts": "2026-05-02", "ends": "2026-05-01"}, "ends"),
        ({"ends": "9999-12-31"}, "ends"),
        ({"levels": ["1%"] * 9}, "levels"),
        ({"hold_days": -1}, "hold_days: write a whole number of days"),
        ({"levels": ["60%", "50%"]}, "levels: together they are 110%"),
        ({"window_days": 0}, "window_days"),
        ({"landing_url": "javascript:alert(1)"}, "landing_url"),
        ({"colour": "red"}, "colour"),
        ({"cap_per_order": "5 USD"}, "cap_per_order"),
        ({"referee": {"reward": "x"}}, "referee.reward"),
        ({"target": {"amount": -1}}, "target.amount"),
        ({"target": {"days": {"May": 1}}}, "target.days"),
        ({"pays_for": ["love"]}, "pays_for"),
    ],
)
def test_what_can_not_be_meant_is_refused_by_its_name(facts: dict[str, Any], setting: str) -> None:
    with pytest.raises(UsageError, match=setting):
        parse({"name": "Tea", **facts})


def test_a_name_is_no_longer_than_that_of_a_brief() -> None:
    assert len(parse({"name": "茶" * 3_000}).name) == 80


def test_texts_are_cleaned() -> None:
    terms = parse({"name": "\x1b[31mTea\u202e", "benefit": "a\x00b", "exclusions": ["x", "", "x"]})
    assert (terms.name, terms.benefit, terms.exclusions) == ("Tea", "ab", ("x",))


@given(st.text(max_size=80))
def test_a_code_is_compared_the_same_however_often_it_is_folded(text: str) -> None:
    key = code_key(text)
    assert code_key(key) == key
    assert code_key(f" {text.lower()} ") == code_key(text.lower())


def test_a_file_says_the_same_again() -> None:
    terms = check(
        Terms(
            name="Tea",
            benefit='two\nlines "and" quotes',
            target=Target(amount=5, days={"2026-05-01": 2.5}),
            referee=Referee(reward="5 CNY", every=True),
            exclusions=("staff",),
            repeat_buyers=False,
        )
    )
    assert from_toml(to_toml(terms, explained=True), "x") == terms
    assert parse(plain(terms)) == terms


def test_single_settings_are_told_in_text() -> None:
    told = [
        ("levels", "10%, 3%"),
        ("target.amount", "500"),
        ("target.days", "2026-05-01 = 2"),
        ("repeat_buyers", "false"),
        ("referee.reward", "5 CNY"),
        ("exclusions", ""),
    ]
    terms = parse(applied({"name": "Tea"}, told))
    assert terms.levels == ("10%", "3%")
    assert terms.target == Target(amount=500, days={"2026-05-01": 2})
    assert terms.referee == Referee(reward="5 CNY")
    assert not terms.repeat_buyers
    for wrong in ("level", "target", "target.x", "x.y", "name.x"):
        with pytest.raises(UsageError, match="no setting"):
            applied({}, [(wrong, "1")])
    with pytest.raises(UsageError, match="hold_days"):
        parse(applied({"name": "Tea"}, [("hold_days", "soon")]))
