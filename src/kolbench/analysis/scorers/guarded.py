"""A plugin's scorer behind a wall: what it raises or makes up makes a measure unknown, and is told, and no more."""

from __future__ import annotations

import math
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from kolbench.domain.lang import _
from kolbench.domain.scoring import Evidence, Measure
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People, Scorer


class Guarded:
    """The scorer itself as far as it keeps to the contract; ``problem`` is what it did last that it shouldn't."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.name = scorer.name
        self.title = clean_line(scorer.title, 40)
        self.formula = clean_line(scorer.formula, 200)
        self.problem: str | None = None

    def measure(self, people: People) -> Mapping[int, Measure]:
        """The measures that are sound."""
        asked = set(people.creator_ids)
        try:
            with _only_reading(people):
                told = dict(self._scorer.measure(people))
        except Exception as error:
            self._complain(error)
            return {}
        found = {creator_id: one for creator_id, one in told.items() if creator_id in asked and _is_sound(one)}
        if len(found) < len(told):
            self.problem = _("{n} of its measures are not from 0 to 1, or of people it wasn't asked about").format(
                n=len(told) - len(found)
            )
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The evidence that is sound, cleaned as all text from outside is."""
        try:
            with _only_reading(people):
                told = list(islice(self._scorer.evidence(people, limit), limit))
            for one in told:
                yield Evidence(one.at, clean_line(one.text, 300), one.amount, clean_line(one.table, 40), one.id)
        except Exception as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        self.problem = clean_line(f"{type(error).__name__}: {error}", 300)


@contextmanager
def _only_reading(people: People) -> Iterator[None]:
    """Measures are made in the midst of a transaction that a plugin has no business in."""
    (before,) = people.db.execute("PRAGMA query_only").fetchone()
    people.db.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        people.db.execute(f"PRAGMA query_only = {before}")


def _is_sound(measure: object) -> bool:
    if not isinstance(measure, Measure):
        return False
    value = measure.value
    return value is None or (isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1)
