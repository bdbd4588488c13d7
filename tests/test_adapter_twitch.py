"""What the Twitch adapter makes of the documented answers of Helix, and how it comes by its tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asking import Asking, of
from kolbench.adapters.protocol import Page
from kolbench.adapters.registry import faults
from kolbench.adapters.twitch.adapter import Twitch
from kolbench.adapters.twitch.entities import seconds
from kolbench.domain.errors import Denied, Gone, SourceError, Transient, UsageError
from kolbench.domain.records import AccountRecord, FollowRecord, InteractionRecord, PostRecord
from kolbench.store.connect import Store
from kolbench.testing import AdapterConformance

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
SECRET, REFRESH = "client-secret-of-ann", "refresh-token-of-ann"
Json = dict[str, Any]


def at(days: float) -> str:
    """So many days before now, as Twitch writes it."""
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def channel(number: int, login: str, **more: Any) -> Json:
    return {
        "id": str(number),
        "login": login,
        "display_name": login.title(),
        "type": "",
        "broadcaster_type": "",
        "description": "",
        "profile_image_url": "https://static-cdn.jtvnw.net/1.png",
        "view_count": 0,
        "created_at": "2016-12-14T20:32:28Z",
    } | more


def video(number: int, days: float, **more: Any) -> Json:
    return {
        "id": str(number),
        "user_id": "1",
        "title": f"video {number}",
        "description": "",
        "created_at": at(days),
        "published_at": at(days),
        "url": f"https://www.twitch.tv/videos/{number}",
        "view_count": 10 * number,
        "type": "archive",
        "duration": "3h8m33s",
    } | more


def clip(name: str, days: float, creator: str = "7", **more: Any) -> Json:
    return {
        "id": name,
        "url": f"https://clips.twitch.tv/{name}",
        "broadcaster_id": "1",
        "creator_id": creator,
        "creator_name": f"Fan{creator}",
        "title": f"clip {name}",
        "view_count": 12,
        "created_at": at(days),
        "duration": 12.9,
    } | more


class Platform:
    """Twitch in memory, which gives ``most`` items a page."""

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self.channels = [channel(1, "ann"), channel(2, "bob")]
        self.live: dict[str, int] = {}
        self.videos: list[Json] = []
        self.clips: list[Json] = []
        self.followers: list[Json] = []
        self.scope = ["moderator:read:followers"]
        self.asked: list[httpx.Request] = []
        self.stand_in: Callable[[httpx.Request], httpx.Response | None] = lambda request: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if answer := self.stand_in(request):
            return answer
        if request.url.host == "id.twitch.tv":
            return self.token({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        token = request.headers["authorization"]
        if token not in ("Bearer app-token", "Bearer user-token") or request.headers["client-id"] != "the-app":
            return httpx.Response(401, json={"error": "Unauthorized", "status": 401, "message": "Invalid OAuth token"})
        asked = request.url.params
        match request.url.path.removeprefix("/helix/"):
            case "users":
                wanted = {*asked.get_list("id"), *asked.get_list("login")} or {"ann"}
                found = [one for one in self.channels if wanted & {one["id"], one["login"]}]
                return httpx.Response(200, json={"data": found})
            case "streams":
                live = [{"user_id": one, "viewer_count": self.live[one], "type": "live"} for one in self.live]
                return httpx.Response(200, json={"data": live, "pagination": {}})
            case "channels/followers":
                total = {"total": len(self.followers)}
                if token == "Bearer app-token":
                    return httpx.Response(200, json={**total, "data": [], "pagination": {}})
                return self.page(request, self.followers, total)
            case "videos":
                own = [one for one in self.videos if one["user_id"] == asked["user_id"]]
                return self.page(request, sorted(own, key=lambda one: one["published_at"], reverse=True))
            case "clips":
                start, end = asked["started_at"], asked["ended_at"]
                own = [one for one in self.clips if one["broadcaster_id"] == asked["broadcaster_id"]]
                return self.page(request, [one for one in own if start <= one["created_at"] <= end])
        return httpx.Response(404, json={"error": "Not Found", "status": 404, "message": ""})

    def token(self, form: dict[str, str]) -> httpx.Response:
        if form["client_id"] != "the-app":
            return httpx.Response(400, json={"status": 400, "message": "invalid client"})
        if form["client_secret"] != SECRET:
            return httpx.Response(403, json={"status": 403, "message": "invalid client secret"})
        if form["grant_type"] == "client_credentials":
            return httpx.Response(
                200, json={"access_token": "app-token", "expires_in": 5011271, "token_type": "bearer"}
            )
        if form["refresh_token"] != REFRESH:
            return httpx.Response(400, json={"status": 400, "message": "Invalid refresh token"})
        return httpx.Response(200, json={"access_token": "user-token", "scope": self.scope, "token_type": "bearer"})

    def page(self, request: httpx.Request, items: list[Json], more: Json | None = None) -> httpx.Response:
        first = int(request.url.params.get("after", "0"))
        end = first + self.most
        pagination = {"cursor": str(end)} if end < len(items) else {}
        return httpx.Response(200, json={"data": items[first:end], "pagination": pagination, **(more or {})})

    def paths(self) -> list[str]:
        return [request.url.path.removeprefix("/helix/") for request in self.asked]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_NOW", NOW.isoformat())


@pytest.fixture
def platform() -> Platform:
    return Platform()


def asking(platform: Platform, **more: str) -> Asking:
    known = {"client_id": "the-app", "client_secret": SECRET, "accounts": "ann, bob"}
    return Asking(Twitch(), platform, known | more)


def ids(pages: list[Page]) -> list[str]:
    return [one.uid for page in pages for one in of(page.records, PostRecord)]


def test_it_declares_itself_soundly() -> None:
    assert faults(Twitch()) == []


# Channels -----------------------------------------------------------------------------------------------------


def test_a_channel_comes_in_with_its_followers_and_its_viewers_while_it_is_live(platform: Platform) -> None:
    platform.channels[0] |= {"broadcaster_type": "partner", "description": "Tea", "type": "staff"}
    platform.live, platform.followers = {"1": 78}, [{"user_id": "9"}] * 12
    ann, bob = of(asking(platform).records("profiles"), AccountRecord)
    assert ann == AccountRecord(
        uid="1",
        handle="ann",
        name="Ann",
        bio="Tea",
        url="https://www.twitch.tv/ann",
        avatar_url="https://static-cdn.jtvnw.net/1.png",
        verified="partner",
        is_staff=True,
        created_at=datetime(2016, 12, 14, 20, 32, 28, tzinfo=UTC),
        gone=False,
        metrics={"followers": 12, "viewers": 78},
    )
    assert (bob.is_staff, bob.verified, bob.metrics) == (False, None, {"followers": 12})


def test_channels_are_looked_up_a_hundred_at_a_time_by_name_and_id(platform: Platform) -> None:
    platform.channels = [channel(number, f"user{number}") for number in range(1, 151)]
    names = [str(number) if number % 5 == 0 else f"User{number}" for number in range(1, 151)]
    asked = asking(platform, accounts=" ".join(names))
    pages = asked.pages("profiles")
    assert [(len(page.records), page.total) for page in pages] == [(100, 150), (50, 150)]
    assert platform.paths().count("users") == 2
    assert platform.paths().count("/oauth2/token") == 1
    assert len(asked.pages("profiles", cursor=pages[0].cursor)) == 1


def test_a_channel_that_is_not_there_is_marked_as_gone(platform: Platform) -> None:
    found = of(asking(platform, accounts="ghost 99 ann").records("profiles"), AccountRecord)
    assert [(one.uid, one.gone) for one in found] == [("handle:ghost", True), ("99", True), ("1", False)]
    with pytest.raises(Gone, match="no account ghost"):
        asking(platform).pages("posts", "ghost videos")


def test_a_channel_that_hides_its_followers_is_read_without(platform: Platform) -> None:
    closed = httpx.Response(403, json={"error": "Forbidden", "status": 403, "message": ""})
    platform.stand_in = lambda request: closed if "followers" in request.url.path else None
    assert [one.metrics for one in of(asking(platform).records("profiles"), AccountRecord)] == [{}, {}]


def test_names_are_taken_in_every_form(platform: Platform) -> None:
    told = "https://www.twitch.tv/Ann/videos @Bob 44 @45"
    assert asking(platform, accounts=told).targets("posts")[::2] == [
        "ann videos",
        "bob videos",
        "44 videos",
        "@45 videos",
    ]
    for wrong in ("https://example.org/ann", "not-a-name", "x" * 26):
        with pytest.raises(UsageError, match="is no name on Twitch"):
            asking(platform, accounts=wrong).targets("posts")


# Videos and clips ---------------------------------------------------------------------------------------------


def test_a_video_becomes_a_post(platform: Platform) -> None:
    platform.videos = [video(7, 1, description="about tea")]
    assert asking(platform).records("posts", "ann videos") == [
        PostRecord(
            uid="7",
            account_uid="1",
            published_at=NOW - timedelta(days=1),
            kind="archive",
            title="video 7",
            text="about tea",
            url="https://www.twitch.tv/videos/7",
            duration_s=3 * 3600 + 8 * 60 + 33,
            metrics={"views": 70},
        )
    ]


def test_videos_are_read_back_to_the_last_sync_and_some_days_further(platform: Platform) -> None:
    platform.videos = [video(number, 40 - number) for number in range(1, 40)]
    asked = asking(platform, days="5", recount="2")
    pages = asked.pages("posts", "ann videos")
    assert ids(pages) == ["39", "38", "37", "36", "35", "34", "33", "32"]
    platform.videos.append(video(40, 0))
    assert ids(asked.pages("posts", "ann videos", pages[-1].cursor)) == ["40", "39", "38", "37", "36", "35"]


def test_a_walk_that_was_killed_loses_nothing_even_if_its_place_is_forgotten(platform: Platform) -> None:
    platform.videos = [video(number, 10 - number) for number in range(1, 10)]
    asked = asking(platform, recount="0")
    pages = asked.pages("posts", "ann videos")
    everything = set(ids(pages))
    wrong = {"error": "Bad Request", "status": 400, "message": "The after cursor is not valid."}
    for page in pages[:-1]:
        forgotten = [httpx.Response(400, json=wrong)]
        assert set(ids(asked.pages("posts", "ann videos", page.cursor))) | set(ids(pages[:1])) <= everything
        platform.stand_in = lambda request, left=forgotten: (
            left.pop() if left and "after" in request.url.params else None
        )
        assert set(ids(asked.pages("posts", "ann videos", page.cursor))) == everything


def test_clips_are_posts_of_the_channel_and_deeds_of_who_cut_them(platform: Platform) -> None:
    platform.clips = [clip("Tea-1", 1), clip("Own-2", 1, creator="1")]
    found = asking(platform).records("posts", "ann clips")
    tea, own = of(found, PostRecord)
    assert (tea.uid, tea.account_uid, tea.kind, tea.duration_s, tea.metrics) == (
        "Tea-1",
        "1",
        "clip",
        13,
        {"views": 12},
    )
    assert own.title == "clip Own-2"
    assert of(found, InteractionRecord) == [
        InteractionRecord(actor_uid="7", object_uid="1", kind="clip", at=NOW - timedelta(days=1), evidence_uid="Tea-1")
    ]
    assert of(found, AccountRecord) == [AccountRecord(uid="7", name="Fan7")]


def test_clips_are_asked_for_week_by_week(platform: Platform) -> None:
    platform.clips = [clip(f"c{number}", number) for number in range(1, 21)]
    asked = asking(platform, days="16", recount="2")
    pages = asked.pages("posts", "ann clips")
    assert {int(uid[1:]) for uid in ids(pages)} == set(range(1, 17))
    spans = {
        (one.url.params["started_at"], one.url.params["ended_at"]) for one in platform.asked if "clips" in one.url.path
    }
    assert spans == {(at(16), at(9)), (at(9), at(2)), (at(2), at(0))}
    for number, page in enumerate(pages):
        seen = {*ids(pages[: number + 1]), *ids(asked.pages("posts", "ann clips", page.cursor))}
        assert seen >= set(ids(pages))
    assert set(ids(asked.pages("posts", "ann clips", pages[-1].cursor))) == {"c1", "c2"}


def test_a_first_sync_asks_for_no_clips_from_before_there_were_any(platform: Platform) -> None:
    asking(platform, days="36500").pages("posts", "1 clips")
    assert platform.asked[1].url.params["started_at"] == "2016-01-01T00:00:00Z"


def test_a_page_that_comes_again_and_again_ends(platform: Platform) -> None:
    again = {"data": [video(1, 1)], "pagination": {"cursor": "same"}}
    platform.stand_in = lambda request: httpx.Response(200, json=again) if "videos" in request.url.path else None
    asked = asking(platform)
    assert len(asked.pages("posts", "ann videos")) == 2
    assert asked.warned == ["videos: Twitch gives the same page again and again."]


def test_one_bad_item_is_rejected_alone_and_fields_may_be_missing(platform: Platform) -> None:
    platform.videos = [{"id": "9", "user_id": "1", "published_at": at(1)}, video(8, 2, view_count="many")]
    asked = asking(platform)
    assert ids(asked.pages("posts", "ann videos")) == ["9"]
    assert [one.column for one in asked.rejected] == ["view_count"]


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59))
def test_durations_are_read(hours: int, minutes: int, rest: int) -> None:
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    text = "".join(f"{value}{unit}" for value, unit in parts if value) or "0s"
    assert seconds(text) == hours * 3600 + minutes * 60 + rest


@given(st.text(max_size=12))
def test_any_text_may_stand_for_a_duration(text: str) -> None:
    found = seconds(text)
    assert found is None or found >= 0


# Followers ----------------------------------------------------------------------------------------------------


def test_followers_need_a_token_of_the_channels_people(platform: Platform) -> None:
    assert asking(platform).targets("followers") == []
    with pytest.raises(UsageError, match="give a refresh_token"):
        asking(platform, followers="ann").targets("followers")
    asked = asking(platform, followers="ann", refresh_token=REFRESH)
    assert asked.targets("followers") == ["ann"]
    platform.followers = [
        {"user_id": str(number), "user_login": f"fan{number}", "user_name": f"Fan{number}", "followed_at": at(number)}
        for number in range(10, 15)
    ]
    pages = asked.pages("followers", "ann")
    assert [page.total for page in pages] == [5, 5, 5]
    began, now = of(pages[0].records, FollowRecord)[:2]
    assert began == FollowRecord(follower_uid="10", account_uid="1", observed_at=NOW - timedelta(days=10))
    assert now.observed_at is None
    assert of(pages[0].records, AccountRecord)[0] == AccountRecord(uid="10", handle="fan10", name="Fan10")
    assert len(asked.pages("followers", "ann", pages[0].cursor)) == 2
    assert len(asked.pages("followers", "ann", pages[-1].cursor)) == 3


def test_a_user_who_is_no_moderator_is_told(platform: Platform) -> None:
    hidden = httpx.Response(200, json={"total": 5, "data": [], "pagination": {}})
    platform.stand_in = lambda request: hidden if "followers" in request.url.path else None
    with pytest.raises(Denied, match="ann: the refresh token's user is no moderator there"):
        asking(platform, followers="ann", refresh_token=REFRESH).pages("followers", "ann")


# Credentials --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"client_id": "another"}, "client id and secret"),
        ({"client_secret": "another-secret"}, "client id and secret"),
    ],
)
def test_wrong_credentials_end_it(platform: Platform, wrong: dict[str, str], text: str) -> None:
    with pytest.raises(SourceError, match=text) as raised:
        asking(platform, **wrong).pages("profiles")
    assert raised.value.status == 401
    assert not isinstance(raised.value, (Gone, Denied))


def test_a_refresh_token_that_was_taken_back_is_told(platform: Platform) -> None:
    asked = asking(platform, followers="ann", refresh_token="another-refresh-token")
    with pytest.raises(SourceError, match="its user has to allow the app again"):
        asked.pages("followers", "ann")


def test_an_answer_that_is_no_json_may_pass(platform: Platform) -> None:
    platform.stand_in = lambda request: httpx.Response(200, html="<p>Maintenance")
    with pytest.raises(Transient, match="not JSON"):
        asking(platform).pages("profiles")


def test_secrets_go_to_the_login_alone_and_tokens_to_helix_alone(platform: Platform) -> None:
    asking(platform, followers="ann", refresh_token=REFRESH).pages("followers", "ann")
    for request in platform.asked:
        told = f"{request.url} {request.headers.raw} {request.content!r}"
        secret = SECRET in told or REFRESH in told
        assert secret is (request.url.host == "id.twitch.tv")
        assert ("user-token" in told) is (request.url.host == "api.twitch.tv")


def test_the_credentials_are_tested(platform: Platform) -> None:
    assert [one.ok for one in asking(platform).test()] == [True]
    accepted, unknown = asking(platform, accounts="ghost").test()
    assert (accepted.ok, unknown.ok) == (True, False)
    assert [one.ok for one in asking(platform, followers="ann").test()] == [True, False]
    both = asking(platform, refresh_token=REFRESH)
    assert [one.text for one in both.test()][1:] == ["The refresh token belongs to ann."]
    platform.scope = []
    assert [(one.ok, one.text) for one in both.test()][-1] == (
        False,
        "It lacks the scope moderator:read:followers: followers can't be read.",
    )
    assert [one.ok for one in asking(platform, refresh_token="another-refresh-token").test()] == [True, False]


# A whole sync -------------------------------------------------------------------------------------------------


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("KOLBENCH_TWITCH_CLIENT_SECRET", SECRET)
    return store


def test_a_sync_keeps_it_once_and_logs_in_once(platform: Platform, store: Store) -> None:
    platform.videos = [video(number, 10 - number) for number in range(1, 6)]
    platform.clips = [clip("a", 1), clip("b", 2, creator="8")]
    asked = asking(platform, accounts="ghost, 1, bob")
    assert asked.sync(store).state == "done"
    assert platform.paths().count("/oauth2/token") == 1
    platform.channels[0]["login"] = "anna"
    assert asked.sync(store).state == "done"
    read = store.reader()
    assert read.execute("SELECT count(*) FROM post").fetchone()[0] == 7
    assert read.execute("SELECT count(*) FROM activity").fetchone()[0] == 2
    assert read.execute("SELECT handle FROM account WHERE uid = '1'").fetchone()[0] == "anna"
    assert any("ghost" in text for text in asked.warned)


class TestKeepsTheContract(AdapterConformance):
    """What the kit for authors asks of every adapter."""

    adapter = Twitch()
    settings = {
        "client_id": "the-app",
        "client_secret": SECRET,
        "refresh_token": REFRESH,
        "accounts": "ann, 2",
        "followers": "ann, bob",
        "days": "12",
        "recount": "1",
    }
    expected = {"profiles": 2, "posts": 8, "followers": 6}
    expected_later = {"posts": 10}

    def server(self, request: httpx.Request) -> httpx.Response:
        return self.platform(0)(request)

    def later(self, request: httpx.Request) -> httpx.Response:
        return self.platform(1)(request)

    def platform(self, more: int) -> Platform:
        made = Platform()
        made.videos = [video(number, 10 - number) for number in range(1, 6 + more)]
        made.clips = [clip(name, days) for name, days in (("a", 1), ("b", 4), ("c", 9), *[("d", 0.1)][:more])]
        made.followers = [{"user_id": str(number), "followed_at": at(number)} for number in range(10, 13)]
        return made
