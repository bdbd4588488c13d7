"""The timeline: everything about a person, newest first, in pages that neither lose nor repeat an entry."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.domain.errors import UsageError
from kolbench.domain.partial_dates import Recurring, Told
from kolbench.programme import timeline
from kolbench.programme.timeline import Cursor, Entry
from kolbench.screens import telling
from kolbench.store import (
    changes,
    contacts,
    decisions,
    facts,
    follow_ups,
    life,
    merges,
    needs,
    notes,
    owners,
    refusals,
    tags,
)
from kolbench.store.connect import Store


def told(store: Store, creator_id: int, *kinds: str) -> list[tuple[str, str]]:
    """Kind and text of every entry, newest first."""
    page = timeline.page(store, creator_id, limit=1_000, kinds=kinds or None)
    assert page.older is None
    return [(entry.kind, telling.told(entry)) for entry in page.entries]


@pytest.fixture
def ann(store: Store, monkeypatch: pytest.MonkeyPatch) -> int:
    """Somebody with a work, two messages and two accounts, at noon of a fixed day."""
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(200).isoformat())
    make.write(
        store,
        make.person("ann"),
        make.person("ann2"),
        make.person("ben"),
        make.posted("ann", 1, title="tea"),
        make.posted("ann2", 3, title="cake"),
        make.said("ann", "room", 2, "hello"),
        make.posted("ben", 2, title="not hers"),
    )
    return make.same_person(store, "ann", "ann2")


def test_everything_that_happens_is_told_in_words(store: Store, ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    brief_id = make.brief(store)
    ben = make.creator(store, "ben")
    monkeypatch.setenv("TZ", "UTC")
    with store.writing() as db:
        db.execute(
            "INSERT INTO follow_up (creator_id, rule, cause, evidence, due_at, created_at)"
            " VALUES (?, 'silent', 'x', '{}', 0, 0)",
            (ann,),
        )
    for minute, act in enumerate(
        (
            lambda: notes.touch(store, ann, "eve", channel="wechat", outcome="agreed"),
            lambda: notes.touch(store, ann, "eve", channel="email", direction="in"),
            lambda: notes.note(store, ann, "likes oolong", "eve"),
            lambda: decisions.decide(store, brief_id, [ann], "rejected", "dan", "off topic"),
            lambda: follow_ups.done(store, [1], "eve"),
            lambda: tags.tag(store, [ann], "newcomer", "eve"),
            lambda: tags.untag(store, [ann], "newcomer", "eve"),
            lambda: owners.assign(store, [ann], "eve", "dan"),
            lambda: owners.assign(store, [ann], None, "dan"),
            lambda: facts.edit(store, ann, {"personality": "shy"}, "eve"),
            lambda: facts.edit(store, ann, {"personality": "warm"}, "eve"),
            lambda: facts.edit(store, ann, {"personality": ""}, "eve"),
            lambda: needs.write(store, ann, "brand", "eve", detail="a name"),
            lambda: needs.write(store, ann, "brand", "eve", strength=3),
            lambda: life.add_date(store, ann, "birthday", Recurring(5, 4), "eve"),
            lambda: contacts.add(store, ann, "email", "a@example.org", "eve"),
            lambda: contacts.consent(store, ann, 1, "given", "eve"),
            lambda: refusals.refuse(store, ann, "on leave", "eve"),
            lambda: refusals.lift(store, ann, "eve"),
            lambda: refusals.refuse(store, ann, "at work", "eve", scope="in_person"),
            lambda: merges.merge(store, ben, ann, "eve"),
            lambda: merges.undo(store, 1, "dan"),
        )
    ):
        monkeypatch.setenv("KOLBENCH_NOW", make.moment(200 + minute / 1440).isoformat())
        act()
    life.add_event(store, ann, "moved house", Told(2026, 1), "eve")
    lines = told(store, ann)
    assert lines[::-1] == [
        ("life_event", "moved house (2026-01)"),
        ("post", "demo: tea"),
        ("post", "demo: cake"),
        ("touchpoint", "WeChat, from us: agreed"),
        ("touchpoint", "email, from them"),
        ("note", "likes oolong"),
        ("decision", "Tea: rejected. off topic"),
        ("follow_up", "Silent longer than usual: done"),
        ("tag", "#newcomer"),
        ("tag", "#newcomer taken off"),
        ("owner", "eve looks after them"),
        ("owner", "nobody looks after them any more"),
        ("file", "Personality: shy"),
        ("file", "Personality: shy → warm"),
        ("file", "Personality: taken off"),
        ("file", "need a name of their own: a name"),
        ("file", "need a name of their own: medium → high"),
        ("file", "important date birthday: 05-04"),
        ("file", "how to reach them email a@example.org"),
        ("file", "how to reach them email a@example.org: consent not known → consent given"),
        ("file", "do not contact: on leave"),
        ("file", "do not contact: lifted"),
        ("file", "do not contact in person: at work"),
        ("merge", "ben is the same person (merge 1)"),
        ("unmerge", "ben is not the same person (merge 1 undone)"),
    ]
    by = {entry.kind: entry.author for entry in timeline.page(store, ann).entries}
    assert (by["owner"], by["unmerge"], by["follow_up"], by["post"]) == ("dan", "dan", "eve", None)


def test_what_the_programme_does_with_a_person_is_told_in_words(
    store: Store, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    with store.writing() as db:
        for statement in (
            "INSERT INTO rule_set (author, at, body, text_version) VALUES ('eve', 0,"
            """ '{"stages": [{"name": "early"}, {"name": "mid", "title": "Middle", "title_zh": "中期"}]}', 1)""",
            "INSERT INTO stage_event (creator_id, stage, since_at, how, rule_set_id, evidence, at)"
            " VALUES (1, 'mid', 1, 'promoted', 1, '{}', 10)",
            "INSERT INTO grade_event (creator_id, grade, since_at, how, evidence, reason, author, at)"
            " VALUES (1, 'B', 1, 'held', '{}', 'a hard year', 'eve', 11)",
            "INSERT INTO agreement (creator_id, title, author, at) VALUES (1, 'Summer', 'eve', 1)",
            "INSERT INTO agreement_version (creator_id, agreement_id, version, gives, gets, basis, author, at)"
            " VALUES (1, 1, 1, 'a', 'b', 'share', 'eve', 1)",
            "INSERT INTO agreement_event (creator_id, agreement_id, version, state, author, at)"
            " VALUES (1, 1, 1, 'signed', 'eve', 12)",
            "INSERT INTO deliverable (creator_id, agreement_id, title, due_on, done_on, author, at)"
            " VALUES (1, 1, 'A film', '1970-01-03', '1970-01-02', 'eve', 1)",
            "INSERT INTO acknowledgement (creator_id, rule_set_id, channel, said_at, author, at)"
            " VALUES (1, 1, 'wechat', 13, 'eve', 99)",
            "INSERT INTO violation (creator_id, rule_set_id, rule, severity, text, evidence, happened_at, author, at)"
            " VALUES (1, 1, 'ads', 'minor', 'an advert', 'x', 14, 'eve', 99)",
            "INSERT INTO sanction (creator_id, violation_id, proposed, earlier, reason, author, at)"
            " VALUES (1, 1, 'warning', 0, 'the first time', 'eve', 15)",
            "INSERT INTO incentive_entry (creator_id, kind, amount, unit, period, author, at)"
            " VALUES (1, 'points', 100, 'points', '2026-06', 'eve', 16)",
        ):
            db.execute(statement)
    assert told(store, ann)[2:][::-1] == [
        ("stage", "Middle: promoted"),
        ("grade", "B: held there. a hard year"),
        ("agreement", "Summer, version 1: signed"),
        ("acknowledgement", "they know version 1, told by WeChat"),
        ("violation", "ads (minor): an advert"),
        ("sanction", "none, instead of warning. the first time"),
        ("incentive", "points: 100 points"),
        ("delivery", "A film, due on 1970-01-03"),
    ]
    monkeypatch.setenv("KOLBENCH_LANG", "zh_CN")
    ((_kind, text),) = told(store, ann, "stage")
    assert text.startswith("中期")


def test_what_was_undone_is_not_told(store: Store, ann: int) -> None:
    facts.edit(store, ann, {"personality": "shy"}, "eve")
    tags.tag(store, [ann], "newcomer", "eve")
    assert len(told(store, ann, "file", "tag")) == 2
    changes.undo(store, "eve")
    changes.undo(store, "eve")
    assert told(store, ann, "file", "tag") == []


def test_messages_are_told_when_they_are_asked_for(store: Store, ann: int) -> None:
    assert ("message", "room: hello") not in told(store, ann)
    assert told(store, ann, "message", "post") == [
        ("post", "demo: cake"),
        ("message", "room: hello"),
        ("post", "demo: tea"),
    ]
    with pytest.raises(UsageError, match="no kind of entry"):
        timeline.page(store, ann, kinds=["dream"])


def test_a_page_can_begin_at_a_moment(store: Store, ann: int) -> None:
    page = timeline.page(store, ann, before=make.ms(3), kinds=["post"])
    assert [entry.at for entry in page.entries] == [make.ms(1)]


def test_who_was_merged_has_the_timeline_of_the_whole(store: Store, ann: int) -> None:
    ben = make.creator(store, "ben")
    notes.note(store, ben, "of ben", "eve")
    merges.merge(store, ann, ben, "eve")
    assert told(store, ann) == told(store, ben)
    assert ("note", "of ben") in told(store, ann)
    assert ("post", "demo: tea") in told(store, ann)


@pytest.mark.parametrize("text", ["", "1", "1.post", "1.dream.3", "x.post.3", "1.post.x", "9" * 30 + ".post.1"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no place on the timeline"):
        timeline.cursor(text)


def test_a_cursor_is_read_as_it_is_written() -> None:
    for one in (Cursor(1_780_000_000_000, "post", 12), Cursor(-5, "note", 1)):
        assert timeline.cursor(str(one)) == one


def test_every_kind_has_words() -> None:
    assert set(timeline.KINDS) == set(telling.TOLD) == set(telling.KINDS)


def test_an_entry_of_an_unknown_kind_is_shown_as_it_is() -> None:
    assert telling.told(Entry(1, "dream", 1, None, {"of": "tea"})) == '{"of": "tea"}'


@pytest.mark.parametrize("kind", ["post", "message", "note", "touchpoint"])
def test_a_page_of_much_costs_no_more_than_itself(store: Store, kind: str) -> None:
    values = {"whose": 1, "members": "[1]", "at": 5, "id": 5, "limit": 5}
    plan = [
        row[3] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {timeline.query(timeline.KINDS[kind])}", values)
    ]
    assert not [step for step in plan if "SCAN" in step or step == "USE TEMP B-TREE FOR ORDER BY"], plan
    assert any("<" in step for step in plan), f"the index leads to where the page begins: {plan}"


@given(
    st.lists(st.tuples(st.sampled_from(["note", "touch", "post", "event", "fact"]), st.integers(0, 3)), max_size=25),
    st.integers(1, 7),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pages_of_any_size_give_each_entry_once_and_in_order(work: list[tuple[str, int]], size: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        store = make.store(Path(folder))
        make.write(store, make.person("ann"), make.person("ann2"))
        ann = make.same_person(store, "ann", "ann2")
        for n, (kind, day) in enumerate(work):
            patch.setenv("KOLBENCH_NOW", make.moment(day).isoformat())
            if kind == "note":
                notes.note(store, ann, str(n), "eve")
            elif kind == "touch":
                notes.touch(store, ann, "eve")
            elif kind == "post":
                make.write(store, make.posted("ann2" if n % 2 else "ann", day, title=str(n)))
            elif kind == "event":
                life.add_event(store, ann, str(n), Told(2026, 1), "eve")
            else:
                facts.edit(store, ann, {"personality": str(n)}, "eve")
        whole = timeline.page(store, ann, limit=1_000).entries
        places = [(entry.at, entry.kind, entry.id) for entry in whole]
        assert places == sorted(set(places), reverse=True)
        found: list[Entry] = []
        page = timeline.page(store, ann, limit=size)
        while True:
            assert len(page.entries) == size or page.older is None
            found += page.entries
            if page.older is None:
                break
            page = timeline.page(store, ann, limit=size, before=timeline.cursor(str(page.older)))
        assert found == list(whole)
        store.close()
