"""What the colleagues of the demo share: the store, the day on which it is told, and whom they work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import DAY, HOUR, from_ms

if TYPE_CHECKING:
    from random import Random

    from kolbench.store.connect import Store

LIN, CHEN = "lin", "chen"
"""Two colleagues, so that a store looks like one on which several work."""

TITLE = "周末厨房 Weekend kitchen"
"""What the brief and the campaign are called."""

FIRST, SECOND, ASKED, REFUSED = 8, 12, 8, 4
"""How many are in each wave, are being written to, and were rejected; some more are shortlisted."""

SIGNED = 10
"""So many of the partners have an agreement in force; the next one has still to sign, the one after that tried it."""

PEOPLE = FIRST + SECOND + ASKED + REFUSED + 4


@dataclass
class Story:
    """A story told on the day that begins at ``today`` (ms); ``people`` are those it is about, the best first."""

    store: Store
    seed: int
    random: Random
    today: int
    people: list[int] = field(default_factory=list)
    chinese: frozenset[int] = frozenset()
    brief_id: int = 0
    campaign_id: int = 0

    def ago(self, days: float, hour: float = 0) -> int:
        """The moment so many days and before now, and ``hour`` hours after the beginning of that day (UTC)."""
        return self.today - int(days * DAY) + int(hour * HOUR)

    def date(self, days: int) -> str:
        """The ISO date of the day so many days ago; less than none: ahead."""
        return from_ms(self.ago(days)).date().isoformat()

    def to(self, creator_id: int, chinese: str, english: str) -> str:
        """A text in the language that somebody writes."""
        return chinese if creator_id in self.chinese else english

    @property
    def first(self) -> list[int]:
        """Who is in the first wave."""
        return self.people[:FIRST]

    @property
    def second(self) -> list[int]:
        """Who is in the second wave."""
        return self.people[FIRST : FIRST + SECOND]

    @property
    def partners(self) -> list[int]:
        """Everybody who said yes."""
        return self.people[: FIRST + SECOND]

    @property
    def asked(self) -> list[int]:
        """Who is being written to."""
        return self.people[FIRST + SECOND : FIRST + SECOND + ASKED]

    @property
    def refused(self) -> list[int]:
        """Who was rejected."""
        return self.people[FIRST + SECOND + ASKED :][:REFUSED]


class Chapter(NamedTuple):
    """What was done so many days ago, at an hour of that day (UTC), or now if that is still to come."""

    days_ago: int
    hour: float
    tell: Callable[[Story], object]
