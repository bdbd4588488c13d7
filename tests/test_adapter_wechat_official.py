"""What the adapter of WeChat official accounts makes of the documented answers, and of error codes at status 200."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from json import loads
from typing import Any

import httpx
import pytest

from asking import Asking, of
from kolbench.adapters.protocol import Page
from kolbench.adapters.registry import faults
from kolbench.adapters.wechat_official.adapter import ACCOUNT, ARTICLES, DAYS, FIGURES, WeChatOfficial
from kolbench.adapters.wechat_official.api import BEIJING
from kolbench.adapters.wechat_official.entities import msgid, parts, web_address
from kolbench.domain.errors import Denied, Gone, RateLimited, SourceError, Transient
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    FollowRecord,
    InteractionRecord,
    MembershipRecord,
    PostRecord,
    SnapshotRecord,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

NOW = datetime(2026, 5, 20, 12, tzinfo=BEIJING)
TODAY = NOW.date()
APPID, SECRET = "wx0123456789abcdef", "app-secret-of-the-account"
Json = dict[str, Any]


def day(days: int) -> date:
    """So many days before today in Beijing."""
    return TODAY - timedelta(days=days)


def stamp(days: float) -> int:
    """So many days before now in seconds since 1970."""
    return int((NOW - timedelta(days=days)).timestamp())


def evening(of_day: date) -> datetime:
    return datetime(of_day.year, of_day.month, of_day.day, 23, 59, 59, tzinfo=BEIJING)


def counted(number: int, days: int, **more: Any) -> Json:
    """An article published so many days ago, read ten times more each day."""
    told = [
        {
            "stat_date": day(then).isoformat(),
            "read_user": 10 * (days - then + 1),
            "read_user_source": [{"user_count": 1, "scene_desc": "全部"}],
            "share_user": 3,
            "zaikan_user": 2,
            "like_user": 5,
            "comment_count": 0,
            "collection_user": 1,
            "read_subscribe_user": 4,
            "read_finish_rate": 0.63,
        }
        | more
        for then in range(days, 0, -1)
    ]
    return {
        "ref_date": day(days).isoformat(),
        "msgid": f"{number}_1",
        "publish_type": 0,
        "title": f"文章 {number}",
        "content_url": f"http://mp.weixin.qq.com/s?__biz=B&mid={number}&idx=1&sn=x",
        "detail_list": told,
    }


def published(number: int, days: float, *deleted: bool) -> Json:
    news = [
        {
            "title": f"文章 {number}",
            "digest": "茶",
            "url": f"http://mp.weixin.qq.com/s?__biz=B&mid={number}&idx={place}&sn=x#rd",
            "is_deleted": is_deleted,
        }
        for place, is_deleted in enumerate(deleted or (False,), 1)
    ]
    content = {"news_item": news, "create_time": stamp(days), "update_time": stamp(days)}
    return {"article_id": f"A{number}", "content": content, "update_time": stamp(days)}


def fan(name: str, **more: Any) -> Json:
    return {
        "subscribe": 1,
        "openid": name,
        "nickname": "",
        "sex": 0,
        "subscribe_time": stamp(3),
        "remark": "",
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE",
    } | more


class Platform:
    """One official account in memory; ``most`` openids a page."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.fans = [fan(f"o{number}") for number in range(5)]
        self.tags = [{"id": 2, "name": "星标组", "count": 1}]
        self.totals = {day(days): 1000 - days for days in range(1, 400)}
        self.ways = [(0, 5, 1), (30, 7, 2)]
        self.counted: list[Json] = []
        self.published: list[Json] = []
        self.comments: list[Json] = []
        self.token, self.tokens = "token-number-1", 0
        self.strict = False
        self.asked: list[tuple[str, Json]] = []
        self.errors: dict[str, Json] = {}
        self.stand_in: Callable[[httpx.Request], httpx.Response | None] = lambda request: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.rpartition("/")[2]
        body = loads(request.content) if request.content else dict(request.url.params)
        self.asked.append((path, body))
        if answer := self.stand_in(request):
            return answer
        if path in self.errors:
            return ok(self.errors[path])
        if path == "stable_token":
            return self.log_in(body)
        if request.url.params["access_token"] != self.token:
            return ok({"errcode": 42001, "errmsg": "access_token expired rid: 1"})
        if path == "get" and "quota" in request.url.path:
            path = "quota"
        elif path == "get":
            path = "tags" if "tags" in request.url.path else "user"
        elif path == "batchget":
            path = "articles" if "freepublish" in request.url.path else "info"
        elif path == "list":
            path = "comments_of"
        served: Json = getattr(self, f"serve_{path}")(body)
        return ok(served)

    def log_in(self, body: Json) -> httpx.Response:
        if (body["appid"], body["secret"]) != (APPID, SECRET):
            return ok({"errcode": 40125, "errmsg": "invalid appsecret rid: 1"})
        self.tokens += 1
        return ok({"access_token": self.token, "expires_in": 7200})

    def serve_user(self, body: Json) -> Json:
        openids = [one["openid"] for one in self.fans]
        after = body.get("next_openid")
        first = openids.index(after) + 1 if after in openids else 0
        part = openids[first : first + self.most]
        told = {"total": len(openids), "count": len(part), "next_openid": part[-1] if part else ""}
        return told | ({"data": {"openid": part}} if part else {})

    def serve_info(self, body: Json) -> Json:
        wanted = [one["openid"] for one in body["user_list"]]
        return {"user_info_list": [one for one in self.fans if one["openid"] in wanted]}

    def serve_tags(self, body: Json) -> Json:
        return {"tags": self.tags}

    def span(self, body: Json) -> list[date]:
        first, last = date.fromisoformat(body["begin_date"]), date.fromisoformat(body["end_date"])
        assert timedelta() <= last - first < timedelta(days=7)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def serve_getusercumulate(self, body: Json) -> Json:
        days = [one for one in self.span(body) if one in self.totals]
        return {
            "list": [{"ref_date": one.isoformat(), "user_source": 0, "cumulate_user": self.totals[one]} for one in days]
        }

    def serve_getusersummary(self, body: Json) -> Json:
        days = [one for one in self.span(body) if one in self.totals]
        return {
            "list": [
                {"ref_date": one.isoformat(), "user_source": way, "new_user": new, "cancel_user": lost}
                for one in days
                for way, new, lost in self.ways
            ]
        }

    def serve_getarticletotaldetail(self, body: Json) -> Json:
        (of_day,) = self.span(body)
        return {"list": [one for one in self.counted if one["ref_date"] == of_day.isoformat()], "is_delay": False}

    def serve_articles(self, body: Json) -> Json:
        newest = sorted(self.published, key=lambda one: -one["update_time"])
        if body["no_content"] and self.strict:
            newest = [{name: value for name, value in one.items() if name != "content"} for one in newest]
        part = newest[body["offset"] : body["offset"] + min(body["count"], self.most)]
        return {"total_count": len(newest), "item_count": len(part), "item": part}

    def serve_comments_of(self, body: Json) -> Json:
        part = self.comments[body["begin"] : body["begin"] + body["count"]]
        return {"errcode": 0, "errmsg": "ok", "total": len(self.comments), "comment": part}

    def serve_quota(self, body: Json) -> Json:
        return {"errcode": 0, "errmsg": "ok", "quota": {"daily_limit": 500, "used": 20, "remain": 480}}

    def paths(self) -> list[str]:
        return [path for path, _body in self.asked]


