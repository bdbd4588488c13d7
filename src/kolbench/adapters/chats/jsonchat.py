"""A chat exported as JSON: its messages decoded one by one, what is no message named and passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from kolbench.adapters.chats.jsonstream import MAX_ITEM, Element, elements
from kolbench.adapters.protocol import Rejected
from kolbench.adapters.tables.files import Bytes
from kolbench.domain.errors import KolbenchError, RecordError, SourceError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from kolbench.adapters.chats.said import Aside, Moved, Said

T = TypeVar("T")

_SHOWN = 200
_LOOKED_AT = 4_000_000
"""Bytes of a file in which the first message has to come for the file to be recognised."""

# Telegram Desktop writes control characters as \x1b, which is no JSON.
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)


class JsonChat(Generic[T]):
    """The messages of one file, each decoded as ``shape`` and turned by ``read`` into what it tells.

    ``read`` gets the object in which the messages stand as well (see ``Element``), and raises RecordError for a
    message that makes no sense. Making one raises UsageError when the file is no text.
    """

    def __init__(
        self,
        file: Path,
        shape: type[T],
        read: Callable[[Element, T], Iterator[Said | Moved | Aside]],
        reject: Callable[[Rejected], None],
        warn: Callable[[str], None],
        inside: Collection[str] = (),
    ) -> None:
        self._file = file
        self._bytes = Bytes(file)
        self._decoder = msgspec.json.Decoder(shape)
        self._read = read
        self._reject = reject
        self._warn = warn
        self._inside = inside

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._bytes.share

    def __iter__(self) -> Iterator[Said | Moved | Aside]:
        """Yield what the messages tell. Raises SourceError when the file is cut short, damaged or a bomb."""
        empty = True
        try:
            for one in elements(self._bytes, "messages", self._inside):
                empty = False
                yield from self._told(one)
        except SourceError as why:
            text = str(why)
            raise why if str(self._file) in text else SourceError(f"{self._file}: {text}") from None
        if empty:
            self._warn(_("{path}: there are no messages in it").format(path=self._file))

    def _told(self, one: Element) -> Iterator[Said | Moved | Aside]:
        if one.raw is None:
            reason = _("longer than {mb} MB").format(mb=MAX_ITEM // 1_000_000)
            self._reject(Rejected(one.number, "", reason))
            return
        try:
            yield from self._read(one, decoded(self._decoder, one.raw))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            reason, _at, column = str(error).partition(" - at ")
            value = one.raw[:_SHOWN].decode(errors="replace")
            self._reject(Rejected(one.number, column.strip("`").removeprefix("$."), reason, value))
        except RecordError as why:
            self._reject(Rejected(one.number, why.field, why.reason, one.raw[:_SHOWN].decode(errors="replace")))


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    """One value, also where control characters are escaped as no JSON allows. Raises what the decoder raises."""
    return decoder.decode(_ESCAPE.sub(_escaped, raw) if b"\\x" in raw else raw)


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"\\u00" + found[1] if found[1] else found[0]


def first_of(file: Path, inside: Collection[str] = ()) -> tuple[Mapping[str, bytes], bytes]:
    """The first message of a file that may be no chat at all, and what stands before it; empty when there is none."""
    try:
        for one in elements(_head(file), "messages", inside):
            return one.about, one.raw or b""
    except (KolbenchError, OSError):
        pass
    return {}, b""


def _head(file: Path) -> Iterator[bytes]:
    read = 0
    for chunk in Bytes(file):
        yield chunk
        read += len(chunk)
        if read > _LOOKED_AT:
            return
