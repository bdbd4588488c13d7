"""Writing a note on people from any screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.screens.work import WorkScreen


def ask_note(screen: WorkScreen, creator_id: int, name: str) -> None:
    """Ask for a note on a creator and keep it."""
    ask_notes(screen, [creator_id], name)


def ask_notes(screen: WorkScreen, creator_ids: Sequence[int], who: str) -> None:
    """Ask for a note on each of several, and keep it."""
    from kolbench.screens.prompt import Prompt

    store = screen.session.store

    def check(text: str) -> None:
        if not text:
            raise UsageError(_("The note is empty: write a word or two."))

    def write(text: str) -> list[int]:
        from kolbench.store import changes, notes

        return notes.note_all(store, creator_ids, text, changes.me())

    def written(text: str | None) -> None:
        if text is not None:
            screen.ask("note", lambda: write(text), lambda _ids: screen.noted())

    screen.app.push_screen(Prompt(_("Note on {name}").format(name=who), check=check), written)
