"""What we have with a person: where they stand, agreements, what they owe us, what they got, rules and violations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from kolbench.domain.lang import N_, _
from kolbench.domain.words import labelled
from kolbench.programme import overview
from kolbench.programme.agreements import advice, today
from kolbench.programme.local import local_day
from kolbench.programme.rule_sets import title
from kolbench.screens import overview_words
from kolbench.screens.file.agreeing import OVER, delivery_form, draft_form, forms, owing_form
from kolbench.screens.file.forms import Form, Step, Values
from kolbench.screens.file.giving import entry_told, grant_form, redemption_form, reversal_form
from kolbench.screens.file.part import Item, Page, Part, Whose, texts
from kolbench.screens.file_words import BASES, INCENTIVES
from kolbench.screens.telling import AGREED, LADDERS, MOVES
from kolbench.screens.words import ENROLMENTS, said
from kolbench.store import agreements, enrolments, incentives, ladders, rule_sets, violations
from kolbench.widgets.cells import since

if TYPE_CHECKING:
    from kolbench.domain.rule_sets import RuleSet
    from kolbench.store.agreements import Agreement, Deliverable
    from kolbench.store.connect import Store
    from kolbench.store.enrolments import Enrolment
    from kolbench.store.incentives import Entry
    from kolbench.store.violations import Violation

ENTRIES = 100
"""Lines of the ledger that are shown, the newest."""


class BusinessPart(Part):
    """Stage and grade, agreements with what is owed, incentives, sequences, rules, violations."""

    key: ClassVar[str] = "B"
    title: ClassVar[str] = N_("Business")
    empty: ClassVar[str] = N_(
        "No agreement, no incentive, no violation yet. Press + to draft an agreement, or to give them something."
    )
    heads: ClassVar[tuple[str, str, str]] = (N_("Item"), "", N_("Since when"))

    def load(self, whose: Whose, older: Any = None) -> Page:
        """All of it."""
        store, creator_id = whose.store, whose.creator_id
        agreed = agreements.of(store, creator_id)
        owed = agreements.deliverables(store, [one.id for one in agreed])
        items = [*_ladders(whose)]
        for one in agreed:
            items.append(_agreement(whose, one))
            items += [_deliverable(each) for each in owed if each.agreement_id == one.id]
        entries = incentives.entries(store, creator_id, limit=ENTRIES)
        items += _points(whose, entries)
        items += [_entry(whose, one) for one in entries]
        items += [_enrolment(whose, one) for one in enrolments.of(store, creator_id)]
        items += _acknowledged(whose)
        newest = rule_sets.in_force(store)
        listed = violations.listed(store, creator_id, withdrawn=True)
        items += [_violation(newest and newest.rules, one) for one in listed]
        return Page(items)

    def adds(self, whose: Whose) -> Sequence[Form]:
        """An agreement, something that they owe by one, an incentive, and what their points buy."""
        store, creator_id = whose.store, whose.creator_id
        open_ones = [one for one in agreements.of(store, creator_id) if one.state not in OVER]
        return (
            draft_form(store, creator_id, whose.brief_id),
            *([owing_form(open_ones)] if open_ones else ()),
            grant_form(creator_id),
            redemption_form(store, creator_id),
        )


def _ladders(whose: Whose) -> Iterator[Item]:
    newest = rule_sets.in_force(whose.store)
    rules = newest and newest.rules
    for ladder in ladders.LADDERS:
        history = ladders.history(whose.store, ladder, whose.creator_id)
        if not history:
            continue
        now = history[0]
        name = title(rules, ladder, now.name)
        told = [
            " · ".join(
                part
                for part in (
                    local_day(one.since_at),
                    title(rules, ladder, one.name),
                    said(MOVES, one.how),
                    one.author,
                    one.reason,
                )
                if part
            )
            for one in history
        ]
        yield Item(
            key=(ladder,),
            cells=(_(LADDERS[ladder]), f"{name} · {said(MOVES, now.how)}", since(now.since_at, whose.at)),
            about=texts(labelled(_(LADDERS[ladder]), name), *told),
            style="strong",
        )


def _agreement(whose: Whose, one: Agreement) -> Item:
    terms = one.terms
    told = [
        _("They do: {text}").format(text=terms.gives),
        _("They get: {text}").format(text=terms.gets),
        _("Basis: {text}").format(text=said(BASES, terms.basis)) if terms.basis != "none" else None,
        terms.exclusivity and _("For us alone: {text}").format(text=terms.exclusivity),
        terms.starts_on and _("From {day}").format(day=terms.starts_on),
        terms.ends_on and _("Until {day}").format(day=terms.ends_on),
        terms.notes,
        _("version {n} of {all}").format(n=one.version, all=one.newest),
    ]
    for event in agreements.events(whose.store, one.id):
        if event.undone_at is None:
            parts = (local_day(event.at), said(AGREED, event.state), event.author, event.reason)
            told.append(" · ".join(part for part in parts if part))
    told.append(_("Enter moves it on, or writes its next version."))
    return Item(
        key=("agreement", one.id),
        cells=(_("Agreement"), overview_words.agreement(one), since(one.since or one.at, whose.at)),
        about=texts(overview_words.agreement(one), *told, *advice(whose.store, one)),
        style="strong" if one.in_force else "muted" if one.state in OVER else None,
        forms=partial(forms, agreement_id=one.id),
        history=("agreement_version", {"agreement_id": one.id}),
    )


def _deliverable(one: Deliverable) -> Item:
    late = one.done_on is None and one.due_on is not None and one.due_on < today()
    state = _("to be delivered")
    if one.done_on:
        state = _("delivered on {day}").format(day=one.done_on)
    elif one.due_on:
        state = _("due on {day}").format(day=one.due_on)
    return Item(
        key=("deliverable", one.id),
        cells=(f"  {_('they owe us')}", one.title, one.done_on or one.due_on or ""),
        about=texts(one.title, state, one.proof, None if one.done_on else _("Enter writes that it was delivered.")),
        style="alert" if late else "muted" if one.done_on else None,
        form=None if one.done_on else delivery_form(one),
        remove=partial(_drop, one),
        history=("deliverable", {"id": one.id}),
        link=one.proof,
    )


def _drop(owed: Deliverable, store: Store, author: str) -> None:
    agreements.drop(store, owed.id, author)


def _points(whose: Whose, entries: Sequence[Entry]) -> Iterator[Item]:
    """What is left of the points of somebody who ever got any."""
    from kolbench.domain.incentives import POINTS, Amount

    points = overview.points(whose.store, whose.creator_id, entries)
    if points is not None:
        told = str(Amount(points, POINTS))
        yield Item(key=("points",), cells=(_("Balance"), told, ""), about=texts(told), style="strong")


def _entry(whose: Whose, one: Entry) -> Item:
    kind = said(INCENTIVES, one.kind)
    if reversal := one.reversal_of is not None:
        kind = _("{what}, reversed").format(what=kind)
    return Item(
        key=("incentive", one.id),
        cells=(kind, overview_words.entry(one), whose.when(one.author, one.at)),
        about=texts(f"{kind} {one.told}", *entry_told(whose.store, one), None if reversal else _("- reverses it.")),
        style="muted" if reversal else None,
        removal=None if reversal else reversal_form(one),
    )


def _enrolment(whose: Whose, one: Enrolment) -> Item:
    state = said(ENROLMENTS, one.state)
    if one.paused_until is not None and one.state == "paused":
        state = _("{what} until {day}").format(what=state, day=local_day(one.paused_until))
    text = _("{name}: {state}, step {n}").format(name=one.sequence, state=state, n=one.step + 1)
    return Item(
        key=("enrolment", one.id),
        cells=(_("Sequence"), text, whose.when(one.author, one.at)),
        about=texts(text, one.reason, _("Enter pauses or stops it.") if one.ended_at is None else None),
        style=None if one.ended_at is None else "muted",
        form=halting_form(one) if one.ended_at is None else None,
    )


def halting_form(enrolled: Enrolment) -> Form:
    """How a sequence is paused, stopped, or lets go on."""
    from kolbench.screens.choose import Choice

    choices = [Choice(state, said(ENROLMENTS, state)) for state in ("active", "paused", "stopped")]

    def values(one: Enrolment | None) -> Values:
        return {} if one is None else {"state": one.state}

    def read(store: Store, _given: Values) -> Enrolment:
        return enrolments.get(store, enrolled.id)

    def write(store: Store, author: str, given: Values, _one: Enrolment | None) -> object:
        if given["state"] != "active":
            halt = enrolments.pause if given["state"] == "paused" else enrolments.stop
            return halt(store, [enrolled.id], author)
        from kolbench.programme import outreach

        resumed = enrolments.resume(store, [enrolled.id], author)
        outreach.refresh(store, [enrolled.creator_id])
        return resumed

    return Form(
        enrolled.sequence, (Step("state", _("How it goes on"), choices=choices),), values, write, read, enrolled
    )


def _acknowledged(whose: Whose) -> Sequence[Item]:
    return [
        Item(
            key=("rules", one.version, one.said_at),
            cells=(
                _("Rules"),
                _("knows version {n}").format(n=one.version),
                f"{one.author} {local_day(one.said_at)}",
            ),
        )
        for one in rule_sets.acknowledgements(whose.store, whose.creator_id)
    ]


def _violation(rules: RuleSet | None, one: Violation) -> Item:
    text = overview_words.violation(one)
    return Item(
        key=("violation", one.id),
        cells=(_("Violation"), text, f"{one.author} {local_day(one.happened_at)}"),
        about=texts(text, one.evidence, overview_words.followed(rules, one)),
        style="muted" if one.withdrawn_at is not None else "alert",
        history=("violation", {"id": one.id}),
    )
