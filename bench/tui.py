"""What a table of a million rows costs in the terminal, beside a bare Textual app; bars from the project's goals.

Run: python bench/tui.py [--rows N] [--cache FOLDER] [--runs N]
     python bench/tui.py --ready TEXT --sort KEY --sorted TEXT -- kolbench --store BIG.db

Without a command it measures a small app of its own (``tui_app.py``) over a table it makes once in the cache folder.
The runs of both programs alternate, and of the starts the fastest counts: the least disturbed one. A detail pane
follows the cursor when it rests; what that costs is printed apart.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
from terminal import Step, Terminal

HERE = Path(__file__).parent
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "子轩梓涵浩然雨桐欣怡思远佳琪俊杰一诺晨曦若溪嘉懿博文"
NICKNAMES = (
    "小仙女",
    "の日常",
    "爱吃火锅",
    "Official",
    "老师讲科技",
    "🍜探店",
    "美妆研究所",
    "旅行笔记",
    "_vlog",
    "笔记",
)
PLATFORMS = ("weibo", "mastodon", "bluesky", "xiaohongshu", "bilibili", "csv")
STATES = ("new", "contacted", "replied", "agreed", "declined")
NOTES = ("", "已发邮件", "等待报价", "follow up next week", "报价 ¥12,000／条")


def make(path: Path, rows: int) -> None:
    """A table of ``rows`` people, the same every time."""
    chance = random.Random(7)

    def person(n: int) -> tuple[object, ...]:
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN) + chance.choice(NICKNAMES)
        seen = (
            f"2026-0{chance.randint(1, 9)}-{chance.randint(10, 28)} {chance.randint(10, 23)}:{chance.randint(10, 59)}"
        )
        followers, engagement = int(10 ** chance.uniform(2, 7)), round(chance.uniform(0.1, 12), 2)
        state, note = chance.choice(STATES), chance.choice(NOTES)
        return f"@user_{n:07d}", name, chance.choice(PLATFORMS), followers, engagement, seen, state, note

    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as db:
        db.execute(
            "CREATE TABLE kol (id INTEGER PRIMARY KEY, handle TEXT, name TEXT, platform TEXT, followers INTEGER,"
            " engagement REAL, last_post TEXT, status TEXT, note TEXT)"
        )
        db.executemany(f"INSERT INTO kol VALUES ({', '.join('?' * 9)})", ((n + 1, *person(n)) for n in range(rows)))
        db.execute("CREATE INDEX kol_followers ON kol (followers DESC, id)")
        db.execute("CREATE INDEX kol_engagement ON kol (engagement DESC, id)")
        db.execute("ANALYZE")
        db.commit()
    part.rename(path)


def run(command: list[str], options: argparse.Namespace) -> tuple[dict[str, list[Step]], float]:
    """One session: start, walk about, sort there and back."""
    terminal = Terminal(command, *map(int, options.size.split("x")))
    try:
        steps = {"first frame": [terminal.wait(options.ready)]}
        steps["cursor down"] = [terminal.press("down") for _press in range(60 // options.runs)]
        steps["page down"] = [terminal.press("pagedown") for _press in range(30 // options.runs)]
        steps["end"] = [terminal.press("end")]
        steps["home"] = [terminal.press("home")]
        steps["sort"] = [
            terminal.press(key, text) for key, text in zip(options.sort.split(), options.sorted.split(","), strict=True)
        ]
        return steps, terminal.memory_mb()
    finally:
        terminal.close()


def bare_start(options: argparse.Namespace) -> float:
    terminal = Terminal([sys.executable, str(HERE / "tui_bare.py")], *map(int, options.size.split("x")))
    try:
        return terminal.wait("READY").text_ms
    finally:
        terminal.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "kolbench-bench")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--ready", default="READY", help="text that says that the first rows are shown")
    parser.add_argument("--sort", default="s s", help="keys that each change the order")
    parser.add_argument("--sorted", default="by engagement,by followers", help="texts that say that it is changed")
    parser.add_argument("command", nargs="*", help="the program to measure, behind --")
    options = parser.parse_args()
    command = options.command
    if not command:
        options.cache.mkdir(parents=True, exist_ok=True)
        path = options.cache / f"people-{options.rows}.db"
        if not path.exists():
            print(f"making {options.rows:,} rows …", file=sys.stderr)
            make(path, options.rows)
        command = [sys.executable, str(HERE / "tui_app.py"), str(path)]

    bare, steps, memory = [], dict[str, list[Step]](), 0.0
    for _run in range(options.runs):
        bare.append(bare_start(options))
        one, peak = run(command, options)
        memory = max(memory, peak)
        for name, some in one.items():
            steps.setdefault(name, []).extend(some)

    start, down, page = steps["first frame"], steps["cursor down"], steps["page down"]
    fastest = min(step.text_ms for step in start)
    rows = [
        ("first useful frame / bare app", fastest / min(bare), 1.6, ""),
        ("  the app", fastest, None, "ms"),
        ("  the bare app", min(bare), None, "ms"),
        ("cursor down", median(step.bytes for step in down), 500, "bytes"),
        ("cursor down, to the frame", median(step.frame_ms for step in down), 12, "ms"),
        ("  and once it rests", median(step.bytes_later for step in down), None, "bytes"),
        ("page down", median(step.bytes for step in page), 6_000, "bytes"),
        ("page down, to the frame", median(step.frame_ms for step in page), None, "ms"),
        ("end", median(step.frame_ms for step in steps["end"]), None, "ms"),
        ("home", median(step.frame_ms for step in steps["home"]), None, "ms"),
        ("sort by another column", median(step.text_ms for step in steps["sort"]), 100, "ms"),
        ("resident memory, highest", memory, 90, "MB"),
    ]
    missed = False
    for name, value, bar, unit in rows:
        beyond = bar is not None and value > bar
        missed = missed or beyond
        print(f"{name:32}{value:10.2f} {unit:6}" + (f"(bar: {bar}){' MISSED' if beyond else ''}" if bar else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
