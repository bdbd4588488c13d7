"""A stand-in for Bilibili's open platform: one account that has authorised an app, by the documented entities."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import httpx

CLIENT = "34c0f583f0414123"
SECRET = "abc7736bb78947d5a4a90690c861c456"
TOKEN = "0594436e79c607569b8d387e5f29311"
OPENID = "d30bedaa4d8eb3128cf35ddc1030e27d"

SETTINGS = {"client_id": CLIENT, "app_secret": SECRET, "token": TOKEN, "recount": "30"}

DAY = 86_400
NOW = 1_780_000_000
ALL = ("USER_INFO", "USER_DATA", "ARC_BASE", "ARC_DATA")


def video(number: int, days_ago: float = 0, **more: Any) -> dict[str, Any]:
    uid = f"BV1MW4217{number:03}"
    at = int(NOW - days_ago * DAY)
    return {
        "resource_id": uid,
        "title": f"稿件 {number}",
        "cover": "http://i0.hdslb.com/bfs/archive/72d5d38d3bd4c30639d0d6a5e8e2b9cf86d088f7.jpg",
        "tid": 229,
        "no_reprint": 1,
        "desc": "生活记录",
        "tag": "生活记录",
        "copyright": 1,
        "video_info": {
            "cid": 26_300_318_231,
            "filename": "n241017sa380ea181vd6us3f37wq4m3k",
            "duration": 65,
            "share_url": f"https://www.bilibili.com/video/{uid}",
            "iframe_url": f"player.bilibili.com/player.html?bvid={uid}",
        },
        "addit_info": {"state": 0, "state_desc": "开放浏览", "reject_reason": ""},
        "ctime": at - 60,
        "ptime": at,
        **more,
    }


class Bilibili:
    """Answers as the documents say; the list comes ``size`` videos a page, in the order that it is given."""

    def __init__(self, videos: Sequence[dict[str, Any]] = (), scopes: Sequence[str] = ALL, size: int = 2) -> None:
        self.videos = videos
        self.scopes = scopes
        self.size = size
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> Any:
        path = request.url.path.removeprefix("/arcopen/fn/")
        self.asked.append(path)
        if request.url.host != "member.bilibili.com":
            return refusal(4010, "接口不存在")
        if code := unsigned(request):
            return refusal(code, "签名异常")
        params = request.url.params
        match path:
            case "user/account/info":
                return told({"name": "茶小白", "face": "http://i0.hdslb.com/bfs/face/1.jpg", "openid": OPENID})
            case "user/account/scopes":
                return told({"openid": OPENID, "scopes": list(self.scopes)})
            case "data/user/stat" if "USER_DATA" in self.scopes:
                return told({"following": 98, "follower": 166, "arc_passed_total": 11})
            case "archive/viewlist":
                start = (int(params["pn"]) - 1) * self.size
                page = {"pn": int(params["pn"]), "ps": int(params["ps"]), "total": len(self.videos)}
                return told({"page": page, "list": list(self.videos[start : start + self.size])})
            case "data/arc/stat" if "ARC_DATA" in self.scopes:
                known = {video["resource_id"] for video in self.videos}
                counts = {"view": 198, "danmaku": 166, "reply": 11, "favorite": 36, "coin": 8, "share": 79, "like": 135}
                return told({"title": "稿件", "ptime": NOW, **counts}) if params["resource_id"] in known else gone()
        return refusal(4008, "权限异常")


def unsigned(request: httpx.Request) -> int:
    """The code with which a request is refused; 0 for one that is signed as it should be."""
    headers = request.headers
    names = sorted(name for name in headers if name.startswith("x-bili-"))
    text = "\n".join(f"{name}:{headers[name]}" for name in names)
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    if len(names) != 6 or headers["x-bili-accesskeyid"] != CLIENT:
        return 4001
    if headers["x-bili-content-md5"] != hashlib.md5(request.content).hexdigest():
        return 4012
    if headers["x-bili-signature-version"] != "2.0" or headers.get("authorization") != signature:
        return 4002
    return 0 if headers.get("access-token") == TOKEN else -101


def told(data: Any) -> dict[str, Any]:
    return {"code": 0, "message": "0", "ttl": 1, "request_id": "7b753a287405461f5afa526a1f672094", "data": data}


def refusal(code: int, message: str, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": message, "ttl": 1, "data": None})


def gone() -> httpx.Response:
    return refusal(-404, "啥都木有")
