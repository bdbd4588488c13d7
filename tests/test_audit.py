"""The audit of equal treatment: like cases that were treated unlike are found, side by side; like ones are not."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

import make
from kolbench.analysis import standing
from kolbench.domain.clock import DAY, now
from kolbench.domain.incentives import Amount
from kolbench.domain.rule_sets import parse
from kolbench.programme import audit, stages
from kolbench.programme import rule_sets as writing
from kolbench.store import decisions, incentives, ladders, proposals, rule_sets, violations
from kolbench.store.proposals import Earned

if TYPE_CHECKING:
    from kolbench.programme.audit import Finding
    from kolbench.store.connect import Store

RULES: dict[str, Any] = {
    **tomllib.loads(writing.example()),
    "grades": [{"name": "C"}, {"name": "B", "enter": ["followers >= 1k"]}, {"name": "A", "enter": ["followers >= 9k"]}],
}
NOW = make.ms(151)


@pytest.fixture
def people(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Five people with 1,000, 2,000 … followers, who have agreed, under rules by which all of them have grade B."""
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(151).isoformat())
    found = make.people(store, 5)
    make.write(store, *(make.counted(f"p{n}", 1, followers=1_000 * n) for n in range(1, 6)))
    standing.refresh(store)
    decisions.decide(store, make.brief(store), found, "agreed", "eve")
    rule_sets.save(store, parse(RULES), "eve")
    stages.run(store)
    return found


def broke(store: Store, creator_id: int, rule: str = "spam", at: int = NOW) -> int:
    return violations.add(store, creator_id, rule, "an advert", "a picture", at, "eve")


def found(store: Store, *only: str, at: int = NOW) -> list[Finding]:
    return list(audit.audit(store, at, only or None))


def test_where_everybody_is_treated_alike_nothing_is_found(store: Store, people: list[int]) -> None:
    for one in people:
        violations.sanction(store, broke(store, one), "eve")
    assert found(store) == []


def test_like_figures_with_unlike_rewards_are_side_by_side(store: Store, people: list[int]) -> None:
    figures = dict(zip(people, (110, 120, 101, 130)))
    earned = [Earned(one, "cash", Amount(5_000, "CNY"), value, None) for one, value in figures.items()]
    batch = proposals.propose(store, "orders", "2026-W22", "{}", earned, "eve")
    proposals.confirm(store, batch, "eve", {people[1]})
    (one,) = found(store, "rewards")
    assert one.alike == "earned a reward by 'orders' for 2026-W22"
    assert [(case.creator_id, case.treated, case.facts["figure"]) for case in one.cases] == [
        (people[1], "nothing", 120),
        (people[3], "50.00 CNY", 130),
        (people[0], "50.00 CNY", 110),
        (people[2], "50.00 CNY", 101),
    ]
    told = [(case.author, case.at, case.reason) for case in one.cases[:2]]
    assert told == [("eve", now(), "left out when it was given"), ("eve", now(), None)], "people decided, not the rules"
    again = proposals.propose(store, "orders", "2026-W22", "{}", earned[:2], "eve")
    proposals.confirm(store, again, "eve")
    assert found(store, "rewards") == []


def test_whose_reward_was_taken_back_is_told_with_who_did_so_and_why(store: Store, people: list[int]) -> None:
    earned = [Earned(one, "cash", Amount(5_000, "CNY"), 100 + one, None) for one in people]
    proposals.confirm(store, proposals.propose(store, "orders", "2026-W22", "{}", earned, "eve"), "eve")
    (given,) = (one.id for one in incentives.entries(store) if one.creator_id == people[-1])
    incentives.reverse(store, given, "li", "paid by the partner")
    (one,) = found(store, "rewards")
    assert (one.cases[0].treated, one.cases[0].author, one.cases[0].reason) == ("nothing", "li", "paid by the partner")


def test_who_was_left_out_for_the_lowest_figure_was_not_treated_unlike(store: Store, people: list[int]) -> None:
    earned = [Earned(one, "cash", Amount(5_000, "CNY"), 100 + one, None) for one in people]
    proposals.confirm(store, proposals.propose(store, "orders", "2026-W22", "{}", earned, "eve"), "eve", {people[0]})
    assert found(store, "rewards") == []


def test_like_violations_with_unlike_sanctions_are_side_by_side(store: Store, people: list[int]) -> None:
    ann, bea, cat, dan, _eli = people
    ladders.hold(store, "grade", [bea], "A", "eve", "a star")
    violations.sanction(store, broke(store, ann), "eve")
    violations.exempt(store, broke(store, bea), "she is a star", "eve")
    violations.sanction(store, broke(store, cat, "insult"), "eve")
    violations.sanction(store, broke(store, ann), "eve")
    broke(store, dan)
    (finding,) = found(store, "sanctions")
    assert finding.alike == "broke 'spam', for which the rules say 'A friendly reminder of the rule'"
    assert {(one.name, one.grade, one.treated, one.reason) for one in finding.cases} == {
        ("p1", "B", "reminder", None),
        ("p2", "A", "nothing (exempted)", "she is a star"),
    }, "a second violation and another rule are no like cases, and there is time for the one of today"
    (finding,) = found(store, "sanctions", at=NOW + 15 * DAY)
    assert ("p4", "nothing yet") in {(one.name, one.treated) for one in finding.cases}
    (finding,) = found(store, "exemptions")
    assert [(one.name, one.facts["rule"], one.author) for one in finding.cases] == [("p2", "spam", "eve")]


def test_who_is_held_elsewhere_is_shown_beside_others_with_like_figures(store: Store, people: list[int]) -> None:
    _ann, bea, _cat, _dan, _eli = people
    ladders.hold(store, "grade", [bea], "A", "dan", "a friend")
    (finding,) = found(store)
    assert (finding.check, finding.alike) == ("overrides", "by their figures grade 'B'")
    held, *peers = finding.cases
    assert (held.name, held.treated, held.reason, held.author) == ("p2", "A", "a friend", "dan")
    assert [one.name for one in peers] == ["p3", "p1", "p4"], "those whose figures are nearest"
    assert {one.treated for one in peers} == {"B"}
    assert held.facts["followers"] == 2_000
    ladders.lift(store, "grade", [bea], "dan", "no friend any more")
    assert found(store) == []


def test_holding_somebody_where_the_rules_would_put_them_is_no_finding(store: Store, people: list[int]) -> None:
    ladders.hold(store, "grade", people[:1], "B", "eve", "to be sure")
    assert found(store) == []


def test_a_store_without_rules_has_nothing_to_find(store: Store) -> None:
    make.people(store, 1)
    assert found(store) == []
