"""The words of campaigns: figures, why a conversion doesn't count, what is flagged, and how amounts are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.codes import is_slip
from kolbench.domain.lang import N_, _
from kolbench.domain.money import Money, decimal
from kolbench.domain.words import said
from kolbench.programme.campaigns.reasons import WHY as WHY
from kolbench.widgets.cells import bar, day, separated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kolbench.analysis.campaigns.groups import Group
    from kolbench.domain.campaigns import Terms
    from kolbench.programme.campaigns.people import Meant
    from kolbench.store.campaign_boards import Who
    from kolbench.store.consents import Part
    from kolbench.store.conversions import Conversion
    from kolbench.store.flags import Flag
    from kolbench.store.payouts import Payout

TITLES = {
    "direct": N_("own conversions"),
    "indirect": N_("conversions below"),
    "revenue": N_("own revenue"),
    "reached": N_("people reached"),
    "commission": N_("commission"),
}
"""What each figure is called by which people can be ranked."""

GROUPS = {"wave": N_("wave"), "level": N_("generation"), "community": N_("community")}

UNDOES = frozenset(("campaign", "commission", "conversion", "flag", "freeze", "lesson", "payout"))
"""The acts that are made on the screens of campaigns."""

SEVERITIES = {"minor": N_("minor"), "serious": N_("serious"), "severe": N_("severe")}

STATES = {
    "counted": N_("counted"),
    "quarantined": N_("quarantined"),
    "rejected": N_("rejected"),
    "waiting": N_("not settled yet"),
}
"""What becomes of conversions."""

SOLD = {"sale": N_("sale"), "signup": N_("sign-up"), "lead": N_("lead")}
"""Kinds of conversions."""

VIA = {
    "code": N_("the code that was used"),
    "source": N_("what the source says"),
    "binding": N_("by whom the buyer came"),
    "first_click": N_("the first link they followed"),
    "last_click": N_("the last link they followed"),
    "assigned": N_("an operator"),
}
"""How it is known whose a conversion is."""

FIGURE_NAMES = {"conversions": N_("conversions"), "revenue": N_("revenue"), "participants": N_("participants")}
"""What a target can be of."""

ATTRIBUTED = {
    "code": N_("by the code that was used, else by whom the buyer came"),
    "first_click": N_("by the first link the buyer followed"),
    "last_click": N_("by the last link the buyer followed"),
}
"""How it is found out whose a sale is."""

TIES = {"earlier": N_("who came to it earlier is before the other"), "shared": N_("both share the rank")}
"""Whose rank is better of those with the same figure."""

ENTRIES = {"commission": N_("commission"), "reward": N_("reward"), "adjustment": N_("adjustment")}
"""Kinds of entries in the ledger."""

FLAGS = {
    "self-purchase": N_("bought from themselves"),
    "shared-payment": N_("many buyers, one means of payment"),
    "shared-device": N_("many buyers, one device"),
    "shared-address": N_("many buyers, one address"),
    "burst": N_("many sales within minutes"),
    "quick": N_("sales right after the click"),
    "regular": N_("sales as if by a clock"),
    "refunds": N_("much of it given back"),
    "code-sharing": N_("code taken at the till"),
}
"""What is flagged, in words."""

DECISIONS = {"accept": N_("counts"), "reject": N_("rejected"), "assign": N_("is theirs")}
"""What was decided about a conversion."""

OUTCOMES = {"cleared": N_("cleared"), "upheld": N_("upheld")}
"""What was decided about a flag."""

EVIDENCE = {
    "buyers": N_("different buyers"),
    "shared": N_("what both have"),
    "seconds": N_("seconds"),
    "of": N_("of so many"),
    "brought_by": N_("brought by so many others"),
}
"""What else than conversions shows what is flagged."""

SHARED = {"payment": N_("a means of payment"), "device": N_("a device"), "address": N_("an address")}
"""What two people have in common who may be one."""


def money_of(terms: Terms) -> Callable[[int], str]:
    """How amounts of a campaign are written: with all digits, without the currency."""
    return lambda minor: decimal(Money(minor, terms.currency), grouped=True)


def name_of(who: Who) -> str:
    """What somebody is called: by their name, else by their id where sales are told."""
    return who.name or who.ref


def evidence(one: Flag) -> Iterator[tuple[str, str]]:
    """What shows what is flagged: how many conversions, and figures by what they are. It may hold anything."""
    yield _("Conversions"), separated(len(shown_by(one)))
    for name, value in one.evidence.items():
        if name != "conversions":
            yield said(EVIDENCE, name), said(SHARED, str(value)[:200])


def shown_by(one: Flag) -> list[int]:
    """The conversions that show it; what a source said of them may be anything."""
    told = one.evidence.get("conversions", ())
    ids = [n for n in told if isinstance(n, int)] if isinstance(told, list) else []
    return ids or ([one.conversion_id] if one.conversion_id is not None else [])


def same_person(others: Sequence[Part]) -> str:
    """Who else in the campaign is the same person, in words; empty where nobody is."""
    return _("the same person as {names}").format(names=", ".join(one.name for one in others)) if others else ""


def payout_state(one: Payout) -> str:
    """How far a payout is: in whose hands, paid, or taken apart."""
    if one.paid_at is not None:
        return _("paid {day}").format(day=day(one.paid_at))
    if one.dropped_at is not None:
        return _("taken apart {day}, {author}").format(day=day(one.dropped_at), author=one.dropped_by)
    if one.written_at is not None:
        return _("written {day}, to be paid").format(day=day(one.written_at))
    return _("to be paid")


def why(one: Conversion) -> str:
    """Why a conversion doesn't count, in words; of a code whether it looks mistyped."""
    if one.reason == "unknown-code" and one.code and is_slip(one.code):
        return _("nobody has this code: one of its signs is wrong")
    return said(WHY, one.reason or "")


def perhaps(code: str, found: Meant) -> str:
    """What a mistyped code is perhaps."""
    return _("{code} is perhaps {other}, the code of {who}.").format(code=code, other=found.code, who=found.name)


def group_cells(one: Group, money: Callable[[int], str]) -> tuple[str, ...]:
    """How many are in a group and below, and what both brought, as tables show it behind its name."""
    return (
        separated(one.participants),
        separated(one.below),
        separated(one.direct),
        separated(one.indirect),
        money(one.revenue),
        "" if one.indirect_revenue is None else money(one.indirect_revenue),
        money(one.commission),
        "" if one.k is None else f"{one.k:.2f}",
    )


def spark(days: Sequence[int]) -> str:
    """Days side by side, a cell each, against the best of them."""
    most = max(days)
    return "".join(bar(value / most if most else 0) if value else " " for value in days)
