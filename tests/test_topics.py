"""What a brief is about, who fits it, by which works, and where somebody shines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import standing, topics, topics_fit
from kolbench.analysis.metrics import sql
from kolbench.analysis.topics import SEPARATOR, Term, fold, profile, terms
from kolbench.analysis.topics_bright import bright_spot
from kolbench.analysis.topics_fit import MESSAGES, POSTS, SELF, evidence, fits, strength
from kolbench.domain.scoring import UNKNOWN, Measure
from kolbench.store.connect import Store

if TYPE_CHECKING:
    from pathlib import Path

TEA = (Term("tea", 0.95, keyword=True), Term("oolong", 0.4))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return make.store(tmp_path)


def fit(store: Store, name: str, about: tuple[Term, ...] = TEA) -> Measure:
    creator = make.creator(store, name)
    return fits(store.reader(), [creator], about).get(creator, UNKNOWN)


def counts(store: Store, name: str, about: tuple[Term, ...] = TEA) -> dict[str, int]:
    """How many works of somebody's have each term."""
    works = evidence(store.reader(), make.creator(store, name), about, 1_000)
    return Counter(term for work in works for term in work.terms)


def says(store: Store, name: str, *texts: str, room: str = "tea", start: float = 0) -> None:
    make.write(store, *(make.said(name, room, start + n / 1_000, text) for n, text in enumerate(texts)))


def value(store: Store, name: str, about: tuple[Term, ...] = TEA) -> float:
    found = fit(store, name, about).value
    assert found is not None
    return found


# Terms -----------------------------------------------------------------------------------------------------


def test_words_are_folded_and_addresses_mentions_numbers_and_single_letters_are_none() -> None:
    text = "Ｈｅｌｌｏ @bob, see HTTPS://tea.example/oolong or mail a.b@tea.example: 42 x Don't C++ Чай"
    assert list(terms(text)) == ["hello", "see", "or", "mail", "don't", "c++", "чай"]


@given(
    st.lists(st.text(st.one_of(st.characters(exclude_characters=SEPARATOR), st.sampled_from("ＴＣｶﾞ①ﬁΣİ"))), min_size=1)
)
def test_a_text_is_folded_alike_alone_and_among_others(texts: list[str]) -> None:
    assert fold(SEPARATOR.join(texts)) == SEPARATOR.join(map(fold, texts))


def test_scripts_without_spaces_are_cut_into_two_three_and_four_characters() -> None:
    assert list(terms("敏感肌护")) == ["敏感", "感肌", "肌护", "敏感肌", "感肌护", "敏感肌护"]
    assert list(terms("爱tea茶")) == ["tea"]


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_text_has_terms_of_at_least_two_characters_without_blanks(text: str) -> None:
    assert all(len(term) > 1 and not any(character.isspace() for character in term) for term in terms(text))


def test_a_text_made_to_be_slow_is_cut_in_no_time(store: Store) -> None:
    for hostile in (
        "@" * 200_000,
        "a" * 200_000 + "@",
        "http://" * 30_000,
        "茶" * 50_000,
        "'" * 200_000,
        "a." * 100_000,
    ):
        assert sum(1 for _term in terms(hostile)) < 200_000


# Profiles --------------------------------------------------------------------------------------------------


def test_keywords_are_folded_weighed_and_bounded(store: Store) -> None:
    made = profile(store.reader(), {" Tea  House ": 0.5, "TEA": 7, "茶": 1, "": 1, "no": 0, "x" * 5_000: 1})
    assert [(term.text[:9], term.keyword) for term in made] == [
        ("tea house", True), ("tea", True), ("茶", True), ("xxxxxxxxx", True),
    ]  # fmt: skip
    assert [round(term.weight, 3) for term in made] == [0.475, 0.95, 0.95, 0.95]
    assert len(made[-1].text) == topics.LENGTH


def test_a_profile_without_keywords_and_examples_is_empty_and_nobody_has_a_hit(store: Store) -> None:
    says(store, "ann", "tea")
    assert profile(store.reader(), []) == ()
    assert value(store, "ann", ()) == 0


def test_examples_that_are_not_there_give_no_terms(store: Store) -> None:
    assert profile(store.reader(), ["tea"], [99], [99]) == (Term("tea", 0.95, keyword=True),)


