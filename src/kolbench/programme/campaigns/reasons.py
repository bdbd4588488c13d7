"""Why things of a campaign are as they are, in words: why a conversion doesn't count, why an entry was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _
from kolbench.domain.words import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from kolbench.store.commissions import Entry

WHY = {
    "bad-currency": N_("in another currency than the campaign's"),
    "out-of-window": N_("outside the campaign's days"),
    "late": N_("told too long after it happened"),
    "lapsed": N_("too long after the click or the referral"),
    "no-code": N_("no code was given, and nothing else leads to anybody"),
    "unknown-code": N_("nobody has this code, and nothing else leads to anybody"),
    "excluded": N_("of somebody who earns nothing in this campaign"),
    "self-referral": N_("bought by themselves"),
    "circular": N_("bought by somebody by whom they came themselves"),
    "duplicate-buyer": N_("this buyer counted already"),
    "by-hand": N_("rejected by hand"),
}
"""Why a conversion doesn't count, in words."""

_DECIDED = {
    "accept": N_("accepted by {author}: {why}"),
    "reject": N_("rejected by {author}: {why}"),
    "assign": N_("given to its owner by {author}: {why}"),
}
_CHANGES = {"refund": N_("refund"), "changed": N_("what was told since, of it or of others")}


def of_entry(one: Entry, day: Callable[[int], str]) -> str:
    """Why an entry of the ledger was written, in words; empty where it follows from the terms at once."""
    if one.author is not None:
        return _("{what}: {more}").format(what=one.author, more=one.reason or "")
    if one.reason == "terms":
        since = day(one.version_from_at) if one.version_from_at else _("the start")
        return _("new terms: version {n}, from {day}").format(n=one.version, day=since)
    if one.decision is not None and one.decision_undone_by is not None:
        return _("a decision that {author} took back").format(author=one.decision_undone_by)
    if one.decision is not None:
        return _(_DECIDED[one.decision]).format(author=one.decided_by, why=one.decided_why)
    return said(WHY | _CHANGES, one.reason or "")
