"""Channels, videos and clips as Twitch writes them, as far as they are read, and what each says in KOLbench's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from kolbench.adapters.answers import counted
from kolbench.adapters.servers import moment
from kolbench.domain.records import AccountRecord, PostRecord

if TYPE_CHECKING:
    from datetime import datetime

    from kolbench.domain.records import Metrics

_STAFF = ("staff", "admin", "global_mod")
_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")


class User(Struct, frozen=True):
    """An account; ``type`` tells Twitch's own people, ``broadcaster_type`` affiliates and partners."""

    id: str
    login: str | None = None
    display_name: str | None = None
    type: str | None = None
    broadcaster_type: str | None = None
    description: str | None = None
    profile_image_url: str | None = None
    created_at: str | None = None


class Stream(Struct, frozen=True):
    """A broadcast that is running."""

    user_id: str
    viewer_count: int | None = None


class Follower(Struct, frozen=True):
    """Who follows a channel, and since when."""

    user_id: str
    user_login: str | None = None
    user_name: str | None = None
    followed_at: str | None = None


class Video(Struct, frozen=True):
    """An ``archive`` of a broadcast, a ``highlight`` of one, or an ``upload``."""

    id: str
    user_id: str | None = None
    title: str | None = None
    description: str | None = None
    created_at: str | None = None
    published_at: str | None = None
    url: str | None = None
    view_count: int | None = None
    type: str | None = None
    duration: str | None = None

    @property
    def at(self) -> datetime | None:
        """When it was published."""
        return moment(self.published_at or self.created_at)


class Clip(Struct, frozen=True):
    """Some seconds of a broadcast that somebody, mostly of the audience, has cut out."""

    id: str
    broadcaster_id: str | None = None
    creator_id: str | None = None
    creator_name: str | None = None
    title: str | None = None
    created_at: str | None = None
    url: str | None = None
    view_count: int | None = None
    duration: float | None = None


def user_record(user: User, metrics: Metrics) -> AccountRecord:
    """An account with its counts."""
    return AccountRecord(
        uid=user.id,
        handle=user.login,
        name=user.display_name or None,
        bio=user.description or None,
        url=f"https://www.twitch.tv/{user.login}" if user.login else None,
        avatar_url=user.profile_image_url or None,
        verified=user.broadcaster_type or None,
        is_staff=user.type in _STAFF if user.type is not None else None,
        created_at=moment(user.created_at),
        gone=False,
        metrics=metrics,
    )


def video_record(video: Video, owner: str) -> PostRecord:
    """A video with its counts."""
    return PostRecord(
        uid=video.id,
        account_uid=owner,
        published_at=video.at,
        kind=video.type or "video",
        title=video.title or None,
        text=video.description or None,
        url=video.url,
        duration_s=seconds(video.duration or ""),
        metrics=counted(views=video.view_count),
    )


def clip_record(clip: Clip, owner: str) -> PostRecord:
    """A clip as a post of the channel that it was cut from."""
    return PostRecord(
        uid=clip.id,
        account_uid=owner,
        published_at=moment(clip.created_at),
        kind="clip",
        title=clip.title or None,
        url=clip.url,
        duration_s=round(clip.duration) if clip.duration is not None and 0 <= clip.duration < 1_000_000 else None,
        metrics=counted(views=clip.view_count),
    )


def seconds(duration: str) -> int | None:
    """How long ``3h8m33s`` is; None for what is no such text."""
    found = _DURATION.fullmatch(duration)
    if not found or not duration:
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest
