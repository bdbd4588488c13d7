"""Putting people of the list of candidates into a wave of a campaign: which one, which wave, and when they post."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.lang import _, ngettext
from kolbench.programme.campaigns import days, waves
from kolbench.screens.choose import Choice, Choose
from kolbench.screens.prompt import Prompt
from kolbench.store import campaigns
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kolbench.domain.campaigns import Terms
    from kolbench.screens.triage import TriageScreen
    from kolbench.store.campaigns import Row, Wave
    from kolbench.store.connect import Store
    from kolbench.store.waves import Started

NEW = "new"


class _Meant(NamedTuple):
    """The campaign that was chosen, its newest terms, and the waves it has."""

    id: int
    terms: Terms
    waves: Sequence[Wave]


def ask(screen: TriageScreen, ids: Sequence[int]) -> None:
    """Ask into which campaign, and go on from there."""
    store = screen.session.store

    def offer(found: Sequence[Row]) -> None:
        if not found:
            screen.notify(_("There is no campaign yet: 6 shows them, and + there writes one."), timeout=5)
            return
        choices = [Choice(str(one.id), one.name) for one in found]
        title = _("Into a wave of which campaign: {who}").format(who=screen.whom(ids))
        screen.app.push_screen(Choose(title, choices, numbered=True), chosen)

    def chosen(key: str | None) -> None:
        if key is not None:
            read = partial(_read, store, int(key))
            screen.ask("waves", read, lambda meant: _which(screen, ids, meant), keys_wait=True)

    screen.ask("campaigns", lambda: campaigns.listed(store), offer, keys_wait=True)


def _read(store: Store, campaign_id: int) -> _Meant:
    return _Meant(campaign_id, campaigns.terms(store, campaign_id), campaigns.waves(store.reader(), campaign_id))


def _which(screen: TriageScreen, ids: Sequence[int], meant: _Meant) -> None:
    """Ask into which of its waves, where it has any; those of one that is there post when the others do."""
    known = {str(one.no): one for one in meant.waves}
    new = max((one.no for one in meant.waves), default=0) + 1

    def chosen(key: str | None) -> None:
        if key == NEW:
            _when(screen, ids, meant, new)
        elif key is not None and known[key].moment_at is None:
            _when(screen, ids, meant, known[key].no)
        elif key is not None:
            _consider(screen, ids, meant, known[key].no, None)

    if not known:
        chosen(NEW)
        return
    choices = [
        Choice(no, one.name, "" if one.moment_at is None else waves.moment(one.moment_at, meant.terms))
        for no, one in known.items()
    ]
    choices.append(Choice(NEW, _("a new wave, {n}").format(n=new)))
    screen.app.push_screen(Choose(_("Into which wave?"), choices, numbered=True), chosen)


def _when(screen: TriageScreen, ids: Sequence[int], meant: _Meant, no: int) -> None:
    def told(text: str | None) -> None:
        if text is not None:
            _consider(screen, ids, meant, no, days.moment(text, meant.terms) if text else None)

    hint = _("like 2026-06-01T20:00, where the campaign is ({zone}); empty: nothing was agreed")
    window = Prompt(
        _("When do they all post?"),
        hint=hint.format(zone=meant.terms.time_zone),
        check=lambda text: text and days.moment(text, meant.terms),
    )
    screen.app.push_screen(window, told)


def _consider(screen: TriageScreen, ids: Sequence[int], meant: _Meant, no: int, moment_at: int | None) -> None:
    title = _("{campaign}, wave {n}: {who}").format(campaign=meant.terms.name, n=no, who=screen.whom(ids))
    screen.caution(title, lambda: ids, lambda: _start(screen, ids, meant, no, moment_at))


def _start(screen: TriageScreen, ids: Sequence[int], meant: _Meant, no: int, moment_at: int | None) -> None:
    def start(store: Store, author: str) -> Started:
        return waves.start(store, meant.id, author, ids, no=no, moment_at=moment_at)

    def written(done: Started) -> None:
        n = len(done.participants)
        text = ngettext(
            "{n} person has a code now: 6 shows it. u takes it back.",
            "{n} people have codes now: 6 shows them. u takes it back.",
            n,
        )
        screen.notify(text.format(n=separated(n)), timeout=5)
        for one in done.left[:3]:
            text = _("{who} was left out: takes part already.")
            if one.reason is not None:
                text = _("{who} was left out: they want no contact ({reason}).")
            screen.notify(text.format(who=one.name, reason=one.reason), severity="warning", timeout=5)
        if moment_at is not None and (doubt := waves.doubt(meant.terms, moment_at)):
            screen.notify(doubt, severity="warning", timeout=5)

    screen.go_on(ids)
    screen.write(ids, start, written)
