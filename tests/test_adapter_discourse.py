"""What the Discourse adapter makes of a forum's documented answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking import Asking, of
from kolbench.adapters.conformance import declaration
from kolbench.adapters.discourse.adapter import Discourse
from kolbench.adapters.protocol import Page
from kolbench.adapters.registry import faults
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
    Record,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
BASE = "https://forum.example"
HOST = "forum.example"
Json = dict[str, Any]

NAMES = {-2: "discobot", -1: "system", 1: "ann", 2: "bob", 3: "eve"}


def written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def member(number: int, **more: Any) -> Json:
    """The documented entity of a member, as short as in lists."""
    name = NAMES.get(number, f"user{number}")
    template = f"/user_avatar/{HOST}/{name}/{{size}}/1_2.png"
    return {"id": number, "username": name, "name": name.title(), "avatar_template": template, "title": None, **more}


def listed(number: int, **more: Any) -> Json:
    """The documented entity of a member in the directory."""
    counts = {"likes_received": 100 - number, "likes_given": 5, "topics_entered": 7, "topic_count": 2}
    return {
        "id": number,
        **counts,
        "post_count": 9,
        "posts_read": 50,
        "days_visited": 20,
        "user": member(number),
        **more,
    }


def post(number: int, topic: int, place: int, author: int, at: datetime | None = None, **more: Any) -> Json:
    """The documented entity of a post, written so many minutes before now as its id is below 1,000."""
    at = at or NOW - timedelta(minutes=1_000 - number)
    return {
        **{key: value for key, value in member(author).items() if key not in ("id", "title")},
        "id": number,
        "user_id": author,
        "created_at": written(at),
        "cooked": f"<p>Post {number}</p>",
        "post_number": place,
        "post_type": 1,
        "posts_count": 3,
        "updated_at": written(at),
        "reply_count": 0,
        "reply_to_post_number": None,
        "reads": 12,
        "score": 3.4,
        "topic_id": topic,
        "topic_slug": "a-topic",
        "topic_title": f"Topic {topic}",
        "category_id": 5,
        "actions_summary": [{"id": 2, "count": 4}],
        "moderator": False,
        "admin": False,
        "staff": False,
        "hidden": False,
        "trust_level": 1,
        "deleted_at": None,
        "user_deleted": False,
        **more,
    }


def like(number: int, giver: int, taker: int, at: datetime) -> Json:
    """The documented entity of a user's action, for a like."""
    return {
        "excerpt": "…",
        "action_type": 1,
        "created_at": written(at),
        "topic_id": number,
        "target_user_id": giver,
        "post_number": 2,
        "post_id": None,
        "username": NAMES[taker],
        "name": None,
        "user_id": taker,
        "acting_username": NAMES[giver],
        "acting_name": NAMES[giver].title(),
        "acting_user_id": giver,
        "title": "A topic",
        "category_id": 5,
    }


