"""Asking scorers about everybody in a small store, by the names of ``make``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import make
from kolbench.domain.briefs import Brief, Goal
from kolbench.domain.records import FollowRecord
from kolbench.domain.scoring import Evidence, Measure, People, Scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.store.connect import Store


def measured(store: Store, scorer: Scorer, goal: Goal | None = None) -> dict[str, Measure]:
    """The measure of each person by the name of their first account; whose isn't known is left out."""
    names = dict(store.reader().execute("SELECT creator_id, uid FROM account ORDER BY id DESC").fetchall())
    found = scorer.measure(People(store.reader(), sorted(names), goal))
    return {names[creator_id]: measure for creator_id, measure in found.items()}


def shown(store: Store, scorer: Scorer, name: str, goal: Goal | None = None, limit: int = 1_000) -> list[Evidence]:
    """The evidence behind the measure of one person."""
    return list(scorer.evidence(People(store.reader(), [make.creator(store, name)], goal), limit))


def total(evidence: list[Evidence]) -> float:
    """What the rows add up to."""
    return sum(one.amount or 0 for one in evidence)


def goal(ours: Sequence[int] = (), like: Sequence[int] = ()) -> Goal:
    """A goal with these communities of ours and these examples."""
    return Goal(1, 1, Brief(name="Tea", purpose="convert"), tuple(like), (), tuple(ours), ())


def follow(follower: str, account: str, day: float = 1) -> FollowRecord:
    """``follower`` follows ``account``, as seen on a day."""
    return FollowRecord(account_uid=account, follower_uid=follower, observed_at=make.moment(day))
