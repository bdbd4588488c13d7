"""An agreement with a creator: its terms, the states it may go through, and what the craft says of them."""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple, get_args

from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _

State = Literal["draft", "offered", "signed", "declined", "ended", "broken", "renewed"]
STATES: tuple[State, ...] = get_args(State)

Basis = Literal["share", "buy-out", "both", "none"]
BASES: tuple[Basis, ...] = get_args(Basis)
"""A share of what comes of it, a price for all of it, both, or neither."""

IN_FORCE: tuple[State, ...] = ("signed", "renewed")
"""The states in which both sides are bound."""

MOVES: dict[State, tuple[State, ...]] = {
    "draft": ("offered", "signed", "declined"),
    "offered": ("offered", "signed", "declined"),
    "declined": ("offered",),
    "signed": ("ended", "broken", "renewed"),
    "renewed": ("ended", "broken", "renewed"),
    "ended": ("offered", "renewed"),
    "broken": ("offered",),
}
"""What may come next. What was declined, ended or broken may be offered again; only what ended is simply renewed."""

Hint = Literal["past", "share", "continuous", "early-exclusivity", "mid-exclusivity", "open-ended"]

ANSWER_DAYS = 7
"""An offer that has no answer after so many days is asked about."""

BURST_DAYS = 30
"""A term that is shorter is one burst."""


class Terms(NamedTuple):
    """What one version says: what they give and what they get, in words; ``exclusivity`` is its scope (None: none).

    ``starts_on`` and ``ends_on``, its last day, are ISO dates.
    """

    gives: str
    gets: str
    exclusivity: str | None = None
    basis: Basis = "none"
    starts_on: str | None = None
    ends_on: str | None = None
    notes: str | None = None


def require_move(state: State, to: State) -> None:
    """Raises UsageError, which names what is possible, where an agreement can't go from ``state`` to ``to``."""
    if to not in MOVES[state]:
        text = _("It is {state}: from there it can be {names}, not {to}.")
        raise UsageError(text.format(state=state, names=", ".join(MOVES[state]), to=to))


def check(terms: Terms) -> Terms:
    """The terms as they are. Raises UsageError where a side gets nothing, or it ends before it begins."""
    if not terms.gives:
        raise UsageError(_("Say what they give: --gives TEXT"))
    if not terms.gets:
        raise UsageError(_("Say what they get: --gets TEXT"))
    for text in (terms.starts_on, terms.ends_on):
        if text is not None:
            date.fromisoformat(text)
    if terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        raise UsageError(_("It would end before it begins: {ends} is before {starts}.").format(
            ends=terms.ends_on, starts=terms.starts_on
        ))  # fmt: skip
    return terms


def hints(terms: Terms, stage: str | None, today: str) -> list[Hint]:
    """What to think over: an end before ``today`` (an ISO date) is a slip; share rather than buy out, go on rather than
    burst once, exclusivity at its time.
    """
    found: list[Hint] = []
    if terms.ends_on and terms.ends_on < today:
        found.append("past")
    if terms.basis == "buy-out":
        found.append("share")
    if terms.starts_on and terms.ends_on:
        days = (date.fromisoformat(terms.ends_on) - date.fromisoformat(terms.starts_on)).days + 1
        if days < BURST_DAYS:
            found.append("continuous")
    if stage == "early" and terms.exclusivity:
        found.append("early-exclusivity")
    if stage == "mid" and not terms.exclusivity:
        found.append("mid-exclusivity")
    if terms.exclusivity and not terms.ends_on:
        found.append("open-ended")
    return found
