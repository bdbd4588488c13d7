"""What the Bluesky adapter makes of the lexicons' answers, with and without a login."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking import Asking, of
from kolbench.adapters.bluesky import Bluesky
from kolbench.adapters.conformance import declaration
from kolbench.adapters.registry import faults
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    PostRecord,
    Record,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
PDS = "https://pds.example"
PASSWORD = "abcd-efgh-ijkl-mnop"
Json = dict[str, Any]


def did(number: int) -> str:
    return f"did:plc:{number:024}"


def person(number: int, **more: Any) -> Json:
    """A profileViewDetailed."""
    return {
        "did": did(number),
        "handle": f"user{number}.example.com",
        "displayName": f"User {number}",
        "description": "Tries things out.",
        "avatar": f"https://cdn.example/{number}.jpg",
        "followersCount": 100 + number,
        "followsCount": 10 + number,
        "postsCount": number,
        "createdAt": "2024-01-02T03:04:05.678Z",
        "indexedAt": "2024-01-02T03:04:06.000Z",
        "viewer": {"muted": False},
        "labels": [],
        **more,
    }


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def address_of(author: Json, number: int) -> str:
    return f"at://{author['did']}/app.bsky.feed.post/{number}"


def post(number: int, author: Json, at: datetime | None = None, record: Json | None = None, **more: Any) -> Json:
    """A postView, written ``number`` minutes after the beginning of May."""
    at = at or datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=number)
    content = {"$type": "app.bsky.feed.post", "text": f"Post {number}", "createdAt": stamp(at), "langs": ["en"]}
    return {
        "uri": address_of(author, number),
        "cid": f"bafy{number}",
        "author": author,
        "record": content | (record or {}),
        "replyCount": 0,
        "repostCount": 0,
        "likeCount": 0,
        "quoteCount": 0,
        "bookmarkCount": 4,
        "indexedAt": stamp(at + timedelta(seconds=1)),
        "labels": [],
        **more,
    }


class Sky:
    """An AppView, and a PDS with a login, in memory; it gives ``most`` items a page."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.people: dict[str, Json] = {}
        self.gone: dict[str, Json] = {}
        self.followers: dict[str, list[str]] = {}
        self.follows: dict[str, list[str]] = {}
        self.feeds: dict[str, list[Json]] = {}
        self.reactions: dict[tuple[str, str], list[Json]] = {}
        self.lists: dict[str, tuple[Json, list[str]]] = {}
        self.packs: dict[str, Json] = {}
        self.asked: list[httpx.Request] = []
        self.logins = 0
        self.valid: set[str] = set()
        self.refresh: set[str] = set()
        self.stand_in: Callable[[httpx.Request], httpx.Response | None] = lambda request: None

    def add(self, *people: Json) -> None:
        self.people.update((one["did"], one) for one in people)

    def write(self, *posts: Json) -> None:
        for one in posts:
            self.feeds.setdefault(one["author"]["did"], []).insert(0, {"post": one})

    def follow(self, follower: Json, followed: Json) -> None:
        self.followers.setdefault(followed["did"], []).insert(0, follower["did"])
        self.follows.setdefault(follower["did"], []).insert(0, followed["did"])

    def methods(self) -> list[str]:
        return [request.url.path.rpartition(".")[2] for request in self.asked]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if answer := self.stand_in(request):
            return answer
        method = request.url.path.removeprefix("/xrpc/")
        if "server" in method:
            return self.serve_login(method, request)
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer and bearer not in self.valid:
            return failed("ExpiredToken", "Token has expired")
        return getattr(self, f"serve_{method.rpartition('.')[2]}")(request.url.params)  # type: ignore[no-any-return]

    def serve_login(self, method: str, request: httpx.Request) -> httpx.Response:
        if method.endswith("createSession"):
            if json.loads(request.content) != {"identifier": "me.example.com", "password": PASSWORD}:
                return failed("AuthenticationRequired", "Invalid identifier or password", 401)
        elif request.headers["authorization"].removeprefix("Bearer ") not in self.refresh:
            return failed("ExpiredToken", "Token has been revoked")
        self.logins += 1
        self.valid, self.refresh = {f"access-{self.logins}"}, {f"refresh-{self.logins}"}
        tokens = {"accessJwt": f"access-{self.logins}", "refreshJwt": f"refresh-{self.logins}"}
        return ok({"did": did(1), "handle": "me.example.com", "active": True, **tokens})

    def find(self, actor: str) -> Json | None:
        found = (one for one in self.people.values() if actor in (one["did"], one["handle"]))
        return next((one for one in found if one["did"] not in self.gone), None)

    def missing(self, actor: str, message: str) -> httpx.Response:
        return ok(self.gone[actor], 400) if actor in self.gone else failed("InvalidRequest", message)

    def serve_resolveHandle(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        found = self.find(params["handle"])
        return ok({"did": found["did"]}) if found else failed("InvalidRequest", "Unable to resolve handle")

    def serve_getProfiles(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        actors = params.get_list("actors")
        assert 0 < len(actors) <= 25
        return ok({"profiles": [found for actor in actors if (found := self.find(actor))]})

    def serve_getFollowers(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        return self.serve_people(params, "followers", self.followers)

    def serve_getFollows(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        return self.serve_people(params, "follows", self.follows)

    def serve_people(self, params: httpx.QueryParams, key: str, edges: dict[str, list[str]]) -> httpx.Response:
        subject = self.find(params["actor"])
        if subject is None:
            return self.missing(params["actor"], f"Actor not found: {params['actor']}")
        return self.page(params, key, [brief(self.people[one]) for one in edges.get(subject["did"], [])])

    def serve_getAuthorFeed(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        author = self.find(params["actor"])
        if author is None:
            return self.missing(params["actor"], "Profile not found")
        return self.page(params, "feed", self.feeds.get(author["did"], []))

    def serve_getLikes(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        return self.page(params, "likes", self.reactions.get((params["uri"], "likes"), []))

    def serve_getRepostedBy(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        return self.page(params, "repostedBy", self.reactions.get((params["uri"], "reposts"), []))

    def serve_getQuotes(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        return self.page(params, "posts", self.reactions.get((params["uri"], "quotes"), []))

    def serve_getPostThread(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        replies = self.reactions.get((params["uri"], "replies"), [])
        return ok({"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "replies": replies}})

    def serve_getList(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        if params["list"] not in self.lists:
            return failed("InvalidRequest", "List not found")
        view, members = self.lists[params["list"]]
        items = [{"uri": f"{params['list']}/{one}", "subject": brief(self.people[one])} for one in members]
        return self.page(params, "items", items, {"list": view | {"listItemCount": len(members)}})

    def serve_getStarterPack(self, params: httpx.QueryParams) -> httpx.Response:  # noqa: N802
        found = self.packs.get(params["starterPack"])
        return ok({"starterPack": found}) if found else failed("InvalidRequest", "Starter pack not found")

    def page(self, params: httpx.QueryParams, key: str, items: list[Any], more: Json | None = None) -> httpx.Response:
        assert int(params["limit"]) == 100
        first = int(params.get("cursor", "0"))
        after = {"cursor": str(first + self.most)} if first + self.most < len(items) else {}
        return ok({key: items[first : first + self.most], **after, **(more or {})})


def ok(body: Json, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def failed(error: str, message: str, status: int = 400) -> httpx.Response:
    return ok({"error": error, "message": message}, status)


def brief(one: Json) -> Json:
    """A profileView: without counts."""
    return {name: value for name, value in one.items() if not name.endswith("Count")}


ANN, BOB, CAT, DAN = person(1), person(2), person(3), person(4)
CROWD = [person(number) for number in range(10, 70)]


@pytest.fixture(autouse=True)
def at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW.isoformat())


@pytest.fixture
def sky() -> Sky:
    sky = Sky()
    sky.add(ANN, BOB, CAT, DAN)
    return sky


def asking(sky: Sky, **told: str) -> Asking:
    return Asking(Bluesky(), sky, {"accounts": "user1.example.com", **told})


def logged_in(sky: Sky, **told: str) -> Asking:
    return asking(sky, server=PDS, identifier="@me.example.com", app_password=PASSWORD, **told)


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in store.reader().execute(sql).fetchall()]


# What is asked for ------------------------------------------------------------------------------------------


def test_it_declares_itself_as_an_adapter_has_to() -> None:
    assert faults(Bluesky()) == []
    assert all(check.kept for check in declaration(Bluesky()))


@pytest.mark.parametrize(
    "told",
    [
        "user1.example.com",
        "@User1.Example.com",
        "https://bsky.app/profile/user1.example.com",
        "https://another.client.example/profile/user1.example.com/post/3kabc?x=1",
        "at://user1.example.com/",
    ],
)
def test_an_account_may_be_written_in_many_ways(sky: Sky, told: str) -> None:
    assert asking(sky, accounts=f"{told}, user1.example.com").targets("posts") == ["user1.example.com"]


def test_an_id_is_kept_as_it_is_written(sky: Sky) -> None:
    told = "did:plc:AbC, https://bsky.app/profile/did%3Aweb%3Aann.example"
    assert asking(sky, accounts=told).targets("posts") == ["did:plc:AbC", "did:web:ann.example"]


@pytest.mark.parametrize("told", ["ann", "ann@example.com", "https://bsky.app/", "did:", "-.com", "a" * 260 + ".com"])
def test_what_is_no_account_is_named_to_the_operator(sky: Sky, told: str) -> None:
    with pytest.raises(UsageError, match="is no account"):
        asking(sky, accounts=told).targets("posts")


def test_lists_and_starter_packs_may_be_web_addresses(sky: Sky) -> None:
    asked = asking(
        sky,
        lists=f"https://bsky.app/profile/{did(1)}/lists/abc, at://ann.example.com/app.bsky.graph.list/abc",
        starter_packs="https://bsky.app/starter-pack/ann.example.com/xyz https://bsky.app/start/ann.example.com/xyz",
    )
    assert asked.targets("members") == [
        f"at://{did(1)}/app.bsky.graph.list/abc",
        "at://ann.example.com/app.bsky.graph.list/abc",
        "at://ann.example.com/app.bsky.graph.starterpack/xyz",
    ]


@pytest.mark.parametrize("told", ["friends", f"at://{did(1)}/app.bsky.feed.generator/abc", "https://go.example/3kabc"])
def test_what_is_no_list_is_named_to_the_operator(sky: Sky, told: str) -> None:
    with pytest.raises(UsageError, match="no address of a list"):
        asking(sky, lists=told).targets("members")


def test_a_source_without_anything_to_read_says_so(sky: Sky) -> None:
    with pytest.raises(UsageError, match="accounts"):
        asking(sky, accounts="").targets("profiles")


def test_visitors_ask_the_public_host_and_those_with_a_login_their_own(sky: Sky) -> None:
    asking(sky).records("profiles", "1-25")
    logged_in(sky).records("profiles", "1-25")
    asking(sky, identifier="me.example.com", app_password=PASSWORD).records("profiles", "1-25")
    assert [request.url.host for request in sky.asked] == [
        "public.api.bsky.app",
        *("pds.example", "pds.example"),
        *("bsky.social", "bsky.social"),
    ]


def test_half_a_login_is_refused(sky: Sky) -> None:
    with pytest.raises(UsageError, match="both"):
        asking(sky, identifier="me.example.com").records("profiles", "1-25")


# Profiles ---------------------------------------------------------------------------------------------------


def test_a_profile_becomes_an_account_with_its_counts(sky: Sky) -> None:
    assert asking(sky).records("profiles", "1-25") == [
        AccountRecord(
            uid=did(1),
            handle="user1.example.com",
            name="User 1",
            bio="Tries things out.",
            url=f"https://bsky.app/profile/{did(1)}",
            avatar_url="https://cdn.example/1.jpg",
            is_bot=False,
            created_at=datetime(2024, 1, 2, 3, 4, 5, 678000, UTC),
            gone=False,
            metrics={"followers": 101, "following": 11, "posts": 1},
        )
    ]


def test_profiles_are_asked_for_by_twenty_five(sky: Sky) -> None:
    sky.add(*CROWD)
    asked = asking(sky, accounts=" ".join(one["did"] for one in CROWD))
    assert asked.targets("profiles") == ["1-25", "26-50", "51-75"]
    found = [
        record.uid
        for target in asked.targets("profiles")
        for record in of(asked.records("profiles", target), AccountRecord)
    ]
    assert found == [one["did"] for one in CROWD]
    assert len(sky.asked) == 3


def test_a_profile_may_lack_everything_but_its_id(sky: Sky) -> None:
    sky.people[did(1)] = {"did": did(1), "handle": "user1.example.com", "displayName": None, "labels": None, "new": {}}
    (record,) = of(asking(sky).records("profiles", "1-25"), AccountRecord)
    assert (record.uid, record.name, record.is_bot, record.metrics) == (did(1), None, None, {})


def test_only_a_label_of_its_own_makes_a_bot(sky: Sky) -> None:
    sky.add(person(1, labels=[{"src": did(1), "val": "bot"}]), person(2, labels=[{"src": did(9), "val": "bot"}]))
    found = of(asking(sky, accounts=f"{did(1)} {did(2)}").records("profiles", "1-25"), AccountRecord)
    assert [record.is_bot for record in found] == [True, False]


def test_verification_is_kept_in_words(sky: Sky) -> None:
    sky.add(
        person(1, verification={"verifiedStatus": "valid", "trustedVerifierStatus": "none"}),
        person(2, verification={"verifiedStatus": "none", "trustedVerifierStatus": "valid"}),
        person(3, verification={"verifiedStatus": "invalid", "trustedVerifierStatus": "none"}),
    )
    found = of(asking(sky, accounts=f"{did(1)} {did(2)} {did(3)}").records("profiles", "1-25"), AccountRecord)
    assert [record.verified for record in found] == ["yes", "trusted verifier", None]


def test_an_invalid_handle_is_none(sky: Sky) -> None:
    sky.add(person(1, handle="handle.invalid"))
    (record,) = of(asking(sky, accounts=did(1)).records("profiles", "1-25"), AccountRecord)
    assert record.handle is None


def test_an_account_that_is_left_out_is_gone(sky: Sky) -> None:
    sky.gone[did(2)] = {"error": "AccountTakedown", "message": "Account has been suspended"}
    found = asking(sky, accounts=f"{did(1)} {did(2)}").records("profiles", "1-25")
    assert found[1:] == [AccountRecord(uid=did(2), gone=True)]


def test_a_handle_that_was_never_known_makes_nobody(sky: Sky) -> None:
    asked = asking(sky, accounts="nobody.example.com")
    assert asked.records("profiles", "1-25") == []
    assert "nobody.example.com" in asked.warned[0]


def test_one_bad_profile_is_rejected_alone(sky: Sky) -> None:
    sky.add(person(1, followersCount="many"))
    asked = asking(sky, accounts=f"{did(1)} {did(2)}")
    assert [record.uid for record in of(asked.records("profiles", "1-25"), AccountRecord)][:1] == [did(2)]
    assert asked.rejected[0].column == "followersCount"


def test_a_new_handle_loses_no_account(sky: Sky, store: Store) -> None:
    sky.follow(BOB, ANN)
    asked = asking(sky)
    asked.sync(store)
    sky.add(person(1, handle="ann.example.org"))
    outcome = asked.sync(store)
    assert outcome.state == "done"
    assert asked.warned == []
    assert rows(store, f"SELECT handle, gone FROM account WHERE uid = '{did(1)}'") == [("ann.example.org", 0)]
    assert rows(store, "SELECT handle FROM former_handle") == [("user1.example.com",)]


def test_an_account_is_gone_and_comes_back(sky: Sky, store: Store) -> None:
    asked = asking(sky)
    asked.sync(store)
    sky.gone[did(1)] = {"error": "AccountDeactivated", "message": "Account is deactivated"}
    assert asked.sync(store).state == "done"
    assert rows(store, "SELECT gone FROM account") == [(1,)]
    assert "deactivated" in " ".join(asked.warned)
    sky.gone.clear()
    asked.sync(store)
    assert rows(store, "SELECT gone FROM account") == [(0,)]


# Followers --------------------------------------------------------------------------------------------------


def test_followers_come_from_both_directions_and_every_page(sky: Sky) -> None:
    sky.add(*CROWD)
    for one in CROWD[:5]:
        sky.follow(one, ANN)
    for one in CROWD[5:8]:
        sky.follow(ANN, one)
    found = asking(sky).records("followers", "user1.example.com")
    edges = {(edge.follower_uid, edge.account_uid) for edge in of(found, FollowRecord)}
    assert edges == {(one["did"], did(1)) for one in CROWD[:5]} | {(did(1), one["did"]) for one in CROWD[5:8]}
    assert {one.uid for one in of(found, AccountRecord)} == {one["did"] for one in CROWD[:8]}


def test_followers_are_read_on_from_every_cursor(sky: Sky) -> None:
    sky.add(*CROWD)
    for one in CROWD[:5]:
        sky.follow(one, ANN)
        sky.follow(ANN, one)
    asked = asking(sky)
    pages = asked.pages("followers", "user1.example.com")
    assert len(pages) == 6
    for place, page in enumerate(pages[:-1]):
        rest = [record for later in pages[place + 1 :] for record in later.records]
        assert asked.records("followers", "user1.example.com", page.cursor) == rest


def test_a_follower_list_begins_again_at_the_next_sync(sky: Sky) -> None:
    sky.follow(BOB, ANN)
    asked = asking(sky)
    first = asked.pages("followers", "user1.example.com")
    again = asked.pages("followers", "user1.example.com", first[-1].cursor)
    assert [page.records for page in again] == [page.records for page in first]


def test_a_cursor_that_stands_still_ends_the_list(sky: Sky) -> None:
    sky.stand_in = lambda request: (
        ok({"followers": [], "follows": [], "cursor": "7"}) if "getFollow" in str(request.url) else None
    )
    asked = asking(sky)
    asked.pages("followers", "user1.example.com")
    assert len(sky.asked) == 1 + 2 * 2
    assert "repeats its cursor" in asked.warned[0]


def test_a_cursor_that_the_server_has_forgotten_begins_again(sky: Sky) -> None:
    sky.add(*CROWD)
    for one in CROWD[:5]:
        sky.follow(one, ANN)
    asked = asking(sky)
    cursor = asked.pages("followers", did(1))[0].cursor
    sky.stand_in = lambda request: (
        failed("InvalidRequest", "Malformed cursor") if request.url.params.get("cursor") == "2" else None
    )
    sky.most = 10
    assert len(of(asked.records("followers", did(1), cursor), FollowRecord)) == 5
    assert "not known any more" in asked.warned[0]


def test_an_answer_without_its_list_is_an_error(sky: Sky) -> None:
    sky.stand_in = lambda request: ok({"people": []}) if "getFollowers" in str(request.url) else None
    with pytest.raises(SourceError, match="followers"):
        asking(sky).pages("followers", "user1.example.com")


# Posts ------------------------------------------------------------------------------------------------------


def test_a_post_becomes_a_work_with_its_counts(sky: Sky) -> None:
    sky.write(post(1, ANN, likeCount=3, repostCount=2, quoteCount=1, replyCount=5))
    found = asking(sky).records("posts", "user1.example.com")
    assert of(found, PostRecord) == [
        PostRecord(
            uid=f"at://{did(1)}/app.bsky.feed.post/1",
            account_uid=did(1),
            published_at=datetime(2026, 5, 1, 0, 1, tzinfo=UTC),
            kind="text",
            text="Post 1",
            url=f"https://bsky.app/profile/{did(1)}/post/1",
            metrics={"likes": 3, "shares": 2, "comments": 5, "quotes": 1, "collects": 4},
        )
    ]


@pytest.mark.parametrize(
    ("embed", "kind"),
    [
        ({"$type": "app.bsky.embed.images", "images": []}, "image"),
        ({"$type": "app.bsky.embed.video", "video": {}}, "video"),
        ({"$type": "app.bsky.embed.external", "external": {}}, "link"),
        ({"$type": "app.bsky.embed.record", "record": {"uri": "at://did:plc:x/app.bsky.feed.generator/1"}}, "quote"),
        (
            {
                "$type": "app.bsky.embed.recordWithMedia",
                "record": {"$type": "app.bsky.embed.record", "record": {"uri": address_of(BOB, 1)}},
                "media": {"$type": "app.bsky.embed.images"},
            },
            "image",
        ),
        ({"$type": "example.unheard.of"}, "text"),
        (None, "text"),
    ],
)
def test_what_a_post_carries_makes_its_kind(sky: Sky, embed: Json | None, kind: str) -> None:
    sky.write(post(1, ANN, record={"embed": embed}))
    (found,) = of(asking(sky).records("posts", "user1.example.com"), PostRecord)
    assert found.kind == kind


def spoken(found: list[Record]) -> list[tuple[str, str, str]]:
    return [(one.kind, one.object_uid, one.evidence_uid) for one in of(found, InteractionRecord)]


def test_whom_a_post_answers_quotes_and_mentions(sky: Sky) -> None:
    sky.write(
        post(
            1,
            ANN,
            record={
                "reply": {"root": {"uri": address_of(DAN, 1)}, "parent": {"uri": address_of(BOB, 1)}},
                "embed": {"$type": "app.bsky.embed.record", "record": {"uri": address_of(CAT, 1)}},
                "facets": [
                    {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": did(4)}]},
                    {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": did(4)}]},
                    {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "x"}, {"$type": "example#new"}]},
                ],
            },
        )
    )
    sky.feeds[did(1)][0]["reply"] = {"root": post(1, DAN), "parent": post(1, BOB)}
    found = asking(sky).records("posts", "user1.example.com")
    uri = address_of(ANN, 1)
    assert spoken(found) == [("reply", did(2), uri), ("quote", did(3), uri), ("mention", did(4), uri)]
    assert [one.kind for one in of(found, PostRecord)] == ["reply"]
    assert did(2) in {one.uid for one in of(found, AccountRecord)}


def test_what_people_do_with_their_own_posts_is_no_interaction(sky: Sky) -> None:
    sky.write(post(2, ANN, record={"reply": {"parent": {"uri": address_of(ANN, 1)}}}))
    sky.feeds[did(1)].append({"post": post(1, ANN), "reason": {"by": brief(ANN), "indexedAt": stamp(NOW)}})
    assert spoken(asking(sky).records("posts", "user1.example.com")) == []


def test_a_repost_tells_of_two_people_and_not_of_a_work(sky: Sky) -> None:
    at = datetime(2026, 5, 2, tzinfo=UTC)
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": brief(ANN), "indexedAt": stamp(at)}
    sky.feeds[did(1)] = [{"post": post(1, BOB), "reason": reason}]
    found = asking(sky).records("posts", "user1.example.com")
    assert of(found, PostRecord) == []
    assert {one.uid for one in of(found, AccountRecord)} == {did(1), did(2)}
    assert of(found, InteractionRecord) == [
        InteractionRecord(actor_uid=did(1), object_uid=did(2), kind="repost", at=at, evidence_uid=address_of(BOB, 1))
    ]


def test_a_post_dated_ahead_counts_from_when_it_was_seen(sky: Sky) -> None:
    sky.write(post(1, ANN, record={"createdAt": "2031-01-01T00:00:00Z"}), post(2, ANN, record={"createdAt": "soon"}))
    found = of(asking(sky).records("posts", "user1.example.com"), PostRecord)
    assert [one.published_at for one in found] == [
        datetime(2026, 5, 1, 0, 2, 1, tzinfo=UTC),
        datetime(2026, 5, 1, 0, 1, 1, tzinfo=UTC),
    ]


def test_one_bad_post_is_rejected_alone(sky: Sky) -> None:
    sky.write(post(1, ANN), post(2, ANN, likeCount={}))
    asked = asking(sky)
    assert len(of(asked.records("posts", "user1.example.com"), PostRecord)) == 1
    assert asked.rejected[0].column == "post.likeCount"


def daily(sky: Sky, days: int, first: int = 0) -> None:
    for day in range(first, days):
        sky.write(post(day, ANN, datetime(2026, 4, 1, tzinfo=UTC) + timedelta(days=day)))


def days_read(asked: Asking, cursor: str | None, since: datetime | None = None) -> list[int]:
    pages = asked.pages("posts", "user1.example.com", cursor, since)
    records = [record for page in pages for record in page.records]
    return [int(one.uid.rpartition("/")[2]) for one in of(records, PostRecord)]


def test_the_next_sync_reads_new_posts_and_those_that_still_grow(sky: Sky) -> None:
    sky.most = 10
    daily(sky, 28)
    asked = asking(sky)
    first = asked.pages("posts", "user1.example.com")
    assert len(of([record for page in first for record in page.records], PostRecord)) == 28
    daily(sky, 30, first=28)
    sky.asked.clear()
    found = days_read(asked, first[-1].cursor)
    assert found[:6] == [29, 28, 27, 26, 25, 24]
    assert sky.methods() == ["getAuthorFeed"] * 2


def test_posts_are_read_on_from_every_cursor_and_none_is_lost_to_a_kill(sky: Sky) -> None:
    sky.most = 10
    daily(sky, 28)
    asked = asking(sky)
    done = asked.pages("posts", "user1.example.com")[-1].cursor
    daily(sky, 60, first=28)
    pages = asked.pages("posts", "user1.example.com", done)
    assert len(pages) > 3
    for place, page in enumerate(pages[:-1]):
        rest = [record for later in pages[place + 1 :] for record in later.records]
        assert asked.records("posts", "user1.example.com", page.cursor) == rest
        assert days_read(asked, asked.pages("posts", "user1.example.com", page.cursor)[-1].cursor)[0] == 59


def test_since_bounds_the_first_read(sky: Sky) -> None:
    sky.most = 10
    daily(sky, 60)
    since = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(days=50)
    assert min(days_read(asking(sky), None, since)) >= 30


def test_a_server_whose_clock_is_ahead_hides_no_later_posts(sky: Sky) -> None:
    sky.write(post(1, ANN, datetime(2031, 1, 1, tzinfo=UTC)))
    asked = asking(sky)
    cursor = asked.pages("posts", "user1.example.com")[-1].cursor
    assert datetime.fromisoformat(json.loads(cursor)["newest"]) == NOW


def test_posts_dated_to_the_beginning_of_the_calendar_do_not_stop_the_next_sync(sky: Sky) -> None:
    sky.write(post(1, ANN, record={"createdAt": "0001-01-01T00:00:00Z"}, indexedAt="0001-01-01T00:00:00Z"))
    asked = asking(sky)
    cursor = asked.pages("posts", "user1.example.com")[-1].cursor
    assert days_read(asked, cursor) == [1]


def test_one_post_out_of_order_does_not_end_a_feed(sky: Sky) -> None:
    sky.most = 30
    daily(sky, 28)
    asked = asking(sky)
    done = asked.pages("posts", "user1.example.com")[-1].cursor
    daily(sky, 100, first=28)
    sky.feeds[did(1)].insert(5, {"post": post(999, ANN, datetime(2020, 1, 1, tzinfo=UTC))})
    assert set(range(28, 100)) <= set(days_read(asked, done))


def test_who_wants_visitors_kept_out_is_respected(sky: Sky) -> None:
    shy = person(1, labels=[{"src": did(1), "val": "!no-unauthenticated"}])
    sky.add(shy)
    sky.write(post(1, shy))
    with pytest.raises(Denied, match="login"):
        asking(sky).records("posts", did(1))
    with pytest.raises(Denied, match="login"):
        asking(sky).records("activities", did(1))
    assert of(logged_in(sky).records("posts", did(1)), PostRecord)


# Reactions --------------------------------------------------------------------------------------------------


def popular(sky: Sky) -> Json:
    """A post of Ann's with three likes, two reposts, a quote and a reply."""
    sky.add(*CROWD)
    found = post(1, ANN, likeCount=3, repostCount=2, quoteCount=1, replyCount=1)
    sky.write(found)
    uri = found["uri"]
    sky.reactions = {
        (uri, "likes"): [
            {"actor": brief(one), "createdAt": "2026-05-02T00:00:00Z", "indexedAt": "2026-05-02T00:00:01Z"}
            for one in CROWD[:3]
        ],
        (uri, "reposts"): [brief(one) for one in CROWD[3:5]],
        (uri, "quotes"): [
            post(7, CROWD[5], record={"embed": {"$type": "app.bsky.embed.record", "record": {"uri": uri}}})
        ],
        (uri, "replies"): [
            {
                "$type": "app.bsky.feed.defs#threadViewPost",
                "post": post(8, CROWD[6], record={"reply": {"parent": {"uri": uri}}}),
            },
            {"$type": "app.bsky.feed.defs#notFoundPost", "uri": address_of(BOB, 3), "notFound": True},
            {
                "$type": "app.bsky.feed.defs#blockedPost",
                "uri": address_of(BOB, 4),
                "blocked": True,
                "author": {"did": did(2)},
            },
        ],
    }
    return found


def test_who_liked_reposted_quoted_and_answered_a_post(sky: Sky) -> None:
    uri = popular(sky)["uri"]
    found = asking(sky).records("activities", "user1.example.com")
    told = {(one.kind, one.actor_uid, one.evidence_uid) for one in of(found, InteractionRecord)}
    assert told == {
        *(("like", one["did"], uri) for one in CROWD[:3]),
        *(("repost", one["did"], uri) for one in CROWD[3:5]),
        ("quote", CROWD[5]["did"], address_of(CROWD[5], 7)),
        ("reply", CROWD[6]["did"], address_of(CROWD[6], 8)),
    }
    assert {one.object_uid for one in of(found, InteractionRecord)} == {did(1)}
    assert {one["did"] for one in CROWD[:7]} <= {one.uid for one in of(found, AccountRecord)}


def test_a_post_that_is_deleted_meanwhile_stops_nothing(sky: Sky) -> None:
    popular(sky)
    sky.write(post(2, ANN, replyCount=1))
    sky.stand_in = lambda request: (
        failed("NotFound", "Post not found")
        if "Thread" in str(request.url) and "post%2F2" in str(request.url)
        else None
    )
    found = asking(sky).records("activities", did(1))
    assert len(of(found, InteractionRecord)) == 7


def test_posts_whose_counts_are_as_before_are_not_asked_about_again(sky: Sky) -> None:
    popular(sky)
    asked = asking(sky)
    cursor = asked.pages("activities", "user1.example.com")[-1].cursor
    sky.asked.clear()
    assert asked.pages("activities", "user1.example.com", cursor) == []
    assert sky.methods() == ["getAuthorFeed"]
    sky.feeds[did(1)][0]["post"]["likeCount"] = 4
    assert asked.pages("activities", "user1.example.com", cursor) != []


def test_reactions_are_read_on_from_every_cursor(sky: Sky) -> None:
    popular(sky)
    sky.write(post(2, ANN, likeCount=1), post(3, ANN))
    asked = asking(sky)
    pages = asked.pages("activities", "user1.example.com")
    whole = {str(record) for page in pages for record in page.records}
    for place, page in enumerate(pages):
        before = {str(record) for earlier in pages[: place + 1] for record in earlier.records}
        after = {str(record) for record in asked.records("activities", "user1.example.com", page.cursor)}
        assert before | after == whole


def test_only_so_many_latest_posts_of_its_own_are_looked_at(sky: Sky) -> None:
    daily(sky, 9)
    for item in sky.feeds[did(1)]:
        item["post"]["likeCount"] = 1
    sky.feeds[did(1)].insert(
        0, {"post": post(1, BOB, likeCount=9), "reason": {"by": brief(ANN), "indexedAt": stamp(NOW)}}
    )
    asking(sky, reactions_to="3").records("activities", "user1.example.com")
    assert [request.url.params["uri"][-1] for request in sky.asked if "getLikes" in str(request.url)] == ["8", "7", "6"]


def test_reactions_can_be_left_out(sky: Sky) -> None:
    assert asking(sky, reactions_to="0").targets("activities") == []


def test_a_famous_post_is_read_in_part_and_that_is_said(sky: Sky) -> None:
    sky.write(post(1, ANN, likeCount=10_000))
    fan = {"actor": brief(BOB), "createdAt": "2026-05-02T00:00:00Z"}
    sky.reactions[(address_of(ANN, 1), "likes")] = [fan] * 100
    asked = asking(sky)
    asked.records("activities", "user1.example.com")
    assert sky.methods().count("getLikes") == 10
    assert "1000" in asked.warned[0]


def test_a_feed_of_reposts_alone_is_not_followed_for_ever(sky: Sky) -> None:
    reason = {"by": brief(ANN), "indexedAt": stamp(NOW)}
    sky.feeds[did(1)] = [{"post": post(number, BOB), "reason": reason} for number in range(200)]
    asking(sky).records("activities", "user1.example.com")
    assert sky.methods().count("getAuthorFeed") == 10


# Lists and starter packs ------------------------------------------------------------------------------------

LIST = f"at://{did(1)}/app.bsky.graph.list/abc"
PACK = f"at://{did(1)}/app.bsky.graph.starterpack/xyz"


def collected(sky: Sky) -> None:
    sky.add(*CROWD)
    view = {
        "uri": LIST,
        "cid": "x",
        "name": "Friends",
        "purpose": "app.bsky.graph.defs#curatelist",
        "creator": brief(ANN),
    }
    sky.lists[LIST] = view, [did(1), *(one["did"] for one in CROWD[:4])]
    sky.packs[PACK] = {
        "uri": PACK,
        "record": {"name": "Welcome", "list": LIST},
        "list": {"uri": LIST, "name": "Friends"},
    }


def test_a_list_becomes_a_community_with_members_and_their_counts(sky: Sky) -> None:
    collected(sky)
    pages = asking(sky).pages("members", "at://user1.example.com/app.bsky.graph.list/abc")
    found = [record for page in pages for record in page.records]
    assert of(found, CommunityRecord)[0] == CommunityRecord(
        uid=LIST, name="Friends", kind="list", url=f"https://bsky.app/profile/{did(1)}/lists/abc"
    )
    members = of(found, MembershipRecord)
    assert [(one.account_uid, one.role) for one in members] == [
        (did(1), "creator"),
        *((one["did"], None) for one in CROWD[:4]),
    ]
    assert {one.uid: one.metrics.get("followers") for one in of(found, AccountRecord)}[CROWD[0]["did"]] == 110
    assert [page.total for page in pages] == [5, 5, 5]


def test_a_starter_pack_becomes_a_community_with_the_members_of_its_list(sky: Sky) -> None:
    collected(sky)
    found = asking(sky).records("members", PACK)
    room = of(found, CommunityRecord)[0]
    assert (room.uid, room.name, room.kind) == (PACK, "Welcome", "starter pack")
    assert {one.community_uid for one in of(found, MembershipRecord)} == {PACK}
    assert len(of(found, MembershipRecord)) == 5


def test_members_are_read_on_from_every_cursor(sky: Sky) -> None:
    collected(sky)
    asked = asking(sky)
    pages = asked.pages("members", LIST)
    for place, page in enumerate(pages[:-1]):
        rest = [record for later in pages[place + 1 :] for record in later.records]
        assert asked.records("members", LIST, page.cursor) == rest


def test_a_list_that_is_not_there_is_gone(sky: Sky) -> None:
    for target in (LIST, PACK):
        with pytest.raises(Gone, match="not found"):
            asking(sky).records("members", target)
    sky.packs[PACK] = {"uri": PACK, "record": {"name": "Welcome"}}
    with pytest.raises(Gone, match="gone"):
        asking(sky).records("members", PACK)


# Sessions and refusals --------------------------------------------------------------------------------------


def test_a_run_logs_in_once_and_closes_the_session_to_other_hosts(sky: Sky, store: Store, monkeypatch: Any) -> None:
    monkeypatch.setenv("KOLBENCH_BLUESKY_APP_PASSWORD", PASSWORD)
    sky.write(post(1, ANN))
    asked = logged_in(sky, accounts=f"{did(1)} {did(2)}")
    assert asked.sync(store).state == "done"
    assert sky.logins == 1
    assert asked.sync(store).state == "done"
    assert sky.logins == 2


def test_an_expired_session_is_renewed_in_the_middle(sky: Sky) -> None:
    sky.add(*CROWD)
    for one in CROWD[:5]:
        sky.follow(one, ANN)

    def expire(request: httpx.Request) -> None:
        if request.url.params.get("cursor") == "2":
            sky.valid.clear()
            sky.stand_in = lambda request: None

    sky.stand_in = expire
    found = logged_in(sky).records("followers", did(1))
    assert len(of(found, FollowRecord)) == 5
    assert sky.methods().count("refreshSession") == 1
    assert sky.methods().count("createSession") == 1


def test_where_nothing_can_be_renewed_it_logs_in_again(sky: Sky) -> None:
    def revoke(request: httpx.Request) -> None:
        if "getFollows" in str(request.url):
            sky.valid.clear()
            sky.refresh.clear()
            sky.stand_in = lambda request: None

    sky.stand_in = revoke
    logged_in(sky).records("followers", did(1))
    assert sky.methods().count("createSession") == 2


def test_a_session_that_never_holds_ends_in_an_error(sky: Sky) -> None:
    sky.stand_in = lambda request: (
        failed("ExpiredToken", "Token has expired") if "getFollowers" in str(request.url) else None
    )
    with pytest.raises(SourceError, match="expired"):
        logged_in(sky).records("followers", did(1))


def test_a_wrong_password_fails_the_source_and_is_not_shown(sky: Sky, store: Store, monkeypatch: Any) -> None:
    monkeypatch.setenv("KOLBENCH_BLUESKY_APP_PASSWORD", "wrong-wrong-wrong")
    outcome = logged_in(sky).sync(store)
    assert outcome.state == "failed"
    assert "Invalid identifier or password" in str(outcome.sources[0].error)
    assert "wrong-wrong" not in str(outcome)


def test_tokens_are_protected_as_soon_as_they_are_known(sky: Sky) -> None:
    asked = logged_in(sky)
    pull = asked.pull("profiles", "1-25")
    list(asked.adapter.pull(pull))
    assert pull.http
    with pytest.raises(SourceError, match="not sent elsewhere"):
        pull.http.get("https://elsewhere.example/", headers={"Authorization": "Bearer access-1"})


def test_another_appview_is_asked_through_the_pds(sky: Sky) -> None:
    asked = logged_in(sky, appview="did:web:api.example#bsky_appview")
    asked.records("followers", "user1.example.com")
    proxied = {request.url.path: request.headers.get("atproto-proxy") for request in sky.asked}
    assert proxied["/xrpc/app.bsky.graph.getFollowers"] == "did:web:api.example#bsky_appview"
    assert proxied["/xrpc/com.atproto.identity.resolveHandle"] is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("InvalidRequest", "Profile not found"),
        ("InvalidRequest", "Could not find repo: did:plc:x"),
        ("AccountTakedown", "Account has been suspended"),
        ("AccountDeactivated", "Account is deactivated"),
        ("RepoNotFound", ""),
        ("RepoSuspended", ""),
    ],
)
def test_a_400_that_means_gone_is_gone(sky: Sky, error: str, message: str) -> None:
    sky.stand_in = lambda request: failed(error, message)
    with pytest.raises(Gone):
        asking(sky).records("posts", did(1))


def test_a_400_that_means_blocked_is_denied(sky: Sky) -> None:
    sky.stand_in = lambda request: failed("BlockedByActor", "Requester is blocked by actor")
    with pytest.raises(Denied, match="blocked"):
        asking(sky).records("posts", did(1))


@pytest.mark.parametrize("status", [400, 401])
def test_any_other_refusal_is_an_error_in_the_servers_words(sky: Sky, status: int) -> None:
    sky.stand_in = lambda request: failed("InvalidRequest", "Error: limit must be small\x1b[31m", status)
    with pytest.raises(SourceError, match="limit must be small") as caught:
        asking(sky).records("posts", did(1))
    assert type(caught.value) is SourceError
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(("status", "kind"), [(403, Denied), (404, Gone), (451, Gone)])
def test_states_told_by_status_are_states(sky: Sky, status: int, kind: type[Exception]) -> None:
    sky.stand_in = lambda request: httpx.Response(status, text="<html>no</html>")
    with pytest.raises(kind):
        asking(sky).records("posts", did(1))


def test_html_instead_of_json_may_pass(sky: Sky) -> None:
    sky.stand_in = lambda request: httpx.Response(200, text="<html>maintenance</html>")
    with pytest.raises(Transient, match="not JSON"):
        asking(sky).records("posts", did(1))


def test_one_account_that_is_gone_leaves_the_others_to_be_read(sky: Sky, store: Store) -> None:
    sky.write(post(1, BOB))
    sky.gone[did(1)] = {"error": "AccountTakedown", "message": "Account has been suspended"}
    asked = asking(sky, accounts=f"{did(1)} {did(2)}")
    outcome = asked.sync(store)
    assert outcome.state == "done"
    assert rows(store, "SELECT count(*) FROM post") == [(1,)]
    assert any("suspended" in text for text in asked.warned)


# Testing, and whole syncs -----------------------------------------------------------------------------------


def test_a_test_says_who_is_logged_in_and_who_was_found(sky: Sky) -> None:
    found = logged_in(sky, accounts=f"{did(1)} {did(99)}").test()
    assert [one.ok for one in found] == [True, True]
    assert "me.example.com" in found[0].text
    assert "1 of the first 2" in found[1].text


def test_a_test_without_a_login_says_what_is_not_shown(sky: Sky) -> None:
    found = asking(sky).test()
    assert [one.ok for one in found] == [True, True]
    assert "logged-in" in found[0].text


def test_a_test_that_finds_nobody_has_failed(sky: Sky) -> None:
    assert [one.ok for one in asking(sky, accounts="nobody.example.com").test()] == [True, False]


def test_a_test_fails_where_nobody_is_named(sky: Sky) -> None:
    assert [one.ok for one in asking(sky, accounts="").test()] == [True, False]


def test_a_test_names_a_login_that_is_not_active(sky: Sky) -> None:
    tokens = {"did": did(1), "handle": "me.example.com", "accessJwt": "access", "refreshJwt": "refresh"}
    sky.valid = {"access"}
    sky.stand_in = lambda request: (
        ok({**tokens, "active": False, "status": "deactivated"}) if "createSession" in str(request.url) else None
    )
    found = logged_in(sky, accounts="", lists=LIST).test()
    assert [one.ok for one in found] == [True, False, True]
    assert "deactivated" in found[1].text


def test_a_test_with_wrong_credentials_raises(sky: Sky) -> None:
    with pytest.raises(SourceError, match="Invalid identifier"):
        asking(sky, server=PDS, identifier="me.example.com", app_password="wrong-wrong").test()


def test_two_syncs_into_a_store_double_nothing(sky: Sky, store: Store) -> None:
    popular(sky)
    collected(sky)
    for one in CROWD[:5]:
        sky.follow(one, ANN)
    asked = asking(sky, lists=LIST, starter_packs=PACK)
    tables = ("account", "follow_edge", "post", "activity", "community", "membership", "former_handle")
    counted = []
    for _ in range(2):
        assert asked.sync(store).state == "done"
        counted.append({table: rows(store, f"SELECT count(*) FROM {table}")[0][0] for table in tables})
    assert counted[0] == counted[1]
    assert counted[0] == {
        "account": 1 + 7,
        "follow_edge": 5,
        "post": 3,
        "activity": 7,
        "community": 2,
        "membership": 10,
        "former_handle": 0,
    }
    assert asked.warned == []
    assert asked.rejected == []


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**18) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["did", "uri", "record", "$type"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["record", "author", "embed", "reply", "indexedAt", "likeCount"]), SHAPES), SHAPES
)
def test_no_entry_of_a_feed_can_break_it(changed: Json, reason: Any) -> None:
    sky = Sky()
    sky.add(ANN)
    sky.feeds[did(1)] = [{"post": post(2, ANN) | changed, "reason": reason}, {"post": post(1, ANN)}]
    found = asking(sky).records("posts", did(1))
    assert address_of(ANN, 1) in {one.uid for one in of(found, PostRecord)}


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = Bluesky()
    settings = {
        "server": PDS,
        "identifier": "me.example.com",
        "app_password": PASSWORD,
        "accounts": f"user1.example.com {did(2)}",
        "lists": LIST,
        "starter_packs": PACK,
    }
    expected = {"profiles": 2, "members": 5 + 5, "followers": 5 + 5, "posts": 1 + 6, "activities": 3 + 2 + 1 + 1}
    expected_later = {"members": 10, "followers": 11, "posts": 8, "activities": 8}

    def server(self, request: httpx.Request) -> httpx.Response:
        return self.sky()(request)

    def later(self, request: httpx.Request) -> httpx.Response:
        """One more post, one more follower, one more like."""
        sky = self.sky()
        sky.write(post(30, ANN))
        sky.follow(CROWD[30], ANN)
        famous = next(item["post"] for item in sky.feeds[did(1)] if item["post"]["likeCount"])
        famous["likeCount"] += 1
        sky.reactions[(famous["uri"], "likes")].insert(0, {"actor": brief(BOB), "createdAt": "2026-05-03T00:00:00Z"})
        return sky(request)

    def sky(self) -> Sky:
        sky = Sky()
        sky.valid, sky.refresh = {"access-1"}, {"refresh-1"}
        sky.add(ANN, BOB, CAT, DAN)
        popular(sky)
        collected(sky)
        sky.write(*(post(number, ANN) for number in range(20, 26)))
        for one in CROWD[:5]:
            sky.follow(one, ANN)
            sky.follow(BOB, one)
        return sky
