"""What the Bot API tells, as far as it is read, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from kolbench.adapters.chats.people import mark
from kolbench.adapters.chats.said import Aside, Said
from kolbench.domain.identity import handle_key
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    InteractionRecord,
    MembershipRecord,
    PostRecord,
    Record,
)

PRESENT = frozenset({"creator", "administrator", "member"})
ROLES = {"creator": "owner", "administrator": "administrator"}

Seconds = Annotated[int, msgspec.Meta(ge=0, le=4_000_000_000)]
"""A moment, in seconds since 1970; one beyond that is refused with what it belongs to."""


class User(msgspec.Struct, frozen=True):
    """A person or a bot."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str | None = None

    def record(self) -> AccountRecord:
        """The account."""
        return AccountRecord(
            uid=str(self.id),
            handle=self.username,
            name=f"{self.first_name} {self.last_name}".strip() or None,
            is_bot=self.is_bot or None,
        )


class Chat(msgspec.Struct, frozen=True):
    """A group, a channel or a conversation with one person."""

    id: int
    type: str = ""
    title: str | None = None
    username: str | None = None
    first_name: str = ""
    last_name: str = ""
    description: str | None = None

    @property
    def name(self) -> str | None:
        """What people see."""
        return self.title or f"{self.first_name} {self.last_name}".strip() or None

    @property
    def url(self) -> str | None:
        """Where it is on the web."""
        return f"https://t.me/{self.username}" if self.username else None

    def account(self, followers: int | None = None) -> AccountRecord:
        """A channel, which publishes; or a group, whose administrators may speak in its name."""
        return AccountRecord(
            uid=str(self.id),
            handle=self.username,
            name=self.name,
            bio=self.description,
            url=self.url,
            category="channel" if self.type == "channel" else None,
            metrics={} if followers is None else {"followers": followers},
        )

    def community(self) -> CommunityRecord:
        """The group."""
        return CommunityRecord(uid=str(self.id), name=self.name, kind="chat", url=self.url)


class Entity(msgspec.Struct, frozen=True):
    """A part of a text that means something; counted in units of UTF-16."""

    type: str
    offset: int
    length: int
    user: User | None = None


