"""What comes in from an emulator of Slack's Web API is what it tells by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import emulated_slack
from servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench import Workbench

ACTS = (
    "SELECT actor.uid, object.uid, evidence_uid FROM activity JOIN account AS actor ON actor.id = actor_id"
    " JOIN account AS object ON object.id = object_id WHERE type = ?"
)


@pytest.fixture(scope="module")
def workspace() -> Iterator[emulated_slack.Workspace]:
    """A workspace in which forty people talk."""
    with running(emulated_slack.SERVER) as server:
        found = emulated_slack.Workspace(server)
        found.seed()
        yield found
        found.close()


@pytest.fixture
def launch(workbench: Workbench, workspace: emulated_slack.Workspace) -> Workbench:
    """A store with the workspace as its source."""
    workbench.env["KOLBENCH_LAUNCH_TOKEN"] = workspace.token(0)
    workbench("source", "add", "launch", "slack", "--set", f"server={workspace.url}")
    return workbench


def assert_same(workbench: Workbench, workspace: emulated_slack.Workspace) -> None:
    """Compare the store with what the emulator says, one kind of thing after the other."""
    told = workspace.messages()
    prefix = f"{workspace.channel}/"
    stored = workbench.rows(
        "SELECT message.uid, account.uid, reply_to_uid FROM message JOIN account ON account.id = account_id"
    )
    assert {(uid.removeprefix(prefix), user) for uid, user, _parent in stored} == {
        (ts, one["user"]) for ts, one in told.items()
    }
    assert len(stored) == len(told)
    replies = {(prefix + ts, prefix + one["thread_ts"]) for ts, one in told.items() if one.get("thread_ts", ts) != ts}
    assert {(uid, parent) for uid, _user, parent in stored if parent} == replies
    reactions = {
        (user, one["user"], prefix + ts)
        for ts, one in told.items()
        for reaction in one.get("reactions", ())
        for user in reaction["users"]
        if user != one["user"]
    }
    assert set(workbench.rows(ACTS, "reaction")) == reactions
    members = set(workspace.call("conversations.members", channel=workspace.channel)["members"])
    sql = "SELECT account.uid FROM membership JOIN account ON account.id = account_id"
    assert {row[0] for row in workbench.rows(sql)} == members
    people = {one["id"]: one["name"] for one in workspace.call("users.list", limit=1000)["members"]}
    assert dict(workbench.rows("SELECT uid, handle FROM account")) == people
    channels = workspace.call("conversations.list", types="public_channel")["channels"]
    joined = {one["id"]: one["name"] for one in channels if one["is_member"]}
    assert dict(workbench.rows("SELECT uid, name FROM community")) == joined


def test_the_store_holds_what_the_workspace_tells(launch: Workbench, workspace: emulated_slack.Workspace) -> None:
    launch.events("launch")
    assert_same(launch, workspace)
    assert launch.count("SELECT count(*) FROM activity WHERE type = 'thank'") == emulated_slack.MESSAGES // 10
    before = launch.rows("SELECT * FROM activity"), launch.rows("SELECT uid, text FROM message")
    launch.events("launch")
    assert (launch.rows("SELECT * FROM activity"), launch.rows("SELECT uid, text FROM message")) == before


def test_a_killed_sync_resumes_without_loss_or_doubling(launch: Workbench, workspace: emulated_slack.Workspace) -> None:
    launch.kill_when(lambda: launch.count("SELECT count(*) FROM message") > 0, "sync", "launch")
    assert launch.count("SELECT count(*) FROM message") > 0
    launch.events("launch")
    assert_same(launch, workspace)


def test_new_messages_replies_and_names_come_in(launch: Workbench, workspace: emulated_slack.Workspace) -> None:
    launch.events("launch")
    parent = workspace.say(3, "who is there?")
    launch.events("launch")
    reply = workspace.say(4, "me, thank you", thread_ts=parent)
    workspace.say(5, "a new day")
    workspace.call("users.profile.set", 6, profile='{"display_name": "安"}')
    launch.events("launch")
    assert_same(launch, workspace)
    thanks = (workspace.people[4], workspace.people[3], f"{workspace.channel}/{reply}")
    assert thanks in launch.rows(ACTS, "thank")
    assert launch.rows("SELECT name FROM account WHERE uid = ?", workspace.people[6]) == [("安",)]
