"""After new data: what is derived of it, in the order in which one thing rests on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.lang import _
from kolbench.programme import follow_ups, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kolbench.programme.campaigns.publishing import Problem
    from kolbench.programme.follow_ups import Evaluated
    from kolbench.store.connect import Store

    Progress = Callable[[int, int], None]


FEW = 1_000
"""So many people are scored while an operator waits."""


class After(NamedTuple):
    """How many people have another standing, what the follow-up rules did, and which pages were not written."""

    changed: int
    evaluated: Evaluated
    unpublished: Sequence[Problem]

    @property
    def problems(self) -> list[str]:
        """What went wrong, a sentence each."""
        text = _("The leaderboard of '{campaign}' was not published: {reason}")
        return [*problems(self.evaluated), *(text.format_map(one._asdict()) for one in self.unpublished)]


def refresh(
    store: Store,
    scored: Progress | None = None,
    compared: Progress | None = None,
    settled: Progress | None = None,
    between: Callable[[], object] | None = None,
) -> After:
    """Work out again what has changed: scores, who may be one person, stages, follow-ups, campaigns and their pages.

    ``scored``, ``compared`` and ``settled`` are told how many of how many are done, ``between`` is called before each
    follow-up rule; what one of these raises ends it at a safe place, and the next time goes on from there.
    """
    from kolbench.analysis import matching, standing  # a start on the queue needs the rules, and none of these
    from kolbench.programme.campaigns import fresh

    changed = standing.refresh(store, scored)
    matching.refresh(store, compared)
    evaluated = evaluate(store, news=True, between=between)
    return After(changed, evaluated, fresh.refresh(store, settled))


def at_once(store: Store) -> None:
    """The same after an operator's act, which nobody wants to wait for: what went wrong is told by the next sync.

    Where a sync that was stopped has left many without a score, they are left to the next one, too.
    """
    from kolbench.analysis import standing
    from kolbench.programme.campaigns import fresh
    from kolbench.store import likenesses

    if standing.waiting(store) <= FEW and likenesses.waiting(store) <= FEW:
        refresh(store)
    else:
        evaluate(store, news=True)
        fresh.refresh(store)


def evaluate(store: Store, *, news: bool = False, between: Callable[[], object] | None = None) -> Evaluated:
    """Ask the rules of the programme, then those of follow-ups, which look at stages; see ``follow_ups.evaluate``."""
    stages.run(store)
    return follow_ups.evaluate(store, news=news, between=between)


def problems(evaluated: Evaluated) -> list[str]:
    """Which follow-up rules could not look, and why."""
    text = _("The follow-up rule '{rule}' failed: {error}")
    return [text.format(rule=one.rule, error=one.error) for one in evaluated.outcomes if one.error]
