"""Who may be one person: what is read from profiles, what it says, who is compared with whom, and what was decided."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from commands import Commands
from kolbench.analysis import matching, pinyin, standing
from kolbench.analysis.likeness import compare
from kolbench.analysis.traces import Ref, Traces, letters_of, phone, profile_refs, traces
from kolbench.domain.errors import UsageError
from kolbench.domain.records import AccountRecord, Contact
from kolbench.store import erasure, likenesses, merges, suggestions
from kolbench.store.connect import Store
from kolbench.store.likenesses import AccountFacts, ContactFacts, Profile


def profile(number: int, platform: str, /, *contacts: tuple[str, str], uid: str = "", **facts: Any) -> Profile:
    """A person with one account."""
    handle = facts.get("handle")
    told = dict.fromkeys(AccountFacts._fields) | {"id": number, "platform": platform, "uid": uid or f"u{number}"}
    account = AccountFacts(**{**told, **facts, "handle_key": handle and handle.lower()})
    return Profile(number, [account], [ContactFacts(number, *one) for one in contacts])


def likeness(one: Profile, other: Profile, shared: int = 2) -> tuple[int, set[str]]:
    found = compare(traces(one), traces(other), lambda _key: shared)
    return found.score, {item["rule"] for item in found.evidence}


def told(bio: str) -> Traces:
    return traces(profile(1, "weibo", bio=bio))


# What a profile tells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "ref"),
    [
        ("https://github.com/Ann", Ref("github", "handle", "ann")),
        ("http://www.github.com/Ann/", Ref("github", "handle", "ann")),
        ("https://weibo.com/u/1234567?refer=x", Ref("weibo", "uid", "1234567")),
        ("https://m.weibo.com/ann", Ref("weibo", "handle", "ann")),
        ("https://x.com/ann", Ref("twitter", "handle", "ann")),
        ("https://www.youtube.com/@Ann", Ref("youtube", "handle", "ann")),
        ("https://space.bilibili.com/42", Ref("bilibili", "uid", "42")),
        ("https://bsky.app/profile/ann.bsky.social", Ref("bluesky", "handle", "ann.bsky.social")),
        ("https://social.example/@ann", Ref("mastodon", "handle", "ann@social.example")),
        ("https://social.example/users/ann", Ref("mastodon", "handle", "ann@social.example")),
        ("https://ann.example", Ref("bluesky", "handle", "ann.example")),
        ("https://matrix.to/#/@ann:example.org", Ref("matrix", "handle", "ann:example.org")),
    ],
)
def test_a_link_names_an_account(url: str, ref: Ref) -> None:
    assert list(profile_refs(url)) == [ref]


@pytest.mark.parametrize(
    "url", ["", "https://", "https://github.com/ann/project", "https://example.org/ann", "::", "@"]
)
def test_other_links_name_none(url: str) -> None:
    assert list(profile_refs(url)) == []


def test_what_people_write_of_themselves_is_read() -> None:
    found = told(
        "合作 Ann+ads@Example.org，微信：ann_88 手机13812345678 IG: ann.x | @ann@social.example | github.com/ann "
        "my site https://ann.example/blog/ and https://www.bilibili.com/space/42"
    )
    assert set(found.email) == {"ann@example.org"}
    assert set(found.im) == {"wechat:ann_88"}
    assert set(found.phone) == {"13812345678"}
    assert set(found.site) == {"ann.example/blog"}
    assert set(found.mention) == {
        Ref("instagram", "handle", "ann.x"),
        Ref("mastodon", "handle", "ann@social.example"),
        Ref("github", "handle", "ann"),
        Ref("bilibili", "uid", "42"),
    }


def test_a_link_to_oneself_is_no_mention() -> None:
    found = traces(profile(1, "github", handle="Ann", bio="https://github.com/ann", url="https://github.com/Ann"))
    assert not found.mention
    assert not found.site


def test_numbers_and_names_have_one_form() -> None:
    assert phone("+86 138-1234-5678") == phone("13812345678") == phone("0086 13812345678")
    assert phone("12") == ""
    assert letters_of("Ann O'Neill 🎨") == letters_of("O’NEILL, ann") != letters_of("Anna Neill")
    assert letters_of("陳傑的廚房✨") == letters_of("陈杰的厨房")


@given(st.text(max_size=300), st.sampled_from(["email", "phone", "web", "wechat", "fax"]))
def test_nothing_that_people_write_breaks_it(text: str, channel: str) -> None:
    found = traces(profile(1, "weibo", (channel, text), handle=text, name=text, bio=text, url=text, avatar_url=text))
    assert all(0 <= key < 2**62 for key in found.keys)
    compare(found, found, lambda _key: 2)
    json.dumps(sorted(found.keys))


# What it says -----------------------------------------------------------------------------------------------


def test_links_from_both_sides_leave_hardly_a_doubt() -> None:
    ann = profile(1, "github", handle="ann", bio="https://weibo.com/u/55555")
    other = profile(2, "weibo", uid="55555", bio="github.com/ann")
    assert likeness(ann, other) == (97, {"cross_link"})
    one_way = likeness(ann, profile(2, "weibo", uid="55555"))
    assert one_way == (75, {"link"})
    assert likeness(ann, profile(2, "weibo", uid="55555"), shared=9)[0] < suggestions.PROPOSED, "fans link as well"


def test_a_domain_that_is_a_handle_speaks_for_its_owner() -> None:
    sky = profile(1, "bluesky", handle="ann.example")
    assert likeness(sky, profile(2, "mastodon", ("web", "https://ann.example/"))) == (88, {"domain"})


def test_an_address_of_one_says_much_and_that_of_an_agency_little() -> None:
    def with_email(number: int, platform: str, email: str) -> Profile:
        return profile(number, platform, ("email", email))

    assert likeness(with_email(1, "weibo", "Ann@x.org"), with_email(2, "douyin", "ann@x.org"))[0] == 88
    assert likeness(with_email(1, "weibo", "ann@x.org"), with_email(2, "weibo", "ann@x.org"))[0] == 88
    assert likeness(with_email(1, "weibo", "ann@x.org"), with_email(2, "douyin", "ann@x.org"), shared=4)[0] == 20
    assert likeness(with_email(1, "weibo", "business@x.org"), with_email(2, "douyin", "business@x.org"))[0] == 20


def test_an_address_for_business_says_much_only_where_the_names_agree() -> None:
    bio = "商务合作VX：agent_88"
    other = profile(2, "weibo", name="奇妙博物馆", bio=bio)
    assert likeness(profile(1, "weibo", name="人生回答机", bio=bio), other)[0] == 0
    assert likeness(profile(1, "douyin", name="人生回答机", bio=bio), other)[0] < suggestions.PROPOSED
    assert likeness(profile(1, "weibo", name="🔥奇妙🔥博物馆", bio=bio), other)[0] >= suggestions.PROPOSED


def test_one_value_is_one_piece_of_evidence_and_work_makes_it_an_address_for_business() -> None:
    def found(bio: str) -> tuple[int, set[str]]:
        return likeness(
            profile(1, "douyin", name="原来是雨荨呀", bio=bio), profile(2, "weibo", name="团子真有", bio=bio)
        )

    assert found("VX:17372755407") == (88, {"phone"})
    assert found("🎭剧社演员\n工作VX:17372755407 注明来意") == (45, {"phone"})
    assert found("我的团队很棒" + "，今天也要开心" * 9 + "VX:17372755407") == (88, {"phone"}), "business is far from it"
    assert found("qq:123456789 123456789@qq.com") == (88, {"email"})
    assert found("VX:17372755407 ann@x.org") == (99, {"phone", "email"}), "two values are two"


def test_a_name_that_is_chinese_in_part_tells_as_much_as_it_is_long() -> None:
    def score(name: str, shared: int = 2) -> int:
        return likeness(profile(1, "douyin", name=name), profile(2, "bilibili", name=name), shared)[0]

    for name in ("Thurman猫一杯", "Hello胡馨宇", "夏波波Brian"):
        assert score(name) >= suggestions.PROPOSED > score(name, 4)
        assert traces(profile(1, "douyin", name=name)).keys, "or they never meet"
    for name in ("李子柒", "papi酱", "GAI周延", "1MILLION OFFICIAL", "Annette Gray Official"):
        assert score(name) < suggestions.PROPOSED


def test_a_studios_gender_is_no_reason_to_leave_its_long_name_alone() -> None:
    one = profile(1, "douyin", name="歪果仁研究协会", gender="male")
    assert likeness(one, profile(2, "bilibili", name="歪果仁研究协会", gender="female"))[0] >= suggestions.PROPOSED


def test_a_long_chinese_name_is_enough_where_few_bear_it() -> None:
    one, other = profile(1, "weibo", name="陳傑的小廚房"), profile(2, "douyin", name="陈杰的小厨房✨")
    assert likeness(one, other) == (70, {"name"})
    assert likeness(one, other, shared=4)[0] < suggestions.PROPOSED


def test_a_handle_says_more_the_longer_and_rarer_it_is_and_never_enough_where_it_is_short() -> None:
    def score(handle: str, shared: int = 2) -> int:
        return likeness(profile(1, "github", handle=handle), profile(2, "twitter", handle=handle), shared)[0]

    assert score("ann") < score("annette") < score("annettegray") < score("annette_gray_99")
    assert score("annettegray") < suggestions.PROPOSED
    assert score("annette_gray_99", 5) < suggestions.PROPOSED
    assert score("1234567890123") < suggestions.PROPOSED
    federated = likeness(profile(1, "bluesky", handle="annette.x.org"), profile(2, "matrix", handle="annette:y.org"))
    assert "handle" in federated[1]


def test_a_chinese_name_meets_its_spelling() -> None:
    weibo = profile(1, "weibo", name="王子轩")
    assert likeness(weibo, profile(2, "github", handle="wang_zixuan88")) == (40, {"pinyin"})
    assert likeness(weibo, profile(2, "github", name="Zixuan Wang"))[0] == 40
    assert likeness(profile(1, "weibo", name="周安琪儿"), profile(2, "x", name="Anqier Zhou"))[0] == 40
    assert likeness(profile(1, "weibo", name="单雄信大侠"), profile(2, "x", handle="shanxiongxindaxia"))[0] == 40
    assert likeness(weibo, profile(2, "weibo", handle="wangzixuan"))[0] == 0, "two accounts on one platform"
    assert traces(weibo).keys & traces(profile(2, "github", handle="wangzixuan")).keys


def test_names_are_not_spelled_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinyin, "_reader", lambda: None)
    assert not traces(profile(1, "weibo", name="王子轩", handle="wangzixuan")).pinyin
    assert likeness(profile(1, "weibo", name="王子轩"), profile(2, "x", handle="wangzixuan")) == (0, set())


def test_handle_and_name_together_are_enough() -> None:
    one = profile(1, "bluesky", handle="annette.bsky.social", name="Annette Gray")
    other = profile(2, "matrix", handle="annette:example.org", name="Annette Gray")
    assert likeness(one, other)[0] >= suggestions.PROPOSED
    same = profile(3, "bluesky", handle="annette.x.org", name="annette"), profile(4, "matrix", handle="annette:x.org")
    assert likeness(*same)[0] < suggestions.PROPOSED, "a name that is the handle says nothing more"


def test_two_accounts_on_one_platform_need_strong_evidence() -> None:
    one, other = (
        profile(n, "weibo", handle="annette_gray_99", name="安妮特的小厨房", avatar_url="https://x/1") for n in (1, 2)
    )
    assert likeness(one, other)[0] == 0
    linked = profile(3, "weibo", bio="https://weibo.com/u/77777"), profile(4, "weibo", uid="77777")
    assert likeness(*linked)[0] == 0, "people link to their friends"


def test_contradictions_make_it_less_likely_but_other_addresses_do_not() -> None:
    facts = {"handle": "annette_gray_99", "name": "Annette Gray"}
    plain = likeness(profile(1, "weibo", **facts), profile(2, "douyin", **facts))[0]
    addresses = profile(1, "weibo", ("email", "a@x.org"), **facts), profile(2, "douyin", ("email", "b@x.org"), **facts)
    assert likeness(*addresses)[0] == plain
    for column, values in (("region", ("上海", "北京")), ("gender", "mf"), ("is_bot", (0, 1)), ("verified", "ab")):
        one, other = (profile(n, p, **facts, **{column: v}) for n, p, v in zip((1, 2), ("weibo", "douyin"), values))
        score, rules = likeness(one, other)
        assert score < plain, column
        assert any(rule.startswith("other_") for rule in rules)
    same = likeness(profile(1, "weibo", **facts, region="中国上海"), profile(2, "douyin", **facts, region="上海"))
    assert same[0] == plain


def test_who_says_that_the_name_is_the_same_everywhere_is_believed() -> None:
    one = profile(1, "weibo", name="李静厨", bio="全网同名")
    assert likeness(one, profile(2, "douyin", name="李静厨"))[0] >= suggestions.PROPOSED
    assert likeness(profile(1, "weibo", name="李静厨"), profile(2, "douyin", name="李静厨"))[0] < suggestions.PROPOSED


def test_the_evidence_names_the_rows_of_both_sides() -> None:
    found = compare(
        traces(profile(1, "github", handle="ann", bio="at https://weibo.com/u/55555")),
        traces(profile(2, "weibo", uid="55555")),
        lambda _key: 1,
    )
    assert found.evidence[0] == {
        "rule": "link",
        "value": "weibo 55555",
        "weight": 75,
        "strong": True,
        "sides": [
            {"table": "account", "id": 1, "column": "bio", "value": "at https://weibo.com/u/55555"},
            {"table": "account", "id": 2, "column": "uid", "value": "55555"},
        ],
    }


# Who is compared --------------------------------------------------------------------------------------------


def on(store: Store, platform: str, *records: AccountRecord, day: float = 0) -> None:
    make.write(store, *records, origin=make.source(store, platform, platform), day=day)
    matching.refresh(store)


def mail(uid: str, address: str, **facts: Any) -> AccountRecord:
    return make.person(uid, contacts=(Contact("email", address),), **facts)


def two(store: Store) -> tuple[int, int]:
    """Two people with one address."""
    on(store, "weibo", mail("w", "ann@x.org"))
    on(store, "douyin", mail("d", "ann@x.org"))
    return make.creator(store, "w", "weibo"), make.creator(store, "d", "douyin")


def test_a_sync_finds_whoever_shares_an_address_or_is_linked_whichever_came_first(store: Store) -> None:
    pair = two(store)
    on(store, "github", make.person("g", handle="gg", bio="https://weibo.com/hhhh"), make.person("h", bio="@x@y.org"))
    on(store, "weibo", make.person("h", handle="hhhh"))
    on(store, "mastodon", make.person("x", handle="x@y.org"))
    assert suggestions.order(store)[0] == pair
    assert suggestions.count(store) == 3
    assert likenesses.waiting(store) == 0


def test_what_no_longer_speaks_for_it_is_no_longer_suggested(store: Store) -> None:
    on(store, "github", make.person("g", handle="gg", bio="https://weibo.com/hhhh"))
    on(store, "weibo", make.person("h", handle="hhhh"))
    assert suggestions.count(store) == 1
    on(store, "github", make.person("g", bio="moved"), day=5)
    assert suggestions.count(store) == 0


def test_an_address_that_turns_out_to_be_an_agencys_says_little_from_then_on(store: Store) -> None:
    two(store)
    on(store, "zhihu", *(mail(f"z{n}", "ann@x.org") for n in range(5)))
    assert suggestions.count(store) == 0


def test_a_rejected_pair_is_not_suggested_again_unless_strong_evidence_is_new(store: Store) -> None:
    one, other = two(store)
    suggestions.reject(store, other, one, "me")
    on(store, "weibo", mail("w", "ann@x.org", bio="new words", avatar_url="https://x/1"), day=3)
    matching.rebuild(store)
    assert suggestions.count(store) == 0
    on(store, "douyin", make.person("d", contacts=(Contact("phone", "13812345678"),)), day=4)
    on(store, "weibo", make.person("w", contacts=(Contact("phone", "13812345678"),)), day=4)
    assert suggestions.count(store) == 1


def test_an_ignored_pair_comes_back_when_its_time_has_come(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-01-01T00:00:00+00:00")
    one, other = two(store)
    suggestions.ignore(store, one, other, "me")
    matching.rebuild(store)
    assert suggestions.count(store) == 0
    monkeypatch.setenv("KOLBENCH_NOW", "2026-02-01T00:00:00+00:00")
    assert suggestions.count(store) == 1


def test_parts_of_one_person_are_not_suggested_and_what_is_known_of_a_part_is_of_the_whole(store: Store) -> None:
    one, other = two(store)
    on(store, "zhihu", mail("z", "ann@x.org"))
    third = make.creator(store, "z", "zhihu")
    assert suggestions.count(store) == 3
    suggestions.accept(store, one, other, "me")
    assert suggestions.order(store) == [(one, third)]
    suggestions.reject(store, third, other, "me")
    assert suggestions.count(store) == 0
    (merge,) = merges.of(store, one)
    assert merge.evidence[0]["rule"] == "email"
    merges.undo(store, merge.id, "you")
    assert suggestions.order(store) == [(one, other)], "what was rejected stays so"


def test_undoing_a_merge_leaves_nothing_that_was_not_there_before(store: Store) -> None:
    one, other = two(store)
    before = store.reader().execute("SELECT * FROM merge_suggestion").fetchall()
    merges.undo(store, suggestions.accept(store, one, other, "me"), "me")
    assert store.reader().execute("SELECT * FROM merge_suggestion").fetchall() == before


def test_what_was_never_suggested_cannot_be_rejected(store: Store) -> None:
    one, two_ = make.people(store, 2)
    with pytest.raises(UsageError, match="Nothing suggests"):
        suggestions.reject(store, one, two_, "me")
    assert suggestions.get(store, one, two_) is None


def test_erasing_a_person_erases_who_they_may_be(store: Store, tmp_path: Path) -> None:
    one, other = two(store)
    suggestions.reject(store, one, other, "me")
    for creator_id in (one, other):
        assert erasure.erase(store, erasure.find(store, str(creator_id))).scrubbed
    data = b"".join(file.read_bytes() for file in tmp_path.glob("kolbench.db*"))
    assert b"ann@x.org" not in data
    assert store.reader().execute("SELECT count(*) FROM likeness_key").fetchone() == (0,)


def test_what_more_than_three_share_has_nobody_compared_unless_they_share_more(store: Store) -> None:
    facts = {"handle": "the_same_handle_99", "url": "https://one.example/shop"}
    records = [mail(f"w{n}", "mcn@x.org", **(facts if n < 2 else {})) for n in range(4)]
    on(store, "weibo", *records[::2])
    on(store, "douyin", *records[1::2])
    pair = [make.creator(store, uid, platform) for uid, platform in (("w0", "weibo"), ("w1", "douyin"))]
    with store.writing() as db:
        asked = likenesses.pairs(db, [make.creator(store, f"w{n}", "weibo") for n in (0, 2)], [], [])
    assert asked == {tuple(sorted(pair))}


def test_those_who_wait_are_left_to_the_batch_of_the_later_one(store: Store) -> None:
    one, other = sorted(two(store))
    with store.writing() as db:
        db.execute("INSERT INTO unmatched_creator VALUES (?), (?)", (one, other))
        assert likenesses.pairs(db, [one], [], []) == set()
        assert likenesses.pairs(db, [other], [], []) == {(one, other)}


def test_pairs_are_looked_up_through_indexes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    two(store)
    standing.refresh(store)
    asked: list[str] = []
    with store.writing() as db:
        db.execute("INSERT INTO unmatched_creator SELECT id FROM creator")
        db.set_trace_callback(asked.append)
    matching.refresh(store)
    with store.writing() as db:
        db.set_trace_callback(None)
    large = ("SCAN a", "SCAN c", "SCAN k", "SCAN mine", "SCAN other", "SCAN s", "SCAN likeness_key", "SCAN merge_sugg")
    for query in asked:
        if query.startswith(("SELECT", "INSERT", "DELETE", "UPDATE")):
            plan = [row[3] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {query}")]
            assert not [step for step in plan if step.startswith(large) and "json_each" not in step], (query, plan)


def test_a_colleague_who_writes_while_everybody_is_compared_is_heard(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = two(store)
    monkeypatch.setattr(matching, "BULK", 2)
    wrote: list[str] = []

    def beside(done: int, total: int) -> None:
        if not wrote:
            colleague = make.store(store.path.parent)
            record = make.person("w", contacts=(Contact("email", "new@x.org"),))
            make.write(colleague, record, origin=make.source(colleague, "weibo", "weibo"), day=9)
            colleague.close()
            wrote.append("w")

    people = [make.person(f"h{n}") for n in range(6)]
    make.write(store, *people, mail("z", "new@x.org"), origin=make.source(store, "zhihu", "zhihu"))
    matching.refresh(store, beside)
    matching.refresh(store)
    assert (one, make.creator(store, "z", "zhihu")) in suggestions.order(store)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["weibo", "github", "douyin"]),
        st.integers(0, 5),
        st.sampled_from(["annette_gray_99", "bobby", None]),
        st.sampled_from(["https://weibo.com/bobby", "github.com/annette_gray_99", "", None]),
        st.sampled_from(["ann@x.org", "bob@x.org", None]),
        st.sampled_from(["https://x/1", None]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, bulk=st.sampled_from([2, 4, matching.BULK]))
def test_what_is_found_step_by_step_is_what_is_found_at_once(steps: list[tuple[Any, ...]], bulk: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        for day, (platform, n, handle, bio, email, avatar, refresh) in enumerate(steps):
            contacts = (Contact("email", email),) if email else ()
            record = make.person(f"{platform}{n}", handle=handle, bio=bio, avatar_url=avatar, contacts=contacts)
            make.write(store, record, origin=make.source(store, platform, platform), day=day)
            if refresh:
                matching.refresh(store)
        matching.refresh(store)
        query = "SELECT creator_id, other_id, score, evidence FROM merge_suggestion ORDER BY 1, 2"
        found = store.reader().execute(query).fetchall()
        with store.writing() as db:
            db.execute("DELETE FROM merge_suggestion")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(matching, "BULK", bulk)  # the keys of all are written first where so many wait
            patch.setattr(matching, "BULK_OF_KEYS", 3)
            matching.rebuild(store)
        assert store.reader().execute(query).fetchall() == found
        store.close()


# The command ------------------------------------------------------------------------------------------------


def test_the_command_lists_merges_and_takes_apart(store: Store, kolbench: Commands) -> None:
    one, other = two(store)
    standing.refresh(store)
    store.close()
    (found,) = kolbench("creator", "suggestions", "--refresh", "--json").json
    assert (found["creator_id"], found["other_id"], found["state"]) == (one, other, "open")
    assert "same email address (ann@x.org)" in kolbench("creator", "suggestions").out
    merged = kolbench("creator", "merge", "w", "d", "--json").json
    assert (merged["creator_id"], merged["into_id"], merged["undone_at"]) == (other, one, None)
    shown = kolbench("creator", "show", str(other), "--json").json
    assert shown["creator_id"] == one
    assert [account["uid"] for account in shown["accounts"]] == ["d", "w"]
    assert len(shown["merges"]) == 1
    assert f"Merge {merged['id']}: d (id {other}) is w (id {one})" in kolbench("creator", "show", "w").out
    assert len(kolbench("candidates", "--json").json) == 1
    assert "was undone" in kolbench("creator", "unmerge", str(merged["id"])).out
    assert len(kolbench("candidates", "--json").json) == 2
    assert kolbench("creator", "unmerge", str(merged["id"])).code == 2


def test_the_command_rejects_and_ignores(store: Store, kolbench: Commands) -> None:
    two(store)
    standing.refresh(store)
    store.close()
    assert "left alone until" in kolbench("creator", "ignore", "w", "d", "--days", "3").out
    assert kolbench("creator", "suggestions", "--json").json == []
    assert kolbench("creator", "reject", "w", "d", "--json").json["state"] == "rejected"
    assert kolbench("creator", "merge", "w", "w").code == 2
    assert "w (id 1)" in kolbench("creator", "show", "w").out


def test_the_command_erases_too(store: Store, kolbench: Commands) -> None:
    two(store)
    standing.refresh(store)
    store.close()
    assert kolbench("creator", "forget", "w", "--yes", "--json").json["scrubbed"] is True
    assert kolbench("creator", "show", "w").code == 2
