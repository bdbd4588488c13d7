"""``kolbench candidates``: creators in the order of their score or of one of their numbers, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.analysis import scores, standing
from kolbench.cli import derived, places
from kolbench.cli.opening import open_store
from kolbench.cli.output import Column, plain, printable, say, show_json, show_table
from kolbench.cli.parser import add_json, whole
from kolbench.domain.clock import now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.scoring import PRIOR
from kolbench.screens import words
from kolbench.screens.words import said
from kolbench.store import candidates, creators, sources
from kolbench.store.candidates import ORDERS, CandidateWindow
from kolbench.store.filters import Filter
from kolbench.widgets.cells import ago, compact, percent

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from kolbench.domain.scoring import Component
    from kolbench.store.candidates import Candidate
    from kolbench.store.connect import Store


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_list_options(parser)
    parser.add_argument("--limit", metavar="N", type=whole(1), default=50, help=_("list at most so many (50)"))
    parser.add_argument("--why", metavar="NAME", help=_("explain one creator's score instead: a name, handle or id"))
    add_json(parser)


def add_list_options(parser: ArgumentParser) -> None:
    """The options that choose and order what to list."""
    parser.add_argument("--sort", choices=tuple(ORDERS), default="score", help=_("the order (score)"))
    parser.add_argument("--reverse", action="store_true", help=_("the other way round"))
    parser.add_argument("--platform", metavar="NAME", help=_("only of this platform"))
    tiers = (*(name for name, _least in reversed(scores.TIERS)), scores.NO_TIER)
    parser.add_argument("--tier", choices=tiers, help=_("only of this size, by followers"))
    parser.add_argument("--search", metavar="TEXT", default="", help=_("only whose name or handle has this in it"))
    parser.add_argument("--source", metavar="SOURCE", help=_("only whom this source brought"))
    parser.add_argument("--community", metavar="NAME", help=_("only members of this community: a name or number"))


def run(args: Namespace) -> int:
    """List candidates, or explain one."""
    store = open_store(args)
    if args.why is not None:
        return _why(store, args)
    window = chosen(store, args)
    rows = window.rows(0, args.limit)
    if args.json:
        show_json([plain(row._asdict()) for row in rows])
    else:
        show_candidates(rows, window.count())
    derived.tell_waiting(store)
    return 0


def chosen(store: Store, args: Namespace) -> CandidateWindow:
    """The candidates that the options mean, in their order."""
    shown = Filter(
        text=args.search,
        platform=places.platform(store, args.platform) if args.platform else None,
        tier=args.tier,
        source_id=sources.get(store, args.source).id if args.source else None,
        community_id=places.community(store, args.community).id if args.community else None,
    )
    return CandidateWindow(store, args.sort, reverse=args.reverse, shown=shown)


def show_candidates(rows: Sequence[Candidate], total: int) -> None:
    """Print candidates as a table, and how many there are in all."""
    table = (
        Column(_("name"), yields=True),
        Column(_("platform")),
        Column(_("score"), "right"),
        Column(_("followers"), "right"),
        Column(_("growth"), "right"),
        Column(_("engagement"), "right"),
        Column(_("voice"), "right"),
        Column(_("tier")),
        Column(_("active"), "right"),
        Column(_("known"), "right"),
        Column(_("category"), yields=True),
    )
    at = now()
    show_table(
        table,
        (
            (
                row.name,
                said(words.PLATFORMS, row.platform),
                f"{row.score:.1f}",
                compact(row.followers),
                percent(row.growth),
                percent(row.engagement),
                row.voice,
                said(words.TIERS, row.tier),
                ago(row.last_active_at, at),
                percent(row.confidence),
                row.category,
            )
            for row in rows
        ),
    )
    say(_("{shown:,} of {total:,} creators.").format(shown=len(rows), total=total))


def _why(store: Store, args: Namespace) -> int:
    creator_id = creators.find(store, args.why)
    found = standing.explain(store, creator_id)
    if found is None:
        raise UsageError(_("There is no score: a bot, staff, or someone without accounts."))
    if args.json:
        row = candidates.get(store, creator_id)
        components = [_facts(one) for one in found.score.components]
        show_json(
            {"creator": plain(row._asdict()) if row else None, "score": found.score.total, "components": components}
        )
        return 0
    text = _("{name}: {score:.1f} of 100; {share} of it rests on known figures")
    name, score = found.accounts[0].name, found.score
    say(printable(text.format(name=name, score=score.total, share=percent(score.confidence))))
    table = (
        Column(_("part")),
        Column(_("points"), "right"),
        Column(_("of"), "right"),
        Column(_("value"), "right"),
        Column(_("formula"), yields=True),
        Column(_("from"), yields=True),
    )
    show_table(table, map(_explained, score.components))
    return 0


def _facts(component: Component) -> dict[str, object]:
    measure = component.measure._asdict()
    window = {"since_at": measure.pop("start"), "until_at": measure.pop("stop")}
    part = {"name": component.name, "weight": component.weight, "points": component.points}
    return {**part, **measure, **plain(window), "formula": component.formula}


def _explained(component: Component) -> Sequence[object]:
    measure = component.measure
    if measure.value is None:
        figures = _("not known, counts as {prior}").format(prior=PRIOR)
    elif measure.denominator:
        figures = f"{measure.numerator or 0:,.0f} / {measure.denominator:,.0f}"
    elif measure.numerator is not None:
        figures = f"{measure.numerator:,.0f}"
    else:
        figures = percent(measure.figure)
    value = "" if measure.value is None else f"{measure.value:.2f}"
    label, formula = said(words.COMPONENTS, component.name), said(words.FORMULAS, component.formula)
    return (label, f"{component.points:.1f}", f"{100 * component.weight:.0f}", value, formula, figures)
