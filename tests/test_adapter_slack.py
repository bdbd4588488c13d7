"""What the Slack adapters make of the Web API's answers, and of the archives that a workspace exports."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as told
from hypothesis import strategies as st

from asking import Asking, of
from kolbench.adapters.protocol import Page, Pull, Rejected
from kolbench.adapters.registry import faults
from kolbench.adapters.slack import api, export
from kolbench.adapters.slack.adapter import Slack
from kolbench.adapters.slack.entities import readable, spoken
from kolbench.adapters.slack.export import SlackExport
from kolbench.domain.errors import Denied, Gone, KolbenchError, RateLimited, SourceError, Transient, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    Record,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

TEA, DEN = "C0000TEA1", "G0000DEN1"
ANN, BOB, CY = "U0000ANN1", "U0000BOB1", "U0000CY01"
START = 1_777_800_000
Json = dict[str, Any]


def ts(minute: float) -> str:
    return f"{START + minute * 60:.6f}"


def at(minute: float) -> datetime:
    return datetime.fromtimestamp(START + minute * 60, UTC)


def person(uid: str, name: str, **more: Any) -> Json:
    profile = {"real_name": name.title(), "display_name": "", "image_192": "https://img.example/1.png"}
    return {
        "id": uid,
        "name": name,
        "deleted": False,
        "is_bot": False,
        "profile": profile | more.pop("profile", {}),
    } | more


def said(user: str, minute: float, text: str = "hi", **more: Any) -> Json:
    return {"type": "message", "user": user, "ts": ts(minute), "text": text, **more}


class Workspace:
    """A workspace in memory, which gives ``most`` items a page."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.people = [person(ANN, "ann", is_owner=True), person(BOB, "bob"), person(CY, "cy", deleted=True)]
        self.channels = [{"id": TEA, "name": "tea", "is_member": True}, {"id": DEN, "name": "den", "is_member": False}]
        self.members = {TEA: [ANN, BOB, CY]}
        self.messages: list[Json] = []
        self.threads: dict[str, list[Json]] = {}
        self.scopes = "users:read,channels:read,channels:history"
        self.errors: dict[str, Json] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.stand_in: Callable[[httpx.Request], httpx.Response | None] = lambda request: None

    def say(self, *messages: Json) -> None:
        self.messages += messages

    def reply(self, parent: str, message: Json) -> None:
        root = next(one for one in self.messages if one["ts"] == parent)
        thread = self.threads.setdefault(parent, [])
        thread.append(message | {"thread_ts": parent})
        root |= {"thread_ts": parent, "reply_count": len(thread), "latest_reply": thread[-1]["ts"]}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        method, params = request.url.path.removeprefix("/api/"), dict(parse_qsl(request.content.decode()))
        self.asked.append((method, params))
        if answer := self.stand_in(request):
            return answer
        if request.headers["authorization"] != "Bearer xoxb-of-ann":
            return ok({"ok": False, "error": "invalid_auth"})
        if method in self.errors:
            return ok({"ok": False, **self.errors[method]})
        return ok({"ok": True, **getattr(self, "serve_" + method.replace(".", "_"))(params)}, self.scopes)

    def page(self, params: Mapping[str, str], key: str, items: list[Any]) -> Json:
        first = int(params.get("cursor", "0"))
        end = first + min(int(params["limit"]), self.most)
        return {key: items[first:end], "response_metadata": {"next_cursor": str(end) if end < len(items) else ""}}

    def serve_auth_test(self, params: Mapping[str, str]) -> Json:
        return {"user": "ann", "user_id": ANN, "team": "Tea Inc", "team_id": "T1"}

    def serve_users_list(self, params: Mapping[str, str]) -> Json:
        return self.page(params, "members", self.people)

    def serve_conversations_list(self, params: Mapping[str, str]) -> Json:
        return self.page(params, "channels", self.channels)

    def serve_conversations_info(self, params: Mapping[str, str]) -> Json:
        return {"channel": next(one for one in self.channels if one["id"] == params["channel"])}

    def serve_conversations_members(self, params: Mapping[str, str]) -> Json:
        return self.page(params, "members", self.members[params["channel"]])

    def serve_conversations_history(self, params: Mapping[str, str]) -> Json:
        oldest = float(params.get("oldest", "0"))
        found = sorted(
            (one for one in self.messages if float(one["ts"]) > oldest), key=lambda one: one["ts"], reverse=True
        )
        return self.page(params, "messages", found)

    def serve_conversations_replies(self, params: Mapping[str, str]) -> Json:
        root = next(one for one in self.messages if one["ts"] == params["ts"])
        oldest = float(params.get("oldest", "0"))
        return self.page(
            params, "messages", [root, *(one for one in self.threads[params["ts"]] if float(one["ts"]) > oldest)]
        )


