"""Sources: the places an operator has told KOLbench to read."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kolbench.store.connect import Store

_NAME = re.compile(r"[\w.@-]{1,80}")
_COLUMNS = "id, name, adapter, platform, settings, enabled, keep_raw"


@dataclass(frozen=True)
class Source:
    """One configured input of an adapter. ``settings`` hold no secrets."""

    id: int
    name: str
    adapter: str
    platform: str
    settings: Mapping[str, str]
    enabled: bool = True
    keep_raw: bool = False


def add(store: Store, name: str, adapter: str, platform: str, settings: Mapping[str, str]) -> Source:
    """Keep a new source. Raises UsageError when the name is taken or unusable."""
    check_name(name, None)
    with store.writing() as db:
        try:
            row = db.execute(
                "INSERT INTO source (name, adapter, platform, settings, created_at) VALUES (?, ?, ?, ?, ?)"
                f" RETURNING {_COLUMNS}",
                (name, adapter, platform, json.dumps(dict(settings), ensure_ascii=False), now()),
            ).fetchone()
        except sqlite3.IntegrityError as error:
            raise _taken(name) from error
    return _source(row)


def check_name(name: str, store: Store | None) -> None:
    """Raise UsageError when no new source of ``store`` (None: of any) can have this name."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            _("'{name}' can't be a source's name: use up to 80 letters, digits and . _ @ -").format(name=name)
        )
    if store and find(store, name):
        raise _taken(name)


def _taken(name: str) -> UsageError:
    return UsageError(
        _("There is a source '{name}' already. Choose another name, or remove that one.").format(name=name)
    )


def find(store: Store, name: str) -> Source | None:
    """The source of that name, or None."""
    row = (
        store.reader()
        .execute(f"SELECT {_COLUMNS} FROM source WHERE name = ? AND removed_at IS NULL", (name,))
        .fetchone()
    )
    return _source(row) if row else None


def get(store: Store, name: str) -> Source:
    """The source of that name. Raises UsageError, naming those there are."""
    if source := find(store, name):
        return source
    names = ", ".join(source.name for source in every(store)) or _("none yet")
    raise UsageError(_("There is no source '{name}'. Sources: {names}.").format(name=name, names=names))


def every(store: Store) -> list[Source]:
    """All sources that were not removed, by name."""
    rows = store.reader().execute(f"SELECT {_COLUMNS} FROM source WHERE removed_at IS NULL ORDER BY name")
    return [_source(row) for row in rows]


def of(store: Store, creator_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The names of the sources that brought the accounts of each of these people."""
    rows = store.reader().execute(
        "SELECT DISTINCT account.creator_id, source.name FROM json_each(?) AS wanted"
        " CROSS JOIN account ON account.creator_id = wanted.value"
        " CROSS JOIN run ON run.id = account.run_id CROSS JOIN source ON source.id = run.source_id"
        " ORDER BY source.name",
        (json.dumps(list(creator_ids)),),
    )
    found: dict[int, list[str]] = {}
    for creator_id, name in rows:
        found.setdefault(creator_id, []).append(name)
    return {creator_id: tuple(names) for creator_id, names in found.items()}


def change(store: Store, source: Source, settings: Mapping[str, str]) -> Source:
    """Give a source other settings; its data and checkpoints stay."""
    with store.writing() as db:
        row = db.execute(
            f"UPDATE source SET settings = ? WHERE id = ? RETURNING {_COLUMNS}",
            (json.dumps(dict(settings), ensure_ascii=False), source.id),
        ).fetchone()
    return _source(row)


def switch(store: Store, source: Source, *, enabled: bool) -> Source:
    """Have a source read by every sync, or by none that doesn't name it."""
    with store.writing() as db:
        row = db.execute(
            f"UPDATE source SET enabled = ? WHERE id = ? RETURNING {_COLUMNS}", (enabled, source.id)
        ).fetchone()
    return _source(row)


def keep_raw(store: Store, source: Source, *, keep: bool) -> Source:
    """Have a source's answers kept word for word from now on, or not any more."""
    with store.writing() as db:
        row = db.execute(
            f"UPDATE source SET keep_raw = ? WHERE id = ? RETURNING {_COLUMNS}", (keep, source.id)
        ).fetchone()
    return _source(row)


def remove(store: Store, source: Source) -> None:
    """Stop reading a source. What it brought stays, and still names it as its origin."""
    with store.writing() as db:
        db.execute("UPDATE source SET removed_at = ? WHERE id = ?", (now(), source.id))
        db.execute("DELETE FROM checkpoint WHERE source_id = ?", (source.id,))


def _source(row: tuple[int, str, str, str, str, int, int]) -> Source:
    return Source(row[0], row[1], row[2], row[3], json.loads(row[4]), bool(row[5]), bool(row[6]))
