"""What the documents say of Weibo that is its own, at the transport: no network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from kolbench_weibo import Weibo
from kolbench_weibo.entities import moment
from weibo_server import ME, TOKEN, comment, refusal, status, user
from weibo_server import Weibo as Server

from kolbench import (
    AccountRecord,
    Denied,
    FollowRecord,
    Gone,
    InteractionRecord,
    Page,
    PostRecord,
    Pull,
    RateLimited,
    Record,
    RecordError,
    Rejected,
    SourceError,
    Transient,
    UsageError,
)
from kolbench.adapters.protocol import RateLimit
from kolbench.domain.identity import handle_ref
from kolbench.sync.budgets import Budgets
from kolbench.sync.http import Rules, client
from kolbench.sync.secrets import Settings

SETTINGS = {"token": TOKEN, "accounts": "", "followers": "no"}


class Reading:
    """One pull through KOLbench's own client, with what the operator is told meanwhile."""

    def __init__(self, server: Callable[[httpx.Request], Any], feed: str, **more: Any) -> None:
        self.warned: list[str] = []
        self.rejected: list[Rejected] = []
        settings = Settings({**SETTINGS, **more.pop("settings", {})}, ["token"])
        http = client(
            RateLimit(10_000, 1),
            settings.redact,
            shared=Budgets(),
            rules=Rules(attempts=1),
            inner=httpx.MockTransport(lambda request: answered(server(request))),
        )
        target = more.pop("target", ME)
        self.pull = Pull(
            feed, settings, http=http, warn=self.warned.append, reject=self.rejected.append, target=target, **more
        )

    def pages(self) -> list[Page]:
        return list(Weibo().pull(self.pull))

    def records(self, *kinds: type) -> list[Record]:
        found = [record for page in self.pages() for record in page.records]
        return [record for record in found if not kinds or isinstance(record, kinds)]


def answered(answer: Any) -> httpx.Response:
    return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


def refusing(path: str, code: int, http_status: int, error: str = "no") -> Callable[[httpx.Request], Any]:
    server = Server([status(101)], [comment(201)])
    return lambda request: refusal(code, error, http_status) if path in request.url.path else server(request)


def uids(records: list[Record]) -> list[str]:
    return [record.uid for record in records if isinstance(record, PostRecord)]


def test_a_status_becomes_a_post_with_its_counts() -> None:
    (post,) = Reading(Server([status(101)]), "posts").records(PostRecord)
    assert post == PostRecord(
        uid="101",
        account_uid=ME,
        published_at=datetime(2026, 5, 18, 9, 46, 55, tzinfo=UTC),
        kind="text",
        text="第 101 条微博",
        metrics={"likes": 5, "comments": 9, "shares": 8},
    )


def test_a_repost_is_an_interaction_with_the_author_of_the_original() -> None:
    original = status(50, user=user("2001", "tea_house"))
    (repost,) = Reading(Server([status(102, retweeted_status=original)]), "posts").records(InteractionRecord)
    assert isinstance(repost, InteractionRecord)
    assert (repost.actor_uid, repost.object_uid, repost.kind, repost.evidence_uid) == (ME, "2001", "repost", "102")


def test_a_repost_of_what_was_deleted_is_a_post_alone() -> None:
    deleted = {"id": 51, "text": "抱歉，此微博已被作者删除", "deleted": "1"}
    records = Reading(Server([status(103, retweeted_status=deleted)]), "posts").records(PostRecord, InteractionRecord)
    assert [type(record) for record in records] == [PostRecord]


def test_a_deleted_status_is_passed_over() -> None:
    assert Reading(Server([status(104, deleted="1")]), "posts").records() == []


def test_counts_may_be_text_or_missing() -> None:
    (post,) = Reading(
        Server([status(101, attitudes_count="7", comments_count=None, reposts_count=-1)]), "posts"
    ).records(PostRecord)
    assert isinstance(post, PostRecord)
    assert post.metrics == {"likes": 7}


@pytest.mark.parametrize("text", ["", "2011-05-31", "Tue Foo 31 17:46:55 +0800 2011", "Tue Feb 31 17:46:55 +0800 2011"])
def test_another_date_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        moment(text)


