"""What was given back: of which line of its order, and what of it waits for a sale that it could be of.

A refund that names its line is of that one. What names none is spread over the order's lines in their order, to each as
much as is left of it. Nothing is given back beyond what was sold: the rest waits.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

Order = tuple[int, str, str]
"""A campaign's id, the shop, and the order."""

EVER = (1 << 63) - 1
"""A moment (ms) that comes after all others."""

_LINES = (
    "SELECT id, line, iif(currency = (SELECT body ->> 'currency' FROM campaign_version"
    " WHERE campaign_id = ?1 ORDER BY version DESC LIMIT 1), amount, 0), refunded FROM conversion"
    " WHERE campaign_id = ?1 AND source = ?2 AND order_id = ?3 ORDER BY line"
)
"""SQL: the lines of an order in their order. Of one in another currency nothing is given back: nothing is converted."""


class Waiting(NamedTuple):
    """What of an order's refunds is more than was sold of it, as far as is known, in the currency's smallest unit."""

    campaign_id: int
    order_id: str
    amount: int
    currency: str


def spread(db: sqlite3.Connection, orders: Iterable[Order]) -> None:
    """Write down what was given back of each line of these orders, after something was told of them."""
    rows = db.execute(
        "SELECT DISTINCT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) AS told WHERE EXISTS (SELECT 1"
        " FROM refund WHERE campaign_id = value ->> 0 AND source = value ->> 1 AND order_id = value ->> 2)",
        (json.dumps(list(orders), ensure_ascii=False),),
    )
    for order in rows.fetchall():
        given = given_back(db, order)
        changed = [(given[row[0]], row[0]) for row in db.execute(_LINES, order) if given[row[0]] != row[3]]
        db.executemany("UPDATE conversion SET refunded = ? WHERE id = ?", changed)


def given_back(db: sqlite3.Connection, order: Order, until: int = EVER) -> dict[int, int]:
    """What was given back up to a moment (ms) of each of an order's conversions, in smallest units."""
    told = dict(
        db.execute(
            "SELECT line, sum(amount) FROM refund WHERE campaign_id = ? AND source = ? AND order_id = ? AND at <= ?"
            " GROUP BY line",
            (*order, until),
        ).fetchall()
    )
    lines = db.execute(_LINES, order).fetchall()
    given = {one: min(told.get(line, 0) if line else 0, amount) for one, line, amount, _refunded in lines}
    left = told.get("", 0)
    for one, _line, amount, _refunded in lines:
        part = min(left, amount - given[one])
        given[one] += part
        left -= part
    return given


def waiting(db: sqlite3.Connection, campaign_id: int | None = None, run_id: int = 0) -> list[Waiting]:
    """The orders of which more was given back than was sold, those never told among them; all, or a campaign's.

    With ``run_id``: those of whose refunds runs after it have told.
    """
    rows = db.execute(
        "WITH told AS (SELECT campaign_id, source, order_id, sum(amount) AS amount, max(run_id) AS run_id FROM refund"
        "  WHERE ?1 IS NULL OR campaign_id = ?1 GROUP BY 1, 2, 3)"
        " SELECT campaign_id, order_id, told.amount - (SELECT coalesce(sum(refunded), 0) FROM conversion"
        "  WHERE campaign_id = told.campaign_id AND source = told.source AND order_id = told.order_id) AS rest,"
        " (SELECT body ->> 'currency' FROM campaign_version WHERE campaign_id = told.campaign_id"
        "  ORDER BY version DESC LIMIT 1)"
        " FROM told WHERE run_id > ?2 AND rest > 0 ORDER BY campaign_id, source, order_id",
        (campaign_id, run_id),
    )
    return list(map(Waiting._make, rows))
