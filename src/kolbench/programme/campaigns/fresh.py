"""After new facts: what is derived of campaigns, in the order in which one thing rests on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis.campaigns import standings
from kolbench.programme import fraud, settling
from kolbench.programme.campaigns import publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kolbench.programme.campaigns.publishing import Problem
    from kolbench.store.connect import Store


def refresh(store: Store, progress: Callable[[int, int], None] | None = None) -> Sequence[Problem]:
    """Settle, flag what looks wrong, bring standings and published pages up to date.

    ``progress`` is told how many conversions of how many are settled. Returns which pages were not written, and why.
    """
    settling.settle(store, progress)
    fraud.watch(store)
    standings.refresh(store)
    return publishing.refresh(store)
