"""Cursors that keep a place as JSON: how it is written, and read when the next sync goes on from there."""

from __future__ import annotations

from typing import TypeVar

import msgspec

P = TypeVar("P")


def written(place: object) -> str:
    """The cursor of ``place``, a struct or what else JSON can hold."""
    return msgspec.json.encode(place).decode()


def read(cursor: str | None, beginning: P) -> P:
    """The place that a cursor tells; ``beginning`` where there is none, or one that can't be read.

    One that another version has written costs a second reading, not the sync: what is read again doesn't double.
    """
    try:
        return msgspec.json.decode(cursor or "", type=type(beginning))
    except msgspec.DecodeError:
        return beginning
