"""How the conversation with each person stands: whose turn it is, since when, and how often we have tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.metrics import sql
from kolbench.domain.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.domain.following import Looking


class Contact(NamedTuple):
    """The newest contact with a person (``at`` in ms); ``tries`` are ours in a row; ``planned``: by a sequence."""

    creator_id: int
    id: int
    at: int
    direction: str
    channel: str
    outcome: str | None
    planned: bool
    tries: int


def newest(looking: Looking) -> Iterator[Contact]:
    """The newest contact with each person, none older than ``within_days``; the oldest first."""
    since = looking.at - int(looking.parameters["within_days"] * DAY)
    found = looking.db.execute(sql("follow_up_conversation"), {"ids": looking.ids, "since": since})
    yield from map(Contact._make, found.fetchall())
