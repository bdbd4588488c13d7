"""The frame that every screen works in: what is above and below it, its questions to the store, its news."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from kolbench.domain.errors import KolbenchError
from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Bar, Span, width_of
from kolbench.widgets.virtual_table import VirtualTable
from kolbench.widgets.worker import Asked, QueryThread

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import ActiveBinding
    from textual.dom import DOMNode
    from textual.widget import Widget

    from kolbench.screens.session import Session
    from kolbench.widgets.columns import Column

Answer = TypeVar("Answer")

PLACES = (
    ("candidates", N_("Candidates")),
    ("leaderboard", N_("Leaderboard")),
    ("follow_ups", N_("Follow-ups")),
    ("sync", N_("Sync")),
)
"""The places that the number keys lead to, with their names."""


class TopLine(Bar):
    """Where we are and where else one can go; at the right what runs and which store this is."""

    def tell(self, place: str, session: Session) -> None:
        """Show the place and the state of the session."""
        spans: list[Span] = [(" KOLbench ", "title")]
        actions = [""]
        for number, (name, title) in enumerate(PLACES, 1):
            waiting = f" {session.due}" if name == "follow_ups" and session.due else ""
            spans.append((f" {number} {_(title)}{waiting} ", "tab" if name == place else "muted"))
            actions.append(f"app.go('{name}')")
        running: list[Span] = [(f"{session.running}  ", "warn")] if session.running else []
        self.show(spans, [*running, (f"{session.store.path.name} ", "muted")], actions)


class KeyLine(Bar):
    """The keys that matter where the focus is; the program's own stand at the right."""

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.tell())
        self.call_after_refresh(self.tell)

    def on_resize(self) -> None:
        """Another width has room for other keys."""
        self.tell()

    def tell(self) -> None:
        """Show the active bindings that want to be shown, as many as fit."""
        ours: list[Span] = [(" ", "plain")]
        theirs: list[Span] = []
        actions = [""]
        shown = [active for active in self.screen.active_bindings.values() if active.binding.show and active.enabled]
        for active in shown:
            if active.node is self.app:
                theirs += self._key(active)
        for active in {active.binding.action: active for active in shown if active.node is not self.app}.values():
            key = self._key(active)
            if width_of(ours) + width_of(key) + width_of(theirs) < self.size.width:
                ours += key
                actions += [active.binding.action, active.binding.action]
        self.show(ours, theirs, actions)

    def _key(self, active: ActiveBinding) -> list[Span]:
        text = described(active.node, active.binding)
        return [(self.app.get_key_display(active.binding), "key"), (f" {text}  ", "muted")]


class Table(VirtualTable):
    """The table of a screen; ``enter`` says, marked for translation, what Enter does in it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", N_("Open"))]

    def __init__(self, columns: Sequence[Column], *, enter: str = N_("Open"), **more: Any) -> None:
        super().__init__(columns, **more)
        self.enter = enter


def described(node: DOMNode, binding: Binding) -> str:
    """What a key does where it is pressed, in the interface's language."""
    if binding.key == "enter" and (enter := getattr(node, "enter", "")):
        return _(enter)
    return _(binding.description) if binding.description else ""


class WorkScreen(Screen[None]):
    """A screen in its frame. Subclasses give ``HELP``, ``body`` and what to do with news."""

    HELP: ClassVar[str] = ""
    """One paragraph for the help, marked for translation."""

    AUTO_FOCUS = "#main"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._queries = QueryThread(type(self).__name__)
        self._seen_version = session.version

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield TopLine(id="top")
        yield Bar(id="status")
        yield from self.body()
        yield KeyLine(id="keys")

    def body(self) -> Iterable[Widget]:
        """What is between status and keys; the widget with the id ``main`` gets the focus."""
        raise NotImplementedError

    def store_changed(self) -> None:
        """Somebody has changed the store: read again what is in sight, where the reader is."""

    def on_mount(self) -> None:
        """Say where we are."""
        self.tell_top()

    @property
    def reading(self) -> bool:
        """Whether rows are on their way: then news can wait."""
        return False

    @property
    def busy(self) -> bool:
        """Whether a question to the store is being answered."""
        return not self._queries.idle

    def on_unmount(self) -> None:
        """Nobody waits for answers any more."""
        self._queries.close()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was in front."""
        self.tell_top()
        self.catch_up()

    def catch_up(self) -> None:
        """Take note of changes since the last time."""
        if self._seen_version != self.session.version and not self.reading:
            self._seen_version = self.session.version
            self.store_changed()

    def tell_top(self) -> None:
        """Show the state of the session above."""
        for top in self.query(TopLine):
            top.tell(self.app.current_mode, self.session)

    def tell_status(self, left: list[Span], right: list[Span] | None = None) -> None:
        """Show what this screen shows, and how."""
        self.query_one("#status", Bar).show([(" ", "plain"), *left], [*(right or ()), (" ", "plain")])

    def ask(self, slot: Hashable, question: Callable[[], Answer], answered: Callable[[Answer], object]) -> None:
        """Ask the store in the background; a failure is told to the operator."""

        def received(asked: Asked[Answer]) -> None:
            if not self.is_attached:
                return
            if asked.error is None:
                answered(asked.value())
            else:
                self.complain(asked.error)

        self._queries.ask(slot, question, received)

    def noted(self) -> None:
        """A note was kept."""
        self.notify(_("The note is kept."), timeout=3)

    def complain(self, error: BaseException) -> None:
        """Tell the operator what went wrong."""
        text = str(error) if isinstance(error, KolbenchError) else f"{type(error).__name__}: {error}"
        self.notify(text, severity="error", timeout=10)
