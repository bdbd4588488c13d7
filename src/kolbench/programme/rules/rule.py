"""What each follow-up rule says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kolbench.domain.following import Cause, Looking, Parameters
    from kolbench.store.connect import Store


@dataclass(frozen=True)
class Rule:
    """A reason to ask for a follow-up.

    ``find(store, looking)`` gives the causes there are, the most pressing first; ``why(evidence, at)`` says in one
    line what one of them means. ``parameters`` are its numbers, which ``settings.toml`` can change. ``at_most``: so
    many are open at once. One that asks to contact a person (``contacts``) asks for nobody who wants no contact. Where
    one of the rules in ``yields_to``, which are asked before it, asks for somebody, it doesn't: one message is enough.

    One whose findings change with a person's facts or with what we did, and not as time goes by (``by_change``), is
    asked after a sync only about people of whom something has changed. Any other is asked about everybody each time,
    so it must not read every creator.
    """

    id: str
    title: Callable[[], str]
    parameters: Parameters
    find: Callable[[Store, Looking], Iterable[Cause]]
    why: Callable[[Mapping[str, Any], int], str]
    at_most: int | None = None
    contacts: bool = True
    by_change: bool = False
    yields_to: tuple[str, ...] = ()
