"""QQ: group chats exported from the computer's client as text (消息记录)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from kolbench.adapters.chats.archive import files_of, pages
from kolbench.adapters.chats.people import bots_named
from kolbench.adapters.chats.said import MadeUids, Moved, Said, ref_to
from kolbench.adapters.chats.transcript import Transcript
from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.adapters.tables.options import parse_options
from kolbench.domain.errors import KolbenchError, UsageError
from kolbench.domain.identity import handle_key
from kolbench.domain.lang import N_, _
from kolbench.domain.records import Contact
from kolbench.domain.text import clean_line

SUFFIXES = (".txt", ".txt.gz", ".zip")
"""Which files of a folder are exports."""

LONGEST = 40_000
"""Characters kept of a message; the store keeps fewer."""

MOST_NAMES = 20_000
"""Names of people that are remembered, to see where a mention of one of them ends and who is meant by it."""

TIMEZONE = "Asia/Shanghai"

SYSTEM = frozenset(("10000", "1000000"))
"""Who QQ's own notices are signed by (系统消息)."""

_ROLES = {"群主": "owner", "管理员": "admin"}
_LEVELS = frozenset(("潜水", "冒泡", "吐槽", "活跃", "话唠", "传说"))

_HEADER = re.compile(
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2}) (?P<half>上午|下午)? ?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d) +(?P<who>\S.{0,200}?) *"
)
_SIGNED = re.compile(r"(?P<name>.*?) ?(?:\((?P<number>\d{4,12})\)|<(?P<mail>[^<>\s]{3,100})>)")
_TITLE = re.compile(r"【(?P<title>[^【】]{1,12})】(?=.)")
_RULE = re.compile(r"={20,}")
_SECTION = re.compile(r"消息(?P<what>分组|对象)[:：](?P<name>.*)")
_FIRST = "消息记录（"

_JOINED = (
    re.compile(r"(?:.{1,60}?)?邀请 ?(.{1,60}?) ?加入了?(?:本群|该群|群聊|群)"),
    re.compile(r"管理员已?同意 ?(.{1,60}?) ?(?:的)?加群申请"),
    re.compile(r"(.{1,60}?) ?(?:已?(?:通过|使用|扫描).{0,40})?已?加入了?(?:本群|该群|群聊|群)"),
)
_LEFT = (
    re.compile(r".{0,60}?(?:将|把) ?(.{1,60}?) ?(?:移出|踢出)了?(?:本群|该群|群聊|群)"),
    re.compile(r"(.{1,60}?) ?被.{0,60}?(?:移出|踢出)了?(?:本群|该群|群聊|群)"),
    re.compile(r"(.{1,60}?) ?已?(?:退出|离开)了?(?:本群|该群|群聊|群)"),
)
_OTHER = re.compile(r".{1,80}(?:撤回了.{0,12}消息|成为(?:管理员|群主).*|(?:被|解除).{0,20}禁言.*|修改群名.*|戳了戳.*)")
_SHARED = re.compile(r"(?:\[图片\] ?)?.{1,80} (?:分享|上传|发表)\w{1,4} \d{1,2}:\d\d:\d\d\n.{0,300}", re.DOTALL)
_YOU = frozenset(("你", "您"))


