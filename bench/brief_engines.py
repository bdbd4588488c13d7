"""One brief scored as one job: plain SQLite, DuckDB and Polars, beside KOLbench, each from and into the same store.

``scoring.py`` runs each in a process of its own: ``PYTHON brief_engines.py ENGINE FOLDER``. The folder holds
``store.db``, in which everybody's standing is derived and the brief saved, and ``brief.json`` (its terms, its weights
and the bounds of what is read). Every engine does the same: it reads the newest posts and messages of each account and
what it says about itself, finds the terms in them, looks up who is in a community, weighs both with the scores of
``standing``, and puts one row a creator into ``candidate``, whose indexes are kept. DuckDB and Polars are handed the
tables by ADBC's driver for SQLite, several times as fast as by Python, and hand their rows to Python's sqlite3. Both
are counted, as is loading the engine. Nothing of KOLbench is imported here but by its own engine.

What the engines leave out: full-width letters are not folded, and words are bounded by letters of ASCII alone.
They write in one transaction, where KOLbench lets others write in between.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from engines import digest

CHUNK = 200_000
ROWS = "SELECT creator_id, score, confidence, fit_score, inside FROM candidate WHERE brief_id = :brief ORDER BY 1"
INSERT = (
    "INSERT INTO candidate (brief_id, creator_id, version, score, confidence, fit_score, inside)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
POSTS = """SELECT account_id, published_at AS moment, id,
  substr(coalesce(title || ' ', '') || coalesce(text, ''), 1, {characters}) AS text
FROM post WHERE title <> '' OR text <> ''"""
MESSAGES = (
    "SELECT account_id, sent_at AS moment, id, substr(text, 1, {characters}) AS text FROM message WHERE text <> ''"
)
ACCOUNTS = """SELECT id AS account_id, creator_id,
  substr(CASE WHEN coalesce(bio, nullif(verified, 'yes')) IS NULL THEN coalesce(name || ' ', '') ELSE '' END
    || category, 1, {characters}) AS category,
  CASE WHEN coalesce(bio, nullif(verified, 'yes')) IS NOT NULL THEN
    substr(coalesce(name || ' ', '') || coalesce(verified || ' ', '') || coalesce(bio, ''), 1, {characters}) END AS self
FROM account"""
INSIDE = """SELECT DISTINCT creator_id FROM membership JOIN account ON account.id = account_id
WHERE left_at IS NULL"""
# Only the columns that are weighed are read.
STANDING = "SELECT creator_id{scores} FROM standing"
TYPES = {
    "text": "string",
    "self": "string",
    "category": "string",
    "account_id": "int64",
    "creator_id": "int64",
    "id": "int64",
    "moment": "int64",
}

NEWEST = """SELECT account_id, text FROM (
  SELECT account_id, text, row_number() OVER (PARTITION BY account_id ORDER BY moment DESC, id DESC) AS place
  FROM {table}
) AS numbered WHERE place <= {most}"""
SCORE = """
WITH work AS (
  SELECT creator_id, {self_worth} AS worth, self AS text FROM own WHERE self <> ''
  UNION ALL SELECT creator_id, {category_worth}, category FROM own WHERE category <> ''
  UNION ALL SELECT creator_id, 1, text FROM ({posts}) AS p JOIN own USING (account_id)
  UNION ALL SELECT creator_id, 1, text FROM ({messages}) AS m JOIN own USING (account_id)
),
folded AS (SELECT creator_id, worth, lower(text) AS text FROM work),
fit AS (
  SELECT creator_id, sqrt(sum(worth * (1e0 - {doubts})) / (sum(worth) + {doubt})) AS fit
  FROM folded GROUP BY creator_id
),
parts AS (
  SELECT s.*, fit.fit, CASE WHEN us.creator_id IS NULL THEN 0.0 ELSE 1.0 END AS inside
  FROM scored AS s LEFT JOIN fit ON fit.creator_id = s.creator_id LEFT JOIN us ON us.creator_id = s.creator_id
),
sums AS (SELECT creator_id, {confidence} AS confidence, {total} AS total, fit, inside FROM parts)
SELECT {brief}, creator_id, {version}, CASE WHEN confidence > 0 THEN total ELSE 0 END, confidence, fit,
  CAST(inside AS INTEGER) FROM sums ORDER BY creator_id"""


def columns(brief: dict[str, Any]) -> dict[str, str]:
    """The column that holds each scorer's value."""
    return {name: name if name in ("fit", "inside") else f"{name}_score" for name in brief["weights"]}


def statement(brief: dict[str, Any], has: Callable[[str, bool], str]) -> str:
    """The job in SQL; ``has`` words that a text has a term, which may have to stand alone."""
    own = columns(brief)
    # With an exponent a number is a double in every dialect, not a decimal.
    doubts = [f"(CASE WHEN {has(t, alone)} THEN {1 - weight:.17e} ELSE 1e0 END)" for t, weight, alone in brief["terms"]]
    total = [f"{100 * w:.17e} * coalesce({own[name]}, {brief['prior']:.17e})" for name, w in brief["weights"].items()]
    sure = [f"CASE WHEN {own[name]} IS NULL THEN 0e0 ELSE {w:.17e} END" for name, w in brief["weights"].items()]
    return SCORE.format(
        **{name: brief[name] for name in ("self_worth", "category_worth", "doubt", "brief", "version")},
        posts=NEWEST.format(table="posts", most=brief["posts"]),
        messages=NEWEST.format(table="messages", most=brief["messages"]),
        doubts=" * ".join(doubts),
        total=" + ".join(total),
        confidence=" + ".join(sure),
    )


