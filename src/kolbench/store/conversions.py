"""Conversions as they were told and judged, the quarantine, and what operators decide about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.text import clean_line
from kolbench.store import changes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from kolbench.store.changes import Act
    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Window

Decision = Literal["accept", "reject", "assign"]

Found = tuple[int | None, str | None, str, str | None, int]
"""Whose a conversion was found to be, how that is known, its state, why it doesn't count, and its id."""

_COLUMNS = (
    "conversion.id, conversion.campaign_id, source, order_id, line, kind, conversion.at, code, buyer, amount, refunded,"
    " currency, received_at, participant_id, participant.ref, participant.name, via, state, reason"
)
_FROM = "conversion LEFT JOIN participant ON participant.id = participant_id"


class Conversion(NamedTuple):
    """A conversion as it was told, and as it was judged: whose it is, how that is known, and why it doesn't count.

    Amounts are in the currency's smallest unit, moments ms. ``state`` is None until it is settled.
    """

    id: int
    campaign_id: int
    source: str
    order_id: str
    line: str
    kind: str
    at: int
    code: str | None
    buyer: str | None
    amount: int
    refunded: int
    currency: str
    received_at: int
    participant_id: int | None
    ref: str | None
    name: str | None
    via: str | None
    state: str | None
    reason: str | None


class Decided(NamedTuple):
    """What somebody decided about a conversion, for whom, and why; ``undone_by`` took it back. Moments are ms."""

    id: int
    conversion_id: int
    order_id: str
    line: str
    decision: str
    whose: str | None
    reason: str
    author: str
    at: int
    undone_at: int | None
    undone_by: str | None


def get(db: sqlite3.Connection, conversion_id: int) -> Conversion:
    """One conversion. Raises UsageError when there is none of that number."""
    found = db.execute(f"SELECT {_COLUMNS} FROM {_FROM} WHERE conversion.id = ?", (conversion_id,)).fetchone()
    if found is None:
        raise UsageError(_("There is no conversion {id}.").format(id=conversion_id))
    return Conversion._make(found)


def quarantined(
    db: sqlite3.Connection, campaign_id: int, reason: str | None = None, limit: int = -1
) -> list[Conversion]:
    """The conversions of a campaign that wait for somebody to decide, all or for one reason."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE conversion.campaign_id = ?1 AND state = 'quarantined'"
        " AND (?2 IS NULL OR reason = ?2) ORDER BY reason, conversion.at, conversion.id LIMIT ?3",
        (campaign_id, reason, limit),
    )
    return list(map(Conversion._make, rows.fetchall()))


def waiting(db: sqlite3.Connection, campaign_id: int, reason: str | None = None) -> list[int]:
    """The ids of what ``quarantined`` lists, in that order."""
    rows = db.execute(
        "SELECT id FROM conversion WHERE campaign_id = ?1 AND state = 'quarantined' AND (?2 IS NULL OR reason = ?2)"
        " ORDER BY reason, at, id",
        (campaign_id, reason),
    )
    return [row[0] for row in rows]


def of_participant(db: sqlite3.Connection, participant_id: int, window: Window | None = None) -> list[int]:
    """The ids of all conversions that were found to be a participant's, whether they count or not, the newest first.

    Of all times, or of a window.
    """
    rows = db.execute(
        "SELECT id FROM conversion WHERE participant_id = ?1 AND (?2 IS NULL OR at >= ?2 AND at < ?3)"
        " ORDER BY at DESC, id DESC",
        (participant_id, window and window.start, window and window.stop),
    )
    return [row[0] for row in rows]


def of_ids(db: sqlite3.Connection, conversion_ids: Sequence[int]) -> list[Conversion]:
    """These conversions in this order; those that there are none of are left out."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE conversion.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(conversion_ids)),),
    )
    found = {row[0]: Conversion._make(row) for row in rows}
    return [found[one] for one in conversion_ids if one in found]


def reasons(db: sqlite3.Connection, campaign_id: int) -> dict[str, int]:
    """How many conversions of a campaign are quarantined, by reason."""
    query = (
        "SELECT reason, count(*) FROM conversion WHERE campaign_id = ? AND state = 'quarantined' GROUP BY 1 ORDER BY 1"
    )
    return dict(db.execute(query, (campaign_id,)).fetchall())


def states(db: sqlite3.Connection, campaign_id: int) -> dict[str, int]:
    """How many conversions of a campaign are counted, quarantined, rejected and not settled yet (``waiting``)."""
    query = "SELECT coalesce(state, 'waiting'), count(*) FROM conversion WHERE campaign_id = ? GROUP BY 1"
    return dict(db.execute(query, (campaign_id,)).fetchall())


