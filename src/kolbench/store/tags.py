"""Tags that operators put on people, and take off again."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes, merges

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

    from kolbench.store.connect import Store

LONGEST = 40
"""Characters of a tag."""

_COMMAS = re.compile("[,，、]")

_IN_FORCE = f"removed_at IS NULL AND creator_id NOT IN {merges.MERGED_AWAY}"


class Acted(NamedTuple):
    """The tag as it is written in this store, the people who changed, and those who had it (or hadn't) already."""

    name: str
    changed: Sequence[int]
    unchanged: Sequence[int]


class Tag(NamedTuple):
    """A tag, and how many people have it."""

    name: str
    people: int


def tag(store: Store, creator_ids: Iterable[int], text: str, author: str) -> Acted:
    """Put a tag, or several with commas between, on people in one act.

    One that differs from a known tag in case only is that tag. Raises UsageError when the name is empty or one of the
    people isn't there.
    """
    with changes.act(store, author, "tag") as act:
        names = _named(act.db, text)
        people = merges.require_all(act.db, creator_ids)
        changed: set[int] = set()
        for name in names:
            known = {row[1]: row for row in _rows(act.db, people, name)}
            again = {one: row[0] for one, row in known.items() if row[2] is not None}
            new = [one for one in people if one not in known]
            act.update_all("tag", again.values(), author=author, at=act.at, removed_at=None)
            facts = {"name": name, "author": author, "at": act.at, "removed_at": None}
            act.insert_all("tag", [{"creator_id": one, **facts} for one in new])
            changed.update(again, new)
    return _acted(names, people, changed)


def untag(store: Store, creator_ids: Iterable[int], text: str, author: str) -> Acted:
    """Take a tag, or several, off people in one act. Raises UsageError as ``tag`` does."""
    with changes.act(store, author, "untag") as act:
        names = _named(act.db, text)
        people = merges.require_all(act.db, creator_ids)
        changed: set[int] = set()
        for name in names:
            had = {row[1]: row[0] for row in _rows(act.db, people, name) if row[2] is None}
            act.update_all("tag", had.values(), removed_at=act.at)
            changed.update(had)
    return _acted(names, people, changed)


def _named(db: sqlite3.Connection, text: str) -> list[str]:
    """The tags in a text, which commas separate, unless it is the name of one as a whole."""
    if db.execute("SELECT 1 FROM tag WHERE name = ? LIMIT 1", (text,)).fetchone():
        return [text]
    parts = [part for part in map(str.strip, _COMMAS.split(text)) if part]
    return list(dict.fromkeys(spelled(db, part) for part in parts or [text]))


def _acted(names: Sequence[str], people: Sequence[int], changed: Collection[int]) -> Acted:
    return Acted(
        _(", ").join(names), [one for one in people if one in changed], [one for one in people if one not in changed]
    )


def of(store: Store, creator_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The tags of each of these people who has any, by name."""
    rows = store.reader().execute(
        "SELECT creator_id, name FROM json_each(?) AS wanted CROSS JOIN tag ON creator_id = wanted.value"
        " WHERE removed_at IS NULL ORDER BY name",
        (json.dumps(list(creator_ids)),),
    )
    found: dict[int, list[str]] = {}
    for creator_id, name in rows:
        found.setdefault(creator_id, []).append(name)
    return {creator_id: tuple(names) for creator_id, names in found.items()}


def known(store: Store) -> list[Tag]:
    """Every tag that somebody has, those of most people first."""
    rows = store.reader().execute(
        f"SELECT name, count(*) AS people FROM tag WHERE {_IN_FORCE} GROUP BY name ORDER BY people DESC, name"
    )
    return list(map(Tag._make, rows.fetchall()))


def spelled(db: sqlite3.Connection, text: str) -> str:
    """A tag as it is written in this store, whatever its case and with or without ``#``. Raises UsageError."""
    name = clean_line(text.strip().lstrip("#＃").strip(), LONGEST)
    if not name:
        raise UsageError(_("The tag is empty: write a word, such as 'newcomer'."))
    key = fold(name)
    names = (row[0] for row in db.execute("SELECT DISTINCT name FROM tag WHERE removed_at IS NULL ORDER BY name"))
    return next((known for known in names if fold(known) == key), name)


def _rows(db: sqlite3.Connection, people: Sequence[int], name: str) -> list[tuple[int, int, int | None]]:
    return db.execute(
        "SELECT tag.id, creator_id, removed_at FROM json_each(?) AS wanted"
        " CROSS JOIN tag ON creator_id = wanted.value AND name = ?",
        (json.dumps(list(people)), name),
    ).fetchall()
