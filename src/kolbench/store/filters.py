"""Which candidates to show: what an operator asks for, and whom a brief leaves out, as conditions on ``standing``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kolbench.domain.clock import DAY, from_ms, now
from kolbench.store import refusals

if TYPE_CHECKING:
    import sqlite3

    from kolbench.store.connect import Store

Conditions = tuple[list[str], dict[str, Any]]
"""Clauses to be joined by AND, or queries in brackets, and the named values in them."""


@dataclass(frozen=True)
class Filter:
    """What to show; the empty one shows everybody. ``followers`` are inclusive bounds, ``state`` and fit of the brief.

    ``text`` of one or two letters is the beginning of a word, as one types; ``anywhere``: it is found within, too.
    ``known_from`` and ``fit_from`` are per cent, inclusive; ``active_days``: they did something in the last so many.
    """

    text: str = ""
    anywhere: bool = False
    platform: str | None = None
    tier: str | None = None
    kind: str | None = None
    state: str | None = None
    owner: str | None = None
    tag: str | None = None
    community_id: int | None = None
    source_id: int | None = None
    followers_from: int | None = None
    followers_to: int | None = None
    language: str | None = None
    region: str | None = None
    category: str | None = None
    known_from: int | None = None
    active_days: int | None = None
    fit_from: int | None = None

    def __bool__(self) -> bool:
        return self != Filter()


_CLAUSES = {
    "platform": "platform = :platform",
    "tier": "tier = :tier",
    "kind": "kind = :kind",
    "followers_from": "followers >= :followers_from",
    "followers_to": "followers <= :followers_to",
    "language": "language = :language",
    "region": "region = :region",
    "category": "category = :category",
    "active_days": "+last_active_at >= :active_from",  # most are looked at anyhow: an index would be in the way
    "owner": "creator_id IN (SELECT id FROM creator WHERE owner = :owner)",
    "tag": "creator_id IN (SELECT creator_id FROM tag WHERE name = :tag AND removed_at IS NULL)",
    "community_id": "creator_id IN (SELECT account.creator_id FROM membership JOIN account ON account.id = account_id"
    " WHERE community_id = :community_id)",
    "source_id": "creator_id IN (SELECT account.creator_id FROM account JOIN run ON run.id = account.run_id"
    " WHERE run.source_id = :source_id)",
}


def asked(shown: Filter, brief_id: int | None, *, indexed: bool = True) -> Conditions:
    """The conditions that a filter means. Raises UsageError for a state that there is not.

    Not ``indexed``, they are for a few rows that are looked through, where gathering all that match first is slower.
    """
    clauses: list[str] = []
    values: dict[str, Any] = {}
    if shown.text:
        from kolbench.store import search  # its patterns take 5 ms to compile, which the first frame would wait for

        values["match"], values["part"] = search.query(shown.text)
        beginnings = search.finds_beginnings(shown.text)
        if values["match"] and (not shown.anywhere if beginnings else indexed):
            clauses.append("creator_id IN (SELECT rowid FROM creator_terms WHERE creator_terms MATCH :match)")
        clauses.append("instr(name_key, :part) > 0")
    for name, clause in _CLAUSES.items():
        if (value := getattr(shown, name)) is not None:
            clauses.append(clause)
            values[name] = value
    if shown.active_days is not None:
        values["active_from"] = now() - shown.active_days * DAY
    if shown.known_from is not None:
        clauses.append(("" if brief_id is None else "candidate.") + "confidence >= :known_from / 100.0")
        values["known_from"] = shown.known_from
    if shown.fit_from is not None and brief_id is not None:
        clauses.append("candidate.fit_score >= :fit_from / 100.0")
        values["fit_from"] = shown.fit_from
    if shown.state is not None and brief_id is not None:
        from kolbench.store import decisions

        clause, more = decisions.having(brief_id, [shown.state])
        clauses.append(clause)
        values |= more
    return clauses, values


def indexed(shown: Filter) -> str:
    """The conditions that an index of ``standing`` answers by itself; none: an empty text."""
    names = ("kind",) if shown.platform is None else ("platform", "tier")
    return " AND ".join(_CLAUSES[name] for name in names if getattr(shown, name) is not None)


def left_out(db: sqlite3.Connection, brief_id: int) -> Conditions:
    """Queries for those whom a brief excludes, and the values in them: asked each time, for we decide who they are."""
    queries, values = exclusions(db, brief_id)
    return list(queries.values()), values


def listed_but_left_out(db: sqlite3.Connection, brief_id: int) -> tuple[str, dict[str, Any]]:
    """A query for those candidates of a brief whom it excludes, with a ``creator_id`` each, and the values in it."""
    queries, values = left_out(db, brief_id)
    gone = " UNION ".join(f"SELECT * FROM {query}" for query in queries) or "SELECT NULL AS creator_id"
    query = f"SELECT creator_id FROM ({gone}) AS gone CROSS JOIN candidate USING (creator_id) WHERE brief_id = :brief"
    return query, {**values, "brief": brief_id}


def exclusions(db: sqlite3.Connection, brief_id: int) -> tuple[dict[str, str], dict[str, Any]]:
    """The queries of ``left_out``, each by the setting that excludes, and the values in them."""
    (text,) = db.execute(
        "SELECT coalesce(body ->> '$.exclude', '{}') FROM brief_version"
        " WHERE brief_id = ? ORDER BY version DESC LIMIT 1",
        (brief_id,),
    ).fetchone()
    exclude = json.loads(text)
    queries: dict[str, str] = {}
    values: dict[str, Any] = {}
    if exclude.get("do_not_contact", True):
        queries["do_not_contact"] = refusals.EVERYWHERE
        values["refused_at"] = now()
    if exclude.get("working_with_us", True):
        queries["working_with_us"] = (
            "(SELECT d.creator_id FROM decision AS d WHERE d.state IN ('agreed', 'active')"
            " AND d.brief_id <> :excluded_brief AND d.id ="
            " (SELECT max(id) FROM decision WHERE brief_id = d.brief_id AND creator_id = d.creator_id))"
        )
        values["excluded_brief"] = brief_id
    if exclude.get("exclusives", True):
        queries["exclusives"] = (
            "(SELECT creator_id FROM fact WHERE field = 'exclusive' AND removed_at IS NULL AND value >= :excluded_day)"
        )
        values["excluded_day"] = from_ms(now()).astimezone().date().isoformat()
    if tags := exclude.get("tags"):
        queries["tags"] = (
            "(SELECT creator_id FROM tag WHERE removed_at IS NULL"
            " AND name IN (SELECT value FROM json_each(:excluded_tags)))"
        )
        values["excluded_tags"] = json.dumps(tags)
    return queries, values


def passed_over(db: sqlite3.Connection, brief_id: int, few: int) -> tuple[list[str], dict[str, Any], int]:
    """What has to hold so that nobody is shown whom the brief leaves out, the values in it, and how many these are.

    So few of them are named, which is the quickest to compare with.
    """
    ids = [row[0] for row in db.execute(*listed_but_left_out(db, brief_id))]
    if len(ids) > few:
        queries, values = left_out(db, brief_id)
        return [f"creator_id NOT IN {query}" for query in queries], values, len(ids)
    if ids:
        named = "creator_id NOT IN (SELECT value FROM json_each(:left_out))"
        return [named], {"left_out": json.dumps(ids)}, len(ids)
    return [], {}, 0


def platforms(store: Store) -> list[str]:
    """The platforms that occur, for a filter's choices."""
    rows = store.reader().execute(
        "WITH RECURSIVE p(name) AS (SELECT min(platform) FROM standing UNION ALL"
        " SELECT (SELECT min(platform) FROM standing WHERE platform > p.name) FROM p WHERE p.name IS NOT NULL)"
        " SELECT name FROM p WHERE name IS NOT NULL"
    )
    return [row[0] for row in rows]


def occurring(store: Store, what: Literal["language", "region", "category"], most: int = 500) -> list[tuple[str, int]]:
    """The values that occur in a column of the list, each with how many people have it, the most frequent first.

    They are the first ``most``, or with -1 all.
    """
    rows = store.reader().execute(
        f"SELECT {what}, count(*) AS people FROM standing WHERE {what} IS NOT NULL"
        " GROUP BY 1 ORDER BY people DESC, 1 LIMIT ?",
        (most,),
    )
    return list(rows)
