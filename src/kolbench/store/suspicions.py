"""What is looked at for fraud, participant by participant, and what was found of it so far."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping, Sequence

HASHES = ("payment", "device", "address")
"""By what two orders may be told to be of one person: as the shop hashed it, for comparing only."""


class Sale(NamedTuple):
    """A conversion that counts. Moments are ms, amounts in the smallest unit; what wasn't told is None.

    ``clicked_at`` is when the buyer last followed this participant's link before it; ``elsewhere`` is the participant
    whose link they followed last, if that was another one's.
    """

    id: int
    at: int
    buyer: str | None
    amount: int
    refunded: int
    payment: str | None
    device: str | None
    address: str | None
    clicked_at: int | None
    elsewhere: int | None


class Case(NamedTuple):
    """A participant with what they sold, by moment, and the hashes of what they bought themself, by kind."""

    campaign_id: int
    participant_id: int
    sales: Sequence[Sale]
    own: Mapping[str, frozenset[str]]


class Known(NamedTuple):
    """A flag that there is: whether it was decided about, and the conversions that were seen then."""

    decided: bool
    conversions: frozenset[int]


def with_news(db: sqlite3.Connection) -> list[int]:
    """The participants of whom something is new since the standings were derived."""
    return [row[0] for row in db.execute("SELECT participant_id FROM stale_participant ORDER BY 1").fetchall()]


def sellers(db: sqlite3.Connection, campaign_id: int) -> list[int]:
    """Everybody in a campaign who has sold something that counts."""
    rows = db.execute(
        "SELECT DISTINCT participant_id FROM conversion WHERE campaign_id = ? AND state = 'counted'", (campaign_id,)
    )
    return [row[0] for row in rows.fetchall()]


def cases(db: sqlite3.Connection, ids: Collection[int]) -> Iterator[Case]:
    """These participants, as far as they have sold something."""
    rows = db.execute(
        "SELECT sale.participant_id, sale.campaign_id, sale.id, sale.at, buyer, amount, refunded, payment, device,"
        " address, (SELECT max(at) FROM touch WHERE campaign_id = sale.campaign_id AND visitor = sale.buyer"
        " AND at <= sale.at AND participant_id = sale.participant_id),"
        " (SELECT nullif(participant_id, sale.participant_id) FROM touch WHERE campaign_id = sale.campaign_id"
        " AND visitor = sale.buyer AND at <= sale.at ORDER BY at DESC LIMIT 1)"
        " FROM json_each(?) AS one CROSS JOIN participant ON participant.id = one.value"
        " CROSS JOIN conversion AS sale ON sale.campaign_id = participant.campaign_id"
        " AND sale.participant_id = participant.id AND sale.state = 'counted'"
        " ORDER BY sale.participant_id, sale.at, sale.id",
        (json.dumps(sorted(ids)),),
    )
    for (participant_id, campaign_id), found in groupby(rows, key=itemgetter(0, 1)):
        sales = [Sale._make(row[2:]) for row in found]
        yield Case(campaign_id, participant_id, sales, _own(db, campaign_id, participant_id))


def known(db: sqlite3.Connection, campaign_id: int, participant_id: int) -> dict[tuple[str, str], Known]:
    """The flags of a participant by kind and cause."""
    rows = db.execute(
        "SELECT kind, cause, decision IS NOT NULL, evidence FROM campaign_flag"
        " WHERE participant_id = ? AND campaign_id = ?",
        (participant_id, campaign_id),
    )
    return {
        (kind, cause): Known(bool(decided), frozenset(json.loads(evidence).get("conversions", ())))
        for kind, cause, decided, evidence in rows
    }


def _own(db: sqlite3.Connection, campaign_id: int, participant_id: int) -> dict[str, frozenset[str]]:
    """The hashes of what somebody bought by the id that they take part by."""
    rows = db.execute(
        "SELECT payment, device, address FROM participant JOIN conversion AS bought"
        " ON bought.campaign_id = participant.campaign_id AND bought.buyer = participant.ref"
        " WHERE participant.id = ? AND participant.campaign_id = ?",
        (participant_id, campaign_id),
    ).fetchall()
    return {kind: frozenset(row[n] for row in rows if row[n]) for n, kind in enumerate(HASHES)}
