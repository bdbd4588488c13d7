"""The archives that a Slack workspace exports: a zip with a folder for each channel, and a file for each day."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct, structs

from kolbench.adapters.chats.archive import files_of, pages
from kolbench.adapters.chats.said import Aside
from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.adapters.slack.entities import (
    Channel,
    Message,
    Person,
    channel_record,
    message_records,
    person_record,
)
from kolbench.adapters.tables.files import BOMB_FLOOR, BOMB_RATIO
from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import KolbenchError, RecordError, SourceError, UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.records import MembershipRecord, Record

T = TypeVar("T")

MAX_FILES = 500_000
"""Files in one archive."""

MAX_BYTES = 128 << 20
"""Bytes of one file in it, which is read as a whole: a day of one channel, or the list of people."""

AT_ONCE = 100

_DAY = re.compile(r"([^/]+)/(\d{4}-\d\d-\d\d)\.json")
_SHOWN = 80


class SlackExport:
    """Reads people, channels, messages, threads and reactions, as Slack's Web API would tell them.

    Direct messages, which some exports hold, are left out.
    """

    name = "slack-export"
    title = N_("Slack: the zip that a workspace exports")
    platform = "slack"
    feeds = ("messages",)
    limits: RateLimit | None = None
    settings = (
        Setting("path", N_("an export, a folder of exports, or a pattern"), required=True, example="export.zip"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield what the archives say that were not finished at ``pull.cursor`` or have changed since."""
        return pages(pull, files_of(pull.settings["path"], (".zip",)), Export)

    def recognise(self, path: str) -> float:
        """How sure it is that ``path`` is an export: by the names of what is in it."""
        try:
            return 0.98 if Export(files_of(path, (".zip",))[0], lambda row: None, lambda text: None).days else 0.0
        except KolbenchError:
            return 0.0


class _Conversation(Struct, frozen=True):
    id: str = ""
    name: str = ""


