"""Up to when the store knows each platform: who is silent is told by the newest work or message of anybody there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kolbench.analysis.metrics import sql
from kolbench.analysis.people import WINDOW_MS, Horizon, horizons

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

BEGINNING = -(2**62)
"""Before every moment (ms), where a platform had no horizon yet."""


def news(db: sqlite3.Connection, creator_ids: Sequence[int] | None = None) -> dict[str, Horizon | None]:
    """The horizons that are others now, by what these creators published and said; None: all of whom facts have
    changed. Where what was kept is gone, such as by an erasure, the platform is looked through; None: nothing is left.
    """
    kept = horizons(db)
    found: dict[str, Horizon | None] = {}
    for platform, one in kept.items():
        its = "SELECT id, platform FROM account WHERE id = :id AND platform = :platform"
        still = _newest(db, its, id=one.account_id, platform=platform).get(platform)
        if still is None or still.at < one.at:
            everybody = "SELECT id, platform FROM account WHERE platform = :platform"
            found[platform] = _newest(db, everybody, platform=platform).get(platform)
    if creator_ids is None:
        whose, values = "SELECT account.id, platform FROM stale_creator CROSS JOIN account USING (creator_id)", {}
    else:
        whose = "SELECT account.id, platform FROM json_each(:ids) CROSS JOIN account ON account.creator_id = value"
        values = {"ids": json.dumps(list(creator_ids))}
    for platform, one in _newest(db, whose, **values).items():
        known = found.get(platform, kept.get(platform))
        if known is None or one.at > known.at:
            found[platform] = one
    return found


def move(db: sqlite3.Connection, found: Mapping[str, Horizon | None]) -> None:
    """Keep horizons, and have those derived again whose last word is thereby left behind, or no longer is."""
    kept = horizons(db)
    for platform, one in found.items():
        former = kept.pop(platform, None)
        if one is not None:
            kept[platform] = one
        moments = [each.at if each else BEGINNING for each in (former, one)]
        db.execute(
            "INSERT INTO stale_creator (creator_id) SELECT creator_id FROM standing"
            " WHERE last_active_at > :after AND last_active_at <= :until AND EXISTS ("
            "SELECT 1 FROM account WHERE account.creator_id = standing.creator_id AND platform = :platform)"
            " ON CONFLICT DO NOTHING",
            {"after": min(moments) - WINDOW_MS, "until": max(moments) - WINDOW_MS, "platform": platform},
        )
    db.execute(
        "INSERT INTO derived_by VALUES ('horizons', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (json.dumps(kept),),
    )


def forget(db: sqlite3.Connection) -> None:
    """Have them found again from nothing."""
    db.execute("DELETE FROM derived_by WHERE name = 'horizons'")


def _newest(db: sqlite3.Connection, whose: str, **values: object) -> dict[str, Horizon]:
    """The newest work or message on each platform of the accounts that ``whose`` names with theirs."""
    rows = db.execute(sql("horizon").format(whose=whose), values)
    return {platform: Horizon(at, account_id) for platform, at, account_id in rows if at is not None}
