"""What comes in from a real Matrix homeserver is what its own database holds, whatever happens meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import synapse

if TYPE_CHECKING:
    from workbench import Workbench

ACTS = (
    "SELECT actor.uid, object.uid, evidence_uid FROM activity JOIN account AS actor ON actor.id = actor_id"
    " JOIN account AS object ON object.id = object_id WHERE type = ?"
)
MEMBERS = (
    "SELECT account.uid FROM membership JOIN account ON account.id = account_id"
    " JOIN community ON community.id = community_id WHERE community.uid = ? AND left_at IS NULL"
)
LEFT = (
    "SELECT left_at IS NOT NULL FROM membership JOIN account ON account.id = account_id"
    " JOIN community ON community.id = community_id WHERE account.uid = ? AND community.uid = ?"
)
SAID = (
    "SELECT message.uid, account.uid, sent_at, text FROM message JOIN account ON account.id = account_id"
    " JOIN community ON community.id = community_id WHERE community.uid = ?"
)


@pytest.fixture
def tea(workbench: Workbench, homeserver: synapse.Homeserver) -> Workbench:
    """A store with the homeserver as its source, by a token of somebody who is in all rooms."""
    workbench.env["KOLBENCH_TEA_TOKEN"] = homeserver.people[0].token
    workbench("source", "add", "tea", "matrix", "--set", f"server={homeserver.url}")
    return workbench


def assert_same(workbench: Workbench, homeserver: synapse.Homeserver) -> None:
    """Compare the store with the server's own database, one kind of thing after the other."""
    rooms = dict(workbench.rows("SELECT uid, name FROM community"))
    assert rooms == dict(zip(homeserver.rooms, ("Tea 茶话会", "Launch", "Vault"), strict=True))
    for room in homeserver.rooms:
        assert {row[0] for row in workbench.rows(MEMBERS, room)} == homeserver.members(room)
        assert {row[0]: row[1:] for row in workbench.rows(SAID, room)} == homeserver.messages(room)
    assert set(workbench.rows(ACTS, "reaction")) == homeserver.reactions()
    answers = workbench.rows("SELECT uid, reply_to_uid FROM message WHERE reply_to_uid IS NOT NULL")
    assert set(answers) == homeserver.replies()
    assert workbench.count("SELECT count(*) FROM message") == len(
        {event for room in homeserver.rooms for event in homeserver.messages(room)}
    )


def test_the_store_holds_what_the_server_holds(tea: Workbench, homeserver: synapse.Homeserver) -> None:
    events = tea.events("tea")
    assert_same(tea, homeserver)
    senders = {event: said[0] for room in homeserver.rooms for event, said in homeserver.messages(room).items()}
    answered = {(senders[by], senders[to], by) for by, to in homeserver.replies() if senders[by] != senders[to]}
    assert set(tea.rows(ACTS, "reply")) == answered
    assert tea.count("SELECT count(*) FROM activity WHERE type = 'mention'") == synapse.MESSAGES // 10
    assert 0 < tea.count("SELECT count(*) FROM activity WHERE type = 'thank'") <= synapse.MESSAGES // 8
    warned = [event["message"] for event in events if event["event"] == "warning"]
    assert [text for text in warned if "encrypted" in text] == [
        "Vault is encrypted: who is in it is read, what is said there is not."
    ]
    assert tea.rows("SELECT uid FROM account WHERE is_staff") == [(homeserver.people[0].id,)]
    assert tea.count("SELECT count(*) FROM membership WHERE joined_at IS NOT NULL") == 100 + 40 + 3


def test_a_second_sync_brings_nothing_new(tea: Workbench, homeserver: synapse.Homeserver) -> None:
    tea.events("tea")
    before = contents(tea)
    tea.events("tea")
    assert contents(tea) == before


def test_a_sync_killed_anywhere_resumes_without_loss_or_doubling(
    tea: Workbench, homeserver: synapse.Homeserver
) -> None:
    assert tea.kill_when(lambda: tea.count("SELECT count(*) FROM membership") > 0, "sync", "tea")
    assert tea.kill_when(lambda: tea.count("SELECT count(*) FROM message") > 0, "sync", "tea")
    assert 0 < tea.count("SELECT count(*) FROM message") < len(homeserver.said)
    tea.events("tea")
    assert_same(tea, homeserver)