def ok(answer: Json, scopes: str = "") -> httpx.Response:
    return httpx.Response(200, json=answer, headers={"x-oauth-scopes": scopes} if scopes else None)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("KOLBENCH_NOW", at(100_000).isoformat())
    monkeypatch.setenv("KOLBENCH_SLACK_TOKEN", "xoxb-of-ann")
    return store


def asking(workspace: Workspace, **more: str) -> Asking:
    return Asking(Slack(), workspace, {"token": "xoxb-of-ann", **more})


def heard(workspace: Workspace, cursor: str | None = None, **more: str) -> list[str]:
    """The times of the messages that come in, as minutes."""
    found = of(asking(workspace, **more).records("messages", TEA, cursor), MessageRecord)
    return [f"{(one.sent_at - at(0)).total_seconds() / 60:g}" for one in found]


def acts(records: list[Record]) -> set[tuple[str, str, str]]:
    return {(act.actor_uid, act.kind, act.object_uid) for act in of(records, InteractionRecord)}


def test_they_declare_themselves_soundly() -> None:
    assert faults(Slack()) == faults(SlackExport()) == []


# People and channels ------------------------------------------------------------------------------------------


def test_people_become_accounts_staff_bots_and_leavers_among_them(workspace: Workspace) -> None:
    about = {"display_name": "Bobby", "title": "Tea taster", "email": "bob@example.org", "phone": "+49 30 1"}
    workspace.people[1] = person(BOB, "bob", profile=about)
    workspace.people += [
        person("USLACKBOT", "slackbot"),
        person("U0000BOT1", "helper", is_bot=True),
        {"id": "U0000NEW1"},
    ]
    ann, bob, cy, slackbot, bot, new = of(asking(workspace).records("profiles"), AccountRecord)
    assert (ann.handle, ann.name, ann.is_staff, ann.gone, ann.is_bot) == ("ann", "Ann", True, False, False)
    assert bob == AccountRecord(
        uid=BOB,
        handle="bob",
        name="Bobby",
        bio="Tea taster",
        avatar_url="https://img.example/1.png",
        is_bot=False,
        is_staff=False,
        gone=False,
        contacts=(Contact("email", "bob@example.org"), Contact("phone", "+49 30 1")),
    )
    assert (cy.gone, slackbot.is_bot, bot.is_bot) == (True, True, True)
    assert (new.uid, new.name, new.is_bot) == ("U0000NEW1", None, None)


def test_channels_it_is_in_are_read_unless_some_are_listed(workspace: Workspace) -> None:
    assert asking(workspace).targets("members") == [TEA]
    assert asking(workspace, channels="#den, tea").targets("messages") == [DEN, TEA]
    workspace.asked.clear()
    assert asking(workspace, channels=DEN).targets("messages") == [DEN]
    assert workspace.asked == []
    assert asking(workspace).targets("profiles") == [""]
    with pytest.raises(UsageError, match="no channel nowhere"):
        asking(workspace, channels="tea nowhere").targets("members")


def test_without_a_scope_for_private_channels_the_public_ones_are_read(workspace: Workspace) -> None:
    def private_is_closed(request: httpx.Request) -> httpx.Response | None:
        closed = b"private_channel" in request.content
        return ok({"ok": False, "error": "missing_scope", "needed": "groups:read"}) if closed else None

    workspace.stand_in = private_is_closed
    assert asking(workspace).targets("members") == [TEA]


def test_the_members_of_a_channel_come_in_with_it(workspace: Workspace) -> None:
    room, *members = asking(workspace).records("members", TEA)
    assert room == CommunityRecord(uid=TEA, name="tea", kind="chat")
    assert members == [MembershipRecord(community_uid=TEA, account_uid=user) for user in (ANN, BOB, CY)]


