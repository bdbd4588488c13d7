"""A chat exported as text, line by line: a plain file, a gzipped one, or the text in an exported zip."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from kolbench.adapters.tables.encoding import Text, detect
from kolbench.adapters.tables.files import BOMB_FLOOR, BOMB_RATIO, CHUNK, Bytes, regular
from kolbench.domain.errors import SourceError, UsageError
from kolbench.domain.lang import _

LONGEST = 1 << 16
"""Characters kept of one line; the store keeps fewer of a message."""

_ZIP = b"PK\x03\x04"


class Transcript:
    """The lines of a text without their ends (LF or CR LF; a lone CR stands within a line), in constant memory.

    Making one raises UsageError when the file is no text, iterating SourceError when it is damaged or a bomb.
    """

    def __init__(self, file: Path, encoding: str = "", warn: Callable[[str], None] = lambda _: None) -> None:
        self._bytes = _bytes(file)
        self.name = self._bytes.name
        self.encoding = encoding or detect(_bytes(file))
        self._warn = warn

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._bytes.share

    def __iter__(self) -> Iterator[str]:
        text = Text(self._bytes, self.encoding)
        carry = ""
        for chunk in text:
            lines = (carry + chunk).split("\n")
            carry = lines.pop()[: LONGEST + 1]
            for line in lines:
                yield line[:LONGEST].removesuffix("\r")
        if carry:
            yield carry[:LONGEST].removesuffix("\r")
        if text.replaced:
            self._warn(
                _("{n} characters are not {encoding}, the first in line {line}; they became \ufffd").format(
                    n=text.replaced, encoding=self.encoding, line=text.first_line
                )
            )


class _Plain(Bytes):
    """A plain or gzipped file."""

    @property
    def name(self) -> str:
        return self.file.name


class _Zipped:
    """The one text in a zip that a phone made of a chat."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0
        try:
            with zipfile.ZipFile(file) as archive:
                texts = [one for one in archive.infolist() if _is_text(one.filename)]
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as why:
            raise UsageError(_("{path} is no zip that can be read: {why}").format(path=file, why=why)) from None
        if not texts:
            raise UsageError(_("{path} has no chat's text (*.txt) in it").format(path=file))
        self._text = max(texts, key=lambda one: (_is_chat(one.filename), one.file_size))
        self.name = file.name if Path(self._text.filename).name == "_chat.txt" else Path(self._text.filename).name

    @property
    def share(self) -> float:
        """The share of the text that has been read, 0 to 1."""
        return min(self._read / max(self._text.file_size, 1), 1.0)

    def __iter__(self) -> Iterator[bytes]:
        try:
            with zipfile.ZipFile(self._file) as archive, archive.open(self._text) as source:
                self._read = 0
                while chunk := source.read(CHUNK):
                    self._read += len(chunk)
                    if self._read > BOMB_FLOOR and self._read > BOMB_RATIO * self._text.compress_size:
                        raise SourceError(
                            _("{path} unpacks to more than {ratio} times its size: refused").format(
                                path=self._file, ratio=BOMB_RATIO
                            )
                        )
                    yield chunk
        except EOFError:
            raise SourceError(_("{path} is cut short; fetch it again").format(path=self._file)) from None
        except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as why:
            raise SourceError(_("{path} is damaged: {why}").format(path=self._file, why=why)) from None


def is_zip(file: Path) -> bool:
    """Whether the file begins as a zip does. Raises OSError when it can't be read."""
    with file.open("rb") as stream:
        return stream.read(len(_ZIP)) == _ZIP


def _bytes(file: Path) -> _Plain | _Zipped:
    found = regular(str(file))
    return _Zipped(found) if is_zip(found) else _Plain(found)


def _is_text(name: str) -> bool:
    return name.lower().endswith(".txt") and not name.startswith("__MACOSX")


def _is_chat(name: str) -> bool:
    """Whether a member is called as a chat's text is; documents that were sent may lie beside it."""
    return "/" not in name and ("whatsapp" in name.lower() or name == "_chat.txt")
