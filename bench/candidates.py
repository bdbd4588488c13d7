"""How fast the candidate list answers, of everybody and of a brief: each has 50 ms, at a million people.

    python bench/world.py world.db --posts 1000000 --activities 1000000 --edges 2000000
    kolbench --store world.db rebuild
    python bench/candidates.py world.db

A brief of everybody, and one of a few hundred, are scored first where the store has none. Each answer is given by a
window of its own, so that nothing is left of the one before but what SQLite keeps; milliseconds are the median of
five, by the clock and of the processor. First pages are asked for as a table does it: where many match, it shows the
first of them while they are counted, which is told, too, and has no bar: one can read and walk on meanwhile.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from kolbench.analysis import candidacy
from kolbench.domain.briefs import Brief, Who
from kolbench.programme import briefs
from kolbench.store.candidates import BRIEF_ORDERS, ORDERS, CandidateWindow
from kolbench.store.connect import Store
from kolbench.store.filters import Filter

BAR_MS = 50
PAGE = 40
TIMES = 5
FILTERS = {
    "a platform and a tier": Filter(platform="douyin", tier="micro"),
    "a kind": Filter(kind="koc"),
    "a language": Filter(language="zh"),
    "followers": Filter(followers_from=100_000, followers_to=200_000),
    "search 猫的": Filter(text="猫的"),
    "search 月猫的日": Filter(text="月猫的日"),
    "search 猫": Filter(text="猫"),
    "search osk": Filter(text="osk"),
    "search o": Filter(text="o"),
}

Answer = Callable[[CandidateWindow], object]


def first(window: CandidateWindow) -> object:
    return window.glance() or counted(window)


def counted(window: CandidateWindow) -> object:
    return window.count(), window.rows(0, PAGE)


def last(window: CandidateWindow) -> object:
    count = window.count()
    return window.rows(count - PAGE, count)


def middle(window: CandidateWindow) -> object:
    count = window.count()
    return window.rows(count // 2, count // 2 + PAGE)


def asked(brief_id: int | None) -> Iterator[tuple[str, str, bool, Filter, Answer]]:
    """What is asked: its name, order, direction and filter, and how."""
    for order in ORDERS if brief_id is None else BRIEF_ORDERS:
        for reverse in (False, True):
            name = f"by {order}{', backwards' if reverse else ''}"
            yield f"first page {name}", order, reverse, Filter(), first
            yield f"the end {name}", order, reverse, Filter(), last
    yield "the middle", "score", False, Filter(), middle
    for name, shown in FILTERS.items():
        yield name, "score", False, shown, first
        yield f"{name}, by followers", "followers", False, shown, first
        yield f"{name}, backwards", "score", True, shown, first
        yield f"{name}, counted", "score", False, shown, counted


def measured(store: Store, brief_id: int | None) -> Iterator[tuple[str, int, float, float]]:
    """Each answer with how many match, and its milliseconds by the clock and of the processor."""
    for name, order, reverse, shown, answer in asked(brief_id):
        walls, busy = [], []
        for _ in range(TIMES):
            window = CandidateWindow(store, order, reverse=reverse, shown=shown, brief_id=brief_id)
            began, spent = time.perf_counter(), time.process_time()
            answer(window)
            walls.append(1e3 * (time.perf_counter() - began))
            busy.append(1e3 * (time.process_time() - spent))
        yield name, window.count(), median(walls), median(busy)


def scored(store: Store, name: str, who: Who) -> int:
    """A scored brief that means these."""
    row = store.reader().execute("SELECT id FROM brief WHERE name = ? AND scored > 0", (name,)).fetchone()
    if row:
        return int(row[0])
    brief_id = briefs.write(store, Brief(name=name, purpose="acquire", who=who), "bench")
    began, spent = time.perf_counter(), time.process_time()
    count = candidacy.score(store, brief_id)
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    print(f"a brief of {count:,} scored in {wall:.1f} s ({cpu:.1f} s processor)")
    return brief_id


def _slow(name: str, cpu: float) -> bool:
    return cpu > BAR_MS and not name.endswith("counted")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="made by world.py, and rebuilt")
    parser.add_argument("--all", action="store_true", help="print the quick ones, too")
    args = parser.parse_args()
    store = Store.open(args.store, create=False)
    asked_of = {
        "everybody": None,
        "of a brief": scored(store, "everybody", Who()),
        "of a brief of few": scored(store, "few", Who(tiers=("mega", "macro"))),
    }
    slow = 0
    for title, of in asked_of.items():
        found = list(measured(store, of))
        print(f"\n{title:44}{'matches':>10}{'ms':>9}{'processor':>11}")
        for name, count, wall, cpu in found:
            if args.all or wall > BAR_MS:
                print(f"{name:44}{count:10,}{wall:9.1f}{cpu:11.1f}{'   *' if _slow(name, cpu) else ''}", flush=True)
        slow += sum(_slow(name, cpu) for name, *_rest, cpu in found)
        print(f"{len(found)} questions, the slowest {max(row[3] for row in found):.1f} ms of a processor")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{slow} above the bar of {BAR_MS} ms of a processor; at most {peak:.0f} MB of memory")
    store.close()
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
