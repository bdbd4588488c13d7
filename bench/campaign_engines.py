"""The standings of a campaign as one set-based job: SQLite's recursive CTE, DuckDB and Polars, beside KOLbench.

``campaign.py`` runs each of them in a process of its own: ``PYTHON campaign_engines.py ENGINE FOLDER``. The folder
holds ``store.db`` and the Parquet files that ``export`` makes of it. Nothing of KOLbench is imported here but by
KOLbench's own job: an engine's interpreter doesn't have it. What doesn't fit into 4 GB is put into the folder.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

TABLES = {
    "participant": ("id", "ref", "parent_id"),
    "conversion": ("participant_id", "buyer", "at", "amount", "refunded"),
    "commission_entry": ("participant_id", "amount"),
}
ORDERS = ("direct", "indirect", "revenue", "reached", "commission")
FIGURES = ("participant_id", "invited", "below", *ORDERS, "indirect_revenue")

# One text for SQLite and DuckDB. Of everybody: who is above them; what they sold; then sums, and distinct people.
SUMS = """
WITH RECURSIVE up(node, above) AS (
  SELECT id, parent_id FROM participant WHERE parent_id IS NOT NULL
  UNION ALL
  SELECT up.node, p.parent_id FROM up JOIN participant AS p ON p.id = up.above WHERE p.parent_id IS NOT NULL
),
way AS MATERIALIZED (SELECT node, above FROM up),
own AS MATERIALIZED (
  SELECT participant_id, count(*) AS direct, sum(amount - refunded) AS revenue, max("at") AS last_at
  FROM conversion WHERE {counted} (refunded < amount OR amount = 0) GROUP BY participant_id
),
below AS MATERIALIZED (
  SELECT above, count(*) AS below, coalesce(sum(direct), 0) AS indirect, coalesce(sum(revenue), 0) AS indirect_revenue
  FROM way LEFT JOIN own ON own.participant_id = way.node GROUP BY above
),
brought AS MATERIALIZED (SELECT parent_id, count(*) AS invited FROM participant GROUP BY parent_id),
owed AS MATERIALIZED (
  SELECT participant_id, sum(amount) AS commission FROM commission_entry GROUP BY participant_id
),"""

REACH = """
sold AS MATERIALIZED (SELECT DISTINCT participant_id, buyer FROM conversion WHERE {counted} buyer IS NOT NULL),
seen AS (
  SELECT participant_id AS one, buyer AS person FROM sold
  UNION SELECT way.above, buyer FROM sold JOIN way ON way.node = participant_id
  UNION SELECT way.above, ref FROM way JOIN participant ON id = way.node
),
reach AS MATERIALIZED (
  SELECT one, count(*) AS reached FROM seen JOIN participant ON id = one WHERE person <> ref GROUP BY one
),"""

RANKED = """
figures AS MATERIALIZED (
  SELECT id AS participant_id, coalesce(invited, 0) AS invited, coalesce(below, 0) AS below,
    coalesce(direct, 0) AS direct, coalesce(indirect, 0) AS indirect, coalesce(revenue, 0) AS revenue,
    coalesce(indirect_revenue, 0) AS indirect_revenue, {reached} AS reached, coalesce(commission, 0) AS commission,
    last_at
  FROM participant LEFT JOIN own ON own.participant_id = id LEFT JOIN below ON below.above = id
  LEFT JOIN brought ON brought.parent_id = id LEFT JOIN owed ON owed.participant_id = id {reach}
)
SELECT *, rank() OVER (ORDER BY direct DESC, last_at) AS direct_rank,
  rank() OVER (ORDER BY indirect DESC) AS indirect_rank,
  rank() OVER (ORDER BY revenue DESC, last_at) AS revenue_rank,
  rank() OVER (ORDER BY reached DESC) AS reached_rank,
  rank() OVER (ORDER BY commission DESC) AS commission_rank FROM figures"""


def statement(counted: str, *, people: bool) -> str:
    text = SUMS + (REACH if people else "") + RANKED
    return text.format(
        counted=counted,
        reached="coalesce(reached, 0)" if people else "0",
        reach="LEFT JOIN reach ON reach.one = id" if people else "",
    )


def by_sqlite(folder: Path, *, people: bool) -> Callable[[], Iterable[tuple[Any, ...]]]:
    db = sqlite3.connect(folder / "store.db")
    db.execute("PRAGMA cache_size = -500000")
    db.execute("CREATE TEMP TABLE result AS " + statement("state = 'counted' AND", people=people))
    return lambda: db.execute(f"SELECT {', '.join(FIGURES)} FROM result ORDER BY 1")


def by_duckdb(folder: Path, *, people: bool) -> Callable[[], Iterable[tuple[Any, ...]]]:
    import duckdb

    db = duckdb.connect(str(folder / f"result-{people}.duckdb"))
    db.execute(f"SET temp_directory = '{folder}/spill'")
    db.execute("SET memory_limit = '4GB'")
    for name in TABLES:
        db.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder}/{name}.parquet'")
    db.execute("CREATE TABLE result AS " + statement("", people=people))
    return lambda: db.execute(f"SELECT {', '.join(FIGURES)} FROM result ORDER BY 1").fetchall()


def by_polars(folder: Path, *, people: bool) -> Callable[[], Iterable[tuple[Any, ...]]]:
    """Level by level, from the leaves: what a level has found goes to whoever brought it."""
    import polars as pl

    col = pl.col
    people_of = pl.read_parquet(folder / "participant.parquet")
    sales = pl.read_parquet(folder / "conversion.parquet")
    owed = pl.read_parquet(folder / "commission_entry.parquet")
    levels = [people_of.filter(col("parent_id").is_null()).select("id")]
    while levels[-1].height:
        levels.append(people_of.join(levels[-1].rename({"id": "parent_id"}), on="parent_id", how="semi").select("id"))
    own = (
        sales.filter((col("refunded") < col("amount")) | (col("amount") == 0))
        .group_by("participant_id")
        .agg(direct=pl.len(), revenue=(col("amount") - col("refunded")).sum(), last_at=col("at").max())
    )
    table = people_of.join(own, left_on="id", right_on="participant_id", how="left").with_columns(
        col("direct").fill_null(0), col("revenue").fill_null(0)
    )
    sums = ["below", "indirect", "indirect_revenue"]
    found, above = [], None
    for level in reversed(levels):
        here = table.join(level, on="id", how="semi")
        if above is None:
            here = here.with_columns(*(pl.lit(0, pl.Int64).alias(name) for name in (*sums, "invited")))
        else:
            here = here.join(above, left_on="id", right_on="parent_id", how="left").with_columns(
                col(name).fill_null(0) for name in (*sums, "invited")
            )
        found.append(here)
        above = here.group_by("parent_id").agg(
            below=(col("below") + 1).sum(),
            indirect=(col("direct") + col("indirect")).sum(),
            indirect_revenue=(col("revenue") + col("indirect_revenue")).sum(),
            invited=pl.len(),
        )
    result = pl.concat(found, how="diagonal_relaxed")
    result = result.join(
        owed.group_by("participant_id").agg(commission=col("amount").sum()),
        left_on="id", right_on="participant_id", how="left",
    ).with_columns(col("commission").fill_null(0))  # fmt: skip
    if people:
        result = result.join(_reached(pl, people_of, sales, levels), on="id", how="left").with_columns(
            col("reached").fill_null(0)
        )
    else:
        result = result.with_columns(reached=pl.lit(0))
    result = result.with_columns(*(col(name).cast(pl.Int64) for name in ORDERS)).with_columns(
        *(
            (pl.struct(-col(name), col("last_at")) if name in ("direct", "revenue") else -col(name))
            .rank("min")
            .alias(f"{name}_rank")
            for name in ORDERS
        )
    )
    result = result.rename({"id": "participant_id"})
    result.write_parquet(folder / f"result-{people}.parquet")
    return lambda: result.select(FIGURES).sort("participant_id").iter_rows()


def _reached(pl: Any, people_of: Any, sales: Any, levels: list[Any]) -> Any:
    """Distinct people of each branch: pairs go up a level at a time, once each."""
    col = pl.col
    names = pl.concat((people_of["ref"], sales["buyer"].drop_nulls())).unique()
    codes = pl.DataFrame({"name": names}).with_row_index("person")
    own = people_of.join(codes, left_on="ref", right_on="name").select("id", "parent_id", me="person")
    pairs = (
        pl.concat(
            (
                sales.join(codes, left_on="buyer", right_on="name").select(col("participant_id").alias("id"), "person"),
                own.filter(col("parent_id").is_not_null()).select(col("parent_id").alias("id"), person="me"),
            )
        )
        .unique()
        .join(own, on="id")
    )
    found, up = [], None
    for level in reversed(levels):
        here = pairs.join(level, on="id", how="semi").select("id", "person")
        if up is not None:
            here = pl.concat((here, up)).unique()
        here = here.join(own, on="id")
        found.append(here.filter(col("person") != col("me")).group_by("id").agg(reached=pl.len()))
        up = here.filter(col("parent_id").is_not_null()).select(col("parent_id").alias("id"), "person")
    return pl.concat(found)


def by_kolbench(folder: Path, *, people: bool) -> Callable[[], Iterable[tuple[Any, ...]]]:
    from kolbench.analysis.campaigns import standings
    from kolbench.store.connect import Store

    store = Store.open(folder / "store.db")
    standings.rebuild(store)
    return lambda: store.reader().execute(f"SELECT {', '.join(FIGURES)} FROM participant_standing ORDER BY 1")


def digest(rows: Iterable[tuple[Any, ...]]) -> str:
    """Of everybody's figures."""
    found = hashlib.sha256()
    for row in rows:
        found.update(repr(tuple(map(int, row))).encode())
    return found.hexdigest()[:12]


ENGINES = {"kolbench": by_kolbench, "sqlite": by_sqlite, "duckdb": by_duckdb, "polars": by_polars}


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    if name == "export":
        from parquet_files import export

        export(folder, TABLES, {"conversion": "state = 'counted'"})
        return
    people = len(sys.argv) < 4
    began, busy = time.perf_counter(), time.process_time()
    rows = ENGINES[name](folder, people=people)
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak, "digest": digest(rows())}))


if __name__ == "__main__":
    main()
