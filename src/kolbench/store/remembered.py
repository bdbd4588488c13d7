"""What the workbench remembers between its starts: a small file beside the store, one for each Unix user."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from kolbench.store import beside

if TYPE_CHECKING:
    from pathlib import Path

    from kolbench.store.connect import Store


def place(store: Store) -> Path:
    """Where this user's file is, or would be."""
    return store.path.with_name(f"{store.path.name}.user{os.getuid()}.json")


def number(store: Store, name: str) -> int | None:
    """What was kept last under a name; None where nothing was, or it can't be read."""
    found = _known(store).get(name)
    return found if isinstance(found, int) else None


def keep(store: Store, name: str, value: int | None) -> None:
    """Keep a number, or nothing any more. Where the folder can't be written, nothing is remembered, and nobody is told.

    It is written beside its place and moved there, so that a start meanwhile reads the one or the other.
    """
    known = _known(store)
    if known.get(name) == value:
        return
    path = place(store)
    part = path.with_suffix(".part")
    with suppress(OSError):
        with os.fdopen(beside.made(part, 0o600, part.parent), "w", encoding="utf-8") as file:
            json.dump({**known, name: value}, file)
        part.replace(path)


def _known(store: Store) -> dict[str, object]:
    try:
        found = json.loads(place(store).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
