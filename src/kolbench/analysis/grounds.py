"""Hunting grounds: from where the people came whom a brief shortlisted, agreed with and made active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from kolbench.analysis.metrics import sql

if TYPE_CHECKING:
    from kolbench.store.connect import Store


class Ground(NamedTuple):
    """One source or community, and how many of its people ever got so far for a brief.

    ``seen`` are those whom the brief means, or about whom anything was decided.
    """

    kind: Literal["source", "community"]
    id: int
    name: str
    seen: int
    shortlisted: int
    agreed: int
    active: int

    @property
    def shares(self) -> tuple[float | None, float | None, float | None]:
        """Shortlisted of those seen, agreed of those shortlisted, active of those agreed; None: of nobody."""
        steps = ((self.shortlisted, self.seen), (self.agreed, self.shortlisted), (self.active, self.agreed))
        return _share(*steps[0]), _share(*steps[1]), _share(*steps[2])


class Grounds(NamedTuple):
    """Sources, then communities, the most fruitful first, with the first and last moment (ms) anything was decided."""

    grounds: list[Ground]
    first_at: int | None
    last_at: int | None


def grounds(store: Store, brief_id: int) -> Grounds:
    """The yield of every source and community for a brief. Whoever is in several counts in each."""
    db = store.reader()
    found = [Ground._make(row) for row in db.execute(sql("grounds"), {"brief": brief_id})]
    first, last = db.execute("SELECT min(at), max(at) FROM decision WHERE brief_id = ?", (brief_id,)).fetchone()
    return Grounds(found, first, last)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
