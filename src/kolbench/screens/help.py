"""The help of a screen: what it shows in a paragraph, and all its keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical

from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Line, Sheet, columns
from kolbench.screens.window import Window
from kolbench.screens.work import KeyLine
from kolbench.widgets.cells import wrap

if TYPE_CHECKING:
    from textual.app import App, ComposeResult
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
    """All that can be done where the focus is, each once: the screen's own first, then moving, then the program's."""
    found: dict[str, tuple[Deed, list[str]]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not binding.description or not active.enabled or not _is_ours(active.node, binding):
            continue
        _first, keys = found.setdefault(
            binding.action, (Deed(_(binding.description), "", binding.action, active.node), [])
        )
        keys.append(app.get_key_display(binding))
    ordered = sorted(found.values(), key=lambda pair: (pair[0].node is app, pair[0].node is not screen))
    return [replace(deed, keys=" ".join(dict.fromkeys(keys))) for deed, keys in ordered]


def _is_ours(node: DOMNode, binding: Binding) -> bool:
    """Whether one of our classes declares the binding: Textual's own scroll keys do nothing here."""
    return any(
        binding.action == ours.action and binding.description == ours.description
        for kind in type(node).__mro__
        if kind.__module__.startswith(OURS)
        for ours in Binding.make_bindings(kind.__dict__.get("BINDINGS", ()))
    )


class Help(Window[None]):
    """The help of the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q", "dismiss", N_("Back"), show=False),
    ]

    def __init__(self, paragraph: str, deeds: Sequence[Deed]) -> None:
        super().__init__(classes="-broad")
        self._paragraph = paragraph
        self._deeds = deeds

    def compose(self) -> ComposeResult:
        """The sheet."""
        with Vertical(id="window"):
            yield Sheet()
            yield KeyLine()

    def on_mount(self) -> None:
        """Write it."""
        self.query_one(Sheet).show(self._write)

    def _write(self, width: int) -> Iterator[Line]:
        if self._paragraph:
            for text in wrap(self._paragraph, width):
                yield [(text, "plain")]
            yield []
        for deed in self._deeds:
            yield columns((deed.keys, 14, "key", "right"), ("", 1, "plain"), (deed.text, max(0, width - 17), "plain"))
