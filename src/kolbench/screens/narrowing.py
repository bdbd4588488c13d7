"""Lists that are narrowed by what is typed: the line for it, opened, followed and left."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kolbench.domain.lang import N_, _
from kolbench.screens.writing import WritingScreen

if TYPE_CHECKING:
    from textual.widgets import Input


class NarrowedScreen(WritingScreen):
    """A list with a line to search in; subclasses bind ``search`` and ``back``, and show what fits in ``seek``."""

    SOUGHT: ClassVar[str] = N_("name or handle, in any script")
    """What the line asks for, marked for translation."""

    @property
    def sought(self) -> str:
        """What is searched for now."""
        raise NotImplementedError

    def seek(self, text: str) -> None:
        """Show what fits a text, and everything again where it is empty."""
        raise NotImplementedError

    def unsought(self) -> None:
        """Esc where nothing is searched for."""
        raise NotImplementedError

    async def action_search(self) -> None:
        """Type to search."""
        from kolbench.screens.searching import SearchLine

        if not self.query("#search"):
            await self.mount(SearchLine(self.sought, _(self.SOUGHT)), after="#status")
        self.set_focus(self.query_one("#search"))  # now: the next key may be there already

    def on_input_changed(self, event: Input.Changed) -> None:
        """Every key narrows the list."""
        self.seek(event.value.strip())

    async def on_input_submitted(self) -> None:
        """Enter goes on in the list."""
        await self.leave_search()

    async def leave_search(self) -> None:
        """Take the line away; what was found stays."""
        await self.query("#search").remove()
        self.set_focus(self.table)

    def action_move(self, rows: int) -> None:
        """Move in the list while the focus is in the search."""
        self.table.action_move(rows)

    async def action_back(self) -> None:
        """Mark none, else leave the search, then what else narrows the list."""
        if self.table.selected and not self.query("#search"):
            self.table.select(frozenset())
            return
        await self.leave_search()
        if self.sought:
            self.seek("")
        else:
            self.unsought()
