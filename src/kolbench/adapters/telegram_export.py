"""Telegram chats in the JSON that Telegram Desktop exports: one chat, or a whole account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TypeVar

import msgspec

from kolbench.adapters.chats.archive import files_of, pages
from kolbench.adapters.chats.jsonchat import JsonChat, first_of
from kolbench.adapters.chats.jsonstream import Element
from kolbench.adapters.chats.people import Authors, bots_named, mark
from kolbench.adapters.chats.said import Aside, Moved, Said
from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.adapters.tables.files import modified
from kolbench.adapters.tables.options import parse_options
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import KolbenchError, RecordError
from kolbench.domain.identity import handle_key, name_ref
from kolbench.domain.lang import N_, _
from kolbench.domain.records import AccountRecord, InteractionRecord, PostRecord, Record

T = TypeVar("T")

SUFFIXES = (".json", ".json.gz")
INSIDE = ("chats", "left_chats", "list")
"""Where the chats of a whole account stand."""

PRIVATE = frozenset({"personal_chat", "bot_chat", "saved_messages", "replies", "verify_codes"})
"""Conversations that an operator would not expect among communities; left out of a whole account's export."""

JOINED = frozenset({"join_group_by_link", "join_group_by_request"})

_PREFIX = {"user": "", "chat": "-", "channel": "-100"}
"""What the Bot API puts before an id by what it is the id of."""

_AT_ONCE = 50


class _Part(msgspec.Struct, frozen=True):
    text: str = ""
    type: str = "plain"
    user_id: int | str | None = None


class _Recent(msgspec.Struct, frozen=True, rename={"name": "from", "uid": "from_id"}):
    uid: int | str | None = None
    name: str | None = None
    date: str = ""


class _Reaction(msgspec.Struct, frozen=True):
    count: int = 0
    recent: tuple[_Recent, ...] = ()


class _Message(msgspec.Struct, frozen=True, rename={"name": "from", "uid": "from_id"}):
    id: int
    type: str = "message"
    date: str = ""
    date_unixtime: int | str = ""
    uid: int | str | None = None
    name: str | None = None
    actor: str | None = None
    actor_id: int | str | None = None
    action: str = ""
    members: tuple[str | None, ...] = ()
    text: str | tuple[str | _Part, ...] | None = ""
    reply_to_message_id: int | None = None
    reply_to_peer_id: str | None = None
    reactions: tuple[_Reaction, ...] = ()


class _Chat(msgspec.Struct, frozen=True):
    """The chat that messages were said in; its ``uid`` is what the Bot API calls it."""

    uid: str
    name: str | None
    kind: str

    @property
    def is_channel(self) -> bool:
        return self.kind.endswith("channel")


