"""``kolbench campaign freeze …``: leaderboards kept as they are, and what has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.analysis.campaigns import freezes
from kolbench.cli.campaign_figures import add_days, cells, heads, of_campaign, window_of
from kolbench.cli.output import Column, answer, fields, printable, say, show_found, show_json, show_table
from kolbench.cli.parser import whole
from kolbench.domain.clock import iso
from kolbench.domain.lang import _
from kolbench.programme.campaigns import days
from kolbench.programme.local import local_time
from kolbench.screens.campaign.words import TITLES, money_of, name_of
from kolbench.screens.words import said
from kolbench.store import campaign_boards, campaigns, changes
from kolbench.store import freezes as kept
from kolbench.store.campaign_boards import ORDERS
from kolbench.widgets.cells import movement, separated

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from kolbench.cli.parser import Actions
    from kolbench.domain.campaigns import Terms
    from kolbench.store.connect import Store

PEOPLE = 20


def add(actions: Actions) -> None:
    """Add the actions and their arguments."""
    freeze = of_campaign(actions, "freeze", _("Keep the leaderboard as it is, or list what was kept"))
    freeze.add_argument("name", metavar="NAME", nargs="?", help=_("what to call it (list what was kept)"))
    add_days(freeze)
    compare = of_campaign(actions, "compare", _("Say who moved between two kept leaderboards"))
    compare.add_argument("before", metavar="BEFORE", help=_("a name, or a day such as 2026-05-04"))
    compare.add_argument("after", metavar="AFTER", nargs="?", help=_("the other one (the leaderboard of now)"))
    compare.add_argument("--order", choices=ORDERS, default="direct", help=_("by which figure (direct)"))
    compare.add_argument("--limit", metavar="N", type=whole(1), default=PEOPLE, help=_("list at most so many (20)"))


def show_kept(store: Store, args: Namespace, campaign_id: int, terms: Terms) -> int:
    """Show the leaderboard that ``--kept`` names, as it was."""
    freeze = kept.find(store, campaign_id, args.kept)
    entries = kept.entries(store, freeze.id, args.order, args.offset, args.limit)
    who = campaign_boards.names(store.reader(), [one.figures.participant_id for one in entries])
    if args.json:
        rows = [{**fields(who[one.figures.participant_id]), "rank": one.rank, **fields(one.figures)} for one in entries]
        show_json({**_freeze_facts(freeze), "order": args.order, "rows": rows})
        return 0
    money = money_of(terms)
    text = _("{name}: {days}, as of {moment}")
    told = {"name": freeze.name or freeze.day, "days": days.of_freeze(freeze, terms), "moment": local_time(freeze.at)}
    say(printable(text.format(**told)))
    show_table(
        (
            Column("#", "right"),
            Column(_("name"), yields=True),
            *heads(),
        ),
        ((one.rank, name_of(who[one.figures.participant_id]), *cells(one.figures, money)) for one in entries),
    )
    return 0


def _freeze(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    terms = campaigns.terms(store, campaign_id)
    if args.name is None:
        table = (
            Column(_("id"), "right"),
            Column(_("name"), yields=True),
            Column(_("date")),
            Column(_("of the days")),
            Column(_("conversions"), "right"),
            Column(_("kept"), "right"),
            Column(_("by"), yields=True),
        )
        return show_found(
            args,
            kept.listed(store, campaign_id),
            table,
            lambda one: (
                one.id,
                one.name or "",
                one.day or days.day_of(one.at, terms),
                days.of_freeze(one, terms),
                separated(one.totals.get("conversions")),
                separated(one.entries),
                one.author or "",
            ),
            empty=_("Nothing was kept yet. Keep the leaderboard: kolbench campaign freeze CAMPAIGN NAME"),
            facts=_freeze_facts,
        )
    freeze_id = freezes.keep(store, campaign_id, args.name, changes.me(), window_of(args, terms))
    text = _("The leaderboard is kept as '{name}'.").format(name=args.name)
    return answer(args, {"id": freeze_id, "name": args.name}, text)


def _compare(store: Store, args: Namespace) -> int:
    campaign_id = campaigns.find(store, args.campaign)
    terms = campaigns.terms(store, campaign_id)
    before = kept.find(store, campaign_id, args.before)
    after = None if args.after is None else kept.find(store, campaign_id, args.after)
    found = freezes.compare(store, before, after, args.order)
    if not args.json:
        # Compared with now, days are counted again: what was told or taken back since.
        text = _("{before}: {days}. {after}: {others}.")
        told = {
            "before": before.name or before.day,
            "days": days.of_freeze(before, terms),
            "after": _("now") if after is None else after.name or after.day,
            "others": days.of_freeze(after or before, terms),
        }
        say(printable(text.format(**told)))
    money = money_of(terms) if args.order in ("revenue", "commission") else separated
    table = (
        Column("#", "right"),
        Column(_("moved"), "right"),
        Column(_("name"), yields=True),
        Column(said(TITLES, args.order), "right"),
        Column(_("before"), "right"),
        Column(_("more"), "right"),
    )

    def row(one: freezes.Compared) -> Sequence[object]:
        gone = one.rank is None
        more = None if one.value is None or one.before is None else one.value - one.before
        return (
            one.rank or "",
            _("gone") if gone else movement(one.rank or 0, one.before_rank),
            name_of(one.who),
            "" if one.value is None else money(one.value),
            "" if one.before is None else money(one.before),
            "" if more is None else money(more),
        )

    return show_found(
        args,
        found[: args.limit],
        table,
        row,
        empty=_("Nobody was on either of them."),
        facts=lambda one: {**one._asdict(), "who": fields(one.who), "moved": one.moved},
    )


def _freeze_facts(one: kept.Freeze) -> dict[str, Any]:
    window = one.window and {"from": iso(one.window.start), "to": iso(one.window.stop)}
    return {**fields(one), "window": window}


ACTS: dict[str, Callable[[Store, Namespace], int]] = {"freeze": _freeze, "compare": _compare}
