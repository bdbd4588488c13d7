"""The program itself under a real pseudo-terminal: started, used, left, and left alone by a line that broke."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyte
import pytest

from kolbench.store import runs, sources
from kolbench.store.connect import Store
from stage import Stage

PATIENCE_S = 60.0
"""So long a loaded machine may take for anything here; nothing waits as long."""

SLOW_PLATFORM = """
import time
from kolbench import AccountRecord, Page, hookimpl


class Slow:
    name = "slow"
    title = "a platform that takes its time"
    platform = "slow"
    feeds = ("profiles",)
    settings = ()
    limits = None

    def pull(self, pull):
        for number in range(int(pull.cursor or 0), 100_000):
            people = [AccountRecord(uid=f"{number}-{n}", metrics={"followers": n}) for n in range(10)]
            yield Page(people, str(number + 1), 1_000_000)
            time.sleep(0.01)


@hookimpl
def kolbench_register_adapters(register):
    register(Slow())
"""


@dataclass
class Terminal:
    """A terminal of some cells with a program in it, which speaks English and lives in UTC unless told otherwise."""

    command: list[str]
    size: tuple[int, int] = (100, 30)
    environment: Mapping[str, str] = field(default_factory=dict)
    pid: int = 0
    master: int = -1
    written: bytearray = field(default_factory=bytearray)
    """All that the program has sent to the terminal."""

    def start(self) -> None:
        width, height = self.size
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", KOLBENCH_LANG="en", TZ="UTC")
            os.environ.update(self.environment)
            for name in ("COLUMNS", "LINES", "TEXTUAL_DRIVER"):
                os.environ.pop(name, None)
            # Only what is said here: readline, where a runner has loaded it, puts a size of its own behind our back.
            os.execve(self.command[0], self.command, dict(os.environ))
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    @property
    def rows(self) -> list[str]:
        """The rows of the screen; unlike pyte's own, also where half of a wide character was written over."""
        return ["".join(self.screen.buffer[y][x].data for x in range(self.size[0])) for y in range(self.size[1])]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def until(self, met: Callable[[], bool]) -> None:
        """Read what the program writes until a condition is met."""
        deadline = time.monotonic() + PATIENCE_S
        while not met():
            assert time.monotonic() < deadline, self.text
            self.read(0.05)

    def read(self, seconds: float) -> None:
        """Take what the program has written, waiting at most so long for it."""
        if self.master >= 0 and select.select([self.master], [], [], seconds)[0]:
            with suppress(OSError):  # a program that has ended leaves no terminal
                told = os.read(self.master, 65_536)
                self.written += told
                self.stream.feed(told)

    def shows(self, text: str) -> None:
        self.until(lambda: text in self.text)
        assert text in self.text

    def resize(self, width: int, height: int) -> None:
        """Make the terminal another size."""
        self.size = (width, height)
        self.screen.resize(height, width)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def hang_up(self) -> None:
        """What a dropped SSH line does: the other side of the terminal is gone."""
        os.close(self.master)
        self.master = -1

    def ended(self) -> int:
        """Wait until the program has ended; its exit code, or the signal that killed it as a negative number."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, f"the program is still there: {self.text}"
            self.read(0.0)
            time.sleep(0.02)

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.master >= 0:
            os.close(self.master)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(*arguments: object) -> Terminal:
        opened.append(Terminal([sys.executable, "-m", "kolbench", *map(str, arguments)]))
        opened[-1].start()
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def slow(tmp_path: Path) -> tuple[Path, Path]:
    """A store with one source, and the folder of the plugin that reads it, slowly."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "slow.py").write_text(SLOW_PLATFORM)
    store = Store.open(tmp_path / "kolbench.db")
    sources.add(store, "slowly", "slow", "slow", {})
    store.close()
    return tmp_path / "kolbench.db", plugins


def test_it_starts_goes_from_place_to_place_and_leaves_the_terminal_as_it_was(
    terminal: Callable[..., Terminal], stage: object, tmp_path: Path
) -> None:
    shell = terminal("--store", tmp_path / "kolbench.db")
    shell.shows("all open")
    shell.type("1")
    shell.shows("12 creators")
    shell.type("2")
    shell.shows("People who addressed them")
    shell.type("4")
    shell.shows("3 sources")
    shell.type("1/")
    shell.shows("name or handle")
    shell.type("\x1b")
    shell.until(lambda: "name or handle" not in shell.text)
    shell.type("q")
    assert shell.ended() == 0
    assert pyte.modes.DECTCEM in shell.screen.mode


def test_a_dropped_line_ends_the_program(terminal: Callable[..., Terminal], stage: object, tmp_path: Path) -> None:
    shell = terminal("--store", tmp_path / "kolbench.db")
    shell.shows("all open")
    shell.hang_up()
    shell.ended()


