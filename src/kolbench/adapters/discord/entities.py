"""What Discord answers, as far as it is read, and what becomes of its members and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated

import msgspec

from kolbench.adapters.answers import whole
from kolbench.adapters.chats.people import mark_ids
from kolbench.adapters.chats.said import Aside, Moved, Said
from kolbench.domain.records import AccountRecord, MembershipRecord, Record

SAID = frozenset({0, 19, 20, 23})
"""Types of messages that somebody says: plain ones, replies, and commands."""

JOINED, REPLY = 7, 19

STAFF = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 13 | 1 << 40
"""Permissions of those who run a guild: kick, ban, administrator, manage guild, manage messages, moderate members."""


class User(msgspec.Struct, frozen=True):
    """A person or a bot."""

    id: str
    username: str
    global_name: str | None = None
    bot: bool = False
    system: bool = False

    @property
    def name(self) -> str:
        """What people see."""
        return self.global_name or self.username

    def record(self) -> AccountRecord:
        """The account under its own name; what guilds call it differs from one to the next."""
        is_bot = self.bot or self.system
        return AccountRecord(uid=self.id, handle=self.username, name=self.name, is_bot=is_bot or None)


class Role(msgspec.Struct, frozen=True):
    """What members of a guild may be, and do."""

    id: str
    name: str = ""
    position: int = 0
    permissions: int | str = 0

    @property
    def is_staff(self) -> bool:
        """Whether those who have it run the guild."""
        return bool((whole(self.permissions) or 0) & STAFF)


class Guild(msgspec.Struct, frozen=True):
    """A guild, which people call a server."""

    id: str
    name: str = ""
    owner_id: str = ""
    roles: tuple[Role, ...] = ()
    approximate_member_count: int | None = None


class Member(msgspec.Struct, frozen=True):
    """A member of a guild."""

    user: User
    roles: tuple[str, ...] = ()
    joined_at: datetime | None = None


class Archived(msgspec.Struct, frozen=True):
    """When a thread was archived."""

    archive_timestamp: str = ""


class Channel(msgspec.Struct, frozen=True):
    """A channel or a thread."""

    id: str
    type: int = 0
    thread_metadata: Archived | None = None


class Threads(msgspec.Struct, frozen=True):
    """Some threads, and whether there are more."""

    threads: list[msgspec.Raw]
    has_more: bool = False


class Emoji(msgspec.Struct, frozen=True):
    """A character, or with an ``id`` a picture of the guild."""

    id: str | None = None
    name: str | None = None


class Reaction(msgspec.Struct, frozen=True):
    """How many people reacted with an emoji."""

    emoji: Emoji
    count: int = 0


class Reference(msgspec.Struct, frozen=True):
    """Which message a message refers to."""

    message_id: str | None = None


class Replied(msgspec.Struct, frozen=True):
    """The message that was replied to."""

    author: User
    webhook_id: str | None = None


class Message(msgspec.Struct, frozen=True):
    """A message of a channel or thread."""

    id: str
    timestamp: Annotated[datetime, msgspec.Meta(tz=True)]
    author: User
    type: int = 0
    content: str = ""
    webhook_id: str | None = None
    mentions: tuple[User, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    message_reference: Reference | None = None
    referenced_message: Replied | None = None
    attachments: list[object] = []
    embeds: list[object] = []
    components: list[object] = []
    sticker_items: list[object] = []
    message_snapshots: list[object] = []
    poll: object = None
    activity: object = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it at all, which nobody can send: Discord has kept it from us."""
        more = self.attachments, self.embeds, self.components, self.sticker_items, self.message_snapshots
        return not (self.content or any(more) or self.poll or self.activity or self.author.bot)


def joined(guild: Guild, roles: Mapping[str, Role], member: Member) -> list[Record]:
    """A member's account, and what they are in the guild: ``roles`` by id."""
    theirs = sorted((roles[role] for role in member.roles if role in roles), key=lambda role: -role.position)
    is_owner = member.user.id == guild.owner_id
    is_staff = is_owner or any(role.is_staff for role in theirs)
    role = "owner" if is_owner else theirs[0].name if theirs else None
    return [
        msgspec.structs.replace(member.user.record(), is_staff=is_staff or None),
        MembershipRecord(community_uid=guild.id, account_uid=member.user.id, role=role, joined_at=member.joined_at),
    ]


def told(guild: str, message: Message) -> Iterator[Said | Moved | Aside]:
    """What a message tells."""
    author, at = message.author, message.timestamp
    who = guild, None, at, author.id, author.username, author.name
    if message.type == JOINED:
        yield Moved(*who, joined=True)
    if message.type not in SAID:
        return
    if message.mentions:
        yield Aside(at, tuple(person.record() for person in message.mentions[:100]))
    replied = message.referenced_message
    reply_to = message.message_reference.message_id if message.message_reference and message.type == REPLY else None
    text, named = mark_ids(message.content, {person.id: person.name for person in message.mentions})
    yield Said(
        *(*who, message.id, text),
        is_bot=author.bot or author.system or message.webhook_id is not None,
        reply_to_uid=reply_to,
        replied_to=replied.author.id if reply_to and replied and not replied.webhook_id else None,
        named=named,
    )
