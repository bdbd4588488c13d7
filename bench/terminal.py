"""A program in a terminal of its own: presses keys, and tells when and how much it writes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import termios
import time
from dataclasses import dataclass

import pyte

QUESTION = re.compile(rb"\x1b\[\?(2026|2048)\$p")
FRAME_END = b"\x1b[?2026l"
# What pyte takes for text.
UNREADABLE = re.compile(rb"\x1b\[[<>=?][0-9;]*\$?[a-zA-Z]")
UNWANTED = ("NO_COLOR", "COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE")
"""Variables that would change what is measured: the last would have every start compile every module."""
KEYS = {
    "down": "\x1b[B",
    "up": "\x1b[A",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "enter": "\r",
    "escape": "\x1b",
}


@dataclass(frozen=True)
class Step:
    """What came of one key press: ms to the end of the first frame and to the awaited text, and bytes of both.

    ``bytes`` are those of the first frame, ``bytes_later`` all that followed until nothing more came.
    """

    frame_ms: float
    text_ms: float
    bytes: int
    bytes_later: int


class Terminal:
    """Runs ``command``; the screen it draws is kept by pyte."""

    def __init__(self, command: list[str], columns: int = 120, rows: int = 40, **environment: str) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._unread = b""
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.began = time.perf_counter()
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(slave, descriptor)
            os.closerange(3, 256)
            keep = {name: value for name, value in os.environ.items() if name not in UNWANTED}
            keep |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", **environment}
            os.execvpe(command[0], command, keep)
        os.close(slave)
        self._master = master

    def wait(self, text: str | None, quiet_s: float = 0.25, patience_s: float = 60.0) -> Step:
        """Wait until ``text`` is on the screen and nothing more is written for a while."""
        began, frame, seen, last = self.began, 0.0, 0.0, time.perf_counter()
        written = framed = 0
        while True:
            now = time.perf_counter()
            if (seen or text is None) and frame and now - last >= quiet_s:
                return Step(frame, seen, framed, written - framed)
            if now - began > patience_s:
                raise TimeoutError(f"{text!r} never came; the screen says:\n" + "\n".join(self.lines()))
            if not select.select([self._master], [], [], 0.005)[0]:
                continue
            data = os.read(self._master, 262_144)
            last = time.perf_counter()
            written += len(data)
            for match in QUESTION.finditer(data):
                os.write(self._master, b"\x1b[?%s;%d$y" % (match[1], 2 if match[1] == b"2026" else 0))
            if not frame and FRAME_END in data:
                frame = (last - began) * 1000
                framed = written - len(data) + data.index(FRAME_END) + len(FRAME_END)
            self._feed(data)
            if text is not None and not seen and any(text in line for line in self.lines()):
                seen = (last - began) * 1000

    def press(self, key: str, text: str | None = None) -> Step:
        """Press a key and wait for what comes of it."""
        self.began = time.perf_counter()
        os.write(self._master, KEYS.get(key, key).encode())
        return self.wait(text)

    def lines(self) -> list[str]:
        """The text of the screen; pyte's own ``display`` fails while a wide character is half overwritten."""
        return [
            "".join(self.screen.buffer[y][x].data for x in range(self.screen.columns)) for y in range(self.screen.lines)
        ]

    def memory_mb(self) -> float:
        """Resident memory, the highest it has been."""
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024

    def close(self) -> None:
        """End the program."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)

    def _feed(self, data: bytes) -> None:
        data = self._unread + data
        cut = data.rfind(b"\x1b")
        # An escape sequence may come in two parts.
        self._unread = (
            data[cut:] if cut >= 0 and not re.match(rb"\x1b[\[\]][^@-~]*[@-~]|\x1b[^\[\]]", data[cut:]) else b""
        )
        self._stream.feed(UNREADABLE.sub(b"", data[: len(data) - len(self._unread)]))
