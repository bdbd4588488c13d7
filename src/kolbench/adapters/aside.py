"""What plugins print goes to stderr, without control characters: stdout is for what was asked for."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout

from kolbench.domain.text import clean_text


class Aside(io.TextIOBase):
    """A stdout for plugins."""

    def write(self, text: str) -> int:
        """Pass it on, cleaned."""
        sys.stderr.write(clean_text(text))
        return len(text)

    def flush(self) -> None:
        """Let it be seen."""
        sys.stderr.flush()


def aside() -> redirect_stdout[Aside]:
    """While plugins have control, or may have it in other threads: what is printed goes aside."""
    return redirect_stdout(Aside())
