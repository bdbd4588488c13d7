"""Completing the path of a file as it is typed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.suggester import Suggester


class Paths(Suggester):
    """Suggests the first name in the folder that begins as typed; folders end in a slash."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The rest of a path that exists, or nothing."""
        return await asyncio.to_thread(complete, value)


def complete(path: str) -> str | None:
    """``path`` continued to the first entry of its folder that begins so; None when there is none."""
    head, slash, begun = path.rpartition("/")
    folder = Path(head + slash).expanduser() if slash else Path()
    try:
        names = sorted(
            entry.name + ("/" if entry.is_dir() else "")
            for entry in folder.iterdir()
            if entry.name.startswith(begun) and (begun or not entry.name.startswith("."))
        )
    except OSError:
        return None
    return f"{head}{slash}{names[0]}" if names else None
