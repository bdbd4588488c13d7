"""Merging people and taking merges apart: nothing is lost, in whatever order it is undone."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.analysis import leaderboards, standing
from kolbench.domain.agreements import Terms
from kolbench.domain.errors import UsageError
from kolbench.domain.following import Cause
from kolbench.domain.incentives import Amount
from kolbench.domain.partial_dates import Recurring, Told
from kolbench.domain.records import Contact
from kolbench.domain.rule_sets import parse
from kolbench.domain.settings import Tiers
from kolbench.programme import follow_ups as rules
from kolbench.programme.rule_sets import example
from kolbench.screens import dossier
from kolbench.store import (
    agreements,
    causes,
    changes,
    contacts,
    creators,
    decisions,
    enrolments,
    erasure,
    facts,
    follow_ups,
    incentives,
    ladders,
    life,
    merges,
    needs,
    notes,
    owners,
    proposals,
    refusals,
    rule_sets,
    tags,
    violations,
)
from kolbench.store import leaderboards as kept_leaderboards
from kolbench.store.candidates import CandidateWindow
from kolbench.store.connect import Store
from kolbench.store.leaderboards import Key, Scope, Window
from kolbench.store.proposals import Earned

DERIVED = {
    "stale_creator", "standing", "leaderboard_run", "leaderboard_entry", "unmatched_creator", "likeness_key",
    "candidate",
}  # fmt: skip
TELL_OF_MERGES = {"merge_record", "merge_suggestion", "change_log", "sqlite_sequence", "unasked_creator"}


def tables(store: Store) -> list[str]:
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'creator_terms%'"
    return [row[0] for row in store.reader().execute(query)]


def dump(store: Store, *, derived: bool = False) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the log of what was done; derived tables only when asked for."""
    left_out = TELL_OF_MERGES | (set() if derived else DERIVED)
    return {
        name: sorted(store.reader().execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
        for name in tables(store)
        if name not in left_out
    }


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Four people: three who address each other, and one more."""
    store = make.store(tmp_path)
    make.write(
        store,
        *(make.person(name, contacts=(Contact("email", f"{name}@example.org"),)) for name in ("ann", "ben", "cat")),
        make.person("dan"),
        make.did("thank", "ann", "dan", "tea", 1),
        make.did("thank", "ben", "dan", "tea", 2),
        make.did("reply", "dan", "ben", "tea", 3),
        make.counted("ann", 1, followers=100),
        make.counted("ben", 1, followers=50),
    )
    standing.refresh(store)
    yield store
    store.close()


def ids(store: Store, *names: str) -> list[int]:
    return [make.creator(store, name) for name in names]


def test_every_table_that_points_to_a_creator_is_dealt_with(store: Store) -> None:
    pointing = {
        (table, row[3])
        for table in tables(store)
        for row in store.reader().execute(f'PRAGMA foreign_key_list("{table}")')
        if row[2] == "creator"
    }
    moved = {(table, column) for table in merges.MOVED for column in ("creator_id", "home_id")}
    derived = {("standing", "creator_id"), ("leaderboard_entry", "creator_id"), ("candidate", "creator_id")}
    of_merges = {
        (table, column)
        for table, column in pointing
        if table in ("merge_record", "merge_suggestion") and column in ("creator_id", "into_id", "other_id")
    }
    assert pointing - moved - derived - of_merges == {("erasure", "creator_id")}, "a row of it lives within one erasure"
    assert moved <= pointing
    for table, about in merges.MOVED.items():
        unique = [row[1] for row in store.reader().execute(f'PRAGMA index_list("{table}")') if row[2]]
        columns = [tuple(row[2] for row in store.reader().execute(f'PRAGMA index_info("{index}")')) for index in unique]
        with_creator = [found for found in columns if "creator_id" in found]
        assert with_creator == ([("creator_id", *about.once)] if about.once else []), table


def test_whoever_is_merged_is_one_row_with_all_accounts(store: Store) -> None:
    ann, ben, dan = ids(store, "ann", "ben", "dan")
    assert next(standing.standings(store.reader(), [dan], Tiers())).measures["voice"].figure == 2
    merges.merge(store, ben, ann, "me")
    standing.refresh(store)
    assert [account.uid for account in creators.accounts(store, ann)] == ["ann", "ben"]
    assert {row.name for row in CandidateWindow(store).rows(0, 9)} == {"ann", "cat", "dan"}
    found = standing.explain(store, ann)
    assert found
    assert (len(found.accounts), found.followers) == (2, 150)
    assert store.reader().execute("SELECT voice FROM standing WHERE creator_id = ?", (dan,)).fetchone() == (1,)
    assert creators.find(store, str(ben)) == ann


def test_a_merge_says_who_did_it_when_and_why_also_when_it_is_undone(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    number = merges.merge(store, ben, ann, "me", [{"rule": "email", "values": ["x@example.org", "x@example.org"]}])
    merges.undo(store, number, "you")
    (found,) = merges.of(store, ann)
    assert (found.creator_id, found.name, found.into_id, found.author, found.undone_by) == (
        ben,
        "ben",
        ann,
        "me",
        "you",
    )
    assert found.evidence[0]["rule"] == "email"
    assert found.undone_at
    assert merges.of(store, ben) == [found]


def test_what_is_there_twice_is_there_once_and_comes_back_twice(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    make.write(store, make.person("ben", contacts=(Contact("email", "ann@example.org"),)))
    with store.writing() as db:
        db.execute(
            "UPDATE contact_point SET do_not_contact = 'asked us' WHERE creator_id = ? AND value LIKE 'ann%'", (ben,)
        )
    cause = [Cause(one, "first", {}, make.ms()) for one in (ann, ben)]
    causes.apply(store, "first-contact", cause, make.ms())
    mine = {row.creator_id: row.follow_up_id for row in follow_ups.rows(store, None, make.ms(9), 0, 9)}
    follow_ups.done(store, [mine[ben]], "me")
    before = dump(store)
    number = merges.merge(store, ben, ann, "me")
    kept = store.reader().execute("SELECT value, do_not_contact FROM contact_point WHERE creator_id = ?", (ann,))
    assert sorted(kept) == [("ann@example.org", "asked us"), ("ben@example.org", None)], "a no weighs more than a yes"
    assert [(row.follow_up_id, row.state) for row in follow_ups.about(store, ann)] == [(mine[ben], "done")]
    assert follow_ups.rows(store, None, make.ms(9), 0, 9) == [], "what is out of force is in no queue"
    rules_found = causes.apply(store, "first-contact", [], make.ms(1))
    assert (rules_found.resolved, rules_found.kept) == (0, 0)
    merges.undo(store, number, "me")
    assert dump(store) == before


def test_what_was_said_last_of_a_tag_is_in_force(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, ben, cat = ids(store, "ann", "ben", "cat")
    for minute, do in enumerate(
        (
            lambda: tags.tag(store, [ann, ben], "tea", "me"),
            lambda: merges.merge(store, ben, ann, "me"),
            lambda: tags.untag(store, [ben], "tea", "me"),
            lambda: merges.merge(store, cat, ann, "me"),
        )
    ):
        monkeypatch.setenv("KOLBENCH_NOW", f"2026-06-01T12:{minute:02}:00+00:00")
        do()
    assert (tags.of(store, [ann]), tags.known(store)) == ({}, [])
    for merge in merges.of(store, ann):
        merges.undo(store, merge.id, "me")
    assert tags.of(store, [ann, ben, cat]) == {ben: ("tea",)}


def test_what_was_written_last_of_a_field_or_a_need_is_in_force(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, ben = ids(store, "ann", "ben")
    for minute, (who, personality) in enumerate(((ben, "shy"), (ann, "warm"))):
        monkeypatch.setenv("KOLBENCH_NOW", f"2026-06-01T12:{minute:02}:00+00:00")
        facts.edit(store, who, {"personality": personality}, "me")
        needs.write(store, who, "brand", "me", strength=3 - minute)
    before = dump(store)
    number = merges.merge(store, ben, ann, "me")
    assert [fact.value for fact in facts.of(store, ann)] == ["warm"]
    assert [need.strength for need in needs.of(store, ann)] == [2]
    merges.undo(store, number, "me")
    assert dump(store) == before


def test_who_wants_no_contact_wants_none_as_a_part_of_somebody_either(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    refusals.refuse(store, ben, "asked us", "me")
    number = merges.merge(store, ben, ann, "me")
    assert refusals.against(store, ann, "email", make.ms()) is not None
    merges.undo(store, number, "me")
    assert refusals.against(store, ann, "email", make.ms()) is None


def test_decisions_on_each_part_are_those_on_the_whole_the_newest_in_force(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    brief_id = make.brief(store)
    decisions.decide(store, brief_id, [ann], "shortlisted", "me")
    decisions.decide(store, brief_id, [ben], "rejected", "you", "off topic")
    number = merges.merge(store, ben, ann, "me")
    assert decisions.current(store, brief_id, [ann])[ann].state == "rejected"
    assert [event.state for event in decisions.history(store, ann)] == ["rejected", "shortlisted"]
    merges.undo(store, number, "me")
    states = {one: decision.state for one, decision in decisions.current(store, brief_id, [ann, ben]).items()}
    assert states == {ann: "shortlisted", ben: "rejected"}


def test_who_looks_after_one_part_looks_after_the_whole_unless_somebody_does_already(store: Store) -> None:
    ann, ben, cat = ids(store, "ann", "ben", "cat")
    owners.assign(store, [ben], "eve", "me")
    owners.assign(store, [cat], "dan", "me")
    first = merges.merge(store, ben, ann, "me")
    assert owners.of(store, [ann]) == {ann: "eve"}
    second = merges.merge(store, cat, ann, "me")
    assert owners.of(store, [ann]) == {ann: "eve"}
    merges.undo(store, first, "me")
    assert owners.of(store, [ann, ben]) == {ben: "eve"}
    first = merges.merge(store, ben, ann, "me")
    owners.assign(store, [ann], "fay", "me")
    merges.undo(store, first, "me")
    merges.undo(store, second, "me")
    assert owners.of(store, [ann, ben, cat]) == {ann: "fay", ben: "eve", cat: "dan"}, "what came since stays"


def test_new_data_follows_its_account_and_what_was_written_since_stays(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    number = merges.merge(store, ben, ann, "me")
    notes.note(store, ann, "written on both", "me")
    notes.note(store, ben, "by a screen that was open still", "me")
    make.write(store, make.person("ben", name="Benjamin", contacts=(Contact("phone", "123"),)), day=5)
    make.write(store, make.posted("ben", 6, title="new"))
    assert make.creator(store, "ben") == ann, "a sync leaves merges as they are"
    assert [note.text for note in notes.notes(store, ann)] == ["by a screen that was open still", "written on both"]
    merges.undo(store, number, "me")
    assert len(notes.notes(store, ann)) == 2
    assert [post.title for post in creators.posts(store, ben)] == ["new"]
    assert [post.title for post in creators.posts(store, ann)] == []
    contacts = store.reader().execute("SELECT creator_id FROM contact_point WHERE channel = 'phone'").fetchall()
    assert contacts == [(ben,)]


def test_a_merge_makes_leaderboards_outdated(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    key = Key(Scope("community", make.community(store, "tea")), "thanks", Window(make.ms(0), make.ms(9)))
    leaderboards.compute(store, key)
    run = kept_leaderboards.latest(store, key)
    assert run
    assert (run.people, run.outdated) == (1, False)
    merges.merge(store, ben, ann, "me")
    run = kept_leaderboards.latest(store, key)
    assert run
    assert run.outdated


def test_the_file_of_who_was_merged_away_is_that_of_the_whole(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    merges.merge(store, ben, ann, "me")
    found = dossier.load(store, ben)
    assert (found.creator_id, found.name, len(found.accounts)) == (ann, "ann", 2)


def test_undo_takes_back_a_merge_as_it_does_any_act(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    before = dump(store)
    merges.merge(store, ben, ann, "me")
    act = changes.last(store, "me")
    assert act
    assert (act.action, act.who, act.people) == ("merge", "ben", 1)
    undone = changes.undo(store, "me")
    assert undone
    assert undone.blocked_by is None
    assert dump(store) == before
    assert changes.undo(store, "me") is None


def test_what_cannot_be_merged_or_undone_is_said(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    with pytest.raises(UsageError, match="one person already"):
        merges.merge(store, ann, ann, "me")
    with pytest.raises(UsageError, match="no person with the id 99"):
        merges.merge(store, ann, 99, "me")
    number = merges.merge(store, ben, ann, "me")
    with pytest.raises(UsageError, match="one person already"):
        merges.merge(store, ann, ben, "me")
    merges.undo(store, number, "me")
    with pytest.raises(UsageError, match="undone already"):
        merges.undo(store, number, "me")
    with pytest.raises(UsageError, match="no merge 77"):
        merges.undo(store, 77, "me")


def test_the_numbers_after_an_undo_are_those_of_before(store: Store) -> None:
    ann, ben = ids(store, "ann", "ben")
    before = dump(store, derived=True)
    number = merges.merge(store, ben, ann, "me")
    standing.refresh(store)
    merges.undo(store, number, "me")
    standing.refresh(store)
    after = dump(store, derived=True)
    for name in ("unmatched_creator", "likeness_key"):
        before.pop(name), after.pop(name)
    assert after == before


def test_erasing_a_merged_person_leaves_nothing_of_any_part_or_of_the_merge(store: Store, tmp_path: Path) -> None:
    ann, ben, cat = ids(store, "ann", "ben", "cat")
    notes.note(store, ben, "secret-of-ben", "me")
    make.write(store, make.person("ben", contacts=(Contact("email", "ann@example.org"),)))
    first = merges.merge(store, ben, ann, "me", [{"rule": "email", "values": ["ann@example.org"]}])
    merges.undo(store, first, "me")
    merges.merge(store, ben, ann, "me", [{"rule": "email", "values": ["ann@example.org"]}])
    merges.merge(store, ann, cat, "me", [{"rule": "phone", "values": ["secret-number"]}])
    rules.evaluate(store)
    person = erasure.find(store, str(ben))
    assert person.id == cat
    assert erasure.find(store, "ann").id == cat
    assert erasure.erase(store, person).scrubbed
    data = b"".join(file.read_bytes() for file in tmp_path.glob("kolbench.db*"))
    for trace in (b"secret-of-ben", b"secret-number", b"@example.org"):
        assert trace not in data
    assert store.reader().execute("PRAGMA foreign_key_check").fetchall() == []
    standing.refresh(store)
    assert [row.name for row in CandidateWindow(store).rows(0, 9)] == ["dan"]


# Any store, any merges, undone in any order --------------------------------------------------------------------

NAMES = ("ann", "ben", "cat", "dan", "eve")
WORK = st.lists(
    st.one_of(
        st.tuples(st.just("note"), st.integers(0, 4)),
        st.tuples(st.just("touch"), st.integers(0, 4)),
        st.tuples(st.just("contact"), st.integers(0, 4), st.integers(0, 2), st.sampled_from(["given", "refused"])),
        st.tuples(st.just("follow_up"), st.integers(0, 4), st.integers(0, 1), st.sampled_from(["open", "done"])),
        st.tuples(st.just("tag"), st.integers(0, 4), st.sampled_from(["tea", "new"])),
        st.tuples(st.just("untag"), st.integers(0, 4), st.sampled_from(["tea", "new"])),
        st.tuples(st.just("decide"), st.integers(0, 4), st.sampled_from(["shortlisted", "agreed", "undecided"])),
        st.tuples(st.just("assign"), st.integers(0, 4), st.sampled_from(["eve", "dan"])),
        st.tuples(st.just("bot"), st.integers(0, 4)),
        st.tuples(st.just("fact"), st.integers(0, 4), st.sampled_from(["warm", "shy", ""])),
        st.tuples(st.just("need"), st.integers(0, 4), st.sampled_from(["money", "brand"])),
        st.tuples(st.just("unneed"), st.integers(0, 4), st.sampled_from(["money", "brand"])),
        st.tuples(st.just("date"), st.integers(0, 4)),
        st.tuples(st.just("event"), st.integers(0, 4)),
        st.tuples(st.just("link"), st.integers(0, 4)),
        st.tuples(st.just("reach"), st.integers(0, 4), st.integers(0, 2)),
        st.tuples(st.just("refuse"), st.integers(0, 4), st.sampled_from(["all", "email"])),
        st.tuples(st.just("lift"), st.integers(0, 4), st.sampled_from(["all", "email"])),
        st.tuples(st.just("stage"), st.integers(0, 4), st.sampled_from(["early", "mid"])),
        st.tuples(st.just("grade"), st.integers(0, 4), st.sampled_from(["B", "C"])),
        st.tuples(st.just("acknowledge"), st.integers(0, 4)),
        st.tuples(st.just("violation"), st.integers(0, 4), st.booleans()),
        st.tuples(st.just("agree"), st.integers(0, 4)),
        st.tuples(st.just("earn"), st.integers(0, 4), st.booleans()),
        st.tuples(st.just("enrol"), st.integers(0, 4)),
    ),
    max_size=20,
)
MERGES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=7)


def fill(store: Store, work: list[tuple[Any, ...]]) -> list[int]:
    talk = [make.did("thank", one, other, "tea", day) for day, (one, other) in enumerate(pairwise(NAMES))]
    make.write(store, *(make.person(name, is_bot=("bot", n) in work) for n, name in enumerate(NAMES)), *talk)
    people = ids(store, *NAMES)
    brief_id = make.brief(store)
    sop = make.sequence(store, "email", "phone")
    rule_sets.save(store, parse(tomllib.loads(example())), "me")
    for kind, who, *more in work:
        creator_id = people[who]
        if kind == "note":
            notes.note(store, creator_id, f"note {who}", "me")
        elif kind == "touch":
            notes.touch(store, creator_id, "me", channel="email")
        elif kind == "tag":
            tags.tag(store, [creator_id], more[0], "me")
        elif kind == "untag":
            tags.untag(store, [creator_id], more[0], "me")
        elif kind == "decide":
            decisions.decide(store, brief_id, [creator_id], more[0], "me")
        elif kind == "assign":
            owners.assign(store, [creator_id], more[0], "me")
        elif kind == "fact":
            facts.edit(store, creator_id, {"personality": more[0]}, "me")
        elif kind == "need":
            needs.write(store, creator_id, more[0], "me")
        elif kind == "unneed":
            if more[0] in [need.kind for need in needs.of(store, creator_id)]:
                needs.remove(store, creator_id, more[0], "me")
        elif kind == "date":
            life.add_date(store, creator_id, "birthday", Recurring(5, 4), "me")
        elif kind == "event":
            life.add_event(store, creator_id, "moved house", Told(2026), "me")
        elif kind == "link":
            life.attach(store, creator_id, "https://example.org", "me")
        elif kind == "reach":
            contacts.add(store, creator_id, "email", f"{more[0]}@example.org", "me")
        elif kind == "refuse":
            refusals.refuse(store, creator_id, "asked us", "me", scope=more[0])
        elif kind == "enrol":
            enrolments.enrol(store, sop, [creator_id], "me")
        elif kind == "earn":
            entry = incentives.grant(store, creator_id, "points", Amount(5, "points"), "me")
            if more[0]:
                incentives.reverse(store, entry.id, "me")
            earned = [Earned(creator_id, "medal", Amount(1, "piece"), 1, None)]
            proposals.propose(store, "any", "2026-05", "{}", earned, "me")
        elif kind == "agree":
            agreement_id = agreements.new(store, creator_id, Terms("films", "a share"), "me")
            agreements.owe(store, agreement_id, "a film", "me")
            agreements.move(store, agreement_id, "signed", "me")
        elif kind == "lift":
            refusals.lift(store, creator_id, "me", scope=more[0])
        elif kind in ("stage", "grade"):
            ladders.hold(store, kind, [creator_id], more[0], "me", "so")
        elif kind == "acknowledge":
            rule_sets.acknowledge(store, [creator_id], "email", "me")
        elif kind == "violation":
            number = violations.add(store, creator_id, "spam", "an advert", "a picture", 0, "me")
            if more[0]:
                violations.sanction(store, number, "me")
        elif kind == "contact":
            with store.writing() as db:
                db.execute(
                    "INSERT INTO contact_point (creator_id, channel, value, consent, run_id)"
                    " VALUES (?, 'email', ?, ?, 1)"
                    " ON CONFLICT DO UPDATE SET consent = excluded.consent",
                    (creator_id, f"{more[0]}@example.org", more[1]),
                )
        elif kind == "follow_up":
            with store.writing() as db:
                db.execute(
                    "INSERT INTO follow_up (creator_id, rule, cause, evidence, due_at, state, created_at)"
                    " VALUES (?, 'any', ?, '{}', 0, ?, 0) ON CONFLICT DO NOTHING",
                    (creator_id, str(more[0]), more[1]),
                )
    standing.rebuild(store)
    return people


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(work=WORK, pairs=MERGES, data=st.data())
def test_merges_undone_in_any_order_give_back_an_identical_store(
    work: list[tuple[Any, ...]], pairs: list[tuple[int, int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        people = fill(store, work)
        before, numbers = dump(store, derived=True), []
        db = store.reader()
        for one, other in pairs:
            if merges.root(db, people[one]) != merges.root(db, people[other]):
                numbers.append(merges.merge(store, people[one], people[other], "me"))
            elif numbers and data.draw(st.booleans()):
                merges.undo(store, numbers.pop(data.draw(st.integers(0, len(numbers) - 1))), "me")
            check(store, people, before)
        for number in data.draw(st.permutations(numbers)):
            merges.undo(store, number, "me")
            check(store, people, before)
        assert dump(store) == {name: rows for name, rows in before.items() if name not in DERIVED}
        standing.rebuild(store)
        assert dump(store, derived=True) == before
        store.close()


def check(store: Store, people: list[int], before: dict[str, list[tuple[Any, ...]]]) -> None:
    """At every moment: no row is lost or made, and whoever was merged away has nothing that is in force twice."""
    db = store.reader()
    for table, moved in merges.MOVED.items():
        assert len(db.execute(f"SELECT id FROM {table}").fetchall()) == len(before[table]), table
        rows = db.execute(
            f"SELECT creator_id, coalesce(home_id, creator_id), home_id = creator_id FROM {table}"
        ).fetchall()
        for at, home, wrong in rows:
            assert not wrong
            stands = merges.root(db, home)
            assert at == stands or moved.once, "out of force can only be what is there twice"
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    for creator_id in people:
        if merges.root(db, creator_id) != creator_id:
            assert creators.accounts(store, creator_id) == []
