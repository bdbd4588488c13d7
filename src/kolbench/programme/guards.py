"""Timing: what to think of before money is earned with a person or a community."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import DAY
from kolbench.domain.lang import _, ngettext
from kolbench.programme.local import local_day
from kolbench.store import briefs, communities, creators, settings
from kolbench.store import guards as known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kolbench.domain.settings import Guards
    from kolbench.store.connect import Store


class Caution(NamedTuple):
    """A reason to wait, about a person or a community, in words."""

    about: str
    text: str


def before_monetising(
    store: Store,
    at: int,
    creator_ids: Iterable[int] = (),
    community_ids: Iterable[int] = (),
    *,
    brief_id: int | None = None,
) -> list[Caution]:
    """What speaks against earning money with these people and communities at a moment (ms); nothing is forbidden.

    Asked are also the communities in which these people are, and those that a brief calls ours. Raises UsageError where
    ``settings.toml`` can't be read, and where there is no such brief.
    """
    people, limits = list(creator_ids), settings.read(store).guards
    ours = () if brief_id is None else briefs.goal(store, brief_id).ours
    rooms = dict.fromkeys((*community_ids, *ours, *known.communities_of(store, people)))
    names = {one.id: one.name for one in communities.every(store)} if rooms else {}
    found = [_of_community(store, one, names.get(one, str(one)), at, limits) for one in rooms]
    for creator_id in people:
        found += (_promoted(store, creator_id, at, limits), _jumped(store, creator_id, at, limits))
    return [one for one in found if one is not None]


def _of_community(store: Store, community_id: int, name: str, at: int, limits: Guards) -> Caution | None:
    began = known.community_began(store, community_id)
    if began is None or at - began >= limits.community_days * DAY:
        return None
    days = max(0, at - began) // DAY
    text = ngettext(
        "{name} is {n} day old, as far as is known: earn no money there in the first {least} days.",
        "{name} is {n} days old, as far as is known: earn no money there in the first {least} days.",
        days,
    )
    return Caution(name, text.format(name=name, n=days, least=limits.community_days))


def _promoted(store: Store, creator_id: int, at: int, limits: Guards) -> Caution | None:
    event = known.promoted(store, creator_id, at - limits.person_days * DAY)
    if event is None:
        return None
    name = creators.name(store, creator_id) or str(creator_id)
    text = _("{name} has been '{step}' since {day}: ask for nothing yet, let them enjoy it for {n} days.")
    told = text.format(name=name, step=event[0], day=local_day(event[1]), n=limits.person_days)
    return Caution(name, told)


def _jumped(store: Store, creator_id: int, at: int, limits: Guards) -> Caution | None:
    before, after = known.followers(store, creator_id, at - limits.person_days * DAY, at)
    if before is None or after is None or after < limits.growth * before or after - before < limits.growth_least:
        return None
    name = creators.name(store, creator_id) or str(creator_id)
    text = _("{name} went from {before:,} to {after:,} followers in {n} days: ask for nothing yet.")
    return Caution(name, text.format(name=name, before=before, after=after, n=limits.person_days))
