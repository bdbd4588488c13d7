"""What the Data API answers, as far as it is read, and the records made of it."""

from __future__ import annotations

import re
from datetime import timedelta

from msgspec import Raw, Struct

from kolbench.adapters.answers import whole
from kolbench.adapters.servers import moment
from kolbench.domain.identity import handle_key, handle_ref, is_provisional
from kolbench.domain.records import (
    AccountRecord,
    Contact,
    Count,
    InteractionRecord,
    MessageRecord,
    Metrics,
    PostRecord,
    Record,
)

WEB = "https://www.youtube.com"

Number = int | str | None
"""A count: 64 bits wide, so the API writes it as text."""

_EMAIL = re.compile(r"(?<![\w.@+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_MENTION = re.compile(r"(?<![\w.@/+-])@(\w[\w.·-]{1,28}\w)")
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?)?")
_EXACT_BELOW = 1_000


class Shape(Struct, rename="camel"):
    """Something that the API answers, with the fields that are read."""


class PageInfo(Shape):
    """How many results there are to a request."""

    total_results: int | None = None


class Listed(Shape):
    """A list; ``items`` is left out where there are none."""

    kind: str
    items: list[Raw] | None = None
    next_page_token: str | None = None
    page_info: PageInfo | None = None


class _Thumbnail(Shape):
    url: str | None = None


class _ChannelSnippet(Shape):
    title: str | None = None
    description: str | None = None
    custom_url: str | None = None
    published_at: str | None = None
    country: str | None = None
    thumbnails: dict[str, _Thumbnail] | None = None


class _ChannelStatistics(Shape):
    view_count: Number = None
    subscriber_count: Number = None
    hidden_subscriber_count: bool | None = None
    video_count: Number = None


class _Playlists(Shape):
    uploads: str | None = None


class _ChannelDetails(Shape):
    related_playlists: _Playlists | None = None


class Channel(Shape):
    """A channel."""

    id: str
    snippet: _ChannelSnippet | None = None
    statistics: _ChannelStatistics | None = None
    content_details: _ChannelDetails | None = None

    @property
    def title(self) -> str:
        """Its name; empty where it isn't told."""
        return (self.snippet and self.snippet.title) or ""

    @property
    def uploads(self) -> str:
        """The playlist of its videos; empty where it isn't told."""
        lists = self.content_details and self.content_details.related_playlists
        return (lists and lists.uploads) or ""

    def record(self) -> AccountRecord:
        """The account with its counts; hidden ones are not told."""
        told, counts = self.snippet or _ChannelSnippet(), self.statistics or _ChannelStatistics()
        pictures = told.thumbnails or {}
        picture = next((pictures[size].url for size in ("high", "medium", "default") if size in pictures), None)
        metrics: Metrics = numbers(views=counts.view_count, posts=counts.video_count)
        subscribers = whole(counts.subscriber_count)
        if subscribers is not None and not counts.hidden_subscriber_count:
            metrics["followers"] = rounded(subscribers)
        return AccountRecord(
            uid=self.id,
            handle=told.custom_url.removeprefix("@") if told.custom_url else None,
            name=told.title,
            bio=told.description or None,
            url=f"{WEB}/channel/{self.id}",
            avatar_url=picture,
            region=told.country,
            created_at=moment(told.published_at),
            gone=False,
            contacts=tuple(Contact("email", email) for email in dict.fromkeys(_EMAIL.findall(told.description or ""))),
            metrics=metrics,
        )


class _ItemDetails(Shape):
    video_id: str
    video_published_at: str | None = None


class Item(Shape):
    """A video's place in a playlist; one that is private or deleted tells no time."""

    content_details: _ItemDetails


class _VideoSnippet(Shape):
    channel_id: str
    channel_title: str | None = None
    published_at: str | None = None
    title: str | None = None
    description: str | None = None
    live_broadcast_content: str | None = None


class _VideoDetails(Shape):
    duration: str | None = None


class _VideoStatistics(Shape):
    view_count: Number = None
    like_count: Number = None
    comment_count: Number = None


class _Live(Shape):
    actual_start_time: str | None = None


