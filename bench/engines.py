"""The aggregates of everybody's standing as one set-based job: plain SQLite, DuckDB and Polars, beside KOLbench.

``scoring.py`` runs each of them in a process of its own: ``PYTHON engines.py ENGINE FOLDER``. The folder holds
``store.db``, ``meta.json`` (the moments, metrics and weights of KOLbench's definitions) and the Parquet files that
``export`` makes of the store. Nothing of KOLbench is imported here: an engine's interpreter doesn't have it.

What they leave out, as the generated world has nothing of it: accounts' views, and counts of a day, week or month.
"""

from __future__ import annotations

import hashlib
import json
import re
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

TABLES = {
    "creator": ("id",),
    "account": ("id", "creator_id", "platform", "is_bot", "is_staff"),
    "account_snapshot": ("account_id", "metric_id", "observed_at", "value"),
    "post": ("id", "account_id", "published_at"),
    "post_snapshot": ("post_id", "metric_id", "observed_at", "value"),
    "message": ("account_id", "sent_at"),
    "activity": ("actor_id", "type", "object_id", "at"),
    "membership": ("account_id",),
}
FACTS = (
    "creator_id", "followers", "growth", "engagement", "voice", "works", "last_active_at", "reach_score",
    "engagement_score", "voice_score", "growth_score", "activity_score",
)  # fmt: skip
"""The columns that KOLbench's table of standings has, too; ``SCORED`` has a score of these five beside them."""

SCORED = (*FACTS, "score", "confidence")

# What differs between dialects: the newest row of each group. The rest is one text for SQLite and DuckDB.
SQLITE = """
newest AS MATERIALIZED (
  SELECT account_id, metric_id, max(observed_at) AS moment, value FROM account_snapshot GROUP BY account_id, metric_id
),
reaction AS MATERIALIZED (
  SELECT post_id, metric_id, max(observed_at) AS moment, value FROM post_snapshot
  WHERE metric_id IN ({likes}, {comments}, {shares}, {views}) GROUP BY post_id, metric_id
),
counted AS MATERIALIZED (
  SELECT n.account_id, n.value AS followers, n.moment,
    coalesce(
      (SELECT observed_at FROM account_snapshot WHERE account_id = n.account_id AND metric_id = {followers}
       AND observed_at <= n.moment - {growth_ms} ORDER BY observed_at DESC LIMIT 1),
      (SELECT min(observed_at) FROM account_snapshot WHERE account_id = n.account_id AND metric_id = {followers})
    ) AS base_at
  FROM newest AS n WHERE likely(n.metric_id = {followers})
),
based AS MATERIALIZED (
  SELECT c.*, s.value AS base FROM counted AS c JOIN account_snapshot AS s
  ON s.account_id = c.account_id AND s.metric_id = {followers} AND s.observed_at = c.base_at
),"""

DUCKDB = """
newest AS MATERIALIZED (
  SELECT account_id, metric_id, max(observed_at) AS moment, arg_max(value, observed_at) AS value
  FROM account_snapshot GROUP BY account_id, metric_id
),
reaction AS MATERIALIZED (
  SELECT post_id, metric_id, arg_max(value, observed_at) AS value FROM post_snapshot
  WHERE metric_id IN ({likes}, {comments}, {shares}, {views}) GROUP BY post_id, metric_id
),
based AS MATERIALIZED (
  SELECT n.account_id, any_value(n.value) AS followers, any_value(n.moment) AS moment,
    coalesce(max(s.observed_at) FILTER (s.observed_at <= n.moment - {growth_ms}), min(s.observed_at)) AS base_at,
    coalesce(arg_max(s.value, s.observed_at) FILTER (s.observed_at <= n.moment - {growth_ms}),
             arg_min(s.value, s.observed_at)) AS base
  FROM newest AS n JOIN account_snapshot AS s ON s.account_id = n.account_id AND s.metric_id = {followers}
  WHERE n.metric_id = {followers} GROUP BY n.account_id
),"""