@pytest.mark.parametrize(("feed", "target"), [("profiles", ""), ("members", TEA), ("messages", TEA)])
def test_every_cursor_resumes_and_a_forgotten_one_begins_anew(workspace: Workspace, feed: str, target: str) -> None:
    for number in range(5):
        workspace.say(said(ANN, number))
    asked = asking(workspace)
    pages = asked.pages(feed, target)
    everything = {repr(record) for page in pages for record in page.records}
    assert len(pages) > 1
    for number, page in enumerate(pages):
        before = {repr(record) for early in pages[: number + 1] for record in early.records}
        assert before | set(map(repr, asked.records(feed, target, page.cursor))) == everything
    forgotten = [ok({"ok": False, "error": "invalid_cursor"})]
    workspace.stand_in = lambda request: forgotten.pop() if forgotten and b"cursor=" in request.content else None
    again = asked.records(feed, target, pages[-2].cursor)
    assert set(map(repr, again)) == everything


# Messages -----------------------------------------------------------------------------------------------------


def test_a_message_becomes_records(workspace: Workspace) -> None:
    reactions = [{"name": "tea", "users": [BOB, CY], "count": 2}, {"name": "joy", "users": [BOB, ANN], "count": 2}]
    workspace.say(said(ANN, 1, f"thanks <@{BOB}|bob> &amp; <!here>", reactions=reactions))
    records = asking(workspace).records("messages", TEA)
    assert of(records, MessageRecord) == [
        MessageRecord(
            uid=f"{TEA}/{ts(1)}", community_uid=TEA, account_uid=ANN, sent_at=at(1), text="thanks @bob & @here"
        )
    ]
    assert acts(records) == {
        (ANN, "mention", BOB),
        (ANN, "thank", BOB),
        (BOB, "reaction", ANN),
        (CY, "reaction", ANN),
    }
    assert {act.evidence_uid for act in of(records, InteractionRecord)} == {f"{TEA}/{ts(1)}"}


def test_threads_are_read_with_the_messages_that_begin_them(workspace: Workspace) -> None:
    workspace.say(said(ANN, 1), said(BOB, 2))
    for minute in range(3, 8):
        workspace.reply(ts(1), said(BOB, minute, "thank you!"))
    records = asking(workspace).records("messages", TEA)
    replies = [message for message in of(records, MessageRecord) if message.reply_to_uid]
    assert [message.reply_to_uid for message in replies] == [f"{TEA}/{ts(1)}"] * 5
    assert acts(records) == {(BOB, "reply", ANN), (BOB, "thank", ANN)}


def test_slacks_own_remarks_are_no_messages_but_tell_who_came_and_went(workspace: Workspace) -> None:
    workspace.say(
        said(ANN, 1, subtype="channel_join"),
        said(BOB, 2, subtype="channel_leave"),
        said(BOB, 3, subtype="channel_topic"),
        said("USLACKBOT", 4, "This message was deleted.", subtype="tombstone", hidden=True),
        said(ANN, 5, subtype="channel_leave"),
        said(ANN, 6, subtype="channel_join"),
    )
    workspace.most = 10
    records = asking(workspace).records("messages", TEA)
    assert of(records, MessageRecord) == []
    assert of(records, MembershipRecord) == [  # only the newest of each person: the first may contradict it
        MembershipRecord(community_uid=TEA, account_uid=BOB, left_at=at(2)),
        MembershipRecord(community_uid=TEA, account_uid=ANN, joined_at=at(6)),
    ]


def test_after_a_kill_older_remarks_do_not_overtake_newer_ones(workspace: Workspace) -> None:
    workspace.say(
        said(ANN, 1, subtype="channel_leave"), said(BOB, 2), said(ANN, 3, subtype="channel_join"), said(BOB, 4)
    )
    asked = asking(workspace)
    first = asked.pages("messages", TEA)[0]
    assert of(first.records, MembershipRecord) == [
        MembershipRecord(community_uid=TEA, account_uid=ANN, joined_at=at(3))
    ]
    behind = next(page.cursor for page in asked.pages("messages", TEA) if "cursor" in page.cursor)
    assert of(asked.records("messages", TEA, behind), MembershipRecord) == []


