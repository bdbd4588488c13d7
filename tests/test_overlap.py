"""Audiences: how much they overlap, whom they reach together, and whom to add."""

from __future__ import annotations

import gzip
import json
import math
import random
import tempfile
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import candidacy, crowd, overlap, standing
from kolbench.analysis.metrics import sql
from kolbench.domain.records import FollowRecord
from kolbench.store import decisions, refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.store.connect import Store

Sets = dict[int, frozenset[int]]
followings = st.dictionaries(st.integers(1, 6), st.frozensets(st.integers(1, 30), max_size=20), max_size=6)
FAR = 150_000
"""So far apart that their bits are in different integers."""


def of(sets: Mapping[int, Iterable[int]]) -> dict[int, crowd.Audience]:
    numbers = crowd.Numbers(max((person for people in sets.values() for person in people), default=0))
    return {creator: numbers.audience([(person,) for person in sorted(people)]) for creator, people in sets.items()}


def spread(sets: Sets) -> dict[int, crowd.Audience]:
    """The same people, with crowds between them whom nobody reaches."""
    numbers = crowd.Numbers(30 * FAR)
    numbers.audience([(person,) for person in range(1, FAR * 2)])
    every = sorted(frozenset().union(*sets.values()))
    numbers.audience([(person * FAR,) for person in every[: len(every) // 2]])
    numbers.audience([(person,) for person in range(FAR * 2 + 1, FAR * 3)])
    return {one: numbers.audience([(person * FAR,) for person in people]) for one, people in sets.items()}


# Sets of bits -----------------------------------------------------------------------------------------------


@given(followings)
def test_overlaps_are_those_of_plain_sets(sets: Sets) -> None:
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
    assert overlap.count(overlap.union(found.values())) == len(frozenset().union(*sets.values()))
    assert overlap.unique(found) == {
        creator: len(people.difference(*(others for other, others in sets.items() if other != creator)))
        for creator, people in sets.items()
    }


@given(st.lists(st.integers(0, 2**90), max_size=40))
def test_bits_are_counted_as_one_by_one(words: list[int]) -> None:
    assert overlap.count(words) == sum(word.bit_count() for word in words)


@settings(max_examples=5, deadline=None)
@given(followings)
def test_it_makes_no_difference_how_many_others_there_are(sets: Sets) -> None:
    near, far = of(sets), spread(sets)
    assert list(overlap.pairs(near)) == list(overlap.pairs(far))
    assert overlap.unique(near) == overlap.unique(far)


@given(followings, st.sets(st.integers(1, 6), max_size=2))
def test_each_addition_adds_the_most_people_until_nobody_adds_any(sets: Sets, chosen: set[int]) -> None:
    chosen &= sets.keys()
    found = of(sets)
    reached = frozenset[int]().union(*(sets[creator] for creator in chosen))
    left = sets.keys() - chosen
    most = {creator: len(sets[creator]) + creator % 3 for creator in left}  # at most so many, and sometimes fewer
    for step in overlap.cover(overlap.union(found[one] for one in sorted(chosen)), most, found.__getitem__, 6):
        gains = {creator: len(sets[creator] - reached) for creator in left}
        assert step.added == max(gains.values()) == gains[step.creator_id] > 0
        assert step.creator_id == min(creator for creator, gain in gains.items() if gain == step.added)
        reached |= sets[step.creator_id]
        left = left - {step.creator_id}
        assert step.reached == len(reached)
    assert all(sets[creator] <= reached for creator in left)


def test_no_more_are_added_than_asked_for() -> None:
    found = of({1: {1, 2}, 2: {2, 3, 4}, 3: {5}})
    best = overlap.cover((), {1: 2, 2: 3, 3: 1}, found.__getitem__, 2)
    assert best == [overlap.Addition(2, 3, 3), overlap.Addition(1, 1, 4)]


# Out of a store ---------------------------------------------------------------------------------------------


def follow(store: Store, sets: Mapping[int, Iterable[int]], *always: str) -> dict[int, int]:
    """Let ``f1`` … follow ``c1`` … as the sets say, and ``always`` all of them; returns the creators' ids."""
    make.write(store, *(make.person(f"c{creator}") for creator in sets))
    follows = [
        FollowRecord(account_uid=f"c{creator}", follower_uid=uid, observed_at=make.moment(1))
        for creator, people in sets.items()
        for uid in (*always, *(f"f{person}" for person in people))
    ]
    make.write(store, *follows)
    return {creator: make.creator(store, f"c{creator}") for creator in sets}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(followings)
def test_the_bits_and_the_self_join_agree_on_a_store(sets: Sets) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        make.write(store, make.person("robo", is_bot=True))
        ids = follow(store, sets, "robo")
        told = overlap.compare(store, list(ids.values()), crowd.followers(make.ms(2)))
        assert told.exact
        assert [one.people for one in told.creators] == [len(people) for people in sets.values()]
        values = {"ids": json.dumps(list(ids.values())), "stop": make.ms(2)}
        joined = store.reader().execute(sql("audience_overlap"), values)
        found = sorted((*sorted((pair.one, pair.other)), pair.both) for pair in told.pairs if pair.both)
        assert [tuple(row) for row in joined] == found
        assert overlap.compare(store, list(ids.values()), crowd.followers(make.ms(1))).reached == 0
        store.close()


def test_who_has_several_accounts_is_one_person_and_no_fan_of_their_own(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    ids = follow(store, {1: (1, 2, 3), 2: (2, 4), 3: (5,)}, "c1", "c2")
    make.same_person(store, "f1", "f2", "f4")
    make.same_person(store, "c3", "f3")
    told = overlap.compare(store, list(ids.values()), crowd.followers(make.ms(2)))
    # The first: f1 = f2 = f4, f3 = c3, c2. The second: f1, c1. The third: f5, c1, c2.
    assert [tuple(one) for one in told.creators] == [(ids[1], 3, 1), (ids[2], 2, 0), (ids[3], 3, 1)]
    assert [pair.both for pair in told.pairs] == [1, 1, 1]
    assert told.reached == 5


def test_both_audiences_of_a_person_with_two_accounts_are_theirs(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    ids = follow(store, {1: (1, 2), 2: (2, 3), 3: (3, 4)})
    make.same_person(store, "c1", "c2")
    told = overlap.compare(store, [ids[3], ids[1]], crowd.followers(make.ms(2)))
    assert [tuple(one) for one in told.creators] == [(ids[3], 2, 1), (ids[1], 3, 2)]
    assert told.pairs == [(ids[3], ids[1], 1, 2, 3)]


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
    told = overlap.compare(store, [ann, dan], crowd.engaged(make.ms(10), make.ms(20)))
    assert [one.people for one in told.creators] == [2, 0]
    assert crowd.newest(store, [ann, dan]) == make.ms(20)
    assert crowd.newest(store, [dan]) is None
    assert crowd.pool(store, crowd.engaged(0, 1)) == [ann]


def test_additions_come_from_everybody_who_is_known_or_from_a_pool(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    ids = follow(store, {1: range(10), 2: range(12), 3: range(5, 14), 4: (20, 21, 22), 5: ()})
    standing.refresh(store)
    ties = crowd.followers(make.ms(2))
    assert crowd.pool(store, ties) == sorted(ids[one] for one in (1, 2, 3, 4))
    best = overlap.compare(store, [ids[1]], ties, 9).additions
    assert best == [(ids[3], 4, 14), (ids[4], 3, 17)]
    assert overlap.compare(store, [ids[1]], ties, 9, [ids[1], ids[2], ids[5]]).additions == [(ids[2], 2, 12)]


def test_additions_to_a_brief_are_of_its_list_and_may_still_be_chosen(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    names = ("chosen", "free", "rejected", "agreed", "refused", "bot")
    make.write(store, *(make.person(name, is_bot=name == "bot") for name in names))
    fan = 0
    for name in (*names, "elsewhere"):
        origin = make.source(store, "weibo-list", "weibo") if name == "elsewhere" else None
        make.write(store, make.person(name), origin=origin) if origin else None
        fan += 10
        ties = (
            FollowRecord(account_uid=name, follower_uid=f"f{fan + n}", observed_at=make.moment(1)) for n in range(5)
        )
        make.write(store, *ties, origin=origin)
    ids = {name: make.creator(store, name) for name in names} | {"elsewhere": make.creator(store, "elsewhere", "weibo")}
    standing.refresh(store)
    brief = make.brief(store, who={"platforms": ["demo"]})
    candidacy.score(store, brief)
    decisions.decide(store, brief, [ids["rejected"]], "rejected", "me", "off topic")
    decisions.decide(store, brief, [ids["agreed"]], "agreed", "me")
    refusals.refuse(store, ids["refused"], "asked not to", "me")

    def added(brief_id: int | None) -> set[str]:
        ties, names = crowd.followers(make.ms(2)), {creator_id: name for name, creator_id in ids.items()}
        found = overlap.compare(store, [ids["chosen"]], ties, 9, brief_id=brief_id)
        return {names[one.creator_id] for one in found.additions}

    assert added(brief) == {"free"}
    assert added(None) == {"free", "rejected", "agreed", "elsewhere"}


def test_people_who_arrive_meanwhile_are_left_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make.store(tmp_path)
    ids = follow(store, {1: (1, 2), 2: (2, 3)})
    read = crowd.Crowd.audience
    arrived = iter(range(100, 200))

    def disturbed(people: crowd.Crowd, creator_id: int) -> crowd.Audience:
        follow(store, {1: [next(arrived)], 2: [next(arrived)]})
        return read(people, creator_id)

    with monkeypatch.context() as patch:
        patch.setattr(crowd.Crowd, "audience", disturbed)
        assert overlap.compare(store, list(ids.values()), crowd.followers(make.ms(2))).reached == 3
    assert overlap.compare(store, list(ids.values()), crowd.followers(make.ms(2))).reached == 7


@pytest.mark.parametrize(
    "name", ["audience_followers", "audience_engaged", "crowd_followers_size", "crowd_engaged_size"]
)
def test_no_definition_looks_at_everything(tmp_path: Path, name: str) -> None:
    db = make.store(tmp_path).reader()
    values = dict.fromkeys(("ids", "creator_id", "start", "stop", "below", "besides"), 1)
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql(name)}", values)]
    assert plan
    assert not [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]


# A sample ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, list[int], overlap.Overlap]:
    """Two overlapping audiences of thousands and one apart, some of whom have two accounts; and the exact answer."""
    store = make.store(tmp_path_factory.mktemp("crowded"))
    ids = follow(store, {1: range(4_000), 2: range(2_000, 5_000), 3: range(6_000, 6_500)})
    with store.writing() as db:  # every third of the first has the next one's account too
        db.execute(
            "UPDATE account SET creator_id = (SELECT creator_id FROM account AS other WHERE other.uid ="
            " 'f' || (CAST(substr(account.uid, 2) AS INTEGER) - 1))"
            " WHERE uid GLOB 'f*' AND CAST(substr(uid, 2) AS INTEGER) % 3 = 1"
        )
    wanted = list(ids.values())
    return store, wanted, overlap.compare(store, wanted, crowd.followers(make.ms(2)), 1)


def test_a_sample_is_taken_where_there_is_no_room_for_all(crowded: tuple[Store, list[int], overlap.Overlap]) -> None:
    store, ids, exact = crowded
    told = overlap.compare(store, ids, crowd.followers(make.ms(2)), room=len(ids) * 7_000 // 5)
    assert exact.exact
    assert not told.exact
    assert 0.2 < told.share < 0.3
    assert told.reached < exact.reached / 3
    for counted, right in zip((*told.creators, *told.pairs), (*exact.creators, *exact.pairs)):
        counts = (2, 3, 4) if isinstance(right, overlap.Pair) else (1, 2)
        for place in counts:
            value, error = told.whole(counted[place])
            assert abs(value - right[place]) <= 4 * error
            assert error > 0
            assert exact.whole(right[place]) == (right[place], 0)


def test_a_part_of_a_sample_lies_within_its_error(crowded: tuple[Store, list[int], overlap.Overlap]) -> None:
    store, ids, exact = crowded
    told = overlap.compare(store, ids, crowd.followers(make.ms(2)), room=len(ids) * 7_000 // 5)
    for counted, right in zip(told.pairs, exact.pairs):
        found = told.part(counted.both, counted.either)
        assert found is not None
        assert abs(found.value - right.jaccard) <= 4 * found.error
        assert exact.part(right.both, right.either) == (right.jaccard, 0)
    assert told.part(0, 0) is None


def test_errors_are_as_large_as_they_say() -> None:
    """Of a hundred samples by other people's numbers about 68 lie within one error and 95 within two."""
    rnd = random.Random(4)
    share, within = 0.05, [0, 0]
    below = round(share * crowd.PRIME)
    for _again in range(200):
        first = rnd.randrange(10**9)
        counted = sum(crowd.sampling_hash(one) < below for one in range(first, first + 4_000))
        told = overlap.Overlap(crowd.followers(1), share, [], [], 0, [])
        value, error = told.whole(counted)
        within[0] += abs(value - 4_000) <= error
        within[1] += abs(value - 4_000) <= 2 * error
    assert 0.58 <= within[0] / 200 <= 0.80
    assert within[1] / 200 >= 0.9


def test_a_sample_that_shows_none_or_all_is_not_sure() -> None:
    told = overlap.Overlap(crowd.followers(1), 0.1, [], [], 0, [])
    assert told.whole(0) == (0, math.sqrt(0.9) / 0.1)
    for none_or_all in (told.part(0, 50), told.part(50, 50)):
        assert none_or_all is not None
        assert 0 < none_or_all.error < 0.05


@given(st.integers(1, 2**40), st.integers(0, crowd.PRIME))
def test_the_store_and_the_program_draw_the_same_people(
    crowded: tuple[Store, list[int], overlap.Overlap], account_id: int, below: int
) -> None:
    condition = sql("audience_followers").split("\n  OR ")[1]
    query = f"SELECT {condition} FROM (SELECT :id AS follower_id)"
    drawn = crowded[0].reader().execute(query, {"id": account_id, "below": below}).fetchone()[0]
    assert bool(drawn) == (crowd.sampling_hash(account_id) < below)


# Real people ------------------------------------------------------------------------------------------------


def test_retweet_audiences_of_the_real_graph(shared_data: Path, tmp_path: Path) -> None:
    wanted = (88, 14454, 677, 1988, 349, 283)
    store = make.store(tmp_path)
    with gzip.open(shared_data / "graph" / "higgs-retweet_network.edgelist.gz", "rt") as lines:
        edges = (line.split()[:2] for line in lines)
        make.write(
            store,
            *(
                FollowRecord(account_uid=creator, follower_uid=person, observed_at=make.moment(1))
                for person, creator in edges
                if int(creator) in wanted
            ),
        )
    told = overlap.compare(store, [make.creator(store, str(one)) for one in wanted], crowd.followers(make.ms(2)))
    by_uid = dict(zip((one.creator_id for one in told.creators), wanted))
    pair = {frozenset((by_uid[pair.one], by_uid[pair.other])): pair for pair in told.pairs}
    assert pair[frozenset((88, 677))].jaccard == pytest.approx(0.05451, abs=5e-6)
    assert pair[frozenset((88, 1988))].coefficient == pytest.approx(0.20069, abs=5e-6)
    assert told.reached == 31_482
    assert sum(one.people for one in told.creators) == 35_039
