"""WhatsApp: chats exported from a phone, as text or in a zip."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from kolbench.adapters import whatsapp_words as words
from kolbench.adapters.chats.archive import files_of, pages
from kolbench.adapters.chats.people import bots_named
from kolbench.adapters.chats.said import MadeUids, Moved, Said, ref_to
from kolbench.adapters.chats.transcript import Transcript
from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.adapters.tables.options import parse_options
from kolbench.adapters.whatsapp_dates import DatesSoFar, Order, moment, order_named
from kolbench.domain.errors import KolbenchError, UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.records import Contact
from kolbench.domain.text import clean_line

SUFFIXES = (".txt", ".txt.gz", ".zip")
"""Which files of a folder are exports."""

LONGEST = 40_000
"""Characters kept of a message; the store keeps fewer."""

_MARKS = "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_GAP = rf"[\s{_MARKS}]{{0,4}}"
_HALF = (
    r"[ap]\.?\s?m\b\.?|"
    + "|".join(
        r"\s?".join(map(re.escape, word))
        for word in sorted({*words.BEFORE_NOON.split(), *words.AFTER_NOON.split()} - {"am", "pm"}, key=len)[::-1]
    )
    + r"|π\.μ\.|μ\.μ\."
)
_HEADER = re.compile(
    rf"{_GAP}(?P<open>\[)?{_GAP}(?P<one>\d{{1,4}}){_GAP}[-/.年]{_GAP}(?P<two>\d{{1,2}}){_GAP}[-/.月]{_GAP}"
    rf"(?P<three>\d{{1,4}})日?\.?{_GAP}(?:г\.|р\.)?[,،]?(?:{_GAP}(?:at|um|klo|kl\.|às|à|alle|a las|в))?"
    rf"{_GAP}(?P<before>{_HALF})?{_GAP}(?P<hour>\d{{1,2}})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?"
    rf"{_GAP}(?P<after>{_HALF})?{_GAP}(?(open)\]|(?:[-–—]|:(?=\s)))(?:\s|$)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SENDER = re.compile(r"(?P<who>[^\n]{1,200}?):(?: |\u00a0|$)(?P<text>.*)", re.DOTALL)
_QUOTE = re.compile(r"[\"“”„«]")
_PHONE = re.compile(r"\+?[\d\s().‑-]{6,30}")
_ATTACHED = re.compile(r"<[^<>:：\n]{2,30}[:：] ?(?P<file>[^<>\n]{1,200}\.\w{2,5})>")
_BESIDE = re.compile(r"(?P<file>[^\n/\\]{1,200}\.\w{2,5}) [(（](?P<what>[^()（）\n]{2,40})[)）]")
_LEFT_OUT = re.compile(r"<(?=[^<>\n]*(?: |[^\x00-\x7f]))[^<>\n]{3,60}>")
_EDITED = re.compile(r"\s*<(?P<what>[^<>\n]{3,60})>$")
_COPY = re.compile(r"[ _]?\(\d{1,3}\)$")
_UNMARKED = {ord(mark): None for mark in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\ufeff"}


class WhatsApp:
    """Reads exported chats into rooms, people, messages, who came and left, and who addressed whom.

    An export names people as the exporting phone's address book does, others by their number. It has no ids:
    a message's is made of room, minute, sender and words, so that a longer export of the room doubles nothing.
    """

    name = "whatsapp"
    title = N_("WhatsApp: exported chats (.txt, or the .zip with it)")
    platform = "whatsapp"
    feeds = ("messages",)
    limits: RateLimit | None = None
    settings = (
        Setting("path", N_("an export, a folder of exports, or a pattern"), required=True, example="WhatsApp Chat.zip"),
        Setting("room", N_("the room's name, if the file's name doesn't tell"), example="Tasters"),
        Setting("me", N_("what your own messages are signed with"), example="Ann"),
        Setting("bots", N_("names of bots, separated by commas"), example="Helper"),
        Setting("date_order", N_("of dates like 5/4/26: dmy, mdy, ymd or ydm"), default="auto", example="dmy"),
        Setting("timezone", N_("of the exporting phone"), default="UTC", example="Asia/Shanghai"),
        Setting("encoding", N_("of the text"), default="auto", example="utf-8"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield what the files say that were not finished at ``pull.cursor`` or have changed since.

        Raises UsageError for a setting that makes no sense, and the first file's error when none can be read.
        """
        said = dict(pull.settings)
        order = order_named(said.pop("date_order", ""))
        options = parse_options(said)
        room, me = clean_line(said.get("room", "")), clean_line(said.get("me", ""))
        bots = bots_named(pull)

        def open_chat(file: Path, reject: Callable[[Rejected], None], warn: Callable[[str], None]) -> WhatsAppChat:
            return WhatsAppChat(file, options.encoding, options.timezone, warn, order=order, room=room, me=me)

        return pages(pull, files_of(options.path, SUFFIXES), open_chat, bots)

    def recognise(self, path: str) -> float:
        """How sure it is that ``path`` is an export: by its first line; less so where any log could look the same."""
        try:
            transcript = Transcript(files_of(path, SUFFIXES)[0])
            first = [line for line in islice(transcript, 50) if line.strip()]
        except KolbenchError:
            return 0.0
        if not first or not _head(first[0]):
            return 0.0
        told = "whatsapp" in transcript.name.lower() or transcript.name.startswith("_chat")
        return 0.95 if told or any("\u200e" in line or words.ENCRYPTED.search(line) for line in first) else 0.6


