"""What the Matrix adapter makes of the client-server API's answers, by itself and through a sync."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as told
from hypothesis import strategies as st

from asking import Asking, of
from kolbench.adapters.chats.addressing import addressed
from kolbench.adapters.matrix import messages
from kolbench.adapters.matrix.adapter import Matrix
from kolbench.adapters.matrix.words import Content, spoken
from kolbench.adapters.registry import faults
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.records import AccountRecord, CommunityRecord, InteractionRecord, MembershipRecord, MessageRecord
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

SERVER = "https://matrix.example"
ROOM = "!tea:example.org"
ANN, BOB, CY = "@ann:example.org", "@bob:example.org", "@cy:other.example"
START = 1_777_800_000_000
Json = dict[str, Any]


def at(minute: int) -> datetime:
    return datetime.fromtimestamp(START / 1000, UTC) + timedelta(minutes=minute)


class Home:
    """A homeserver in memory with one room, which gives ``most`` events a page."""

    def __init__(self, most: int = 3) -> None:
        self.most = most
        self.state: dict[str, Json] = {
            "m.room.name": {"name": "Tea"},
            "m.room.canonical_alias": {"alias": "#tea:example.org"},
            "m.room.create": {"sender": ANN, "content": {"room_version": "11"}},
            "m.room.power_levels": {"users": {ANN: 100, BOB: "50", CY: 0, "@odd:x": "many"}},
        }
        self.members: list[Json] = []
        self.events: list[Json] = []
        self.aliases = {"#tea:example.org": ROOM}
        self.rooms = [ROOM]
        self.tokens = {"token-of-ann"}
        self.asked: list[str] = []
        self.walked = ""
        self.stand_in: Callable[[httpx.Request], httpx.Response | None] = lambda request: None

    def member(self, user: str, membership: str = "join", minute: int = 0, **more: Any) -> None:
        content = {"membership": membership, **more.pop("content", {})}
        self.members.append(
            {
                "state_key": user,
                "origin_server_ts": START + minute * 60_000,
                "content": content,
                "type": "m.room.member",
            }
            | more
        )

    def event(self, sender: str, content: Json, kind: str = "m.room.message", **more: Any) -> str:
        number = len(self.events)
        event = {"event_id": f"$e{number}", "type": kind, "sender": sender, "content": content, "unsigned": {"age": 1}}
        self.events.append(event | {"origin_server_ts": START + number * 60_000} | more)
        return f"$e{number}"

    def say(self, sender: str, text: str, **content: Any) -> str:
        return self.event(sender, {"msgtype": "m.text", "body": text, **content})

    def reply(self, sender: str, text: str, to: str, **content: Any) -> str:
        return self.say(sender, text, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}, **content})

    def move(self, user: str, membership: str, before: str | None = None) -> None:
        told = {} if before is None else {"replaces_state": "$x", "prev_content": {"membership": before}}
        self.event(user, {"membership": membership}, "m.room.member", state_key=user, unsigned=told)

    def react(self, sender: str, to: str, key: str = "👍") -> str:
        relation = {"rel_type": "m.annotation", "event_id": to, "key": key}
        return self.event(sender, {"m.relates_to": relation}, "m.reaction")

    def edit(self, sender: str, text: str, of: str) -> None:
        new = {"msgtype": "m.text", "body": text}
        content = {"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": of}}
        edit = self.say(sender, f"* {text}", **content)
        self.find(of)["unsigned"]["m.relations"] = {"m.replace": self.find(edit)}

    def redact(self, event_id: str, sender: str = ANN) -> None:
        self.find(event_id).update(content={}, unsigned={"redacted_because": {"type": "m.room.redaction"}})
        self.event(sender, {"redacts": event_id}, "m.room.redaction", redacts=event_id)

    def find(self, event_id: str) -> Json:
        return next(event for event in self.events if event["event_id"] == event_id)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.raw_path.decode().partition("?")[0]).removeprefix("/_matrix/client/v3")
        self.asked.append(path)
        if answer := self.stand_in(request):
            return answer
        if path == "/login":
            return self.log_in(json.loads(request.content))
        token = request.headers["authorization"].removeprefix("Bearer ")
        if token not in self.tokens:
            return failed(401, "M_UNKNOWN_TOKEN")
        if path == "/logout":
            self.tokens.remove(token)
            return ok({})
        if path == "/account/whoami":
            return ok({"user_id": ANN, "device_id": "X"})
        if path == "/joined_rooms":
            return ok({"joined_rooms": self.rooms})
        if path.startswith("/directory/room/"):
            room = self.aliases.get(path.removeprefix("/directory/room/"))
            return ok({"room_id": room, "servers": []}) if room else failed(404, "M_NOT_FOUND")
        _empty, _rooms, room, what, *rest = path.split("/")
        if room not in self.rooms:
            return failed(403, "M_FORBIDDEN")
        return self.serve(what, rest, dict(request.url.params))

    def serve(self, what: str, rest: list[str], params: dict[str, str]) -> httpx.Response:
        if what == "state":
            state = self.state.get(rest[0])
            return ok(state) if state else failed(404, "M_NOT_FOUND")
        if what == "members":
            wanted = params["membership"]
            return ok({"chunk": [one for one in self.members if one["content"]["membership"] == wanted]})
        if what == "event":
            found = [event for event in self.events if event["event_id"] == rest[0]]
            return ok(found[0]) if found else failed(404, "M_NOT_FOUND")
        return self.page(params)

    def page(self, params: dict[str, str]) -> httpx.Response:
        """Tokens are places between events; no ``end`` is given when nothing follows."""
        types = json.loads(params["filter"])["types"]
        size = min(int(params["limit"]), self.most)
        self.walked += params["dir"]
        if params["dir"] == "b":
            start = int(params.get("from", f"t{len(self.events)}")[1:])
            end = max(start - size, 0)
            chunk, more = self.events[end:start][::-1], end > 0
        else:
            start = int(params.get("from", "t0")[1:])
            end = min(start + size, len(self.events))
            chunk, more = self.events[start:end], end > start
        answer = {"chunk": [one for one in chunk if one["type"] in types], "start": f"t{start}", "state": self.members}
        return ok(answer | ({"end": f"t{end}"} if more else {}))

    def log_in(self, request: Json) -> httpx.Response:
        if (request["identifier"]["user"], request["password"]) != ("ann", "a long password"):
            return failed(403, "M_FORBIDDEN")
        self.tokens.add("token-by-password")
        return ok({"access_token": "token-by-password", "user_id": ANN, "device_id": request["device_id"]})


def ok(answer: object) -> httpx.Response:
    return httpx.Response(200, json=answer)


def failed(status: int, errcode: str) -> httpx.Response:
    return httpx.Response(status, json={"errcode": errcode, "error": "no"})


@pytest.fixture
def home() -> Home:
    return Home()


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("KOLBENCH_NOW", at(10_000).isoformat())
    monkeypatch.setenv("KOLBENCH_MATRIX_TOKEN", "token-of-ann")
    return store


def asking(home: Home, **more: str) -> Asking:
    return Asking(Matrix(), home, {"server": SERVER, "token": "token-of-ann", **more})


def by_password(home: Home, **more: str) -> Asking:
    return Asking(Matrix(), home, {"server": SERVER, "user": "ann", "password": "a long password", **more})


def said(home: Home, cursor: str | None = None) -> list[MessageRecord]:
    return of(asking(home).records("messages", ROOM, cursor), MessageRecord)


def acts(home: Home) -> set[tuple[str, str, str]]:
    found = of(asking(home).records("messages", ROOM), InteractionRecord)
    return {(act.actor_uid, act.kind, act.object_uid) for act in found}


def test_it_declares_itself_soundly() -> None:
    assert faults(Matrix()) == []


# Rooms and sessions -------------------------------------------------------------------------------------------


def test_all_joined_rooms_are_read_unless_some_are_listed(home: Home) -> None:
    home.rooms = ["!b:x", ROOM]
    assert asking(home).targets("members") == ["!b:x", ROOM]
    assert asking(home, rooms="#tea:example.org, !b:x").targets("messages") == ["#tea:example.org", "!b:x"]
    with pytest.raises(UsageError, match="tea is neither"):
        asking(home, rooms="tea").targets("members")


def test_an_alias_leads_to_its_room_and_after_an_upgrade_to_the_new_one(home: Home) -> None:
    home.say(ANN, "hello")
    asked = asking(home)
    cursor = asked.pages("messages", "#tea:example.org")[-1].cursor
    home.rooms = ["!new:example.org"]
    home.aliases["#tea:example.org"] = "!new:example.org"
    (message,) = of(asked.records("messages", "#tea:example.org", cursor), MessageRecord)
    assert message.community_uid == "!new:example.org"
    with pytest.raises(Gone):
        asked.records("members", "#none:example.org")
    with pytest.raises(Denied):
        asked.records("members", "!closed:example.org")


def test_a_password_opens_a_session_for_a_whole_sync_and_the_sync_ends_it(
    home: Home, store: Store, monkeypatch: Any
) -> None:
    monkeypatch.setenv("KOLBENCH_MATRIX_PASSWORD", "a long password")
    monkeypatch.delenv("KOLBENCH_MATRIX_TOKEN")
    home.rooms = [ROOM, "!b:x"]
    outcome = by_password(home).sync(store)
    assert outcome.state == "done"
    assert (home.asked.count("/login"), home.asked.count("/logout")) == (1, 1)
    assert home.tokens == {"token-of-ann"}


def test_a_session_ends_also_when_the_last_room_is_closed_to_us(home: Home, store: Store, monkeypatch: Any) -> None:
    monkeypatch.setenv("KOLBENCH_MATRIX_PASSWORD", "a long password")
    monkeypatch.delenv("KOLBENCH_MATRIX_TOKEN")
    by_password(home, rooms=f"{ROOM} !closed:x").sync(store)
    assert home.tokens == {"token-of-ann"}


def test_a_session_token_is_a_secret(home: Home) -> None:
    asked = by_password(home)
    pull = asked.pull("members", ROOM)
    home.stand_in = lambda request: (
        httpx.Response(400, text="token-by-password") if request.url.path.endswith("members") else None
    )
    hidden: list[str] = []
    with pytest.raises(SourceError) as error:
        list(Matrix().pull(type(pull)(**{**pull.__dict__, "protect": hidden.append})))
    assert hidden == ["token-by-password"]
    assert "token-by-password" not in str(error.value)


@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_password_ends_the_source_and_not_just_a_room(home: Home, status: int) -> None:
    home.stand_in = lambda request: failed(status, "M_FORBIDDEN") if request.url.path.endswith("/login") else None
    with pytest.raises(SourceError, match="ann can't log in") as error:
        by_password(home).targets("members")
    assert not isinstance(error.value, Gone | Denied)


def test_it_says_which_secret_it_needs(home: Home) -> None:
    with pytest.raises(UsageError, match="'token', or the setting 'user'"):
        Asking(Matrix(), home, {"server": SERVER}).targets("members")


def test_a_wrong_token_ends_the_source(home: Home) -> None:
    with pytest.raises(SourceError) as error:
        Asking(Matrix(), home, {"server": SERVER, "token": "nonsense"}).records("members", ROOM)
    assert error.value.status == 401


def test_its_test_says_who_it_is_and_which_rooms_it_misses(home: Home) -> None:
    findings = asking(home, rooms="#tea:example.org #none:x !closed:x").test()
    assert [(found.ok, found.text) for found in findings] == [
        (True, f"The homeserver knows you as {ANN}."),
        (True, f"{ANN} is in 1 room."),
        (False, f"{ANN} is not in #none:x: join it first."),
        (False, f"{ANN} is not in !closed:x: join it first."),
    ]
    assert by_password(home).test()
    assert home.tokens == {"token-of-ann"}


# Members ------------------------------------------------------------------------------------------------------


def test_a_room_and_its_people_become_records(home: Home) -> None:
    home.member(ANN, content={"displayname": "Ann 安", "avatar_url": "mxc://example.org/abc"})
    home.member(BOB, content={"displayname": None, "avatar_url": "javascript:x"})
    home.member(CY, minute=5, unsigned={"replaces_state": "$before"}, content={"displayname": "Cy"})
    room, *records = asking(home).records("members", ROOM)
    assert room == CommunityRecord(uid=ROOM, name="Tea", kind="chat", url="https://matrix.to/#/#tea:example.org")
    assert records[0] == AccountRecord(
        uid=ANN,
        handle="ann:example.org",
        name="Ann 安",
        url=f"https://matrix.to/#/{ANN}",
        avatar_url=f"{SERVER}/_matrix/client/v1/media/download/example.org/abc",
        is_staff=True,
    )
    assert of(records, MembershipRecord) == [
        MembershipRecord(community_uid=ROOM, account_uid=ANN, role="admin", joined_at=at(0)),
        MembershipRecord(community_uid=ROOM, account_uid=BOB, role="mod", joined_at=at(0)),
        MembershipRecord(community_uid=ROOM, account_uid=CY, role="member"),  # the event may be a change of name
    ]
    assert [(one.avatar_url, one.is_staff) for one in of(records, AccountRecord)[1:]] == [(None, True), (None, None)]


def test_who_left_is_told_and_who_never_came_is_not(home: Home) -> None:
    home.member(ANN, "leave", 7, unsigned={"replaces_state": "$join"})
    home.member(BOB, "ban", 8, unsigned={"replaces_state": "$join", "prev_content": {"membership": "join"}})
    home.member(CY, "leave", 9, unsigned={"replaces_state": "$invite", "prev_content": {"membership": "invite"}})
    home.member("@spam:x", "ban")
    home.member("@new:x", "invite")
    assert of(asking(home).records("members", ROOM), MembershipRecord) == [
        MembershipRecord(community_uid=ROOM, account_uid=ANN, left_at=at(7)),
        MembershipRecord(community_uid=ROOM, account_uid=BOB, left_at=at(8)),
    ]


@pytest.mark.parametrize(
    ("create", "levels", "staff"),
    [
        ({"sender": ANN, "content": {"room_version": "12", "additional_creators": [BOB]}}, {"users": {}}, {ANN, BOB}),
        ({"sender": ANN, "content": {"room_version": "11"}}, {"users": {CY: 50}}, {CY}),
        ({"sender": ANN, "content": {"room_version": "²"}}, {"users": {CY: 50}}, {CY}),
        ({"content": {"creator": ANN}}, None, {ANN}),
        ({"room_version": "10"}, {"users": {BOB: 100}}, {BOB}),  # from a server that gives the content only
        (None, None, set()),
    ],
)
def test_staff_are_creators_or_stand_high_enough_by_the_rooms_version(
    home: Home, create: Json | None, levels: Json | None, staff: set[str]
) -> None:
    home.state |= {"m.room.create": create or {}, "m.room.power_levels": levels or {}}
    for user in (ANN, BOB, CY):
        home.member(user)
    accounts = of(asking(home).records("members", ROOM), AccountRecord)
    assert {account.uid for account in accounts if account.is_staff} == staff


def test_what_cannot_be_read_of_a_room_is_said(home: Home) -> None:
    home.state["m.room.encryption"] = {"algorithm": "m.megolm.v1.aes-sha2"}
    home.state["m.room.tombstone"] = {"body": "moved", "replacement_room": "!new:x"}
    asked = asking(home)
    asked.records("members", ROOM)
    assert asked.warned == [
        "Tea is encrypted: who is in it is read, what is said there is not.",
        "Tea goes on in !new:x: join that, and list it if you list rooms.",
    ]
    home.rooms.append("!new:x")
    later = asking(home)
    later.records("members", ROOM)
    assert len(later.warned) == 1


def test_many_members_come_in_pages_that_a_killed_sync_goes_on_from(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kolbench.adapters.matrix.members.MAX_PAGE", 6)
    for number in range(9):
        home.member(f"@u{number}:x")
    pages = asking(home).pages("members", ROOM)
    assert len(pages) == 4
    everyone = {f"@u{number}:x" for number in range(9)}
    for number, page in enumerate(pages[:-1]):
        before = {one.account_uid for early in pages[: number + 1] for one in of(early.records, MembershipRecord)}
        after = of(asking(home).records("members", ROOM, page.cursor), MembershipRecord)
        assert before | {one.account_uid for one in after} == everyone
    assert pages[-1].cursor == "0"


# Messages -----------------------------------------------------------------------------------------------------


def test_what_is_said_becomes_messages_of_known_people(home: Home) -> None:
    home.member(ANN, content={"displayname": "Ann"})
    home.say(ANN, "hello")
    home.event(BOB, {"msgtype": "m.image", "body": "IMG_1.jpg", "url": "mxc://x/y"})
    home.event(BOB, {"msgtype": "m.image", "body": "my cat", "filename": "IMG_1.jpg"})
    home.event(CY, {"body": "a wave", "url": "mxc://x/z"}, "m.sticker")
    home.event(CY, {"msgtype": "m.emote", "body": "waves"})
    home.event(ANN, {"name": "Tea"}, "m.room.name", state_key="")
    records = asking(home).records("messages", ROOM)
    texts = {message.uid: (message.account_uid, message.text) for message in of(records, MessageRecord)}
    assert texts == {
        "$e0": (ANN, "hello"),
        "$e1": (BOB, ""),
        "$e2": (BOB, "my cat"),
        "$e3": (CY, ""),
        "$e4": (CY, "waves"),
    }
    assert {one.uid: one.name for one in of(records, AccountRecord)} == {ANN: "Ann", BOB: None, CY: None}


def test_replies_go_to_whoever_wrote_the_message_and_thanks_with_them(home: Home) -> None:
    first = home.say(ANN, "I made tea")
    home.reply(BOB, "> <@ann:example.org> I made tea\n\nthanks!", first)
    home.reply(ANN, "myself", first)
    home.reply(CY, "gone?", "$nowhere")
    assert acts(home) == {(BOB, "reply", ANN), (BOB, "thank", ANN)}
    assert {message.uid: (message.reply_to_uid, message.text) for message in said(home)} == {
        "$e0": (None, "I made tea"),
        "$e1": ("$e0", "thanks!"),
        "$e2": ("$e0", "myself"),
        "$e3": ("$nowhere", "gone?"),
    }


def test_a_reply_finds_its_author_on_another_page(home: Home) -> None:
    first = home.say(ANN, "old")
    for number in range(7):
        home.say(CY, f"{number}")
    home.reply(BOB, "late", first)
    home.react(CY, first)
    assert acts(home) == {(BOB, "reply", ANN), (CY, "reaction", ANN)}


def test_a_thread_answers_its_first_message_unless_one_is_chosen(home: Home) -> None:
    root = home.say(ANN, "root")
    second = home.say(BOB, "in thread", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    falling = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True, "m.in_reply_to": {"event_id": second}}
    chosen = falling | {"is_falling_back": False}
    home.say(CY, "also", **{"m.relates_to": falling})
    home.say(CY, "to Bob", **{"m.relates_to": chosen})
    assert [message.reply_to_uid for message in sorted(said(home), key=lambda one: one.uid)] == [
        None,
        root,
        root,
        second,
    ]
    assert acts(home) == {(BOB, "reply", ANN), (CY, "reply", ANN), (CY, "reply", BOB)}


def test_reactions_count_once_a_person_and_message(home: Home) -> None:
    first = home.say(ANN, "new tea")
    home.react(BOB, first)
    home.react(BOB, first, "❤")
    home.react(ANN, first)
    reactions = of(asking(home).records("messages", ROOM), InteractionRecord)
    assert {(one.actor_uid, one.kind, one.object_uid, one.evidence_uid) for one in reactions} == {
        (BOB, "reaction", ANN, first)
    }


PILL = '<a href="https://matrix.to/#/{}">{}</a>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"body": "hi Bob", "m.mentions": {"user_ids": [BOB]}}, {("mention", BOB)}),
        ({"body": "thanks Bob", "m.mentions": {"user_ids": [BOB]}}, {("mention", BOB), ("thank", BOB)}),
        ({"body": f"ask {BOB} and {CY}."}, {("mention", BOB), ("mention", CY)}),
        ({"body": f"ask {BOB}", "m.mentions": {}}, set()),
        ({"body": "mail bob@example.org:8080", "m.mentions": None}, set()),
        ({"body": "@room look", "m.mentions": {"room": True}}, set()),
        ({"body": "Bob: hi", "formatted_body": PILL.format(BOB, "Bob") + ": hi"}, {("reply", BOB)}),
        ({"body": "Bob: hi", "formatted_body": PILL.format("%40bob%3Aexample.org", "Bob") + ": hi"}, {("reply", BOB)}),
        (
            {"body": "x", "formatted_body": f"no<br/>thanks to {PILL.format(BOB, 'B')}<br>and {PILL.format(CY, 'C')}"},
            {("mention", BOB), ("mention", CY), ("thank", BOB)},
        ),
        ({"body": "x", "formatted_body": f"<blockquote>{PILL.format(BOB, 'B')}</blockquote> no"}, set()),
        ({"body": "x", "formatted_body": f"<pre><code>{PILL.format(BOB, 'B')}</code></pre> no"}, set()),
        ({"body": "x", "formatted_body": f'<a href="https://matrix.to/#/{ROOM}">tea</a>'}, set()),
        ({"body": f"me {ANN}"}, set()),
        ({"body": "\u2068@bob:example.org\u2069 x", "m.mentions": {"user_ids": []}}, set()),
    ],
)
def test_whom_a_message_names(home: Home, content: Json, expected: set[tuple[str, str]]) -> None:
    home.event(ANN, {"msgtype": "m.text", **content})
    assert {(kind, whom) for _actor, kind, whom in acts(home)} == expected


def test_who_is_answered_is_not_also_thanked_for_somebody_else(home: Home) -> None:
    first = home.say(CY, "tea?")
    home.reply(ANN, "thanks Bob", first, **{"m.mentions": {"user_ids": [CY, BOB]}})
    assert acts(home) == {(ANN, "reply", CY), (ANN, "mention", BOB), (ANN, "thank", BOB)}


def test_notices_come_from_bots_which_address_nobody(home: Home) -> None:
    first = home.say(ANN, "!help")
    relation = {"m.in_reply_to": {"event_id": first}}
    home.event(BOB, {"msgtype": "m.notice", "body": f"{ANN}: use !tea", "m.relates_to": relation})
    records = asking(home).records("messages", ROOM)
    assert {one.uid: one.is_bot for one in of(records, AccountRecord)} == {ANN: None, BOB: True}
    assert of(records, InteractionRecord) == []


def test_the_newest_edit_is_kept_and_no_second_message(home: Home) -> None:
    first = home.say(ANN, "draft")
    home.edit(ANN, "better", first)
    home.edit(ANN, "best", first)
    assert [(message.uid, message.text) for message in said(home)] == [(first, "best")]


def test_an_edit_after_the_first_read_changes_what_is_stored(home: Home, store: Store) -> None:
    first = home.say(ANN, "draft")
    spam = home.say(BOB, "buy now")
    for number in range(9):
        home.say(CY, f"{number}")
    asked = asking(home)
    asked.sync(store)
    asked.sync(store)
    home.edit(ANN, "final", first)
    home.redact(spam)
    home.redact("$e3")
    asked.sync(store)
    words = dict(store.reader().execute("SELECT uid, text FROM message").fetchall())
    assert (words[first], words[spam], words["$e3"], len(words)) == ("final", "", "", 11)


def test_what_was_taken_back_before_the_first_read_never_comes_in(home: Home) -> None:
    home.redact(home.say(ANN, "oops"))
    assert said(home) == []


def test_pages_end_and_every_cursor_resumes(home: Home) -> None:
    for number in range(10):
        home.say((ANN, BOB, CY)[number % 3], f"{number}")
    pages = asking(home).pages("messages", ROOM)
    everything = {f"$e{number}" for number in range(10)}
    assert len(pages) > 4
    for number, page in enumerate(pages):
        before = {one.uid for early in pages[: number + 1] for one in of(early.records, MessageRecord)}
        assert before | {one.uid for one in said(home, page.cursor)} == everything


def test_the_next_sync_reads_only_what_is_new_and_the_one_after_a_little_twice(home: Home) -> None:
    def sync(cursor: str | None) -> tuple[str, list[str]]:
        pages = asking(home).pages("messages", ROOM, cursor)
        found = [one.uid for page in pages for one in of(page.records, MessageRecord)]
        return (pages[-1].cursor if pages else cursor or ""), found

    for number in range(5):
        home.say(ANN, f"{number}")
    cursor, first = sync(None)
    assert sorted(first) == [f"$e{number}" for number in range(5)]
    assert sync(cursor) == (cursor, [])
    home.say(ANN, "5")
    cursor, second = sync(cursor)
    assert second == ["$e5"]
    home.say(ANN, "6")
    cursor, third = sync(cursor)
    assert third == ["$e5", "$e6"]  # for what another server delivers late stands among messages read already
    cursor, fourth = sync(cursor)
    assert fourth == ["$e6"]
    assert sync(cursor)[1] == []


def test_a_kill_on_the_way_back_loses_nothing_that_was_said_meanwhile(home: Home, store: Store) -> None:
    for number in range(8):
        home.say(ANN, f"{number}")
    first = asking(home).pages("messages", ROOM)[0]
    home.say(ANN, "meanwhile")
    pages = asking(home).pages("messages", ROOM, first.cursor)
    rest = said(home, pages[-1].cursor)
    found = {one.uid for page in (first, *pages) for one in of(page.records, MessageRecord)}
    assert found | {one.uid for one in rest} == {f"$e{number}" for number in range(9)}


def test_since_bounds_the_first_read(home: Home) -> None:
    for number in range(12):
        home.say(ANN, f"{number}")
    pages = asking(home).pages("messages", ROOM, since=at(8))
    assert {one.uid for page in pages for one in of(page.records, MessageRecord)} == {"$e8", "$e9", "$e10", "$e11"}
    assert home.walked.count("b") == 2


def test_a_server_that_repeats_its_token_is_not_asked_for_ever(home: Home) -> None:
    home.say(ANN, "x")
    endless = {"chunk": [], "start": "t1", "end": "t1"}
    home.stand_in = lambda request: ok(endless) if request.url.path.endswith("/messages") else None
    assert len(asking(home).pages("messages", ROOM)) <= 3


def test_more_records_than_a_page_takes_are_spread(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolbench.adapters.paging.MAX_PAGE", 4)
    for _number in range(3):
        home.say(ANN, f"ask {BOB} and {CY}")
    pages = asking(home).pages("messages", ROOM)
    assert all(len(page.records) <= 4 for page in pages)
    assert pages[0].cursor == '{"room":"!tea:example.org"}'
    assert len(said(home, pages[1].cursor)) == 3


def test_one_bad_event_is_rejected_alone(home: Home) -> None:
    home.say(ANN, "good")
    home.event(BOB, {"msgtype": "m.text", "body": 5})
    home.event(BOB, {"msgtype": "m.text", "body": "\u0000x", "m.mentions": []})
    home.say(ANN, "late", **{"m.relates_to": None, "m.mentions": None, "formatted_body": None})
    asked = asking(home)
    assert len(of(asked.records("messages", ROOM), MessageRecord)) == 2
    assert [row.column for row in asked.rejected] == ["content.m.mentions", "content.body"]


def test_html_instead_of_an_answer_may_pass(home: Home) -> None:
    home.stand_in = lambda request: httpx.Response(200, text="<html>maintenance</html>")
    with pytest.raises(Transient, match="not JSON"):
        asking(home).records("members", ROOM)


def test_a_limit_without_a_header_is_waited_for(home: Home) -> None:
    home.say(ANN, "hi")
    left = [failed(429, "M_LIMIT_EXCEEDED")]
    home.stand_in = lambda request: left.pop() if left and request.url.path.endswith("/messages") else None
    assert len(said(home)) == 1


def test_who_came_and_went_is_told_by_the_room(home: Home, store: Store) -> None:
    home.move(ANN, "join")
    home.move(BOB, "invite")
    home.move(BOB, "join", "invite")
    home.move(CY, "join")
    home.move(CY, "leave", "join")
    home.move("@no:x", "leave", "invite")
    home.move(BOB, "join", "join")  # a change of name
    asked = asking(home)
    asked.sync(store)
    sql = "SELECT uid, joined_at, left_at FROM membership JOIN account ON account.id = account_id ORDER BY uid"
    moved = [(uid, *((ms and (ms - START) // 60_000) for ms in times)) for uid, *times in store.reader().execute(sql)]
    assert moved == [(ANN, 0, None), (BOB, 2, None), (CY, 3, 4)]
    home.move(CY, "join", "leave")
    home.move(ANN, "ban", "join")
    asked.sync(store)
    moved = [(uid, *((ms and (ms - START) // 60_000) for ms in times)) for uid, *times in store.reader().execute(sql)]
    assert moved == [(ANN, 0, 8), (BOB, 2, None), (CY, 7, None)]


def test_comings_and_goings_are_told_in_their_own_order(home: Home) -> None:
    for membership, before in (("join", None), ("leave", "join"), ("join", "leave")):
        home.say(BOB, "and then")
        home.move(ANN, membership, before)
    moves = of(asking(home).records("messages", ROOM), MembershipRecord)
    assert moves == [
        MembershipRecord(community_uid=ROOM, account_uid=ANN, joined_at=at(1)),
        MembershipRecord(community_uid=ROOM, account_uid=ANN, left_at=at(3)),
        MembershipRecord(community_uid=ROOM, account_uid=ANN, joined_at=at(5)),
    ]


def test_many_authors_are_forgotten_and_asked_for_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "AUTHORS", 2)
    first = home.say(ANN, "root")
    for number in range(6):
        home.reply(BOB, f"{number}", first)
    assert acts(home) == {(BOB, "reply", ANN)}


# Through a sync -----------------------------------------------------------------------------------------------


def test_a_room_comes_into_the_store_and_a_second_sync_changes_nothing(home: Home, store: Store) -> None:
    home.member(ANN, content={"displayname": "Ann"})
    home.member(BOB, content={"displayname": "Bob"})
    first = home.say(ANN, "who wants tea?")
    home.reply(BOB, "me, thank you", first)
    home.react(BOB, first)
    asked = asking(home)
    assert asked.sync(store).state == "done"
    counts = asked.sync(store).counts
    assert (counts.new, counts.changed) == (0, 0)
    db = store.reader()
    assert db.execute("SELECT name, kind FROM community").fetchall() == [("Tea", "chat")]
    assert db.execute("SELECT count(*) FROM message").fetchone() == (2,)
    kinds = db.execute("SELECT type FROM activity ORDER BY type").fetchall()
    assert kinds == [("reaction",), ("reply",), ("thank",)]
    home.members[0]["content"]["displayname"] = "安"
    home.members[1] = {**home.members[1], "content": {"membership": "leave"}, "unsigned": {"replaces_state": "$x"}}
    home.members[1]["origin_server_ts"] += 3_600_000
    asked.sync(store)
    assert db.execute("SELECT name FROM account WHERE uid = ?", (ANN,)).fetchall() == [("安",)]
    left = db.execute("SELECT left_at FROM membership JOIN account ON account.id = account_id WHERE uid = ?", (BOB,))
    assert left.fetchall() == [(START + 3_600_000,)]


PIECES = (BOB, "@x:y", "@bob", PILL.format(BOB, "Bob"), "<b>", "\u2068", " ", "thanks", "<code>")
WORDS = st.lists(st.sampled_from(PIECES)).map("".join) | st.text(max_size=100)


@told(max_examples=100, deadline=None)
@given(
    st.text(max_size=200), st.none() | st.text(max_size=200), st.none() | st.lists(st.text(max_size=20), max_size=60)
)
def test_whatever_a_message_holds_it_names_only_who_is_meant(
    body: str, html: str | None, ids: list[str] | None
) -> None:
    content = Content(body=body, formatted_body=html)
    named = {whom for _kind, whom in addressed(spoken(content, BOB), ANN)}
    assert BOB in named or not named
    assert all(whom == BOB or ":" in whom for whom in named)
    assert isinstance(ids, list | None)


class Talk(Home):
    """A room in which people talk."""

    def __init__(self) -> None:
        super().__init__()
        for minute, user in enumerate((ANN, BOB, CY)):
            self.member(user, minute=minute, content={"displayname": user[1:4]})
            self.move(user, "join")
        first = self.say(ANN, "who wants tea?")
        for number in range(5):
            self.reply((BOB, CY)[number % 2], f"thanks, {number}", first)
        self.react(BOB, first)
        self.say(BOB, "bye")


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = Matrix()
    settings = {"server": SERVER, "token": "token-of-ann"}
    expected = {"members": 3, "messages": 7}
    server = Talk


class TestKeepsTheContractWithPassword(TestKeepsTheContract):
    """The same with a session of its own."""

    settings = {"server": SERVER, "token": "", "user": "ann", "password": "a long password"}
    exempt = {"401_leaves_it": "a session that is over when it is to be ended is ended"}
