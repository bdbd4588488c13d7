"""Snapshots: counters at a moment, written once and never changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import iso
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from kolbench.domain.records import Metrics, Record
    from kolbench.store.writer import Batch

Row = tuple[int, int, int, int, int, int]
"""``(subject_id, metric_id, observed_at, value, plus_minus, run_id)``"""


class Counters(NamedTuple):
    """The counters of one record: whose they are, and when they were seen."""

    record: Record
    metrics: Metrics
    subject_id: int
    observed_at: int


def write(batch: Batch, subject: str, counters: Sequence[Counters], fresh: AbstractSet[int]) -> set[int]:
    """Write the counters of accounts or posts (``subject``), and return the subjects that got a new one.

    ``fresh`` are subjects made in this page, which can't have snapshots yet. A counter that says something
    else than the stored one of the same moment is refused, never overwritten.
    """
    rows = _rows(batch, counters)
    if not all(counter.subject_id in fresh for counter in counters):
        rows = _unknown(batch, subject, rows, counters)
    before = batch.db.total_changes
    batch.db.executemany(
        f"INSERT INTO {subject}_snapshot ({subject}_id, metric_id, observed_at, value, plus_minus, run_id)"
        f" VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT ({subject}_id, metric_id, observed_at) DO NOTHING",
        rows,
    )
    if batch.db.total_changes - before < len(rows):  # one page says two things of one moment
        _unknown(batch, subject, _rows(batch, counters), counters)
    return {row[0] for row in rows}


def _rows(batch: Batch, counters: Sequence[Counters]) -> list[Row]:
    """One row a metric, in the order of ``counters``."""
    ids, run_id = _metric_ids(batch), batch.run.id
    for name in {name for counter in counters for name in counter.metrics} - ids.keys():
        ids[name] = _new_metric(batch, name)
    return [
        (subject_id, ids[name], at, count, 0, run_id)
        if isinstance(count, int)
        else (subject_id, ids[name], at, count.value, count.plus_minus, run_id)
        for _record, metrics, subject_id, at in counters
        for name, count in metrics.items()
    ]


def _unknown(batch: Batch, subject: str, rows: list[Row], counters: Sequence[Counters]) -> list[Row]:
    """Those of ``rows`` that are not stored yet; contradictions of stored ones are refused."""
    stored = {
        row[:3]: row[3:]
        for row in batch.db.execute(
            f"SELECT s.{subject}_id, s.metric_id, s.observed_at, s.value, s.plus_minus"
            f" FROM json_each(?) AS wanted CROSS JOIN {subject}_snapshot AS s"
            f" ON s.{subject}_id = wanted.value ->> 0 AND s.metric_id = wanted.value ->> 1"
            " AND s.observed_at = wanted.value ->> 2",
            (json.dumps([row[:3] for row in rows]),),
        )
    }
    if not stored:
        return rows
    names = {metric_id: name for name, metric_id in _metric_ids(batch).items()}
    owners = (counter.record for counter in counters for _metric in counter.metrics)
    unknown: list[Row] = []
    for row, record in zip(rows, owners, strict=True):
        found = stored.get(row[:3])
        if found is None:
            unknown.append(row)
        elif found != row[3:5]:
            reason = _("{told} contradicts {stored}, which is stored for the same moment ({at})").format(
                told=row[3], stored=found[0], at=iso(row[2])
            )
            batch.refuse(record, names[row[1]], reason)
    return unknown


def _metric_ids(batch: Batch) -> dict[str, int]:
    if not batch.metric_ids:
        batch.metric_ids.update(batch.db.execute("SELECT name, id FROM metric"))
    return batch.metric_ids


def _new_metric(batch: Batch, name: str) -> int:
    return int(batch.db.execute("INSERT INTO metric (name, help) VALUES (?, '') RETURNING id", (name,)).fetchone()[0])
