"""What a campaign's standings are counted from: who came by whom, what was sold and owed, and who was reached."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kolbench.store.participants import OWN_CLICK

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator

    from kolbench.store.leaderboards import Window

    Person = tuple[str, int]

_SOLD = (
    "SELECT participant_id, count(*), sum(max(amount - refunded, 0)), max(at) FROM conversion {index}"
    " WHERE campaign_id = :campaign AND state = 'counted' AND (refunded < amount OR amount = 0) {where}"
    " GROUP BY participant_id"
)
_BY_MOMENT, _BY_SELLER = "INDEXED BY conversion_when", "INDEXED BY conversion_sold"
WIDE = 0.3
"""From this part of a campaign's time on, reading all that was sold is quicker than sorting what a window holds."""

_IDS = "IN (SELECT value FROM json_each(:ids))"


def members(db: sqlite3.Connection, campaign_id: int) -> Iterator[tuple[int, int | None, int | None]]:
    """Everybody by id: (participant, who brought them, since when in ms)."""
    return db.execute(
        "SELECT id, parent_id, referred_at FROM participant WHERE campaign_id = ? ORDER BY id", (campaign_id,)
    )


def parents(db: sqlite3.Connection, ids: Collection[int]) -> dict[int, int | None]:
    """Who brought each of these participants, if anybody did."""
    return dict(db.execute(f"SELECT id, parent_id FROM participant WHERE id {_IDS}", {"ids": json.dumps(list(ids))}))


def sold(
    db: sqlite3.Connection, campaign_id: int, window: Window | None = None, ids: Collection[int] | None = None
) -> Iterator[tuple[int, int, int, int]]:
    """Who sold something by their own code: (participant, conversions, revenue less refunds, the last one's moment).

    What was given back as a whole doesn't count. Of all, or of ``ids``; of all times, or of a window.
    """
    where, index, values = _asked(db, campaign_id, window, ids)
    return db.execute(_SOLD.format(index=index, where=where), values)


def owed(
    db: sqlite3.Connection, campaign_id: int, window: Window | None = None, ids: Collection[int] | None = None
) -> Iterator[tuple[int, int]]:
    """To whom the ledger owes what: (participant, amount); in a window, for conversions that lie in it."""
    where, index, values = _asked(db, campaign_id, window, ids)
    if window is not None:
        sales = f"conversion AS sale {index if index == _BY_MOMENT else ''}"
        entries = "commission_entry AS entry"
        # Of a few sales their entries, or of all entries the sales.
        first, second = (sales, entries) if index == _BY_MOMENT else (entries, sales)
        return db.execute(
            f"SELECT entry.participant_id, sum(entry.amount) FROM {first} CROSS JOIN {second}"
            " ON entry.conversion_id = sale.id WHERE sale.campaign_id = :campaign AND sale.state = 'counted'"
            " AND sale.at >= :start AND sale.at < :stop AND entry.campaign_id = :campaign"
            " GROUP BY entry.participant_id",
            values,
        )
    return db.execute(
        f"SELECT participant_id, sum(amount) FROM commission_entry WHERE campaign_id = :campaign {where}"
        " GROUP BY participant_id",
        values,
    )


def people(db: sqlite3.Connection, campaign_id: int, window: Window | None = None) -> Iterator[Person]:
    """Whom participants reached: (person, participant) for each sale to somebody told and each click, by person.

    The same pair may come several times, one after the other.
    """
    within = "" if window is None else "AND at >= :start AND at < :stop"
    values = _values(campaign_id, window)
    sales = (
        "SELECT buyer AS person, participant_id FROM conversion INDEXED BY conversion_whom"
        f" WHERE campaign_id = :campaign AND state = 'counted' AND buyer IS NOT NULL {within}"
    )
    clicks = f"SELECT visitor, participant_id FROM touch WHERE campaign_id = :campaign AND {OWN_CLICK} {within}"
    clicked = db.execute("SELECT EXISTS (SELECT 1 FROM touch WHERE campaign_id = ?)", (campaign_id,)).fetchone()[0]
    # A merge of two ordered indexes costs as much again as reading one: only where there are clicks.
    return db.execute(f"{sales} UNION ALL {clicks} ORDER BY 1" if clicked else f"{sales} ORDER BY 1, 2", values)


