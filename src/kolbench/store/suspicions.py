"""What is looked at for fraud, participant by participant, and what was found of it so far."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from kolbench.store.participants import OWN_CLICK

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


def cases(db: sqlite3.Connection, ids: Collection[int]) -> Iterator[Case]:
    """These participants, as far as they have sold something.

    Of whom neither hashes nor clicks tell, no more is read of the sales than the index has: nothing else is asked.
    """
    told = db.execute(
        "SELECT participant.id FROM json_each(?) AS one CROSS JOIN participant ON participant.id = one.value"
        " WHERE EXISTS (SELECT 1 FROM touch WHERE touch.campaign_id = participant.campaign_id)"
        " OR EXISTS (SELECT 1 FROM conversion INDEXED BY conversion_hashed"
        "  WHERE campaign_id = participant.campaign_id AND participant_id = participant.id AND state = 'counted'"
        "  AND (payment IS NOT NULL OR device IS NOT NULL OR address IS NOT NULL))",
        (json.dumps(sorted(ids)),),
    )
    much = {row[0] for row in told}
    for facts, some in ((_BARE, set(ids) - much), (_WHOLE, much)):
        rows = db.execute(_SALES.format(facts=facts), (json.dumps(sorted(some)),))
        for (campaign_id, participant_id), found in groupby(rows, key=itemgetter(0, 1)):
            sales = [Sale._make(row[2:]) for row in found]
            own = _own(db, campaign_id, participant_id) if facts is _WHOLE else dict.fromkeys(HASHES, frozenset[str]())
            yield Case(campaign_id, participant_id, sales, own)


_SALES = (
    "SELECT sale.campaign_id, sale.participant_id, sale.id, sale.at, {facts}"
    " FROM json_each(?) AS one CROSS JOIN participant ON participant.id = one.value"
    " CROSS JOIN conversion AS sale INDEXED BY conversion_sold ON sale.campaign_id = participant.campaign_id"
    " AND sale.participant_id = participant.id AND sale.state = 'counted'"
    " ORDER BY sale.campaign_id, sale.participant_id, sale.at, sale.id"
)
_BARE = "NULL, amount, refunded, NULL, NULL, NULL, NULL, NULL"
_WHOLE = (
    "buyer, amount, refunded, payment, device, address,"
    " (SELECT max(at) FROM touch WHERE campaign_id = sale.campaign_id AND visitor = sale.buyer"
    " AND at <= sale.at AND participant_id = sale.participant_id),"
    " (SELECT nullif(whose.id, sale.participant_id) FROM touch JOIN participant AS whose ON whose.id = participant_id"
    " WHERE touch.campaign_id = sale.campaign_id AND visitor = sale.buyer AND touch.at <= sale.at"
    f" AND {OWN_CLICK}"
    " ORDER BY touch.at DESC, place IS NULL, place, whose.ref LIMIT 1)"
)


def known(db: sqlite3.Connection, ids: Collection[int]) -> dict[int, dict[tuple[str, str], Known]]:
    """The flags of these participants, of each by kind and cause."""
    rows = db.execute(
        "SELECT participant_id, kind, cause, decision IS NOT NULL, evidence FROM json_each(?) AS one"
        " CROSS JOIN campaign_flag ON participant_id = one.value",
        (json.dumps(sorted(ids)),),
    )
    found: dict[int, dict[tuple[str, str], Known]] = {}
    for participant_id, kind, cause, decided, evidence in rows:
        conversions = frozenset(json.loads(evidence).get("conversions", ()))
        found.setdefault(participant_id, {})[kind, cause] = Known(bool(decided), conversions)
    return found


def _own(db: sqlite3.Connection, campaign_id: int, participant_id: int) -> dict[str, frozenset[str]]:
    """The hashes of what somebody bought by the id that they take part by."""
    rows = db.execute(
        "SELECT payment, device, address FROM participant JOIN conversion AS bought"
        " ON bought.campaign_id = participant.campaign_id AND bought.buyer = participant.ref"
        " WHERE participant.id = ? AND participant.campaign_id = ?",
        (participant_id, campaign_id),
    ).fetchall()
    return {kind: frozenset(row[n] for row in rows if row[n]) for n, kind in enumerate(HASHES)}