def ok(answer: Json) -> httpx.Response:
    return httpx.Response(200, json=answer)


def error(code: int, message: str = "error rid: 1") -> Json:
    return {"errcode": code, "errmsg": message}


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW.isoformat())


@pytest.fixture
def platform() -> Platform:
    return Platform()


def asking(platform: Platform, **more: str) -> Asking:
    return Asking(WeChatOfficial(), platform, {"appid": APPID, "appsecret": SECRET, **more})


def ids(pages: list[Page]) -> list[str]:
    return [one.uid for page in pages for one in of(page.records, PostRecord)]


def test_it_declares_itself_soundly() -> None:
    assert faults(WeChatOfficial()) == []


# The account --------------------------------------------------------------------------------------------------


def test_the_account_comes_in_with_its_followers_and_the_name_that_was_given(platform: Platform) -> None:
    asked = asking(platform, name="茶与水", handle="tea-and-water")
    assert asked.records("profiles", ACCOUNT) == [
        AccountRecord(uid=APPID, handle="tea-and-water", name="茶与水", gone=False, metrics={"followers": 5})
    ]


def test_an_account_without_the_right_to_its_followers_comes_in_without(platform: Platform) -> None:
    platform.errors["get"] = error(48001, "api unauthorized")
    asked = asking(platform)
    assert [one.metrics for one in of(asked.records("profiles", ACCOUNT), AccountRecord)] == [{}]
    assert "unverified accounts lack it, and personal ones can't be verified" in asked.warned[0]


