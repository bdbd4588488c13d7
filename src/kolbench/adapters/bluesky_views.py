"""The views of Bluesky's lexicons, as far as they are read, and the records they become."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Raw, Struct, field

from kolbench.adapters.answers import counted
from kolbench.adapters.servers import moment
from kolbench.domain.records import AccountRecord, CommunityRecord, InteractionRecord, PostRecord, Record

SITE = "https://bsky.app"
INVALID_HANDLE = "handle.invalid"
LOGGED_IN_ONLY = "!no-unauthenticated"
"""A label by which people ask that what they post be shown to those who have logged in only."""

_KINDS = {"images": "image", "gallery": "image", "video": "video", "external": "link", "record": "quote"}
_POST, LIST, PACK = "app.bsky.feed.post", "app.bsky.graph.list", "app.bsky.graph.starterpack"


class View(Struct, rename="camel"):
    """The lexicons' names; every field that isn't required there may be missing or null."""


class Label(View):
    """Something said about an account, by others or (``src`` is its own id) by itself."""

    val: str = ""
    src: str = ""


class Verification(View):
    """What trusted verifiers say about an account."""

    verified_status: str | None = None
    trusted_verifier_status: str | None = None


class Profile(View):
    """An account: profileViewBasic, profileView or, with counts, profileViewDetailed."""

    did: str
    handle: str = ""
    display_name: str | None = None
    description: str | None = None
    avatar: str | None = None
    created_at: str | None = None
    labels: list[Label] | None = None
    verification: Verification | None = None
    followers_count: int | None = None
    follows_count: int | None = None
    posts_count: int | None = None

    @property
    def for_logged_in_only(self) -> bool:
        """Whether its owner asks not to be shown to those who have not logged in."""
        return any(label.val == LOGGED_IN_ONLY for label in self.labels or ())


class Reference(View):
    """A record spoken of by its address; with media beside it, one level deeper."""

    uri: str = ""
    record: Reference | None = None


class Embed(View):
    """What a post carries besides text."""

    type: str = field(name="$type", default="")
    record: Reference | None = None
    media: Embed | None = None


class Feature(View):
    """What a stretch of the text is: a mention has an account's id."""

    type: str = field(name="$type", default="")
    did: str | None = None


class Facet(View):
    """A stretch of a post's text."""

    features: list[Feature] | None = None


class Reply(View):
    """Which post is answered."""

    parent: Reference | None = None


class Content(View):
    """A post as its author wrote it."""

    text: str = ""
    created_at: str | None = None
    reply: Reply | None = None
    embed: Embed | None = None
    facets: list[Facet] | None = None


class Post(View):
    """A post with its author and counts."""

    uri: str
    author: Profile
    record: Content
    indexed_at: str | None = None
    like_count: int | None = None
    repost_count: int | None = None
    reply_count: int | None = None
    quote_count: int | None = None
    bookmark_count: int | None = None

    @property
    def at(self) -> datetime | None:
        """When it appeared: as its author says, but not later than it was seen."""
        return _earlier(self.record.created_at, self.indexed_at)

    @property
    def rkey(self) -> str:
        """What tells it from its author's other posts."""
        return _rkey(self.uri)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Its likes, reposts, quotes and replies."""
        found = (self.like_count, self.repost_count, self.quote_count, self.reply_count)
        return tuple(count or 0 for count in found)  # type: ignore[return-value]


class Answered(View):
    """The post that is answered, or a note that it is gone or out of reach."""

    author: Profile | None = None


class Context(View):
    """What stands above a reply."""

    parent: Answered | None = None


class Reason(View):
    """Why a post of somebody else is in a feed."""

    by: Profile | None = None
    indexed_at: str | None = None


class Item(View):
    """One entry of an author's feed: a post of their own, or one that they reposted."""

    post: Post
    reply: Context | None = None
    reason: Reason | None = None

    @property
    def at(self) -> datetime | None:
        """The moment by which the feed is ordered."""
        return moment(self.reason.indexed_at) if self.reason else self.post.at


class Like(View):
    """Who likes a post, and since when."""

    actor: Profile
    created_at: str | None = None
    indexed_at: str | None = None

    @property
    def at(self) -> datetime | None:
        """When it was given."""
        return _earlier(self.created_at, self.indexed_at)


class Thread(View):
    """A post and the answers to it; neither where it is gone or out of reach."""

    post: Post | None = None
    replies: list[Raw] | None = None


class Threaded(View):
    """The answer that holds a thread."""

    thread: Thread


class PeopleList(View):
    """A list of accounts."""

    uri: str
    name: str = ""
    purpose: str = ""
    list_item_count: int | None = None


class Entry(View):
    """One account on a list."""

    subject: Profile


class PackRecord(View):
    """A starter pack as its creator wrote it."""

    name: str = ""


