"""Keeping a secret in ``secrets.toml`` beside the store, without touching what else stands in it."""

from __future__ import annotations

import json
import os
import re
import tomllib
from typing import TYPE_CHECKING

import tomli_w

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.sync.secrets import files

if TYPE_CHECKING:
    from pathlib import Path


def keep(store: Path, source: str, values: dict[str, str]) -> Path:
    """Write the secrets of ``source`` and return the file, which only its owner can read.

    Raises UsageError when the file is written in a way that can't be changed safely.
    """
    path = files(store)[0]
    before = path.read_text("utf-8") if path.exists() else ""
    after = before
    for name, value in values.items():
        after = _with(after, source, name, value)
    _verify(path, before, after, source, values)
    _write(path, after)
    return path


def drop(store: Path, source: str) -> None:
    """Take the secrets of ``source`` out of the file beside the store, if there are any.

    Raises UsageError when the file is written in a way that can't be changed safely.
    """
    path = files(store)[0]
    before = path.read_text("utf-8") if path.exists() else ""
    lines = before.splitlines(keepends=True)
    if (found := _table(lines, source)) is None:
        return
    start, end = found
    after = "".join(lines[:start] + lines[end:])
    _verify(path, before, after, source, None)
    _write(path, after)


def _write(path: Path, text: str) -> None:
    """Replace the file as a whole, readable by its owner alone."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise UsageError(_("{path} can't be written: {reason}.").format(path=path, reason=error.strerror)) from error
    finally:
        part.unlink(missing_ok=True)


def _table(lines: list[str], source: str) -> tuple[int, int] | None:
    """Where the source's table begins, and where the next one does."""
    header = re.compile(
        rf"\s*\[\s*(?:{re.escape(source)}|{re.escape(json.dumps(source, ensure_ascii=False))})\s*\]\s*(?:#.*)?"
    )
    start = next((n for n, line in enumerate(lines) if header.fullmatch(line.rstrip())), None)
    if start is None:
        return None
    return start, next((n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))


def _with(text: str, source: str, name: str, value: str) -> str:
    """``text`` with one entry set: in place, at the top of its table, or in a new table at the end."""
    entry = tomli_w.dumps({name: value}).rstrip("\n")
    lines = text.splitlines()
    if (found := _table(lines, source)) is None:
        gap = [""] if lines else []
        return "\n".join([*lines, *gap, f"[{json.dumps(source, ensure_ascii=False)}]", entry]) + "\n"
    start, end = found
    for n in range(start + 1, end):
        if re.match(rf"\s*{re.escape(name)}\s*=", lines[n]):
            lines[n] = entry
            break
    else:
        lines.insert(start + 1, entry)
    return "\n".join(lines) + "\n"


def _verify(path: Path, before: str, after: str, source: str, values: dict[str, str] | None) -> None:
    """Make sure that the change did what it should (take the table out for None) and nothing else."""
    try:
        wanted = tomllib.loads(before)
        if values is None:
            del wanted[source]
        else:
            wanted.setdefault(source, {}).update(values)
        sound = tomllib.loads(after) == wanted
    except (tomllib.TOMLDecodeError, AttributeError, KeyError):
        sound = False
    if not sound:
        text = _("{path} could not be changed safely. Change [{source}] in it by hand.")
        raise UsageError(text.format(path=path, source=source))
