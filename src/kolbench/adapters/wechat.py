"""WeChat: group chats that the operator has exported with a tool of their own choice, as CSV or text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kolbench.adapters.chats.archive import Chat, files_of, pages
from kolbench.adapters.chats.columns import zone_in
from kolbench.adapters.chats.people import bots_named
from kolbench.adapters.chats.said import MadeUids, Moved, Said, ref_to
from kolbench.adapters.chats.transcript import Transcript
from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.adapters.tables.cells import identifier
from kolbench.adapters.tables.options import Options, parse_options
from kolbench.adapters.tables.readers import look, open_rows
from kolbench.adapters.wechat_content import SYSTEM, content, notices, renamed
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import KolbenchError, RecordError, UsageError
from kolbench.domain.identity import handle_key
from kolbench.domain.lang import N_, _
from kolbench.domain.records import Contact
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIXES = (".csv", ".csv.gz", ".txt", ".txt.gz", ".xlsx")
"""Which files of a folder are exports."""

TIMEZONE = "Asia/Shanghai"
LONGEST = 40_000
"""Characters kept of a message; the store keeps fewer."""

LONGEST_UID = 100
"""Characters of a message's id; what is longer is none."""

_DATABASE = frozenset(("createtime", "strcontent", "type"))
_COLLECTED = frozenset(("group_id", "from_id", "content_type", "content"))
_PREFIX = re.compile(r"([A-Za-z0-9_@.-]{3,64}):\r?\n")
_INFO = re.compile(r"['\"](\w{2,10})['\"]\s*:\s*['\"]([^'\"]{0,200})['\"]")
_HEADER = re.compile(r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: (?P<who>\S.{0,200}))?")
_STEM = re.compile(r"(?:_utf8)?(?:[ _]?\(\d{1,3}\))?(?:\.(?:csv|txt|xlsx|gz))+$", re.IGNORECASE)

Reject = Callable[[Rejected], None]