class _Header(NamedTuple):
    """What stands before a message: the three numbers of its date, the time of day in minutes, and the rest."""

    date: tuple[str, str, str]
    minute: int
    second: int
    twelve: bool
    rest: str


class WhatsAppChat:
    """The messages of one export in its own order.

    Making one reads the file once for the order of day and month, and tells the operator. Raises UsageError when
    there is no message in it.
    """

    def __init__(
        self,
        file: Path,
        encoding: str,
        zone: tzinfo,
        warn: Callable[[str], None],
        *,
        order: Order = "",
        room: str = "",
        me: str = "",
    ) -> None:
        self._zone = zone
        self._me = me
        first = Transcript(file, encoding)
        self._order, named = self._surveyed(first, order, warn)
        self._room = room or _room_of(first.name) or named or _stem(first.name)
        self._transcript = Transcript(file, first.encoding, warn)
        self._made = MadeUids()

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._transcript.share

    def __iter__(self) -> Iterator[Said | Moved]:
        """Yield messages and moves. Raises SourceError when the file is cut short, damaged or a bomb."""
        at: datetime | None = None
        rest: list[str] = []
        length = 0
        for line in self._transcript:
            header = _head(line)
            began = moment(header.date, self._order, header.minute, header.second, self._zone) if header else None
            if header and began:
                if at:
                    yield from self._told(at, "\n".join(rest))
                at, rest, length = began, [header.rest], len(header.rest)
            elif length < LONGEST:
                rest.append(line)
                length += len(line) + 1
        if at:
            yield from self._told(at, "\n".join(rest))

    def _surveyed(self, lines: Transcript, order: Order, warn: Callable[[str], None]) -> tuple[Order, str]:
        """The order of the dates' numbers, and the room's name where the first notice is signed with it."""
        dates = DatesSoFar()
        room = ""
        for line in lines:
            if header := _head(line):
                dates.add(header.date, header.twelve)
                if not room and dates.read <= 3 and words.ENCRYPTED.search(header.rest):
                    signed = _SENDER.fullmatch(header.rest)
                    room = _name(signed["who"]) if signed else ""
        if not dates.read:
            raise UsageError(_("{path} has no message as WhatsApp exports them").format(path=lines.name))
        if not order:
            order, remark = dates.verdict()
            warn(remark)
        return order, room

    def _told(self, at: datetime, rest: str) -> Iterator[Said | Moved]:
        """What one entry of the export says: a message, or a notice by WhatsApp itself."""
        rest = rest.rstrip()
        signed = _SENDER.fullmatch(rest)
        if not signed or (_QUOTE.search(signed["who"]) and words.OWN.search(signed["who"])):
            yield from self._noticed(at, rest) or ()
            return
        who, text = _name(signed["who"]), signed["text"]
        own = text.startswith("\u200e")
        if words.ENCRYPTED.search(text) and (own or who == self._room):
            return
        kept = _plain(text)
        if own and (moves := self._noticed(at, kept)) is not None:
            yield from moves
            return
        shown = said_in(kept, by_app=own, sender=who)
        uid, handle, contacts = _identity(who)
        if not shown or not uid:
            return
        minute = at.replace(second=0)
        yield Said(
            self._room,
            self._room,
            at,
            uid,
            handle,
            who,
            self._made.uid(self._room, uid, minute, shown),
            shown,
            contacts,
            is_staff=True if self._me and uid == _identity(self._me)[0] else None,
        )

    def _noticed(self, at: datetime, notice: str) -> list[Moved] | None:
        """Who came or left by a notice, often nobody; None when it is no notice of coming and leaving."""
        plain = _plain(notice).strip("\u2068\u2069").rstrip(".。 ")
        if len(plain) > 700 or words.ENCRYPTED.search(plain):
            return None
        for joined, patterns in ((True, words.JOINED), (False, words.LEFT)):
            found = next((match for pattern in patterns if (match := pattern.fullmatch(plain))), None)
            if found is None:
                continue
            about = found[found.lastindex] if found.lastindex else self._me
            names = [name for name in map(_name, words.AND.split(about)) if not words.NOBODY.fullmatch(name)]
            return [
                Moved(self._room, self._room, at, uid, handle, name, joined, contacts)
                for name in names
                for uid, handle, contacts in (_identity(name),)
                if uid
            ]
        return None


