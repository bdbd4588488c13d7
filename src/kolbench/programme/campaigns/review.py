"""The review of a campaign: what it was to reach and did, what that cost, on whom it rested, and who surprised."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.campaigns import boards, groups, totals
from kolbench.domain.campaigns import window
from kolbench.domain.clock import now
from kolbench.domain.targets import by_day
from kolbench.store import briefs, campaign_review, campaigns, lessons
from kolbench.store.campaign_boards import Only

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kolbench.analysis.campaigns.groups import Group
    from kolbench.analysis.campaigns.totals import Progress, Totals
    from kolbench.analysis.concentration import Concentration
    from kolbench.domain.campaigns import Terms
    from kolbench.store.campaign_boards import Place
    from kolbench.store.campaign_review import Expected
    from kolbench.store.connect import Store
    from kolbench.store.lessons import Lesson

SURPRISES = 5
"""So many at most are named who did better than expected, and as many who did worse."""

LONGEST = 1_000
"""Days that are told one by one; a campaign that goes on for longer is told without."""


class Day(NamedTuple):
    """A day where the campaign is: what was reached in it of the target's figure, and what was planned, if it was."""

    day: date
    actual: int
    planned: int | None


class Surprise(NamedTuple):
    """Somebody whose place among the waves by what they brought isn't their place by score; both count from 1."""

    who: Expected
    by_score: int
    by_result: int


class Review(NamedTuple):
    """Everything that a report tells, as of ``at`` (ms); money in the currency's smallest unit.

    ``totals`` is None until somebody takes part. ``cost`` is what the ledger says, by kind of entry. ``compared`` are
    so many people of the waves whose score in ``brief`` is known, ``newcomers`` sold most of those in no wave.
    """

    terms: Terms
    at: int
    starts_at: int | None
    ends_at: int | None
    totals: Totals | None
    progress: Progress | None
    days: Sequence[Day]
    waves: Sequence[Group]
    cost: Mapping[str, int]
    resting: Concentration | None
    brief: str | None
    compared: int
    better: Sequence[Surprise]
    worse: Sequence[Surprise]
    newcomers: Sequence[Place]
    uncounted: Mapping[tuple[str, str], int]
    flags: Mapping[str, int]
    lessons: Sequence[Lesson]

    @property
    def spent(self) -> int:
        """All that the campaign costs by the ledger."""
        return sum(self.cost.values())

    @property
    def per_conversion(self) -> float | None:
        """What a conversion cost; None where there was none."""
        return self.spent / self.totals.conversions if self.totals and self.totals.conversions else None

    @property
    def gain(self) -> float | None:
        """Revenue less cost, of the cost (ROI); None where nothing was spent."""
        return (self.totals.revenue - self.spent) / self.spent if self.totals and self.spent else None


def review(store: Store, campaign_id: int) -> Review:
    """What came of a campaign, from its standings. Raises UsageError when there is none of that number."""
    terms = campaigns.terms(store, campaign_id)
    db = store.reader()
    found = totals.totals(store, campaign_id)
    brief_id = campaign_review.fitting_brief(db, campaign_id)
    expected = [] if brief_id is None else campaign_review.expected(db, campaign_id, brief_id)
    better, worse = surprises(expected)
    return Review(
        terms,
        now(),
        *window(terms),
        found,
        totals.progress(terms, found) if found else None,
        _days(store, campaign_id, terms),
        groups.groups(store, campaign_id, "wave"),
        campaign_review.costs(db, campaign_id),
        totals.resting(store, campaign_id),
        None if brief_id is None else briefs.row(store, brief_id).name,
        len(expected),
        better,
        worse,
        boards.board(store, campaign_id, only=Only(wave=0, brought=True)).rows(0, SURPRISES),
        campaign_review.uncounted(db, campaign_id),
        campaign_review.open_flags(db, campaign_id),
        lessons.listed(store, campaign_id),
    )


def surprises(expected: Sequence[Expected]) -> tuple[list[Surprise], list[Surprise]]:
    """Who did better than their score let expect, and who worse: by how many places, the most first.

    ``expected`` has the highest score first. Equal results share the best place of them; who brought nothing did not do
    better than anybody.
    """
    places: dict[int, int] = {}
    for place, result in enumerate(sorted((one.conversions for one in expected), reverse=True), 1):
        places.setdefault(result, place)
    found = [Surprise(one, place, places[one.conversions]) for place, one in enumerate(expected, 1)]
    gained = (one for one in found if one.by_result < one.by_score and one.who.conversions)
    better = sorted(gained, key=lambda s: s.by_result - s.by_score)
    worse = sorted((one for one in found if one.by_result > one.by_score), key=lambda s: s.by_score - s.by_result)
    return better[:SURPRISES], worse[:SURPRISES]


def _days(store: Store, campaign_id: int, terms: Terms) -> list[Day]:
    """The days of the campaign, planned ones after today too, and all others on which something was reached."""
    figure, db = terms.target.figure, store.reader()
    told: Iterable[tuple[int, int]]
    if figure == "participants":
        told = campaign_review.joined(db, campaign_id)
    else:
        quarters = campaign_review.quarters(db, campaign_id)
        told = [(one.at, one.revenue if figure == "revenue" else one.conversions) for one in quarters]
    actual: dict[date, int] = {}
    for at, n in told:
        day = date.fromisoformat(totals.local_day(at, terms))
        actual[day] = actual.get(day, 0) + n
    planned = dict(by_day(terms))
    every = sorted({*actual, *planned})
    if not every:
        return []
    stop = window(terms)[1]
    so_far = min(now(), now() if stop is None else stop - 1)
    last = every[-1] if planned else max(every[-1], date.fromisoformat(totals.local_day(so_far, terms)))
    if (last - every[0]).days >= LONGEST:
        return []
    days = [every[0] + timedelta(days=n) for n in range((last - every[0]).days + 1)]
    return [Day(day, actual.get(day, 0), planned.get(day, 0) if planned else None) for day in days]
