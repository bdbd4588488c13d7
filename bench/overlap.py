"""How fast the audiences of the most followed creators are compared, beside a SQL self-join that must agree.

    python bench/overlap.py                          20 M ties of 1 M people, 500 creators (two minutes to make)
    python bench/overlap.py --people 20000 --ties 400000 --creators 50
    python bench/overlap.py --store FILE             keep the store there, or take it if it is there

People follow creators by popularity (the k-th most popular by 1/(k + 3)), most a few and some hundreds (Pareto, 1.5);
every fiftieth person has a second account, every hundredth account is a bot's. Each kernel runs in a process of its
own, which reads the store; its seconds are those of the clock and of the processor, its memory the most it ever had.
The self-join compares the first ``--joined`` of the creators: with all of them it would take hours.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from array import array
from itertools import accumulate, islice
from pathlib import Path

from kolbench.analysis import crowd, overlap
from kolbench.analysis.metrics import sql
from kolbench.store.connect import Store

ALL = 2**60
"""A moment (ms) after everything."""

SECONDS_BAR, MEMORY_BAR = 10.0, 300


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--ties", type=int, default=20_000_000)
    parser.add_argument("--creators", type=int, default=500, help="the most followed ones to compare")
    parser.add_argument("--joined", type=int, default=12, help="how many of them the self-join compares")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path, help="keep the store here; if it exists, it is used as it is")
    parser.add_argument("--only", choices=tuple(KERNELS), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        told, digest = KERNELS[args.only](Store.open(args.store, create=False), args.creators)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(
            json.dumps(
                {"told": told, "digest": digest, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}
            )
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = args.store or Path(folder) / "overlap.db"
        if not path.exists():
            made = make(path, args.people, args.ties, args.seed)
            print(f"made {made:,} ties of {args.people:,} people\n", flush=True)
        return report(path, args.creators, min(args.joined, args.creators))


def report(path: Path, creators: int, joined: int) -> int:
    few = min(10, creators)
    print(f"{'':34}{'s':>8}{'CPU s':>8}{'MB':>7}")
    whole = show(f"{creators} creators, {creators * (creators - 1) // 2:,} pairs", measured(path, "bits", creators))
    show(f"{creators} creators in a sample", measured(path, "sample", creators))
    show(f"{few} creators, ten to add", measured(path, "additions", few))
    show(f"{creators} creators, ten to add", measured(path, "additions", creators))
    bits = show(f"{joined} creators", measured(path, "bits", joined))
    join = show(f"{joined} creators by self-join", measured(path, "join", joined))
    agreed = bits["digest"] == join["digest"]
    kept = whole["cpu"] <= SECONDS_BAR and whole["mb"] <= MEMORY_BAR
    print(f"\nself-join / bits  {join['cpu'] / bits['cpu']:.1f} x the CPU s; digests {'equal' if agreed else 'DIFFER'}")
    print(f"sample of a tenth {measured(path, 'accuracy', creators)['told']}")
    print(f"bar               {SECONDS_BAR:.0f} CPU s and {MEMORY_BAR} MB: {'kept' if kept else 'MISSED'}")
    return 0 if agreed and kept else 1


def show(what: str, found: dict) -> dict:
    print(f"{what:34}{found['s']:8.2f}{found['cpu']:8.2f}{found['mb']:7.0f}", flush=True)
    return found


def measured(path: Path, kernel: str, creators: int) -> dict:
    command = [sys.executable, __file__, "--store", str(path), "--only", kernel, "--creators", str(creators)]
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return {**json.loads(done.stdout), "s": time.perf_counter() - began}


# Kernels: what they found in words, and a digest of the common parts -----------------------------------------


def bits(store: Store, creators: int) -> tuple[str, str]:
    found = overlap.compare(store, range(1, creators + 1), crowd.followers(ALL))
    assert found.exact
    return "", digest([(pair.one, pair.other, pair.both) for pair in found.pairs if pair.both])


def additions(store: Store, creators: int) -> tuple[str, str]:
    found = overlap.compare(store, range(1, creators + 1), crowd.followers(ALL), 10)
    return "", digest(found.additions)


def sample(store: Store, creators: int) -> tuple[str, str]:
    found = overlap.compare(store, range(1, creators + 1), crowd.followers(ALL), room=room(store, creators) // 10)
    return f"{found.share:.0%} of the people", digest([found.whole(found.reached)])


def accuracy(store: Store, creators: int) -> tuple[str, str]:
    """How far estimates lie from the exact numbers, in standard errors."""
    ids, ties = range(1, creators + 1), crowd.followers(ALL)
    exact = overlap.compare(store, ids, ties)
    found = overlap.compare(store, ids, ties, room=room(store, creators) // 10)
    off = []
    for pair, right in zip(found.pairs, exact.pairs, strict=True):
        value, error = found.whole(pair.both)
        off.append(abs(value - right.both) / error)
    off.sort()
    reached, middle, most = found.whole(found.reached), off[len(off) // 2], off[len(off) * 95 // 100]
    told = f"reach {reached.value:,} ± {reached.error:,.0f}, truly {exact.reached:,}; common parts are off by"
    return f"{told} {middle:.2f} (median) and {most:.2f} (95 %) standard errors", digest(off)


def room(store: Store, creators: int) -> int:
    """The bits that are enough for all people."""
    sizes = crowd.sizes(store, crowd.followers(ALL), range(1, creators + 1))
    last = store.reader().execute("SELECT max(id) FROM account").fetchone()[0]
    return len(sizes) * min(last, sum(sizes.values()))


def join(store: Store, creators: int) -> tuple[str, str]:
    rows = store.reader().execute(
        sql("audience_overlap"), {"ids": json.dumps(list(range(1, creators + 1))), "stop": ALL}
    )
    return "", digest([tuple(row) for row in rows])


def digest(rows: list) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


KERNELS = {"bits": bits, "additions": additions, "sample": sample, "accuracy": accuracy, "join": join}


# The store ---------------------------------------------------------------------------------------------------


def make(path: Path, people: int, ties: int, seed: int) -> int:
    """Write a store in which account and creator 1 is the most followed one; returns the number of ties."""
    chance = random.Random(seed)
    creators = max(people // 10, 1)
    popularity = list(accumulate(1 / (place + 3) for place in range(creators)))
    followers = [array("I") for _creator in range(creators)]
    for person in range(1, people + 1):
        follows = min(int(chance.paretovariate(1.5) * ties / people / 3), 2_000)
        for creator in set(chance.choices(range(creators), cum_weights=popularity, k=follows)):
            if creator + 1 != person:
                followers[creator].append(person)
    Store.open(path).close()
    accounts = (
        (person, person - (person % 50 == 0 and person > creators), f"u{person}", person % 100 == 7 or None)
        for person in range(1, people + 1)
    )
    edges = ((creator, person) for creator, members in enumerate(followers, 1) for person in members)
    with sqlite3.connect(path) as db:
        db.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; DROP INDEX follow_edge_follower;")
        db.execute("INSERT INTO source (name, adapter, platform, created_at) VALUES ('made', 'demo', 'demo', 0)")
        db.execute("INSERT INTO run (source_id, kind, state, started_at, pid) VALUES (1, 'sync', 'done', 0, 1)")
        db.executemany(
            "INSERT INTO creator (id, name, created_at, run_id) VALUES (?, ?, 0, 1)",
            ((person, f"Person {person}") for person in range(1, people + 1)),
        )
        while batch := list(islice(accounts, 10_000)):
            db.executemany(
                "INSERT INTO account (id, creator_id, platform, uid, name, bio, is_bot, seen_at, run_id)"
                " VALUES (?1, ?2, 'demo', ?3, 'Person ' || ?1, 'Tea, long walks and other people’s cats.', ?4, 0, 1)",
                batch,
            )
        db.executemany("INSERT INTO follow_edge VALUES (?, ?, 1700000000000, 1700000000000, 1)", edges)
        db.execute("CREATE INDEX follow_edge_follower ON follow_edge (follower_id, account_id)")
    db.close()
    return sum(map(len, followers))


if __name__ == "__main__":
    raise SystemExit(main())
