"""A bare Textual app with one empty table: what any Textual app costs before it does anything."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class Bare(App[None]):
    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012 - the smallest app there is

    def compose(self) -> ComposeResult:
        yield DataTable()

    def on_mount(self) -> None:
        self.query_one(DataTable).add_columns("READY")


if __name__ == "__main__":
    Bare().run()
