"""Choosing people for a brief: why somebody is not on its list, and what speaks against choosing them all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _
from kolbench.store import briefs, creators, decisions
from kolbench.store.candidates import CandidateWindow
from kolbench.store.filters import Filter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kolbench.domain.briefs import Brief
    from kolbench.store.connect import Store

FOUND = 3
"""So many of those who were searched for are told about."""

IN_CONTACT = ("contacted", "agreed", "active")

REASONS = {
    "platforms": N_("the brief is for these platforms alone: {values}"),
    "tiers": N_("the brief is for these sizes alone: {values}"),
    "regions": N_("the brief is for these regions alone: {values}"),
    "languages": N_("the brief is for these languages alone: {values}"),
    "do_not_contact": N_("they asked not to be contacted"),
    "working_with_us": N_("they agreed for another brief"),
    "exclusives": N_("they are exclusive elsewhere"),
    "tags": N_("the brief leaves out who has one of these tags: {values}"),
}
"""Why the list of a brief doesn't show somebody, by the setting that keeps them off it."""


def why_absent(store: Store, brief_id: int, creator_ids: Iterable[int]) -> dict[int, list[str]]:
    """Why people are not on the list of a brief, in words; who is on it is left out."""
    from kolbench.analysis.absence import absences

    brief = briefs.brief(store, brief_id)
    return {
        creator_id: [_(REASONS[name]).format(values=_(", ").join(_values(brief, name))) for name in names]
        for creator_id, names in absences(store, brief_id, creator_ids).items()
    }


def absent(store: Store, brief_id: int, text: str) -> list[str]:
    """Who of those whose name or handle has ``text`` in it is not on the list of a brief, and why, a sentence each.

    They are ``FOUND`` at the most, the best scored first.
    """
    found = CandidateWindow(store, shown=Filter(text=text)).rows(0, FOUND)
    return _told(store, why_absent(store, brief_id, [one.creator_id for one in found]))


def doubts(store: Store, brief_id: int, creator_ids: Collection[int], state: str) -> list[str]:
    """What speaks against putting people into a state of a brief, a sentence each; nothing is forbidden.

    Nothing speaks against not choosing somebody. With whom this brief is in contact already, others no longer count.
    """
    if state not in decisions.CHOSEN:
        return []
    found = _told(store, why_absent(store, brief_id, creator_ids))
    known = decisions.current(store, brief_id, creator_ids)
    new = [one for one in creator_ids if one not in known or known[one].state not in IN_CONTACT]
    text = _("{who}: {state} for '{brief}' already. Nobody should be asked the same twice.")
    found += (
        text.format(who=_name(store, creator_id), state=_(other), brief=brief)
        for creator_id, brief, other in decisions.elsewhere(store, brief_id, new)
    )
    return found


def _told(store: Store, why: Mapping[int, Sequence[str]]) -> list[str]:
    text = _("{who}: {why}.")
    return [text.format(who=_name(store, one), why=_("; ").join(reasons)) for one, reasons in why.items()]


def _values(brief: Brief, name: str) -> Sequence[str]:
    values: Sequence[str] = brief.exclude.tags if name == "tags" else getattr(brief.who, name, ())
    return values


def _name(store: Store, creator_id: int) -> str:
    return creators.name(store, creator_id) or str(creator_id)
