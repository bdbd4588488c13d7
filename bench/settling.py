"""Settling all that a large campaign was told, at once: what it takes, how much memory, and that it can be stopped.

    python bench/forest.py forest.db
    python bench/settling.py forest.db

The store is copied, and everything that was settled in it is taken back first; that isn't counted. Settling is stopped
once and taken up by another process, as when a terminal is closed.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from kolbench.programme import settling
from kolbench.store import unsettled
from kolbench.store.connect import Store

MEMORY_BAR_MB = 120


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="made by forest.py; it is copied, not changed")
    parser.add_argument("--settle", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--stop-at", type=float, default=1.0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.settle:
        return settle(args.store, args.stop_at)
    with tempfile.TemporaryDirectory(dir=args.store.parent) as name:
        path = Path(name) / "store.db"
        shutil.copyfile(args.store, path)
        unsettle(path)
        peaks = [child(path, "0.1"), child(path, "1")]
    return 0 if max(peaks) <= MEMORY_BAR_MB else 1


def child(path: Path, stop_at: str) -> int:
    """Settle in a process of its own until such a part is done; returns the MB that took."""
    done = subprocess.run(
        [sys.executable, __file__, path, "--settle", "--stop-at", stop_at],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    print(done.stdout, end="", flush=True)
    return int(done.stdout.split(" MB")[0].rpartition(" ")[2].replace(",", ""))


def unsettle(path: Path) -> None:
    """Have everything wait as when it was told: without its triggers and indexes, which are built anew."""
    db = sqlite3.connect(path)
    kept = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND (type = 'trigger' OR type = 'index'"
        " AND tbl_name IN ('conversion', 'commission_entry') AND name <> 'conversion_at')"
    ).fetchall()
    for kind, name, _sql in kept:
        db.execute(f"DROP {kind} {name}")
    db.execute("UPDATE conversion SET participant_id = NULL, via = NULL, state = NULL, reason = NULL")
    db.execute("DELETE FROM commission_entry")
    db.execute("DELETE FROM campaign_standing")
    db.execute("INSERT INTO unsettled_conversion SELECT id FROM conversion")
    for _kind, _name, sql in kept:
        db.execute(sql)
    db.commit()
    db.close()


def settle(path: Path, stop_at: float) -> int:
    store = Store.open(path)
    waiting, told = unsettled.count(store.reader()), 0
    began, busy = time.perf_counter(), time.process_time()

    def watch(done: int, total: int) -> None:
        nonlocal told
        told += 1
        if done >= total * stop_at and stop_at < 1:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        settling.settle(store, watch)
    left = unsettled.count(store.reader())
    (entries,) = store.reader().execute("SELECT count(*) FROM commission_entry").fetchone()
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{waiting - left:,} conversions in {seconds:.0f} s ({cpu:.0f} s of the processor), {left:,} left,"
        f" {entries:,} entries; told of progress {told} times; {peak:,} MB    (bar: {MEMORY_BAR_MB} MB)"
    )
    store.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
