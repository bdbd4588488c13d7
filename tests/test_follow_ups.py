"""Follow-ups: the rules that ask for them, and the queue that operators work through."""

from __future__ import annotations

import math
import re
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from campaigning import campaign, takes_part
from kolbench.analysis import standing
from kolbench.analysis.metrics import sql
from kolbench.domain.agreements import Terms
from kolbench.domain.clock import DAY
from kolbench.domain.errors import UsageError
from kolbench.domain.following import Cause
from kolbench.domain.records import MembershipRecord
from kolbench.domain.rule_sets import parse
from kolbench.domain.sequences import parse as sequence
from kolbench.programme import follow_ups, rules
from kolbench.programme.follow_ups import FollowUpWindow, QueueRow
from kolbench.programme.rules import Rule
from kolbench.store import (
    agreements,
    campaigns,
    changes,
    decisions,
    enrolments,
    ladders,
    notes,
    owners,
    rule_sets,
    sections,
    sequences,
    waves,
)
from kolbench.store import causes as brought
from kolbench.store import follow_ups as kept
from kolbench.store.sections import Only

if TYPE_CHECKING:
    from kolbench.domain.following import Looking
    from kolbench.domain.records import Record
    from kolbench.store.connect import Store


NOW = make.ms(100.5)

pytestmark = pytest.mark.usefixtures("noon_of_day_100")


def evaluate(store: Store, *rules: str, at: int = NOW, **parameters: dict[str, float]) -> dict[str, Any]:
    """Derive, evaluate, and return the outcome of each rule (of all, or of those named)."""
    standing.refresh(store)
    chosen = {name.replace("_", "-"): values for name, values in parameters.items()}
    outcomes = follow_ups.evaluate(store, at, chosen).outcomes
    assert [outcome.error for outcome in outcomes] == [None] * len(outcomes)
    return {outcome.rule: outcome for outcome in outcomes if not rules or outcome.rule in rules}


def asked(store: Store, rule: str, section: str | None = None, at: int = NOW) -> dict[str, QueueRow]:
    return {row.name: row for row in FollowUpWindow(store, section, only=Only(rule=rule), at=at).rows(0, 1_000)}


def known(name: str, followers: int, day: float = 99) -> Record:
    return make.person(name, metrics={"followers": followers, "engagement_bp": 300}, observed_at=make.moment(day))


def met(store: Store, *names: str) -> None:
    """Somebody of us spoke to them long ago, of which nothing is left to be answered."""
    for name in names:
        notes.touch(store, make.creator(store, name), "eve", at=make.ms(1))


# Never contacted ---------------------------------------------------------------------------------------------


def test_the_best_scored_are_asked_for_until_somebody_touches_them(store: Store) -> None:
    make.write(store, *(known(f"p{i}", 10**i) for i in range(2, 7)), make.person("robo", is_bot=True))
    outcome = evaluate(store, first_contact={"top": 3})["first-contact"]
    assert (outcome.opened, outcome.kept) == (3, 0)
    assert list(asked(store, "first-contact")) == ["p6", "p5", "p4"]
    assert asked(store, "first-contact")["p6"].why.startswith("Never contacted, no. 1 by score (")
    notes.touch(store, make.creator(store, "p5"), "eve")
    assert list(asked(store, "first-contact")) == ["p6", "p4"], "at once"
    outcome = evaluate(store, first_contact={"top": 3})["first-contact"]
    assert (outcome.opened, outcome.resolved, outcome.kept) == (0, 0, 2)
    assert list(asked(store, "first-contact")) == ["p6", "p4"]
    changes.undo(store, "eve")
    assert set(asked(store, "first-contact")) == {"p6", "p5", "p4"}


def test_whoever_is_in_a_sequence_or_works_with_us_is_not_asked_for_as_a_stranger(store: Store) -> None:
    make.write(store, *(known(f"p{i}", 10**i) for i in range(2, 6)))
    evaluate(store)
    assert len(asked(store, "first-contact")) == 4
    sop = {"name": "SOP", "plans": [{"name": "A", "steps": [{"channel": "weibo", "days": 20}]}]}
    sequence_id = sequences.save(store, sequence(sop), "eve")
    (one,) = enrolments.enrol(store, sequence_id, [make.creator(store, "p5")], "eve").ids
    assert set(asked(store, "first-contact")) == {"p4", "p3", "p2"}, "at once"
    agreements.new(store, make.creator(store, "p4"), Terms("films", "a share"), "eve")
    evaluate(store)
    assert set(asked(store, "first-contact")) == {"p3", "p2"}
    enrolments.stop(store, [one], "eve")
    evaluate(store)
    assert set(asked(store, "first-contact")) == {"p5", "p3", "p2"}, "still never contacted"


