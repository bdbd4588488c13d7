"""The adapter by KOLbench's own tests, against a stand-in for the open API."""

from __future__ import annotations

from typing import Any

import httpx
from kolbench_weibo import Weibo
from weibo_server import ME, TOKEN, comment, status, user
from weibo_server import Weibo as Server

from kolbench.testing import AdapterConformance, Answer

STATUSES = [
    status(101),
    status(102, retweeted_status=status(50, user=user("2001", "tea_house"))),
    status(103, retweeted_status={"id": 51, "text": "抱歉，此微博已被作者删除", "deleted": "1"}),
    status(104),
    status(105),
]
COMMENTS = [comment(201), comment(202), comment(203)]
MENTIONS = [
    status(301, user=user("2002", "cups")),
    status(302, user=user("2002", "cups"), retweeted_status=status(101)),
    {"id": 303, "created_at": "Tue May 05 17:46:55 +0800 2026", "text": "抱歉，此微博已被删除", "deleted": "1"},
]
FOLLOWERS = [user(str(uid), f"fan{uid}") for uid in range(3001, 3006)]


def server(more: list[dict[str, Any]]) -> Server:
    return Server([*STATUSES, *more], COMMENTS, MENTIONS, FOLLOWERS, left=10_000)


class TestWeibo(AdapterConformance):
    adapter = Weibo()
    settings = {"token": TOKEN, "accounts": "2001, cups, 2009", "followers": "yes"}
    # Of activities: three comments, one in which the account is mentioned, a status that mentions it, and a repost.
    expected = {"profiles": 4, "posts": 5, "activities": 6, "followers": 5}
    expected_later = {"posts": 6}

    def server(self, request: httpx.Request) -> Answer:
        answer: Answer = server([])(request)
        return answer

    def later(self, request: httpx.Request) -> Answer:
        answer: Answer = server([status(106, user=user(ME, "zaku_renamed"))])(request)
        return answer
