"""What a script can say about a person: its variables, and their values from the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.domain.facts import FIELDS
from kolbench.domain.text import clean_line
from kolbench.programme.local import local_day
from kolbench.store import changes, creators, facts, needs, tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kolbench.store.connect import Store

LISTS = ("tags", "needs", "communities")
"""Variables with several values, for loops and ``join``."""

VARIABLES = (
    "name", "handle", "platform", "region", "followers", "owner", "operator", "work", "work_url", "work_day",
    "community", "need", "need_detail", "offer", *LISTS, *FIELDS,
)  # fmt: skip
"""Everything that a script can name. One that isn't known of a person has no value."""

_MOST = 20
_LINE = 120


def of(store: Store, creator_id: int) -> dict[str, Any]:
    """What is known of a person, by variable; those that aren't known are left out."""
    return {name: value for name, value in _every(store, creator_id) if value not in (None, "", [])}


def languages(store: Store, creator_ids: Iterable[int]) -> dict[int, str]:
    """The language in which to write to each of these people, as far as anything tells it: ``zh`` or ``en``, mostly.

    What is written down about them comes before the script that they use.
    """
    ids = list(creator_ids)
    rows = store.reader().execute(
        "SELECT creator_id, language FROM json_each(?) AS wanted CROSS JOIN standing ON creator_id = wanted.value"
        " WHERE language IS NOT NULL",
        (json.dumps(ids),),
    )
    found = {creator_id: "en" if script == "latin" else script for creator_id, script in rows}
    for creator_id, told in facts.values(store, ids, ["language"]).items():
        found[creator_id] = _code(told["language"])
    return found


def _every(store: Store, creator_id: int) -> Iterable[tuple[str, Any]]:
    db = store.reader()
    name, owner, platform, handle, region, followers = db.execute(
        "SELECT coalesce(standing.name, creator.name), owner, platform, handle, region, followers FROM creator"
        " LEFT JOIN standing ON standing.creator_id = creator.id WHERE creator.id = ?",
        (creator_id,),
    ).fetchone()
    yield from {"name": name, "handle": handle, "platform": platform, "region": region}.items()
    yield from {"followers": followers, "owner": owner or changes.me(), "operator": changes.me()}.items()
    for post in creators.posts(store, creator_id, 1):
        yield "work", clean_line(post.title, _LINE)
        yield "work_url", post.url
        yield "work_day", post.published_at and local_day(post.published_at)
    rooms = [room.name for room in creators.rooms(store, creator_id)]
    yield "community", next(iter(rooms), None)
    yield "communities", rooms[:_MOST]
    yield "tags", list(tags.of(store, [creator_id]).get(creator_id, ()))[:_MOST]
    wanted = needs.of(store, creator_id)
    yield "needs", [need.kind for need in wanted]
    if wanted:
        yield "need", wanted[0].kind
        yield "need_detail", wanted[0].detail
        yield "offer", next((offer.name for offer in needs.offers(store, wanted[0].kind)), None)
    yield from facts.values(store, [creator_id], FIELDS).get(creator_id, {}).items()


def _code(text: str) -> str:
    """``zh`` or ``en`` for a language as operators write it; other words as they are."""
    plain = text.casefold().strip()
    if plain.startswith(("zh", "中", "汉", "漢", "chinese", "mandarin", "国语", "普通话")):
        return "zh"
    return "en" if plain.startswith(("en", "英")) else plain
