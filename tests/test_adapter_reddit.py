"""What the Reddit adapter makes of the Data API's answers."""

from __future__ import annotations

import gc
import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from asking import Asking, of
from kolbench.adapters.reddit.adapter import RedditAdapter
from kolbench.adapters.registry import faults
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

Json = dict[str, Any]

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEA = "t5_2qq5e"
APP, SECRET = "app-of-ann", "secret-of-the-app"


def epoch(days: float) -> float:
    return (NOW - timedelta(days=days)).timestamp()


def user(name: str, uid: str, **more: Any) -> Json:
    profile = {"title": f"The {name}", "public_description": "I drink tea & coffee", "subscribers": 0}
    return {
        "name": name,
        "id": uid,
        "created_utc": 1_200_000_000.0,
        "total_karma": 120,
        "link_karma": 100,
        "comment_karma": 20,
        "is_employee": False,
        "is_mod": True,
        "icon_img": "https://styles.example/a.png?s=1",
        "subreddit": profile,
    } | more


def link(uid: str, days: float, author: str = "ann", **more: Any) -> Json:
    return {
        "name": f"t3_{uid}",
        "id": uid,
        "author": author,
        "author_fullname": f"t2_{author}",
        "created_utc": epoch(days),
        "distinguished": None,
        "edited": False,
        "permalink": f"/r/tea/comments/{uid}/on_tea/",
        "subreddit_id": TEA,
        "title": f"On tea {uid}",
        "selftext": "It is good.",
        "is_self": True,
        "is_video": False,
        "score": 41,
        "num_comments": 5,
        "num_crossposts": 1,
        "upvote_ratio": 0.97,
        "removed_by_category": None,
    } | more


def comment(uid: str, days: float, author: str = "ben", parent: str = "t3_p1", **more: Any) -> Json:
    return {
        "name": f"t1_{uid}",
        "author": author,
        "author_fullname": f"t2_{author}",
        "created_utc": epoch(days),
        "edited": epoch(days),
        "distinguished": None,
        "body": "So it is.",
        "parent_id": parent,
        "link_id": "t3_p1",
        "link_author": "ann",
        "subreddit_id": TEA,
        "score": -3,
    } | more


class Site:
    """Reddit in memory, with ``most`` things a page of a listing and no more than ``listed`` in all."""

    def __init__(self, most: int = 2, listed: int = 1_000) -> None:
        self.most = most
        self.longest = listed
        self.users = {"ann": user("ann", "ann"), "ben": user("ben", "ben")}
        self.submitted = {"ann": [link(f"p{number}", number) for number in range(1, 6)], "ben": []}
        self.new = [link("p1", 1), link("p2", 2, "ben"), link("p3", 3)]
        self.comments = [comment(f"c{number}", number) for number in range(1, 4)]
        self.elsewhere: list[Json] = []
        self.refused: dict[str, int] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.agents: set[str] = set()

    def paths(self) -> list[str]:
        return [path for path, _query in self.asked]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, dict(parse_qsl(request.url.query.decode()))
        self.asked.append((path, query))
        self.agents.add(request.headers["user-agent"])
        if request.url.host == "www.reddit.com":
            assert (request.method, path) == ("POST", "/api/v1/access_token")
            assert request.content == b"grant_type=client_credentials"
            given = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
            if given != f"{APP}:{SECRET}":
                return httpx.Response(401, json={"message": "Unauthorized", "error": 401})
            token = {"access_token": "token-of-a-run", "token_type": "bearer", "expires_in": 86_400, "scope": "*"}
            return httpx.Response(200, json=token)
        assert request.url.host == "oauth.reddit.com"
        assert query["raw_json"] == "1"
        if request.headers["authorization"] != "Bearer token-of-a-run":
            return httpx.Response(401)
        for part, status in self.refused.items():
            if part in path:
                return httpx.Response(status, json={"reason": "private", "message": "No", "error": status})
        left = {"x-ratelimit-remaining": "99.0", "x-ratelimit-used": "1", "x-ratelimit-reset": "300"}
        answer = self.answer(path.strip("/").split("/"), query)
        return (
            httpx.Response(404, json={"error": 404})
            if answer is None
            else httpx.Response(200, json=answer, headers=left)
        )

    def answer(self, path: list[str], query: Mapping[str, str]) -> Json | None:
        match path:
            case ["user", name, "about"] if name in self.users:
                return {"kind": "t2", "data": self.users[name]}
            case ["user", name, "submitted"] if name in self.submitted:
                return self.page("t3", self.submitted[name], query)
            case ["r", "tea", "about"]:
                told = {"name": TEA, "display_name": "tea", "url": "/r/tea/", "subscribers": 900_000}
                return {"kind": "t5", "data": told}
            case ["r", "tea", "new"]:
                return self.page("t3", self.new, query)
            case ["r", "tea", "comments"]:
                return self.page("t1", self.comments, query)
            case ["r", _name, "about"]:
                return {"kind": "Listing", "data": {"children": [], "after": None}}
            case ["api", "info"]:
                wanted = query["id"].split(",")
                assert len(wanted) <= 100
                known = [*self.new, *self.comments, *self.elsewhere]
                found = [one for one in known if one["name"] in wanted]
                return listing([{"kind": one["name"][:2], "data": one} for one in found], None)
        return None

    def page(self, kind: str, things: list[Json], query: Mapping[str, str]) -> Json:
        assert query["limit"] == "100"
        assert query["sort"] == "new"
        names = [thing["name"] for thing in things[: self.longest]]
        start = 0
        if after := query.get("after"):
            start = names.index(after) + 1 if after in names else len(names)
        some = things[start : min(start + self.most, self.longest)]
        more = start + self.most < len(names)
        return listing([{"kind": kind, "data": thing} for thing in some], some[-1]["name"] if more else None)


