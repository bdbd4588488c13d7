"""A person who is erased is gone from the file, byte for byte, and does not come back; all others stay."""

from __future__ import annotations

import shutil
import sqlite3
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import campaigning
import make
from kolbench.analysis import leaderboards as ranking
from kolbench.analysis import standing
from kolbench.domain.agreements import Terms
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.incentives import Amount
from kolbench.domain.partial_dates import Recurring, Told
from kolbench.domain.records import (
    CommunityRecord,
    Contact,
    FollowRecord,
    MembershipRecord,
    Record,
)
from kolbench.domain.rule_sets import parse
from kolbench.programme import follow_ups as rules
from kolbench.programme import settling
from kolbench.programme.rule_sets import example
from kolbench.store import (
    agreements,
    changes,
    commissions,
    contacts,
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
    raw,
    refusals,
    rule_sets,
    runs,
    sources,
    tags,
    templates,
    violations,
    writer,
)
from kolbench.store.candidates import CandidateWindow
from kolbench.store.filters import Filter
from kolbench.store.proposals import Earned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands import Commands
    from kolbench.store.connect import Store

TRACES = (b"quillfeather", b"Quill", "羽毛笔".encode(), b"q-4711", b"oldquill", b"inkwell")
"""What is written of nobody else."""


def told() -> list[Record]:
    """Everything a platform may tell of the person, and of others who have to do with them."""
    return [
        make.person(
            "q-4711",
            handle="oldquill",
            name="Quill 羽毛笔",
            bio="inkwell and paper",
            url="https://example.org/quillfeather",
            contacts=(Contact("email", "quillfeather@example.org"),),
            metrics={"followers": 5_000},
            observed_at=make.moment(0),
        ),
        make.person("q-4711", handle="quillfeather", name="Quill 羽毛笔", observed_at=make.moment(1)),
        make.person("ann", metrics={"followers": 70}),
        make.counted("q-4711", 2, followers=5_100),
        make.posted("q-4711", 2, title="inkwell for sale", likes=4),
        make.posted("ann", 2, title="tea", likes=5),
        FollowRecord(follower_uid="ann", account_uid="q-4711"),
        FollowRecord(follower_uid="q-4711", account_uid="ann"),
        CommunityRecord(uid="tea", name="Tea"),
        MembershipRecord(community_uid="tea", account_uid="q-4711", role="inkwell master"),
        make.said("ann", "tea", 2, "hello all"),
        make.said("q-4711", "tea", 2, "inkwell thanks"),
        make.did("thank", "q-4711", "ann", "tea", 2),
        make.did("reply", "ann", "q-4711", "tea", 2),
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in which an operator has worked with the person."""
    store = make.store(tmp_path)
    make.write(store, *told(), day=2)
    standing.refresh(store)
    quill, ann = make.creator(store, "q-4711"), make.creator(store, "ann")
    notes.note(store, quill, "likes inkwell", "me")
    notes.note(store, ann, "likes tea", "me")
    notes.note(store, quill, "a slip about inkwell", "me")
    changes.undo(store, "me")
    brief_id = make.brief(store, like=[("demo:quillfeather", quill), ("ann", ann)])
    decisions.decide(store, brief_id, [quill], "rejected", "me", "inkwell is off topic")
    tags.tag(store, [quill], "inkwell lover", "me")
    tags.untag(store, [quill], "inkwell lover", "me")
    tags.tag(store, [quill], "Quill fan", "me")
    owners.assign(store, [quill], "Quill's cousin", "me")
    write_file(store, quill)
    work_by_the_rules(store, quill)
    with store.writing() as db:
        db.execute("INSERT INTO candidate VALUES (?, ?, 1, 50, 1, NULL, NULL, 0, ?)", (brief_id, quill, '["inkwell"]'))
    rules.evaluate(store)
    mine = [row[0] for row in store.reader().execute("SELECT id FROM follow_up WHERE creator_id = ?", (quill,))]
    follow_ups.done(store, mine, "me", outcome="inkwell agreed", channel="email")
    ranking.compute(store, ranking_key(store))
    yield store
    store.close()


def work_by_the_rules(store: Store, quill: int) -> None:
    """Every kind of entry that the rules of the programme make of a person, with one that was undone of each."""
    rule_sets.save(store, parse(tomllib.loads(example())), "me")
    for ladder, name in (("stage", "mid"), ("grade", "B")):
        ladders.hold(store, ladder, [quill], name, "me", "an inkwell of ideas")
        ladders.hold(store, ladder, [quill], "early" if ladder == "stage" else "C", "me", "too much inkwell")
        changes.undo(store, "me")
    rule_sets.acknowledge(store, [quill], "inkwell post", "me")
    number = violations.add(store, quill, "spam", "inkwell adverts", "quillfeather.example.org", make.ms(), "me")
    violations.exempt(store, number, "Quill is new", "me")
    violations.sanction(store, number, "me", reason="no, inkwell again")
    changes.undo(store, "me")
    gone = violations.add(store, quill, "label", "no label on inkwell", "a picture", make.ms(), "me")
    violations.withdraw(store, gone, "inkwell was labelled", "me")


def write_file(store: Store, quill: int) -> None:
    """Every kind of entry of a file, with one that was removed or undone of each."""
    facts.edit(store, quill, {"personality": "mad about inkwell", "resources": "an inkwell factory"}, "me")
    facts.edit(store, quill, {"resources": ""}, "me")
    needs.write(store, quill, "brand", "me", detail="to be the inkwell queen")
    needs.write(store, quill, "money", "me", detail="inkwell costs")
    changes.undo(store, "me")
    kept = life.add_date(store, quill, "inkwell day", Recurring(5, 4), "me")
    life.edit_date(store, quill, kept, "me", title="Quill's day", was=None)
    life.add_event(store, quill, "opened an inkwell shop", Told(2026, 1), "me")
    event = life.add_event(store, quill, "closed an inkwell shop", Told(2026, 2), "me")
    life.remove(store, "life_event", quill, event, "me")
    life.attach(store, quill, "https://example.org/inkwell", "me", "Quill at work")
    point = contacts.add(store, quill, "wechat", "quillfeather", "me")
    contacts.consent(store, quill, point, "withdrawn", "me")
    contacts.correct(store, quill, point, "inkwell99", "me")
    refusals.refuse(store, quill, "tired of inkwell", "me", scope="wechat")
    refusals.lift(store, quill, "me", scope="wechat")
    write_agreement(store, quill)
    incentives.grant(store, quill, "cash", Amount(500, "CNY"), "me", reason="an inkwell", key="quillfeather 1")
    incentives.grant(store, quill, "points", Amount(5, "points"), "me", reason="another inkwell")
    changes.undo(store, "me")
    proposals.propose(store, "any", "2026-05", "{}", [Earned(quill, "medal", Amount(1, "piece"), 1, None)], "me")
    write_sequence(store, quill)


def write_sequence(store: Store, quill: int) -> None:
    """A sequence that has come some way, with a script that names the person, and one that was undone."""
    templates.add(store, "hello", "Hi {{ name }}", "en", "me")
    (one,) = enrolments.enrol(store, make.sequence(store, "wechat", "email", template="hello"), [quill], "me").ids
    enrolments.pause(store, [one], "me", reason="inkwell day")
    enrolments.resume(store, [one], "me")
    notes.touch(store, quill, "me", channel="wechat")
    enrolments.stop(store, [one], "me", "tired of Quill")
    changes.undo(store, "me")


def write_agreement(store: Store, quill: int) -> None:
    """An agreement with every kind of row that hangs on it, some of them undone."""
    one = agreements.new(store, quill, Terms("an inkwell", "fame", "inkwell shops", notes="Quill asked"), "me")
    agreements.add_version(store, one, "me", gets="inkwell fame")
    agreements.add_version(store, one, "me", gets="no inkwell at all")
    changes.undo(store, "me")
    agreements.move(store, one, "signed", "me", reason="Quill is glad")
    agreements.move(store, one, "ended", "me", reason="inkwell is empty")
    changes.undo(store, "me")
    film = agreements.owe(store, one, "film of an inkwell", "me", "2026-06-01")
    agreements.deliver(store, film, "2026-06-01", "me", "https://example.org/quillfeather/inkwell")
    agreements.owe(store, one, "another inkwell", "me")
    changes.undo(store, "me")


def ranking_key(store: Store) -> object:
    from kolbench.store.leaderboards import Key, Scope

    where = Scope("community", make.community(store, "tea"))
    metric = ranking.default_metric(store, where)
    window = ranking.default_window(store, where, metric)
    assert window
    return Key(where, metric, window)


def found_in(folder: Path) -> set[bytes]:
    """The traces that stand in any of the store's files, the write-ahead log included."""
    data = b"".join(file.read_bytes() for file in folder.glob("kolbench.db*"))
    return {trace for trace in TRACES if trace in data}


def test_nothing_of_the_person_is_left_in_the_file(store: Store, tmp_path: Path) -> None:
    assert found_in(tmp_path) == set(TRACES), "else this test finds nothing anyway"
    erased = erasure.erase(store, erasure.find(store, "quillfeather"))
    assert erased.scrubbed
    assert erased.rows > 10
    assert found_in(tmp_path) == set()


def test_a_contact_that_rests_on_what_is_theirs_stays_with_whoever_it_was_with(tmp_path: Path) -> None:
    store = make.store(tmp_path)
    ann, ben = make.people(store, 2)
    standing.refresh(store)
    enrolments.enrol(store, make.sequence(store, "email"), [ann], "me")
    rules.evaluate(store)
    number = merges.merge(store, ann, ben, "me")
    (step,) = [row.follow_up_id for row in rules.about(store, ben) if row.rule == "sequence-step"]
    follow_ups.done(store, [step], "me")
    merges.undo(store, number, "me")
    erasure.erase(store, erasure.find(store, str(ann)))
    assert [(one.channel, one.follow_up_id) for one in notes.touchpoints(store, ben)] == [("email", None)]
    store.close()


def test_everybody_else_stays_as_they_were(store: Store, tmp_path: Path) -> None:
    erasure.erase(store, erasure.find(store, "quillfeather"))
    standing.refresh(store)
    db = store.reader()
    assert [row.name for row in CandidateWindow(store).rows(0, 9)] == ["ann"]
    assert CandidateWindow(store, shown=Filter(text="tea")).count() == 0
    assert CandidateWindow(store, shown=Filter(text="ann")).count() == 1
    ann = make.creator(store, "ann")
    assert [note.text for note in notes.notes(store, ann)] == ["likes tea"]
    for table, left in (("post", 1), ("message", 1), ("activity", 0), ("follow_edge", 0), ("membership", 1)):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (left,), table
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("SELECT voice FROM standing").fetchone() in ((0,), (None,)), "nobody addresses ann any more"


def test_they_do_not_come_back_by_any_of_their_records(store: Store, tmp_path: Path) -> None:
    erasure.erase(store, erasure.find(store, "quillfeather"))
    written = make.write(store, *told(), make.said("q-4711", "tea", 9, "inkwell again"), day=9)
    assert found_in(tmp_path) == set()
    assert written.refused == []
    (accounts,) = store.reader().execute("SELECT count(*) FROM account").fetchone()
    assert accounts == 1


def test_they_do_not_come_back_where_only_their_handle_is_told(store: Store, tmp_path: Path) -> None:
    erasure.erase(store, erasure.find(store, "quillfeather"))
    make.write(store, *(make.said(handle_ref(handle), "tea", 9, "inkwell") for handle in ("@QuillFeather", "oldquill")))
    assert found_in(tmp_path) == set()


def test_whoever_takes_over_their_handle_is_somebody_else(store: Store) -> None:
    erasure.erase(store, erasure.find(store, "quillfeather"))
    make.write(store, make.person("another", handle="quillfeather"))
    assert make.creator(store, "another")


def test_who_was_known_by_a_handle_only_does_not_come_back_with_an_id(store: Store) -> None:
    make.write(store, make.person(handle_ref("mira"), handle=None, name="Mira"))
    erasure.erase(store, erasure.find(store, "Mira"))
    make.write(store, make.person("77", handle="Mira"))
    assert store.reader().execute("SELECT count(*) FROM account WHERE uid = '77'").fetchone() == (0,)


def test_the_same_id_on_another_platform_is_somebody_else(store: Store) -> None:
    erasure.erase(store, erasure.find(store, "quillfeather"))
    elsewhere = sources.add(store, "elsewhere", "demo", "weibo", {})
    make.write(store, make.person("q-4711"), origin=elsewhere)
    assert make.creator(store, "q-4711", "weibo")


def test_what_is_kept_of_them_is_a_keyed_hash_that_differs_from_store_to_store(store: Store, tmp_path: Path) -> None:
    other = make.store(tmp_path, "other.db")
    make.write(other, *told(), day=2)
    marks = []
    for one in (store, other):
        erasure.erase(one, erasure.find(one, "q-4711"))
        marks.append({row[0] for row in one.reader().execute("SELECT mark FROM erased")})
    other.close()
    assert len(marks[0]) == len(marks[1]) == 3, "the id and two handles"
    assert marks[0].isdisjoint(marks[1])


def test_cursors_errors_and_removed_sources_forget_them_and_others_are_named(store: Store, tmp_path: Path) -> None:
    lists = {"accounts": "ann, @QuillFeather"}
    kept = sources.add(store, "kept", "demo", "demo", lists)
    sources.remove(store, sources.add(store, "removed", "demo", "demo", lists))
    run = runs.start(store, kept, "sync")
    for target in ("quillfeather", "quillfeathers", "@quillfeather following", "ann"):
        writer.write_page(store, run, "followers", [], "7", make.ms(), target)
    runs.finish(store, run, "failed", "followers of quillfeather: gone")
    erased = erasure.erase(store, erasure.find(store, "q-4711"))
    assert erased.sources == ("kept",)
    left = store.reader().execute("SELECT target FROM checkpoint ORDER BY 1").fetchall()
    assert left == [("ann",), ("quillfeathers",)]
    assert store.reader().execute("SELECT error FROM run WHERE id = ?", (run.id,)).fetchone() == ("***",)
    sources.change(store, kept, {"accounts": "ann"})
    with store.writing() as db:
        db.execute("DELETE FROM checkpoint")
    store.scrub()
    assert found_in(tmp_path) == set()


def test_answers_kept_word_for_word_go_with_them_but_not_those_of_other_platforms(store: Store) -> None:
    for name, platform in (("raw", "demo"), ("elsewhere", "weibo")):
        run = runs.start(store, sources.add(store, name, "demo", platform, {}), "sync")
        raw.keep(store, run, "profiles", "", "https://example.org/people", b'{"handle": "quillfeather"}')
        runs.finish(store, run, "done")
    erasure.erase(store, erasure.find(store, "q-4711"))
    left = store.reader().execute(
        "SELECT source.name FROM raw_answer JOIN run ON run.id = run_id JOIN source ON source.id = source_id"
    )
    assert left.fetchall() == [("elsewhere",)]


def test_a_reader_that_holds_on_is_told_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolbench.store.connect.WRITER_PATIENCE_S", 0.1)
    store.close()
    holding = sqlite3.connect(store.path)
    holding.execute("BEGIN")
    holding.execute("SELECT count(*) FROM account").fetchone()
    erased = erasure.erase(store, erasure.find(store, "q-4711"))
    assert not erased.scrubbed
    holding.close()
    assert store.scrub()


@pytest.mark.parametrize("text", ["nobody", "quill", "", "0", "-1", "99999999999999999999"])
def test_nobody_is_erased_by_a_guess(store: Store, text: str) -> None:
    with pytest.raises(UsageError, match="Nobody"):
        erasure.find(store, text)


def test_of_several_with_one_name_the_id_is_asked_for(store: Store) -> None:
    make.write(store, make.person("x1", name="Twin"), make.person("x2", name="Twin"))
    ids = sorted((make.creator(store, "x1"), make.creator(store, "x2")))
    with pytest.raises(UsageError, match=rf"by the id \({ids[0]}, {ids[1]}\)"):
        erasure.find(store, "Twin")
    assert erasure.find(store, str(ids[1])).accounts == (("demo", "x2"),)


# The command ------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(store: Store, kolbench: Commands) -> Commands:
    """Commands on that store."""
    store.close()
    return kolbench


def test_the_command_asks_first(kept: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran = kept("forget", "quillfeather")
    assert (ran.code, ran.out) == (2, "")
    assert "demo quillfeather) would be erased for good. Add --yes" in ran.err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: "")
    ran = kept("forget", "quillfeather")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "Nothing was changed.")
    assert "with 1 posts, 1 messages and 1 notes." in ran.out
    assert found_in(tmp_path) == set(TRACES)
    monkeypatch.setattr("builtins.input", lambda prompt: "y")
    ran = kept("forget", "quillfeather")
    assert ran.code == 0
    assert "Backups, exports and reports of rejected rows that were made earlier still hold them" in ran.out
    assert found_in(tmp_path) == set()


