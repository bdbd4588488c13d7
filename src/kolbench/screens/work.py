"""The frame that every screen works in: what is above and below it, its questions to the store, its news."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from kolbench.domain.errors import KolbenchError, named
from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Bar, Span, width_of
from kolbench.widgets.in_turn import hold_keys
from kolbench.widgets.virtual_table import VirtualTable
from kolbench.widgets.worker import Asked, QueryThread

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import ActiveBinding
    from textual.dom import DOMNode
    from textual.widget import Widget

    from kolbench.screens.session import Session
    from kolbench.store.changes import Undone
    from kolbench.widgets.columns import Column

Answer = TypeVar("Answer")

PLACES = (
    ("candidates", N_("Candidates"), N_("People")),
    ("leaderboard", N_("Leaderboard"), N_("Ranks")),
    ("follow_ups", N_("Follow-ups"), N_("To do")),
    ("sync", N_("Sync"), N_("Sync")),
    ("programme", N_("Programme"), N_("Rules")),
    ("campaigns", N_("Campaigns"), N_("Sales")),
)
"""The places that the number keys lead to, with their names, and shorter ones for narrow terminals."""


class TopLine(Bar):
    """Where we are and where else one can go; at the right what runs and which store this is."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._told: tuple[str, Session] | None = None

    def tell(self, place: str, session: Session) -> None:
        """Show the place and the state of the session: as much of it as fits, but all of the places."""
        self._told = place, session
        if not self.size.width:
            return
        brand: list[Span] = [(" KOLbench ", "title")]
        # The place where it runs tells more of it, and once is enough.
        running: list[Span] = [(f"{session.running} ", "warn")] if session.running and place != "sync" else []
        store: list[Span] = [(f"{session.store.path.name} ", "muted")]
        full, short = self._tabs(place, session.due), self._tabs(place, session.due, short=True)
        for head, tabs, right in (
            (brand, full, [*running, (" ", "plain"), *store] if running else store),
            (brand, full, running),
            ([], full, running),
            (brand, short, running),
            ([], short, running),
            ([], full, []),
            ([], short, []),
            ([], self._tabs(place, None, short=True), []),
            ([], self._tabs(place, None, short=True, alone=True), []),
        ):
            if width_of(head) + width_of(tabs) + width_of(right) + bool(right) <= self.size.width:
                break
        actions = [""] * len(head) + [f"app.go('{name}')" for name, *_titles in PLACES]
        self.show([*head, *tabs], right, actions)

    def _tabs(self, place: str, due: int | None, *, short: bool = False, alone: bool = False) -> list[Span]:
        """The places; ``alone``: of the others the numbers only."""
        spans: list[Span] = []
        for number, (name, *titles) in enumerate(PLACES, 1):
            waiting = f" {due}" if name == "follow_ups" and due else ""
            title = "" if alone and name != place else f" {_(titles[short])}{waiting}"
            spans.append((f" {number}{title} ", "tab" if name == place else "muted"))
        return spans

    def on_resize(self) -> None:
        """Another width has room for other words."""
        if self._told is not None:
            self.tell(*self._told)


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
                key = self._key([active])
                if width_of(theirs) + width_of(key) <= self.size.width * 2 // 5:
                    theirs += key
        for group in self._grouped([active for active in shown if active.node is not self.app]):
            key = self._key(group)
            if width_of(ours) + width_of(key) + width_of(theirs) < self.size.width:
                ours += key
                actions += [group[-1].binding.action] * 2
        self.show(ours, theirs, actions)

    @staticmethod
    def _grouped(shown: list[ActiveBinding]) -> Iterable[list[ActiveBinding]]:
        """What is shown as one: the last key of an action, and the actions of one group; the order is theirs."""
        groups: dict[object, dict[str, ActiveBinding]] = {}
        for active in shown:
            groups.setdefault(active.binding.group or active.binding.action, {})[active.binding.action] = active
        return [list(group.values()) for group in groups.values()]

    def _key(self, group: list[ActiveBinding]) -> list[Span]:
        keys = "/".join(self.app.get_key_display(active.binding) for active in group)
        binding = group[0].binding
        text = _(binding.group.description) if binding.group else described(group[0].node, binding)
        return [(keys, "key"), (f" {text}  ", "muted")]


class Table(VirtualTable):
    """The table of a screen; ``enter`` says, marked for translation, what Enter does in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open")),
        Binding("space", "select", N_("Mark")),
    ]

    def __init__(self, columns: Sequence[Column], *, enter: str = N_("Open"), **more: Any) -> None:
        super().__init__(columns, **more)
        self.enter = enter

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Rows that can't be marked, or opened, have no key for it."""
        allowed = {"select": self.selectable, "open": bool(self.enter)}
        return allowed[action] if action in allowed else super().check_action(action, parameters)


def described(node: DOMNode, binding: Binding) -> str:
    """What a key does where it is pressed, in the interface's language."""
    if binding.key == "enter" and (enter := getattr(node, "enter", "")):
        return _(enter)
    return _(binding.description) if binding.description else ""


class WorkScreen(Screen[None]):
    """A screen in its frame. Subclasses give ``HELP``, ``body`` and what to do with news."""

    HELP: ClassVar[str] = ""
    """One paragraph for the help, marked for translation."""

    UNDOES: ClassVar[frozenset[str] | None] = None
    """The acts that are made here: another one is taken back when asked for twice. None: any is at once."""

    AUTO_FOCUS = "#main"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._queries = QueryThread(type(self).__name__)
        self._seen_version = session.version
        self._holds: dict[Hashable, Callable[[], None]] = {}

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

    def taken_back(self, undone: Undone) -> None:
        """An act was taken back, or was to be: go to what it was about."""

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
        for let_go in self._holds.values():
            let_go()

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
        for status in self.query("#status").results(Bar):  # none while the app is being left
            status.show([(" ", "plain"), *left], [*(right or ()), (" ", "plain")])

    def ask(
        self,
        slot: Hashable,
        question: Callable[[], Answer],
        answered: Callable[[Answer], object],
        *,
        keys_wait: bool = False,
    ) -> None:
        """Ask the store in the background; a failure is told to the operator.

        With ``keys_wait``, keys that are typed meanwhile are for what the answer opens, and wait for it.
        """
        if (superseded := self._holds.pop(slot, None)) is not None:
            superseded()
        let_go = None
        if keys_wait:
            self._holds[slot] = let_go = hold_keys(self.app)

        def received(asked: Asked[Answer]) -> None:
            try:
                if self.is_attached and asked.error is None:
                    answered(asked.value())
                elif self.is_attached and asked.error is not None:
                    self.complain(asked.error)
            finally:
                if let_go is not None:
                    let_go()

        self._queries.ask(slot, question, received)

    def noted(self) -> None:
        """A note was kept."""
        self.notify(_("The note is kept."), timeout=3)

    def complain(self, error: BaseException) -> None:
        """Tell the operator what went wrong."""
        text = str(error) if isinstance(error, KolbenchError) else named(error)
        self.notify(text, severity="error", timeout=10)