def refs(db: sqlite3.Connection, campaign_id: int) -> Iterator[Person]:
    """Everybody by the id they buy by: (ref, participant)."""
    return db.execute("SELECT ref, id FROM participant WHERE campaign_id = ? ORDER BY ref", (campaign_id,))


def refs_of(db: sqlite3.Connection, ids: Iterable[int]) -> set[str]:
    """The ids by which these participants buy."""
    rows = db.execute(f"SELECT ref FROM participant WHERE id {_IDS}", {"ids": json.dumps(list(ids))})
    return {ref for (ref,) in rows}


def reached_by(db: sqlite3.Connection, campaign_id: int, ids: Iterable[int]) -> set[str]:
    """Who bought by these participants, or clicked on their links."""
    rows = db.execute(
        "SELECT buyer FROM json_each(:ids) AS one CROSS JOIN conversion ON campaign_id = :campaign"
        " AND participant_id = one.value AND state = 'counted' WHERE buyer IS NOT NULL"
        " UNION SELECT visitor FROM json_each(:ids) AS one CROSS JOIN touch ON participant_id = one.value"
        f" WHERE {OWN_CLICK}",
        {"campaign": campaign_id, "ids": json.dumps(list(ids))},
    )
    return {person for (person,) in rows}


def who_reached(db: sqlite3.Connection, campaign_id: int, persons: Iterable[str]) -> Iterator[Person]:
    """By whom each of these people was reached: (person, participant), each pair once."""
    return db.execute(
        "WITH wanted AS MATERIALIZED (SELECT value AS person FROM json_each(:persons))"
        " SELECT person, participant_id FROM wanted CROSS JOIN conversion INDEXED BY conversion_whom"
        " ON campaign_id = :campaign AND buyer = person AND state = 'counted' AND buyer IS NOT NULL"
        " UNION SELECT person, participant_id FROM wanted CROSS JOIN touch"
        f" ON campaign_id = :campaign AND visitor = person WHERE {OWN_CLICK}",
        {"campaign": campaign_id, "persons": json.dumps(list(persons), ensure_ascii=False)},
    )


def participants_among(db: sqlite3.Connection, campaign_id: int, persons: Iterable[str]) -> dict[str, int]:
    """Which of these people take part: the participant by ref."""
    return dict(
        db.execute(
            "SELECT ref, participant.id FROM json_each(:persons) AS one CROSS JOIN participant"
            " ON campaign_id = :campaign AND ref = one.value",
            {"campaign": campaign_id, "persons": json.dumps(list(persons), ensure_ascii=False)},
        )
    )


def _asked(
    db: sqlite3.Connection, campaign_id: int, window: Window | None, ids: Collection[int] | None
) -> tuple[str, str, dict[str, Any]]:
    """Conditions, the index of conversions that suits them, and their values."""
    values, where = _values(campaign_id, window), []
    if window is not None:
        where.append("AND at >= :start AND at < :stop")
    if ids is not None:
        where.append(f"AND participant_id {_IDS}")
        values["ids"] = json.dumps(list(ids))
    narrow = window is not None and ids is None and _share(db, campaign_id, window) < WIDE
    return " ".join(where), _BY_MOMENT if narrow else _BY_SELLER, values


def _share(db: sqlite3.Connection, campaign_id: int, window: Window) -> float:
    """The part of the time of a campaign's sales that lies in a window."""
    of = f"at FROM conversion {_BY_MOMENT} WHERE campaign_id = ? AND state = 'counted' ORDER BY at"
    first, last = (db.execute(f"SELECT {of} {way} LIMIT 1", (campaign_id,)).fetchone() for way in ("ASC", "DESC"))
    if first is None:
        return 0.0
    since, until = int(first[0]), int(last[0]) + 1
    return (min(window.stop, until) - max(window.start, since)) / (until - since)


def _values(campaign_id: int, window: Window | None) -> dict[str, Any]:
    values = {"campaign": campaign_id}
    return values if window is None else {**values, "start": window.start, "stop": window.stop}
