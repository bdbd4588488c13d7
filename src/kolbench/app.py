"""KOLbench in the terminal: the app around the screens."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import ANSIToTruecolor
from textual.reactive import Reactive
from textual.theme import BUILTIN_THEMES, Theme

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _
from kolbench.screens import scoring
from kolbench.screens.places import makers
from kolbench.screens.scoring import Scoring
from kolbench.screens.session import Session
from kolbench.screens.work import PLACES, WorkScreen
from kolbench.widgets import messages
from kolbench.widgets.driver import driver_class, redraw
from kolbench.widgets.in_turn import InTurn
from kolbench.widgets.worker import Asked, QueryThread

if TYPE_CHECKING:
    from pathlib import Path

    from textual.filter import LineFilter
    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from kolbench.screens.scoring import Grounds
    from kolbench.store.ahead import Ahead
    from kolbench.store.changes import Done, Undone
    from kolbench.store.connect import Store
    from kolbench.store.queue_start import Start

POLL_S = 1.0
"""How often we look whether another process has changed the store."""

KEYS = {
    "enter": N_("Enter"),
    "escape": N_("Esc"),
    "space": N_("Space"),
    "pageup": N_("PgUp"),
    "pagedown": N_("PgDn"),
    "home": N_("Home"),
    "end": N_("End"),
    "tab": N_("Tab"),
}
"""What is written on keys that have a name."""

OFFER_S = 10.0
"""How long a second ``u`` takes back what the first one only named."""

PATIENCE_S = 2.0
"""How long work in progress may take to come to a safe place when we leave."""

WRITTEN_S = 30.0
"""How long what the operator has done may take to be written when we leave, as another process may be writing."""

THEME = Theme(
    name="kolbench",
    primary="#7fb4ca",
    secondary="#7e9cd8",
    accent="#e6c384",
    foreground="#dcd7ba",
    background="#16161d",
    surface="#1b1b23",
    panel="#262630",
    boost="#2f2f3b",
    success="#98bb6c",
    warning="#e6a15c",
    error="#e46876",
    dark=True,
    variables={
        "scrollbar": "#44445a",
        "scrollbar-hover": "#54546d",
        "scrollbar-active": "#7fb4ca",
        "scrollbar-background": "#262630",
        "scrollbar-background-hover": "#262630",
        "scrollbar-background-active": "#262630",
        "scrollbar-corner-color": "#262630",
    },
)


BUILTIN_THEMES[THEME.name] = THEME  # a theme registered later has all styles worked out twice


class KolbenchApp(InTurn[int], inherit_bindings=False):
    """The workbench over one store."""

    TITLE = "KOLbench"
    theme: Reactive[str] = Reactive(os.environ.get("TEXTUAL_THEME") or THEME.name)
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False  # ours speaks the operator's language and knows the keys
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"go('{name}')", title, show=False)
            for number, (name, title, _short) in enumerate(PLACES, 1)
        ),
        Binding("i", "import_file", N_("Import a file"), show=False),
        Binding("M", "merging", N_("Accounts of one person"), show=False),
        Binding("u", "undo", N_("Undo"), show=False),
        Binding("question_mark", "help", N_("Help"), key_display="?"),
        Binding("colon", "commands", N_("Commands"), key_display=":"),
        Binding("ctrl+p", "commands", N_("Commands"), show=False),
        Binding("t", "change_theme", N_("Theme"), show=False),
        Binding("q", "quit", N_("Quit")),
        Binding("ctrl+z", "suspend_process", N_("To the shell; fg comes back"), show=False),
        Binding("ctrl+c", "quit", N_("Quit"), show=False, priority=True),
    ]

    def __init__(
        self,
        store: Store,
        plugin_dirs: Sequence[Path] = (),
        screen: str = "candidates",
        ahead: Ahead[Start] | None = None,
    ) -> None:
        self.session = Session(store, plugin_dirs, ahead=ahead)
        self.DEFAULT_MODE = screen  # type: ignore[misc]
        super().__init__(driver_class=driver_class())
        self._news = QueryThread("news")
        self._version: int | None = None
        self._offer: int | None = None
        self._scoring = Scoring(self.session, lambda text: self.notify(text, severity="warning", timeout=10))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """All but the one for the terminal's own colours, which nothing here uses: it would copy every line drawn."""
        return [found for found in super().get_line_filters() if not isinstance(found, ANSIToTruecolor)]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something in passing, as text whatever it holds, in lines that break where words do."""
        text = messages.lines(message, self.size.width)
        super().notify(text, title=title, severity=severity, timeout=timeout, markup=False)

    def get_default_screen(self) -> Screen[None]:
        """The place to begin with; a mode would have the styles worked out twice."""
        return makers(self.session)[self.DEFAULT_MODE]()

    @property
    def busy(self) -> bool:
        """Whether a question of the app's own is being answered."""
        return not self._news.idle

    def on_mount(self) -> None:
        """Make the other places ready, and look for news from other processes."""
        for name, make in makers(self.session).items():
            self.add_mode(name, make)
        self.set_interval(POLL_S, self._look)
        self.set_timer(POLL_S, _collect_again)

    def _look(self) -> None:
        store, before = self.session.store, self._version

        def look() -> tuple[int, int | None, Grounds | None]:
            version = store.data_version()
            return version, _due(store) if version != before else None, scoring.waits(store, version)

        self._news.ask("version", look, self._looked)

    def _looked(self, asked: Asked[tuple[int, int | None, Grounds | None]]) -> None:
        if asked.error is not None:
            return
        version, due, grounds = asked.value()
        if grounds is not None:
            self._scoring.begin(grounds)
        if version != self._version:
            self.session.version += 1
        self._version = version
        self.session.due = self.session.due if due is None else due
        if isinstance(screen := self.screen, WorkScreen):
            screen.catch_up()
            screen.tell_top()

    def action_go(self, name: str) -> None:
        """Go to one of the places; from a screen that was opened over it, back to it."""
        if not isinstance(self.screen, WorkScreen):
            return
        if name != self.current_mode:
            self.switch_mode(name)
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_undo(self) -> None:
        """Take back the operator's last act here; one made elsewhere only when asked for twice."""
        store, offer = self.session.store, self._offer
        own = self.screen.UNDOES if isinstance(self.screen, WorkScreen) else None

        def undo() -> Done | Undone | None:
            from kolbench.screens import undoing

            return undoing.attempt(store, offer, own)

        def undone(asked: Asked[Done | Undone | None]) -> None:
            from kolbench.screens import undoing
            from kolbench.store.changes import Done

            self._offer = None
            if asked.error is not None:
                self.notify(str(asked.error), severity="error")
            elif (found := asked.value()) is None:
                self.notify(_("There is nothing to take back."), timeout=3)
            elif isinstance(found, Done):
                self._offer = found.act
                self.set_timer(OFFER_S, self._forget_offer)
                self.notify(undoing.offered(found), severity="warning", timeout=OFFER_S)
            else:
                self.clear_notifications()  # what was said of the act, or of others taken back before
                self.notify(
                    undoing.outcome(found), severity="warning" if found.blocked_by else "information", timeout=5
                )
                if isinstance(screen := self.screen, WorkScreen):
                    screen.taken_back(found)
                self._look()

        self._news.ask("undo", undo, undone)

    def _forget_offer(self) -> None:
        self._offer = None

    @on(Driver.SignalResume)
    def come_back(self) -> None:
        """Draw everything again: the shell has written on the terminal meanwhile."""
        redraw(self)

    def action_import_file(self) -> None:
        """Import a file; its progress is on the sync screen."""
        from kolbench.screens.importing import ask_file
        from kolbench.screens.sync import SyncScreen

        def sync() -> SyncScreen:
            self.switch_mode("sync")
            screen = self.screen
            assert isinstance(screen, SyncScreen)
            return screen

        if isinstance(self.screen, WorkScreen):
            ask_file(self.screen, sync)

    def action_merging(self) -> None:
        """Who may be one person."""
        from kolbench.screens.merging import MergingScreen

        if isinstance(self.screen, WorkScreen) and not isinstance(self.screen, MergingScreen):
            self.push_screen(MergingScreen(self.session))

    def action_change_theme(self) -> None:
        """Choose the colours."""
        from kolbench.screens.choose import Choice, Choose

        def chosen(name: str | None) -> None:
            if name:
                self.theme = name

        self.push_screen(Choose(_("Theme"), [Choice(name, name) for name in self.available_themes], self.theme), chosen)

    def action_help(self) -> None:
        """The help of the screen in front."""
        from kolbench.screens import help as helping
        from kolbench.screens.reading import Reading

        screen = self.screen
        if isinstance(screen, WorkScreen):
            found = helping.deeds(screen, self)
            self.push_screen(Reading(lambda width: helping.lines(_(screen.HELP), found, width)))

    def action_commands(self) -> None:
        """Everything that can be done here, to choose from."""
        from kolbench.screens.choose import Choice, Choose
        from kolbench.screens.help import deeds

        screen = self.screen
        if not isinstance(screen, WorkScreen):
            return
        known = {deed.action: deed for deed in deeds(screen, self)}

        async def chosen(action: str | None) -> None:
            if action:
                await self.run_action(action, known[action].node)

        choices = [Choice(deed.action, deed.text, deed.keys) for deed in known.values()]
        self.push_screen(Choose(_("Commands"), choices), chosen)

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback, which would show what is in the store; ``run`` raises the error."""
        self._close_messages_no_wait()

    def finish_jobs(self, seconds: float) -> None:
        """Ask what still runs to come to a safe place, and wait for each at most so long."""
        for job in self.session.jobs:
            job.stop()
        for job in self.session.jobs:
            job.wait(seconds)

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is written on a keyboard."""
        if binding.key_display is None and (named := KEYS.get(binding.key)):
            return _(named)
        return super().get_key_display(binding)

    async def action_quit(self) -> None:
        """Leave; where something runs that would have to be begun anew, ask first."""
        if all(job.redone for job in self.session.jobs):
            self.exit(0)
            return
        from kolbench.screens.choose import Choice, Choose

        def chosen(answer: str | None) -> None:
            if answer == "leave":
                self.exit(0)

        title = _("Something is still running")
        choices = [Choice("stay", _("Stay")), Choice("leave", _("Stop it at the next safe place, and leave"))]
        self.push_screen(Choose(title, choices), chosen)


def _due(store: Store) -> int:
    """How many follow-ups are due by the end of today."""
    from kolbench.store import follow_ups

    at = now()
    return follow_ups.count(store, "overdue", at) + follow_ups.count(store, "today", at)


def _collect_again() -> None:
    """Look for garbage from now on, but not among what the start has made."""
    gc.freeze()
    gc.enable()


def run(
    store: Store,
    plugin_dirs: Sequence[Path] = (),
    screen: str = "candidates",
    ahead: Ahead[Start] | None = None,
) -> int:
    """Work in the terminal until the operator leaves; returns the exit code. Raises what ended it by mistake.

    ``ahead`` is the beginning of the queue, where that is the ``screen``.
    """
    app = KolbenchApp(store, plugin_dirs, screen, ahead)
    code = app.run()
    app.finish_jobs(PATIENCE_S)
    for over in app.session.unwritten:
        over.wait(WRITTEN_S)
    if app._exception is not None:
        raise app._exception
    return (app.return_code or 0) if code is None else code
