"""What a script can say about a person: its variables, and their values from the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.domain.facts import FIELDS
from kolbench.domain.text import clean_line
from kolbench.programme.local import local_day
from kolbench.store import changes, creators, facts, needs, tags

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from kolbench.store.connect import Store

LISTS = ("tags", "needs", "communities")
"""Variables with several values, for loops and ``join``."""

CAMPAIGN = ("campaign", "code", "link", "benefit", "moment")
"""Variables of somebody's part in a campaign: the newest one that is in use, or the one that the script is of."""

VARIABLES = (
    "name", "handle", "platform", "platform_id", "region", "followers", "owner", "operator", "work", "work_url",
    "work_day", "community", "need", "need_detail", "offer", *LISTS, *FIELDS, *CAMPAIGN,
)  # fmt: skip
"""Everything that a script can name. One that isn't known of a person has no value."""

_MOST = 20
_LINE = 120


def of(store: Store, creator_id: int, names: Collection[str] = VARIABLES) -> dict[str, Any]:
    """What is known of a person, of the variables ``names``; those that aren't known are left out."""
    wanted = frozenset(names)
    return {
        name: value
        for group, read in _READERS
        if not wanted.isdisjoint(group)
        for name, value in read(store, creator_id).items()
        if name in wanted and value not in (None, "", [])
    }


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


def _person(store: Store, creator_id: int) -> dict[str, Any]:
    name, owner, platform, handle, region, followers = (
        store.reader()
        .execute(
            "SELECT coalesce(standing.name, creator.name), owner, platform, handle, region, followers FROM creator"
            " LEFT JOIN standing ON standing.creator_id = creator.id WHERE creator.id = ?",
            (creator_id,),
        )
        .fetchone()
    )
    known = {"name": name, "handle": handle, "region": region, "followers": followers}
    return {**known, "platform": platform, "platform_id": platform, "owner": owner or changes.me()}


def _operator(_store: Store, _creator_id: int) -> dict[str, Any]:
    return {"operator": changes.me()}


def _work(store: Store, creator_id: int) -> dict[str, Any]:
    for post in creators.posts(store, creator_id, 1):
        day = post.published_at and local_day(post.published_at)
        return {"work": clean_line(post.title, _LINE), "work_url": post.url, "work_day": day}
    return {}


def _rooms(store: Store, creator_id: int) -> dict[str, Any]:
    rooms = [room.name for room in creators.rooms(store, creator_id)]
    return {"community": next(iter(rooms), None), "communities": rooms[:_MOST]}


def _tags(store: Store, creator_id: int) -> dict[str, Any]:
    return {"tags": list(tags.of(store, [creator_id]).get(creator_id, ()))[:_MOST]}


def _needs(store: Store, creator_id: int) -> dict[str, Any]:
    wanted = needs.of(store, creator_id)
    if not wanted:
        return {}
    offer = next((offer.name for offer in needs.offers(store, wanted[0].kind)), None)
    first = {"need": wanted[0].kind, "need_detail": wanted[0].detail, "offer": offer}
    return {**first, "needs": [need.kind for need in wanted]}


def _campaign(store: Store, creator_id: int) -> dict[str, Any]:
    from kolbench.programme.campaigns import waves

    found = waves.newest(store, creator_id)
    return waves.facts_of(*found) if found else {}


def _facts(store: Store, creator_id: int) -> dict[str, Any]:
    return dict(facts.values(store, [creator_id], FIELDS).get(creator_id, {}))


_READERS: Sequence[tuple[Collection[str], Callable[[Store, int], dict[str, Any]]]] = (
    (("name", "handle", "platform", "platform_id", "region", "followers", "owner"), _person),
    (("operator",), _operator),
    (("work", "work_url", "work_day"), _work),
    (("community", "communities"), _rooms),
    (("tags",), _tags),
    (("need", "need_detail", "needs", "offer"), _needs),
    (tuple(FIELDS), _facts),
    (CAMPAIGN, _campaign),
)
"""What is read together, and how: a script for thousands of people costs what it says."""


def _code(text: str) -> str:
    """``zh`` or ``en`` for a language as operators write it; other words as they are."""
    plain = text.casefold().strip()
    if plain.startswith(("zh", "中", "汉", "漢", "chinese", "mandarin", "国语", "普通话")):
        return "zh"
    return "en" if plain.startswith(("en", "英")) else plain
