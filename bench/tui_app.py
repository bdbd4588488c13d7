"""The smallest app around a VirtualTable with a detail pane: what the table costs before any screen is drawn."""

from __future__ import annotations

import sqlite3
import sys
from array import array
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Static

from kolbench.widgets.cells import compact
from kolbench.widgets.columns import Column
from kolbench.widgets.driver import driver_class
from kolbench.widgets.virtual_table import VirtualTable

VALUES = "handle, name, platform, followers, engagement, last_post, status, note"
ORDERS = {"followers": "followers DESC, id", "engagement": "engagement DESC, id"}
COLUMNS = (
    Column("handle", "Handle", 14, drop=1),
    Column("name", "Name", 16, flex=2),
    Column("platform", "Platform", 11, drop=3),
    Column("followers", "Followers", 9, "right", lambda value, _row: compact(value)),
    Column("engagement", "Eng. %", 6, "right"),
    Column("last_post", "Last post", 16, drop=4),
    Column("status", "Status", 9, drop=2),
    Column("note", "Note", 16, flex=1, drop=5),
)


class Creators:
    """The whole table in one order, by LIMIT and OFFSET through a covering index."""

    def __init__(self, path: str, order: str) -> None:
        self.path, self.order = path, ORDERS[order]
        self._db: sqlite3.Connection | None = None

    @property
    def db(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        return self._db

    def count(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM kol").fetchone()[0])

    def rows(self, start: int, stop: int) -> list[tuple[object, ...]]:
        return self.db.execute(
            f"SELECT id, {VALUES} FROM kol WHERE id IN (SELECT id FROM kol ORDER BY {self.order} LIMIT ? OFFSET ?)"
            f" ORDER BY {self.order}",
            (stop - start, start),
        ).fetchall()

    def find(self, key: object) -> int | None:
        ids = array("q", (row[0] for row in self.db.execute(f"SELECT id FROM kol ORDER BY {self.order}")))
        return ids.index(key) if isinstance(key, int) else None

    def close(self) -> None:
        if self._db is not None:
            self._db.close()


class Bench(App[None]):
    CSS = """
    #status { height: 1; background: $panel; }
    #table { width: 60%; }
    #detail { width: 40%; border-left: solid $primary; padding: 0 1; }
    """
    BINDINGS: ClassVar = [Binding("s", "sort", "Sort"), Binding("q", "quit", "Quit")]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, path: str) -> None:
        super().__init__(driver_class=driver_class())
        self.path, self.order = path, "followers"

    def compose(self) -> ComposeResult:
        self.table = VirtualTable(COLUMNS, empty="No creators.", id="table")
        self.table.set_sort(self.order, descending=True)
        self.table.show(Creators(self.path, self.order))
        yield Static("…", id="status", markup=False)
        with Horizontal():
            yield self.table
            yield Static(id="detail", markup=False)
        yield Static("s sort  q quit", markup=False)

    def on_mount(self) -> None:
        self.table.focus()

    def action_sort(self) -> None:
        self.order = "engagement" if self.order == "followers" else "followers"
        self.table.set_sort(self.order, descending=True)
        self.table.show(Creators(self.path, self.order), keep=False)

    def on_virtual_table_loaded(self, event: VirtualTable.Loaded) -> None:
        self.query_one("#status", Static).update(f"READY {event.total} by {self.order}")

    def on_virtual_table_moved(self, event: VirtualTable.Moved) -> None:
        row = self.table.cursor_row
        names = ["id", *VALUES.split(", ")]
        text = "" if row is None else "\n".join(f"{name:>12}  {value}" for name, value in zip(names, row))
        self.query_one("#detail", Static).update(text)


if __name__ == "__main__":
    Bench(sys.argv[1]).run()
