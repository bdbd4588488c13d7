"""Raw answers: what a platform said word for word, for the sources of which it is kept."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.store.connect import Store
    from kolbench.store.runs import Run
    from kolbench.store.sources import Source


class Answer(NamedTuple):
    """One answer; ``fetched_at`` in milliseconds UTC."""

    feed: str
    target: str
    url: str
    fetched_at: int
    body: bytes


def keep(store: Store, run: Run, feed: str, target: str, url: str, body: bytes) -> None:
    """Keep an answer, compressed. ``url`` holds no secrets any more."""
    with store.writing() as db:
        db.execute(
            "INSERT INTO raw_answer (run_id, feed, target, url, fetched_at, body) VALUES (?, ?, ?, ?, ?, ?)",
            (run.id, feed, target, url, now(), zlib.compress(body)),
        )


def answers(store: Store, source: Source) -> Iterator[Answer]:
    """The answers kept of a source, oldest first."""
    rows = store.reader().execute(
        "SELECT feed, target, url, fetched_at, body FROM raw_answer JOIN run ON run.id = raw_answer.run_id"
        " WHERE source_id = ? ORDER BY raw_answer.id",
        (source.id,),
    )
    for feed, target, url, fetched_at, body in rows:
        yield Answer(feed, target, url, fetched_at, zlib.decompress(body))


def purge(store: Store, source: Source | None, before: int) -> int:
    """Delete the answers of a source, or of all, that were fetched before a moment; returns how many."""
    with store.writing() as db:
        return db.execute(
            "DELETE FROM raw_answer WHERE fetched_at < ?1"
            " AND (?2 IS NULL OR run_id IN (SELECT id FROM run WHERE source_id = ?2))",
            (before, source and source.id),
        ).rowcount