def test_people_whom_little_is_known_of_are_not_asked_for(store: Store) -> None:
    make.write(store, known("ann", 1_000), make.person("bob"))
    evaluate(store)
    assert list(asked(store, "first-contact")) == ["ann"]


def test_who_wants_no_contact_or_is_gone_is_left_in_peace(store: Store) -> None:
    make.write(store, known("ann", 1_000), known("bob", 2_000), make.person("bob", gone=True), known("cat", 10))
    with store.writing() as db:
        db.execute(
            "INSERT INTO contact_point (creator_id, channel, value, do_not_contact, run_id)"
            " VALUES (?, 'email', 'a@b.example', 'asked us not to', 1)",
            (make.creator(store, "ann"),),
        )
    evaluate(store)
    assert list(asked(store, "first-contact")) == ["cat"]


def test_a_place_lost_by_a_little_closes_nothing(store: Store) -> None:
    make.write(store, *(known(f"p{i}", 10**i) for i in range(2, 6)))
    evaluate(store, first_contact={"top": 1})
    assert list(asked(store, "first-contact")) == ["p5"]
    make.write(store, known("p4", 10**6, day=99.5))
    evaluate(store, first_contact={"top": 1})
    assert set(asked(store, "first-contact")) == {"p4", "p5"}
    make.write(store, known("p3", 10**7, day=99.5))
    evaluate(store, first_contact={"top": 1})
    assert set(asked(store, "first-contact")) == {"p3", "p4"}


def test_first_contacts_are_spread_over_days(store: Store) -> None:
    make.write(store, *(known(f"p{i}", 10**i) for i in range(2, 7)))
    evaluate(store, first_contact={"a_day": 2})
    due = [round((row.due_at - NOW) / DAY) for row in asked(store, "first-contact").values()]
    assert due == [0, 0, 1, 1, 2]


# Silent ------------------------------------------------------------------------------------------------------


def weekly(name: str, *, until: float = 70, room: str = "tea") -> list[Record]:
    """Somebody who writes three messages every seventh day, last on day ``until``."""
    days = [until - 7 * week for week in range(9)]
    return [make.said(name, room, day + hour / 24) for day in days for hour in (1, 2, 3)]


def test_silence_is_measured_against_the_persons_own_gaps(store: Store) -> None:
    daily = [make.said("bob", "tea", 40 + day) for day in range(31)]
    make.write(store, *weekly("ann"), *daily, make.said("cat", "tea", 76))
    met(store, "ann", "bob")
    evaluate(store)
    assert list(asked(store, "silent")) == ["bob"]
    assert asked(store, "silent")["bob"].why == "Silent 6 days, usual ≤ 1 (up to 2026-03-18)"
    make.write(store, make.said("cat", "tea", 79))
    evaluate(store)
    assert set(asked(store, "silent")) == {"ann", "bob"}


def test_silence_ends_with_what_is_known_not_with_today(store: Store) -> None:
    make.write(store, *weekly("ann", until=60), make.said("cat", "tea", 61))
    evaluate(store, at=make.ms(5_000))
    assert asked(store, "silent") == {}


def test_a_person_gone_for_half_a_year_is_lapsed_not_silent(store: Store) -> None:
    make.write(store, *weekly("ann", until=70), make.said("cat", "tea", 300))
    evaluate(store)
    assert asked(store, "silent") == {}


def test_whoever_left_the_community_is_not_silent(store: Store) -> None:
    left = MembershipRecord(community_uid="tea", account_uid="ann", left_at=make.moment(71))
    make.write(store, *weekly("ann"), left, make.said("cat", "tea", 90))
    evaluate(store)
    assert asked(store, "silent") == {}


