"""What the documents say of Bilibili that is its own, at the transport: no network."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bilibili_server import ALL, CLIENT, DAY, NOW, OPENID, SECRET, SETTINGS, TOKEN, refusal, told, video
from bilibili_server import Bilibili as Server
from kolbench_bilibili import Bilibili
from kolbench_bilibili.api import MD5_OF_NOTHING, signed

from kolbench import AccountRecord, Denied, Gone, Page, PostRecord, Pull, RateLimited, SourceError, Transient
from kolbench.adapters.protocol import RateLimit
from kolbench.sync.budgets import Budgets
from kolbench.sync.http import Rules, client
from kolbench.sync.secrets import Settings


class Reading:
    """One pull through KOLbench's own client, with what the operator is told meanwhile."""

    def __init__(self, server: Callable[[httpx.Request], Any], feed: str, **more: Any) -> None:
        self.warned: list[str] = []
        self.asked: list[httpx.Request] = []
        settings = Settings({**SETTINGS, **more.pop("settings", {})}, ["app_secret", "token"])

        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            made = server(request)
            return made if isinstance(made, httpx.Response) else httpx.Response(200, json=made)

        http = client(
            RateLimit(10_000, 1),
            settings.redact,
            shared=Budgets(),
            rules=Rules(attempts=1),
            inner=httpx.MockTransport(answer),
        )
        self.pull = Pull(feed, settings, http=http, warn=self.warned.append, target=OPENID, **more)

    def pages(self) -> list[Page]:
        return list(Bilibili(lambda: NOW).pull(self.pull))

    def posts(self) -> list[PostRecord]:
        return [record for page in self.pages() for record in page.records if isinstance(record, PostRecord)]

    def counted(self) -> list[str]:
        self.pages()
        return [each.url.params["resource_id"] for each in self.asked if each.url.path.endswith("arc/stat")]


def refusing(path: str, code: int, status: int = 200) -> Callable[[httpx.Request], Any]:
    server = Server([video(1)])
    return lambda request: refusal(code, "no", status) if request.url.path.endswith(path) else server(request)


def uids(*numbers: int) -> list[str]:
    return [video(number)["resource_id"] for number in numbers]


def test_requests_are_signed_as_the_platform_documents() -> None:
    headers = signed(SETTINGS, 1_624_594_467, "ad184c09-095f-91c3-0849-230dd3744045")
    text = (
        f"x-bili-accesskeyid:{CLIENT}\n"
        "x-bili-content-md5:d41d8cd98f00b204e9800998ecf8427e\n"
        "x-bili-signature-method:HMAC-SHA256\n"
        "x-bili-signature-nonce:ad184c09-095f-91c3-0849-230dd3744045\n"
        "x-bili-signature-version:2.0\n"
        "x-bili-timestamp:1624594467"
    )
    assert headers["Authorization"] == hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert headers["access-token"] == TOKEN
    assert hashlib.md5(b"").hexdigest() == MD5_OF_NOTHING


def test_the_secret_is_never_sent_and_no_two_requests_have_the_same_nonce() -> None:
    reading = Reading(Server([video(1), video(2), video(3)]), "posts")
    reading.pages()
    assert not any(SECRET in f"{each.url} {each.headers.raw!r}" for each in reading.asked)
    nonces = [each.headers["x-bili-signature-nonce"] for each in reading.asked]
    assert len(set(nonces)) == len(nonces) > 3


def test_the_account_has_its_counts() -> None:
    ((record,),) = [page.records for page in Reading(Server(), "profiles").pages()]
    assert record == AccountRecord(uid=OPENID, name="茶小白", metrics={"followers": 166, "following": 98, "posts": 11})


def test_an_account_that_has_not_granted_its_counts_is_read_without() -> None:
    reading = Reading(Server(scopes=("USER_INFO",)), "profiles")
    ((record,),) = [page.records for page in reading.pages()]
    assert isinstance(record, AccountRecord)
    assert record.metrics == {}
    assert reading.warned == ["The account hasn't granted USER_DATA: how many follow it can't be read."]


def test_a_video_becomes_a_post_with_all_its_counts() -> None:
    (post,) = Reading(Server([video(1)]), "posts").posts()
    assert post == PostRecord(
        uid="BV1MW4217001",
        account_uid=OPENID,
        published_at=datetime.fromtimestamp(NOW, UTC),
        kind="video",
        title="稿件 1",
        text="生活记录",
        url="https://www.bilibili.com/video/BV1MW4217001",
        duration_s=65,
        metrics={
            "views": 198,
            "danmaku": 166,
            "comments": 11,
            "collects": 36,
            "coins": 8,
            "shares": 79,
            "likes": 135,
        },
    )


