"""Hacker News as KOLbench reads it: stories about a subject, with their authors, points and comments."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from kolbench import (
    AccountRecord,
    Page,
    PostRecord,
    Pull,
    RateLimit,
    Record,
    Register,
    Rejected,
    Setting,
    SourceError,
    hookimpl,
)

SEARCH = "https://hn.algolia.com/api/v1/search_by_date"
ITEM = "https://news.ycombinator.com/item?id="

MOST = 1_000
"""Stories that one search returns, however many there are."""

DAY = 86_400
FIRST_WINDOW, WIDEST, NARROWEST = 7 * DAY, 90 * DAY, 60
FRESH = 3 * DAY
"""Points and comments of a story come in for about so long."""

_TAG = re.compile(r"<[^>]*>")


class HackerNews:
    """Searches window after window of time, each narrow enough to be answered in full.

    The cursor is the moment (seconds since 1970) up to which everything was read.
    """

    name = "hackernews"
    title = "Hacker News: stories about a subject, and who writes them"
    platform = "hackernews"
    feeds = ("posts",)
    limits: RateLimit | None = RateLimit(requests=2, seconds=1)
    settings = (
        Setting("query", "words that a story must have", required=True, example="open source"),
        Setting("days", "how far back the first sync goes", default="90", example="30"),
    )

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield a page for each window, oldest first."""
        now = int(self._clock())
        start, window = self._start(pull, now), FIRST_WINDOW
        while start < now:
            stop = min(start + window, now)
            stories, found = self._search(pull, start, stop)
            if found > MOST and window > NARROWEST:
                window = max(NARROWEST, window // 2)
                continue
            if found > MOST:
                pull.warn(f"more than {MOST} stories in a minute: some are left out")
            yield Page(list(_records(pull, stories)), cursor=str(stop))
            start = stop
            if found < MOST // 4:
                window = min(WIDEST, window * 2)

    def _start(self, pull: Pull, now: int) -> int:
        if pull.cursor:
            return int(pull.cursor) - FRESH
        if pull.since:
            return int(pull.since.timestamp())
        try:
            return now - int(pull.settings["days"]) * DAY
        except ValueError as error:
            raise SourceError(f"days is {pull.settings['days']!r}: write a number") from error

    def _search(self, pull: Pull, start: int, stop: int) -> tuple[list[Mapping[str, Any]], int]:
        """The stories of a window, and how many the search knows of."""
        assert pull.http
        answer = pull.http.get(
            SEARCH,
            params={
                "query": pull.settings["query"],
                "tags": "story",
                "numericFilters": f"created_at_i>={start},created_at_i<{stop}",
                "hitsPerPage": str(MOST),
            },
        )
        try:
            data = answer.json()
            stories = [hit for hit in data["hits"] if hit.get("author")]
            return stories, int(data["nbHits"])
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise SourceError(f"Hacker News did not answer with stories ({error!r})") from error


def _records(pull: Pull, stories: list[Mapping[str, Any]]) -> Iterator[Record]:
    """Each story's author and the story; one that lacks what a story has is rejected alone."""
    for number, story in enumerate(stories, 1):
        try:
            author, uid = story["author"], story["objectID"]
            post = PostRecord(
                uid=uid,
                account_uid=author,
                published_at=datetime.fromtimestamp(story["created_at_i"], UTC),
                kind="story",
                title=unescape(story.get("title") or ""),
                text=unescape(_TAG.sub(" ", story.get("story_text") or "")).strip() or None,
                url=story.get("url") or ITEM + uid,
                metrics={"likes": story.get("points") or 0, "comments": story.get("num_comments") or 0},
            )
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            pull.reject(Rejected(number, "", f"not what Hacker News answers ({error!r})", str(story.get("objectID"))))
            continue
        yield AccountRecord(uid=author, handle=author, name=author)
        yield post


@hookimpl
def kolbench_register_adapters(register: Register) -> None:
    """Offer the adapter."""
    register(HackerNews())
