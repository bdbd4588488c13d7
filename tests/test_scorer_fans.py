"""Fan quality and portability: what is known of followers and of the engaged, and nothing made of what isn't."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

import make
from kolbench.analysis.audience import SAMPLE
from kolbench.analysis.scorers.fans import Fans
from kolbench.analysis.scorers.portability import Portability
from kolbench.domain.records import MembershipRecord, Record
from kolbench.domain.scoring import Component
from kolbench.screens.measures import made_from
from kolbench.store.connect import Store
from measuring import follow, measured, shown, total

FANS, PORTABILITY = Fans(), Portability()


def fans(first: int, last: int, account: str = "ann", day: float = 10, **facts: Any) -> Iterator[Record]:
    """Accounts ``f<first>`` up to, not including, ``f<last>``, alike in ``facts``, that follow ``account``."""
    for n in range(first, last):
        yield make.person(f"f{n}", **facts)
        yield follow(f"f{n}", account, day)


def good(**metrics: int) -> dict[str, Any]:
    return {"metrics": {"posts": 9, "following": 200, "followers": 150, **metrics}}


def value(store: Store, name: str = "ann") -> float | None:
    found = measured(store, FANS)
    return found[name].value if name in found else None


def test_profiles_without_a_flaw_are_credible_and_each_flaw_counts_by_its_share(store: Store) -> None:
    make.write(store, *fans(0, 10, **good()), *fans(10, 20, **good(posts=0, following=4_001)))
    ann = measured(store, FANS)["ann"]
    # Signals: works, following, following against followers: ten have all, ten have none of them.
    assert ann.value == pytest.approx(0.5)
    assert (ann.sample, ann.stop, ann.how) == (20, make.ms(10), "followers")
    evidence = shown(store, FANS, "ann")
    assert total(evidence) == pytest.approx(ann.numerator)
    assert evidence[0].text == "f9 · nothing against them"
    assert evidence[-1].text.endswith(" · no works, follows masses, followed by few")


def test_fewer_than_twenty_fans_say_nothing(store: Store) -> None:
    make.write(store, *fans(0, 19, **good()))
    assert measured(store, FANS) == {}


def test_followers_of_whom_nothing_is_known_are_not_judged(store: Store) -> None:
    make.write(store, *fans(0, 30))
    assert measured(store, FANS) == {}
    make.write(store, *fans(30, 50, **good(posts=0)))
    assert measured(store, FANS)["ann"].sample == 20
    assert value(store) == pytest.approx(2 / 3)


def test_a_missing_bio_counts_only_where_profiles_were_read_and_bios_are_told(store: Store) -> None:
    make.write(store, *fans(0, 18, **good()))
    make.write(store, *fans(18, 20, bio="tea", **good()))
    assert value(store) == pytest.approx((18 * 3 / 4 + 2) / 20)
    make.write(store, *fans(20, 60, **good()))  # one in thirty has a bio: the source doesn't tell
    assert value(store) == 1.0


def test_an_account_made_to_follow_is_told_by_its_age(store: Store) -> None:
    make.write(
        store,
        *fans(0, 10, day=100, created_at=make.moment(0)),
        *fans(10, 20, day=100, created_at=make.moment(99)),
    )
    assert value(store) == pytest.approx(0.5)
    assert shown(store, FANS, "ann")[-1].text.endswith(" · new account")


def test_only_the_newest_followers_are_looked_at(store: Store) -> None:
    make.write(store, *fans(0, 50, day=1, **good(posts=0)), *fans(50, 50 + SAMPLE, day=2, **good()))
    assert value(store) == 1.0
    assert measured(store, FANS)["ann"].sample == SAMPLE


def test_loyal_is_who_comes_back_on_another_day(store: Store) -> None:
    make.write(
        store,
        *(make.did("like", f"f{n}", "ann", None, 10, f"{n}") for n in range(20)),
        *(make.did("like", f"f{n}", "ann", None, 10.5, f"again {n}") for n in range(20)),
        *(make.did("like", f"f{n}", "ann", None, 11, f"back {n}") for n in range(5)),
    )
    ann = measured(store, FANS)["ann"]
    assert ann.value == pytest.approx(5 / 20 / 0.5)
    assert (ann.sample, ann.how) == (20, "loyalty")
    evidence = shown(store, FANS, "ann")
    assert total(evidence) == pytest.approx(ann.numerator)
    assert [one.text for one in evidence] == [f"f{n} · 2 days" for n in range(5)]


def test_reactions_a_view_count_beside_fans_and_never_alone(store: Store) -> None:
    make.write(store, make.posted("ann", 5, views=1_000, likes=20, comments=4, shares=1))
    assert measured(store, FANS) == {}
    make.write(store, *fans(0, 20, **good()), make.posted("bob", 5, likes=3))
    ann = measured(store, FANS)["ann"]
    assert ann.how == "followers + views"
    assert ann.value == pytest.approx((1 + math.sqrt(0.25)) / 2)
    assert total(shown(store, FANS, "ann")) == pytest.approx(ann.numerator)


def test_bots_and_oneself_are_no_fans_and_two_accounts_are_one_fan(store: Store) -> None:
    make.write(
        store,
        make.person("ann"),
        *fans(0, 20, **good()),
        *fans(20, 25, is_bot=True, **good(posts=0)),
        *fans(25, 26, **good(posts=0)),
        follow("ann2", "ann"),
        make.counted("ann2", 1, posts=0),
        follow("f0", "ann2", 10),
    )
    make.same_person(store, "ann", "ann2")
    make.same_person(store, "f25", "f1")  # the account seen last is the one that is looked at
    ann = measured(store, FANS)["ann"]
    assert ann.sample == 20
    assert ann.value == pytest.approx((19 + 2 / 3) / 20)


def elsewhere(store: Store, names: Iterable[str]) -> None:
    """Give each of these people an account on another platform."""
    other = make.source(store, "other", "weibo")
    names = list(names)
    make.write(store, *(make.person(f"{name}-weibo") for name in names), origin=other)
    for name in names:
        make.same_person(store, name, f"{name}-weibo")


def engaged(account: str, people: Iterable[str], day: float = 10) -> Iterator[Record]:
    for name in people:
        yield make.did("like", name, account, None, day, f"{name} likes {account}")


def test_fans_seen_on_another_platform_are_portable(store: Store) -> None:
    make.write(store, make.person("somebody"), *engaged("ann", (f"f{n}" for n in range(25))))
    elsewhere(store, [*(f"f{n}" for n in range(9)), "somebody"])
    ann = measured(store, PORTABILITY)["ann"]
    assert (ann.numerator, ann.denominator, ann.sample, ann.how) == (9, 25, 25, "engaged")
    assert ann.value == pytest.approx(0.6)
    evidence = shown(store, PORTABILITY, "ann")
    assert total(evidence) == 9
    assert evidence[0].text == "f0 · demo, weibo"


def test_nothing_is_said_of_portability_without_an_audience_or_where_nobody_is_seen_elsewhere(store: Store) -> None:
    make.write(store, *engaged("ann", (f"f{n}" for n in range(25))), *engaged("bob", (f"f{n}" for n in range(19))))
    elsewhere(store, ["bob"])
    assert measured(store, PORTABILITY).keys() == {"ann"}
    assert measured(store, PORTABILITY)["ann"].value is None
    why = made_from(Component("portability", 1, measured(store, PORTABILITY)["ann"], ""))
    assert why == "none of 25 fans is known elsewhere, which doesn't say that nobody is"


def member(name: str, **facts: Any) -> MembershipRecord:
    return MembershipRecord(community_uid="tea", account_uid=name, **facts)


def test_fans_in_a_community_of_ours_are_portable_until_they_leave(store: Store) -> None:
    make.write(store, *engaged("ann", (f"f{n}" for n in range(25))), *(member(f"f{n}") for n in range(9)))
    assert measured(store, PORTABILITY)["ann"].value == pytest.approx(0.6)
    assert shown(store, PORTABILITY, "ann")[0].text == "f0 · demo, tea"
    make.write(store, *(member(f"f{n}", left_at=make.moment(50)) for n in range(8)))
    assert measured(store, PORTABILITY)["ann"].numerator == 1


def test_followers_stand_in_where_too_few_engage(store: Store) -> None:
    make.write(store, make.person("f40"), *engaged("ann", ["f0", "f1"]), *fans(0, 16), *fans(30, 34))
    elsewhere(store, ["f0", "f30", "f40"])
    ann = measured(store, PORTABILITY)["ann"]
    assert (ann.numerator, ann.denominator, ann.how) == (2, 20, "followers")


def test_the_overlap_of_ones_own_accounts_is_shown_and_adds_nothing(store: Store) -> None:
    make.write(
        store,
        *fans(0, 20),
        *(follow(f"f{n}", "ann2") for n in range(15, 18)),
        *engaged("ann2", ["f1", "g1"]),
    )
    make.same_person(store, "ann", "ann2")
    elsewhere(store, ["f0"])
    evidence = shown(store, PORTABILITY, "ann")
    assert evidence[-1].text == "4 people in the audiences of demo (20) and of demo (5)"
    assert evidence[-1].amount is None
    assert total(evidence) == measured(store, PORTABILITY)["ann"].numerator == 1
