"""Taking an operator's act back, with what followed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.programme import after
from kolbench.store import changes

if TYPE_CHECKING:
    from kolbench.store.changes import Undone
    from kolbench.store.connect import Store

SETTLED = frozenset(("campaign_flag", "commission_entry", "conversion_decision", "participant", "referral_edge"))
"""What ledgers and leaderboards of campaigns are worked out from, and so anew when it is taken back."""


def undo(store: Store, author: str, act: int) -> Undone | None:
    """Take back an act, and bring up to date what rests on it; see ``changes.undo``."""
    undone = changes.undo(store, author, act)
    of = set() if undone is None else {entity for entity, _id in undone.changed}
    if undone is not None and "enrolment" in of:
        from kolbench.programme import outreach

        outreach.taken_back(store, undone.changed)
    if of & {"participant", "wave"}:
        from kolbench.programme.campaigns import waves

        waves.taken_back(store)
    if "merge_record" in of:
        after.at_once(store)
    elif of & SETTLED:
        from kolbench.programme.campaigns import fresh

        fresh.refresh(store)
    if of & {"do_not_contact", "contact_point"}:
        after.evaluate(store)
    return undone
