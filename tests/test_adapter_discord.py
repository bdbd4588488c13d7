"""Discord as documented becomes guilds with members, messages and reactions, read channel by channel."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from asking import Asking, of
from kolbench.adapters.discord.adapter import Discord
from kolbench.adapters.registry import faults
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
)
from kolbench.store.connect import Store

TOKEN = "MTk4NjIy.Cl2FMQ." + "x" * 27
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
GUILD, CHANNEL = "700000000000000007", "800000000000000008"
HERE = f"{GUILD}/{CHANNEL}"


def flake(minutes: float, more: int = 0) -> str:
    return str((int((NOON + timedelta(minutes=minutes) - EPOCH) / timedelta(milliseconds=1)) << 22) + more)


def user(number: int, name: str = "", **more: Any) -> dict[str, Any]:
    return {"id": str(number), "username": name or f"user{number}", "discriminator": "0", "avatar": None, **more}


ANN, BOB = user(1, "ann.a", global_name="Ann A"), user(2, "bob", global_name=None)


def message(minutes: float, who: dict[str, Any] = ANN, content: str = "words", **more: Any) -> dict[str, Any]:
    at = (NOON + timedelta(minutes=minutes)).isoformat()
    told = {"id": flake(minutes), "channel_id": CHANNEL, "timestamp": at, "author": who, "content": content, "type": 0}
    return {**told, "edited_timestamp": None, "mentions": [], "attachments": [], "embeds": [], "pinned": False, **more}


@dataclass
class Server:
    """Discord in memory: lists by path, paged by ``after`` as documented, messages newest first."""

    things: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path.removeprefix("/api/v10")
        if path in self.statuses:
            return httpx.Response(self.statuses[path], json={"message": "Missing Access", "code": 50001})
        if path not in self.things:
            return httpx.Response(404, json={"message": "Unknown", "code": 10003})
        thing, asked = self.things[path], request.url.params
        if path.endswith("/archived/public"):
            threads = [one for one in thing if not asked.get("before") or stamp(one) < asked["before"]]
            return httpx.Response(200, json={"threads": threads[:2], "has_more": len(threads) > 2, "members": []})
        if isinstance(thing, list) and "after" in asked:
            limit = int(asked["limit"])
            behind = sorted((one for one in thing if key(one) > int(asked["after"])), key=key)[:limit]
            thing = behind[::-1] if path.endswith("/messages") else behind
        return httpx.Response(200, json=thing)


def key(thing: dict[str, Any]) -> int:
    return int(thing["user"]["id"] if "user" in thing else thing["id"])


def stamp(thread: dict[str, Any]) -> str:
    return str(thread["thread_metadata"]["archive_timestamp"])


def thread(number: int, minutes: float) -> dict[str, Any]:
    at = (NOON + timedelta(minutes=minutes)).isoformat()
    return {
        "id": str(number),
        "type": 11,
        "parent_id": CHANNEL,
        "thread_metadata": {"archived": True, "archive_timestamp": at},
    }


def asking(server: Server, **settings: str) -> Asking:
    return Asking(Discord(), server, {"token": TOKEN, **settings})


def acts(records: Any) -> set[tuple[str, str, str]]:
    return {(act.actor_uid, act.kind, act.object_uid) for act in of(records, InteractionRecord)}


def uids(pages: Any) -> list[str]:
    return [one.uid for page in pages for one in of(page.records, MessageRecord)]


def test_it_declares_itself_soundly() -> None:
    assert faults(Discord()) == []


# Targets ------------------------------------------------------------------------------------------------------


def guild_with(*channels: dict[str, Any], threads: Any = ()) -> Server:
    return Server(
        {
            "/users/@me/guilds": [{"id": GUILD, "name": "Tea"}],
            f"/guilds/{GUILD}/channels": list(channels),
            f"/guilds/{GUILD}/threads/active": {"threads": list(threads), "members": []},
        }
    )


def test_channels_threads_and_archives_are_read_one_by_one_active_threads_first() -> None:
    kinds = {"10": 0, "11": 2, "12": 4, "13": 5, "14": 15, "15": 13, "16": 16, "17": 99}
    server = guild_with(
        *({"id": number, "type": kind} for number, kind in kinds.items()), threads=[{"id": "20", "type": 11}]
    )
    asked = asking(server)
    assert asked.targets("members") == [GUILD]
    spoken = [f"{GUILD}/{number}" for number in ("20", "10", "11", "13", "15")]
    assert asked.targets("messages") == [*spoken, *(f"{GUILD}/{number}/archive" for number in ("10", "13", "14", "16"))]
    assert asked.targets("activities") == spoken
    assert asking(server, reactions="no").targets("activities") == []


def test_all_guilds_of_a_bot_in_many_are_found() -> None:
    server = Server({"/users/@me/guilds": [{"id": str(number)} for number in range(1000, 1450)]})
    assert asking(server).targets("members") == [str(number) for number in range(1000, 1450)]


def test_a_guild_that_is_closed_to_the_bot_is_told_and_the_others_are_read() -> None:
    server = guild_with({"id": CHANNEL, "type": 0})
    server.statuses["/guilds/5/threads/active"] = 403
    asked = asking(server, guilds=f"5 {GUILD} 6")
    assert HERE in asked.targets("messages")
    assert [warning.split()[1] for warning in asked.warned] == ["5", "6"]


def test_what_is_no_id_is_refused() -> None:
    with pytest.raises(UsageError, match="my-guild"):
        asking(Server(), guilds="my-guild").targets("members")


# Members ------------------------------------------------------------------------------------------------------


def members(count: int) -> Server:
    roles = [
        {"id": GUILD, "name": "@everyone", "position": 0, "permissions": "8"},
        {"id": "31", "name": "fans", "position": 1, "permissions": "0"},
        {"id": "32", "name": "mods", "position": 2, "permissions": str(1 << 40)},
    ]
    told = {"id": GUILD, "name": "Tea", "owner_id": "100", "roles": roles, "approximate_member_count": count}
    people = [{"user": user(n), "roles": [], "joined_at": "2024-01-01T00:00:00+00:00"} for n in range(100, 100 + count)]
    return Server({f"/guilds/{GUILD}": told, f"/guilds/{GUILD}/members": people})


def test_members_are_read_with_their_roles() -> None:
    server = members(4)
    people = server.things[f"/guilds/{GUILD}/members"]
    people[1]["roles"], people[2]["roles"], people[3]["user"]["bot"] = ["31", "32", "99"], ["31"], True
    records = asking(server).records("members", GUILD)
    assert of(records, CommunityRecord) == [CommunityRecord(uid=GUILD, name="Tea", kind="chat")]
    roles = {one.account_uid: (one.role, one.joined_at) for one in of(records, MembershipRecord)}
    joined = datetime(2024, 1, 1, tzinfo=UTC)
    assert roles == {"100": ("owner", joined), "101": ("mods", joined), "102": ("fans", joined), "103": (None, joined)}
    assert {a.uid: (a.is_staff, a.is_bot) for a in of(records, AccountRecord)} == {
        "100": (True, None),
        "101": (True, None),
        "102": (None, None),
        "103": (None, True),
    }


def test_every_member_of_a_large_guild_is_read_from_every_page_on() -> None:
    server = members(2500)
    asked = asking(server)
    pages = asked.pages("members", GUILD)
    assert [len(of(page.records, MembershipRecord)) for page in pages] == [0, 1000, 1000, 500]
    assert pages[0].total == 2500
    for done, page in enumerate(pages[:-1], 1):
        rest = [
            one for again in asked.pages("members", GUILD, page.cursor) for one in of(again.records, MembershipRecord)
        ]
        assert rest == [one for left in pages[done:] for one in of(left.records, MembershipRecord)]
    assert asked.pages("members", GUILD, pages[-1].cursor)[1].records == pages[1].records


def test_members_that_are_hidden_from_the_bot_are_told_with_the_switch_to_turn() -> None:
    server = members(1)
    server.statuses[f"/guilds/{GUILD}/members"] = 403
    with pytest.raises(Denied, match="SERVER MEMBERS INTENT"):
        asking(server).pages("members", GUILD)


# Messages -----------------------------------------------------------------------------------------------------


def channel(*messages: dict[str, Any]) -> Server:
    return Server({f"/channels/{CHANNEL}/messages": list(messages)})


def test_a_message_with_its_reply_mentions_and_thanks() -> None:
    reply = message(
        2,
        BOB,
        "thanks! and <@3>, see <@!1> <#5> <@&6>",
        type=19,
        message_reference={"message_id": flake(1), "channel_id": CHANNEL, "guild_id": GUILD},
        referenced_message=message(1, ANN),
        mentions=[ANN, user(3, "cy", global_name="Cy ☕")],
    )
    server = channel(message(1, ANN, "hello"), reply)
    asked = asking(server)
    records = asked.records("messages", HERE)
    first, second = of(records, MessageRecord)
    assert (first.uid, first.community_uid, first.account_uid) == (flake(1), GUILD, "1")
    assert first.sent_at == NOON + timedelta(minutes=1)
    assert second.text == "thanks! and @Cy ☕, see @Ann A <#5> <@&6>"
    assert second.reply_to_uid == flake(1)
    assert acts(records) == {("2", "reply", "1"), ("2", "mention", "3"), ("2", "thank", "3"), ("2", "thank", "1")}
    assert {(a.uid, a.handle, a.name) for a in of(records, AccountRecord)} == {
        ("1", "ann.a", "Ann A"),
        ("2", "bob", "bob"),
        ("3", "cy", "Cy ☕"),
    }
    headers = server.asked[0].headers
    assert headers["authorization"] == f"Bot {TOKEN}"
    assert headers["user-agent"].startswith("DiscordBot (")


def test_system_messages_are_no_words_but_a_join_is_a_membership() -> None:
    server = channel(message(1, type=7, content=""), message(2, type=6), message(3, type=18), message(4, type=20))
    asked = asking(server)
    records = asked.records("messages", HERE)
    assert uids(asked.pages("messages", HERE)) == [flake(4)]
    assert [one.joined_at for one in of(records, MembershipRecord)] == [NOON + timedelta(minutes=1)]
    assert asked.warned == []


def test_bots_and_webhooks_are_flagged_and_address_nobody() -> None:
    server = channel(
        message(1, user(5, "robot", bot=True), "<@1>", mentions=[ANN]),
        message(2, user(6, "hook"), "@all", webhook_id="6"),
    )
    records = asking(server).records("messages", HERE)
    assert {a.handle: a.is_bot for a in of(records, AccountRecord)} == {"robot": True, "hook": True, "ann.a": None}
    assert acts(records) == set()


def test_texts_that_discord_keeps_back_are_told_with_the_switch_to_turn() -> None:
    whole = [message(1, content="", attachments=[{"id": "1"}]), message(2, content="", sticker_items=[{"id": "1"}])]
    for messages, warned in ((whole, 0), ([*whole, message(3, content="")], 1)):
        asked = asking(channel(*messages))
        asked.pages("messages", HERE)
        assert ["MESSAGE CONTENT INTENT" in warning for warning in asked.warned] == [True] * warned


def test_every_message_is_read_once_and_from_every_page_on() -> None:
    asked = asking(channel(*(message(n, user(n % 7 + 1)) for n in range(250))))
    pages = asked.pages("messages", HERE)
    assert uids(pages) == [flake(n) for n in range(250)]
    for done, page in enumerate(pages, 1):
        assert uids(asked.pages("messages", HERE, page.cursor)) == uids(pages[done:])


def test_since_bounds_the_first_read() -> None:
    asked = asking(channel(*(message(n) for n in range(10))))
    assert uids(asked.pages("messages", HERE, None, NOON + timedelta(minutes=7))) == [flake(n) for n in (7, 8, 9)]


def test_a_server_that_repeats_itself_comes_to_an_end() -> None:
    answer = [message(n) for n in range(5)]
    asked = Asking(Discord(), lambda request: httpx.Response(200, json=answer), {"token": TOKEN})
    assert uids(asked.pages("messages", HERE)) == [flake(n) for n in range(5)]


def test_crowded_messages_are_spread_over_pages() -> None:
    crowd = [user(n, global_name=f"Fan {n}") for n in range(100, 149)]
    text = "thanks " + " ".join(f"<@{one['id']}>" for one in crowd)
    asked = asking(channel(*(message(n, content=text, mentions=crowd) for n in range(30))))
    pages = asked.pages("messages", HERE)
    assert uids(pages) == [flake(n) for n in range(30)]
    assert all(len(page.records) <= 1000 for page in pages)
    for done, page in enumerate(pages, 1):
        assert set(uids(asked.pages("messages", HERE, page.cursor))) >= set(uids(pages[done:]))


def test_a_damaged_message_is_rejected_alone() -> None:
    odd = {**message(2), "timestamp": "soon"}, {**message(2.5), "timestamp": "2026-05-04T12:02:30"}
    asked = asking(channel(message(1), *odd, message(3)))
    assert uids(asked.pages("messages", HERE)) == [flake(1), flake(3)]
    assert uids(asked.pages("activities", HERE)) == []
    assert {row.column for row in asked.rejected} == {"timestamp"}


# Archived threads ---------------------------------------------------------------------------------------------


def archives() -> Server:
    path = f"/channels/{CHANNEL}/threads/archived/public"
    server = Server({path: [thread(number, -number) for number in range(21, 26)]})
    for number in range(21, 26):
        server.things[f"/channels/{number}/messages"] = [message(-number - n / 1000) for n in range(150)]
    return server


def test_archived_threads_are_read_and_only_new_ones_again() -> None:
    server = archives()
    asked = asking(server)
    pages = asked.pages("messages", f"{HERE}/archive")
    assert len(set(uids(pages))) == 5 * 150
    for done, page in enumerate(pages, 1):
        assert set(uids(asked.pages("messages", f"{HERE}/archive", page.cursor))) >= set(uids(pages[done:]))
    server.asked.clear()
    assert uids(asked.pages("messages", f"{HERE}/archive", pages[-1].cursor)) == []
    assert len(server.asked) == 1
    server.things[f"/channels/{CHANNEL}/threads/archived/public"].insert(0, thread(20, 0))
    server.things["/channels/20/messages"] = [message(-5), message(-60 * 24 * 9)]
    again = asked.pages("messages", f"{HERE}/archive", pages[-1].cursor)
    assert uids(again) == [flake(-5)]
    assert asked.pages("messages", f"{HERE}/archive", again[-1].cursor) == []


def test_a_thread_archived_at_the_beginning_of_time_does_not_stop_the_next_sync() -> None:
    server = archives()
    for one in server.things[f"/channels/{CHANNEL}/threads/archived/public"]:
        one["thread_metadata"]["archive_timestamp"] = "0001-01-01T00:00:00+00:00"
    asked = asking(server)
    pages = asked.pages("messages", f"{HERE}/archive")
    assert uids(asked.pages("messages", f"{HERE}/archive", pages[-1].cursor)) == []


# Reactions ----------------------------------------------------------------------------------------------------


def test_who_reacted_is_asked_for_when_a_message_is_a_day_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", (NOON + timedelta(days=1, minutes=5)).isoformat())
    heart, own = {"id": None, "name": "❤"}, {"id": "99", "name": "tea"}
    reactions = [{"emoji": heart, "count": 2, "me": False}, {"emoji": own, "count": 1}]
    server = channel(message(1, reactions=reactions), message(2), message(9, reactions=reactions))
    path = f"/channels/{CHANNEL}/messages/{flake(1)}/reactions"
    server.things |= {f"{path}/❤": [BOB, ANN], f"{path}/tea:99": [user(3), BOB]}
    asked = asking(server)
    pages = asked.pages("activities", HERE)
    records = [record for page in pages for record in page.records]
    assert acts(records) == {("2", "reaction", "1"), ("3", "reaction", "1")}
    assert {act.at for act in of(records, InteractionRecord)} == {NOON + timedelta(minutes=1)}
    assert "%E2%9D%A4" in str(server.asked[1].url)
    assert pages[-1].cursor == flake(1)
    monkeypatch.setenv("KOLBENCH_NOW", (NOON + timedelta(days=2)).isoformat())
    server.asked.clear()
    later = asked.pages("activities", HERE, pages[-1].cursor)
    assert later[-1].cursor == flake(9)
    assert len([request for request in server.asked if "reactions" in request.url.path]) == 2


# Failures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "error"), [(403, Denied), (404, Gone)])
def test_a_channel_that_is_closed_or_gone_is_a_state(status: int, error: type[SourceError]) -> None:
    server = Server(statuses={f"/channels/{CHANNEL}/messages": status})
    with pytest.raises(error):
        asking(server).pages("messages", HERE)


def test_wrong_credentials_leave_the_adapter_without_being_shown() -> None:
    server = Server(statuses={"/users/@me": 401, "/users/@me/guilds": 401})
    for ask in (asking(server).test, lambda: asking(server).targets("members")):
        with pytest.raises(SourceError) as caught:
            ask()
        assert caught.value.status == 401
        assert TOKEN not in str(caught.value)


def test_html_instead_of_json_may_pass() -> None:
    asked = Asking(Discord(), lambda request: httpx.Response(200, text="<html>"), {"token": TOKEN})
    with pytest.raises(Transient):
        asked.pages("messages", HERE)


def test_a_route_that_is_used_up_is_waited_for() -> None:
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "3.5"}
    answers = [httpx.Response(200, json=[message(1)], headers=spent), httpx.Response(200, json=[])]
    asked = Asking(Discord(), lambda request: answers.pop(0), {"token": TOKEN})
    before = asked.clock.seconds
    assert len(asked.pages("messages", HERE)) == 1
    assert asked.clock.seconds - before == pytest.approx(3.5)


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1e9", "\x00", "9" * 40])
def test_a_cursor_it_cannot_read_starts_over(cursor: str) -> None:
    server = archives()
    server.things |= channel(message(1)).things
    if cursor != "9" * 40:
        assert uids(asking(server).pages("messages", HERE, cursor)) == [flake(1)]
    assert len(set(uids(asking(server).pages("messages", f"{HERE}/archive", cursor)))) == 750


@pytest.mark.parametrize(
    ("flags", "may"), [(0, [False, False]), (1 << 15 | 1 << 19, [True, True]), (1 << 14, [True, False])]
)
def test_the_credentials_are_described_in_words(flags: int, may: list[bool]) -> None:
    server = guild_with()
    server.things |= {"/users/@me": user(9, "teabot", bot=True), "/applications/@me": {"id": "9", "flags": flags}}
    findings = asking(server).test()
    assert [finding.ok for finding in findings] == [True, *may, True]
    assert "teabot" in findings[0].text
    assert findings[3].text.endswith(" 1.")


def test_a_sync_lands_in_the_store_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("KOLBENCH_NOW", "2026-05-06T12:00:00Z")
    server = guild_with({"id": CHANNEL, "type": 0}, {"id": "9", "type": 0})
    server.things |= members(3).things | archives().things
    server.things |= channel(message(1), message(2, BOB, "<@1> thanks", mentions=[ANN])).things
    server.statuses = {"/channels/9/messages": 403, "/channels/9/threads/archived/public": 403}
    asked = asking(server)
    with closing(Store.open(tmp_path / "k.db")) as store:
        first, second = asked.sync(store), asked.sync(store)
        counted = {
            table: store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("account", "membership", "message", "activity", "community")
        }
    assert (first.state, second.state) == ("done", "done")
    assert counted == {"account": 5, "membership": 5, "message": 752, "activity": 2, "community": 1}
    assert (second.counts.new, second.counts.changed) == (0, 0)
    assert len({warning.split(":")[0] for warning in asked.warned}) == 3