COMMON = """
told AS (
  SELECT account_id,
    max(CASE metric_id WHEN {engagement_bp} THEN value END) AS stated,
    max(CASE metric_id WHEN {avg_likes} THEN value END) AS avg_likes,
    max(CASE metric_id WHEN {likes} THEN value END) AS likes,
    max(CASE metric_id WHEN {posts} THEN value END) AS posts
  FROM newest GROUP BY account_id
),
own AS (
  SELECT account.creator_id, account.id AS account_id, b.followers, b.moment, b.base, b.base_at,
    t.stated, t.avg_likes, t.likes, t.posts,
    row_number() OVER (PARTITION BY creator_id ORDER BY b.followers DESC NULLS LAST, account.id) AS place,
    sum(b.followers) OVER (PARTITION BY creator_id) AS together
  FROM account LEFT JOIN based AS b ON b.account_id = account.id LEFT JOIN told AS t ON t.account_id = account.id
  WHERE coalesce(is_bot, 0) <> 1 AND coalesce(is_staff, 0) <> 1
),
main AS MATERIALIZED (SELECT * FROM own WHERE place = 1),
works AS (
  SELECT account_id, published_at AS moment FROM post WHERE published_at IS NOT NULL
  UNION ALL SELECT account_id, sent_at FROM message
),
last_work AS MATERIALIZED (
  SELECT account_id, creator_id, platform, max(moment) AS moment FROM works JOIN account ON account.id = account_id
  GROUP BY account_id, creator_id, platform
),
horizon AS MATERIALIZED (SELECT platform, max(moment) AS moment FROM last_work GROUP BY platform),
newest_work AS MATERIALIZED (SELECT creator_id, max(moment) AS moment FROM last_work GROUP BY creator_id),
known_to AS MATERIALIZED (
  SELECT l.creator_id, min(h.moment) AS moment
  FROM last_work AS l JOIN newest_work AS n ON n.creator_id = l.creator_id AND n.moment = l.moment
  JOIN horizon AS h ON h.platform = l.platform GROUP BY l.creator_id
),
active AS MATERIALIZED (
  SELECT n.creator_id, n.moment AS last_active_at,
    CASE WHEN n.moment > k.moment - {window_ms} THEN count(*) ELSE 0 END AS works
  FROM works JOIN account ON account.id = works.account_id JOIN newest_work AS n ON n.creator_id = account.creator_id
  JOIN known_to AS k ON k.creator_id = n.creator_id
  WHERE works.moment > n.moment - {window_ms} GROUP BY n.creator_id, n.moment, k.moment
),
newest_post AS MATERIALIZED (SELECT account_id, max(published_at) AS moment FROM post GROUP BY account_id),
reacted AS (
  SELECT post_id, max(CASE metric_id WHEN {likes} THEN 1 END) AS liked,
    sum(CASE metric_id WHEN {views} THEN 0 ELSE value END) AS reactions,
    max(CASE metric_id WHEN {views} THEN value END) AS views
  FROM reaction GROUP BY post_id
),
recent AS MATERIALIZED (
  SELECT post.account_id, count(*) AS posts, sum(r.reactions) AS reactions,
    sum(CASE WHEN r.views > 0 THEN r.reactions END) AS by_viewers, sum(CASE WHEN r.views > 0 THEN r.views END) AS views
  FROM post JOIN newest_post AS n ON n.account_id = post.account_id AND post.published_at > n.moment - {window_ms}
  JOIN reacted AS r ON r.post_id = post.id
  WHERE r.liked = 1 GROUP BY post.account_id
),
last_word AS (
  SELECT creator_id, max(activity."at") AS moment FROM activity JOIN account ON account.id = object_id
  GROUP BY creator_id
),
heard AS MATERIALIZED (
  SELECT told.creator_id, count(DISTINCT actor.creator_id) AS people
  FROM activity JOIN account AS told ON told.id = object_id JOIN account AS actor ON actor.id = actor_id
  JOIN last_word AS l ON l.creator_id = told.creator_id AND activity."at" > l.moment - {window_ms}
  WHERE type IN ('mention', 'reply', 'thank') AND actor.creator_id <> told.creator_id AND coalesce(actor.is_bot, 0) <> 1
  GROUP BY told.creator_id
),
member AS MATERIALIZED (
  SELECT creator_id FROM last_word
  UNION SELECT creator_id FROM membership JOIN account ON account.id = account_id
),
facts AS (
  SELECT main.creator_id, together AS followers, main.followers AS of_main, moment, base, base_at, stated, avg_likes,
    main.likes, main.posts, recent.posts AS recent_posts, recent.reactions,
    CASE WHEN coalesce(main.followers, 0) = 0 AND by_viewers <= recent.views
      THEN 1.0 * by_viewers / recent.views END AS of_views,
    CASE WHEN member.creator_id IS NOT NULL THEN coalesce(heard.people, 0) END AS voice,
    coalesce(active.works, CASE WHEN member.creator_id IS NOT NULL THEN 0 END) AS works, active.last_active_at
  FROM main
  LEFT JOIN recent ON recent.account_id = main.account_id
  LEFT JOIN active ON active.creator_id = main.creator_id
  LEFT JOIN member ON member.creator_id = main.creator_id
  LEFT JOIN heard ON heard.creator_id = main.creator_id
),
rates AS (
  SELECT facts.*,
    CASE WHEN of_main > 0 AND recent_posts > 0 AND reactions <= 1.0 * recent_posts * of_main
           THEN 1.0 * reactions / recent_posts / of_main
         WHEN of_views IS NOT NULL THEN of_views
         WHEN stated <= 10000 THEN stated / 10000.0
         WHEN of_main > 0 AND avg_likes <= of_main THEN 1.0 * avg_likes / of_main
         WHEN of_main > 0 AND posts > 0 AND likes <= 1.0 * posts * of_main
           THEN 1.0 * likes / posts / of_main END AS engagement,
    CASE WHEN of_main > 0 AND base > 0 AND moment - base_at BETWEEN {min_growth_ms} AND {max_growth_ms}
         THEN pow(1.0 * of_main / base, 1.0 * {growth_ms} / (moment - base_at)) - 1 END AS growth
  FROM facts
),
parts AS (
  SELECT rates.*,
    CASE WHEN followers > 99999999 THEN 1.0 ELSE log10(followers + 1) / 8 END AS reach_score,
    engagement / (engagement + CASE WHEN of_views IS NULL THEN {half} ELSE {half_of_views} END) AS engagement_score,
    CASE WHEN voice > 200 THEN 1.0 ELSE ln(voice + 1) / ln(201) END AS voice_score,
    CASE WHEN growth > 0.1 THEN 1.0 WHEN growth < -0.1 THEN 0.0 ELSE 0.5 + 5 * growth END AS growth_score,
    CASE WHEN works / {weeks} > 50 THEN 1.0 ELSE ln(works / {weeks} + 1) / ln(51) END AS activity_score
  FROM rates
),
sums AS (
  SELECT parts.*,
    (reach_score IS NOT NULL) * {reach} + (engagement_score IS NOT NULL) * {engagement}
    + (voice_score IS NOT NULL) * {voice} + (growth_score IS NOT NULL) * {growth}
    + (activity_score IS NOT NULL) * {activity} AS confidence,
    100 * ({reach} * coalesce(reach_score, {prior}) + {engagement} * coalesce(engagement_score, {prior})
    + {voice} * coalesce(voice_score, {prior}) + {growth} * coalesce(growth_score, {prior})
    + {activity} * coalesce(activity_score, {prior})) AS total
  FROM parts
)
SELECT creator_id, followers, growth, engagement, voice, works, last_active_at, reach_score, engagement_score,
  voice_score, growth_score, activity_score, CASE WHEN confidence > 0 THEN total ELSE 0.0 END AS score, confidence
FROM sums"""


