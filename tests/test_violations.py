"""Violations and what follows from them whoever it is; guards of consent and timing; playbooks as follow-ups."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.domain.briefs import Brief
from kolbench.domain.clock import DAY, now
from kolbench.domain.errors import UsageError
from kolbench.domain.records import Contact, MembershipRecord
from kolbench.domain.rule_sets import parse
from kolbench.programme import follow_ups, guards, stages
from kolbench.programme import rule_sets as writing
from kolbench.store import briefs, changes, contacts, decisions, ladders, merges, notes, refusals, rule_sets, violations
from kolbench.store import follow_ups as queue
from kolbench.store.briefs import Meant
from kolbench.store.violations import Proposal

if TYPE_CHECKING:
    from kolbench.store.connect import Store

EXAMPLE: dict[str, Any] = tomllib.loads(writing.example())
NOW = make.ms(151)


@pytest.fixture
def people(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two people who have agreed, under the rules of the example."""
    day(monkeypatch, 0)
    found = make.people(store, 2)
    decisions.decide(store, make.brief(store), found, "agreed", "eve")
    rule_sets.save(store, parse(EXAMPLE), "eve")
    return found


def day(monkeypatch: pytest.MonkeyPatch, n: float) -> int:
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(151 + n).isoformat())
    return now()


def broke(store: Store, creator_id: int, rule: str = "spam", at: int = NOW) -> int:
    return violations.add(store, creator_id, rule, "an advert", "https://example.org/1", at, "eve")


def test_what_follows_climbs_the_ladder_with_each_violation_that_counts(store: Store, people: list[int]) -> None:
    ann, bea = people
    numbers = [broke(store, ann, at=NOW - (9 - n) * DAY) for n in range(3)]
    assert [violations.proposal(store, one).sanction for one in numbers] == ["reminder", "warning", "pause"]
    assert violations.proposal(store, broke(store, bea)).earlier == 0, "another's don't count"
    violations.withdraw(store, numbers[0], "it was not them", "eve")
    assert violations.proposal(store, numbers[2]) == Proposal(numbers[2], "warning", 1)
    grave = broke(store, ann, "fraud")
    assert violations.proposal(store, grave).earlier == 0, "lighter ones don't count towards a grave one"
    assert violations.proposal(store, broke(store, ann, at=NOW + 1)).earlier == 3, "but it towards lighter ones"
    assert violations.proposal(store, broke(store, ann, at=NOW + 400 * DAY)).earlier == 0, "after a year none does"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=st.lists(st.tuples(st.sampled_from(["spam", "insult", "fraud"]), st.integers(0, 500)), max_size=6),
    grade=st.sampled_from(["A", "B", "C"]),
    stage=st.sampled_from(["early", "mid", "late"]),
)
def test_the_same_history_has_the_same_outcome_whatever_the_grade_and_the_stage(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int]], grade: str, stage: str
) -> None:
    store = make.store(tmp_path_factory.mktemp("any"))
    ann, bea = make.people(store, 2)
    rule_sets.save(store, parse(EXAMPLE), "eve")
    ladders.hold(store, "grade", [ann], grade, "eve", "so")
    ladders.hold(store, "stage", [ann], stage, "eve", "so")
    for rule, at in history:
        for one in (ann, bea):
            broke(store, one, rule, NOW + at * DAY)
    outcomes: dict[int, list[tuple[str, str, int]]] = {ann: [], bea: []}
    for found in violations.listed(store):
        asked = violations.proposal(store, found.id)
        outcomes[found.creator_id].append((found.rule, asked.sanction, asked.earlier))
    assert outcomes[ann] == outcomes[bea]
    store.close()


def test_anything_else_than_the_rules_say_needs_a_reason_and_is_kept_beside_it(store: Store, people: list[int]) -> None:
    number = broke(store, people[0])
    for applied in ("warning", "exclusion"):
        with pytest.raises(UsageError, match="Say why"):
            violations.sanction(store, number, "eve", applied=applied)
    with pytest.raises(UsageError, match="Say why"):
        violations.exempt(store, number, " ", "eve")
    with pytest.raises(UsageError, match=r"no sanction 'rope'. Those there are: reminder"):
        violations.sanction(store, number, "eve", applied="rope", reason="so")
    assert violations.get(store, number).sanctioned_at is None
    violations.sanction(store, number, "eve")
    with pytest.raises(UsageError, match="decided already"):
        violations.sanction(store, number, "eve")
    violations.exempt(store, number, "our own mistake", "dan")
    found = violations.get(store, number)
    assert (found.proposed, found.applied, found.reason, found.sanctioned_by) == (
        "reminder", None, "our own mistake", "dan",
    )  # fmt: skip
    assert changes.undo(store, "dan")
    assert violations.get(store, number).applied == "reminder"


