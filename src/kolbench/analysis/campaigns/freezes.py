"""Keeping leaderboards as they are: at the end of a day, by name, and compared with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.campaigns import boards, totals
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.store import campaign_boards, campaigns
from kolbench.store import freezes as table
from kolbench.store.campaign_boards import ORDERS
from kolbench.store.freezes import Ranked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from kolbench.domain.campaigns import TieRule
    from kolbench.store.campaign_boards import Order, Who
    from kolbench.store.connect import Store
    from kolbench.store.freezes import Freeze
    from kolbench.store.leaderboards import Window

PLACES = 10_000
"""So many places of each order are kept."""


class Compared(NamedTuple):
    """Somebody in one freeze, in another, or in both; None: not among those kept there."""

    participant_id: int
    who: Who
    before_rank: int | None
    rank: int | None
    before: int | None
    value: int | None

    @property
    def moved(self) -> int | None:
        """How many ranks they rose; None where they have but one."""
        return None if self.before_rank is None or self.rank is None else self.before_rank - self.rank


def keep_day(store: Store, campaign_id: int) -> bool:
    """Keep the leaderboards as the last day left them, once a new one has begun; whether there was anything to keep.

    To be called before the first change of a day: movement is counted from there.
    """
    db = store.reader()
    found = totals.of(db, campaign_id)
    if found is None:
        return False
    terms = campaigns.terms(store, campaign_id)
    day = totals.local_day(found.at, terms)
    if day >= totals.local_day(now(), terms) or table.has_day(db, campaign_id, day):
        return False
    with store.writing() as writer:
        if not table.has_day(writer, campaign_id, day):
            ranked = _of_all_times(writer, campaign_id, terms.tie_rule)
            table.keep_day(writer, campaign_id, day, found.at, plain(found), ranked)
    return True


def keep(store: Store, campaign_id: int, name: str, author: str, window: Window | None = None) -> int:
    """Keep the leaderboards of now, or of a window, by a name; returns the freeze's id.

    Raises UsageError when the name is taken, or the standings have not been derived yet.
    """
    found = totals.totals(store, campaign_id)
    if found is None:
        raise UsageError(_("The leaderboard has not been worked out yet: run 'kolbench sync', then try again."))
    tie_rule = campaigns.terms(store, campaign_id).tie_rule
    if window is None:
        ranked = _of_all_times(store.reader(), campaign_id, tie_rule)
    else:
        counted = boards.Measured(store, campaign_id, window)
        ranked, found = counted.ranked(tie_rule, PLACES), counted.summed(found)
    return table.keep(store, campaign_id, name, author, plain(found), ranked, window)


def compare(store: Store, before: Freeze, after: Freeze | None, order: Order = "direct") -> list[Compared]:
    """Everybody in two freezes, or in one and on the leaderboard of now, by the later rank and then the earlier one.

    One of a window is compared with that window as it is counted now. Raises UsageError when they are not of the same
    campaign.
    """
    if after is not None and after.campaign_id != before.campaign_id:
        raise UsageError(_("These are leaderboards of different campaigns."))
    then = _kept(store, before, order)
    if after is None:
        db, campaign_id = store.reader(), before.campaign_id
        tie_rule = campaigns.terms(store, campaign_id).tie_rule
        ranks: Mapping[int, int]
        if before.window is None:
            ranks = campaign_boards.first(db, campaign_id, order, tie_rule, PLACES)
            rows = campaign_boards.figures(db, list(ranks))
        else:
            ranks, rows = boards.Measured(store, campaign_id, before.window).first(order, tie_rule, PLACES)
        since = {row.participant_id: (ranks[row.participant_id], getattr(row, order)) for row in rows}
    else:
        since = _kept(store, after, order)
    who = campaign_boards.names(store.reader(), then.keys() | since.keys())
    found = [Compared(one, who[one], *_halves(then.get(one), since.get(one))) for one in who]
    return sorted(found, key=lambda row: (row.rank or PLACES + 1, row.before_rank or 0, row.participant_id))


def plain(found: totals.Totals) -> dict[str, object]:
    """Sums as JSON has them."""
    return {**found._asdict(), "generations": [one._asdict() for one in found.generations]}


def _kept(store: Store, freeze: Freeze, order: Order) -> dict[int, tuple[int, int]]:
    rows = table.entries(store, freeze.id, order)
    return {row.figures.participant_id: (row.rank, getattr(row.figures, order)) for row in rows}


def _of_all_times(db: sqlite3.Connection, campaign_id: int, tie_rule: TieRule) -> Ranked:
    ranks = {order: campaign_boards.first(db, campaign_id, order, tie_rule, PLACES) for order in ORDERS}
    wanted: Sequence[int] = sorted(set().union(*ranks.values()))
    return Ranked({row.participant_id: row for row in campaign_boards.figures(db, wanted)}, ranks)


def _halves(
    then: tuple[int, int] | None, since: tuple[int, int] | None
) -> tuple[int | None, int | None, int | None, int | None]:
    before_rank, before = then or (None, None)
    rank, value = since or (None, None)
    return before_rank, rank, before, value
