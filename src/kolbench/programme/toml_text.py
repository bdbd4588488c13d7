"""TOML that an operator wrote, from a file, the standard input or an editor; complaints say where it came from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.toml_words import mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Made = TypeVar("Made")


def read(path: Path) -> tuple[str, str]:
    """The text of a file (``-``: what comes in on the standard input), and what to call it. Raises UsageError."""
    if str(path) == "-":
        return sys.stdin.read(), _("the standard input")
    try:
        return path.read_text(encoding="utf-8-sig"), str(path)
    except OSError as error:
        raise UsageError(_("{path} can't be read: {reason}.").format(path=path, reason=error.strerror)) from None
    except UnicodeDecodeError:
        raise UsageError(_("{path} is not text in UTF-8, which TOML has to be.").format(path=path)) from None


def parsed(text: str, where: str, parse: Callable[[Mapping[str, Any]], Made]) -> Made:
    """What ``parse`` makes of a text that came from ``where``. Raises UsageError."""
    import tomllib

    try:
        return parse(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(_("{path} is not TOML: {error}.").format(path=where, error=mistake(error))) from None
    except RecursionError:
        raise UsageError(_("{path} is not TOML: {error}.").format(path=where, error=_("too deeply nested"))) from None
    except UsageError as error:
        many = "\n" if "\n" in str(error) else " "
        raise UsageError(f"{where}:{many}{error}") from None
