"""Authority and authenticity, and the label they make: reach and peers here, people served there."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import leaderboards
from kolbench.analysis.scorers.authenticity import Authenticity
from kolbench.analysis.scorers.authority import Authority
from kolbench.analysis.scorers.kind import label
from kolbench.domain.clock import DAY
from kolbench.store.connect import Store
from kolbench.store.leaderboards import Key, LeaderboardWindow, Scope, Window
from measuring import follow, measured, shown, total

AUTHORITY, AUTHENTICITY = Authority(), Authenticity()


def figures(store: Store) -> dict[str, float | None]:
    return {name: one.figure for name, one in measured(store, AUTHORITY).items()}


def test_who_is_followed_by_more_peers_beats_equal_reach_and_nobody_counts_twice(store: Store) -> None:
    make.write(
        store,
        make.person("robo", is_bot=True),
        make.person("boss", is_staff=True),
        make.counted("robo", 1, followers=9_999),
        make.counted("ann", 1, followers=900),
        make.counted("bob", 1, followers=700),
        make.counted("bob2", 1, followers=200),
        make.person("dan"),
        *(follow(follower, "bob") for follower in ("ann", "cat", "cat2", "robo", "boss", "bob2")),
        follow("cat", "bob2"),
    )
    make.same_person(store, "bob", "bob2")
    make.same_person(store, "cat", "cat2")
    found = measured(store, AUTHORITY)
    assert found.keys() == {"ann", "bob"}
    assert found["bob"].sample == 2
    assert found["bob"].figure == pytest.approx(math.log10(901) + math.log10(3) / 2)
    assert found["ann"].figure == pytest.approx(math.log10(901))
    assert found["bob"].value == pytest.approx((found["bob"].figure or 0) / 10)


def test_views_stand_for_followers_only_where_those_are_not_told(store: Store) -> None:
    make.write(
        store,
        make.counted("ann", 1, views=99_900),
        make.counted("bob", 1, followers=99, views=10**9),
        make.counted("cat", 1, posts=5),
    )
    assert figures(store) == pytest.approx({"ann": 3.0, "bob": 2.0})
    assert {name: one.how for name, one in measured(store, AUTHORITY).items()} == {"ann": "views", "bob": "followers"}


def test_nobody_is_above_the_scale(store: Store) -> None:
    make.write(store, make.counted("ann", 1, followers=10**15), make.counted("bob", 1, followers=0))
    assert {name: one.value for name, one in measured(store, AUTHORITY).items()} == {"ann": 1.0, "bob": 0.0}


def test_authoritys_evidence_names_counts_and_peers_and_adds_up(store: Store) -> None:
    make.write(
        store,
        make.counted("ann", 1, followers=900),
        make.counted("ann2", 1, views=5_000),
        make.counted("cat", 1, followers=3_000),
        follow("bob", "ann"),
        follow("cat", "ann"),
    )
    make.same_person(store, "ann", "ann2")
    evidence = shown(store, AUTHORITY, "ann")
    assert total(evidence) == pytest.approx(measured(store, AUTHORITY)["ann"].numerator)
    assert [one.text for one in evidence] == [
        "demo · 900 followers",
        "demo · 5,000 views",
        "cat · 3,000 followers",
        "bob",
    ]
    assert len(shown(store, AUTHORITY, "ann", limit=3)) == 3


def test_points_are_for_people_addressed_and_who_thanked_and_halve_in_each_fortnight(store: Store) -> None:
    make.write(
        store,
        make.did("reply", "ann", "bob", "tea", 100),
        make.did("mention", "ann", "bob", "tea", 99),
        make.did("mention", "ann", "cat", "tea", 85.9),
        make.did("thank", "dan", "ann", "tea", 90),
        make.did("brownie", "dan", "ann", "tea", 91),
        make.did("like", "eve", "ann", "tea", 95),
        make.did("mention", "ann", "fay", "tea", 9),
    )
    ann = measured(store, AUTHENTICITY)["ann"]
    assert (ann.figure, ann.numerator, ann.sample) == (100 + 50 + 200, 350, 3)
    assert ann.value == pytest.approx(math.log(4.5) / math.log(101))
    assert (ann.start, ann.stop) == (make.ms(10), make.ms(100))
    evidence = shown(store, AUTHENTICITY, "ann")
    assert [(one.text, one.amount) for one in evidence] == [
        ("dan · thanked them", 200),
        ("bob · addressed by them", 100),
        ("cat · addressed by them", 50),
    ]


def test_whom_nobody_dealt_with_has_none_as_a_member_and_is_unknown_otherwise(store: Store) -> None:
    make.write(
        store,
        make.person("bob"),
        make.counted("cat", 1, followers=5_000),
        make.said("ann", "tea", 1),
    )
    assert {name: one.value for name, one in measured(store, AUTHENTICITY).items()} == {"ann": 0.0}


def test_bots_staff_and_oneself_are_nobody_and_two_accounts_one_person(store: Store) -> None:
    make.write(
        store,
        make.person("robo", is_bot=True),
        make.person("boss", is_staff=True),
        *(make.did("mention", "ann", whom, "tea", 2) for whom in ("robo", "boss", "ann2", "cat", "cat2")),
        *(make.did("thank", who, "ann2", "tea", 2) for who in ("robo", "boss", "ann", "cat")),
    )
    make.same_person(store, "ann", "ann2")
    make.same_person(store, "cat", "cat2")
    assert measured(store, AUTHENTICITY)["ann"].figure == 100 + 200
    assert [one.text for one in shown(store, AUTHENTICITY, "ann")] == [
        "cat · thanked them ⇄",
        "cat · addressed by them ⇄",
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["mention", "reply", "thank", "brownie", "like"]),
            st.sampled_from("abcdef"),
            st.sampled_from("abcdef"),
            st.integers(0, 120),
        ),
        max_size=40,
    )
)
def test_authenticity_is_the_koc_leaderboard_up_to_the_last_interaction(
    acts: list[tuple[str, str, str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = make.store(tmp_path_factory.mktemp("koc"))
    make.write(store, *(make.did(kind, who, whom, "tea", day, f"{n}") for n, (kind, who, whom, day) in enumerate(acts)))
    found = measured(store, AUTHENTICITY)
    for name, measure in found.items():
        assert measure.value is not None
        assert 0 <= measure.value <= 1
        if measure.stop is None:
            assert measure.value == 0
            continue
        key = Key(Scope(), "koc", Window(measure.stop - 90 * DAY + 1, measure.stop + 1))
        board = LeaderboardWindow(store, leaderboards.compute(store, key))
        values = {entry.creator_id: entry.value for entry in board.rows(0, board.count())}
        assert measure.figure == values.get(make.creator(store, name), 0)
        assert total(shown(store, AUTHENTICITY, name)) == measure.numerator
    store.close()


@pytest.mark.parametrize(
    ("authority", "authenticity", "kind"),
    [
        (None, None, "unknown"),
        (0.39, 0.44, "unknown"),
        (0.4, None, "kol"),
        (0.9, 0.0, "kol"),
        (None, 0.45, "koc"),
        (0.1, 0.9, "koc"),
        (0.4, 0.45, "both"),
    ],
)
def test_the_label_asks_for_enough_of_either(authority: float | None, authenticity: float | None, kind: str) -> None:
    assert label(authority, authenticity) == kind


def test_the_thresholds_mean_what_is_said_of_them(store: Store) -> None:
    make.write(
        store,
        make.counted("ann", 1, followers=10_000),
        make.counted("bob", 1, followers=1_000),
        *(follow(f"p{n}", "bob") for n in range(100)),
        make.counted("cat", 1, followers=9_000),
        *(make.did("reply", "dan", f"p{n}", "tea", 1, f"{n}") for n in range(7)),
        *(make.did("thank", f"p{n}", "eve", "tea", 1, f"e{n}") for n in range(4)),
        *(make.did("reply", "fay", f"p{n}", "tea", 1, f"f{n}") for n in range(6)),
    )
    leads, serves = measured(store, AUTHORITY), measured(store, AUTHENTICITY)
    kinds = {
        name: label(
            leads[name].value if name in leads else None,
            serves[name].value if name in serves else None,
        )
        for name in ("ann", "bob", "cat", "dan", "eve", "fay")
    }
    assert kinds == {"ann": "kol", "bob": "kol", "cat": "unknown", "dan": "koc", "eve": "koc", "fay": "unknown"}