def queries(brief: dict[str, Any]) -> dict[str, str]:
    """What is read of the store, by the name it has in the job."""
    scores = "".join(f", {name}" for name in columns(brief).values() if name.endswith("_score"))
    texts = {"posts": POSTS, "messages": MESSAGES, "own": ACCOUNTS, "us": INSIDE, "scored": STANDING}
    return {name: text.format(characters=brief["characters"], scores=scores) for name, text in texts.items()}


def connected(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / "store.db", isolation_level=None)
    for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "cache_size = -200000", "threads = 2"):
        db.execute(f"PRAGMA {pragma}")
    return db


def by_sqlite(folder: Path, brief: dict[str, Any]) -> None:
    db = connected(folder)
    for name, query in queries(brief).items():
        db.execute(f"CREATE TEMP VIEW {name} AS {query}")
    into = INSERT[: INSERT.index(" VALUES")]
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        f"{into} "
        + statement(
            brief,
            lambda term, alone: (
                f"' ' || text || ' ' GLOB '*[^a-z@]{term}[^a-z]*'" if alone else f"instr(text, '{term}') > 0"
            ),
        )
    )
    db.execute("COMMIT")


def tables(folder: Path, brief: dict[str, Any]) -> dict[str, Any]:
    """What is read of the store, as Arrow tables by name; a column without values has no type before."""
    import pyarrow as pa
    from adbc_driver_sqlite import dbapi

    found = {}
    with dbapi.connect(f"{(folder / 'store.db').as_uri()}?mode=ro") as db, db.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(CHUNK)})
        for name, query in queries(brief).items():
            cursor.execute(query)
            read = cursor.fetch_arrow_table()
            kinds = [(column, pa.type_for_alias(TYPES.get(column, "float64"))) for column in read.column_names]
            found[name] = read.cast(pa.schema(kinds))
    return found


def keep(db: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany(INSERT, rows)
    db.execute("COMMIT")


def by_duckdb(folder: Path, brief: dict[str, Any]) -> None:
    import duckdb

    db, engine = connected(folder), duckdb.connect()
    for name, read in tables(folder, brief).items():
        engine.register(name, read)
    text = statement(
        brief,
        lambda term, alone: (
            f"regexp_matches(text, '(^|[^a-z@]){term}([^a-z]|$)')" if alone else f"contains(text, '{term}')"
        ),
    )
    keep(db, engine.execute(text).fetchall())


def by_polars(folder: Path, brief: dict[str, Any]) -> None:
    import polars as pl

    db, col = connected(folder), pl.col
    read = {name: pl.from_arrow(table).lazy() for name, table in tables(folder, brief).items()}
    own = read["own"]

    def newest(name: str) -> Any:
        first = read[name].sort("account_id", "moment", "id", descending=[False, True, True], nulls_last=True)
        texts = first.group_by("account_id", maintain_order=True).head(brief[name])
        return texts.join(own, on="account_id").select("creator_id", "text", worth=pl.lit(1))

    selves = own.filter(col("self") != "").select("creator_id", text="self", worth=pl.lit(brief["self_worth"]))
    filed = own.filter(col("category") != "").select(
        "creator_id", text="category", worth=pl.lit(brief["category_worth"])
    )
    works = pl.concat([selves, filed, newest("posts"), newest("messages")]).with_columns(col("text").str.to_lowercase())
    doubts: Any = pl.lit(1.0)
    for term, weight, alone in brief["terms"]:
        sought = f"(?:^|[^a-z@]){term}(?:[^a-z]|$)" if alone else term
        doubts *= pl.when(col("text").str.contains(sought, literal=not alone)).then(1 - weight).otherwise(1.0)
    on_topic = (col("worth") * (1 - doubts)).sum() / (col("worth").sum() + brief["doubt"])
    fit = works.group_by("creator_id").agg(fit=on_topic.sqrt())
    us = read["us"].with_columns(inside=pl.lit(1.0))
    parts = read["scored"].join(fit, on="creator_id", how="left").join(us, on="creator_id", how="left")
    parts = parts.with_columns(col("inside").fill_null(0.0))
    named = columns(brief)
    total = pl.sum_horizontal(100 * w * col(named[n]).fill_null(brief["prior"]) for n, w in brief["weights"].items())
    sure = pl.sum_horizontal(w * col(named[n]).is_not_null() for n, w in brief["weights"].items())
    sums = parts.with_columns(total=total, confidence=sure)
    found = sums.select(
        pl.lit(brief["brief"]), "creator_id", pl.lit(brief["version"]).alias("version"),
        pl.when(col("confidence") > 0).then(col("total")).otherwise(0.0).alias("score"),
        "confidence", "fit", col("inside").cast(pl.Int64),
    )  # fmt: skip
    keep(db, found.sort("creator_id").collect().iter_rows())


def by_kolbench(folder: Path, brief: dict[str, Any]) -> None:
    from kolbench.analysis import candidacy
    from kolbench.store.connect import Store

    store = Store.open(folder / "store.db")
    candidacy.score(store, brief["brief"])
    store.close()


ENGINES = {"kolbench": by_kolbench, "sqlite": by_sqlite, "duckdb": by_duckdb, "polars": by_polars}


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    brief = json.loads((folder / "brief.json").read_text())
    db = connected(folder)
    db.execute("DELETE FROM candidate WHERE brief_id = :brief", brief)
    began, busy = time.perf_counter(), time.process_time()
    ENGINES[name](folder, brief)
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    digests = [digest(db.execute(ROWS, brief), 5)]
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak, "digests": digests}))


if __name__ == "__main__":
    main()