class QQ:
    """Reads exported group chats into rooms, people, messages, who joined and left, and who addressed whom.

    A person is known by number, or by mail address where that stands in the place of it; ``@`` and the name that
    somebody has in the room means that person, spaces and all. QQ's own notices are no messages.
    """

    name = "qq"
    title = N_("QQ: exported group chats (消息记录 .txt)")
    platform = "qq"
    feeds = ("messages",)
    limits: RateLimit | None = None
    settings = (
        Setting("path", N_("an export, a folder of exports, or a pattern"), required=True, example="group.txt"),
        Setting("room", N_("the room's name, if the file doesn't tell"), example="Tasters"),
        Setting("me", N_("your own number or mail address"), example="10001000"),
        Setting("bots", N_("names of bots, separated by commas"), example="Q群管家"),
        Setting("timezone", N_("of the exporting computer"), default=TIMEZONE, example="+08:00"),
        Setting("encoding", N_("of the text"), default="auto", example="gb18030"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield what the files say that were not finished at ``pull.cursor`` or have changed since.

        Raises UsageError for a setting that makes no sense, and the first file's error when none can be read.
        """
        options = parse_options({**pull.settings, "timezone": pull.settings.get("timezone", "") or TIMEZONE})
        room, me = clean_line(pull.settings.get("room", "")), pull.settings.get("me", "").strip().lower()
        bots = bots_named(pull)

        def open_chat(file: Path, reject: Callable[[Rejected], None], warn: Callable[[str], None]) -> QQChat:
            return QQChat(file, options.encoding, options.timezone, reject, warn, room=room, me=me)

        return pages(pull, files_of(options.path, SUFFIXES), open_chat, bots)

    def recognise(self, path: str) -> float:
        """How sure it is that ``path`` is an export: by what it begins with."""
        try:
            first = [line for line in islice(Transcript(files_of(path, SUFFIXES)[0]), 40) if line.strip()]
        except KolbenchError:
            return 0.0
        if not first:
            return 0.0
        if first[0].lstrip("\ufeff").startswith(_FIRST) or any(map(_SECTION.fullmatch, first)):
            return 0.98
        header = _HEADER.fullmatch(first[0])
        return 0.9 if header and _SIGNED.fullmatch(header["who"]) else 0.0


class _Person(NamedTuple):
    """Who signed a message: uid, name in the room, role there, and ways to reach them."""

    uid: str
    name: str
    role: str | None
    contacts: tuple[Contact, ...]


class _Entry(NamedTuple):
    """One entry of an export as it stands there; ``line`` counts from 1."""

    line: int
    room: str
    at: datetime
    who: _Person
    text: str


class QQChat:
    """The messages of one export in its own order; an entry that can't be understood goes to ``reject``.

    Making one reads the file once, for the names of people and for who signs QQ's notices. Raises UsageError when
    there is no message in it.
    """

    def __init__(
        self,
        file: Path,
        encoding: str,
        zone: tzinfo,
        reject: Callable[[Rejected], None],
        warn: Callable[[str], None],
        *,
        room: str = "",
        me: str = "",
    ) -> None:
        self._zone = zone
        self._me = me
        self._said_room = room
        first = Transcript(file, encoding)
        self._default_room = room or clean_line(file.name.partition(".")[0]) or "QQ"
        self._names: dict[str, str] = {}
        self._system = self._surveyed(first)
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)
        self._transcript = Transcript(file, first.encoding, warn)
        self._reject = reject
        self._made = MadeUids()

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._transcript.share

    def __iter__(self) -> Iterator[Said | Moved]:
        """Yield messages and moves. Raises SourceError when the file is cut short, damaged or a bomb."""
        for entry in self._entries(self._transcript, self._reject):
            if entry.who.uid in self._system:
                yield from self._moves(entry)
            else:
                who, (text, named) = entry.who, self._marked(entry.text)
                yield Said(
                    entry.room,
                    entry.room,
                    entry.at,
                    who.uid,
                    who.name or None,
                    who.name or None,
                    self._made.uid(entry.room, who.uid, entry.at, entry.text),
                    text,
                    who.contacts,
                    who.role,
                    is_staff=True if who.uid == self._me else None,
                    named=named,
                )

    def _surveyed(self, lines: Transcript) -> set[str]:
        """Who signs notices only: in an export whose numbers were changed, that is QQ itself as well."""
        talkers: set[str] = set()
        tellers: dict[str, int] = {}
        for entry in self._entries(lines, lambda _: None):
            if len(self._names) < MOST_NAMES and entry.who.name:
                self._names.setdefault(entry.who.name, entry.who.uid)  # the first stays so in a longer export
            if _is_notice(entry.text):
                tellers[entry.who.uid] = tellers.get(entry.who.uid, 0) + 1
            else:
                talkers.add(entry.who.uid)
        if not talkers and not tellers:
            raise UsageError(_("{path} has no message as QQ exports them").format(path=lines.name))
        return {uid for uid, times in tellers.items() if times > 1 and uid not in talkers} | SYSTEM

    def _entries(self, lines: Transcript, reject: Callable[[Rejected], None]) -> Iterator[_Entry]:
        """The entries of the export, under the room that the file has named before."""
        room, signed_by_number = self._default_room, False
        head: tuple[int, datetime, _Person] | None = None
        text: list[str] = []
        length = 0
        previous = ""
        for number, line in enumerate(lines, 1):
            section = _SECTION.fullmatch(line) if _RULE.fullmatch(previous) else None
            header = _HEADER.fullmatch(line) if not section and line[:1].isdigit() and _is_gap(previous) else None
            person = _person(header["who"]) if header else None
            if person and (not person.uid or (not person.contacts and signed_by_number)):
                header = None
            at = _moment(header, self._zone) if header else None
            if header and not at:
                reject(Rejected(number, "sent_at", _("no such day or time"), line[:80]))
            if head and (section or at):
                if section:
                    text.pop()
                yield _Entry(head[0], room, head[1], head[2], _body(text))
                head = None
            if section:
                if section["what"] == "对象":
                    room, signed_by_number = self._said_room or clean_line(section["name"]) or room, False
            elif at and person:
                signed_by_number = signed_by_number or bool(person.contacts)
                head, text, length = (number, at, person), [], 0
            elif head and length < LONGEST:
                text.append(line)
                length += len(line) + 1
            previous = line
        if head:
            yield _Entry(head[0], room, head[1], head[2], _body(text))

    def _moves(self, entry: _Entry) -> Iterator[Moved]:
        """Who joined or left by a notice; nobody by one of another kind."""
        notice = entry.text.rstrip("。")
        for joined, patterns in ((True, _JOINED), (False, _LEFT)):
            if found := next((match for pattern in patterns if (match := pattern.fullmatch(notice))), None):
                for name in re.split(r"[、，,]", found[1]):
                    name = clean_line(name.strip(' "“”'))
                    uid = self._names.get(name) or ref_to(name)
                    if uid and name not in _YOU:
                        yield Moved(entry.room, entry.room, entry.at, uid, name, name, joined)
                    elif self._me and name in _YOU:
                        yield Moved(entry.room, entry.room, entry.at, self._me, None, None, joined)
                return

    def _marked(self, text: str) -> tuple[str, dict[str, str]]:
        """``text`` with isolates around the names after @, which may hold anything, and who in the file is meant."""
        if "@" not in text:
            return text, {}
        named = {}
        parts = text.split("@")
        for place, part in enumerate(parts[1:], 1):
            length = next((size for size in self._lengths if part[:size] in self._names), 0)
            if length:
                name = part[:length]
                parts[place] = f"\u2068{name}\u2069{part[length:]}"
                named[handle_key(name)] = self._names[name]
        return "@".join(parts), named


def _is_gap(line: str) -> bool:
    """Whether an entry may begin behind this line."""
    return not line.strip() or bool(_RULE.fullmatch(line))


def _body(lines: list[str]) -> str:
    return "\n".join(lines).replace("\r", "\n").strip()


def _is_notice(text: str) -> bool:
    """Whether a text is word for word what QQ writes of what people do: come, leave, take back, share."""
    if len(text) > 400:
        return False
    if "\n" in text:
        return bool(_SHARED.fullmatch(text))
    bare = text.rstrip("。")
    return any(pattern.fullmatch(bare) for pattern in (*_JOINED, *_LEFT, _OTHER))


def _moment(header: re.Match[str], zone: tzinfo) -> datetime | None:
    hour = int(header["hour"])
    if header["half"] and hour <= 12:
        hour = hour % 12 + (12 if header["half"] == "下午" else 0)
    year, month, day = (int(header[part]) for part in ("year", "month", "day"))
    try:
        local = datetime(year, month, day, hour, int(header["minute"]), int(header["second"]), tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(4096)
def _person(who: str) -> _Person:
    """Who is meant by ``【管理员】Ann(10001000)`` or ``Ann<ann@example.com>``; a mere name is a friend's."""
    signed = _SIGNED.fullmatch(who)
    name, role = clean_line(signed["name"] if signed else who), None
    while found := _TITLE.match(name):
        if found["title"] not in _ROLES and found["title"] not in _LEVELS:
            break
        role = _ROLES.get(found["title"], role)
        name = name[found.end() :].strip()
    if not signed:
        return _Person(ref_to(name), name, role, ())
    if signed["number"]:
        return _Person(signed["number"], name, role, (Contact("qq", signed["number"]),))
    mail = clean_line(signed["mail"]).lower()
    return _Person(mail, name, role, (Contact("email", mail),))
