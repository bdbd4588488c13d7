"""A month of an operator's life: the people in it, the files that come in, and a desk with the program on it.

``Desk.day`` starts the program in a pseudo-terminal at a moment, hands over its keyboard and screen, and leaves it at
the end of the day by ``q``. Between the days the command line works on the same store, by the same clock.
"""

from __future__ import annotations

import base64
import csv
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import Commands
from kolbench.store.connect import Store
from test_pty import Terminal

if TYPE_CHECKING:
    import pytest

ZONE = "Asia/Shanghai"
AUTHOR = "chen"

ROOM = "好物分享官交流群"

_HEADER = re.compile(r"^(\d{4}-\d\d-\d\d) \d{1,2}:\d\d:\d\d .*", re.MULTILINE)
_CLIPBOARD = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")


@dataclass(frozen=True)
class Cast:
    """Who is in the story, by the names that the files have for them; all but the last two talk in the group."""

    signs: str
    """Says yes, and is heard of no more after a few weeks."""

    refuses: str
    never_answers: str
    is_away: str
    has_moved: str
    """Isn't reached by the first channel. Has an emoji in their name."""

    is_rejected: str

    @property
    def wanted(self) -> Sequence[str]:
        """The five who are shortlisted."""
        return self.signs, self.refuses, self.never_answers, self.is_away, self.has_moved


@dataclass(frozen=True)
class Material:
    """Where the files of a month come from: a table of creators, and the group's export as it is on a day."""

    cast: Cast
    table: Path
    people: int
    """How many the table tells of."""

    chat: str
    folder: Path

    def export(self, until: str) -> Path:
        """The export of the group that somebody made on the day ``until`` (``2016-10-17``), that day included."""
        starts = [found.start() for found in _HEADER.finditer(self.chat)]
        later = (found.start() for found in _HEADER.finditer(self.chat) if found[1] > until)
        path = self.folder / f"{ROOM}-{until}.txt"
        path.write_text(self.chat[: next(later, len(self.chat))] if starts else self.chat, encoding="utf-8-sig")
        return path


def real(shared: Path, folder: Path) -> Material:
    """A real group of students, and the 5,025 largest creators of Douyin."""
    cast = Cast(
        signs="大数据-群友101",
        refuses="云计算-群友046",
        never_answers="合作办 群友072",
        is_away="移游-群友164",
        has_moved="雷米🍒变声直播",
        is_rejected="毒舌电影",
    )
    chat = (shared / "chat" / "qq_group_pseudonymised.txt").read_text(encoding="utf-8-sig")
    return Material(cast, shared / "creators" / "douyin_top5025.csv", 5_012, chat, folder)


def made(folder: Path) -> Material:
    """The same on generated files: a group of twelve, and a table of forty."""
    cast = Cast(
        signs="沈青禾",
        refuses="陆一鸣",
        never_answers="何小满Momo",
        is_away="周可",
        has_moved="小鹿🌸爱喝茶",
        is_rejected="全网低价王",
    )
    members = [cast.signs, cast.refuses, cast.never_answers, cast.is_away, *(f"群友{n:02}" for n in range(8))]
    return Material(cast, _table(folder / "达人榜.csv", cast), 38, _chat(members, cast.signs), folder)


def _table(path: Path, cast: Cast) -> Path:
    names = [cast.has_moved, cast.is_rejected, *(f"{place}美食日记{n}" for place in "京沪穗深" for n in range(9))]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["昵称", "粉丝数", "获赞数", "作品数", "地区", "简介"])
        for n, name in enumerate(names):
            table.writerow([name, f"{50 - n}.5万", f"{300 - n}万", 200 + n, "上海", "每天一道家常菜，商务合作请私信"])
    return path


