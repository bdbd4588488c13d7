"""Which window to look at: the last days before a scope's newest observation, for an archive ends long before now."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kolbench.domain.clock import DAY
from kolbench.store.leaderboards import Scope, Window, basis

if TYPE_CHECKING:
    from kolbench.store.connect import Store

DAYS = (7, 30, 90, 365)
"""The lengths to choose from; ``last`` with None is all there is."""

ENOUGH = 30
"""A window is chosen by itself when so much happened in it."""

_ROOMS = (
    "WITH subject AS (SELECT :id AS id WHERE :kind = 'community' UNION ALL SELECT id FROM community"
    " WHERE :kind = 'all' OR :kind = 'source' AND platform = (SELECT platform FROM source WHERE id = :id))"
)
_ACCOUNTS = (
    "WITH subject AS (SELECT id FROM account WHERE :kind = 'all' UNION ALL SELECT id FROM account"
    " WHERE :kind = 'source' AND platform = (SELECT platform FROM source WHERE id = :id))"
)
_MATERIAL = {
    "activity": (_ROOMS, "activity", "at", "community_id = subject.id"),
    "message": (_ROOMS, "message", "sent_at", "community_id = subject.id"),
    "post": (_ACCOUNTS, "post", "published_at", "account_id = subject.id"),
    "followers": (
        _ACCOUNTS,
        "account_snapshot",
        "observed_at",
        "account_id = subject.id AND metric_id = (SELECT id FROM metric WHERE name = 'followers')",
    ),
}
"""Where a metric's material lies: whom to ask one by one, the table, its moment, and how the two meet."""

_BROUGHT = "(:kind <> 'source' OR run_id IN (SELECT id FROM run WHERE source_id = :id))"


def anything(store: Store, scope: Scope, material: str) -> bool:
    """Whether there is any ``material`` in a scope."""
    subjects, table, _at, meet = _MATERIAL[material]
    query = f"{subjects} SELECT EXISTS (SELECT 1 FROM subject CROSS JOIN {table} ON {meet} AND {_BROUGHT})"
    return bool(store.reader().execute(query, {"kind": scope.kind, "id": scope.id}).fetchone()[0])


def extent(store: Store, scope: Scope, material: str) -> Window | None:
    """From the oldest to just after the newest observation of ``material``; None when there is none."""
    return _extent(store, scope, material, basis(store, scope))


@lru_cache(64)
def _extent(store: Store, scope: Scope, material: str, basis: int) -> Window | None:
    """An extent, remembered until the sources behind the scope bring more (``basis``)."""
    subjects, table, at, meet = _MATERIAL[material]
    # Each end is found at an end of an index, once for each subject.
    query = (
        f"{subjects} SELECT min((SELECT min({at}) FROM {table} WHERE {meet} AND {_BROUGHT})),"
        f" max((SELECT max({at}) FROM {table} WHERE {meet} AND {_BROUGHT})) FROM subject"
    )
    oldest, newest = store.reader().execute(query, {"kind": scope.kind, "id": scope.id}).fetchone()
    return None if newest is None else Window(oldest, newest + 1)


def last(extent: Window, days: int | None) -> Window:
    """The last ``days`` of an extent; None for all of it."""
    return extent if days is None else Window(extent.stop - days * DAY, extent.stop)


def default(store: Store, scope: Scope, material: str) -> Window | None:
    """The last 30 days, or 90, 365 or all where too little happened; None when there is nothing to count."""
    whole = extent(store, scope, material)
    if whole is None:
        return None
    subjects, table, at, meet = _MATERIAL[material]
    query = (
        f"{subjects} SELECT count(*) FROM (SELECT 1 FROM subject CROSS JOIN {table}"
        f" ON {meet} AND {at} >= :start AND {at} < :stop AND {_BROUGHT} LIMIT :enough)"
    )
    for days in DAYS[1:]:
        window = last(whole, days)
        if window.start <= whole.start:
            return window
        values = {"kind": scope.kind, "id": scope.id, "start": window.start, "stop": window.stop, "enough": ENOUGH}
        if store.reader().execute(query, values).fetchone()[0] >= ENOUGH:
            return window
    return whole
