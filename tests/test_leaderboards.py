"""Leaderboards: what is counted, how it is ranked, how it is kept and read."""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import make
from kolbench.adapters.chat_archive import ChatArchive
from kolbench.adapters.protocol import Pull
from kolbench.analysis import leaderboards, scorers, scores, windows
from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY, to_ms
from kolbench.domain.errors import UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.records import AccountRecord, InteractionRecord
from kolbench.programme import rules
from kolbench.store import leaderboards as kept
from kolbench.store.leaderboards import Key, LeaderboardWindow, Scope, Window

if TYPE_CHECKING:
    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Entry

METRICS = Path(leaderboards.__file__).parent / "metrics"
TEN_DAYS = Window(make.ms(10), make.ms(20))


def board(store: Store, metric: str, scope: Scope | None = None, window: Window = TEN_DAYS) -> list[Entry]:
    run_id = leaderboards.compute(store, Key(scope or Scope(), metric, window))
    return list(LeaderboardWindow(store, run_id).rows(0, 100_000))


def values(entries: list[Entry]) -> dict[str, int]:
    return {entry.name: entry.value for entry in entries}


def tea(store: Store) -> Scope:
    return Scope("community", make.community(store, "tea"))


# What is counted ---------------------------------------------------------------------------------------------


def test_voices_counts_each_person_once_however_often_they_call(store: Store) -> None:
    make.write(
        store,
        make.did("mention", "bob", "ann", "tea", 11),
        make.did("reply", "bob", "ann", "tea", 12),
        make.did("thank", "cat", "ann", "tea", 13),
        make.did("like", "dan", "ann", "tea", 13),
        make.did("mention", "ann", "bob", "tea", 14),
    )
    assert values(board(store, "voices", tea(store))) == {"ann": 2, "bob": 1}


def test_two_accounts_of_one_person_are_one_voice_and_one_listener(store: Store) -> None:
    make.write(
        store,
        make.person("ann"),
        make.person("ann2"),
        make.person("bob"),
        make.person("bob2"),
        make.did("mention", "bob", "ann", "tea", 11),
        make.did("mention", "bob2", "ann2", "tea", 11),
        make.did("mention", "ann2", "ann", "tea", 12),
    )
    make.same_person(store, "ann", "ann2")
    make.same_person(store, "bob", "bob2")
    assert values(board(store, "voices", tea(store))) == {"ann": 1}


@pytest.mark.parametrize("flag", ["is_bot", "is_staff"])
def test_bots_and_staff_neither_count_nor_are_counted(store: Store, flag: str) -> None:
    make.write(
        store,
        make.person("robo", **{flag: True}),
        make.person("bob"),
        make.did("mention", "robo", "ann", "tea", 11),
        make.did("thank", "robo", "ann", "tea", 11),
        make.did("mention", "bob", "robo", "tea", 11),
        make.did("mention", "bob", "ann", "tea", 11),
        make.said("robo", "tea", 11),
        make.said("bob", "tea", 11),
    )
    assert values(board(store, "voices", tea(store))) == {"ann": 1}
    assert values(board(store, "thanks", tea(store))) == {}
    assert values(board(store, "messages", tea(store))) == {"bob": 1}
    run = kept.latest(store, Key(tea(store), "voices", TEN_DAYS))
    assert run is not None
    assert run.exclusions == ("bots", "staff", "self")


def test_thanks_counts_every_time_and_messages_every_message(store: Store) -> None:
    make.write(
        store,
        make.did("thank", "bob", "ann", "tea", 11),
        make.did("thank", "bob", "ann", "tea", 12),
        make.did("mention", "cat", "ann", "tea", 12),
        make.did("thank", "ann", "ann", "tea", 12),
        *(make.said("bob", "tea", 11 + i / 10) for i in range(5)),
        make.said("ann", "cake", 11),
    )
    assert values(board(store, "thanks", tea(store))) == {"ann": 2}
    assert values(board(store, "messages", tea(store))) == {"bob": 5}
    assert values(board(store, "messages")) == {"bob": 5, "ann": 1}


