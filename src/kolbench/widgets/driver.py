"""Textual's terminal driver for long and slow lines: it sends less, and it ends when the line is gone."""

from __future__ import annotations

import os
import select
import signal
import sys
from threading import Thread, Timer
from typing import TYPE_CHECKING, Any, TextIO

from textual.drivers.linux_driver import LinuxDriver

from kolbench.widgets.terminal import Terminal, abides

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.driver import Driver
    from textual.message import Message

GRACE_S = 3.0
"""How long the app may take to end by itself once nobody can see it."""

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"


def driver_class() -> type[Driver] | None:
    """The driver for an app: lean, or with ``KOLBENCH_DRIVER=plain`` one that sends what Textual writes.

    None leaves the choice to Textual, where ``TEXTUAL_DRIVER`` made it already.
    """
    if os.environ.get("TEXTUAL_DRIVER"):
        return None
    return SteadyDriver if os.environ.get("KOLBENCH_DRIVER") == "plain" else LeanDriver


def redraw(app: App[Any]) -> None:
    """Draw the whole screen again, after something else wrote on the terminal."""
    if isinstance(app._driver, LeanDriver):
        app._driver.forget()
    app.refresh()


class Line:
    """The way to the terminal: writes all of a text, or, once the terminal is gone, nothing."""

    def __init__(self, file: TextIO, broke: Callable[[], None]) -> None:
        self._file = file
        self._encoding = file.encoding or "utf-8"
        self._broke = broke
        self.broken = False

    def fileno(self) -> int:
        """The terminal's file descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether there is a terminal at the other end."""
        return self._file.isatty()

    def write(self, text: str) -> int:
        """Write all of ``text``, waiting where the line is slow."""
        data = memoryview(text.encode(self._encoding, "replace"))
        while data and not self.broken:
            try:
                data = data[os.write(self.fileno(), data) :]
            except BlockingIOError:
                select.select([], [self.fileno()], [], 1.0)
            except (OSError, ValueError):
                self.broken = True
                self._broke()
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""


class SteadyDriver(LinuxDriver):
    """Textual's driver, which ends the app when the terminal goes away, and on SIGTERM.

    A broken line leaves Textual's writer thread dead, its event loop waiting for it, and its input thread
    spinning; here the app ends in order, or is ended after ``GRACE_S`` seconds.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert sys.__stderr__ is not None, "a terminal app needs its standard error"
        self._line = Line(sys.__stderr__, self._lost)
        self._file: Any = self._line
        self._ending = False
        self._watching = False
        self._handlers: dict[int, Any] = {}

    def start_application_mode(self) -> None:
        """Take the terminal, and listen for its end."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        for number in (signal.SIGHUP, signal.SIGTERM):
            if signal.getsignal(number) is signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, self._told_to_end)
        if self.input_tty and not self._watching:
            self._watching = True
            Thread(target=self._watch_line, name="kolbench-line", daemon=True).start()

    def close(self) -> None:
        """Give the terminal back, and the signals."""
        super().close()
        while self._handlers:
            signal.signal(*self._handlers.popitem())

    def run_input_thread(self) -> None:
        """Read keys until the end, or until there is nobody to press them."""
        try:
            super().run_input_thread()
        except OSError:
            self._lost()

    def _watch_line(self) -> None:
        """Wait for the other end to hang up: a poll for no event reports nothing else."""
        poll = select.poll()
        poll.register(self.fileno, 0)
        poll.poll()
        self._lost()

    def _told_to_end(self, number: int, _frame: object) -> None:
        self._end(128 + number)

    def _lost(self) -> None:
        self._line.broken = True
        # The input thread would find an end of file to read again and again.
        self.exit_event.set()
        self._end(128 + signal.SIGHUP)

    def _end(self, code: int) -> None:
        if self._ending:
            return
        self._ending = True
        timer = Timer(GRACE_S, os._exit, (code,))
        timer.daemon = True
        timer.start()
        try:
            self._loop.call_soon_threadsafe(lambda: self._app.exit(return_code=code))
        except RuntimeError:
            # The event loop has ended already; what is left to do needs no terminal.
            timer.cancel()


class LeanDriver(SteadyDriver):
    """A driver that sends only the cells that changed."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._terminal = Terminal(0, 0)
        self._stale = False
        self._frame: list[str] | None = None

    def forget(self) -> None:
        """Send the next frame whole, because something else drew on the terminal."""
        self._stale = True

    def start_application_mode(self) -> None:
        """Take the terminal, and notice its resizing before Textual does."""
        super().start_application_mode()
        told = signal.getsignal(signal.SIGWINCH)
        if not callable(told):
            return

        def resized(number: int, frame: Any) -> None:
            self._stale = True
            told(number, frame)

        signal.signal(signal.SIGWINCH, resized)

    def process_message(self, message: Message) -> None:
        """Notice a resizing that the terminal tells in its own words."""
        from textual.events import Resize

        if isinstance(message, Resize):
            self._stale = True
        super().process_message(message)

    def write(self, data: str) -> None:
        """Send what ``data`` changes on the screen; a frame that changes nothing is not sent at all."""
        if data == SYNC_START:
            self._frame = []
            return
        if data == SYNC_END and self._frame is not None:
            frame, self._frame = "".join(self._frame), None
            data = f"{SYNC_START}{frame}{SYNC_END}" if frame else ""
        elif not abides(data):
            # Only the app's thread draws; the input thread, which writes too, never comes here.
            data = self._lean(data)
        if self._frame is not None:
            self._frame.append(data)
        elif data:
            super().write(data)

    def _lean(self, data: str) -> str:
        width, height = self._app.size
        if self._stale or (width, height) != (self._terminal.width, self._terminal.height):
            self._stale = False
            self._terminal.resize(width, height)
        return self._terminal.lean(data)
