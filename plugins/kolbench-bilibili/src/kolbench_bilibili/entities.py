"""A creator and their videos as Bilibili's open platform writes them, turned into records."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct, field

from kolbench import AccountRecord, PostRecord
from kolbench.adapters.answers import whole
from kolbench.adapters.servers import at_second

Text = Annotated[str, Meta(min_length=1)]
Number = int | str
"""Counts come as numbers, and from some of the platform's services as text."""

_LATEST_S = 253_402_300_000
"""The end of the year 9999, where Python's calendar ends."""


class Person(Struct, frozen=True):
    """The account that has authorised the app; ``openid`` is its id for this app alone, and not its public UID."""

    openid: Text
    name: str | None = None


class Grant(Struct, frozen=True):
    """What the account allows the app."""

    scopes: list[str] | None = None

    def allows(self, scope: str) -> bool:
        """Whether it allows this, as far as that is told."""
        return self.scopes is None or scope in self.scopes


class PersonCounts(Struct, frozen=True):
    """How many follow the account, and how many videos and accounts it has and follows."""

    follower: Number | None = None
    following: Number | None = None
    arc_passed_total: Number | None = None

    @property
    def metrics(self) -> dict[str, int]:
        """The counts that are told."""
        return _told({"followers": self.follower, "following": self.following, "posts": self.arc_passed_total})


class VideoFile(Struct, frozen=True):
    """How long a video is, and where it can be watched."""

    duration: Number | None = None
    share_url: str | None = None


class Video(Struct, frozen=True):
    """A video (稿件); times are seconds since 1970."""

    resource_id: Text
    title: str | None = None
    desc: str | None = None
    ptime: Number | None = None
    ctime: Number | None = None
    video_info: VideoFile | None = None

    @property
    def at(self) -> int:
        """When it was published, or else handed in; 0 where that is not told."""
        return next((at for told in (self.ptime, self.ctime) if (at := whole(told)) and at < _LATEST_S), 0)


class VideoCounts(Struct, frozen=True):
    """The counts of a video."""

    view: Number | None = None
    danmaku: Number | None = None
    reply: Number | None = None
    favorite: Number | None = None
    coin: Number | None = None
    share: Number | None = None
    like: Number | None = None

    @property
    def metrics(self) -> dict[str, int]:
        """The counts that are told."""
        return _told(
            {
                "views": self.view,
                "danmaku": self.danmaku,
                "comments": self.reply,
                "collects": self.favorite,
                "coins": self.coin,
                "shares": self.share,
                "likes": self.like,
            }
        )


class Slice(Struct, frozen=True):
    """Of how many videos a list is a page."""

    total: Number | None = None


class Videos(Struct, frozen=True):
    """A page of the list of videos."""

    entries: list[Raw] = field(name="list")
    page: Slice = Slice()


def account(person: Person, counts: PersonCounts) -> AccountRecord:
    """The account with its counts."""
    return AccountRecord(uid=person.openid, name=person.name or None, metrics={**counts.metrics})


def post(video: Video, author: str, counts: VideoCounts) -> PostRecord:
    """A video with its counts."""
    file = video.video_info or VideoFile()
    return PostRecord(
        uid=video.resource_id,
        account_uid=author,
        published_at=at_second(video.at),
        kind="video",
        title=video.title or None,
        text=video.desc or None,
        url=file.share_url if (file.share_url or "").startswith("https://") else None,
        duration_s=whole(file.duration),
        metrics={**counts.metrics},
    )


def _told(counts: dict[str, Number | None]) -> dict[str, int]:
    return {name: count for name, told in counts.items() if (count := whole(told)) is not None}
