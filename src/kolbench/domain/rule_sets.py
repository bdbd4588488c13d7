"""The rules of a programme: stages and grades by conditions, playbooks, what is asked of everybody, sanctions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from msgspec import Struct, structs, to_builtins

from kolbench.domain import conditions
from kolbench.domain.errors import UsageError
from kolbench.domain.lang import _
from kolbench.domain.shapes import examined, refuse, rightly_shaped, shaped
from kolbench.domain.text import clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kolbench.domain.conditions import Condition

Severity = Literal["minor", "serious", "grave"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

Every = Literal["day", "week", "month", "quarter", "never"]


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to do with a person in a stage, due ``days`` after they entered it or the item before was done."""

    id: str
    text: str
    text_zh: str = ""
    days: int = 3


class Stage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stage: all of ``enter`` must hold to be promoted into it, all of ``stay`` not to be demoted from it.

    Who meets ``enter`` of the one that is ``aside`` leaves the ladder, and comes back when it doesn't hold any more.
    ``stuck_days``: from so many days in it on, somebody asks why (0: never). ``at_once`` items of the playbook are
    open at a time.
    """

    name: str
    title: str = ""
    title_zh: str = ""
    enter: tuple[str, ...] = ()
    stay: tuple[str, ...] = ()
    aside: bool = False
    stuck_days: int = 0
    at_once: int = 1
    playbook: tuple[Item, ...] = ()


class Grade(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grade: conditions as those of a stage."""

    name: str
    title: str = ""
    title_zh: str = ""
    enter: tuple[str, ...] = ()
    stay: tuple[str, ...] = ()


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule for those who take part, and how severe breaking it is."""

    id: str
    severity: Severity
    text: str
    text_zh: str = ""


class Sanction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can follow from breaking a rule."""

    name: str
    text: str
    text_zh: str = ""


class Ladder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sanctions of each severity: for the first time, the second one … within ``remember_days``."""

    minor: tuple[str, ...] = ()
    serious: tuple[str, ...] = ()
    grave: tuple[str, ...] = ()
    remember_days: int = 365


class RuleSet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules. Without ``everybody`` they move only who has agreed for a brief, or has a stage or grade already."""

    name: str
    everybody: bool = False
    demote_every: Every = "month"
    acknowledge_days: int = 14
    intro: str = ""
    intro_zh: str = ""
    stages: tuple[Stage, ...] = ()
    grades: tuple[Grade, ...] = ()
    rules: tuple[Rule, ...] = ()
    sanctions: tuple[Sanction, ...] = ()
    ladder: Ladder = Ladder()


def parse(facts: object) -> RuleSet:
    """A rule set from what TOML or JSON holds.

    Raises UsageError with every mistake on a line of its own, each with its setting and what is expected.
    """
    made, wrong = examined(facts, RuleSet, _("the rule set"))
    if made is not None:
        made = _cleaned(made)
        wrong = [*_mistakes(made), *_misfits(made)]
    elif isinstance(facts, Mapping):
        # What has its right shape may be wrong all the same: it is told with the rest.
        named = facts if isinstance(facts.get("name"), str) else {**facts, "name": "-"}
        right = _cleaned(shaped(rightly_shaped(named, RuleSet), RuleSet, ""))
        wrong += _mistakes(right)
    refuse(wrong)
    assert made is not None
    return made


def plain(rules: RuleSet) -> dict[str, Any]:
    """Every setting as TOML and JSON hold it; ``parse`` makes the same rule set of it again."""
    facts: dict[str, Any] = to_builtins(rules, builtin_types=())
    return facts


def parsed(texts: Iterable[str]) -> list[Condition]:
    """The conditions of a rule set that was parsed."""
    return [conditions.parse(text) for text in texts]


def propose(ladder: Ladder, severity: Severity, earlier: int) -> str:
    """The sanction of a violation after ``earlier`` ones that count: nothing else about the person matters."""
    steps: tuple[str, ...] = getattr(ladder, severity)
    if not steps:
        raise UsageError(_("The rules say nothing of what follows from '{severity}'.").format(severity=severity))
    return steps[min(earlier, len(steps) - 1)]


def told(rules: RuleSet) -> tuple[Any, ...]:
    """What those who take part are told: where it differs, they are to acknowledge it anew."""
    return rules.intro, rules.intro_zh, rules.rules, rules.sanctions, rules.ladder


