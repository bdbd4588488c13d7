"""Deciding about people for a brief, tagging them, giving them owners: events, in large batches, taken back whole."""

from __future__ import annotations

import pytest

import make
from kolbench.analysis import candidacy, standing
from kolbench.domain.errors import UsageError
from kolbench.store import briefs, changes, decisions, merges, owners, refusals, tags
from kolbench.store.candidates import CandidateWindow
from kolbench.store.connect import Store
from kolbench.store.decisions import Skipped
from kolbench.store.owners import Owner
from kolbench.store.tags import Tag


def states(store: Store, brief_id: int, people: list[int]) -> list[str]:
    found = decisions.current(store, brief_id, people)
    return [found[one].state if one in found else "-" for one in people]


def chosen(store: Store, brief_id: int, *wanted: str) -> list[int]:
    clause, values = decisions.having(brief_id, wanted)
    query = f"SELECT creator_id FROM account AS shown WHERE {clause} ORDER BY 1"
    return [row[0] for row in store.reader().execute(query, values)]


def test_the_newest_decision_is_in_force_and_the_older_ones_are_kept(store: Store) -> None:
    ann, bea = make.people(store, 2)
    tea = make.brief(store)
    decisions.decide(store, tea, [ann, bea], "shortlisted", "eve")
    decisions.decide(store, tea, [ann], "rejected", "dan", "posts too little")
    assert states(store, tea, [ann, bea]) == ["rejected", "shortlisted"]
    decision = decisions.current(store, tea, [ann])[ann]
    assert (decision.reason, decision.author) == ("posts too little", "dan")
    assert [(one.brief, one.state, one.author) for one in decisions.history(store, ann)] == [
        ("Tea", "rejected", "dan"),
        ("Tea", "shortlisted", "eve"),
    ]


def test_each_brief_has_its_own_decisions(store: Store) -> None:
    (ann,) = make.people(store, 1)
    tea, cars = make.brief(store), make.brief(store, "Cars")
    decisions.decide(store, tea, [ann], "active", "eve")
    assert states(store, cars, [ann]) == ["-"]
    assert chosen(store, tea, "active") == [ann]
    assert chosen(store, cars, "active") == []
    decisions.decide(store, cars, [ann], "contacted", "eve")
    assert [one.brief for one in decisions.history(store, ann)] == ["Cars", "Tea"]


def test_rejecting_needs_a_reason(store: Store) -> None:
    (ann,) = make.people(store, 1)
    tea = make.brief(store)
    for reason in (None, "", " \x1b[2J "):
        with pytest.raises(UsageError, match="needs a reason"):
            decisions.decide(store, tea, [ann], "rejected", "eve", reason)
    assert states(store, tea, [ann]) == ["-"]