def test_bots_are_told_from_people_and_address_nobody(workspace: Workspace) -> None:
    workspace.say(
        {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B0000001",
            "username": "CI",
            "ts": ts(1),
            "text": f"<@{BOB}>",
        },
        said("USLACKBOT", 2, f"<@{BOB}> hi"),
        said("U0000GUEST", 3, "hi", user_profile={"real_name": "Gus", "image_72": "https://img.example/2.png"}),
        said(BOB, 4, f"<@{ANN}>", bot_id="B0000002"),
    )
    records = asking(workspace).records("messages", TEA)
    assert acts(records) == set()
    assert {(one.uid, one.name, one.is_bot) for one in of(records, AccountRecord)} == {
        ("B0000001", "CI", True),
        ("USLACKBOT", "Slackbot", True),
        ("U0000GUEST", "Gus", None),
    }


@pytest.mark.parametrize(
    ("text", "parent", "expected"),
    [
        (f"<@{BOB}> look", None, {(ANN, "reply", BOB)}),
        (f"<@{BOB.lower()}> look", None, {(ANN, "reply", BOB)}),
        (f"ask <@{BOB}> and <@{CY}>", None, {(ANN, "mention", BOB), (ANN, "mention", CY)}),
        (f"&gt; thanks <@{BOB}>\n<@{CY}> no", None, {(ANN, "reply", CY)}),
        (f"`<@{BOB}>` ok", None, set()),
        ("thanks @bob, bob@example.org <mailto:bob@example.org|bob@example.org>", None, set()),
        ("<!channel> <!subteam^S1|@team> <#C1|tea> <https://x.example/@bob>", None, set()),
        (f"me <@{ANN}>", None, set()),
        ("谢谢", BOB, {(ANN, "reply", BOB), (ANN, "thank", BOB)}),
        (f"thanks <@{CY}>", BOB, {(ANN, "reply", BOB), (ANN, "reply", CY), (ANN, "thank", CY)}),
    ],
)
def test_whom_a_message_names(
    workspace: Workspace, text: str, parent: str | None, expected: set[tuple[str, str, str]]
) -> None:
    more = {"thread_ts": ts(0), "parent_user_id": parent} if parent else {}
    workspace.say(said(ANN, 1, text, **more))
    found = acts(asking(workspace).records("messages", TEA))
    if parent and CY in text:  # leading names are answered too
        found = {(a, "reply" if (k, o) == ("mention", CY) else k, o) for a, k, o in found}
    assert found == expected


PIECES = ("<@U0001|a>", "<", ">", "@", "|", "&lt;", "<!x^y>", "x")


@told(max_examples=100, deadline=None)
@given(
    st.text(max_size=100)
    | st.lists(st.sampled_from(["<@U0001|a>", "<", ">", "@", "|", "&lt;", "<!x^y>", "x"])).map("".join)
)
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(readable(text, {}), str)
    assert "<@" not in readable(f"<@{BOB}>" + text, {})[: len(BOB)]
    assert spoken(text, None).count("@") <= text.count("<@")


def test_the_next_sync_reads_what_is_new_and_new_replies_to_what_is_recent(workspace: Workspace, store: Store) -> None:
    day = 24 * 60
    workspace.say(said(ANN, 0), said(ANN, 20 * day), said(ANN, 30 * day))
    asked = asking(workspace)
    cursor = asked.pages("messages", TEA)[-1].cursor
    assert json.loads(cursor) == {"done": ts(30 * day)}
    workspace.say(said(BOB, 31 * day))
    workspace.reply(ts(0), said(BOB, 32 * day))
    workspace.reply(ts(20 * day), said(BOB, 33 * day))
    minutes = heard(workspace, cursor)
    assert minutes == [f"{n * day:g}" for n in (30, 31, 20, 33)]
    assert f"{32 * day:g}" in heard(workspace, cursor, thread_days="40")
    asked.sync(store)
    workspace.asked.clear()
    asked.sync(store)
    asked_for = [params for method, params in workspace.asked if method == "conversations.replies"]
    assert [(params["ts"], params["oldest"]) for params in asked_for] == [(ts(20 * day), ts(31 * day))]