def listing(children: list[Json], after: str | None) -> Json:
    return {"kind": "Listing", "data": {"after": after, "before": None, "dist": len(children), "children": children}}


def reader(site: Site, **more: str) -> Asking:
    base = {"client_id": APP, "client_secret": SECRET, "username": "u/ann_k"}
    return Asking(RedditAdapter(), site, base | {"accounts": "ann", "subreddits": "r/tea"} | more)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW.isoformat())


def uids(records: list[Any], kind: type[Any]) -> list[str]:
    return [record.uid for record in of(records, kind)]


def test_it_is_declared_soundly() -> None:
    assert faults(RedditAdapter()) == []


# The app


def test_every_request_tells_who_asks_as_reddit_wants_it(site: Site) -> None:
    reader(site).records("profiles", "ann")
    (agent,) = site.agents
    assert agent.startswith("python:kolbench:v")
    assert agent.endswith(" (by /u/ann_k)")


def test_a_run_gets_one_token_for_all_it_reads(site: Site) -> None:
    asking = reader(site, accounts="ann ben")
    pull = asking.pull("profiles", "ann")
    list(asking.adapter.pull(pull))
    for target in ("ann", "ben"):
        more = asking.pull("profiles", target)
        list(asking.adapter.pull(type(more)(**{**vars(more), "http": pull.http})))
    assert site.paths().count("/api/v1/access_token") == 1
    asking.records("profiles", "ann")
    assert site.paths().count("/api/v1/access_token") == 2, "and the next run another"


def test_a_token_is_forgotten_with_its_run(site: Site) -> None:
    adapter = RedditAdapter()
    asking = reader(site)
    asking.adapter = adapter
    asking.records("profiles", "ann")
    gc.collect()
    assert not adapter._held


def test_an_expired_token_is_replaced(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = reader(site)
    pages = asking.adapter.pull(asking.pull("posts", "ann"))
    next(pages)
    monkeypatch.setenv("KOLBENCH_NOW", (NOW + timedelta(days=2)).isoformat())
    next(pages)
    assert site.paths().count("/api/v1/access_token") == 2


def test_a_wrong_secret_ends_the_reading(site: Site) -> None:
    asking = reader(site, client_secret="another-secret")
    with pytest.raises(SourceError) as raised:
        asking.records("profiles", "ann")
    assert raised.value.status == 401
    assert "another" not in str(raised.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"accounts": "", "subreddits": ""},
        {"accounts": "a b/c/d?"},
        {"subreddits": "https://www.reddit.com/"},
        {"username": "ann\r\nX: y"},
        {"days": "many"},
    ],
)
def test_a_wrong_setting_is_named(site: Site, wrong: dict[str, str]) -> None:
    asking = reader(site, **wrong)

    def read() -> None:
        for feed in asking.adapter.feeds:
            for target in asking.targets(feed):
                asking.records(feed, target)

    with pytest.raises(UsageError):
        read()


@pytest.mark.parametrize("written", ["ann", "u/ann", "/u/ann", "https://www.reddit.com/user/ann/", "user/ann"])
def test_an_account_may_be_written_in_many_ways(site: Site, written: str) -> None:
    assert reader(site, accounts=written).targets("posts") == ["ann"]


