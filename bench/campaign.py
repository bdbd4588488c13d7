"""Leaderboards of a large campaign: deriving everybody, what a sync adds, settled, and opening pages.

    python bench/forest.py forest.db --scale 0.1
    python bench/campaign.py forest.db --engines /path/to/venv/bin/python

``--engines`` names an interpreter with ``duckdb polars pyarrow``; without it only SQLite's recursive CTE is run
beside KOLbench. Each engine has a process of its own and works on the same job: everybody's sums, distinct people and
ranks by five figures, kept in a table. DuckDB and Polars read Parquet files that are made beforehand, which isn't
counted; KOLbench also builds the indexes of its lists, in transactions between which others can write. Digests say that
all found the same. Processor seconds are of all threads; others' load doesn't count in them.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

from forest import END, code

from kolbench.analysis.campaigns import boards, standings, totals, tree
from kolbench.domain.clock import DAY, now
from kolbench.programme import fraud, settling
from kolbench.store.campaign_boards import ORDERS, Only
from kolbench.store.connect import Store
from kolbench.store.leaderboards import Window

ENGINES = Path(__file__).with_name("campaign_engines.py")
BAR, NEWS_BAR_MS, PAGE_BAR_MS, MEMORY_BAR_MB = 2.0, 200, 50, 120
CAMPAIGN, ROUNDS = 1, 15
GROWN = 100_000
"""So many conversions come in before: the pages of indexes, written full by ``forest.py``, have room in a store that
grew by and by."""


class Took(NamedTuple):
    """Seconds of the clock and of the processor, peak memory, and a digest of everybody's figures."""

    seconds: float
    cpu: float
    peak_mb: int
    digest: str


class Spent(NamedTuple):
    """Milliseconds of the clock and of the processor."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.cpu:8.1f} ms processor {self.wall:8.1f} ms clock"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="made by forest.py; it is copied, not changed")
    parser.add_argument("--engines", metavar="PYTHON", help="an interpreter with duckdb, polars and pyarrow")
    parser.add_argument("--skip", action="append", default=[], metavar="ENGINE", help="leave out one that takes long")
    parser.add_argument("--news", type=int, default=1_000, help="conversions that a sync brings")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.store.parent) as name:
        folder = Path(name)
        shutil.copyfile(args.store, folder / "store.db")
        passed = beside(folder, args.engines, args.skip)
        passed &= news(folder / "store.db", args.news)
        passed &= pages(folder / "store.db")
    return 0 if passed else 1


def beside(folder: Path, engines: str | None, skip: Sequence[str]) -> bool:
    """Derive everybody by each engine."""
    pythons = {"sqlite": sys.executable}
    if engines:
        subprocess.run([engines, ENGINES, "export", folder], check=True)
        pythons |= {"duckdb": engines, "polars": engines}
    pythons["kolbench"] = sys.executable
    pythons = {engine: python for engine, python in pythons.items() if engine not in skip}
    print(f"{'':10}{'seconds':>10}{'processor':>11}{'MB':>8}", flush=True)
    found = {engine: child(python, engine, folder) for engine, python in pythons.items()}
    for engine in pythons:
        if engine != "kolbench":
            sums = child(pythons[engine], engine, folder, "sums")
            print(f"{'':4}(of {sums.cpu:.2f} s processor without distinct people: {engine})")
    ours = found.pop("kolbench")
    assert len({ours.digest, *(took.digest for took in found.values())}) == 1, "everybody must find the same"
    print(
        "KOLbench takes of the processor "
        + ", ".join(f"{ours.cpu / of.cpu:.2f} x {name}" for name, of in found.items())
    )
    print(f"and {ours.peak_mb} MB    (bars: {BAR} x the fastest, {MEMORY_BAR_MB} MB)", flush=True)
    best = min((of.cpu for of in found.values()), default=ours.cpu)
    return ours.cpu <= BAR * best and ours.peak_mb <= MEMORY_BAR_MB


def child(python: str, name: str, folder: Path, *more: str) -> Took:
    done = subprocess.run([python, ENGINES, name, folder, *more], stdout=subprocess.PIPE, text=True, check=True)
    took = Took(**json.loads(done.stdout.splitlines()[-1]))
    if not more:
        print(f"{name:10}{took.seconds:10.2f}{took.cpu:11.2f}{took.peak_mb:8,}   {took.digest}", flush=True)
    for left in (*folder.glob("result*"), *folder.glob("spill/*")):
        left.unlink()
    return took


def news(path: Path, count: int) -> bool:
    """What it takes from a sync's conversions, as they were told, to the leaderboard."""
    store = Store.open(path)
    chance = random.Random(1)
    steps: dict[str, Callable[[Store], object]] = {
        "settling": settling.settle,
        "checks for fraud": fraud.watch,
        "standings": standings.refresh,
    }
    spent: dict[str, list[Spent]] = {name: [] for name in steps}
    db = store.reader()
    (people,) = db.execute("SELECT max(id) FROM participant").fetchone()
    (last,) = db.execute("SELECT max(id) FROM conversion").fetchone()
    for told in (GROWN, *[count] * (ROUNDS + 1)):
        with store.writing() as writer:
            writer.executemany(
                "INSERT INTO conversion (id, campaign_id, source, order_id, kind, at, code, buyer, amount, currency,"
                " run_id, received_at)"
                " VALUES (?1, 1, 'news', 'n' || ?1, 'sale', ?3, ?2, 'x' || ?1, 9900, 'CNY', 1, ?3)",
                [(last + n, code(seller(db, chance, people)), END - n) for n in range(1, told + 1)],
            )
        last += told
        for name, do in steps.items():
            spent[name].append(timed(partial(do, store))[1])
    print(f"\n{count:,} conversions, {ROUNDS} times: the median, and the mean")
    total = 0.0
    for name, took in spent.items():
        # The second round keeps the leaderboards of the day before, which happens once a day.
        middle = Spent(median(one.wall for one in took[2:]), median(one.cpu for one in took[2:]))
        print(f"{name:20}{middle} {mean(one.wall for one in took[2:]):8.1f} ms clock in the mean")
        total += middle.wall if name != "checks for fraud" else 0
    print(f"settled and on the leaderboard: {total:.0f} ms    (bar: {NEWS_BAR_MS} ms)", flush=True)
    store.close()
    return total <= NEWS_BAR_MS