def test_works_count_as_words_and_end_with_the_newest_of_their_source(store: Store) -> None:
    posts = [make.posted("ann", day) for day in range(40, 60)]
    elsewhere = [make.posted("cat", 95)]
    make.write(store, *posts, make.posted("bob", 61))
    met(store, "ann")
    make.write(store, *elsewhere, origin=make.source(store, "other", "other"))
    evaluate(store)
    assert asked(store, "silent") == {}
    make.write(store, make.posted("bob", 70))
    evaluate(store)
    assert list(asked(store, "silent")) == ["ann"]


def test_speaking_resolves_a_silence_and_a_new_one_asks_again(store: Store) -> None:
    make.write(store, *weekly("ann"), make.said("cat", "tea", 80))
    met(store, "ann")
    assert evaluate(store)["silent"].opened == 1
    assert evaluate(store)["silent"].kept == 1
    make.write(store, make.said("ann", "tea", 81))
    assert evaluate(store)["silent"].resolved == 1
    make.write(store, make.said("cat", "tea", 95))
    assert evaluate(store)["silent"].opened == 1
    assert asked(store, "silent")["ann"].why.startswith("Silent 14 days")


def test_evidence_follows_while_the_silence_lasts(store: Store) -> None:
    make.write(store, *weekly("ann"), make.said("cat", "tea", 80))
    met(store, "ann")
    evaluate(store)
    make.write(store, make.said("cat", "tea", 85))
    outcome = evaluate(store)["silent"]
    assert (outcome.opened, outcome.kept) == (0, 1)
    assert asked(store, "silent")["ann"].why.startswith("Silent 15 days")


def test_only_people_worth_it_are_watched(store: Store) -> None:
    make.write(
        store,
        known("star", 10**6),
        *(known(f"p{i}", 10**5) for i in range(3)),
        *weekly("ann"),
        make.said("p1", "tea", 90),
    )
    evaluate(store, silent={"top": 3})
    assert asked(store, "silent") == {}
    notes.note(store, make.creator(store, "ann"), "knows everybody", "eve")
    evaluate(store, silent={"top": 3}, first_contact={"top": 0})
    assert list(asked(store, "silent")) == ["ann"]


def test_a_stranger_is_never_asked_why_they_are_silent_and_one_message_is_asked_for_once(store: Store) -> None:
    make.write(store, known("ann", 10**6, 60), *weekly("ann"), make.said("cat", "tea", 90))
    evaluate(store)
    assert "ann" in asked(store, "first-contact")
    assert asked(store, "silent") == {}
    ann = make.creator(store, "ann")
    notes.note(store, ann, "knows everybody", "eve")
    evaluate(store)
    assert asked(store, "silent") == {}, "the first message is asked for already"
    notes.touch(store, ann, "eve", direction="in", at=make.ms(99))
    evaluate(store)
    assert list(asked(store, "reply-waiting")) == ["ann"]
    assert asked(store, "silent") == {}, "an answer is asked for already"
    notes.touch(store, ann, "eve", outcome="agreed", at=make.ms(100))
    assert evaluate(store)["reply-waiting"].resolved == 1
    assert list(asked(store, "silent")) == ["ann"]


@pytest.mark.parametrize("tie", ["agreement", "stage", "owner", "decision", "campaign"])
def test_whoever_we_work_with_is_watched_until_we_do_no_more(store: Store, tie: str) -> None:
    make.write(store, known("p1", 10**6), *weekly("ann"), make.said("p1", "tea", 90))
    ann = make.creator(store, "ann")
    evaluate(store, silent={"top": 1})
    assert asked(store, "silent") == {}
    if tie == "agreement":
        bound = agreements.new(store, ann, Terms("films", "a share"), "eve")
        agreements.move(store, bound, "signed", "eve")
    elif tie == "stage":
        rule_sets.save(store, parse({"name": "rules", "stages": [{"name": "early"}]}), "eve")
        ladders.hold(store, "stage", [ann], "early", "eve", "agreed by mail")
    elif tie == "owner":
        owners.assign(store, [ann], "eve", "eve")
    elif tie == "decision":
        decisions.decide(store, make.brief(store), [ann], "shortlisted", "eve")
    else:
        waves.start(store, campaign(store, ends=make.moment(101).date().isoformat()), "eve", [ann])
    assert list(watched(store)) == [make.creator(store, "p1"), ann]
    evaluate(store, silent={"top": 1}, first_contact={"top": 0})
    assert list(asked(store, "silent")) == ["ann"]
    changes.undo(store, "eve")
    assert ann not in watched(store, rule="stale-data"), "only what follows her up already watches her now"


