"""How fast everybody's standing is derived, against the same aggregates by SQLite alone, DuckDB and Polars.

    python bench/world.py world.db --scale 0.05
    python bench/scoring.py world.db --engines /path/to/venv/bin/python --then 0.01

``--engines`` names an interpreter with ``duckdb polars pyarrow adbc-driver-sqlite``; without it only SQLite is run.
Each engine has a process of its own. DuckDB and Polars read Parquet files that are made beforehand, which isn't
counted. KOLbench also writes names, search terms and the indexes of the list, in transactions between which others
can write; the engines keep a bare table; and it measures more of everybody (authority, fans …) than the five parts they
compute. Digests over all people say that they found the same.

Then a brief is scored from what was derived, by each of them from the same store into the same table
(``brief_engines.py``): all compute all of its parts, read the store and write the rows. The brief's bar is against
the quickest engine by the clock and against the one that takes least of the processor: on a machine that others use
the second says more, and of two processors some engines use both. ``--then SHARE`` changes that share of the accounts
through the writer, and times what a sync would derive again.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from kolbench.analysis import scores, standing, topics_fit
from kolbench.analysis.people import GROWTH_MS, WINDOW_MS
from kolbench.analysis.scorers.engagement import HALF, HALF_OF_VIEWS
from kolbench.analysis.scorers.growth import LEAST_MS, MOST_MS
from kolbench.analysis.topics import CHARACTERS, is_unspaced
from kolbench.domain.briefs import Brief, Topics, weights
from kolbench.domain.clock import DAY, from_ms
from kolbench.domain.records import AccountRecord, InteractionRecord, PostRecord, Record
from kolbench.domain.scoring import PRIOR
from kolbench.programme import briefs
from kolbench.store import briefs as kept
from kolbench.store import runs, sources, writer
from kolbench.store.connect import Store

ENGINES = Path(__file__).with_name("engines.py")
BRIEF_ENGINES = Path(__file__).with_name("brief_engines.py")
BAR, SYNC_BAR = 1.5, 0.05
PAGE = 1_000
TIMES = 3
"""So often each engine scores the brief; what counts is the least of each, when others disturbed it least."""
BRIEF = Brief(name="bench", purpose="acquire", topics=Topics(keywords=("护肤", "面膜", "skincare")))


class Took(NamedTuple):
    """Wall and processor seconds, peak memory, and digests of the facts and of the scores."""

    seconds: float
    cpu: float
    peak_mb: int
    digests: list[str]


def child(python: str, name: str, folder: Path, engines: Path = ENGINES) -> Took:
    done = subprocess.run([python, engines, name, folder], stdout=subprocess.PIPE, text=True, check=True)
    return Took(**json.loads(done.stdout.splitlines()[-1]))


class Spent(NamedTuple):
    """Wall and processor seconds of something done in this process."""

    seconds: float
    cpu: float


def timed(work: Callable[[], int]) -> tuple[Spent, int]:
    """What ``work`` took, and what it returned."""
    began, busy = time.perf_counter(), time.process_time()
    count = work()
    return Spent(time.perf_counter() - began, time.process_time() - busy), count


def meta(store: Store) -> dict[str, float]:
    """The moments, metrics and weights of KOLbench's definitions, under the names the engines use."""
    found: dict[str, float] = dict(store.reader().execute("SELECT name, id FROM metric"))
    found |= scores.WEIGHTS
    found |= {
        "window_ms": WINDOW_MS,
        "growth_ms": GROWTH_MS,
        "min_growth_ms": LEAST_MS,
        "max_growth_ms": MOST_MS,
        "weeks": WINDOW_MS / (7 * DAY),
        "half": HALF,
        "half_of_views": HALF_OF_VIEWS,
        "prior": PRIOR,
    }
    return found


def asked(store: Store, brief_id: int) -> dict[str, object]:
    """What a brief asks, as its engines take it."""
    goal = kept.goal(store, brief_id)
    return {
        "brief": brief_id,
        "version": goal.version,
        "weights": weights(goal.brief),
        "terms": [(term.text, term.weight, not is_unspaced(term.text)) for term in goal.topic],
        "prior": PRIOR,
        "doubt": topics_fit.DOUBT,
        "self_worth": topics_fit.SELF,
        "category_worth": topics_fit.CATEGORY,
        "posts": topics_fit.POSTS,
        "messages": topics_fit.MESSAGES,
        "characters": CHARACTERS,
    }


