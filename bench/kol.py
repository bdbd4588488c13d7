"""Key opinion leaders: does a ranking of streamers agree with whom their platform has made a partner?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, repeat
from pathlib import Path

from judging import average_precision, bootstrap, ranked

from kolbench.analysis.scorers.authority import Authority
from kolbench.domain.scoring import People
from kolbench.store.connect import Store

OURS = "KOLbench authority"
PARTNERS = "SELECT creator_id FROM account WHERE verified = 'yes'"
VIEWS = """
SELECT creator_id, value FROM account JOIN account_snapshot ON account_id = account.id
JOIN metric ON metric.id = metric_id AND metric.name = 'views'"""
DEGREE = """
SELECT creator_id, count(*) FROM account JOIN follow_edge ON account_id = account.id GROUP BY creator_id"""


def imports(data: Path) -> list[list[str]]:
    """Any country's pair of files: ``…_target.csv`` and ``…_edges.csv``."""
    people, edges = min(data.glob("musae_*_target.csv")), min(data.glob("musae_*_edges.csv"))
    return [
        [str(people), "--platform", "twitch", "--map", "new_id=uid,id="],
        [str(edges), "--platform", "twitch", "--set", "directed=no"],
    ]


def report(store: Store, samples: int) -> None:
    db = store.reader()
    partners = {creator for (creator,) in db.execute(PARTNERS)}
    views: dict[int, float] = dict(db.execute(VIEWS).fetchall())
    people = sorted(views)
    rankings: Mapping[str, Sequence[int]] = {
        "views": ranked(views, people),
        "degree": ranked(dict(db.execute(DEGREE).fetchall()), people),
        OURS: ranked(measured(db, people), people),
    }
    print(f"{len(people):,} streamers, {len(partners & views.keys()):,} of them partners\n")
    print(f"{'':20}{'AP':>8}{'95 % interval':>20}{'P@100':>8}")
    for name, order in rankings.items():
        low, high = bootstrap(precision(order, partners), people, samples)
        top = sum(one in partners for one in order[:100]) / 100
        print(f"{name:20}{precision(order, partners)(None):8.4f}    {low:.4f} to {high:.4f}{top:8.2f}", flush=True)
    ours, alone = precision(rankings[OURS], partners), precision(rankings["views"], partners)
    low, high = bootstrap(lambda drawn: ours(drawn) - alone(drawn), people, samples)
    print(f"\n{OURS} less views: {ours(None) - alone(None):+.4f} ({low:+.4f} to {high:+.4f})")


def measured(db: sqlite3.Connection, people: Sequence[int]) -> dict[int, float]:
    """The product's own measure of everybody."""
    batches = (people[first : first + 1_000] for first in range(0, len(people), 1_000))
    found = chain.from_iterable(Authority().measure(People(db, batch)).items() for batch in batches)
    return {creator: measure.figure or 0 for creator, measure in found}


def precision(order: Sequence[int], partners: set[int]) -> Callable[[Mapping[int, int] | None], float]:
    """The average precision of an order, in which everybody stands as often as they were drawn (once, if not told)."""

    def measure(drawn: Mapping[int, int] | None) -> float:
        times = (repeat(one in partners, 1 if drawn is None else drawn.get(one, 0)) for one in order)
        return average_precision(list(chain.from_iterable(times)))

    return measure
