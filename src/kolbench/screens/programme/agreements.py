"""What agreements bind to, the nearest day first: when they end, what is owed by them, and who has an offer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kolbench.domain.agreements import ANSWER_DAYS
from kolbench.domain.clock import DAY, now
from kolbench.domain.lang import N_, _, ngettext
from kolbench.domain.words import labelled
from kolbench.programme.agreements import advice, day, today
from kolbench.programme.local import local_day
from kolbench.screens import overview_words
from kolbench.screens.file.agreeing import delivery_form, draft_form, forms, owing_form
from kolbench.screens.file_words import remaining
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.programme.asking import fill_for, fill_in
from kolbench.screens.telling import AGREED
from kolbench.screens.view import Item, Listing, View, columns
from kolbench.screens.words import said
from kolbench.store import agreements, commitments, creators

if TYPE_CHECKING:
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.forms import Values
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.agreements import Agreement, Deliverable
    from kolbench.store.commitments import Commitment
    from kolbench.store.connect import Store
    from kolbench.widgets.columns import Column

SOON_DAYS = 30
"""So long before its end an agreement stands out."""


def soon(at: int) -> str:
    """The ISO date before which whatever ends, ends soon."""
    return local_day(at + SOON_DAYS * DAY)


class AgreementsView(View):
    """All agreements in force, what is still to be delivered, and offers without an answer."""

    title = N_("Agreements")
    empty = N_(
        "No agreement is in force. + drafts one with somebody; Enter on it, in the section B of their file, offers and"
        " signs it. Here you see when it ends, and what they owe."
    )

    def columns(self) -> list[Column]:
        """When, who, what."""
        return columns(
            (_("Day"), 10), ("", 13), (_("Who"), 12, {"flex": 1}), (_("Kind"), 15), (_("Title"), 16, {"flex": 2})
        )

    def window(self, store: Store) -> Listing:
        """The nearest day first."""
        return Listing(lambda: commitments.order(store), lambda found: _items(store, found))

    def about(self, store: Store, item: Item | None) -> Write:
        """The agreement with its terms, what happened to it, and what is owed."""
        if item is None:
            return super().about(store, item)
        agreement = agreements.get(store, _agreement(item))
        owed = agreements.deliverables(store, [agreement.id])
        events = [one for one in agreements.events(store, agreement.id) if one.undone_at is None]
        told = [f"{local_day(one.at)} {said(AGREED, one.state)} · {one.author}" for one in events]
        hints = advice(store, agreement)
        return lambda width: _about(agreement, owed, told, hints, width)

    def acts(self) -> Mapping[str, Act]:
        """Draft one, expect something more or no longer, say that it came, let an agreement go on, or change it."""
        return {"add": _add, "decide": _change, "confirm": _delivered, "renew": _renew, "remove": _drop}


def _items(store: Store, found: Sequence[Commitment]) -> list[Item]:
    owed = agreements.deliverables_of(store, [one.id for one in found if one.kind == "deliverable"])
    whole = agreements.of_ids(store, [one.id for one in found if one.kind == "agreement"])
    people = [one.creator_id for one in owed.values()] + [one.creator_id for one in whole.values()]
    names = creators.names(store, people)
    at = now()
    return [
        _ending(one, whole[one.id], names, at) if one.kind == "agreement" else _owed(one, owed[one.id], names)
        for one in found
        if one.id in (whole if one.kind == "agreement" else owed)
    ]


def _ending(key: Commitment, one: Agreement, names: Mapping[int, str], at: int) -> Item:
    if not one.in_force:
        return _offered(key, one, names, at)
    ends = one.terms.ends_on
    near = ends is not None and ends < soon(at)
    cells = (ends or "", _away(ends), names.get(one.creator_id, ""), _("ends"), one.title)
    return Item(key, cells, "alert" if near else None, one.creator_id, one)


def _offered(key: Commitment, one: Agreement, names: Mapping[int, str], at: int) -> Item:
    since = one.since or one.at
    days = (at - since) // DAY
    waits = ngettext("waits {n} day", "waits {n} days", days).format(n=days)
    cells = (local_day(since), waits, names.get(one.creator_id, ""), said(AGREED, one.state), one.title)
    return Item(key, cells, "alert" if days >= ANSWER_DAYS else None, one.creator_id, one)


def _owed(key: Commitment, one: Deliverable, names: Mapping[int, str]) -> Item:
    late = one.due_on is not None and one.due_on < today()
    cells = (one.due_on or "", _away(one.due_on), names.get(one.creator_id, ""), _("to be delivered"), one.title)
    return Item(key, cells, "alert" if late else None, one.creator_id, one)


def _away(on: str | None) -> str:
    if on is None:
        return _("no day")
    days = (date.fromisoformat(on) - date.fromisoformat(today())).days
    return remaining(days) if days >= 0 else _("{n} days late").format(n=-days)


def _agreement(item: Item) -> int:
    """The number of the agreement of a row."""
    return int(item.found.id if item.key.kind == "agreement" else item.found.agreement_id)


def _about(
    one: Agreement, owed: Sequence[Deliverable], events: Sequence[str], hints: Sequence[str], width: int
) -> Iterator[Line]:
    yield [(overview_words.agreement(one), "title")]
    yield from paragraph(_("They do: {text}").format(text=one.terms.gives), width)
    yield from paragraph(_("They get: {text}").format(text=one.terms.gets), width)
    if one.terms.exclusivity:
        yield from paragraph(_("For us alone: {text}").format(text=one.terms.exclusivity), width)
    for each in owed:
        state = _("to be delivered")
        if each.done_on:
            state = _("delivered on {day}").format(day=each.done_on)
        elif each.due_on:
            state = _("due on {day}").format(day=each.due_on)
        told = labelled(each.title, state) + (f" · {each.proof}" if each.proof else "")
        yield from paragraph(told, width, "muted" if each.done_on else "plain")
    yield []
    for text in events:
        yield from paragraph(text, width, "muted")
    for text in hints:
        yield from paragraph(text, width, "warn")


def _delivered(desk: DeskScreen, item: Item | None) -> None:
    if item is None or item.key.kind != "deliverable":
        desk.notify(_("That is for what is to be delivered. r lets an agreement go on."), timeout=4)
        return
    from kolbench.screens.file.forms import fill

    fill(desk, delivery_form(item.found), lambda: desk.done(_("It is delivered.")))


def _add(desk: DeskScreen, item: Item | None) -> None:
    if item is None:
        _draft(desk)
        return
    from kolbench.screens.choose import Choice, Choose

    def chosen(key: str | None) -> None:
        if key == "owe":
            _owe(desk, _agreement(item))
        elif key is not None:
            _draft(desk)

    choices = [Choice("owe", _("To be delivered"), _("by this agreement")), Choice("draft", _("Agreement"))]
    desk.app.push_screen(Choose(_("Add"), choices, numbered=True), chosen)


def _draft(desk: DeskScreen) -> None:
    told = _("It is drafted: Enter on it, in the section B of their file, offers and signs it.")
    fill_for(desk, _("An agreement with whom?"), lambda store, creator_id: [draft_form(store, creator_id)], told)


def _change(desk: DeskScreen, item: Item | None) -> None:
    if item is not None:
        agreement_id = _agreement(item)
        fill_in(desk, item.found.title, lambda store: forms(store, agreement_id), _("It is written down."))


def _owe(desk: DeskScreen, agreement_id: int) -> None:
    from kolbench.screens.file.forms import fill

    def offer(one: Agreement) -> None:
        form = owing_form([one])

        def write(store: Store, author: str, given: Values, entry: object) -> None:
            made = form.write(store, author, given, entry)
            if isinstance(made, int):
                desk.go_to(commitments.Commitment("deliverable", made))

        fill(desk, replace(form, write=write), lambda: desk.done(_("It is written down.")))

    store = desk.session.store
    desk.ask("agreement", lambda: agreements.get(store, agreement_id), offer, keys_wait=True)


def _renew(desk: DeskScreen, item: Item | None) -> None:
    if item is None:
        return
    from kolbench.screens.prompt import Prompt

    agreement_id = _agreement(item)

    def told(text: str | None) -> None:
        if text is not None:
            ends = day(text)
            done = _("It goes on until {day}.").format(day=ends)
            desk.act(lambda store, author: agreements.renew(store, agreement_id, author, ends_on=ends), done)

    hint = _("The last day: +90d, next month, 2026-05-04")
    desk.app.push_screen(Prompt(_("Until when does it go on?"), hint=hint, check=day), told)


def _drop(desk: DeskScreen, item: Item | None) -> None:
    if item is None or item.key.kind != "deliverable":
        desk.notify(_("An agreement isn't taken off: d ends it."), timeout=4)
        return
    found: Deliverable = item.found
    text = _("{what}: {more}.").format(what=found.title, more=_("nobody waits for it any more"))
    desk.act(lambda store, author: agreements.drop(store, found.id, author), text, found.creator_id)
