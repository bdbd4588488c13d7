"""Agreements in an operator's words: days as people write them, and what to think over before signing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kolbench.domain import partial_dates
from kolbench.domain.agreements import hints
from kolbench.domain.clock import from_ms, now
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.programme import guards
from kolbench.store import ladders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kolbench.domain.agreements import Hint, Terms
    from kolbench.store.agreements import Agreement
    from kolbench.store.connect import Store

HINTS: Mapping[Hint, Any] = {
    "past": lambda: _("Its last day is past already: is that meant?"),
    "share": lambda: _("A share binds longer than a buy-out: they go on as long as it pays them."),
    "continuous": lambda: _("A short term is one burst: going on steadily, with less at a time, works better."),
    "early-exclusivity": lambda: _(
        "Early on, ask for no exclusivity: let them reuse older works, and show them traffic."
    ),
    "mid-exclusivity": lambda: _("By now exclusivity should be in writing; who won't, should not get more."),
    "open-ended": lambda: _("Exclusivity without an end: say until when, so that it comes up again."),
}


def day(text: str) -> str:
    """The ISO date that ``2026-05-04``, ``today``, ``+30d``, ``next month`` mean here. Raises UsageError."""
    try:
        told = partial_dates.told(text, from_ms(now()).astimezone().date())
    except UsageError:
        told = partial_dates.Told()
    if told.day is None:
        raise UsageError(_("'{text}' is no whole day: write 2026-05-04, today or +90d.").format(text=text))
    return str(told)


def today() -> str:
    """Today's ISO date where the operator is."""
    return from_ms(now()).astimezone().date().isoformat()


def advice(store: Store, agreement: Agreement) -> list[str]:
    """What to think over about an agreement that isn't over, a sentence each; it depends on the person's stage."""
    if agreement.state in ("declined", "ended", "broken"):
        return []
    return advice_on(store, agreement.creator_id, agreement.terms)


def advice_on(store: Store, creator_id: int, terms: Terms) -> list[str]:
    """What to think over about terms for a person, a sentence each."""
    stage = ladders.current(store, "stage", [creator_id]).get(creator_id)
    return [HINTS[hint]() for hint in hints(terms, stage and stage.name, today())]


def before_binding(store: Store, agreement: Agreement) -> list[str]:
    """What speaks against binding a person by it now, a sentence each: it may be too early to earn money with them."""
    found = guards.before_monetising(store, now(), [agreement.creator_id], brief_id=agreement.brief_id)
    return [caution.text for caution in found]
