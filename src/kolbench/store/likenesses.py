"""Who is to be compared with whom: what identifies a person, the keys they share, and who waits.

People are meant as they were before any merge, so that merges and their undoing change nothing here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.store.connect import Store

COMMON = 12
"""What more people share than this says nothing about who they are."""

OF_ONE = 3
"""What more people share than this, an agency's address or a fashionable handle, says little by itself: such people
are compared only when they share something else, too."""


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


def everybody_waits(db: sqlite3.Connection) -> bool:
    """Whether there is nobody who doesn't wait to be compared."""
    query = "SELECT (SELECT count(*) FROM creator) <= (SELECT count(*) FROM unmatched_creator)"
    return bool(db.execute(query).fetchone()[0])


def mark_naming(db: sqlite3.Connection) -> None:
    """Have everybody compared who names an account of others."""
    db.execute(
        "INSERT INTO unmatched_creator (creator_id) SELECT creator_id FROM likeness_key WHERE key & 1"
        " ON CONFLICT DO NOTHING"
    )


def version(db: sqlite3.Connection) -> int:
    """A number that stays the same as long as nobody writes but this very connection."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def set_keys(db: sqlite3.Connection, keys: Mapping[int, Sequence[int]], *, mark: bool = True) -> None:
    """Replace the keys of people; with ``mark``, whoever shares or shared one that comes or goes is compared again."""
    stored: defaultdict[int, set[int]] = defaultdict(set)
    for creator_id, key in db.execute(
        "SELECT creator_id, key FROM likeness_key WHERE creator_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    ):
        stored[creator_id].add(key)
    gone = [(creator_id, key) for creator_id, had in stored.items() for key in had.difference(keys[creator_id])]
    come = [
        (creator_id, key) for creator_id, has in keys.items() for key in has if key not in stored.get(creator_id, ())
    ]
    come.sort(key=itemgetter(1))  # in the order of the index that is scattered most
    touched = json.dumps(sorted({key for _creator, key in (*gone, *come)})) if mark else "[]"
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
    """The pairs to look at for these people: whoever shares enough even keys, is named, names them, or was suggested.

    Enough is one that at most ``OF_ONE`` people have, or two of those that at most ``COMMON`` have. ``mentioned``:
    (creator, platform, ``handle`` or ``uid``, key) of each account they name. ``own``: (creator, odd key) of each way
    in which others may name theirs. What a later one, who waits, too, has in common with one of these is left to them.
    """
    ids = json.dumps(list(creator_ids))
    found = db.execute(
        "WITH mine AS MATERIALIZED (SELECT k.creator_id, k.key,"
        f" (SELECT count(*) FROM (SELECT 1 FROM likeness_key WHERE key = k.key LIMIT {COMMON + 1})) AS bearers"
        " FROM json_each(?) AS wanted CROSS JOIN likeness_key AS k ON k.creator_id = wanted.value AND k.key & 1 = 0),"
        f" shared AS MATERIALIZED (SELECT *, count(*) OVER (PARTITION BY creator_id) AS several"
        f" FROM mine WHERE bearers BETWEEN 2 AND {COMMON})"
        " SELECT shared.creator_id, other.creator_id FROM shared"
        " CROSS JOIN likeness_key AS other ON other.key = shared.key AND other.creator_id <> shared.creator_id"
        f" WHERE bearers <= {OF_ONE} OR several > 1"
        f" GROUP BY 1, 2 HAVING count(*) > 1 OR min(bearers) <= {OF_ONE}",
        (ids,),
    ).fetchall()
    for column in ("creator_id", "other_id"):
        found += db.execute(
            f"SELECT creator_id, other_id FROM merge_suggestion WHERE {column} IN (SELECT value FROM json_each(?))",
            (ids,),
        )
    found = _not_later(db, creator_ids, found)
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
    return {(min(one, two), max(one, two)) for one, two in found if one != two}


def _not_later(
    db: sqlite3.Connection, creator_ids: Sequence[int], found: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Those pairs of which nobody comes after these people and waits."""
    last = max(creator_ids, default=0)
    later = {max(pair) for pair in found if max(pair) > last}
    waits = {
        row[0]
        for row in db.execute(
            "SELECT creator_id FROM unmatched_creator WHERE creator_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(later)),),
        )
    }
    return [pair for pair in found if max(pair) not in waits]


def _few(key: str) -> str:
    return f"(SELECT count(*) FROM (SELECT 1 FROM likeness_key WHERE key = {key} LIMIT {COMMON + 1})) <= {COMMON}"


def matched(db: sqlite3.Connection, creator_ids: Sequence[int]) -> None:
    """Note that these people were compared."""
    db.execute(
        "DELETE FROM unmatched_creator WHERE creator_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(creator_ids)),),
    )