LAST = "\nSELECT "
STEP = re.compile(rf"^(\w+) AS (MATERIALIZED )?(\(.*?\))(?=,\n\w+ AS |{LAST})", re.DOTALL | re.MULTILINE)


def statement(dialect: str, folder: Path) -> str:
    text = (dialect + COMMON).format_map(json.loads((folder / "meta.json").read_text()))
    return f"WITH\n{text.strip()}"


def by_sqlite(folder: Path) -> Callable[[], Iterable[tuple[Any, ...]]]:
    db = sqlite3.connect(f"{(folder / 'store.db').as_uri()}?mode=ro", uri=True)
    db.execute("PRAGMA cache_size = -200000")
    db.execute("PRAGMA threads = 2")
    # It doesn't hash what it joins: an intermediate result becomes a table with an index.
    text, views = statement(SQLITE, folder), ""
    for name, kept, query in STEP.findall(text):
        if kept:
            db.execute(f"CREATE TEMP TABLE {name} AS {views} SELECT * FROM {query}")
            key = db.execute(f"SELECT name FROM pragma_table_info('{name}') WHERE cid = 0").fetchone()[0]
            db.execute(f"CREATE INDEX temp.{name}_key ON {name} ({key})")
        else:
            views += f"{', ' if views else 'WITH '}{name} AS {query}"
    db.execute(f"CREATE TEMP TABLE result AS {views} {text[text.rindex(LAST) :]}")
    return lambda: db.execute("SELECT * FROM result ORDER BY creator_id")


