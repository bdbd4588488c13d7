"""Keys one after the other, however fast they come: what is typed ahead goes to the window that the key before opened.

Textual hands a key to whatever has the focus when it comes. Over a slow line several come at once, and then ``Enter``
and the words that were meant for the question it asks all go to the list behind it; in a line of text, letters get
ahead of a backspace. Here each key waits until the one before has been through, and until the window is open that it
asked for, also where the store is asked first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
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

WINDOW_S = 5.0
"""Keys wait no longer than this for a window that is on its way."""


class InTurn(App[Result]):
    """An app that hands on a key, or a paste, when the one before it has been dealt with."""

    def __init__(self, **more: Any) -> None:
        self._typed: deque[Key | Paste] = deque()
        self._under_way: float | None = None
        self._coming: set[Callable[[], None]] = set()
        self._held = False
        super().__init__(**more)

    async def on_event(self, event: Event) -> None:
        """Put keys into a line; all else goes on at once."""
        if not isinstance(event, (Key, Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._under_way is None or monotonic() - self._under_way > LONGEST_S:
            await self._next_key()

    def hold_keys(self) -> Callable[[], None]:
        """Let keys wait for a window that is on its way; call the result when it is open, or will never be."""

        def let_go() -> None:
            late.stop()
            self._coming.discard(let_go)
            if self._held and not self._coming:
                self._held = False
                self._follow(self._way(), self.screen, ROUNDS)

        late = self.set_timer(WINDOW_S, let_go)
        self._coming.add(let_go)
        return let_go

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
        elif self._coming:
            self._held = True
        else:
            self.call_later(self._next_key)


def hold_keys(app: App[Any]) -> Callable[[], None]:
    """``InTurn.hold_keys`` of an app, where it has keys in turn."""
    return app.hold_keys() if isinstance(app, InTurn) else lambda: None