def test_a_subreddit_is_read_as_posts_and_as_comments(site: Site) -> None:
    asking = reader(site, subreddits="https://old.reddit.com/r/tea/new r/AskCulinary")
    wanted = ["r/tea posts", "r/tea comments", "r/AskCulinary posts", "r/AskCulinary comments"]
    assert asking.targets("messages") == wanted


# Accounts


def test_an_account_is_read_with_its_karma(site: Site) -> None:
    (account,) = of(reader(site).records("profiles", "ann"), AccountRecord)
    assert (account.uid, account.handle, account.name) == ("t2_ann", "ann", "The ann")
    assert account.metrics == {"karma": 120, "post_karma": 100, "comment_karma": 20}
    assert account.bio == "I drink tea & coffee"
    assert account.created_at == datetime(2008, 1, 10, 21, 20, tzinfo=UTC)
    assert (account.is_staff, account.gone) == (None, False)


def test_reddits_own_people_are_staff_and_karma_below_zero_is_left_out(site: Site) -> None:
    site.users["ann"] = user("ann", "ann", is_employee=True, comment_karma=-20, subreddit=None)
    (account,) = of(reader(site).records("profiles", "ann"), AccountRecord)
    assert account.is_staff
    assert "comment_karma" not in account.metrics


def test_a_suspended_account_is_gone_under_the_id_that_it_had(site: Site) -> None:
    asking = reader(site)
    cursor = asking.pages("profiles", "ann")[-1].cursor
    site.users["ann"] = {"name": "ann", "is_suspended": True}
    for after, uid in ((cursor, "t2_ann"), (None, "handle:ann")):
        (account,) = of(asking.records("profiles", "ann", after), AccountRecord)
        assert (account.uid, account.gone) == (uid, True)


def test_a_deleted_account_is_gone(site: Site) -> None:
    asking = reader(site)
    cursor = asking.pages("profiles", "ann")[-1].cursor
    del site.users["ann"]
    (account,) = of(asking.records("profiles", "ann", cursor), AccountRecord)
    assert (account.uid, account.gone) == ("t2_ann", True)


# Posts


def test_a_post_is_read_with_its_counts(site: Site) -> None:
    records = reader(site).records("posts", "ann")
    post = of(records, PostRecord)[0]
    assert (post.uid, post.account_uid, post.kind, post.title) == ("t3_p1", "t2_ann", "text", "On tea p1")
    assert post.metrics == {"likes": 41, "comments": 5, "shares": 1, "upvote_ratio_bp": 9_700}
    assert post.url == "https://www.reddit.com/r/tea/comments/p1/on_tea/"
    assert of(records, AccountRecord)[0].handle == "ann"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"is_self": True}, "text"),
        ({"is_video": True}, "video"),
        ({"is_gallery": True}, "gallery"),
        ({"is_self": True, "poll_data": {"options": []}}, "poll"),
        ({"poll_data": None, "post_hint": "image"}, "image"),
        ({"post_hint": "rich:video"}, "link"),
    ],
)
def test_the_kinds_of_posts_are_told_apart(site: Site, told: Json, kind: str) -> None:
    site.submitted["ann"] = [link("p1", 1) | {"is_self": False} | told]
    assert of(reader(site).records("posts", "ann"), PostRecord)[0].kind == kind


def test_a_removed_post_keeps_the_text_that_is_stored(site: Site) -> None:
    site.submitted["ann"] = [link("p1", 1, selftext="[removed]", removed_by_category="moderator")]
    (post,) = of(reader(site).records("posts", "ann"), PostRecord)
    assert post.text is None


def test_the_next_sync_reads_new_posts_and_young_ones_again(site: Site) -> None:
    site.submitted["ann"] = [link(f"p{number}", 3 * number) for number in range(1, 40)]
    asking = reader(site, days="90", recount="7")
    pages = asking.pages("posts", "ann")
    first = [uid for page in pages for uid in uids(list(page.records), PostRecord)]
    assert first == [f"t3_p{number}" for number in range(1, 31)]
    site.submitted["ann"].insert(0, link("new", 0.1))
    again = uids(asking.records("posts", "ann", pages[-1].cursor), PostRecord)
    assert again == ["t3_new", "t3_p1", "t3_p2", "t3_p3"]


def test_a_reading_that_was_stopped_is_finished(site: Site) -> None:
    asking = reader(site)
    pages = asking.pages("posts", "ann")
    for number in range(len(pages)):
        had = {uid for page in pages[: number + 1] for uid in uids(list(page.records), PostRecord)}
        later = uids(asking.records("posts", "ann", pages[number].cursor), PostRecord)
        assert had | set(later) == {f"t3_p{number}" for number in range(1, 6)}


