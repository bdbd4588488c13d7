"""What the X adapter makes of the API's documented answers, and what it says of its refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from asking import Asking, of
from kolbench.adapters.batches import batches
from kolbench.adapters.protocol import Page
from kolbench.adapters.registry import faults
from kolbench.adapters.x.adapter import X
from kolbench.domain.errors import Denied, Gone, RateLimited, SourceError, Transient, UsageError
from kolbench.domain.records import AccountRecord, Contact, FollowRecord, InteractionRecord, PostRecord
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
TOKEN = "AAAA-bearer-of-the-app"
Json = dict[str, Any]


def at(days: float) -> str:
    """So many days before now, as X writes it."""
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def person(number: int, username: str, **more: Any) -> Json:
    counts = {"followers_count": 10 * number, "following_count": number, "tweet_count": 5, "listed_count": 1}
    return {"id": str(number), "name": username.title(), "username": username, "public_metrics": counts} | more


def post(number: int, days: float, **more: Any) -> Json:
    counts = {"like_count": number, "reply_count": 1, "retweet_count": 2, "quote_count": 3}
    return {
        "id": str(number),
        "text": f"post {number}",
        "author_id": "1",
        "created_at": at(days),
        "public_metrics": counts | {"bookmark_count": 4, "impression_count": 500},
    } | more


def missing(parameter: str, value: str, title: str = "Not Found Error") -> Json:
    told = f"Could not find user with {parameter}: [{value}]."
    return {
        "value": value,
        "detail": told,
        "title": title,
        "resource_type": "user",
        "parameter": parameter,
        "resource_id": value,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }


class Platform:
    """X in memory, which gives ``most`` items a page."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.people = [person(1, "ann"), person(2, "bob"), person(3, "cy")]
        self.posts: list[Json] = []
        self.included: list[Json] = []
        self.followers: list[Json] = []
        self.asked: list[httpx.URL] = []
        self.stand_in: Callable[[httpx.Request], httpx.Response | None] = lambda request: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        if request.headers["authorization"] != f"Bearer {TOKEN}":
            return httpx.Response(401, json={"title": "Unauthorized", "type": "about:blank", "status": 401})
        if answer := self.stand_in(request):
            return answer
        match request.url.path.removeprefix("/2/").split("/"):
            case ["users"]:
                return self.several(request, "ids", "id")
            case ["users", "by"]:
                return self.several(request, "usernames", "username")
            case ["users", "by", "username", name]:
                return self.one("username", name)
            case ["users", number]:
                return self.one("id", number)
            case ["users", number, "tweets"]:
                return self.timeline(request, number)
            case ["users", _number, "followers"]:
                return self.page(request, self.followers)
            case ["usage", "tweets"]:
                return httpx.Response(200, json={"data": {"project_cap": "2000000", "project_usage": "43435"}})
        return httpx.Response(404, json={"title": "Not Found"})

    def several(self, request: httpx.Request, parameter: str, key: str) -> httpx.Response:
        wanted = request.url.params[parameter].split(",")
        known = {one[key]: one for one in self.people}
        found = [known[name] for name in wanted if name in known]
        errors = [missing(parameter, name) for name in wanted if name not in known]
        return httpx.Response(200, json=({"data": found} if found else {}) | ({"errors": errors} if errors else {}))

    def one(self, key: str, value: str) -> httpx.Response:
        found = next((one for one in self.people if one[key] == value), None)
        return httpx.Response(200, json={"data": found} if found else {"errors": [missing(key, value)]})

    def timeline(self, request: httpx.Request, author: str) -> httpx.Response:
        asked = request.url.params
        found = sorted((one for one in self.posts if one["author_id"] == author), key=lambda one: -int(one["id"]))
        if since := asked.get("since_id"):
            found = [one for one in found if int(one["id"]) > int(since)]
        if start := asked.get("start_time"):
            found = [one for one in found if one["created_at"][:19] >= start[:19]]
        return self.page(request, found, {"tweets": self.included} if self.included else None)

    def page(self, request: httpx.Request, items: list[Json], includes: Json | None = None) -> httpx.Response:
        first = int(request.url.params.get("pagination_token", "0"))
        end = first + self.most
        meta = {"result_count": len(items[first:end])} | ({"next_token": str(end)} if end < len(items) else {})
        told = {"data": items[first:end]} if items[first:end] else {}
        return httpx.Response(200, json=told | {"meta": meta} | ({"includes": includes} if includes else {}))

    def paths(self) -> list[str]:
        return [unquote(url.path.removeprefix("/2/")) for url in self.asked]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW.isoformat())