def test_what_is_said_while_the_past_is_read_comes_with_the_next_sync(workspace: Workspace) -> None:
    for number in range(6):
        workspace.say(said(ANN, number))
    asked = asking(workspace)
    pages = asked.adapter.pull(asked.pull("messages", TEA))
    first = next(iter(pages))
    workspace.say(said(BOB, 9))
    rest = list(pages)
    found = [first, *rest, *asked.pages("messages", TEA, rest[-1].cursor)]
    assert {one.uid for page in found for one in of(page.records, MessageRecord)} == {
        f"{TEA}/{one['ts']}" for one in workspace.messages
    }


def test_since_bounds_the_first_read(workspace: Workspace) -> None:
    for number in range(6):
        workspace.say(said(ANN, number))
    pages = asking(workspace).pages("messages", TEA, since=at(4))
    assert {one.sent_at for page in pages for one in of(page.records, MessageRecord)} <= {at(4), at(5)}


def test_a_server_that_ignores_bounds_is_not_read_to_its_beginning(workspace: Workspace) -> None:
    workspace.say(*(said(ANN, number * 24 * 60) for number in range(60)))
    cursor = asking(workspace).pages("messages", TEA)[-1].cursor
    workspace.asked.clear()
    serve = workspace.serve_conversations_history
    workspace.serve_conversations_history = lambda params: serve({**params, "oldest": "0"})  # type: ignore[method-assign]
    found = asking(workspace).pages("messages", TEA, cursor)
    assert len(workspace.asked) < 12
    assert json.loads(found[-1].cursor if found else cursor) == {"done": ts(59 * 24 * 60)}


def test_threads_that_are_closed_to_the_token_are_said_once(workspace: Workspace) -> None:
    workspace.say(said(ANN, 1), said(ANN, 2))
    workspace.reply(ts(1), said(BOB, 3))
    workspace.reply(ts(2), said(BOB, 4))
    workspace.errors["conversations.replies"] = {"error": "not_allowed_token_type"}
    asked = asking(workspace)
    assert len(of(asked.records("messages", TEA), MessageRecord)) == 2
    assert asked.warned == ["conversations.replies: Slack answers not_allowed_token_type."]
    workspace.errors["conversations.replies"] = {"error": "thread_not_found"}
    assert len(of(asking(workspace).records("messages", TEA), MessageRecord)) == 2


def test_one_bad_message_is_rejected_alone(workspace: Workspace) -> None:
    workspace.most = 9
    workspace.say(said(ANN, 1), said(ANN, 2) | {"text": 5}, said(ANN, 3, blocks=None, reactions=None, files=[{}]))
    workspace.say({"type": "message", "user": ANN, "text": "x", "ts": "0e9999999"})
    workspace.stand_in = lambda request: (
        ok({"ok": True, "messages": [*workspace.messages, {"ts": "soon", "user": ANN}]})
        if request.url.path.endswith("history")
        else None
    )
    asked = asking(workspace)
    assert len(of(asked.records("messages", TEA), MessageRecord)) == 3
    assert [row.column for row in asked.rejected] == ["text", "ts"]


# Errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"error": "channel_not_found"}, Gone),
        ({"error": "not_in_channel"}, Denied),
        ({"error": "missing_scope", "needed": "channels:history"}, Denied),
        ({"error": "internal_error"}, Transient),
        ({"error": "ratelimited"}, RateLimited),
        ({"error": "something_new"}, SourceError),
        ({}, SourceError),
    ],
)
def test_a_refusal_with_status_200_is_what_it_means(workspace: Workspace, error: Json, kind: type[Exception]) -> None:
    workspace.errors["conversations.history"] = error
    with pytest.raises(kind) as raised:
        asking(workspace).records("messages", TEA)
    assert type(raised.value) is kind
    assert str(raised.value).startswith("conversations.history: ")
    assert str(error.get("needed", "")) in str(raised.value)


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive"])
def test_a_refused_token_ends_the_source(workspace: Workspace, error: str) -> None:
    workspace.errors["conversations.history"] = {"error": error}
    with pytest.raises(SourceError, match=f"refuses the token \\({error}\\)") as raised:
        asking(workspace).records("messages", TEA)
    assert (raised.value.status, type(raised.value)) == (401, SourceError)


