"""Whose audience is ours, who has potential, whose growth counts, and what all scorers keep to."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import scorers, standing
from kolbench.analysis.languages import language, languages
from kolbench.analysis.metrics import sql
from kolbench.analysis.scorers.audience import Audience
from kolbench.analysis.scorers.growth import Growth
from kolbench.analysis.scorers.potential import Potential, quadrant
from kolbench.domain.briefs import LANGUAGES
from kolbench.domain.records import MembershipRecord, PostRecord, Record
from kolbench.domain.scoring import People, Scorer
from kolbench.store import erasure, merges
from kolbench.store.connect import Store
from measuring import follow, goal, measured, shown, total

AUDIENCE, POTENTIAL, GROWTH = Audience(), Potential(), Growth()


def member(name: str, room: str, left: float | None = None) -> MembershipRecord:
    return MembershipRecord(community_uid=room, account_uid=name, left_at=None if left is None else make.moment(left))


def test_ours_are_the_members_of_our_communities_who_havent_left(store: Store) -> None:
    make.write(
        store,
        *(follow(f"f{n}", "ann") for n in range(25)),
        *(member(f"f{n}", "tea") for n in range(4)),
        *(member(f"f{n}", "coffee") for n in range(4, 9)),
        member("f20", "tea", left=3),
        make.did("like", "f0", "ann", None, 2),
    )
    wanted = goal(ours=[make.community(store, "tea")])
    ann = measured(store, AUDIENCE, wanted)["ann"]
    assert (ann.numerator, ann.denominator, ann.sample) == (4, 25, 25)
    assert ann.value == pytest.approx(0.4)
    assert total(shown(store, AUDIENCE, "ann", wanted)) == 4
    assert shown(store, AUDIENCE, "ann", wanted)[0].text == "f0"
    assert measured(store, AUDIENCE, goal())["ann"].numerator == 9


def test_the_audience_of_an_example_is_ours_as_well(store: Store) -> None:
    make.write(
        store,
        *(follow(f"f{n}", "ann") for n in range(20)),
        *(follow(f"f{n}", "bob") for n in range(3)),
        make.did("reply", "f2", "bob", "tea", 1),
        make.did("reply", "f3", "bob", "tea", 1),
    )
    with store.writing() as db:
        db.execute("DELETE FROM membership")
    assert measured(store, AUDIENCE, goal()) == {}
    assert measured(store, AUDIENCE, goal(like=[make.creator(store, "bob")]))["ann"].numerator == 4


def test_without_a_goal_or_an_audience_nothing_is_said(store: Store) -> None:
    make.write(store, *(follow(f"f{n}", "ann") for n in range(20)), *(follow(f"f{n}", "bob") for n in range(19)))
    make.write(store, member("f1", "tea"))
    assert measured(store, AUDIENCE) == {}
    assert measured(store, AUDIENCE, goal()).keys() == {"ann"}


def test_an_audience_is_people_without_bots_and_who_engage_are_in_it(store: Store) -> None:
    make.write(
        store,
        make.person("ann"),
        *(follow(f"f{n}", "ann") for n in range(18)),
        *(make.person(f"robo{n}", is_bot=True) for n in range(5)),
        *(follow(f"robo{n}", "ann") for n in range(5)),
        *(make.did("like", f"g{n}", "ann", None, 2) for n in range(3)),
        member("f0-too", "tea"),
    )
    make.same_person(store, "f0", "f0-too")
    make.same_person(store, "f1", "f2")
    ann = measured(store, AUDIENCE, goal())["ann"]
    assert (ann.numerator, ann.denominator) == (1, 20)


def works(name: str, number: int, **metrics: Any) -> Iterator[Record]:
    for n in range(number):
        yield make.posted(name, 80 * n / number, **metrics)


def test_good_and_seldom_seen_ranks_above_busy_and_poor(store: Store) -> None:
    make.write(
        store,
        *(make.counted(name, 1, followers=1_000) for name in ("sleeper", "busy", "star", "quiet")),
        *works("sleeper", 3, likes=80),
        *works("busy", 400, likes=1),
        *works("star", 400, likes=80),
        *works("quiet", 3, likes=1),
    )
    found = measured(store, POTENTIAL)
    assert {name: one.how for name, one in found.items()} == {name: name for name in found}
    order = sorted(found, key=lambda name: -(found[name].value or 0))
    assert order == ["star", "sleeper", "busy", "quiet"]
    evidence = shown(store, POTENTIAL, "sleeper")
    assert [one.text for one in evidence] == ["Engagement", "Activity"]
    assert total(evidence) == pytest.approx(found["sleeper"].numerator)


def test_potential_needs_quality_and_activity_and_something_to_judge(store: Store) -> None:
    make.write(
        store,
        make.counted("rated", 1, followers=1_000, engagement_bp=500),
        *works("writes", 3),
        make.said("speaks", "tea", 1),
        make.did("mention", "bob", "addressed", "tea", 1),
        member("silent", "tea"),
    )
    assert measured(store, POTENTIAL).keys() == {"speaks", "addressed"}


@pytest.mark.parametrize(
    ("quality", "activity", "name"),
    [(0.5, 0.35, "star"), (0.5, 0.34, "sleeper"), (0.49, 0.35, "busy"), (0.49, 0.34, "quiet")],
)
def test_quadrants(quality: float, activity: float, name: str) -> None:
    assert quadrant(quality, activity) == name


def counts(name: str, days: int, jump: int = 0) -> list[Record]:
    """Daily counts that rise by chance, and by ``jump`` at once on the twentieth day from the end."""
    chance, followers = random.Random(1), 100_000
    found: list[Record] = []
    for day in range(days):
        followers += round(chance.gauss(100, 30)) + jump * (day == days - 20)
        found.append(make.counted(name, day, followers=followers))
    return found


def test_growth_that_nothing_explains_doesnt_count(store: Store) -> None:
    make.write(store, *counts("ann", 60), *counts("bob", 60, 8_000), *counts("cat", 60, 8_000))
    make.write(store, make.posted("cat", 40))
    found = measured(store, GROWTH)
    assert found["ann"].value == pytest.approx(0.65, abs=0.02)
    assert found["cat"].value == 1.0
    bob = found["bob"]
    assert (bob.value, bob.how, bob.start, bob.stop) == (0.0, "anomaly", make.ms(39), make.ms(40))
    evidence = shown(store, GROWTH, "bob")
    assert [one.text for one in evidence] == ["a jump that nothing explains"]
    assert total(evidence) == bob.numerator
    assert 8_000 < total(evidence) < 8_300


def test_an_old_jump_is_forgiven_and_a_few_counts_are_not_judged(store: Store) -> None:
    make.write(store, *counts("ann", 60, 8_000))
    make.write(store, *(make.counted("ann", 60 + day, followers=115_000 + 100 * day) for day in range(0, 90, 10)))
    make.write(store, *(make.counted("bob", day, followers=1_000 * 2**day) for day in range(6)))
    found = measured(store, GROWTH)
    assert found["ann"].how == ""
    assert "bob" not in found  # five days say nothing


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("你好，世界。今天天气不错", "zh"),
        ("iPhone 15 Pro Max 测评：值得买吗？续航怎么样", "zh"),
        ("我の世界 好看", "zh"),
        ("今日はいい天気ですね", "ja"),
        ("안녕하세요 여러분", "ko"),
        ("good morning 世界", "latin"),
        ("Привет мир", "cyrillic"),
        ("مرحبا بالعالم", "arabic"),
        ("สวัสดีครับ", "thai"),
        ("नमस्ते दुनिया", "devanagari"),
        ("@somebody https://example.com/page 谢谢", "zh"),
        ("😀 123 ！？。", None),
        ("", None),
        ("\ud800", None),
    ],
)
def test_the_script_tells_the_language(text: str, found: str | None) -> None:
    assert language(text) == found


@given(st.text(max_size=200))
def test_any_text_has_a_language_or_none(text: str) -> None:
    assert language(text) in (None, *LANGUAGES)


def test_a_person_writes_in_the_language_of_most_of_what_they_wrote_lately(store: Store) -> None:
    make.write(
        store,
        make.person("ann", name="Ann", bio="喝茶的人"),
        make.said("ann", "tea", 1, "今天喝了一杯好茶"),
        make.person("bob", name="Bob"),
        *(PostRecord(uid=f"{n}", account_uid="bob", published_at=make.moment(n), text="дома пьём чай") for n in (1, 2)),
        make.person("42", name="42", handle="42"),
    )
    people = People(store.reader(), [make.creator(store, name) for name in ("ann", "bob", "42")])
    assert list(languages(people).values()) == ["zh", "cyrillic"]


ALL = {**scorers.GENERAL, **scorers.PER_GOAL}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_every_measure_is_on_the_scale_and_its_evidence_adds_up(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = make.store(tmp_path_factory.mktemp("any"))
    random_world(store, random.Random(seed))
    wanted = goal(ours=[1])
    for name, scorer in ALL.items():
        for creator_id, measure in scorer.measure(everybody(store, wanted)).items():
            assert measure.value is None or 0 <= measure.value <= 1, name
            if name in ("authority", "authenticity", "fans", "portability", "potential", "audience"):
                found = list(scorer.evidence(People(store.reader(), [creator_id], wanted), 1_000))
                assert total(found) == pytest.approx(measure.numerator), name
                assert len(list(scorer.evidence(People(store.reader(), [creator_id], wanted), 2))) <= 2
    store.close()


def everybody(store: Store, wanted: Any) -> People:
    return People(store.reader(), [row[0] for row in store.reader().execute("SELECT id FROM creator")], wanted)


def random_world(store: Store, chance: random.Random) -> None:
    """Sixty accounts on two platforms that count, follow, write and answer at random."""
    names = [f"p{n}" for n in range(60)]
    for platform in ("demo", "weibo"):
        some = chance.sample(names, 50)
        records: list[Record] = [make.person(name, is_bot=chance.random() < 0.05 or None) for name in some]
        for name in some:
            records += [
                make.counted(name, day, followers=chance.randrange(10**6)) for day in chance.sample(range(90), 3)
            ]
            records.append(make.counted(name, 1, posts=chance.randrange(3), following=chance.randrange(3_000)))
            records += [
                make.posted(name, chance.randrange(90), views=chance.randrange(900), likes=chance.randrange(99))
            ]
        records += [follow(chance.choice(some), chance.choice(some[:4]), chance.randrange(90)) for _ in range(200)]
        for n in range(200):
            kind = chance.choice(["like", "mention", "reply", "thank"])
            day = chance.randrange(120)
            records.append(make.did(kind, chance.choice(some), chance.choice(some[:6]), "tea", day, f"{platform}{n}"))
        records += [member(name, "tea") for name in some[:20]]
        origin = make.source(store, platform, platform)
        make.write(store, *records, origin=origin)
    db = store.reader()
    pairs = db.execute(
        "SELECT min(id), max(id) FROM account GROUP BY uid HAVING count(*) > 1 ORDER BY uid LIMIT 20"
    ).fetchall()
    with store.writing() as db:
        for one, other in pairs:
            db.execute(
                "UPDATE account SET creator_id = (SELECT creator_id FROM account WHERE id = ?) WHERE id = ?",
                (one, other),
            )


def test_who_follows_acts_is_merged_or_erased_changes_others_as_deriving_everybody_would(store: Store) -> None:
    chance = random.Random(7)
    random_world(store, chance)
    standing.refresh(store)
    names = [f"p{n}" for n in range(60)]
    new = [follow(chance.choice(names), chance.choice(names), 95) for _ in range(40)]
    made = [make.did("reply", chance.choice(names), chance.choice(names), "tea", 100, f"new {n}") for n in range(40)]
    make.write(store, *new, *made)
    standing.refresh(store)
    assert rows(store) == derived_anew(store)
    first, second = (row[0] for row in store.reader().execute("SELECT id FROM creator ORDER BY id LIMIT 2").fetchall())
    merge = merges.merge(store, second, first, "me")
    standing.refresh(store)
    assert rows(store) == derived_anew(store)
    merges.undo(store, merge, "me")
    standing.refresh(store)
    assert rows(store) == derived_anew(store)
    erasure.erase(store, erasure.find(store, str(make.creator(store, "p7"))))
    standing.refresh(store)
    assert rows(store) == derived_anew(store)


def rows(store: Store) -> list[Any]:
    return store.reader().execute("SELECT * FROM standing ORDER BY creator_id").fetchall()


def derived_anew(store: Store) -> list[Any]:
    standing.rebuild(store)
    return rows(store)


@pytest.mark.parametrize("scorer", ALL.values(), ids=list(ALL))
def test_nothing_is_known_in_an_empty_store(store: Store, scorer: Scorer) -> None:
    assert dict(scorer.measure(People(store.reader(), [], goal()))) == {}


@pytest.mark.parametrize(
    "name",
    [
        "anomaly_enough", "audience_acts", "audience_known_followers", "scorer_audience", "scorer_authority",
        "scorer_authority_peers", "scorer_fans", "scorer_fans_views", "scorer_portability",
        "scorer_portability_accounts", "standing_members", "standing_texts",
    ],
)  # fmt: skip
def test_a_batch_is_looked_up_and_no_table_walked_through(store: Store, name: str) -> None:
    values = {key: json.dumps([1]) for key in ("ids", "accounts", "people", "ours", "like")}
    numbers = dict.fromkeys(
        ("window_ms", "posts", "following", "followers", "views", "likes", "comments", "shares", "enough", "texts",
         "limit", "anywhere", "any_liked"), 1,
    )  # fmt: skip
    plan = [row[3] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {sql(name)}", {**values, **numbers})]
    tables = ("account", "activity", "follow_edge", "membership", "post", "message", "creator", "snapshot", "edge")
    walked = [step for step in plan if step.startswith("SCAN ") and step.split()[1] in tables]
    assert all("account_uncounted" in step for step in walked), plan
    assert any("VIRTUAL TABLE" in step for step in plan)
