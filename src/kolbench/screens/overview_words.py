"""What stands first on a person's file in words, for the command line and for screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import _
from kolbench.domain.words import labelled
from kolbench.programme.rule_sets import sanction, title
from kolbench.screens.telling import AGREED, MOVES, SEVERITIES
from kolbench.screens.words import CHANNELS, LABELS, OUTCOMES, said

if TYPE_CHECKING:
    from kolbench.domain.rule_sets import RuleSet
    from kolbench.store.agreements import Agreement
    from kolbench.store.candidates import Candidate
    from kolbench.store.incentives import Entry
    from kolbench.store.ladders import Event, Ladder
    from kolbench.store.notes import Touchpoint
    from kolbench.store.violations import Violation


def label(one: Candidate) -> str:
    """KOL, KOC, both or unknown, with the two values on which that rests."""
    values = ((_("authority"), one.authority_score), (_("authenticity"), one.authenticity_score))
    both = [
        _("{what} {value}").format(what=what, value=_("unknown") if value is None else f"{value:.2f}")
        for what, value in values
    ]
    return " · ".join((said(LABELS, one.kind), _(", ").join(both)))


def known(one: Candidate) -> str:
    """How much of the score rests on known figures."""
    return _("{share} known").format(share=f"{one.confidence:.0%}")


def rung(rules: RuleSet | None, ladder: Ladder, event: Event) -> str:
    """A stage or grade, and how they came there."""
    return f"{title(rules, ladder, event.name)} · {said(MOVES, event.how)}"


def contact(one: Touchpoint) -> str:
    """By which channel somebody was in contact, and what came of it."""
    text = said(CHANNELS, one.channel)
    return _("{what}: {more}").format(what=text, more=said(OUTCOMES, one.outcome)) if one.outcome else text


def agreement(one: Agreement) -> str:
    """What it is, how far it is, and until when."""
    text = f"{one.title} · {said(AGREED, one.state)}"
    if one.terms.ends_on:
        text = _("{what} until {day}").format(what=text, day=one.terms.ends_on)
    return text


def entry(one: Entry) -> str:
    """How much was given, and why."""
    return " · ".join(part for part in (str(one.told), one.reason) if part)


def violation(one: Violation) -> str:
    """Which rule was broken, how grave that is, and how."""
    return labelled(f"{one.rule} ({said(SEVERITIES, one.severity)})", one.text)


def followed(rules: RuleSet | None, one: Violation) -> str:
    """What followed from a violation, by whom and why."""
    if one.withdrawn_at is not None:
        return _("withdrawn: {why}").format(why=one.withdrawn_why)
    if one.sanctioned_at is None:
        return _("nothing was decided yet")
    what = sanction(rules, one.applied) if one.applied else _("exempt")
    return " · ".join(part for part in (what, one.sanctioned_by, one.reason) if part)
