"""Writing from a list in the background, each act in its turn, so that a run of keys never waits for the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.screens.panes import PanesScreen

if TYPE_CHECKING:
    from kolbench.screens.choose import Choice
    from kolbench.screens.session import Session
    from kolbench.store.connect import Store
    from kolbench.widgets.worker import Asked

Answer = TypeVar("Answer")

OTHER = "…"
"""The key of what isn't offered and has to be written."""


class WritingScreen(PanesScreen):
    """A list with acts on its rows; subclasses bind ``undo``."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.acts = 0
        self.under_way: list[Sequence[int]] = []
        self._undo_next = False

    @property
    def busy(self) -> bool:
        """Whether something is being read or written."""
        return super().busy or bool(self.under_way)

    def go_on(self, ids: Sequence[int]) -> None:
        """Mark none, and go to the next row after those that were acted on: a key pressed now means that one."""
        self.table.select(frozenset())
        position = -1
        while self.table.cursor_key in ids and self.table.cursor != position:
            position = self.table.cursor
            self.table.action_move(1)

    def choose_or_write(
        self, title: str, choices: Sequence[Choice], other: str, hint: str, told: Callable[[str], None]
    ) -> None:
        """Take one of what is known by a digit, or write another: ``told`` the key, or the words behind a ``=``."""
        from kolbench.screens.choose import Choice, Choose
        from kolbench.screens.prompt import Prompt

        def check(text: str) -> None:
            if not text:
                raise UsageError(_("It is empty: write a word or two."))

        def written(text: str | None) -> None:
            if text:
                told(f"={text}")

        def chosen(key: str | None) -> None:
            if key == OTHER:
                self.app.push_screen(Prompt(title, hint=hint, check=check), written)
            elif key is not None:
                told(key)

        if not choices:
            chosen(OTHER)
            return
        window = Choose(title, [*choices, Choice(OTHER, other)], numbered=True)
        window.set_class(any(choice.hint for choice in choices), "-broad")
        self.app.push_screen(window, chosen)

    def write(
        self,
        ids: Sequence[int],
        act: Callable[[Store, str], Answer],
        written: Callable[[Answer], object],
        failed: Callable[[], object] = lambda: None,
    ) -> None:
        """Write in the background, each act in its turn and none left out, also if we leave meanwhile."""
        store, unwritten, over = self.session.store, self.session.unwritten, Event()
        unwritten.append(over)
        self.acts += 1
        self.under_way.append(ids)

        def do() -> Answer:
            from kolbench.store import changes

            try:
                return act(store, changes.me())
            finally:
                over.set()

        def done(asked: Asked[Answer]) -> None:
            unwritten.remove(over)
            self.under_way.remove(ids)
            if not self.is_attached:
                return
            if asked.error is not None:
                failed()
                self.complain(asked.error)
            else:
                written(asked.value())
            if self._undo_next and not self.under_way:
                self._undo_next = False
                self.call_later(self.run_action, "app.undo")

        self._queries.ask(("act", self.acts), do, done, keep=True)

    async def action_undo(self) -> None:
        """Take back the last act, once all that was done is written."""
        if self.under_way:
            self._undo_next = True
        else:
            await self.run_action("app.undo")