class Forum:
    """A forum with the documented API, in memory."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.posts: list[Json] = []
        self.directory = [listed(number) for number in (1, 2, 3)]
        self.pages = 10
        self.users: dict[str, Json] = {}
        self.groups: dict[str, list[Json]] = {}
        self.likes: dict[str, list[Json]] = {}
        self.tagged: dict[str, list[int]] = {}
        self.inclusive = False
        self.asked: list[httpx.Request] = []
        self.faults: list[tuple[str, httpx.Response]] = []

    def fault(self, pattern: str, answer: httpx.Response) -> None:
        self.faults.append((pattern, answer))

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for pattern, answer in self.faults:
            if re.search(pattern, str(request.url)):
                return answer
        query = request.url.params
        page = int(query.get("page", "0"))
        match request.url.path.removeprefix("/").removesuffix(".json").split("/"):
            case ["site", "basic-info"]:
                return ok({"title": "Forum", "description": ""})
            case ["categories"]:
                child = {"id": 6, "name": "Returns", "slug": "returns"}
                rooms = [{"id": 5, "name": "Support", "slug": "support", "subcategory_list": [child]}]
                return ok({"category_list": {"can_create_topic": True, "categories": rooms}})
            case ["directory_items"]:
                if page > self.pages:
                    return httpx.Response(400, json={"errors": ["page"], "error_type": "invalid_parameters"})
                found = self.directory[page * self.most : (page + 1) * self.most]
                return ok({"directory_items": found, "meta": {"total_rows_directory_items": len(self.directory)}})
            case ["u", name] if name in self.users:
                return ok({"user_badges": [], "user": self.users[name]})
            case ["admin", "users", number]:
                return ok(next(one for one in self.users.values() if one["id"] == int(number)))
            case ["groups", name, "members"] if name in self.groups:
                found, first = self.groups[name], int(query["offset"])
                owners = [one for one in found if one.get("owner")]
                page_of = found[first : first + self.most]
                return ok({"members": page_of, "owners": owners, "meta": {"total": len(found)}})
            case ["posts"]:
                before = int(query.get("before", "99999999"))
                rows = [one for one in self.posts if one["id"] < before or (self.inclusive and one["id"] == before)]
                return ok({"latest_posts": sorted(rows, key=lambda one: -one["id"])[: self.most]})
            case ["latest"]:
                return self._topics({one["topic_id"] for one in self.posts}, page)
            case ["c", _slug, number]:
                return self._topics({one["topic_id"] for one in self.posts if one["category_id"] == int(number)}, page)
            case ["tag", name] if name in self.tagged:
                return self._topics(set(self.tagged[name]), page)
            case ["t", number, *_rest] if not self._of(int(number)):
                return missing()
            case ["t", number]:
                rows = self._of(int(number))
                stream = {"posts": rows[: self.most], "stream": [one["id"] for one in rows]}
                told = self._topic(int(number))
                return ok({**told, "user_id": rows[0]["user_id"], "views": 70, "post_stream": stream})
            case ["t", number, "posts"]:
                wanted = {int(one) for one in query.get_list("post_ids[]")}
                rows = [one for one in self._of(int(number)) if one["id"] in wanted]
                return ok({"post_stream": {"posts": rows}, "id": int(number)})
            case ["user_actions"]:
                found = self.likes.get(f"{query['username']} {query['filter']}", [])
                first = int(query["offset"])
                return ok({"user_actions": found[first : first + self.most]})
        return missing()

    def _of(self, topic: int) -> list[Json]:
        return sorted((one for one in self.posts if one["topic_id"] == topic), key=lambda one: one["post_number"])

    def _topic(self, topic: int) -> Json:
        bumped = max(one["created_at"] for one in self._of(topic))
        rows = self._of(topic)
        category = rows[0]["category_id"]
        posters = [{"extras": None, "description": "Original Poster", "user_id": rows[0]["user_id"]}]
        return {"id": topic, "title": f"Topic {topic}", "slug": "t", "category_id": category, "bumped_at": bumped,
                "posts_count": len(rows), "views": 33, "posters": posters}  # fmt: skip

    def _topics(self, topics: set[int], page: int) -> httpx.Response:
        rows = sorted(map(self._topic, topics), key=lambda one: one["bumped_at"], reverse=True)
        found: Json = {"per_page": self.most, "topics": rows[page * self.most : (page + 1) * self.most]}
        if len(rows) > (page + 1) * self.most:
            found["more_topics_url"] = "/c/support/5?page=1"
        return ok({"users": [], "topic_list": found})


def ok(body: Json) -> httpx.Response:
    return httpx.Response(200, json=body)


def missing() -> httpx.Response:
    return httpx.Response(404, json={"errors": ["not found"], "error_type": "not_found"})


def forbidden(error: str = "You are not permitted to view the requested resource.") -> httpx.Response:
    return httpx.Response(403, json={"errors": [error], "error_type": "invalid_access"})


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW.isoformat())
    monkeypatch.delenv("KOLBENCH_DISCOURSE_API_KEY", raising=False)


@pytest.fixture
def forum() -> Forum:
    return Forum()


def asking(forum: Callable[[httpx.Request], httpx.Response], /, **told: str) -> Asking:
    return Asking(Discourse(), forum, {"server": f"{BASE}/", **told})


def account(records: list[Record], number: int) -> AccountRecord:
    return next(one for one in of(records, AccountRecord) if one.uid == f"{number}@{HOST}")


def said(pages: list[Page]) -> list[str]:
    return [one.uid for page in pages for one in of(list(page.records), MessageRecord)]


# What an operator says ------------------------------------------------------------------------------------


def test_it_declares_itself_as_an_adapter_should() -> None:
    assert faults(Discourse()) == []
    assert [check for check in declaration(Discourse()) if not check.kept] == []


def test_what_is_read_follows_from_the_settings(forum: Forum) -> None:
    ask = asking(forum, accounts="@ann, bob")
    assert ask.targets("profiles") == ["directory", "@ann", "@bob"]
    assert ask.targets("members") == ["staff"]
    assert ask.targets("messages") == ["latest"]
    assert ask.targets("activities") == [
        "@ann gave likes",
        "@ann got likes",
        "@bob gave likes",
        "@bob got likes",
    ]
    assert asking(forum, categories="support", tags="#how-to").targets("messages") == ["support", "#how-to"]


def test_a_forum_in_a_folder_keeps_it(forum: Forum) -> None:
    ask = Asking(Discourse(), forum, {"server": "example.org/forum/"})
    with pytest.raises(Gone):
        ask.pages("profiles", "directory")
    assert str(forum.asked[0].url).startswith("https://example.org/forum/directory_items.json?")


def test_a_server_that_is_no_address_is_named(forum: Forum) -> None:
    with pytest.raises(UsageError, match="server=ftp"):
        Asking(Discourse(), forum, {"server": "ftp://x"}).pages("profiles", "directory")


def test_the_key_goes_where_the_documents_say(forum: Forum) -> None:
    asking(forum, api_key="sesame", api_user="system").pages("profiles", "directory")
    asking(forum, api_key="sesame").pages("profiles", "directory")
    asking(forum).pages("profiles", "directory")
    sent = [{name: request.headers.get(name) for name in ("Api-Key", "Api-Username", "User-Api-Key")}
            for request in forum.asked]  # fmt: skip
    assert {tuple(one.values()) for one in sent} == {
        ("sesame", "system", None),
        (None, None, "sesame"),
        (None, None, None),
    }


# Members --------------------------------------------------------------------------------------------------


def test_the_directory_is_read_to_its_end_with_the_counts_of_all_time(forum: Forum) -> None:
    pages = asking(forum).pages("profiles", "directory")
    records = [one for page in pages for one in page.records]
    assert [page.total for page in pages] == [3, 3, 3]
    found = account(records, 1)
    assert (found.handle, found.name, found.url) == (f"ann@{HOST}", "Ann", f"{BASE}/u/ann")
    assert found.avatar_url == f"{BASE}/user_avatar/{HOST}/ann/144/1_2.png"
    counts = {"likes": 99, "likes_given": 5, "topics": 2, "posts": 9, "posts_read": 50, "days_visited": 20}
    assert found.metrics == counts
    asked = forum.asked[0].url.params
    assert (asked["period"], asked["order"], asked["page"]) == ("all", "likes_received", "0")


def test_the_directory_goes_on_from_every_cursor_and_then_begins_again(forum: Forum) -> None:
    forum.directory = [listed(number) for number in range(1, 8)]
    ask = asking(forum)
    pages = ask.pages("profiles", "directory")
    for number, page in enumerate(pages[:-1], 1):
        rest = [one for later in ask.pages("profiles", "directory", page.cursor) for one in later.records]
        assert rest == [one for later in pages[number:] for one in later.records]
    assert len(ask.pages("profiles", "directory", pages[-1].cursor)) == len(pages)


def test_a_directory_that_shows_its_first_pages_only_is_said_to_do_so(forum: Forum) -> None:
    forum.directory = [listed(number) for number in range(1, 9)]
    forum.pages = 1
    ask = asking(forum)
    assert len([one for page in ask.pages("profiles", "directory") for one in page.records]) == 4
    assert ask.warned == ["forum.example shows only the first 2 pages of its directory."]


def test_a_directory_that_never_ends_is_left(forum: Forum) -> None:
    forum.fault("directory_items", ok({"directory_items": [listed(1)], "meta": {}}))
    ask = asking(forum)
    assert len(ask.pages("profiles", "directory")) == 2
    assert len(ask.warned) == 1


def test_the_forums_own_bots_are_bots_and_its_staff_is_staff(forum: Forum) -> None:
    forum.directory = [listed(-1), listed(-2), listed(1), listed(2)]
    forum.directory[2]["user"] |= {"admin": False, "moderator": True}
    forum.directory[3]["user"] |= {"admin": False, "moderator": False}
    records = asking(forum).records("profiles", "directory")
    assert [account(records, number).is_bot for number in (-1, -2, 1)] == [True, True, None]
    assert [account(records, number).is_staff for number in (-1, 1, 2)] == [None, True, False]


def test_a_profile_tells_more(forum: Forum) -> None:
    forum.users["ann"] = member(
        1, bio_cooked="<p>Hi &amp; hello</p>", website="https://ann.example", location="Lyon",
        created_at="2020-01-02T03:04:05.000Z", profile_view_count=8, admin=True, moderator=False,
    )  # fmt: skip
    (found,) = of(asking(forum, accounts="ann").records("profiles", "@ann"), AccountRecord)
    assert (found.bio, found.region, found.is_staff) == ("Hi & hello", "Lyon", True)
    assert found.contacts == (Contact("web", "https://ann.example"),)
    assert found.created_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.metrics == {"views": 8}


def test_a_member_who_left_is_gone(forum: Forum) -> None:
    forum.users["ann"] = member(1)
    ask = asking(forum)
    cursor = ask.pages("profiles", "@ann")[0].cursor
    del forum.users["ann"]
    assert ask.records("profiles", "@ann", cursor) == [AccountRecord(uid=f"1@{HOST}", gone=True)]
    assert ask.records("profiles", "@nobody") == [AccountRecord(uid=f"handle:nobody@{HOST}", gone=True)]


def test_staff_look_a_renamed_member_up_by_id(forum: Forum, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_DISCOURSE_API_KEY", "sesame")
    forum.users["ann"] = member(1)
    forum.directory = []
    ask = asking(forum, accounts="ann", api_key="sesame", api_user="system")
    ask.sync(store)
    del forum.users["ann"]
    forum.users["anon123"] = member(1, username="anon123", name=None)
    ask.sync(store)
    rows = store.reader().execute("SELECT uid, handle, gone FROM account").fetchall()
    assert [tuple(row) for row in rows] == [(f"1@{HOST}", f"anon123@{HOST}", 0)]
    assert store.reader().execute("SELECT handle FROM former_handle").fetchone()[0] == f"ann@{HOST}"


def test_who_may_not_look_up_ids_sees_a_renamed_member_as_gone(forum: Forum) -> None:
    forum.users["ann"] = member(1)
    ask = asking(forum, api_key="sesame", api_user="ann")
    cursor = ask.pages("profiles", "@ann")[0].cursor
    del forum.users["ann"]
    forum.fault("admin/users", httpx.Response(404, json={"errors": ["The API username or key is invalid."]}))
    assert of(ask.records("profiles", "@ann", cursor), AccountRecord)[0].gone is True


def test_the_members_of_a_group_belong_to_it(forum: Forum) -> None:
    added = "2025-01-01T00:00:00.000Z"
    forum.groups["staff"] = [member(number, added_at=added) for number in (1, 2, 3)]
    forum.groups["staff"][0]["owner"] = True
    ask = asking(forum)
    pages = ask.pages("members", "staff")
    records = [one for page in pages for one in page.records]
    assert {one.uid for one in of(records, CommunityRecord)} == {f"{HOST}/g/staff"}
    roles = [(one.account_uid, one.role) for one in of(records, MembershipRecord)]
    assert roles == [(f"1@{HOST}", "owner"), (f"2@{HOST}", None), (f"3@{HOST}", None)]
    assert account(records, 2).is_staff is True
    assert len(of(ask.records("members", "staff", pages[0].cursor), MembershipRecord)) == 1


# Posts ----------------------------------------------------------------------------------------------------


def test_posts_are_messages_of_their_category_and_a_topic_is_a_work(forum: Forum) -> None:
    forum.posts = [post(900, 7, 1, 1), post(901, 7, 2, 2)]
    records = asking(forum).records("messages", "latest")
    rooms = {one.uid: one.name for one in of(records, CommunityRecord)}
    assert rooms == {f"{HOST}/c/5": "Support", f"{HOST}/c/6": "Returns"}
    messages = {one.uid: one for one in of(records, MessageRecord)}
    assert messages["7/1"].reply_to_uid is None
    assert (messages["7/2"].reply_to_uid, messages["7/2"].community_uid) == ("7/1", f"{HOST}/c/5")
    assert messages["7/2"].text == "Post 901"
    (work,) = of(records, PostRecord)
    assert (work.uid, work.account_uid, work.kind, work.title) == ("7/1", f"1@{HOST}", "topic", "Topic 7")
    assert work.metrics == {"likes": 4, "comments": 2, "reads": 12, "views": 33}
    assert work.url == f"{BASE}/t/a-topic/7"


def test_replies_mentions_and_accepted_answers_are_deeds(forum: Forum) -> None:
    forum.most = 50
    words = (
        '<aside class="quote no-group" data-username="bob"><blockquote><p><a class="mention" href="/u/bob">@bob</a>'
        '</p></blockquote></aside><p><a class="mention" href="/u/eve">@Eve</a> and <a class="mention" '
        'href="/u/ann">@ann</a> and <a class="mention" href="/u/new%20one">@x</a></p>'
    )
    forum.posts = [
        post(900, 7, 1, 1),
        post(901, 7, 2, 2, accepted_answer=True),
        post(902, 7, 3, 3, reply_to_post_number="2", reply_to_user={"username": "bob"}, cooked=words),
        post(903, 7, 4, 2, reply_to_post_number=3, reply_to_user={"username": "eve", "id": 3}),
        post(904, 8, 9, 2, reply_to_post_number=8),
    ]
    records = asking(forum).records("messages", "latest")
    deeds = {(one.kind, one.actor_uid, one.object_uid, one.evidence_uid) for one in of(records, InteractionRecord)}
    assert deeds == {
        ("reply", f"2@{HOST}", f"1@{HOST}", "7/2"),
        ("thank", f"1@{HOST}", f"2@{HOST}", "7/2"),
        ("reply", f"3@{HOST}", f"handle:bob@{HOST}", "7/3"),
        ("mention", f"3@{HOST}", f"handle:ann@{HOST}", "7/3"),
        ("mention", f"3@{HOST}", f"handle:new one@{HOST}", "7/3"),
        ("reply", f"2@{HOST}", f"3@{HOST}", "7/4"),
    }
    texts = {one.uid: one.text for one in of(records, MessageRecord)}
    assert texts["7/3"] == "@Eve and @ann and @x"


def test_an_answer_to_a_post_without_a_number_answers_the_topic(forum: Forum) -> None:
    odd = enumerate(("x", "²", "9" * 5_000))
    forum.posts = [post(900, 7, 1, 1), *(post(901 + n, 7, 2 + n, 2, reply_to_post_number=told) for n, told in odd)]
    records = asking(forum).records("messages", "latest")
    assert {one.reply_to_uid for one in of(records, MessageRecord)} == {None, "7/1"}


@pytest.mark.parametrize("piece", ['<a class="mention" href="/u/', '<aside class="quote">', "<a <a "])
def test_a_post_made_to_take_long_takes_no_longer(forum: Forum, piece: str) -> None:
    forum.posts = [post(900, 7, 1, 1, cooked=piece * 100_000)]
    assert said(asking(forum).pages("messages", "latest")) == ["7/1"]


def test_who_began_a_topic_is_known_wherever_its_first_post_stands(forum: Forum) -> None:
    forum.most = 1
    forum.posts = [post(number, number, 1, 3) for number in range(800, 810)]
    forum.posts += [post(900, 7, 1, 1), post(901, 7, 2, 2, accepted_answer=True)]
    records = asking(forum).records("messages", "latest")
    deeds = {(one.kind, one.actor_uid, one.object_uid) for one in of(records, InteractionRecord)}
    assert deeds == {("reply", f"2@{HOST}", f"1@{HOST}"), ("thank", f"1@{HOST}", f"2@{HOST}")}
    assert {work.metrics.get("views") for work in of(records, PostRecord)} == {33}


def test_what_nobody_wrote_is_left_out(forum: Forum) -> None:
    forum.most = 50
    forum.posts = [
        post(900, 7, 1, 1),
        post(901, 7, 2, 2, post_type=3),
        post(902, 7, 3, 2, hidden=True),
        post(903, 7, 4, 2, user_deleted=True),
        post(904, 7, 5, 2, deleted_at="2026-05-01T00:00:00.000Z"),
        post(905, 7, 6, 2, user_id=None, username=None),
    ]
    ask = asking(forum)
    assert said(ask.pages("messages", "latest")) == ["7/1"]
    assert ask.rejected == []


@pytest.mark.parametrize("inclusive", [False, True])
def test_all_posts_are_read_whether_the_server_counts_the_bound_or_not(forum: Forum, inclusive: bool) -> None:
    forum.inclusive = inclusive
    forum.posts = [post(900 + number, 7, number, 1 + number % 2) for number in range(1, 10)]
    assert set(said(asking(forum).pages("messages", "latest"))) == {f"7/{number}" for number in range(1, 10)}


def test_the_posts_go_on_from_every_cursor_and_lose_nothing_new(forum: Forum) -> None:
    forum.posts = [post(900 + number, 7, number, 1) for number in range(1, 10)]
    ask = asking(forum)
    pages = ask.pages("messages", "latest")
    forum.posts += [post(910 + number, 7, 10 + number, 1) for number in range(3)]
    for number, page in enumerate(pages[:-1], 1):
        rest = ask.pages("messages", "latest", page.cursor)
        later = ask.pages("messages", "latest", rest[-1].cursor)
        assert set(said(pages[number:])) <= set(said(rest))
        assert {"7/10", "7/11", "7/12"} <= set(said([*rest, *later]))


def test_the_first_sync_goes_back_so_many_days_and_later_ones_recount(forum: Forum) -> None:
    forum.posts = [post(day, day, 1, 1, at=NOW - timedelta(days=60 - day)) for day in range(1, 61)]
    ask = asking(forum, days="10", recount="4")
    pages = ask.pages("messages", "latest")
    assert 10 <= len(said(pages)) <= 14
    assert 4 <= len(said(ask.pages("messages", "latest", pages[-1].cursor))) <= 8
    assert len(said(ask.pages("messages", "latest", since=NOW - timedelta(days=1)))) <= 5


def test_a_server_that_never_moves_on_is_left(forum: Forum) -> None:
    forum.fault("posts.json", ok({"latest_posts": [post(900, 7, 1, 1)]}))
    assert len(asking(forum).pages("messages", "latest")) == 2


def test_categories_that_are_not_shown_stop_nothing(forum: Forum) -> None:
    forum.posts = [post(900, 7, 1, 1)]
    forum.fault("categories", forbidden())
    records = asking(forum).records("messages", "latest")
    assert of(records, CommunityRecord) == []
    assert len(of(records, MessageRecord)) == 1


# Categories and tags --------------------------------------------------------------------------------------


def test_one_category_is_read_topic_by_topic(forum: Forum) -> None:
    forum.posts = [post(900 + number, 7, number, 1 + number % 3) for number in range(1, 8)]
    forum.posts += [post(920 + topic, topic, 1, 2) for topic in (11, 12, 13, 14)]
    forum.posts += [post(800, 20, 1, 2, category_id=9)]
    pages = asking(forum, categories="Support").pages("messages", "Support")
    assert set(said(pages)) == {*(f"7/{number}" for number in range(1, 8)), "11/1", "12/1", "13/1", "14/1"}
    records = [one for page in pages for one in page.records]
    assert {one.uid for one in of(records, CommunityRecord)} == {f"{HOST}/c/5"}
    work = next(one for one in of(records, PostRecord) if one.uid == "7/1")
    assert work.metrics["views"] == 70
    assert [path for path in forum.paths if path.startswith("/c/")] == ["/c/support/5.json"] * 3


@pytest.mark.parametrize("told", ["returns", "Returns", "6"])
def test_a_category_may_be_named_in_any_way(forum: Forum, told: str) -> None:
    forum.posts = [post(900, 7, 1, 1, category_id=6)]
    assert said(asking(forum).pages("messages", told)) == ["7/1"]


def test_a_category_that_is_not_there_is_gone(forum: Forum) -> None:
    with pytest.raises(Gone, match=r"forum\.example has no swaps"):
        asking(forum).pages("messages", "swaps")


def test_a_tag_is_a_community_of_its_own(forum: Forum) -> None:
    forum.posts = [post(900, 7, 1, 1), post(901, 8, 1, 2)]
    forum.tagged["how-to"] = [7]
    records = asking(forum).records("messages", "#how-to")
    assert {(one.uid, one.kind) for one in of(records, CommunityRecord)} == {(f"{HOST}/tag/how-to", "tag")}
    assert {(one.uid, one.community_uid) for one in of(records, MessageRecord)} == {("7/1", f"{HOST}/tag/how-to")}


def test_a_category_goes_on_from_every_cursor_and_lose_nothing_new(forum: Forum) -> None:
    forum.posts = [post(900 + topic, topic, 1, 2) for topic in range(10, 17)]
    ask = asking(forum)
    pages = ask.pages("messages", "support")
    forum.posts += [post(950, 10, 2, 3), post(951, 30, 1, 3)]
    for number, page in enumerate(pages[:-1], 1):
        rest = ask.pages("messages", "support", page.cursor)
        later = ask.pages("messages", "support", rest[-1].cursor)
        assert set(said(pages[number:])) <= set(said([*rest, *later]))
        assert {"10/2", "30/1"} <= set(said([*rest, *later]))


def test_old_topics_are_not_opened_even_where_they_are_pinned(forum: Forum) -> None:
    forum.posts = [post(900, 7, 1, 1), post(1, 8, 1, 1, at=NOW - timedelta(days=900))]
    old = {"id": 8, "bumped_at": written(NOW - timedelta(days=900)), "pinned": True}
    new = {"id": 7, "bumped_at": written(NOW - timedelta(hours=1))}
    forum.fault("/c/support", ok({"topic_list": {"topics": [old, {"id": "x"}, new, {**old, "pinned": False}, new]}}))
    ask = asking(forum)
    assert said(ask.pages("messages", "support")) == ["7/1"]
    assert len(ask.rejected) == 1


def test_of_a_long_topic_only_the_beginning_and_the_new_end_are_read(forum: Forum) -> None:
    forum.posts = [post(number, 7, number, 1, at=NOW - timedelta(days=200 - number)) for number in range(1, 200)]
    found = said(asking(forum, days="10").pages("messages", "support"))
    assert found[:2] == ["7/1", "7/2"]
    assert 10 <= len(found) <= 2 + 40
    assert "7/199" in found


# Likes ----------------------------------------------------------------------------------------------------


def test_likes_are_deeds_of_the_one_who_gave_them(forum: Forum) -> None:
    forum.likes["ann 1"] = [like(number, 1, 2, NOW - timedelta(hours=number)) for number in range(1, 6)]
    ask = asking(forum, accounts="ann")
    pages = ask.pages("activities", "@ann gave likes")
    deeds = [one for page in pages for one in of(list(page.records), InteractionRecord)]
    assert {(one.kind, one.actor_uid, one.object_uid) for one in deeds} == {("like", f"1@{HOST}", f"2@{HOST}")}
    assert sorted(one.evidence_uid for one in deeds) == ["1/2", "2/2", "3/2", "4/2", "5/2"]
    assert deeds[0].community_uid == f"{HOST}/c/5"
    rest = ask.pages("activities", "@ann gave likes", pages[0].cursor)
    assert len([one for page in rest for one in of(list(page.records), InteractionRecord)]) == 3
    assert len(of(ask.records("activities", "@ann gave likes", pages[-1].cursor), InteractionRecord)) == 5


def test_likes_got_are_asked_for_by_their_own_number(forum: Forum) -> None:
    forum.likes["ann 2"] = [like(1, 3, 1, NOW)]
    (deed,) = of(asking(forum).records("activities", "@ann got likes"), InteractionRecord)
    assert (deed.actor_uid, deed.object_uid) == (f"3@{HOST}", f"1@{HOST}")


# When things go wrong -------------------------------------------------------------------------------------


def test_a_wrong_key_leaves_the_adapter_though_it_looks_like_any_other_refusal(forum: Forum) -> None:
    forum.fault("", forbidden("You are not permitted … The API username or key is invalid."))
    with pytest.raises(SourceError, match="does not accept the key") as caught:
        asking(forum, api_key="sesame", api_user="system").pages("messages", "latest")
    assert not isinstance(caught.value, Denied)


def test_a_forum_that_is_closed_to_strangers_says_what_it_needs(forum: Forum) -> None:
    forum.fault("", httpx.Response(403, json={"errors": ["Log in"], "error_type": "not_logged_in"}))
    with pytest.raises(SourceError, match="needs an api_key"):
        asking(forum).pages("messages", "latest")


def test_a_closed_directory_and_a_hidden_group_do_not_stop_the_rest(forum: Forum, store: Store) -> None:
    forum.posts = [post(900, 7, 1, 1)]
    forum.fault("directory_items", forbidden())
    ask = asking(forum)
    assert ask.sync(store).state == "done"
    assert len(ask.warned) == 2
    assert counted(store) == {"account": 1, "post": 1, "message": 1, "activity": 0, "community": 2}


def test_html_instead_of_json_may_pass(forum: Forum) -> None:
    forum.fault("posts", httpx.Response(200, text="<!doctype html>"))
    with pytest.raises(Transient, match="<!doctype html>"):
        asking(forum).pages("messages", "latest")


def test_a_post_of_another_shape_is_rejected_alone(forum: Forum) -> None:
    odd = {**post(901, 7, 2, 2), "post_number": "second"}
    forum.fault("posts", ok({"latest_posts": [post(900, 7, 1, 1), odd, None]}))
    ask = asking(forum)
    assert set(said(ask.pages("messages", "latest"))) == {"7/1"}
    assert ask.rejected[0].column == "post_number"


def test_the_test_says_what_works(forum: Forum) -> None:
    forum.users["ann"] = member(1, admin=False, moderator=True)
    findings = asking(forum, api_key="sesame", api_user="ann").test()
    assert [(one.ok, one.text) for one in findings] == [
        (True, "Forum is there."),
        (True, "The key acts for ann, one of the staff."),
        (True, "The directory of members can be read."),
    ]
    assert "no key" in asking(forum).test()[1].text
    forum.fault("directory", forbidden())
    assert asking(forum).test()[2].ok is False
    forum.fault("site", forbidden("The API username or key is invalid."))
    forum.faults.reverse()
    assert [one.ok for one in asking(forum, api_key="sesame").test()] == [False]


# The whole of it ------------------------------------------------------------------------------------------


def test_a_sync_brings_everything_and_a_second_one_doubles_nothing(forum: Forum, store: Store) -> None:
    forum.posts = [post(900, 7, 1, 1), post(901, 7, 2, 2), post(902, 7, 3, 3, moderator=True)]
    forum.users["ann"] = member(1)
    forum.groups["staff"] = [member(3)]
    forum.likes["ann 1"] = [like(7, 1, 2, NOW)]
    ask = asking(forum, accounts="ann")
    for _time in range(2):
        assert ask.sync(store).state == "done"
        assert counted(store) == {"account": 3, "post": 1, "message": 3, "activity": 3, "community": 3}
    staff = store.reader().execute("SELECT handle FROM account WHERE is_staff = 1").fetchall()
    assert [row[0] for row in staff] == [f"eve@{HOST}"]


def counted(store: Store) -> dict[str, int]:
    tables = ("account", "post", "message", "activity", "community")
    return {table: store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


FIELDS = st.sampled_from(
    ["cooked", "reply_to_post_number", "reply_to_user", "actions_summary", "category_id", "user_id"]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(FIELDS, JUNK, max_size=3))
def test_whatever_stands_in_a_field_costs_one_post_at_most(junk: Json) -> None:
    forum = Forum()
    forum.posts = [post(900, 7, 1, 1), post(901, 7, 2, 2, **junk)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLBENCH_NOW", NOW.isoformat())
        assert "7/1" in said(asking(forum).pages("messages", "latest"))


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = Discourse()
    settings = {
        "server": BASE,
        "api_key": "sesame-open-42",
        "api_user": "system",
        "accounts": "ann",
        "categories": "support",
        "tags": "how-to",
        "groups": "champions",
        "days": "3650",
    }
    expected = {"profiles": 3, "members": 3, "messages": 16, "activities": 5}

    def server(self, request: httpx.Request) -> httpx.Response:
        forum = Forum()
        forum.posts = [post(900 + number, 7, number, 1 + number % 3) for number in range(1, 8)]
        forum.posts += [post(920 + topic, topic, 1, 2) for topic in (11, 12)]
        forum.users["ann"] = member(1)
        forum.groups["champions"] = [member(number) for number in (1, 2, 3)]
        forum.tagged["how-to"] = [7]
        forum.likes["ann 1"] = [like(number, 1, 2, NOW - timedelta(hours=number)) for number in range(1, 6)]
        return forum(request)
