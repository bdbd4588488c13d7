"""What the programme's screen reads of the store: orders and counts that agree with what they are opened to."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

import make
from kolbench.domain import periods
from kolbench.domain.agreements import Terms
from kolbench.domain.clock import DAY, now
from kolbench.domain.incentives import Amount
from kolbench.domain.rule_sets import parse
from kolbench.programme import incentives as programme
from kolbench.programme import rule_sets as writing
from kolbench.programme import stages
from kolbench.store import (
    agreements,
    budgets,
    changes,
    commitments,
    creators,
    decisions,
    incentives,
    ladders,
    rule_sets,
    violations,
)
from kolbench.store.incentives import Only

if TYPE_CHECKING:
    from kolbench.store.connect import Store

EXAMPLE: dict[str, Any] = tomllib.loads(writing.example())


@pytest.fixture
def people(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Four people who have agreed, under the rules of the example."""
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(151).isoformat())
    found = make.people(store, 4)
    decisions.decide(store, make.brief(store), found, "agreed", "eve")
    rule_sets.save(store, parse(EXAMPLE), "eve")
    return found


def test_who_knows_which_version_is_counted_once_and_by_the_newest(store: Store, people: list[int]) -> None:
    rule_sets.acknowledge(store, people[:3], "wechat", "eve")
    rule_sets.save(store, parse({**EXAMPLE, "intro": "Anew."}), "eve")
    rule_sets.acknowledge(store, people[:1], "wechat", "eve")
    assert rule_sets.knowledge(store) == [(2, 1), (1, 2), (None, 1)]
    named = rule_sets.acknowledged(store, rule_sets.knowing(store, 1))
    assert {one.creator_id for _number, one in named} == set(people[1:3])
    assert rule_sets.unaware_people(store) == len(rule_sets.unaware(store)) == 3


def test_violations_are_ordered_by_what_waits_and_read_in_that_order(store: Store, people: list[int]) -> None:
    made = [violations.add(store, people[0], "spam", "text", "link", now() - n * DAY, "eve") for n in range(4)]
    violations.sanction(store, made[0], "eve")
    violations.withdraw(store, made[1], "it was none", "eve")
    assert violations.order(store) == [made[2], made[3], made[0], made[1]]
    assert [one.id for one in violations.of_ids(store, violations.order(store))] == violations.order(store)
    assert violations.waiting(store) == 2
    assert violations.order(store, "fraud") == []
    for one in made[:1] + made[2:]:
        assert len(violations.counted(store, one)) == violations.proposal(store, one).earlier


def test_moves_are_one_act_that_is_taken_back_whole(store: Store, people: list[int]) -> None:
    found = rule_sets.require(store)
    moves = list(stages.moves(store, found.rules, now(), demote=True))
    ladders.hold(store, "stage", people[:1], "mid", "li", "meanwhile")
    moved = ladders.decide(store, moves, found.version, now(), "eve")
    assert moved == len(moves) - 1, "whoever has got another stage since is left alone"
    assert ladders.counts(store, "stage") == {"mid": 1, "early": 3}
    assert set(ladders.among(store, "stage", "early")) == set(people[1:])
    changes.undo(store, "eve")
    assert ladders.counts(store, "stage") == {"mid": 1}
    assert ladders.counts(store, "grade") == {}


def test_what_binds_comes_by_its_day_and_only_while_it_is_in_force(store: Store, people: list[int]) -> None:
    def signed(who: int, ends: str | None) -> int:
        made = agreements.new(store, who, Terms("films", "tea", ends_on=ends), "eve")
        agreements.move(store, made, "signed", "eve")
        return made

    late, soon, endless = signed(people[0], "2026-12-31"), signed(people[1], "2026-06-10"), signed(people[2], None)
    draft = agreements.new(store, people[3], Terms("films", "tea", ends_on="2026-06-02"), "eve")
    owed = agreements.owe(store, late, "a film", "eve", "2026-05-20")
    some_day = agreements.owe(store, soon, "a post", "eve")
    agreements.owe(store, draft, "nothing yet", "eve", "2026-05-01")
    assert commitments.order(store) == [
        ("deliverable", owed),
        ("agreement", soon),
        ("agreement", late),
        ("agreement", endless),
        ("deliverable", some_day),
    ]
    assert commitments.pressing(store, "2026-06-01", "2026-07-01") == 2
    agreements.deliver(store, owed, "2026-05-19", "eve")
    agreements.move(store, soon, "ended", "eve")
    assert commitments.order(store) == [("agreement", late), ("agreement", endless)]


def test_an_offer_waits_from_the_day_it_was_made_until_there_is_an_answer(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = agreements.new(store, people[0], Terms("films", "tea", ends_on="2027-12-31"), "eve")
    bound = agreements.new(store, people[1], Terms("films", "tea", ends_on="2026-12-31"), "eve")
    agreements.move(store, bound, "signed", "eve")
    monkeypatch.setenv("KOLBENCH_NOW", "2026-06-10T12:00:00+00:00")
    agreements.move(store, made, "offered", "eve")
    assert commitments.order(store) == [("agreement", made), ("agreement", bound)]
    assert commitments.pressing(store, "2026-06-16", "2026-07-01") == 0
    assert commitments.pressing(store, "2026-06-17", "2026-07-01") == 1
    agreements.move(store, made, "declined", "eve")
    assert commitments.order(store) == [("agreement", bound)]


def test_a_budget_opens_to_the_entries_that_make_up_what_is_spent(store: Store, people: list[int]) -> None:
    incentives.grant(store, people[0], "cash", Amount(500, "CNY"), "eve", period="2026-06")
    incentives.grant(store, people[0], "cash", Amount(300, "CNY"), "eve", period="2026-W24")
    wrong = incentives.grant(store, people[1], "cash", Amount(200, "CNY"), "eve", period="2026-06").id
    incentives.reverse(store, wrong, "eve")
    incentives.grant(store, people[1], "cash", Amount(900, "CNY"), "eve", period="2026-05")
    incentives.grant(store, people[1], "points", Amount(7, "points"), "eve", period="2026-06")
    budgets.plan(store, [(periods.parse("2026-06"), Amount(1_000, "CNY"))], "eve")
    (standing,) = programme.budget_standings(store)
    within = programme.periods_within(standing.budget, budgets.spent(store))
    entries = incentives.of_ids(store, incentives.order(store, Only(None, "CNY", None, within)))
    assert sum(one.amount for one in entries) == standing.spent == 800
    assert len(entries) == 4
    assert incentives.count(store) == len(incentives.order(store)) == 6
    assert incentives.count_balances(store) == len(incentives.balances(store)) == 1
    assert list(creators.names(store, people[:2])) == people[:2]