def test_followers_are_counted_day_by_day_a_week_a_request(platform: Platform) -> None:
    asked = asking(platform, days="10")
    pages = asked.pages("profiles", DAYS)
    first, *_rest, last = [one for page in pages for one in of(page.records, SnapshotRecord)]
    assert [len(page.records) for page in pages] == [7, 3]
    assert first.observed_at == evening(day(10))
    assert last == SnapshotRecord(
        account_uid=APPID,
        metrics={"followers": 999, "followers_gained_day": 9, "followers_new_day": 12, "followers_lost_day": 3},
        observed_at=evening(day(1)),
    )
    assert len(asked.records("profiles", DAYS, pages[0].cursor)) == 3
    assert asked.pages("profiles", DAYS, pages[-1].cursor) == []


def test_a_day_that_is_not_counted_yet_is_read_the_next_time(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    del platform.totals[day(1)]
    asked = asking(platform, days="3")
    cursor = asked.pages("profiles", DAYS)[-1].cursor
    platform.totals[day(1)] = 999
    assert [one.observed_at for one in of(asked.records("profiles", DAYS, cursor), SnapshotRecord)] == [evening(day(1))]
    monkeypatch.setenv("KOLBENCH_NOW", NOW.replace(hour=7, minute=59).isoformat())
    platform.asked.clear()
    asked.records("profiles", DAYS)
    assert platform.asked[-1][1]["end_date"] == day(2).isoformat()


def test_a_day_that_nobody_asked_for_does_not_stop_the_next_sync(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve = platform.serve_getusercumulate
    stray = {"ref_date": "9999-12-31", "cumulate_user": 1}
    monkeypatch.setattr(platform, "serve_getusercumulate", lambda body: {"list": [*serve(body)["list"], stray]})
    del platform.totals[day(1)]
    asked = asking(platform, days="3")
    assert asked.pages("profiles", DAYS)[-1].cursor == f'{{"day":"{day(2)}"}}'


def test_nothing_is_asked_of_from_before_wechat_counted(platform: Platform) -> None:
    asked = asking(platform, days="36500")
    assert asked.pages("profiles", DAYS)[0].cursor == '{"day":"2014-12-07"}'
    asked.pages("posts", FIGURES)
    assert min(body["begin_date"] for path, body in platform.asked if "article" in path) == "2025-11-01"


# Articles -----------------------------------------------------------------------------------------------------


def test_an_article_has_its_counts_at_the_end_of_each_day(platform: Platform) -> None:
    platform.counted = [counted(2247490098, 2)]
    post, early, late = asking(platform).records("posts", FIGURES)
    assert post == PostRecord(
        uid="2247490098_1",
        account_uid=APPID,
        published_at=datetime(2026, 5, 18, tzinfo=BEIJING),
        kind="article",
        title="文章 2247490098",
        url="https://mp.weixin.qq.com/s?__biz=B&mid=2247490098&idx=1&sn=x",
    )
    assert isinstance(early, SnapshotRecord)
    assert (early.metrics["views"], early.observed_at) == (10, evening(day(2)))
    assert late == SnapshotRecord(
        account_uid=APPID,
        post_uid="2247490098_1",
        metrics={
            "views": 20,
            "shares": 3,
            "likes": 5,
            "hearts": 2,
            "comments": 0,
            "collects": 1,
            "followers_gained": 4,
        },
        observed_at=evening(day(1)),
    )


def test_figures_are_read_a_day_a_request_and_again_for_some_days(platform: Platform) -> None:
    platform.counted = [counted(number, number) for number in range(1, 20)]
    asked = asking(platform, days="10", recount="3")
    pages = asked.pages("posts", FIGURES)
    assert ids(pages) == [f"{number}_1" for number in range(10, 0, -1)]
    assert ids(asked.pages("posts", FIGURES, pages[4].cursor)) == [f"{number}_1" for number in range(5, 0, -1)]
    assert ids(asked.pages("posts", FIGURES, pages[-1].cursor)) == ["3_1", "2_1", "1_1"]


def test_a_first_sync_since_a_day_reads_what_could_be_commented_on(platform: Platform) -> None:
    platform.counted = [counted(number, number) for number in range(1, 20)]
    pages = asking(platform, recount="3").pages("posts", FIGURES, since=NOW - timedelta(days=5))
    assert ids(pages) == [f"{number}_1" for number in range(7, 0, -1)]


def test_articles_are_read_back_to_the_last_sync_and_deleted_ones_left_out(platform: Platform) -> None:
    platform.published = [published(number, 40 - number) for number in range(1, 40)]
    platform.published.append(published(100, 0.5, False, True))
    asked = asking(platform, days="5", recount="2")
    pages = asked.pages("posts", ARTICLES)
    assert ids(pages) == [f"{number}_1" for number in (100, 39, 38, 37, 36, 35, 34, 33)]
    assert of(pages[0].records, PostRecord)[0] == PostRecord(
        uid="100_1",
        account_uid=APPID,
        published_at=datetime(2026, 5, 20, tzinfo=BEIJING),
        kind="article",
        title="文章 100",
        text="茶",
        url="https://mp.weixin.qq.com/s?__biz=B&mid=100&idx=1&sn=x",
    )
    platform.published.append(published(101, 0.1))
    assert ids(asked.pages("posts", ARTICLES, pages[-1].cursor))[:4] == ["101_1", "100_1", "39_1", "38_1"]
    for number, page in enumerate(pages):
        seen = {*ids(pages[: number + 1]), *ids(asked.pages("posts", ARTICLES, page.cursor))}
        assert seen >= set(ids(pages))


def test_articles_without_titles_are_asked_for_with_their_text(platform: Platform) -> None:
    platform.published = [published(number, number) for number in range(1, 4)]
    platform.strict = True
    assert ids(asking(platform).pages("posts", ARTICLES)) == ["1_1", "2_1", "3_1"]


def test_an_article_is_known_by_the_number_in_its_address() -> None:
    assert msgid("https://mp.weixin.qq.com/s?__biz=B&mid=12003&idx=3&sn=x#rd") == "12003_3"
    for address in ("https://mp.weixin.qq.com/s/abc", "", None, "http://[", "https://x/?mid=a&idx=1"):
        assert msgid(address) is None
        assert web_address(address) == (address or None)
    told = "http://mp.weixin.qq.com/s?__biz=MzA4==&mid=12003&idx=3&sn=x&chksm=aaa&scene=27#rd"
    assert web_address(told) == "https://mp.weixin.qq.com/s?__biz=MzA4==&mid=12003&idx=3&sn=x"
    assert parts("12003_3") == (12003, 2)
    assert parts("abc_1") is None


def test_comments_are_deeds_towards_the_account_and_its_answers_towards_them(platform: Platform) -> None:
    platform.counted = [counted(7, 1, comment_count=60)]
    platform.comments = [
        {"user_comment_id": number, "openid": f"o{number}", "create_time": stamp(1), "content": "好"}
        for number in range(60)
    ]
    platform.comments[0]["reply"] = {"content": "谢谢", "create_time": stamp(0.5)}
    del platform.comments[1]["openid"]
    found = of(asking(platform).records("posts", FIGURES), InteractionRecord)
    assert len(found) == 60
    assert found[0] == InteractionRecord(
        actor_uid="o0", object_uid=APPID, kind="comment", at=NOW - timedelta(days=1), evidence_uid="7_1/0"
    )
    assert (found[1].actor_uid, found[1].kind, found[1].object_uid) == (APPID, "reply", "o0")
    asked = [body for path, body in platform.asked if path == "list"]
    assert [(body["msg_data_id"], body["index"], body["begin"]) for body in asked] == [(7, 0, 0), (7, 0, 49)]
    platform.asked.clear()
    asking(platform, comments="no").records("posts", FIGURES)
    assert "list" not in platform.paths()


def test_an_account_without_comments_is_read_without_them(platform: Platform) -> None:
    platform.counted = [counted(number, number, comment_count=1) for number in (1, 2)]
    platform.errors["list"] = error(88000, "without comment privilege")
    asked = asking(platform)
    assert len(ids(asked.pages("posts", FIGURES))) == 2
    assert platform.paths().count("list") == 1
    assert asked.warned == ["The account has no comments under its articles."]


# Followers ----------------------------------------------------------------------------------------------------


def test_followers_come_in_with_how_and_when_they_came_and_with_their_tags(platform: Platform) -> None:
    platform.fans[0] |= {"remark": "Ann of the tea shop", "tagid_list": [2, 99]}
    platform.fans[1] = {"openid": "o1", "subscribe": 1}
    platform.fans[2] |= {"subscribe": 0}
    found = asking(platform).records("followers", ACCOUNT)
    tag = CommunityRecord(uid=f"{APPID}/tag/2", name="星标组", kind="tag")
    assert found[:4] == [
        tag,
        AccountRecord(uid="o0", name="Ann of the tea shop", category="qr_code"),
        FollowRecord(follower_uid="o0", account_uid=APPID, observed_at=NOW - timedelta(days=3)),
        FollowRecord(follower_uid="o0", account_uid=APPID),
    ]
    assert of(found, MembershipRecord) == [MembershipRecord(community_uid=tag.uid, account_uid="o0")]
    assert [one.uid for one in of(found, AccountRecord)] == ["o0", "o1", "o3", "o4"]
    assert [one.observed_at for one in of(found, FollowRecord) if one.follower_uid == "o1"] == [None]


@pytest.mark.parametrize("count", [0, 1, 2, 5, 6])
def test_every_follower_arrives_and_every_cursor_resumes(platform: Platform, count: int) -> None:
    platform.fans = [fan(f"o{number}") for number in range(count)]
    asked = asking(platform)
    pages = asked.pages("followers", ACCOUNT)
    everything = {one.uid for page in pages for one in of(page.records, AccountRecord)}
    assert len(everything) == count
    for number, page in enumerate(pages):
        seen = {one.uid for early in pages[: number + 1] for one in of(early.records, AccountRecord)}
        assert (
            seen | {one.uid for one in of(asked.records("followers", ACCOUNT, page.cursor), AccountRecord)}
            == everything
        )


def test_a_list_begins_anew_where_the_last_follower_read_has_left(platform: Platform) -> None:
    asked = asking(platform)
    cursor = asked.pages("followers", ACCOUNT)[1].cursor
    left = [ok(error(40003, "invalid openid"))]
    platform.stand_in = lambda request: left.pop() if left and "next_openid" in str(request.url) else None
    found = of(asked.records("followers", ACCOUNT, cursor), AccountRecord)
    assert [one.uid for one in found] == ["o0", "o1", "o2", "o3", "o4"]
    platform.stand_in = lambda request: ok(error(40003)) if "user/get" in str(request.url) else None
    with pytest.raises(SourceError, match="knows no such follower"):
        asked.records("followers", ACCOUNT, cursor)


def test_followers_are_looked_up_a_hundred_at_a_time(platform: Platform) -> None:
    platform.most = 10_000
    platform.fans = [fan(f"o{number}") for number in range(250)]
    pages = asking(platform).pages("followers", ACCOUNT)
    assert [len(body["user_list"]) for path, body in platform.asked if path == "batchget"] == [100, 100, 50]
    assert pages[-2].total == 250


def test_a_list_that_never_ends_is_left(platform: Platform) -> None:
    again = {"total": 9, "count": 1, "data": {"openid": ["o1"]}, "next_openid": "o1"}
    platform.stand_in = lambda request: ok(again) if "user/get" in request.url.path else None
    assert len(asking(platform).pages("followers", ACCOUNT)) == 3


# Refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (error(48001), Denied, "personal ones can't be verified"),
        (error(48004), Denied, "WeChat has closed it for the account"),
        (error(45009), RateLimited, "calls of the day are used up"),
        (error(45011), RateLimited, "error 45011"),
        (error(-1), Transient, "error -1"),
        (error(40097), SourceError, "error 40097"),
        ({"list": "many"}, SourceError, "not what was expected"),
    ],
)
def test_error_codes_are_told_apart(platform: Platform, answer: Json, kind: type[SourceError], text: str) -> None:
    platform.errors["getusercumulate"] = answer
    with pytest.raises(kind, match=text) as raised:
        asking(platform).pages("profiles", DAYS)
    assert type(raised.value) is kind
    if answer == error(45009) and isinstance(raised.value, RateLimited):
        assert raised.value.retry_after == 12 * 3600


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            error(40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1"),
            "add 203.0.113.7 there",
        ),
        (error(40164, "not in whitelist"), "add this computer's there"),
        (error(40001, "invalid credential"), "does not accept the AppID and AppSecret"),
        (error(40013, "invalid appid"), "does not accept the AppID and AppSecret"),
    ],
)
def test_a_refused_login_says_what_to_do(platform: Platform, answer: Json, text: str) -> None:
    platform.errors["stable_token"] = answer
    with pytest.raises(SourceError, match=text) as raised:
        asking(platform).pages("profiles", ACCOUNT)
    assert raised.value.status == 401
    assert not isinstance(raised.value, (Gone, Denied, Transient))


