"""What an adapter yields: frozen, typed facts about accounts, posts, communities, campaigns and what happens in them.

Ids are strings as the platform writes them. Times are aware datetimes. A ``uid`` that is not known may be
replaced by ``identity.handle_ref`` or ``identity.name_ref``.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Count(Struct, frozen=True):
    """A counted number and how exact it is: ``7.9万`` is ``Count(79_000, 500)``."""

    value: int
    plus_minus: int = 0


Metrics = dict[str, int | Count]
"""Metric name (``followers``, ``likes`` …, see ``METRICS``) to its value; a plain int is exact."""

METRICS: dict[str, str] = {
    "followers": "people who follow the account",
    "following": "accounts it follows",
    "posts": "works published",
    "likes": "likes received",
    "comments": "comments received",
    "shares": "shares, reposts or retweets received",
    "views": "times watched or read",
    "collects": "saves, collects or favourites received",
    "coins": "coins received (Bilibili)",
    "danmaku": "bullet comments received (Bilibili)",
    "avg_likes": "mean likes of a recent post",
    "engagement_bp": "engagement rate as the source states it, in basis points (1.39 % = 139)",
    "influence": "a score the source itself states, without a public formula",
    "members": "members of a community",
    "followers_gained": "followers gained in the source's own period",
    "rank": "position in the source's own list",
}
"""The metrics KOLbench understands; an adapter may add others, named in lower case with underscores."""


class Contact(Struct, frozen=True):
    """A way to reach a person: ``channel`` is ``email``, ``phone``, ``wechat`` … ."""

    channel: str
    value: str


class AccountRecord(Struct, frozen=True, kw_only=True, tag="account"):
    """One account on one platform, with its counters as seen at ``observed_at`` (None: when fetched).

    ``metrics`` become snapshots. ``None`` in any other field means "not told", and leaves what is stored.
    """

    uid: str
    handle: str | None = None
    name: str | None = None
    bio: str | None = None
    url: str | None = None
    avatar_url: str | None = None
    category: str | None = None
    region: str | None = None
    gender: str | None = None
    verified: str | None = None
    is_bot: bool | None = None
    is_staff: bool | None = None
    created_at: datetime | None = None
    gone: bool | None = None
    contacts: tuple[Contact, ...] = ()
    metrics: Metrics = {}
    observed_at: datetime | None = None


class PostRecord(Struct, frozen=True, kw_only=True, tag="post"):
    """One published work of an account, with its counters as seen at ``observed_at``."""

    uid: str
    account_uid: str
    published_at: datetime | None = None
    kind: str | None = None
    title: str | None = None
    text: str | None = None
    url: str | None = None
    duration_s: int | None = None
    metrics: Metrics = {}
    observed_at: datetime | None = None


class SnapshotRecord(Struct, frozen=True, kw_only=True, tag="snapshot"):
    """Counters of an account (or of a post, when ``post_uid`` is given) at one moment, without anything else."""

    account_uid: str
    post_uid: str | None = None
    metrics: Metrics
    observed_at: datetime


class FollowRecord(Struct, frozen=True, kw_only=True, tag="follow"):
    """``follower_uid`` follows ``account_uid``; ``mutual`` for a friendship."""

    follower_uid: str
    account_uid: str
    mutual: bool = False
    observed_at: datetime | None = None


class CommunityRecord(Struct, frozen=True, kw_only=True, tag="community"):
    """A group, room, server, forum or repository in which people talk."""

    uid: str
    name: str | None = None
    kind: str | None = None
    url: str | None = None


class MembershipRecord(Struct, frozen=True, kw_only=True, tag="membership"):
    """An account belongs to a community; ``left_at`` closes the interval."""

    community_uid: str
    account_uid: str
    role: str | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None


class MessageRecord(Struct, frozen=True, kw_only=True, tag="message"):
    """One message in a community; the sender becomes a member of it."""

    uid: str
    community_uid: str
    account_uid: str
    sent_at: datetime
    text: str = ""
    reply_to_uid: str | None = None


class InteractionRecord(Struct, frozen=True, kw_only=True, tag="interaction"):
    """``actor_uid`` did ``kind`` (``mention``, ``reply``, ``thank``, ``like`` …) towards ``object_uid``.

    ``evidence_uid`` names the message or post that shows it: the same four never count twice.
    """

    actor_uid: str
    object_uid: str
    kind: str
    at: datetime
    evidence_uid: str
    community_uid: str | None = None


class ParticipantRecord(Struct, frozen=True, kw_only=True, tag="participant"):
    """Somebody takes part in the campaign of that name (or number); ``uid`` is their id where its sales are told.

    ``account_uid`` is their account on the source's platform, where it is one. ``shown`` is how they consented to be
    named on public leaderboards: ``full``, ``masked`` or ``hidden``.
    """

    campaign: str
    uid: str
    name: str | None = None
    account_uid: str | None = None
    code: str | None = None
    joined_at: datetime | None = None
    shown: str | None = None


class ReferralRecord(Struct, frozen=True, kw_only=True, tag="referral"):
    """``child_uid`` came by ``parent_uid``, or by whoever has ``code``; both take part from then on.

    Of several the first counts, and none that would close a circle.
    """

    campaign: str
    child_uid: str
    parent_uid: str | None = None
    code: str | None = None
    at: datetime
    child_name: str | None = None
    parent_name: str | None = None


class TouchRecord(Struct, frozen=True, kw_only=True, tag="touch"):
    """``visitor_uid``, who may buy under the same id, followed a link: of ``participant_uid``, or with a ``code``."""

    campaign: str
    visitor_uid: str
    participant_uid: str | None = None
    code: str | None = None
    at: datetime


class ConversionRecord(Struct, frozen=True, kw_only=True, tag="conversion"):
    """Something was bought (``sale``), or somebody signed up (``signup``) or left an address (``lead``).

    The same ``shop``, ``order_id`` and ``line`` of a campaign never count twice; without ``shop`` it is the source's
    platform. ``amount`` is in the smallest unit of ``currency``. Whose it is follows from ``participant_uid`` where
    the source says so, from ``code``, and from what ``buyer_uid`` did before. ``device``, ``address`` and ``payment``
    are kept as hashes.
    """

    campaign: str
    shop: str | None = None
    order_id: str
    line: str = ""
    kind: str = "sale"
    at: datetime
    amount: int = 0
    currency: str
    code: str | None = None
    participant_uid: str | None = None
    buyer_uid: str | None = None
    device: str | None = None
    address: str | None = None
    payment: str | None = None


class RefundRecord(Struct, frozen=True, kw_only=True, tag="refund"):
    """``amount`` of a conversion was given back; it may be told before the conversion is.

    It is in the smallest unit of ``currency``, by default the campaign's: nothing is converted.
    """

    campaign: str
    shop: str | None = None
    order_id: str
    line: str = ""
    refund_id: str
    amount: int
    currency: str | None = None
    at: datetime


Record = (
    AccountRecord
    | PostRecord
    | SnapshotRecord
    | FollowRecord
    | CommunityRecord
    | MembershipRecord
    | MessageRecord
    | InteractionRecord
    | ParticipantRecord
    | ReferralRecord
    | TouchRecord
    | ConversionRecord
    | RefundRecord
)
