"""What is on file about one creator: accounts, counters with their dates and sources, works, communities."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold, handle_key
from kolbench.domain.lang import _
from kolbench.store import merges, search

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from kolbench.store.connect import Store


_NAMED = 5

_BEARERS = (
    "SELECT creator_id FROM json_each(?1) AS wanted CROSS JOIN account ON creator_id = wanted.value"
    " WHERE handle_key = ?2"
)


class Account(NamedTuple):
    """One account of a creator; ``source`` is where it was first seen."""

    id: int
    platform: str
    uid: str
    handle: str | None
    name: str | None
    bio: str | None
    url: str | None
    category: str | None
    region: str | None
    verified: str | None
    is_bot: bool | None
    gone: bool | None
    seen_at: int
    source: str


class Counter(NamedTuple):
    """The newest value of one counter of an account, and how many were kept before it."""

    account_id: int
    metric: str
    value: int
    plus_minus: int
    observed_at: int
    source: str
    kept: int


class Post(NamedTuple):
    """One work, with its newest counters (None: never told)."""

    id: int
    platform: str
    uid: str
    published_at: int | None
    title: str
    url: str | None
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None


class Room(NamedTuple):
    """A community the creator belongs to, with what they said and how often they were addressed there."""

    community_id: int
    name: str
    role: str | None
    first_seen_at: int
    last_seen_at: int
    messages: int
    addressed: int


class Message(NamedTuple):
    """One message of a creator."""

    community: str
    sent_at: int
    text: str


def name(store: Store, creator_id: int) -> str | None:
    """The creator's name, or None when there is no such creator."""
    row = store.reader().execute("SELECT name FROM creator WHERE id = ?", (creator_id,)).fetchone()
    return str(row[0]) if row else None


def names(store: Store, creator_ids: Iterable[int]) -> dict[int, str]:
    """The names of these people, as lists show them."""
    rows = store.reader().execute(
        "SELECT creator.id, coalesce(standing.name, creator.name) FROM creator"
        " LEFT JOIN standing ON standing.creator_id = creator.id"
        " WHERE creator.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(creator_ids)),),
    )
    return dict(rows.fetchall())


def find(store: Store, text: str) -> int:
    """The creator with that id, ``platform:handle``, name or handle, or a part of them; the best scored of several.

    A number is no part of a name: whoever writes one means that id. Raises UsageError when nobody fits, and when it is
    exactly the name of several.
    """
    if text.isdecimal():
        return exact(store, text)
    db = store.reader()
    if len(there := on_platform(db, text)) == 1:
        return there[0]
    match, part = search.query(text.removeprefix("@"))
    best = db.execute(
        "SELECT creator_id, name FROM standing WHERE instr(name_key, ?2) > 0"
        " AND (?1 = '' OR creator_id IN (SELECT rowid FROM creator_terms WHERE creator_terms MATCH ?1))"
        " ORDER BY name_key = ?2 DESC, name_key LIKE ?2 || ' %' DESC, score DESC LIMIT 200",
        (match, part),
    ).fetchall()
    if not best:
        raise UsageError(_("Nobody is called '{text}'. Try a part of the name, or an id.").format(text=text))
    if len(namesakes := [creator_id for creator_id, name in best if fold(name) == part]) > 1:
        raise _several(db, text, namesakes)
    return int(best[0][0])


def _several(db: sqlite3.Connection, text: str, ids: Sequence[int]) -> UsageError:
    told = _("Several people are called '{text}': {names}. Name one by the id.")
    return UsageError(told.format(text=text, names=_named(db, ids)))


def _numbered(store: Store, text: str) -> int | None:
    """The creator whose id a text is, or who stands for them; a number that no id can be is a name."""
    if text.isdecimal() and len(text) < 19 and name(store, int(text)) is not None:
        return merges.root(store.reader(), int(text))
    return None


def exact(store: Store, text: str) -> int:
    """The one creator of that id, of ``platform:handle``, or of exactly that name or handle, whatever the case.

    Raises UsageError when there is nobody, or several: those are named with their ids.
    """
    if (numbered := _numbered(store, text)) is not None:
        return numbered
    db = store.reader()
    found: list[tuple[int, str]] = [(creator_id, text) for creator_id in on_platform(db, text)]
    key = handle_key(text)
    match, part = search.query(text.removeprefix("@"))
    alike = db.execute(
        "SELECT creator_id, name FROM standing WHERE instr(name_key, ?2) > 0"
        " AND (?1 = '' OR creator_id IN (SELECT rowid FROM creator_terms WHERE creator_terms MATCH ?1))"
        " ORDER BY name_key = ?2 DESC, length(name_key) LIMIT 200",
        (match, part),
    ).fetchall()
    if not found:
        handles = {row[0] for row in db.execute(_BEARERS, (json.dumps([row[0] for row in alike]), key))}
        found = [row for row in alike if fold(row[1]) == part or row[0] in handles]
    if len(found) == 1:
        return int(found[0][0])
    if found:
        raise _several(db, text, [row[0] for row in found])
    if alike:
        names = _named(db, [row[0] for row in alike])
        raise UsageError(_("Nobody is called exactly '{text}'. Do you mean {names}?").format(text=text, names=names))
    raise UsageError(_("Nobody is called '{text}'. Try 'platform:handle', or an id.").format(text=text))


def on_platform(db: sqlite3.Connection, text: str) -> list[int]:
    """Those who have the id or handle that ``platform:handle`` names; nobody where it names none."""
    platform, _colon, rest = text.partition(":")
    rows = db.execute(
        "SELECT creator_id FROM account WHERE platform = ?1 AND uid = ?2"
        " UNION SELECT creator_id FROM account WHERE platform = ?1 AND handle_key = ?3 ORDER BY 1",
        (platform.lower(), rest, handle_key(rest)),
    )
    return [creator_id for (creator_id,) in rows]