def _chat(members: Sequence[str], falls_silent: str) -> str:
    """Everybody writes every second or third day for four months; one of them until 19 October."""
    rule = "=" * 64
    parts = (
        "消息记录（此消息记录为文本格式，不支持重新导入）\n",
        rule,
        "消息分组:我的QQ群",
        rule,
        f"消息对象:{ROOM}",
        rule,
    )
    head = "\n".join(parts) + "\n\n"
    lines = []
    first = datetime(2016, 7, 19, 19, 30)
    for day in range(115):
        for n, name in enumerate(members):
            at = first + timedelta(days=day, minutes=7 * n)
            if (day + n) % (2 + n % 2) or (name == falls_silent and at.date() > date(2016, 10, 19)):
                continue
            text = f"@{members[(n + day) % len(members)]} 谢谢分享" if day % 3 else f"第{day}天打卡，今天喝的龙井"
            lines.append((at, f"{at:%Y-%m-%d %H:%M:%S} {name}({10_000_000 + n})\n{text}\n\n"))
    return head + "".join(text for _at, text in sorted(lines))


class Workbench(Terminal):
    """The program in a terminal, and an operator's way with keys: what is pressed, then what has to be seen."""

    @property
    def copied(self) -> list[str]:
        """What the program has put into the terminal's clipboard, the newest last."""
        return [base64.b64decode(found).decode() for found in _CLIPBOARD.findall(bytes(self.written))]

    def press(self, keys: str, *seen: str) -> None:
        """Press keys, and wait until all of this is on the screen."""
        self.type(keys)
        for text in seen:
            self.shows(text)

    def gone(self, text: str) -> None:
        """Wait until a text isn't on the screen any more."""
        self.until(lambda: text not in self.text)

    def lines(self, text: str) -> list[str]:
        """The lines of the screen that hold a text."""
        return [line.rstrip() for line in self.rows if text in line]


class Desk:
    """An operator's place: a store in ``folder``, the program, and a clock."""

    def __init__(self, folder: Path, kolbench: Commands, patch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
        self.folder = folder
        self.path = folder / "kolbench.db"
        self.size = size
        self.kolbench = kolbench
        self._patch = patch
        self._open: list[Workbench] = []
        self._store: Store | None = None
        patch.setenv("LOGNAME", AUTHOR)
        patch.setenv("TZ", ZONE)
        time.tzset()

    def at(self, moment: str) -> None:
        """Let it be a moment in the operator's zone: ``2016-10-17 10:00``."""
        self._patch.setenv("KOLBENCH_NOW", f"{moment.replace(' ', 'T')}:00+08:00")

    @contextmanager
    def day(self, moment: str) -> Iterator[Workbench]:
        """The program from its start at ``moment`` until it was left by ``q``."""
        self.at(moment)
        environment = {name: os.environ[name] for name in ("KOLBENCH_NOW", "LOGNAME", "TZ", "XDG_CONFIG_HOME")}
        command = [sys.executable, "-m", "kolbench", "--store", str(self.path)]
        bench = Workbench(command, self.size, environment)
        self._open.append(bench)
        bench.start()
        yield bench
        bench.type("q")
        assert bench.ended() == 0, bench.text

    def run(self, *arguments: object) -> Any:
        """Run a command that must succeed on the same store, and return its JSON."""
        ran = self.kolbench(*arguments, "--json")
        assert ran.code == 0, ran.err
        return ran.json

    def count(self, rows: str, *values: object) -> int:
        """How many rows the store has: ``follow_up WHERE state = 'done'``."""
        return int(self.store.reader().execute(f"SELECT count(*) FROM {rows}", values).fetchone()[0])

    @property
    def store(self) -> Store:
        """The store, once there is one."""
        if self._store is None:
            self._store = Store.open(self.path)
        return self._store

    def open_rules(self, name: str) -> set[str]:
        """Which rules ask for something about a person, as the store has it now."""
        query = "SELECT rule FROM follow_up JOIN creator ON creator.id = creator_id WHERE state = 'open' AND name = ?"
        return {str(rule) for (rule,) in self.store.reader().execute(query, (name,))}

    def leave(self) -> None:
        """End what still runs."""
        for bench in self._open:
            bench.close()
        if self._store is not None:
            self._store.close()


def desk(folder: Path, kolbench: Commands, patch: pytest.MonkeyPatch, size: tuple[int, int]) -> Iterator[Desk]:
    """A desk in ``folder``; at the end everything is as it was."""
    made = Desk(folder, kolbench, patch, size)
    yield made
    made.leave()
    patch.undo()
    time.tzset()
