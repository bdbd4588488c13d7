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
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kolbench.analysis.campaigns.forest import Forest, Places
    from kolbench.store.leaderboards import Window


def seed(db: sqlite3.Connection, forest: Forest, places: Places, window: Window | None) -> None:
    """Put marks into ``reached`` that add up to each branch's people, and count those whom anybody reached."""
    parent, new, reached = forest.parent, forest.new, forest.reached
    count = 0
    for place, is_new in enumerate(new):
        if is_new:
            reached[parent[place]] += 1
            count += 1
    for taking_part, sellers in _reached(db, forest.campaign_id, window):
        if taking_part is None and len(sellers) == 1:
            reached[places[sellers[0]]] += 1
            count += 1
            continue
        who = -1 if taking_part is None else places[taking_part]
        known = who >= 0 and bool(new[who])
        seen: set[int] = set()
        if known:
            _walk(parent, parent[who], seen)
        for seller in sellers:
            place = places[seller]
            met = _walk(parent, place, seen)
            reached[place] += 1
            if met >= 0:
                reached[met] -= 1
        if who in seen:  # nobody reaches themself
            reached[who] -= 1
            if parent[who] >= 0:
                reached[parent[who]] += 1
            seen.remove(who)
        if seen and not known:
            count += 1
    forest.people = count


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


def _reached(
    db: sqlite3.Connection, campaign_id: int, window: Window | None
) -> Iterator[tuple[int | None, Sequence[int]]]:
    """Each person who bought or clicked: the participant they are, if they are one, and by whom they were reached."""
    takers = facts.refs(db, campaign_id)
    ref, taker = next(takers, (None, 0))
    person: str | None = None
    sellers: list[int] = []
    for name, seller in facts.people(db, campaign_id, window):
        if name == person:
            if seller != sellers[-1]:
                sellers.append(seller)
            continue
        if sellers:
            yield (taker if ref == person else None), sellers
        person, sellers = name, [seller]
        while ref is not None and ref < name:
            ref, taker = next(takers, (None, 0))
    if sellers:
        yield (taker if ref == person else None), sellers
