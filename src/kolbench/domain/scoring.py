"""What a scorer is: something that measures people, each on a fixed scale, and shows what the measure was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kolbench.domain.briefs import Goal

Made = TypeVar("Made")

PRIOR = 0.1
"""What a component counts as where nothing is known of it: about what most people have who aren't known for it.

Of 2,006 members of chat rooms the medians are 0.05 (activity) to 0.15 (authenticity). A prior above them would put
strangers ahead of those whom we know; the page "What the numbers mean" has the figures.
"""


class Measure(NamedTuple):
    """What was found out about one person.

    ``value`` is from 0 to 1 on a scale that is the same for everybody and at all times; None: not known, which is
    never the same as 0, though ``how`` and the figures may tell why. ``figure`` is the number it was made from,
    ``numerator`` and ``denominator`` what that was made from, ``sample`` the number of observations behind it.
    ``start`` and ``stop`` (ms) are the window, or ``stop`` alone the moment of the newest observation. ``how`` names
    the variant, where there are several.
    """

    value: float | None
    figure: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    sample: int | None = None
    start: int | None = None
    stop: int | None = None
    how: str = ""


UNKNOWN = Measure(None)


class Evidence(NamedTuple):
    """One row behind a measure: when it was (ms), what it says, how much it counts, and where it lies.

    ``table`` and ``id`` name the row in the store, such as ``post`` and 12.
    """

    at: int | None
    text: str
    amount: float | None
    table: str
    id: int


class People:
    """Creators who are measured together, the store to read, and the goal they are measured for, if any.

    ``db`` is for reading alone. ``creator_ids`` are at most a few thousand.
    """

    def __init__(self, db: sqlite3.Connection, creator_ids: Sequence[int], goal: Goal | None = None) -> None:
        self.db = db
        self.creator_ids = creator_ids
        self.goal = goal
        self._made: dict[object, Any] = {}

    def once(self, make: Callable[[People], Made]) -> Made:
        """What ``make`` returns for these people, worked out once for all scorers that ask for it."""
        if make not in self._made:
            self._made[make] = make(self)
        found: Made = self._made[make]
        return found


@runtime_checkable
class Scorer(Protocol):
    """Something that measures people, named in the weights of briefs.

    Its evidence is about the one person in ``people``, what counts most first; the amounts of all of it add up to the
    numerator where there is one.
    """

    @property
    def name(self) -> str:
        """Its id."""

    @property
    def title(self) -> str:
        """What it measures, in a word or two."""

    @property
    def formula(self) -> str:
        """How the value comes from the figure."""

    def measure(self, people: People) -> Mapping[int, Measure]:
        """The measure of each creator of whom something is known."""

    def evidence(self, people: People, limit: int) -> Iterable[Evidence]:
        """At most ``limit`` rows behind the measure of one person."""


class Component(NamedTuple):
    """A part of a score: a scorer's measure and what it weighs; the weights of a score add up to 1."""

    name: str
    weight: float
    measure: Measure
    formula: str

    @property
    def points(self) -> float:
        """What it adds to a score of 100; one that is not known counts as the prior."""
        return 100 * self.weight * (PRIOR if self.measure.value is None else self.measure.value)
