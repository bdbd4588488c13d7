"""A leaderboard as the public may see it: ranks, movement, progress, and names as each person agreed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.campaigns import boards, totals
from kolbench.domain import money
from kolbench.domain.campaigns import rules as settled
from kolbench.domain.campaigns import window
from kolbench.domain.clock import now
from kolbench.domain.text import clean_line
from kolbench.programme.campaigns import typesetting, wording
from kolbench.programme.campaigns.wording import WORDS
from kolbench.store import campaigns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kolbench.domain.campaigns import Figure, Shown, Terms
    from kolbench.programme.campaigns.wording import Words
    from kolbench.store.campaign_boards import Order, Place
    from kolbench.store.connect import Store

MOST = 10_000
"""Ranks that are published at most; a page of so many still opens in a second."""

STARS = "**"
"""Stands for the rest of a masked name, however long that is."""

BY: Mapping[Figure, Order] = {"conversions": "direct", "revenue": "revenue", "participants": "reached"}
"""By what people are ranked in public, as the target says. What they earn is theirs and is not shown."""


class Row(NamedTuple):
    """One participant: ``moved`` is how many ranks they rose, None where they weren't ranked then.

    ``name`` is empty where it is hidden. ``value`` is of the board's figure, money in the smallest unit.
    """

    rank: int
    moved: int | None
    name: str
    value: int


class Board(NamedTuple):
    """What is published of a campaign at ``updated_at``; moments are ms.

    ``actual`` is of the target's figure ``aim`` (None: there is no target). Movement is counted from the end of the
    day ``since`` (ISO; None: there is nothing to compare with). ``people`` have a rank, of whom ``rows`` are the first.
    ``rules`` are in words by language.
    """

    campaign: str
    positioning: str
    benefit: str
    language: str
    colour: str
    figure: Figure
    currency: str
    aim: Figure | None
    target: int
    actual: int
    starts_at: int | None
    ends_at: int | None
    time_zone: str
    since: str | None
    people: int
    rows: Sequence[Row]
    rules: Mapping[str, Sequence[str]]
    updated_at: int


def of(store: Store, campaign_id: int) -> Board:
    """A campaign's leaderboard for the public, as its standings are now. Raises UsageError when there is none."""
    terms = campaigns.terms(store, campaign_id)
    figure = terms.target.figure
    found = boards.page(store, campaign_id, BY[figure], limit=MOST)
    sums = totals.totals(store, campaign_id)
    reached = totals.progress(terms, sums) if sums else None
    starts_at, ends_at = window(terms)
    return Board(
        campaign=terms.name,
        positioning=terms.positioning,
        benefit=terms.benefit,
        language=wording.language(terms.positioning, terms.benefit, terms.name),
        colour=terms.colour,
        figure=figure,
        currency=terms.currency,
        aim=reached.figure if reached else None,
        target=reached.goal if reached else 0,
        actual=reached.actual if reached else 0,
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=terms.time_zone,
        since=found.since,
        people=found.total,
        rows=[_row(place, BY[figure]) for place in found.rows],
        rules={name: rules(terms, words) for name, words in WORDS.items()},
        updated_at=now(),
    )


def public_name(name: str | None, shown: Shown) -> str:
    """A name as somebody agreed: whole, ``王**``, or empty. A name that is not known can't be shown."""
    name = clean_line(name or "", 80)
    if shown == "hidden" or not name:
        return ""
    if shown == "full":
        return name
    first, *rest = typesetting.clusters(name)
    return first + STARS if rest else STARS


def rules(terms: Terms, words: Words) -> list[str]:
    """What whoever takes part in a campaign has to know of its terms, a sentence each."""
    known = settled(terms)
    said = [words.anybody] if not terms.entry_fee else []
    for level, rate in enumerate(terms.levels, 1):
        said.append(words.levels[min(level, 3) - 1].format(rate=rate, level=level))
    for amount, text in ((known.cap_per_order, words.capped_order), (known.cap_per_person, words.capped)):
        if amount is not None:
            said.append(text.format(amount=money.Money(amount, terms.currency)))
    if terms.referee.reward:
        said.append(words.referee.format(amount=terms.referee.reward))
    for days, text in ((terms.hold_days, words.held), (terms.refund_days, words.refunds)):
        if days:
            said.append(text.format(n=days))
    if terms.attribution != "code":
        said.append(words.window.format(n=terms.window_days))
    return [*said, words.shared if terms.tie_rule == "shared" else words.earlier]


def told(value: int, figure: Figure, currency: str) -> str:
    """A value in words: ``1,234``, or ``1,234.50 CNY``."""
    return str(money.Money(value, currency)) if figure == "revenue" else f"{value:,}"


def cell(row: Row, board: Board, *, grouped: bool = True) -> str:
    """Somebody's value below its heading, which names the currency."""
    if board.figure == "revenue":
        return money.decimal(money.Money(row.value, board.currency), grouped=grouped)
    return f"{row.value:,}" if grouped else str(row.value)


def heading(board: Board, words: Words) -> str:
    """What the values are."""
    name = words.figures[BY[board.figure]]
    return f"{name} ({board.currency})" if board.figure == "revenue" else name


def progress(board: Board, words: Words) -> str:
    """How the target stands, in words; empty where there is none."""
    if board.aim is None or board.target <= 0:
        return ""
    return words.of_target.format(
        actual=told(board.actual, board.aim, board.currency),
        target=told(board.target, board.aim, board.currency),
        share=f"{board.actual / board.target:.0%}",
    )


def compared(board: Board, words: Words, today: date) -> str:
    """What movement is counted from; empty where it isn't. ``today`` is the day of the board where the campaign is."""
    if board.since is None:
        return ""
    yesterday = (today - timedelta(days=1)).isoformat()
    return words.moved if board.since == yesterday else words.moved_since.format(day=board.since)


def movement(row: Row, words: Words) -> tuple[str, str, str]:
    """How somebody moved: a sign, the words for it, and by how many ranks."""
    if row.moved is None:
        return "✦", words.new, ""
    if row.moved == 0:
        return "–", words.same, ""
    return ("▲", words.up, str(row.moved)) if row.moved > 0 else ("▼", words.down, str(-row.moved))


def _row(place: Place, by: Order) -> Row:
    who = place.who
    return Row(place.rank, place.moved, public_name(who.name, who.shown), getattr(place.figures, by))