class Video(Shape):
    """A video."""

    id: str
    snippet: _VideoSnippet
    content_details: _VideoDetails | None = None
    statistics: _VideoStatistics | None = None
    live_streaming_details: _Live | None = None

    def owner(self) -> AccountRecord:
        """The channel that it is on."""
        return AccountRecord(uid=self.snippet.channel_id, name=self.snippet.channel_title)

    def record(self) -> PostRecord:
        """The work with its counts."""
        told, counts, details = self.snippet, self.statistics or _VideoStatistics(), self.content_details
        is_live = self.live_streaming_details is not None or told.live_broadcast_content in ("live", "upcoming")
        return PostRecord(
            uid=self.id,
            account_uid=told.channel_id,
            published_at=moment(told.published_at),
            kind="live" if is_live else "video",
            title=told.title,
            text=told.description,
            url=f"{WEB}/watch?v={self.id}",
            duration_s=seconds(details.duration if details else None),
            metrics=numbers(views=counts.view_count, likes=counts.like_count, comments=counts.comment_count),
        )


class _Author(Shape):
    value: str | None = None


class _CommentSnippet(Shape):
    text_display: str | None = None
    author_display_name: str | None = None
    author_channel_id: _Author | None = None
    published_at: str | None = None


class Comment(Shape):
    """A comment on a video, or a reply to one."""

    id: str
    snippet: _CommentSnippet

    @property
    def handle(self) -> str | None:
        """The author's handle, where the name that is shown is one."""
        name = self.snippet.author_display_name or ""
        return name[1:] if name.startswith("@") and len(name) > 1 else None

    @property
    def author(self) -> str:
        """The uid of who wrote it; empty where that isn't told."""
        known = self.snippet.author_channel_id
        return (known and known.value) or (handle_ref(self.handle) if self.handle else "")

    def records(self, channel: str, towards: str, thread: str = "") -> list[Record]:
        """Who said what in a channel's comments, and to whom: nothing where the author or time isn't told.

        ``towards`` is the channel, or the author of the comment ``thread`` that this one replies to.
        """
        told, at, author = self.snippet, moment(self.snippet.published_at), self.author
        if not author or at is None:
            return []
        text = told.text_display or ""
        records: list[Record] = [
            AccountRecord(
                uid=author,
                handle=self.handle,
                name=None if self.handle else told.author_display_name,
                url=None if is_provisional(author) else f"{WEB}/channel/{author}",
            ),
            MessageRecord(
                uid=self.id,
                community_uid=channel,
                account_uid=author,
                sent_at=at,
                text=text,
                reply_to_uid=thread or None,
            ),
        ]
        named = {handle_key(name): name for name in _MENTION.findall(text)}
        named.pop(handle_key(self.handle or ""), None)
        deeds = [("reply" if thread else "comment", towards)] if towards not in ("", author) else []
        deeds += [("mention", handle_ref(name)) for name in named]
        records += (
            InteractionRecord(
                actor_uid=author, object_uid=whom, kind=kind, at=at, evidence_uid=self.id, community_uid=channel
            )
            for kind, whom in deeds
        )
        return records


class _ThreadSnippet(Shape):
    top_level_comment: Comment
    total_reply_count: int | None = None


class _Replies(Shape):
    comments: list[Raw] | None = None


class Thread(Shape):
    """A comment with the first few of its replies."""

    id: str
    snippet: _ThreadSnippet
    replies: _Replies | None = None

    @property
    def top(self) -> Comment:
        """The comment."""
        return self.snippet.top_level_comment

    @property
    def some(self) -> list[Raw]:
        """Those replies that came with it."""
        return (self.replies and self.replies.comments) or []

    @property
    def has_more(self) -> bool:
        """Whether there are replies that did not come with it."""
        return (self.snippet.total_reply_count or 0) > len(self.some)


def numbers(**told: Number) -> Metrics:
    """The counts that are told."""
    return {name: count for name, value in told.items() if (count := whole(value)) is not None}


def rounded(subscribers: int) -> int | Count:
    """Subscribers, of whose number YouTube tells the first three digits and cuts off the rest."""
    if subscribers < _EXACT_BELOW:
        return subscribers
    return Count(subscribers, 10 ** (len(str(subscribers)) - 3) - 1)


def seconds(duration: str | None) -> int | None:
    """``P1DT2H3M4S`` in seconds; None for none, such as that of a broadcast that is still on."""
    match = _DURATION.fullmatch(duration or "")
    if not match:
        return None
    weeks, days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=rest)
    return int(length.total_seconds()) or None
