"""What plugins print goes to stderr, without control characters: stdout is for what was asked for."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from kolbench.domain.text import clean_text

if TYPE_CHECKING:
    from typing import TextIO


class Aside(io.TextIOBase):
    """The stdout that plugins have; ``ours`` is the true one, and ``heard`` whether anything was printed."""

    def __init__(self) -> None:
        self.ours = stdout()
        self.heard = False

    def write(self, text: str) -> int:
        """Pass it on, cleaned."""
        self.heard = True
        sys.stderr.write(clean_text(text))
        return len(text)

    def isatty(self) -> bool:
        """What the true one is."""
        return self.ours.isatty()

    def fileno(self) -> int:
        """That of the true one."""
        return self.ours.fileno()


def aside() -> redirect_stdout[Aside]:
    """While plugins have control, or may have it in threads of their own: what they print goes aside."""
    return redirect_stdout(Aside())


def stdout() -> TextIO:
    """The true stdout, for what we say ourselves."""
    return sys.stdout.ours if isinstance(sys.stdout, Aside) else sys.stdout
