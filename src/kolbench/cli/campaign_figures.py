"""What commands have in common that show figures of campaigns: their names, cells, and the days they are of."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from kolbench.domain.campaigns import window as lasts
from kolbench.domain.campaigns import zone
from kolbench.domain.clock import now, to_ms
from kolbench.domain.dates import parse_moment
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import N_, _
from kolbench.domain.money import Money, decimal
from kolbench.store.leaderboards import Window
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from kolbench.cli.parser import Actions
    from kolbench.domain.campaigns import Terms
    from kolbench.store.campaign_boards import Figures, Who
    from kolbench.store.freezes import Entry

TITLES = {
    "direct": N_("own conversions"),
    "indirect": N_("conversions below"),
    "revenue": N_("own revenue"),
    "reached": N_("people reached"),
    "commission": N_("commission"),
}
"""What each figure is called by which people can be ranked."""


def of_campaign(actions: Actions, name: str, text: str) -> ArgumentParser:
    """An action on a campaign, which is its first argument."""
    parser = actions.add(name, text)
    parser.add_argument("campaign", metavar="CAMPAIGN", help=_("a name or a part of it, or the number"))
    return parser


def add_days(parser: ArgumentParser) -> None:
    """Add the options that ``window_of`` reads."""
    parser.add_argument("--from", metavar="DAY", dest="start", help=_("from this day or moment on (all times)"))
    parser.add_argument("--to", metavar="DAY", dest="stop", help=_("up to this day, or moment (now)"))


def window_of(args: Namespace, terms: Terms) -> Window | None:
    """The days that the options mean, where the campaign is; None: all times. Raises UsageError."""
    if args.start is None and args.stop is None:
        return None
    starts, _stops = lasts(terms)
    start = (starts or 0) if args.start is None else _moment(args.start, terms, last=False)
    stop = now() + 1 if args.stop is None else _moment(args.stop, terms, last=True)
    if stop <= start:
        raise UsageError(_("The window ends before it begins."))
    return Window(start, stop)


def _moment(text: str, terms: Terms, *, last: bool) -> int:
    there = zone(terms.time_zone)
    try:
        found = parse_moment(text, there).astimezone(there)
    except (ValueError, OverflowError) as error:
        raise UsageError(_("'{text}' is no day: write it like 2026-05-04.").format(text=text)) from error
    if last and ":" not in text:  # a day, which is inside
        found = datetime.combine(found.date() + timedelta(days=1), time(), there)
    return to_ms(found)


def cells(found: Figures | Entry, money: Callable[[int], str]) -> tuple[str, ...]:
    """Conversions, revenue, commission and people of a row, as a table shows them."""
    return (
        separated(found.direct),
        separated(found.indirect),
        money(found.revenue),
        money(found.indirect_revenue),
        money(found.commission),
        separated(found.reached),
    )


def money_of(terms: Terms) -> Callable[[int], str]:
    """How amounts of a campaign are written: with all digits, without the currency."""
    return lambda minor: decimal(Money(minor, terms.currency), grouped=True)


def name_of(who: Who) -> str:
    """What somebody is called: by their name, else by their id where sales are told."""
    return who.name or who.ref
