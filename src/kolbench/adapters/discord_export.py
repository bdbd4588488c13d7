"""Discord channels in the JSON that DiscordChatExporter writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kolbench.adapters.chats.archive import files_of, pages
from kolbench.adapters.chats.jsonchat import JsonChat, first_of
from kolbench.adapters.chats.jsonstream import Element
from kolbench.adapters.chats.people import Authors, mark_ids
from kolbench.adapters.chats.said import Aside, Moved, Said
from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import KolbenchError, RecordError
from kolbench.domain.lang import N_
from kolbench.domain.records import AccountRecord, InteractionRecord, Record

SUFFIXES = (".json", ".json.gz")

SPOKEN = frozenset({"Default", "Reply", "0", "19", "20", "23"})
"""The types of messages that somebody says; the exporter has no names for commands (20, 23)."""

JOINED = frozenset({"GuildMemberJoin", "7"})

NO_GUILD = "0"
"""The guild of direct messages."""

_AT_ONCE = 50


class _User(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    name: str
    nickname: str | None = None
    is_bot: bool = False


class _Reaction(msgspec.Struct, frozen=True):
    users: tuple[_User, ...] = ()


class _Reference(msgspec.Struct, frozen=True, rename="camel"):
    message_id: str | None = None


class _Message(msgspec.Struct, frozen=True):
    id: str
    timestamp: str
    author: _User
    type: str | int = "Default"
    content: str = ""
    mentions: tuple[_User, ...] = ()
    reactions: tuple[_Reaction, ...] = ()
    reference: _Reference | None = None


class _Place(msgspec.Struct, frozen=True):
    """A guild or a channel."""

    id: str
    name: str = ""


class DiscordExport:
    """Reads exported channels into the guild they belong to, as the adapter ``discord`` does over the network.

    A guild is one community, whatever the number of its channels; direct messages are a community of their own.
    """

    name = "discord-export"
    title = N_("Discord channels exported by DiscordChatExporter as JSON")
    platform = "discord"
    feeds = ("messages",)
    limits: RateLimit | None = None
    settings = (
        Setting("path", N_("an exported file, a folder of them, or a pattern"), required=True, example="export/*.json"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield what the files say that were not finished at ``pull.cursor`` or have changed since."""

        def open_chat(
            file: Path, reject: Callable[[Rejected], None], warn: Callable[[str], None]
        ) -> JsonChat[_Message]:
            return JsonChat(file, _Message, _Channel().read, reject, warn)

        return pages(pull, files_of(pull.settings["path"], SUFFIXES), open_chat)

    def recognise(self, path: str) -> float:
        """How sure it is that ``path`` is such an export, or a folder of them: by what stands before the messages."""
        try:
            about, _message = first_of(files_of(path, SUFFIXES)[0])
        except KolbenchError:
            return 0.0
        return 0.95 if {"guild", "channel"} <= about.keys() else 0.0


class _Channel:
    """Turns the messages of one file into what they tell."""

    def __init__(self) -> None:
        self._authors = Authors()
        self._about: Mapping[str, bytes] = {}
        self._community = _Place("")

    def read(self, one: Element, message: _Message) -> Iterator[Said | Moved | Aside]:
        if one.about is not self._about:
            self._about, self._community = one.about, _community(one.about)
        room, author = self._community, message.author
        name = author.nickname or author.name
        try:
            at = parse_moment(message.timestamp, UTC)
        except ValueError as why:
            raise RecordError("timestamp", str(why)) from None
        if str(message.type) in JOINED:
            yield Moved(room.id, room.name, at, author.id, author.name, name, joined=True)
        if str(message.type) not in SPOKEN:
            return
        reply_to = message.reference.message_id if message.reference else None
        text, named = mark_ids(message.content, {user.id: user.nickname or user.name for user in message.mentions})
        self._authors.note(message.id, author.id)
        yield Said(
            *(room.id, room.name, at, author.id, author.name, name, message.id, text),
            is_bot=author.is_bot,
            reply_to_uid=reply_to,
            replied_to=self._authors.of(reply_to),
            named=named,
        )
        yield from self._reactions(message, at)

    def _reactions(self, message: _Message, at: datetime) -> Iterator[Aside]:
        """Who reacted, where the export tells: an emoji counts once for each person, at the message's own time."""
        people = {user.id: user for reaction in message.reactions for user in reaction.users}
        people.pop(message.author.id, None)
        fans = list(people.values())
        for start in range(0, len(fans), _AT_ONCE):
            records: list[Record] = []
            for fan in fans[start : start + _AT_ONCE]:
                records += [
                    AccountRecord(
                        uid=fan.id,
                        handle=fan.name,
                        name=fan.nickname or fan.name,
                        is_bot=fan.is_bot or None,
                        observed_at=at,
                    ),
                    InteractionRecord(
                        actor_uid=fan.id,
                        object_uid=message.author.id,
                        kind="reaction",
                        at=at,
                        evidence_uid=message.id,
                        community_uid=self._community.id,
                    ),
                ]
            yield Aside(at, tuple(records))


def _community(about: Mapping[str, bytes]) -> _Place:
    """Where the messages of a file were said. Raises RecordError when the file doesn't tell."""
    for key in ("guild", "channel"):
        try:
            place = msgspec.json.decode(about.get(key, b"null"), type=_Place)
        except (msgspec.DecodeError, UnicodeDecodeError) as why:
            raise RecordError(key, str(why)) from None
        if place.id and (key, place.id) != ("guild", NO_GUILD):
            return place
    raise RecordError("guild", "")
