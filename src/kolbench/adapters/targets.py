"""What an operator lists in one setting: handles, ids or addresses, here or in a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from urllib.parse import SplitResult

    from kolbench.adapters.protocol import Pull

MAX_BYTES = 10_000_000

_BEFORE = re.compile(r"^(?:www|m|mobile)\.")
_BETWEEN = re.compile(r"[\s,，、;；]+")


def listed(text: str) -> tuple[str, ...]:
    """The items of ``text``, each once, in order: between commas, semicolons or white space.

    ``@path`` reads them from a text file; a handle such as ``@ann`` is told from it by not having a ``/``. There
    a line that begins with ``#`` is a remark. Raises UsageError for a file that can't be read.
    """
    items: dict[str, None] = {}
    for item in _BETWEEN.split(text):
        if item.startswith("@") and "/" in item:
            items.update(dict.fromkeys(_of_file(item[1:])))
        elif item:
            items[item] = None
    return tuple(items)


def named(pull: Pull, setting: str, platform: str, form: re.Pattern[str], read: Callable[[str], str]) -> list[str]:
    """The names that a setting lists, each once, as ``read`` makes them out of what is written.

    Raises UsageError, with what is written and the platform's title, for one that doesn't have the ``form``.
    """
    names: dict[str, None] = {}
    for item in listed(pull.settings.get(setting, "")):
        name = read(item)
        if not form.fullmatch(name):
            text = _("{setting}: {item} is no name on {platform}.")
            raise UsageError(text.format(setting=setting, item=item, platform=platform))
        names[name] = None
    return list(names)


def handle(item: str, *sites: str) -> str:
    """A handle or an id, also out of the address of a profile; a handle that looks like an id keeps its ``@``."""
    found = page(item, *sites)
    name = "@" + found.path.strip("/").partition("/")[0] if found else item
    return name if name[1:].isdigit() else name.removeprefix("@")


def page(item: str, *sites: str) -> SplitResult | None:
    """The address of a page on one of ``sites``, or on any where none is named; None for what is none."""
    try:
        found = urlsplit(item) if "://" in item else None
        host = _BEFORE.sub("", found.hostname or "", count=1) if found else ""
    except ValueError:
        return None
    return found if found and (not sites or host in sites) else None


def _of_file(path: str) -> tuple[str, ...]:
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        lines = data.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(_("The list {path} can't be read: {reason}.").format(path=path, reason=error)) from error
    if len(data) > MAX_BYTES:
        raise UsageError(_("The list {path} is larger than {mb} MB.").format(path=path, mb=MAX_BYTES // 1_000_000))
    return tuple(item for line in lines if not line.startswith("#") for item in _BETWEEN.split(line) if item)
