"""The lean driver shows what the plain one shows, and ends with the line."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import textwrap
import time
from dataclasses import dataclass, field

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, split_graphemes

from kolbench.widgets.driver import LeanDriver, SteadyDriver, driver_class
from kolbench.widgets.terminal import Terminal, abides

WIDTH, HEIGHT = 24, 6

# A terminal of our own: pyte leaves half a wide character standing.


@dataclass
class Cell:
    text: str = " "
    pen: tuple[object, ...] = ()


def seen(cell: Cell) -> tuple[object, ...]:
    *pen, link = cell.pen or ("",)
    names = {item[0] for item in pen if isinstance(item, tuple)}
    if cell.text == " " and not names & {"4", "7", "9"}:
        pen = [item for item in pen if isinstance(item, tuple) and item[0] == "48"]
    return (*pen, link)


@dataclass
class Vt:
    """Enough of a terminal to draw what Textual writes; ``clusters`` draws a cluster as wide as Rich says."""

    width: int = WIDTH
    height: int = HEIGHT
    clusters: bool = True
    x: int = 0
    y: int = 0
    pen: dict[str, str] = field(default_factory=dict)
    link: str = ""
    modes: dict[str, str] = field(default_factory=dict)
    cells: list[list[Cell]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.cells = [[Cell() for _ in range(self.width)] for _ in range(self.height)]

    def feed(self, data: str) -> None:
        for match in re.finditer(
            r"\x1b\[([?>]?)([\d;]*)([A-Za-z])|\x1b\]([^\x1b\x07]*)(?:\x1b\\|\x07)|([\n\r\x07])|([^\x1b\n\r\x07]+)", data
        ):
            private, arguments, final, osc, control, text = match.groups()
            if text:
                self.draw(text)
            elif control == "\r":
                self.x = 0
            elif control == "\n":
                assert self.y < self.height - 1, "scrolled"
                self.x, self.y = 0, self.y + 1
            elif osc and osc.startswith("8;"):
                self.link = "" if osc.endswith(";") else osc
            elif final:
                self.command(private, arguments, final)

    def command(self, private: str, arguments: str, final: str) -> None:
        first = int(arguments.split(";")[0] or 1) if final in "HCGAB" else 0
        if private:
            self.modes[arguments] = final
            if arguments == "1049":
                self.clear()
        elif final == "H":
            self.y, self.x = first - 1, int([*arguments.split(";"), "1", "1"][1]) - 1
        elif final == "C":
            assert self.x + first < self.width
            self.x += first
        elif final == "G":
            self.x = first - 1
        elif final == "J":
            self.clear()
        elif final == "m":
            self.turn(arguments)
        else:
            raise AssertionError(f"unexpected {final}")

    def turn(self, arguments: str) -> None:
        codes = iter(arguments.split(";"))
        for code in codes:
            n = int(code or 0)
            if n == 0:
                self.pen = {}
            elif n in (38, 48):
                kind = next(codes)
                self.pen[str(n)] = ";".join([kind] + [next(codes) for _ in range(3 if kind == "2" else 1)])
            elif 30 <= n <= 37 or 90 <= n <= 97:
                self.pen["38"] = code
            elif 40 <= n <= 47 or 100 <= n <= 107:
                self.pen["48"] = code
            elif n in (39, 49):
                self.pen.pop(str(n - 1), None)
            elif n < 20:
                self.pen[code] = "on"
            else:
                for off in {22: "12", 23: "3", 24: "4", 25: "5", 27: "7", 28: "8", 29: "9"}[n]:
                    self.pen.pop(off, None)

    def draw(self, text: str) -> None:
        if self.clusters:
            spans, _ = split_graphemes(text)
            pieces = [(text[a:b], width) for a, b, width in spans]
        else:
            pieces = [(c, cell_len(c)) for c in text if c not in "\u200d\ufe0f"]
        pen = (*sorted(self.pen.items()), self.link)
        for piece, width in pieces:
            if not width:
                continue
            x = min(self.x, self.width - width)
            row = self.cells[self.y]
            if row[x].text == "":
                row[x - 1].text = " "
            if x + width < self.width and row[x + width].text == "":
                row[x + width].text = " "
            row[x] = Cell(piece, pen)
            if width == 2:
                row[x + 1] = Cell("", pen)
            self.x = min(x + width, self.width)

    def shown(self) -> list[list[tuple[str, tuple[object, ...]]]]:
        """Every cell as it is seen: of a blank only the background, unless lines or a reversal show more."""
        return [[(cell.text, seen(cell)) for cell in row] for row in self.cells]

    def at(self) -> tuple[int, int]:
        return self.y, min(self.x, self.width - 1)


PENS = [
    "",
    "1",
    "31",
    "38;2;1;2;3;48;2;4;5;6",
    "1;38;2;1;2;3;48;2;4;5;6",
    "48;5;7",
    "2;3;4;7;97;104",
    "38;2;9;9;9;48;2;4;5;6",
]
LETTERS = list("ab  xyz") + list("王の轩") + ["🍜", "e\u0301", "ก็", "é", "│", "👍🏽", "❤\ufe0f", "👨\u200d👩"]
LINK = "\x1b]8;id=1;https://example.org\x1b\\"


def text_of(letters: list[str], width: int) -> str:
    """The letters as exactly ``width`` cells, so that none is cut in two."""
    text = ""
    for letter in letters:
        if cell_len(text + letter) > width:
            break
        text += letter
    return text + " " * (width - cell_len(text))


@st.composite
def runs(draw: st.DrawFn) -> tuple[int, int, str]:
    """A run: where, and text in one to three pens."""
    y = draw(st.integers(0, HEIGHT - 1))
    x = draw(st.integers(0, WIDTH - 1))
    room = WIDTH - x
    payload = ""
    for _ in range(draw(st.integers(1, 3))):
        if not room:
            break
        width = draw(st.integers(1, room))
        text = text_of(draw(st.lists(st.sampled_from(LETTERS), max_size=width)), width)
        pen = draw(st.sampled_from(PENS))
        styled = f"\x1b[{pen}m{text}\x1b[0m" if pen else text
        payload += f"{LINK}{styled}\x1b]8;;\x1b\\" if draw(st.integers(0, 5)) == 0 else styled
        room -= width
    return y, x, payload


@st.composite
def frames(draw: st.DrawFn) -> str:
    """What Textual writes at once: runs by line, a line end behind all but the last, and the cursor's place."""
    lines = sorted(draw(st.lists(runs(), min_size=1, max_size=8)))
    last = lines[-1][0]
    body = "".join(f"\x1b[{y + 1};{x + 1}H{payload}" + ("\n" if y != last else "") for y, x, payload in lines)
    return body + f"\x1b[{draw(st.integers(1, HEIGHT))};{draw(st.integers(1, WIDTH))}H"