def change(store: Store, share: float) -> int:
    """Have a sync tell news of a share of the accounts: a count, a post and who addressed them; returns how many."""
    chance = random.Random(1)
    told = 0
    for source in sources.every(store):
        rows = store.reader().execute(
            "SELECT uid, (SELECT max(observed_at) FROM account_snapshot WHERE account_id = account.id), seen_at"
            " FROM account WHERE platform = ? ORDER BY id",
            (source.platform,),
        )
        people = [row for row in rows if chance.random() < share]
        run = runs.start(store, source, "sync")
        records = list(_news(people, chance))
        for start in range(0, len(records), PAGE):
            writer.write_page(store, run, "news", records[start : start + PAGE], None, max(row[2] for row in people))
        runs.finish(store, run, "done")
        told += len(people)
    return told


def _news(people: list[tuple[str, int | None, int]], chance: random.Random) -> Iterator[Record]:
    for uid, counted_at, seen_at in people:
        at = from_ms(max(counted_at or 0, seen_at)) + timedelta(days=1)
        metrics = {"followers": chance.randrange(100, 1_000_000)} if counted_at else {}
        yield AccountRecord(uid=uid, metrics=metrics, observed_at=at)
        if counted_at:
            reactions = {"likes": chance.randrange(1_000), "comments": chance.randrange(50)}
            yield PostRecord(uid=f"news-{uid}", account_uid=uid, published_at=at, metrics=reactions, observed_at=at)
        by = chance.choice(people)[0]
        yield InteractionRecord(actor_uid=by, object_uid=uid, kind="mention", at=at, evidence_uid=f"news-{uid}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="made by world.py; it is copied, not changed")
    parser.add_argument(
        "--engines", metavar="PYTHON", help="an interpreter with duckdb, polars, pyarrow and adbc-driver-sqlite"
    )
    parser.add_argument("--then", type=float, metavar="SHARE", help="of the accounts: what a sync has changed")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.store.parent) as name:
        folder = Path(name)
        shutil.copyfile(args.store, folder / "store.db")
        store = Store.open(folder / "store.db")
        (folder / "meta.json").write_text(json.dumps(meta(store)))
        people = store.reader().execute("SELECT count(*) FROM creator").fetchone()[0]
        print(f"{people:,} creators\n\n{'':10}{'seconds':>10}{'processor':>11}{'MB':>8}   facts          scores")
        pythons = {"sqlite": sys.executable}
        if args.engines:
            subprocess.run([args.engines, ENGINES, "export", folder], check=True)
            pythons |= {"duckdb": args.engines, "polars": args.engines}
        pythons["kolbench"] = sys.executable
        found = {}
        for engine, python in pythons.items():
            found[engine] = took = child(python, engine, folder)
            digests = "   ".join(took.digests)
            print(f"{engine:10}{took.seconds:10.2f}{took.cpu:11.2f}{took.peak_mb:8,}   {digests}", flush=True)
        ours = found.pop("kolbench")
        assert len({took.digests[0] for took in (ours, *found.values())}) == 1, "everybody must find the same"
        assert len({took.digests[1] for took in found.values()}) == 1, "engines must score alike"
        print(
            "\nKOLbench takes "
            + ", ".join(f"{ours.cpu / took.cpu:.1f} x {engine}" for engine, took in found.items())
            + " of the processor\n\na brief"
        )
        (folder / "brief.json").write_text(json.dumps(asked(store, briefs.write(store, BRIEF, "bench"))))
        for engine, python in pythons.items():
            tried = [child(python, engine, folder, BRIEF_ENGINES) for _ in range(TIMES)]
            found[engine] = took = Took(
                min(one.seconds for one in tried), min(one.cpu for one in tried), tried[0].peak_mb, tried[0].digests
            )
            print(f"{engine:10}{took.seconds:10.2f}{took.cpu:11.2f}{took.peak_mb:8,}   {took.digests[0]}", flush=True)
        assert len({took.digests[0] for took in found.values()}) == 1, "everybody must score alike"
        scored = found.pop("kolbench")
        quickest, cheapest = (min(found, key=lambda engine: found[engine][column]) for column in (0, 1))
        by_clock, busy = scored.seconds / found[quickest].seconds, scored.cpu / found[cheapest].cpu
        print(
            f"KOLbench takes {by_clock:.2f} x {quickest} by the clock, {busy:.2f} x {cheapest} of the processor"
            f"    (bar: {BAR} each)"
        )
        passed = max(by_clock, busy) <= BAR
        if args.then:
            accounts = change(store, args.then)
            again, derived = timed(lambda: standing.refresh(store))
            share = again.seconds / (ours.seconds + scored.seconds)
            print(
                f"news of {accounts:,} accounts: {derived:,} creators derived again, in the brief, too, in"
                f" {again.seconds:.2f} s ({again.cpu:.2f} s processor),\n{share:.1%} of everybody"
                f" ({again.cpu / (ours.cpu + scored.cpu):.1%} of the processor)    (bar: {SYNC_BAR:.0%})"
            )
            passed = passed and share <= SYNC_BAR
        store.close()
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
