"""A programme in which something has happened in every section: what the tests of its screen share."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import make
from kolbench.domain import periods
from kolbench.domain.agreements import Terms
from kolbench.domain.incentives import Amount
from kolbench.domain.rule_sets import parse
from kolbench.programme import rule_sets as writing
from kolbench.programme import stages
from kolbench.store import (
    agreements,
    budgets,
    decisions,
    incentives,
    ladders,
    proposals,
    rule_sets,
    violations,
)
from kolbench.store.proposals import Earned

if TYPE_CHECKING:
    from kolbench.store.connect import Store

RULES: dict[str, Any] = {
    **tomllib.loads(writing.example()),
    "grades": [
        {"name": "C"},
        {"name": "B", "enter": ["followers >= 20k"]},
        {"name": "A", "enter": ["followers >= 1m"]},
    ],
}
"""The example's stages and rules, with grades by followers alone."""

ORDERS_REWARD = """
[[reward]]
id = "orders-100"
kind = "cash"
amount = "50.00 CNY"
source = "counts"
metric = "orders"
at_least = 100
period = "week"
"""
"""Money for whoever brings many orders in a week."""

WHO = (("w1", "weibo"), ("w2", "weibo"), ("w3", "weibo"), ("w4", "weibo"), ("x2", "xiaohongshu"), ("x3", "xiaohongshu"))


def people(store: Store) -> list[int]:
    """Those who take part: 李静, 张伟, 小雨, Ann, 莫莫 and somebody whose name is markup."""
    return [make.creator(store, uid, platform) for uid, platform in WHO]


def fill_programme(store: Store) -> None:
    """Two versions of rules, one of which two people know; violations, rewards, budgets and agreements."""
    lijing, zhangwei, xiaoyu, ann, momo, mallory = everybody = people(store)
    brief = make.brief(store)
    decisions.decide(store, brief, everybody, "agreed", "chen")
    rule_sets.save(store, parse({**RULES, "acknowledge_days": 7}), "li")
    rule_sets.acknowledge(store, [momo], "wechat", "li")
    rule_sets.save(store, parse(RULES), "chen")
    rule_sets.acknowledge(store, [lijing, ann], "email", "chen")
    stages.run(store)
    decisions.decide(store, brief, [make.creator(store, "x4", "xiaohongshu")], "agreed", "chen")
    _violations(store, lijing, zhangwei, mallory)
    ladders.hold(store, "grade", [xiaoyu], "A", "li", "runs the largest group of our field")
    _incentives(store, lijing, zhangwei, momo, ann)
    terms = Terms("two films", "10 %", ends_on="2026-02-10")
    ending = agreements.new(store, zhangwei, terms, "chen", title="Winter tests")
    agreements.move(store, ending, "signed", "chen")
    agreements.owe(store, ending, "The first film", "chen", "2026-01-28")
    agreements.owe(store, ending, "The second film", "chen", "2026-02-08")


def _violations(store: Store, lijing: int, zhangwei: int, mallory: int) -> None:
    def broke(who: int, day: int, rule: str = "spam") -> int:
        evidence = f"https://example.org/{day}"
        return violations.add(store, who, rule, "Adverts for a rival in our group", evidence, make.ms(day), "li")

    violations.sanction(store, broke(lijing, 3), "li")
    violations.exempt(store, broke(zhangwei, 9), "their account had been stolen", "chen")
    broke(mallory, 20)
    broke(lijing, 26)


def _incentives(store: Store, lijing: int, zhangwei: int, momo: int, ann: int) -> None:
    budgets.plan(
        store,
        [(periods.parse("2026-01"), Amount(15_000, "CNY")), (periods.parse("2026-02"), Amount(12_000, "CNY"))],
        "chen",
    )
    incentives.grant(store, lijing, "points", Amount(120, "points"), "chen", reason="star of the week")
    incentives.grant(store, zhangwei, "cash", Amount(5_000, "CNY"), "li", reason="order 4711")

    def earned(*figures: tuple[int, int]) -> list[Earned]:
        return [Earned(who, "cash", Amount(5_000, "CNY"), value, None) for who, value in figures]

    given = proposals.propose(store, "orders-100", "2026-W03", "{}", earned((momo, 130), (ann, 110)), "li")
    proposals.confirm(store, given, "chen", {momo})
    proposals.propose(store, "orders-100", "2026-W04", '{"at_least": 100}', earned((momo, 204), (lijing, 101)), "li")