@pytest.fixture
def platform() -> Platform:
    return Platform()


def asking(platform: Platform, **more: str) -> Asking:
    return Asking(X(), platform, {"token": TOKEN, "accounts": "ann, bob", **more})


def acts(found: list[Any]) -> set[tuple[str, str, str, str]]:
    return {(one.actor_uid, one.kind, one.object_uid, one.evidence_uid) for one in of(found, InteractionRecord)}


def numbers(pages: list[Page]) -> list[str]:
    return [one.uid for page in pages for one in of(page.records, PostRecord)]


def problem(status: int, name: str, **more: Any) -> Callable[[httpx.Request], httpx.Response]:
    told = {"type": f"https://api.twitter.com/2/problems/{name}", "status": status, **more}
    return lambda request: httpx.Response(status, json=told)


def test_it_declares_itself_soundly() -> None:
    assert faults(X()) == []


# Accounts -----------------------------------------------------------------------------------------------------


def test_an_account_comes_in_with_what_is_told_of_it(platform: Platform) -> None:
    platform.people[0] |= {
        "description": "Tea taster",
        "location": "Berlin",
        "profile_image_url": "https://pbs.twimg.com/1_normal.jpg",
        "verified_type": "blue",
        "protected": False,
        "created_at": "2013-12-14T04:35:55.000Z",
        "url": "https://t.co/abc",
        "entities": {"url": {"urls": [{"url": "https://t.co/abc", "expanded_url": "https://ann.example"}]}},
    }
    platform.people[1] |= {"verified_type": "none", "entities": {"description": {}}, "url": ""}
    ann, bob = of(asking(platform).records("profiles"), AccountRecord)
    assert ann == AccountRecord(
        uid="1",
        handle="ann",
        name="Ann",
        bio="Tea taster",
        url="https://x.com/ann",
        avatar_url="https://pbs.twimg.com/1_normal.jpg",
        region="Berlin",
        verified="blue",
        created_at=datetime(2013, 12, 14, 4, 35, 55, tzinfo=UTC),
        gone=False,
        contacts=(Contact("web", "https://ann.example"),),
        metrics={"followers": 10, "following": 1, "posts": 5, "listed": 1},
    )
    assert (bob.verified, bob.contacts) == (None, ())


def test_accounts_are_looked_up_a_hundred_at_a_time_handles_and_ids(platform: Platform) -> None:
    platform.people = [person(number, f"user{number}") for number in range(1, 251)]
    names = [str(number) if number % 5 == 0 else f"@user{number}" for number in range(1, 251)]
    asked = asking(platform, accounts=" ".join(names))
    pages = asked.pages("profiles")
    assert [len(page.records) for page in pages] == [100, 100, 50]
    assert platform.paths() == ["users", "users/by"] * 3
    assert pages[0].total == 250
    later = [one.uid for page in asked.pages("profiles", cursor=pages[0].cursor) for one in page.records]
    assert sorted(map(int, later)) == list(range(101, 251))
    assert len(asked.pages("profiles", cursor=pages[-1].cursor)) == 3


def test_a_batch_begins_anew_where_its_cursor_is_listed_no_more() -> None:
    names = list("abcde")
    assert list(batches(names, 2, "b")) == [(["c", "d"], "d"), (["e"], "-")]
    assert list(batches(names, 2, "gone")) == list(batches(names, 2, "e")) == list(batches(names, 2, None))
    assert list(batches([], 2, "a")) == []


def test_names_are_taken_in_every_form(platform: Platform) -> None:
    told = "https://x.com/ann https://www.twitter.com/Bob/status/1 @cy 44 @45"
    assert asking(platform, accounts=told).targets("posts") == ["ann", "Bob", "cy", "44", "@45"]
    for wrong in (
        "https://example.org/ann",
        "not-a-handle",
        "sixteen_letters_x",
        "https://x.com/",
        "@@ann",
        "https://help.x.com/en",
    ):
        with pytest.raises(UsageError, match="is no name on X"):
            asking(platform, accounts=wrong).targets("posts")