def test_a_violation_needs_a_rule_evidence_and_a_person(store: Store, people: list[int]) -> None:
    with pytest.raises(UsageError, match=r"no rule 'spma'. Those there are: label, spam, insult, fraud"):
        broke(store, people[0], "spma")
    with pytest.raises(UsageError, match="what shows it"):
        violations.add(store, people[0], "spam", "an advert", "\x00", NOW, "eve")
    with pytest.raises(UsageError, match="no person with the id 99"):
        broke(store, 99)
    with pytest.raises(UsageError, match="no violation 7"):
        violations.get(store, 7)
    number = broke(store, people[0])
    violations.withdraw(store, number, "a joke", "eve")
    for again in (
        lambda: violations.withdraw(store, number, "a joke", "eve"),
        lambda: violations.sanction(store, number, "eve"),
    ):
        with pytest.raises(UsageError, match="withdrawn"):
            again()
    assert violations.listed(store) == []
    assert [one.withdrawn_why for one in violations.listed(store, withdrawn=True)] == ["a joke"]


def test_a_violation_is_judged_by_the_rules_of_its_time(store: Store, people: list[int]) -> None:
    number = broke(store, people[0])
    rule_sets.save(store, parse({**EXAMPLE, "ladder": {"minor": ["exclusion"], "serious": ["pause"],
                                                       "grave": ["pause"]}}), "eve")  # fmt: skip
    assert violations.proposal(store, number).sanction == "reminder"
    assert violations.proposal(store, broke(store, people[1])).sanction == "exclusion"


def test_a_violation_on_which_a_sanction_rests_is_not_taken_back(store: Store, people: list[int]) -> None:
    number = broke(store, people[0])
    act = changes.last(store, "eve")
    assert act
    violations.sanction(store, number, "eve")
    with pytest.raises(UsageError, match="can't be taken back"):
        changes.undo(store, "eve", act.act)
    assert changes.undo(store, "eve")
    assert changes.undo(store, "eve", act.act)
    assert violations.listed(store, withdrawn=True) == []


def test_who_is_two_people_in_the_store_has_one_history(store: Store, people: list[int]) -> None:
    ann, bea = people
    broke(store, ann, at=NOW - DAY)
    number = broke(store, bea)
    merge = merges.merge(store, bea, ann, "eve")
    assert violations.proposal(store, number).sanction == "warning"
    merges.undo(store, merge, "eve")
    assert violations.proposal(store, number).sanction == "reminder"


# Guards -------------------------------------------------------------------------------------------------------


def test_nobody_is_invited_without_their_consent(store: Store, people: list[int]) -> None:
    ann, bea = people

    def invite(creator_id: int, direction: str = "out", channel: str = "Group", outcome: str = "invited") -> int:
        return notes.touch(store, creator_id, "eve", channel=channel, outcome=outcome, direction=direction)

    with pytest.raises(UsageError, match=r"^p1: nobody is invited into a community without their consent"):
        invite(ann)
    make.write(store, *(make.person(name, contacts=(Contact("wechat", name),)) for name in ("p1", "p2")))
    with pytest.raises(UsageError, match="p1"):
        invite(ann)
    points = {one: contacts.of(store, one)[0].id for one in people}
    for one in people:
        contacts.consent(store, one, points[one], "given", "eve")
        assert invite(one)
    refusals.refuse(store, bea, "no groups", "eve", scope="group")
    contacts.consent(store, ann, points[ann], "withdrawn", "eve")
    for one in people:
        with pytest.raises(UsageError, match="without their consent"):
            invite(one)
        assert invite(one, "in"), "they invited us"
        assert notes.touch(store, one, "eve", channel="group", outcome="agreed")
        for channel, outcome in (("群", "invited"), ("group", "邀请"), ("community", "Invited"), ("wechat", "invited")):
            with pytest.raises(UsageError, match="without their consent"):
                invite(one, channel=channel, outcome=outcome)


def test_a_young_community_is_left_in_peace(store: Store) -> None:
    make.write(store, make.person("ann"), make.said("ann", "tea", 149), make.said("ann", "old", 1))
    tea, old = (make.community(store, name) for name in ("tea", "old"))
    (caution,) = guards.before_monetising(store, NOW, community_ids=[tea, old])
    assert caution.text.endswith("is 2 days old, as far as is known: earn no money there in the first 3 days.")
    assert guards.before_monetising(store, NOW + DAY, community_ids=[tea, old]) == []


def test_a_young_community_is_asked_about_by_its_people_and_by_a_brief_that_calls_it_ours(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 149), make.said("bob", "old", 1), make.said("bob", "left", 149))
    make.write(store, MembershipRecord(account_uid="bob", community_uid="left", left_at=make.moment(150)))
    ann, bob = (make.creator(store, name) for name in ("ann", "bob"))
    assert [one.about for one in guards.before_monetising(store, NOW, [ann, bob])] == ["tea"]
    assert guards.before_monetising(store, NOW, [bob]) == [], "he has left the young one"
    ours = Meant(ours=[make.community(store, "tea")])
    brief_id = briefs.save(store, Brief(name="Tea", purpose="convert"), ours, "eve")
    assert [one.about for one in guards.before_monetising(store, NOW, [bob], brief_id=brief_id)] == ["tea"]