def decide(
    store: Store,
    conversion_ids: Sequence[int],
    decision: Decision,
    author: str,
    reason: str,
    participant_id: int | None = None,
) -> None:
    """Let conversions count as they are, count for nobody, or for a participant (``assign``); the newest word holds.

    Raises UsageError without a reason, where nobody is known for whom one could count, where the participant is not
    of its campaign, and for another currency than the campaign's, in which nothing can be paid.
    """
    reason = clean_line(reason, 500)
    if not reason:
        raise UsageError(_("Say why: the reason is kept with the decision."))
    with changes.act(store, author, "conversion") as act:
        for conversion_id in dict.fromkeys(conversion_ids):
            if text := objection(act.db, get(act.db, conversion_id), decision, participant_id):
                raise UsageError(text)
            record(act, conversion_id, decision, reason, participant_id)


def record(act: Act, conversion_id: int, decision: Decision, reason: str, participant_id: int | None = None) -> int:
    """Write a decision as a part of a larger act; returns its id."""
    return act.insert(
        "conversion_decision",
        conversion_id=conversion_id,
        decision=decision,
        participant_id=participant_id,
        reason=reason,
        author=act.author,
        at=act.at,
    )


def decided(db: sqlite3.Connection, campaign_id: int, limit: int = -1) -> list[Decided]:
    """What was decided about conversions of a campaign, the newest first; what was taken back is among it."""
    rows = db.execute(
        "SELECT decision.id, conversion.id, order_id, line, decision, coalesce(whose.name, whose.ref),"
        " decision.reason, decision.author, decision.at, undone_at, undone_by FROM conversion"
        " JOIN conversion_decision AS decision ON conversion_id = conversion.id"
        " LEFT JOIN participant AS whose ON whose.id = coalesce(decision.participant_id, conversion.participant_id)"
        " WHERE conversion.campaign_id = ? ORDER BY decision.id DESC LIMIT ?",
        (campaign_id, limit),
    )
    return list(map(Decided._make, rows.fetchall()))


def undecide(store: Store, conversion_ids: Sequence[int], author: str) -> None:
    """Take back the newest decision about each of these, whoever made it: it stays in the store, and says by whom.

    Raises UsageError where nothing was decided about one, or it was taken back already.
    """
    with store.writing() as db:
        for conversion_id in dict.fromkeys(conversion_ids):
            query = "SELECT max(id) FROM conversion_decision WHERE conversion_id = ? AND undone_at IS NULL"
            (found,) = db.execute(query, (conversion_id,)).fetchone()
            if found is None:
                text = _("Nothing that is in force was decided about order {order}.")
                raise UsageError(text.format(order=get(db, conversion_id).order_id))
            reverse(db, found, author)


def reverse(db: sqlite3.Connection, decision_id: int, author: str) -> None:
    """Take a decision back, which stays in the store; a part of taking an act back."""
    query = "UPDATE conversion_decision SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL"
    db.execute(query, (now(), author, decision_id))


def write_verdicts(db: sqlite3.Connection, verdicts: Iterable[Found]) -> None:
    """Write down whose conversions were found to be, and whether they count."""
    query = "UPDATE conversion SET participant_id = ?, via = ?, state = ?, reason = ? WHERE id = ?"
    db.executemany(query, verdicts)


def objection(
    db: sqlite3.Connection, one: Conversion, decision: Decision, participant_id: int | None = None
) -> str | None:
    """Why that can't be decided about a conversion; None where it can."""
    if decision == "reject":
        return None
    if decision == "accept" and one.participant_id is None:
        text = _("Order {order}: nobody is known for whom it could count. Say whose it is with 'assign'.")
        return text.format(order=one.order_id)
    (currency,) = db.execute(
        "SELECT body ->> 'currency' FROM campaign_version WHERE campaign_id = ? ORDER BY version DESC LIMIT 1",
        (one.campaign_id,),
    ).fetchone()
    if one.currency != currency:
        text = _("Order {order} is in {other}, and the campaign pays in {currency}: it can only be rejected.")
        return text.format(order=one.order_id, other=one.currency, currency=currency)
    if decision == "assign" and participant_id is not None:
        query = "SELECT 1 FROM participant WHERE id = ? AND campaign_id = ?"
        if db.execute(query, (participant_id, one.campaign_id)).fetchone() is None:
            return _("They don't take part in the campaign of order {order}.").format(order=one.order_id)
    return None
