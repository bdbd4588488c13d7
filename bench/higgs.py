"""The Higgs cascade as a campaign, and its leaderboard, coverage and K against a count in plain Python.

python bench/higgs.py FILE [--store STORE]

FILE is SNAP's higgs-activity_time.txt.gz: who, whom, when, and RT, MT or RE. A retweet is a referral of who retweets by
who is retweeted, and a lead: the first of each person counts. What this counts rests on nothing but the file: no store,
no code of KOLbench's.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

CAMPAIGN = "Higgs"


class Counted(NamedTuple):
    """By person: how many leads are theirs, how many people stand below them, and their generation from 0.

    ``either``: how many more leads could be theirs, of people who retweeted several others in their first second.
    """

    direct: Mapping[str, int]
    below: Mapping[str, int]
    depth: Mapping[str, int]
    either: Mapping[str, int] = {}


def retweets(file: Path) -> list[tuple[int, str, str]]:
    """Moment, who was retweeted, who retweeted; in the order of time, then of the former's id."""
    with gzip.open(file, "rt", encoding="ascii") as lines:
        rows = (line.split() for line in lines)
        return sorted((int(at), whom, who) for who, whom, at, kind in rows if kind == "RT")


def count(rows: Sequence[tuple[int, str, str]]) -> Counted:
    """Everybody came by whom they retweeted first, unless that would close a circle."""
    parent: dict[str, str] = {}

    def above(person: str) -> list[str]:
        found = [person]
        while found[-1] in parent:
            found.append(parent[found[-1]])
        return found

    for _at, whom, who in rows:
        if who not in parent and who not in above(whom):
            parent[who] = whom
    children: dict[str, list[str]] = defaultdict(list)
    for child, by in parent.items():
        children[by].append(child)
    everybody = {person for _at, *pair in rows for person in pair}
    depth = dict.fromkeys(everybody - parent.keys(), 0)
    order = list(depth)
    for person in order:
        for child in children[person]:
            depth[child] = depth[person] + 1
            order.append(child)
    below: Counter[str] = Counter()
    for person in reversed(order):
        if person in parent:
            below[parent[person]] += below[person] + 1
    first: dict[str, tuple[int, set[str]]] = {}
    for at, whom, who in rows:
        if who != whom and first.setdefault(who, (at, set()))[0] == at:
            first[who][1].add(whom)
    direct = Counter(next(iter(whom)) for _at, whom in first.values() if len(whom) == 1)
    either = Counter(one for _at, whom in first.values() if len(whom) > 1 for one in whom)
    return Counted(direct, below, depth, either)


def imported(file: Path, store: Path) -> float:
    """Import the file by KOLbench's own commands; returns the seconds."""
    began = time.perf_counter()
    table = ("--platform", "twitter", "--set", f"campaign={CAMPAIGN}", "--set", "header=no", "--set", "only=4=RT")
    for command in (
        ("campaign", "new", CAMPAIGN, "--set", "starts=2012-07-01", "--set", "ends=2012-07-08"),
        ("import", file, *table, "--kind", "referrals", "--map", "1=child,2=participant,3=at", "--source", "referrals"),
        ("import", file, *table, "--kind", "conversions", "--map", "1=buyer,2=participant,3=at", "--source", "leads",
         "--set", "currency=CNY"),
    ):  # fmt: skip
        run = [sys.executable, "-m", "kolbench", "--store", store, *command]
        subprocess.run([str(part) for part in run], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def stored(store: Path) -> Counted:
    """What KOLbench says of everybody."""
    from kolbench.store.connect import Store

    rows = (
        Store.open(store)
        .reader()
        .execute(
            "SELECT ref, direct, below, depth FROM participant_standing"
            " JOIN participant ON participant.id = participant_standing.participant_id"
        )
    )
    found = {ref: figures for ref, *figures in rows}
    return Counted(*({ref: figures[place] for ref, figures in found.items()} for place in range(3)))


def compare(ours: Counted, theirs: Counted) -> int:
    """Print both side by side; returns how many people differ in anything."""
    wrong: set[str] = set()
    for person in theirs.depth.keys() | ours.depth.keys():
        least = theirs.direct.get(person, 0)
        if (
            not least <= ours.direct.get(person, 0) <= least + theirs.either.get(person, 0)
            or ours.below.get(person, 0) != theirs.below.get(person, 0)
            or ours.depth.get(person) != theirs.depth.get(person)
        ):
            wrong.add(person)
    generations = Counter(theirs.depth.values())
    k = [generations[n + 1] / generations[n] for n in sorted(generations)]
    print("participants by generation:", ", ".join(f"{generations[n]:,}" for n in sorted(generations)))
    print("K by generation:", ", ".join(f"{one:.2f}" for one in k))
    for person in sorted(ours.direct, key=lambda one: (-ours.direct[one], one))[:5]:
        print(
            f"{person}: {ours.direct[person]:,} leads (counted: {theirs.direct.get(person, 0):,}, and"
            f" {theirs.either.get(person, 0)} that may be another's), {ours.below[person]:,} people below"
        )
    print(f"leads: {sum(ours.direct.values()):,}; people who differ: {len(wrong)} of {len(theirs.depth):,}")
    return len(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--store", type=Path, help="one into which the file was imported before")
    args = parser.parse_args()
    began = time.perf_counter()
    theirs = count(retweets(args.file))
    print(f"counted in plain Python in {time.perf_counter() - began:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        store = args.store or Path(folder) / "higgs.db"
        if args.store is None:
            print(f"imported, settled and ranked by KOLbench in {imported(args.file, store):.1f} s")
        return 1 if compare(stored(store), theirs) else 0


if __name__ == "__main__":
    sys.exit(main())
