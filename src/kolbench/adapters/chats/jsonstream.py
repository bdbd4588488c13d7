"""The messages of an exported chat in JSON, one after the other, whatever the file's size."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from kolbench.domain.errors import SourceError
from kolbench.domain.lang import _

MAX_ITEM = 8_000_000
"""Bytes of one element that are held; a longer one is passed over."""

MAX_MEMBER = 65_536
"""Bytes of one value beside the elements that are held; a longer one is passed over."""

MAX_DEPTH = 8
"""How deep the objects that hold elements may lie."""

_MARK = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\n\r]*+")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}]++")
# As far as the next bracket, over whole strings in one step.
_TO_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"(?:[^"\\]|\\.)*+"[^"{}\[\]]*+)*+([{}\[\]])', re.DOTALL)


class Element(NamedTuple):
    """One element of the list; ``raw`` is None when it is longer than ``MAX_ITEM``.

    ``about`` has what stands before the list in its object, each value as it stands in the file. ``within`` is the
    top object's key under which it stands, empty for the top object itself.
    """

    number: int
    raw: bytes | None
    about: Mapping[str, bytes]
    within: str


def elements(chunks: Iterable[bytes], name: str, inside: Collection[str] = ()) -> Iterator[Element]:
    """The elements of every list called ``name``, looked for in the top object and in those under ``inside``.

    Only one element is in memory at a time, and it is not parsed: where its brackets and quotes are sound, whatever
    else is wrong with it is its own matter. Raises SourceError where the document is cut short or no JSON.
    """
    reader = _Reader(chunks)
    reader.skip_mark()
    if reader.peek() != b"{":
        raise reader.damaged()
    numbers = iter(range(1, 1 << 62))
    for about, raw, within in _object(reader, name, inside, "", 1):
        yield Element(next(numbers), raw, about, within)


def _object(
    reader: _Reader, name: str, inside: Collection[str], within: str, depth: int
) -> Iterator[tuple[Mapping[str, bytes], bytes | None, str]]:
    about: dict[str, bytes] = {}
    for _place in reader.items(b"{", b"}"):
        key = reader.key()
        opens = reader.peek()
        if key == name and opens == b"[":
            for _element in reader.items(b"[", b"]"):
                yield about, reader.value(MAX_ITEM), within
        elif key in inside and opens == b"{" and depth < MAX_DEPTH:
            yield from _object(reader, name, inside, key, depth + 1)
        elif key in inside and opens == b"[" and depth < MAX_DEPTH:
            for _element in reader.items(b"[", b"]"):
                if reader.peek() == b"{":
                    yield from _object(reader, name, inside, within or key, depth + 1)
                else:
                    reader.value(0)
        elif (value := reader.value(MAX_MEMBER)) is not None:
            about[key] = value


class _Reader:
    """A document that comes in chunks, and a place in it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""
        self._place = 0
        self._before = 0

    def skip_mark(self) -> None:
        """Pass over a byte order mark."""
        while len(self._buffer) < len(_MARK) and self._more():
            pass
        if self._buffer.startswith(_MARK):
            self._place = len(_MARK)

    def peek(self) -> bytes:
        """The next character that is no white space, left where it is."""
        while True:
            space = _SPACE.match(self._buffer, self._place)
            self._place = space.end() if space else self._place
            if self._place < len(self._buffer):
                return self._buffer[self._place : self._place + 1]
            self._require()

    def items(self, opens: bytes, closes: bytes) -> Iterator[None]:
        """Stop before each element of a list, or key of an object; whoever asks has to read it."""
        self._take(opens)
        more = self.peek() != closes
        while more:
            yield
            more = self.peek() != closes
            if more:
                self._take(b",")
        self._take(closes)

    def key(self) -> str:
        """The key of a member, with the colon behind it."""
        if self.peek() != b'"':
            raise self.damaged()
        raw = self._match(_STRING)
        self._take(b":")
        try:
            return msgspec.json.decode(raw, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self.damaged() from None

    def value(self, most: int) -> bytes | None:
        """The next value as it stands there; None when it is longer than ``most`` bytes."""
        first = self.peek()
        if first in b"{[":
            return self._bracketed(most)
        if first in b",:]}":
            raise self.damaged()
        raw = self._match(_STRING if first == b'"' else _SCALAR)
        return raw if len(raw) <= most else None

    def damaged(self) -> SourceError:
        """Says where the document stops making sense."""
        text = _("the file is no JSON from byte {place} on")
        return SourceError(text.format(place=self._before + self._place))

    def _take(self, wanted: bytes) -> None:
        if self.peek() != wanted:
            raise self.damaged()
        self._place += 1

    def _match(self, pattern: re.Pattern[bytes]) -> bytes:
        """What ``pattern`` finds here, however many chunks it takes; a scalar may go on in the next one."""
        while True:
            found = pattern.match(self._buffer, self._place)
            if found and (pattern is _STRING or found.end() < len(self._buffer)):
                break
            if len(self._buffer) - self._place > MAX_ITEM:
                raise self.damaged()
            self._require()
        self._place = found.end()
        return found[0]

    def _bracketed(self, most: int) -> bytes | None:
        """An object or a list; what is too long is let go of on the way to its end."""
        scan, depth, whole = self._place, 0, True
        while True:
            found = _TO_BRACKET.match(self._buffer, scan)
            if not found:
                if len(self._buffer) - scan > MAX_ITEM:
                    raise self.damaged()
                if scan - self._place > most:
                    self._place, whole = scan, False
                scan -= self._place
                self._require()
                continue
            depth += 1 if found[1] in b"{[" else -1
            scan = found.end()
            if not depth:
                raw = self._buffer[self._place : scan]
                self._place = scan
                return raw if whole and len(raw) <= most else None

    def _more(self) -> bool:
        """Read on, letting go of what is behind; False at the end."""
        chunk = next(self._chunks, b"")
        self._before += self._place
        self._buffer = self._buffer[self._place :] + chunk
        self._place = 0
        return bool(chunk)

    def _require(self) -> None:
        if not self._more():
            raise SourceError(_("the file is cut short; export it again"))
