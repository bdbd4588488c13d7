"""What has to be settled again: conversions about which something is new, in their order, with all that decides."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.campaigns import KINDS, Kind, rules
from kolbench.store import campaigns
from kolbench.store.participants import OWN_CLICK

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from kolbench.domain.campaigns import Rules
    from kolbench.store.connect import Store

ORDER = "conversion.at, conversion.source, conversion.order_id, conversion.line"
"""SQL: the order in which conversions are settled, and under a cap paid; it doesn't depend on when they were told."""


class Sale(NamedTuple):
    """A conversion with what decides whose it is. Moments are ms, amounts in the currency's smallest unit.

    ``owner_id`` has its code. The buyer may take part, came by ``buyer_parent_id`` then, since ``bound_at``.
    ``decision`` is the operator's, with whom it was assigned to. From ``participant_id`` on: how it was settled last.
    """

    id: int
    campaign_id: int
    source: str
    order_id: str
    line: str
    kind: Kind
    at: int
    code: str | None
    told_id: int | None
    buyer: str | None
    amount: int
    currency: str
    refunded: int
    received_at: int
    owner_id: int | None
    buyer_id: int | None
    buyer_creator_id: int | None
    buyer_parent_id: int | None
    bound_at: int | None
    decision: str | None
    assigned_id: int | None
    participant_id: int | None
    via: str | None
    state: str | None
    reason: str | None


class Person(NamedTuple):
    """A participant as settling needs them: who they are and by whom they came since when (ms)."""

    id: int
    ref: str
    creator_id: int | None
    parent_id: int | None
    referred_at: int | None


class Version(NamedTuple):
    """A version of a campaign's terms, in force from a moment (ms) on, and written at another."""

    id: int
    from_at: int
    at: int
    rules: Rules


class Book:
    """The terms of a campaign through time."""

    def __init__(self, db: sqlite3.Connection, campaign_id: int) -> None:
        self.campaign_id = campaign_id
        found = campaigns.versions(db, campaign_id)
        self.versions = [Version(one.id, one.from_at, one.at, rules(one.terms)) for one in found]  # newest first
        every = [one.rules for one in self.versions]
        self.levels = max(1, *(len(one.levels) for one in every))
        self.caps_people = any(one.cap_per_person is not None for one in every)
        self.caps_orders = any(one.cap_per_order is not None for one in every)
        self.asks_first = any(not one.repeat_buyers or (one.reward and not one.reward_every) for one in every)

    def at(self, moment: int) -> Version:
        """The terms in force at a moment: the newest that began by then, else the first."""
        return next((one for one in self.versions if one.from_at <= moment), self.versions[-1])


def count(db: sqlite3.Connection) -> int:
    """How many conversions wait to be settled."""
    return int(db.execute("SELECT count(*) FROM unsettled_conversion").fetchone()[0])


def everything(store: Store) -> None:
    """Have all conversions settled again, and everybody placed."""
    with store.writing() as db:
        db.execute("INSERT INTO unsettled_conversion SELECT id FROM conversion WHERE TRUE ON CONFLICT DO NOTHING")
        db.execute(
            "INSERT INTO unplaced_participant SELECT DISTINCT child_id FROM referral_edge WHERE TRUE"
            " ON CONFLICT DO NOTHING"
        )


def campaigns_waiting(db: sqlite3.Connection) -> list[int]:
    """The campaigns in which something is to be settled."""
    rows = db.execute(
        "SELECT campaign_id FROM unsettled_buyer UNION"
        " SELECT campaign_id FROM unsettled_conversion CROSS JOIN conversion ON conversion.id = conversion_id UNION"
        " SELECT campaign_id FROM unsettled_participant CROSS JOIN participant ON participant.id = participant_id"
    )
    return [row[0] for row in rows.fetchall()]


