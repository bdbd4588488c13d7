"""People, statuses and comments as Weibo's open API writes them, turned into records."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

from kolbench import AccountRecord, InteractionRecord, PostRecord, Record, RecordError
from kolbench.adapters.answers import whole

PROFILE = "https://weibo.com/u/"

Id = int | str
Number = int | str
"""Weibo writes ids and counts as numbers in one answer and as text in the next."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) ([+-]\d{4}) (\d{4})", re.ASCII)
_GENDERS = {"m": "male", "f": "female"}


class Counts(Struct, frozen=True):
    """How many followers, followed and statuses somebody has."""

    id: Id
    followers_count: Number | None = None
    friends_count: Number | None = None
    statuses_count: Number | None = None

    @property
    def metrics(self) -> dict[str, int]:
        """The counts that are told: to an app that may not see them, Weibo may also say 0 for all."""
        told = {
            "followers": whole(self.followers_count),
            "following": whole(self.friends_count),
            "posts": whole(self.statuses_count),
        }
        return {name: count for name, count in told.items() if count is not None} if any(told.values()) else {}


class User(Counts, frozen=True):
    """A person; what they haven't shown to the app is missing or empty."""

    screen_name: str | None = None
    location: str | None = None
    description: str | None = None
    gender: str | None = None
    avatar_large: str | None = None
    profile_image_url: str | None = None
    verified: bool | None = None
    verified_reason: str | None = None
    created_at: str | None = None


class Reference(Struct, frozen=True):
    """A status or a comment that another one is about; one that was deleted has no user."""

    id: Id
    user: User | None = None


class Status(Struct, frozen=True):
    """A status (微博), or what is left of one that was deleted."""

    id: Id
    created_at: str | None = None
    text: str | None = None
    user: User | None = None
    deleted: str | int | bool | None = None
    retweeted_status: Reference | None = None
    reposts_count: Number | None = None
    comments_count: Number | None = None
    attitudes_count: Number | None = None


class Comment(Struct, frozen=True):
    """A comment on a status, or a reply to another comment."""

    id: Id
    created_at: str | None = None
    user: User | None = None
    status: Reference | None = None
    reply_comment: Reference | None = None


def moment(text: str | None) -> datetime:
    """A time such as ``Tue May 31 17:46:55 +0800 2011``, whatever the locale. Raises RecordError."""
    if (found := _DATE.fullmatch(text or "")) and found[1] in _MONTHS:
        month, day = _MONTHS.index(found[1]) + 1, int(found[2])
        try:
            return datetime.strptime(f"{found[5]}-{month:02}-{day:02} {found[3]} {found[4]}", "%Y-%m-%d %H:%M:%S %z")
        except ValueError:
            pass
    raise RecordError("created_at", "not a date")


def account(user: User) -> AccountRecord:
    """A person with what is told of them."""
    uid = str(user.id)
    try:
        created_at = moment(user.created_at)
    except RecordError:
        created_at = None
    return AccountRecord(
        uid=uid,
        handle=user.screen_name or None,
        name=user.screen_name or None,
        bio=user.description or None,
        url=PROFILE + uid,
        avatar_url=user.avatar_large or user.profile_image_url or None,
        region=user.location or None,
        gender=_GENDERS.get(user.gender or ""),
        verified=user.verified_reason or "verified" if user.verified else None,
        created_at=created_at,
        metrics={**user.metrics},
    )


def written(status: Status) -> list[Record]:
    """A status with its author, and whom it reposts; nothing for one that was deleted. Raises RecordError."""
    if status.user is None or status.deleted in ("1", 1, True):
        return []
    author, at = account(status.user), moment(status.created_at)
    counts = {
        "likes": whole(status.attitudes_count),
        "comments": whole(status.comments_count),
        "shares": whole(status.reposts_count),
    }
    post = PostRecord(
        uid=str(status.id),
        account_uid=author.uid,
        published_at=at,
        kind="repost" if status.retweeted_status else "text",
        text=status.text or None,
        metrics={name: count for name, count in counts.items() if count is not None},
    )
    records: list[Record] = [author, post]
    original = status.retweeted_status
    if original and original.user:
        records.append(account(original.user))
        records += _done("repost", author.uid, str(original.user.id), at, post.uid)
    return records


def mentioned(status: Status, me: str) -> list[Record]:
    """Who mentions the account ``me`` in a status, or reposts one of its own. Raises RecordError."""
    if status.user is None or status.deleted in ("1", 1, True):
        return []
    author, at = account(status.user), moment(status.created_at)
    original = status.retweeted_status.user if status.retweeted_status else None
    kind = "repost" if original and str(original.id) == me else "mention"
    return [author, *_done(kind, author.uid, me, at, str(status.id))]


def commented(comment: Comment, me: str, kind: str) -> list[Record]:
    """Who comments on what ``me`` wrote (``reply``), or mentions ``me`` in a comment. Raises RecordError."""
    if comment.user is None:
        return []
    author = account(comment.user)
    about = comment.reply_comment if comment.reply_comment and comment.reply_comment.user else comment.status
    whom = str(about.user.id) if kind == "reply" and about and about.user else me
    return [author, *_done(kind, author.uid, whom, moment(comment.created_at), str(comment.id))]


def _done(kind: str, actor: str, whom: str, at: datetime, evidence: str) -> list[Record]:
    if actor == whom:
        return []
    return [InteractionRecord(actor_uid=actor, object_uid=whom, kind=kind, at=at, evidence_uid=evidence)]
