"""Tables of a store as Parquet files, for engines that don't read SQLite's; needs pyarrow and nothing of KOLbench."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

CHUNK = 1_000_000


def export(folder: Path, tables: Mapping[str, Sequence[str]], where: Mapping[str, str]) -> None:
    """Write the columns of each table of the folder's ``store.db``, those rows for which its ``where`` holds."""
    db = sqlite3.connect(folder / "store.db")
    for name, columns in tables.items():
        declared = {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({name})")}
        types = [(column, pa.string() if declared[column] == "TEXT" else pa.int64()) for column in columns]
        with parquet.ParquetWriter(folder / f"{name}.parquet", pa.schema(types)) as writer:
            rows = db.execute(f"SELECT {', '.join(columns)} FROM {name} WHERE {where.get(name, 'true')}")
            while chunk := rows.fetchmany(CHUNK):
                values = [pa.array(column, kind) for column, (_name, kind) in zip(zip(*chunk), types)]
                writer.write_table(pa.table(values, schema=writer.schema))
