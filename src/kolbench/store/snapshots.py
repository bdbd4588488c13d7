"""Snapshots: counters at a moment, written once and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.json import encode

from kolbench.domain.clock import iso
from kolbench.domain.lang import _
from kolbench.store import bulk

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from kolbench.domain.records import Metrics, Record
    from kolbench.store.writer import Batch

Key = tuple[int, int, int]
"""``(subject_id, metric_id, observed_at)``"""
Row = tuple[int, int, int, int, int]
"""A key, then ``(value, plus_minus)``"""


Counters = tuple["Record", "Metrics", int, int]
"""``(record, metrics, subject_id, observed_at)``: what one record counted, of whom, and when. A page has thousands."""


class Plan(NamedTuple):
    """The rows to write, and the places (in what was planned) of records that told news or were refused."""

    rows: list[Row]
    news: set[int]
    refused: set[int]


def plan(batch: Batch, subject: str, counters: Sequence[Counters], fresh: Container[int]) -> Plan:
    """Find out which counters of accounts or posts (``subject``) are news.

    A record that says something else of a moment than what is stored, or than an earlier record of the page, is
    refused whole. ``fresh`` are subjects made in this page, which can't have snapshots yet.
    """
    ids = _metric_ids(batch)
    for name in set().union(*(metrics for _record, metrics, _subject, _at in counters)) - ids.keys():
        ids[name] = _new_metric(batch, name)
    old = [(subject_id, at) for _record, _metrics, subject_id, at in counters if subject_id not in fresh]
    stored = _stored(batch, subject, old) if old else {}
    if stored or len({counter[2:] for counter in counters}) < len(counters):
        return _compare(batch, counters, stored)
    return Plan(_rows(batch, counters), {place for place, counter in enumerate(counters) if counter[1]}, set())


def write(batch: Batch, subject: str, rows: Sequence[Row]) -> None:
    """Write planned rows."""
    columns = (f"{subject}_id", "metric_id", "observed_at", "value", "plus_minus")
    bulk.insert(batch.db, f"{subject}_snapshot", columns, rows, {"run_id": batch.run.id})


def _rows(batch: Batch, counters: Iterable[Counters]) -> list[Row]:
    ids = batch.metric_ids
    return [
        (subject_id, ids[name], at, count, 0)
        if isinstance(count, int)
        else (subject_id, ids[name], at, count.value, count.plus_minus)
        for _record, metrics, subject_id, at in counters
        for name, count in metrics.items()
    ]


def _compare(batch: Batch, counters: Sequence[Counters], stored: dict[Key, tuple[int, int]]) -> Plan:
    rows_to_write: list[Row] = []
    news: set[int] = set()
    refused: set[int] = set()
    for place, counter in enumerate(counters):
        rows = _rows(batch, [counter])
        wrong = next((row for row in rows if stored.get(row[:3], row[3:]) != row[3:]), None)
        if wrong is not None:
            names = {metric_id: name for name, metric_id in batch.metric_ids.items()}
            reason = _("{told} contradicts {stored}, which is stored for the same moment ({at})").format(
                told=wrong[3], stored=stored[wrong[:3]][0], at=iso(wrong[2])
            )
            batch.refuse(counter[0], names[wrong[1]], reason)
            refused.add(place)
            continue
        if fresh := [row for row in rows if row[:3] not in stored]:
            news.add(place)
            rows_to_write += fresh
            stored.update((row[:3], row[3:]) for row in fresh)
    return Plan(rows_to_write, news, refused)


def _stored(batch: Batch, subject: str, moments: Iterable[tuple[int, int]]) -> dict[Key, tuple[int, int]]:
    """What is stored of these ``(subject_id, observed_at)``, whatever the metric."""
    rows = batch.db.execute(
        f"SELECT s.{subject}_id, s.metric_id, s.observed_at, s.value, s.plus_minus"
        f" FROM json_each(?) AS wanted CROSS JOIN metric CROSS JOIN {subject}_snapshot AS s"
        f" ON s.{subject}_id = wanted.value ->> 0 AND s.metric_id = metric.id"
        " AND s.observed_at = wanted.value ->> 1",
        (encode(list(set(moments))).decode(),),
    )
    return {row[:3]: row[3:] for row in rows}


def _metric_ids(batch: Batch) -> dict[str, int]:
    if not batch.metric_ids:
        batch.metric_ids.update(batch.db.execute("SELECT name, id FROM metric"))
    return batch.metric_ids


def _new_metric(batch: Batch, name: str) -> int:
    return int(batch.db.execute("INSERT INTO metric (name, help) VALUES (?, '') RETURNING id", (name,)).fetchone()[0])
