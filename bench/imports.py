"""How fast a table of creators is imported, against a bare csv + executemany loop into the same tables.

Run: python bench/imports.py [ROWS]

Both write the same rows of ``creator``, ``account`` and ``account_snapshot`` to a fresh store with the same pragmas,
a transaction every 1,000 rows. The bare loop parses no number forms, cleans no text, looks nothing up and keeps no
checkpoint. What comes after an import (deriving where everybody stands) is printed on its own.
"""

from __future__ import annotations

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from kolbench.store.connect import Store

BAR, MEMORY_BAR = 0.60, 150
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "子轩梓涵浩然雨桐欣怡思远佳琪俊杰一诺晨曦若溪嘉懿博文"
REGIONS, FIELDS = ("上海", "北京", "广东", "浙江", "四川", ""), ("美妆", "科技", "美食", "旅行", "母婴", "游戏")
HEADER = ("id", "handle", "name", "followers", "following", "posts", "likes", "region", "category", "bio")


def make(path: Path, rows: int) -> None:
    chance = random.Random(20_260_504)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for i in range(rows):
            name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
            followers = int(10 ** chance.uniform(2, 7))
            table.writerow(
                (10**9 + i, f"user_{chance.getrandbits(40):x}", name, followers, chance.randrange(3000),
                 chance.randrange(5000), followers * chance.randrange(40), chance.choice(REGIONS),
                 chance.choice(FIELDS), f"{name}，每天分享一点{chance.choice(FIELDS)}")
            )  # fmt: skip


def bare(table: Path, path: Path) -> None:
    store = Store.open(path)
    with store.writing() as db:
        db.execute("INSERT INTO source (id, name, adapter, platform, created_at) VALUES (1, 'b', 'tabular', 'p', 0)")
        db.execute(
            "INSERT INTO run (id, source_id, kind, state, started_at, pid) VALUES (1, 1, 'import', 'done', 0, 0)"
        )
        metric = dict(db.execute("SELECT name, id FROM metric"))
    names = [(HEADER.index(name), metric[name]) for name in ("followers", "following", "posts", "likes")]
    at = 1_777_888_800_000
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        number = 1
        while batch := list(islice(rows, 1000)):
            keyed = list(enumerate(batch, number))
            number += len(batch)
            with store.writing() as db:
                db.executemany(
                    "INSERT INTO creator (id, name, created_at, run_id) VALUES (?, ?, ?, 1)",
                    [(key, row[2], at) for key, row in keyed],
                )
                db.executemany(
                    "INSERT INTO account (id, creator_id, platform, uid, handle, handle_key, name, bio, category,"
                    " region, seen_at, run_id) VALUES (?, ?, 'p', ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                    [
                        (key, key, row[0], row[1], row[1], row[2], row[9], row[8], row[7] or None, at)
                        for key, row in keyed
                    ],
                )
                db.executemany(
                    "INSERT INTO account_snapshot (account_id, metric_id, observed_at, value, run_id)"
                    " VALUES (?, ?, ?, ?, 1)",
                    [(key, metric_id, at, int(row[column])) for key, row in keyed for column, metric_id in names],
                )


def kolbench(table: Path, path: Path) -> None:
    from kolbench.adapters.tabular import Tabular
    from kolbench.store import sources
    from kolbench.sync import loop

    store = Store.open(path)
    source = sources.add(store, "b", "tabular", "p", {"path": str(table), "platform": "p", "as_of": "2026-05-04"})
    outcome = loop.run(store, {"tabular": Tabular()}, [source], loop.Options(kind="import"))
    assert outcome.exit_code == 0, outcome


def derive(_table: Path, path: Path) -> None:
    from kolbench.analysis import standing

    standing.refresh(Store.open(path))


class Took(NamedTuple):
    """What a way took in a process of its own: wall and processor seconds, peak memory, rows it left behind."""

    seconds: float
    cpu: float
    peak_mb: int
    rows: int


def child(name: str, table: Path, path: Path) -> Took:
    done = subprocess.run([sys.executable, __file__, name, table, path], capture_output=True, text=True, check=True)
    return Took(*json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    if len(sys.argv) == 4:
        name, table, path = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
        began, busy = time.perf_counter(), time.process_time()
        {"bare": bare, "kolbench": kolbench, "derive": derive}[name](table, path)
        seconds, cpu = time.perf_counter() - began, time.process_time() - busy
        query = "SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM account_snapshot)"
        rows = Store.open(path).reader().execute(query).fetchone()[0]
        print(json.dumps([seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, rows]))
        return 0
    count = int(sys.argv[1]) if len(sys.argv) == 2 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "creators.csv"
        make(table, count)
        results: dict[str, list[Took]] = {"bare": [], "kolbench": []}
        for turn in range(1 if count >= 1_000_000 else 3):
            for name, kept in results.items():
                kept.append(child(name, table, Path(folder) / f"{name}{turn}.db"))
        assert len({took.rows for kept in results.values() for took in kept}) == 1, "both must write the same rows"
        derived = child("derive", table, Path(folder) / "kolbench0.db")
    wall = {name: median(took.seconds for took in kept) for name, kept in results.items()}
    cpu = {name: median(took.cpu for took in kept) for name, kept in results.items()}
    peak = max(took.peak_mb for took in results["kolbench"])
    ratio = wall["bare"] / wall["kolbench"]
    print(f"rows                {count:>10,}")
    for name in results:
        print(f"{name:<19} {count / wall[name]:>10,.0f} rows/s  {wall[name]:7.1f} s, processor {cpu[name]:7.1f} s")
    print(f"speed of the bare loop {ratio:>7.0%}    (bar: {BAR:.0%})")
    print(f"by processor time   {cpu['bare'] / cpu['kolbench']:>10.0%}")
    print(f"peak memory         {peak:>10} MB (bar: {MEMORY_BAR})")
    print(f"deriving afterwards {count / derived.seconds:>10,.0f} creators/s  {derived.seconds:7.1f} s")
    return 0 if ratio >= BAR and peak <= MEMORY_BAR else 1


if __name__ == "__main__":
    raise SystemExit(main())
