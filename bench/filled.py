"""A new store whose tables are written directly and in bulk, with its indexes built behind the rows."""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kolbench.store.connect import Store

Write = Callable[[str, str, Iterable[Sequence[Any]]], None]
"""Puts rows into a table's columns, and says how long it took."""


@contextmanager
def filling(path: Path, *, triggers: bool) -> Iterator[tuple[sqlite3.Connection, Write]]:
    """A new store at ``path`` and how to fill it; ``triggers`` says whether they fire, for afterwards they do."""
    os.environ["SQLITE_TMPDIR"] = str(path.parent)  # where indexes are sorted: as much room as the store has
    Store.open(path).close()
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000", "threads = 2"):
        db.execute(f"PRAGMA {pragma}")
    built = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', iif(?, 'index', 'trigger'))"
        " AND sql IS NOT NULL ORDER BY type, name",
        (triggers,),
    ).fetchall()
    for kind, name, _sql in built:
        db.execute(f"DROP {kind} {name}")

    def write(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        began, marks = time.perf_counter(), ", ".join("?" * (columns.count(",") + 1))
        db.execute("BEGIN")
        db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        db.execute("COMMIT")
        count = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        print(f"{table:18}{count:>12,}  {time.perf_counter() - began:7.1f} s", flush=True)

    yield db, write
    began = time.perf_counter()
    for _kind, _name, statement in built:
        db.execute(statement)
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    print(f"indexes{'':>23}{time.perf_counter() - began:9.1f} s")


def command(about: str, sizes: Mapping[str, int], fill: Callable[..., None]) -> None:
    """Make the store that the command line asks for: ``fill`` is handed its path, the seed and so much of each size."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="a new file")
    for name, size in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies all of them")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.store.exists():
        parser.error(f"{args.store} is there already")
    began = time.perf_counter()
    fill(args.store, args.seed, *(max(100, round(args.scale * getattr(args, name))) for name in sizes))
    seconds, cpu = time.perf_counter() - began, time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = args.store.stat().st_size / 2**20
    print(f"{seconds:.1f} s (processor {cpu:.1f} s), {size:,.0f} MB of store, at most {peak:,.0f} MB of memory")
