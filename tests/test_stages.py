"""Stages and grades: promoted at once, demoted on schedule, held by hand; every event kept with its figures."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import standing
from kolbench.domain.clock import DAY, iso
from kolbench.domain.errors import UsageError
from kolbench.domain.rule_sets import parse
from kolbench.programme import stages
from kolbench.store import changes, decisions, ladders, merges, notes, rule_sets

if TYPE_CHECKING:
    from kolbench.store.connect import Store
    from kolbench.store.ladders import Ladder

RULES: dict[str, Any] = {
    "name": "Ours",
    "stages": [
        {"name": "early"},
        {"name": "mid", "enter": ["replies >= 1"], "stay": ["touchpoints <= 3"]},
        {"name": "late", "enter": ["replies >= 2"], "stay": ["touchpoints <= 4"]},
        {"name": "lapsed", "aside": True, "enter": ["days_since_contact >= 60"]},
    ],
    "grades": [
        {"name": "C"},
        {"name": "B", "enter": ["followers >= 1k"], "stay": ["followers >= 900"]},
        {"name": "A", "enter": ["followers >= 10k"], "stay": ["followers >= 9k"]},
    ],
}
DAY_1 = make.ms(151)  # 2026-06-01


@pytest.fixture
def people(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Three people, of whom the first two have agreed; rules in force since June 1st."""
    at(monkeypatch, 0)
    found = make.people(store, 3)
    make.write(store, make.counted("p1", 1, followers=20_000), make.counted("p2", 1, followers=5))
    standing.refresh(store)
    decisions.decide(store, make.brief(store), found[:2], "agreed", "eve")
    rule_sets.save(store, parse(RULES), "eve")
    return found


def at(monkeypatch: pytest.MonkeyPatch, day: float) -> int:
    moment = DAY_1 + int(day * DAY)
    monkeypatch.setenv("KOLBENCH_NOW", iso(moment).replace("Z", "+00:00"))
    return moment


def names(store: Store, ladder: Ladder, people: list[int]) -> list[str]:
    found = ladders.current(store, ladder, people)
    return [found[one].name if one in found else "-" for one in people]


def hows(store: Store, ladder: Ladder, creator_id: int) -> list[str]:
    return [f"{event.how} {event.name}" for event in ladders.history(store, ladder, creator_id)]


def test_only_who_takes_part_is_moved_and_everybody_where_the_rules_say_so(store: Store, people: list[int]) -> None:
    ran = stages.run(store)
    assert ran
    assert ran.moved == {
        ("stage", None, "early"): 2,
        ("grade", None, "A"): 1,
        ("grade", None, "C"): 1,
    }
    assert names(store, "stage", people) == ["early", "early", "-"]
    assert names(store, "grade", people) == ["A", "C", "-"]
    rule_sets.save(store, parse({**RULES, "everybody": True}), "eve")
    stages.run(store)
    assert names(store, "stage", people) == ["early", "early", "early"]
    again = stages.run(store)
    assert again
    assert not again.moved, "asking twice moves nobody twice"


