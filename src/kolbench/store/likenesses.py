"""Who is to be compared with whom: what identifies a person, the keys they share, and who waits.

People are meant as they were before any merge, so that merges and their undoing change nothing here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.store.connect import Store

COMMON = 12
"""What more people share than this says nothing about who they are."""


class AccountFacts(NamedTuple):
    """What an account tells of who its person is."""

    id: int
    platform: str
    uid: str
    handle: str | None
    handle_key: str | None
    name: str | None
    bio: str | None
    url: str | None
    avatar_url: str | None
    region: str | None
    gender: str | None
    verified: str | None
    is_bot: int | None


class ContactFacts(NamedTuple):
    """One way to reach a person."""

    id: int
    channel: str
    value: str


@dataclass(frozen=True)
class Profile:
    """A creator as before any merge, with the accounts and contacts that were theirs."""

    creator_id: int
    accounts: list[AccountFacts]
    contacts: list[ContactFacts]


def waiting(store: Store) -> int:
    """How many people have changed since they were last compared with others."""
    return int(store.reader().execute("SELECT count(*) FROM unmatched_creator").fetchone()[0])


def mark_all(store: Store) -> None:
    """Have everybody compared anew, from nothing."""
    with store.writing() as db:
        db.execute(
            "INSERT INTO unmatched_creator (creator_id) SELECT id FROM creator WHERE TRUE ON CONFLICT DO NOTHING"
        )
        db.execute("DELETE FROM likeness_key")


def next_unmatched(store: Store, after: int, limit: int) -> list[int]:
    """The next people to compare, by their id."""
    rows = store.reader().execute(
        "SELECT creator_id FROM unmatched_creator WHERE creator_id > ? ORDER BY creator_id LIMIT ?", (after, limit)
    )
    return [row[0] for row in rows.fetchall()]


def profiles(db: sqlite3.Connection, creator_ids: Iterable[int]) -> dict[int, Profile]:
    """What identifies each of these creators, as before any merge."""
    ids = list(creator_ids)
    found = {creator_id: Profile(creator_id, [], []) for creator_id in ids}
    wanted = (json.dumps(ids),)
    facts = ", ".join(f"a.{name}" for name in AccountFacts._fields)
    for owner, condition in (("creator_id", "AND a.home_id IS NULL"), ("home_id", "")):
        for home, *row in db.execute(
            f"SELECT a.{owner}, {facts} FROM json_each(?) AS wanted CROSS JOIN account AS a"
            f" ON a.{owner} = wanted.value {condition} ORDER BY a.id",
            wanted,
        ):
            found[home].accounts.append(AccountFacts._make(row))
        for home, *row in db.execute(
            "SELECT c." + owner + ", c.id, c.channel, c.value FROM json_each(?) AS wanted"
            f" CROSS JOIN contact_point AS c ON c.{owner} = wanted.value {condition.replace('a.', 'c.')}"
            " WHERE c.removed_at IS NULL ORDER BY c.id",
            wanted,
        ):
            found[home].contacts.append(ContactFacts._make(row))
    return found


def set_keys(db: sqlite3.Connection, keys: Mapping[int, set[int]]) -> None:
    """Replace the keys of people; whoever shares or shared one that comes or goes is to be compared again."""
    stored: dict[int, set[int]] = {creator_id: set() for creator_id in keys}
    for creator_id, key in db.execute(
        "SELECT creator_id, key FROM likeness_key WHERE creator_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    ):
        stored[creator_id].add(key)
    gone = [(creator_id, key) for creator_id, had in stored.items() for key in had - keys[creator_id]]
    come = [(creator_id, key) for creator_id, has in keys.items() for key in has - stored[creator_id]]
    come.sort(key=itemgetter(1))  # in the order of the index that is scattered most
    touched = json.dumps(sorted({key for _creator, key in (*gone, *come)}))
    _mark_sharing(db, touched)
    db.executemany("DELETE FROM likeness_key WHERE creator_id = ? AND key = ?", gone)
    db.executemany("INSERT INTO likeness_key (creator_id, key) VALUES (?, ?)", come)
    if gone:
        _mark_sharing(db, touched)


def _mark_sharing(db: sqlite3.Connection, keys: str) -> None:
    db.execute(
        "INSERT INTO unmatched_creator (creator_id) SELECT k.creator_id FROM json_each(?) AS wanted"
        f" CROSS JOIN likeness_key AS k ON k.key = wanted.value WHERE {_few('wanted.value')} ON CONFLICT DO NOTHING",
        (keys,),
    )


def shared_by(db: sqlite3.Connection, keys: Iterable[int]) -> dict[int, int]:
    """How many people have each key; ``COMMON`` + 1 stands for all that are more."""
    return dict(
        db.execute(
            f"SELECT value, (SELECT count(*) FROM (SELECT 1 FROM likeness_key WHERE key = value LIMIT {COMMON + 1}))"
            " FROM json_each(?)",
            (json.dumps(list(keys)),),
        )
    )


def pairs(
    db: sqlite3.Connection,
    creator_ids: Sequence[int],
    mentioned: Sequence[tuple[int, str, str, str]],
    own: Sequence[tuple[int, int]],
) -> set[tuple[int, int]]:
    """The pairs to look at for these people: whoever shares an even key, is named, names them, or was suggested.

    ``mentioned``: (creator, platform, ``handle`` or ``uid``, key) of each account they name. ``own``: (creator,
    odd key) of each way in which others may name theirs.
    """
    ids = json.dumps(list(creator_ids))
    found = db.execute(
        "SELECT mine.creator_id, other.creator_id FROM json_each(?) AS wanted"
        " CROSS JOIN likeness_key AS mine ON mine.creator_id = wanted.value AND mine.key & 1 = 0"
        " CROSS JOIN likeness_key AS other ON other.key = mine.key AND other.creator_id <> mine.creator_id"
        f" WHERE {_few('mine.key')}",
        (ids,),
    ).fetchall()
    for how, column in (("handle", "handle_key"), ("uid", "uid")):
        found += db.execute(
            "SELECT wanted.value ->> 0, coalesce(a.home_id, a.creator_id) FROM json_each(?) AS wanted"
            f" CROSS JOIN account AS a ON a.platform = wanted.value ->> 1 AND a.{column} = wanted.value ->> 2",
            (json.dumps([(one, platform, key) for one, platform, found_how, key in mentioned if found_how == how]),),
        )
    found += db.execute(
        "SELECT wanted.value ->> 0, k.creator_id FROM json_each(?) AS wanted"
        f" CROSS JOIN likeness_key AS k ON k.key = wanted.value ->> 1 WHERE {_few('wanted.value ->> 1')}",
        (json.dumps(own),),
    )
    for column in ("creator_id", "other_id"):
        found += db.execute(
            f"SELECT creator_id, other_id FROM merge_suggestion WHERE {column} IN (SELECT value FROM json_each(?))",
            (ids,),
        )
    return {(min(one, two), max(one, two)) for one, two in found if one != two}


def _few(key: str) -> str:
    return f"(SELECT count(*) FROM (SELECT 1 FROM likeness_key WHERE key = {key} LIMIT {COMMON + 1})) <= {COMMON}"


def matched(db: sqlite3.Connection, creator_ids: Sequence[int]) -> None:
    """Note that these people were compared."""
    db.execute(
        "DELETE FROM unmatched_creator WHERE creator_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(creator_ids)),),
    )
