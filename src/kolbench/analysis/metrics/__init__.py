"""One SQL file a definition, run unchanged on a read-only connection."""

from __future__ import annotations

from functools import cache


@cache
def sql(name: str) -> str:
    """The text of the definition ``name``."""
    from importlib.resources import files  # which the queue, whose rules import this, would wait for

    return files(__name__).joinpath(f"{name}.sql").read_text("utf-8")