def by_duckdb(folder: Path) -> Callable[[], Iterable[tuple[Any, ...]]]:
    import duckdb

    db = duckdb.connect()
    for name in TABLES:
        db.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder / name}.parquet'")
    text = statement(DUCKDB, folder).replace("IS NOT NULL) *", "IS NOT NULL)::INT *")
    db.execute(f"CREATE TABLE result AS {text}")
    return lambda: db.execute("SELECT * FROM result ORDER BY creator_id").fetchall()


def by_polars(folder: Path) -> Callable[[], Iterable[tuple[Any, ...]]]:
    import polars as pl

    meta = json.loads((folder / "meta.json").read_text())
    table = {name: pl.scan_parquet(folder / f"{name}.parquet") for name in TABLES}
    col, window = pl.col, meta["window_ms"]
    owner = table["account"].select(col("id").alias("account_id"), "creator_id", "platform")
    counted = table["account_snapshot"]
    newest = counted.group_by("account_id", "metric_id").agg(
        moment=col("observed_at").max(), value=col("value").sort_by("observed_at").last()
    )

    def latest(name: str, called: str) -> Any:
        return newest.filter(col("metric_id") == meta[name]).select("account_id", "moment", col("value").alias(called))

    now = latest("followers", "of_main")
    early = col("observed_at") <= col("moment") - meta["growth_ms"]
    based = (
        counted.filter(col("metric_id") == meta["followers"])
        .join(now, on="account_id")
        .group_by("account_id")
        .agg(
            col("moment").first(),
            col("of_main").first(),
            base_at=pl.coalesce(col("observed_at").filter(early).max(), col("observed_at").min()),
            base=pl.coalesce(
                col("value").filter(early).sort_by(col("observed_at").filter(early)).last(),
                col("value").sort_by("observed_at").first(),
            ),
        )
    )
    own = (
        table["account"]
        .filter((col("is_bot").fill_null(0) != 1) & (col("is_staff").fill_null(0) != 1))
        .select(col("id").alias("account_id"), "creator_id")
        .join(based, on="account_id", how="left")
    )
    main = own.sort("creator_id", "of_main", "account_id", descending=[False, True, False], nulls_last=True)
    main = main.unique("creator_id", keep="first", maintain_order=True)
    for name, called in (
        ("engagement_bp", "stated"),
        ("avg_likes", "avg_likes"),
        ("likes", "likes"),
        ("posts", "posts"),
    ):
        main = main.join(latest(name, called).drop("moment"), on="account_id", how="left")
    known = own.filter(col("of_main").is_not_null()).group_by("creator_id").agg(followers=col("of_main").sum())
    works = pl.concat(
        (
            table["post"].select("account_id", col("published_at").alias("moment")).drop_nulls(),
            table["message"].select("account_id", col("sent_at").alias("moment")),
        )
    ).join(owner, on="account_id")
    newest_work = works.group_by("creator_id").agg(last_active_at=col("moment").max())
    horizon = works.group_by("platform").agg(horizon=col("moment").max())
    known_to = (
        works.join(newest_work, on="creator_id")
        .filter(col("moment") == col("last_active_at"))
        .join(horizon, on="platform")
        .group_by("creator_id")
        .agg(col("last_active_at").first(), col("horizon").min())
    )
    active = (
        works.join(known_to, on="creator_id")
        .filter(col("moment") > col("last_active_at") - window)
        .group_by("creator_id")
        .agg(col("last_active_at").first(), col("horizon").first(), works=pl.len())
        .with_columns(works=pl.when(col("last_active_at") > col("horizon") - window).then(col("works")).otherwise(0))
    )
    newest_post = table["post"].group_by("account_id").agg(newest=col("published_at").max())
    reacted = (
        table["post_snapshot"]
        .filter(col("metric_id").is_in([meta[name] for name in ("likes", "comments", "shares", "views")]))
        .group_by("post_id", "metric_id")
        .agg(col("value").sort_by("observed_at").last())
        .group_by("post_id")
        .agg(
            liked=(col("metric_id") == meta["likes"]).any(),
            reactions=col("value").filter(col("metric_id") != meta["views"]).sum(),
            views=col("value").filter((col("metric_id") == meta["views"]) & (col("value") > 0)).first(),
        )
        .filter(col("liked"))
    )
    recent = (
        table["post"]
        .join(newest_post, on="account_id")
        .filter(col("published_at") > col("newest") - window)
        .join(reacted, left_on="id", right_on="post_id")
        .group_by("account_id")
        .agg(
            col("reactions").sum(),
            col("views").sum(),
            recent_posts=pl.len(),
            by_viewers=col("reactions").filter(col("views").is_not_null()).sum(),
        )
    )
    addressed = table["activity"].join(owner, left_on="object_id", right_on="account_id")
    last_word = addressed.group_by("creator_id").agg(last_at=col("at").max())
    speakers = table["account"].select(col("id").alias("actor_id"), col("creator_id").alias("speaker"), "is_bot")
    heard = (
        addressed.filter(col("type").is_in(["mention", "reply", "thank"]))
        .join(last_word, on="creator_id")
        .filter(col("at") > col("last_at") - window)
        .join(speakers, on="actor_id")
        .filter((col("speaker") != col("creator_id")) & (col("is_bot").fill_null(0) != 1))
        .group_by("creator_id")
        .agg(people=col("speaker").n_unique())
    )
    members = table["membership"].join(owner, on="account_id").select("creator_id")
    member = pl.concat((last_word.select("creator_id"), members)).unique().with_columns(member=pl.lit(value=True))
    facts = (
        main.join(known, on="creator_id", how="left")
        .join(recent, on="account_id", how="left")
        .join(active, on="creator_id", how="left")
        .join(member, on="creator_id", how="left")
        .join(heard, on="creator_id", how="left")
        .with_columns(voice=pl.when(col("member")).then(col("people").fill_null(0)))
        .with_columns(works=pl.coalesce(col("works"), pl.when(col("member")).then(0)))
    )
    unfollowed = (col("of_main").fill_null(0) == 0) & (col("views") > 0) & (col("by_viewers") <= col("views"))
    facts = facts.with_columns(of_views=pl.when(unfollowed).then(col("by_viewers") / col("views")))
    half = pl.when(col("of_views").is_null()).then(meta["half"]).otherwise(meta["half_of_views"])
    some, apart = col("of_main") > 0, col("moment") - col("base_at")
    rates = facts.with_columns(
        engagement=pl.when(
            some & (col("recent_posts") > 0) & (col("reactions") <= col("recent_posts") * col("of_main"))
        )
        .then(col("reactions") / col("recent_posts") / col("of_main"))
        .when(col("of_views").is_not_null())
        .then(col("of_views"))
        .when(col("stated") <= 10_000)
        .then(col("stated") / 10_000)
        .when(some & (col("avg_likes") <= col("of_main")))
        .then(col("avg_likes") / col("of_main"))
        .when(some & (col("posts") > 0) & (col("likes") <= col("posts") * col("of_main")))
        .then(col("likes") / col("posts") / col("of_main")),
        growth=pl.when(some & (col("base") > 0) & apart.is_between(meta["min_growth_ms"], meta["max_growth_ms"])).then(
            (col("of_main") / col("base")) ** (meta["growth_ms"] / apart) - 1
        ),
    )
    parts = rates.with_columns(
        reach_score=((col("followers") + 1).log10() / 8).clip(upper_bound=1),
        engagement_score=col("engagement") / (col("engagement") + half),
        voice_score=((col("voice") + 1).log() / pl.lit(201.0).log()).clip(upper_bound=1),
        growth_score=(0.5 + 5 * col("growth")).clip(0, 1),
        activity_score=((col("works") / meta["weeks"] + 1).log() / pl.lit(51.0).log()).clip(upper_bound=1),
    )
    weights = {name: meta[name] for name in ("reach", "engagement", "voice", "growth", "activity")}
    sums = parts.with_columns(
        confidence=pl.sum_horizontal(
            *(col(f"{name}_score").is_not_null() * weight for name, weight in weights.items())
        ),
        total=100
        * pl.sum_horizontal(
            *(col(f"{name}_score").fill_null(meta["prior"]) * weight for name, weight in weights.items())
        ),
    )
    result = sums.with_columns(score=pl.when(col("confidence") > 0).then(col("total")).otherwise(0.0))
    found = result.select(SCORED).collect(engine="streaming")
    return lambda: found.sort("creator_id").iter_rows()