def in_language(one: Item | Rule | Sanction, language: str) -> str:
    """The text of an entry in a language (``zh…``, or anything else), where it is there in that one."""
    return one.text_zh if language.startswith("zh") and one.text_zh else one.text


def _mistakes(rules: RuleSet) -> Iterator[str]:
    if not rules.name:
        yield _("name: give the rules a name.")
    yield from _within("acknowledge_days", rules.acknowledge_days, 0)
    for kind, rungs in (("stages", rules.stages), ("grades", rules.grades)):
        yield from _names(kind, [one.name for one in rungs])
        for rung in rungs:
            for setting in ("enter", "stay"):
                yield from _conditions(f"{kind}.{rung.name}.{setting}", getattr(rung, setting))
    for one in rules.stages:
        yield from _within(f"stages.{one.name}.stuck_days", one.stuck_days, 0)
        yield from _within(f"stages.{one.name}.at_once", one.at_once, 1)
        yield from _names(f"stages.{one.name}.playbook", [item.id for item in one.playbook])
        for item in one.playbook:
            yield from _within(f"stages.{one.name}.playbook.{item.id}.days", item.days, 0)
            yield from _text(f"stages.{one.name}.playbook.{item.id}", item.text)
    yield from _names("rules", [one.id for one in rules.rules])
    yield from _names("sanctions", [one.name for one in rules.sanctions])
    for rule in rules.rules:
        yield from _text(f"rules.{rule.id}", rule.text)
    for sanction in rules.sanctions:
        yield from _text(f"sanctions.{sanction.name}", sanction.text)
    yield from _within("ladder.remember_days", rules.ladder.remember_days, 1)


def _misfits(rules: RuleSet) -> Iterator[str]:
    """What doesn't go together with the rest of the rules; only the whole of them can tell."""
    for kind, rungs in (("stages", rules.stages), ("grades", rules.grades)):
        lowest = next((one for one in rungs if not getattr(one, "aside", False)), None)
        if lowest and lowest.stay:
            text = _("{setting}: nobody can be demoted from the first one; leave it out.")
            yield text.format(setting=f"{kind}.{lowest.name}.stay")
    aside = [one for one in rules.stages if one.aside]
    if len(aside) > 1:
        yield _("stages: only one can be aside, not {names}.").format(names=", ".join(one.name for one in aside))
    for one in aside:
        if not one.enter or one.stay:
            text = _("stages.{name}: a stage that is aside needs 'enter', and has no 'stay'.")
            yield text.format(name=one.name)
    if aside and len(rules.stages) == 1:
        yield _("stages: at least one must not be aside.")
    known = [one.name for one in rules.sanctions]
    for severity in SEVERITIES:
        steps = getattr(rules.ladder, severity)
        for name in steps:
            if name not in known:
                text = _("ladder.{severity}: there is no sanction '{name}'. Those there are: {names}.")
                yield text.format(severity=severity, name=name, names=", ".join(known) or _("none yet"))
        broken = [one.id for one in rules.rules if one.severity == severity]
        if broken and not steps:
            text = _("ladder.{severity}: say what follows from breaking {names}.")
            yield text.format(severity=severity, names=", ".join(broken))


def _conditions(setting: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        try:
            conditions.parse(text)
        except UsageError as error:
            yield _("{path}: {error}.").format(path=setting, error=error)


def _names(setting: str, names: Sequence[str]) -> Iterator[str]:
    if not all(names):
        yield _("{setting}: give each one a name.").format(setting=setting)
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
        yield _("{setting}: '{name}' is there twice.").format(setting=setting, name=name)


def _text(setting: str, text: str) -> Iterator[str]:
    if not text:
        yield _("{setting}.text: write a sentence.").format(setting=setting)


def _within(setting: str, number: int, least: int, most: int = 36_500) -> Iterator[str]:
    if not least <= number <= most:
        text = _("{setting}: write a whole number from {least} to {most}.")
        yield text.format(setting=setting, least=least, most=most)


def _cleaned(rules: RuleSet) -> RuleSet:
    lines = {"name", "id", "title", "title_zh", "enter", "stay", *SEVERITIES}

    def cleaned(value: Any, name: str) -> Any:
        if isinstance(value, Struct):
            return structs.replace(value, **{one: cleaned(getattr(value, one), one) for one in value.__struct_fields__})
        if isinstance(value, tuple):
            return tuple(cleaned(one, name) for one in value)
        if isinstance(value, str):
            return clean_line(value, 200) if name in lines else clean_text(value).strip()
        return value

    found: RuleSet = cleaned(rules, "")
    return found
