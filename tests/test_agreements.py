"""Agreements: versions that stay, a state told by events, what is owed, and what a merge and undo make of them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from kolbench.domain import agreements as states
from kolbench.domain.agreements import IN_FORCE, MOVES, STATES, State, Terms, hints, require_move
from kolbench.domain.errors import UsageError
from kolbench.store import agreements, briefs, changes, decisions, merges

if TYPE_CHECKING:
    from pathlib import Path

    from commands import Commands
    from kolbench.store.connect import Store

TERMS = Terms("two films a month", "a tenth of what they sell", None, "share", "2026-06-01", "2026-08-31")


@pytest.fixture
def ann(store: Store) -> int:
    make.write(store, make.person("ann"))
    return make.creator(store, "ann")


def draft(store: Store, creator_id: int, **terms: str) -> int:
    return agreements.new(store, creator_id, TERMS._replace(**terms), "me")  # type: ignore[arg-type]


# States ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(STATES), max_size=30))
def test_nobody_is_bound_who_never_signed_and_nothing_ends_that_was_not_in_force(wanted: list[State]) -> None:
    state: State = "draft"
    gone: list[State] = ["draft"]
    for to in wanted:
        if to not in MOVES[state]:
            with pytest.raises(UsageError):
                require_move(state, to)
            continue
        require_move(state, to)
        if to in ("ended", "broken"):
            assert state in IN_FORCE
        if to == "renewed":
            assert "signed" in gone
        assert to != "draft"
        state = to
        gone.append(to)


def test_every_state_can_be_reached_and_left() -> None:
    assert set(MOVES) == set(STATES)
    assert {to for moves in MOVES.values() for to in moves} == set(STATES) - {"draft"}
    assert all(MOVES.values())


def test_an_agreement_goes_its_way_and_keeps_every_step(store: Store, ann: int) -> None:
    one = draft(store, ann)
    assert agreements.get(store, one).state == "draft"
    for to in ("offered", "signed", "ended"):
        assert agreements.move(store, one, to, "me", reason=f"because of {to}").state == to
    told = [(event.state, event.reason) for event in agreements.events(store, one)]
    assert told == [
        ("ended", "because of ended"), ("signed", "because of signed"), ("offered", "because of offered"),
        ("draft", None),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="It is ended: from there it can be offered, renewed, not signed"):
        agreements.move(store, one, "signed", "me")


def test_a_version_that_was_signed_counts_until_the_next_one_is(store: Store, ann: int) -> None:
    one = draft(store, ann)
    agreements.move(store, one, "signed", "me")
    assert agreements.add_version(store, one, "me", gets="a fifth of what they sell") == 2
    found = agreements.get(store, one)
    assert (found.version, found.newest, found.terms.gets) == (1, 2, "a tenth of what they sell")
    found = agreements.renew(store, one, "me", ends_on="2026-12-31")
    assert (found.state, found.version, found.terms.gets, found.terms.ends_on) == (
        "renewed", 3, "a fifth of what they sell", "2026-12-31",
    )  # fmt: skip
    assert [version.version for version in agreements.versions(store, one)] == [3, 2, 1]


def test_what_is_signed_is_what_was_offered(store: Store, ann: int) -> None:
    one = draft(store, ann)
    agreements.move(store, one, "offered", "me")
    agreements.add_version(store, one, "me", gets="nothing at all")
    assert agreements.move(store, one, "signed", "me").terms.gets == "a tenth of what they sell"


def test_a_version_is_not_written_over_that_of_a_colleague(store: Store, ann: int) -> None:
    one = draft(store, ann)
    agreements.add_version(store, one, "you", gets="a fifth")
    with pytest.raises(UsageError, match="Version 2 of it was written since you looked at version 1"):
        agreements.add_version(store, one, "me", base=1, gets="a third")
    with pytest.raises(UsageError, match="what version 2 says already"):
        agreements.add_version(store, one, "me", base=2, gets="a fifth")


def test_terms_that_cannot_be_meant_are_refused(store: Store, ann: int) -> None:
    for wrong in ({"gives": " "}, {"gets": ""}, {"ends_on": "2026-05-31"}, {"basis": "gift"}):
        with pytest.raises(UsageError):
            draft(store, ann, **wrong)
    assert agreements.listed(store) == []
    with pytest.raises(UsageError, match="no agreement 7"):
        agreements.get(store, 7)


def test_versions_and_events_cannot_be_changed_by_anybody(store: Store, ann: int) -> None:
    draft(store, ann)
    for statement in (
        "UPDATE agreement_version SET gets = 'more'",
        "UPDATE agreement_event SET state = 'signed'",
        "DELETE FROM agreement_event",
    ):
        with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
            db.execute(statement)


# Signing, undo ------------------------------------------------------------------------------------------------


def test_signing_decides_agreed_for_its_brief_in_one_act(store: Store, ann: int) -> None:
    brief_id = make.brief(store)
    one = agreements.new(store, ann, TERMS, "me", brief_id=brief_id)
    agreements.move(store, one, "signed", "me")
    assert decisions.current(store, brief_id, [ann])[ann].state == "agreed"
    changes.undo(store, "me")
    assert decisions.current(store, brief_id, [ann]) == {}
    assert agreements.get(store, one).state == "draft"
    assert agreements.events(store, one)[0].undone_by == "me"


def test_signing_does_not_put_back_who_is_active_nor_touch_an_archived_brief(store: Store, ann: int) -> None:
    brief_id = make.brief(store)
    decisions.decide(store, brief_id, [ann], "active", "me")
    agreements.move(store, agreements.new(store, ann, TERMS, "me", brief_id=brief_id), "signed", "me")
    assert decisions.current(store, brief_id, [ann])[ann].state == "active"
    briefs.archive(store, brief_id, "me")
    again = agreements.new(store, ann, TERMS, "me", brief_id=brief_id)
    assert agreements.move(store, again, "signed", "me").in_force


def test_everything_is_taken_back_step_by_step(store: Store, ann: int) -> None:
    one = draft(store, ann)
    agreements.move(store, one, "offered", "me")
    agreements.add_version(store, one, "me", gets="a fifth")
    owed = agreements.owe(store, one, "a film", "me", "2026-06-20")
    agreements.deliver(store, owed, "2026-06-19", "me", "https://example.org/film")
    for _step in range(4):
        changes.undo(store, "me")
    found = agreements.get(store, one)
    assert (found.state, found.newest, agreements.deliverables(store, [one])) == ("draft", 1, [])
    changes.undo(store, "me")
    assert agreements.of(store, ann) == []
    assert store.reader().execute("SELECT count(*) FROM agreement_event").fetchone() == (0,)


def test_what_others_built_on_is_not_taken_back(store: Store, ann: int) -> None:
    one = draft(store, ann)
    agreements.add_version(store, one, "me", gets="a fifth")
    agreements.move(store, one, "signed", "you", version=2)
    agreements.move(store, one, "ended", "him")
    for author in ("me", "you"):
        with pytest.raises(UsageError, match="something that was done since rests on it"):
            changes.undo(store, author)
    assert agreements.get(store, one).state == "ended"


# Deliverables, lists --------------------------------------------------------------------------------------------


def test_what_is_owed_is_overdue_the_day_after_while_the_agreement_is_in_force(store: Store, ann: int) -> None:
    one = draft(store, ann)
    film = agreements.owe(store, one, "a film", "me", "2026-06-20")
    assert agreements.overdue(store, "2026-06-21") == []
    agreements.move(store, one, "signed", "me")
    assert agreements.overdue(store, "2026-06-20") == []
    assert [owed.id for owed, _title in agreements.overdue(store, "2026-06-21")] == [film]
    with pytest.raises(UsageError, match="is no link"):
        agreements.deliver(store, film, "2026-06-20", "me", "javascript:alert(1)")
    agreements.deliver(store, film, "2026-06-22", "me", "https://example.org/film")
    assert agreements.overdue(store, "2026-07-01") == []
    agreements.drop(store, film, "me")
    with pytest.raises(UsageError, match="no deliverable"):
        agreements.drop(store, film, "me")


def test_what_ends_first_is_listed_first(store: Store, ann: int) -> None:
    late, early, never = (draft(store, ann, ends_on=day) for day in ("2026-09-01", "2026-07-01", None))  # type: ignore[arg-type]
    assert [one.id for one in agreements.listed(store)] == [early, late, never]
    agreements.move(store, late, "signed", "me")
    assert [one.id for one in agreements.listed(store, "in_force")] == [late]
    assert [one.id for one in agreements.of(store, ann)] == [late, never, early]
    with pytest.raises(UsageError, match="no state"):
        agreements.listed(store, "lost")


def test_a_merge_brings_the_agreements_together_and_apart_again(store: Store, ann: int) -> None:
    make.write(store, make.person("ben"))
    ben = make.creator(store, "ben")
    one = draft(store, ben)
    number = merges.merge(store, ben, ann, "me")
    assert [found.id for found in agreements.of(store, ann)] == [one]
    agreements.move(store, one, "signed", "me")
    merges.undo(store, number, "me")
    assert [found.state for found in agreements.of(store, ben)] == ["signed"]


def test_the_craft_is_told() -> None:
    today = "2026-06-10"

    def told(terms: Terms, stage: str | None = None) -> list[str]:
        return list(hints(terms, stage, today))

    assert told(TERMS) == []
    assert told(TERMS._replace(basis="buy-out", ends_on=today)) == ["share", "continuous"]
    exclusive = TERMS._replace(exclusivity="tea")
    assert (told(exclusive, "early"), told(exclusive, "mid")) == (["early-exclusivity"], [])
    assert told(TERMS, "mid") == ["mid-exclusivity"]
    assert told(exclusive._replace(ends_on=None)) == ["open-ended"]
    assert told(TERMS._replace(starts_on=None, ends_on="2026-06-09")) == ["past"]
    assert {states.BURST_DAYS} == {30}


# The command line -----------------------------------------------------------------------------------------------


def test_a_last_day_that_is_past_is_told_when_it_is_drafted_and_when_it_is_signed(
    kolbench: Commands, tmp_path: Path
) -> None:
    store = make.store(tmp_path)
    make.write(store, make.person("ann"))
    store.close()
    made = kolbench("agreement", "new", "demo:ann", "--gives", "films", "--gets", "a tenth", "--ends", "2020-01-01")
    signed = kolbench("agreement", "sign", 1)
    assert [(one.code, "Its last day is past already" in one.err) for one in (made, signed)] == [(0, True), (0, True)]
    renewed = kolbench("agreement", "renew", 1, "--ends", "+90d")
    assert "past" not in renewed.err


def test_a_version_that_does_not_count_yet_is_told_with_what_makes_it_count(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.write(store, make.person("ann"))
    store.close()

    def told(*args: object) -> str:
        return kolbench("agreement", *args).out

    draft = told("new", "demo:ann", "--gives", "films", "--gets", "a tenth", "--basis", "share", "--ends", "+90d")
    assert draft == "Agreement 1 with ann: films · drafted, version 1\n"
    assert told("version", 1, "--gets", "an eighth") == "Agreement 1 with ann: films · drafted, version 2\n"
    told("offer", 1)
    waits = "Version 3 is written, and waits to take its place: kolbench agreement {} 1\n"
    offered = "Agreement 1 with ann: films · offered, version 2\n" + waits.format("offer")
    written = kolbench("agreement", "version", 1, "--basis", "buy-out")
    assert (written.out, "buy-out" in written.err) == (offered, True), "what to think over is of what was written"
    assert told("show", 1).startswith(offered)
    assert told("offer", 1) == "Agreement 1 with ann: films · offered, version 3\n"
    assert told("sign", 1, "--version", 2).endswith(waits.format("renew"))
    assert told("renew", 1) == "Agreement 1 with ann: films · renewed, version 3\n"


def test_the_whole_way_on_the_command_line(kolbench: Commands, tmp_path: Path) -> None:
    store = make.store(tmp_path)
    make.write(store, make.person("ann"))
    make.brief(store)
    store.close()
    made = kolbench(
        "agreement", "new", "demo:ann", "--brief", "Tea", "--gives", "two films", "--gets", "500 CNY each", "--basis",
        "buy-out", "--starts", "today", "--ends", "+14d", "--exclusive", "tea", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert (made.json["state"], made.json["starts_on"], made.json["ends_on"]) == ("draft", "2026-06-01", "2026-06-15")
    assert len(made.json["hints"]) == 2
    assert kolbench("agreement", "offer", 1).code == 0
    assert kolbench("agreement", "version", 1, "--gets", "600 CNY each", "--ends", "", "--base", 1).code == 0
    signed = kolbench("agreement", "sign", 1, "--version", 2, "--json").json
    assert (signed["state"], signed["gets"], signed["ends_on"], signed["in_force"]) == (
        "signed",
        "600 CNY each",
        None,
        True,
    )
    owed = kolbench("agreement", "deliverable", 1, "the first film", "--due", "2026-06-08", "--json").json
    done = kolbench("agreement", "deliver", owed["id"], "--proof", "https://example.org/1", "--json").json
    assert (done["done_on"], done["proof"]) == ("2026-06-01", "https://example.org/1")
    renewed = kolbench("agreement", "renew", 1, "--ends", "2026-12-31", "--json").json
    assert (renewed["state"], renewed["version"]) == ("renewed", 3)
    assert (
        kolbench("agreement", "end", 1, "--broken", "--reason", "went to a rival", "--json").json["state"] == "broken"
    )
    shown = kolbench("agreement", "show", 1)
    assert "went to a rival" in shown.out
    told = kolbench("agreement", "show", 1, "--json").json
    assert [event["state"] for event in told["events"]] == ["broken", "renewed", "signed", "offered", "draft"]
    assert [one["state"] for one in kolbench("agreement", "list", "--json").json] == ["broken"]
    assert "broken" in kolbench("agreement", "list", "--creator", "demo:ann").out
    assert kolbench("agreement", "sign", 1).code == 2
    assert kolbench("agreement", "version", 1).code == 2
    assert kolbench("agreement", "drop", owed["id"], "--json").json == {"id": owed["id"], "dropped": True}
