"""What Reddit answers, as far as it is read, and the records made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from kolbench.adapters.answers import counted
from kolbench.adapters.servers import at_second
from kolbench.domain.identity import handle_ref
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
    Metrics,
    PostRecord,
    Record,
)

WEB = "https://www.reddit.com"
NOBODY = ("", "[deleted]", "[removed]")
BOTS = ("automoderator",)
STAFF = {"moderator": "moderator", "admin": "admin"}
"""How words that somebody says as such are marked, and the role that it is."""

_MENTION = re.compile(r"(?<![\w/])/?u/([A-Za-z0-9_-]{3,20})(?![\w-])")


class _Profile(Struct):
    title: str | None = None
    public_description: str | None = None


class User(Struct):
    """An account; of a suspended one nothing but its name is told."""

    name: str
    id: str | None = None
    created_utc: float | None = None
    total_karma: int | None = None
    link_karma: int | None = None
    comment_karma: int | None = None
    is_employee: bool | None = None
    is_suspended: bool | None = None
    icon_img: str | None = None
    subreddit: _Profile | None = None

    @property
    def uid(self) -> str:
        """The id as records have it; empty where it isn't told."""
        return f"t2_{self.id}" if self.id else ""

    def record(self) -> AccountRecord:
        """The account with its karma."""
        profile = self.subreddit or _Profile()
        return AccountRecord(
            uid=self.uid or handle_ref(self.name),
            handle=self.name,
            name=profile.title or None,
            bio=profile.public_description or None,
            url=f"{WEB}/user/{self.name}",
            avatar_url=self.icon_img or None,
            is_bot=is_bot(self.name),
            is_staff=self.is_employee or None,
            created_at=at_second(self.created_utc),
            gone=False,
            metrics=counted(karma=self.total_karma, post_karma=self.link_karma, comment_karma=self.comment_karma),
        )


class Subreddit(Struct):
    """A community."""

    name: str
    display_name: str
    url: str | None = None

    def record(self) -> CommunityRecord:
        """The community."""
        url = f"{WEB}{self.url}" if self.url else None
        return CommunityRecord(uid=self.name, name=f"r/{self.display_name}", kind="subreddit", url=url)


class Said(Struct):
    """What posts and comments have in common."""

    name: str
    author: str = ""
    author_fullname: str | None = None
    created_utc: float | None = None
    distinguished: str | None = None
    permalink: str | None = None

    @property
    def uid(self) -> str:
        """The uid of its author; empty where the account is deleted."""
        return "" if self.author in NOBODY else self.author_fullname or handle_ref(self.author)

    @property
    def at(self) -> datetime | None:
        """When it was written."""
        return at_second(self.created_utc)

    def writer(self) -> AccountRecord:
        """Its author; moderators are told where they speak as such."""
        return AccountRecord(
            uid=self.uid,
            handle=self.author,
            url=f"{WEB}/user/{self.author}",
            is_bot=is_bot(self.author),
            is_staff=True if self.distinguished in STAFF else None,
        )

    def message(self, community: str, text: str, reply_to: str = "", towards: str = "") -> list[Record]:
        """Who said what in a community, and to whom: nothing where the author is deleted or no time is told."""
        author, at = self.uid, self.at
        if not author or at is None:
            return []
        records: list[Record] = [
            self.writer(),
            MessageRecord(
                uid=self.name,
                community_uid=community,
                account_uid=author,
                sent_at=at,
                text=text,
                reply_to_uid=reply_to or None,
            ),
        ]
        if role := STAFF.get(self.distinguished or ""):
            records.append(MembershipRecord(community_uid=community, account_uid=author, role=role))
        if is_bot(self.author):
            return records
        named = dict.fromkeys(name.casefold() for name in _MENTION.findall(text))
        deeds = [("reply", towards)] if towards not in ("", author) else []
        deeds += [("mention", handle_ref(name)) for name in named if name != self.author.casefold()]
        records += (
            InteractionRecord(
                actor_uid=author, object_uid=whom, kind=kind, at=at, evidence_uid=self.name, community_uid=community
            )
            for kind, whom in deeds
        )
        return records


class Link(Said):
    """A post."""

    title: str | None = None
    selftext: str | None = None
    is_self: bool | None = None
    is_video: bool | None = None
    is_gallery: bool | None = None
    poll_data: dict[str, object] | None = None
    post_hint: str | None = None
    score: int | None = None
    num_comments: int | None = None
    num_crossposts: int | None = None
    upvote_ratio: float | None = None
    removed_by_category: str | None = None

    @property
    def kind(self) -> str:
        """``text``, ``video``, ``gallery``, ``poll``, ``image`` or ``link``."""
        has_poll = self.poll_data is not None
        told = {"video": self.is_video, "gallery": self.is_gallery, "poll": has_poll, "text": self.is_self}
        found = next((kind for kind, is_it in told.items() if is_it), "link")
        return "image" if found == "link" and self.post_hint == "image" else found

    def post(self) -> list[Record]:
        """The work and its author; of one that was removed, its text is left as it was."""
        if not self.uid:
            return []
        record = PostRecord(
            uid=self.name,
            account_uid=self.uid,
            published_at=self.at,
            kind=self.kind,
            title=self.title,
            text=None if self.removed_by_category else self.selftext or None,
            url=f"{WEB}{self.permalink}" if self.permalink else None,
            metrics=self._counts(),
        )
        return [self.writer(), record]

    def talk(self, community: str) -> list[Record]:
        """The post as a message of its community; nothing of one that was removed."""
        if self.removed_by_category:
            return []
        return self.message(community, "\n\n".join(filter(None, (self.title, self.selftext))))

    def _counts(self) -> Metrics:
        counts = counted(likes=self.score, comments=self.num_comments, shares=self.num_crossposts)
        if self.upvote_ratio is not None and 0 <= self.upvote_ratio <= 1:
            counts["upvote_ratio_bp"] = round(self.upvote_ratio * 10_000)
        return counts


class Comment(Said):
    """A comment on a post, or on another comment."""

    body: str | None = None
    parent_id: str | None = None
    link_author: str | None = None

    def talk(self, community: str, authors: Mapping[str, str]) -> list[Record]:
        """The comment as a message; ``authors`` tells the uid of who wrote what it answers."""
        parent = self.parent_id or ""
        return self.message(community, self.body or "", parent, authors.get(parent, ""))


class Post(Struct):
    """A post in a listing."""

    data: Link


class Reply(Struct):
    """A comment in a listing."""

    data: Comment


class Written(Struct):
    """A post or a comment, of which only the author is wanted."""

    data: Said


def is_bot(name: str) -> bool | None:
    """True for Reddit's own robot; of others nothing is told."""
    return True if name.casefold() in BOTS else None
