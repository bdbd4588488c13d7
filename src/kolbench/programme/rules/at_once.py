"""Asking one follow-up rule at once, instead of with all others: about some people, or about everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.clock import now
from kolbench.domain.following import Looking
from kolbench.programme.rules.chosen import chosen
from kolbench.store import causes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kolbench.programme.rules.rule import Rule
    from kolbench.store.connect import Store


def ask(store: Store, rule: Rule, creator_ids: Iterable[int] | None = None) -> None:
    """Bring what a rule finds of these people (None: everybody) in the queue up to date, unless it is switched off."""
    among, at = None if creator_ids is None else list(creator_ids), now()
    choice = chosen(store, {rule.id: rule})[rule.id]
    if choice.enabled:
        found = rule.find(store, Looking(store.reader(), at, choice.parameters, among))
        causes.apply(store, rule.id, found, at, among=among)
