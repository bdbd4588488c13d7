"""What the queue of follow-ups costs in the terminal: 100,000 open ones over a million people.

Run: python bench/queue_screen.py [--creators N] [--open N] [--cache FOLDER] [--runs N]

It makes a store once in the cache folder, opens the queue in a terminal of its own, beside a bare Textual app and an
empty queue, and acts. Times are those that pass, and the processor's: on a machine that others use, too, the latter
tell more.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from terminal import Terminal

from kolbench.domain.clock import DAY, now
from kolbench.store.connect import Store

HERE = Path(__file__).parent
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "子轩梓涵浩然雨桐欣怡思远佳琪俊杰一诺晨曦若溪嘉懿博文"
PLATFORMS = ("weibo", "douyin", "xiaohongshu", "bilibili", "wechat")
OWNERS = ("chen", "li", "wang", None)
RULES = ("silent", "stale-data")
OPENING_MS, ACTING_MS = 100, 30


def make(path: Path, creators: int, follow_ups: int) -> None:
    """A store with so many people and open follow-ups, the same every time but for the day."""
    chance, at = random.Random(7), now()
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    Store.open(part).close()
    db = sqlite3.connect(part, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("BEGIN")
    db.execute(
        "INSERT INTO source (id, name, adapter, platform, created_at) VALUES (1, 'bench', 'bench', 'weibo', ?)", (at,)
    )
    db.execute(
        "INSERT INTO run (id, source_id, kind, state, started_at, pid) VALUES (1, 1, 'demo', 'done', ?, 1)", (at,)
    )
    for table, columns, rows in (*_people(chance, creators, at), _follow_ups(chance, creators, follow_ups, at)):
        marks = ", ".join("?" * len(columns.split(", ")))
        db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
    db.execute("COMMIT")
    db.execute("ANALYZE")
    db.close()
    path.with_name("settings.toml").write_text('start = "follow_ups"\n')
    part.rename(path)


Rows = tuple[str, str, Iterator[tuple[Any, ...]]]


def _people(chance: random.Random, count: int, at: int) -> Iterator[Rows]:
    names = [chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN) for _ in range(count)]
    people = [(n, name, PLATFORMS[n % 5], f"user{n}") for n, name in enumerate(names, 1)]
    yield (
        "creator",
        "id, name, owner, created_at, run_id",
        ((n, name, chance.choice(OWNERS), at, 1) for n, name, _platform, _handle in people),
    )
    yield (
        "account",
        "id, creator_id, platform, uid, handle, name, seen_at, run_id",
        ((n, n, platform, handle, handle, name, at, 1) for n, name, platform, handle in people),
    )
    yield (
        "standing",
        "creator_id, name, name_key, platform, handle, accounts, tier, kind, score, confidence, version",
        (
            (n, name, f"{name} {handle}", platform, handle, 1, "micro", "kol", chance.uniform(0, 100), 0.5, 1)
            for n, name, platform, handle in people
        ),
    )


def _follow_ups(chance: random.Random, creators: int, count: int, at: int) -> Rows:
    def rows() -> Iterator[tuple[Any, ...]]:
        for n, creator_id in enumerate(chance.sample(range(1, creators + 1), count)):
            days = chance.randint(10, 90)
            seen_at = at - days * DAY
            evidence = json.dumps(
                {"days": days, "usual": 4, "known_until": seen_at, "observed_at": seen_at, "source": "bench"}
            )
            due_at = at + chance.randint(-5, 20) * DAY + chance.randint(0, DAY)
            score = chance.uniform(0, 100)
            yield creator_id, chance.choice(RULES), f"bench {n}", evidence, due_at, at - 10 * DAY, score

    return "follow_up", "creator_id, rule, cause, evidence, due_at, created_at, score", rows()


class Watched(Terminal):
    """A program whose processor's time (ms, of all its threads) is taken when a text comes in sight."""

    awaited = ""
    seen_ms = 0.0

    def spent_ms(self) -> float:
        """The processor's time it has taken so far."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def step(self, key: str, text: str) -> tuple[float, float]:
        """Press a key, if any, and wait for a text: ms that pass until it is in sight, and of the processor."""
        before, self.awaited, self.seen_ms = (self.spent_ms() if key else 0.0), text, 0.0
        step = self.press(key, text) if key else self.wait(text)
        return step.text_ms, self.seen_ms - before

    def _feed(self, data: bytes) -> None:
        super()._feed(data)
        if self.awaited and not self.seen_ms and any(self.awaited in line for line in self.lines()):
            self.seen_ms = self.spent_ms()


def bare() -> Watched:
    """A Textual app that does nothing."""
    return Watched([sys.executable, str(HERE / "tui_bare.py")])


def queue(path: Path) -> Watched:
    """The workbench on a store whose settings open the queue."""
    return Watched([sys.executable, str(HERE / "queue_app.py"), str(path)], KOLBENCH_LANG="en", TZ="UTC")


def store(cache: Path, creators: int, follow_ups: int) -> Path:
    """The store to measure with, made where it isn't there."""
    path = cache / f"queue-{creators}-{follow_ups}" / "kolbench.db"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        print(f"making {follow_ups:,} follow-ups over {creators:,} people …", file=sys.stderr)
        make(path, creators, follow_ups)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "kolbench-bench")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    nobody, everybody = store(options.cache, 1, 0), store(options.cache, options.creators, options.open)
    found: dict[str, list[tuple[float, float]]] = {}

    def measure(name: str, program: Watched, key: str, text: str) -> None:
        found.setdefault(name, []).append(program.step(key, text))

    for _run in range(options.runs):
        for name, start, text in (
            ("a bare app", bare, "READY"),
            ("an empty queue", lambda: queue(nobody), "Nobody waits"),
            ("this queue", lambda: queue(everybody), "d late"),
        ):
            program = start()  # one at a time: a terminal that answers late gets no marks of frames to wait for
            try:
                measure(name, program, "", text)
                if name == "this queue":
                    program.press("j", "overdue ")
                    left = int(next(line for line in program.lines() if "all open" in line).split()[2].replace(",", ""))
                    for n in range(1, 6):
                        program.press("d")
                        measure("done, to the next", program, "1", f"all open {left - n:,}")
                    measure("next section", program, "l", "5d late")
            finally:
                program.close()

    print(f"{'':24}{'least ms':>11}{'processor':>11}{'median ms':>11}{'processor':>11}")
    best, middle = {}, {}
    for name, steps in found.items():
        best[name], middle[name] = ([chosen(column) for column in zip(*steps)] for chosen in (min, median))
        print(f"{name:24}" + "".join(f"{value:11.1f}" for value in (*best[name], *middle[name])))
    over, cpu = (of - bare for of, bare in zip(middle["this queue"], middle["a bare app"]))
    acting = middle["done, to the next"][1]
    print(f"opening, over a bare app: {over:.1f} ms, processor: {cpu:.1f} ms (bar: {OPENING_MS})")
    print(f"an act until it is drawn, processor: {acting:.1f} ms (bar: {ACTING_MS})")
    return 0 if over <= OPENING_MS and acting <= ACTING_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
