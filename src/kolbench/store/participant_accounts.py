"""Which person a participant is, by the accounts that sources tell of them: whichever is told first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kolbench.domain.identity import HANDLE_REF, handle_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from kolbench.store.writer import Batch

_NAMED = (
    "SELECT {what} FROM participant_account AS told CROSS JOIN account ON account.platform = told.platform"
    " AND account.uid = told.uid WHERE {which}"
    " UNION ALL SELECT {what} FROM participant_account AS told CROSS JOIN account ON account.platform = told.platform"
    " AND account.handle_key = told.handle_key WHERE {which}"
    " UNION ALL SELECT {what} FROM participant_account AS told"
    " CROSS JOIN former_handle AS former ON former.handle_key = told.handle_key"
    " CROSS JOIN account ON account.id = former.account_id AND account.platform = told.platform WHERE {which}"
)
"""SQL: the accounts that what was told may mean: that have the id, bear the handle, or bore it."""


def readings(platform: str, told: str) -> Iterator[tuple[str, str]]:
    """What an account's name may mean, as (platform, id or handle): ``douyin:ann`` is on a platform of its own."""
    yield platform, told
    other, _colon, rest = told.partition(":")
    if other and rest and other + ":" != HANDLE_REF:
        yield other.lower(), rest


def tell(batch: Batch, participant_id: int, told: str) -> bool:
    """Keep what a source tells of a participant's account; whether they are somebody else by it than before."""
    batch.db.executemany(
        "INSERT INTO participant_account (participant_id, platform, uid, handle_key) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [
            (participant_id, platform, uid, handle_key(uid.removeprefix(HANDLE_REF)))
            for platform, uid in readings(batch.platform, told)
        ],
    )
    return _join(batch.db, participant_id)


def join(batch: Batch) -> None:
    """Join the participants to the accounts of this page that were told of them before."""
    db = batch.db
    if not batch.account_ids or db.execute("SELECT 1 FROM participant_account LIMIT 1").fetchone() is None:
        return
    rows = db.execute(
        "WITH page AS MATERIALIZED (SELECT account.id, platform, uid, handle_key FROM json_each(?) AS one"
        " CROSS JOIN account ON account.id = one.value)"
        " SELECT participant_id FROM page CROSS JOIN participant_account AS told USING (platform, uid)"
        " UNION SELECT participant_id FROM page CROSS JOIN participant_account AS told USING (platform, handle_key)"
        " UNION SELECT participant_id FROM page CROSS JOIN former_handle AS former ON former.account_id = page.id"
        " CROSS JOIN participant_account AS told"
        " ON told.platform = page.platform AND told.handle_key = former.handle_key ORDER BY 1",
        (json.dumps(sorted(set(batch.account_ids.values()))),),
    )
    for (participant_id,) in rows.fetchall():
        _join(db, participant_id)


def forget(db: sqlite3.Connection, creator_id: int) -> None:
    """Forget that participants were told to have an account of somebody who is erased; a part of erasing them."""
    for key in ("uid", "handle_key"):
        db.execute(
            "DELETE FROM participant_account WHERE (participant_id, platform, uid) IN"
            " (SELECT participant_id, platform, told.uid FROM account"
            f" CROSS JOIN participant_account AS told USING (platform, {key}) WHERE creator_id = ?)",
            (creator_id,),
        )


def _join(db: sqlite3.Connection, participant_id: int) -> bool:
    """Say whose the first account is that was told of a participant; an operator's own word stays."""
    what = (
        "told.platform, told.uid, account.uid = told.uid, account.handle_key IS told.handle_key, account.seen_at,"
        " account.uid, account.creator_id, account.home_id"
    )
    found = db.execute(
        f"SELECT * FROM ({_NAMED.format(what=what, which='told.participant_id = ?1')})"
        " ORDER BY 1, 2, 3 DESC, 4 DESC, 5 DESC, 6",
        (participant_id,),
    ).fetchall()
    if not found:
        return False
    query = "SELECT creator_id, home_id, author FROM participant WHERE id = ?"
    creator_id, home_id, author = db.execute(query, (participant_id,)).fetchone()
    if author is not None and creator_id is not None and creator_id not in {row[-2] for row in found}:
        return False
    whose = found[0][-2:]
    if whose != (creator_id, home_id):
        db.execute("UPDATE participant SET creator_id = ?, home_id = ? WHERE id = ?", (*whose, participant_id))
    return bool(whose != (creator_id, home_id))
