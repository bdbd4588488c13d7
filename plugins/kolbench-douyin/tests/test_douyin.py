"""What the kit can't know: the platform's words for refusing, its clocks, and how far a reading goes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from kolbench_douyin import Douyin
from kolbench_douyin.works import DAY, WORKS
from test_douyin_conformance import CREATOR, NOON, REFRESH, TOKEN, answer, part, person, refusal, whole, work

from kolbench import (
    AccountRecord,
    Denied,
    FollowRecord,
    Gone,
    Page,
    PostRecord,
    Pull,
    RateLimited,
    SnapshotRecord,
    SourceError,
    Transient,
    UsageError,
)
from kolbench.testing import Answer

Server = Callable[[httpx.Request], Answer]


class Told:
    """A server that is asked, and what the adapter says meanwhile."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.asked: list[httpx.Request] = []
        self.warnings: list[str] = []
        self.protected: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        found = self.server(request)
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    def pull(self, feed: str, cursor: str | None = None, target: str = CREATOR, **settings: str) -> list[Page]:
        return list(Douyin().pull(self.request(feed, cursor, target, **settings)))

    def request(self, feed: str, cursor: str | None = None, target: str = CREATOR, **settings: str) -> Pull:
        given = {"open_id": CREATOR, "access_token": TOKEN, "recount": "30", **settings}
        http = httpx.Client(transport=httpx.MockTransport(self))
        return Pull(
            feed,
            given,
            cursor,
            http=http,
            target=target,
            warn=self.warnings.append,
            protect=self.protected.append,
        )

    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]


def usual(request: httpx.Request) -> Answer:
    return answer(request, {"@item1==": NOON})


def always(code: int) -> Server:
    return lambda request: refusal(code)


def records(pages: list[Page]) -> list[Any]:
    return [record for page in pages for record in page.records]


def test_the_profile_and_the_figures_of_a_day_become_records() -> None:
    account, first, second = records(Told(usual).pull("profiles"))
    assert account == AccountRecord(uid=CREATOR, name="张伟", avatar_url="https://example.com/x.jpeg")
    assert isinstance(first, SnapshotRecord)
    assert first.metrics == {
        "followers": 1_001,
        "followers_gained": 1,
        "posts": 40,
        "posts_gained": 1,
        "views_gained": 500,
        "likes_gained": 30,
        "comments_gained": 3,
        "shares_gained": 2,
        "profile_visitors": 70,
    }
    assert second.observed_at == datetime(2026, 5, 2, 15, 59, 59, tzinfo=UTC)


def test_an_enterprise_account_says_so() -> None:
    def server(request: httpx.Request) -> Answer:
        if request.url.path != "/oauth/userinfo/":
            return usual(request)
        newer = {"open_id": CREATOR, "nickname": "茶", "e_account_role": "EAccountS", "error_code": "0"}
        return {"err_no": 0, "err_msg": "", "log_id": "2025", "data": newer}

    account = records(Told(server).pull("profiles"))[0]
    assert account.verified == "认证企业号"


def test_without_the_scope_of_the_figures_the_profile_is_kept() -> None:
    told = Told(lambda asked: refusal(28001018) if asked.url.path.startswith("/data/") else usual(asked))
    pages = told.pull("profiles")
    assert [type(record) for record in records(pages)] == [AccountRecord]
    assert pages[-1].cursor == "begin"
    assert "apply for it in the console" in told.warnings[0]
    assert len(told.paths()) == 2


def test_a_creator_who_is_gone_is_a_fact() -> None:
    for code in (28001045, 28001046):
        pages = Told(always(code)).pull("profiles")
        assert records(pages) == [AccountRecord(uid=CREATOR, gone=True)]
    with pytest.raises(Gone):
        Told(lambda asked: refusal(28001045)).pull("posts")


def test_a_day_that_is_none_is_rejected_alone() -> None:
    def server(request: httpx.Request) -> Answer:
        if request.url.path.endswith("/fans/"):
            return whole({"result_list": [{"date": "yesterday", "total_fans": 1}, {"date": "2026-05-03"}]})
        return usual(request)

    found = [record for record in records(Told(server).pull("profiles")) if isinstance(record, SnapshotRecord)]
    assert [record.observed_at.day for record in found] == [1, 2]


