"""Reading the files of a chat source one after the other, in pages from which a pull can go on."""

from __future__ import annotations

import glob
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol

import msgspec

from kolbench.adapters import cursors
from kolbench.adapters.chats.page import PageSoFar
from kolbench.adapters.chats.said import Aside, Moved, Said
from kolbench.adapters.protocol import Page, Pull, Rejected
from kolbench.adapters.tables.files import fingerprint, regular
from kolbench.domain.errors import KolbenchError, SourceError, UsageError
from kolbench.domain.lang import _

MAX_FILES = 2_000
"""Files of one source: a cursor tells which of them are finished, and may not grow for ever."""


class Chat(Protocol):
    """One file of a chat: what was said in it, in the file's own order."""

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""

    def __iter__(self) -> Iterator[Said | Moved | Aside]:
        """Yield what happened. Raises SourceError when the file is damaged."""


Open = Callable[[Path, Callable[[Rejected], None], Callable[[str], None]], Chat]
"""What opens a file, given whom to tell of what is no message, and of what the operator should know."""


def pages(pull: Pull, files: Sequence[Path], open_chat: Open, bots: Collection[str] = ()) -> Iterator[Page]:
    """Yield what the files say that were not finished at ``pull.cursor`` or have changed since.

    ``bots`` are the keys of handles that belong to nobody. Raises the first file's error when none can be read;
    what is wrong with some of several is told to the operator.
    """
    return _Archive(pull, files, open_chat, bots).pages()


def files_of(path: str, suffixes: tuple[str, ...]) -> list[Path]:
    """The files that ``path`` means, by name: itself, those in a folder with one of ``suffixes``, or of a pattern.

    Raises UsageError when there is none, or too many.
    """
    try:
        told = Path(path).expanduser()
        if told.is_dir():
            found = [
                file
                for file in told.iterdir()
                if file.name.lower().endswith(suffixes) and not file.name.startswith(".")
            ]
        elif glob.has_magic(path) and not told.exists():
            found = [Path(name) for name in glob.iglob(str(told), recursive=True)]
        else:
            return [regular(path)]
    except (OSError, ValueError, RuntimeError) as why:  # the latter two for a NUL byte and for an unknown ~user
        raise UsageError(_("{path} can't be read: {why}").format(path=path, why=why)) from None
    files = sorted(file for file in found if file.is_file())
    if not files:
        raise UsageError(
            _("there is no chat archive at {path} ({patterns})").format(
                path=path, patterns=", ".join(f"*{suffix}" for suffix in suffixes)
            )
        )
    if len(files) > MAX_FILES:
        raise UsageError(
            _("{path} means more than {most} files; make several sources").format(path=path, most=MAX_FILES)
        )
    return files


class _Place(msgspec.Struct, frozen=True):
    """How far a source was read: finished files, the one under way with its messages, and all records."""

    done: tuple[str, ...] = ()
    file: str = ""
    messages: int = 0
    records: int = 0


class _Archive:
    """One pull over the files of a source."""

    def __init__(self, pull: Pull, files: Sequence[Path], open_chat: Open, bots: Collection[str]) -> None:
        self._pull = pull
        self._open = open_chat
        self._bots = bots
        self._files = files
        self._sizes = [_size(file) for file in self._files]
        self._start = self._place = cursors.read(pull.cursor, _Place())
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

        chat = self._open(file, reject, warn)
        for count, told in enumerate(islice(chat, first, None), first):
            passing_over = False
            if self._pull.since and told.at < self._pull.since:
                continue
            if not self._page.add(told):
                self._place = msgspec.structs.replace(self._place, file=token, messages=count)
                yield self._turn((sum(self._sizes[:number]) + chat.share * self._sizes[number]) / sum(self._sizes))
                self._page.add(told)

    def _turn(self, share: float = 1.0) -> Page:
        """The page so far, when ``share`` of all bytes has been read; a new one is begun."""
        records = self._page.records()
        self._page = PageSoFar(self._bots)
        self._place = msgspec.structs.replace(self._place, records=self._place.records + len(records))
        return Page(records, cursors.written(self._place), round(self._place.records / share))


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