def test_a_status_with_a_broken_date_is_rejected_alone() -> None:
    reading = Reading(Server([status(101), status(102, created_at="yesterday")]), "posts")
    assert uids(reading.records()) == ["101"]
    assert [(row.column, row.value) for row in reading.rejected] == [("created_at", "'yesterday' of 102")]


def test_a_later_sync_reads_the_newest_page_again_and_stops_at_what_is_known() -> None:
    known = [status(number) for number in range(101, 109)]
    last = Reading(Server(known), "posts").pages()[-1].cursor
    server = Server([*known, status(109)])
    assert uids(Reading(server, "posts", cursor=last).records()) == ["109", "108"]
    assert server.asked.count("statuses/user_timeline") == 1


def test_since_bounds_the_first_walk() -> None:
    server = Server([status(number) for number in range(102, 112)])
    since = moment(status(108)["created_at"])
    assert set(uids(Reading(server, "posts", since=since).records())) >= {"108", "109", "110", "111"}
    assert server.asked.count("statuses/user_timeline") == 3


def test_an_empty_page_is_not_the_end_where_another_follows() -> None:
    def server(request: httpx.Request) -> Any:
        if not request.url.path.endswith("user_timeline.json"):
            return Server()(request)
        pages = {"": ([status(105)], 0), "104": ([], 102), "102": ([status(101)], 0), "100": ([], 0)}
        statuses, following = pages[request.url.params.get("max_id", "")]
        return {"statuses": statuses, "next_cursor": following, "total_number": 2}

    assert uids(Reading(server, "posts").records()) == ["105", "101"]


def test_it_says_that_weibo_shows_less_than_it_counts() -> None:
    def server(request: httpx.Request) -> Any:
        if not request.url.path.endswith("user_timeline.json"):
            return Server()(request)
        return {"statuses": [] if "max_id" in request.url.params else [status(105)], "total_number": 2908}

    reading = Reading(server, "posts")
    assert uids(reading.records()) == ["105"]
    assert reading.warned == [
        "statuses/user_timeline: Weibo counts 2908 and shows 1. It shows an app the latest only, and only what was "
        "written by people who use the app."
    ]


def test_it_says_that_something_may_be_missing_between_two_syncs() -> None:
    reading = Reading(Server([status(110), status(111)]), "posts", cursor='{"read":101}')
    assert uids(reading.records()) == ["111", "110"]
    assert "may be missing" in reading.warned[0]


def test_a_cursor_of_another_adapter_begins_anew() -> None:
    anew = Reading(Server(), "posts").pages()
    assert Reading(Server(), "posts", cursor="page 5").pages() == anew


def test_a_comment_is_a_reply_to_the_author_of_what_it_is_about() -> None:
    answered_comment = comment(202, reply_comment={"id": 150, "user": user("2002", "cups")})
    reading = Reading(Server(comments=[comment(201), answered_comment]), "activities", target=f"{ME}/comments")
    found = reading.records(InteractionRecord)
    assert [(one.kind, one.object_uid) for one in found if isinstance(one, InteractionRecord)] == [
        ("reply", "2002"),
        ("reply", ME),
    ]


def test_who_comments_on_their_own_statuses_addresses_nobody() -> None:
    own = comment(201, user=user(ME, "zaku"))
    assert Reading(Server(comments=[own]), "activities", target=f"{ME}/comments").records(InteractionRecord) == []


def test_followers_are_listed_where_the_operator_wants_them() -> None:
    followers = [user(str(uid), f"fan{uid}") for uid in (1, 2, 3)]
    reading = Reading(Server(followers=followers), "followers", settings={"followers": "yes"}, target=ME)
    assert list(Weibo().targets(reading.pull)) == [ME]
    found = [one.follower_uid for one in reading.records(FollowRecord) if isinstance(one, FollowRecord)]
    assert found == ["1", "2", "3"]


def test_followers_are_left_alone_where_he_does_not() -> None:
    assert list(Weibo().targets(Reading(Server(), "followers").pull)) == []


