"""What partners were given in the demo: honours and points, budgets, and rewards by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis.campaigns import boards
from kolbench.domain import incentives as counting
from kolbench.domain import periods
from kolbench.domain.clock import now
from kolbench.domain.incentives import POINTS, Amount
from kolbench.programme import incentives as programme
from kolbench.sample.story import CHEN, LIN, SIGNED, Chapter
from kolbench.store import budgets, incentives, proposals, rewards
from kolbench.store.leaderboards import Window

if TYPE_CHECKING:
    from kolbench.sample.story import Story

CURRENCY = "CNY"

RULES = counting.parse(
    {
        "reward": [
            {
                "id": "orders-5",
                "kind": "cash",
                "amount": "50.00 CNY",
                "source": "counts",
                "metric": "orders",
                "at_least": 5,
                "period": "week",
            }
        ]
    }
)
"""Five orders in a week earn fifty."""


def _plan(story: Story) -> None:
    """Budgets of four months that shrink, and what points buy."""
    store = story.store
    month = periods.at("month", now())
    for first, unit in ((6_000_00, CURRENCY), (4_000, POINTS)):
        planned, period = [], month
        for amount in counting.falling(first, 4, 10):
            planned.append((period, Amount(amount, unit)))
            period = period.following()
        budgets.plan(store, planned, LIN)
    for name, price, kind, text, stock in (
        ("30 元券 Voucher", 120, "coupon", "30.00 CNY", 50),
        ("试吃礼盒 Tasting box", 200, "gift", "1", 20),
        ("新品内测 First to try", 400, "beta_place", "1", 5),
    ):
        what = counting.kind_of(kind)
        rewards.add(store, name, price, what, counting.amount(what, text), LIN, stock)


def _praise(story: Story) -> None:
    store = story.store
    for place, (kind, zh, en) in enumerate(
        (
            ("title", "首批合伙人", "One of the first partners"),
            ("medal", "首条视频破十万播放", "Their first video was seen 100,000 times"),
            ("push", "首页推荐位一天", "A day on our front page"),
        )
    ):
        who = story.partners[place]
        what = counting.kind_of(kind)
        incentives.grant(store, who, what, counting.amount(what, "1"), CHEN, reason=story.to(who, zh, en))


def _welcome(story: Story) -> None:
    """Something for everybody's first video."""
    for who in story.partners[:SIGNED]:
        reason = story.to(who, "首条视频奖励", "for the first video")
        incentives.grant(story.store, who, "cash", Amount(100_00, CURRENCY), LIN, reason=reason)


def _points(story: Story) -> None:
    """Points for answers in the groups, as every week."""
    for who in story.random.sample(story.partners, 6):
        amount = Amount(10 * story.random.randrange(4, 16), POINTS)
        reason = story.to(who, "群里答疑", "answers in the groups")
        stage = programme.stage(story.store, who)
        incentives.grant(story.store, who, "points", amount, LIN, reason=reason, stage=stage)


def _redeem(story: Story) -> None:
    store = story.store
    richest = incentives.balances(store)[0].creator_id
    rewards.redeem(store, richest, rewards.find(store, "30 元券 Voucher").id, CHEN, programme.stage(store, richest))


def _reward(story: Story) -> None:
    """Last week's rewards were given, but to one who had earned as much as others."""
    proposal_id = _propose(story)
    if proposal_id is not None:
        most = proposals.lines(story.store, proposal_id)[0].creator_id
        proposals.confirm(story.store, proposal_id, CHEN, {most})


def _propose(story: Story) -> int | None:
    """Propose what the last whole week has earned, by the campaign's leaderboard of it."""
    week = periods.at("week", now()).previous()
    page = boards.page(story.store, story.campaign_id, window=Window(*week.bounds()))
    sold = {row.who.creator_id: row.figures.direct for row in page.rows if row.who.creator_id is not None}
    found = programme.propose(story.store, RULES.reward, LIN, counts=programme.Counts({"orders": sold}, ()))
    return found[0].proposal_id


CHAPTERS = (
    Chapter(37, 2, _plan),
    Chapter(35, 4, _praise),
    *(Chapter(days, 9, _points) for days in (32, 25, 18, 11, 4)),
    Chapter(10, 8, _welcome),
    Chapter(8, 6, _reward),
    Chapter(3, 5, _redeem),
    Chapter(0, 24, _propose),
)
