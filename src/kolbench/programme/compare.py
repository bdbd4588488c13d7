"""How somebody does on ours beside elsewhere, and which incentive to look at where they are quiet only with us."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY
from kolbench.programme import offers
from kolbench.store import merges

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from kolbench.programme.offers import Match
    from kolbench.store.connect import Store

DAYS = 30
WINDOWS = 3

ACTIVE = 4
"""Works in the newest window from which on somebody is active elsewhere: about one a week."""

QUIET = 0.5
"""Who sends less than this share of what they sent in the earlier windows, on average, is quiet here."""


class Here(NamedTuple):
    """What somebody did in our communities from ``start`` to ``stop`` (ms)."""

    start: int
    stop: int
    messages: int = 0
    addressed: int = 0
    people: int = 0
    thanks: int = 0


class Elsewhere(NamedTuple):
    """What somebody published from ``start`` to ``stop`` (ms); ``reactions`` to the ``counted`` ones of the works."""

    start: int
    stop: int
    posts: int = 0
    counted: int = 0
    reactions: int = 0


class Hint(NamedTuple):
    """What the comparison says to do.

    ``quiet_here``: active elsewhere, quiet with us: adjust what we give, by their needs (``matches``).
    ``quiet_everywhere``: both have fallen: ask how they are. ``outdated``: one side is known for a whole window less
    than the other, so nothing can be said.
    """

    kind: Literal["quiet_here", "quiet_everywhere", "outdated"]
    matches: Sequence[Match] = ()


@dataclass(frozen=True)
class Comparison:
    """Windows of ``DAYS`` days, the newest first; each side's end with the newest that is known of it.

    A side is empty where nothing is known: somebody who belongs to none of our communities, or has no works.
    """

    here: Sequence[Here]
    elsewhere: Sequence[Elsewhere]
    hint: Hint | None


def compare(store: Store, creator_id: int, ours: Sequence[int] = (), windows: int = WINDOWS) -> Comparison:
    """What somebody does in our communities (ids; none: all) beside what they publish, over so many windows (≥ 2)."""
    db = store.reader()
    creator_id = merges.root(db, creator_id)
    here = _here(db, creator_id, ours, windows)
    elsewhere = _elsewhere(db, creator_id, windows)
    hint = _hint(here, elsewhere)
    if hint is not None and hint.kind == "quiet_here":
        hint = hint._replace(matches=offers.fitting(store, creator_id))
    return Comparison(here, elsewhere, hint)


def usual(earlier: Sequence[int]) -> float:
    """What earlier windows held on average."""
    return sum(earlier) / len(earlier) if earlier else 0.0


def _here(db: Connection, creator_id: int, ours: Sequence[int], windows: int) -> list[Here]:
    values = {"creator_id": creator_id, "ours": json.dumps(list(ours))}
    (until,) = db.execute(sql("compare_ours_until"), values).fetchone()
    if until is None:
        return []
    values |= {"until": until, "window_ms": DAYS * DAY, "windows": windows}
    found = {nth: counts for nth, *counts in db.execute(sql("compare_ours"), values)}
    return [Here(*_bounds(until, nth), *found.get(nth, ())) for nth in range(windows)]


def _elsewhere(db: Connection, creator_id: int, windows: int) -> list[Elsewhere]:
    (until,) = db.execute(sql("compare_elsewhere_until"), {"creator_id": creator_id}).fetchone()
    if until is None:
        return []
    metrics = dict(db.execute("SELECT name, id FROM metric WHERE name IN ('likes', 'comments', 'shares')").fetchall())
    values = {"creator_id": creator_id, "until": until, "window_ms": DAYS * DAY, "windows": windows, **metrics}
    found = {nth: counts for nth, *counts in db.execute(sql("compare_elsewhere"), values)}
    return [Elsewhere(*_bounds(until, nth), *found.get(nth, ())) for nth in range(windows)]


def _bounds(until: int, nth: int) -> tuple[int, int]:
    stop = until - nth * DAYS * DAY
    return stop - DAYS * DAY, stop


def _hint(here: Sequence[Here], elsewhere: Sequence[Elsewhere]) -> Hint | None:
    if not here or not elsewhere:
        return None
    if abs(here[0].stop - elsewhere[0].stop) > DAYS * DAY:
        return Hint("outdated")
    said = [window.messages for window in here]
    published = [window.posts for window in elsewhere]
    quiet = said[0] == 0 or said[0] < QUIET * usual(said[1:])
    if quiet and published[0] >= ACTIVE:
        return Hint("quiet_here")
    fallen = published[0] < QUIET * usual(published[1:])
    if quiet and fallen and any(said[1:]):
        return Hint("quiet_everywhere")
    return None