def test_accounts_that_are_gone_are_marked_and_hidden_ones_named(platform: Platform) -> None:
    hidden = missing("usernames", "shy") | {
        "title": "Authorization Error",
        "type": "https://api.twitter.com/2/problems/not-authorized-for-resource",
    }
    suspended = missing("usernames", "Loud", "Forbidden")
    told = {"data": [platform.people[0]], "errors": [missing("usernames", "Ghost"), suspended, hidden]}
    platform.stand_in = lambda request: httpx.Response(200, json=told)
    asked = asking(platform, accounts="ann Ghost Loud shy")
    ann, ghost, loud = of(asked.records("profiles"), AccountRecord)
    assert (ann.uid, ann.gone) == ("1", False)
    assert ghost == AccountRecord(uid="handle:ghost", gone=True)
    assert loud == AccountRecord(uid="handle:loud", gone=True)
    assert asked.warned == ["X does not show shy: the account is protected, or withheld."]
    platform.stand_in = lambda request: None
    assert of(asking(platform, accounts="99").records("profiles"), AccountRecord) == [
        AccountRecord(uid="99", gone=True)
    ]


# Posts --------------------------------------------------------------------------------------------------------


def test_a_post_comes_in_with_its_counts(platform: Platform) -> None:
    video = {"expanded_url": "https://x.com/ann/status/7/video/1", "media_key": "13_7"}
    platform.posts = [
        post(7, 1, entities={"urls": [{"expanded_url": "https://x.com/b/status/1/photo/1"}, video]}),
        post(6, 2, note_tweet={"text": "a very long post"}, attachments={"poll_ids": ["5"]}),
    ]
    seven, six = of(asking(platform).records("posts", "ann"), PostRecord)
    assert seven == PostRecord(
        uid="7",
        account_uid="1",
        published_at=NOW - timedelta(days=1),
        kind="video",
        text="post 7",
        url="https://x.com/i/status/7",
        metrics={"likes": 7, "comments": 1, "shares": 2, "quotes": 3, "collects": 4, "views": 500},
    )
    assert (six.kind, six.text) == ("poll", "a very long post")


def test_replies_quotes_mentions_and_reposts_become_interactions(platform: Platform) -> None:
    def names(*told: tuple[str, str]) -> Json:
        return {"mentions": [{"id": number, "username": name, "start": 0, "end": 3} for number, name in told]}

    platform.included = [{"id": "500", "author_id": "5"}, {"id": "600", "author_id": "6"}]
    platform.posts = [
        post(15, 1, entities=names(("2", "bob"), ("3", "cy"), ("1", "ann")), in_reply_to_user_id="2"),
        post(14, 1, referenced_tweets=[{"type": "quoted", "id": "500"}]),
        post(
            13,
            1,
            text="RT @dan: hi",
            entities=names(("6", "dan")),
            referenced_tweets=[{"type": "retweeted", "id": "600"}],
        ),
        post(
            12,
            1,
            text="RT @eve: hi",
            entities=names(("8", "eve")),
            referenced_tweets=[{"type": "retweeted", "id": "1"}],
        ),
        post(11, 1, in_reply_to_user_id="1", referenced_tweets=[{"type": "replied_to", "id": "10"}]),
    ]
    platform.most = 10
    found = asking(platform).records("posts", "ann")
    assert acts(found) == {
        ("1", "reply", "2", "15"),
        ("1", "mention", "3", "15"),
        ("1", "quote", "5", "14"),
        ("1", "repost", "6", "13"),
        ("1", "repost", "8", "12"),
    }
    assert [(one.uid, one.kind) for one in of(found, PostRecord)] == [("15", "reply"), ("14", "quote"), ("11", "reply")]
    assert {(one.uid, one.handle) for one in of(found, AccountRecord)} >= {("2", "bob"), ("3", "cy"), ("6", "dan")}


def test_the_first_sync_goes_some_days_back_and_the_next_ones_to_what_has_settled(platform: Platform) -> None:
    platform.posts = [post(number, 40 - number) for number in range(1, 40)]
    asked = asking(platform, days="5", recount="2")
    pages = asked.pages("posts", "ann")
    assert numbers(pages) == ["39", "38", "37", "36", "35"]
    assert [path for path in platform.paths() if "by" in path] == ["users/by/username/ann"]
    platform.posts.append(post(40, 0))
    platform.asked.clear()
    later = asked.pages("posts", "ann", pages[-1].cursor)
    assert numbers(later) == ["40", "39"]
    assert {url.params.get("since_id") for url in platform.asked} == {"38"}
    assert platform.paths() == ["users/1/tweets"]
    since = asked.pages("posts", "ann", since=NOW - timedelta(days=2, minutes=1))
    assert numbers(since) == ["40", "39", "38"]


