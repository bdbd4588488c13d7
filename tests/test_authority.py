"""Authority: reach, and being followed by others of the field."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

import make
from kolbench.analysis import authority
from kolbench.analysis.authority import Authority
from kolbench.domain.records import FollowRecord
from kolbench.store.connect import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = make.store(tmp_path)
    yield opened
    opened.close()


def follow(follower: str, account: str, day: float) -> FollowRecord:
    return FollowRecord(account_uid=account, follower_uid=follower, observed_at=make.moment(day))


def ranked(store: Store, day: float, reach: str = "followers") -> dict[str, tuple[int, int]]:
    names = dict(store.reader().execute("SELECT creator_id, uid FROM account ORDER BY id DESC"))
    found = authority.rank(store, "demo", make.ms(day), reach)
    return {names[one.creator_id]: (one.reach, one.peers) for one in found}


def test_who_is_followed_by_more_peers_beats_equal_reach_and_nobody_counts_twice(store: Store) -> None:
    make.write(
        store,
        make.person("robo", is_bot=True),
        make.counted("robo", 1, followers=9_999),
        make.counted("ann", 1, followers=900),
        make.counted("bob", 1, followers=700),
        make.counted("bob2", 1, followers=200),
        make.counted("cat", 1, followers=5),
        make.person("dan"),
        *(follow(follower, "bob", 1) for follower in ("ann", "cat", "cat2", "robo", "bob2")),
        follow("cat", "bob2", 1),
    )
    make.same_person(store, "bob", "bob2")
    make.same_person(store, "cat", "cat2")
    assert list(ranked(store, 2).items()) == [("bob", (900, 2)), ("ann", (900, 0)), ("cat", (5, 0))]


def test_nothing_is_used_from_after_the_date(store: Store) -> None:
    make.write(
        store,
        make.counted("ann", 1, followers=100, views=7),
        make.counted("ann", 5, followers=900),
        make.counted("bob", 5, followers=50),
        follow("cat", "ann", 2),
        follow("dan", "ann", 6),
    )
    assert ranked(store, 0) == {}
    assert ranked(store, 4) == {"ann": (100, 1)}
    assert ranked(store, 6) == {"ann": (900, 2), "bob": (50, 0)}
    assert ranked(store, 6, "views") == {"ann": (7, 2)}
    assert authority.rank(store, "elsewhere", make.ms(6)) == []


def test_the_value_grows_with_reach_and_half_as_much_with_peers() -> None:
    assert Authority(1, 0, 0).value == 0
    assert Authority(1, 999, 99).value == pytest.approx(4)
    assert Authority(1, 10**6 - 1, 0).value == pytest.approx(6)
    assert Authority(1, 10**5, 9).value - Authority(1, 10**5, 0).value == pytest.approx(math.log10(10) / 2)