def said_in(text: str, *, by_app: bool = False, sender: str = "") -> str:
    """What a message says, alike in every language: ``[image]`` for a picture, ``[poll]`` before a question.

    Empty for a message that was deleted, and for a notice. ``by_app`` is set when WhatsApp itself wrote it, about
    ``sender``; ``text`` is plain.
    """
    edited = _EDITED.search(text)
    if edited and words.EDITED.search(edited["what"]):
        text = text[: edited.start()]
    first, _line, caption = text.strip().partition("\n")
    first = first.strip()
    bare = first.rstrip(".。")
    if words.DELETED.fullmatch(bare) and not caption:
        return ""
    if words.POLL.fullmatch(first):
        return _poll(caption)
    if kind := _file_in(first):
        return f"[{kind}] {caption.strip()}".rstrip()
    if not by_app or first.startswith(("http", "Location: ")):
        return text.strip()
    if words.OWN.search(bare[:200]) or (sender and bare.startswith(sender)) or caption or len(bare) > 60:
        return ""
    return "[media]"


def _file_in(line: str) -> str:
    """The kind of file that a line stands for; empty when it is words."""
    attached = _ATTACHED.fullmatch(line)
    if not attached and (beside := _BESIDE.fullmatch(line)) and words.ATTACHED.fullmatch(beside["what"]):
        attached = beside
    if attached:
        return next((kind for kind, name in words.KIND_OF_NAME if name.search(attached["file"])), "document")
    if line == "null" or _LEFT_OUT.fullmatch(line):
        return "media"
    return next((kind for kind, phrases in words.LEFT_OUT.items() if phrases.fullmatch(line)), "")


def _poll(text: str) -> str:
    """A poll's question and choices, without how many had voted when it was exported."""
    lines = []
    for line in text.splitlines():
        option = words.OPTION.fullmatch(line.strip())
        lines.append(f"- {option['option'].strip()}" if option else line.strip())
    return f"[poll] {chr(10).join(lines).strip()}".rstrip()


def _head(line: str) -> _Header | None:
    """What a line begins with, if that is a moment as WhatsApp writes it."""
    if not line or not (line[0].isdigit() or line[0] in "[\u200e\u200f\u202a\u202b\u2068\ufeff"):
        return None
    found = _HEADER.match(line)
    if not found:
        return None
    hour, minute = int(found["hour"]), int(found["minute"])
    half = re.sub(r"[\s.]", "", found["before"] or found["after"] or "").casefold()
    if half:
        afternoon = half in _AFTER_NOON
        if hour == 12:
            hour = 12 if afternoon else 0
        elif hour < 12 and afternoon:
            hour += 12
    if hour > 23 or minute > 59 or int(found["second"] or 0) > 59:
        return None
    date = (found["one"], found["two"], found["three"])
    return _Header(date, 60 * hour + minute, int(found["second"] or 0), half in ("am", "pm"), found["rest"])


_AFTER_NOON = frozenset(word.replace(".", "").casefold() for word in words.AFTER_NOON.split())


def _plain(text: str) -> str:
    """``text`` without direction marks, with plain spaces and apostrophes; isolates around names stay."""
    return text.translate(_UNMARKED).replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")


@lru_cache(4096)
def _name(text: str) -> str:
    """A person's or a room's name, without the marks around it and the ~ before a name that is in no address book."""
    plain = _plain(text).strip("\u2068\u2069 ")
    return clean_line(plain.removeprefix("~").strip("\u2068\u2069 "))


@lru_cache(4096)
def _identity(name: str) -> tuple[str, str, tuple[Contact, ...]]:
    """Uid, handle and contacts of who is called so: a number is all three."""
    if _PHONE.fullmatch(name) and len(digits := re.sub(r"\D", "", name)) >= 7:
        return f"+{digits}", digits, (Contact("phone", f"+{digits}"),)
    return ref_to(name), name, ()


def _room_of(file_name: str) -> str:
    """The room that a file is named after, as phones name their exports; empty for a name of another kind."""
    found = words.FILE_NAME.fullmatch(_stem(file_name))
    return clean_line(found["room"]) if found else ""


def _stem(file_name: str) -> str:
    stem = re.sub(r"(?:\.txt|\.zip|\.gz)+$", "", file_name, flags=re.IGNORECASE)
    return clean_line(_COPY.sub("", stem)) or "chat"