class WeChat:
    """Reads exported group chats into rooms, people, messages, who came and left, and who addressed whom.

    WeChat itself exports nothing that a program can read; these are the shapes that tools on the operator's own
    computer write. A message keeps WeChat's id where the file has it, so that two exports double nothing.
    """

    name = "wechat"
    title = N_("WeChat: exported group chats (CSV, XLSX or text)")
    platform = "wechat"
    feeds = ("messages",)
    limits: RateLimit | None = None
    settings = (
        Setting("path", N_("an export, a folder of exports, or a pattern"), required=True, example="group.csv"),
        Setting("room", N_("the room's name, if the file doesn't tell"), example="Tasters"),
        Setting("me", N_("your own wxid, or your name where a file has no ids"), default="me", example="wxid_abc"),
        Setting("bots", N_("names of bots, separated by commas"), example="小助手"),
        Setting("timezone", N_("of times that name none"), default=TIMEZONE, example="+08:00"),
        Setting("encoding", N_("of the text"), default="auto", example="gb18030"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield what the files say that were not finished at ``pull.cursor`` or have changed since.

        Raises UsageError for a setting that makes no sense, and the first file's error when none can be read.
        """
        options = parse_options({**pull.settings, "timezone": pull.settings.get("timezone", "") or TIMEZONE})
        room = clean_line(pull.settings.get("room", ""))
        me = clean_line(pull.settings.get("me", "")) or "me"
        bots = bots_named(pull)

        def open_chat(file: Path, reject: Reject, warn: Callable[[str], None]) -> Chat:
            here = replace(options, path=str(file))
            if header := _header(here):
                return WeChatRows(here, header, reject, warn, room=room, me=me)
            return WeChatText(here, warn, room=room, me=me)

        return pages(pull, files_of(options.path, SUFFIXES), open_chat, bots)

    def recognise(self, path: str) -> float:
        """How sure it is that ``path`` is an export: by its header, or its first lines."""
        try:
            first = files_of(path, SUFFIXES)[0]
            options = parse_options({"path": str(first)})
            if _header(options):
                return 0.97
            lines = [line for line in islice(Transcript(first), 60) if line.strip()]
        except KolbenchError:
            return 0.0
        heads = sum(bool(_HEADER.fullmatch(line)) for line in lines)
        return 0.7 if heads > 1 and _HEADER.fullmatch(lines[0].lstrip("\ufeff")) else 0.0


class WeChatRows:
    """The messages of a table in the file's own order; a row that is no message goes to ``reject``."""

    def __init__(
        self,
        options: Options,
        header: Sequence[str],
        reject: Reject,
        warn: Callable[[str], None],
        *,
        room: str,
        me: str,
    ) -> None:
        self._rows = open_rows(look(replace(options, header=False)), reject, warn)
        self._places = {_plain(name): place for place, name in reversed(list(enumerate(header)))}
        self._time = next(place for name, place in self._places.items() if name in ("createtime", "time"))
        named = zone_in(header[self._time])
        self._zone = parse_options({"path": "-", "timezone": named}).timezone if named else options.timezone
        self._told_room = room
        self._stem = room or _stem(options.path)
        self._talker = ""
        self._room_names: dict[str, str] = {}
        self._me = me
        self._reject = reject
        self._made = MadeUids()

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._rows.share

    def __iter__(self) -> Iterator[Said | Moved]:
        """Yield messages and moves. Raises SourceError when the file is cut short, damaged or a bomb."""
        for row in islice(self._rows, 1, None):
            cells = {name: row[place] for name, place in self._places.items()}
            try:
                yield from self._told(cells, row[self._time])
            except RecordError as why:
                value = row[self._time] if why.field == "sent_at" else cells.get(why.field, "")
                self._reject(Rejected(self._rows.line, why.field, why.reason, value[:80]))

    def _told(self, cells: Mapping[str, str], time: str) -> Iterator[Said | Moved]:
        try:
            at = parse_moment(time, self._zone)
        except ValueError as why:
            raise RecordError("sent_at", str(why)) from None
        uid, name = self._room(cells)
        kind = (cells.get("type") or cells.get("content_type") or "").strip().removesuffix(".0")
        text = cells.get("strcontent") or cells.get("content") or ""
        if kind.casefold() in SYSTEM:
            if new := renamed(text):
                self._room_names[uid] = new
            for notice in notices(text):
                who = notice.uid or ref_to(notice.name) if notice.name else self._me
                if who:
                    yield Moved(uid, name, at, who, notice.name or None, notice.name or None, notice.joined)
            return
        prefix = _PREFIX.match(text)
        sender, nick, contacts, mine = self._sender(cells, prefix[1] if prefix else "")
        if prefix and prefix[1] in (sender, nick):
            text = text[prefix.end() :]
        packed = cells.get("compresscontent") or cells.get("displaycontent") or ""
        said = content(kind, (cells.get("subtype") or "").strip().removesuffix(".0"), text[:LONGEST], packed[:LONGEST])
        yield Said(
            uid,
            name,
            at,
            sender,
            nick,
            nick,
            _own_uid(cells) or self._made.uid(uid, sender, at, said.text),
            said.text,
            contacts,
            is_staff=True if mine else None,
            reply_to_uid=said.quoted_uid,
            replied_to=said.quoted_sender,
        )

    def _room(self, cells: Mapping[str, str]) -> tuple[str, str]:
        """The room's uid and its name, as far as the row tells; a file of one room may be named after it."""
        group = clean_line(cells.get("group_id", ""))
        if group:
            return group, clean_line(cells.get("group_name", "")) or group
        talker = clean_line(cells.get("strtalker") or cells.get("talkerid") or "")
        self._talker = self._talker or talker
        if "@" in talker and not self._told_room:
            uid = talker
        else:
            uid = self._stem if talker == self._talker else clean_line(f"{self._stem} {talker}")
        return uid, self._room_names.get(uid, self._stem if talker == self._talker else uid)

    def _sender(self, cells: Mapping[str, str], prefix: str) -> tuple[str, str | None, tuple[Contact, ...], bool]:
        """Who sent it: uid, name, contacts, and whether it was the operator. Raises RecordError if nobody did."""
        info = _info(cells.get("senderinfo", ""))
        uid = clean_line(info.get("wxid") or cells.get("sender") or cells.get("from_id") or "")
        nick = info.get("nickname") or info.get("remark") or cells.get("nickname") or cells.get("from_nickname") or ""
        nick = clean_line(nick or cells.get("remark", ""))
        mine = cells.get("issender", "").strip() in ("1", "1.0") or (uid != "" and uid == self._me)
        uid = (uid or self._me) if mine else uid or prefix or (ref_to(nick) if nick else "")
        if not uid:
            raise RecordError("sender", _("nobody is named as its sender"))
        alias = clean_line(info.get("alias", ""))
        return uid, nick or None, (Contact("wechat", alias),) if alias else (), mine


class WeChatText:
    """The messages of a text in which each stands under its time and sender, or a notice under its time alone."""

    def __init__(self, options: Options, warn: Callable[[str], None], *, room: str, me: str) -> None:
        file = Path(options.path)
        first = Transcript(file, options.encoding)
        if not any(_HEADER.fullmatch(line.lstrip("\ufeff")) for line in first):
            raise UsageError(_("{path} is no chat exported from WeChat in a shape that is known").format(path=file))
        self._transcript = Transcript(file, first.encoding, warn)
        self._zone = options.timezone
        self._room = room or _stem(options.path)
        self._me = me
        self._made = MadeUids()

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._transcript.share

    def __iter__(self) -> Iterator[Said | Moved]:
        """Yield messages and moves. Raises SourceError when the file is cut short, damaged or a bomb."""
        head: tuple[datetime, str] | None = None
        text: list[str] = []
        length = 0
        previous = ""
        for line in self._transcript:
            found = _HEADER.fullmatch(line.lstrip("\ufeff")) if not previous.strip() and line else None
            at = _moment(found["at"], self._zone) if found else None
            if found and at:
                if head:
                    yield from self._told(*head, "\n".join(text).strip())
                head, text, length = (at, clean_line(found["who"] or "")), [], 0
            elif head and length < LONGEST:
                text.append(line)
                length += len(line) + 1
            previous = line
        if head:
            yield from self._told(*head, "\n".join(text).strip())

    def _told(self, at: datetime, who: str, text: str) -> Iterator[Said | Moved]:
        if not who:
            for notice in notices(text):
                name = notice.name or self._me
                if uid := ref_to(name):
                    yield Moved(self._room, self._room, at, uid, name, name, notice.joined)
            return
        uid = ref_to(who)
        if not uid:
            return
        made = self._made.uid(self._room, uid, at, text)
        mine = True if handle_key(who) == handle_key(self._me) else None
        yield Said(self._room, self._room, at, uid, who, who, made, text, is_staff=mine)


def _header(options: Options) -> Sequence[str]:
    """The names of the columns, when they are those of an exported chat; empty when they aren't, or it is no table."""
    try:
        first = look(replace(options, header=False)).sample[0]
    except (KolbenchError, IndexError):
        return ()
    names = {_plain(cell) for cell in first}
    return first if names >= _DATABASE or names >= _COLLECTED else ()


def _plain(name: str) -> str:
    """A column's name in lower case, without the time zone in it."""
    return name.partition("(")[0].strip().lstrip("\ufeff").casefold()


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _own_uid(cells: Mapping[str, str]) -> str:
    """The id that WeChat's server gave the message; empty where a spreadsheet or an export has lost it."""
    try:
        uid = identifier(cells.get("msgsvrid", "")) or ""
    except ValueError:
        return ""
    return uid if uid.strip("0") and len(uid) <= LONGEST_UID else ""


def _info(text: str) -> dict[str, str]:
    """The facts on a sender, written as JSON or as Python writes it."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = dict(_INFO.findall(text[:2000]))
    facts = found if isinstance(found, dict) else {}
    return {name.casefold(): value for name, value in facts.items() if isinstance(value, str)}


def _stem(path: str) -> str:
    return clean_line(_STEM.sub("", Path(path).name)) or "WeChat"
