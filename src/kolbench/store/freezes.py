"""Leaderboards kept as they were: one a day by themselves, and others by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kolbench.domain.errors import UsageError
from kolbench.domain.identity import fold
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import bulk, changes
from kolbench.store.campaign_boards import ORDERS, Figures
from kolbench.store.leaderboards import Window

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from kolbench.store.campaign_boards import Order
    from kolbench.store.connect import Store

DAYS_KEPT = 31
"""So many of a campaign's daily freezes stay; those with a name always do."""

_RANKS = tuple(f"{order}_rank" for order in ORDERS)


class Freeze(NamedTuple):
    """A kept leaderboard: ``name``, or the ``day`` (ISO, where the campaign is) at whose end it stood so.

    ``window`` is None for all times; ``totals`` are the campaign's then. ``at`` is when it was kept, ms.
    """

    id: int
    campaign_id: int
    name: str | None
    day: str | None
    version_id: int
    window: Window | None
    totals: Mapping[str, Any]
    author: str | None
    at: int
    entries: int


class Entry(NamedTuple):
    """Somebody's figures in a freeze, with the rank by the figure asked for."""

    rank: int
    figures: Figures


def keep_day(
    db: sqlite3.Connection, campaign_id: int, day: str, at: int, totals: Mapping[str, Any], ranked: Ranked
) -> None:
    """Keep the leaderboards of a day's end, and let go of the oldest of those."""
    row = db.execute(
        "INSERT INTO campaign_freeze (campaign_id, day, version_id, totals, at) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (campaign_id, day, _version(db, campaign_id), json.dumps(totals), at),
    ).fetchone()
    _write(db, row[0], ranked)
    db.execute(
        "DELETE FROM campaign_freeze WHERE campaign_id = ?1 AND name IS NULL AND day NOT IN (SELECT day"
        " FROM campaign_freeze WHERE campaign_id = ?1 AND name IS NULL ORDER BY day DESC LIMIT ?2)",
        (campaign_id, DAYS_KEPT),
    )


class Ranked(NamedTuple):
    """Who is kept: figures by participant, and for each order the ranks of the first."""

    figures: Mapping[int, Figures]
    ranks: Mapping[Order, Mapping[int, int]]


def keep(
    store: Store,
    campaign_id: int,
    name: str,
    author: str,
    totals: Mapping[str, Any],
    ranked: Ranked,
    window: Window | None = None,
) -> int:
    """Keep leaderboards by a name, and return the freeze's id. Raises UsageError when the name is taken or empty."""
    name = clean_line(name, 80)
    if not name:
        raise UsageError(_("Give the frozen leaderboard a name."))
    with changes.act(store, author, "freeze") as act:
        if any(one.name is not None and fold(one.name) == fold(name) for one in _all(act.db, campaign_id)):
            raise UsageError(_("There is a frozen leaderboard '{name}' already.").format(name=name))
        freeze_id = act.insert(
            "campaign_freeze",
            campaign_id=campaign_id,
            name=name,
            version_id=_version(act.db, campaign_id),
            window_from=window and window.start,
            window_to=window and window.stop,
            totals=json.dumps(totals),
            author=author,
            at=act.at,
        )
        _write(act.db, freeze_id, ranked)
    return freeze_id


def listed(store: Store, campaign_id: int) -> list[Freeze]:
    """The kept leaderboards of a campaign, newest first."""
    return _all(store.reader(), campaign_id)


def find(store: Store, campaign_id: int, text: str) -> Freeze:
    """The freeze of that name, day or number, or the only one with the text in its name. Raises UsageError."""
    every = listed(store, campaign_id)
    key = fold(text.strip())
    exact = [one for one in every if text.strip() in (one.day, str(one.id)) or (one.name and fold(one.name) == key)]
    found = exact or [one for one in every if one.name and key and key in fold(one.name)]
    if found and (exact or len(found) == 1):
        return found[0]
    known = ", ".join(str(one.name or one.day) for one in (found or every)[:12]) or _("none yet")
    raise UsageError(_("There is no frozen leaderboard '{text}'. There are: {names}.").format(text=text, names=known))


def last_day(db: sqlite3.Connection, campaign_id: int, before: str) -> tuple[int, str] | None:
    """The newest daily freeze of a day before that one (ISO): its id and its day."""
    found = db.execute(
        "SELECT id, day FROM campaign_freeze WHERE campaign_id = ? AND name IS NULL AND day < ?"
        " ORDER BY day DESC LIMIT 1",
        (campaign_id, before),
    ).fetchone()
    return found and (int(found[0]), str(found[1]))


def has_day(db: sqlite3.Connection, campaign_id: int, day: str) -> bool:
    """Whether the leaderboards of that day's end were kept."""
    query = "SELECT 1 FROM campaign_freeze WHERE campaign_id = ? AND name IS NULL AND day = ?"
    return db.execute(query, (campaign_id, day)).fetchone() is not None


def entries(
    store: Store, freeze_id: int, order: Order = "direct", offset: int = 0, limit: int | None = None
) -> list[Entry]:
    """The rows of a freeze by a figure, the first ones first."""
    rows = store.reader().execute(
        f"SELECT {order}_rank, {', '.join(Figures._fields)} FROM campaign_freeze_entry"
        f" WHERE freeze_id = ? AND {order}_rank IS NOT NULL ORDER BY 1, participant_id LIMIT ? OFFSET ?",
        (freeze_id, -1 if limit is None else limit, offset),
    )
    return [Entry(row[0], Figures._make(row[1:])) for row in rows.fetchall()]


def _write(db: sqlite3.Connection, freeze_id: int, ranked: Ranked) -> None:
    wanted = sorted(set().union(*(ranks.keys() for ranks in ranked.ranks.values())))
    rows = [(*ranked.figures[one], *(ranked.ranks.get(order, {}).get(one) for order in ORDERS)) for one in wanted]
    bulk.insert(db, "campaign_freeze_entry", (*Figures._fields, *_RANKS), rows, {"freeze_id": freeze_id})


def _version(db: sqlite3.Connection, campaign_id: int) -> int:
    query = "SELECT id FROM campaign_version WHERE campaign_id = ? ORDER BY version DESC LIMIT 1"
    return int(db.execute(query, (campaign_id,)).fetchone()[0])


def _all(db: sqlite3.Connection, campaign_id: int) -> list[Freeze]:

    rows = db.execute(
        "SELECT id, campaign_id, name, day, version_id, window_from, window_to, totals, author, at,"
        " (SELECT count(*) FROM campaign_freeze_entry WHERE freeze_id = campaign_freeze.id)"
        " FROM campaign_freeze WHERE campaign_id = ? ORDER BY at DESC, id DESC",
        (campaign_id,),
    )
    return [
        Freeze._make((*row[:5], None if row[5] is None else Window(row[5], row[6]), json.loads(row[7]), *row[8:]))
        for row in rows.fetchall()
    ]
