"""Which encoding a text file is in, and its text with what can't be decoded replaced, counted and placed."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

EVIDENCE = 1 << 16
"""Bytes of lines beyond ASCII that settle the question."""

SCAN = 64 << 20
"""How far to look for them; a file that is ASCII so far is taken to be UTF-8."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950"}
_NAMES = (
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 gb18030 cp950 big5hkscs shift_jis cp932 euc_jp euc_kr "
    "cp949 koi8-r mac-roman ascii"
)
_KNOWN = frozenset(_NAMES.split())
_KNOWN_FAMILIES = ("iso8859", "cp125")
_FIRST_LEVEL = {
    "gb18030": (frozenset((*range(0xA1, 0xA4), *range(0xB0, 0xD8))), 0xA1),
    "cp950": (frozenset(range(0xA1, 0xC7)), 0x40),
}
_LAST_RESORTS = ("cp1252", "latin-1")
_UNDEFINED_IN_1252 = b"\x81\x8d\x8f\x90\x9d"


def named(encoding: str) -> str:
    """The codec for an encoding that the operator named (GBK is read as its superset GB18030).

    Raises UsageError for what is not an encoding of text.
    """
    try:
        name = codecs.lookup(encoding.strip()).name
    except (LookupError, ValueError):
        name = ""
    name = _WIDER.get(name, name)
    if name not in _KNOWN and not name.startswith(_KNOWN_FAMILIES):
        raise UsageError(_("{name} is no text encoding; try utf-8, gb18030, big5").format(name=encoding))
    return name


def detect(chunks: Iterable[bytes]) -> str:
    """The codec of a file: by its byte order mark, else UTF-8 if it nearly is, else GB18030, Big5 or Latin."""
    evidence = bytearray()
    scanned = 0
    for chunk in chunks:
        if not scanned:
            for mark, codec in _MARKS:
                if chunk.startswith(mark):
                    return codec
        if not chunk.isascii():
            evidence += _beyond_ascii(chunk, starts=not scanned)
        scanned += len(chunk)
        if len(evidence) >= EVIDENCE or scanned >= SCAN:
            break
    return _judge(bytes(evidence))


def guess(chunks: Iterable[bytes], codec: str) -> tuple[int, int] | None:
    """The line and the value of the first byte beyond ASCII, where ``codec`` was found for want of a better one.

    Any bytes read as Latin text, so that nothing speaks for it but that they read as nothing else.
    """
    if codec not in _LAST_RESORTS:
        return None
    line = 1
    for chunk in chunks:
        if not chunk.isascii():
            at = next(at for at, byte in enumerate(chunk) if byte > 0x7F)
            return line + chunk.count(b"\n", 0, at), chunk[at]
        line += chunk.count(b"\n")
    return None


def _beyond_ascii(chunk: bytes, starts: bool) -> bytes:
    """The lines of a chunk that have bytes beyond ASCII, without the ones cut at its ends."""
    lines = chunk.split(b"\n")
    whole = lines[0 if starts else 1 : -1] or lines
    return b"\n".join(line for line in whole if not line.isascii()) + b"\n"


def _judge(evidence: bytes) -> str:
    """The codec under which the evidence reads best."""
    text = evidence.decode("utf-8", "replace")
    replaced = text.count("\ufffd") - evidence.count("\ufffd".encode())
    good = sum(not char.isascii() for char in text) - replaced
    if good >= 4 * replaced:
        return "utf-8"
    score, codec = max((_commonness(evidence, codec), codec) for codec in ("cp950", "gb18030"))
    if score >= 0.4:
        return codec
    windows, latin = _LAST_RESORTS
    return latin if any(byte in evidence for byte in _UNDEFINED_IN_1252) else windows


def _commonness(evidence: bytes, codec: str) -> float:
    """The share of characters that the codec's makers thought common enough for the first level.

    Text of the other Chinese encoding, or accented Latin, falls outside of it; each error weighs ten.
    """
    leads, trail = _FIRST_LEVEL[codec]
    counts = Counter(char for char in evidence.decode(codec, "replace") if not char.isascii())
    errors = counts.pop("\ufffd", 0)
    common = 0
    for char, count in counts.items():
        code = char.encode(codec, "replace")
        if len(code) == 2 and code[0] in leads and code[1] >= trail:
            common += count
    return (common - 10 * errors) / max(counts.total() + errors, 1)


class Text:
    """The characters of a stream of bytes, in chunks; knows how much could not be decoded, and where first.

    Iterating raises UsageError when nothing can be decoded: UTF-16 without its byte order mark.
    """

    def __init__(self, chunks: Iterable[bytes], encoding: str) -> None:
        self._chunks = chunks
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self.replaced = 0
        self.first_line = 0
        self._lines = 0

    def __iter__(self) -> Iterator[str]:
        for chunk in self._chunks:
            yield self._decode(chunk, final=False)
        yield self._decode(b"", final=True)

    def _decode(self, chunk: bytes, final: bool) -> str:
        """A chunk's text; decoded again with replacements when it is damaged."""
        before = self._decoder.getstate()
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError as damage:
            if not self.replaced:
                self.first_line = self._lines + damage.object[: damage.start].count(b"\n") + 1
            self._decoder.setstate(before)
            self._decoder.errors = "replace"
            text = self._decoder.decode(chunk, final)
            self._decoder.errors = "strict"
            self.replaced += max(text.count("\ufffd") - chunk.count("\ufffd".encode()), 1)
        except UnicodeError as why:
            raise UsageError(_("not {encoding}: {why}").format(encoding=self._encoding, why=why)) from None
        if not self.replaced:
            self._lines += text.count("\n")
        return text
