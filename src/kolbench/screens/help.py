"""The help of a screen: what it shows in a paragraph, and all its keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Line, Sheet, columns
from kolbench.screens.work import KeyLine
from kolbench.widgets.cells import wrap

if TYPE_CHECKING:
    from textual.app import App, ComposeResult
    from textual.screen import Screen


def keys_of(screen: Screen[Any], app: App[Any]) -> list[tuple[str, str]]:
    """``(keys, what they do)`` of all that can be done on a screen, each once, in the order of declaration."""
    found: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.description and active.enabled and not binding.system:
            keys = found.setdefault(_(binding.description), [])
            shown = app.get_key_display(binding)
            if shown not in keys:
                keys.append(shown)
    return [(" ".join(keys), text) for text, keys in found.items()]


class Help(ModalScreen[None]):
    """A window with the help of the screen below it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", N_("Back"), key_display="Esc"),
    ]
    AUTO_FOCUS = "#text"

    def __init__(self, paragraph: str, keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._paragraph = paragraph
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The sheet."""
        with Vertical(id="window"):
            yield Sheet(id="text")
            yield KeyLine(id="keys")

    def on_mount(self) -> None:
        """Write it."""
        self.query_one(Sheet).show(self._write)

    def _write(self, width: int) -> Iterator[Line]:
        if self._paragraph:
            for text in wrap(self._paragraph, width):
                yield [(text, "plain")]
            yield []
        for keys, text in self._keys:
            yield columns((keys, 14, "key", "right"), ("", 1, "plain"), (text, max(0, width - 17), "plain"))