def tea_room(store: Store) -> None:
    """Twelve people who speak of oolong and steeping, and eighty who speak of anything else; all say hello."""
    records = []
    for n in range(12):
        texts = ("hello all", "the oolong is fine", "steeping oolong, 泡茶很香")
        records += [make.said(f"t{n}", "tea", n + k / 10, text) for k, text in enumerate(texts)]
    for n in range(80):
        texts = ("hello all", f"the game number {n} is fine", "今天天气很香")
        records += [make.said(f"o{n}", "other", n + k / 10, text) for k, text in enumerate(texts)]
    make.write(store, *records)


def test_a_community_is_known_by_what_its_people_say_and_others_do_not(store: Store) -> None:
    tea_room(store)
    made = profile(store.reader(), ["tea"], (), [make.community(store, "tea")])
    found = {term.text: term for term in made}
    assert {"tea", "oolong", "steeping", "泡茶很香"} == set(found)
    assert (found["oolong"].users, found["oolong"].of) == (12, 12)
    assert (found["oolong"].others, found["oolong"].rest) == (0, 80)
    assert all(0 < term.weight <= topics.STRONGEST for term in made if not term.keyword)


def test_words_of_the_examples_that_say_nothing_of_the_topic_can_be_struck_out(store: Store) -> None:
    tea_room(store)
    room = [make.community(store, "tea")]
    assert {term.text for term in profile(store.reader(), [], (), room)} == {"oolong", "steeping", "泡茶很香"}
    assert {term.text for term in profile(store.reader(), [], (), room, ["Ｏolong", "steep", "泡茶"])} == {"steeping"}
    assert {term.text for term in profile(store.reader(), ["oolong"], (), room, ["oolong"])} >= {"oolong", "steeping"}


def test_people_as_examples_give_the_same_terms_as_their_community(store: Store) -> None:
    tea_room(store)
    people = [make.creator(store, f"t{n}") for n in range(12)]
    made = profile(store.reader(), [], people)
    assert {term.text for term in made} == {"oolong", "steeping", "泡茶很香"}
    assert made == profile(store.reader(), [], people)


def test_what_one_of_several_examples_says_alone_is_no_topic(store: Store) -> None:
    tea_room(store)
    says(store, "t1", *["unicorn unicorn"] * 40, start=50)
    made = profile(store.reader(), [], [make.creator(store, f"t{n}") for n in range(12)])
    assert "unicorn" not in {term.text for term in made}


def test_a_keyword_is_not_found_again_in_the_examples_nor_a_piece_of_it(store: Store) -> None:
    tea_room(store)
    made = profile(store.reader(), ["泡茶", "oolong"], (), [make.community(store, "tea")])
    assert [term.text for term in made if not term.keyword] == ["steeping"]


def test_chinese_examples_are_known_by_whole_words(store: Store) -> None:
    others = ["爱生活的人", "每天唱歌跳舞", "分享游戏视频", "记录日常"]
    make.write(store, *(make.person(f"o{n}", bio=others[n % 4]) for n in range(80)))
    bios = ("专业美妆博主，分享护肤", "美妆博主一枚", "我是美妆博主", "护肤达人，美妆博主")
    made = profile(store.reader(), [], make_people(store, bios))
    assert "美妆博主" in {term.text for term in made}
    assert not {"美妆", "妆博", "博主", "美妆博", "妆博主"} & {term.text for term in made}


def make_people(store: Store, bios: tuple[str, ...]) -> list[int]:
    make.write(store, *(make.person(f"e{n}", bio=bio) for n, bio in enumerate(bios)))
    return [make.creator(store, f"e{n}") for n in range(len(bios))]


def test_bots_and_staff_tell_nothing_of_a_community(store: Store) -> None:
    tea_room(store)
    make.write(store, make.person("b1", is_bot=True), make.person("b2", is_staff=True))
    says(store, "b1", "points points", room="tea", start=100)
    says(store, "b2", "points points", room="tea", start=101)
    made = profile(store.reader(), [], (), [make.community(store, "tea")])
    assert "points" not in {term.text for term in made}


# Fits ------------------------------------------------------------------------------------------------------


def test_nobody_fits_in_an_empty_store(store: Store) -> None:
    assert fits(store.reader(), [], TEA) == {}
    assert fits(store.reader(), [7], TEA) == {}
    assert evidence(store.reader(), 7, TEA) == []