def widen(db: sqlite3.Connection, campaign_id: int, book: Book) -> None:
    """Add to what waits in a campaign what it may decide besides.

    That are everything a buyer bought of whom something is new; what somebody bought later, where only the first
    counts; and the other lines of an order, where it has a cap.
    """
    add = "INSERT INTO unsettled_conversion SELECT other.id FROM"
    db.execute(
        f"{add} unsettled_buyer CROSS JOIN conversion AS other USING (campaign_id, buyer)"
        " WHERE campaign_id = ? ON CONFLICT DO NOTHING",
        (campaign_id,),
    )
    db.execute("DELETE FROM unsettled_buyer WHERE campaign_id = ?", (campaign_id,))
    mine = "unsettled_conversion CROSS JOIN conversion AS one ON one.id = conversion_id AND one.campaign_id = ?1"
    db.execute(
        f"{add} (SELECT buyer, kind, min(at) AS at FROM {mine} WHERE buyer IS NOT NULL AND (?2 OR kind <> ?3)"
        "  GROUP BY buyer, kind) AS one CROSS JOIN conversion AS other ON other.campaign_id = ?1"
        " AND other.buyer = one.buyer AND other.kind = one.kind AND other.at >= one.at WHERE TRUE"
        " ON CONFLICT DO NOTHING",
        (campaign_id, book.asks_first, KINDS[0]),
    )
    if book.caps_orders:
        db.execute(
            f"{add} {mine} CROSS JOIN conversion AS other ON other.campaign_id = ?1 AND other.source = one.source"
            " AND other.order_id = one.order_id WHERE TRUE ON CONFLICT DO NOTHING",
            (campaign_id,),
        )


def queue(db: sqlite3.Connection, campaign_id: int, book: Book) -> array[int]:
    """The conversions of a campaign that wait, as they are settled: 8 bytes of memory each.

    First, as they came in, the sales of which none decides about another; then the others in their order.
    """
    found = array("q")
    for depends, order in (("NOT", "conversion_id"), ("", ORDER)):
        rows = db.execute(
            "SELECT conversion.id FROM unsettled_conversion CROSS JOIN conversion ON conversion.id = conversion_id"
            f" WHERE campaign_id = ? AND {depends} (? OR kind <> ?) ORDER BY {order}",
            (campaign_id, book.asks_first, KINDS[0]),
        )
        found.extend(row[0] for row in rows)
    return found


