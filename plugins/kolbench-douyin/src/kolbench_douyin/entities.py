"""What the Open Platform answers, by the fields that are read, and the records it becomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from msgspec import Raw, Struct, field

from kolbench import AccountRecord, FollowRecord, PostRecord, Record, SnapshotRecord
from kolbench.adapters.servers import at_second

T = TypeVar("T")

Code = int | str | None

CHINA = dt.timezone(dt.timedelta(hours=8))

SERIES = ("fans", "item", "like", "comment", "share", "profile")
"""The figures of an account that are counted day by day: the last part of each call's address."""

_OF_A_DAY = {
    "total_fans": "followers",
    "new_fans": "followers_gained",
    "total_issue": "posts",
    "new_issue": "posts_gained",
    "new_play": "views_gained",
    "new_like": "likes_gained",
    "new_comment": "comments_gained",
    "new_share": "shares_gained",
    "profile_uv": "profile_visitors",
}
_OF_A_WORK = {
    "play_count": "views",
    "digg_count": "likes",
    "comment_count": "comments",
    "share_count": "shares",
    "forward_count": "forwards",
    "download_count": "downloads",
}
_ROLES = {"EAccountM": "企业号", "EAccountS": "认证企业号", "EAccountK": "品牌企业号"}
_MEDIA = {2: "images", 4: "video"}


class Whole(Struct, Generic[T]):
    """An answer that doesn't refuse."""

    data: T


class Token(Struct):
    """A new access token."""

    access_token: str


class Profile(Struct):
    """The creator."""

    open_id: str
    nickname: str | None = None
    avatar: str | None = None
    e_account_role: str | None = None


class Person(Struct):
    """One of a list of people."""

    open_id: str
    nickname: str | None = None
    avatar: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None


class People(Struct):
    """A part of a list of people."""

    has_more: bool | int
    cursor: int
    items: list[Raw] | None = field(default=None, name="list")


class Day(Struct):
    """What one of the day-by-day calls says of a day."""

    date: dt.date
    total_fans: int | None = None
    new_fans: int | None = None
    total_issue: int | None = None
    new_issue: int | None = None
    new_play: int | None = None
    new_like: int | None = None
    new_comment: int | None = None
    new_share: int | None = None
    profile_uv: int | None = None


class Series(Struct):
    """Figures by day."""

    result_list: list[Raw] | None


class Statistics(Struct):
    """How a work is received."""

    play_count: int | None = None
    digg_count: int | None = None
    comment_count: int | None = None
    share_count: int | None = None
    forward_count: int | None = None
    download_count: int | None = None


class Video(Struct):
    """A work: a video or a series of pictures."""

    item_id: str
    create_time: int
    title: str | None = None
    share_url: str | None = None
    is_top: bool | None = None
    media_type: int | None = None
    statistics: Statistics | None = None


class Counted(Struct):
    """The counts of a work that was asked for by its id."""

    item_id: str
    statistics: Statistics | None = None


class Videos(Struct):
    """A part of the works."""

    has_more: bool | int
    cursor: int
    items: list[Raw] | None = field(default=None, name="list")


class Counts(Struct):
    """The counts of some works."""

    items: list[Raw] | None = field(name="list")


def profile_record(me: Profile) -> AccountRecord:
    """The creator's account."""
    verified = _ROLES.get(me.e_account_role or "")
    return AccountRecord(uid=me.open_id, name=me.nickname, avatar_url=me.avatar or None, verified=verified)


def person_records(person: Person, creator: str, follows: bool) -> Iterator[Record]:
    """Somebody who ``follows`` the creator, or is followed, and that they do."""
    region = " ".join(dict.fromkeys(filter(None, (person.province, person.city)))) or person.country or None
    yield AccountRecord(uid=person.open_id, name=person.nickname, avatar_url=person.avatar or None, region=region)
    follower, followed = (person.open_id, creator) if follows else (creator, person.open_id)
    yield FollowRecord(follower_uid=follower, account_uid=followed)


def day_records(creator: str, days: Iterable[Day]) -> list[Record]:
    """The figures of each day, taken together, as they were at its end in China."""
    figures: dict[dt.date, dict[str, int]] = {}
    for day in days:
        figures.setdefault(day.date, {}).update(_counts(day, _OF_A_DAY))
    end = dt.time(23, 59, 59, tzinfo=CHINA)
    return [
        SnapshotRecord(account_uid=creator, metrics={**counts}, observed_at=dt.datetime.combine(date, end))
        for date, counts in sorted(figures.items())
        if counts
    ]


def video_record(video: Video, creator: str, counted: Statistics | None) -> PostRecord:
    """A work with its counts as they are now."""
    return PostRecord(
        uid=video.item_id,
        account_uid=creator,
        published_at=at_second(video.create_time),
        kind=_MEDIA.get(video.media_type or 0),
        title=video.title or None,
        url=video.share_url or None,
        metrics={**_counts(counted, _OF_A_WORK)} if counted else {},
    )


def _counts(told: Day | Statistics, names: dict[str, str]) -> dict[str, int]:
    values = ((metric, getattr(told, field, None)) for field, metric in names.items())
    return {metric: value for metric, value in values if value is not None}
