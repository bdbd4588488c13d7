"""The rules in force at a glance: who knows them, who stands where by them, and the versions before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kolbench.domain.clock import now
from kolbench.domain.lang import N_, _, ngettext, wanted
from kolbench.domain.rule_sets import Ladder as Sanctions
from kolbench.domain.rule_sets import Rule, in_language
from kolbench.domain.words import labelled
from kolbench.programme import rule_sets as writing
from kolbench.programme import stages
from kolbench.programme.local import local_day
from kolbench.screens.file.part import texts
from kolbench.screens.lines import Line, paragraph
from kolbench.screens.programme.moves import MovesView
from kolbench.screens.programme.people import KnowingView, RungView, UnawareView
from kolbench.screens.programme.violations import ViolationsView
from kolbench.screens.telling import LADDERS, SEVERITIES
from kolbench.screens.view import Few, Item, View, columns
from kolbench.screens.words import said
from kolbench.store import ladders, rule_sets
from kolbench.widgets.cells import separated

if TYPE_CHECKING:
    from kolbench.domain.rule_sets import Grade, RuleSet, Stage
    from kolbench.screens.desk import DeskScreen
    from kolbench.screens.file.part import Write
    from kolbench.screens.view import Act
    from kolbench.store.connect import Store
    from kolbench.store.ladders import Ladder
    from kolbench.store.rule_sets import Head, Version
    from kolbench.widgets.columns import Column


class Known(NamedTuple):
    """What the list is made of: the version in force, who knows what, how many are in each stage and grade."""

    newest: Version
    heads: Sequence[Head]
    known: Sequence[rule_sets.Knowledge]
    unaware: int
    people: Mapping[Ladder, Mapping[str, int]]


class RulesView(View):
    """The version in force, its rungs and rules, those who know it, and all versions."""

    title = N_("Rules")
    empty = N_(
        "No rules are in force yet. Write some: kolbench rules example > rules.toml. Then + reads the file, shows who"
        " would move by it, and puts it in force."
    )

    def columns(self) -> list[Column]:
        """What it is, what it says, and how many people or when."""
        return columns((_("Kind"), 14), ("", 20, {"flex": 1}), ("", 16, {"align": "right"}))

    def window(self, store: Store) -> Few:
        """A few rows."""
        return Few(lambda: list(_items(store)))

    def about(self, store: Store, item: Item | None) -> Write:
        """The text that people are sent, or what stands behind a row."""
        if item is None:
            return super().about(store, item)
        kind, *more = item.key
        if kind == "version":
            return _differs(store, *more)
        newest = rule_sets.require(store)
        if kind in ("stage", "grade"):
            return texts(*_rung(newest.rules, kind, more[0]))
        if kind == "rule":
            return texts(*_rule(newest.rules, more[0]))
        if kind == "moves":
            return texts(*_next(newest.rules))
        text = writing.text(newest.rules, newest.version, wanted())
        if kind == "unaware":
            return texts(
                _("Enter shows who they are. Send them this, and write down who has said that they know it:"), text
            )
        return texts(text)

    def acts(self) -> Mapping[str, Act]:
        """Read other rules from a file."""
        return {"add": _read_file}


def _items(store: Store) -> Iterator[Item]:
    newest = rule_sets.in_force(store)
    if newest is None:
        return
    people: dict[Ladder, dict[str, int]] = {ladder: ladders.counts(store, ladder) for ladder in ladders.LADDERS}
    heads, known = rule_sets.heads(store), rule_sets.knowledge(store)
    yield from _rows(Known(newest, heads, known, rule_sets.unaware_people(store), people))


def _rows(found: Known) -> Iterator[Item]:
    rules, version = found.newest.rules, found.newest.version
    head = _("{name}, version {version}").format(name=rules.name, version=version)
    when = f"{found.newest.author} {local_day(found.newest.at)}"
    yield Item(("text",), (_("In force"), head, when), "strong", found=found.newest)
    missing = _("have to acknowledge what version {n} says").format(n=found.newest.text_version)
    if rules.rules:
        style = "alert" if found.unaware else "muted"
        yield Item(("unaware",), (_("Don't know it"), missing, _people(found.unaware)), style, opens=UnawareView)
    for one in found.known:
        if one.version is not None:
            text = _("knows version {n}").format(n=one.version)
            yield Item(
                ("known", one.version),
                (_("Know it"), text, _people(one.people)),
                opens=partial(KnowingView, one.version),
            )
    text = _("who would move now, and why")
    yield Item(("moves",), (_("Dry run"), text, ""), opens=MovesView)
    for ladder, rungs in (("stage", rules.stages), ("grade", rules.grades)):
        for rung in rungs:
            yield _rung_row(ladder, rung, found.people[ladder].get(rung.name, 0))  # type: ignore[index,arg-type]
    for rule in rules.rules:
        cells = (_("Rule"), labelled(rule.id, in_language(rule, wanted())), said(SEVERITIES, rule.severity))
        yield Item(("rule", rule.id), cells, opens=partial(ViolationsView, rule.id))
    for each in found.heads:
        cells = (_("Version"), _("version {n}").format(n=each.version), f"{each.author} {local_day(each.at)}")
        opens = partial(MovesView, version=each.version) if each.version != version else None
        yield Item(("version", each.version), cells, "muted", opens=opens)


def _rung_row(ladder: Ladder, rung: Stage | Grade, people: int) -> Item:
    entitled = writing.entitled(rung.name, rung.title, rung.title_zh)
    conditions = "; ".join(rung.enter) or _("everybody who takes part")
    cells = (_(LADDERS[ladder]), labelled(entitled, conditions), _people(people))
    return Item((ladder, rung.name), cells, opens=lambda: RungView(ladder, rung.name, entitled))


def _people(n: int) -> str:
    return ngettext("{n} person", "{n} people", n).format(n=separated(n))


def _rung(rules: RuleSet, ladder: str, name: str) -> Iterator[str]:
    rungs: Sequence[Stage | Grade] = rules.stages if ladder == "stage" else rules.grades
    rung = next(one for one in rungs if one.name == name)
    yield labelled(_(LADDERS[ladder]), writing.title(rules, ladder, name))
    yield _("to enter: {conditions}").format(conditions="; ".join(rung.enter) or _("everybody who takes part"))
    if rung.stay:
        yield _("to stay: {conditions}").format(conditions="; ".join(rung.stay))
    for item in getattr(rung, "playbook", ()):
        yield f"- {in_language(item, wanted())}"
    yield _("Enter shows who is there.")


def _rule(rules: RuleSet, rule_id: str) -> Iterator[str]:
    rule: Rule = next(one for one in rules.rules if one.id == rule_id)
    yield in_language(rule, wanted())
    ladder: Sanctions = rules.ladder
    known = {one.name: in_language(one, wanted()) for one in rules.sanctions}
    for time, name in enumerate(getattr(ladder, rule.severity), 1):
        yield _("the {n}. time: {sanction}").format(n=time, sanction=f"{name} ({known[name]})")
    text = ngettext("What is more than {n} day old doesn't count.", "What is more than {n} days old doesn't count.",
                    ladder.remember_days)  # fmt: skip
    yield text.format(n=ladder.remember_days)
    yield _("Enter shows who broke it.")


def _next(rules: RuleSet) -> Iterator[str]:
    yield _("Nothing is written until you confirm.")
    yield _("Each sync promotes by itself whoever can be.")
    later = stages.next_time(rules, now())
    yield (
        _("Nobody is demoted by itself.")
        if later is None
        else _("People are demoted next on {day}.").format(day=local_day(later))
    )


def _differs(store: Store, version: int) -> Write:
    """What a version says otherwise than the one before."""
    found = rule_sets.require(store, version)
    before = rule_sets.require(store, version - 1).rules if version > 1 else None
    changed = writing.differences(before, found.rules)

    def write(width: int) -> Iterator[Line]:
        yield [(_("{name}, version {version}").format(name=found.rules.name, version=version), "title")]
        if before is None:
            yield from paragraph(_("The first version: all of it was new."), width, "muted")
            return
        yield from changes(changed, width)

    return write


def changes(changed: Sequence[writing.Change], width: int) -> Iterator[Line]:
    """Settings that say something else, with what they said and say."""
    for one in changed:
        yield []
        yield from paragraph(one.setting, width, "strong")
        for sign, value in (("-", one.before), ("+", one.after)):
            if value not in (None, "", []):
                shown = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
                yield from paragraph(f"{sign} {shown}", width, "muted" if sign == "-" else "plain", indent=2)


def _read_file(desk: DeskScreen, _item: Item | None) -> None:
    from kolbench.screens.paths import Paths
    from kolbench.screens.prompt import Prompt
    from kolbench.screens.view import required

    store = desk.session.store

    def told(text: str | None) -> None:
        if text is None:
            return
        path = Path(text).expanduser()

        def read() -> tuple[RuleSet, int | None]:
            newest = rule_sets.in_force(store)
            return writing.read(path), newest and newest.version

        def show(found: tuple[RuleSet, int | None]) -> None:
            rules, base = found
            desk.enter(MovesView(rules, base))

        desk.ask("file", read, show, keys_wait=True)

    hint = _("a TOML file; 'kolbench rules example' prints one to begin with; → completes")
    desk.app.push_screen(Prompt(_("Rules from a file"), hint=hint, check=required, suggester=Paths()), told)