def test_a_video_may_lack_what_is_not_needed() -> None:
    (post,) = Reading(Server([{"resource_id": "BV1xx411c7mD", "ctime": NOW}]), "posts").posts()
    assert (post.uid, post.published_at, post.url) == ("BV1xx411c7mD", datetime.fromtimestamp(NOW, UTC), None)


def test_counts_may_be_text() -> None:
    server = Server([video(1)])

    def answer(request: httpx.Request) -> Any:
        return told({"view": "100", "like": "-"}) if request.url.path.endswith("arc/stat") else server(request)

    (post,) = Reading(answer, "posts").posts()
    assert post.metrics == {"views": 100}


def test_videos_without_permission_for_counts_are_read_without_asking_for_each() -> None:
    reading = Reading(Server([video(1), video(2)], scopes=("USER_INFO", "ARC_BASE")), "posts")
    assert reading.counted() == []
    assert reading.warned == ["The account hasn't granted ARC_DATA: the counts of its videos can't be read."]


def test_videos_are_read_oldest_first_whatever_the_order_of_the_list() -> None:
    server = Server([video(2, 200), video(3, 100), video(1, 300)])
    assert [post.uid for post in Reading(server, "posts").posts()] == uids(1, 2, 3)


def test_a_later_sync_counts_what_is_new_and_the_last_days_again() -> None:
    old = [video(1, 300), video(2, 100), video(3, 20)]
    last = Reading(Server(old), "posts").pages()[-1].cursor
    assert Reading(Server([video(4, 1), *old]), "posts", cursor=last).counted() == uids(3, 4)
    assert Reading(Server([video(4, 1), *old]), "posts", cursor=last, settings={"recount": "0"}).counted() == uids(4)


def test_a_video_that_goes_while_the_list_is_read_again_hides_no_other() -> None:
    old = [video(number, 1000 - number) for number in range(30)]
    first, *_rest = Reading(Server(old), "posts").pages()
    behind = Reading(Server(old[5:]), "posts", cursor=first.cursor).counted()
    assert behind == uids(*range(20, 30))


def test_since_bounds_the_first_sync() -> None:
    server = Server([video(1, 300), video(2, 100), video(3, 20)])
    since = datetime.fromtimestamp(NOW - 150 * DAY, UTC)
    assert Reading(server, "posts", since=since).counted() == uids(2, 3)


def test_a_list_that_is_shorter_than_its_count_is_told() -> None:
    def answer(request: httpx.Request) -> Any:
        if not request.url.path.endswith("viewlist"):
            return Server([video(1)])(request)
        return told({"list": [video(1)] if request.url.params["pn"] == "1" else [], "page": {"total": 9}})

    reading = Reading(answer, "posts")
    assert [post.uid for post in reading.posts()] == uids(1)
    assert reading.warned == ["Bilibili counts 9 videos and lists 1."]


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (4002, SourceError),
        (4003, Transient),
        (4008, Denied),
        (4009, RateLimited),
        (4010, Gone),
        (5001, Transient),
        (99, SourceError),
    ],
)
def test_a_refusal_means_what_its_code_says_whatever_the_status(
    code: int, kind: type[SourceError], status: int
) -> None:
    with pytest.raises(SourceError, match=str(code)) as caught:
        Reading(refusing("viewlist", code, status), "posts").pages()
    assert type(caught.value) is kind


@pytest.mark.parametrize("code", [4001, 4007, 122007, -101])
def test_refused_credentials_are_told_as_such(code: int) -> None:
    with pytest.raises(SourceError, match="Check the app's credentials") as caught:
        Reading(refusing("viewlist", code), "posts").pages()
    assert caught.value.status == 401


def test_a_clock_that_is_wrong_is_named() -> None:
    with pytest.raises(Transient, match="check this computer's clock"):
        Reading(refusing("viewlist", 4003), "posts").pages()


def test_a_video_whose_counts_are_refused_is_read_without_them() -> None:
    reading = Reading(refusing("arc/stat", 4008), "posts")
    assert [post.metrics for post in reading.posts()] == [{}]
    assert "4008" in reading.warned[0]


def test_scopes_that_are_not_shown_stop_nothing() -> None:
    assert len(Reading(refusing("account/scopes", 4008), "posts").counted()) == 1


def test_a_cursor_of_another_adapter_begins_anew() -> None:
    anew = Reading(Server(), "posts").pages()
    assert Reading(Server(), "posts", cursor="page 5").pages() == anew


def test_the_target_is_the_account_of_the_token() -> None:
    assert Bilibili(lambda: NOW).targets(Reading(Server(), "posts").pull) == (OPENID,)


def test_the_credentials_are_told_in_plain_words() -> None:
    findings = list(Bilibili(lambda: NOW).test(Reading(Server(scopes=ALL[:3]), "").pull))
    assert [(one.ok, one.text) for one in findings] == [
        (True, "The token belongs to 茶小白."),
        (False, "It lacks the permission ARC_DATA, and doesn't show the counts of its videos."),
    ]
