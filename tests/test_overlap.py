"""Audiences: how much they overlap, whom they reach together, and whom to add."""

from __future__ import annotations

import gzip
import json
import tempfile
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import overlap
from kolbench.analysis.metrics import sql
from kolbench.domain.records import FollowRecord

followings = st.dictionaries(st.integers(1, 6), st.frozensets(st.integers(1, 30), max_size=20), max_size=6)


def of(sets: dict[int, frozenset[int]]) -> overlap.Audiences:
    return overlap.audiences(((creator, person) for creator, people in sets.items() for person in people), sets)


@given(followings)
def test_overlaps_are_those_of_plain_sets(sets: dict[int, frozenset[int]]) -> None:
    found = of(sets)
    told = {(pair.one, pair.other): pair for pair in overlap.pairs(found)}
    assert told.keys() == set(combinations(sets, 2))
    for (one, other), pair in told.items():
        both, either = sets[one] & sets[other], sets[one] | sets[other]
        assert pair[2:] == (len(both), len(sets[one]), len(sets[other]))
        assert pair.jaccard == (len(both) / len(either) if either else 0)
        smaller = min(len(sets[one]), len(sets[other]))
        assert pair.coefficient == (len(both) / smaller if smaller else 0)
        assert 0 <= pair.jaccard <= pair.coefficient <= 1
    assert overlap.reach(found) == len(frozenset().union(*sets.values()))
    assert overlap.unique(found) == {
        creator: len(people.difference(*(others for other, others in sets.items() if other != creator)))
        for creator, people in sets.items()
    }


@given(followings, st.sets(st.integers(1, 6), max_size=2))
def test_each_addition_adds_the_most_people_until_nobody_adds_any(
    sets: dict[int, frozenset[int]], chosen: set[int]
) -> None:
    chosen &= sets.keys()
    reached = frozenset[int]().union(*(sets[creator] for creator in chosen))
    left = sets.keys() - chosen
    for step in overlap.cover(of(sets), sorted(chosen)):
        gains = {creator: len(sets[creator] - reached) for creator in left}
        assert step.added == max(gains.values()) == gains[step.creator_id] > 0
        assert step.creator_id == min(creator for creator, gain in gains.items() if gain == step.added)
        reached |= sets[step.creator_id]
        left = left - {step.creator_id}
        assert step.reached == len(reached)
    assert all(sets[creator] <= reached for creator in left)


def test_no_more_are_added_than_asked_for() -> None:
    found = of({1: frozenset({1, 2}), 2: frozenset({2, 3, 4}), 3: frozenset({5})})
    assert overlap.cover(found, most=2) == [overlap.Addition(2, 3, 3), overlap.Addition(1, 1, 4)]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(followings)
def test_the_bits_and_the_self_join_agree_on_a_store(sets: dict[int, frozenset[int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        make.write(store, make.person("robo", is_bot=True), *(make.person(f"c{creator}") for creator in sets))
        follows = [
            FollowRecord(account_uid=f"c{creator}", follower_uid=uid, observed_at=make.moment(1))
            for creator, people in sets.items()
            for uid in ("robo", *(f"f{person}" for person in people))
        ]
        make.write(store, *follows)
        ids = {make.creator(store, f"c{creator}"): people for creator, people in sets.items()}
        found = overlap.followers(store, ids, make.ms(2))
        assert {creator: audience.bit_count() for creator, audience in found.items()} == {
            creator: len(people) for creator, people in ids.items()
        }
        joined = store.reader().execute(sql("audience_overlap"), {"ids": json.dumps(list(ids)), "as_of": make.ms(2)})
        told = sorted((*sorted((pair.one, pair.other)), pair.both) for pair in overlap.pairs(found) if pair.both)
        assert [tuple(row) for row in joined] == told
        assert not any(overlap.followers(store, ids, make.ms(0.5)).values())
        store.close()


def test_an_engaged_audience_is_people_and_not_accounts_of_the_window(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.write(
        store,
        make.did("like", "bob", "ann", None, 11),
        make.did("reply", "bob2", "ann", None, 12),
        make.did("mention", "cat", "ann", "tea", 19),
        make.did("mention", "dan", "ann", "tea", 20),
        make.did("mention", "ann", "ann", "tea", 12),
    )
    make.same_person(store, "bob", "bob2")
    ann, dan = make.creator(store, "ann"), make.creator(store, "dan")
    found = overlap.engaged(store, [ann, dan], make.ms(10), make.ms(20))
    assert {creator: audience.bit_count() for creator, audience in found.items()} == {ann: 2, dan: 0}


def test_retweet_audiences_of_the_real_graph(shared_data: Path) -> None:
    wanted = {88, 14454, 677, 1988, 349, 283}
    with gzip.open(shared_data / "graph" / "higgs-retweet_network.edgelist.gz", "rt") as lines:
        edges = (tuple(map(int, line.split()[:2])) for line in lines)
        found = overlap.audiences(((creator, person) for person, creator in edges if creator in wanted), sorted(wanted))
    told = {(pair.one, pair.other): pair for pair in overlap.pairs(found)}
    assert told[88, 677].jaccard == pytest.approx(0.05451, abs=5e-6)
    assert told[88, 1988].coefficient == pytest.approx(0.20069, abs=5e-6)
    assert overlap.reach(found) == 31_482
    assert sum(audience.bit_count() for audience in found.values()) == 35_039
