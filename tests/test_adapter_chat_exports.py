"""Exports of Telegram Desktop and DiscordChatExporter become rooms, people, messages and what they do to each other."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from files import Pulled
from kolbench.adapters.discord_export import DiscordExport
from kolbench.adapters.protocol import Pull
from kolbench.adapters.registry import faults
from kolbench.adapters.telegram_export import TelegramExport
from kolbench.domain.errors import KolbenchError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
)
from kolbench.store import sources
from kolbench.store.connect import Store
from kolbench.sync import importing, loop

Reader = TelegramExport | DiscordExport


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def test_they_declare_themselves_soundly() -> None:
    assert faults(TelegramExport()) == faults(DiscordExport()) == []


# Telegram -----------------------------------------------------------------------------------------------------

NOON = 1_777_896_000


def said(number: int, who: str | None, text: object, name: str | None = "", **more: object) -> dict[str, object]:
    """A message as Telegram Desktop writes it, a minute after the one before."""
    at = NOON + 60 * number
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    told: dict[str, object] = {"id": number, "type": "message", "date": moment, "date_unixtime": str(at)}
    if who is not None:
        told |= {"from": who.title() if name == "" else name, "from_id": who}
    return {**told, "text": text, **more}


def service(number: int, action: str, **more: object) -> dict[str, object]:
    told = said(number, None, "")
    return {**told, "type": "service", "actor": "Ann", "actor_id": "user1", "action": action, **more}


def chat(*messages: dict[str, object], kind: str = "private_supergroup", number: int = 42) -> dict[str, object]:
    return {"name": "Tea 茶", "type": kind, "id": number, "messages": list(messages)}


def telegram(tmp_path: Path, document: object, **told: str) -> Pulled:
    return Pulled(TelegramExport(), write(tmp_path / "result.json", document), **told)


def test_a_group_becomes_a_community_named_as_the_bot_api_names_it(tmp_path: Path) -> None:
    pulled = telegram(tmp_path, chat(said(1, "user1", "hi"), said(2, "user2", "thanks!", reply_to_message_id=1)))
    at = datetime.fromtimestamp(NOON + 60, UTC)
    assert pulled.of(CommunityRecord) == [CommunityRecord(uid="-10042", name="Tea 茶", kind="chat")]
    assert [(one.uid, one.name, one.handle) for one in pulled.of(AccountRecord)] == [
        ("1", "User1", None),
        ("2", "User2", None),
    ]
    first, second = pulled.of(MessageRecord)
    assert first == MessageRecord(uid="-10042:1", community_uid="-10042", account_uid="1", sent_at=at, text="hi")
    assert second.reply_to_uid == "-10042:1"
    assert pulled.acts() == {("2", "reply", "1"), ("2", "thank", "1")}
    assert pulled.rejected == []


@pytest.mark.parametrize(
    ("text", "shown", "acts"),
    [
        ("plain @bob_t", "plain @bob_t", {("1", "mention", "handle:bob_t")}),
        ("", "", set()),
        (None, "", set()),
        ([], "", set()),
        (["a ", {"type": "bold", "text": "b"}, " c"], "a b c", set()),
        ([{"type": "mention", "text": "@bob_t"}, " look"], "@bob_t look", {("1", "reply", "handle:bob_t")}),
        (
            ["thanks ", {"type": "mention_name", "text": "Bob von B", "user_id": 7}, "!"],
            "thanks @Bob von B!",
            {("1", "mention", "7"), ("1", "thank", "7")},
        ),
        ([{"type": "text_link", "text": "here", "href": "https://example.org"}], "here", set()),
        ([{"type": "mention_name", "text": "me", "user_id": 1}], "@me", set()),
        ([{"type": "new_thing"}, "x"], "x", set()),
    ],
)
def test_every_form_of_text_is_read(tmp_path: Path, text: object, shown: str, acts: object) -> None:
    pulled = telegram(tmp_path, chat(said(1, "user1", text)))
    assert (pulled.texts(), pulled.acts(), pulled.rejected) == ([shown], acts, [])


@pytest.mark.parametrize(
    ("from_id", "uid"), [("user7", "7"), ("channel7", "-1007"), ("chat7", "-7"), (7, "7"), ("7", "7")]
)
def test_every_form_of_from_id_is_read(tmp_path: Path, from_id: object, uid: str) -> None:
    pulled = telegram(tmp_path, chat({**said(1, None, "x"), "from": "A", "from_id": from_id}))
    assert [message.account_uid for message in pulled.of(MessageRecord)] == [uid]


@pytest.mark.parametrize(
    ("kind", "uid"),
    [
        ("private_group", "-42"),
        ("public_supergroup", "-10042"),
        ("personal_chat", "42"),
        ("saved_messages", "42"),
        ("", "42"),
    ],
)
def test_a_chat_by_itself_is_read_whatever_its_kind(tmp_path: Path, kind: str, uid: str) -> None:
    assert telegram(tmp_path, chat(said(1, "user1", "x"), kind=kind)).of(MessageRecord)[0].community_uid == uid


def test_deleted_accounts_and_senders_without_ids(tmp_path: Path) -> None:
    nobody = said(3, None, "nobody")
    pulled = telegram(
        tmp_path, chat(said(1, "user9", "gone", name=None), {**said(2, None, "old"), "from": "Old Name"}, nobody)
    )
    assert [(one.uid, one.name) for one in pulled.of(AccountRecord)] == [("9", None), ("name:old name", "Old Name")]
    assert [(row.line, row.column) for row in pulled.rejected] == [(3, "from_id")]


def test_who_came_and_left_by_themselves_is_a_member_for_that_time(tmp_path: Path) -> None:
    pulled = telegram(
        tmp_path,
        chat(
            service(1, "join_group_by_link", inviter="Bob"),
            service(2, "invite_members", members=["Ann"]),
            service(3, "invite_members", members=["Cy", None]),
            service(4, "remove_members", members=["Cy"]),
            service(5, "remove_members", members=["Ann"]),
            service(6, "pin_message", message_id=1),
            service(7, "create_group", title="Tea", members=["Ann"]),
        ),
    )
    times = [datetime.fromtimestamp(NOON + 60 * n, UTC) for n in range(8)]
    moves = [(one.account_uid, one.joined_at, one.left_at) for one in pulled.of(MembershipRecord)]
    assert moves == [("1", times[1], None), ("1", times[2], None), ("1", None, times[5])]
    assert pulled.texts() == []


def test_a_channel_is_an_account_with_posts(tmp_path: Path) -> None:
    post = said(5, "channel42", ["News ", {"type": "hashtag", "text": "#tea"}], reactions=[{"count": 3}, {"count": 2}])
    pulled = telegram(tmp_path, chat(post, service(6, "edit_group_title"), kind="public_channel"))
    (account,) = pulled.of(AccountRecord)
    (made,) = pulled.of(PostRecord)
    assert (account.uid, account.name, account.category) == ("-10042", "Tea 茶", "channel")
    assert (made.uid, made.account_uid, made.text, made.metrics) == ("-10042:5", "-10042", "News #tea", {"likes": 5})
    assert pulled.of(CommunityRecord) == []


def test_reactions_of_people_whom_the_export_names_are_acts(tmp_path: Path) -> None:
    recent = [
        {"from": "Bob", "from_id": "user2", "date": "2026-05-04T12:30:00"},
        {"from": None, "from_id": "user3", "date": "soon"},
        {"from": "Ann", "from_id": "user1"},
    ]
    liked = said(1, "user1", "x", reactions=[{"type": "emoji", "emoji": "👍", "count": 9, "recent": recent}])
    pulled = telegram(tmp_path, chat(liked), timezone="Asia/Shanghai")
    assert pulled.acts() == {("2", "reaction", "1"), ("3", "reaction", "1")}
    first = pulled.of(InteractionRecord)[0]
    assert (first.at, first.evidence_uid) == (datetime(2026, 5, 4, 4, 30, tzinfo=UTC), "-10042:1")


def test_a_whole_account_gives_its_groups_and_not_its_private_conversations(tmp_path: Path) -> None:
    document = {
        "about": "x",
        "personal_information": {"user_id": 1, "phone_number": "+1 555"},
        "contacts": {"about": "y", "list": [{"first_name": "Mum", "phone_number": "+1 556"}]},
        "chats": {
            "about": "z",
            "list": [
                {"type": "saved_messages", "id": 1, "messages": [said(1, "user1", "diary")]},
                chat(said(1, "user1", "in tea"), number=5),
                chat(said(1, "user2", "in coffee", reply_to_message_id=1), number=6, kind="private_group"),
                chat(said(1, "user3", "dear"), kind="personal_chat"),
            ],
        },
        "left_chats": {"about": "z", "list": [chat(said(9, "user1", "left"), number=7)]},
        "messages_of_something_else": [],
    }
    pulled = telegram(tmp_path, document)
    assert pulled.texts() == ["in tea", "in coffee", "left"]
    assert [room.uid for room in pulled.of(CommunityRecord)] == ["-1005", "-6", "-1007"]
    assert pulled.acts() == set()
    assert {"private conversations" in warning for warning in pulled.warnings} == {True}


def test_times_without_a_zone_are_those_of_the_setting_and_damaged_ones_are_named(tmp_path: Path) -> None:
    old = {**said(1, "user1", "x"), "date": "2026-05-04T20:00:00", "date_unixtime": ""}
    bad = {**said(2, "user1", "y"), "date": "yesterday", "date_unixtime": ""}
    worse = {**said(3, "user1", "z"), "date_unixtime": "9" * 30}
    pulled = telegram(tmp_path, chat(old, bad, worse), timezone="Asia/Shanghai")
    assert [message.sent_at for message in pulled.of(MessageRecord)] == [datetime(2026, 5, 4, 12, tzinfo=UTC)]
    assert [(row.line, row.column) for row in pulled.rejected] == [(2, "date"), (3, "date")]


def test_a_damaged_message_is_rejected_alone(tmp_path: Path) -> None:
    bad = [{**said(2, "user1", "x"), "id": "two"}, {**said(3, "user1", "x"), "text": 7}, "no message", None]
    document = chat(said(1, "user1", "one"), *bad, said(4, "user1", "four"))  # type: ignore[arg-type]
    pulled = telegram(tmp_path, document)
    assert pulled.texts() == ["one", "four"]
    assert [(row.line, row.column) for row in pulled.rejected] == [(2, "id"), (3, "text"), (4, ""), (5, "")]


def test_control_characters_are_read_as_telegram_desktop_escapes_them(tmp_path: Path) -> None:
    raw = json.dumps(chat(said(1, "user1", "aBELb"), said(2, "user1", "c:\\x41"))).replace("BEL", "\\x07")
    (tmp_path / "result.json").write_text(raw)
    kept = [one for one in Pulled(TelegramExport(), tmp_path).kept if isinstance(one, MessageRecord)]
    assert [message.text for message in kept] == ["ab", "c:\\x41"]


def test_bots_that_are_named_address_nobody(tmp_path: Path) -> None:
    document = chat(said(1, "user1", "@bob_t hi"), said(2, "user2", "@bob_t hi"), said(3, "user3", "@bob_t hi"))
    pulled = telegram(tmp_path, document, bots="1, User2")
    assert pulled.acts() == {("3", "reply", "handle:bob_t")}
    assert {one.uid: one.is_bot for one in pulled.of(AccountRecord)} == {"1": True, "2": True, "3": None}


# Discord ------------------------------------------------------------------------------------------------------


def user(number: int, name: str, nickname: str | None = None, **more: object) -> dict[str, object]:
    return {"id": str(number), "name": name, "discriminator": "0000", "nickname": nickname or name, **more}


def wrote(
    number: int, author: dict[str, object], content: str, kind: str = "Default", **more: object
) -> dict[str, object]:
    moment = f"2026-05-04T20:{number:02}:00.5+08:00"
    told = {"id": str(1000 + number), "type": kind, "timestamp": moment, "timestampEdited": None, "content": content}
    return {**told, "author": author, "attachments": [], "embeds": [], "reactions": [], "mentions": [], **more}


def channel(*messages: dict[str, object], guild: str = "77") -> dict[str, object]:
    return {
        "guild": {"id": guild, "name": "Tea", "iconUrl": ""},
        "channel": {"id": "88", "type": "GuildTextChat", "category": "Talk", "name": "general", "topic": None},
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2026-05-05T00:00:00+00:00",
        "messages": list(messages),
        "messageCount": len(messages),
    }


ANN, BOB = user(1, "ann", "Ann A"), user(2, "bob", "Bob ☕")


def discord(tmp_path: Path, *messages: dict[str, object], **more: str) -> Pulled:
    return Pulled(DiscordExport(), write(tmp_path / "general.json", channel(*messages, **more)))


def test_a_channel_is_read_into_its_guild(tmp_path: Path) -> None:
    reply = wrote(2, BOB, "Thanks a lot", "Reply", reference={"messageId": "1001", "channelId": "88", "guildId": "77"})
    pulled = discord(tmp_path, wrote(1, ANN, "hello"), reply)
    assert pulled.of(CommunityRecord) == [CommunityRecord(uid="77", name="Tea", kind="chat")]
    assert [(one.uid, one.handle, one.name) for one in pulled.of(AccountRecord)] == [
        ("1", "ann", "Ann A"),
        ("2", "bob", "Bob ☕"),
    ]
    first, second = pulled.of(MessageRecord)
    assert first.sent_at == datetime(2026, 5, 4, 12, 1, 0, 500_000, tzinfo=UTC)
    assert second.reply_to_uid == "1001"
    assert pulled.acts() == {("2", "reply", "1"), ("2", "thank", "1")}


@pytest.mark.parametrize("content", ["thanks @Bob ☕, see", "thanks <@2>, see", "thanks <@!2>, see"])
def test_mentions_are_found_by_id_in_formatted_and_raw_texts(tmp_path: Path, content: str) -> None:
    pulled = discord(tmp_path, wrote(1, ANN, content, mentions=[BOB]))
    assert pulled.texts() == ["thanks @Bob ☕, see"]
    assert pulled.acts() == {("1", "mention", "2"), ("1", "thank", "2")}


def test_a_mention_of_somebody_unknown_stays_readable(tmp_path: Path) -> None:
    pulled = discord(tmp_path, wrote(1, ANN, "<@5> and <@&6> and <#7> and @everyone"))
    assert pulled.texts() == ["@5 and <@&6> and <#7> and @everyone"]


def test_system_messages_are_no_words_but_a_join_is_a_membership(tmp_path: Path) -> None:
    kinds = ["ChannelPinnedMessage", "ThreadCreated", "GuildMemberJoin", "8", "20"]
    pulled = discord(tmp_path, *(wrote(n, ANN, f"says {kind}", kind) for n, kind in enumerate(kinds)))
    assert pulled.texts() == ["says 20"]
    (joined,) = pulled.of(MembershipRecord)
    assert (joined.community_uid, joined.account_uid, joined.joined_at.minute) == ("77", "1", 2)


def test_who_reacted_is_an_act_and_their_number_alone_is_none(tmp_path: Path) -> None:
    heart, star = {"id": None, "name": "❤"}, {"id": "9", "name": "star"}
    crowd = [user(number, f"fan{number}") for number in range(100, 230)]
    reactions = [{"emoji": heart, "count": 132, "users": [*crowd, BOB, ANN]}, {"emoji": star, "count": 3}]
    more = {"emoji": star, "count": 1, "users": [BOB]}
    pulled = discord(tmp_path, wrote(1, ANN, "x", reactions=[*reactions, more]))
    assert len(pulled.of(InteractionRecord)) == 131
    assert {act[1:] for act in pulled.acts()} == {("reaction", "1")}
    assert all(len(page.records) <= 1000 for page in pulled.pages)


def test_bots_and_webhooks_are_flagged_and_address_nobody(tmp_path: Path) -> None:
    robot = user(3, "robot", isBot=True)
    pulled = discord(tmp_path, wrote(1, robot, "@Bob ☕ hi", mentions=[BOB]))
    assert pulled.of(AccountRecord)[0].is_bot is True
    assert pulled.acts() == set()


def test_direct_messages_are_a_community_of_their_own(tmp_path: Path) -> None:
    assert discord(tmp_path, wrote(1, ANN, "hi"), guild="0").of(CommunityRecord)[0].uid == "88"


def test_a_file_that_does_not_say_where_is_rejected_row_by_row(tmp_path: Path) -> None:
    pulled = Pulled(DiscordExport(), write(tmp_path / "x.json", {"messages": [wrote(1, ANN, "hi")]}))
    assert (pulled.texts(), [row.column for row in pulled.rejected]) == ([], ["guild"])


# Both ---------------------------------------------------------------------------------------------------------


def test_each_recognises_its_own(tmp_path: Path) -> None:
    files = {
        TelegramExport: write(tmp_path / "t.json", chat(said(1, "user1", "x"))),
        DiscordExport: write(tmp_path / "d.json", channel(wrote(1, ANN, "hello"))),
    }
    table = write(tmp_path / "other.json", {"messages": [{"id": 1, "text": "x"}], "id": 3})
    (tmp_path / "list.json").write_text("[1, 2]")
    (tmp_path / "picture.json").write_bytes(b"\x89PNG")
    for adapter, own in files.items():
        for path in tmp_path.iterdir():
            assert (adapter().recognise(str(path)) > 0.9) is (path == own), (adapter, path)
    assert table.exists()
    assert TelegramExport().recognise(str(tmp_path / "none")) == 0
    folder = tmp_path / "ChatExport_2026-05-04"
    folder.mkdir()
    write(folder / "result.json", chat(said(1, "user1", "x")))
    assert TelegramExport().recognise(str(folder)) > 0.9


def test_a_pull_goes_on_from_every_page_and_reads_nothing_twice(tmp_path: Path) -> None:
    people = [f"user{n % 40}" for n in range(1500)]
    file = write(
        tmp_path / "result.json",
        chat(*(said(n, who, f"text {n}", reply_to_message_id=max(n - 3, 0)) for n, who in enumerate(people))),
    )
    whole = Pulled(TelegramExport(), file)
    assert len(whole.pages) > 2
    for done, page in enumerate(whole.pages, 1):
        rest = Pulled(TelegramExport(), file, page.cursor)
        assert [(one.records, one.cursor) for one in rest.pages] == [
            (one.records, one.cursor) for one in whole.pages[done:]
        ]


@pytest.mark.parametrize("cut", [30, 400, 900])
def test_a_file_cut_short_gives_what_is_whole_and_says_so(tmp_path: Path, cut: int) -> None:
    file = write(tmp_path / "result.json", chat(*(said(n, "user1", f"text {n}") for n in range(5))))
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(KolbenchError, match=r"result\.json: the file is cut short"):
        Pulled(TelegramExport(), file)


def test_what_is_no_json_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("<html>")
    with pytest.raises(KolbenchError, match=r"result\.json: the file is no JSON"):
        Pulled(TelegramExport(), tmp_path)
    write(tmp_path / "result.json", {"chats": {"list": []}})
    assert "no messages" in Pulled(TelegramExport(), tmp_path).warnings[0]


def test_memory_stays_small_whatever_the_file(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    with file.open("w") as stream:
        stream.write('{"name": "Tea", "type": "private_group", "id": 42, "messages": [')
        for number in range(20_000):
            stream.write(json.dumps(said(number, f"user{number % 50}", "words " * 40)) + ",\n")
        stream.write(json.dumps(said(20_001, "user1", "last")) + "]}")
    pull = Pull("messages", {"path": str(file)})
    tracemalloc.start()
    try:
        assert sum(len(page.records) for page in TelegramExport().pull(pull)) > 20_000
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


def test_an_import_lands_in_the_store_once(tmp_path: Path) -> None:
    file = write(tmp_path / "result.json", chat(said(1, "user1", "hi"), said(2, "user2", "ta", reply_to_message_id=1)))
    with closing(Store.open(tmp_path / "k.db")) as store:
        adapter = TelegramExport()
        assert importing.choose({"t": adapter, "d": DiscordExport()}, file) is adapter
        source = sources.add(store, "tea", adapter.name, adapter.platform, {"path": str(file)})
        first = loop.run(store, {adapter.name: adapter}, [source])
        again = loop.run(store, {adapter.name: adapter}, [source], loop.Options(full=True))
        counted = [store.reader().execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("message", "activity")]
    assert (first.state, counted) == ("done", [2, 1])
    assert (again.counts.new, again.counts.changed) == (0, 0)


# Real files ---------------------------------------------------------------------------------------------------


def test_every_message_of_the_telegram_export_is_there(shared_data: Path) -> None:
    file = shared_data / "chat" / "telegram_BIG_20A_5475M.json"
    pulled = Pulled(TelegramExport(), file)
    told = json.loads(file.read_bytes())["messages"]
    assert len(told) == 5475
    assert {(m.uid, m.account_uid, m.text) for m in pulled.of(MessageRecord)} == {
        (f"-1001111111111:{m['id']}", str(m["from_id"]), m["text"]) for m in told
    }
    assert {(a.uid, a.name) for a in pulled.of(AccountRecord)} == {(str(m["from_id"]), m["from"]) for m in told}
    assert pulled.rejected == pulled.warnings == []
    assert TelegramExport().recognise(str(file)) > 0.9


def test_every_message_of_the_discord_export_is_there(shared_data: Path) -> None:
    file = shared_data / "chat" / "discord_SV_5A_5M.json"
    pulled = Pulled(DiscordExport(), file)
    told = json.loads(file.read_bytes())["messages"]
    assert {(m.uid, m.account_uid, m.text) for m in pulled.of(MessageRecord)} == {
        (m["id"], m["author"]["id"], m["content"]) for m in told
    }
    assert pulled.rejected == pulled.warnings == []
    assert DiscordExport().recognise(str(file)) > 0.9
