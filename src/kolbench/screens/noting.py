"""Writing a note on a person from any screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from kolbench.screens.work import WorkScreen


def ask_note(screen: WorkScreen, creator_id: int, name: str) -> None:
    """Ask for a note on a creator and keep it."""
    from kolbench.screens.prompt import Prompt

    store = screen.session.store

    def check(text: str) -> None:
        if not text:
            raise UsageError(_("The note is empty: write a word or two."))

    def write(text: str) -> int:
        from kolbench.store import changes, notes

        return notes.note(store, creator_id, text, changes.me())

    def written(text: str | None) -> None:
        if text is not None:
            screen.ask("note", lambda: write(text), lambda _id: screen.noted())

    screen.app.push_screen(Prompt(_("Note on {name}").format(name=name), check=check), written)