def test_a_limit_is_waited_for_as_slack_asks(workspace: Workspace) -> None:
    workspace.say(said(ANN, 1))
    left = [httpx.Response(429, headers={"retry-after": "60"}, json={"ok": False, "error": "ratelimited"})]
    workspace.stand_in = lambda request: left.pop() if left else None
    asked = asking(workspace)
    before = asked.clock.seconds
    assert len(of(asked.records("messages", TEA), MessageRecord)) == 1
    assert asked.clock.seconds - before >= 60


def test_its_test_says_whose_the_token_is_and_what_it_lacks(workspace: Workspace) -> None:
    findings = asking(workspace).test()
    assert findings[0].text == "The token belongs to ann in the workspace Tea Inc."
    assert all(found.ok for found in findings)
    assert [found.text.split()[4].rstrip(",") for found in findings[1:]] == [
        "groups:read",
        "groups:history",
        "users:read.email",
    ]
    workspace.scopes = "users:read"
    assert [found.ok for found in asking(workspace).test()].count(False) == 2
    workspace.scopes = ""
    assert len(asking(workspace).test()) == 1


def test_a_workspace_comes_into_the_store_and_a_second_sync_changes_nothing(workspace: Workspace, store: Store) -> None:
    workspace.say(said(ANN, 1, "who wants tea?"), said(BOB, 2, subtype="channel_join"))
    workspace.reply(ts(1), said(BOB, 3, "me, thanks"))
    asked = asking(workspace)
    assert asked.sync(store).state == "done"
    workspace.people[1]["name"] = "robert"
    workspace.messages[0]["text"] = "who wants green tea?"
    outcome = asked.sync(store)
    assert (outcome.state, outcome.counts.rejected) == ("done", 0)
    db = store.reader()
    assert db.execute("SELECT text FROM message ORDER BY uid").fetchall() == [
        ("who wants green tea?",),
        ("me, thanks",),
    ]
    assert db.execute("SELECT handle FROM account WHERE uid = ?", (BOB,)).fetchall() == [("robert",)]
    assert db.execute("SELECT handle FROM former_handle").fetchall() == [("bob",)]
    assert db.execute("SELECT name FROM community").fetchall() == [("tea",)]


# Exports ------------------------------------------------------------------------------------------------------


def exported(path: Path, days: Mapping[str, object], root: str = "", **lists: object) -> Path:
    """A zip as a workspace exports it."""
    found = {
        "users": [person(ANN, "ann"), person(BOB, "bob")],
        "channels": [{"id": TEA, "name": "tea", "members": [ANN, BOB]}],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**found, **lists}.items():
            archive.writestr(f"{root}{name}.json", json.dumps(content))
        for name, messages in days.items():
            archive.writestr(f"{root}{name}", messages if isinstance(messages, str) else json.dumps(messages))
    return path


class Read:
    """What an export gave."""

    def __init__(self, path: Path, cursor: str | None = None) -> None:
        self.rejected: list[Rejected] = []
        self.warned: list[str] = []
        pull = Pull("messages", {"path": str(path)}, cursor, reject=self.rejected.append, warn=self.warned.append)
        self.pages: list[Page] = list(SlackExport().pull(pull))
        self.records = [record for page in self.pages for record in page.records]


@pytest.mark.parametrize("root", ["", "Tea Inc export/"])
def test_an_export_tells_the_same_as_the_api(tmp_path: Path, workspace: Workspace, root: str) -> None:
    more = {"thread_ts": ts(1), "parent_user_id": ANN}
    days = {
        "tea/2026-05-03.json": [said(ANN, 1, f"hello <@{BOB}>", reply_count=1, thread_ts=ts(1))],
        "tea/2026-05-04.json": [said(BOB, 1500, "thanks", **more), said(BOB, 1501, subtype="channel_join")],
    }
    read = Read(exported(tmp_path / "export.zip", days, root))
    workspace.people = workspace.people[:2]
    for messages in days.values():
        workspace.say(*(message for message in messages if message["ts"] != ts(1500)))
    workspace.reply(ts(1), said(BOB, 1500, "thanks"))
    asked = asking(workspace)
    api_records = asked.records("messages", TEA)
    assert acts(read.records) == acts(api_records)
    told_by_export = {(one.uid, one.sent_at, one.reply_to_uid) for one in of(read.records, MessageRecord)}
    assert told_by_export == {(one.uid, one.sent_at, one.reply_to_uid) for one in of(api_records, MessageRecord)}
    assert {one.uid for one in of(read.records, AccountRecord)} == {ANN, BOB}
    assert of(read.records, CommunityRecord) == [CommunityRecord(uid=TEA, name="tea", kind="chat")]
    assert MembershipRecord(community_uid=TEA, account_uid=BOB, joined_at=at(1501)) in read.records
    assert [one.text for one in of(read.records, MessageRecord)] == ["hello @Bob", "thanks"]
    assert read.rejected == []