def test_a_reading_goes_on_though_what_it_stood_at_is_deleted(site: Site) -> None:
    asking = reader(site)
    page = asking.pages("posts", "ann")[0]
    site.submitted["ann"].pop(1)
    later = uids(asking.records("posts", "ann", page.cursor), PostRecord)
    assert later == ["t3_p1", "t3_p3", "t3_p4", "t3_p5"]


def test_a_listing_that_reddit_cuts_off_is_told() -> None:
    site = Site(most=100, listed=1_000)
    site.submitted["ann"] = [link(f"p{number}", number / 100) for number in range(1, 1_500)]
    asking = reader(site)
    assert len(of(asking.records("posts", "ann"), PostRecord)) == 1_000
    assert "1,000" in asking.warned[0]


def test_a_page_that_repeats_itself_ends_the_reading(site: Site) -> None:
    def stuck(request: httpx.Request) -> httpx.Response:
        answer = site(request)
        if not request.url.path.endswith("submitted"):
            return answer
        told = answer.json()
        told["data"]["after"] = "t3_p2"
        return httpx.Response(200, json=told)

    asking = reader(site)
    asking.server = stuck
    assert len(asking.pages("posts", "ann")) == 2
    assert "again and again" in asking.warned[0]


# Subreddits


def test_posts_of_a_subreddit_are_messages_of_a_community(site: Site) -> None:
    site.new = [link("p1", 1, selftext="As u/Ben_T and /u/ann say, not x/u/nobody or u/ab"), link("p2", 2, "ben")]
    records = reader(site).records("messages", "r/tea posts")
    assert of(records, CommunityRecord)[0] == CommunityRecord(
        uid=TEA, name="r/tea", kind="subreddit", url="https://www.reddit.com/r/tea/"
    )
    message = of(records, MessageRecord)[0]
    assert (message.uid, message.community_uid, message.account_uid) == ("t3_p1", TEA, "t2_ann")
    assert message.text.startswith("On tea p1\n\nAs u/Ben_T")
    deeds = [(deed.kind, deed.object_uid) for deed in of(records, InteractionRecord)]
    assert deeds == [("mention", "handle:ben_t")]


def test_a_comment_is_a_reply_to_who_wrote_what_it_answers(site: Site) -> None:
    site.comments = [
        comment("c1", 1, "ben", "t3_p1"),
        comment("c2", 1.1, "cy", "t1_c1"),
        comment("c3", 1.2, "ann", "t1_old"),
        comment("c4", 1.3, "ann", "t3_p1"),
        comment("c5", 1.4, "ben", "t1_gone"),
    ]
    site.most = 10
    site.elsewhere = [comment("old", 50, "dee"), comment("gone", 50, "[deleted]", author_fullname=None)]
    records = reader(site).records("messages", "r/tea comments")
    deeds = {(deed.actor_uid, deed.kind, deed.object_uid) for deed in of(records, InteractionRecord)}
    assert deeds == {
        ("t2_ben", "reply", "t2_ann"),
        ("t2_cy", "reply", "t2_ben"),
        ("t2_ann", "reply", "t2_dee"),
    }, "nobody answers themselves, or an account that is deleted"
    assert {message.uid: message.reply_to_uid for message in of(records, MessageRecord)}["t1_c3"] == "t1_old"
    assert site.paths().count("/api/info") == 1


def test_robots_and_moderators_are_marked(site: Site) -> None:
    site.comments = [
        comment("c1", 1, "AutoModerator", body="u/ann, read the rules", distinguished="moderator"),
        comment("c2", 1, "cy"),
        comment("c3", 1, "cy", distinguished="moderator"),
    ]
    site.most = 10
    records = reader(site).records("messages", "r/tea comments")
    people = {account.handle: (account.is_bot, account.is_staff) for account in of(records, AccountRecord)}
    assert people == {"AutoModerator": (True, True), "cy": (None, True)}
    assert {one.account_uid for one in of(records, MembershipRecord)} == {"t2_AutoModerator", "t2_cy"}
    assert {deed.actor_uid for deed in of(records, InteractionRecord)} == {"t2_cy"}


