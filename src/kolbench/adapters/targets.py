"""What an operator lists in one setting: handles, ids or addresses, here or in a file."""

from __future__ import annotations

import re
from pathlib import Path

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

MAX_BYTES = 10_000_000

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
