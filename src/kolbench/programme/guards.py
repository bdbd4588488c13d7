"""Timing: what to think of before money is earned with a person or a community."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import DAY
from kolbench.domain.lang import _, ngettext
from kolbench.programme.local import local_day
from kolbench.store import communities, creators
from kolbench.store import guards as known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kolbench.store.connect import Store

COMMUNITY_DAYS = 3
"""A community that is younger is not to earn money yet."""

PERSON_DAYS = 14
"""Whoever became influential within so many days is not to be asked for anything yet."""

JUMP, LEAST_GAIN = 1.5, 500
"""So many times the followers, and so many more, make somebody influential all at once."""


class Caution(NamedTuple):
    """A reason to wait, about a person or a community, in words."""

    about: str
    text: str


def before_monetising(
    store: Store, at: int, creator_ids: Iterable[int] = (), community_ids: Iterable[int] = ()
) -> list[Caution]:
    """What speaks against earning money with these people and communities at a moment (ms); nothing is forbidden."""
    found = [_of_community(store, one, at) for one in community_ids]
    for creator_id in creator_ids:
        found += (_promoted(store, creator_id, at), _jumped(store, creator_id, at))
    return [one for one in found if one is not None]


def _of_community(store: Store, community_id: int, at: int) -> Caution | None:
    began = known.community_began(store, community_id)
    if began is None or at - began >= COMMUNITY_DAYS * DAY:
        return None
    name = next((one.name for one in communities.every(store) if one.id == community_id), str(community_id))
    days = max(0, at - began) // DAY
    text = ngettext(
        "{name} is {n} day old, as far as is known: earn no money there in the first {least} days.",
        "{name} is {n} days old, as far as is known: earn no money there in the first {least} days.",
        days,
    )
    return Caution(name, text.format(name=name, n=days, least=COMMUNITY_DAYS))


def _promoted(store: Store, creator_id: int, at: int) -> Caution | None:
    event = known.promoted(store, creator_id, at - PERSON_DAYS * DAY)
    if event is None:
        return None
    name = creators.name(store, creator_id) or str(creator_id)
    text = _("{name} has been '{step}' since {day}: ask for nothing yet, let them enjoy it for {n} days.")
    told = text.format(name=name, step=event[0], day=local_day(event[1]), n=PERSON_DAYS)
    return Caution(name, told)


def _jumped(store: Store, creator_id: int, at: int) -> Caution | None:
    before, after = known.followers(store, creator_id, at - PERSON_DAYS * DAY, at)
    if before is None or after is None or after < JUMP * before or after - before < LEAST_GAIN:
        return None
    name = creators.name(store, creator_id) or str(creator_id)
    text = _("{name} went from {before:,} to {after:,} followers in {n} days: ask for nothing yet.")
    return Caution(name, text.format(name=name, before=before, after=after, n=PERSON_DAYS))