class Sent(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """Who a message is from, as far as a reply tells."""

    message_id: int
    chat: Chat
    sender: User | None = None
    sender_chat: Chat | None = None
    forum_topic_created: object = None

    @property
    def uid(self) -> str:
        """The id as records have it; the number alone means nothing outside its chat."""
        return f"{self.chat.id}:{self.message_id}"

    @property
    def author(self) -> AccountRecord | None:
        """The account in whose name it was sent; an administrator may do so in the group's own."""
        if self.sender_chat:
            record = self.sender_chat.account()
            return msgspec.structs.replace(record, is_staff=self.sender_chat.id == self.chat.id or None)
        return self.sender.record() if self.sender else None


class Message(Sent, frozen=True, kw_only=True):
    """What was said, or what happened in a chat."""

    date: Seconds
    text: str | None = None
    caption: str | None = None
    entities: tuple[Entity, ...] = ()
    caption_entities: tuple[Entity, ...] = ()
    reply_to_message: Sent | None = None
    new_chat_members: tuple[User, ...] = ()
    left_chat_member: User | None = None
    photo: object = None
    sticker: object = None
    video: object = None
    voice: object = None
    audio: object = None
    document: object = None
    animation: object = None
    video_note: object = None
    poll: object = None
    location: object = None
    contact: object = None

    @property
    def is_said(self) -> bool:
        """Whether somebody says it: all else is Telegram's own, such as a new title."""
        shown = self.photo, self.sticker, self.video, self.voice, self.audio, self.document, self.animation
        more = self.video_note, self.poll, self.location, self.contact
        return self.text is not None or self.caption is not None or any((*shown, *more))


class Count(msgspec.Struct, frozen=True):
    """How many reacted with one emoji."""

    total_count: int = 0


class Reactions(msgspec.Struct, frozen=True):
    """Who changed their reaction to a message, or how many there are now where nobody is told."""

    chat: Chat
    message_id: int
    date: Seconds
    user: User | None = None
    new_reaction: list[object] = []
    reactions: tuple[Count, ...] = ()


class Member(msgspec.Struct, frozen=True):
    """What somebody is in a chat."""

    user: User
    status: str = ""
    is_member: bool = False

    @property
    def is_in(self) -> bool:
        """Whether they belong to the chat."""
        return self.status in PRESENT or (self.status == "restricted" and self.is_member)


class Invite(msgspec.Struct, frozen=True):
    """The link by which somebody came."""

    creator: User


class Change(msgspec.Struct, frozen=True):
    """Somebody came, left, or became something else."""

    chat: Chat
    date: Seconds
    old_chat_member: Member
    new_chat_member: Member
    invite_link: Invite | None = None


class Numbered(msgspec.Struct, frozen=True):
    """What every update has."""

    update_id: int


class Update(Numbered, frozen=True, kw_only=True):
    """One thing that reaches a bot."""

    message: Message | None = None
    edited_message: Message | None = None
    channel_post: Message | None = None
    edited_channel_post: Message | None = None
    message_reaction: Reactions | None = None
    message_reaction_count: Reactions | None = None
    chat_member: Change | None = None
    my_chat_member: Change | None = None


def told(message: Message) -> Iterator[Said | Aside]:
    """What a message of a group tells: words, or who came and left."""
    at = moment(message.date)
    chat, sender = message.chat, message.sender
    came, left = message.new_chat_members, message.left_chat_member
    for user in came:
        records: list[Record] = [chat.community(), *moved(chat, user, joined_at=at)]
        if sender and sender.id != user.id:
            records += [sender.record(), act(chat, sender, "invite", str(user.id), at, message.uid)]
        yield Aside(at, tuple(records))
    if left:
        yield Aside(at, (chat.community(), *moved(chat, left, left_at=at)))
    author = message.author
    if not message.is_said or author is None:
        return
    replied = message.reply_to_message
    if replied and replied.forum_topic_created:  # in a topic everything answers the message that opened it
        replied = None
    to = replied.author if replied else None
    text, named = _marked(message.text or message.caption or "", message.entities or message.caption_entities)
    yield Said(
        *(str(chat.id), chat.name, at, author.uid, author.handle, author.name, message.uid, text),
        is_staff=author.is_staff,
        is_bot=author.is_bot is True,
        reply_to_uid=replied.uid if replied else None,
        replied_to=to.uid if to else None,
        named=named,
    )


def post(message: Message) -> list[Record]:
    """What a channel publishes."""
    chat = message.chat
    published = PostRecord(
        uid=message.uid,
        account_uid=str(chat.id),
        published_at=moment(message.date),
        kind="post",
        text=message.text or message.caption,
        url=f"{chat.url}/{message.message_id}" if chat.url else None,
    )
    return [chat.account(), published] if message.is_said else []


def changed(change: Change) -> list[Record]:
    """Who came or left, in what role, and whose link brought them."""
    at, chat, member = moment(change.date), change.chat, change.new_chat_member
    came = member.is_in and not change.old_chat_member.is_in
    left = change.old_chat_member.is_in and not member.is_in
    if chat.type == "channel":
        return []
    records: list[Record] = [chat.community()]
    records += moved(
        chat,
        member.user,
        role=ROLES.get(member.status),
        joined_at=at if came else None,
        left_at=at if left else None,
    )
    creator = change.invite_link.creator if change.invite_link and came else None
    if creator and creator.id != member.user.id:
        evidence = f"{chat.id}:join:{member.user.id}:{change.date}"
        records += [creator.record(), act(chat, creator, "invite", str(member.user.id), at, evidence)]
    return records


def moved(
    chat: Chat,
    user: User,
    role: str | None = None,
    joined_at: datetime | None = None,
    left_at: datetime | None = None,
) -> list[Record]:
    """Somebody's account and what is known of their membership; those who run a chat are staff."""
    account = msgspec.structs.replace(user.record(), is_staff=True) if role else user.record()
    membership = MembershipRecord(
        community_uid=str(chat.id), account_uid=account.uid, role=role, joined_at=joined_at, left_at=left_at
    )
    return [account, membership]


def act(chat: Chat, actor: User, kind: str, object_uid: str, at: datetime, evidence: str) -> InteractionRecord:
    """What somebody did towards somebody in a chat."""
    return InteractionRecord(
        actor_uid=str(actor.id),
        object_uid=object_uid,
        kind=kind,
        at=at,
        evidence_uid=evidence,
        community_uid=str(chat.id),
    )


def moment(seconds: int) -> datetime:
    """The time of one that was not refused."""
    return datetime.fromtimestamp(seconds, UTC)


def _marked(text: str, entities: tuple[Entity, ...]) -> tuple[str, dict[str, str]]:
    """The text with people named who have no handle, and their ids."""
    named: dict[str, str] = {}
    people = [entity for entity in entities if entity.type == "text_mention" and entity.user]
    if not people:
        return text, named
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(people, key=lambda one: -one.offset):
        start, stop = 2 * entity.offset, 2 * (entity.offset + entity.length)
        name = units[start:stop].decode("utf-16-le", "replace").removeprefix("@")
        marked = mark(name)
        if entity.user and len(marked) > 1:
            named[handle_key(marked[2:-1])] = str(entity.user.id)
            units = units[:start] + marked.encode("utf-16-le") + units[stop:]
    return units.decode("utf-16-le", "replace"), named
