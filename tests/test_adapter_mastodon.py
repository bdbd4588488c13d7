"""What the Mastodon adapter makes of the API's documented answers, on Mastodon and on servers that differ."""

from __future__ import annotations

import json
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
from kolbench.adapters.mastodon.adapter import Mastodon
from kolbench.adapters.protocol import Page
from kolbench.adapters.registry import faults
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    FollowRecord,
    InteractionRecord,
    MessageRecord,
    PostRecord,
    Record,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
BASE = "https://social.example"
Json = dict[str, Any]


def person(number: int, acct: str | None = None, **more: Any) -> Json:
    """The documented entity of an account: the one with the number 7 is ``user7``, at home here."""
    acct = acct or f"user{number}"
    return {
        "id": str(number),
        "username": acct.partition("@")[0],
        "acct": acct,
        "display_name": f"User {number}",
        "locked": False,
        "bot": False,
        "discoverable": True,
        "group": False,
        "created_at": "2016-03-16T00:00:00.000Z",
        "note": "<p>Tries things out.</p>",
        "url": f"{BASE}/@{acct}",
        "avatar": f"https://files.example/{number}.png",
        "followers_count": 100 + number,
        "following_count": 10 + number,
        "statuses_count": number,
        "last_status_at": "2026-05-03",
        "emojis": [],
        "fields": [],
        **more,
    }


def post(number: int, author: Json, at: datetime | None = None, **more: Any) -> Json:
    """The documented entity of a status, written ``number`` minutes after the beginning of May."""
    at = at or datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=number)
    return {
        "id": str(number),
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"{BASE}/users/{author['username']}/statuses/{number}",
        "url": f"{BASE}/@{author['acct']}/{number}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "edited_at": None,
        "content": f"<p>Post {number}</p>",
        "reblog": None,
        "account": author,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
        **more,
    }