def test_another_word_than_yes_and_no_is_refused() -> None:
    with pytest.raises(UsageError, match="write yes or no"):
        Weibo().targets(Reading(Server(), "followers", settings={"followers": "perhaps"}).pull)


def test_profiles_of_others_have_the_counts_that_are_read_for_all_at_once() -> None:
    server = Server()
    accounts = Reading(server, "profiles", settings={"accounts": "2001, 2002"}).records(AccountRecord)
    counted = {one.uid: one.metrics for one in accounts if isinstance(one, AccountRecord) and one.metrics}
    assert counted["2001"] == counted["2002"] == {"followers": 1204, "following": 447, "posts": 2908}
    assert server.asked.count("users/counts") == 1
    assert {one.name for one in accounts if isinstance(one, AccountRecord) and one.name} == {
        "zaku",
        "tea_house",
        "cups",
    }


def test_zeros_for_an_app_that_may_not_see_counts_are_no_counts() -> None:
    _me, other = Reading(Server(), "profiles", settings={"accounts": "cups"}).records(AccountRecord)
    assert isinstance(other, AccountRecord)
    assert (other.uid, other.metrics, other.bio) == ("2002", {}, None)


def test_an_account_that_is_not_there_is_gone() -> None:
    accounts = Reading(Server(), "profiles", settings={"accounts": "2009, @nobody"}).records(AccountRecord)
    gone = [one.uid for one in accounts if isinstance(one, AccountRecord) and one.gone]
    assert gone == ["2009", handle_ref("nobody")]


def test_profiles_go_on_where_the_requests_of_a_day_ended_and_counts_are_read_all_the_same() -> None:
    server = Server()
    reading = Reading(server, "profiles", settings={"accounts": "2001, 2002"}, cursor="2")
    assert [page.cursor for page in reading.pages()] == ["2", "0"]
    assert server.asked[1:] == ["users/counts", "users/show"]


def test_it_stops_before_weibo_has_to_refuse() -> None:
    server = Server([status(number) for number in range(101, 109)], left=2)
    reading = Reading(server, "posts")
    pages = Weibo().pull(reading.pull)
    next(iter(pages))
    next(iter(pages))
    with pytest.raises(RateLimited, match="no more for now") as caught:
        next(iter(pages))
    assert caught.value.retry_after == 7200
    assert server.asked.count("statuses/user_timeline") == 2


def test_a_refusal_for_too_many_requests_says_when_to_come_back() -> None:
    with pytest.raises(RateLimited, match="10023") as caught:
        Reading(refusing("user_timeline", 10023, 403, "User requests out of rate limit!"), "posts").pages()
    assert caught.value.retry_after == 7200


def test_an_app_that_may_not_ask_what_is_left_reads_all_the_same() -> None:
    assert uids(Reading(refusing("rate_limit_status", 10014, 403), "posts").records()) == ["101"]


@pytest.mark.parametrize("http_status", [200, 400, 403])
@pytest.mark.parametrize(
    ("code", "kind"),
    [(21335, Denied), (10014, Denied), (20003, Gone), (10009, Transient), (10017, SourceError), (21327, SourceError)],
)
def test_a_refusal_means_what_its_code_says_whatever_the_status(
    code: int, kind: type[SourceError], http_status: int
) -> None:
    with pytest.raises(SourceError, match=str(code)) as caught:
        Reading(refusing("user_timeline", code, http_status), "posts").pages()
    assert type(caught.value) is kind


def test_an_expired_token_says_to_get_a_new_one() -> None:
    with pytest.raises(SourceError, match="get a new one") as caught:
        Reading(refusing("user_timeline", 21327, 400, "expired_token"), "posts").pages()
    assert caught.value.status == 401


def test_the_credentials_are_told_in_plain_words() -> None:
    findings = list(Weibo().test(Reading(Server(left=40), "").pull))
    assert [(one.ok, one.text) for one in findings] == [
        (True, f"The token belongs to the account {ME} and is good for 10 days more."),
        (True, "40 of 100 requests are left to this account in your app."),
    ]


def test_requests_that_are_used_up_are_told() -> None:
    assert [one.ok for one in Weibo().test(Reading(Server(left=0), "").pull)] == [True, False]
