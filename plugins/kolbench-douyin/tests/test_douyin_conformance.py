"""The adapter by KOLbench's own tests, against the documented answers of the Open Platform."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import httpx
from kolbench_douyin import Douyin

from kolbench.testing import AdapterConformance, Answer

CREATOR = "ba253642-0590-40bc-9bdf-9a1334b94059"
TOKEN = "act.0123456789abcdef"
REFRESH = "rft.0123456789abcdef"
NOON = 1_777_694_400
WORKS = {f"@item{number}==": NOON + number * 3_600 for number in range(5)}
FANS = [f"fan-{number}" for number in range(12)]
SIZE = 2


class TestDouyin(AdapterConformance):
    adapter = Douyin()
    settings = {"open_id": CREATOR, "access_token": TOKEN, "refresh_token": "", "lists": "fans, following"}
    expected = {"profiles": 1, "followers": 13, "posts": len(WORKS)}
    expected_later = {"profiles": 1, "followers": 13, "posts": len(WORKS) + 1}

    def server(self, request: httpx.Request) -> Answer:
        return answer(request, WORKS)

    def later(self, request: httpx.Request) -> Answer:
        return answer(request, {**WORKS, "@item9==": NOON + 40_000})


class TestDouyinThatRenewsItsToken(AdapterConformance):
    adapter = Douyin()
    settings = {
        "open_id": CREATOR,
        "access_token": "",
        "refresh_token": REFRESH,
        "client_key": "aw1234567890abcd",
    }
    expected = {"profiles": 1, "followers": 0, "posts": len(WORKS)}

    def server(self, request: httpx.Request) -> Answer:
        return answer(request, WORKS)


def answer(request: httpx.Request, works: dict[str, int]) -> Answer:
    path, asked = request.url.path, request.url.params
    form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    if path == "/oauth/refresh_token/":
        assert form["grant_type"] == "refresh_token"
        known = form["refresh_token"] == REFRESH
        return whole({"access_token": TOKEN, "expires_in": "1296000"}) if known else refusal(10010)
    if TOKEN not in (request.headers.get("access-token"), form.get("access_token")):
        return refusal(28001008)
    if path == "/oauth/userinfo/":
        return whole({"open_id": CREATOR, "nickname": "张伟", "avatar": "https://example.com/x.jpeg", "union_id": "u"})
    assert asked["open_id"] == CREATOR
    if path.startswith("/data/external/user/"):
        return whole({"result_list": [day(path.split("/")[4], number) for number in (1, 2)]})
    if path == "/api/douyin/v1/video/video_list/":
        return whole(part([work(uid, made) for uid, made in newest(works)], int(asked["cursor"]), SIZE))
    if path == "/fans/list/":
        return whole(part([person(uid) for uid in FANS], int(asked["cursor"]), int(asked["count"])))
    if path == "/following/list/":
        return whole(part([person("friend")], int(asked["cursor"]), int(asked["count"])))
    return None


def whole(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": {**data, "error_code": 0, "description": ""},
        "extra": {
            "error_code": 0,
            "description": "",
            "sub_error_code": 0,
            "logid": "2020",
            "now": 1597213176393,
        },
    }


def refusal(code: int, text: str = "refused") -> dict[str, Any]:
    return {"data": {"error_code": code, "description": text}, "extra": {"error_code": code, "logid": "2020"}}


def part(items: list[dict[str, Any]], at: int, size: int) -> dict[str, Any]:
    return {"list": items[at : at + size], "cursor": at + size, "has_more": at + size < len(items)}


def newest(works: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(works.items(), key=lambda work: -work[1])


def work(uid: str, made: int, **more: Any) -> dict[str, Any]:
    counts = {
        "digg_count": 200,
        "comment_count": 20,
        "play_count": 3_000,
        "share_count": 9,
        "forward_count": 1,
    }
    return {
        "item_id": uid,
        "title": "测试视频 #话题",
        "create_time": made,
        "cover": "https://example.com/x.jpeg",
        "share_url": "https://www.iesdouyin.com/share/video/1/",
        "is_top": False,
        "is_reviewed": True,
        "video_status": 1,
        "media_type": 4,
        "statistics": {**counts, "download_count": 10},
        **more,
    }


def person(uid: str) -> dict[str, Any]:
    return {
        "open_id": uid,
        "union_id": "u",
        "nickname": "李伟",
        "avatar": "https://example.com/x.jpeg",
        "country": "中国",
        "province": "上海",
        "city": "上海",
        "gender": 0,
    }


def day(series: str, number: int) -> dict[str, Any]:
    told = {
        "fans": {"total_fans": 1_000 + number, "new_fans": number},
        "item": {"new_issue": 1, "new_play": 500, "total_issue": 40},
        "like": {"new_like": 30},
        "comment": {"new_comment": 3},
        "share": {"new_share": 2},
        "profile": {"profile_uv": 70},
    }
    return {"date": f"2026-05-0{number}", **told[series]}
