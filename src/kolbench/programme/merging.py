"""That two are one person, or are not; what rests on who is who follows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.programme import after
from kolbench.store import merges, suggestions

if TYPE_CHECKING:
    from kolbench.store.connect import Store


def merge(store: Store, creator_id: int, other_id: int, author: str) -> int:
    """Let the first stand for both; returns the merge's number. See ``suggestions.accept``."""
    number = suggestions.accept(store, creator_id, other_id, author)
    after.at_once(store)
    return number


def take_apart(store: Store, number: int, author: str) -> None:
    """Undo a merge; see ``merges.undo``."""
    merges.undo(store, number, author)
    after.at_once(store)
