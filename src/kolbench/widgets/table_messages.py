"""What a virtual table tells the screen that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from kolbench.widgets.virtual_table import VirtualTable
    from kolbench.widgets.window import Key


class TableMessage(Message, namespace="virtual_table"):
    """Something happened in a table."""

    def __init__(self, table: VirtualTable) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> VirtualTable:
        """The table, so that ``@on(…, "#id")`` works."""
        return self.table


class RowMessage(TableMessage, namespace="virtual_table"):
    """Something happened to the row with ``key``."""

    def __init__(self, table: VirtualTable, key: Key | None) -> None:
        super().__init__(table)
        self.key = key


class Moved(RowMessage, namespace="virtual_table"):
    """The cursor rests on another row; ``key`` is None when there are no rows."""


class Opened(RowMessage, namespace="virtual_table"):
    """Enter or a double click on a row."""


class Selected(TableMessage, namespace="virtual_table"):
    """The set of selected rows changed."""

    def __init__(self, table: VirtualTable, keys: frozenset[Key]) -> None:
        super().__init__(table)
        self.keys = keys


class SortRequested(TableMessage, namespace="virtual_table"):
    """A click on the header of a sortable column; ``column`` is its key."""

    def __init__(self, table: VirtualTable, column: str) -> None:
        super().__init__(table)
        self.column = column


class Loaded(TableMessage, namespace="virtual_table"):
    """A window is open and its rows are shown; ``total`` counts them."""

    def __init__(self, table: VirtualTable, total: int) -> None:
        super().__init__(table)
        self.total = total


class Failed(TableMessage, namespace="virtual_table"):
    """Reading failed; the table shows the message already."""

    def __init__(self, table: VirtualTable, error: BaseException) -> None:
        super().__init__(table)
        self.error = error
