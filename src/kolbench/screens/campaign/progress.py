"""How a campaign stands, in a line: its target, who takes part, and what came in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kolbench.analysis.campaigns import totals
from kolbench.domain import targets
from kolbench.domain.campaigns import window
from kolbench.domain.lang import _, ngettext
from kolbench.domain.money import Money
from kolbench.screens.campaign.words import money_of
from kolbench.screens.lines import width_of
from kolbench.store import campaigns, payouts
from kolbench.widgets.cells import bar, fit, percent, separated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.analysis.campaigns.totals import Progress, Totals
    from kolbench.domain.campaigns import Terms
    from kolbench.screens.lines import Span
    from kolbench.store.connect import Store


NAME = 16
"""So many cells of a campaign's name stay."""

WIDE = 140
"""From so many columns on the plan is told in full."""


class Head(NamedTuple):
    """A campaign with its sums and its target; ``open`` is what was earned and isn't paid, in the smallest unit."""

    id: int
    terms: Terms
    totals: Totals | None
    progress: Progress | None
    open: int


def head(store: Store, campaign_id: int) -> Head:
    """Read how a campaign stands. Call it in a thread."""
    terms, found = campaigns.terms(store, campaign_id), totals.totals(store, campaign_id)
    paid = sum(one.amount for one in payouts.listed(store.reader(), campaign_id) if one.paid_at is not None)
    progress = totals.progress(terms, found) if found else None
    return Head(campaign_id, terms, found, progress, found.commission - paid if found else 0)


def target(found: Head) -> str:
    """The target in words: what was reached of it, as a share; nothing where there is none."""
    one, terms = found.progress, found.terms
    goal, actual, share = (targets.goal(terms), 0, 0.0) if one is None else (one.goal, one.actual, one.share)
    if not goal:
        return ""
    return _("{part} of {whole} ({share})").format(
        part=_amount(found, actual), whole=targets.planned(terms, goal), share=percent(share)
    )


def days(terms: Terms) -> str:
    """The days of a campaign; an open end is left open."""
    start, stop = window(terms)
    if start is None and stop is None:
        return _("always")
    return f"{'…' if start is None else terms.starts[:10]} – {'…' if stop is None else terms.ends[:10]}"


def line(found: Head, width: int, *, narrowed: bool = False) -> list[Span]:
    """Target and sums in a line: where it is narrow, what matters least is left out, and then the name is cut.

    ``narrowed`` says that these are of all times, where what is below them isn't.
    """
    pieces = list(_pieces(found, width))
    if narrowed:
        pieces.insert(0, (0, (_("all times:"), "chip")))

    def more() -> int:
        return width_of([span for _rank, span in pieces]) + 2 * len(pieces) + 1 - width

    name = found.terms.name
    least = min(NAME, width_of([(name, "")]))
    while more() + least > 0 and (worst := max(pieces, default=(0, ("", ""))))[0] > 0:
        pieces.remove(worst)
    room = max(least, -more())
    if width_of([(name, "")]) > room:
        name = fit(name, room).rstrip()
    spans: list[Span] = [(f" {name}", "title")]
    for _rank, (text, style) in pieces:
        spans += [("  ", "plain"), (text, style)]
    return spans


def _pieces(found: Head, width: int) -> Iterator[tuple[int, Span]]:
    """What there is to say, in order, each with its rank: the greatest is left out first, 0 stays."""
    sums, terms, figure = found.totals, found.terms, ""
    if (one := found.progress) is not None:
        figure = one.figure
        yield 7, (bar(one.share, 10 if width >= 100 else 5), "bar")
        yield 0, (target(found), "strong")
        if one.due is not None:
            told = _("planned until today: {due}") if width >= WIDE else _("planned: {due}")
            text = told.format(due=targets.planned(terms, one.due))
            yield 0, (text, "warn" if one.actual < one.due else "good")
    if sums is None:
        return
    # What the target is of is told with it already, a bit shorter.
    n = sums.conversions
    text = ngettext("{n} conversion", "{n} conversions", n).format(n=separated(n))
    yield 5 if figure == "conversions" else 3, (text, "muted")
    yield 6 if figure == "revenue" else 4, (str(Money(sums.revenue, terms.currency)), "muted")
    n = sums.participants
    yield 2, (ngettext("{n} person", "{n} people", n).format(n=separated(n)), "muted")
    if sums.generations:
        yield 1, (f"K {sums.generations[0].k:.2f}", "muted")
    if sums.coverage is not None:
        yield 2, (_("coverage {n}").format(n=f"{sums.coverage:.1f}"), "muted")
    yield 8, (_("{n} reached").format(n=separated(sums.reached)), "muted")


def _amount(found: Head, n: int) -> str:
    return money_of(found.terms)(n) if found.terms.target.figure == "revenue" else separated(n)