def test_a_work_becomes_a_post_with_its_counts() -> None:
    (post,) = records(Told(usual).pull("posts"))
    assert post == PostRecord(
        uid="@item1==",
        account_uid=CREATOR,
        published_at=datetime.fromtimestamp(NOON, UTC),
        kind="video",
        title="测试视频 #话题",
        url="https://www.iesdouyin.com/share/video/1/",
        metrics={"views": 3_000, "likes": 200, "comments": 20, "shares": 9, "forwards": 1, "downloads": 10},
    )


def test_counts_that_the_list_leaves_out_are_asked_for() -> None:
    def server(request: httpx.Request) -> Answer:
        if request.url.path.endswith("/video_data/"):
            assert json.loads(request.content) == {"item_ids": ["@b=="]}
            return whole({"list": [{"item_id": "@b==", "statistics": {"digg_count": 7}}]})
        return whole(part([work("@a==", NOON), work("@b==", NOON, statistics=None)], 0, 20))

    posts = records(Told(server).pull("posts"))
    assert [post.metrics.get("likes") for post in posts] == [200, 7]


def test_counts_that_are_not_allowed_are_left_out() -> None:
    def server(request: httpx.Request) -> Answer:
        if request.url.path.endswith("/video_data/"):
            return refusal(2190004)
        return whole(part([work("@b==", NOON, statistics=None)], 0, 20))

    told = Told(server)
    (post,) = records(told.pull("posts"))
    assert post.metrics == {}
    assert "counts" in told.warnings[0]


def channel(*ages: int, pinned: tuple[int, ...] = ()) -> Server:
    """A list of works so many days old, one in each answer, the pinned ones first."""
    works = [work(f"@{age}", NOON - age * DAY, is_top=age in pinned) for age in sorted(ages)]
    works.sort(key=lambda each: not each["is_top"])
    return lambda request: whole(part(works, int(request.url.params["cursor"]), 1))


def ages(pages: list[Page]) -> list[str]:
    return [record.uid for record in records(pages)]


def test_the_first_reading_goes_to_the_end_and_the_next_one_as_far_as_counts_change() -> None:
    first = Told(channel(1, 20, 40, 60)).pull("posts")
    assert ages(first) == ["@1", "@20", "@40", "@60"]
    assert ages(Told(channel(0, 1, 20, 40, 60)).pull("posts", first[-1].cursor)) == ["@0", "@1", "@20", "@40"]


def test_a_pinned_work_does_not_end_a_reading() -> None:
    first = Told(channel(1, 90)).pull("posts")
    later = Told(channel(0, 1, 20, 90, pinned=(90,))).pull("posts", first[-1].cursor)
    assert ages(later) == ["@90", "@0", "@1", "@20"]


def test_a_reading_that_was_cut_off_remembers_how_far_it_goes() -> None:
    first = Told(channel(1, 20, 40, 60)).pull("posts")
    cut = Told(channel(0, 1, 20, 40, 60)).pull("posts", first[-1].cursor)[0]
    assert ages(Told(channel(0, 1, 20, 40, 60)).pull("posts", cut.cursor)) == ["@1", "@20", "@40"]


def test_a_work_from_the_future_does_not_hide_those_to_come() -> None:
    last = Told(lambda asked: whole(part([work("@odd", NOON * 1_000)], 0, 20))).pull("posts")[-1]
    assert ages(Told(channel(1, 20)).pull("posts", last.cursor)) == ["@1", "@20"]


def test_since_bounds_the_first_reading() -> None:
    told = Told(channel(1, 20, 40, 60, 80))
    request = told.request("posts")
    since = datetime.fromtimestamp(NOON, UTC) - timedelta(days=30)
    pull = Pull(request.feed, request.settings, since=since, http=request.http, target=request.target)
    assert ages(list(Douyin().pull(pull))) == ["@1", "@20", "@40"]


def test_a_list_that_does_not_go_on_is_told() -> None:
    told = Told(lambda asked: whole({"list": [work("@a==", NOON)], "cursor": 0, "has_more": True}))
    assert ages(told.pull("posts")) == ["@a=="]
    assert "doesn't go on" in told.warnings[0]


def test_fans_follow_and_are_followed() -> None:
    told = Told(usual)
    fans = records(told.pull("followers", target="fans"))
    assert fans[0] == AccountRecord(uid="fan-0", name="李伟", avatar_url="https://example.com/x.jpeg", region="上海")
    assert fans[1] == FollowRecord(follower_uid="fan-0", account_uid=CREATOR)
    assert records(told.pull("followers", target="following"))[1] == FollowRecord(
        follower_uid=CREATOR, account_uid="friend"
    )


