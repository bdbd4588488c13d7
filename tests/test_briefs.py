"""Briefs: what may be written in one, what its words mean, its versions and its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench.domain.briefs import LANGUAGES, PURPOSES, TIERS, WEIGHTS, Brief, parse, plain, weights
from kolbench.domain.errors import UsageError
from kolbench.domain.records import CommunityRecord
from kolbench.programme.briefs import awaited, from_toml, read_toml, to_toml, write
from kolbench.store import briefs, changes, merges
from kolbench.store.candidates import CandidateWindow
from kolbench.store.connect import Store


@pytest.fixture
def peopled(store: Store) -> Store:
    """Ann, two called Kim, and two rooms."""
    from kolbench.analysis import standing

    make.write(
        store,
        make.person("ann", name="Ann Tea", handle="ann_t"),
        make.person("k1", name="Kim", handle="kim.one"),
        make.person("k2", name="Kim", handle="kim.two"),
        CommunityRecord(uid="tea", name="Tea house"),
        CommunityRecord(uid="cars", name="Cars"),
    )
    standing.refresh(store)
    return store


def written(**facts: Any) -> Brief:
    return parse({"name": "Tea", "purpose": "activate", **facts})


# What may be written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"name": None}, "name: write a text in quotes, not null."),
        ({"name": "  "}, "name: give the brief a name."),
        ({"purpose": "sell"}, 'purpose: write one of acquire, activate, convert, not "sell".'),
        ({"people": 0}, "people: write a whole number from 1 to 1,000,000."),
        ({"people": 2.5}, "people: write a whole number, not 2.5."),
        ({"people": True}, "people: write a whole number, not true."),
        ({"who": 3}, "who: write settings with values, not 3."),
        ({"who": {"tiers": "nano"}}, 'who.tiers: write a list in brackets, such as ["pico"], not "nano".'),
        (
            {"who": {"tiers": ["nano", "tiny"]}},
            'who.tiers: write one of pico, nano, micro, mid, macro, mega, unknown, not "tiny".',
        ),
        ({"who": {"languages": ["en"]}}, "who.languages: write one of zh, ja, ko, latin, cyrillic, arabic, thai,"),
        ({"topics": {"keywords": [7]}}, "topics.keywords: write a text in quotes, not 7."),
        ({"exclude": {"do_not_contact": "no"}}, 'exclude.do_not_contact: write true or false, not "no".'),
        ({"ours": {"points": 101}}, "ours.points: write a whole number from 0 to 100."),
        ({"weights": []}, "weights: write names with numbers, such as fit = 30, not []."),
        ({"weights": {"fit": "a lot"}}, 'weights.fit: write a number, not "a lot".'),
        ({"weights": {"fit": -1}}, "weights.fit: write a number from 0 to 1,000,000."),
        ({"weights": {"fit": float("nan")}}, "weights.fit: write a number from 0 to 1,000,000."),
        ({"weights": dict.fromkeys(WEIGHTS["activate"], 0)}, "weights: at least one must be above zero."),
        ({"purpose": ["sell"]}, 'purpose: write one of acquire, activate, convert, not ["sell"].'),
        ({"purpose": {"a": 1}}, 'purpose: write one of acquire, activate, convert, not {"a": 1}.'),
        ({"who": {"tiers": [["nano"]]}}, "who.tiers: write one of pico, nano,"),
        ({"who": {"tiers": {"nano": 1}}}, 'who.tiers: write a list in brackets, such as ["pico"], not {"nano": 1}.'),
        ({"peeple": 3}, "peeple: there is no such setting. Do you mean people? Those there are: name, purpose,"),
        ({"who": {"tier": []}}, "who.tier: there is no such setting. Do you mean tiers? Those there are: platforms,"),
        ({"zzz": 1}, "zzz: there is no such setting. Those there are: name,"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_expected(facts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError) as raised:
        written(**facts)
    assert str(raised.value).startswith(complaint)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UsageError) as raised:
        parse({
            "purpose": "sell", "peeple": 3, "people": 0, "ours": {"points": 101}, "who": {"tiers": ["tiny"]},
            "weights": {"fi\nt": "x", "reach": "y"},
        })  # fmt: skip
    lines = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "peeple", "name", "purpose", "who.tiers", "weights.fi t", "weights.reach", "people", "ours.points",
    ]  # fmt: skip
    with pytest.raises(UsageError) as raised:
        written(name="7", people=0, weights={"fit": -1, "voice": 2_000_000, "reach": 1})
    assert str(raised.value).splitlines() == [
        "name: write more than a number, for briefs have numbers besides.",
        "people: write a whole number from 1 to 1,000,000.",
        "weights.fit: write a number from 0 to 1,000,000.",
        "weights.voice: write a number from 0 to 1,000,000.",
    ]


def test_a_weight_of_nothing_is_told_with_the_other_mistakes_of_a_file() -> None:
    with pytest.raises(UsageError) as raised:
        from_toml("name = 'x'\npurpose = 'sell'\npeople = 0\n[weights]\nfitt = 3\nfit = -1\n", "it")
    assert [line.partition(":")[0] for line in str(raised.value).splitlines()] == [
        "it", "purpose", "people", "weights.fit", "weights.fitt",
    ]  # fmt: skip


def test_so_many_mistakes_are_told_as_can_be_read() -> None:
    with pytest.raises(UsageError) as raised:
        written(topics={"keywords": list(range(50))})
    lines = str(raised.value).splitlines()
    assert (len(lines), lines[-1]) == (41, "… and 10 more mistakes.")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(UsageError, match=r"^purpose: it is missing; write one of acquire, activate, convert\.$"):
        parse({"name": "Tea"})
    with pytest.raises(UsageError, match="the brief: write settings with values"):
        parse(["Tea"])


def test_texts_from_a_file_are_cleaned() -> None:
    brief = written(
        name="Tea\x1b[2J\u202e",
        notes="one\ntwo\x00",
        topics={"keywords": ["tea", "\u200b", "tea"], "like": [" ann "]},
        exclude={"tags": ["\x1b]0;x\x07new"]},
        weights={"fi\x00t": 3},
    )
    assert (brief.name, brief.notes, brief.topics.keywords) == ("Tea", "one\ntwo", ("tea",))
    assert (brief.topics.like, brief.exclude.tags, brief.weights) == (("ann",), ("new",), {"fit": 3})


def test_weights_are_all_that_are_in_force_and_add_up_to_one() -> None:
    told = weights(written(weights={"reach": 20, "voice": 0, "fit": 30}, ours={"points": 10}))
    assert sum(told.values()) == pytest.approx(1)
    assert "voice" not in told
    assert told["inside"] == pytest.approx(0.1)
    assert told["fit"] == pytest.approx(0.9 * 30 / (100 - 15 - 15 + 30 + 20))
    assert set(told) == (set(WEIGHTS["activate"]) | {"reach", "inside"}) - {"voice"}


WORD = st.text(max_size=12)
WORDS = st.lists(WORD, max_size=3)
FACTS = st.fixed_dictionaries(
    {"name": st.text(min_size=1, max_size=20), "purpose": st.sampled_from(PURPOSES)},
    optional={
        "people": st.integers(1, 1_000_000),
        "notes": st.text(max_size=60),
        "topics": st.fixed_dictionaries(
            {}, optional={"keywords": WORDS, "like": WORDS, "communities": WORDS, "without": WORDS}
        ),
        "who": st.fixed_dictionaries(
            {},
            optional={
                "platforms": WORDS,
                "tiers": st.lists(st.sampled_from(TIERS), max_size=3),
                "regions": WORDS,
                "languages": st.lists(st.sampled_from(LANGUAGES), max_size=3),
            },
        ),
        "exclude": st.fixed_dictionaries(
            {},
            optional={
                "do_not_contact": st.booleans(),
                "working_with_us": st.booleans(),
                "exclusives": st.booleans(),
                "tags": WORDS,
            },
        ),
        "ours": st.fixed_dictionaries({}, optional={"communities": WORDS, "points": st.integers(0, 100)}),
        "weights": st.dictionaries(WORD, st.floats(0.001, 1_000_000) | st.integers(1, 1_000_000), max_size=3),
    },
)


@settings(max_examples=150, deadline=None)
@given(facts=FACTS)
def test_a_brief_comes_back_from_its_file_as_it_was(facts: dict[str, Any]) -> None:
    try:
        brief = parse(facts)
    except UsageError:
        return  # a name of invisible signs
    text = to_toml(brief)
    assert from_toml(text, "it") == brief
    assert from_toml(to_toml(brief, explained=True), "it") == brief
    assert to_toml(from_toml(text, "it")) == text, "the same each time, for git"
    assert parse(msgspec.json.decode(msgspec.json.encode(plain(brief)))) == brief


def test_the_file_is_readable() -> None:
    brief = written(
        topics={"keywords": ["奶茶", "latte"]},
        notes="Two lines\nof notes.",
        weights={"fit": 30, "voice": 2.5},
    )
    assert to_toml(brief) == (
        'name = "Tea"\npurpose = "activate"\npeople = 20\nnotes = """\nTwo lines\nof notes."""\n'
        '\n[topics]\nkeywords = [\n    "奶茶",\n    "latte",\n]\nlike = []\ncommunities = []\nwithout = []\n'
        "\n[who]\nplatforms = []\ntiers = []\nregions = []\nlanguages = []\n"
        "\n[exclude]\ndo_not_contact = true\nworking_with_us = true\nexclusives = true\ntags = []\n"
        "\n[ours]\ncommunities = []\npoints = 5\n"
        "\n[weights]\nfit = 30\nvoice = 2.5\n"
    )
    assert "# purpose: acquire, activate, convert\n" in to_toml(brief, explained=True)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"name = ", r"brief\.toml is not TOML: "),
        (b"name = '\xff'", r"brief\.toml is not text in UTF-8"),
        (b"name = " + b"[" * 5_000, r"brief\.toml is not TOML: too deeply nested\."),
        (b"name = 'x'\npurpose = 'sell'", r"brief\.toml: purpose: write one of"),
        (None, r"brief\.toml can't be read: No such file"),
    ],
)
def test_a_file_that_is_no_brief_is_refused(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "brief.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        read_toml(path)


# What its words mean ------------------------------------------------------------------------------------------


def test_words_become_the_people_and_communities_they_mean(peopled: Store) -> None:
    ann, kim = make.creator(peopled, "ann"), make.creator(peopled, "k2")
    tea, cars = make.community(peopled, "tea"), make.community(peopled, "cars")
    brief = written(
        topics={"keywords": ["Oolong"], "like": ["ann tea", "demo:@Kim.Two", str(ann)], "communities": ["TEA HOUSE"]},
        who={"platforms": ["Demo"]},
        ours={"communities": [str(cars)]},
    )
    goal = briefs.goal(peopled, write(peopled, brief, "me"))
    assert (goal.like, goal.communities, goal.ours) == ((ann, kim), (tea,), (cars,))
    assert (goal.version, goal.brief.who.platforms) == (1, ("demo",))
    assert "oolong" in [term.text for term in goal.topic]


def test_an_example_who_was_merged_is_who_stands_for_them(peopled: Store) -> None:
    ann, kim = make.creator(peopled, "ann"), make.creator(peopled, "k2")
    brief_id = write(peopled, written(topics={"like": ["demo:k2", "Ann Tea"]}), "me")
    merges.merge(peopled, kim, ann, "me")
    assert briefs.goal(peopled, brief_id).like == (ann,)


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"topics": {"like": ["nobody"]}}, "topics.like: Nobody is called 'nobody'. Try 'platform:handle', or an id."),
        ({"topics": {"like": ["Kim"]}}, "topics.like: Several people are called 'Kim': Kim (demo @kim."),
        (
            {"topics": {"like": ["ann"]}},
            "topics.like: Nobody is called exactly 'ann'. Do you mean Ann Tea (demo @ann_t",
        ),
        ({"topics": {"communities": ["Te house"]}}, "topics.communities: There is no community 'Te house'."),
        ({"ours": {"communities": ["99"]}}, "ours.communities: There is no community '99'."),
        (
            {"who": {"platforms": ["weibbo"]}},
            "who.platforms: The platform 'weibbo' is new here. Did you mean 'weibo'?",
        ),
        (
            {"weights": {"fitt": 3}},
            "weights.fitt: nothing of that name is measured. Do you mean fit? What is: activity,",
        ),
    ],
)
def test_a_word_that_means_nobody_or_several_is_named(peopled: Store, facts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError) as raised:
        write(peopled, written(**facts), "me")
    assert str(raised.value).startswith(complaint)
    assert briefs.listed(peopled) == []


def test_all_words_that_mean_nobody_are_named_at_once(peopled: Store) -> None:
    brief = written(
        topics={"like": ["nobody", "Kim"], "communities": ["Tee"]},
        who={"platforms": ["weibbo", "demo"]},
        weights={"fitt": 3, "fit": 3},
    )
    with pytest.raises(UsageError) as raised:
        write(peopled, brief, "me")
    assert [line.partition(":")[0] for line in str(raised.value).splitlines()] == [
        "who.platforms", "weights.fitt", "topics.like", "topics.like", "topics.communities", "topics",
    ]  # fmt: skip


def test_whom_nobody_has_yet_is_kept_and_means_nobody_until_they_come(peopled: Store) -> None:
    from kolbench.analysis import candidacy, standing

    brief = written(who={"platforms": ["Weibo", "demo"]}, ours={"communities": ["Bikes"]})
    brief_id = write(peopled, brief, "me")
    assert awaited(peopled, briefs.brief(peopled, brief_id)) == [
        "who.platforms: nobody is on 'weibo' yet. It means nobody until they come.",
        "ours.communities: there is no community 'Bikes' yet. It means nobody until it comes.",
    ]
    assert briefs.goal(peopled, brief_id).ours == (briefs.NOT_YET,), "and not all of them"
    candidacy.score(peopled, brief_id)
    make.write(peopled, make.person("wei"), origin=make.source(peopled, "weibo", "weibo"))
    make.write(peopled, CommunityRecord(uid="bikes", name="bikes"), make.said("ann", "bikes", 1, "hello"))
    standing.refresh(peopled)
    rows = CandidateWindow(peopled, brief_id=brief_id).rows(0, 9)
    assert {row.name: row.inside for row in rows} == {"Ann Tea": 1, "Kim": 0, "wei": 0}
    assert awaited(peopled, briefs.brief(peopled, brief_id)) == []


def test_what_changes_no_rank_needs_no_scoring(peopled: Store) -> None:
    from kolbench.analysis import candidacy

    brief_id = write(peopled, written(topics={"like": ["demo:k2"]}), "me")
    candidacy.score(peopled, brief_id)
    make.write(peopled, make.posted("k2", 1, "a walk in the park"))
    more = written(topics={"like": ["demo:k2"]}, people=31, exclude={"tags": ["rival"]})
    write(peopled, more, "me", brief_id)
    assert (briefs.row(peopled, brief_id).version, briefs.row(peopled, brief_id).scored) == (2, 2)
    write(peopled, written(topics={"like": ["demo:k2"]}, weights={"fit": 90}), "me", brief_id)
    assert briefs.row(peopled, brief_id).scored == 2


# Versions -----------------------------------------------------------------------------------------------------


def test_each_change_is_a_version_and_the_older_ones_stay(store: Store) -> None:
    brief_id = write(store, written(), "eve")
    assert write(store, written(people=50), "dan", brief_id, 1) == brief_id
    assert write(store, written(people=50), "eve", brief_id, 1) == brief_id, "what is there already is no conflict"
    assert [(one.version, one.author) for one in briefs.versions(store, brief_id)] == [(2, "dan"), (1, "eve")]
    assert (briefs.brief(store, brief_id).people, briefs.brief(store, brief_id, 1).people) == (50, 20)
    assert briefs.goal(store, brief_id, 1).version == 1
    (row,) = briefs.listed(store)
    assert (row.name, row.version, row.author, row.people, row.purpose, row.scored) == (
        "Tea", 2, "dan", 50, "activate", 0,
    )  # fmt: skip
    with pytest.raises(UsageError, match="no version 3 of it: the newest is 2"):
        briefs.brief(store, brief_id, 3)
    for ask in (briefs.brief, briefs.goal, briefs.row):
        with pytest.raises(UsageError, match="no brief 99"):
            ask(store, 99)


def test_new_texts_of_examples_make_a_version_only_when_asked(peopled: Store) -> None:
    brief = written(topics={"like": ["Ann Tea"]})
    brief_id = write(peopled, brief, "me")
    others = [make.person(f"o{n}") for n in range(60)]
    make.write(peopled, *others, *(make.posted(f"o{n}", 1, "a walk in the park") for n in range(60)))
    make.write(peopled, make.posted("ann", 2, "matcha matcha matcha"))
    before = briefs.goal(peopled, brief_id)
    write(peopled, brief, "me", brief_id)
    assert briefs.goal(peopled, brief_id) == before
    write(peopled, brief, "me", brief_id, anew=True)
    after = briefs.goal(peopled, brief_id)
    assert (after.version, "matcha" in [term.text for term in after.topic]) == (2, True)
    write(peopled, brief, "me", brief_id, anew=True)
    assert briefs.row(peopled, brief_id).version == 2


def test_a_colleagues_newer_version_is_not_overwritten(store: Store) -> None:
    brief_id = write(store, written(), "eve")
    write(store, written(people=50), "dan", brief_id, 1)
    with pytest.raises(UsageError, match=r"dan saved version 2 of 'Tea' at .*, and yours began with version 1"):
        write(store, written(people=70), "eve", brief_id, 1)
    assert briefs.brief(store, brief_id).people == 50
    write(store, written(people=70), "eve", brief_id, 2)
    assert briefs.row(store, brief_id).version == 3


def test_a_brief_is_renamed_but_two_never_have_one_name(store: Store) -> None:
    brief_id = write(store, written(), "eve")
    write(store, written(name="Coffee"), "eve", brief_id)
    assert briefs.find(store, "coffee") == brief_id
    write(store, written(name="COFFEE"), "eve", brief_id)
    other = write(store, written(), "eve")
    with pytest.raises(UsageError, match="There is a brief 'COFFEE' already"):
        write(store, written(name="coffee"), "eve", other)
    briefs.archive(store, brief_id, "eve")
    with pytest.raises(UsageError, match="There is an archived brief 'COFFEE': restore"):
        write(store, written(name="coffee"), "eve")


def test_an_archived_brief_is_out_of_the_list_until_it_is_restored(store: Store) -> None:
    brief_id = write(store, written(), "eve")
    assert briefs.archive(store, brief_id, "eve")
    assert not briefs.archive(store, brief_id, "eve")
    assert briefs.listed(store) == []
    assert [row.name for row in briefs.listed(store, archived=True)] == ["Tea"]
    assert briefs.restore(store, brief_id, "dan")
    assert not briefs.restore(store, brief_id, "dan")
    changes.undo(store, "dan")
    changes.undo(store, "eve")
    assert [row.name for row in briefs.listed(store)] == ["Tea"]


def test_a_brief_is_found_by_its_name_a_part_of_it_or_its_number(store: Store) -> None:
    with pytest.raises(UsageError, match="There is no brief yet"):
        briefs.find(store, "tea")
    tea, green, cars = (make.brief(store, name) for name in ("Tea", "Green tea", "Cars"))
    assert briefs.find(store, "tea") == tea
    assert briefs.find(store, "gre") == green
    assert briefs.find(store, str(cars)) == cars
    with pytest.raises(UsageError, match="more than a number"):
        make.brief(store, "2")
    with pytest.raises(UsageError, match=r"Which brief do you mean\? Cars \(3\), Green tea \(2\), Tea \(1\)"):
        briefs.find(store, "a")
    with pytest.raises(UsageError, match=r"no brief 'carz'. Briefs: Cars \(3\)$"):
        briefs.find(store, "carz")
    with pytest.raises(UsageError, match=r"no brief 'xyz'. Briefs: Cars \(3\)"):
        briefs.find(store, "xyz")