def by_kolbench(folder: Path) -> Callable[[], Iterable[tuple[Any, ...]]]:
    from kolbench.analysis import standing
    from kolbench.store.connect import Store

    store = Store.open(folder / "store.db")
    standing.rebuild(store)
    return lambda: store.reader().execute(f"SELECT {', '.join(FACTS)} FROM standing ORDER BY creator_id")


def digest(rows: Iterable[tuple[Any, ...]], width: int) -> str:
    """Of the first ``width`` columns, real numbers rounded to a millionth.

    A billionth more, so that no number lies between two roundings, where the last bit would decide.
    """
    found = hashlib.sha256()
    for row in rows:
        known = [value if value is None else format(float(value) + 1e-9, ".6f") for value in row[:width]]
        found.update(repr(known).replace("-0.000000", "0.000000").encode())
    return found.hexdigest()[:12]


ENGINES = {"kolbench": by_kolbench, "sqlite": by_sqlite, "duckdb": by_duckdb, "polars": by_polars}


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    if name == "export":
        from parquet_files import export

        export(folder, TABLES, {})
        return
    began, busy = time.perf_counter(), time.process_time()
    rows = ENGINES[name](folder)
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    digests = [digest(rows(), len(FACTS))]
    if name != "kolbench":
        digests.append(digest(rows(), len(SCORED)))
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak, "digests": digests}))


if __name__ == "__main__":
    main()
