"""Rows in an order, read by position, and the few of them that are in memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

from textual.cache import LRUCache

from kolbench.widgets.worker import Asked, QueryThread

Key = Hashable
Row = Sequence[Any]

PAGE = 128
PAGES_KEPT = 16


class Window(Protocol):
    """Rows in an order, read by position. A table calls all of it in one thread of its own.

    A row's first value is its key, unique in the window and hashable.
    """

    def count(self) -> int:
        """How many rows there are."""

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        """The rows at positions ``start`` to ``stop`` (exclusive); fewer where there are no more."""

    def find(self, key: Key) -> int | None:
        """The position of the row with ``key``; None when it is not here or too dear to find."""

    def close(self) -> None:
        """The table needs this window no more."""


@runtime_checkable
class Glanced(Window, Protocol):
    """A window that may know its first rows long before their number."""

    def glance(self) -> Sequence[Row]:
        """The first rows; none where ``count`` and ``rows`` are as quick, or nothing else helps."""

    def abandon(self) -> None:
        """Count no more, another window takes the place of this one; called in any thread."""


class ListWindow:
    """A window over rows that are in memory already."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        """The rows from ``start`` to ``stop``."""
        return self._rows[start:stop]

    def find(self, key: Key) -> int | None:
        """The position of the row with ``key``."""
        return next((position for position, row in enumerate(self._rows) if row[0] == key), None)

    def close(self) -> None:
        """Nothing to let go."""


class Opening:
    """What is read first of a window: how many rows, where the cursor goes, and the pages around it.

    The cursor follows ``key``, else stays at ``position``; ``lead`` rows above it are in sight.
    """

    def __init__(self, window: Window, key: Key | None, position: int, lead: int) -> None:
        self.total = window.count()
        found = window.find(key) if key is not None and self.total else None
        self.cursor = max(0, min(self.total - 1, position if found is None else found))
        top = max(0, self.cursor - lead)
        self.pages = {
            page: window.rows(page * PAGE, (page + 1) * PAGE)
            for page in {top // PAGE, self.cursor // PAGE}
            if self.total
        }


class Pages:
    """The pages of a window that are in memory. More are read in a thread of their own, which owns the window.

    ``arrived`` is called when rows in sight came, ``failed`` when reading them failed. While rows are not ``counted``,
    ``total`` is how many came first.
    """

    def __init__(self, name: str, arrived: Callable[[], object], failed: Callable[[BaseException], object]) -> None:
        self.total: int | None = None
        self.opening = False
        self.counted = True
        self._arrived = arrived
        self._failed = failed
        self._thread = QueryThread(name)
        self._window: Window | None = None
        self._outgoing: list[Window] = []
        self._turn = 0
        self._kept: LRUCache[int, Sequence[Row]] = LRUCache(PAGES_KEPT)
        self._wanted: tuple[int, ...] = ()
        self._sight = (0, 0)

    @property
    def window(self) -> Window | None:
        """The window that is shown, or will be."""
        return self._window

    @property
    def busy(self) -> bool:
        """Whether a question to the window is on its way."""
        return self.opening or bool(self._wanted)

    def row(self, position: int) -> Row | None:
        """The row at ``position``; None while it is not read."""
        page, index = divmod(position, PAGE)
        rows = self._kept.get(page)
        return rows[index] if rows is not None and index < len(rows) else None

    def open(
        self,
        window: Window,
        key: Key | None,
        position: int | None,
        lead: int,
        glanced: Callable[[], object],
        opened: Callable[[Asked[Opening]], object],
    ) -> None:
        """Take ``window`` in place of the one before, which is closed. A newer call supersedes one that waits.

        The rows of the old window stay until the answer is there, which is passed to ``opened``. Where the cursor goes
        to the top (no ``key`` and no ``position``) and the first rows are there earlier, ``glanced`` is called.
        """
        self._turn += 1
        turn = self._turn
        before, self._window = self._window, window
        if before is not None and before is not window:
            self._outgoing.append(before)
        if self.opening and isinstance(before, Glanced):
            before.abandon()
        self.opening = True

        def opening() -> Opening:
            self._let_go()
            return Opening(window, key, position or 0, lead)

        def answered(asked: Asked[Opening]) -> None:
            if turn == self._turn:
                self._take(asked)
                opened(asked)

        if isinstance(window, ListWindow) and not self._outgoing:
            answered(Asked(opening(), None))  # at once: keys that follow mean the rows that are shown
            return
        if key is None and position is None and isinstance(window, Glanced):

            def first(asked: Asked[Sequence[Row]]) -> None:
                if turn == self._turn and asked.error is None and asked.value():
                    self.counted = False
                    self.total = len(asked.value())
                    self._kept.clear()
                    self._kept[0] = asked.value()
                    glanced()

            self._thread.ask("glance", window.glance, first)
        self._thread.ask("window", opening, answered)

    def _take(self, asked: Asked[Opening]) -> None:
        self.opening, self.counted = False, True
        self._wanted = ()
        self._kept.clear()
        self.total = None
        if asked.error is None:
            opening = asked.value()
            self.total = opening.total
            for page, rows in opening.pages.items():
                self._kept[page] = rows

    def want(self, top: int, rows: int, heading: int) -> None:
        """Read the pages of ``rows`` rows from ``top`` that are not here; when all are, the next one on the way."""
        window, total = self._window, self.total
        if window is None or not total or self.opening:
            return
        first, last = self._sight = top // PAGE, min(total - 1, top + rows - 1) // PAGE
        wanted = tuple(page for page in range(first, last + 1) if page not in self._kept)
        if not wanted:
            ahead = last + 1 if heading > 0 else first - 1
            if not 0 <= ahead * PAGE < total or ahead in self._kept:
                return
            wanted = (ahead,)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        turn = self._turn

        def reading() -> dict[int, Sequence[Row]]:
            return {page: window.rows(page * PAGE, (page + 1) * PAGE) for page in wanted}

        def answered(asked: Asked[dict[int, Sequence[Row]]]) -> None:
            if turn == self._turn:
                self._add(wanted, asked)

        self._thread.ask("pages", reading, answered)

    def _add(self, wanted: tuple[int, ...], asked: Asked[dict[int, Sequence[Row]]]) -> None:
        if self._wanted == wanted:
            self._wanted = ()
        if asked.error is not None:
            self._failed(asked.error)
            return
        for page, rows in asked.value().items():
            self._kept[page] = rows
        if any(self._sight[0] <= page <= self._sight[1] for page in wanted):
            self._arrived()

    def close(self) -> None:
        """Answer no more, and let go of the windows in the thread that owns them."""
        self._turn += 1
        if self._window is not None:
            self._outgoing.append(self._window)
        self._thread.close(self._let_go)

    def _let_go(self) -> None:
        while self._outgoing:
            with suppress(Exception):
                self._outgoing.pop().close()