def test_who_wrote_nothing_has_no_value_and_who_wrote_of_other_things_has_zero(store: Store) -> None:
    make.write(store, make.person("tea lover"), make.posted("bob", 1, "only games"), make.posted("cid", 1, ""))
    make.write(store, make.person("dan", verified="yes"))
    assert fit(store, "tea lover").value is None
    assert fit(store, "cid").value is None
    assert fit(store, "dan").value is None
    assert fit(store, "bob") == Measure(0, 0, 0, 1, 1, how="posts")
    assert value(store, "bob") == 0


def test_one_hit_in_one_work_is_no_perfect_fit_and_fifty_of_fifty_nearly_are(store: Store) -> None:
    says(store, "ann", "tea")
    says(store, "bob", *["a fine oolong tea"] * 50)
    assert value(store, "ann") < 0.5
    assert value(store, "bob") > 0.9


def test_a_term_said_often_in_one_work_counts_once(store: Store) -> None:
    says(store, "ann", "tea", "else")
    says(store, "bob", "tea " * 100, "else")
    assert value(store, "ann") == value(store, "bob")
    assert counts(store, "bob") == {"tea": 1}


def test_who_says_more_of_everything_fits_no_better(store: Store) -> None:
    says(store, "ann", *["tea"] * 5)
    says(store, "bob", *["tea"] * 5, *["weather"] * 45)
    assert value(store, "bob") < value(store, "ann")


def test_words_are_found_as_words_and_chinese_anywhere(store: Store) -> None:
    about = (Term("tea", 0.9), Term("护肤", 0.9), Term("c++", 0.9), Term("618", 0.9))
    says(
        store,
        "ann",
        "team",
        "steal",
        "@tea",
        "c++11",
        "TEA!",
        "爱tea",
        "tea2",
        "敏感肌护肤品",
        "16180",
        "618大促",
        "ＴＥＡ",
    )
    assert counts(store, "ann", about) == {"tea": 4, "护肤": 1, "c++": 1, "618": 1}
    assert fit(store, "ann", about).numerator == 7
    assert fit(store, "ann", about).figure == pytest.approx(7 * 0.9 / 11)


def test_what_people_say_about_themselves_counts_as_several_works(store: Store) -> None:
    make.write(store, make.person("ann", bio="tea"))
    assert value(store, "ann") == pytest.approx(topics_fit.value(SELF * 0.95, SELF))
    assert fit(store, "ann")[1:5] == (pytest.approx(0.95), 1, 1, 1), "one text is one, whatever it weighs"
    assert fit(store, "ann").how == "self"
    assert fit(store, "ann").stop == store.reader().execute("SELECT max(seen_at) FROM account").fetchone()[0]
    assert counts(store, "ann") == {"tea": 1}


def test_a_category_that_is_the_keyword_counts_more_than_a_word_in_passing(store: Store) -> None:
    make.write(
        store,
        make.person("passing", category="games", bio="no tea please"),
        make.person("filed", category="Tea", bio="hello"),
        make.person("both", category="Tea", bio="all about tea"),
        make.person("alone", category="Tea"),
    )
    found = {name: value(store, name) or 0.0 for name in ("passing", "filed", "alone", "both")}
    assert list(found.values()) == sorted(set(found.values()))
    assert fit(store, "filed")[2:5] == (1, 2, 2)
    assert fit(store, "both").how == "category + self"
    assert fit(store, "alone").denominator == 1, "a name without more is no text about somebody"


def test_all_accounts_of_a_person_count_together(store: Store) -> None:
    make.write(store, make.person("ann", bio="tea"), make.posted("ann2", 3, "oolong"), make.said("ann3", "r", 4))
    make.same_person(store, "ann", "ann2", "ann3")
    assert fit(store, "ann")[1:5] == (pytest.approx((SELF * 0.95 + 0.4) / (SELF + 2)), 2, 3, 3)
    assert fit(store, "ann").how == "self + posts + messages"
    assert counts(store, "ann") == {"tea": 1, "oolong": 1}


def test_a_fit_is_as_of_the_newest_work(store: Store) -> None:
    make.write(store, make.person("ann", bio="tea"), make.posted("ann", 3, "oolong"), make.said("ann", "r", 4))
    standing.refresh(store)
    assert fit(store, "ann").stop == make.ms(4)