def test_a_list_of_people_goes_on_in_the_middle() -> None:
    def server(request: httpx.Request) -> Answer:
        return whole(part([person(f"p{number}") for number in range(25)], int(request.url.params["cursor"]), 10))

    first, *_rest = Told(server).pull("followers", target="fans")
    assert first.cursor == "10"
    assert records(Told(server).pull("followers", first.cursor, target="fans"))[0].uid == "p10"


def test_only_lists_that_there_are_can_be_asked_for() -> None:
    told = Told(usual)
    assert list(Douyin().targets(told.request("followers", lists="fans"))) == ["fans"]
    assert list(Douyin().targets(told.request("followers"))) == []
    with pytest.raises(UsageError, match="lists=friends"):
        Douyin().targets(told.request("followers", lists="friends"))


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (28001003, SourceError, "authorise the app again"),
        (2190008, SourceError, "authorise the app again"),
        (28001015, SourceError, "different people"),
        (28001012, Denied, "not granted"),
        (2190004, Denied, "apply for it"),
        (28001047, Denied, "private"),
        (28003018, RateLimited, "28003018"),
        (2100004, Transient, "2100004"),
        (28001005, Transient, "28001005"),
        (28003017, SourceError, "quota"),
        (2100005, SourceError, r"2100005 \(Parameter error\)"),
    ],
)
def test_a_refusal_is_what_it_is(code: int, kind: type[SourceError], words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        Told(lambda asked: refusal(code, "Parameter error")).pull("posts")
    kinds = (Denied, Gone, Transient, RateLimited)
    assert [each for each in kinds if isinstance(caught.value, each)] == [
        each for each in kinds if issubclass(kind, each)
    ]
    assert (caught.value.status == 401) == ("authorise" in words or "different" in words)


def test_a_refusal_in_the_place_of_the_newer_calls_is_seen() -> None:
    with pytest.raises(Denied):
        Told(lambda asked: {"err_no": 28001018, "err_msg": "应用未获得该能力", "data": {}}).pull("posts")
    with pytest.raises(SourceError, match="-1"):
        Told(lambda asked: {"data": {"error_code": "<nil>"}}).pull("posts")


def test_a_token_that_has_expired_is_renewed_once() -> None:
    told = Told(usual)
    posts = told.pull("posts", access_token="act.old-token", refresh_token=REFRESH, client_key="aw12345")
    assert ages(posts) == ["@item1=="]
    assert told.paths()[1] == "/oauth/refresh_token/"
    assert told.protected == [TOKEN]
    stubborn = Told(lambda asked: whole({"access_token": TOKEN}) if "oauth" in asked.url.path else refusal(28001008))
    with pytest.raises(SourceError, match="authorise"):
        stubborn.pull("posts", refresh_token=REFRESH, client_key="aw12345")
    assert len(stubborn.asked) == 3


def test_a_refresh_token_that_has_expired_asks_for_a_new_authorisation() -> None:
    with pytest.raises(SourceError, match="refresh token has expired"):
        Told(usual).pull("posts", access_token="", refresh_token="rft.an-old-token", client_key="aw12345")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"access_token": ""}, "Give access_token"),
        ({"access_token": "", "refresh_token": REFRESH}, "Give client_key"),
        ({"recount": "often"}, "recount=often"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings: dict[str, str], words: str) -> None:
    first = Told(usual).pull("posts")[-1].cursor
    with pytest.raises(UsageError, match=words):
        Told(usual).pull("posts", first, **settings)


def test_a_token_that_can_be_no_header_is_refused() -> None:
    with pytest.raises(SourceError, match="access token is none"):
        Told(usual).pull("posts", access_token="act.\u4f60")


def test_the_test_says_what_the_token_shows() -> None:
    found = list(Douyin().test(Told(usual).request("")))
    assert [finding.ok for finding in found] == [True] * 3
    assert "张伟" in found[0].text
    poor = Told(lambda asked: usual(asked) if "userinfo" in asked.url.path else refusal(28001012))
    found = list(Douyin().test(poor.request("")))
    assert [finding.ok for finding in found] == [True, False, False]
    assert "not granted" in found[1].text


def test_works_are_asked_for_in_the_largest_parts() -> None:
    told = Told(usual)
    told.pull("posts")
    assert told.asked[0].url.params["count"] == str(WORKS)