def test_an_export_is_dated_by_its_last_day_so_that_newer_names_win(tmp_path: Path) -> None:
    read = Read(exported(tmp_path / "export.zip", {"tea/2026-05-03.json": []}))
    assert {one.observed_at for one in of(read.records, AccountRecord)} == {datetime(2026, 5, 4, tzinfo=UTC)}


def test_strays_are_named_and_direct_messages_left_out(tmp_path: Path) -> None:
    days = {
        "tea/tss.json": [said(ANN, 1)],
        "tea/2026-05-03.json": [said(ANN, 2)],
        "D0001/2026-05-03.json": [said(ANN, 3)],
        "mpdm-ann--bob-1/2026-05-03.json": [said(ANN, 4)],
        "renamed/2026-05-03.json": [said(ANN, 5)],
        "__MACOSX/tea/2026-05-03.json": "x",
    }
    mpims = [{"id": "G0002", "name": "mpdm-ann--bob-1"}]
    read = Read(exported(tmp_path / "export.zip", days, dms=[{"id": "D0001", "members": [ANN, BOB]}], mpims=mpims))
    assert [one.community_uid for one in of(read.records, MessageRecord)] == ["renamed", TEA]
    assert read.warned == ["2 files are no day of a channel, and left out, such as __MACOSX/tea/2026-05-03.json."]


def test_what_is_broken_inside_is_rejected_alone(tmp_path: Path) -> None:
    days = {
        "tea/2026-05-01.json": "not json",
        "tea/2026-05-02.json": [said(ANN, 1), {"user": ANN}, {"ts": "x", "user": ANN}, 7, said(ANN, 2)],
    }
    read = Read(exported(tmp_path / "export.zip", days, users={"ann": {}}))
    assert len(of(read.records, MessageRecord)) == 2
    assert [row.line for row in read.rejected] == [1, 1, 2, 3, 4]


def test_pages_of_an_export_resume_from_every_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolbench.adapters.chats.page.LIMIT", 20)
    monkeypatch.setattr(export, "AT_ONCE", 10)
    days = {f"tea/2026-05-{day:02}.json": [said(ANN, day * 100 + n) for n in range(9)] for day in range(1, 8)}
    path = exported(tmp_path / "export.zip", days)
    pages = Read(path).pages
    everything = {one.uid for page in pages for one in of(page.records, MessageRecord)}
    assert len(everything) == 63
    assert len(pages) > 3
    for number, page in enumerate(pages):
        before = {one.uid for early in pages[: number + 1] for one in of(early.records, MessageRecord)}
        assert before | {one.uid for one in of(Read(path, page.cursor).records, MessageRecord)} == everything
    assert Read(path, pages[-1].cursor).pages == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc/2026-05-03.json", "leads outside"),
        ("/etc/2026-05-03.json", "leads outside"),
        ("tea\\..\\2026-05-03.json", "leads outside"),
    ],
)
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        Read(exported(tmp_path / "export.zip", {name: []}))


def test_bombs_giants_and_crowds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = exported(tmp_path / "bomb.zip", {"tea/2026-05-03.json": "[" + " " * (40 << 20) + "]"})
    with pytest.raises(SourceError, match="more than 200 times"):
        Read(bomb)
    monkeypatch.setattr(export, "MAX_BYTES", 1 << 20)
    with pytest.raises(SourceError, match="larger than 1 MB"):
        Read(bomb)
    monkeypatch.setattr(export, "MAX_FILES", 3)
    with pytest.raises(SourceError, match="more than 3 files"):
        Read(exported(tmp_path / "crowd.zip", {f"tea/2026-05-0{day}.json": [] for day in range(1, 5)}))


