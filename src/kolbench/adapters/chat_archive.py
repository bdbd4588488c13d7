"""Group-chat archives: who said what in which room, and whom they addressed and thanked."""

from __future__ import annotations

import glob
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import msgspec

from kolbench.adapters.chats.columns import stated
from kolbench.adapters.chats.page import PageSoFar
from kolbench.adapters.chats.rowwise import RowwiseChat
from kolbench.adapters.protocol import Page, Pull, RateLimit, Rejected, Setting
from kolbench.adapters.tables.columns import is_metric
from kolbench.adapters.tables.files import fingerprint, regular
from kolbench.adapters.tables.options import parse_options
from kolbench.adapters.tables.pages import preview
from kolbench.domain.errors import KolbenchError, SourceError, UsageError
from kolbench.domain.identity import handle_key
from kolbench.domain.lang import N_, _

MAX_FILES = 2_000
"""Files of one source: a cursor tells which of them are finished, and may not grow for ever."""

SUFFIXES = (".tsv", ".csv", ".txt", ".tsv.gz", ".csv.gz", ".txt.gz")
"""Which files of a folder are archives."""


class ChatArchive:
    """Reads delimited archives of group chats into rooms, people, messages and interactions.

    A message makes its sender a member of the room from the first to the last one, so that there are no
    records of membership. Each page names the senders of its messages as they were called at the newest of
    them: being dated, the newest name wins in whatever order an archive runs.

    People's words give ``reply``, ``mention`` and ``thank`` (see ``addressing``); points that a room's bot
    announces give ``brownie``, done by the giver and not by the bot. The two stay apart, since the one can be
    judged by the other. A bot is whoever the setting ``bots`` names, and whoever announces points under a
    handle that ends in "bot"; its messages are kept, but address nobody.
    """

    name = "chat-archive"
    title = N_("group-chat archives: CSV or TSV with a message in each row, such as Gitter rooms")
    platform = ""
    feeds = ("messages",)
    limits: RateLimit | None = None
    settings = (
        Setting("path", N_("an archive, a folder of archives, or a pattern"), required=True, example="rooms/*.tsv"),
        Setting("platform", N_("the platform the rooms are on"), required=True, example="gitter"),
        Setting("bots", N_("handles of bots, separated by commas"), example="camperbot"),
        Setting("columns", N_("what they hold, in order, if no header tells"), example="sent_at,user_id,name,-,text"),
        Setting("header", N_("whether a row names the columns: yes, no"), default="auto"),
        Setting("delimiter", N_("between the cells: one character, tab or space"), default="auto", example=";"),
        Setting("encoding", N_("of the text"), default="auto", example="gb18030"),
        Setting("timezone", N_("of times that name none"), default="UTC", example="Asia/Shanghai"),
        Setting("date_order", N_("of dates like 5/4/2026: dmy or mdy"), example="dmy"),
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        """Yield what the files say that were not finished at ``pull.cursor`` or have changed since.

        Raises UsageError for a setting that makes no sense, and the first file's error when none can be read.
        """
        return _Archive(pull).pages()

    def recognise(self, path: str) -> float:
        """How sure it is that ``path`` is an archive, or a folder of them: by the header or order of the first.

        Not so sure when columns count something: then it is rather a table of posts.
        """
        try:
            first = str(_files(path)[0])
            RowwiseChat(Path(first), parse_options({"path": first}), (), lambda row: None, lambda text: None)
            counted = any(is_metric(column.role) for column in preview({"path": first}).proposal.mapping.used)
        except KolbenchError:
            return 0.0
        return 0.4 if counted else 0.9


class _Place(msgspec.Struct, frozen=True):
    """How far a source was read: finished files, the one under way with its messages, and all records."""

    done: tuple[str, ...] = ()
    file: str = ""
    messages: int = 0
    records: int = 0


class _Archive:
    """One pull over the files of a source."""

    def __init__(self, pull: Pull) -> None:
        self._pull = pull
        self._options = parse_options(pull.settings)
        self._columns = stated(pull.settings.get("columns", ""))
        self._bots = frozenset(handle_key(bot) for bot in pull.settings.get("bots", "").split(",") if bot.strip())
        self._files = _files(self._options.path)
        self._sizes = [_size(file) for file in self._files]
        self._start = self._place = _place(pull.cursor)
        self._page = PageSoFar(self._bots)

    def pages(self) -> Iterator[Page]:
        """Yield pages as they fill up, over the ends of files; the last is behind everything."""
        finished: list[str] = []
        failures: list[KolbenchError] = []
        for number, file in enumerate(self._files):
            try:
                token = _token(file, self._pull.settings)
                if token not in self._start.done:
                    yield from self._pages_of(number, token)
                    self._place = _Place((*self._place.done, token), records=self._place.records)
                finished.append(token)
            except (SourceError, UsageError) as error:
                failures.append(error)
        if finished:
            self._place = msgspec.structs.replace(self._place, done=tuple(finished))
        if len(self._page) or self._place != self._start:
            yield self._turn()
        if not finished:
            raise failures[0]
        for failure in failures:
            self._pull.warn(str(failure))

    def _pages_of(self, number: int, token: str) -> Iterator[Page]:
        """The pages that one file fills; what is left over shares a page with the next file."""
        file = self._files[number]
        first = self._start.messages if token == self._start.file else 0
        passing_over = first > 0
        many = len(self._files) > 1

        def reject(row: Rejected) -> None:
            if not passing_over:
                self._pull.reject(replace(row, reason=f"{file.name}: {row.reason}") if many else row)

        def warn(text: str) -> None:
            self._pull.warn(f"{file.name}: {text}" if many else text)

        chat = RowwiseChat(file, self._options, self._columns, reject, warn)
        for count, said in enumerate(islice(chat, first, None), first):
            passing_over = False
            if self._pull.since and said.sent_at < self._pull.since:
                continue
            if not self._page.add(said):
                self._place = msgspec.structs.replace(self._place, file=token, messages=count)
                yield self._turn((sum(self._sizes[:number]) + chat.share * self._sizes[number]) / sum(self._sizes))
                self._page.add(said)

    def _turn(self, share: float = 1.0) -> Page:
        """The page so far, when ``share`` of all bytes has been read; a new one is begun."""
        records = self._page.records()
        self._page = PageSoFar(self._bots)
        self._place = msgspec.structs.replace(self._place, records=self._place.records + len(records))
        return Page(records, msgspec.json.encode(self._place).decode(), round(self._place.records / share))


def _place(cursor: str | None) -> _Place:
    """The place of a cursor; the beginning for one that this version can't read, since nothing doubles."""
    try:
        return msgspec.json.decode(cursor or "{}", type=_Place)
    except msgspec.DecodeError:
        return _Place()


def _files(path: str) -> list[Path]:
    """The archives that ``path`` means, by name. Raises UsageError when there is none, or too many."""
    try:
        told = Path(path).expanduser()
        if told.is_dir():
            found = [
                file
                for file in told.iterdir()
                if file.name.lower().endswith(SUFFIXES) and not file.name.startswith(".")
            ]
        elif glob.has_magic(path) and not told.exists():
            found = [Path(name) for name in glob.iglob(str(told), recursive=True)]
        else:
            return [regular(path)]
    except (OSError, ValueError, RuntimeError) as why:  # the latter two for a NUL byte and for an unknown ~user
        raise UsageError(_("{path} can't be read: {why}").format(path=path, why=why)) from None
    files = sorted(file for file in found if file.is_file())
    if not files:
        raise UsageError(_("there is no chat archive at {path} (*.tsv, *.csv, *.txt)").format(path=path))
    if len(files) > MAX_FILES:
        raise UsageError(
            _("{path} means more than {most} files; make several sources").format(path=path, most=MAX_FILES)
        )
    return files


def _size(file: Path) -> int:
    try:
        return max(file.stat().st_size, 1)
    except OSError:
        return 1


def _token(file: Path, settings: Mapping[str, str]) -> str:
    """What stands for a file's name, content and way of being read in a cursor: 12 characters."""
    read_as = sorted((name, value) for name, value in settings.items() if name != "path")
    told = repr((file.name, fingerprint(file), read_as)).encode("utf-8", "backslashreplace")
    return urlsafe_b64encode(hashlib.blake2b(told, digest_size=9).digest()).decode()