def test_whoever_is_in_that_state_already_is_left_alone_and_it_is_said_by_whom(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-06-01T12:00:00+00:00")
    ann, bea, cat = make.people(store, 3)
    tea = make.brief(store)
    decisions.decide(store, tea, [ann], "shortlisted", "dan")
    at = decisions.current(store, tea, [ann])[ann].at
    acted = decisions.decide(store, tea, [ann, bea, 999], "shortlisted", "eve")
    assert acted.changed == [bea]
    assert acted.skipped == [Skipped(999, None, None, None), Skipped(ann, "shortlisted", "dan", at)]
    assert decisions.decide(store, tea, [cat], "undecided", "eve").skipped == [Skipped(cat, "undecided", None, None)]
    decisions.decide(store, tea, [ann], "rejected", "eve", "off topic")
    assert decisions.decide(store, tea, [ann], "rejected", "dan", "off topic").changed == []
    assert decisions.decide(store, tea, [ann], "rejected", "dan", "a competitor's").changed == [ann]


def test_a_decision_is_taken_back_whole_and_names_the_people(store: Store) -> None:
    people = make.people(store, 3)
    tea = make.brief(store)
    decisions.decide(store, tea, people[:1], "contacted", "eve")
    decisions.decide(store, tea, people, "rejected", "eve", "off topic")
    done = changes.last(store, "eve")
    assert done
    assert (done.action, done.people, done.who) == ("decide", 3, "p1")
    changes.undo(store, "eve")
    assert states(store, tea, people) == ["contacted", "-", "-"]
    assert decisions.reasons(store) == []


def test_back_to_undecided_is_a_decision_like_any_other(store: Store) -> None:
    ann, bea = make.people(store, 2)
    tea = make.brief(store)
    decisions.decide(store, tea, [ann], "rejected", "eve", "off topic")
    decisions.decide(store, tea, [ann], "undecided", "eve")
    assert states(store, tea, [ann, bea]) == ["undecided", "-"]
    assert chosen(store, tea, "undecided") == [ann, bea]
    assert chosen(store, tea, "rejected") == []


def test_people_are_counted_and_chosen_by_state(store: Store) -> None:
    people = make.people(store, 6)
    tea = make.brief(store)
    with store.writing() as db:
        db.executemany(
            "INSERT INTO candidate VALUES (?, ?, 1, 50, 1, NULL, NULL, 0, NULL)", [(tea, one) for one in people[:5]]
        )
    decisions.decide(store, tea, people[:3], "shortlisted", "eve")
    decisions.decide(store, tea, people[2:4], "agreed", "eve")
    decisions.decide(store, tea, people[5:], "active", "eve")
    assert decisions.counts(store, tea) == {
        "undecided": 1,
        "shortlisted": 2,
        "rejected": 0,
        "contacted": 0,
        "agreed": 2,
        "active": 1,
    }
    assert chosen(store, tea, "shortlisted", "active") == [people[0], people[1], people[5]]
    assert chosen(store, tea, "undecided", "agreed") == people[2:5]
    with pytest.raises(UsageError, match="no state 'maybe'"):
        decisions.having(tea, ["maybe"])


def test_what_put_somebody_on_a_list_is_taken_back_and_they_are_off_it(store: Store) -> None:
    ann, bea = make.people(store, 2)
    standing.refresh(store)
    tea = make.brief(store, who={"tiers": ["mega"]})
    candidacy.score(store, tea)
    assert CandidateWindow(store, brief_id=tea).count() == 0
    decisions.decide(store, tea, [ann, bea], "shortlisted", "eve")
    assert standing.refresh(store) == 2
    assert list(CandidateWindow(store, brief_id=tea).ids()) == [ann, bea]
    refusals.refuse(store, bea, "asked not to", "eve")
    assert decisions.counts(store, tea)["shortlisted"] == CandidateWindow(store, brief_id=tea).count() == 1
    standing.refresh(store)
    changes.undo(store, "eve")
    changes.undo(store, "eve")
    assert standing.refresh(store) == 2
    assert decisions.counts(store, tea)["shortlisted"] == CandidateWindow(store, brief_id=tea).count() == 0


def test_reasons_given_before_are_offered_the_usual_ones_first(store: Store) -> None:
    people = make.people(store, 5)
    tea = make.brief(store)
    for one, reason in zip(people, ("off topic", "too small", "off topic", "asleep", "off topic")):
        decisions.decide(store, tea, [one], "rejected", "eve", reason)
    decisions.decide(store, tea, [people[0]], "agreed", "eve", "loves tea")
    assert decisions.reasons(store) == ["off topic", "asleep", "too small"]
    assert decisions.reasons(store, 1) == ["off topic"]


def test_nothing_is_decided_for_a_brief_that_is_missing_or_archived(store: Store) -> None:
    (ann,) = make.people(store, 1)
    tea = make.brief(store)
    with pytest.raises(UsageError, match="no brief 9"):
        decisions.decide(store, 9, [ann], "active", "eve")
    with pytest.raises(UsageError, match="no state 'gone'"):
        decisions.decide(store, tea, [ann], "gone", "eve")
    briefs.archive(store, tea, "eve")
    with pytest.raises(UsageError, match="'Tea' is archived"):
        decisions.decide(store, tea, [ann], "active", "eve")


def test_ten_thousand_people_are_one_act(store: Store) -> None:
    people = make.people(store, 10_000)
    tea = make.brief(store)
    statements: list[str] = []
    with store.writing() as db:
        db.set_trace_callback(statements.append)
    assert len(decisions.decide(store, tea, people, "shortlisted", "eve").changed) == 10_000
    assert len(tags.tag(store, people, "new", "eve").changed) == 10_000
    assert len(owners.assign(store, people, "dan", "eve").changed) == 10_000
    with store.writing() as db:
        db.set_trace_callback(None)
    assert len(statements) < 300, "many rows a statement, not one statement a row"
    assert decisions.counts(store, tea)["shortlisted"] == 10_000
    done = changes.last(store, "eve")
    assert done
    assert (done.action, done.people) == ("own", 10_000)
    for _act in range(3):
        changes.undo(store, "eve")
    assert decisions.counts(store, tea)["shortlisted"] == 0
    assert (tags.known(store), owners.known(store)) == ([], [])


def test_whoever_was_merged_away_is_the_person_that_stands_for_them(store: Store) -> None:
    ann, bea = make.people(store, 2)
    tea = make.brief(store)
    merges.merge(store, bea, ann, "eve")
    assert decisions.decide(store, tea, [bea, ann], "active", "eve").changed == [ann]
    assert tags.tag(store, [bea], "new", "eve").changed == [ann]
    assert owners.assign(store, [bea], "dan", "eve").changed == [ann]
    assert (tags.known(store), owners.known(store)) == ([Tag("new", 1)], [Owner("dan", 1)])


# Tags -------------------------------------------------------------------------------------------------------


def test_a_tag_is_put_on_and_taken_off_and_both_are_taken_back(store: Store) -> None:
    ann, bea = make.people(store, 2)
    assert tags.tag(store, [ann, bea], "#newcomer", "eve").name == "newcomer"
    assert tags.tag(store, [ann], "fan", "eve").changed == [ann]
    again = tags.tag(store, [ann, bea], "Newcomer", "eve")
    assert (again.name, again.changed, again.unchanged) == ("newcomer", [], [ann, bea])
    assert tags.of(store, [ann, bea]) == {ann: ("fan", "newcomer"), bea: ("newcomer",)}
    assert tags.known(store) == [Tag("newcomer", 2), Tag("fan", 1)]
    gone = tags.untag(store, [ann, bea], "fan", "eve")
    assert (gone.changed, gone.unchanged) == ([ann], [bea])
    assert tags.of(store, [ann]) == {ann: ("newcomer",)}
    changes.undo(store, "eve")
    assert tags.of(store, [ann]) == {ann: ("fan", "newcomer")}
    tags.untag(store, [bea], "newcomer", "eve")
    tags.tag(store, [bea], "newcomer", "eve")
    changes.undo(store, "eve")
    assert tags.of(store, [bea]) == {}


def test_commas_separate_tags_that_are_put_on_and_taken_off_in_one_act(store: Store) -> None:
    (ann,) = make.people(store, 1)
    assert tags.tag(store, [ann], "newcomer, 新人，fan、newcomer", "eve").name == "newcomer, 新人, fan"
    assert set(tags.of(store, [ann])[ann]) == {"newcomer", "新人", "fan"}
    assert tags.untag(store, [ann], "fan,新人", "eve").changed == [ann]
    assert tags.of(store, [ann]) == {ann: ("newcomer",)}
    changes.undo(store, "eve")
    changes.undo(store, "eve")
    assert tags.of(store, [ann]) == {}


def test_a_tag_has_a_name_and_people_who_are_there(store: Store) -> None:
    (ann,) = make.people(store, 1)
    for name in ("", " # ", "\x1b]0;x\x07"):
        with pytest.raises(UsageError, match="tag is empty"):
            tags.tag(store, [ann], name, "eve")
    for act in (tags.tag, tags.untag):
        with pytest.raises(UsageError, match="no person with the id 99"):
            act(store, [ann, 99], "new", "eve")
    assert tags.tag(store, [ann], "n\x1b[31mew" + "x" * 99, "eve").name == "new" + "x" * 36 + "…"


# Owners -----------------------------------------------------------------------------------------------------


def test_people_are_given_to_an_operator_and_taken_back(store: Store) -> None:
    ann, bea = make.people(store, 2)
    owners.assign(store, [ann], "dan", "eve")
    acted = owners.assign(store, [ann, bea], "dan", "eve")
    assert (acted.changed, acted.unchanged) == ([bea], [ann])
    assert owners.known(store) == [Owner("dan", 2)]
    owners.assign(store, [ann], None, "eve")
    assert owners.of(store, [ann, bea]) == {bea: "dan"}
    done = changes.last(store, "eve")
    assert done
    assert (done.action, done.who) == ("own", "p1")
    changes.undo(store, "eve")
    assert owners.of(store, [ann, bea]) == {ann: "dan", bea: "dan"}


def test_a_colleagues_later_owner_is_not_taken_away(store: Store) -> None:
    (ann,) = make.people(store, 1)
    owners.assign(store, [ann], "dan", "eve")
    owners.assign(store, [ann], "fay", "gus")
    undone = changes.undo(store, "eve")
    assert undone
    assert undone.blocked_by == "gus"
    assert owners.of(store, [ann]) == {ann: "fay"}


def test_an_owner_has_a_name_and_people_who_are_there(store: Store) -> None:
    (ann,) = make.people(store, 1)
    with pytest.raises(UsageError, match="name is empty"):
        owners.assign(store, [ann], " ", "eve")
    with pytest.raises(UsageError, match="no person with the id 99"):
        owners.assign(store, [99], "dan", "eve")
