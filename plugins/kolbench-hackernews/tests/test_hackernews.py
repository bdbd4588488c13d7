"""The adapter against a scripted search, at the transport: no network."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from kolbench_hackernews import DAY, MOST, HackerNews

from kolbench import AccountRecord, Page, PostRecord, Pull, Rejected, SourceError

NOW = 1_780_000_000
ENDLESS = {"hits": [], "nbHits": float("inf")}


class Search:
    """Answers as the search API does: newest first, at most 1,000 of the stories at ``moments``."""

    def __init__(self, *moments: int) -> None:
        self.moments = sorted(moments)
        self.asked: list[tuple[int, int]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.params["query"] == "tea"
        start, stop = map(int, re.findall(r"\d+", request.url.params["numericFilters"]))
        self.asked.append((start, stop))
        found = [moment for moment in self.moments if start <= moment < stop]
        hits = [story(moment) for moment in reversed(found[-MOST:])]
        return httpx.Response(200, json={"hits": hits, "nbHits": len(found), "page": 0, "nbPages": 1})


def story(moment: int, **more: Any) -> dict[str, Any]:
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
        **more,
    }


def pages(search: Any, cursor: str | None = None, **more: Any) -> list[Page]:
    with httpx.Client(transport=httpx.MockTransport(search)) as http:
        return list(
            HackerNews(lambda: NOW).pull(Pull("posts", {"query": "tea", "days": "30"}, cursor, http=http, **more))
        )


def uids(found: list[Page]) -> list[str]:
    return [record.uid for page in found for record in page.records if isinstance(record, PostRecord)]


def test_a_story_becomes_its_author_and_a_post() -> None:
    account, post = pages(Search(NOW - DAY))[-1].records
    assert account == AccountRecord(
        uid=f"user{(NOW - DAY) % 7}", handle=f"user{(NOW - DAY) % 7}", name=f"user{(NOW - DAY) % 7}"
    )
    assert isinstance(post, PostRecord)
    assert (post.title, post.text, post.kind) == ("Tea & talk", "Hello <world>", "story")
    assert post.url == f"https://news.ycombinator.com/item?id={NOW - DAY}"
    assert post.metrics == {"likes": 5, "comments": 0}
    assert post.published_at == datetime.fromtimestamp(NOW - DAY, UTC)


def test_the_first_sync_goes_back_as_many_days_as_it_is_told() -> None:
    assert uids(pages(Search(NOW - 31 * DAY, NOW - 29 * DAY))) == [str(NOW - 29 * DAY)]


def test_a_since_goes_before_the_days() -> None:
    since = datetime.fromtimestamp(NOW - 100 * DAY, UTC)
    assert len(uids(pages(Search(NOW - 31 * DAY, NOW - 29 * DAY), since=since))) == 2


def test_windows_are_cut_until_each_is_answered_in_full() -> None:
    search = Search(*range(NOW - 20 * DAY, NOW, 400))
    found = pages(search)
    assert sorted(map(int, uids(found))) == search.moments
    assert all(len(page.records) <= 2 * MOST for page in found)


def test_a_later_sync_goes_on_and_reads_the_last_days_again() -> None:
    last = pages(Search(NOW - 5 * DAY))[-1].cursor
    assert last == str(NOW)
    assert uids(pages(Search(NOW - 5 * DAY, NOW - 2 * DAY), cursor=last)) == [str(NOW - 2 * DAY)]


def test_more_than_a_window_can_hold_is_told() -> None:
    told: list[str] = []
    found = pages(Search(*[NOW - DAY] * (MOST + 1)), warn=told.append)
    assert len(told) == 1
    assert len(uids(found)) == MOST


@pytest.mark.parametrize("answer", [[], {}, {"hits": "none", "nbHits": 1}, {"hits": [None], "nbHits": 1}, ENDLESS])
def test_another_answer_is_an_error_that_says_so(answer: Any) -> None:
    with pytest.raises(SourceError, match="did not answer with stories"):
        pages(lambda request: httpx.Response(200, text=json.dumps(answer)))


@pytest.mark.parametrize("broken", [{"created_at_i": None}, {"created_at_i": 10**20}, {"title": 5}])
def test_a_broken_story_is_rejected_alone(broken: dict[str, Any]) -> None:
    answer = {"hits": [story(NOW - DAY, **broken), story(NOW - 2 * DAY)], "nbHits": 2}
    rejected: list[Rejected] = []
    assert set(uids(pages(lambda request: httpx.Response(200, json=answer), reject=rejected.append))) == {
        str(NOW - 2 * DAY)
    }
    assert {(one.line, one.value) for one in rejected} == {(1, str(NOW - DAY))}


def test_a_story_without_an_author_is_passed_over() -> None:
    answer = {"hits": [story(NOW - DAY, author=None)], "nbHits": 1}
    assert uids(pages(lambda request: httpx.Response(200, json=answer))) == []
