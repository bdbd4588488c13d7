"""What the kit can't know: WeCom's words for refusing, its cursors, and what its facts become."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from kolbench_wecom import WeCom
from kolbench_wecom.api import AT_ONCE
from kolbench_wecom.figures import DAY
from test_wecom_conformance import (
    CORP,
    CUSTOMERS,
    GROUPS,
    NOON,
    SECRET,
    TOKEN,
    YESTERDAY,
    answer,
    customer,
    fine,
    group,
    refusal,
)

from kolbench import (
    AccountRecord,
    CommunityRecord,
    Contact,
    Denied,
    FollowRecord,
    Gone,
    MembershipRecord,
    Page,
    Pull,
    RateLimited,
    SnapshotRecord,
    SourceError,
    Transient,
    UsageError,
)
from kolbench.testing import Answer

Server = Callable[[httpx.Request], Answer]
ANN = f"ann@{CORP}"


class Told:
    """A server that is asked, and what the adapter says meanwhile."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.asked: list[httpx.Request] = []
        self.warnings: list[str] = []
        self.protected: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, json=self.server(request))

    def pull(self, feed: str, cursor: str | None = None, now: int = NOON, **settings: str) -> list[Page]:
        return list(WeCom(lambda: now * 1_000).pull(self.request(feed, cursor, **settings)))

    def request(self, feed: str, cursor: str | None = None, **settings: str) -> Pull:
        given = {"corpid": CORP, "corpsecret": SECRET, "days": "2", **settings}
        http = httpx.Client(transport=httpx.MockTransport(self))
        return Pull(feed, given, cursor, http=http, warn=self.warnings.append, protect=self.protected.append)

    def bodies(self, call: str) -> list[dict[str, Any]]:
        return [json.loads(asked.content) for asked in self.asked if asked.url.path.endswith(call)]


def usual(request: httpx.Request) -> Answer:
    return answer(request, CUSTOMERS, GROUPS)


def changed(call: str, told: Callable[[dict[str, Any]], Answer]) -> Server:
    """The usual server, but for one call."""
    return lambda asked: told(json.loads(asked.content or b"{}")) if asked.url.path.endswith(call) else usual(asked)


def quiet(request: httpx.Request) -> Answer:
    """The usual server, without figures."""
    if request.url.path.endswith("get_user_behavior_data"):
        return fine(behavior_data=[])
    return fine(items=[]) if request.url.path.endswith("by_day") else usual(request)


def records(pages: list[Page]) -> list[Any]:
    return [record for page in pages for record in page.records]


def test_an_employee_is_staff_with_the_figures_of_each_day() -> None:
    account, *days = records(Told(usual).pull("profiles", employees="Ann"))
    assert account == AccountRecord(uid=ANN, handle=ANN, is_staff=True)
    (day,) = days
    assert isinstance(day, SnapshotRecord)
    assert day.observed_at == datetime.fromtimestamp(YESTERDAY - 1, UTC)
    assert day.metrics == {
        "chats": 100,
        "messages_sent": 80,
        "reply_bp": 6_025,
        "reply_minutes": 1,
        "requests_sent": 6,
        "followers_gained": 5,
        "followers_lost": 2,
        "groups": 22,
        "groups_gained": 2,
        "groups_active": 7,
        "group_members": 220,
        "group_members_gained": 4,
        "group_members_active": 12,
        "group_messages": 127,
    }


def test_figures_are_asked_for_in_spans_that_wecom_answers() -> None:
    told = Told(usual)
    told.pull("profiles", employees="Ann", days="40")
    spans = [(body["start_time"], body["end_time"]) for body in told.bodies("get_user_behavior_data")]
    first = YESTERDAY - 39 * DAY
    assert spans == [(first, first + 29 * DAY), (first + 30 * DAY, YESTERDAY)]


def test_a_later_sync_asks_for_the_days_since_the_last_one() -> None:
    last = Told(usual).pull("profiles", employees="Ann")[-1].cursor
    for later, days in ((1, 30), (50, 51)):
        asked = Told(quiet)
        asked.pull("profiles", last, NOON + later * DAY, employees="Ann")
        spans = [(body["start_time"], body["end_time"]) for body in asked.bodies("get_user_behavior_data")]
        assert (spans[-1][1] - spans[0][0]) // DAY + 1 == days
        assert spans[-1][1] == YESTERDAY + later * DAY


def test_without_days_no_figures_are_asked_for() -> None:
    told = Told(usual)
    assert [type(record) for record in records(told.pull("profiles", days="0"))] == [AccountRecord] * 3
    assert len(told.asked) == 2


def test_figures_that_the_app_is_not_shown_are_left_out() -> None:
    told = Told(changed("get_user_behavior_data", lambda body: refusal(48002)))
    found = records(told.pull("profiles"))
    assert sum(isinstance(record, AccountRecord) for record in found) == 3
    assert all("chats" not in record.metrics for record in found)
    assert len(set(told.warnings)) == 1
    assert "可调用接口的应用" in told.warnings[0]


