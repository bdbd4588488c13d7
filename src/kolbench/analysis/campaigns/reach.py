"""How many different people each participant reached: below them, and whom those and they themselves sold to.

A person is counted once for everybody on the way from each place where they were reached up to whom nobody brought.
So it is enough to mark the place, and to take one off where the ways from two places of the same person meet: the
marks of a branch then add up to its people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.store import campaign_facts as facts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.analysis.campaigns.forest import Forest, Places
    from kolbench.store.leaderboards import Window

NOBODY = -1


def seed(db: sqlite3.Connection, forest: Forest, places: Places, window: Window | None) -> None:
    """Put marks into ``reached`` that add up to each branch's people, and count those whom anybody reached."""
    parent, new, reached, place_of, offset = forest.parent, forest.new, forest.reached, places.places, places.first
    count = 0
    for place, is_new in enumerate(new):
        if is_new:
            reached[parent[place]] += 1
            count += 1
    # People and participants come in the same order: the two lists are walked side by side.
    takers = facts.refs(db, forest.campaign_id)
    ref, taker = next(takers, (None, 0))
    person: str | None = None
    first, others, who = NOBODY, [], NOBODY
    for name, seller in facts.people(db, forest.campaign_id, window):
        place = place_of[seller - offset]
        if name == person:
            if place != first:
                others.append(place)
            continue
        if others or person is None:
            count += _mark(forest, who, (first, *others)) if others else 0
            others = []
        elif who < 0:  # as most people: reached by one, and taking no part
            reached[first] += 1
            count += 1
        elif parent[who] != first or not new[who]:  # else they bought by whom they came by
            count += _mark(forest, who, (first,))
        person, first = name, place
        while ref is not None and ref < name:
            ref, taker = next(takers, (None, 0))
        who = place_of[taker - offset] if ref == name else NOBODY
    if person is not None:
        count += _mark(forest, who, (first, *others))
    forest.people = count


def _mark(forest: Forest, who: int, sellers: Sequence[int]) -> int:
    """Mark the places of those who sold to a person, who may take part themself; how many more people that is: 0 or 1.

    Of whom they came by, if that counts, there is a mark already.
    """
    parent, reached = forest.parent, forest.reached
    known = who >= 0 and bool(forest.new[who])
    seen: set[int] = set()
    if known:
        _walk(parent, parent[who], seen)
    for place in sellers:
        met = _walk(parent, place, seen)
        reached[place] += 1
        if met >= 0:
            reached[met] -= 1
    if who in seen:  # nobody reaches themself
        reached[who] -= 1
        if parent[who] >= 0:
            reached[parent[who]] += 1
        seen.remove(who)
    return int(bool(seen) and not known)


def covered(sellers: Iterable[int], parents: Mapping[int, int | None], taking_part: int | None = None) -> set[int]:
    """Who has reached a person: those who sold to them and everybody above; above themself, if they take part."""
    seen: set[int] = set()
    for seller in (*sellers, None if taking_part is None else parents.get(taking_part)):
        one = seller
        while one is not None and one not in seen:
            seen.add(one)
            one = parents.get(one)
    if taking_part is not None:
        seen.discard(taking_part)
    return seen


def _walk(parent: Sequence[int], place: int, seen: set[int]) -> int:
    """Go up from a place until somebody was ``seen`` already, who is returned, or nobody is left (-1)."""
    while place >= 0 and place not in seen:
        seen.add(place)
        place = parent[place]
    return place
