"""How agreements are written: drafted, moved on, their terms changed by another version, and what is owed by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kolbench.domain.agreements import BASES, MOVES, State, Terms
from kolbench.domain.lang import N_, _
from kolbench.programme.agreements import advice, advice_on, before_binding, day
from kolbench.screens.choose import Choice
from kolbench.screens.file.forms import Asked, Form, Step, Values
from kolbench.screens.file_words import BASES as BASIS_WORDS
from kolbench.screens.telling import AGREED
from kolbench.screens.view import required
from kolbench.screens.words import said
from kolbench.store import agreements, decisions

if TYPE_CHECKING:
    from kolbench.store.agreements import Agreement, Deliverable
    from kolbench.store.connect import Store

TERMS = {
    "gives": N_("What they do"),
    "gets": N_("What they get"),
    "basis": N_("Share or buy-out"),
    "exclusivity": N_("For us alone"),
    "starts_on": N_("The first day"),
    "ends_on": N_("The last day"),
    "notes": N_("What else is to be known"),
}
"""The terms of a version, and what is asked for each."""

DAYS = N_("+90d, next month, 2026-05-04. May be empty.")

OVER = ("declined", "ended", "broken")


def draft_form(store: Store, creator_id: int, brief_id: int | None = None) -> Form:
    """How an agreement with a person is drafted, for one of the briefs in which they were decided about, or none."""
    named = {str(one.brief_id): one.brief for one in decisions.history(store, creator_id)}
    briefs = [Choice("", _("no brief")), *(Choice(key, name) for key, name in named.items())]
    steps: tuple[Asked, ...] = (
        Step("title", _("Title"), _("Spring films. Empty: what they do.")),
        _term("gives"),
        _term("gets"),
        _term("basis"),
        _term("exclusivity"),
        _term("ends_on"),
        lambda _given: Step("brief", _("For which brief"), choices=briefs) if named else None,
    )

    def terms_of(given: Values) -> Terms:
        told: dict[str, Any] = {name: _kept(name, given[name]) for name in TERMS if given.get(name)}
        return Terms("", "")._replace(**told)

    def values(_one: object) -> Values:
        return {"brief": str(brief_id)} if str(brief_id) in named else {}

    def write(store: Store, author: str, given: Values, _one: object) -> object:
        brief = int(given["brief"]) if given.get("brief") else None
        title = given.get("title", "")
        return agreements.new(store, creator_id, terms_of(given), author, title=title, brief_id=brief)

    def cautions(store: Store, given: Values) -> Sequence[str]:
        return advice_on(store, creator_id, terms_of(given))

    return Form(_("Agreement"), steps, values, write, cautions=cautions)


def forms(store: Store, agreement_id: int) -> list[Form]:
    """All that can be done with an agreement: moved on, a term of it changed, something owed by it."""
    one = drafted(store, agreement_id)
    found = [_term_form(one, name) for name in TERMS]
    if any(_moves(one)):
        found.insert(0, state_form(store, one))
    return found if one.state in OVER else [*found, owing_form([one])]


def drafted(store: Store, agreement_id: int) -> Agreement:
    """An agreement with the terms of its newest version, which may not count yet."""
    one = agreements.get(store, agreement_id)
    return one if one.version == one.newest else one._replace(terms=agreements.versions(store, one.id)[0].terms)


def state_form(store: Store, base: Agreement) -> Form:
    """How an agreement is moved on: offered, signed, declined, ended, broken or renewed, as far as its state allows."""
    moves = {_state(to, version, base.newest): (to, version) for to, version in _moves(base)}
    known = {one.version: one.terms for one in agreements.versions(store, base.id)}

    def until(given: Values) -> Step | None:
        if moves[given["state"]][0] != "renewed":
            return None
        return Step("ends_on", _("Until when does it go on?"), _(DAYS), check=_day)

    steps: tuple[Asked, ...] = (
        Step("state", _("How far it is"), choices=[Choice(text, text) for text in moves]),
        until,
        Step("reason", _("Why"), _("By e-mail, they found it too little. May be empty.")),
    )

    def values(one: Agreement) -> Values:
        return {"state": _state(one.state, one.version, one.newest), "ends_on": one.terms.ends_on or ""}

    def read(store: Store, _given: Values) -> Agreement:
        return drafted(store, base.id)

    def write(store: Store, author: str, given: Values, one: Agreement) -> object:
        to, version = moves[given["state"]]
        reason = given.get("reason") or None
        if to != "renewed":
            return agreements.move(store, base.id, to, author, reason=reason, version=version)
        changed = _changed(one, "ends_on", given.get("ends_on", ""))
        return agreements.renew(store, base.id, author, reason=reason, **changed)

    def cautions(store: Store, given: Values) -> Sequence[str]:
        to, version = moves[given["state"]]
        terms = known[version]
        if to == "renewed":
            terms = terms._replace(**_changed(base, "ends_on", given.get("ends_on", "")))
        timing = before_binding(store, base) if to in ("signed", "renewed") else ()
        return [*timing, *advice(store, base._replace(state=to, terms=terms))]

    history = ("agreement_event", {"agreement_id": base.id})
    return Form(_("How far it is"), steps, values, write, read, base, history, cautions)


def _moves(one: Agreement) -> Iterator[tuple[State, int]]:
    """Where an agreement can go, and by which version; what was offered is offered anew only by a newer one."""
    for to in MOVES[one.state]:
        if to == "offered" == one.state and one.newest == one.version:
            continue
        if to == "signed" and one.newest != one.version:
            yield to, one.version
        yield to, one.version if to in OVER else one.newest


def _state(state: State, version: int, newest: int) -> str:
    """A state in words, and of which version where there are several."""
    text = said(AGREED, state)
    return text if newest == 1 else _("{state}, version {n}").format(state=text, n=version)


def _term_form(base: Agreement, name: str) -> Form:
    """How one of the terms is changed, by writing the next version of the agreement."""
    step = _term(name)

    def values(one: Agreement) -> Values:
        return {name: getattr(one.terms, name) or ""}

    def read(store: Store, _given: Values) -> Agreement:
        return drafted(store, base.id)

    def write(store: Store, author: str, given: Values, one: Agreement) -> object:
        changed = _changed(one, name, given[name])
        return agreements.add_version(store, base.id, author, base=one.newest, **changed) if changed else None

    def cautions(store: Store, given: Values) -> Sequence[str]:
        terms = base.terms._replace(**_changed(base, name, given[name]))
        known = advice_on(store, base.creator_id, base.terms)
        return [text for text in advice_on(store, base.creator_id, terms) if text not in known]

    history = ("agreement_version", {"agreement_id": base.id})
    return Form(step.title, (step,), values, write, read, base, history, cautions)


def _term(name: str) -> Step:
    """What is asked for a term."""
    title = _(TERMS[name])
    if name == "basis":
        return Step(name, title, choices=[Choice(key, said(BASIS_WORDS, key)) for key in BASES])
    if name in ("starts_on", "ends_on"):
        return Step(name, title, _(DAYS), check=_day)
    if name in ("gives", "gets"):
        hint = _("Two films a month.") if name == "gives" else _("10 % of what they sell.")
        return Step(name, title, hint, check=required)
    hint = _("Their films about tea. Empty: nothing is for us alone.") if name == "exclusivity" else _("May be empty.")
    return Step(name, title, hint)


def _day(text: str) -> None:
    if text:
        day(text)


def _kept(name: str, text: str) -> str | None:
    """A term as it is kept."""
    if name in ("starts_on", "ends_on"):
        return day(text) if text else None
    return text or ("" if name in ("gives", "gets") else None)


def _changed(one: Agreement, name: str, text: str) -> dict[str, Any]:
    """A term, if that is not what it says already."""
    kept = _kept(name, text)
    return {} if kept == getattr(one.terms, name) else {name: kept}


def owing_form(open_ones: Sequence[Agreement]) -> Form:
    """How something is written down that they owe by one of these agreements."""
    choices = [Choice(str(one.id), one.title) for one in open_ones]
    steps: tuple[Asked, ...] = (
        lambda _given: Step("agreement", _("By which agreement"), choices=choices) if len(choices) > 1 else None,
        Step("title", _("What is to be delivered"), check=required),
        Step("due", _("By when"), _("+14d, next month, 2026-05-04. May be empty."), check=_day),
    )

    def write(store: Store, author: str, given: Values, _one: object) -> int:
        agreement_id = int(given["agreement"]) if len(choices) > 1 else open_ones[0].id
        due = given.get("due")
        return agreements.owe(store, agreement_id, given["title"], author, day(due) if due else None)

    return Form(_("To be delivered"), steps, lambda _one: {}, write)


def delivery_form(owed: Deliverable) -> Form:
    """How it is written that something was delivered."""
    steps = (
        Step("day", _("Delivered on"), _("today, yesterday, 2026-05-04"), check=day),
        Step("proof", _("Link that shows it"), _("May be empty.")),
    )

    def values(one: Deliverable | None) -> Values:
        return {} if one is None else {"day": one.done_on or "", "proof": one.proof or ""}

    def read(store: Store, _given: Values) -> Deliverable | None:
        return next((one for one in agreements.deliverables(store, [owed.agreement_id]) if one.id == owed.id), None)

    def write(store: Store, author: str, given: Values, _one: Deliverable | None) -> object:
        return agreements.deliver(store, owed.id, day(given["day"]), author, given.get("proof") or None)

    return Form(owed.title, steps, values, write, read, owed, ("deliverable", {"id": owed.id}))