def test_what_is_too_early_is_a_matter_of_settings(store: Store) -> None:
    make.write(store, make.counted("ann", 130, followers=100), make.counted("ann", 150, followers=140))
    make.write(store, make.said("ann", "tea", 145))
    ann, tea = make.creator(store, "ann"), make.community(store, "tea")
    assert guards.before_monetising(store, NOW, [ann], [tea]) == []
    file = store.path.with_name("settings.toml")
    file.write_text("[guards]\ncommunity_days = 7\nperson_days = 20\ngrowth = 1.2\ngrowth_least = 40\n", "utf-8")
    texts = [one.text for one in guards.before_monetising(store, NOW, [ann], [tea])]
    assert texts[0].endswith("earn no money there in the first 7 days.")
    assert texts[1] == "ann went from 100 to 140 followers in 20 days: ask for nothing yet."
    file.write_text("[guards]\ngrowth = -1\n", "utf-8")
    with pytest.raises(UsageError, match=r"guards.growth: write a number from 0 on, such as 1.5."):
        guards.before_monetising(store, NOW, [ann])


def test_who_has_just_become_influential_is_left_in_peace(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _ann, bea = people
    make.write(store, make.counted("p1", 130, followers=1_000), make.counted("p1", 150, followers=1_600))
    make.write(store, make.counted("p2", 130, followers=100), make.counted("p2", 150, followers=590))
    cautions = guards.before_monetising(store, NOW, people)
    assert [one.text for one in cautions] == [
        "p1 went from 1,000 to 1,600 followers in 14 days: ask for nothing yet."
    ], "490 more are no influence"
    assert guards.before_monetising(store, NOW + 15 * DAY, people) == []
    rule_sets.save(store, parse({"name": "x", "grades": [{"name": "C"}, {"name": "B", "enter": ["violations >= 1"]}]}),
                   "eve")  # fmt: skip
    stages.run(store)
    rule_sets.save(store, parse({**EXAMPLE, "grades": [{"name": "C"}, {"name": "B", "enter": ["agreed >= 1"]}]}), "eve")
    at = day(monkeypatch, 20)
    stages.run(store)
    (caution,) = guards.before_monetising(store, at + DAY, [bea])
    assert caution.text.startswith("p2 has been 'B' since 2026-06-21: ask for nothing yet")
    assert guards.before_monetising(store, at + 15 * DAY, [bea]) == []


# Follow-ups ---------------------------------------------------------------------------------------------------


def open_ones(store: Store, creator_id: int, rule: str) -> list[str]:
    return [one.why for one in follow_ups.about(store, creator_id) if (one.rule, one.state) == (rule, "open")]


def test_a_playbook_is_gone_through_item_by_item_and_anew_at_each_entry(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, _bea = people
    stages.run(store)
    follow_ups.evaluate(store)
    assert open_ones(store, ann, "playbook") == [
        "Early 1/4: Package them: a name, a picture, a line that says what they are good at"
    ]
    for n in (2, 3, 4):
        day(monkeypatch, n)
        (mine,) = [one for one in follow_ups.about(store, ann) if (one.rule, one.state) == ("playbook", "open")]
        queue.done(store, [mine.follow_up_id], "eve")
        follow_ups.evaluate(store)
        (why,) = open_ones(store, ann, "playbook")
        assert why.startswith(f"Early {n}/4: ")
        follow_ups.evaluate(store)
        assert open_ones(store, ann, "playbook") == [why], "asked once"
    (mine,) = [one for one in follow_ups.about(store, ann) if (one.rule, one.state) == ("playbook", "open")]
    assert mine.due_at == day(monkeypatch, 4) + 3 * DAY, "days count from the item before"
    ladders.hold(store, "stage", [ann], "mid", "eve", "a jump")
    follow_ups.evaluate(store)
    assert [why[:8] for why in open_ones(store, ann, "playbook")] == ["Mid 1/4:"]
    day(monkeypatch, 5)
    ladders.hold(store, "stage", [ann], "early", "eve", "back again")
    follow_ups.evaluate(store)
    assert [why[:10] for why in open_ones(store, ann, "playbook")] == ["Early 1/4:"]


def test_who_is_stuck_or_does_not_know_the_rules_is_asked_about(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bea = people
    stages.run(store)
    follow_ups.evaluate(store)
    assert open_ones(store, ann, "rule-not-acknowledged") == [], "there is time"
    rule_sets.acknowledge(store, [bea], "wechat", "eve")
    day(monkeypatch, 15)
    follow_ups.evaluate(store)
    assert open_ones(store, ann, "rule-not-acknowledged") == ["Has not acknowledged the rules (version 1)"]
    assert open_ones(store, bea, "rule-not-acknowledged") == []
    rule_sets.acknowledge(store, [ann], "wechat", "eve")
    day(monkeypatch, 61)
    follow_ups.evaluate(store)
    assert open_ones(store, ann, "rule-not-acknowledged") == []
    assert open_ones(store, ann, "stage-stuck") == ["In 'Early' for 61 days, 60 were expected"]
    rule_sets.save(store, parse({**EXAMPLE, "intro": "New."}), "eve")
    day(monkeypatch, 80)
    follow_ups.evaluate(store)
    assert open_ones(store, ann, "rule-not-acknowledged") == ["Knows version 1 of the rules, not 2"]