def seller(db: sqlite3.Connection, chance: random.Random, people: int) -> int:
    """Whose a sale is, as in the forest: half of them go to those who have brought somebody."""
    one = chance.randrange(people) + 1
    (parent,) = db.execute("SELECT parent_id FROM participant WHERE id = ?", (one,)).fetchone()
    return int(parent) if parent and chance.random() < 0.5 else one


def pages(path: Path) -> bool:
    """Opening a leaderboard and its pages, each time by a board of its own."""
    worst = 0.0
    store = Store.open(path)
    for order in ORDERS:
        total = boards.page(store, CAMPAIGN, order).total
        for name, offset in (("first", 0), ("tenth", total // 10), ("middle", total // 2), ("last", total - 50)):
            took = typical(partial(boards.page, store, CAMPAIGN, order, offset=offset))
            worst = max(worst, took.cpu)
            print(f"{order:18}{name:8}{took}")
    others = {
        "a generation": lambda: boards.page(store, CAMPAIGN, only=Only(depth=4)),
        "a wave": lambda: boards.page(store, CAMPAIGN, only=Only(wave=1)),
        "the sums": lambda: totals.totals(store, CAMPAIGN),
        "a tree": lambda: list(tree.Tree(store).lines(1)),
        "sparklines": lambda: tree.sparks(store, CAMPAIGN, range(1, 51)),
    }
    for name, do in others.items():
        took = typical(do)
        worst = max(worst, took.cpu)
        print(f"{name:26}{took}")
    print(f"the slowest page: {worst:.1f} ms of the processor    (bar: {PAGE_BAR_MS} ms)")
    peak = memory()
    print(f"{peak} MB    (bar: {MEMORY_BAR_MB} MB)")
    last = now()
    window = boards.board(store, CAMPAIGN, window=Window(last - 60 * DAY, last))
    counted, page = timed(lambda: window.rows(0, 50))[1], timed(lambda: window.rows(5_000, 5_050))[1]
    print(f"another window, of most there is, counted once: {counted}, {memory()} MB; then a page: {page}")
    store.close()
    return worst <= PAGE_BAR_MS and peak <= MEMORY_BAR_MB


def memory() -> int:
    """The most this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def typical(do: Callable[[], object], times: int = 7) -> Spent:
    """The medians of so many."""
    spent = [timed(do)[1] for _ in range(times)]
    return Spent(median(one.wall for one in spent), median(one.cpu for one in spent))


def timed(do: Callable[[], Any]) -> tuple[Any, Spent]:
    began, busy = time.perf_counter(), time.process_time()
    found = do()
    return found, Spent(1000 * (time.perf_counter() - began), 1000 * (time.process_time() - busy))


if __name__ == "__main__":
    raise SystemExit(main())