def test_a_customer_is_a_person_in_touch_with_an_employee() -> None:
    staff, account, since, now = records(Told(usual).pull("followers", employees="Ann"))[:4]
    assert staff.is_staff
    assert account == AccountRecord(
        uid="wmA1",
        name="李四",
        bio="Manager · 腾讯科技有限公司",
        avatar_url="http://p.qlogo.cn/bizmail/x/0",
        gender="male",
        contacts=(Contact("phone", "13800000001"), Contact("wechat_unionid", "union-wmA1")),
    )
    at = datetime.fromtimestamp(1_525_779_812, UTC)
    assert since == FollowRecord(follower_uid="wmA1", account_uid=ANN, mutual=True, observed_at=at)
    assert now == FollowRecord(follower_uid="wmA1", account_uid=ANN, mutual=True)


def test_a_customer_of_nobody_is_told_without_a_bond() -> None:
    told = Told(changed("get_by_user", lambda body: fine(external_contact_list=[customer("wmX", "", userid=None)])))
    assert [type(record) for record in records(told.pull("followers"))] == [AccountRecord]


def test_a_customer_who_makes_no_sense_is_rejected_alone() -> None:
    odd = [{"external_contact": {}, "follow_info": {}}, customer("wmX", "Ann")]
    told = Told(changed("get_by_user", lambda body: fine(external_contact_list=odd)))
    assert {record.uid for record in records(told.pull("followers")) if isinstance(record, AccountRecord)} == {
        ANN,
        "wmX",
    }


def staffed(number: int) -> Server:
    """So many employees, each with a customer, and two customers in an answer."""
    names = [f"e{each:03}" for each in range(number)]

    def server(request: httpx.Request) -> Answer:
        if request.url.path.endswith("get_follow_user_list"):
            return fine(follow_user=names)
        return answer(request, {name: [f"wm-{name}"] for name in names}, GROUPS)

    return server


def uids(pages: list[Page]) -> set[str]:
    return {record.follower_uid for record in records(pages) if isinstance(record, FollowRecord)}


def test_employees_are_asked_about_a_hundred_at_a_time() -> None:
    told = Told(staffed(250))
    assert len(uids(told.pull("followers"))) == 250
    batches = {tuple(body["userid_list"]) for body in told.bodies("get_by_user")}
    assert sorted(map(len, batches)) == [50, AT_ONCE, AT_ONCE]
    assert {body["limit"] for body in told.bodies("get_by_user")} == {AT_ONCE}


def test_a_reading_of_customers_goes_on_in_its_batch_and_behind_it() -> None:
    pages = Told(staffed(150)).pull("followers")
    later = Told(staffed(150))
    cut = 10
    assert uids(pages[:cut]) | uids(later.pull("followers", pages[cut - 1].cursor)) == uids(pages)
    assert later.bodies("get_by_user")[0]["cursor"] == str(2 * cut)
    assert len(later.bodies("get_by_user")) == len(pages) - 1 - cut


def test_a_place_that_wecom_has_forgotten_begins_the_batch_again() -> None:
    pages = Told(usual).pull("followers")

    def server(request: httpx.Request) -> Answer:
        body = json.loads(request.content or b"{}")
        return refusal(50100) if body.get("cursor") == "2" and len(later.asked) < 4 else usual(request)

    later = Told(server)
    assert uids(later.pull("followers", pages[0].cursor)) == uids(pages)
    assert [body["cursor"] for body in later.bodies("get_by_user")][:3] == ["2", "", "2"]


def test_a_place_that_is_forgotten_at_once_is_an_error_and_no_circle() -> None:
    lost = changed(
        "get_by_user",
        lambda body: refusal(50100) if body["cursor"] else fine(external_contact_list=[], next_cursor="x"),
    )
    with pytest.raises(SourceError, match="50100"):
        Told(lost).pull("followers")


def test_employees_without_customers_are_nothing_to_speak_of() -> None:
    told = Told(changed("get_by_user", lambda body: refusal(84061)))
    pages = told.pull("followers")
    assert records(pages) == []
    assert (pages[-1].cursor, told.warnings) == ("begin", [])


def test_a_list_that_does_not_go_on_is_told() -> None:
    again = fine(external_contact_list=[customer("wmX", "Ann")], next_cursor="here")
    told = Told(changed("get_by_user", lambda body: again))
    assert uids(told.pull("followers")) == {"wmX"}
    assert "doesn't go on" in told.warnings[0]


def test_employees_without_a_licence_are_named() -> None:
    failed = fine(external_contact_list=[], fail_info={"unlicensed_userid_list": ["ben"]})
    told = Told(changed("get_by_user", lambda body: failed))
    told.pull("followers")
    assert "ben" in told.warnings[0]