def test_only_the_newest_works_are_read_and_of_each_the_beginning(store: Store) -> None:
    says(store, "ann", *["tea"] * 20, *["else"] * MESSAGES)
    make.write(store, *(make.posted("bob", n, "tea" if n < 20 else "else") for n in range(POSTS + 20)))
    says(store, "cid", "x " * topics.CHARACTERS + "tea")
    assert fit(store, "ann")[2:4] == (0, MESSAGES)
    assert fit(store, "bob")[2:4] == (0, POSTS)
    assert fit(store, "cid")[2:4] == (0, 1)
    assert counts(store, "ann") == counts(store, "bob") == counts(store, "cid") == {}


def test_people_are_judged_alike_alone_and_among_many(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tea_room(store)
    about = profile(store.reader(), ["game"], (), [make.community(store, "tea")])
    everybody = [row[0] for row in store.reader().execute("SELECT id FROM creator")]
    together = fits(store.reader(), everybody, about)
    monkeypatch.setattr("kolbench.analysis.topics_fit.TOGETHER", 50)
    assert fits(store.reader(), everybody, about) == together
    assert {one: fits(store.reader(), [one], about)[one] for one in everybody} == together
    assert len({found.value for found in together.values()}) == 2


HOSTILE = st.text(st.sampled_from("tea oolng茶护肤@#\x1f\x00\n\u202e\ud83d￥Ｔ1ß🏳\u200d"), max_size=30)


@given(texts=st.lists(HOSTILE, max_size=12), keywords=st.lists(HOSTILE, max_size=4))
@settings(max_examples=60, deadline=None)
def test_whatever_is_said_the_value_is_from_0_to_1_and_the_evidence_adds_up(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], keywords: list[str]
) -> None:
    store = make.store(tmp_path_factory.mktemp("hostile"))
    says(store, "ann", "hello", *(text.encode("utf-8", "ignore").decode() for text in texts))
    about = (*profile(store.reader(), keywords), *TEA)
    found, works = fit(store, "ann", about), evidence(store.reader(), make.creator(store, "ann"), about, 1_000)
    store.close()
    assert found.value is not None
    assert 0 <= found.value <= 1
    assert found.numerator is not None
    assert found.denominator is not None
    assert 0 <= found.numerator <= found.denominator
    assert len(works) == found.numerator
    assert sum(work.counts for work in works) == pytest.approx((found.figure or 0) * found.denominator)
    assert all(work.terms for work in works)


@given(works=st.integers(1, 200), on=st.integers(0, 199))
def test_the_value_rises_with_every_work_on_the_topic(works: int, on: int) -> None:
    fewer, more = (topics_fit.value(n, works) for n in sorted((min(on, works - 1), min(on, works - 1) + 1)))
    assert 0 <= fewer < more <= 1


@given(st.integers(0, 50), st.integers(1, 50), st.integers(1, 4))
def test_with_the_same_share_more_works_are_surer(on: int, off: int, times: int) -> None:
    few, many = (topics_fit.value(on * n, (on + off) * n) for n in (1, times))
    assert few <= many + 1e-12
    assert many**2 < on / (on + off) or on == 0


@given(st.lists(st.floats(0, 1), max_size=6))
def test_another_term_never_makes_a_work_less_on_the_topic(weights: list[float]) -> None:
    named = {str(n): weight for n, weight in enumerate(weights)}
    grown = [strength(list(named)[:n], named) for n in range(len(named) + 1)]
    assert grown == sorted(grown)
    assert all(0 <= one <= 1 for one in grown)


# Evidence --------------------------------------------------------------------------------------------------


def test_evidence_names_each_work_its_place_and_terms_those_that_count_most_first(store: Store) -> None:
    make.write(store, make.person("ann", bio="I steep oolong"), make.posted("ann", 2, "Tea and oolong"))
    says(store, "ann", "some tea", "some games", room="cups", start=1)
    works = evidence(store.reader(), make.creator(store, "ann"), TEA)
    (seen_at,) = store.reader().execute("SELECT seen_at FROM account").fetchone()
    assert [(one.kind, one.at, one.place, one.text.strip(), one.terms) for one in works] == [
        ("self", seen_at, "demo", "ann I steep oolong", ("oolong",)),
        ("post", make.ms(2), "demo", "Tea and oolong", ("tea", "oolong")),
        ("message", make.ms(1), "cups", "some tea", ("tea",)),
    ]
    assert [one.counts for one in works] == pytest.approx([3 * 0.4, 1 - 0.05 * 0.6, 0.95])
    assert evidence(store.reader(), make.creator(store, "ann"), TEA, 1) == works[:1]


