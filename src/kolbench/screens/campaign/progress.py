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
from kolbench.widgets.cells import bar, percent, separated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.analysis.campaigns.totals import Progress, Totals
    from kolbench.domain.campaigns import Terms
    from kolbench.screens.lines import Span
    from kolbench.store.connect import Store


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
    if one is None:
        goal = targets.goal(terms)
        return _("of {goal}").format(goal=targets.planned(terms, goal)) if goal else ""
    return _("{part} of {whole} ({share})").format(
        part=_amount(found, one.actual), whole=targets.planned(terms, one.goal), share=percent(one.share)
    )


def days(terms: Terms) -> str:
    """The days of a campaign; an open end is left open."""
    start, stop = window(terms)
    if start is None and stop is None:
        return _("always")
    return f"{'…' if start is None else terms.starts[:10]} – {'…' if stop is None else terms.ends[:10]}"


def line(found: Head, width: int) -> list[Span]:
    """Target and sums in a line, as much of it as fits."""
    spans: list[Span] = [(f" {found.terms.name}", "title")]
    if (one := found.progress) is not None:
        spans += [("  ", "plain"), (bar(one.share, 10 if width >= 100 else 5), "bar"), (f" {target(found)}", "strong")]
        if one.due is not None:
            behind = one.actual < one.due
            text = _("planned until today: {due}").format(due=targets.planned(found.terms, one.due))
            spans.append((f"  {text}", "warn" if behind else "good"))
    for text in _sums(found.totals, found.terms) if found.totals is not None else ():
        if width_of(spans) + width_of([(text, "muted")]) + 3 > width:
            break
        spans.append((f"  {text}", "muted"))
    return spans


def _sums(sums: Totals, terms: Terms) -> Iterator[str]:
    """What is counted of a campaign, what says most first."""
    n = sums.conversions
    yield ngettext("{n} conversion", "{n} conversions", n).format(n=separated(n))
    yield str(Money(sums.revenue, terms.currency))
    n = sums.participants
    yield ngettext("{n} person", "{n} people", n).format(n=separated(n))
    if sums.generations:
        yield f"K {sums.generations[0].k:.2f}"
    if sums.coverage is not None:
        yield _("coverage {n}").format(n=f"{sums.coverage:.1f}")
    yield _("{n} reached").format(n=separated(sums.reached))


def _amount(found: Head, n: int) -> str:
    return money_of(found.terms)(n) if found.terms.target.figure == "revenue" else separated(n)
