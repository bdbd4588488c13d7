"""What the workbench asks of the queue before it shows anything: whether somebody is due, and the first rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.store import follow_ups, sections

if TYPE_CHECKING:
    from kolbench.store.connect import Store

FIRST = 1_024
"""So many are read of an order at first: a tenth of the time that sorting a long queue whole takes."""


class Start(NamedTuple):
    """How many follow-ups a section has, and the ids of the first ``FIRST`` in its order."""

    total: int
    ids: list[int]


def any_due(store: Store, at: int) -> bool:
    """Whether somebody's follow-up is due by the end of the day that holds the moment ``at``."""
    for section in ("overdue", "today"):
        table, where, _order, values = sections.part(section, at)
        if store.reader().execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", values).fetchone():
            return True
    return False


def start(store: Store, at: int) -> Start:
    """How many follow-ups are open and not snoozed at the moment ``at``, and the first of them."""
    return Start(follow_ups.count(store, None, at), follow_ups.ids(store, None, at, stop=FIRST))
