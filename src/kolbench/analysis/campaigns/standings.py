"""Keeping the standings of campaigns as their facts are: what is new by itself, or everything anew."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from kolbench.analysis.campaigns import freezes, news
from kolbench.analysis.campaigns.forest import grown
from kolbench.store import campaign_standings as table

if TYPE_CHECKING:
    from kolbench.store.connect import Store


def refresh(store: Store) -> int:
    """Bring the standings of all campaigns up to date, after a sync or a settling; returns how many were changed.

    Before the first change of a day the leaderboards are kept as the day before left them. Safe to stop at any
    moment: what is missing is derived by the next call. Not to be called inside a transaction.
    """
    table.build_indexes(store)
    return sum(_refresh(store, campaign_id) for campaign_id in table.campaigns_with_news(store.reader()))


def rebuild(store: Store, campaign_id: int | None = None) -> int:
    """Derive the standings of a campaign, or of all, from nothing; returns how many there are."""
    table.build_indexes(store)
    wanted = table.campaigns(store.reader()) if campaign_id is None else [campaign_id]
    return sum(_anew(store, one) for one in wanted)


def _refresh(store: Store, campaign_id: int) -> int:
    freezes.keep_day(store, campaign_id)
    try:
        with store.writing_far() as db:
            known = table.people(db, campaign_id)
            if known is None:
                raise news.TooMuch
            stale = table.stale(db, campaign_id, news.MOST)
            changed, people = news.apply(db, campaign_id, stale, known[0])
            table.settled(db, campaign_id, people)
            return changed
    except news.TooMuch:
        return _anew(store, campaign_id)


def _anew(store: Store, campaign_id: int) -> int:
    """Derive everybody of a campaign anew, from one state of its facts; what changes meanwhile is stale after it."""
    with ExitStack() as stack:
        with store.writing() as db:
            token = table.begin_anew(db, campaign_id)
            # Nobody else writes before this transaction ends: so the state read is that at which nothing is stale.
            reader = stack.enter_context(store.reading())
            reader.execute("SELECT 1 FROM campaign").fetchone()
        forest = grown(reader, campaign_id)
    found = len(forest)
    rows, levels, people = forest.rows(), forest.levels(), forest.people
    del forest  # the rows hold what is left of it
    table.write_anew(store, campaign_id, token, rows, levels, people)
    return found