def test_a_line_dropped_during_a_sync_loses_and_doubles_nothing(
    terminal: Callable[..., Terminal], slow: tuple[Path, Path]
) -> None:
    path, plugins = slow
    shell = terminal("--store", path, "--plugin-dir", plugins)
    shell.shows("There is nobody in this store yet")
    shell.type("4")
    shell.shows("slowly")
    shell.type("r")
    shell.shows("Esc stops")
    store = Store.open(path)
    source = sources.get(store, "slowly")
    shell.until(lambda: int(runs.cursor(store, source, "profiles") or 0) > 5)
    shell.hang_up()
    shell.ended()
    pages = int(runs.cursor(store, source, "profiles") or 0)
    assert store.reader().execute("SELECT count(*) FROM account").fetchone() == (10 * pages,)
    assert store.reader().execute("PRAGMA integrity_check").fetchone() == ("ok",)
    runs.mark_interrupted(store)
    assert runs.recent(store)[0].state in ("cancelled", "interrupted")
    store.close()


def test_leaving_during_a_sync_stops_it_at_a_page(terminal: Callable[..., Terminal], slow: tuple[Path, Path]) -> None:
    path, plugins = slow
    shell = terminal("--store", path, "--plugin-dir", plugins)
    shell.shows("There is nobody in this store yet")
    shell.type("4")
    shell.shows("slowly")
    shell.type("r")
    shell.shows("Esc stops")
    store = Store.open(path)
    shell.until(lambda: bool(runs.recent(store)))  # told to stop before it has begun, a source has no run
    shell.type("q")
    shell.shows("Something is still running")
    shell.type("j\r")
    assert shell.ended() == 0
    assert runs.recent(store)[0].state == "cancelled"
    store.close()


def test_ctrl_z_gives_the_terminal_back_and_fg_draws_the_screen_again(
    terminal: Callable[..., Terminal], stage: object, tmp_path: Path
) -> None:
    shell = terminal("--store", tmp_path / "kolbench.db")
    shell.shows("all open")
    shell.type("\x1a")

    def stopped() -> bool:
        with suppress(FileNotFoundError):
            state = Path(f"/proc/{shell.pid}/stat").read_text().rpartition(")")[2].split()[0]
            return state == "T"
        return False

    shell.until(stopped)
    shell.read(0.2)
    assert pyte.modes.DECTCEM in shell.screen.mode
    echoes = termios.tcgetattr(shell.master)[3] & termios.ECHO
    assert echoes, "the shell's line is as it was"
    shell.screen.reset()  # what a shell writes meanwhile
    os.kill(shell.pid, signal.SIGCONT)
    shell.shows("all open")
    shell.shows("4 Sync")
    shell.type("1")
    shell.shows("12 creators")
    shell.type("q")
    assert shell.ended() == 0


@pytest.mark.parametrize("place", "123456")
def test_every_place_is_drawn_anew_when_the_terminal_changes_its_size(
    terminal: Callable[..., Terminal], stage: object, tmp_path: Path, place: str
) -> None:
    shell = terminal("--store", tmp_path / "kolbench.db")
    shell.shows("all open")
    shell.type(place)
    for size in ((60, 20), (120, 40), (80, 24)):
        shell.resize(*size)
        shell.until(lambda: "1 " in shell.rows[0][:16] and ": Commands" in shell.rows[-1])


def test_keys_that_come_all_at_once_go_to_the_window_that_the_key_before_opened(
    terminal: Callable[..., Terminal], stage: object, tmp_path: Path
) -> None:
    """As over a slow line: what follows Enter is the answer to its question, and no letter overtakes a backspace."""
    shell = terminal("--store", tmp_path / "kolbench.db")
    shell.shows("all open")
    shell.type("1")
    shell.shows("12 creators")
    shell.type("b")
    shell.shows("write a new brief")
    shell.type("j\r\r夏季x\x7f防晒\rj\r3j\r12\x7f5\r")
    shell.until(lambda: any(line.split() == ["❯", "People", "wanted", "15"] for line in shell.rows))
    assert any(line.split() == ["Name", "夏季防晒"] for line in shell.rows)
    assert "convert: " in shell.text
    shell.type("qjj\rq")  # leave the form, choose to keep nothing, leave the program
    assert shell.ended() == 0


def test_leaving_while_another_process_writes_loses_nothing_that_was_done(
    terminal: Callable[..., Terminal], stage: Stage, tmp_path: Path
) -> None:
    def closed(state: str) -> int:
        (found,) = stage.store.reader().execute("SELECT count(*) FROM follow_up WHERE state = ?", (state,)).fetchone()
        return int(found)

    shell = terminal("--store", tmp_path / "kolbench.db")
    shell.until(lambda: closed("resolved") == 1)  # the rules were asked: what they resolve can't be done any more
    shell.shows("all open 10")
    before = closed("done")
    with stage.store.writing():
        shell.type("d1d1d1q")
        shell.until(lambda: pyte.modes.DECTCEM in shell.screen.mode)  # the cursor of the shell: it has left the screen
        assert closed("done") == before
    assert shell.ended() == 0
    assert closed("done") == before + 3