def take(db: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Note that these wait no more: they are settled in the same transaction."""
    db.execute(
        "DELETE FROM unsettled_conversion WHERE conversion_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )


def lines_of(db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """All lines of the orders that these conversions belong to."""
    rows = db.execute(
        "SELECT DISTINCT other.id FROM json_each(?) AS wanted JOIN conversion AS one ON one.id = wanted.value"
        " JOIN conversion AS other USING (campaign_id, source, order_id)",
        (json.dumps(list(ids)),),
    )
    return [row[0] for row in rows.fetchall()]


def sales(db: sqlite3.Connection, ids: Sequence[int]) -> list[Sale]:
    """These conversions in their order, with all that decides whose they are."""
    rows = db.execute(
        "SELECT conversion.id, conversion.campaign_id, source, order_id, line, kind, conversion.at, conversion.code,"
        " coalesce(meant.participant_id, told_id), buyer, amount, currency, refunded, received_at, code.participant_id,"
        " bought.id, bought.creator_id, bought.parent_id, bought.referred_at, decision.decision,"
        " decision.participant_id, conversion.participant_id, via, state, conversion.reason"
        " FROM json_each(?) AS wanted CROSS JOIN conversion ON conversion.id = wanted.value"
        " LEFT JOIN referral_code AS code ON code.campaign_id = conversion.campaign_id AND code.code = conversion.code"
        " LEFT JOIN participant AS told ON told.id = told_id LEFT JOIN referral_code AS meant"
        "  ON meant.campaign_id = told.campaign_id AND meant.code = told.maybe_code"
        " LEFT JOIN participant AS bought ON bought.campaign_id = conversion.campaign_id AND bought.ref = buyer"
        " LEFT JOIN conversion_decision AS decision ON decision.id = (SELECT max(id) FROM conversion_decision"
        "  WHERE conversion_id = conversion.id AND undone_at IS NULL)"
        f" ORDER BY {ORDER}",
        (json.dumps(list(ids)),),
    )
    return list(map(Sale._make, rows.fetchall()))


def touched(db: sqlite3.Connection, sale: Sale, window: int, *, last: bool) -> int | None:
    """Whose link the buyer followed first, or ``last``, in so many ms before they bought."""
    found = db.execute(
        "SELECT participant_id FROM touch JOIN participant ON participant.id = participant_id"
        " WHERE touch.campaign_id = ? AND visitor = ? AND touch.at BETWEEN ? AND ?"
        f" AND {OWN_CLICK}"
        f" ORDER BY touch.at {'DESC' if last else ''}, place IS NULL, place, ref LIMIT 1",
        (sale.campaign_id, sale.buyer, sale.at - window, sale.at),
    ).fetchone()
    return found and int(found[0])


def touched_ever(db: sqlite3.Connection, sale: Sale) -> bool:
    """Whether the buyer followed anybody's link at all before they bought."""
    query = "SELECT 1 FROM touch WHERE campaign_id = ? AND visitor = ? AND at <= ? LIMIT 1"
    return db.execute(query, (sale.campaign_id, sale.buyer, sale.at)).fetchone() is not None


def bought_before(db: sqlite3.Connection, sale: Sale) -> bool:
    """Whether something that the buyer bought before counts already, of the same kind."""
    found = db.execute(
        "SELECT 1 FROM conversion WHERE campaign_id = ?1 AND buyer = ?2 AND kind = ?3 AND state = 'counted'"
        " AND at <= ?4 AND (at, source, order_id, line) < (?4, ?5, ?6, ?7) LIMIT 1",
        (sale.campaign_id, sale.buyer, sale.kind, sale.at, sale.source, sale.order_id, sale.line),
    )
    return found.fetchone() is not None


def chains(db: sqlite3.Connection, ids: Iterable[int], levels: int) -> dict[int, Person]:
    """These participants and so many levels less one above them."""
    found: dict[int, Person] = {}
    wanted = set(ids)
    for _level in range(levels):
        rows = db.execute(
            "SELECT id, ref, creator_id, parent_id, referred_at FROM participant"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(wanted)),),
        )
        new = [Person._make(row) for row in rows]
        found.update((one.id, one) for one in new)
        wanted = {one.parent_id for one in new if one.parent_id is not None} - found.keys()
        if not wanted:
            break
    return found


def settle_later(db: sqlite3.Connection, participant_ids: Iterable[int]) -> None:
    """Note that what these participants earn under a cap is to be settled when all conversions are."""
    db.execute(
        "INSERT INTO unsettled_participant SELECT value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING",
        (json.dumps(sorted(participant_ids)),),
    )


def next_capped(db: sqlite3.Connection, campaign_id: int) -> int | None:
    """A participant who waits to be settled under a cap, and waits no more."""
    found = db.execute(
        "SELECT participant_id FROM unsettled_participant CROSS JOIN participant ON participant.id = participant_id"
        " WHERE campaign_id = ? LIMIT 1",
        (campaign_id,),
    ).fetchone()
    if found is None:
        return None
    db.execute("DELETE FROM unsettled_participant WHERE participant_id = ?", found)
    return int(found[0])


def below(db: sqlite3.Connection, campaign_id: int, participant_id: int, levels: int) -> Iterator[int]:
    """What a participant may earn by, in the order in which it is paid: their own conversions, and of those below."""
    rows = db.execute(
        "WITH RECURSIVE line (id, level, since) AS (SELECT ?1, 1, NULL UNION ALL"
        " SELECT participant.id, level + 1, max(coalesce(since, referred_at), referred_at) FROM line"
        " JOIN participant ON parent_id = line.id WHERE level < ?2)"
        " SELECT conversion.id FROM line CROSS JOIN conversion ON campaign_id = ?3"
        "  AND conversion.participant_id = line.id AND state = 'counted'"
        f" WHERE since IS NULL OR conversion.at >= since ORDER BY {ORDER}",
        (participant_id, levels, campaign_id),
    )
    return (row[0] for row in rows)