def test_without_a_recount_only_new_posts_are_read(platform: Platform) -> None:
    platform.posts = [post(1, 2), post(2, 1)]
    asked = asking(platform, recount="0")
    cursor = asked.pages("posts", "ann")[-1].cursor
    assert numbers(asked.pages("posts", "ann", cursor)) == []
    platform.posts.append(post(3, 0.5))
    assert numbers(asked.pages("posts", "ann", cursor)) == ["3"]


def test_a_first_sync_asks_for_nothing_older_than_x_allows(platform: Platform) -> None:
    asking(platform, days="36500").pages("posts", "44")
    assert platform.asked[-1].params["start_time"] == "2010-11-06T00:00:01Z"


def test_a_walk_that_was_killed_loses_nothing(platform: Platform) -> None:
    platform.posts = [post(number, 10 - number) for number in range(1, 10)]
    asked = asking(platform, recount="1")
    pages = asked.pages("posts", "ann")
    everything = set(numbers(pages))
    assert len(pages) == 5
    for number, page in enumerate(pages[:-1]):
        assert set(numbers(pages[: number + 1])) | set(numbers(asked.pages("posts", "ann", page.cursor))) == everything


def test_a_forgotten_place_begins_anew(platform: Platform) -> None:
    platform.posts = [post(number, 10 - number) for number in range(1, 6)]
    asked = asking(platform)
    cursor = asked.pages("posts", "ann")[0].cursor
    wrong = {"title": "Invalid Request", "type": "https://api.twitter.com/2/problems/invalid-request"}
    forgotten = [httpx.Response(400, json=wrong)]
    platform.stand_in = lambda request: (
        forgotten.pop() if forgotten and "pagination_token" in str(request.url) else None
    )
    assert numbers(asked.pages("posts", "ann", cursor)) == ["5", "4", "3", "2", "1"]
    platform.stand_in = problem(400, "invalid-request")
    with pytest.raises(SourceError) as raised:
        asked.pages("posts", "ann")
    assert raised.value.status == 400


def test_a_page_that_comes_again_and_again_ends(platform: Platform) -> None:
    again = {"data": [post(1, 1)], "meta": {"next_token": "same"}}
    platform.stand_in = lambda request: httpx.Response(200, json=again) if "tweets" in request.url.path else None
    asked = asking(platform)
    assert len(asked.pages("posts", "ann")) == 2
    assert asked.warned == ["ann: X gives the same page again and again."]


def test_one_bad_post_is_rejected_alone_and_fields_may_be_missing(platform: Platform) -> None:
    platform.posts = [
        {"id": "9", "created_at": at(0)},
        {"id": 8, "created_at": at(0)},
        {"id": "7", "created_at": at(1)},
    ]
    answer = {"data": platform.posts, "meta": {}}
    platform.stand_in = lambda request: httpx.Response(200, json=answer) if "tweets" in request.url.path else None
    asked = asking(platform)
    assert [one.uid for one in of(asked.records("posts", "ann"), PostRecord)] == ["9", "7"]
    assert [one.column for one in asked.rejected] == ["id"]


# Followers ----------------------------------------------------------------------------------------------------


def test_followers_are_read_only_where_they_are_asked_for(platform: Platform) -> None:
    assert asking(platform).targets("followers") == []
    asked = asking(platform, followers="@ann")
    assert asked.targets("followers") == ["ann"]
    platform.followers = [person(number, f"fan{number}") for number in range(10, 15)]
    pages = asked.pages("followers", "ann")
    assert [page.total for page in pages] == [10, 10, 10]
    edges = [one for page in pages for one in of(page.records, FollowRecord)]
    assert edges == [FollowRecord(follower_uid=str(number), account_uid="1") for number in range(10, 15)]
    assert platform.asked[-1].params["max_results"] == "1000"
    assert len(asked.pages("followers", "ann", pages[0].cursor)) == 2
    platform.people[0]["username"] = "ann_renamed"
    assert len(asked.pages("followers", "ann", pages[-1].cursor)) == 3


# Refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", ["posts", "followers"])
def test_an_account_that_is_gone_or_protected_is_told(platform: Platform, feed: str) -> None:
    asked = asking(platform, followers="ann")
    with pytest.raises(Gone, match="knows no account ghost"):
        asked.pages(feed, "ghost")
    protected = missing("id", "1", "Authorization Error") | {"type": "…/problems/not-authorized-for-resource"}
    closed = httpx.Response(200, json={"errors": [protected]})
    platform.stand_in = lambda request: closed if request.url.path.endswith(("tweets", "followers")) else None
    with pytest.raises(Denied, match="ann: the account is protected"):
        asked.pages(feed, "ann")


