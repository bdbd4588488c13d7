"""Whose a conversion is, and whether it counts: a function of the terms of its campaign and of what was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.domain.campaigns import Rules
    from kolbench.store.unsettled import Person, Sale

REASONS = (
    "bad-currency", "out-of-window", "late", "lapsed", "no-code", "unknown-code", "excluded", "self-referral",
    "circular", "duplicate-buyer", "by-hand",
)  # fmt: skip
"""Why a conversion doesn't count, in the order in which they are asked."""

SETTLED_BY_HAND = frozenset(("accept", "assign"))


class Whose(NamedTuple):
    """Whose a conversion is and how that is known; nobody's where nothing leads to anybody.

    ``lapsed``: the buyer did follow a link, or came by somebody, but too long before.
    """

    participant_id: int | None
    via: str | None
    lapsed: bool = False


class Verdict(NamedTuple):
    """What becomes of a conversion: a column each."""

    participant_id: int | None
    via: str | None
    state: str
    reason: str | None


def whose(sale: Sale, rules: Rules, touched_id: int | None, *, touched_ever: bool = False) -> Whose:
    """Whose a conversion is. ``touched_id`` has the link that counts, where it is clicks that count.

    An operator's word goes before the source's, that before clicks, these before a code, and that before by whom the
    buyer came, which counts where codes do.
    """
    if sale.assigned_id is not None:
        return Whose(sale.assigned_id, "assigned")
    if sale.told_id is not None:
        return Whose(sale.told_id, "source")
    if touched_id is not None and rules.attribution != "code":
        return Whose(touched_id, rules.attribution)
    if sale.owner_id is not None:
        return Whose(sale.owner_id, "code")
    if rules.attribution == "code" and sale.buyer_parent_id is not None and sale.bound_at is not None:
        if sale.at - rules.window <= sale.bound_at <= sale.at:
            return Whose(sale.buyer_parent_id, "binding")
        return Whose(None, None, sale.bound_at <= sale.at)
    return Whose(None, None, touched_ever and rules.attribution != "code")


def judge(sale: Sale, rules: Rules, found: Whose, chain: Sequence[Person], *, again: bool) -> Verdict:
    """Whether a conversion counts for whom it was found to be; else the first of ``REASONS`` that holds.

    ``chain`` are the participant and whoever else would be paid; ``again``: the buyer bought something before.
    """
    if sale.decision == "reject":
        return Verdict(*found[:2], "rejected", "by-hand")
    reason = _objection(sale, rules, found, chain, again=again)
    if reason is None:
        return Verdict(*found[:2], "counted", None)
    return Verdict(*found[:2], "rejected" if reason == "excluded" else "quarantined", reason)


def chain(person: Person, people: dict[int, Person], levels: int, at: int) -> list[Person]:
    """A participant, by whom they came, and so on: so many levels, and as far as it was so at that moment (ms)."""
    found = [person]
    while len(found) < levels and person.parent_id is not None and (person.referred_at or 0) <= at:
        person = people[person.parent_id]
        found.append(person)
    return found


def _objection(sale: Sale, rules: Rules, found: Whose, chain: Sequence[Person], *, again: bool) -> str | None:
    by_hand = sale.decision in SETTLED_BY_HAND
    if sale.currency != rules.currency:
        return "bad-currency"
    if not by_hand and not (rules.start or sale.at) <= sale.at < (rules.stop or sale.at + 1):
        return "out-of-window"
    if not by_hand and rules.late is not None and sale.received_at - sale.at > rules.late:
        return "late"
    if found.participant_id is None:
        return "lapsed" if found.lapsed else "unknown-code" if sale.code else "no-code"
    if chain[0].ref in rules.exclusions:
        return "excluded"
    if by_hand:
        return None
    if _is_buyer(chain[0], sale):
        return "self-referral"
    if any(_is_buyer(person, sale) for person in chain[1:]):
        return "circular"
    if again and (sale.kind != "sale" or not rules.repeat_buyers):
        return "duplicate-buyer"
    return None


def _is_buyer(person: Person, sale: Sale) -> bool:
    """Whether a participant bought it themself, under the same id or as another participant who is the same person."""
    return sale.buyer is not None and (
        person.ref == sale.buyer or (sale.buyer_creator_id is not None and person.creator_id == sale.buyer_creator_id)
    )