@pytest.mark.parametrize("damage", ["cut", "flipped", "no zip"])
def test_damaged_archives_are_named(tmp_path: Path, damage: str) -> None:
    messages = [said(ANN, number, "tea" * number) for number in range(200)]
    path = exported(tmp_path / "export.zip", {"tea/2026-05-03.json": messages})
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        place = data.index(b"2026-05-03.json") + 40
        data[place : place + 8] = bytes(byte ^ 0xFF for byte in data[place : place + 8])
    path.write_bytes(bytes({"cut": data[: len(data) // 2], "flipped": data, "no zip": b"hello"}[damage]))
    with pytest.raises(KolbenchError, match=r"export\.zip"):
        Read(path)
    assert SlackExport().recognise(str(path)) in (0.0, 0.98)


def test_it_recognises_exports_and_nothing_else(tmp_path: Path) -> None:
    assert SlackExport().recognise(str(exported(tmp_path / "a.zip", {"tea/2026-05-03.json": []}))) > 0.9
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("_chat.txt", "[04.05.26, 12:00:00] Ann: hi")
    assert SlackExport().recognise(str(tmp_path / "b.zip")) == 0.0
    assert SlackExport().recognise(str(tmp_path / "none.zip")) == 0.0
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    assert SlackExport().recognise(str(tmp_path / "c.csv")) == 0.0


def test_a_real_export_has_the_figures_that_were_computed_independently(shared_data: Path) -> None:
    """Gini 0.5614 and HHI 353.4 of messages an author, without those that a thread also sent to its channel.

    They count the message that ``tss.json`` repeats twice.
    """
    path = shared_data / "chat" / "slack_export.zip"
    read = Read(path)
    assert read.rejected == []
    with zipfile.ZipFile(path) as archive:
        files = [name for name in archive.namelist() if name.count("/") == 2 and name.endswith(".json")]
        raw = [message for name in files for message in json.loads(archive.read(name))]
        (repeated,) = json.loads(archive.read(next(name for name in files if name.endswith("tss.json"))))
    assert len(raw) == 20_011
    broadcasts = {message["ts"] for message in raw if message.get("subtype") == "thread_broadcast"}
    messages = {one.uid: one for one in of(read.records, MessageRecord)}
    written = [one.account_uid for one in messages.values() if one.uid.partition("/")[2] not in broadcasts]
    counts = sorted(Counter([*written, repeated["user"]]).values())
    n, total = len(counts), sum(counts)
    assert (len(messages), total) == (18_974, 18_945)
    assert sum((2 * place - n - 1) * count for place, count in enumerate(counts, 1)) / (n * total) == pytest.approx(
        0.5614, abs=5e-5
    )
    assert sum((100 * count / total) ** 2 for count in counts) == pytest.approx(353.4, abs=0.05)
    joins = sum(message.get("subtype") == "channel_join" for message in raw)
    assert len([one for one in of(read.records, MembershipRecord) if one.joined_at]) == joins == 1_027
    uids = {one.uid for one in of(read.records, AccountRecord)} | {one.account_uid for one in messages.values()}
    named = {act.object_uid for act in of(read.records, InteractionRecord)}
    assert named - uids == set()  # in whatever letters an id was written
    assert len({one.uid for one in of(read.records, CommunityRecord)}) == 39


def test_pages_ask_for_what_slack_recommends(workspace: Workspace) -> None:
    asking(workspace).records("profiles")
    assert {params["limit"] for _method, params in workspace.asked} == {str(api.PAGE)}


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = Slack()
    settings = {"server": "https://slack.example", "token": "xoxb-of-ann"}
    expected = {"profiles": 3, "members": 3, "messages": 8}

    def server(self, request: httpx.Request) -> httpx.Response:
        workspace = Workspace()
        workspace.say(*(said((ANN, BOB, CY)[number % 3], number) for number in range(5)))
        for number in range(3):
            workspace.reply(ts(1), said(CY, 10 + number, "thanks"))
        return workspace(request)


class TestAnExportKeepsTheContract(AdapterConformance):
    """The same of the adapter that reads exports."""

    adapter = SlackExport()
    expected = {"messages": 63}

    @pytest.fixture(autouse=True)
    def export(self, tmp_path: Path) -> None:
        days = {f"tea/2026-05-{day:02}.json": [said(ANN, day * 100 + n) for n in range(9)] for day in range(1, 8)}
        self.settings = {"path": str(exported(tmp_path / "export.zip", days))}