def test_a_campaign_that_is_over_and_a_person_who_was_rejected_are_watched_no_more(store: Store) -> None:
    star, ann, bob = make.people(store, 3)
    make.write(store, known("p1", 10**6))
    standing.refresh(store)
    tea, brief_id = campaign(store, ends=make.moment(101).date().isoformat()), make.brief(store)
    waves.start(store, tea, "eve", [ann])
    decisions.decide(store, brief_id, [bob], "shortlisted", "eve")
    assert watched(store) == [star, ann, bob]
    decisions.decide(store, brief_id, [bob], "rejected", "eve", "too far")
    assert ann in watched(store, at=make.ms(102.5)), "it may still be its last day somewhere"
    assert not {ann, bob} & set(watched(store, at=make.ms(103.5)))
    assert ann in watched(store)
    campaigns.archive(store, tea, "eve")
    assert ann not in watched(store)


def watched(store: Store, rule: str = "silent", at: int = NOW) -> list[int]:
    values = {"top": 1, "rule": rule, "now": at}
    return [row[0] for row in store.reader().execute(sql("follow_up_people"), values)]


def test_whoever_is_followed_up_stays_watched_when_others_overtake_them(store: Store) -> None:
    make.write(store, known("p1", 10**5), *weekly("ann"), make.said("p1", "tea", 90))
    met(store, "ann")
    evaluate(store, silent={"top": 2})
    assert list(asked(store, "silent")) == ["ann"]
    make.write(store, *(known(f"p{i}", 10**6) for i in range(2, 5)), make.did("mention", "p1", "p2", "tea", 90))
    outcome = evaluate(store, silent={"top": 2})["silent"]
    assert (outcome.kept, outcome.resolved) == (1, 0)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(1, 40), min_size=1, max_size=50), st.sampled_from([-1, 0, 1, 20]))
def test_silence_agrees_with_the_percentile_counted_by_hand(gaps: list[int], more: int) -> None:
    days = [0]
    for gap in gaps:
        days.append(days[-1] + gap)
    recent = [day for day in days if day > days[-1] - 365]
    own = sorted(after - before for before, after in pairwise(recent))
    usual = own[math.ceil(0.95 * len(own)) - 1] if own else 7
    silence = usual + more
    expected = len(recent) >= 8 and silence > usual and silence >= 3
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        make.write(store, *(make.said("ann", "tea", day) for day in days), make.said("cat", "tea", days[-1] + silence))
        notes.note(store, make.creator(store, "ann"), "knows everybody", "eve")
        evaluate(store, first_contact={"top": 0})
        assert ("ann" in asked(store, "silent")) is expected
        store.close()


# Stale data --------------------------------------------------------------------------------------------------


def test_old_figures_ask_for_a_sync_of_the_source_that_brought_the_newest(store: Store) -> None:
    old, new = make.source(store, "old"), make.source(store, "new")
    make.write(store, known("ann", 100, day=20), known("bob", 100, day=20), origin=old)
    make.write(store, known("ann", 120, day=80), origin=new)
    make.write(store, known("bob", 110, day=95), make.person("cat"), origin=old)
    evaluate(store)
    (row,) = asked(store, "stale-data").values()
    assert (row.name, row.why) == ("ann", "Figures are 20 days old: sync new")
    imported = {"observed_at": 2 * DAY, "source": "fans.csv", "by_hand": True}
    assert rules.BUILT_IN["stale-data"].why(imported, 5 * DAY) == "Figures are 3 days old: import newer"
    make.write(store, known("ann", 130, day=99), origin=old)
    assert evaluate(store)["stale-data"].resolved == 1


def test_no_more_than_fifty_are_open_at_once_and_the_rest_is_counted(store: Store) -> None:
    make.write(store, *(known(f"p{i}", 1_000 + i, day=1) for i in range(70)))
    outcome = evaluate(store, stale_data={"top": 70})["stale-data"]
    assert (outcome.opened, outcome.more) == (50, 20)
    rows = FollowUpWindow(store, only=Only(rule="stale-data")).rows(0, 50)
    kept.done(store, [row.follow_up_id for row in rows[:5]], "eve")
    outcome = evaluate(store, stale_data={"top": 70})["stale-data"]
    assert (outcome.opened, outcome.kept, outcome.more) == (5, 45, 15)