@pytest.mark.parametrize("name", ["topic_works", "topic_evidence", "topic_examples", "topic_community", "topic_posts"])
def test_texts_are_reached_by_their_indexes(store: Store, name: str) -> None:
    words = "ids creators creator community posts messages texts characters accounts"
    plan = store.reader().execute(f"EXPLAIN QUERY PLAN {sql(name)}", dict.fromkeys(words.split(), 1)).fetchall()
    assert plan
    assert not [row[3] for row in plan if row[3] in ("SCAN post", "SCAN message", "SCAN a", "SCAN p", "SCAN m")]


# Bright spots ----------------------------------------------------------------------------------------------


def posts(store: Store, name: str, *posted: tuple[str, int]) -> None:
    make.write(store, *(make.posted(name, n, title, likes=likes) for n, (title, likes) in enumerate(posted)))


def test_the_bright_spot_is_the_topic_that_beats_their_own_other_posts(store: Store) -> None:
    posts(store, "ann", *[("#护肤# 晨间", 90)] * 4, *[("日常 #vlog", 30)] * 3, *[("闲聊", 20)] * 3)
    spot = bright_spot(store.reader(), make.creator(store, "ann"))
    assert spot is not None
    assert spot[:6] == ("护肤", "topic", 90, 25, 4, 6)
    assert spot.times == 3.6


def test_all_reactions_count_and_the_newest_count_of_each(store: Store) -> None:
    records = [make.posted("ann", n, "#tea", likes=1, comments=50, shares=9) for n in range(3)]
    records += [make.posted("ann", n, "", likes=20) for n in range(3, 6)]
    make.write(store, *records)
    spot = bright_spot(store.reader(), make.creator(store, "ann"))
    assert spot is not None
    assert (spot.label, spot.median, spot.usual) == ("tea", 60, 20)


@pytest.mark.parametrize(
    "posted",
    [
        [],
        [("#tea", 90)] * 2 + [("", 10)] * 9,
        [("#tea", 90)] * 9 + [("", 10)] * 2,
        [("#tea", 10)] * 3 + [("", 10)] * 3,
        [("#tea", 5)] * 3 + [("", 10)] * 3,
    ],
)
def test_there_is_no_bright_spot_where_too_little_is_known_or_nothing_is_better(
    store: Store, posted: list[tuple[str, int]]
) -> None:
    make.write(store, make.person("ann"))
    posts(store, "ann", *posted)
    assert bright_spot(store.reader(), make.creator(store, "ann")) is None


def test_a_spot_seen_often_beats_a_slightly_brighter_one_seen_thrice(store: Store) -> None:
    posts(store, "ann", *[("#often", 90)] * 20, *[("#thrice", 100)] * 3, *[("", 10)] * 30)
    spot = bright_spot(store.reader(), make.creator(store, "ann"))
    assert spot is not None
    assert spot.label == "often"


def test_without_usual_reactions_no_multiple_is_told(store: Store) -> None:
    posts(store, "ann", *[("#tea", 9)] * 3, *[("", 0)] * 3)
    spot = bright_spot(store.reader(), make.creator(store, "ann"))
    assert spot is not None
    assert spot.times is None


# Real people -----------------------------------------------------------------------------------------------


def test_ten_food_bloggers_lead_to_others(shared_data: Path, tmp_path: Path) -> None:
    import csv

    table = shared_data / "creators" / "douyin_top5025.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["signature"].strip() and not row["name"].startswith("#")]
    store = make.store(tmp_path)
    make.write(
        store, *(make.person(f"{n}", name=row["name"], bio=row["signature"][:300]) for n, row in enumerate(rows))
    )
    ids = dict(store.reader().execute("SELECT CAST(uid AS INTEGER), creator_id FROM account"))
    food = [ids[n] for n, row in enumerate(rows) if row["category"] == "美食"]
    made = profile(store.reader(), [], food[:10])
    others = sorted(set(ids.values()) - set(food[:10]))
    found = fits(store.reader(), others, made)
    best = sorted(others, key=lambda one: (-(found.get(one, UNKNOWN).value or 0), one))[:20]
    share = sum(one in set(food) for one in best) / 20
    assert share > 3 * len(food) / len(rows)