class Export:
    """One archive. Raises UsageError when it is none, and SourceError when it is damaged or not to be trusted."""

    def __init__(self, file: Path, reject: Callable[[Rejected], None], warn: Callable[[str], None]) -> None:
        self._file = file
        self._reject = reject
        self._warn = warn
        self._done = 0
        with self._open() as archive:
            names = archive.namelist()
            if len(names) > MAX_FILES:
                raise SourceError(_("{path} holds more than {most} files: refused").format(path=file, most=MAX_FILES))
            lists = [name for name in names if PurePosixPath(name).name in ("channels.json", "groups.json")]
            if not lists:
                raise UsageError(_("{path} is no export of Slack: it has no list of channels").format(path=file))
            self._root = min(lists, key=lambda name: name.count("/")).rpartition("/")[0]
            self._refuse_tricks(archive)
        inside = [name.removeprefix(f"{self._root}/") for name in names if name.endswith(".json")]
        self.days: Sequence[str] = sorted(name for name in inside if _DAY.fullmatch(name))
        self._strays = sorted(name for name in inside if "/" in name and not _DAY.fullmatch(name))

    @property
    def share(self) -> float:
        """The share of it that has been read, 0 to 1; its lists count like a day."""
        return (1 + self._done) / (1 + len(self.days))

    def __iter__(self) -> Iterator[Aside]:
        """Yield people, channels, and what was said in each, day by day."""
        with self._open() as archive:
            if self._strays:
                text = _("{n} files are no day of a channel, and left out, such as {name}.")
                self._warn(text.format(n=len(self._strays), name=self._strays[0]))
            people = [person for _number, person in self._items(archive, "users.json", Person)]
            names = {person.id: person.shown for person in people if person.shown}
            at = from_ms(now())
            seen = self._taken_at()
            yield from _asides(at, (structs.replace(person_record(one), observed_at=seen) for one in people))
            lists = ("channels.json", "groups.json")
            channels = [channel for name in lists for _number, channel in self._items(archive, name, Channel)]
            for channel in channels:
                members = (MembershipRecord(community_uid=channel.id, account_uid=m) for m in channel.members or ())
                yield from _asides(at, iter([channel_record(channel)]))
                yield from _asides(at, members)
            ids = {channel.name: channel.id for channel in channels}
            private = {name for kind in ("dms", "mpims") for c in self._conversations(archive, kind) for name in c}
            for name in self.days:
                folder = name.partition("/")[0]
                if folder not in private:
                    yield from self._day(archive, name, ids.get(folder, folder), names)
                self._done += 1

    def _day(self, archive: zipfile.ZipFile, name: str, channel: str, names: dict[str, str]) -> Iterator[Aside]:
        for number, message in self._items(archive, name, Message):
            try:
                yield from _asides(message.at, iter(message_records(message, channel, names)))
            except RecordError as why:
                self._reject(Rejected(number, f"{name}: {why.field}", why.reason, message.ts[:_SHOWN]))

    def _items(self, archive: zipfile.ZipFile, name: str, shape: type[T]) -> Iterator[tuple[int, T]]:
        """The items of a list, by number; one that can't be read is rejected alone, and so is a whole file."""
        try:
            raws = msgspec.json.decode(self._read(archive, name), type=list[Raw])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._reject(Rejected(1, name, str(error)))
            return
        for number, raw in enumerate(raws, 1):
            try:
                yield number, msgspec.json.decode(raw, type=shape)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                reason, _at, column = str(error).partition(" - at ")
                value = bytes(raw)[:_SHOWN].decode(errors="replace")
                self._reject(Rejected(number, f"{name}: {column.strip('`').removeprefix('$.')}", reason, value))

    def _conversations(self, archive: zipfile.ZipFile, kind: str) -> Iterator[tuple[str, str]]:
        """What the folders of private conversations may be called."""
        return ((talk.id, talk.name) for _number, talk in self._items(archive, f"{kind}.json", _Conversation))

    def _read(self, archive: zipfile.ZipFile, name: str) -> bytes:
        """A file of the archive; an empty list if it isn't there."""
        try:
            with archive.open(f"{self._root}/{name}" if self._root else name) as stream:
                return stream.read(MAX_BYTES)
        except KeyError:
            return b"[]"
        except (
            zipfile.BadZipFile,
            zlib.error,
            lzma.LZMAError,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as why:
            raise SourceError(_("{path} is damaged: {why}").format(path=self._file, why=f"{name}: {why}")) from None

    def _open(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as why:
            raise SourceError(_("{path} is damaged: {why}").format(path=self._file, why=why)) from None

    def _refuse_tricks(self, archive: zipfile.ZipFile) -> None:
        """Raise SourceError for an archive that Slack wouldn't make: names that lead outside, bombs, passwords."""
        packed = max(self._file.stat().st_size, 1)
        unpacked = 0
        for entry in archive.infolist():
            unpacked += entry.file_size
            if entry.filename.startswith("/") or "\\" in entry.filename or ".." in PurePosixPath(entry.filename).parts:
                raise SourceError(_("{path} holds a name that leads outside of it: refused").format(path=self._file))
            if entry.flag_bits & 1:
                raise SourceError(
                    _("{path} is locked with a password: unpack and pack it again").format(path=self._file)
                )
            if entry.filename.endswith(".json") and entry.file_size > MAX_BYTES:
                text = _("{path}: {name} is larger than {mb} MB: refused")
                raise SourceError(text.format(path=self._file, name=entry.filename, mb=MAX_BYTES >> 20))
        if unpacked > BOMB_FLOOR and unpacked > BOMB_RATIO * packed:
            text = _("{path} unpacks to more than {ratio} times its size: refused")
            raise SourceError(text.format(path=self._file, ratio=BOMB_RATIO))

    def _taken_at(self) -> datetime | None:
        """About when the export was made: the end of its last day."""
        days = [match[2] for match in map(_DAY.fullmatch, self.days) if match]
        try:
            return datetime.fromisoformat(max(days)).replace(tzinfo=UTC) + timedelta(days=1)
        except ValueError:
            return None


def _asides(at: datetime, records: Iterator[Record]) -> Iterator[Aside]:
    while some := tuple(islice(records, AT_ONCE)):
        yield Aside(at, some)