def test_an_app_that_may_not_read_followers_is_told_plainly(platform: Platform) -> None:
    refusal = problem(403, "client-forbidden", reason="client-not-enrolled", required_enrollment="Enterprise")
    platform.stand_in = lambda request: refusal(request) if "followers" in request.url.path else None
    with pytest.raises(Denied, match=r"does not let this app read users/1/followers.*Enterprise") as raised:
        asking(platform, followers="ann").pages("followers", "ann")
    assert raised.value.status == 403


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (problem(429, "usage-capped", title="UsageCapExceeded"), SourceError, "may read in a month are used up"),
        (problem(402, "credits", title="CreditsDepleted"), SourceError, "no credits left"),
        (problem(429, "rate-limit-exceeded"), RateLimited, "slow down"),
        (problem(401, "unauthorized"), SourceError, "401"),
        (lambda request: httpx.Response(200, html="<p>Maintenance"), Transient, "not JSON"),
        (lambda request: httpx.Response(403, text="no"), Denied, "403"),
    ],
)
def test_refusals_are_told_apart(
    platform: Platform, answer: Callable[[httpx.Request], httpx.Response], kind: type[SourceError], text: str
) -> None:
    platform.stand_in = answer
    with pytest.raises(kind, match=text) as raised:
        asking(platform).pages("posts", "ann")
    assert type(raised.value) is kind
    assert TOKEN not in str(raised.value)


def test_it_waits_until_the_window_that_x_names_is_over(platform: Platform) -> None:
    headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0", "Date": "Wed, 20 May 2026 12:00:00 GMT"}
    full = [httpx.Response(429, headers=headers | {"x-rate-limit-reset": str(int(NOW.timestamp()) + 600)})]
    platform.stand_in = lambda request: full.pop() if full else None
    asked = asking(platform)
    assert len(asked.records("profiles")) == 2
    assert asked.clock.seconds >= 1_600


def test_the_credentials_are_tested_without_cost(platform: Platform) -> None:
    good, used = asking(platform).test()
    assert good.ok
    assert used.text == "Of 2000000 posts that the app may read in a month, 43435 were read."
    assert platform.paths() == ["usage/tweets"]
    (refused,) = asking(platform, token="another-token").test()
    assert (refused.ok, refused.text) == (False, "X does not accept the token.")
    platform.stand_in = problem(403, "client-forbidden", reason="client-not-enrolled")
    (denied,) = asking(platform).test()
    assert not denied.ok
    assert "attach it to a project" in denied.text


# A whole sync -------------------------------------------------------------------------------------------------


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("KOLBENCH_X_TOKEN", TOKEN)
    return store


def test_a_sync_keeps_it_once_and_goes_on_where_accounts_are_gone(platform: Platform, store: Store) -> None:
    platform.posts = [post(number, 10 - number, in_reply_to_user_id="2") for number in range(1, 6)]
    platform.followers = [person(number, f"fan{number}") for number in range(10, 15)]
    asked = asking(platform, accounts="ghost, 1, bob", followers="1")
    for _time in range(2):
        assert asked.sync(store).state == "done"
    read = store.reader()
    assert read.execute("SELECT count(*) FROM post").fetchone()[0] == 5
    assert read.execute("SELECT count(*) FROM follow_edge").fetchone()[0] == 5
    assert read.execute("SELECT count(*) FROM activity").fetchone()[0] == 5
    assert any("ghost" in text for text in asked.warned)
    platform.people[0]["username"] = "anna"
    asked.sync(store)
    handles = read.execute("SELECT handle FROM account WHERE uid = '1'").fetchall()
    assert [tuple(row) for row in handles] == [("anna",)]
    assert read.execute("SELECT handle FROM former_handle").fetchone()[0] == "ann"


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = X()
    settings = {"token": TOKEN, "accounts": "ann, bob, 3", "followers": "ann, bob", "recount": "1"}
    expected = {"profiles": 3, "posts": 5, "followers": 6}
    expected_later = {"posts": 6}

    def server(self, request: httpx.Request) -> httpx.Response:
        return self.platform(0)(request)

    def later(self, request: httpx.Request) -> httpx.Response:
        return self.platform(1)(request)

    def platform(self, more: int) -> Platform:
        made = Platform()
        made.posts = [post(number, 10 - number, in_reply_to_user_id="2") for number in range(1, 6 + more)]
        made.followers = [person(number, f"fan{number}") for number in range(10, 13)]
        return made
