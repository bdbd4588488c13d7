"""People and messages as Slack writes them, in its Web API and in its exports alike, turned into records."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from kolbench.adapters.chats.addressing import addressed
from kolbench.domain.errors import RecordError
from kolbench.domain.lang import _
from kolbench.domain.records import (
    AccountRecord,
    CommunityRecord,
    Contact,
    InteractionRecord,
    MembershipRecord,
    MessageRecord,
)

if TYPE_CHECKING:
    from kolbench.domain.records import Record

SLACKBOT = "USLACKBOT"
"""Slack's own bot: an account of every workspace that lists of people call a person, or leave out."""

SAID = (None, "", "thread_broadcast", "reply_broadcast", "me_message", "file_share", "file_comment", "bot_message")
"""The subtypes of messages that somebody wrote; all others are remarks of Slack's on what happened."""

CAME = ("channel_join", "group_join")
WENT = ("channel_leave", "group_leave")

_TOKEN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_SPOKEN = re.compile(r"<@([UWuw][A-Za-z0-9]{2,30})(?:\|[^<>]*)?>|<[^<>]*>|@")
_ISOLATES = str.maketrans("", "", "\u2068\u2069")


class Profile(Struct, frozen=True):
    """How a person presents themselves."""

    real_name: str | None = None
    display_name: str | None = None
    title: str | None = None
    email: str | None = None
    phone: str | None = None
    image_192: str | None = None
    image_72: str | None = None


class Person(Struct, frozen=True):
    """A member of a workspace, present or former, or a bot."""

    id: str
    name: str | None = None
    real_name: str | None = None
    deleted: bool = False
    is_bot: bool | None = None
    is_admin: bool | None = None
    is_owner: bool | None = None
    is_primary_owner: bool | None = None
    profile: Profile = Profile()

    @property
    def shown(self) -> str | None:
        """What others see the person called."""
        return self.profile.display_name or self.profile.real_name or self.real_name or self.name or None


class Channel(Struct, frozen=True):
    """A channel; ``members`` are told by exports only."""

    id: str
    name: str | None = None
    is_member: bool | None = None
    members: list[str] | None = None


class Reaction(Struct, frozen=True):
    """Who reacted to a message in one way; the list may be shorter than the count."""

    users: list[str] = []


class _Root(Struct, frozen=True):
    user: str | None = None


class Message(Struct, frozen=True):
    """A message, or a remark of Slack's."""

    ts: str
    type: str | None = None
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    username: str | None = None
    text: str | None = None
    hidden: bool | None = None
    thread_ts: str | None = None
    parent_user_id: str | None = None
    root: _Root | None = None
    reply_count: int | None = None
    latest_reply: str | None = None
    reactions: list[Reaction] | None = None
    user_profile: Profile | None = None

    @property
    def at(self) -> datetime:
        """When it was sent. Raises RecordError when that is no time."""
        try:
            return datetime.fromtimestamp(float(self.ts), UTC)
        except (ValueError, OverflowError, OSError):
            raise RecordError("ts", _("not a date")) from None

    @property
    def parent(self) -> str | None:
        """The message to which this one replies, by its time."""
        return self.thread_ts if self.thread_ts != self.ts else None

    @property
    def is_written(self) -> bool:
        """Whether somebody wrote it."""
        return self.subtype in SAID and not self.hidden and bool(self.user or self.bot_id)


def person_record(person: Person) -> AccountRecord:
    """A member of the workspace as an account."""
    profile = person.profile
    ways = (("email", profile.email), ("phone", profile.phone))
    return AccountRecord(
        uid=person.id,
        handle=person.name,
        name=person.shown,
        bio=profile.title or None,
        avatar_url=profile.image_192 or profile.image_72,
        is_bot=True if person.id == SLACKBOT else person.is_bot,
        is_staff=bool(person.is_admin or person.is_owner or person.is_primary_owner),
        gone=person.deleted,
        contacts=tuple(Contact(channel, value) for channel, value in ways if value),
    )


def channel_record(channel: Channel) -> CommunityRecord:
    """A channel as a community."""
    return CommunityRecord(uid=channel.id, name=channel.name, kind="chat")


def message_records(message: Message, channel: str, names: Mapping[str, str]) -> list[Record]:
    """What a message tells: its words, whom they address, who reacted, or who came and went.

    ``names`` are what people are called, by their ids, as far as that is known. Raises RecordError.
    """
    at = message.at
    if message.user and message.subtype in (*CAME, *WENT):
        came = message.subtype in CAME
        joined_at, left_at = (at, None) if came else (None, at)
        return [MembershipRecord(community_uid=channel, account_uid=message.user, joined_at=joined_at, left_at=left_at)]
    if not message.is_written:
        return []
    sender = message.user or message.bot_id or ""
    uid = uid_of(channel, message.ts)
    records: list[Record] = [
        MessageRecord(
            uid=uid,
            community_uid=channel,
            account_uid=sender,
            sent_at=at,
            text=readable(message.text or "", names),
            reply_to_uid=uid_of(channel, message.parent) if message.parent else None,
        )
    ]
    if account := None if sender in names else _sender(message, sender, at):
        records.insert(0, account)

    def act(actor: str, kind: str, whom: str) -> InteractionRecord:
        return InteractionRecord(
            actor_uid=actor, object_uid=whom, kind=kind, at=at, evidence_uid=uid, community_uid=channel
        )

    if not message.bot_id and sender != SLACKBOT:
        parent = message.parent_user_id or (message.root.user if message.root else None)
        text = spoken(message.text or "", parent if message.parent else None)
        records += [act(sender, kind, whom) for kind, whom in addressed(text, sender)]
    reacted = {user: None for reaction in message.reactions or () for user in reaction.users if user != sender}
    return records + [act(user, "reaction", sender) for user in reacted]


def uid_of(channel: str, ts: str) -> str:
    """The id of a message: its time is its own within one channel only."""
    return f"{channel}/{ts}"


def readable(text: str, names: Mapping[str, str]) -> str:
    """A message's text as people see it: names instead of ids, addresses instead of markup."""

    def shown(token: re.Match[str]) -> str:
        sign, target, label = token.groups()
        if sign == "@":
            return "@" + (label or names.get(target.upper()) or target.upper())
        if sign == "#":
            return "#" + (label or target)
        if sign == "!":
            return label or "@" + target.partition("^")[0]
        return f"{label} ({target})" if label and label not in target else target

    return html.unescape(_TOKEN.sub(shown, text))


def spoken(text: str, parent: str | None) -> str:
    """The text with people as ``@ID`` between isolates, and whoever wrote the ``parent`` before it.

    Exports may write ids in small letters. An @ that Slack didn't take for a person names nobody.
    """

    def name(token: re.Match[str]) -> str:
        return f"@\u2068{token[1].upper()}\u2069" if token[1] else " "

    words = html.unescape(_SPOKEN.sub(name, text.translate(_ISOLATES)))
    return f"@\u2068{parent}\u2069\n{words}" if parent else words


def _sender(message: Message, sender: str, at: datetime) -> AccountRecord | None:
    """What a message tells of its sender: bots and people of other workspaces are on no list of members."""
    if sender == SLACKBOT:
        return AccountRecord(uid=sender, handle="slackbot", name="Slackbot", is_bot=True, observed_at=at)
    if message.subtype == "bot_message" or not message.user:
        return AccountRecord(uid=sender, name=message.username, is_bot=True, observed_at=at)
    if profile := message.user_profile:
        name = profile.display_name or profile.real_name
        return AccountRecord(uid=sender, name=name, avatar_url=profile.image_72, observed_at=at) if name else None
    return None
