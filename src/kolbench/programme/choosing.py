"""Choosing people for a brief: why somebody is not on its list, and what speaks against choosing them all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _
from kolbench.store import briefs, creators, decisions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kolbench.domain.briefs import Brief
    from kolbench.store.connect import Store

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


def doubts(store: Store, brief_id: int, creator_ids: Collection[int], state: str) -> list[str]:
    """What speaks against putting people into a state of a brief, a sentence each; nothing is forbidden.

    Nothing speaks against not choosing somebody. With whom this brief is in contact already, others no longer count.
    """
    if state not in decisions.CHOSEN:
        return []
    found = [
        _("{who}: {why}.").format(who=_name(store, creator_id), why=_("; ").join(reasons))
        for creator_id, reasons in why_absent(store, brief_id, creator_ids).items()
    ]
    known = decisions.current(store, brief_id, creator_ids)
    new = [one for one in creator_ids if one not in known or known[one].state not in IN_CONTACT]
    text = _("{who}: {state} for '{brief}' already. Nobody should be asked the same twice.")
    found += (
        text.format(who=_name(store, creator_id), state=_(other), brief=brief)
        for creator_id, brief, other in decisions.elsewhere(store, brief_id, new)
    )
    return found


def _values(brief: Brief, name: str) -> Sequence[str]:
    values: Sequence[str] = brief.exclude.tags if name == "tags" else getattr(brief.who, name, ())
    return values


def _name(store: Store, creator_id: int) -> str:
    return creators.name(store, creator_id) or str(creator_id)