def test_koc_counts_each_person_served_and_each_who_thanked_for_half_a_fortnight_later(store: Store) -> None:
    window = Window(make.ms(0), make.ms(60))
    make.write(
        store,
        make.person("robo", is_bot=True),
        make.did("reply", "ann", "bob", "tea", 59),
        make.did("mention", "ann", "bob", "tea", 20),
        make.did("mention", "ann", "cat", "tea", 46),  # the last moment of the fortnight
        make.did("mention", "ann", "dan", "tea", 45.9),
        make.did("mention", "ann", "robo", "tea", 59),
        make.did("mention", "ann", "ann", "tea", 59),
        make.did("thank", "bob", "ann", "tea", 30),
        make.did("brownie", "bob", "ann", "tea", 58),
        make.did("brownie", "eve", "ann", "cake", 31.5),
        make.did("thank", "robo", "ann", "tea", 58),
        make.did("like", "dan", "ann", "tea", 58),
    )
    assert values(board(store, "koc", tea(store), window)) == {"ann": 100 + 100 + 50 + 200}
    assert values(board(store, "koc", window=window)) == {"ann": 450 + 50}


def test_koc_takes_the_accounts_of_one_person_for_one(store: Store) -> None:
    make.write(
        store,
        make.did("reply", "ann", "bob", "tea", 18),
        make.did("reply", "ann2", "bob2", "tea", 19),
        make.did("reply", "ann", "ann2", "tea", 19),
    )
    make.same_person(store, "ann", "ann2")
    make.same_person(store, "bob", "bob2")
    assert values(board(store, "koc", tea(store))) == {"ann": 100}


def test_a_window_holds_its_first_moment_and_not_its_last(store: Store) -> None:
    make.write(store, *(make.said("ann", "tea", day) for day in (9.99, 10, 19.99, 20)))
    assert values(board(store, "messages", tea(store))) == {"ann": 2}


def test_reach_adds_up_the_newest_counts_of_all_accounts(store: Store) -> None:
    make.write(
        store,
        make.counted("ann", 1, followers=100),
        make.counted("ann", 15, followers=150),
        make.counted("ann", 25, followers=900),
        make.counted("ann2", 3, followers=30),
        make.counted("bob", 21, followers=5_000),
    )
    make.same_person(store, "ann", "ann2")
    assert values(board(store, "reach")) == {"ann": 180}


def test_followers_gained_needs_two_counts_and_compares_like_with_like(store: Store) -> None:
    make.write(
        store,
        make.counted("ann", 9, followers=100),  # the last before the window
        make.counted("ann", 15, followers=130),
        make.counted("ann", 20, followers=160),
        make.counted("bob", -5, followers=10),  # too old to begin with: the first inside is taken
        make.counted("bob", 12, followers=1_000),
        make.counted("bob", 18, followers=1_025),
        make.counted("cat", 15, followers=7_000),  # only one count
        make.counted("dan", 9, followers=50),
        make.counted("dan", 19, followers=40),  # lost some
    )
    assert values(board(store, "followers_gained")) == {"ann": 60, "bob": 25}


def test_interactions_add_up_the_newest_counts_of_works_published_in_the_window(store: Store) -> None:
    make.write(
        store,
        make.posted("ann", 9, likes=1_000),
        make.posted("ann", 11, likes=10, comments=2, shares=1, views=9_999),
        make.posted("ann", 12, comments=5),
        make.posted("bob", 12, views=50),
    )
    later = make.posted("ann", 11, likes=20)
    make.write(
        store,
        type(later)(uid=later.uid, account_uid="ann", metrics={"likes": 20}, observed_at=make.moment(30)),
    )
    assert values(board(store, "interactions")) == {"ann": 28}


