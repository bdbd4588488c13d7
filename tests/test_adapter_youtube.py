"""What the YouTube adapter makes of the Data API's answers, and how it gets by with the units of a day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as told
from hypothesis import strategies as st

from asking import Asking, of
from kolbench.adapters.registry import faults
from kolbench.adapters.youtube import quota
from kolbench.adapters.youtube.adapter import YouTube
from kolbench.adapters.youtube.entities import rounded, seconds
from kolbench.adapters.youtube.quota import Work, planned
from kolbench.domain.clock import DAY, to_ms
from kolbench.domain.errors import Denied, Gone, RateLimited, SourceError, Transient, UsageError
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    Count,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    PostRecord,
)
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

Json = dict[str, Any]

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ANN, BEN, FAN = (f"UC{name:x>22}" for name in ("ann", "ben", "fan"))
KEY = "key-of-the-project"


def at(days: float) -> str:
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def video_id(number: int) -> str:
    return f"v{number:0>10}"


def channel(uid: str, handle: str, **counts: Any) -> Json:
    return {
        "kind": "youtube#channel",
        "etag": "x",
        "id": uid,
        "snippet": {
            "title": handle.title(),
            "description": f"Write to {handle}@example.com.",
            "customUrl": f"@{handle}",
            "publishedAt": "2015-05-06T07:08:09.123456Z",
            "thumbnails": {"default": {"url": "https://img.example/s"}, "high": {"url": "https://img.example/l"}},
            "country": "DE",
        },
        "statistics": {
            "viewCount": "123456789012",
            "subscriberCount": "12300",
            "hiddenSubscriberCount": False,
            "videoCount": "7",
        }
        | counts,
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": f"UU{uid[2:]}"}},
    }


def video(number: int, days: float, owner: str = ANN, **more: Any) -> Json:
    return {
        "kind": "youtube#video",
        "id": video_id(number),
        "snippet": {
            "channelId": owner,
            "channelTitle": {ANN: "Ann", BEN: "Ben"}[owner],
            "publishedAt": at(days),
            "title": f"Video {number}",
            "description": "About tea",
            "liveBroadcastContent": "none",
        },
        "contentDetails": {"duration": "PT1M5S"},
        "statistics": {"viewCount": "1000", "likeCount": "20", "favoriteCount": "0", "commentCount": "3"},
    } | more


def comment(uid: str, days: float, text: str = "Lovely", author: str = FAN, **more: Any) -> Json:
    snippet = {
        "textDisplay": text,
        "authorDisplayName": f"@{author[-3:]}",
        "authorProfileImageUrl": "https://img.example/a",
        "authorChannelUrl": f"http://www.youtube.com/@{author[-3:]}",
        "authorChannelId": {"value": author},
        "likeCount": 4,
        "publishedAt": at(days),
        "updatedAt": at(days),
    }
    return {"kind": "youtube#comment", "id": uid, "snippet": snippet | more}


class Api:
    """The Data API in memory, with ``most`` items a page, which counts units."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.channels = [channel(ANN, "ann"), channel(BEN, "ben")]
        self.names: dict[str, str] = {"oldben": BEN}
        self.videos = {ANN: [video(number, number) for number in range(1, 6)], BEN: [video(99, 2, BEN)]}
        self.playlists: dict[str, list[str]] = {}
        self.threads: dict[str, list[Json]] = {}
        self.replies: dict[str, list[Json]] = {}
        self.refused: dict[str, tuple[int, str]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def say(self, about: str, top: Json, *replies: Json) -> None:
        """A comment, newest first, of whose replies one at most comes with it."""
        thread = {
            "kind": "youtube#commentThread",
            "id": top["id"],
            "snippet": {"videoId": video_id(1), "topLevelComment": top, "totalReplyCount": len(replies)},
        }
        if replies:
            thread["replies"] = {"comments": list(replies[:1])}
            self.replies[top["id"]] = list(replies)
        self.threads.setdefault(about, []).append(thread)

    def paths(self) -> list[str]:
        return [path for path, _query in self.asked]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "www.googleapis.com"
        resource, query = request.url.path.removeprefix("/youtube/v3/"), dict(parse_qsl(request.url.query.decode()))
        self.asked.append((resource, query))
        if request.headers.get("x-goog-api-key") != KEY:
            return failure(400, "badRequest", details="API_KEY_INVALID")
        if resource in self.refused:
            return failure(*self.refused[resource])
        match resource:
            case "channels":
                found = [one for one in self.channels if self._is_wanted(one, query)]
                return self.listed("channel", found, found)
            case "videos":
                ids = query["id"].split(",")
                assert len(ids) <= 50
                known = [one for some in self.videos.values() for one in some if one["id"] in ids]
                return self.listed("video", known, known)
            case "playlistItems":
                return self._items(query)
            case "commentThreads":
                about = query.get("videoId") or query["allThreadsRelatedToChannelId"]
                return self.page("commentThread", self.threads.get(about, []), query)
            case "comments":
                if query["parentId"] not in self.replies:
                    return failure(404, "commentNotFound")
                return self.page("comment", self.replies[query["parentId"]], query)
        raise AssertionError(resource)

    def _is_wanted(self, one: Json, query: Mapping[str, str]) -> bool:
        if "forHandle" in query:
            return bool(one["snippet"]["customUrl"] == query["forHandle"])
        if "forUsername" in query:
            return bool(one["id"] == self.names.get(query["forUsername"]))
        return one["id"] in query["id"].split(",")

    def _items(self, query: Mapping[str, str]) -> httpx.Response:
        name = query["playlistId"]
        if name in self.playlists:
            ids = self.playlists[name]
            items = [{"contentDetails": {"videoId": one, "videoPublishedAt": at(1)}} for one in ids]
        elif found := self.videos.get(f"UC{name[2:]}"):
            items = [
                {"contentDetails": {"videoId": one["id"], "videoPublishedAt": one["snippet"]["publishedAt"]}}
                for one in found
            ]
        else:
            return failure(404, "playlistNotFound")
        return self.page("playlistItem", items, query)

    def page(self, kind: str, items: list[Json], query: Mapping[str, str]) -> httpx.Response:
        start = int(query.get("pageToken", "0"))
        more = {"nextPageToken": str(start + self.most)} if start + self.most < len(items) else {}
        return self.listed(kind, items[start : start + self.most], items, **more)

    def listed(self, kind: str, some: list[Json], every: list[Json], **more: str) -> httpx.Response:
        answer: Json = {"kind": f"youtube#{kind}ListResponse", "etag": "x", "pageInfo": {"totalResults": len(every)}}
        return httpx.Response(200, json=answer | more | ({"items": some} if some else {}))


def failure(status: int, reason: str, details: str = "") -> httpx.Response:
    error: Json = {"code": status, "message": "No", "errors": [{"domain": "youtube", "reason": reason}]}
    if details:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": details}]
    return httpx.Response(status, json={"error": error})


def reader(api: Api, **more: str) -> Asking:
    return Asking(YouTube(), api, {"api_key": KEY, "channels": "@ann"} | more)


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    tell(monkeypatch, NOW)


def tell(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", now.isoformat())


def place(cursor: str) -> Json:
    found: Json = json.loads(cursor)
    return found


def uids(records: list[Any], kind: type[Any] = PostRecord) -> list[str]:
    return [record.uid for record in of(records, kind)]


def test_it_is_declared_soundly() -> None:
    assert faults(YouTube()) == []


# Channels


def test_a_channel_is_read_with_what_it_tells(api: Api) -> None:
    (account,) = of(reader(api).records("profiles"), AccountRecord)
    assert (account.uid, account.handle, account.name, account.region) == (ANN, "ann", "Ann", "DE")
    assert account.metrics == {"followers": Count(12_300, 99), "views": 123_456_789_012, "posts": 7}
    assert account.contacts == (Contact("email", "ann@example.com"),)
    assert account.avatar_url == "https://img.example/l"
    assert account.created_at == datetime(2015, 5, 6, 7, 8, 9, 123456, UTC)
    assert account.gone is False


def test_hidden_subscribers_are_not_told(api: Api) -> None:
    api.channels = [channel(ANN, "ann", hiddenSubscriberCount=True, subscriberCount="0")]
    (account,) = of(reader(api).records("profiles"), AccountRecord)
    assert "followers" not in account.metrics


@pytest.mark.parametrize(
    ("told", "means"),
    [(0, 0), (999, 999), (1_000, Count(1_000, 9)), (12_300, Count(12_300, 99)), (4_560_000, Count(4_560_000, 9_999))],
)
def test_subscribers_are_as_exact_as_three_digits(told: int, means: int | Count) -> None:
    assert rounded(told) == means


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("@ann", "@ann"),
        (ANN, ANN),
        (f"https://www.youtube.com/channel/{ANN}/videos", ANN),
        ("https://youtube.com/@ann?si=x", "@ann"),
        ("www.youtube.com/@李佳琦", "@李佳琦"),
        ("https://www.youtube.com/user/oldben", "oldben"),
        ("https://www.youtube.com/c/oldben", "oldben"),
    ],
)
def test_a_channel_may_be_written_in_many_ways(api: Api, written: str, name: str) -> None:
    assert reader(api, channels=written).targets("posts") == [name]


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": ""},
        {"channels": "https://www.youtube.com/"},
        {"channels": "a@b"},
        {"videos": "tea"},
        {"playlists": "a/b"},
        {"quota": "many"},
        {"quota": "2"},
        {"comments": "maybe"},
    ],
)
def test_a_wrong_setting_is_named(api: Api, wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        reader(api, **wrong).targets("posts")


def test_fifty_ids_are_asked_for_at_once(api: Api) -> None:
    names = [f"UC{number:0>22}" for number in range(120)]
    api.channels = [channel(name, f"h{place}") for place, name in enumerate(names)]
    assert len(reader(api, channels=" ".join(names)).records("profiles")) == 120
    assert [len(query["id"].split(",")) for _path, query in api.asked] == [50, 50, 20]


def test_a_name_is_looked_up_once_and_then_by_its_id(api: Api) -> None:
    asking = reader(api, channels=f"@ann, oldben, {ANN}")
    cursor = asking.pages("profiles")[-1].cursor
    assert [sorted({"forHandle", "forUsername", "id"} & query.keys()) for _path, query in api.asked] == [
        ["forHandle"],
        ["forHandle"],
        ["forUsername"],
        ["id"],
    ]
    api.asked.clear()
    api.channels[0]["snippet"]["customUrl"] = "@anna"
    accounts = of(asking.records("profiles", cursor=cursor), AccountRecord)
    assert {account.handle for account in accounts} == {"anna", "ben"}
    assert [query["id"] for _path, query in api.asked] == [f"{ANN},{BEN}"]


def test_a_channel_that_is_missing_is_gone(api: Api) -> None:
    asking = reader(api, channels=f"@ann {BEN} @nobody")
    cursor = asking.pages("profiles")[-1].cursor
    api.channels.clear()
    pages = asking.pages("profiles", cursor=cursor)
    accounts = of([record for page in pages for record in page.records], AccountRecord)
    assert [(account.uid, account.gone) for account in accounts] == [
        (ANN, True),
        (BEN, True),
        ("handle:nobody", True),
    ]
    api.channels = [channel(FAN, "ann")]
    again = of(asking.records("profiles", cursor=pages[-1].cursor), AccountRecord)
    assert again[0].uid == FAN, "somebody else has the name by now"


def test_a_channel_that_an_answer_leaves_out_by_mistake_is_not_gone(api: Api) -> None:
    api.channels[1]["snippet"] = "broken"
    asking = reader(api, channels=f"{ANN} {BEN}")
    assert [account.gone for account in of(asking.records("profiles"), AccountRecord)] == [False]
    assert len(asking.rejected) == 1
    assert "1" in asking.warned[0]


def test_profiles_go_on_from_every_cursor(api: Api) -> None:
    names = [f"UC{number:0>22}" for number in range(120)]
    api.channels = [channel(name, f"h{place}") for place, name in enumerate(names)]
    asking = reader(api, channels=" ".join(names))
    pages = asking.pages("profiles")
    for number, page in enumerate(pages[:-1]):
        later = asking.records("profiles", cursor=page.cursor)
        assert uids(later, AccountRecord) == names[50 * (number + 1) :]
    assert len(asking.records("profiles", cursor=pages[-1].cursor)) == 120, "the next sync counts anew"


# Videos


def test_a_video_is_read_with_its_counts(api: Api) -> None:
    post = of(reader(api).records("posts", "@ann"), PostRecord)[0]
    assert (post.uid, post.account_uid, post.kind, post.title) == (video_id(1), ANN, "video", "Video 1")
    assert post.metrics == {"views": 1000, "likes": 20, "comments": 3}
    assert post.duration_s == 65
    assert post.url == f"https://www.youtube.com/watch?v={video_id(1)}"


def test_hidden_counts_and_broadcasts_are_told_apart(api: Api) -> None:
    api.videos[ANN] = [
        video(1, 1, statistics={"viewCount": "5"}),
        video(2, 2, liveStreamingDetails={"actualStartTime": at(2)}, contentDetails={"duration": "P0D"}),
        video(3, 3, statistics=None, contentDetails=None),
    ]
    posts = of(reader(api).records("posts", "@ann"), PostRecord)
    assert [(post.kind, post.duration_s, post.metrics) for post in posts] == [
        ("video", 65, {"views": 5}),
        ("live", None, {"views": 1000, "likes": 20, "comments": 3}),
        ("video", None, {}),
    ]


def test_the_first_sync_goes_back_some_days_and_the_next_to_what_was_seen(api: Api) -> None:
    api.videos[ANN] = [video(number, 10 * number) for number in range(1, 21)]
    asking = reader(api, days="90", recount="25")
    pages = asking.pages("posts", "@ann")
    first = [uid for page in pages for uid in uids(list(page.records))]
    assert first[:9] == [video_id(number) for number in range(1, 10)]
    assert len(first) == 10, "no further than the page that reaches the boundary"
    api.videos[ANN].insert(0, video(30, 0.5))
    api.asked.clear()
    again = uids(asking.records("posts", "@ann", pages[-1].cursor))
    assert again == [video_id(number) for number in (30, 1, 2, 3)], "the new one, and those whose counts are young"
    assert api.paths() == ["playlistItems", "videos"] * 2 + ["playlistItems"]


def test_a_channel_that_was_silent_for_long_is_cheap(api: Api) -> None:
    api.videos[ANN] = [video(number, 100 + number) for number in range(1, 9)]
    asking = reader(api, days="365")
    cursor = asking.pages("posts", "@ann")[-1].cursor
    api.asked.clear()
    assert uids(asking.records("posts", "@ann", cursor)) == [video_id(1), video_id(2)]
    assert len(api.asked) == 3


def test_a_walk_that_was_killed_is_finished_before_anything_else(api: Api) -> None:
    asking = reader(api)
    pages = asking.pages("posts", "@ann")
    wanted = {video_id(number) for number in range(1, 6)}
    for number in range(len(pages)):
        had = {uid for page in pages[: number + 1] for uid in uids(list(page.records))}
        later = uids(asking.records("posts", "@ann", pages[number].cursor))
        assert had | set(later) == wanted
        assert "channels" not in api.paths()[-len(later) :], "the channel is known by then"


def test_a_page_token_that_has_expired_begins_the_walk_anew(api: Api) -> None:
    asking = reader(api)
    cursor = asking.pages("posts", "@ann")[0].cursor

    def forgetful(request: httpx.Request) -> httpx.Response:
        return failure(400, "invalidPageToken") if request.url.params.get("pageToken") == "2" else api(request)

    api.most = 3
    asking = Asking(YouTube(), forgetful, asking.settings)
    assert len(uids(asking.records("posts", "@ann", cursor))) == 5


def test_a_page_that_repeats_itself_ends_the_walk(api: Api) -> None:
    def stuck(request: httpx.Request) -> httpx.Response:
        answer = api(request)
        return httpx.Response(200, json=answer.json() | {"nextPageToken": "2"})

    asking = Asking(YouTube(), stuck, {"api_key": KEY, "channels": "@ann"})
    assert len(asking.pages("posts", "@ann")) == 2
    assert "again and again" in asking.warned[0]


def test_private_and_deleted_videos_are_passed_over(api: Api) -> None:
    api.playlists["PLtea"] = [video_id(number) for number in (1, 77, 2)]
    assert uids(reader(api, playlists="PLtea").records("posts", "PLtea")) == [video_id(1), video_id(2)]


def test_a_playlist_is_read_whole_each_time(api: Api) -> None:
    api.playlists["PLtea"] = [video_id(number) for number in (5, 1, 3)]
    asking = reader(api, channels="", playlists="https://www.youtube.com/playlist?list=PLtea")
    assert asking.targets("posts") == ["PLtea"]
    assert asking.targets("profiles") == asking.targets("messages") == []
    pages = asking.pages("posts", "PLtea")
    assert uids(asking.records("posts", "PLtea", pages[-1].cursor)) == [video_id(number) for number in (1, 5, 3)]


def test_a_playlist_that_is_gone_is_told_and_a_channel_without_videos_is_empty(api: Api) -> None:
    with pytest.raises(Gone):
        reader(api, playlists="PLnone").pages("posts", "PLnone")
    del api.videos[ANN]
    assert reader(api).records("posts", "@ann") == []


def test_single_videos_are_read_in_one_request_and_missing_ones_are_named(api: Api) -> None:
    written = f"https://youtu.be/{video_id(1)}, https://www.youtube.com/watch?v={video_id(2)}&t=3 {video_id(88)}"
    asking = reader(api, channels="", videos=f"{written} https://www.youtube.com/shorts/{video_id(99)}")
    assert asking.targets("posts") == ["videos"]
    assert uids(asking.records("posts", "videos")) == [video_id(number) for number in (1, 2, 99)]
    assert video_id(88) in asking.warned[0]
    assert len(api.asked) == 1


# Comments


def test_comments_are_messages_to_the_channel(api: Api) -> None:
    api.say(ANN, comment("c1", 1, "I love @tea.house, and @fan likes a@b.c"))
    records = reader(api).records("messages", "@ann")
    community = CommunityRecord(uid=ANN, name="Ann", kind="channel", url=f"https://www.youtube.com/channel/{ANN}")
    assert of(records, CommunityRecord) == [community]
    assert of(records, MembershipRecord)[0].role == "owner"
    (message,) = of(records, MessageRecord)
    assert (message.uid, message.community_uid, message.account_uid) == ("c1", ANN, FAN)
    deeds = [(deed.kind, deed.object_uid, deed.evidence_uid) for deed in of(records, InteractionRecord)]
    assert deeds == [("comment", ANN, "c1"), ("mention", "handle:tea.house", "c1")]
    assert of(records, AccountRecord)[1].handle == "fan"
    assert api.asked[1][1]["allThreadsRelatedToChannelId"] == ANN, "one list for all its videos"


def test_all_replies_are_read_towards_whom_they_answer(api: Api) -> None:
    api.say(ANN, comment("c1", 1), comment("c1.1", 0.9, author=ANN), *(comment(f"c1.{n}", 0.8) for n in range(2, 6)))
    api.say(ANN, comment("c2", 2))
    api.say(ANN, comment("c3", 3), comment("c3.1", 0.5, author=BEN))
    asking = reader(api)
    pages = asking.pages("messages", "@ann")
    records = [record for page in pages for record in page.records]
    assert api.paths().count("comments") == 3, "those of c3 came with it"
    said = {message.uid: message.reply_to_uid for message in of(records, MessageRecord)}
    assert said == dict.fromkeys(["c1", "c2", "c3"]) | {f"c1.{n}": "c1" for n in range(1, 6)} | {"c3.1": "c3"}
    deeds = {(deed.actor_uid, deed.kind, deed.object_uid) for deed in of(records, InteractionRecord)}
    assert deeds == {(FAN, "comment", ANN), (ANN, "reply", FAN), (BEN, "reply", FAN)}
    for number, page in enumerate(pages):
        had = {message.uid for page in pages[: number + 1] for message in of(list(page.records), MessageRecord)}
        later = of(asking.records("messages", "@ann", page.cursor), MessageRecord)
        assert had | {message.uid for message in later} == said.keys()


def test_the_next_sync_reads_new_comments_and_those_that_may_be_answered(api: Api) -> None:
    for number in range(20):
        api.say(ANN, comment(f"c{number}", number + 0.5))
    asking = reader(api, thread_days="3")
    cursor = asking.pages("messages", "@ann")[-1].cursor
    api.threads[ANN].insert(0, {"id": "new", "snippet": {"topLevelComment": comment("new", 0.1)}})
    found = of(asking.records("messages", "@ann", cursor), MessageRecord)
    assert [message.uid for message in found] == ["new", "c0", "c1", "c2", "c3", "c4"]


def test_replies_to_a_comment_that_is_gone_by_now_are_passed_over(api: Api) -> None:
    api.say(ANN, comment("c1", 1), comment("c1.1", 1), comment("c1.2", 1))
    api.say(ANN, comment("c2", 2))
    del api.replies["c1"]
    found = of(reader(api).records("messages", "@ann"), MessageRecord)
    assert [message.uid for message in found] == ["c1", "c1.1", "c2"]


def test_whoever_is_not_told_said_nothing(api: Api) -> None:
    api.say(ANN, comment("c1", 1, authorChannelId=None, authorDisplayName="Somebody"))
    api.say(ANN, comment("c2", 1, authorChannelId=None))
    api.say(ANN, comment("c3", 1, publishedAt="yesterday"))
    found = of(reader(api).records("messages", "@ann"), MessageRecord)
    assert [(message.uid, message.account_uid) for message in found] == [("c2", "handle:fan")]


def test_a_broken_comment_is_rejected_alone(api: Api) -> None:
    api.say(ANN, comment("c1", 1))
    api.say(ANN, comment("c2", 2))
    del api.threads[ANN][0]["snippet"]["topLevelComment"]["id"]
    asking = reader(api)
    assert [message.uid for message in of(asking.records("messages", "@ann"), MessageRecord)] == ["c2"]
    assert len(asking.rejected) == 1


def test_the_comments_to_one_video_belong_to_its_channel(api: Api) -> None:
    api.say(video_id(99), comment("c1", 1))
    asking = reader(api, channels="", videos=video_id(99))
    assert asking.targets("messages") == [f"video {video_id(99)}"]
    (message,) = of(asking.records("messages", f"video {video_id(99)}"), MessageRecord)
    assert message.community_uid == BEN


def test_comments_that_are_switched_off_are_a_state(api: Api) -> None:
    api.refused["commentThreads"] = 403, "commentsDisabled"
    with pytest.raises(Denied, match="switched off"):
        reader(api, videos=video_id(99)).pages("messages", f"video {video_id(99)}")


def test_without_comments_nothing_of_them_is_asked_for(api: Api) -> None:
    assert reader(api, comments="no").targets("messages") == []


# The quota


def test_a_day_begins_at_midnight_in_california() -> None:
    summer, winter = datetime(2026, 7, 1, 7, tzinfo=UTC), datetime(2026, 1, 1, 8, tzinfo=UTC)
    for midnight in (summer, winter):
        before = to_ms(midnight - timedelta(seconds=1))
        assert quota.day(to_ms(midnight)) == quota.day(before) + 1
        assert quota.until_tomorrow(before) == 1


def test_units_are_counted_in_the_cursor_and_end_with_the_day(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = reader(api)
    cursor = asking.pages("posts", "@ann")[-1].cursor
    assert place(cursor)["used"] == len(api.asked)
    api.asked.clear()
    tell(monkeypatch, NOW + timedelta(days=1))
    cursor = asking.pages("posts", "@ann", cursor)[-1].cursor
    assert place(cursor)["used"] == len(api.asked)


def test_a_reading_stops_at_its_share_and_goes_on_tomorrow(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.videos[ANN] = [video(number, number) for number in range(1, 31)]
    asking = reader(api, quota="7", comments="no")
    cursor, found = None, set[str]()
    for day in range(20):
        tell(monkeypatch, NOW + timedelta(days=day))
        api.asked.clear()
        pages = asking.pages("posts", "@ann", cursor)
        cursor = pages[-1].cursor
        found |= {uid for page in pages for uid in uids(list(page.records))}
        assert len(api.asked) <= 5
        if len(found) == 30:
            break
        assert f"{len(api.asked)} units" in asking.warned[-1]
        assert asking.pages("posts", "@ann", cursor)[-1].records == (), "nothing more the same day"
        assert asking.warned[-2].startswith("@ann: ")
        assert asking.warned[-1].startswith("posts: "), "the same for all, so that it is said once"
    assert len(found) == 30
    assert day > 3


def test_requests_in_vain_count_too(api: Api) -> None:
    api.refused["playlistItems"] = 403, "playlistItemsNotAccessible"
    asking = reader(api)
    pages = YouTube().pull(asking.pull("posts", "@ann"))
    assert place(next(pages).cursor)["used"] == 2
    with pytest.raises(Denied):
        next(pages)


@told(max_examples=60, deadline=None)
@given(
    quota=st.integers(3, 20_000),
    channels=st.integers(0, 3_000),
    handles=st.integers(0, 300),
    videos=st.integers(0, 500),
    when=st.integers(0, 40),
)
def test_no_day_takes_more_than_the_quota_and_everything_has_its_turn(
    quota: int, channels: int, handles: int, videos: int, when: int
) -> None:
    works = {
        "profiles": Work(-(-channels // 50) + handles, 1),
        "posts": Work(channels + handles, 3),
        "videos": Work(-(-videos // 50), 1),
        "messages": Work(channels + handles + videos, 3),
    }
    least = sum(work.units for work in works.values() if work.parts)
    if quota < least:
        with pytest.raises(UsageError):
            planned(quota, works)
        return
    plan = planned(quota, works)
    now = to_ms(NOW + timedelta(days=when))
    used = 0
    for name, work in plan.works.items():
        if name in ("profiles", "videos"):
            used += plan.shares(name)
            assert plan.shares(name) * plan.days >= work.parts
        else:
            names = [str(number) for number in range(work.parts)]
            today = plan.turn(names, now)
            used += len(today) * plan.share(name)
            assert plan.share(name) >= work.units
            if plan.days < 100:
                turns = [plan.turn(names, now + day * DAY) for day in range(plan.days)]
                assert sorted(chain.from_iterable(turns)) == sorted(names)
    assert used <= quota


def test_a_quota_that_is_too_small_makes_a_pass_of_several_days(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"UC{number:0>22}" for number in range(10)]
    asking = reader(api, channels=" ".join(names), quota="25")
    turns = []
    for day in range(3):
        tell(monkeypatch, NOW + timedelta(days=day))
        turns.append(asking.targets("posts"))
    assert sorted(chain.from_iterable(turns)) == names
    assert "every 3 days" in asking.warned[0]


def test_a_used_up_quota_is_told_with_the_time_to_come_back(api: Api) -> None:
    api.refused["channels"] = 403, "quotaExceeded"
    with pytest.raises(RateLimited, match="used up") as raised:
        reader(api).pages("profiles")
    assert raised.value.retry_after == 19 * 3600, "from 5 in the morning in California"


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (403, "rateLimitExceeded", RateLimited),
        (400, "keyInvalid", SourceError),
        (403, "accessNotConfigured", SourceError),
        (400, "processingFailure", Transient),
        (403, "forbidden", Denied),
        (400, "badRequest", SourceError),
    ],
)
def test_refusals_are_told_apart_by_their_reason(api: Api, status: int, reason: str, kind: type) -> None:
    api.refused["channels"] = status, reason
    with pytest.raises(SourceError) as raised:
        reader(api).pages("profiles")
    assert type(raised.value) is kind
    assert raised.value.status == status


def test_a_failure_that_does_not_pass_ends_the_sync_after_a_few_tries(
    tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOLBENCH_YOUTUBE_API_KEY", KEY)
    api.refused["playlistItems"] = 400, "processingFailure"
    store = Store.open(tmp_path / "kolbench.db")
    assert reader(api).sync(store).state == "failed"
    assert api.paths().count("playlistItems") == 3
    store.close()


def test_a_wrong_key_is_told_as_such(api: Api) -> None:
    with pytest.raises(SourceError, match="does not accept the API key") as raised:
        reader(api, api_key="another-key").pages("profiles")
    assert "another-key" not in str(raised.value)


def test_the_key_stands_in_no_address(api: Api) -> None:
    asked: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return api(request)

    Asking(YouTube(), server, {"api_key": KEY, "channels": "@ann"}).pages("posts", "@ann")
    assert not any(KEY in url for url in asked)


# The rest


def test_the_test_tells_the_plan(api: Api) -> None:
    findings = reader(api).test()
    assert [finding.ok for finding in findings] == [True, True]
    assert "7 units" in findings[1].text
    assert len(api.asked) == 1


def test_the_test_tells_a_used_up_quota_and_a_missing_channel(api: Api) -> None:
    assert [finding.ok for finding in reader(api, channels="@nobody").test()] == [False, True]
    api.refused["channels"] = 403, "quotaExceeded"
    assert [finding.ok for finding in reader(api).test()] == [False, True]


def test_the_test_does_without_channels(api: Api) -> None:
    api.playlists["PLtea"] = []
    assert reader(api, channels="", playlists="PLtea").test()[0].ok
    assert reader(api, channels="", videos=video_id(1)).test()[0].ok


def test_html_is_transient(api: Api) -> None:
    asking = Asking(YouTube(), lambda request: httpx.Response(200, html="<html>"), {"api_key": KEY, "channels": "@ann"})
    with pytest.raises(Transient):
        asking.pages("profiles")


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ("PT15M51S", 951),
        ("PT1H", 3600),
        ("P1DT1S", 86_401),
        ("P1W", 604_800),
        ("P0D", None),
        ("", None),
        ("1:30", None),
    ],
)
def test_durations_are_seconds(told: str, means: int | None) -> None:
    assert seconds(told) == means


def test_a_sync_keeps_all_of_it_once_and_goes_on(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_YOUTUBE_API_KEY", KEY)
    api.say(ANN, comment("c1", 1), comment("c1.1", 0.9, author=ANN), comment("c1.2", 0.8))
    asking = reader(api, channels=f"@ann, {BEN}, @nobody")
    store = Store.open(tmp_path / "kolbench.db")
    for _time in range(2):
        assert asking.sync(store).state == "done"
    db = store.reader()
    assert db.execute("SELECT count(*) FROM post").fetchone()[0] == 6
    assert db.execute("SELECT count(*) FROM message").fetchone()[0] == 3
    assert db.execute("SELECT count(*) FROM account WHERE gone").fetchone()[0] == 1
    store.close()
    assert any("nobody" in text for text in asking.warned)


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = YouTube()
    settings = {"api_key": KEY, "channels": f"@ann, {BEN}", "playlists": "PLtea", "videos": video_id(99), "days": "90"}
    expected = {"profiles": 2, "posts": 6, "messages": 6}
    expected_later = {"profiles": 2, "posts": 7, "messages": 7}

    def server(self, request: httpx.Request) -> httpx.Response:
        return self.api()(request)

    def later(self, request: httpx.Request) -> httpx.Response:
        api = self.api()
        api.videos[BEN].insert(0, video(10, 0.1, BEN))
        api.threads[ANN].insert(0, {"id": "new", "snippet": {"topLevelComment": comment("new", 0.1)}})
        return api(request)

    def api(self) -> Api:
        api = Api()
        api.playlists["PLtea"] = [video_id(2), video_id(3), video_id(99)]
        api.say(ANN, comment("c1", 1), *(comment(f"c1.{number}", 0.9, author=BEN) for number in range(1, 4)))
        api.say(ANN, comment("c2", 1.5))
        api.say(ANN, comment("c3", 2))
        return api
