"""What was imported from which file, and the mappings of columns that operators have settled on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.clock import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kolbench.store.connect import Store


class Imported(NamedTuple):
    """An import that was read to its end: of which file, when (ms), as which source, and read in which way."""

    run_id: int
    source: str
    platform: str
    file: str
    at: int
    reading: Mapping[str, Any]


def begin(store: Store, run_id: int, file: str, fingerprint: str, reading: Mapping[str, Any]) -> None:
    """Note that a run reads the file with that fingerprint, and how: its settings but the path."""
    with store.writing() as db:
        db.execute(
            "INSERT INTO import_batch (run_id, file, fingerprint, mapping) VALUES (?, ?, ?, ?)",
            (run_id, file, fingerprint, json.dumps(dict(reading), ensure_ascii=False, sort_keys=True)),
        )


def finished(store: Store, fingerprint: str) -> list[Imported]:
    """The finished imports of a file with that fingerprint, newest first."""
    rows = store.reader().execute(
        "SELECT run.id, source.name, source.platform, batch.file, run.started_at, batch.mapping"
        " FROM import_batch AS batch JOIN run ON run.id = batch.run_id JOIN source ON source.id = run.source_id"
        " WHERE batch.fingerprint = ? AND run.state = 'done' ORDER BY run.id DESC",
        (fingerprint,),
    )
    return [Imported._make((*row[:5], json.loads(row[5]))) for row in rows.fetchall()]


def mapping(store: Store, shape: str) -> str:
    """The mapping remembered for files of that shape, as JSON; empty when there is none."""
    row = store.reader().execute("SELECT mapping FROM column_mapping WHERE shape = ?", (shape,)).fetchone()
    return str(row[0]) if row else ""


def remember(store: Store, shape: str, mapping: str) -> None:
    """Remember a mapping (JSON) for files of that shape, in place of an older one."""
    with store.writing() as db:
        db.execute(
            "INSERT INTO column_mapping (shape, mapping, updated_at) VALUES (?, ?, ?) ON CONFLICT (shape)"
            " DO UPDATE SET mapping = excluded.mapping, updated_at = excluded.updated_at",
            (shape, mapping, now()),
        )
