"""The adapter by KOLbench's own tests, against a stand-in for the open platform."""

from __future__ import annotations

import httpx
from bilibili_server import NOW, SETTINGS, video
from bilibili_server import Bilibili as Server
from kolbench_bilibili import Bilibili

from kolbench.testing import AdapterConformance, Answer

VIDEOS = [video(number, days_ago) for number, days_ago in ((5, 1), (4, 20), (3, 50), (2, 400), (1, 900))]


class TestBilibili(AdapterConformance):
    adapter = Bilibili(lambda: NOW)
    settings = SETTINGS
    expected = {"profiles": 1, "posts": 5}
    expected_later = {"profiles": 1, "posts": 6}
    exempt = {"it_protects_the_tokens_it_is_given": "a request's signature is good for that request alone: no token"}

    def server(self, request: httpx.Request) -> Answer:
        answer: Answer = Server(VIDEOS)(request)
        return answer

    def later(self, request: httpx.Request) -> Answer:
        answer: Answer = Server([video(6), *VIDEOS])(request)
        return answer
