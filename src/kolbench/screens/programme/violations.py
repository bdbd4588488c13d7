"""Violations, those that wait for a decision first: written down, decided by the ladder, or taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from kolbench.domain.lang import N_, _, wanted
from kolbench.domain.rule_sets import in_language
from kolbench.domain.words import labelled
from kolbench.programme.local import local_day, past_day
from kolbench.programme.rule_sets import sanction
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.programme.words import outcome, sanctions
from kolbench.screens.telling import SEVERITIES
from kolbench.screens.view import Item, Listing, View, columns, required
from kolbench.screens.words import said
from kolbench.store import rule_sets, violations

if TYPE_CHECKING:
    from kolbench.domain.rule_sets import RuleSet
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.rule_sets import Version
    from kolbench.store.violations import Decided, Proposal, Violation
    from kolbench.widgets.columns import Column

EXEMPT = "-"


class ViolationsView(View):
    """All violations, or those of one ``rule``."""

    title = N_("Violations")
    empty = N_("Nobody broke a rule. + writes a violation down: who, which rule, and what shows it.")

    def __init__(self, rule: str | None = None) -> None:
        super().__init__()
        self.rule = rule

    def named(self) -> str:
        """Of which rule they are."""
        name = super().named()
        return name if self.rule is None else _("{what}: {more}").format(what=name, more=self.rule)

    def columns(self) -> list[Column]:
        """Who broke what and when, and what followed."""
        return columns(
            (_("Who"), 12, {"flex": 1}),
            (_("Rule"), 12),
            (_("When"), 10),
            (_("What followed"), 14, {"flex": 1}),
            (_("What happened"), 16, {"flex": 2, "drop": 1}),
        )

    def window(self, store: Store) -> Listing:
        """Open ones first."""

        def load(ids: Sequence[int]) -> list[Item]:
            called = sanctions(store)
            return [_item(one, called) for one in violations.of_ids(store, ids)]

        return Listing(lambda: violations.order(store, self.rule), load)

    def about(self, store: Store, item: Item | None) -> Write:
        """What happened, what shows it, what the ladder says and why, what was decided."""
        if item is None:
            return super().about(store, item)
        found = violations.get(store, item.found.id)
        version = rule_sets.require(store, found.version)
        asked = None if found.withdrawn_at is not None else violations.proposal(store, found.id)
        counted = () if asked is None else violations.counted(store, found.id)
        decided = violations.decisions(store, found.id)
        return lambda width: _about(found, version, asked, counted, decided, width)

    def acts(self) -> Mapping[str, Act]:
        """Write one down, decide, or take it back."""
        return {"add": self._add, "decide": _decide, "remove": _withdraw}

    def _add(self, desk: DeskScreen, _item: Item | None) -> None:
        from kolbench.screens.programme.asking import ask_person

        store = desk.session.store

        def told(creator_id: int, name: str) -> None:
            def offer(version: Version) -> None:
                _fill(desk, creator_id, name, version, self.rule)

            desk.ask("rules", lambda: rule_sets.require(store), offer, keys_wait=True)

        ask_person(desk, _("Who broke a rule?"), told)


def _item(found: Violation, called: Callable[[str], str]) -> Item:
    waits = found.withdrawn_at is None and found.sanctioned_at is None
    return Item(
        found.id,
        (found.name, found.rule, local_day(found.happened_at), outcome(found, called), found.text),
        "alert" if waits else "muted" if found.withdrawn_at is not None else None,
        found.creator_id,
        found,
    )


def _about(
    found: Violation,
    version: Version,
    asked: Proposal | None,
    counted: Sequence[Violation],
    decided: Sequence[Decided],
    width: int,
) -> Iterator[Line]:
    called = partial(sanction, version.rules)
    yield [(found.name, "title")]
    severity = said(SEVERITIES, found.severity)
    yield from paragraph(f"{found.rule} ({severity}) · {local_day(found.happened_at)}", width, "strong")
    rule = next((one for one in version.rules.rules if one.id == found.rule), None)
    if rule is not None:
        yield from paragraph(in_language(rule, wanted()), width, "muted")
    yield []
    yield from paragraph(found.text, width)
    yield from paragraph(_("Evidence: {text}").format(text=found.evidence), width)
    yield from paragraph(
        _("Written down by {author} on {day}.").format(author=found.author, day=local_day(found.at)), width, "muted"
    )
    if found.withdrawn_at is not None:
        yield []
        text = _("Withdrawn by {author} on {day}: {why}")
        day = local_day(found.withdrawn_at)
        yield from paragraph(text.format(author=found.withdrawn_by, day=day, why=found.withdrawn_why), width, "warn")
    if asked is not None:
        yield []
        text = _("The rules say: {sanction}. Earlier ones that count: {n}.")
        yield from paragraph(text.format(sanction=called(asked.sanction), n=asked.earlier), width, "strong")
        for one in counted:
            yield from paragraph(
                labelled(f"{local_day(one.happened_at)} {one.rule}", outcome(one, called)), width, indent=2
            )
        if not decided:
            yield from paragraph(_("Nobody has decided yet: d does."), width, "muted")
    for place, each in enumerate(decided):
        yield []
        what = called(each.applied) if each.applied else _("exempt")
        text = labelled(f"{local_day(each.at)} {each.author}", what) + (f". {each.reason}" if each.reason else "")
        yield from paragraph(text, width, "muted" if place else "plain")


def _fill(desk: DeskScreen, creator_id: int, name: str, version: Version, rule: str | None) -> None:
    from kolbench.screens.choose import Choice
    from kolbench.screens.file.forms import Form, Step, Values, fill

    choices = [Choice(one.id, one.id, said(SEVERITIES, one.severity)) for one in version.rules.rules]
    steps = (
        *(() if rule else (Step("rule", _("Rule"), choices=choices),)),
        Step("text", _("What happened"), check=required),
        Step("evidence", _("What shows it"), _("A link, a message, a file."), check=required),
        Step("day", _("When"), _("today, yesterday, 2026-05-04"), check=past_day),
    )

    def write(store: Store, author: str, given: Values, _entry: object) -> int:
        broken, text, evidence = given.get("rule") or rule or "", given["text"], given["evidence"]
        made = violations.add(store, creator_id, broken, text, evidence, past_day(given["day"]), author)
        desk.go_to(made)
        return made

    form = Form(name, steps, lambda _entry: {"day": "today"}, write)
    fill(desk, form, lambda: desk.done(_("The violation is written down.")))


def _decide(desk: DeskScreen, item: Item | None) -> None:
    if item is None:
        return
    found: Violation = item.found
    store = desk.session.store

    def read() -> tuple[Proposal, RuleSet]:
        return violations.proposal(store, found.id), rule_sets.require(store, found.version).rules

    def offer(known: tuple[Proposal, RuleSet]) -> None:
        from kolbench.screens.choose import Choice, Choose

        asked, rules = known
        names = [asked.sanction, *(one.name for one in rules.sanctions if one.name != asked.sanction)]
        notes = [_("as the rules say"), *[_("needs a reason")] * (len(names) - 1)]
        choices = [Choice(name, sanction(rules, name), note) for name, note in zip(names, notes, strict=True)]
        choices.append(Choice(EXEMPT, _("nothing: exempt"), _("needs a reason")))
        title = _("What follows for {who}?").format(who=found.name)

        def chosen(name: str | None) -> None:
            if name is None:
                return
            told = _("exempt") if name == EXEMPT else sanction(rules, name)
            if name == asked.sanction:
                decide(name, told, "")
            else:
                desk.ask_text(_("Why otherwise than the rules say?"), lambda reason: decide(name, told, reason))

        desk.app.push_screen(Choose(title, choices, numbered=True), chosen)

    def decide(name: str, told: str, reason: str) -> None:
        def act(store: Store, author: str) -> object:
            if name == EXEMPT:
                return violations.exempt(store, found.id, reason, author, base=found)
            return violations.sanction(store, found.id, author, applied=name, reason=reason, base=found)

        desk.act(act, _("{what}: {more}.").format(what=found.name, more=told), found.creator_id)

    desk.ask("proposal", read, offer, keys_wait=True)


def _withdraw(desk: DeskScreen, item: Item | None) -> None:
    if item is None:
        return
    found: Violation = item.found

    def told(reason: str) -> None:
        text = _("{what}: {more}.").format(what=found.name, more=_("the violation is withdrawn"))
        desk.act(lambda store, author: violations.withdraw(store, found.id, reason, author), text, found.creator_id)

    desk.ask_text(_("Why was it no violation?"), told)