def test_what_deleted_accounts_have_left_is_not_read(site: Site) -> None:
    site.new = [
        link("p1", 1, "[deleted]", author_fullname=None),
        link("p2", 1, removed_by_category="moderator"),
        link("p3", 1, author_fullname=None),
    ]
    records = reader(site).records("messages", "r/tea posts")
    assert [(one.uid, one.account_uid) for one in of(records, MessageRecord)] == [("t3_p3", "handle:ann")]


def test_a_subreddit_is_read_on_from_the_newest_with_what_came_late(site: Site) -> None:
    site.comments = [comment(f"c{number}", number) for number in range(1, 30)]
    asking = reader(site, days="10")
    pages = asking.pages("messages", "r/tea comments")
    assert len([uid for page in pages for uid in uids(list(page.records), MessageRecord)]) == 10
    site.comments[:0] = [comment("new", 0.5)]
    site.comments.insert(2, comment("late", 1 + 0.5 / 24))
    site.most = 1
    again = uids(asking.records("messages", "r/tea comments", pages[-1].cursor), MessageRecord)
    assert again == ["t1_new", "t1_c1", "t1_late"]


@pytest.mark.parametrize(("status", "kind"), [(403, Denied), (404, Gone)])
def test_a_closed_subreddit_is_a_state(site: Site, status: int, kind: type[SourceError]) -> None:
    site.refused["/r/tea"] = status
    with pytest.raises(kind):
        reader(site).pages("messages", "r/tea posts")


def test_a_subreddit_that_never_was_is_gone_though_reddit_answers_with_a_search(site: Site) -> None:
    with pytest.raises(Gone, match="r/nonesuch"):
        reader(site).pages("messages", "r/nonesuch posts")


def test_a_broken_thing_is_rejected_alone(site: Site) -> None:
    site.new[0]["author"] = {"name": "ann"}
    asking = reader(site)
    assert uids(asking.records("messages", "r/tea posts"), MessageRecord) == ["t3_p2", "t3_p3"]
    assert len(asking.rejected) == 1


def test_html_is_transient(site: Site) -> None:
    asking = reader(site)
    asking.server = lambda request: httpx.Response(200, html="<html>maintenance")
    with pytest.raises(Transient):
        asking.pages("profiles", "ann")


def test_a_cursor_that_cannot_be_read_begins_anew(site: Site) -> None:
    assert len(of(reader(site).records("posts", "ann", "]"), PostRecord)) == 5


# The rest


def test_the_test_says_what_works(site: Site) -> None:
    assert [finding.ok for finding in reader(site).test()] == [True, True]
    assert [finding.ok for finding in reader(site, subreddits="").test()] == [True, True]
    assert [finding.ok for finding in reader(site, subreddits="nonesuch").test()] == [True, False]
    assert [finding.ok for finding in reader(site, client_secret="another").test()] == [False]
    site.refused["/about"] = 403
    assert [finding.ok for finding in reader(site).test()] == [True, False]


def test_a_sync_keeps_all_of_it_once_and_goes_on(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_REDDIT_CLIENT_SECRET", SECRET)
    site.submitted["ghost"] = []
    asking = reader(site, accounts="ann, ben, ghost")
    store = Store.open(tmp_path / "kolbench.db")
    for _time in range(2):
        assert asking.sync(store).state == "done"
    assert site.paths().count("/api/v1/access_token") == 2
    db = store.reader()
    assert db.execute("SELECT count(*) FROM post").fetchone()[0] == 5
    assert db.execute("SELECT count(*) FROM message").fetchone()[0] == 6
    assert db.execute("SELECT count(*) FROM account WHERE gone").fetchone()[0] == 1
    assert db.execute("SELECT count(*) FROM account").fetchone()[0] == 3
    assert "token-of-a-run" not in json.dumps([tuple(map(str, row)) for row in db.execute("SELECT * FROM checkpoint")])
    store.close()


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = RedditAdapter()
    settings = {
        "client_id": APP,
        "client_secret": SECRET,
        "username": "ann_k",
        "accounts": "ann, ben",
        "subreddits": "tea",
        "days": "90",
    }
    expected = {"profiles": 2, "posts": 5, "messages": 6}
    expected_later = {"profiles": 2, "posts": 6, "messages": 8}

    def server(self, request: httpx.Request) -> httpx.Response:
        return Site()(request)

    def later(self, request: httpx.Request) -> httpx.Response:
        site = Site()
        site.submitted["ben"].append(link("p9", 0.1, "ben"))
        site.new.insert(0, link("p9", 0.1, "ben"))
        site.comments.insert(0, comment("c9", 0.05, "ann", "t3_p9", link_author="ben"))
        return site(request)
