"""Accounts and posts as the X API v2 writes them, as far as they are read, and what each says in KOLbench's words."""

from __future__ import annotations

from msgspec import Struct

from kolbench.adapters.answers import counted
from kolbench.adapters.servers import moment
from kolbench.domain.records import AccountRecord, Contact, PostRecord

USER_FIELDS = (
    "created_at,description,entities,location,profile_image_url,protected,public_metrics,url,username,verified_type"
)
POST_FIELDS = (
    "attachments,author_id,created_at,entities,in_reply_to_user_id,note_tweet,public_metrics,referenced_tweets"
)


class Counts(Struct, frozen=True):
    """The public counts of an account or of a post."""

    followers_count: int | None = None
    following_count: int | None = None
    tweet_count: int | None = None
    listed_count: int | None = None
    like_count: int | None = None
    retweet_count: int | None = None
    reply_count: int | None = None
    quote_count: int | None = None
    bookmark_count: int | None = None
    impression_count: int | None = None


class Link(Struct, frozen=True):
    """An address, which X shortens; one with a ``media_key`` stands for a picture or a video."""

    expanded_url: str | None = None
    media_key: str | None = None


class Named(Struct, frozen=True):
    """Somebody named in a post."""

    id: str | None = None
    username: str | None = None


class Entities(Struct, frozen=True):
    """What is in a text; that of a profile has links only."""

    urls: list[Link] | None = None
    mentions: list[Named] | None = None


class ProfileEntities(Struct, frozen=True):
    """What is in the fields of a profile."""

    url: Entities | None = None


class User(Struct, frozen=True):
    """An account."""

    id: str
    username: str | None = None
    name: str | None = None
    description: str | None = None
    location: str | None = None
    profile_image_url: str | None = None
    protected: bool | None = None
    verified_type: str | None = None
    created_at: str | None = None
    url: str | None = None
    entities: ProfileEntities | None = None
    public_metrics: Counts | None = None


class Reference(Struct, frozen=True):
    """Another post, ``retweeted``, ``quoted`` or ``replied_to``."""

    id: str
    type: str | None = None


class Attached(Struct, frozen=True):
    """What hangs on a post."""

    poll_ids: list[str] | None = None


class Note(Struct, frozen=True):
    """The whole text of a long post."""

    text: str | None = None
    entities: Entities | None = None


class Post(Struct, frozen=True):
    """A post, or that somebody passes another's on."""

    id: str
    text: str | None = None
    author_id: str | None = None
    created_at: str | None = None
    in_reply_to_user_id: str | None = None
    referenced_tweets: list[Reference] | None = None
    entities: Entities | None = None
    attachments: Attached | None = None
    note_tweet: Note | None = None
    public_metrics: Counts | None = None

    def refers(self, kind: str) -> str | None:
        """The id of the post to which this one refers in that way."""
        return next((one.id for one in self.referenced_tweets or () if one.type == kind), None)

    @property
    def mentions(self) -> list[Named]:
        """Who is named in it, as far as their ids are told."""
        told = (self.note_tweet and self.note_tweet.entities) or self.entities
        return [named for named in (told and told.mentions) or () if named.id]


def user_record(user: User) -> AccountRecord:
    """An account with its counts."""
    counts = user.public_metrics or Counts()
    links = (user.entities and user.entities.url and user.entities.url.urls) or ()
    site = next((link.expanded_url for link in links if link.expanded_url), user.url)
    return AccountRecord(
        uid=user.id,
        handle=user.username,
        name=user.name or None,
        bio=user.description or None,
        url=f"https://x.com/{user.username}" if user.username else None,
        avatar_url=user.profile_image_url,
        region=user.location or None,
        verified=user.verified_type if user.verified_type not in ("", "none") else None,
        created_at=moment(user.created_at),
        gone=False,
        contacts=(Contact("web", site),) if site else (),
        metrics=counted(
            followers=counts.followers_count,
            following=counts.following_count,
            posts=counts.tweet_count,
            listed=counts.listed_count,
        ),
    )


def post_record(post: Post, author: str) -> PostRecord:
    """A post with its counts."""
    counts = post.public_metrics or Counts()
    return PostRecord(
        uid=post.id,
        account_uid=author,
        published_at=moment(post.created_at),
        kind=_kind(post),
        text=(post.note_tweet and post.note_tweet.text) or post.text,
        url=f"https://x.com/i/status/{post.id}",
        metrics=counted(
            likes=counts.like_count,
            comments=counts.reply_count,
            shares=counts.retweet_count,
            quotes=counts.quote_count,
            collects=counts.bookmark_count,
            views=counts.impression_count,
        ),
    )


def _kind(post: Post) -> str:
    """``poll``, ``video``, ``image``, ``quote``, ``reply`` or ``text``."""
    if post.attachments and post.attachments.poll_ids:
        return "poll"
    for link in (post.entities and post.entities.urls) or ():
        if link.media_key and link.expanded_url:
            return "video" if "/video/" in link.expanded_url else "image"
    if post.refers("quoted"):
        return "quote"
    return "reply" if post.in_reply_to_user_id else "text"
