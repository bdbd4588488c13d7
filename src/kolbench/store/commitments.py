"""What agreements in force bind to by a day, when they end and what is owed by them, and offers without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.domain.agreements import ANSWER_DAYS
from kolbench.store import agreements
from kolbench.store.agreements import JOIN_IN_FORCE, NEWEST

if TYPE_CHECKING:
    from kolbench.store.connect import Store

_ENDING = (
    f"agreement {JOIN_IN_FORCE} JOIN agreement_version AS terms"
    " ON terms.agreement_id = agreement.id AND terms.version = event.version"
)


_OFFERED = f"agreement JOIN agreement_event AS event ON event.id = {NEWEST} AND event.state = 'offered'"
_OFFERED_ON = "date(event.at / 1000, 'unixepoch')"


class Commitment(NamedTuple):
    """An ``agreement`` that is offered or in force, or a ``deliverable`` that is owed by one, and its number."""

    kind: Literal["agreement", "deliverable"]
    id: int


def order(store: Store) -> list[Commitment]:
    """All of them, the nearest day first; what has none comes last. The day of an offer is when it was made."""
    rows = store.reader().execute(
        f"SELECT kind, id FROM (SELECT 'agreement' AS kind, agreement.id, terms.ends_on AS day FROM {_ENDING}"
        f" UNION ALL SELECT 'agreement', agreement.id, {_OFFERED_ON} FROM {_OFFERED}"
        " UNION ALL SELECT 'deliverable', deliverable.id, due_on FROM deliverable"
        f" JOIN agreement ON agreement.id = deliverable.agreement_id {JOIN_IN_FORCE}"
        " WHERE done_on IS NULL AND removed_at IS NULL) ORDER BY day IS NULL, day, kind, id"
    )
    return list(map(Commitment._make, rows.fetchall()))


def pressing(store: Store, today: str, soon: str) -> int:
    """How many agreements in force end before the ISO date ``soon``, were offered too long before ``today`` without an
    answer, and deliverables were due before it.
    """
    ending, waiting = (
        store.reader()
        .execute(
            f"SELECT (SELECT count(*) FROM {_ENDING} WHERE terms.ends_on < ?1),"
            f" (SELECT count(*) FROM {_OFFERED} WHERE {_OFFERED_ON} <= date(?2, ?3))",
            (soon, today, f"-{ANSWER_DAYS} days"),
        )
        .fetchone()
    )
    return int(ending) + int(waiting) + len(agreements.overdue(store, today))