def test_a_source_counts_what_it_brought_itself(store: Store) -> None:
    ours, theirs = make.source(store, "ours"), make.source(store, "theirs")
    make.write(
        store,
        make.said("ann", "tea", 11),
        make.did("mention", "bob", "ann", "tea", 11),
        make.counted("ann", 12, followers=10),
        make.posted("ann", 13, likes=3),
        origin=ours,
    )
    make.write(
        store,
        make.said("bob", "tea", 11),
        make.did("mention", "ann", "bob", "tea", 11),
        make.counted("ann", 14, followers=99),
        make.posted("bob", 13, likes=4),
        origin=theirs,
    )
    scope = Scope("source", ours.id)
    assert values(board(store, "messages", scope)) == {"ann": 1}
    assert values(board(store, "voices", scope)) == {"ann": 1}
    assert values(board(store, "reach", scope)) == {"ann": 10}
    assert values(board(store, "interactions", scope)) == {"ann": 3}
    assert values(board(store, "reach")) == {"ann": 99}


def test_what_happened_outside_any_community_counts_for_the_source(store: Store) -> None:
    make.write(store, make.did("mention", "bob", "ann", None, 11), make.did("mention", "cat", "ann", "tea", 11))
    assert values(board(store, "voices")) == {"ann": 2}
    assert values(board(store, "voices", tea(store))) == {"ann": 1}


@pytest.mark.parametrize("metric", ["reach", "followers_gained", "interactions"])
def test_a_metric_that_makes_no_sense_in_a_community_is_refused(store: Store, metric: str) -> None:
    make.write(store, make.said("ann", "tea", 11))
    with pytest.raises(UsageError, match="voices"):
        board(store, metric, tea(store))


def test_an_unknown_metric_or_a_backward_window_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="voices, thanks"):
        board(store, "fame")
    with pytest.raises(UsageError, match="before it begins"):
        board(store, "voices", window=Window(2, 2))


# How it is ranked --------------------------------------------------------------------------------------------


def test_equal_values_share_a_rank_and_stand_by_name(store: Store) -> None:
    said = {"dan": 5, "cat": 3, "bob": 3, "ann": 1}
    make.write(
        store,
        *(make.person(name) for name in said),
        *(make.said(name, "tea", 11 + i / 100) for name, n in said.items() for i in range(n)),
    )
    entries = board(store, "messages", tea(store))
    assert [(entry.rank, entry.name) for entry in entries] == [(1, "dan"), (2, "bob"), (2, "cat"), (4, "ann")]


def test_namesakes_with_equal_values_stand_by_id(store: Store) -> None:
    make.write(
        store,
        *(make.person(uid, name="Ann") for uid in ("x", "y", "z")),
        *(make.said(uid, "tea", 11) for uid in ("z", "y", "x")),
    )
    entries = board(store, "messages", tea(store))
    assert [entry.creator_id for entry in entries] == [make.creator(store, uid) for uid in ("x", "y", "z")]


def test_movement_compares_with_the_window_just_before(store: Store) -> None:
    before = {"ann": 9, "bob": 5, "cat": 2}
    after = {"bob": 7, "ann": 6, "dan": 4, "cat": 1}
    make.write(
        store,
        *(make.said(name, "tea", 1 + i / 10) for name, n in before.items() for i in range(n)),
        *(make.said(name, "tea", 11 + i / 10) for name, n in after.items() for i in range(n)),
    )
    moved = {
        entry.name: (entry.rank, entry.movement, entry.previous_value) for entry in board(store, "messages", tea(store))
    }
    assert moved == {"bob": (1, 1, 5), "ann": (2, -1, 9), "dan": (3, None, None), "cat": (4, -1, 2)}
    run = kept.latest(store, Key(tea(store), "messages", TEN_DAYS))
    assert run is not None
    assert (run.people, run.previous_people) == (4, 3)


def test_where_nothing_is_known_before_nobody_counts_as_new(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 11))
    board(store, "messages", tea(store))
    run = kept.latest(store, Key(tea(store), "messages", TEN_DAYS))
    assert run is not None
    assert run.previous_people == 0


def test_only_the_first_places_are_kept_but_everybody_is_ranked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaderboards, "ENTRIES", 3)
    make.write(store, *(make.said(f"p{i}", "tea", 11 + j / 10) for i in range(7) for j in range(i + 1)))
    assert [entry.name for entry in board(store, "messages", tea(store))] == ["p6", "p5", "p4"]
    run = kept.latest(store, Key(tea(store), "messages", TEN_DAYS))
    assert run is not None
    assert (run.people, run.entries) == (7, 3)