def accounts(store: Store, creator_id: int) -> list[Account]:
    """The creator's accounts on all platforms."""
    rows = store.reader().execute(
        "SELECT a.id, a.platform, a.uid, a.handle, a.name, a.bio, a.url, a.category, a.region, a.verified,"
        " a.is_bot, a.gone, a.seen_at, source.name"
        " FROM account AS a JOIN run ON run.id = a.run_id JOIN source ON source.id = run.source_id"
        " WHERE a.creator_id = ? ORDER BY a.platform, a.id",
        (creator_id,),
    )
    return list(map(Account._make, rows.fetchall()))


def counters(store: Store, creator_id: int) -> list[Counter]:
    """The newest value of every counter of every account, with its date and source."""
    rows = store.reader().execute(
        "SELECT a.id, metric.name, s.value, s.plus_minus, s.observed_at, source.name,"
        "  (SELECT count(*) FROM account_snapshot WHERE account_id = a.id AND metric_id = metric.id)"
        " FROM account AS a CROSS JOIN metric CROSS JOIN account_snapshot AS s"
        "  ON s.account_id = a.id AND s.metric_id = metric.id AND s.observed_at ="
        "  (SELECT observed_at FROM account_snapshot WHERE account_id = a.id AND metric_id = metric.id"
        "   ORDER BY observed_at DESC LIMIT 1)"
        " JOIN run ON run.id = s.run_id JOIN source ON source.id = run.source_id"
        " WHERE a.creator_id = ? ORDER BY +a.platform, a.id, metric.id",  # the + keeps it from walking all accounts
        (creator_id,),
    )
    return list(map(Counter._make, rows.fetchall()))


def series(store: Store, account_id: int, metric: str, points: int = 60) -> list[tuple[int, int]]:
    """At most ``points`` pairs of (observed_at, value), oldest first, evenly spread over what is kept."""
    rows = (
        store.reader()
        .execute(
            "SELECT observed_at, value FROM account_snapshot"
            " WHERE account_id = ? AND metric_id = (SELECT id FROM metric WHERE name = ?) ORDER BY observed_at",
            (account_id, metric),
        )
        .fetchall()
    )
    if len(rows) <= points:
        return rows
    last = len(rows) - 1
    return [rows[round(i * last / (points - 1))] for i in range(points)]


def posts(store: Store, creator_id: int, limit: int = 20, skip: int = 0) -> list[Post]:
    """The creator's newest works, without the first ``skip``; those whose day isn't known come last."""

    def newest(metric: str) -> str:
        return (
            "(SELECT value FROM post_snapshot WHERE post_id = post.id"
            f" AND metric_id = (SELECT id FROM metric WHERE name = '{metric}') ORDER BY observed_at DESC LIMIT 1)"
        )

    rows = store.reader().execute(
        "WITH page AS MATERIALIZED (SELECT post.id FROM account AS a JOIN post ON post.account_id = a.id"
        " WHERE a.creator_id = ? ORDER BY post.published_at DESC, post.id DESC LIMIT ? OFFSET ?)"
        " SELECT post.id, a.platform, post.uid, post.published_at, coalesce(post.title, substr(post.text, 1, 200), ''),"
        f" post.url, {newest('views')}, {newest('likes')}, {newest('comments')}, {newest('shares')}"
        " FROM page CROSS JOIN post ON post.id = page.id JOIN account AS a ON a.id = post.account_id"
        " ORDER BY post.published_at DESC, post.id DESC",
        (creator_id, limit, skip),
    )
    return list(map(Post._make, rows.fetchall()))


def rooms(store: Store, creator_id: int) -> list[Room]:
    """The communities the creator belongs to, those where they said most first."""
    rows = store.reader().execute(
        "SELECT c.id, coalesce(c.name, c.uid), m.role, m.first_seen_at, m.last_seen_at,"
        "  (SELECT count(*) FROM message WHERE community_id = c.id AND account_id = a.id) AS messages,"
        "  (SELECT count(*) FROM activity WHERE object_id = a.id AND community_id = c.id)"
        " FROM account AS a JOIN membership AS m ON m.account_id = a.id JOIN community AS c ON c.id = m.community_id"
        " WHERE a.creator_id = ? ORDER BY messages DESC, c.id",
        (creator_id,),
    )
    return list(map(Room._make, rows.fetchall()))


def messages(store: Store, creator_id: int, limit: int = 20) -> list[Message]:
    """The creator's newest messages; texts are cut to 500 characters."""
    rows = store.reader().execute(
        "SELECT coalesce(c.name, c.uid), message.sent_at, substr(message.text, 1, 500)"
        " FROM account AS a JOIN message ON message.account_id = a.id"
        " JOIN community AS c ON c.id = message.community_id"
        " WHERE a.creator_id = ? ORDER BY message.sent_at DESC LIMIT ?",
        (creator_id, limit),
    )
    return list(map(Message._make, rows.fetchall()))


def _named(db: sqlite3.Connection, ids: Sequence[int]) -> str:
    """A few people with their ids, and where they are."""
    rows = db.execute(
        "SELECT name, platform, handle, creator_id FROM json_each(?) AS wanted"
        " CROSS JOIN standing ON creator_id = wanted.value",
        (json.dumps(list(ids[:_NAMED])),),
    )
    names = [f"{name} ({platform}{f' @{handle}' if handle else ''}, id {one})" for name, platform, handle, one in rows]
    return ", ".join(names) + (", …" if len(ids) > _NAMED else "")
