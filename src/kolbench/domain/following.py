"""What a follow-up rule is: something that finds reasons to turn to a person, and says each in a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    Parameters = Mapping[str, float]


class Cause(NamedTuple):
    """A reason to follow up with a person: the same ``cause`` of one rule asks once, whatever its evidence.

    ``evidence`` holds numbers and names, not sentences. One that doesn't open (``opens``) only keeps a follow-up
    that is open already. ``due_at`` (ms) counts when the follow-up opens; later only where it ``moves``. ``channel``
    and ``plan`` are by what way to turn to them, if that is known. One that ``waits`` is for when they don't answer:
    until it is due it stands with what waits for an answer.
    """

    creator_id: int
    cause: str
    evidence: Mapping[str, Any]
    due_at: int
    opens: bool = True
    channel: str | None = None
    plan: str | None = None
    waits: bool = False
    moves: bool = False


class Looking(NamedTuple):
    """What a rule is asked: at which moment (ms), by which parameters, and about whom.

    ``db`` is the store, to be read alone. ``creator_ids`` None means everybody; else what is found of others is left
    aside, so that a rule may pass over them.
    """

    db: sqlite3.Connection
    at: int
    parameters: Parameters
    creator_ids: Sequence[int] | None = None

    @property
    def ids(self) -> str | None:
        """``creator_ids`` as a JSON array for ``json_each``; None for everybody."""
        return None if self.creator_ids is None else json.dumps(list(self.creator_ids))


@runtime_checkable
class FollowUpRule(Protocol):
    """A rule that a plugin brings; ``settings.toml`` changes its parameters and switches it off by its name."""

    @property
    def name(self) -> str:
        """Its id."""

    @property
    def title(self) -> str:
        """What it asks for, in a few words."""

    @property
    def parameters(self) -> Parameters:
        """Its numbers, with what they usually are."""

    def find(self, looking: Looking) -> Iterable[Cause]:
        """What there is cause for, the most pressing first."""

    def why(self, evidence: Mapping[str, Any], at: int) -> str:
        """What a cause with this evidence means at a moment (ms), in one line."""