names = st.sampled_from(["ann", "bob", "cat", "dan", "eve", "robo"])
deeds = st.lists(
    st.tuples(st.sampled_from(["mention", "reply", "thank", "brownie", "like"]), names, names, st.integers(0, 29)),
    max_size=40,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds)
def test_any_leaderboard_agrees_with_a_plain_count_and_with_its_evidence(
    done: list[tuple[str, str, str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make.store(Path(folder))
        make.write(
            store,
            make.person("robo", is_bot=True),
            *(make.said(actor, "tea", day) for _kind, actor, _person, day in done),
            *(make.did(kind, actor, person, "tea", day) for kind, actor, person, day in done),
            make.said("nobody", "tea", 50),
        )
        said = ("mention", "reply", "thank")
        for start, stop in ((10, 20), (0, 10), (0, 30)):
            counted = [
                (kind, actor, person, day)
                for kind, actor, person, day in set(done)
                if start <= day < stop and actor not in (person, "robo") and person != "robo" and kind in said
            ]
            voices = defaultdict(set)
            thanks: dict[str, int] = defaultdict(int)
            for kind, actor, person, _day in counted:
                voices[person].add(actor)
                if kind == "thank":
                    thanks[person] += 1
            window = Window(make.ms(start), make.ms(stop))
            scope = tea(store)
            entries = board(store, "voices", scope, window)
            assert values(entries) == {person: len(actors) for person, actors in voices.items()}
            assert values(board(store, "thanks", scope, window)) == thanks
            for entry in entries:
                better = sum(other.value > entry.value for other in entries)
                assert entry.rank == better + 1
            for metric in ("voices", "thanks", "koc", "messages"):
                run_id = leaderboards.compute(store, Key(scope, metric, window))
                for entry in LeaderboardWindow(store, run_id).rows(0, 100):
                    assert leaderboards.evidence(store, run_id, entry.creator_id).value == entry.value
        store.close()


# How it is kept and read -------------------------------------------------------------------------------------


def test_a_long_leaderboard_is_read_a_window_at_a_time(store: Store) -> None:
    make.write(store, *(make.said(f"p{i:04}", "tea", 11) for i in range(2_500)))
    run_id = leaderboards.compute(store, Key(tea(store), "messages", TEN_DAYS))
    window = LeaderboardWindow(store, run_id)
    assert window.count() == 2_500
    page = window.rows(1_498, 1_503)
    assert [entry.name for entry in page] == [f"p{i:04}" for i in range(1_498, 1_503)]
    assert window.find(page[2].creator_id) == 1_500
    assert window.find(-1) is None
    assert window.rows(2_499, 9_999)[0].name == "p2499"
    assert window.rows(2_500, 2_600) == []


def test_computing_again_replaces_the_run_of_the_same_question(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 11))
    key = Key(tea(store), "messages", TEN_DAYS)
    first, second = leaderboards.compute(store, key), leaderboards.compute(store, key)
    assert kept.get(store, first) is None
    run = kept.latest(store, key)
    assert run is not None
    assert run.id == second
    assert kept.latest(store, Key(tea(store), "messages", Window(0, 1))) is None


def test_only_the_newest_runs_of_a_kind_are_kept(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 11))
    others = leaderboards.compute(store, Key(tea(store), "voices", TEN_DAYS))
    runs = [
        leaderboards.compute(store, Key(tea(store), "messages", Window(make.ms(i), make.ms(20)))) for i in range(15)
    ]
    there = [run_id for run_id in runs if kept.get(store, run_id)]
    assert there == runs[-kept.KEPT :]
    assert kept.get(store, others)


def test_a_run_is_outdated_once_its_sources_brought_more(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 11))
    key = Key(tea(store), "messages", TEN_DAYS)
    leaderboards.compute(store, key)

    def outdated() -> bool:
        run = kept.latest(store, key)
        assert run is not None
        return run.outdated

    assert not outdated()
    make.write(store, make.said("ann", "tea", 11))
    assert not outdated()
    make.write(store, make.said("ann", "tea", 50), origin=make.source(store, "elsewhere", "other"))
    assert not outdated()
    make.write(store, make.said("bob", "tea", 12))
    assert outdated()


