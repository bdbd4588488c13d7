"""The command palette: every action of the screen in front and of the program, with its key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from kolbench.domain.lang import _

if TYPE_CHECKING:
    from textual.binding import Binding


class Actions(Provider):
    """The active bindings as commands."""

    def _commands(self) -> Iterator[tuple[str, str, Binding]]:
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.description and active.enabled and not binding.system and binding.action not in seen:
                seen.add(binding.action)
                yield _(binding.description), self.app.get_key_display(binding), binding

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for text, key, binding in self._commands():
            yield DiscoveryHit(text, partial(self._run, binding), help=key)

    async def search(self, query: str) -> Hits:
        """Those that fit what was typed."""
        matcher = self.matcher(query)
        for text, key, binding in self._commands():
            if (score := matcher.match(f"{text} {key}")) > 0:
                yield Hit(score, matcher.highlight(text), partial(self._run, binding), help=key)

    async def _run(self, binding: Binding) -> None:
        namespace = next(
            active.node for active in self.screen.active_bindings.values() if active.binding.action == binding.action
        )
        await self.app.run_action(binding.action, namespace)