# Causes come and go ------------------------------------------------------------------------------------------


def test_the_same_cause_asks_once_and_never_after_done(store: Store) -> None:
    people = make.people(store, 3)
    causes = [Cause(person, "x", {"n": 1}, NOW) for person in people]
    assert brought.apply(store, "test", causes, NOW) == (3, 0, 0, 0)
    assert brought.apply(store, "test", causes, NOW) == (0, 0, 3, 0)
    (first, *_rest) = FollowUpWindow(store).rows(0, 10)
    kept.done(store, [first.follow_up_id], "eve")
    assert brought.apply(store, "test", causes, NOW) == (0, 0, 2, 0)
    assert brought.apply(store, "test", [], NOW) == (0, 2, 0, 0)
    assert brought.apply(store, "test", causes, NOW) == (2, 0, 0, 0)
    assert brought.apply(store, "test", [Cause(first.creator_id, "y", {}, NOW)], NOW) == (1, 2, 0, 0)


def test_what_is_done_between_looking_and_writing_stays_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (ann,) = make.people(store, 1)
    causes = [Cause(ann, "x", {}, NOW)]
    brought.apply(store, "test", causes, NOW)
    (row,) = FollowUpWindow(store).rows(0, 1)
    kept.done(store, [row.follow_up_id], "eve")
    monkeypatch.setattr(brought, "_asked", lambda store, rule, wanted: set())
    assert brought.apply(store, "test", causes, NOW).opened == 0
    assert FollowUpWindow(store, "closed").count() == 1


def test_many_causes_are_written_in_batches(store: Store) -> None:
    people = make.people(store, 2_300)
    causes = [Cause(person, "x", {}, NOW) for person in people]
    assert brought.apply(store, "test", causes, NOW).opened == 2_300
    window = FollowUpWindow(store)
    assert window.count() == 2_300
    assert [row.creator_id for row in window.rows(1_150, 1_153)] == people[1_150:1_153]
    assert brought.apply(store, "test", causes[:100], NOW) == (0, 2_200, 100, 0)


def test_a_rule_that_fails_is_named_and_hurts_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(store: Store, looking: Looking) -> list[Cause]:
        raise ValueError("no idea\x1b[31m")

    add(monkeypatch, Rule("broken", lambda: "Broken", {}, broken, lambda evidence, at: ""))
    make.write(store, known("ann", 1_000))
    standing.refresh(store)
    outcomes = {outcome.rule: outcome for outcome in follow_ups.evaluate(store, NOW).outcomes}
    assert outcomes["broken"].error == "ValueError: no idea"
    assert outcomes["first-contact"].opened == 1


def add(monkeypatch: pytest.MonkeyPatch, rule: Rule) -> None:
    monkeypatch.setattr(rules, "BUILT_IN", {**rules.BUILT_IN, rule.id: rule})


