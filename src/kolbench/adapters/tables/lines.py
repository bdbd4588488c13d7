"""A text file as blocks of physical lines, the last few of which can be had again."""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from kolbench.adapters.tables.encoding import Text
from kolbench.adapters.tables.files import Bytes
from kolbench.domain.lang import _

LONGEST = 1 << 20
"""Characters kept of one line; the rest of a longer one is dropped, which its row won't survive."""

_KEPT = 4
_LINE_END = re.compile(r"[\r\n]")


class Lines:
    """The lines of a text file with their line ends (LF, CR LF or CR), in constant memory.

    Iterating raises SourceError when the file is cut short, damaged or a decompression bomb.
    """

    def __init__(self, file: Path, encoding: str, warn: Callable[[str], None] = lambda _: None) -> None:
        self._bytes = Bytes(file)
        self._text = Text(self._bytes, encoding)
        self._encoding = encoding
        self._warn = warn
        self.read = 0
        self.unfinished = False
        self._recent: deque[tuple[int, list[str]]] = deque(maxlen=_KEPT)

    @property
    def share(self) -> float:
        """The share of the file that has been read, 0 to 1."""
        return self._bytes.share

    def blocks(self) -> Iterator[list[str]]:
        """Lists of lines; ``unfinished`` tells afterwards that the last one had no end."""
        carry = ""
        dropping = False
        for text in self._text:
            if dropping:
                end = _LINE_END.search(text)
                if not end:
                    continue
                text, dropping = text[end.start() :], False
            text = carry + text
            cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
            carry = text[cut:]
            if len(carry) > LONGEST:
                carry, dropping = carry[:LONGEST], True
            if cut:
                yield self._keep(text[:cut])
        if carry:
            self.unfinished = not carry.endswith(("\n", "\r"))
            yield self._keep(carry)
        if self._text.replaced:
            self._warn(
                _("{n} characters are not {encoding}, the first in line {line}; they became \ufffd").format(
                    n=self._text.replaced, encoding=self._encoding, line=self._text.first_line
                )
            )

    def oldest(self) -> int:
        """The number, from 1, of the first line still remembered."""
        return self._recent[0][0] if self._recent else 1

    def again(self, first: int, last: int) -> Iterator[str]:
        """The lines numbered ``first`` to ``last``, as far as they are remembered."""
        for start, lines in tuple(self._recent):
            for index in range(max(first - start, 0), min(last - start + 1, len(lines))):
                yield lines[index]

    def _keep(self, text: str) -> list[str]:
        lines = list(io.StringIO(text, newline=""))
        self._recent.append((self.read + 1, lines))
        self.read += len(lines)
        return lines
