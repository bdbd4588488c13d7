"""What a row says that a score was made from: where it was said, the whole text, and who else is in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

CHARACTERS = 4_000
"""So much of a text is handed out at the most."""


class Cited(NamedTuple):
    """``place`` is a room, else a platform is all that is known; ``people`` are the creators in it, who acted first."""

    platform: str
    place: str | None
    text: str | None
    url: str | None
    people: tuple[int, ...]


_QUERIES = {
    # Exactly one message or post shows an activity; a like of somebody's work is shown by the work itself.
    "activity": """
        SELECT activity.id, actor.platform, coalesce(community.name, community.uid),
          coalesce(message.text, substr(coalesce(post.title || ' ', '') || coalesce(post.text, ''), 1, :characters)),
          coalesce(post.url, community.url), actor.creator_id, object.creator_id
        FROM json_each(:ids) AS wanted
        CROSS JOIN activity ON activity.id = wanted.value
        CROSS JOIN account AS actor ON actor.id = activity.actor_id
        CROSS JOIN account AS object ON object.id = activity.object_id
        LEFT JOIN community ON community.id = activity.community_id
        LEFT JOIN message ON message.community_id = activity.community_id AND message.uid = activity.evidence_uid
        LEFT JOIN post ON post.id = coalesce(
          (SELECT id FROM post WHERE account_id = activity.actor_id AND uid = activity.evidence_uid),
          (SELECT id FROM post WHERE account_id = activity.object_id AND uid = activity.evidence_uid))
        """,
    "message": """
        SELECT message.id, account.platform, coalesce(community.name, community.uid), message.text, community.url,
          account.creator_id, NULL
        FROM json_each(:ids) AS wanted
        CROSS JOIN message ON message.id = wanted.value
        CROSS JOIN account ON account.id = message.account_id
        CROSS JOIN community ON community.id = message.community_id
        """,
    "post": """
        SELECT post.id, account.platform, NULL,
          substr(coalesce(post.title || ' ', '') || coalesce(post.text, ''), 1, :characters), post.url,
          account.creator_id, NULL
        FROM json_each(:ids) AS wanted
        CROSS JOIN post ON post.id = wanted.value
        CROSS JOIN account ON account.id = post.account_id
        """,
    "account": """
        SELECT account.id, account.platform, NULL,
          substr(coalesce(account.name || ' ', '') || coalesce('@' || account.handle || ' ', '')
            || coalesce(account.category || ' ', '') || coalesce(account.bio, ''), 1, :characters), account.url,
          account.creator_id, NULL
        FROM json_each(:ids) AS wanted CROSS JOIN account ON account.id = wanted.value
        """,
}


def cited(db: sqlite3.Connection, rows: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Cited]:
    """What each of ``rows``, a table and an id in it, says; tables in which nothing is said are left out."""
    wanted: dict[str, list[int]] = {}
    for table, row_id in rows:
        wanted.setdefault(table, []).append(row_id)
    found: dict[tuple[str, int], Cited] = {}
    for table, ids in wanted.items():
        if query := _QUERIES.get(table):
            for row_id, platform, place, text, url, actor, other in db.execute(
                query, {"ids": json.dumps(ids), "characters": CHARACTERS}
            ):
                people = tuple(one for one in (actor, other) if one is not None)
                found[table, row_id] = Cited(platform, place, text and text[:CHARACTERS].strip(), url, people)
    return found
