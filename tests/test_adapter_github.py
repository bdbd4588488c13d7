"""GitHub as documented becomes accounts, follows, posts, communities, messages and activities, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from asking import Asking, of
from kolbench.adapters.github.adapter import GitHub
from kolbench.adapters.registry import faults
from kolbench.domain.errors import Gone, SourceError, Transient, UsageError
from kolbench.domain.identity import handle_ref
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
)
from kolbench.store.connect import Store

TOKEN = "ghp_" + "t" * 36
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
REPO = "/repos/octo/tea"


def at(minutes: float) -> str:
    return (NOON + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(number: int, login: str = "", **more: Any) -> dict[str, Any]:
    login = login or f"user{number}"
    return {
        "id": number,
        "login": login,
        "type": "User",
        "html_url": f"https://github.com/{login}",
        "site_admin": False,
        **more,
    }


OCTO, ANN, BOB, BOT = user(1, "octo"), user(2, "Ann"), user(3, "bob"), user(9, "robot[bot]", type="Bot")


def repository(number: int = 50, name: str = "octo/tea", **more: Any) -> dict[str, Any]:
    counts = {"stargazers_count": 12, "forks_count": 3, "open_issues_count": 4, "subscribers_count": 5}
    return {
        "id": number,
        "full_name": name,
        "owner": OCTO,
        "created_at": at(-99),
        "description": "茶",
        **counts,
        **more,
    }


def issue(number: int, who: Any = ANN, minutes: float = 0, changed: float | None = None, **more: Any) -> dict[str, Any]:
    times = {"created_at": at(minutes), "updated_at": at(minutes if changed is None else changed)}
    return {
        "number": number,
        "user": who,
        "title": f"issue {number}",
        "body": None,
        "author_association": "NONE",
        **times,
        **more,
    }


def comment(
    number: int, thread: int, who: Any = BOB, body: str = "words", minutes: float = 1, **more: Any
) -> dict[str, Any]:
    url = f"https://api.github.com{REPO}/issues/{thread}"
    times = {"created_at": at(minutes), "updated_at": at(minutes)}
    return {"id": number, "issue_url": url, "user": who, "body": body, "author_association": "NONE", **times, **more}


@dataclass
class Hub:
    """GitHub in memory: ``things`` by path; lists come by page, changed ones by time; each answer has a tag."""

    things: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path
        if path in self.statuses:
            status, headers = self.statuses[path]
            body = b"" if status == 204 else b'{"message": "no"}'
            return httpx.Response(status, headers=headers, content=body)
        if path not in self.things:
            return httpx.Response(404, json={"message": "Not Found"})
        thing, headers = self.things[path], {}
        if isinstance(thing, list):
            thing, headers = self._list(thing, request)
        if isinstance(thing, bytes):
            return httpx.Response(200, content=thing)
        tag = f'W/"{hash(json.dumps(thing))}"'
        if request.headers.get("if-none-match") == tag:
            return httpx.Response(304, headers={"etag": tag})
        return httpx.Response(200, json=thing, headers={**headers, "etag": tag})

    def _list(self, things: list[Any], request: httpx.Request) -> tuple[list[Any], dict[str, str]]:
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if asked.get("sort") == "updated":
            assert asked["direction"] == "asc"
            things = [one for one in things if one["updated_at"] >= asked.get("since", "")]
            things.sort(key=lambda one: (one["updated_at"], one.get("id", 0)))
        page, size = int(asked.get("page", 1)), int(asked["per_page"])
        more = len(things) > page * size
        link = f'<{request.url.copy_set_param("page", page + 1)}>; rel="next"' if more else ""
        return things[(page - 1) * size : page * size], {"link": link} if link else {}

    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]


def asking(hub: Hub, **settings: str) -> Asking:
    told = {"accounts": "octo", "repositories": "octo/tea", "token": TOKEN, **settings}
    return Asking(GitHub(), hub, told)


def acts(records: Any) -> set[tuple[str, str, str, str]]:
    found = of(records, InteractionRecord)
    return {(act.actor_uid, act.kind, act.object_uid, act.evidence_uid) for act in found}


def rest(asked: Asking, feed: str, target: str, pages: list[Any]) -> Iterator[list[Any]]:
    """What is read when a pull goes on behind each of the pages but the last."""
    for page in pages[:-1]:
        yield [record for one in asked.pages(feed, target, page.cursor) for record in one.records]


# What is read -------------------------------------------------------------------------------------------------


def test_it_declares_itself_soundly() -> None:
    assert faults(GitHub()) == []


def test_each_feed_has_the_targets_it_is_about() -> None:
    asked = asking(
        Hub(), accounts="@octo https://github.com/Ann/", organisations="acme", repositories="octo/tea,acme/.github"
    )
    assert asked.targets("profiles") == ["octo", "Ann", "acme"]
    assert asked.targets("followers") == ["octo", "Ann"]
    assert asked.targets("posts") == ["octo", "Ann", "acme", "octo/tea", "acme/.github"]
    assert asked.targets("members") == ["acme", "octo/tea", "acme/.github"]
    assert asked.targets("messages") == asked.targets("activities") == ["octo/tea", "acme/.github"]


@pytest.mark.parametrize(
    "settings",
    [
        {"accounts": "a/b"},
        {"accounts": "../x"},
        {"repositories": "octo"},
        {"repositories": "octo/.."},
        {"repositories": "octo/tea/issues"},
        {"accounts": "", "repositories": ""},
    ],
)
def test_what_is_no_name_is_refused(settings: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        asking(Hub(), **settings).targets("posts")


# Profiles -----------------------------------------------------------------------------------------------------


def test_a_profile_is_read_with_its_counts() -> None:
    full = user(1, "octo", name="达人", bio="ships", location="Shanghai", email="o@example.org", followers=7)
    hub = Hub({"/users/octo": {**full, "following": 2, "public_repos": 3, "created_at": at(-9), "company": None}})
    (account,) = asking(hub).records("profiles", "octo")
    assert isinstance(account, AccountRecord)
    assert (account.uid, account.handle, account.name, account.region) == ("1", "octo", "达人", "Shanghai")
    assert account.metrics == {"followers": 7, "following": 2, "posts": 3}
    assert account.contacts[0].value == "o@example.org"
    assert (account.gone, account.is_bot, account.category) == (False, None, None)
    headers = hub.asked[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["x-github-api-version"] == "2022-11-28"


def test_a_profile_that_has_not_changed_is_asked_for_by_its_tag_and_yields_nothing() -> None:
    hub = Hub({"/users/octo": user(1, "octo", followers=7)})
    asked = asking(hub)
    (page,) = asked.pages("profiles", "octo")
    assert asked.pages("profiles", "octo", page.cursor) == []
    hub.things["/users/octo"]["followers"] = 8
    (again,) = asked.pages("profiles", "octo", page.cursor)
    assert again.records[0].metrics == {"followers": 8}  # type: ignore[union-attr]


def test_bots_and_organisations_are_told_from_people() -> None:
    hub = Hub({"/users/a": user(1, "a", type="Organization"), "/users/b": user(2, "b", type="Bot")})
    assert asking(hub).records("profiles", "a")[0].category == "organisation"  # type: ignore[union-attr]
    assert asking(hub).records("profiles", "b")[0].is_bot is True  # type: ignore[union-attr]


def test_an_account_that_is_gone_is_marked_so_by_the_best_name_there_is() -> None:
    hub = Hub({"/users/octo": OCTO})
    asked = asking(hub)
    (page,) = asked.pages("profiles", "octo")
    del hub.things["/users/octo"]
    assert asked.records("profiles", "octo", page.cursor) == [AccountRecord(uid="1", gone=True)]
    assert asked.records("profiles", "octo") == [AccountRecord(uid=handle_ref("octo"), gone=True)]


def test_a_renamed_account_is_found_by_its_id() -> None:
    hub = Hub({"/users/octo": OCTO})
    asked = asking(hub)
    (page,) = asked.pages("profiles", "octo")
    hub.things = {"/user/1": user(1, "octopus")}
    (account,) = asked.records("profiles", "octo", page.cursor)
    assert (account.uid, account.handle, account.gone) == ("1", "octopus", None)  # type: ignore[union-attr]
    assert "octo is called octopus now" in asked.warned[0]


# Followers ----------------------------------------------------------------------------------------------------


def test_followers_and_followed_are_read_to_the_end_and_from_every_page() -> None:
    fans, idols = [user(n) for n in range(100, 350)], [user(n) for n in range(500, 620)]
    hub = Hub({"/users/octo": {**OCTO, "followers": 250, "following": 120}})
    hub.things |= {"/users/octo/followers": fans, "/users/octo/following": idols}
    asked = asking(hub)
    pages = asked.pages("followers", "octo")
    edges = [edge for page in pages for edge in of(page.records, FollowRecord)]
    assert {edge.follower_uid for edge in edges if edge.account_uid == "1"} == {str(fan["id"]) for fan in fans}
    assert {edge.account_uid for edge in edges if edge.follower_uid == "1"} == {str(idol["id"]) for idol in idols}
    assert [len(of(page.records, FollowRecord)) for page in pages] == [100, 100, 50, 100, 20]
    assert pages[0].total == 370
    for done, records in enumerate(rest(asked, "followers", "octo", pages), 1):
        assert records == [record for page in pages[done:] for record in page.records]
    assert asked.pages("followers", "octo", pages[-1].cursor)[0].records == pages[0].records


def test_a_list_that_links_to_itself_ends_with_a_warning() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/users/octo":
            return httpx.Response(200, json=OCTO)
        return httpx.Response(
            200, json=[ANN], headers={"link": f'<{request.url.copy_set_param("page", 2)}>; rel="next"'}
        )

    asked = Asking(GitHub(), server, {"accounts": "octo"})
    assert len(asked.pages("followers", "octo")) == 4
    assert "repeats itself" in asked.warned[0]


def test_a_link_to_another_host_leads_nowhere_else() -> None:
    seen = []

    def server(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        if request.url.path == "/users/octo":
            return httpx.Response(200, json=OCTO)
        more = {} if "page" in request.url.params else {"link": '<https://evil.example/x?page=2>; rel="next"'}
        return httpx.Response(200, json=[ANN], headers=more)

    Asking(GitHub(), server, {"accounts": "octo", "token": TOKEN}).pages("followers", "octo")
    assert set(seen) == {"api.github.com"}


# Posts and members --------------------------------------------------------------------------------------------


def test_own_repositories_are_posts_and_forks_are_not() -> None:
    hub = Hub({"/users/octo/repos": [repository(), repository(51, "octo/fork", fork=True)]})
    records = asking(hub).records("posts", "octo")
    (post,) = of(records, PostRecord)
    assert (post.uid, post.account_uid, post.kind, post.title, post.text) == ("50", "1", "repository", "octo/tea", "茶")
    assert post.metrics == {"likes": 12, "shares": 3, "watchers": 5, "open_issues": 4}
    assert [account.handle for account in of(records, AccountRecord)] == ["octo"]


def test_an_organisations_repositories_are_asked_for_as_such() -> None:
    hub = Hub({"/orgs/acme/repos": [repository()]})
    assert len(of(asking(hub, organisations="acme").records("posts", "acme"), PostRecord)) == 1


def test_releases_are_posts_of_who_published_them() -> None:
    release = {"id": 7, "tag_name": "v1", "name": None, "body": "new", "author": ANN, "published_at": at(1)}
    assets = [{"download_count": 4}, {"download_count": 5}]
    full = {**release, "draft": False, "assets": assets, "reactions": {"total_count": 6, "+1": 6}}
    releases = [full, {**release, "id": 8, "draft": True}, {**release, "id": 9, "author": None}, {"id": "x"}]
    hub = Hub({REPO: repository(), f"{REPO}/releases": releases})
    asked = asking(hub)
    made, published = of(asked.records("posts", "octo/tea"), PostRecord)
    assert made.kind == "repository"
    assert (published.uid, published.account_uid, published.title) == ("release-7", "2", "v1")
    assert published.metrics == {"downloads": 9, "likes": 6}
    assert len(asked.rejected) == 1


def test_members_of_an_organisation_and_contributors_of_a_repository() -> None:
    hub = Hub({"/users/acme": user(70, "acme", name="Acme"), "/orgs/acme/members": [ANN, BOB]})
    records = asking(hub, organisations="acme").records("members", "acme")
    assert of(records, CommunityRecord) == [
        CommunityRecord(uid="org-70", name="Acme", kind="organisation", url="https://github.com/acme")
    ]
    assert {(one.account_uid, one.role) for one in of(records, MembershipRecord)} == {("2", "member"), ("3", "member")}
    hub.things |= {
        REPO: repository(),
        f"{REPO}/contributors": [{**ANN, "contributions": 32}, {**BOT, "contributions": 9}],
    }
    records = asking(hub).records("members", "octo/tea")
    assert of(records, CommunityRecord)[0].name == "octo/tea"
    assert {(one.account_uid, one.role) for one in of(records, MembershipRecord)} == {
        ("2", "contributor"),
        ("9", "contributor"),
    }


def test_an_empty_repository_has_no_contributors() -> None:
    hub = Hub({REPO: repository()}, {f"{REPO}/contributors": (204, {})})
    assert of(asking(hub).records("members", "octo/tea"), MembershipRecord) == []


# Messages -----------------------------------------------------------------------------------------------------


def talking() -> Hub:
    """Two threads: an issue of Ann's and a pull request of Bob's, with answers to both."""
    pull = {"pull_request": {"url": "x"}}
    issues = [
        issue(1, ANN, 0, 6, body="thanks @octo", author_association="CONTRIBUTOR"),
        issue(2, BOB, 2, 9, **pull),
        issue(3, None, 3),
        issue(4, user(10137, "ghost"), 4),
    ]
    comments = [
        comment(11, 1, BOB, "@ann thanks!", 5),
        comment(12, 1, BOT, "@ann I am a bot", 6),
        comment(13, 2, OCTO, "looks fine", 7, author_association="OWNER"),
        comment(14, 3, ANN, "nobody asked", 8),
        comment(15, 1, ANN, "> @bob quoted\nmy own", 9),
    ]
    code = [
        {
            **comment(21, 0, ANN, "why?", 8),
            "pull_request_url": f"https://api.github.com{REPO}/pulls/2",
            "issue_url": None,
        },
        {
            **comment(22, 0, BOB, "so", 9),
            "pull_request_url": f"https://api.github.com{REPO}/pulls/2",
            "in_reply_to_id": 21,
        },
    ]
    for one in code:
        one.pop("issue_url")
    return Hub(
        {
            REPO: repository(),
            f"{REPO}/issues": issues,
            f"{REPO}/issues/comments": comments,
            f"{REPO}/pulls/comments": code,
        }
    )


def test_a_repository_is_a_community_in_which_people_talk() -> None:
    asked = asking(talking())
    records = asked.records("messages", "octo/tea")
    messages = {one.uid: one for one in of(records, MessageRecord)}
    assert set(messages) == {
        *("50#1", "50#2", "issuecomment-11", "issuecomment-12", "issuecomment-13", "issuecomment-14"),
        *("issuecomment-15", "discussion_r21", "discussion_r22"),
    }
    assert messages["50#1"].text == "issue 1\n\nthanks @octo"
    assert {one.community_uid for one in messages.values()} == {"50"}
    assert messages["issuecomment-11"].reply_to_uid == "50#1"
    assert messages["discussion_r21"].reply_to_uid == "50#2"
    assert messages["discussion_r22"].reply_to_uid == "discussion_r21"
    assert acts(records) == {
        ("2", "mention", "handle:octo", "50#1"),
        ("2", "thank", "handle:octo", "50#1"),
        ("3", "reply", "handle:ann", "issuecomment-11"),
        ("3", "thank", "handle:ann", "issuecomment-11"),
        ("3", "reply", "2", "issuecomment-11"),
        ("1", "reply", "3", "issuecomment-13"),
        ("2", "reply", "3", "discussion_r21"),
    }
    assert asked.rejected == []


def test_roles_staff_and_bots_are_told() -> None:
    records = asking(talking()).records("messages", "octo/tea")
    people: dict[str | None, tuple[bool | None, bool | None]] = {}
    for account in of(records, AccountRecord):
        known = people.get(account.handle, (None, None))
        people[account.handle] = (account.is_bot or known[0], account.is_staff or known[1])
    assert people == {"octo": (None, True), "Ann": (None, None), "bob": (None, None), "robot[bot]": (True, None)}
    roles = {(one.account_uid, one.role) for one in of(records, MembershipRecord)}
    assert roles == {("2", "contributor"), ("1", "owner")}


def test_a_second_sync_is_answered_for_nothing_until_something_changes() -> None:
    hub = talking()
    asked = asking(hub)
    cursor = asked.pages("messages", "octo/tea")[-1].cursor
    hub.asked.clear()
    assert asked.pages("messages", "octo/tea", cursor) == []
    assert [request.headers.get("if-none-match") is None for request in hub.asked] == [True, False, False, False]
    hub.things[f"{REPO}/issues/comments"].append(comment(16, 2, ANN, "new", 20))
    hub.things[f"{REPO}/issues/2"] = issue(2, BOB)
    records = [one for page in asked.pages("messages", "octo/tea", cursor) for one in page.records]
    assert "issuecomment-16" in {one.uid for one in of(records, MessageRecord)}
    assert ("2", "reply", "3", "issuecomment-16") in acts(records)


def test_the_author_of_an_old_thread_is_asked_for_once() -> None:
    hub = talking()
    asked = asking(hub)
    first = asked.pages("messages", "octo/tea")
    hub.things |= {f"{REPO}/issues/2": issue(2, BOB)}
    hub.asked.clear()
    behind = first[0].cursor
    records = [one for page in asked.pages("messages", "octo/tea", behind) for one in page.records]
    assert ("1", "reply", "3", "issuecomment-13") in acts(records)
    assert hub.paths().count(f"{REPO}/issues/2") == 1


def many(count: int, apart: float = 1) -> Hub:
    hub = Hub({REPO: repository(), f"{REPO}/issues": [issue(n, user(n), n * apart) for n in range(1, count + 1)]})
    hub.things |= {f"{REPO}/issues/comments": [], f"{REPO}/pulls/comments": [], f"{REPO}/stargazers": []}
    return hub


@pytest.mark.parametrize("apart", [1, 0.001, 0])
def test_every_issue_is_read_however_many_were_changed_in_one_second(apart: float) -> None:
    hub = many(350, apart)
    asked = asking(hub)
    pages = asked.pages("messages", "octo/tea")
    uids = {one.uid for page in pages for one in of(page.records, MessageRecord)}
    assert uids == {f"50#{n}" for n in range(1, 351)}
    for done, records in enumerate(rest(asked, "messages", "octo/tea", pages), 1):
        left = {one.uid for page in pages[done:] for one in of(page.records, MessageRecord)}
        assert left <= {one.uid for one in of(records, MessageRecord)}


def test_what_changes_while_it_is_read_hides_nothing() -> None:
    hub = many(350)
    issues = hub.things[f"{REPO}/issues"]
    asked = asking(hub)
    seen = set()
    with asked.pull("messages", "octo/tea").http as http:  # type: ignore[union-attr]
        pull = asked.pull("messages", "octo/tea")
        assert http
        for number, page in enumerate(asked.adapter.pull(pull)):
            seen |= {one.uid for one in of(page.records, MessageRecord)}
            for changed in issues[number * 50 : number * 50 + 50]:
                changed["updated_at"] = at(1000 + number)
    assert seen == {f"50#{n}" for n in range(1, 351)}


def test_since_bounds_the_first_read_only() -> None:
    hub = many(5, apart=60)
    pages = asking(hub).pages("messages", "octo/tea", None, NOON + timedelta(hours=4))
    assert {one.uid for page in pages for one in of(page.records, MessageRecord)} == {"50#4", "50#5"}


def test_a_server_that_ignores_since_and_page_ends_with_a_warning() -> None:
    issues = [issue(n, ANN, n) for n in range(1, 101)]

    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path == REPO:
            return httpx.Response(200, json=repository())
        answer = issues if request.url.path.endswith("/issues") else []
        more = {"link": f'<{request.url}>; rel="next"'} if answer else {}
        return httpx.Response(200, json=answer, headers=more)

    asked = Asking(GitHub(), server, {"repositories": "octo/tea"})
    assert len(asked.pages("messages", "octo/tea")) < 5
    assert "repeats itself" in asked.warned[0]


def test_issues_switched_off_leave_the_rest() -> None:
    hub = talking()
    hub.statuses[f"{REPO}/issues"] = (410, {})
    assert "issuecomment-11" in {one.uid for one in of(asking(hub).records("messages", "octo/tea"), MessageRecord)}


def test_a_damaged_item_is_rejected_alone() -> None:
    hub = talking()
    hub.things[f"{REPO}/issues/comments"].append({**comment(17, 1), "id": "seventeen"})
    asked = asking(hub)
    hub.things[f"{REPO}/issues/comments"].append({**comment(18, 1), "updated_at": at(1).removesuffix("Z")})
    assert len(of(asked.records("messages", "octo/tea"), MessageRecord)) == 9
    assert [row.column for row in asked.rejected] == ["updated_at", "id"]


def test_times_at_the_beginning_of_the_calendar_and_endless_numbers_end_no_list() -> None:
    hub = many(150)
    for one in hub.things[f"{REPO}/issues"]:
        one["updated_at"] = "0001-01-01T00:00:00Z"
    endless = {**comment(17, 1), "issue_url": f"https://api.github.com{REPO}/issues/{'9' * 5_000}"}
    hub.things[f"{REPO}/issues/comments"] = [endless, comment(18, 1)]
    told = {one.uid for one in of(asking(hub).records("messages", "octo/tea"), MessageRecord)}
    assert told >= {"50#1", "50#150", "issuecomment-18"}


# Activities ---------------------------------------------------------------------------------------------------


def test_reviews_are_acts_towards_who_asked_for_them() -> None:
    hub = many(0)
    hub.things[f"{REPO}/issues"] = [issue(1, ANN, 0, pull_request={}), issue(2, BOB, 1)]
    review = {"user": BOB, "author_association": "MEMBER", "state": "APPROVED", "submitted_at": at(5)}
    hub.things[f"{REPO}/pulls/1/reviews"] = [
        {"id": 31, "body": "nice @octo", **review},
        {"id": 32, "body": "", **review},
        {"id": 33, "body": "draft", **review, "submitted_at": None},
        {"id": 34, "body": "own", **review, "user": ANN},
        {"id": 35, "body": "x", **review, "user": None},
    ]
    records = asking(hub).records("activities", "octo/tea")
    assert acts(records) == {
        ("3", "review", "2", "pullrequestreview-31"),
        ("3", "review", "2", "pullrequestreview-32"),
        ("3", "mention", "handle:octo", "pullrequestreview-31"),
    }
    assert {one.uid for one in of(records, MessageRecord)} == {"pullrequestreview-31", "pullrequestreview-34"}
    assert f"{REPO}/pulls/2/reviews" not in hub.paths()


def star(number: int) -> dict[str, Any]:
    return {"starred_at": at(number), "user": user(number)}


def fans(records: Any) -> set[int]:
    return {int(act.actor_uid) for act in of(records, InteractionRecord) if act.kind == "star"}


def test_stars_are_read_on_from_the_newest_even_when_others_were_taken_back() -> None:
    hub = many(0)
    stars = hub.things[f"{REPO}/stargazers"] = [star(n) for n in range(100, 450)]
    asked = asking(hub)
    pages = asked.pages("activities", "octo/tea")
    assert fans([one for page in pages for one in page.records]) == set(range(100, 450))
    assert hub.asked[-1].headers["accept"] == "application/vnd.github.star+json"
    for done, records in enumerate(rest(asked, "activities", "octo/tea", pages), 1):
        assert fans(records) >= fans([one for page in pages[done:] for one in page.records])
    del stars[:230]
    stars += [star(n) for n in range(450, 460)]
    again = [one for page in asked.pages("activities", "octo/tea", pages[-1].cursor) for one in page.records]
    assert fans(again) >= set(range(450, 460))


def test_stars_that_github_does_not_list_are_left_out_in_words() -> None:
    hub = many(0)
    hub.statuses[f"{REPO}/stargazers"] = (422, {})
    asked = asking(hub)
    asked.pages("activities", "octo/tea")
    assert "no stars beyond page 1" in asked.warned[0]


# Failures -----------------------------------------------------------------------------------------------------


def test_a_renamed_repository_is_followed_on_the_same_host_and_told() -> None:
    hub = Hub({"/repositories/50": repository(name="octo/coffee"), "/repos/octo/coffee/contributors": [ANN]})
    hub.statuses[REPO] = (301, {"location": "https://api.github.com/repositories/50"})
    asked = asking(hub)
    assert len(of(asked.records("members", "octo/tea"), MembershipRecord)) == 1
    assert "octo/tea is called octo/coffee now" in asked.warned[0]
    assert all(request.headers["authorization"] for request in hub.asked)


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_repository_that_is_gone_is_a_state(status: int) -> None:
    hub = Hub({}, {REPO: (status, {})})
    with pytest.raises(Gone):
        asking(hub).pages("messages", "octo/tea")


def test_wrong_credentials_leave_the_adapter() -> None:
    hub = Hub({}, {"/users/octo": (401, {}), "/user": (401, {})})
    for ask in (lambda: asking(hub).pages("profiles", "octo"), asking(hub).test):
        with pytest.raises(SourceError) as caught:
            ask()
        assert caught.value.status == 401
        assert TOKEN not in str(caught.value)


def test_html_instead_of_json_may_pass() -> None:
    with pytest.raises(Transient):
        asking(Hub({"/users/octo": b"<html>unicorn</html>"})).pages("profiles", "octo")


def test_a_secondary_limit_is_waited_out() -> None:
    hub = Hub({"/users/octo": OCTO})
    answers = [httpx.Response(403, headers={"retry-after": "60"}, json={})]
    asked = Asking(GitHub(), lambda request: answers.pop() if answers else hub(request), {"accounts": "octo"})
    before = asked.clock.seconds
    assert len(asked.pages("profiles", "octo")) == 1
    assert asked.clock.seconds - before >= 60


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"id": "x"}', "null", "\x00"])
def test_a_cursor_it_cannot_read_starts_over(cursor: str) -> None:
    hub = many(3)
    hub.things |= {"/users/octo": OCTO, "/users/octo/followers": [ANN], "/users/octo/following": []}
    for feed, target in (
        ("profiles", "octo"),
        ("followers", "octo"),
        ("messages", "octo/tea"),
        ("activities", "octo/tea"),
    ):
        assert asking(hub).records(feed, target, cursor) == asking(hub).records(feed, target)


def test_the_credentials_are_described_in_words() -> None:
    limits = {"resources": {"core": {"limit": 5000, "remaining": 4987, "reset": 1}}}
    hub = Hub({"/user": OCTO, "/rate_limit": limits})
    texts = [finding.text for finding in asking(hub).test()]
    assert texts == ["The token belongs to octo.", "4987 of 5000 requests an hour are left."]
    assert [finding.ok for finding in asking(hub, token="").test()] == [True, True]
    app = Hub({}, {"/user": (403, {})})
    assert [finding.text for finding in asking(app).test()][1] == "The server limits no requests."


def test_a_sync_lands_in_the_store_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("KOLBENCH_NOW", "2026-05-05T12:00:00Z")
    hub = talking()
    hub.things |= {"/users/octo": OCTO, "/users/octo/followers": [ANN, BOB], "/users/octo/following": []}
    hub.things |= {"/users/octo/repos": [repository()], f"{REPO}/releases": [], f"{REPO}/contributors": [ANN]}
    hub.things |= {f"{REPO}/stargazers": [star(100)], f"{REPO}/pulls/2/reviews": []}
    asked = asking(hub)
    with closing(Store.open(tmp_path / "k.db")) as store:
        first, again = asked.sync(store), asked.sync(store, full=True)
        counted = {
            table: store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("account", "follow_edge", "message", "activity", "post", "community")
        }
    assert (first.state, again.state, asked.warned) == ("done", "done", [])
    # Ann's mention of octo, her thanks to them, Bob's reply and thanks to Ann, two replies to Bob, a star.
    assert counted == {"account": 5, "follow_edge": 2, "message": 9, "activity": 7, "post": 1, "community": 1}
    assert (again.counts.new, again.counts.changed) == (0, 0)
