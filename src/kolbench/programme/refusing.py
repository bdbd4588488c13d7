"""That somebody wants no contact, or may be contacted again; the queue follows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.programme import after
from kolbench.store import refusals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kolbench.store.connect import Store


def refuse(
    store: Store,
    creator_id: int,
    reason: str,
    author: str,
    *,
    scope: str = refusals.ALL,
    until: int | None = None,
    was: Mapping[str, Any] | None = None,
) -> int:
    """Let nobody contact a person, and take out of the queue what asks for it; see ``refusals.refuse``."""
    refusal_id = refusals.refuse(store, creator_id, reason, author, scope=scope, until=until, was=was)
    after.evaluate(store, news=True)
    return refusal_id


def lift(store: Store, creator_id: int, author: str, *, scope: str = refusals.ALL) -> int:
    """Let a person be contacted again, and ask for it where there is a cause; see ``refusals.lift``."""
    lifted = refusals.lift(store, creator_id, author, scope=scope)
    after.evaluate(store, news=True)
    return lifted
