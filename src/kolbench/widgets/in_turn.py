"""Keys one after the other, however fast they come: what is typed ahead goes to the window that the key before opened.

Textual hands a key to whatever has the focus when it comes. Over a slow line several come at once, and then ``Enter``
and the words that were meant for the question it asks all go to the list behind it; in a line of text, letters get
ahead of a backspace. Here each key waits until the one before has been through.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from textual.app import App
from textual.events import Key, Paste

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.events import Event
    from textual.screen import Screen

Result = TypeVar("Result")

ROUNDS = 2
"""How often a key's way is gone after it: a key is an action, and an action often a message that goes the same way."""

LONGEST_S = 10.0
"""A key waits no longer than this for the one before it: longer than a loaded machine takes, for else it overtakes."""


class InTurn(App[Result]):
    """An app that hands on a key, or a paste, when the one before it has been dealt with."""

    def __init__(self, **more: Any) -> None:
        self._typed: deque[Key | Paste] = deque()
        self._under_way: float | None = None
        super().__init__(**more)

    async def on_event(self, event: Event) -> None:
        """Put keys into a line; all else goes on at once."""
        if not isinstance(event, (Key, Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._under_way is None or monotonic() - self._under_way > LONGEST_S:
            await self._next_key()

    async def _next_key(self) -> None:
        if not self._typed:
            self._under_way = None
            return
        self._under_way = monotonic()
        way, screen = self._way(), self.screen
        await super().on_event(self._typed.popleft())
        self._follow(way, screen, ROUNDS)

    def _way(self) -> Sequence[DOMNode]:
        """From what has the focus up to the app."""
        return (self.focused or self.screen).ancestors_with_self

    def _follow(self, way: Sequence[DOMNode], screen: Screen[Any], rounds: int) -> None:
        """Wait behind the key in the queue of each node on its way, and in those of a screen that it opened."""
        for place, node in enumerate(way):
            if node.call_later(self._follow, way[place + 1 :], screen, rounds):
                return
        if rounds > 1 or self.screen is not screen:
            self._follow(self._way(), self.screen, rounds - 1)
        else:
            self.call_later(self._next_key)
