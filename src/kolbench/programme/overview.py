"""What an operator asks first about somebody: where they stand with us, what is next, what was last, what they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.incentives import POINTS
from kolbench.programme import follow_ups
from kolbench.store import agreements, candidates, creators, incentives, ladders, notes, rule_sets, violations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kolbench.domain.rule_sets import RuleSet
    from kolbench.programme.follow_ups import QueueRow
    from kolbench.store.agreements import Agreement
    from kolbench.store.candidates import Candidate
    from kolbench.store.connect import Store
    from kolbench.store.creators import Counter
    from kolbench.store.incentives import Entry
    from kolbench.store.ladders import Event, Ladder
    from kolbench.store.notes import Touchpoint
    from kolbench.store.rule_sets import Acknowledged
    from kolbench.store.violations import Violation

ENTRIES = 10
"""Entries of the ledger that are told, the newest."""


class Overview(NamedTuple):
    """Somebody at one moment; ``scored`` is None of a bot, of staff and of whoever has no account.

    ``rungs`` are the stage and grade they have, entitled by ``rules``; ``waiting`` the open follow-ups, the next first;
    ``points`` is None for somebody who never had any. ``followers`` are the newest counts, by account.
    """

    scored: Candidate | None
    followers: Mapping[int, Counter]
    rules: RuleSet | None
    rungs: Mapping[Ladder, Event]
    waiting: Sequence[QueueRow]
    touched: Touchpoint | None
    agreements: Sequence[Agreement]
    points: int | None
    entries: Sequence[Entry]
    violations: Sequence[Violation]
    acknowledged: Sequence[Acknowledged]


def read(store: Store, creator_id: int) -> Overview:
    """All of it, about one person."""
    newest = rule_sets.in_force(store)
    entries = incentives.entries(store, creator_id, limit=ENTRIES)
    return Overview(
        scored=candidates.get(store, creator_id),
        followers={one.account_id: one for one in creators.counters(store, creator_id) if one.metric == "followers"},
        rules=newest and newest.rules,
        rungs=rungs(store, creator_id),
        waiting=waiting(store, creator_id),
        touched=touched(store, creator_id),
        agreements=agreements.of(store, creator_id),
        points=points(store, creator_id, entries),
        entries=entries,
        violations=violations.listed(store, creator_id, withdrawn=True),
        acknowledged=rule_sets.acknowledgements(store, creator_id),
    )


def rungs(store: Store, creator_id: int) -> dict[Ladder, Event]:
    """The stage and the grade in force."""
    held = {ladder: ladders.current(store, ladder, [creator_id]).get(creator_id) for ladder in ladders.LADDERS}
    return {ladder: event for ladder, event in held.items() if event is not None}


def waiting(store: Store, creator_id: int) -> list[QueueRow]:
    """The open follow-ups, what is due first at the top: that is the next step."""
    return sorted(
        (row for row in follow_ups.about(store, creator_id) if row.state == "open"), key=lambda row: row.due_at
    )


def touched(store: Store, creator_id: int) -> Touchpoint | None:
    """The last contact, in either direction."""
    return next(iter(notes.touchpoints(store, creator_id, 1)), None)


def points(store: Store, creator_id: int, entries: Sequence[Entry]) -> int | None:
    """What is left of the points; None where there is nothing and none of these entries gave any."""
    left = incentives.balance(store.reader(), creator_id)
    return left if left or any(one.told.unit == POINTS for one in entries) else None