def test_what_happens_between_two_syncs_is_noticed(tea: Workbench, homeserver: synapse.Homeserver) -> None:
    tea.events("tea")
    room, who = homeserver.rooms[0], 7
    path, ann = f"/rooms/{quote(room)}", homeserver.people[who]
    edited = homeserver.say(room, who, "draft")
    spam = homeserver.say(room, who, "buy now")
    tea.events("tea")
    relation = {"rel_type": "m.replace", "event_id": edited}
    new = {"msgtype": "m.text", "body": "final"}
    homeserver.say(room, who, "* final", **{"m.relates_to": relation, "m.new_content": new})
    homeserver.call("PUT", f"{path}/redact/{quote(spam)}/x", {}, 0)
    homeserver.call("PUT", f"/profile/{quote(ann.id)}/displayname", {"displayname": "安 Ann"}, who)
    homeserver.call("POST", f"{path}/leave", {}, 60)
    answer = homeserver.say(room, 8, "thank you", **{"m.relates_to": {"m.in_reply_to": {"event_id": edited}}})
    homeserver.server.wait(lambda: has_name(homeserver, ann.id, "安 Ann"), "the name was not changed")
    tea.events("tea")
    words = dict(tea.rows("SELECT uid, text FROM message"))
    assert (words[edited], words[spam], words[answer]) == ("final", "", "thank you")
    assert tea.rows("SELECT name FROM account WHERE uid = ?", ann.id) == [("安 Ann",)]
    assert tea.rows(LEFT, homeserver.people[60].id, room) == [(1,)]
    thanks = (homeserver.people[8].id, ann.id, answer)
    assert thanks in tea.rows(ACTS, "thank")
    assert {row[0] for row in tea.rows(MEMBERS, room)} == homeserver.members(room)


def test_a_session_of_our_own_ends_with_the_sync(workbench: Workbench, homeserver: synapse.Homeserver) -> None:
    ann = homeserver.people[5]
    workbench.env["KOLBENCH_TEA_PASSWORD"] = ann.password
    settings = ("--set", f"server={homeserver.url}", "--set", f"user={ann.id}", "--set", "rooms=#launch:kol.test")
    workbench("source", "add", "tea", "matrix", *settings)
    workbench("sync", "tea")
    assert {row[0] for row in workbench.rows(MEMBERS, homeserver.rooms[1])} == homeserver.members(homeserver.rooms[1])
    assert homeserver.query("SELECT count(*) FROM access_tokens WHERE device_id = 'KOLBENCH'") == [(0,)]
    workbench.env["KOLBENCH_TEA_PASSWORD"] = "wrong"
    errors = [event["error"] for event in workbench.events("tea", code=1) if event["event"] == "source_finished"]
    assert "can't log in with this password" in errors[0]


def test_a_room_that_is_closed_to_us_is_named_and_the_next_one_read(
    tea: Workbench, homeserver: synapse.Homeserver
) -> None:
    tea(
        "source",
        "add",
        "two",
        "matrix",
        "--set",
        f"server={homeserver.url}",
        "--set",
        "rooms=#none:kol.test,#launch:kol.test",
    )
    tea.env["KOLBENCH_TWO_TOKEN"] = homeserver.people[5].token
    warned = [event["message"] for event in tea.events("two") if event["event"] == "warning"]
    assert any("#none:kol.test" in text for text in warned)
    assert {row[0] for row in tea.rows(MEMBERS, homeserver.rooms[1])} == homeserver.members(homeserver.rooms[1])


def contents(workbench: Workbench) -> list[list[tuple[Any, ...]]]:
    """What the store holds of people and rooms, without the moments at which it was seen."""
    return [
        workbench.rows("SELECT uid, handle, name, is_bot, is_staff FROM account ORDER BY uid"),
        workbench.rows("SELECT uid, community_id, account_id, sent_at, text, reply_to_uid FROM message ORDER BY uid"),
        workbench.rows("SELECT actor_id, object_id, type, evidence_uid FROM activity ORDER BY 1, 2, 3, 4"),
        workbench.rows("SELECT community_id, account_id, role, joined_at, left_at FROM membership ORDER BY 1, 2"),
    ]


def has_name(homeserver: synapse.Homeserver, user: str, name: str) -> bool:
    """Whether every room shows a person under a name."""
    rows = homeserver.query(
        "SELECT json_extract(json, '$.content.displayname') FROM current_state_events"
        " JOIN event_json USING (event_id) WHERE state_key = ? AND type = 'm.room.member'",
        user,
    )
    return {row[0] for row in rows} == {name}