ODD = [
    "\x07",
    "\x1b[?25h",
    "\x1b[?1049h",
    "\x1b[?1004h",
    "\x1b[2J",
    "\x1b]52;c;aGk=\x07",
    "\x1b[2;3Hstray",
    "plain",
    "\x1b[?25l\x1b[?1000h",
]


WRITES = st.one_of(frames(), frames(), frames(), st.sampled_from(ODD))


EDITS = st.sampled_from(
    [("", ""), ("王", "轩"), ("a", "b"), ("x", " "), (" ", "y"), ("4;5;6", "4;5;7"), ("1;2;3", "9;9;9")]
)


@given(st.lists(st.tuples(WRITES, st.none() | st.integers(0, 11), EDITS), min_size=1, max_size=12))
@settings(max_examples=300, deadline=None)
def test_the_lean_screen_equals_the_plain_one_in_every_cell_and_colour(
    writes: list[tuple[str, int | None, tuple[str, str]]],
) -> None:
    plain, lean, terminal = Vt(), Vt(), Terminal(WIDTH, HEIGHT)
    shown: list[str] = []
    for fresh, again, (old, new) in writes:
        write = fresh if again is None or again >= len(shown) else shown[again].replace(old, new, 3)
        shown.append(write)
        plain.feed(write)
        lean.feed(write if abides(write) else terminal.lean(write))
        assert lean.shown() == plain.shown()
        assert lean.at() == plain.at()
        assert lean.modes == plain.modes


