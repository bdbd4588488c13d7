"""The help of a screen: what it shows in a paragraph, and all its keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from kolbench.domain.lang import _
from kolbench.screens.lines import Line, columns, paragraph

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode
    from textual.screen import Screen

OURS = "kolbench."


@dataclass(frozen=True)
class Deed:
    """Something that can be done on a screen: what it is, by which keys, and how to run it."""

    text: str
    keys: str
    action: str
    node: DOMNode


def deeds(screen: Screen[Any], app: App[Any]) -> list[Deed]:
    """All that can be done where the focus is, each once: the screen's own, the program's, then moving about."""
    found: dict[str, tuple[Deed, list[str]]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.description or not active.enabled or not _is_ours(active.node, binding):
            continue
        _first, keys = found.setdefault(
            binding.action, (Deed(_(binding.description), "", binding.action, active.node), [])
        )
        keys.append(app.get_key_display(binding))
    ordered = sorted(found.values(), key=lambda pair: (pair[0].node is not screen, pair[0].node is not app))
    return [replace(deed, keys=" ".join(dict.fromkeys(keys))) for deed, keys in ordered]


def _is_ours(node: DOMNode, binding: Binding) -> bool:
    """Whether one of our classes declares the binding: Textual's own scroll keys do nothing here."""
    return any(
        binding.action == ours.action and binding.description == ours.description
        for kind in type(node).__mro__
        if kind.__module__.startswith(OURS)
        for ours in Binding.make_bindings(kind.__dict__.get("BINDINGS", ()))
    )


def lines(text: str, found: Sequence[Deed], width: int) -> Iterator[Line]:
    """The help as lines: a paragraph, then every key."""
    yield from paragraph(text, width)
    yield []
    for deed in found:
        yield columns((deed.keys, 12, "key", "right"), ("", 1, "plain"), (deed.text, max(0, width - 15), "plain"))