def test_stages_are_gone_through_one_by_one_and_at_once(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = people[0]
    stages.run(store)
    notes.touch(store, ann, "eve", direction="in")
    notes.touch(store, ann, "eve", direction="in")
    at(monkeypatch, 1)
    for expected in ("mid", "late", "late"):
        stages.run(store)
        assert names(store, "stage", [ann]) == [expected]
    event, *_rest = ladders.history(store, "stage", ann)
    assert (event.how, event.version, event.author, event.figures["replies"]) == ("promoted", 1, None, 2)


def test_people_are_demoted_on_schedule_only_and_told_why(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = people[0]
    stages.run(store)
    notes.touch(store, ann, "eve", direction="in")
    stages.run(store)
    for _n in range(3):
        notes.touch(store, ann, "eve")
    at(monkeypatch, 29)
    ran = stages.run(store)
    assert ran
    assert (ran.demoting, names(store, "stage", [ann])) == (False, ["mid"]), "June 30th"
    rules = rule_sets.require(store).rules
    (move,) = stages.moves(store, rules, DAY_1 + 29 * DAY, demote=True)
    assert (move.before, move.after, move.how) == ("mid", "early", "demoted")
    assert stages.why(rules, move) == "touchpoints 4 (not touchpoints <= 3)"
    at(monkeypatch, 30.5)
    ran = stages.run(store)
    assert ran
    assert (ran.demoting, names(store, "stage", [ann])) == (True, ["early"]), "July 1st"
    ran = stages.run(store)
    assert ran
    assert not ran.demoting, "once a month"
    assert names(store, "stage", [ann]) == ["early"], "who would be demoted from it does not enter it"


@pytest.mark.parametrize(
    ("every", "day", "expected"),
    [("day", 1, "2026-06-02"), ("week", 1, "2026-06-08"), ("month", 1, "2026-07-01"), ("quarter", 1, "2026-07-01")],
)
def test_it_is_known_when_people_are_demoted_next(every: str, day: int, expected: str) -> None:
    from kolbench.programme.local import local_day

    found = stages.next_time(parse({"name": "x", "demote_every": every}), DAY_1)
    assert found
    assert local_day(found) == expected
    assert stages.next_time(parse({"name": "x", "demote_every": "never"}), DAY_1) is None


def test_who_is_aside_comes_back_at_once_to_the_first_stage(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = people[0]
    notes.touch(store, ann, "eve", direction="in")
    stages.run(store)
    stages.run(store)
    assert names(store, "stage", [ann]) == ["mid"]
    at(monkeypatch, 61)
    stages.run(store)
    assert names(store, "stage", people) == ["lapsed", "early", "-"], "of the second nothing is known"
    notes.touch(store, ann, "eve")
    stages.run(store)
    assert hows(store, "stage", ann)[:2] == ["returned early", "aside lapsed"]


def test_grades_are_entered_at_the_highest_that_fits_and_fall_to_the_highest_that_holds(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = people[0]
    stages.run(store)
    make.write(store, make.counted("p1", 160, followers=950))
    standing.refresh(store)
    at(monkeypatch, 40)
    stages.run(store)
    assert hows(store, "grade", ann) == ["demoted B", "placed A"]


def test_nobody_is_moved_because_of_what_is_not_known(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 0)
    (ann,) = make.people(store, 1)
    standing.refresh(store)
    decisions.decide(store, make.brief(store), [ann], "agreed", "eve")
    rule_sets.save(store, parse(RULES), "eve")
    stages.run(store)
    ladders.hold(store, "grade", [ann], "A", "eve", "a promise")
    ladders.lift(store, "grade", [ann], "eve", "kept")
    at(monkeypatch, 100)
    stages.run(store)
    assert names(store, "grade", [ann]) == ["A"], "nobody has counted their followers"


# By hand -----------------------------------------------------------------------------------------------------


def test_who_is_held_is_left_there_until_that_is_lifted(
    store: Store, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bea, _cat = people
    stages.run(store)
    assert ladders.hold(store, "grade", [bea], "A", "eve", "their network") == [bea]
    assert ladders.hold(store, "grade", [bea], "A", "dan", "again") == []
    at(monkeypatch, 40)
    make.write(store, make.counted("p2", 170, followers=1_500))
    standing.refresh(store)
    stages.run(store)
    assert names(store, "grade", [bea]) == ["A"]
    assert [event.creator_id for event in ladders.held(store, "grade")] == [bea]
    assert ladders.lift(store, "grade", [ann, bea], "eve", "the network is gone") == [bea]
    assert names(store, "grade", [bea]) == ["A"], "promoted at once, demoted on schedule"
    at(monkeypatch, 70)
    stages.run(store)
    assert hows(store, "grade", bea) == ["demoted B", "lifted A", "held A", "placed C"]
    event = ladders.history(store, "grade", bea)[2]
    assert (event.reason, event.author) == ("their network", "eve")


def test_holding_needs_a_reason_and_a_name_that_is_there(store: Store, people: list[int]) -> None:
    with pytest.raises(UsageError, match="Say why"):
        ladders.hold(store, "stage", people, "mid", "eve", " ")
    with pytest.raises(UsageError, match=r"have no stage 'midd'. Those there are: early, mid, late, lapsed"):
        ladders.hold(store, "stage", people, "midd", "eve", "x")
    with pytest.raises(UsageError, match="no person with the id 99"):
        ladders.hold(store, "stage", [99], "mid", "eve", "x")
    assert names(store, "stage", people) == ["-", "-", "-"]


def test_what_an_operator_did_by_hand_is_taken_back_and_what_was_before_is_in_force(
    store: Store, people: list[int]
) -> None:
    stages.run(store)
    ladders.hold(store, "stage", people[:2], "late", "eve", "old friends")
    done = changes.last(store, "eve")
    assert done
    assert (done.action, done.people) == ("stage", 2)
    assert changes.undo(store, "eve")
    assert names(store, "stage", people) == ["early", "early", "-"]
    assert hows(store, "stage", people[0]) == ["placed early"]
    kept = store.reader().execute("SELECT count(*) FROM stage_event WHERE undone_by = 'eve'").fetchone()
    assert kept == (2,)


def test_events_are_never_changed_or_removed(store: Store, people: list[int]) -> None:
    stages.run(store)
    for query in ("UPDATE {} SET how = 'held'", "DELETE FROM {}", "UPDATE {} SET evidence = '{{}}'"):
        for table in ("stage_event", "grade_event"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.writing() as db:
                db.execute(query.format(table))
    with pytest.raises(sqlite3.IntegrityError, match="never changed"), store.writing() as db:
        db.execute("UPDATE rule_set SET author = 'dan'")


def test_of_people_who_are_one_the_newest_event_is_in_force(store: Store, people: list[int]) -> None:
    ann, bea, _cat = people
    stages.run(store)
    ladders.hold(store, "stage", [bea], "late", "eve", "an old friend")
    number = merges.merge(store, bea, ann, "eve")
    assert names(store, "stage", [ann]) == ["late"]
    merges.undo(store, number, "eve")
    assert names(store, "stage", [ann, bea]) == ["early", "late"]


def test_who_got_another_stage_meanwhile_is_left_alone(store: Store, people: list[int]) -> None:
    rules = rule_sets.require(store).rules
    found = list(stages.moves(store, rules, DAY_1, demote=False))
    ladders.hold(store, "stage", [people[0]], "late", "eve", "quick")
    assert ladders.write(store, found, 1, DAY_1) == len(found) - 1
    assert names(store, "stage", people) == ["late", "early", "-"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["in", "out", "hold", "lift"])), max_size=12))
def test_whatever_happens_people_go_down_only_when_it_is_time(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[int, str]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        store = make.store(tmp_path_factory.mktemp("any"))
        at(patch, 0)
        (ann,) = make.people(store, 1)
        decisions.decide(store, make.brief(store), [ann], "agreed", "eve")
        rule_sets.save(store, parse(RULES), "eve")
        stages.run(store)
        today = 0
        for later, act in days:
            today += later
            at(patch, today)
            if act in ("in", "out"):
                notes.touch(store, ann, "eve", direction=act)
            elif act == "hold":
                ladders.hold(store, "stage", [ann], "mid", "eve", "so")
            else:
                ladders.lift(store, "stage", [ann], "eve", "so")
            before = ladders.current(store, "stage", [ann])[ann]
            ran = stages.run(store)
            assert ran
            after = ladders.current(store, "stage", [ann])[ann]
            if before.how == "held":
                assert after == before
            elif not ran.demoting:
                assert after.how in ("placed", "promoted", "returned", "lifted") or after == before
        store.close()