class StarterPack(View):
    """A list of accounts that is offered to newcomers."""

    uri: str
    record: PackRecord
    list: Reference | None = None


class Packed(View):
    """The answer that holds a starter pack."""

    starter_pack: StarterPack


def account(profile: Profile) -> AccountRecord:
    """What is known of an account."""
    mine = [label.val for label in profile.labels or () if label.src == profile.did]
    return AccountRecord(
        uid=profile.did,
        handle=profile.handle if profile.handle not in ("", INVALID_HANDLE) else None,
        name=profile.display_name or None,
        bio=profile.description or None,
        url=f"{SITE}/profile/{profile.did}",
        avatar_url=profile.avatar or None,
        verified=_verified(profile.verification),
        is_bot=None if profile.labels is None else "bot" in mine,
        created_at=moment(profile.created_at),
        gone=False,
        metrics=counted(followers=profile.followers_count, following=profile.follows_count, posts=profile.posts_count),
    )


def work(post: Post) -> PostRecord:
    """A post as a work of its author."""
    return PostRecord(
        uid=post.uri,
        account_uid=post.author.did,
        published_at=post.at,
        kind=_kind(post.record),
        text=post.record.text,
        url=f"{SITE}/profile/{post.author.did}/post/{post.rkey}",
        metrics=counted(
            likes=post.like_count,
            shares=post.repost_count,
            comments=post.reply_count,
            quotes=post.quote_count,
            collects=post.bookmark_count,
        ),
    )


def addressed(post: Post) -> Iterator[InteractionRecord]:
    """Whom a post answers, quotes and mentions."""
    at, author = post.at, post.author.did
    if at is None:
        return
    content = post.record
    reply = content.reply.parent.uri if content.reply and content.reply.parent else ""
    mentioned = (feature.did for facet in content.facets or () for feature in facet.features or ())
    found = [("reply", owner(reply)), ("quote", _quoted(content.embed)), *(("mention", did or "") for did in mentioned)]
    for kind, whom in dict.fromkeys(found):
        if whom and whom != author:
            yield InteractionRecord(actor_uid=author, object_uid=whom, kind=kind, at=at, evidence_uid=post.uri)


def reaction(profile: Profile, kind: str, at: datetime | None, post: Post) -> Iterator[Record]:
    """What somebody did with a post, who it was, and whose post it is; nothing of what people do with their own."""
    yield account(profile)
    yield account(post.author)
    if at is not None and profile.did != post.author.did:
        yield InteractionRecord(
            actor_uid=profile.did, object_uid=post.author.did, kind=kind, at=at, evidence_uid=post.uri
        )


def entry(item: Item) -> Iterator[Record]:
    """Everything that an entry of an author's feed tells."""
    if item.reason:
        if item.reason.by:
            yield from reaction(item.reason.by, "repost", item.at, item.post)
        return
    yield account(item.post.author)
    if item.reply and item.reply.parent and item.reply.parent.author and item.reply.parent.author.handle:
        yield account(item.reply.parent.author)
    yield work(item.post)
    yield from addressed(item.post)


def list_room(found: PeopleList) -> CommunityRecord:
    """A list as a community."""
    kind = "moderation list" if found.purpose.endswith("#modlist") else "list"
    url = f"{SITE}/profile/{owner(found.uri)}/lists/{_rkey(found.uri)}"
    return CommunityRecord(uid=found.uri, name=found.name or None, kind=kind, url=url)


def pack_room(pack: StarterPack) -> CommunityRecord:
    """A starter pack as a community."""
    url = f"{SITE}/starter-pack/{owner(pack.uri)}/{_rkey(pack.uri)}"
    return CommunityRecord(uid=pack.uri, name=pack.record.name or None, kind="starter pack", url=url)


def owner(uri: str) -> str:
    """The account to which the record at ``at://did/collection/rkey`` belongs; empty where that is no id."""
    authority = uri.removeprefix("at://").partition("/")[0]
    return authority if authority.startswith("did:") else ""


def _verified(told: Verification | None) -> str | None:
    if told and told.trusted_verifier_status == "valid":
        return "trusted verifier"
    return "yes" if told and told.verified_status == "valid" else None


def _kind(content: Content) -> str:
    if content.reply:
        return "reply"
    embed = content.embed
    kind = embed and (embed.media or embed).type.rpartition(".")[2]
    return _KINDS.get(kind or "", "text")


def _quoted(embed: Embed | None) -> str:
    """Whose post is quoted; a list, a feed or a starter pack can be shown in the same way."""
    reference = embed and embed.record
    uri = (reference and (reference.uri or (reference.record and reference.record.uri))) or ""
    return owner(uri) if f"/{_POST}/" in uri else ""


def _rkey(uri: str) -> str:
    return uri.rpartition("/")[2]


def _earlier(one: str | None, other: str | None) -> datetime | None:
    return min((at for at in (moment(one), moment(other)) if at), default=None)
