"""The adapter by KOLbench's own tests, against a search with a few stories."""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpx
from kolbench_hackernews import DAY, HackerNews

from kolbench.testing import AdapterConformance, Answer

NOW = 1_780_000_000
STORIES = range(NOW - 20 * DAY, NOW, DAY)


class TestHackerNews(AdapterConformance):
    adapter = HackerNews(lambda: NOW)
    settings = {"query": "tea", "days": "30"}
    expected = {"posts": len(STORIES)}
    expected_later = {"posts": len(STORIES) + 1}

    def server(self, request: httpx.Request) -> Answer:
        return found(request, STORIES)

    def later(self, request: httpx.Request) -> Answer:
        return found(request, [*STORIES, NOW - 100])


def found(request: httpx.Request, moments: Iterable[int]) -> Answer:
    start, stop = map(int, re.findall(r"\d+", request.url.params["numericFilters"]))
    hits = [story(moment) for moment in sorted(moments, reverse=True) if start <= moment < stop]
    return {"hits": hits, "nbHits": len(hits), "page": 0, "nbPages": 1}


def story(moment: int) -> dict[str, object]:
    return {
        "objectID": str(moment),
        "author": f"user{moment % 7}",
        "title": "Tea &amp; talk",
        "url": None,
        "story_text": "<p>Hello &lt;world&gt;",
        "points": 5,
        "num_comments": None,
        "created_at_i": moment,
        "_tags": ["story"],
    }
