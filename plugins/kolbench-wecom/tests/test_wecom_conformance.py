"""The adapter by KOLbench's own tests, against the documented answers of WeCom."""

from __future__ import annotations

import json
from typing import Any

import httpx
from kolbench_wecom import WeCom
from kolbench_wecom.figures import DAY, midnight

from kolbench.testing import AdapterConformance, Answer

CORP, SECRET, TOKEN = "ww1234567890abcdef", "s3cret-of-the-app", "accesstoken000001"
NOON = 1_777_867_200
YESTERDAY = midnight(NOON) - DAY
STAFF = ["Ann", "ben", "cho"]
CUSTOMERS = {"Ann": ["wmA1", "wmA2", "wmA3"], "ben": ["wmB1", "wmA1"], "cho": []}
GROUPS = {"wrG1": ["wmA1", "wmA2"], "wrG2": ["wmB1"], "wrG3": []}
SIZE = 2


class TestWeCom(AdapterConformance):
    adapter = WeCom(lambda: NOON * 1_000)
    settings = {"corpid": CORP, "corpsecret": SECRET, "days": "40"}
    expected = {"profiles": 3, "followers": 5, "members": 6}
    expected_later = {"profiles": 3, "followers": 6, "members": 7}

    def server(self, request: httpx.Request) -> Answer:
        return answer(request, CUSTOMERS, GROUPS)

    def later(self, request: httpx.Request) -> Answer:
        return answer(request, {**CUSTOMERS, "cho": ["wmC1"]}, {**GROUPS, "wrG3": ["wmC1"]})


def answer(request: httpx.Request, customers: dict[str, list[str]], groups: dict[str, list[str]]) -> Answer:
    call, asked = request.url.path.removeprefix("/cgi-bin/"), request.url.params
    if call == "gettoken":
        if (asked["corpid"], asked["corpsecret"]) != (CORP, SECRET):
            return refusal(40001)
        return {"errcode": 0, "errmsg": "ok", "access_token": TOKEN, "expires_in": 7200}
    if asked["access_token"] != TOKEN:
        return refusal(40014)
    body = json.loads(request.content or b"{}")
    match call.removeprefix("externalcontact/"):
        case "get_follow_user_list":
            return fine(follow_user=STAFF[::-1])
        case "batch/get_by_user":
            if not set(body["userid_list"]) <= set(customers):
                return refusal(60011)
            found = [customer(uid, name) for name in body["userid_list"] for uid in customers[name]]
            return {**fine(), **part("external_contact_list", found, body["cursor"])}
        case "groupchat/list":
            found = [{"chat_id": name, "status": 0} for name in groups]
            return {**fine(), **part("group_chat_list", found, body.get("cursor", ""))}
        case "groupchat/get":
            name = body["chat_id"]
            return fine(group_chat=group(name, groups[name])) if name in groups else refusal(40050)
        case "get_user_behavior_data":
            return fine(behavior_data=[behaviour(day) for day in days(body["start_time"], body["end_time"])])
        case "groupchat/statistic_group_by_day":
            found = [{"stat_time": day, "data": counts()} for day in days(body["day_begin_time"], body["day_end_time"])]
            return fine(items=found)
    return None


def fine(**more: Any) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", **more}


def refusal(code: int, text: str = "refused") -> dict[str, Any]:
    told = f"{text}, hint: [1642406569024700231269230], from ip: 192.0.2.1, more info at https://example.com/"
    return {"errcode": code, "errmsg": told}


def part(name: str, items: list[dict[str, Any]], cursor: str) -> dict[str, Any]:
    if not (cursor or "0").isdigit():
        return refusal(50100)
    at = int(cursor or 0)
    return {name: items[at : at + SIZE], "next_cursor": str(at + SIZE) if at + SIZE < len(items) else ""}


def days(start: int, end: int) -> range:
    assert end - start <= 29 * DAY
    assert end <= YESTERDAY
    return range(start, end + 1, DAY * 13)


def customer(uid: str, employee: str, **more: Any) -> dict[str, Any]:
    return {
        "external_contact": {
            "external_userid": uid,
            "name": "李四",
            "position": "Manager",
            "avatar": "http://p.qlogo.cn/bizmail/x/0",
            "corp_name": "腾讯",
            "corp_full_name": "腾讯科技有限公司",
            "type": 2,
            "gender": 1,
            "unionid": f"union-{uid}",
            "external_profile": {"external_attr": []},
        },
        "follow_info": {
            "userid": employee,
            "remark": "李部长",
            "createtime": 1_525_779_812,
            "tag_id": ["etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA"],
            "remark_mobiles": ["13800000001"],
            "add_way": 3,
            **more,
        },
    }


def group(chat_id: str, customers: list[str]) -> dict[str, Any]:
    told = [{"userid": "Ann", "type": 1, "join_time": 1_572_505_490, "join_scene": 1, "name": "张三丰"}]
    told += [
        {"userid": uid, "type": 2, "join_time": 1_572_505_491, "join_scene": 1, "name": "李四"} for uid in customers
    ]
    return {
        "chat_id": chat_id,
        "name": "茶友群",
        "owner": "ann",
        "create_time": 1_572_505_490,
        "notice": "文明沟通",
        "member_list": told,
        "admin_list": [{"userid": "ben"}],
        "member_version": "71217227bbd112ecfe3a49c482195cb4",
    }


def behaviour(day: int) -> dict[str, Any]:
    return {
        "stat_time": day,
        "chat_cnt": 100,
        "message_cnt": 80,
        "reply_percentage": 60.25,
        "avg_reply_time": 1,
        "negative_feedback_cnt": 2,
        "new_apply_cnt": 6,
        "new_contact_cnt": 5,
    }


def counts() -> dict[str, int]:
    return {
        "new_chat_cnt": 2,
        "chat_total": 22,
        "chat_has_msg": 7,
        "new_member_cnt": 4,
        "member_total": 220,
        "member_has_msg": 12,
        "msg_total": 127,
        "migrate_trainee_chat_cnt": 3,
    }