class Server:
    """A server with the documented API, in memory: lists are newest first, and ids of follows are nobody's business."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.people: dict[str, Json] = {}
        self.follows: list[tuple[int, str, str]] = []
        self.posts: list[Json] = []
        self.reacted: dict[str, list[Json]] = {}
        self.asked: list[httpx.Request] = []
        self.faults: list[Callable[[httpx.Request], httpx.Response | None]] = []
        self.domain: str | None = "social.example"
        self.links = True

    def add(self, *people: Json) -> None:
        self.people.update((one["id"], one) for one in people)

    def follow(self, follower: int, followed: int) -> None:
        self.follows.insert(0, (1_000 + len(self.follows), str(follower), str(followed)))

    def fault(self, pattern: str, answer: httpx.Response, times: int = 1_000) -> None:
        """Answer so whatever matches, for a number of times."""
        left = [times]

        def hit(request: httpx.Request) -> httpx.Response | None:
            if left[0] and re.search(pattern, str(request.url)):
                left[0] -= 1
                return answer
            return None

        self.faults.append(hit)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for fault in self.faults:
            if answer := fault(request):
                return answer
        path, query = request.url.path.removeprefix("/api/v1/"), request.url.params
        if path == "/api/v2/instance":
            return httpx.Response(200, json={"domain": self.domain, "title": "Social", "version": "4.3.0"})
        if path == "accounts/lookup":
            found = [one for one in self.people.values() if one["acct"].lower() == query["acct"].lower()]
            return httpx.Response(200, json=found[0]) if found else missing()
        if path == "accounts/verify_credentials":
            return httpx.Response(200, json=self.people["1"])
        parts = path.split("/")
        if parts[0] == "accounts" and parts[1] not in self.people:
            return missing()
        match parts:
            case ["accounts", uid]:
                return httpx.Response(200, json=self.people[uid])
            case ["accounts", uid, "followers"]:
                rows = [(key, self.people[who]) for key, who, whom in self.follows if whom == uid]
            case ["accounts", uid, "following"]:
                rows = [(key, self.people[whom]) for key, who, whom in self.follows if who == uid]
            case ["accounts", uid, "statuses"]:
                boosts = query.get("exclude_reblogs") != "true"
                mine = [one for one in self.posts if one["account"]["id"] == uid and (boosts or not one["reblog"])]
                rows = [(int(one["id"]), one) for one in mine]
            case ["timelines", *_rest]:
                rows = [(int(one["id"]), one) for one in self.posts]
            case ["statuses", uid, verb]:
                rows = list(enumerate(self.reacted.get(f"{uid}/{verb}", [])))
            case _:
                return missing()
        return self._listed(request, sorted(rows, key=lambda row: -row[0]))

    def _listed(self, request: httpx.Request, rows: list[tuple[int, Json]]) -> httpx.Response:
        query = request.url.params
        if "max_id" in query:
            rows = [row for row in rows if row[0] < int(query["max_id"])]
        page = rows[: min(int(query["limit"]), self.most)]
        if not page or not self.links:
            return httpx.Response(200, json=[item for _key, item in page])
        address = f"{BASE}{request.url.path}"
        links = [f'<{address}?limit=2&since_id={page[0][0]}>; rel="prev"']
        if len(rows) > len(page):
            links.insert(0, f'<{address}?limit=2&max_id={page[-1][0]}>; rel="next"')
        return httpx.Response(200, json=[item for _key, item in page], headers={"Link": ", ".join(links)})


def missing() -> httpx.Response:
    return httpx.Response(404, json={"error": "Record not found"})


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW.isoformat())


@pytest.fixture
def server() -> Server:
    server = Server()
    server.add(person(1), person(2, "bob@other.example", bot=True), *(person(number) for number in range(3, 8)))
    return server


def asking(answers: Callable[[httpx.Request], httpx.Response], /, **told: str) -> Asking:
    return Asking(Mastodon(), answers, {"server": BASE, "accounts": "user1", **told})


def keys(pages: list[Page]) -> set[str]:
    return {repr((type(one), *(getattr(one, name, None) for name in NAMES))) for page in pages for one in page.records}


NAMES = ("uid", "follower_uid", "account_uid", "actor_uid", "object_uid", "kind", "evidence_uid")


def account(records: list[Record], uid: str) -> AccountRecord:
    return next(one for one in of(records, AccountRecord) if one.uid == uid)


# What an operator says ------------------------------------------------------------------------------------


def test_it_declares_itself_as_an_adapter_should() -> None:
    assert faults(Mastodon()) == []
    assert [check for check in declaration(Mastodon()) if not check.kept] == []


@pytest.mark.parametrize(
    ("told", "target"),
    [
        ("ann", "ann"),
        ("@ann", "ann"),
        ("@ann@Other.example", "ann@Other.example"),
        ("109302436954721982", "109302436954721982"),
        ("@1984", "@1984"),
        ("https://social.example/@1984", "@1984"),
        ("https://social.example/@ann", "ann"),
        ("https://social.example/@bob@other.example/", "bob@other.example"),
        ("https://other.example/users/bob", "bob@other.example"),
        ("https://other.example/bob", "bob@other.example"),
    ],
)
def test_an_account_may_be_written_in_many_ways(server: Server, told: str, target: str) -> None:
    assert asking(server, accounts=told).targets("profiles") == [target]


def test_an_account_that_is_written_twice_is_read_once(server: Server) -> None:
    assert asking(server, accounts="ann, @ann; https://social.example/@ann").targets("posts") == ["ann"]


def test_follows_are_read_in_both_directions_and_tags_beside_timelines(server: Server) -> None:
    ask = asking(server, tags="#makeup, 护肤 #", timelines="local")
    assert ask.targets("followers") == ["user1 followers", "user1 following"]
    assert ask.targets("messages") == ["#makeup", "#护肤", "local"]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"timelines": "home"}, "timelines=home"),
        ({"accounts": "https://other.example/"}, "no address of a profile"),
        ({"server": "ftp://social.example", "accounts": "https://other.example/@ann"}, "no address such as"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(server: Server, told: dict[str, str], reason: str) -> None:
    ask = asking(server, **told)
    with pytest.raises(UsageError, match=reason):
        [ask.targets(feed) for feed in ask.adapter.feeds]


@pytest.mark.parametrize("days", ["", "a week", "-1", "99999999999999999999", "٣"])
def test_days_are_a_number(server: Server, days: str) -> None:
    with pytest.raises(UsageError, match="days="):
        asking(server, days=days).pages("posts", "user1")


# Profiles -------------------------------------------------------------------------------------------------


def test_a_profile_is_read_with_its_counts_and_handle(server: Server) -> None:
    (found,) = of(asking(server).records("profiles", "user1"), AccountRecord)
    assert (found.uid, found.handle, found.name) == ("1@social.example", "user1@social.example", "User 1")
    assert found.metrics == {"followers": 101, "following": 11, "posts": 1}
    assert found.created_at == datetime(2016, 3, 16, tzinfo=UTC)
    assert (found.bio, found.is_bot, found.gone, found.category) == ("Tries things out.", False, False, None)


def test_a_name_of_digits_is_not_taken_for_an_id(server: Server) -> None:
    server.add(person(8, "1"))
    ask = asking(server)
    assert account(ask.records("profiles", "@1"), "8@social.example").handle == "1@social.example"
    assert account(ask.records("profiles", "1"), "1@social.example").handle == "user1@social.example"


def test_someone_at_home_elsewhere_is_known_by_their_handle(server: Server) -> None:
    (found,) = of(asking(server).records("profiles", "bob@other.example"), AccountRecord)
    assert (found.uid, found.handle, found.is_bot) == ("handle:bob@other.example", "bob@other.example", True)


def test_handles_end_in_the_domain_that_the_server_says_it_has(server: Server) -> None:
    server.domain = "Example.org"
    server.add(person(8, "carol@example.org"))
    ask = asking(server)
    assert account(ask.records("profiles", "user1"), "1@example.org").handle == "user1@example.org"
    assert account(ask.records("profiles", "8"), "8@example.org").handle == "carol@example.org"


@pytest.mark.parametrize(
    ("first", "second", "domain"),
    [
        (404, httpx.Response(200, json={"uri": "example.org", "version": "3.5.3"}), "example.org"),
        (404, httpx.Response(200, json={"uri": "https://gts.example.org/"}), "gts.example.org"),
        (
            404,
            httpx.Response(200, json={"uri": "https://gts.example.org", "account_domain": "example.org"}),
            "example.org",
        ),
        (404, httpx.Response(200, json={"uri": "not a domain\x1b"}), "social.example"),
        (501, httpx.Response(404), "social.example"),
        (200, httpx.Response(404), "social.example"),
    ],
)
def test_older_servers_say_their_domain_in_another_way(
    server: Server, first: int, second: httpx.Response, domain: str
) -> None:
    server.fault("/v2/instance", httpx.Response(first, json={"error": "?"}))
    server.fault("/v1/instance", second)
    assert account(asking(server).records("profiles", "user1"), f"1@{domain}")


def test_contacts_links_and_verification_are_read_from_the_lines_of_a_profile(server: Server) -> None:
    site = '<a href="https://ann.example/?a=1&amp;b=2" rel="me"><span class="invisible">https://</span>ann.example</a>'
    mail = '<a href="mailto:hi@ann.example">hi@ann.example</a>'
    server.add(
        person(
            1,
            note="<p>Write to <b>me@ann.example</b>, or @ann@other.example</p>",
            fields=[
                {"name": "Site", "value": site, "verified_at": "2026-01-01T00:00:00.000Z"},
                {"name": "Mail", "value": mail, "verified_at": None},
                {"name": "Weixin", "value": "ann_2026", "verified_at": None},
                {"name": None, "value": None},
            ],
            roles=[{"id": "3", "name": "Owner", "color": ""}],
        )
    )
    (found,) = of(asking(server).records("profiles", "user1"), AccountRecord)
    assert found.contacts == (
        Contact("web", "https://ann.example/?a=1&b=2"),
        Contact("email", "hi@ann.example"),
        Contact("wechat", "ann_2026"),
        Contact("email", "me@ann.example"),
    )
    assert (found.verified, found.is_staff) == ("https://ann.example", True)


def test_hidden_counts_are_not_taken_for_zero(server: Server) -> None:
    hidden = {"hide_followers_count": True, "hide_follows_count": False}
    server.add(person(1, followers_count=0, following_count=-1, pleroma=hidden))
    ask = asking(server)
    (found,) = of(ask.records("profiles", "user1"), AccountRecord)
    assert found.metrics == {"posts": 1}
    assert ask.pages("followers", "user1 following")[0].total == 0


def test_a_suspended_account_is_gone_and_its_zeros_are_not_counts(server: Server) -> None:
    server.add(person(1, suspended=True, followers_count=0, display_name=""))
    (found,) = of(asking(server).records("profiles", "user1"), AccountRecord)
    assert (found.gone, found.metrics, found.name) == (True, {}, None)


def test_an_account_that_moved_brings_its_new_one(server: Server) -> None:
    server.add(person(1, moved=person(9, "user1@new.example")))
    ask = asking(server)
    assert [one.handle for one in of(ask.records("profiles", "user1"), AccountRecord)] == [
        "user1@social.example",
        "user1@new.example",
    ]
    assert ask.warned == ["user1@social.example has moved to user1@new.example: read that account."]


def test_a_group_is_named_as_such(server: Server) -> None:
    server.add(person(1, group=True))
    assert account(asking(server).records("profiles", "user1"), "1@social.example").category == "group"


@pytest.mark.parametrize("status", [404, 410])
def test_an_account_that_is_gone_is_a_state(server: Server, status: int) -> None:
    ask = asking(server)
    first = ask.pages("profiles", "user1")[0]
    server.fault("/accounts/1$", httpx.Response(status, json={"error": "Gone"}))
    gone = ask.pages("profiles", "user1", first.cursor)[0]
    assert gone.records == [AccountRecord(uid="1@social.example", gone=True)]
    back = ask.pages("profiles", "user1", gone.cursor)[0]
    assert server.paths[-1] == "/api/v1/accounts/lookup"
    assert of(list(back.records), AccountRecord)[0].gone is False


def test_one_who_was_never_seen_is_gone_by_their_handle(server: Server) -> None:
    server.fault("/accounts/search", httpx.Response(401, json={"error": "The access token is invalid"}))
    ask = asking(server)
    assert ask.records("profiles", "nobody") == [AccountRecord(uid="handle:nobody@social.example", gone=True)]
    assert ask.records("profiles", "77") == [AccountRecord(uid="77@social.example", gone=True)]
    with pytest.raises(Gone, match=r"social\.example knows no nobody"):
        ask.pages("posts", "nobody")


def test_a_rename_is_noticed_by_the_id(server: Server, store: Store) -> None:
    ask = asking(server)
    ask.sync(store)
    server.add(person(1, "renamed"))
    ask.sync(store)
    rows = store.reader().execute("SELECT uid, handle FROM account WHERE uid LIKE '1@%'").fetchall()
    former = store.reader().execute("SELECT handle FROM former_handle").fetchall()
    assert [tuple(row) for row in rows] == [("1@social.example", "renamed@social.example")]
    assert [row[0] for row in former] == ["user1@social.example"]


def test_a_server_without_a_lookup_is_searched(server: Server) -> None:
    server.fault("/accounts/lookup", missing())
    twins = [person(8, "USER1@other.example"), person(1), person(9, "user11")]
    server.fault("/accounts/search", httpx.Response(200, json=[None, *twins]))
    (found,) = of(asking(server, token="sesame").records("profiles", "user1"), AccountRecord)
    assert found.uid == "1@social.example"
    search = next(request for request in server.asked if request.url.path.endswith("search"))
    assert (search.url.params["q"], search.url.params["resolve"]) == ("user1", "true")


def test_a_search_that_can_not_reach_the_other_server_finds_nobody(server: Server) -> None:
    server.fault("/accounts/search", httpx.Response(503, json={"error": "Remote data could not be fetched"}))
    with pytest.raises(Gone, match=r"knows no eve@down\.example"):
        asking(server, token="sesame").pages("posts", "eve@down.example")


# Followers ------------------------------------------------------------------------------------------------


def test_all_followers_are_read_page_by_page_by_the_link_alone(server: Server) -> None:
    for number in range(2, 8):
        server.follow(number, 1)
    pages = asking(server).pages("followers", "user1 followers")
    assert [len(of(list(page.records), FollowRecord)) for page in pages] == [2, 2, 2]
    assert [page.total for page in pages] == [101, 101, 101]
    edges = [edge for page in pages for edge in of(list(page.records), FollowRecord)]
    assert {edge.account_uid for edge in edges} == {"1@social.example"}
    assert edges[-1].follower_uid == "handle:bob@other.example"
    assert account([one for page in pages for one in page.records], "3@social.example").metrics["followers"] == 103
    lists = [request.url.params for request in server.asked if request.url.path.endswith("/followers")]
    assert {one["limit"] for one in lists} == {"80"}
    assert [one.get("max_id") for one in lists] == [None, "1004", "1002"]


def test_whom_an_account_follows_is_the_other_direction(server: Server) -> None:
    server.follow(1, 2)
    (edge,) = of(asking(server).records("followers", "user1 following"), FollowRecord)
    assert (edge.follower_uid, edge.account_uid) == ("1@social.example", "handle:bob@other.example")


def test_a_list_of_followers_goes_on_from_every_cursor_and_then_begins_again(server: Server) -> None:
    for number in range(2, 8):
        server.follow(number, 1)
    ask = asking(server)
    pages = ask.pages("followers", "user1 followers")
    for number, page in enumerate(pages[:-1], 1):
        assert keys(ask.pages("followers", "user1 followers", page.cursor)) == keys(pages[number:])
    server.asked.clear()
    assert keys(ask.pages("followers", "user1 followers", pages[-1].cursor)) == keys(pages)
    assert server.paths[0] == "/api/v1/accounts/1"  # its id is known: neither the domain nor the handle is asked for


def test_lists_that_can_not_be_complete_are_said_to_be_so(server: Server) -> None:
    ask = asking(server)
    server.follow(3, 2)
    ask.pages("followers", "bob@other.example followers")
    assert ask.warned == [
        "bob@other.example is at home on another server: social.example knows only a part of its followers."
    ]
    ask.warned.clear()
    ask.pages("followers", "user1 followers")
    assert ask.warned == ["user1 followers: its owner hides the list."]


def test_a_server_that_gives_the_same_page_for_ever_is_left(server: Server) -> None:
    loop = {"Link": f'<{BASE}/api/v1/accounts/1/followers?max_id=5>; rel="next"'}
    server.fault("/followers", httpx.Response(200, json=[person(3)], headers=loop))
    ask = asking(server)
    assert len(ask.pages("followers", "user1 followers")) == 2
    assert ask.warned == ["accounts/1/followers: the server gives the same page again and again."]


def test_a_full_page_without_links_is_not_taken_for_the_whole_list(server: Server) -> None:
    server.most, server.links = 80, False
    server.add(*(person(number) for number in range(10, 90)))
    for number in range(10, 90):
        server.follow(number, 1)
    ask = asking(server)
    assert len(of(ask.records("followers", "user1 followers"), FollowRecord)) == 80
    assert ask.warned == ["accounts/1/followers: the server does not say how the list goes on."]


def test_a_link_to_another_host_is_not_followed_there(server: Server) -> None:
    server.follow(3, 1)
    link = {"Link": '<https://evil.example/steal?max_id=1>; rel="next"'}
    server.fault("/followers", httpx.Response(200, json=[person(3)], headers=link), times=1)
    asking(server, token="sesame").pages("followers", "user1 followers")
    assert {request.url.host for request in server.asked} == {"social.example"}
    assert {request.headers["Authorization"] for request in server.asked} == {"Bearer sesame"}


def test_a_redirect_to_another_host_gets_no_token(server: Server) -> None:
    server.fault("/followers", httpx.Response(302, headers={"Location": "https://evil.example/"}))
    with pytest.raises(SourceError, match="another host"):
        asking(server, token="sesame").pages("followers", "user1 followers")
    assert {request.url.host for request in server.asked} == {"social.example"}


def test_a_person_of_another_shape_is_rejected_alone(server: Server) -> None:
    server.fault("/followers", httpx.Response(200, json=[person(3), {"acct": "no id"}, None, person(4)]))
    ask = asking(server)
    assert len(of(ask.records("followers", "user1 followers"), FollowRecord)) == 2
    assert len(ask.rejected) == 2


# Posts ----------------------------------------------------------------------------------------------------


def test_posts_are_read_with_their_counts(server: Server) -> None:
    server.posts = [post(5, server.people["1"], content="<p>Hello<br>you</p>", spoiler_text="Food")]
    records = asking(server).records("posts", "user1")
    (found,) = of(records, PostRecord)
    assert (found.uid, found.account_uid) == (f"{BASE}/users/user1/statuses/5", "1@social.example")
    assert (found.title, found.text, found.kind) == ("Food", "Hello\nyou", "text")
    assert found.metrics == {"likes": 3, "shares": 2, "comments": 1}
    assert found.published_at == datetime(2026, 5, 1, 0, 5, tzinfo=UTC)
    assert account(records, "1@social.example").metrics["followers"] == 101


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"poll": {"id": "1", "options": []}}, "poll"),
        ({"media_attachments": [{"type": "unknown"}, {"type": "gifv"}]}, "video"),
        ({"media_attachments": [{"type": "image"}]}, "image"),
        ({"in_reply_to_id": "4", "in_reply_to_account_id": "3"}, "reply"),
        ({}, "text"),
    ],
)
def test_what_a_post_is_shows_in_its_kind(server: Server, more: Json, kind: str) -> None:
    server.posts = [post(5, server.people["1"], **more)]
    assert of(asking(server).records("posts", "user1"), PostRecord)[0].kind == kind


def test_a_boost_is_a_deed_and_not_a_post(server: Server) -> None:
    theirs = post(4, server.people["2"], at=NOW - timedelta(days=400))
    server.posts = [post(5, server.people["1"], reblog=theirs, content="")]
    records = asking(server).records("posts", "user1")
    assert of(records, PostRecord) == []
    (deed,) = of(records, InteractionRecord)
    assert (deed.kind, deed.actor_uid, deed.object_uid) == ("repost", "1@social.example", "handle:bob@other.example")
    assert (deed.evidence_uid, deed.at) == (theirs["uri"], datetime(2026, 5, 1, 0, 5, tzinfo=UTC))
    assert account(records, "handle:bob@other.example").metrics["followers"] == 102


def test_replies_and_mentions_are_told_apart(server: Server) -> None:
    named = [{"id": "2", "acct": "bob@other.example"}, {"id": "3", "acct": "user3"}, {"id": "1", "acct": "user1"}]
    server.posts = [
        post(5, server.people["1"], in_reply_to_id="4", in_reply_to_account_id="2", mentions=named),
        post(6, server.people["1"], in_reply_to_id="5", in_reply_to_account_id="1"),
        post(7, server.people["1"], in_reply_to_id="4", in_reply_to_account_id="99"),
    ]
    records = asking(server, reactions_to="0").records("posts", "user1")
    deeds = {(one.kind, one.object_uid) for one in of(records, InteractionRecord)}
    assert deeds == {("reply", "handle:bob@other.example"), ("mention", "3@social.example")}
    assert account(records, "3@social.example").handle == "user3@social.example"


def test_posts_for_few_eyes_are_not_kept(server: Server) -> None:
    seen = ["public", "unlisted", "private", "direct", "mutuals_only"]
    server.posts = [post(number, server.people["1"], visibility=one) for number, one in enumerate(seen, 1)]
    assert len(of(asking(server, token="sesame").records("posts", "user1"), PostRecord)) == 2


def test_the_first_sync_goes_back_so_many_days_and_the_next_one_recounts_the_new(server: Server) -> None:
    server.posts = [post(day, server.people["1"], at=NOW - timedelta(days=40 - day)) for day in range(1, 40)]
    ask = asking(server, days="10", recount="3")
    pages = ask.pages("posts", "user1")
    oldest = min(one.published_at for page in pages for one in of(list(page.records), PostRecord) if one.published_at)
    assert timedelta(days=10) <= NOW - oldest < timedelta(days=14)
    again = [
        one for page in ask.pages("posts", "user1", pages[-1].cursor) for one in of(list(page.records), PostRecord)
    ]
    assert 4 <= len(again) <= 6


def test_since_bounds_the_first_sync(server: Server) -> None:
    server.posts = [post(day, server.people["1"], at=NOW - timedelta(days=40 - day)) for day in range(1, 40)]
    ask = asking(server)
    assert len(ask.pages("posts", "user1", since=NOW - timedelta(days=2))) == 2


def test_a_killed_walk_is_finished_and_nothing_that_came_meanwhile_is_lost(server: Server) -> None:
    server.posts = [post(number, server.people["1"]) for number in range(1, 11)]
    ask = asking(server)
    pages = ask.pages("posts", "user1")
    server.posts += [post(number, server.people["1"]) for number in range(11, 14)]
    for number, page in enumerate(pages, 1):
        rest = ask.pages("posts", "user1", page.cursor)
        later = ask.pages("posts", "user1", rest[-1].cursor)
        assert keys(pages[number:]) <= keys(rest)
        assert {f"{BASE}/users/user1/statuses/{new}" for new in (11, 12, 13)} <= {
            one.uid for one in of([one for page in (*rest, *later) for one in page.records], PostRecord)
        }


def test_a_post_out_of_order_does_not_end_the_walk(server: Server) -> None:
    server.posts = [post(number, server.people["1"]) for number in range(1, 7)]
    server.posts[-1]["created_at"] = "2019-01-01T00:00:00.000Z"
    assert len(of(asking(server).records("posts", "user1"), PostRecord)) == 6


def test_without_links_posts_go_on_by_the_last_id(server: Server) -> None:
    server.links = False
    server.posts = [post(number, server.people["1"]) for number in range(1, 6)]
    assert len(of(asking(server).records("posts", "user1"), PostRecord)) == 5


def test_a_post_with_the_least_that_a_server_tells_is_kept(server: Server) -> None:
    least = {"id": 5, "created_at": "2026-05-01T00:00:00Z", "account": {"id": 1}, "more": {"of": "it"}}
    server.fault("/statuses", httpx.Response(200, json=[least, {**least, "id": 4, "created_at": "yesterday"}]), times=1)
    found = of(asking(server).records("posts", "user1"), PostRecord)
    assert [(one.uid, one.account_uid, one.metrics) for one in found] == [
        ("5@social.example", "1@social.example", {}),
        ("4@social.example", "1@social.example", {}),
    ]


def test_a_clock_that_runs_ahead_does_not_hide_what_comes_next(server: Server) -> None:
    server.posts = [post(1, server.people["1"], at=NOW + timedelta(days=300))]
    ask = asking(server, recount="0")
    cursor = ask.pages("posts", "user1")[-1].cursor
    server.posts = [post(number, server.people["1"], at=NOW + timedelta(hours=number)) for number in range(2, 8)]
    assert len(of(ask.records("posts", "user1", cursor), PostRecord)) == 6


# Who liked it ---------------------------------------------------------------------------------------------


def test_who_liked_and_boosted_the_newest_posts_is_asked_for_and_no_more(server: Server) -> None:
    me = server.people["1"]
    server.posts = [post(1, me), post(2, me), post(3, me, favourites_count=0, reblogs_count=0), post(4, me)]
    server.most = 40
    server.reacted = {
        "4/favourited_by": [server.people["2"], me],
        "4/reblogged_by": [server.people["3"]],
        "2/favourited_by": [server.people["3"]],
    }
    records = asking(server, reactions_to="3").records("activities", "user1")
    deeds = {(one.kind, one.actor_uid, one.evidence_uid[-1]) for one in of(records, InteractionRecord)}
    assert deeds == {
        ("like", "handle:bob@other.example", "4"),
        ("repost", "3@social.example", "4"),
        ("like", "3@social.example", "2"),
    }
    assert len([path for path in server.paths if path.endswith("ed_by")]) == 4


def test_a_closed_list_of_likes_hides_no_other(server: Server) -> None:
    server.posts = [post(1, server.people["1"])]
    server.reacted = {"1/reblogged_by": [server.people["3"]]}
    server.fault("favourited_by", httpx.Response(403, json={"error": "This action is not allowed"}))
    (deed,) = of(asking(server).records("activities", "user1"), InteractionRecord)
    assert deed.kind == "repost"


def test_no_likes_are_read_where_none_are_wanted(server: Server) -> None:
    assert asking(server, reactions_to="0").pages("activities", "user1") == []
    assert [path for path in server.paths if "accounts" in path] == []


# Timelines ------------------------------------------------------------------------------------------------


def test_a_hashtag_is_a_community_of_messages(server: Server) -> None:
    one, two = server.people["1"], server.people["2"]
    server.most = 40
    server.posts = [
        post(1, two, at=NOW - timedelta(hours=2)),
        post(2, one, at=NOW - timedelta(hours=1), in_reply_to_id="1", in_reply_to_account_id="2", spoiler_text="Hm"),
    ]
    server.posts.reverse()
    records = asking(server, tags="MakeUp").records("messages", "#MakeUp")
    (room,) = of(records, CommunityRecord)
    assert (room.uid, room.name, room.kind) == ("#makeup@social.example", "#MakeUp", "hashtag")
    assert room.url == f"{BASE}/tags/MakeUp"
    messages = of(records, MessageRecord)
    assert [one.text for one in messages] == ["Hm\n\nPost 2", "Post 1"]
    assert {one.community_uid for one in messages} == {"#makeup@social.example"}
    assert of(records, PostRecord) == []


def test_the_local_timeline_is_asked_for_as_documented(server: Server) -> None:
    server.posts = [post(number, server.people["1"]) for number in range(1, 4)]
    records = asking(server, timelines="local").records("messages", "local")
    assert {room.uid for room in of(records, CommunityRecord)} == {"local@social.example"}
    assert len(of(records, MessageRecord)) == 3
    lists = [request.url for request in server.asked if request.url.path.endswith("timelines/public")]
    assert [url.params["local"] for url in lists] == ["true", "true"]


def test_a_timeline_goes_on_where_it_ended(server: Server) -> None:
    server.posts = [post(hour, server.people["1"], at=NOW - timedelta(hours=50 - hour)) for hour in range(1, 49)]
    ask = asking(server, timelines="local")
    cursor = ask.pages("messages", "local")[-1].cursor
    server.posts.append(post(49, server.people["1"], at=NOW))
    again = of(ask.records("messages", "local", cursor), MessageRecord)
    assert [one.uid.rpartition("/")[2] for one in again] == ["49", "48", "47", "46", "45", "44"]  # whole pages


# When things go wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", ["profiles", "posts", "activities"])
def test_wrong_credentials_leave_the_adapter(server: Server, feed: str) -> None:
    server.fault("/api/v1/accounts", httpx.Response(401, json={"error": "The access token is invalid"}))
    with pytest.raises(SourceError) as caught:
        asking(server, token="sesame").pages(feed, "user1")
    assert caught.value.status == 401
    assert "sesame" not in str(caught.value)


def test_an_account_that_is_closed_to_us_is_denied(server: Server) -> None:
    server.fault("/statuses", httpx.Response(403, json={"error": "This action is not allowed"}))
    with pytest.raises(Denied):
        asking(server).pages("posts", "user1")


def test_html_instead_of_json_may_pass(server: Server) -> None:
    server.fault("/followers", httpx.Response(200, text="<html>maintenance</html>"))
    with pytest.raises(Transient, match="<html>"):
        asking(server).pages("followers", "user1 followers")


def test_a_cursor_of_another_server_counts_for_nothing(server: Server) -> None:
    cursor = asking(server).pages("profiles", "user1")[0].cursor
    moved = Asking(Mastodon(), server, {"server": "https://other.example"})
    moved.pages("profiles", "user1", cursor)
    assert server.paths[-2:] == ["/api/v2/instance", "/api/v1/accounts/lookup"]
    assert asking(server).pages("profiles", "user1", "not a cursor")


def test_the_test_says_whose_the_token_is(server: Server) -> None:
    findings = asking(server, token="sesame").test()
    assert [(one.ok, one.text) for one in findings] == [
        (True, "Social is there (version 4.3.0)."),
        (True, "The token belongs to user1@social.example."),
    ]
    assert [one.text for one in asking(server).test()][1].startswith("There is no token")


@pytest.mark.parametrize(("status", "ok", "text"), [(401, False, "accept"), (403, False, "scope"), (422, True, "appl")])
def test_the_test_says_what_the_token_may_not_do(server: Server, status: int, ok: bool, text: str) -> None:
    server.fault("verify_credentials", httpx.Response(status, json={"error": "no"}))
    finding = asking(server, token="sesame").test()[1]
    assert finding.ok is ok
    assert text in finding.text


def test_the_test_says_that_a_server_is_no_mastodon() -> None:
    assert asking(lambda request: httpx.Response(404)).test()[0].ok is False


# The whole of it ------------------------------------------------------------------------------------------


def test_a_sync_brings_everything_and_a_second_one_doubles_nothing(server: Server, store: Store) -> None:
    server.posts = [post(number, server.people["1"]) for number in range(1, 6)]
    server.reacted = {"5/favourited_by": [server.people["3"]]}
    for number in range(2, 8):
        server.follow(number, 1)
    ask = asking(server, accounts="user1, nobody", tags="cats")
    outcome = ask.sync(store)
    assert outcome.state == "done"
    assert counted(store) == {"account": 8, "follow_edge": 6, "post": 5, "message": 5, "activity": 1, "community": 1}
    assert any("nobody" in text for text in ask.warned)
    ask.sync(store)
    assert counted(store) == {"account": 8, "follow_edge": 6, "post": 5, "message": 5, "activity": 1, "community": 1}
    gone = store.reader().execute("SELECT handle FROM account WHERE gone = 1").fetchall()
    assert [row[0] for row in gone] == ["nobody@social.example"]


def test_who_is_seen_through_two_servers_is_one_person(server: Server, store: Store) -> None:
    server.follow(2, 1)
    asking(server).sync(store)
    other = Server()
    other.domain = "other.example"
    other.add(person(70, "bob"), person(71, "user1@social.example"))
    other.follow(71, 70)
    there = Asking(Mastodon(), other, {"server": "https://other.example", "accounts": "bob"})
    source = there.source
    there.adapter.name = "mastodon2"  # type: ignore[misc]
    assert source(store).name == "mastodon2"
    there.sync(store)
    rows = store.reader().execute("SELECT uid FROM account ORDER BY uid").fetchall()
    assert [row[0] for row in rows] == ["1@social.example", "70@other.example"]
    assert counted(store)["follow_edge"] == 2


def counted(store: Store) -> dict[str, int]:
    tables = ("account", "follow_edge", "post", "message", "activity", "community")
    return {table: store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


FIELDS = st.sampled_from(["acct", "followers_count", "fields", "moved", "note", "content", "uri", "mentions", "reblog"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(FIELDS, JUNK, max_size=3))
def test_whatever_stands_in_a_field_costs_one_post_at_most(junk: Json) -> None:
    server = Server(most=40)
    server.add(person(1))
    server.posts = [post(1, {**person(1), **junk}, **junk), post(2, person(1))]
    json.dumps(server.posts)
    ask = asking(server)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLBENCH_NOW", NOW.isoformat())
        records = ask.records("posts", "user1")
    assert f"{BASE}/users/user1/statuses/2" in {one.uid for one in of(records, PostRecord)}


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = Mastodon()
    settings = {
        "server": BASE,
        "token": "sesame-open-42",
        "accounts": "user1",
        "tags": "cats",
        "days": "3650",
    }
    expected = {"profiles": 1, "followers": 6, "posts": 5, "activities": 2, "messages": 5}

    def server(self, request: httpx.Request) -> httpx.Response:
        server = Server()
        server.add(person(1), person(2, "bob@other.example"), *(person(number) for number in range(3, 8)))
        server.posts = [post(number, server.people["1"]) for number in range(1, 6)]
        server.reacted = {"5/favourited_by": [server.people["3"]], "5/reblogged_by": [server.people["4"]]}
        for number in range(2, 8):
            server.follow(number, 1)
        return server(request)