def test_a_token_that_expires_on_the_way_is_replaced_once(platform: Platform) -> None:
    def expires(request: httpx.Request) -> httpx.Response | None:
        if "batchget" in request.url.path and platform.tokens == 1:
            platform.token = "token-number-2"
        return None

    platform.stand_in = expires
    found = of(asking(platform).records("followers", ACCOUNT), AccountRecord)
    assert (len(found), platform.tokens) == (5, 2)
    platform.stand_in = lambda request: ok(error(40001)) if "user/get" in request.url.path else None
    with pytest.raises(SourceError, match="does not accept the access token") as raised:
        asking(platform).pages("profiles", ACCOUNT)
    assert raised.value.status == 401
    assert platform.token not in str(raised.value)


def test_an_answer_that_is_no_json_may_pass(platform: Platform) -> None:
    platform.stand_in = lambda request: httpx.Response(200, html="<p>Maintenance")
    with pytest.raises(Transient, match="not JSON"):
        asking(platform).pages("profiles", ACCOUNT)


def test_the_credentials_are_tested_by_what_is_left_of_the_day(platform: Platform) -> None:
    accepted, *left = asking(platform).test()
    assert accepted.text == "WeChat accepts the AppID and AppSecret."
    assert left[0].text == "cgi-bin/user/get: 480 of 500 calls are left today."
    assert all(one.ok for one in left)
    platform.errors["get"] = error(48001)
    assert [one.ok for one in asking(platform).test()] == [False] * 4


