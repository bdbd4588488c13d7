"""To the operator's own clipboard and browser, through whatever lines there are between them and this program."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical

from kolbench.domain.lang import N_, _
from kolbench.screens.lines import Sheet, paragraph
from kolbench.screens.window import Window
from kolbench.screens.work import KeyLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from kolbench.screens.lines import Line
    from kolbench.screens.work import WorkScreen

LONGEST = 74_994
"""Bytes of a text that terminals take at once: 100,000 of the sequence that carries it."""

UNABLE = ("linux", "dumb", "vt", "screen")
"""Beginnings of the names of terminals that have no clipboard, or keep it to themselves. tmux calls itself screen."""


def copy(screen: WorkScreen, text: str, told: str) -> None:
    """Put ``text`` into the clipboard of the terminal and say ``told``; where that can't be, show it to be selected."""
    if not able() or len(text.encode("utf-8", "replace")) > LONGEST:
        show(screen, text)
        return
    # In base64, so that nothing of the text is read as a sequence of its own.
    screen.app.copy_to_clipboard(text)
    screen.notify(told, timeout=3)


def able() -> bool:
    """Whether the terminal is one that may take a text for its clipboard (OSC 52); none says whether it does."""
    environment = os.environ
    if environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return False
    if environment.get("TMUX"):
        return True
    return not environment.get("STY") and not environment.get("TERM", "").startswith(UNABLE)


def show(screen: WorkScreen, text: str) -> None:
    """Show ``text`` alone on the screen, with the mouse left to the terminal."""
    screen.app.push_screen(Selecting(text))


def follow(screen: WorkScreen, url: str) -> None:
    """Open a link in a browser on this machine; over SSH, or where there is none, copy it."""
    if not url.startswith(("https://", "http://")):
        screen.notify(_("That is no web address: {link}").format(link=url), severity="warning", timeout=5)
        return
    opener = browser()
    if opener is None:
        copy(screen, url, _("Copied: {link}").format(link=url))
        return
    import subprocess

    nowhere = subprocess.DEVNULL
    # In a session of its own: whatever opens it can't get at this terminal.
    subprocess.Popen([opener, url], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
    screen.notify(_("Opened: {link}").format(link=url), timeout=3)


def browser() -> str | None:
    """The program that opens links in the operator's browser; None where they don't sit at this machine."""
    environment = os.environ
    if any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "MOSH_CONNECTION")):
        return None
    if sys.platform == "darwin":
        return shutil.which("open")
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return shutil.which("xdg-open")
    return None


class Selecting(Window[None]):
    """A text and nothing beside it, to be selected with the mouse as in any terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,y,Y", "dismiss", N_("Back"), show=False)]

    def __init__(self, text: str) -> None:
        super().__init__(classes="-bare")
        self._text = text

    def compose(self) -> ComposeResult:
        """The text from edge to edge."""
        with Vertical(id="window"):
            yield Sheet()
            yield KeyLine()

    def on_mount(self) -> None:
        """Show it, and leave the mouse to the terminal."""
        window = self.query_one("#window")
        window.styles.width = window.styles.max_width = "100%"
        window.styles.padding = 0
        sheet = self.query_one(Sheet)
        sheet.styles.scrollbar_size_vertical = 0
        sheet.show(self._write)
        self._mouse("_disable_mouse_support")

    def on_unmount(self) -> None:
        """Take the mouse again."""
        self._mouse("_enable_mouse_support")

    def _write(self, width: int) -> Iterator[Line]:
        for text in self._text.splitlines():
            yield from paragraph(text, width) if text else ([],)
        yield []
        yield [(_("Select it with the mouse and copy it with your terminal."), "muted")]

    def _mouse(self, change: str) -> None:
        if told := getattr(self.app._driver, change, None):
            told()