class TelegramExport:
    """Reads exported groups into communities and channels into accounts with posts, as the adapter ``telegram`` does.

    Ids are those of the Bot API, so that what both tell comes together: a message is ``CHAT:MESSAGE``.
    """

    name = "telegram-export"
    title = N_("Telegram chats exported by Telegram Desktop as JSON")
    platform = "telegram"
    feeds = ("messages",)
    limits: RateLimit | None = None
    settings = (
        Setting(
            "path", N_("result.json, a folder with it, or a pattern"), required=True, example="ChatExport/result.json"
        ),
        Setting("bots", N_("ids or names of bots, separated by commas"), example="5123456789"),
        Setting("timezone", N_("of times that name none"), default="UTC", example="Asia/Shanghai"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield what the files say that were not finished at ``pull.cursor`` or have changed since."""
        zone = parse_options(pull.settings).timezone
        bots = bots_named(pull)

        def open_chat(
            file: Path, reject: Callable[[Rejected], None], warn: Callable[[str], None]
        ) -> JsonChat[_Message]:
            return JsonChat(file, _Message, _Reader(zone, bots, modified(file), warn).read, reject, warn, INSIDE)

        return pages(pull, files_of(pull.settings["path"], SUFFIXES), open_chat)

    def recognise(self, path: str) -> float:
        """How sure it is that ``path`` is such an export, or a folder with one: by its first message."""
        try:
            about, first = first_of(files_of(path, SUFFIXES)[0], INSIDE)
            message = msgspec.json.decode(first or b"null", type=_Message)
        except (KolbenchError, msgspec.DecodeError, UnicodeDecodeError):
            return 0.0
        named = bool({"id", "type"} <= about.keys() or (message.uid or message.actor_id))
        return 0.95 if named and message.date and message.type in ("message", "service", "unsupported") else 0.0


class _Reader:
    """Turns the messages of one file into what they tell."""

    def __init__(self, zone: tzinfo, bots: frozenset[str], seen_at: datetime, warn: Callable[[str], None]) -> None:
        self._zone = zone
        self._bots = bots
        self._seen_at = seen_at
        self._warn = warn
        self._authors = Authors()
        self._about: Mapping[str, bytes] = {}
        self._chat = _Chat("", None, "")

    def read(self, one: Element, message: _Message) -> Iterator[Said | Moved | Aside]:
        if one.about is not self._about:
            self._about, self._chat, self._authors = one.about, _chat(one.about), Authors()
        if one.within and self._chat.kind in PRIVATE:
            self._warn(_("private conversations are left out; export one by itself to import it"))
            return
        if message.type == "service":
            yield from self._move(message)
        elif message.type == "message" and self._chat.is_channel:
            yield self._post(message)
        elif message.type == "message":
            yield from self._said(message)

    def _said(self, message: _Message) -> Iterator[Said | Aside]:
        chat, at = self._chat, self._at(message)
        sender = _uid(message.uid) or (name_ref(message.name) if message.name else "")
        if not sender:
            raise RecordError("from_id", _("nobody is named as its sender"))
        uid = f"{chat.uid}:{message.id}"
        reply = message.reply_to_message_id if message.reply_to_peer_id is None else None
        reply_to = None if reply is None else f"{chat.uid}:{reply}"
        self._authors.note(uid, sender)
        text, named = _text(message.text)
        yield Said(
            *(chat.uid, chat.name, at, sender, None, message.name, uid, text),
            is_bot=sender in self._bots or handle_key(message.name or "") in self._bots,
            reply_to_uid=reply_to,
            replied_to=self._authors.of(reply_to),
            named=named,
        )
        yield from self._reactions(message, sender, uid, at)

    def _post(self, message: _Message) -> Aside:
        """What a channel publishes: the channel itself is the author."""
        chat, at = self._chat, self._at(message)
        likes = sum(reaction.count for reaction in message.reactions)
        post = PostRecord(
            uid=f"{chat.uid}:{message.id}",
            account_uid=chat.uid,
            published_at=at,
            kind="post",
            text=_text(message.text)[0].translate(_ISOLATES),
            metrics={"likes": likes} if message.reactions else {},
            observed_at=self._seen_at,
        )
        return Aside(at, (AccountRecord(uid=chat.uid, name=chat.name, category="channel", observed_at=at), post))

    def _move(self, message: _Message) -> Iterator[Moved]:
        """Who came and left; of people whom others add or remove, an export tells only the names."""
        who = _uid(message.actor_id)
        themselves = message.members in ((message.actor,), (None,)) and message.actor is not None
        joined = message.action in JOINED or (message.action == "invite_members" and themselves)
        if who and not self._chat.is_channel and (joined or (message.action == "remove_members" and themselves)):
            chat = self._chat
            yield Moved(chat.uid, chat.name, self._at(message), who, None, message.actor, joined=joined)

    def _reactions(self, message: _Message, author: str, uid: str, at: datetime) -> Iterator[Aside]:
        """Who reacted, of those whom the export names: it has the latest few."""
        recent = [one for reaction in message.reactions for one in reaction.recent]
        records: list[Record] = []
        for fan, one in {_uid(one.uid): one for one in recent if _uid(one.uid) not in ("", author)}.items():
            try:
                when = parse_moment(one.date, self._zone) if one.date else at
            except ValueError:
                when = at
            records += [
                AccountRecord(uid=fan, name=one.name, observed_at=when),
                InteractionRecord(
                    actor_uid=fan,
                    object_uid=author,
                    kind="reaction",
                    at=when,
                    evidence_uid=uid,
                    community_uid=self._chat.uid,
                ),
            ]
        for start in range(0, len(records), 2 * _AT_ONCE):
            yield Aside(at, tuple(records[start : start + 2 * _AT_ONCE]))

    def _at(self, message: _Message) -> datetime:
        try:
            if message.date_unixtime:
                return datetime.fromtimestamp(int(message.date_unixtime), UTC)
            return parse_moment(message.date, self._zone)
        except (ValueError, OverflowError, OSError) as why:
            raise RecordError("date", str(why)) from None


_ISOLATES = str.maketrans("", "", "\u2068\u2069")


def _chat(about: Mapping[str, bytes]) -> _Chat:
    """The chat that a file tells of. Raises RecordError when it doesn't say which."""
    number = _member(about, "id", int)
    name, kind = _member(about, "name", str), _member(about, "type", str) or ""
    if number is None and not name:
        raise RecordError("id", _("nothing tells which chat this is"))
    if number is None:
        return _Chat(name_ref(name or ""), name, kind)
    prefix = "-100" if kind.endswith(("supergroup", "channel")) else "-" if kind.endswith("group") else ""
    return _Chat(f"{prefix}{number}", name, kind)


def _member(about: Mapping[str, bytes], key: str, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(about.get(key, b"null"), type=shape | None)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _uid(told: int | str | None) -> str:
    """The Bot API's id for ``user42``, ``channel42``, ``chat42``, or for the bare number of older exports."""
    if told is None:
        return ""
    text = str(told)
    for kind, prefix in _PREFIX.items():
        if text.startswith(kind):
            return prefix + text.removeprefix(kind)
    return text


def _text(told: str | Sequence[str | _Part] | None) -> tuple[str, dict[str, str]]:
    """The text in one piece, and the ids of people whom it names though they have no handle."""
    if told is None or isinstance(told, str):
        return told or "", {}
    pieces: list[str] = []
    named: dict[str, str] = {}
    for part in told:
        if isinstance(part, str):
            pieces.append(part)
        elif part.type == "mention_name" and part.user_id:
            marked = mark(part.text.removeprefix("@"))
            named[handle_key(marked[2:-1])] = _uid(part.user_id)
            pieces.append(marked)
        else:
            pieces.append(part.text)
    return "".join(pieces), named
