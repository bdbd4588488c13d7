"""A stand-in for Weibo's open API: one account that has authorised an app, hand-made from the documented entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

TOKEN = "2.00s3cret-token"
ME = "1404376560"
OTHERS = {"2001": "tea_house", "2002": "cups"}


def user(uid: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": int(uid),
        "idstr": uid,
        "screen_name": name,
        "name": name,
        "location": "北京 朝阳区",
        "description": "人生五十年",
        "profile_image_url": "http://tp1.sinaimg.cn/1/50/0/1",
        "gender": "f",
        "followers_count": 1204,
        "friends_count": 447,
        "statuses_count": 2908,
        "created_at": "Fri Aug 28 00:00:00 +0800 2009",
        "verified": False,
        "verified_reason": "",
        **more,
    }


def status(number: int, **more: Any) -> dict[str, Any]:
    return {
        "created_at": f"Tue May {number % 28 + 1:02} 17:46:55 +0800 2026",
        "id": number,
        "mid": str(number),
        "text": f"第 {number} 条微博",
        "source": '<a href="http://weibo.com" rel="nofollow">新浪微博</a>',
        "truncated": False,
        "reposts_count": 8,
        "comments_count": 9,
        "attitudes_count": 5,
        "user": user(ME, "zaku"),
        **more,
    }


def comment(number: int, **more: Any) -> dict[str, Any]:
    return {
        "created_at": f"Wed Jun {number % 28 + 1:02} 00:50:25 +0800 2026",
        "id": number,
        "text": "love your work",
        "user": user("2001", "tea_house"),
        "status": status(101),
        **more,
    }


class Weibo:
    """Answers as the documents say; lists come ``size`` entries a page, whatever is asked for."""

    def __init__(
        self,
        statuses: Sequence[dict[str, Any]] = (),
        comments: Sequence[dict[str, Any]] = (),
        mentions: Sequence[dict[str, Any]] = (),
        followers: Sequence[dict[str, Any]] = (),
        size: int = 2,
        left: int = 90,
    ) -> None:
        self.lists = {
            "statuses/user_timeline": ("statuses", statuses),
            "statuses/mentions": ("statuses", mentions),
            "comments/to_me": ("comments", comments),
            "comments/mentions": ("comments", [comment(entry["id"] + 1) for entry in comments[:1]]),
        }
        self.followers = followers
        self.size = size
        self.left = left
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> Any:
        path = request.url.path.removeprefix("/2/").removesuffix(".json")
        self.asked.append(path)
        if path == "/oauth2/get_token_info":
            if request.method != "POST" or TOKEN not in request.content.decode():
                return refusal(21327, "expired_token", 400)
            return {"uid": int(ME), "appkey": 1352222456, "scope": None, "create_at": 1, "expire_in": 10 * 86_400}
        if request.url.host != "api.weibo.com" or request.headers.get("authorization") != f"OAuth2 {TOKEN}":
            return refusal(21332, "invalid_access_token", 403)
        params = request.url.params
        if path in self.lists:
            return self.listed(path, int(params.get("max_id", "0")))
        match path:
            case "account/get_uid":
                return {"uid": ME}
            case "account/rate_limit_status":
                return {
                    "ip_limit": 15_000,
                    "limit_time_unit": "DAY",
                    "remaining_user_hits": self.left,
                    "reset_time_in_seconds": 7200,
                    "user_limit": 100,
                }
            case "users/show":
                return self.shown(params.get("uid", ""), params.get("screen_name", ""))
            case "users/counts":
                return [
                    {"id": uid, "followers_count": "1204", "friends_count": "447", "statuses_count": "2908"}
                    for uid in params["uids"].split(",")
                    if uid in OTHERS
                ]
            case "friendships/followers":
                start = int(params["cursor"])
                end = start + self.size
                return {
                    "users": self.followers[start:end],
                    "next_cursor": end if end < len(self.followers) else 0,
                    "total_number": len(self.followers),
                }
        return refusal(10020, "Request api not found", 404)

    def listed(self, path: str, max_id: int) -> dict[str, Any]:
        name, entries = self.lists[path]
        newest = sorted(entries, key=lambda entry: -entry["id"])
        page = [entry for entry in newest if not max_id or entry["id"] <= max_id][: self.size]
        return {name: page, "previous_cursor": 0, "next_cursor": 0, "total_number": len(entries)}

    def shown(self, uid: str, name: str) -> Any:
        if uid == ME:
            return user(ME, "zaku", verified=True, verified_reason="茶艺师")
        for other, called in OTHERS.items():
            if uid == other or name == called:
                hidden = {"followers_count": 0, "friends_count": 0, "statuses_count": 0, "description": ""}
                return user(other, called, **hidden)
        return refusal(20003, "User does not exists!", 400)


def refusal(code: int, error: str, status: int) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "error_code": code, "request": "/2/"})
