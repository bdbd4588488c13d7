"""What commands have in common that show figures of campaigns: their names, cells, and the days they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.cli.output import Column, printable, say, warn
from kolbench.domain.lang import _, ngettext
from kolbench.domain.money import Money
from kolbench.programme.campaigns import days
from kolbench.screens.campaign.words import same_person
from kolbench.store import consents, participants, payouts
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence

    from kolbench.cli.parser import Actions
    from kolbench.domain.campaigns import Terms
    from kolbench.store.campaign_boards import Figures
    from kolbench.store.connect import Store
    from kolbench.store.leaderboards import Window
    from kolbench.store.refunds import Waiting

MOST_NAMED = 5
"""So many orders are named."""


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
    return days.between(args.start, args.stop, terms)


def say_same_person(store: Store, participant_ids: Sequence[int]) -> None:
    """Say which of these are the same person as others in their campaign, whose consent is one."""
    db = store.reader()
    for one, others in consents.others(db, participant_ids).items():
        who = participants.get(db, one)
        say(printable(_("{what}: {more}").format(what=who.name or who.ref, more=same_person(others))))


def warn_of_overfull(store: Store, campaign_id: int) -> None:
    """Say on stderr which payouts would pay more than is due by now."""
    text = _("{doubt} Take it apart: kolbench campaign payout-drop {id}")
    for one in payouts.overfull(store.reader(), campaign_id):
        warn(printable(text.format(doubt=one.text, id=one.payout_id)))


def refunds_waiting(found: Sequence[Waiting]) -> str:
    """Names the orders of which more was given back than is known to have been sold, and by how much."""
    orders = [f"{one.order_id} ({Money(one.amount, one.currency)})" for one in found[:MOST_NAMED]]
    text = ngettext(
        "Of {n} order more was given back than is known to have been sold; the rest waits: {orders}",
        "Of {n} orders more was given back than is known to have been sold; the rest waits: {orders}",
        len(found),
    )
    return text.format(n=f"{len(found):,}", orders=", ".join(orders) + (", …" if len(found) > MOST_NAMED else ""))


def heads() -> tuple[Column, ...]:
    """The columns of ``cells``."""
    return (
        Column(_("own"), "right"),
        Column(_("below"), "right"),
        Column(_("revenue"), "right"),
        Column(_("below"), "right"),
        Column(_("commission"), "right"),
        Column(_("reached"), "right"),
    )


def cells(found: Figures, money: Callable[[int], str]) -> tuple[str, ...]:
    """Conversions, revenue, commission and people of a row, as a table shows them."""
    return (
        separated(found.direct),
        separated(found.indirect),
        money(found.revenue),
        money(found.indirect_revenue),
        money(found.commission),
        separated(found.reached),
    )