# A whole sync -------------------------------------------------------------------------------------------------


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("KOLBENCH_WECHAT_OFFICIAL_APPSECRET", SECRET)
    return store


def test_a_sync_keeps_it_once_and_logs_in_once(platform: Platform, store: Store) -> None:
    platform.counted = [counted(number, number) for number in range(1, 4)]
    platform.published = [published(number, number - 0.25) for number in range(1, 5)]
    asked = asking(platform, name="茶与水")
    assert asked.sync(store).state == "done"
    assert platform.tokens == 1
    assert asked.sync(store).state == "done"
    read = store.reader()
    assert read.execute("SELECT count(*) FROM post").fetchone()[0] == 4
    assert read.execute("SELECT count(*) FROM follow_edge").fetchone()[0] == 5
    newest = read.execute("SELECT published_at FROM post WHERE uid = '1_1'").fetchone()[0]
    assert datetime.fromtimestamp(newest / 1000, BEIJING) == datetime(2026, 5, 19, tzinfo=BEIJING)
    assert asked.warned == []


def test_an_account_without_rights_is_told_of_each_and_the_rest_is_read(platform: Platform, store: Store) -> None:
    platform.published = [published(1, 1)]
    for path in ("getusercumulate", "getarticletotaldetail", "get"):
        platform.errors[path] = error(48001)
    asked = asking(platform)
    assert asked.sync(store).state == "done"
    assert store.reader().execute("SELECT count(*) FROM post").fetchone()[0] == 1
    assert len(asked.warned) == 4


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = WeChatOfficial()
    settings = {"appid": APPID, "appsecret": SECRET, "days": "9", "recount": "3"}
    expected = {"profiles": 1, "posts": 4, "followers": 5}
    expected_later = {"posts": 5}

    def server(self, request: httpx.Request) -> httpx.Response:
        return self.platform(0)(request)

    def later(self, request: httpx.Request) -> httpx.Response:
        return self.platform(1)(request)

    def platform(self, more: int) -> Platform:
        made = Platform()
        made.counted = [counted(number, number, comment_count=2) for number in (1, 3)]
        made.published = [published(number, number - 0.25) for number in range(1, 5)]
        made.published += [published(9, 0.1)][:more]
        made.comments = [
            {"user_comment_id": number, "openid": f"o{number}", "create_time": stamp(0.5)} for number in range(2)
        ]
        return made