@given(st.lists(frames(), min_size=2, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_frame_sent_twice_costs_nothing_the_second_time(writes: list[str]) -> None:
    terminal = Terminal(WIDTH, HEIGHT)
    overlapping = False
    for write in writes:
        terminal.lean(write)
        again = terminal.lean(write)
        # Runs that overlap within a frame undo each other; Textual's never do, ours at random may.
        overlapping = overlapping or bool(again)
        if not overlapping:
            assert again == ""


@given(frames(), frames())
@settings(max_examples=100, deadline=None)
def test_after_a_resize_the_next_frame_is_sent_whole(before: str, after: str) -> None:
    terminal, fresh = Terminal(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    terminal.lean(before)
    terminal.resize(WIDTH, HEIGHT)
    assert terminal.lean(after) == fresh.lean(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("王一二三四五六七", "李一二三四五六八"),
        ("王一二三四五六七", "王一二三 a 六七 "),
        ("\x1b[7;31m        \x1b[0m", "\x1b[7;32m        \x1b[0m"),
        ("\x1b[7;31m  \x1b[0m    ", "\x1b[7;31m  \x1b[0m\x1b[42m  \x1b[0m  "),
        (f"{LINK}\x1b[31mabc\x1b[0m\x1b]8;;\x1b\\ x", f"{LINK}\x1b[31mabd\x1b[0m\x1b]8;;\x1b\\\x1b[42m \x1b[0mx"),
        ("abc x", f"ab{LINK}\x1b[31mc\x1b[0m \x1b]8;;\x1b\\y"),
    ],
)
def test_a_change_within_a_row_leads_to_the_same_row(before: str, after: str) -> None:
    plain, lean, terminal = Vt(), Vt(), Terminal(WIDTH, HEIGHT)
    for payload in (before, after):
        frame = f"\x1b[2;3H{payload}\x1b[1;1H"
        plain.feed(frame)
        lean.feed(terminal.lean(frame))
    assert lean.shown() == plain.shown()


def test_unchanged_cells_are_stepped_over_and_blanks_take_any_pen_of_their_background() -> None:
    terminal = Terminal(WIDTH, HEIGHT)
    terminal.lean("\x1b[1;1H\x1b[31;44mone two  three four five\x1b[0m\x1b[1;1H")
    now = "\x1b[1;1H\x1b[31;44mane two  three\x1b[0m\x1b[1;32;44m    five\x1b[0m\x1b[2;1H"
    assert terminal.lean(now) == "\x1b[31;44ma\x1b[14C   \x1b[1;32mfive\x1b[m\x1b[2H"


def test_turning_one_attribute_off_leaves_the_others_it_shares_a_code_with() -> None:
    plain, lean, terminal = Vt(), Vt(), Terminal(WIDTH, HEIGHT)
    frame = "\x1b[1;1H\x1b[1;2;48;2;1;2;3;38;2;1;2;3ma\x1b[0m\x1b[2;48;2;1;2;3;38;2;1;2;3mb\x1b[0m\x1b[1;1H"
    plain.feed(frame)
    lean.feed(terminal.lean(frame))
    assert lean.shown() == plain.shown()


def test_moving_a_cursor_bar_sends_the_two_rows_only() -> None:
    terminal = Terminal(80, 24)
    row = "\x1b[38;2;200;200;200;48;2;20;20;20m{}\x1b[0m"
    bar = "\x1b[1;38;2;20;20;20;48;2;200;200;200m{}\x1b[0m"

    def frame(cursor: int) -> str:
        lines = [f"\x1b[{y + 1};1H" + (bar if y == cursor else row).format(f"row {y}".ljust(80)) for y in range(24)]
        return "\n".join(lines) + "\x1b[1;1H"

    terminal.lean(frame(3))
    assert len(terminal.lean(frame(4))) < 2 * 80 + 120


@pytest.mark.parametrize("cluster", ["👨\u200d👩\u200d👧", "🇨🇳", "1\ufe0f\u20e3", "❤\ufe0f", "👍🏽"])
def test_a_cluster_that_terminals_dispute_never_moves_what_stands_behind_it(cluster: str) -> None:
    width = cell_len(cluster)
    text = f"a{cluster}" + "behind it all".ljust(WIDTH - 1 - width)
    for clusters in (True, False):
        vt, terminal = Vt(clusters=clusters), Terminal(WIDTH, HEIGHT)
        vt.feed(terminal.lean(f"\x1b[1;1H{'x' * WIDTH}\x1b[1;1H"))
        vt.feed(terminal.lean(f"\x1b[1;1H{text}\x1b[1;1H"))
        line = [cell.text for cell in vt.cells[0]]
        assert "".join(line[1 + width :]) == text[1 + len(cluster) :]
        assert line[0] == "a"
        assert "x" not in line


def test_a_flag_is_drawn_whole_when_half_of_it_changes() -> None:
    terminal = Terminal(WIDTH, HEIGHT)
    terminal.lean("\x1b[1;1H🇨🇳\x1b[1;1H")
    assert "🇨🇦" in terminal.lean("\x1b[1;1H🇨🇦\x1b[1;1H")


def test_a_disputed_cluster_repairs_the_neighbour_it_spilled_into() -> None:
    vt, terminal = Vt(clusters=False), Terminal(WIDTH, HEIGHT)
    vt.feed(terminal.lean(f"\x1b[1;1H{'│detail'.rjust(12).ljust(WIDTH)}\x1b[1;1H"))
    vt.feed(terminal.lean("\x1b[1;2H👨\u200d👩\u200d👧\u200d👦\x1b[1;1H"))
    assert "".join(cell.text for cell in vt.cells[0]).endswith("│detail".ljust(WIDTH - 5))


def test_repairs_leave_alone_what_is_not_known_of_half_a_wide_character() -> None:
    for overwritten in (5, 6):
        vt, terminal = Vt(clusters=False), Terminal(WIDTH, HEIGHT)
        vt.feed(terminal.lean(f"\x1b[1;1H{'.' * 5}王{'.' * 10}|".ljust(WIDTH) + "\x1b[1;1H"))
        vt.feed(terminal.lean(f"\x1b[1;{overwritten + 1}Ha\x1b[1;1H"))
        vt.feed(terminal.lean("\x1b[1;3H👨\u200d👩\u200d👧\u200d👦\x1b[1;1H"))
        assert vt.cells[0][overwritten].text == "a"
        assert vt.cells[0][17].text == "|"


def test_a_text_wider_than_the_terminal_is_passed_on_untouched() -> None:
    terminal = Terminal(4, 2)
    frame = "\x1b[1;1Htoo wide\x1b[1;1H"
    assert terminal.lean(frame) == frame


def test_the_driver_is_lean_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    monkeypatch.delenv("KOLBENCH_DRIVER", raising=False)
    assert driver_class() is LeanDriver
    monkeypatch.setenv("KOLBENCH_DRIVER", "plain")
    assert driver_class() is SteadyDriver
    monkeypatch.setenv("TEXTUAL_DRIVER", "some:Driver")
    assert driver_class() is None


# A real terminal.

APP = """
    import sys, time
    from textual.app import App
    from textual.widgets import Static
    import kolbench.widgets.driver as driver

    class Tiny(App):
        BINDINGS = [("n", "next", "Next"), ("q", "quit", "Quit"), ("r", "redraw", "Redraw"), ("b", "block", "Block")]
        turn = 0
        def compose(self):
            yield Static("READY 王の🍜", id="a", markup=False)
            yield Static("", id="b", markup=False)
        def action_next(self):
            self.turn += 1
            self.query_one("#a").update(f"turn {self.turn} 🍜 | {'王' * self.turn}")
            self.query_one("#b").update("x" * 30 * self.turn + f"end {self.turn}")
            self.query_one("#b").styles.background = ["red", "blue"][self.turn % 2]
        def action_redraw(self):
            driver.redraw(self)
        def action_block(self):
            driver.GRACE_S = 0.2
            time.sleep(60)

    app = Tiny(driver_class=driver.driver_class())
    app.run()
    sys.exit(app.return_code)
"""


class Pty:
    """An app in a terminal of its own."""

    def __init__(self, prepare: str = "", **environment: str) -> None:
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 60, 0, 0))
        self.screen = pyte.Screen(60, 12)
        self.stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.master = master
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(slave, descriptor)
            os.closerange(3, 64)
            code = textwrap.dedent(prepare) + textwrap.dedent(APP)
            keep = {
                **os.environ,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "LC_ALL": "C.UTF-8",
                **environment,
            }
            os.execve(sys.executable, [sys.executable, "-c", code], keep)
        os.close(slave)

    def lines(self) -> list[str]:
        return ["".join(self.screen.buffer[y][x].data for x in range(60)) for y in range(12)]

    def read_until(self, text: str) -> None:
        end = time.monotonic() + 30
        while not any(text in line for line in self.lines()):
            assert time.monotonic() < end, self.lines()
            if select.select([self.master], [], [], 0.2)[0]:
                with contextlib.suppress(OSError):
                    data = os.read(self.master, 65536)
                    self.output += data
                    self.stream.feed(re.sub(rb"\x1b\[[<>=?][\d;]*\$?[a-zA-Z]", b"", data))

    def press(self, key: str, expect: str) -> None:
        os.write(self.master, key.encode())
        self.read_until(expect)

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1

    def ended(self) -> int:
        """The exit code of the app; fails when it does not end by itself."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self.master >= 0 and select.select([self.master], [], [], 0.02)[0]:
                with contextlib.suppress(OSError):
                    self.output += os.read(self.master, 65536)
            else:
                select.select([], [], [], 0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("the app outlives its terminal")

    def __enter__(self) -> Pty:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.master >= 0:
            os.close(self.master)


def test_a_real_app_looks_the_same_through_both_drivers_and_the_lean_one_sends_less() -> None:
    screens, sent = [], []
    for driver in ("plain", "lean"):
        with Pty(KOLBENCH_DRIVER=driver) as pty:
            pty.read_until("READY")
            for turn in range(1, 5):
                pty.press("n", f"end {turn}")
            cells = [pty.screen.buffer[y][x] for y in range(12) for x in range(60)]
            # Of a blank only the background is seen.
            screens.append([cell._replace(fg="", bold=False) if cell.data == " " else cell for cell in cells])
            os.write(pty.master, b"q")
            assert pty.ended() == 0
            sent.append(len(pty.output))
    assert screens[0] == screens[1]
    assert sent[1] < sent[0] / 2


def test_a_screen_that_something_else_wrote_on_is_drawn_again() -> None:
    with Pty() as pty:
        pty.read_until("READY")
        pty.screen.reset()
        pty.press("r", "READY")


IGNORING_HANGUPS = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"


@pytest.mark.parametrize("driver", ["lean", "plain"])
@pytest.mark.parametrize("prepare", ["", IGNORING_HANGUPS])
def test_an_app_ends_when_its_terminal_goes_away(driver: str, prepare: str) -> None:
    with Pty(prepare, KOLBENCH_DRIVER=driver) as pty:
        pty.read_until("READY")
        pty.hang_up()
        assert pty.ended() == 128 + signal.SIGHUP


def test_an_app_that_is_stuck_is_ended_with_its_terminal() -> None:
    with Pty(IGNORING_HANGUPS) as pty:
        pty.read_until("READY")
        os.write(pty.master, b"n")
        pty.read_until("turn 1")
        os.write(pty.master, b"b")
        os.kill(pty.pid, 0)
        pty.hang_up()
        assert pty.ended() == 128 + signal.SIGHUP


def test_a_terminated_app_gives_the_terminal_back() -> None:
    with Pty() as pty:
        pty.read_until("READY")
        os.kill(pty.pid, signal.SIGTERM)
        assert pty.ended() == 128 + signal.SIGTERM
        assert b"\x1b[?1049l" in pty.output