def test_traces_that_had_to_stay_go_when_it_is_run_again(
    kept: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("kolbench.store.connect.WRITER_PATIENCE_S", 0.1)
    holding = sqlite3.connect(tmp_path / "kolbench.db")
    holding.execute("BEGIN")
    holding.execute("SELECT count(*) FROM account").fetchone()
    ran = kept("forget", "quillfeather", "--yes")
    assert (ran.code, "Run 'kolbench forget' again, without a name" in ran.err) == (1, True)
    assert found_in(tmp_path)
    holding.close()
    assert kept("forget").code == 0
    assert found_in(tmp_path) == set()
    assert kept("forget", "--json").json == {"scrubbed": True}


def test_the_command_for_programs(kept: Commands, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "kolbench.db", tmp_path / "before.backup")
    told = kept("forget", "q-4711", "--yes", "--json").json
    assert (told["scrubbed"], told["sources"]) == (True, [])
    assert found_in(tmp_path) == set()
    assert kept("forget", "q-4711", "--yes").code == 2, "nobody is left to be erased"
    assert [row["name"] for row in kept("candidates", "--json").json] == ["ann"]


def test_who_only_takes_part_in_a_campaign_can_be_erased_and_stays_away(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    campaign_id = campaigning.campaign(store)
    told = (
        campaigning.takes_part("ann"),
        campaigning.came_by("quillfeather", "ann", 1, child_name="Quill"),
        campaigning.bought("o1", 5_000, 2, "ANN", buyer_uid="quillfeather"),
    )
    make.write(store, *told)
    settling.settle(store)
    (before,) = commissions.balances(store.reader(), campaign_id)
    refused = kolbench("forget", "quillfeather", "--campaign", "Tea")
    assert (refused.code, "would be erased" in refused.err) == (2, True)
    ran = kolbench("forget", "quillfeather", "--campaign", "Tea", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert found_in(tmp_path) == set()
    make.write(store, *told)
    settling.settle(store)
    assert found_in(tmp_path) == set()
    (after,) = commissions.balances(store.reader(), campaign_id)
    assert after == before, "what was earned by them stays"
    assert kolbench("forget", "quillfeather", "--campaign", "Tea", "--yes").code == 2
