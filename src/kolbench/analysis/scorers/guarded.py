"""A plugin's scorer behind a wall: what it raises or makes up makes a measure unknown, and is told, and no more."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from kolbench.adapters.aside import aside
from kolbench.domain.errors import named
from kolbench.domain.lang import _
from kolbench.domain.scoring import Evidence, Measure
from kolbench.domain.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.domain.scoring import People, Scorer

MOST = 2**53
"""Beyond it numbers are no longer exact, and nothing that can be counted is so many."""
LAST = 253_402_300_800_000
"""The end of the year 9999, in milliseconds: no later moment can be shown."""
LONGEST_HOW = 40


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
                found = {
                    creator_id: one._replace(how=clean_line(one.how, LONGEST_HOW))
                    for creator_id, one in told.items()
                    if creator_id in asked and _is_sound(one)
                }
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit too: a plugin doesn't end the program
            self._complain(error)
            return {}
        if len(found) < len(told):
            text = _(
                "{n} of its measures are not from 0 to 1, not made of plain numbers, or of people it wasn't asked about"
            )
            self.problem = text.format(n=len(told) - len(found))
        return found

    def evidence(self, people: People, limit: int) -> Iterator[Evidence]:
        """The evidence that is sound, cleaned as all text from outside is."""
        found: list[Evidence] = []
        try:
            with _only_reading(people):
                for one in islice(self._scorer.evidence(people, limit), limit):
                    if not _is_evidence(one):
                        self.problem = _("its evidence is not made of plain numbers and text")
                        break
                    found.append(one._replace(text=clean_line(one.text, 300), table=clean_line(one.table, 40)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._complain(error)
        yield from found

    def _complain(self, error: BaseException) -> None:
        self.problem = clean_line(named(error), 300)


@contextmanager
def _only_reading(people: People) -> Iterator[None]:
    """Measures are made in the midst of a transaction that a plugin has no business in."""
    (before,) = people.db.execute("PRAGMA query_only").fetchone()
    people.db.execute("PRAGMA query_only = ON")
    try:
        with aside():
            yield
    finally:
        people.db.execute(f"PRAGMA query_only = {before}")


def _is_sound(measure: object) -> bool:
    return (
        isinstance(measure, Measure)
        and (measure.value is None or (_is_number(measure.value) and 0 <= measure.value <= 1))
        and all(one is None or _is_number(one) for one in (measure.figure, measure.numerator, measure.denominator))
        and (measure.sample is None or _is_whole(measure.sample, MOST))
        and all(one is None or _is_whole(one, LAST) for one in (measure.start, measure.stop))
        and isinstance(measure.how, str)
    )


def _is_evidence(one: object) -> bool:
    return (
        isinstance(one, Evidence)
        and (one.at is None or _is_whole(one.at, LAST))
        and isinstance(one.text, str)
        and (one.amount is None or _is_number(one.amount))
        and isinstance(one.table, str)
        and _is_whole(one.id, MOST)
    )


def _is_number(value: object) -> bool:
    """Whether it is a number that can be reckoned with, which NaN and the infinities are not."""
    return isinstance(value, int | float) and -MOST <= value <= MOST


def _is_whole(value: object, most: int) -> bool:
    return isinstance(value, int) and 0 <= value < most