def test_a_group_becomes_a_community_with_its_members() -> None:
    found = records(Told(usual).pull("members"))
    assert found[0] == CommunityRecord(uid="wrG1", name="茶友群", kind="group")
    assert found[1] == AccountRecord(uid=ANN, handle=ANN, name="张三丰", is_staff=True)
    joined = datetime.fromtimestamp(1_572_505_490, UTC)
    assert found[2] == MembershipRecord(community_uid="wrG1", account_uid=ANN, role="owner", joined_at=joined)
    assert found[3] == AccountRecord(uid="wmA1", name="李四")
    assert found[4].role is None


def test_a_manager_of_a_group_is_one() -> None:
    told = {**group("wrG1", []), "owner": "dan", "admin_list": [{"userid": "ANN"}]}
    found = records(Told(changed("groupchat/get", lambda body: fine(group_chat=told))).pull("members"))
    assert found[2].role == "admin"


def test_a_reading_of_groups_goes_on_behind_the_last_one() -> None:
    pages = Told(usual).pull("members")
    assert [len(page.records) for page in pages] == [7, 5, 3, 0]
    later = Told(usual)
    later.pull("members", pages[0].cursor)
    assert [body["chat_id"] for body in later.bodies("groupchat/get")] == ["wrG2", "wrG3"]
    assert pages[-1].cursor == "begin"


@pytest.mark.parametrize("code", [49008, 90501, 60011])
def test_a_group_that_is_gone_or_closed_is_told_and_the_next_one_read(code: int) -> None:
    def server(body: dict[str, Any]) -> Answer:
        name = body["chat_id"]
        return refusal(code) if name == "wrG1" else fine(group_chat=group(name, GROUPS[name]))

    told = Told(changed("groupchat/get", server))
    found = records(told.pull("members"))
    assert {record.uid for record in found if isinstance(record, CommunityRecord)} == {"wrG2", "wrG3"}
    assert "wrG1" in told.warnings[0]


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (40001, SourceError, "corpsecret is wrong"),
        (40013, SourceError, "corpid is wrong"),
        (48002, Denied, "可调用接口的应用"),
        (60020, Denied, "企业可信IP"),
        (60011, Denied, "可见范围"),
        (45033, RateLimited, "45033"),
        (-1, Transient, "-1"),
        (600018, SourceError, r"600018 \(refused\)\.$"),
    ],
)
def test_a_refusal_is_what_it_is(code: int, kind: type[SourceError], words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        Told(changed("get_follow_user_list", lambda body: refusal(code))).pull("followers")
    kinds = (Denied, Gone, Transient, RateLimited)
    assert [one for one in kinds if isinstance(caught.value, one)] == [one for one in kinds if issubclass(kind, one)]
    assert (caught.value.status == 401) == (code in (40001, 40013))


def test_who_asks_too_often_is_told_to_wait_a_minute() -> None:
    with pytest.raises(RateLimited) as caught:
        Told(changed("get_follow_user_list", lambda body: refusal(45009))).pull("followers")
    assert caught.value.retry_after == 60


def test_one_token_does_for_a_reading() -> None:
    told = Told(usual)
    told.pull("members")
    assert sum(asked.url.path.endswith("gettoken") for asked in told.asked) == 1
    assert told.protected == [TOKEN]


def test_a_token_that_ends_before_its_time_is_replaced() -> None:
    def server(request: httpx.Request) -> Answer:
        return refusal(42001) if len(told.asked) == 3 else usual(request)

    told = Told(server)
    assert len(uids(told.pull("followers"))) == 4
    assert [asked.url.path.rpartition("/")[2] for asked in told.asked][2:5] == [
        "get_by_user",
        "gettoken",
        "get_by_user",
    ]
    stubborn = Told(changed("get_follow_user_list", lambda body: refusal(42001)))
    with pytest.raises(SourceError) as caught:
        stubborn.pull("followers")
    assert caught.value.status == 401
    assert len(stubborn.asked) == 4


@pytest.mark.parametrize("days", ["", "-1", "400", "many"])
def test_days_that_make_no_sense_are_named(days: str) -> None:
    with pytest.raises(UsageError, match="a number from 0 to 175"):
        Told(usual).pull("profiles", days=days)


def test_the_test_says_what_the_app_sees() -> None:
    found = list(WeCom().test(Told(usual).request("")))
    assert [finding.ok for finding in found] == [True] * 3
    assert "3 employees" in found[0].text
    poor = Told(changed("groupchat/list", lambda body: refusal(48002)))
    assert [finding.ok for finding in WeCom().test(poor.request(""))] == [True, True, False]
    closed = Told(changed("get_follow_user_list", lambda body: refusal(60020)))
    (finding,) = WeCom().test(closed.request(""))
    assert not finding.ok
    assert "企业可信IP" in finding.text


def test_an_employee_is_one_whatever_the_case_of_the_id() -> None:
    assert records(Told(usual).pull("profiles", employees="ANN", days="0"))[0].uid == ANN
