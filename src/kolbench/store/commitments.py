"""What agreements in force bind to by a day: when they end, and what is owed by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.store import agreements
from kolbench.store.agreements import JOIN_IN_FORCE

if TYPE_CHECKING:
    from kolbench.store.connect import Store

_ENDING = (
    f"agreement {JOIN_IN_FORCE} JOIN agreement_version AS terms"
    " ON terms.agreement_id = agreement.id AND terms.version = event.version"
)


class Commitment(NamedTuple):
    """An ``agreement`` in force, or a ``deliverable`` that is owed by one, and its number."""

    kind: Literal["agreement", "deliverable"]
    id: int


def order(store: Store) -> list[Commitment]:
    """All of them, the nearest day first; what has none comes last."""
    rows = store.reader().execute(
        f"SELECT kind, id FROM (SELECT 'agreement' AS kind, agreement.id, terms.ends_on AS day FROM {_ENDING}"
        " UNION ALL SELECT 'deliverable', deliverable.id, due_on FROM deliverable"
        f" JOIN agreement ON agreement.id = deliverable.agreement_id {JOIN_IN_FORCE}"
        " WHERE done_on IS NULL AND removed_at IS NULL) ORDER BY day IS NULL, day, kind, id"
    )
    return list(map(Commitment._make, rows.fetchall()))


def pressing(store: Store, today: str, soon: str) -> int:
    """How many agreements in force end before the ISO date ``soon``, and deliverables were due before ``today``."""
    (ending,) = store.reader().execute(f"SELECT count(*) FROM {_ENDING} WHERE terms.ends_on < ?", (soon,)).fetchone()
    return int(ending) + len(agreements.overdue(store, today))
