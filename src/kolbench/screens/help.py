"""The help of a screen: what it shows in a paragraph, and all its keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import actions
from textual.binding import Binding

from kolbench.screens.lines import Line, columns, paragraph
from kolbench.screens.work import described

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
    """All that can be done where the focus is, each once: the screen's own, the program's, then moving about.

    Taken from what our classes declare: what Textual's bind besides does nothing here, nor what another section of a
    desk has, which is left out.
    """
    found: dict[tuple[DOMNode, str], list[Binding]] = {}
    taken: set[str] = set()
    for node in (*(screen.focused.ancestors_with_self if screen.focused else (screen,)), app):
        declared = [binding for binding in _declared(type(node)) if binding.key not in taken and binding.description]
        for binding in declared:
            found.setdefault((node, binding.action), []).append(binding)
        taken |= {binding.key for binding in declared}
    ordered = sorted(found.items(), key=lambda pair: (pair[0][0] is not screen, pair[0][0] is not app))
    return [
        Deed(described(node, keys[0]), " ".join(dict.fromkeys(map(app.get_key_display, keys))), action, node)
        for (node, action), keys in ordered
        if _can(node, action)
    ]


def _can(node: DOMNode, action: str) -> bool:
    """Whether the section in sight has an action, where a screen's sections have different ones."""
    _namespace, name, parameters = actions.parse(action)
    return name not in getattr(node, "BY_SECTION", ()) or node.check_action(name, parameters) is not False


def _declared(kind: type) -> Iterator[Binding]:
    """The bindings of a class and of its bases here, a key only once."""
    seen: set[str] = set()
    for base in kind.__mro__:
        if base.__module__.startswith(OURS):
            for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", ())):
                if binding.key not in seen:
                    seen.add(binding.key)
                    yield binding


def lines(text: str, found: Sequence[Deed], width: int) -> Iterator[Line]:
    """The help as lines: a paragraph, then every key."""
    yield from paragraph(text, width)
    yield []
    for deed in found:
        yield columns((deed.keys, 12, "key", "right"), ("", 1, "plain"), (deed.text, max(0, width - 15), "plain"))