class Stop(Exception):
    pass


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_a_computation_that_is_stopped_leaves_nothing_to_see(
    store: Store, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.write(store, *(make.said(f"p{i}", "tea", day) for i in range(1_200) for day in (1, 11)), page=5_000)
    key = Key(tea(store), "messages", TEN_DAYS)
    before = leaderboards.compute(store, key)
    watched = kept.watched

    def stop(done: float) -> None:
        if done >= share:
            raise Stop

    class Impatient:
        def __init__(self, db: object) -> None:
            self.db = db

        def set_progress_handler(self, handler: object, n: int) -> None:
            self.db.set_progress_handler(handler, min(n, 10))  # type: ignore[attr-defined]

    monkeypatch.setattr(kept, "watched", lambda db, tick: watched(Impatient(db), tick))  # type: ignore[arg-type]
    with pytest.raises(Stop):
        leaderboards.compute(store, key, stop)
    run = kept.latest(store, key)
    assert run is not None
    assert run.id == before
    assert leaderboards.compute(store, key, lambda done: None) > before


def test_what_a_killed_computation_left_is_swept_away_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    make.write(store, *(make.said(f"p{i}", "tea", 11) for i in range(1_200)))
    monkeypatch.setenv("KOLBENCH_NOW", "2026-03-01T10:00:00Z")

    def kill(done: float) -> None:
        if done > 0.9:
            raise Stop

    with pytest.raises(Stop):
        leaderboards.compute(store, Key(tea(store), "messages", TEN_DAYS), kill)
    rows = "SELECT count(*) FROM leaderboard_entry"
    assert store.reader().execute(rows).fetchone()[0] == 1_000
    monkeypatch.setenv("KOLBENCH_NOW", "2026-03-01T12:00:00Z")
    leaderboards.compute(store, Key(tea(store), "voices", TEN_DAYS))
    assert store.reader().execute(rows).fetchone()[0] == 0


def test_progress_runs_from_nothing_to_all(store: Store) -> None:
    make.write(store, *(make.said(f"p{i}", "tea", 11) for i in range(2_000)), page=5_000)
    shares: list[float] = []
    leaderboards.compute(store, Key(tea(store), "messages", TEN_DAYS), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_evidence_shows_who_said_what_newest_first(store: Store) -> None:
    make.write(
        store,
        make.person("ann"),
        make.person("bob", name="Bob B."),
        make.said("bob", "tea", 11, "hello @ann"),
        make.did("mention", "bob", "ann", "tea", 11),
        make.said("cat", "tea", 12, "thanks @ann"),
        make.did("thank", "cat", "ann", "tea", 12),
        make.did("thank", "cat", "ann", "tea", 25),
    )
    run_id = leaderboards.compute(store, Key(tea(store), "voices", TEN_DAYS))
    found = leaderboards.evidence(store, run_id, make.creator(store, "ann"), limit=1)
    assert (found.total, found.people, found.value) == (2, 2, 2)
    assert found.rows[0][2:] == ("cat", "thank", "tea", "thanks @ann", 1, 0)
    rows = leaderboards.evidence(store, run_id, make.creator(store, "ann")).rows
    assert [(row.who, row.text) for row in rows] == [("cat", "thanks @ann"), ("Bob B.", "hello @ann")]


def test_evidence_of_counters_adds_up_to_the_value(store: Store) -> None:
    make.write(
        store,
        make.counted("ann", 9, followers=100),
        make.counted("ann", 15, followers=130),
        make.counted("ann2", 12, followers=7),
        make.counted("ann2", 19, followers=9),
        make.posted("ann", 11, title="Tea", likes=10, comments=2),
        make.posted("ann2", 12, likes=1),
    )
    ann = make.same_person(store, "ann", "ann2")
    for metric, rows in (("reach", 2), ("followers_gained", 4), ("interactions", 2)):
        run_id = leaderboards.compute(store, Key(Scope(), metric, TEN_DAYS))
        entry = kept.entry(store, run_id, ann)
        assert entry is not None
        found = leaderboards.evidence(store, run_id, ann)
        assert (found.value, found.total) == (entry.value, rows)


def test_evidence_of_a_replaced_run_says_so(store: Store) -> None:
    make.write(store, make.said("ann", "tea", 11))
    key = Key(tea(store), "messages", TEN_DAYS)
    old = leaderboards.compute(store, key)
    leaderboards.compute(store, key)
    with pytest.raises(UsageError, match="open the new one"):
        leaderboards.evidence(store, old, make.creator(store, "ann"))


# What to look at ---------------------------------------------------------------------------------------------


def test_communities_and_sources_are_listed_with_those_in_use_first(store: Store) -> None:
    make.write(store, make.said("ann", "cake", 3), *(make.said(name, "tea", 4) for name in ("ann", "bob")))
    make.source(store, "unused")
    rooms = kept.communities(store)
    assert [(room.name, room.members, room.messages, room.last_at) for room in rooms] == [
        ("tea", 2, 2, make.ms(4)),
        ("cake", 1, 1, make.ms(3)),
    ]
    (demo,) = kept.origins(store)
    assert demo.name == "demo"
    assert kept.place(store, tea(store)) == "tea"
    assert kept.place(store, Scope("source", demo.id)) == "demo"
    assert kept.place(store, Scope()) is None


def test_the_window_ends_with_the_newest_observation_not_now(store: Store) -> None:
    make.write(store, *(make.said("ann", "tea", day) for day in range(200)))
    window = leaderboards.default_window(store, tea(store), "messages")
    assert window == Window(make.ms(199) + 1 - 30 * DAY, make.ms(199) + 1)
    assert leaderboards.window(store, tea(store), "messages", 7) == Window(window.stop - 7 * DAY, window.stop)
    assert leaderboards.window(store, tea(store), "messages", None) == Window(make.ms(0), window.stop)
    assert leaderboards.default_window(store, tea(store), "voices") is None
    make.write(store, make.said("bob", "tea", 250))
    assert leaderboards.window(store, tea(store), "messages", None) == Window(make.ms(0), make.ms(250) + 1)


def test_a_quiet_room_gets_a_longer_window(store: Store) -> None:
    def chosen(every: int) -> float:
        room = f"every {every} days"
        make.write(store, *(make.said("ann", room, day) for day in range(0, 2_000, every)))
        window = leaderboards.default_window(store, Scope("community", make.community(store, room)), "messages")
        assert window is not None
        return window.days

    assert [round(chosen(every)) for every in (1, 3, 12, 100)] == [30, 90, 365, 1_900]


def test_sources_of_one_platform_end_each_in_their_own_time(store: Store) -> None:
    old, new = make.source(store, "old"), make.source(store, "new")
    make.write(store, make.said("ann", "tea", 10), make.counted("ann", 5, followers=1), origin=old)
    make.write(store, make.said("ann", "tea", 90), make.counted("ann", 80, followers=2), origin=new)
    for material, ends in (("message", (10, 90)), ("followers", (5, 80))):
        for source, day in zip((old, new), ends, strict=True):
            assert windows.extent(store, Scope("source", source.id), material) == Window(make.ms(day), make.ms(day) + 1)


def test_the_metric_to_begin_with_fits_what_there_is(store: Store) -> None:
    talk, table, empty = make.source(store, "talk"), make.source(store, "table", "other"), make.source(store, "empty")
    make.write(store, make.did("mention", "bob", "ann", "tea", 1), make.said("bob", "tea", 1), origin=talk)
    make.write(store, make.counted("ann", 1, followers=3), origin=table)
    chosen = [leaderboards.default_metric(store, Scope("source", source.id)) for source in (talk, table, empty)]
    assert chosen == ["voices", "reach", "voices"]
    assert leaderboards.default_metric(store, tea(store)) == "voices"


# Plans and definitions ---------------------------------------------------------------------------------------


def plan(store: Store, query: str) -> list[str]:
    parameters = dict.fromkeys(re.findall(r":([a-z_]+)", query), 1)
    return [row[3] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {query}", parameters)]


SCANNED_BY_DESIGN = {
    "leaderboard_reach": {"SCAN account USING COVERING INDEX account_creator"},
    "leaderboard_followers_gained": {"SCAN account USING COVERING INDEX account_creator"},
    "leaderboard_interactions": {"SCAN account USING COVERING INDEX account_creator"},
}
BIG = re.compile(r"^SCAN (account|account_snapshot|s|post|post_snapshot|message|activity|creator|person|actor)\b")


@pytest.mark.parametrize("name", sorted(path.stem for path in METRICS.glob("leaderboard_*.sql")))
def test_no_definition_reads_a_large_table_from_end_to_end(store: Store, name: str) -> None:
    steps = [step for step in plan(store, sql(name)) if BIG.match(step) and "account_uncounted" not in step]
    assert set(steps) <= SCANNED_BY_DESIGN.get(name, set()), plan(store, sql(name))


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("leaderboard_voices", "activity_community"),
        ("leaderboard_thanks", "activity_community"),
        ("leaderboard_messages", "message_sent"),
        ("leaderboard_interactions", "post_published"),
        ("leaderboard_addressed_evidence", "activity_object"),
        ("leaderboard_messages_evidence", "message_account"),
    ],
)
def test_a_definition_uses_the_index_it_names(store: Store, name: str, index: str) -> None:
    assert index in sql(name)
    assert any(f"INDEX {index} (" in step for step in plan(store, sql(name))), plan(store, sql(name))


def test_every_definition_is_documented_as_it_is() -> None:
    text = Path(__file__).parents[1].joinpath("docs", "metrics.md").read_text("utf-8")
    for metric in leaderboards.METRICS.values():
        assert f"### `{metric.id}`, version {metric.version}" in text
        assert sql(f"leaderboard_{metric.id}").startswith(f"-- {metric.id}, version {metric.version}:")
    assert f"(rule `{kept.TIE_RULE}`)" in text
    assert f"first {leaderboards.ENTRIES:,} places" in text
    assert f"score, version {scores.VERSION}" in text
    for part in scores.score({}, scorers.GENERAL).components:
        assert f"| {part.name} | {part.weight:.2f} | `{part.formula}` |" in text
    for rule in rules.BUILT_IN.values():
        parameters = ", ".join(f"`{name}` {value}" for name, value in rule.parameters.items())
        assert f"### `{rule.id}`" in text
        assert not parameters or f"- Parameters: {parameters}." in text


# A real archive ----------------------------------------------------------------------------------------------


def test_voices_of_a_real_room_agree_with_a_plain_count(store: Store, shared_data: Path) -> None:
    room = max((shared_data / "chat" / "gitter_rooms").glob("*.tsv"), key=lambda path: path.stat().st_size)
    pull = Pull("messages", {"path": str(room), "platform": "gitter"})
    records = [record for page in ChatArchive().pull(pull) for record in page.records]
    make.write(store, *records, origin=make.source(store, "gitter", "gitter"), page=5_000)
    scope = Scope("community", 1)
    whole = leaderboards.window(store, scope, "voices", None)
    default = leaderboards.default_window(store, scope, "voices")
    assert whole is not None
    assert default is not None

    accounts = [record for record in records if isinstance(record, AccountRecord)]
    uids = {handle_ref(record.handle): record.uid for record in accounts if record.handle}
    bots = {record.uid for record in accounts if record.is_bot}
    assert len(bots) == 1
    for window in (default, whole, Window(whole.start, whole.start + 365 * DAY)):
        callers = defaultdict(set)
        for deed in records:
            if isinstance(deed, InteractionRecord) and deed.kind in ("mention", "reply", "thank"):
                actor, person = (uids.get(uid, uid) for uid in (deed.actor_uid, deed.object_uid))
                if window.start <= to_ms(deed.at) < window.stop and actor != person and not bots & {actor, person}:
                    callers[person].add(actor)
        entries = board(store, "voices", scope, window)
        assert len(entries) > 5
        stored = dict(store.reader().execute("SELECT creator_id, uid FROM account"))
        assert {stored[entry.creator_id]: entry.value for entry in entries} == {
            person: len(people) for person, people in callers.items()
        }
