"""Incentives: a ledger whose sums hold whatever the order, budgets, the catalogue, and batches that are given once."""

from __future__ import annotations

import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.domain import incentives as counting
from kolbench.domain import periods
from kolbench.domain.errors import UsageError
from kolbench.domain.incentives import Amount
from kolbench.store import budgets, changes, erasure, incentives, merges, proposals, rewards
from kolbench.store.connect import Store
from kolbench.store.leaderboards import Window
from kolbench.store.proposals import Earned

NOW = "2026-06-10T12:00:00+00:00"
EVER = Window(0, 2**60)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW)


@pytest.fixture
def people(store: Store) -> list[int]:
    return make.people(store, 3)


def points(n: int) -> Amount:
    return Amount(n, "points")


def yuan(n: int) -> Amount:
    return Amount(n * 100, "CNY")


def has(store: Store, creator_id: int) -> int:
    return incentives.balance(store.reader(), creator_id)


# The ledger -----------------------------------------------------------------------------------------------------

GRANTS = st.lists(st.tuples(st.integers(1, 10**9), st.booleans(), st.integers(0, 2)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(grants=GRANTS, data=st.data())
def test_the_balance_is_the_same_in_any_order_with_replays_and_reversals(
    grants: list[tuple[int, bool, int]], data: st.DataObject
) -> None:
    """Each grant has a key, is replayed so many times, and reversed or not."""
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        (one,) = make.people(store, 1)
        steps = [("grant", n) for n, (_amount, _taken, again) in enumerate(grants) for _time in range(1 + again)]
        steps += [("reverse", n) for n, (_amount, taken, _again) in enumerate(grants) if taken]
        made: dict[int, int] = {}
        waiting = []
        for step, n in data.draw(st.permutations(steps)):
            if step == "grant":
                amount = points(grants[n][0])
                made[n] = incentives.grant(store, one, "points", amount, "me", key=f"key {n}").id
            elif n in made:
                incentives.reverse(store, made[n], "me")
            else:
                waiting.append(n)
        for n in waiting:
            incentives.reverse(store, made[n], "me")
        assert has(store, one) == sum(amount for amount, taken, _again in grants if not taken)
        assert len(made) == len(grants)
        store.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts=st.lists(st.sampled_from(["grant", "reverse", "undo", "redeem"]), max_size=14))
def test_undo_is_a_reversal_and_gives_back_what_was_there_before(acts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        (one,) = make.people(store, 1)
        reward = rewards.add(store, "mug", 7, "gift", Amount(1, "piece"), "me")
        before, grants = [0], []
        for act in acts:
            rows = len(incentives.entries(store))
            try:
                if act == "grant":
                    grants.append(incentives.grant(store, one, "points", points(10), "me").id)
                elif act == "reverse" and grants:
                    incentives.reverse(store, grants[-1], "me")
                elif act == "redeem":
                    rewards.redeem(store, one, reward, "me")
                elif act == "undo" and len(before) > 1:
                    changes.undo(store, "me")
                    before.pop()
                    assert has(store, one) == before[-1]
                    assert len(incentives.entries(store)) > rows, "nothing goes from the ledger"
                    continue
                else:
                    continue
            except UsageError:
                continue
            before.append(has(store, one))
        store.close()


def test_nothing_in_the_ledger_is_changed_or_removed(store: Store, people: list[int]) -> None:
    incentives.grant(store, people[0], "points", points(5), "me", reason="for tea", key="k")
    for statement in (
        "UPDATE incentive_entry SET amount = 6",
        "UPDATE incentive_entry SET reason = 'for coffee'",
        "UPDATE incentive_entry SET creator_id = NULL",
        "UPDATE incentive_entry SET key = NULL",
        "DELETE FROM incentive_entry",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.writing() as db:
            db.execute(statement)


def test_a_key_grants_once_and_means_one_thing(store: Store, people: list[int]) -> None:
    first = incentives.grant(store, people[0], "cash", yuan(50), "me", key="order 7")
    again = incentives.grant(store, people[0], "cash", yuan(50), "you", key="order 7")
    assert (first.new, again.new, first.id) == (True, False, again.id)
    with pytest.raises(UsageError, match="stands for another entry"):
        incentives.grant(store, people[1], "cash", yuan(50), "me", key="order 7")
    incentives.reverse(store, first.id, "me")
    assert not incentives.grant(store, people[0], "cash", yuan(50), "me", key="order 7").new


def test_an_entry_is_reversed_once(store: Store, people: list[int]) -> None:
    one = incentives.grant(store, people[0], "cash", yuan(50), "me", stage="mid", period="2026-05").id
    (counter,) = incentives.reverse(store, one, "me", "the order was returned")
    row = incentives.entry(store.reader(), counter)
    assert (row.amount, row.unit, row.period, row.stage, row.reversal_of) == (-5_000, "CNY", "2026-05", "mid", one)
    for entry_id in (one, counter):
        with pytest.raises(UsageError, match="reversed already"):
            incentives.reverse(store, entry_id, "me")
    with pytest.raises(UsageError, match="no entry 99"):
        incentives.reverse(store, 99, "me")


def test_a_grant_that_a_colleague_has_reversed_is_not_taken_back_once_more(store: Store, people: list[int]) -> None:
    one = incentives.grant(store, people[0], "points", points(10), "ann").id
    incentives.reverse(store, one, "ben")
    with pytest.raises(UsageError, match="something that was done since rests on it"):
        changes.undo(store, "ann")
    assert has(store, people[0]) == 0
    changes.undo(store, "ben")
    assert has(store, people[0]) == 10, "a reversal that is undone gives back what it took"
    changes.undo(store, "ann")
    assert has(store, people[0]) == 0


def test_a_merge_adds_the_points_up_and_a_reversal_goes_home_with_its_grant(store: Store, people: list[int]) -> None:
    ann, ben, _cat = people
    incentives.grant(store, ann, "points", points(10), "me")
    of_ben = incentives.grant(store, ben, "points", points(5), "me").id
    number = merges.merge(store, ben, ann, "me")
    assert has(store, ann) == 15
    incentives.reverse(store, of_ben, "me")
    assert has(store, ann) == 10
    merges.undo(store, number, "me")
    assert (has(store, ann), has(store, ben)) == (10, 0)


def test_who_is_forgotten_leaves_the_sums_and_nothing_else(store: Store, people: list[int], tmp_path: Path) -> None:
    ann, ben, _cat = people
    incentives.grant(store, ann, "cash", yuan(50), "me", reason="an inkwell reason", key="inkwell key")
    incentives.grant(store, ben, "points", points(5), "me")
    before = budgets.spent(store)
    merges.merge(store, ben, ann, "me")
    erasure.erase(store, erasure.find(store, str(ann)))
    assert budgets.spent(store) == before
    assert {row.creator_id for row in incentives.entries(store)} == {None}
    assert incentives.balances(store) == incentives.rewards(store, EVER) == []
    assert b"inkwell" not in b"".join(file.read_bytes() for file in tmp_path.glob("kolbench.db*"))


def test_rewards_tell_who_got_what_for_which_figure(store: Store, people: list[int]) -> None:
    ann, ben, _cat = people
    earned = [Earned(ann, "cash", yuan(50), 120, "mid"), Earned(ben, "cash", yuan(50), 110, None)]
    proposal = proposals.propose(store, "orders", "2026-W23", "{}", earned, "me")
    proposals.confirm(store, proposal, "me")
    given_by_hand = incentives.grant(store, ben, "medal", Amount(1, "piece"), "me", period="2026-06").id
    incentives.reverse(store, given_by_hand, "me")
    assert [tuple(row[:-2]) for row in incentives.rewards(store, EVER)] == [
        (ann, "cash", "CNY", 5_000, "orders", "2026-W23", 120, "me"),
        (ben, "cash", "CNY", 5_000, "orders", "2026-W23", 110, "me"),
    ]
    assert incentives.rewards(store, Window(0, 1)) == []


def test_rewards_tell_who_earned_something_and_did_not_get_it(store: Store, people: list[int]) -> None:
    ann, ben, cat = people
    one = propose(store, people)
    paid_for = proposals.confirm(store, one, "me", {ann}).entries
    incentives.reverse(store, paid_for[0], "me")
    told = [(row.creator_id, row.amount) for row in incentives.rewards(store, EVER)]
    assert told == [(cat, 0), (ben, 5_000), (ann, 0)], "the highest figure first"
    proposals.confirm(store, propose(store, people, '{"once": true}', "2026-W24"), "me")
    later = [(row.creator_id, row.amount) for row in incentives.rewards(store, EVER) if row.period == "2026-W24"]
    assert later == [(cat, 5_000), (ann, 5_000)], "Ben has it for good"


# What points buy ------------------------------------------------------------------------------------------------


def test_points_are_redeemed_while_they_and_the_stock_last(store: Store, people: list[int]) -> None:
    ann, ben, _cat = people
    mug = rewards.add(store, "Mug", 100, "gift", Amount(1, "piece"), "me", stock=1)
    for one in (ann, ben):
        incentives.grant(store, one, "points", points(150), "me")
    assert rewards.redeem(store, ann, mug, "me").balance == 50
    with pytest.raises(UsageError, match="None of 'Mug' is left"):
        rewards.redeem(store, ben, mug, "me")
    changes.undo(store, "me")
    assert (has(store, ann), rewards.catalogue(store)[0].left) == (150, 1)
    rewards.redeem(store, ben, mug, "me")
    cup = rewards.add(store, "Cup", 51, "coupon", yuan(5), "me")
    with pytest.raises(UsageError, match=r"'Cup' costs 51 points, and they have 50\."):
        rewards.redeem(store, ben, cup, "me")
    with pytest.raises(UsageError, match="in the catalogue already"):
        rewards.add(store, "cup", 5, "gift", Amount(1, "piece"), "me")
    rewards.remove(store, cup, "me")
    with pytest.raises(UsageError, match="not in the catalogue"):
        rewards.redeem(store, ann, cup, "me")


def test_reversing_what_points_bought_gives_back_the_points(store: Store, people: list[int]) -> None:
    mug = rewards.add(store, "Mug", 100, "coupon", yuan(20), "me")
    incentives.grant(store, people[0], "points", points(100), "me")
    made = rewards.redeem(store, people[0], mug, "me")
    assert {cost.unit: cost.amount for cost in budgets.spent(store)} == {"points": 100, "CNY": 2_000}
    assert len(incentives.reverse(store, made.entry_id, "me")) == 2
    assert has(store, people[0]) == 100
    assert {cost.unit: cost.amount for cost in budgets.spent(store)} == {"points": 100, "CNY": 0}


# Budgets --------------------------------------------------------------------------------------------------------


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(periods.LENGTHS))
def test_periods_follow_each_other_without_a_gap(day: date, length: periods.Length) -> None:
    period = periods.of(length, day)
    assert period.first <= day <= period.last
    assert periods.parse(period.text) == period
    assert period.length == length
    assert period.following().first == period.last + timedelta(days=1)
    assert period.following().previous() == period


@pytest.mark.parametrize("text", ["", "2026-13", "2026-W54", "2025-W53", "2026-Q5", "26-05", "2026-5", "0000", "next"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no period"):
        periods.parse(text)


@given(st.integers(0, 10**12), st.integers(1, 36), st.integers(0, 100))
def test_tapered_amounts_fall_and_never_below_zero(first: int, n: int, percent: int) -> None:
    planned = counting.falling(first, n, percent)
    assert (len(planned), planned[0]) == (n, first)
    assert all(0 <= after <= before for before, after in pairwise(planned))


def test_a_budget_set_again_replaces_the_one_before(store: Store) -> None:
    june = periods.parse("2026-06")
    (first,) = budgets.plan(store, [(june, yuan(100))], "me")
    assert budgets.plan(store, [(june, yuan(80))], "me") == [first]
    assert [one.amount for one in budgets.listed(store)] == [8_000]
    changes.undo(store, "me")
    assert [one.amount for one in budgets.listed(store)] == [10_000]
    budgets.remove(store, first, "me")
    assert budgets.listed(store) == []
    budgets.plan(store, [(june, yuan(5))], "me")


# Proposals ------------------------------------------------------------------------------------------------------


def propose(store: Store, people: list[int], definition: str = "{}", period: str = "2026-W23") -> int:
    earned = [Earned(one, "cash", yuan(50), 100 + one, None) for one in people]
    return proposals.propose(store, "orders", period, definition, earned, "me")


def test_confirming_twice_pays_once(store: Store, people: list[int]) -> None:
    one = propose(store, people)
    assert len(proposals.confirm(store, one, "me", {people[2]}).entries) == 2
    again = proposals.confirm(store, one, "you")
    assert (again.entries, len(again.had)) == ((), 3)
    assert len(incentives.entries(store)) == 2


def test_two_operators_at_once_pay_once_and_redeem_once(store: Store, people: list[int]) -> None:
    batch = propose(store, people)
    mug = rewards.add(store, "Mug", 100, "gift", Amount(1, "piece"), "me")
    incentives.grant(store, people[0], "points", points(150), "me")

    def work(author: str) -> tuple[int, bool]:
        mine = Store.open(store.path)
        try:
            given = len(proposals.confirm(mine, batch, author).entries)
            try:
                rewards.redeem(mine, people[0], mug, author)
            except UsageError:
                return given, False
            return given, True
        finally:
            mine.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work, "abcd"))
    assert sorted(given for given, _redeemed in done) == [0, 0, 0, 3]
    assert sum(redeemed for _given, redeemed in done) == 1
    assert has(store, people[0]) == 50


def test_who_has_it_for_the_period_gets_it_in_no_other_batch(store: Store, people: list[int]) -> None:
    proposals.confirm(store, propose(store, people[:1]), "me")
    second = proposals.confirm(store, propose(store, people), "me")
    assert (len(second.entries), second.had) == (2, [people[0]])
    assert len(proposals.confirm(store, propose(store, people, period="2026-W24"), "me").entries) == 3
    third = proposals.confirm(store, propose(store, people, '{"once": true}', "2026-W25"), "me")
    assert (third.entries, len(third.had)) == ([], 3)


def test_a_confirmation_that_was_undone_can_be_made_again(store: Store, people: list[int]) -> None:
    one = propose(store, people)
    proposals.confirm(store, one, "me")
    changes.undo(store, "me")
    assert proposals.get(store, one).open
    assert incentives.rewards(store, EVER) == []
    assert len(proposals.confirm(store, one, "me").entries) == 3
    assert [row.amount for row in incentives.rewards(store, EVER)] == [5_000] * 3


def test_two_parts_of_one_person_are_paid_once(store: Store, people: list[int]) -> None:
    one = propose(store, people)
    merges.merge(store, people[1], people[0], "me")
    confirmed = proposals.confirm(store, one, "me")
    assert (len(confirmed.entries), confirmed.had) == (2, [people[0]])


def test_a_proposal_made_again_replaces_the_open_one(store: Store, people: list[int]) -> None:
    first, second = propose(store, people), propose(store, people[:1])
    assert [one.id for one in proposals.listed(store, waiting=True)] == [second]
    with pytest.raises(UsageError, match="was dropped"):
        proposals.confirm(store, first, "me")
    proposals.drop(store, second, "me")
    with pytest.raises(UsageError, match="isn't open"):
        proposals.drop(store, second, "me")
    with pytest.raises(UsageError, match="no proposal 9"):
        proposals.get(store, 9)


def test_what_open_proposals_would_give_is_promised(store: Store, people: list[int]) -> None:
    one = propose(store, people)
    assert [tuple(cost) for cost in budgets.promised(store)] == [("2026-W23", "CNY", None, 15_000)]
    proposals.confirm(store, one, "me")
    assert budgets.promised(store) == []
    assert [tuple(cost) for cost in budgets.spent(store)] == [("2026-W23", "CNY", None, 15_000)]


# Amounts and rules in words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "amount"),
    [
        ("points", "1,200", Amount(1_200, "points")),
        ("points", "20积分", Amount(20, "points")),
        ("cash", "¥50", Amount(5_000, "CNY")),
        ("gift", "2", Amount(2, "piece")),
        ("gift", "88.80 CNY", Amount(8_880, "CNY")),
        ("medal", "1", Amount(1, "piece")),
    ],
)
def test_amounts_are_counted_as_their_kind_is(kind: counting.Kind, text: str, amount: Amount) -> None:
    assert counting.amount(kind, text) == amount


@pytest.mark.parametrize(
    ("kind", "text"),
    [("cash", "50"), ("points", "50 CNY"), ("medal", "¥5"), ("points", "0"), ("cash", "-5 CNY"), ("points", "1.5")],
)
def test_amounts_of_another_unit_are_refused(kind: counting.Kind, text: str) -> None:
    with pytest.raises(UsageError):
        counting.amount(kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        ("medal", "小金人", (Amount(1, "piece"), "小金人 · May")),
        ("title", "Tea master 2026", (Amount(1, "piece"), "Tea master 2026 · May")),
        ("title", "2", (Amount(2, "piece"), "May")),
        ("gift", "tea set", (Amount(1, "piece"), "tea set · May")),
        ("gift", "50 CNY", (Amount(5_000, "CNY"), "May")),
        ("cash", "a lot", None),
        ("points", "many", None),
        ("gift", "50 CNYX", None),
        ("title", "0", None),
        ("title", " ", None),
    ],
)
def test_a_title_or_a_gift_can_be_named_instead_of_counted(
    kind: counting.Kind, text: str, meant: tuple[Amount, str] | None
) -> None:
    if meant is None:
        with pytest.raises(UsageError):
            counting.given(kind, text, "May")
    else:
        assert counting.given(kind, text, "May") == meant


def test_rules_are_read_and_mistakes_named() -> None:
    good = {"id": "orders", "kind": "cash", "metric": "orders", "source": "counts", "amount": "50 CNY", "at_least": 100}
    (rule,) = counting.parse({"reward": [good]}).reward
    assert (rule.id, rule.at_least, rule.period) == ("orders", 100, "month")
    for change, complaint in (
        ({"amount": "50"}, r"reward\[1\]"),
        ({"at_least": 0}, "at_least"),
        ({"id": "No good"}, "small letters"),
        ({"kind": "car"}, "one of title"),
        ({"limit": 3}, "no such setting"),
    ):
        with pytest.raises(UsageError, match=complaint):
            counting.parse({"reward": [{**good, **change}]})
    with pytest.raises(UsageError, match="two rules"):
        counting.parse({"reward": [good, good]})
