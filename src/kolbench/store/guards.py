"""What guards know: who agreed to be written to, how old a community is, who has just grown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.outcomes import INVITED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from kolbench.store.connect import Store


def is_invitation(outcome: str | None, direction: str = "out") -> bool:
    """Whether a contact is an invitation of ours into a community, by whatever channel it was made."""
    return direction == "out" and outcome == INVITED


def require_consent(db: sqlite3.Connection, creator_id: int, at: int) -> None:
    """Raise UsageError where a person has given consent for no contact, took one back, or refuses to be contacted."""
    (agreed,) = db.execute(
        "SELECT max(consent = 'given') AND NOT max(consent IN ('refused', 'withdrawn') OR do_not_contact IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM do_not_contact WHERE creator_id = ?1 AND scope IN ('all', 'group')"
        "  AND lifted_at IS NULL AND (until_at IS NULL OR until_at > ?2))"
        " FROM contact_point WHERE creator_id = ?1 AND removed_at IS NULL",
        (creator_id, at),
    ).fetchone()
    if not agreed:
        (name,) = db.execute("SELECT name FROM creator WHERE id = ?", (creator_id,)).fetchone()
        text = _(
            "{name}: nobody is invited into a community without their consent. Ask first, and write it down:"
            " kolbench creator contact CREATOR CHANNEL ADDRESS --consent given"
        )
        raise UsageError(text.format(name=name))


def communities_of(store: Store, creator_ids: Iterable[int]) -> list[int]:
    """The communities in which these people are."""
    rows = store.reader().execute(
        "SELECT DISTINCT membership.community_id FROM json_each(?) AS wanted"
        " CROSS JOIN account ON account.creator_id = wanted.value"
        " CROSS JOIN membership ON membership.account_id = account.id AND membership.left_at IS NULL"
        " ORDER BY membership.community_id",
        (json.dumps(list(creator_ids)),),
    )
    return [row[0] for row in rows]


def community_began(store: Store, community_id: int) -> int | None:
    """The earliest moment (ms) of which something is known in a community; None: nothing is."""
    (at,) = (
        store.reader()
        .execute(
            "SELECT min(at) FROM (SELECT min(sent_at) AS at FROM message WHERE community_id = ?1"
            " UNION ALL SELECT min(coalesce(joined_at, first_seen_at)) FROM membership WHERE community_id = ?1)",
            (community_id,),
        )
        .fetchone()
    )
    return None if at is None else int(at)


def promoted(store: Store, creator_id: int, since: int) -> tuple[str, int] | None:
    """The stage or grade to which somebody was promoted last since a moment, and when (ms); None: to none."""
    row: tuple[str, int] | None = (
        store.reader()
        .execute(
            "SELECT name, at FROM (SELECT stage AS name, how, at FROM stage_event WHERE creator_id = ?1"
            " AND undone_at IS NULL UNION ALL SELECT grade, how, at FROM grade_event WHERE creator_id = ?1"
            " AND undone_at IS NULL) WHERE how = 'promoted' AND at > ?2 ORDER BY at DESC LIMIT 1",
            (creator_id, since),
        )
        .fetchone()
    )
    return row


def followers(store: Store, creator_id: int, before: int, after: int) -> tuple[int | None, int | None]:
    """The followers of a person at two moments (ms), over those of their accounts that were counted by the first."""
    row: tuple[int | None, int | None] = (
        store.reader()
        .execute(
            "WITH own AS (SELECT account.id, metric.id AS metric_id FROM account"
            " JOIN metric ON metric.name = 'followers' WHERE creator_id = ?1), counted AS (SELECT"
            " (SELECT value FROM account_snapshot WHERE account_id = own.id AND metric_id = own.metric_id"
            "  AND observed_at <= ?2 ORDER BY observed_at DESC LIMIT 1) AS early,"
            " (SELECT value FROM account_snapshot WHERE account_id = own.id AND metric_id = own.metric_id"
            "  AND observed_at <= ?3 ORDER BY observed_at DESC LIMIT 1) AS late FROM own)"
            " SELECT sum(early), sum(late) FROM counted WHERE early IS NOT NULL",
            (creator_id, before, after),
        )
        .fetchone()
    )
    return row
