"""The change log: which act is taken back next, whom it was about, and where it was made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import make
from kolbench.domain.following import Cause
from kolbench.store import causes, changes, follow_ups, notes
from kolbench.store.connect import Store


@pytest.fixture
def elsewhere(store: Store) -> Iterator[Store]:
    """The same store, opened by another program of the same operator."""
    opened = Store.open(store.path)
    yield opened
    opened.close()


def test_what_was_made_here_is_taken_back_before_what_was_made_elsewhere(store: Store, elsewhere: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.note(elsewhere, ann, "earlier", "eve")
    notes.note(store, ann, "here", "eve")
    notes.note(elsewhere, ann, "later", "eve")
    told = []
    while (act := changes.last(store, "eve")) is not None:
        told.append((notes.notes(store, ann)[0].text, act.here))
        assert changes.undo(store, "eve", act.act) is not None
    assert [here for _newest, here in told] == [True, False, False]
    assert notes.notes(store, ann) == []


def test_an_act_names_whom_it_was_about(store: Store) -> None:
    ann, bea = make.people(store, 2)
    with changes.act(store, "eve", "touch") as act:
        for one in (bea, ann, bea):
            notes.add_touchpoint(act, one, "wechat", None)
    found = changes.last(store, "eve")
    assert found is not None
    names = dict(store.reader().execute("SELECT id, name FROM creator").fetchall())
    assert (found.action, found.people, found.who) == ("touch", 2, names[bea])
    undone = changes.undo(store, "eve")
    assert undone is not None
    assert [entity for entity, _id in undone.changed] == ["touchpoint"] * 3


def test_an_act_that_was_undone_meanwhile_is_not_undone_again(store: Store, elsewhere: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.note(store, ann, "one", "eve")
    notes.note(store, ann, "two", "eve")
    found = changes.last(store, "eve")
    assert found is not None
    changes.undo(elsewhere, "eve", found.act)
    assert changes.undo(store, "eve", found.act) is None
    assert [note.text for note in notes.notes(store, ann)] == ["one"]


def test_an_act_without_effect_takes_no_other_programs_act_for_its_own(store: Store, elsewhere: Store) -> None:
    (ann,) = make.people(store, 1)
    with changes.act(store, "eve", "nothing"):
        pass
    notes.note(elsewhere, ann, "one", "eve")
    found = changes.last(store, "eve")
    assert found is not None
    assert not found.here


def test_nobody_takes_back_what_another_has_done(store: Store) -> None:
    (ann,) = make.people(store, 1)
    notes.note(store, ann, "one", "dan")
    done = changes.last(store, "dan")
    assert done is not None
    assert changes.last(store, "eve") is None
    assert changes.undo(store, "eve", done.act) is None


def test_an_own_later_act_elsewhere_is_taken_back_first_where_it_is_in_the_way(store: Store, elsewhere: Store) -> None:
    (ann,) = make.people(store, 1)
    causes.apply(store, "test", [Cause(ann, "x", {}, make.ms(1))], make.ms(0))
    follow_ups.snooze(store, [1], make.ms(50_000), "eve")
    follow_ups.done(elsewhere, [1], "eve")
    told = []
    while (act := changes.last(store, "eve")) is not None:
        told.append((act.action, act.here))
        undone = changes.undo(store, "eve", act.act)
        assert undone is not None
        assert undone.blocked_by is None
    assert told == [("done", False), ("snooze", True)]
