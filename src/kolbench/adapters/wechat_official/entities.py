"""Followers, articles and their counts as WeChat tells them, and what each says in KOLbench's words."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from msgspec import Raw, Struct

from kolbench.adapters.answers import counted
from kolbench.adapters.servers import at_second
from kolbench.adapters.wechat_official.api import BEIJING
from kolbench.domain.records import AccountRecord, PostRecord, SnapshotRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

_MSGID = re.compile(r"(\d{1,20})_(\d{1,3})")


class OpenIds(Struct, frozen=True):
    """Ids of followers, which mean something to this one account."""

    openid: list[str] = []


class Fans(Struct, frozen=True):
    """A page of the list of followers."""

    total: int | None = None
    data: OpenIds | None = None
    next_openid: str | None = None


class Fan(Struct, frozen=True):
    """A follower. Names and pictures are not told any more, so that ``nickname`` is empty."""

    openid: str
    subscribe: int | None = None
    nickname: str | None = None
    remark: str | None = None
    subscribe_time: int | None = None
    subscribe_scene: str | None = None
    tagid_list: list[int] | None = None


class FanList(Struct, frozen=True):
    """What is told of some followers."""

    user_info_list: list[Raw] = []


class Tag(Struct, frozen=True):
    """A tag by which the operator has sorted followers."""

    id: int
    name: str | None = None


class Tags(Struct, frozen=True):
    """All of them."""

    tags: list[Raw] = []


class Listed(Struct, frozen=True, rename={"items": "list"}):
    """Whatever is counted by days."""

    items: list[Raw] = []


class Day(Struct, frozen=True):
    """How many follow the account at a day's end, or came and went on it by one way."""

    ref_date: date
    cumulate_user: int | None = None
    new_user: int | None = None
    cancel_user: int | None = None


class Figures(Struct, frozen=True):
    """The counts of an article, from when it was published to a day's end."""

    stat_date: date
    read_user: int | None = None
    share_user: int | None = None
    zaikan_user: int | None = None
    like_user: int | None = None
    comment_count: int | None = None
    collection_user: int | None = None
    read_subscribe_user: int | None = None


class Counted(Struct, frozen=True):
    """An article of a day, with its counts of that day and those that followed."""

    msgid: str
    ref_date: date
    title: str | None = None
    content_url: str | None = None
    detail_list: list[Figures] = []


class Article(Struct, frozen=True):
    """One of the articles that were published together."""

    title: str | None = None
    digest: str | None = None
    url: str | None = None
    is_deleted: bool | None = None


class Content(Struct, frozen=True):
    """What was published together."""

    news_item: list[Article] = []
    create_time: int | None = None


class Published(Struct, frozen=True):
    """A publication."""

    article_id: str
    content: Content = Content()
    update_time: int = 0


class PublishedList(Struct, frozen=True):
    """A page of publications, the newest first."""

    total_count: int | None = None
    item: list[Raw] = []


class Reply(Struct, frozen=True):
    """The account's own answer to a comment."""

    create_time: int | None = None


class Comment(Struct, frozen=True):
    """A comment under an article; who writes under another name than WeChat's has no openid."""

    user_comment_id: int
    openid: str | None = None
    create_time: int | None = None
    reply: Reply | None = None


class Comments(Struct, frozen=True):
    """A page of comments."""

    comment: list[Raw] = []
    total: int | None = None


class Quota(Struct, frozen=True):
    """How often something may be called on a day."""

    daily_limit: int | None = None
    remain: int | None = None


class Quotas(Struct, frozen=True):
    """The answer with it."""

    quota: Quota = Quota()


def fan_record(fan: Fan) -> AccountRecord:
    """A follower as an account; ``category`` is the way by which they came."""
    scene = (fan.subscribe_scene or "").removeprefix("ADD_SCENE_").lower()
    return AccountRecord(uid=fan.openid, name=fan.remark or fan.nickname or None, category=scene or None)


def article_records(published: Published, owner: str) -> Iterator[PostRecord]:
    """The articles of a publication that are not deleted, dated by the day as in their figures."""
    at = at_second(published.content.create_time) or at_second(published.update_time)
    day = beginning(at.astimezone(BEIJING).date()) if at else None
    for number, article in enumerate(published.content.news_item, 1):
        if not article.is_deleted:
            yield PostRecord(
                uid=msgid(article.url) or f"{published.article_id}_{number}",
                account_uid=owner,
                published_at=day,
                kind="article",
                title=article.title or None,
                text=article.digest or None,
                url=web_address(article.url),
            )


def counted_records(article: Counted, owner: str) -> Iterator[PostRecord | SnapshotRecord]:
    """An article, and its counts at the end of each day."""
    yield PostRecord(
        uid=article.msgid,
        account_uid=owner,
        published_at=beginning(article.ref_date),
        kind="article",
        title=article.title or None,
        url=web_address(article.content_url),
    )
    for figures in article.detail_list:
        metrics = counted(
            views=figures.read_user,
            shares=figures.share_user,
            likes=figures.like_user,
            hearts=figures.zaikan_user,
            comments=figures.comment_count,
            collects=figures.collection_user,
            followers_gained=figures.read_subscribe_user,
        )
        if metrics:
            end = end_of(figures.stat_date)
            yield SnapshotRecord(account_uid=owner, post_uid=article.msgid, metrics=metrics, observed_at=end)


def parts(uid: str) -> tuple[int, int] | None:
    """The number of a publication and, from 0, of the article in it."""
    found = _MSGID.fullmatch(uid)
    return (int(found[1]), max(int(found[2]) - 1, 0)) if found else None


def msgid(url: str | None) -> str | None:
    """The id by which an article's counts know it, from its address."""
    query = _query(url)
    found = f"{query.get('mid')}_{query.get('idx')}"
    return found if _MSGID.fullmatch(found) else None


def web_address(url: str | None) -> str | None:
    """An article's address without what differs from one list to the other."""
    query = _query(url)
    known: dict[str, str] = {name: query[name] for name in ("__biz", "mid", "idx", "sn") if name in query}
    return f"https://mp.weixin.qq.com/s?{urlencode(known, safe='=')}" if len(known) == 4 else url or None


def _query(url: str | None) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(url or "").query))
    except ValueError:
        return {}


def beginning(day: date) -> datetime:
    """The first second of a day."""
    return datetime.combine(day, time(), BEIJING)


def end_of(day: date) -> datetime:
    """The last second of a day."""
    return datetime.combine(day, time(23, 59, 59), BEIJING)
