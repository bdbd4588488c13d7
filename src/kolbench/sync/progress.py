"""Telling a feed that gets on from one that goes round in circles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.domain.records import Record

REPEATS = 20
EMPTY_PAGES = 10_000


class Progress:
    """Watches the pages of one feed in constant memory.

    A page is remembered at every power of two and compared with those that follow (Brent's way to find a
    cycle of any length). What counts is a page's content, or the cursor of an empty one: a server may give
    its last page for every later number, and a feed read newest first may keep one cursor to the end.
    """

    def __init__(self) -> None:
        self._pages = 0
        self._empty = 0
        self._mark = 0
        self._repeats = 0

    def stuck(self, records: Sequence[Record], cursor: str) -> bool:
        """Note a page; whether the feed has shown that it will never end."""
        self._pages += 1
        self._empty = 0 if records else self._empty + 1
        shape: object = cursor if not records else msgspec.json.encode((len(records), records[0], records[-1]))
        seen = hash(shape)
        self._repeats += seen == self._mark
        if self._pages & (self._pages - 1) == 0:
            self._mark, self._repeats = seen, 0
        return self._repeats >= REPEATS or self._empty >= EMPTY_PAGES