def test_a_rule_explains_itself(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (ann,) = make.people(store, 1)
    birthday = Rule(
        "birthday",
        lambda: "Birthday",
        {"ahead": 3},
        lambda store, looking: [Cause(ann, "2026", {"ahead": looking.parameters["ahead"]}, looking.at)],
        lambda evidence, at: f"in {evidence['ahead']} days",
    )
    add(monkeypatch, birthday)
    evaluated = follow_ups.evaluate(store, NOW, {"birthday": {"ahead": 5}})
    assert (evaluated.opened, evaluated.resolved, evaluated.kept) == (1, 0, 0)
    assert asked(store, "birthday")["p1"].why == "in 5 days"
    assert asked(store, "birthday")["p1"].title == "Birthday"


def test_a_follow_up_of_a_rule_that_is_gone_still_shows_its_evidence(store: Store) -> None:
    (ann,) = make.people(store, 1)
    brought.apply(store, "retired", [Cause(ann, "x", {"n": 7}, NOW)], NOW)
    row = asked(store, "retired")["p1"]
    assert (row.title, row.why) == ("retired", '{"n": 7}')


# The queue ---------------------------------------------------------------------------------------------------


@pytest.fixture
def ten(store: Store) -> list[int]:
    """Ten follow-ups, due from three days ago to six days ahead; their ids in that order."""
    people = make.people(store, 10)
    brought.apply(store, "test", [Cause(p, "x", {}, NOW + (i - 3) * DAY) for i, p in enumerate(people)], NOW)
    return [row.follow_up_id for row in FollowUpWindow(store).rows(0, 10)]


def test_the_queue_is_divided_by_the_day_on_which_things_are_due(store: Store, ten: list[int]) -> None:
    kept.snooze(store, ten[:2], NOW + 20 * DAY, "eve")
    kept.done(store, ten[4:5], "eve")
    later = NOW + 30 * DAY
    assert follow_ups.counts(store, NOW) == {
        "overdue": 1,
        "today": 1,
        "week": 5,
        "later": 0,
        "waiting": 0,
        "snoozed": 2,
        "closed": 1,
    }
    assert [row.follow_up_id for row in FollowUpWindow(store, "week", at=NOW).rows(0, 10)] == ten[5:]
    assert follow_ups.counts(store, later)["overdue"] == 9
    assert [row.follow_up_id for row in FollowUpWindow(store, "overdue", at=later).rows(7, 10)] == ten[:2]
    assert follow_ups.counts(store, NOW - 20 * DAY)["later"] == 7


def test_a_section_read_from_its_beginning_has_the_order_of_all(store: Store) -> None:
    people = make.people(store, 40)
    due = [NOW + (n * 7919 % 160 - 80) * DAY // 8 for n in range(40)]
    brought.apply(store, "test", [Cause(p, "x", {}, day) for p, day in zip(people, due, strict=True)], NOW - 20 * DAY)
    with store.writing() as db:
        db.execute("UPDATE follow_up SET score = id * 37 % 11")
        db.execute("UPDATE follow_up SET snoozed_until = ? + (id % 5 - 2) * ? WHERE id % 4 = 0", (NOW, DAY))
    for section in (None, *sections.SECTIONS):
        every = kept.ids(store, section, NOW)
        assert [kept.ids(store, section, NOW, stop=stop) for stop in range(41)] == [every[:stop] for stop in range(41)]


def test_a_follow_up_is_found_in_its_section(store: Store, ten: list[int]) -> None:
    window = FollowUpWindow(store, "week")
    assert [window.find(follow_up_id) for follow_up_id in ten[3:6]] == [None, 0, 1]
    assert FollowUpWindow(store, only=Only(rule="other")).find(ten[0]) is None
    assert FollowUpWindow(store, only=Only(rule="other")).count() == 0


def test_done_with_an_outcome_writes_down_the_contact(store: Store, ten: list[int]) -> None:
    kept.done(store, ten[:2], "eve", outcome="agreed", channel="wechat")
    kept.done(store, ten[2:3], "eve")
    (touch,) = notes.touchpoints(store, make.creator(store, "p1"))
    assert touch[2:] == ("out", "wechat", "agreed", "eve", ten[0])
    assert notes.touchpoints(store, make.creator(store, "p3")) == []
    closed = FollowUpWindow(store, "closed").rows(0, 10)
    assert [(row.name, row.state, row.last_touch_at) for row in closed] == [
        ("p3", "done", None),
        ("p2", "done", NOW),
        ("p1", "done", NOW),
    ]


def test_what_another_operator_has_done_is_reported_and_left(store: Store, ten: list[int]) -> None:
    kept.done(store, ten[:2], "dan", outcome="agreed")
    acted = kept.done(store, ten[1:3], "eve", outcome="declined")
    assert acted.changed == [ten[2]]
    assert acted.skipped == [(ten[1], "done", "dan", NOW)]
    assert len(notes.touchpoints(store, make.creator(store, "p2"))) == 1
    assert kept.snooze(store, ten[:1], NOW + DAY, "eve").changed == []
    assert kept.done(store, [999], "eve") == ([], [])


def test_what_its_rule_has_resolved_meanwhile_is_done_all_the_same(store: Store, ten: list[int]) -> None:
    brought.apply(store, "test", [], NOW)
    assert kept.done(store, ten[:1], "eve", outcome="agreed", channel="wechat") == (ten[:1], [])
    assert [one.outcome for one in notes.touchpoints(store, make.creator(store, "p1"))] == ["agreed"]
    changes.undo(store, "eve")
    assert {row.state for row in FollowUpWindow(store, "closed").rows(0, 10)} == {"resolved"}
    assert notes.touchpoints(store, make.creator(store, "p1")) == []


def test_reopening_brings_back_what_is_done_and_wakes_what_is_snoozed(store: Store, ten: list[int]) -> None:
    kept.done(store, ten[:1], "eve")
    kept.snooze(store, ten[1:2], NOW + DAY, "eve")
    acted = kept.reopen(store, ten[:3], "eve")
    assert acted.changed == ten[:2]
    assert [skipped.follow_up_id for skipped in acted.skipped] == ten[2:3]
    assert FollowUpWindow(store).count() == 10


def test_a_snooze_into_the_past_is_refused(store: Store, ten: list[int]) -> None:
    with pytest.raises(UsageError, match="past"):
        kept.snooze(store, ten, NOW, "eve")


def test_undo_survives_an_evaluation_in_between(store: Store, ten: list[int]) -> None:
    kept.done(store, ten[:1], "eve")
    brought.apply(store, "test", [], NOW)
    changes.undo(store, "eve")
    assert [row.follow_up_id for row in FollowUpWindow(store).rows(0, 10)] == ten[:1]


# Plans -------------------------------------------------------------------------------------------------------

BIG = re.compile(r"^SCAN (account|account_snapshot|s|a|post|message|activity|creator|membership|contact_point)\b")


@pytest.mark.parametrize("name", ["follow_up_people", "follow_up_first_contact", "follow_up_silent", "follow_up_stale"])
def test_no_rule_reads_a_large_table_from_end_to_end(store: Store, name: str) -> None:
    parameters = dict.fromkeys(re.findall(r":([a-z_]+)", sql(name)), 1)
    plan = [row[3] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {sql(name)}", parameters)]
    assert not [step for step in plan if BIG.match(step)], plan
    scans = [step for step in plan if step.startswith("SCAN standing")]
    assert all("INDEX standing_score" in scan or "INDEX standing_voice" in scan for scan in scans), plan


def test_the_queue_is_read_through_its_indexes(store: Store) -> None:
    for section, index in ((None, "follow_up_open"), ("today", "follow_up_open"), ("closed", "follow_up_closed")):
        table, where, order, values = sections.part(section, NOW)
        query = f"EXPLAIN QUERY PLAN SELECT id FROM {table} WHERE {where} ORDER BY {order} LIMIT 10"
        plan = [row[3] for row in store.reader().execute(query, values)]
        assert f"COVERING INDEX {index}" in plan[0] or index == "follow_up_closed", plan
        assert not any(step.startswith("SCAN") and "INDEX" not in step for step in plan), plan


# Several operators -------------------------------------------------------------------------------------------


def test_what_a_colleague_has_taken_is_left_to_them_until_it_is_free_again(
    store: Store, ten: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.take(store, ten[:2], "dan").changed == ten[:2]
    assert [row.taken_by for row in kept.of_ids(store, ten[:3], NOW)] == ["dan", "dan", None]
    for act in (
        kept.done(store, ten[:1], "eve"),
        kept.snooze(store, ten[:1], NOW + DAY, "eve"),
        kept.set_plan(store, ten[:1], "ask", "eve"),
        kept.take(store, ten[:1], "eve"),
        kept.release(store, ten[:1], "eve"),
    ):
        assert (act.changed, act.skipped) == ([], [(ten[0], "taken", "dan", NOW)])
    assert kept.take(store, ten[:1], "eve", over=True).changed == ten[:1]
    assert kept.release(store, ten[:1], "eve").changed == ten[:1]
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(101.5).isoformat())
    assert kept.of_ids(store, ten[1:2], NOW + DAY)[0].taken_by is None
    assert kept.done(store, ten[1:2], "eve").changed == ten[1:2]


def test_a_follow_up_belongs_to_whoever_looks_after_the_person_unless_it_is_handed_on(
    store: Store, ten: list[int]
) -> None:
    people = [row.creator_id for row in kept.of_ids(store, ten, NOW)]
    owners.assign(store, people[:3], "eve", "eve")
    assert kept.reassign(store, ten[2:4], "dan", "eve").changed == ten[2:4]

    def owned(owner: str) -> list[int]:
        return kept.ids(store, None, NOW, Only(owner=owner))

    assert (owned("eve"), owned("dan"), owned("")) == (ten[:2], ten[2:4], ten[4:])
    assert kept.counts(store, NOW, Only(owner="dan"))["overdue"] == 1
    kept.reassign(store, ten[2:3], None, "eve")
    assert owned("eve") == ten[:3]
    with pytest.raises(UsageError, match="empty"):
        kept.reassign(store, ten, "\x1b", "eve")
    changes.undo(store, "eve")
    assert owned("dan") == ten[2:4]


def test_channel_and_plan_change_and_come_back(store: Store, ten: list[int]) -> None:
    assert kept.set_channel(store, ten[:2], "phone", "eve").changed == ten[:2]
    assert kept.set_channel(store, ten[:2], "phone", "eve").changed == []
    kept.set_plan(store, ten[:1], "invite to the tea tasting", "eve")
    (row,) = kept.of_ids(store, ten[:1], NOW)
    assert (row.channel, row.plan) == ("phone", "invite to the tea tasting")
    kept.done(store, ten[:1], "eve", outcome="agreed")
    assert notes.touchpoints(store, row.creator_id)[0].channel == "phone"
    changes.undo(store, "eve")
    changes.undo(store, "eve")
    assert kept.of_ids(store, ten[:1], NOW)[0].plan is None


def test_those_of_one_day_come_by_score(store: Store) -> None:
    make.write(store, *(known(f"p{i}", 10**i) for i in (3, 5, 4)))
    standing.refresh(store)
    people = [make.creator(store, f"p{i}") for i in (3, 4, 5)]
    brought.apply(store, "test", [Cause(one, "x", {}, NOW + n) for n, one in enumerate(people)], NOW)
    brought.apply(store, "late", [Cause(people[0], "x", {}, NOW - 3 * DAY)], NOW)
    assert [row.name for row in FollowUpWindow(store).rows(0, 9)] == ["p3", "p5", "p4", "p3"]
    make.write(store, known("p3", 10**7, day=99.5))
    standing.refresh(store)
    brought.rescore(store)
    assert [row.name for row in FollowUpWindow(store).rows(0, 9)] == ["p3", "p3", "p5", "p4"]


def test_the_queue_is_narrowed_by_brief_campaign_and_community(store: Store) -> None:
    rooms = {"ann": "tea", "bob": "tea", "cat": "coffee"}
    joined = [MembershipRecord(community_uid=room, account_uid=name) for name, room in rooms.items()]
    make.write(store, *(make.said(name, room, 80) for name, room in rooms.items()), *joined)
    people = [make.creator(store, name) for name in ("ann", "bob", "cat")]
    brought.apply(store, "test", [Cause(one, "x", {}, NOW) for one in people], NOW)
    brief_id = make.brief(store)
    decisions.decide(store, brief_id, people[:1], "shortlisted", "eve")
    decisions.decide(store, brief_id, people[1:2], "rejected", "eve", "too far")
    tea = make.community(store, "tea")
    spring, autumn = campaign(store), campaign(store, "Autumn")
    make.write(store, takes_part("b", account_uid="bob"), takes_part("stranger"))

    def names(only: Only) -> list[str]:
        return [row.name for row in FollowUpWindow(store, only=only).rows(0, 9)]

    assert names(Only(brief_id=brief_id)) == ["ann"]
    assert names(Only(campaign_id=spring)) == ["bob"]
    assert names(Only(campaign_id=autumn)) == []
    assert names(Only(community_id=tea)) == ["ann", "bob"]
    assert names(Only(community_id=tea, brief_id=brief_id, rule="other")) == []


def test_what_waits_for_an_answer_stands_apart_until_it_is_due(store: Store) -> None:
    (ann,) = make.people(store, 1)
    brought.apply(store, "test", [Cause(ann, "x", {}, NOW + 3 * DAY, waits=True)], NOW)
    assert follow_ups.counts(store, NOW)["waiting"] == 1
    assert follow_ups.counts(store, NOW)["week"] == 0
    assert follow_ups.counts(store, NOW + 3 * DAY)["waiting"] == 0
    assert follow_ups.counts(store, NOW + 3 * DAY)["today"] == 1
