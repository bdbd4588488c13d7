"""Notes, touchpoints, and the change log that takes any act back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.domain.errors import UsageError
from kolbench.domain.following import Cause
from kolbench.store import causes, changes, follow_ups, notes

if TYPE_CHECKING:
    from kolbench.store.connect import Store


def state_of(store: Store) -> dict[str, list[Any]]:
    """Everything operators can change."""
    return {
        table: store.reader().execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
        for table in ("follow_up", "note", "touchpoint")
    }


def queue(store: Store, people: list[int]) -> list[int]:
    """A follow-up of each person; returns their ids."""
    causes.apply(store, "test", [Cause(person, "x", {"n": 1}, make.ms(1)) for person in people], make.ms(0))
    return [row[0] for row in store.reader().execute("SELECT id FROM follow_up ORDER BY id")]


def test_notes_and_touchpoints_are_listed_newest_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (ann,) = make.people(store, 1)
    for day, text in ((1, "likes green tea"), (2, "born in May")):
        monkeypatch.setenv("KOLBENCH_NOW", make.moment(day).isoformat())
        notes.note(store, ann, f"  {text}\n", "eve")
    notes.touch(store, ann, "eve", channel="wechat", outcome="later")
    notes.touch(store, ann, "dan", direction="in", at=make.ms(9))
    assert [(note.text, note.author, note.at) for note in notes.notes(store, ann)] == [
        ("born in May", "eve", make.ms(2)),
        ("likes green tea", "eve", make.ms(1)),
    ]
    assert [touch[1:] for touch in notes.touchpoints(store, ann)] == [
        (make.ms(9), "in", "other", None, "dan", None),
        (make.ms(2), "out", "wechat", "later", "eve", None),
    ]
    assert notes.notes(store, ann, limit=1)[0].text == "born in May"


@pytest.mark.parametrize("text", ["", " \n\t ", "\x1b[31m"])
def test_an_empty_note_is_refused(store: Store, text: str) -> None:
    (ann,) = make.people(store, 1)
    with pytest.raises(UsageError, match="empty"):
        notes.note(store, ann, text, "eve")


def test_a_note_on_nobody_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="no person with the id 77"):
        notes.note(store, 77, "hello", "eve")
    with pytest.raises(UsageError, match="77"):
        notes.touch(store, 77, "eve")
    assert changes.undo(store, "eve") is None


def test_a_hostile_note_is_kept_as_plain_text(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.note(store, ann, "a\x1b]0;owned\x07b\x00\ud800[bold]c", "eve")
    assert notes.notes(store, ann)[0].text == "ab[bold]c"


def test_undo_takes_back_the_authors_own_last_act(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.note(store, ann, "one", "eve")
    notes.note(store, ann, "two", "eve")
    notes.note(store, ann, "three", "dan")
    undone = changes.undo(store, "eve")
    assert undone is not None
    assert (undone.act.action, len(undone.changed), undone.blocked_by) == ("note", 1, None)
    assert {note.text for note in notes.notes(store, ann)} == {"one", "three"}
    changes.undo(store, "eve")
    assert changes.undo(store, "eve") is None
    assert [note.text for note in notes.notes(store, ann)] == ["three"]


def test_an_act_on_many_rows_is_undone_as_one(store: Store) -> None:
    ids = queue(store, make.people(store, 5))
    before = state_of(store)
    follow_ups.done(store, ids, "eve", outcome="agreed", channel="wechat")
    assert len(state_of(store)["touchpoint"]) == 5
    undone = changes.undo(store, "eve")
    assert undone is not None
    assert len(undone.changed) == 10
    assert state_of(store) == before


def test_undo_leaves_alone_what_somebody_changed_since_and_names_them(store: Store) -> None:
    ids = queue(store, make.people(store, 2))
    before = state_of(store)
    follow_ups.snooze(store, ids, make.ms(5_000), "eve")
    follow_ups.done(store, ids[:1], "dan")
    as_it_is = state_of(store)
    undone = changes.undo(store, "eve")
    assert undone is not None
    assert (len(undone.changed), undone.blocked_by) == (0, "dan")
    assert state_of(store) == as_it_is
    changes.undo(store, "dan")
    changes.undo(store, "eve")
    assert state_of(store) == before


def test_the_log_remembers_what_was_undone(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.note(store, ann, "one", "eve")
    notes.touch(store, ann, "dan")
    changes.undo(store, "eve")
    log = changes.recent(store)
    assert [(change.author, change.action, change.undone_at is None) for change in log] == [
        ("dan", "touch", True),
        ("eve", "note", False),
    ]
    assert [change.action for change in changes.recent(store, author="eve")] == ["note"]


def test_an_act_that_fails_leaves_no_trace(store: Store) -> None:
    (ann,) = make.people(store, 1)
    with pytest.raises(ZeroDivisionError), changes.act(store, "eve", "note") as act:
        act.insert("note", creator_id=ann, text="half", author="eve", at=act.insert("note", at=1 // 0))
    assert state_of(store)["note"] == []
    assert changes.recent(store) == []


def test_the_author_is_the_user_of_the_operating_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "eve\x1b[31m")
    assert changes.me() == "eve"


def test_undo_finds_its_rows_through_indexes(store: Store) -> None:
    db = store.reader()
    last = "SELECT max(act) FROM change_log WHERE author = ? AND undone_at IS NULL"
    rows = "SELECT entity FROM change_log WHERE act = ? ORDER BY id DESC"
    plans = [db.execute(f"EXPLAIN QUERY PLAN {query}", ("x",)).fetchall()[0][3] for query in (last, rows)]
    assert all(plan.startswith("SEARCH") for plan in plans), plans


people = st.integers(0, 3)
some = st.lists(people, min_size=1, max_size=3, unique=True)
acts = st.one_of(
    st.tuples(st.just("done"), some, st.sampled_from([None, "agreed"])),
    st.tuples(st.just("snooze"), some, st.sampled_from([10_000, 20_000])),
    st.tuples(st.just("reopen"), some, st.none()),
    st.tuples(st.just("note"), people, st.text(min_size=1)),
    st.tuples(st.just("touch"), people, st.sampled_from(["wechat", "电话"])),
    st.tuples(st.just("undo"), st.none(), st.none()),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(["eve", "dan"]), acts), max_size=15), st.randoms())
def test_undoing_whatever_was_done_leaves_the_store_as_it_was(
    done: list[tuple[str, tuple[str, Any, Any]]], chance: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        creators = make.people(store, 4)
        ids = queue(store, creators)
        before = state_of(store)
        for author, (action, whom, what) in done:
            if action == "done":
                follow_ups.done(store, [ids[i] for i in whom], author, outcome=what)
            elif action == "snooze":
                follow_ups.snooze(store, [ids[i] for i in whom], make.ms(what), author)
            elif action == "reopen":
                follow_ups.reopen(store, [ids[i] for i in whom], author)
            elif action == "touch":
                notes.touch(store, creators[whom], author, channel=what)
            elif action == "note":
                try:
                    notes.note(store, creators[whom], what, author)
                except UsageError:
                    assert not what.strip() or not what.isprintable()
            else:
                changes.undo(store, author)
        waiting = ["eve", "dan"]
        while waiting:
            author = chance.choice(waiting)
            undone = changes.undo(store, author)
            if undone is None:
                waiting.remove(author)
            elif undone.blocked_by:
                assert undone.blocked_by != author
                changes.undo(store, undone.blocked_by)
        assert state_of(store) == before
        store.close()
